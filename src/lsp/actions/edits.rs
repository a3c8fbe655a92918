//! Edits of a fix as those of the protocol.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    CodeAction, CodeActionKind, CreateFile, CreateFileOptions, DocumentChange, OptionalVersionedTextDocumentIdentifier,
    TextDocumentEdit, TextDocumentIdentifier, TextEdit, WorkspaceEdit,
};
use similar::DiffTag;

use super::super::held::Sound;
use super::super::here::Here;
use super::super::server::Server;
use super::{FIX_ALL, plain};
use crate::diagnostic::{Edit, Safety};
use crate::difference::steps;
use crate::source::{FileId, Span};

/// The edits of a fix, for the versions that they were made for.
pub(in crate::lsp) fn of(server: &Server, sound: &Sound, edits: &[Edit]) -> WorkspaceEdit {
    let mut by_file: BTreeMap<FileId, Vec<TextEdit>> = BTreeMap::new();
    for edit in edits {
        let range = server.range(sound, edit.span);
        by_file.entry(edit.span.file).or_default().push(TextEdit { range, new_text: edit.text.clone() });
    }
    whole(server, by_file.into_iter().map(|(file, edits)| (sound.path(file), edits)).collect(), None)
}

/// Text at one place of a file. A file that is not there is made first.
pub(super) fn insert(
    server: &Server,
    path: &Path,
    range: gen_lsp_types::Range,
    text: String,
    is_new: bool,
) -> WorkspaceEdit {
    let edits = vec![TextEdit { range, new_text: text }];
    whole(server, vec![(path.to_owned(), edits)], is_new.then_some(path))
}

fn whole(server: &Server, files: Vec<(PathBuf, Vec<TextEdit>)>, new: Option<&Path>) -> WorkspaceEdit {
    if !server.client.versioned_edits {
        let changes = files.into_iter().map(|(path, edits)| (server.uri_of(&path), edits)).collect();
        return WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() };
    }
    let mut changes = Vec::new();
    if let Some(path) = new {
        let options = CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(true) };
        let uri = server.uri_of(path);
        changes.push(DocumentChange::CreateFile(CreateFile { uri, options: Some(options), annotation_id: None }));
    }
    for (path, edits) in files {
        let version = server.documents.get(&path).map(|document| document.version);
        let text_document_identifier = TextDocumentIdentifier { uri: server.uri_of(&path) };
        let text_document = OptionalVersionedTextDocumentIdentifier { version, text_document_identifier };
        let edits = edits.into_iter().map(Into::into).collect();
        changes.push(DocumentChange::TextDocumentEdit(TextDocumentEdit { text_document, edits }));
    }
    WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() }
}

/// All repairs of a file that change form only, as `check --fix` would make them.
pub(super) fn fix_all(server: &Server, here: Here<'_>) -> Option<CodeAction> {
    let mut fixes = here.sound.findings(here.file).iter().flat_map(|finding| &finding.fixes);
    if !fixes.any(|fix| fix.safety == Safety::Safe) {
        return None;
    }
    let (old, new) = (here.source()?.text(), here.sound.repaired(here.file).text.clone()?);
    let changes = differences(&old, &new).into_iter();
    let span = |bytes: Range<usize>| Span::new(here.file, bytes.start, bytes.end);
    let edits: Vec<Edit> = changes.map(|(bytes, text)| Edit { span: span(bytes), text }).collect();
    let action = plain("Repair all that changes form only".to_owned());
    Some(CodeAction { kind: Some(CodeActionKind::new(FIX_ALL)), edit: Some(of(server, here.sound, &edits)), ..action })
}

/// What is to be replaced in a text to get another, word by word: an editor keeps the cursor and marks where nothing changes.
fn differences(old: &str, new: &str) -> Vec<(Range<usize>, String)> {
    let (old_words, new_words) = (words(old), words(new));
    let length = |words: &[&str], range: Range<usize>| -> usize {
        words.get(range).unwrap_or_default().iter().map(|word| word.len()).sum()
    };
    let (mut at, mut changes) = ((0, 0), Vec::new());
    for step in steps(&old_words, &new_words) {
        let (tag, from, to) = step.as_tag_tuple();
        let end = (at.0 + length(&old_words, from), at.1 + length(&new_words, to));
        if tag != DiffTag::Equal {
            changes.push((at.0..end.0, new.get(at.1..end.1).unwrap_or_default().to_owned()));
        }
        at = end;
    }
    changes
}

/// A text as its words and the signs between them.
fn words(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match rest.find(|c| !is_part(c)) {
            Some(0) => first.len_utf8(),
            Some(length) => length,
            None => rest.len(),
        };
        let (word, behind) = rest.split_at(length);
        out.push(word);
        rest = behind;
    }
    out
}
