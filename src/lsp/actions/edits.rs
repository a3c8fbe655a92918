//! Edits of a fix as those of the protocol.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    CodeAction, CodeActionKind, CreateFile, CreateFileOptions, DocumentChange, OptionalVersionedTextDocumentIdentifier,
    Range, TextDocumentEdit, TextDocumentIdentifier, TextEdit, WorkspaceEdit,
};

use super::super::held::Sound;
use super::super::here::Here;
use super::super::server::Server;
use super::{FIX_ALL, plain};
use crate::diagnostic::{Edit, Safety};
use crate::order::Order;
use crate::source::FileId;

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
pub(super) fn insert(server: &Server, path: &Path, range: Range, text: String, is_new: bool) -> WorkspaceEdit {
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

/// All repairs of a file that change form only, as far as they do not get in each other's way.
pub(super) fn fix_all(server: &Server, here: Here<'_>) -> Option<CodeAction> {
    let findings = here.sound.findings(here.file).iter();
    let fixes = findings.flat_map(|finding| &finding.fixes).filter(|fix| fix.safety == Safety::Safe);
    let mut chosen: Vec<Edit> = Vec::new();
    for fix in fixes {
        let is_here = fix.edits.iter().all(|edit| edit.span.file == here.file);
        let is_free = fix.edits.iter().all(|edit| chosen.iter().all(|other| !overlap(edit, other)));
        if is_here && is_free {
            chosen.extend(fix.edits.iter().cloned());
        }
    }
    if chosen.is_empty() {
        return None;
    }
    chosen.order_by_key(|edit| edit.span);
    let action = plain("Repair all that changes form only".to_owned());
    Some(CodeAction { kind: Some(CodeActionKind::new(FIX_ALL)), edit: Some(of(server, here.sound, &chosen)), ..action })
}

fn overlap(a: &Edit, b: &Edit) -> bool {
    let touch = a.span.start == b.span.start || (a.span.start < b.span.end && b.span.start < a.span.end);
    a.span.file == b.span.file && touch
}
