//! The buffers of the editor.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{
    DidChangeTextDocumentNotification, LspNotificationMethod, MessageDirection, Notification, Range, Uri,
    VersionedTextDocumentIdentifier,
};
use serde::{Deserialize, Serialize};

use super::position::Encoding;
use super::uri;
use crate::discover::{Files, Texts};
use crate::project::settle;
use crate::source::SourceMap;

/// One buffer.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// As the client writes it.
    pub(super) uri: Uri,
    /// The number of the last change.
    pub(super) version: i32,
    /// The text as it stands in the editor.
    pub(super) text: Arc<str>,
}

/// All buffers, by path; see [`path_of`]. A file may be open under several URIs, where a link leads to its folder: the buffer that was
/// edited last counts, and stands last.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: BTreeMap<PathBuf, Vec<Document>>,
}

/// The path of a document without links, but for its last part. `None` for what is no file.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let path = uri::to_path(uri)?;
    Some(settle(&path, &Files::Disk).unwrap_or(path))
}

/// That a buffer was changed. Read more strictly than the types of the protocol are: to them a change with a range that makes no
/// sense is the whole new text.
pub(super) enum Edited {}

impl Notification for Edited {
    type Params = EditedParams;
    const METHOD: LspNotificationMethod<'static> = DidChangeTextDocumentNotification::METHOD;
    const MESSAGE_DIRECTION: MessageDirection = DidChangeTextDocumentNotification::MESSAGE_DIRECTION;
}

/// What is said with it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EditedParams {
    /// The buffer, and its number from then on.
    pub(super) text_document: VersionedTextDocumentIdentifier,
    /// Each is about the text after the one before.
    pub(super) content_changes: Vec<Change>,
}

/// One change of a buffer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Change {
    /// What is replaced; all of it where it is not there.
    range: Option<Range>,
    /// The new text.
    text: String,
}

impl Documents {
    /// A buffer was opened, or its whole text replaced.
    pub(super) fn open(&mut self, path: PathBuf, document: Document) {
        let there = self.open.entry(path).or_default();
        there.retain(|known| known.uri != document.uri);
        there.push(document);
    }

    /// Takes a buffer out. The path that it was opened under counts: what a URI leads to may be another file by now.
    fn take(&mut self, uri: &Uri) -> Option<(PathBuf, Document)> {
        let at = |known: &Vec<Document>| known.iter().position(|document| document.uri == *uri);
        let same = self.open.iter().find_map(|(path, known)| Some((path.clone(), at(known)?)));
        // a client may write a URI in more than one way
        let is_one = |path: &PathBuf| self.open.get(path).is_some_and(|there| there.len() == 1);
        let (path, at) = same.or_else(|| Some((path_of(uri).filter(is_one)?, 0)))?;
        let there = self.open.get_mut(&path)?;
        let document = there.remove(at);
        if there.is_empty() {
            self.open.remove(&path);
        }
        Some((path, document))
    }

    /// A buffer was changed. Gives its path, if there is one.
    pub(super) fn change(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: Vec<Change>,
        encoding: Encoding,
    ) -> Option<PathBuf> {
        let (path, mut document) = self.take(uri)?;
        for change in changes {
            document.text = match change.range {
                None => change.text.into(),
                Some(range) => {
                    let mut sources = SourceMap::new();
                    let file = sources.add("", Arc::clone(&document.text));
                    let at = |position| sources.get(file).map_or(0, |source| encoding.offset(source, position));
                    let (start, end) = (at(range.start), at(range.end));
                    let before = document.text.get(..start.min(end)).unwrap_or_default();
                    let after = document.text.get(end.max(start)..).unwrap_or_default();
                    [before, &change.text, after].concat().into()
                }
            };
        }
        document.version = version;
        self.open.entry(path.clone()).or_default().push(document);
        Some(path)
    }

    /// A buffer was closed: another one of the same file counts again, or the disk. Gives its path, if there was one.
    pub(super) fn close(&mut self, uri: &Uri) -> Option<PathBuf> {
        self.take(uri).map(|(path, _)| path)
    }

    /// The buffer of a file that counts.
    pub(super) fn get(&self, path: &Path) -> Option<&Document> {
        self.open.get(path)?.last()
    }

    /// The URIs that a file is open under.
    pub(super) fn uris(&self, path: &Path) -> impl Iterator<Item = &Uri> {
        self.open.get(path).into_iter().flatten().map(|document| &document.uri)
    }

    /// The paths of all buffers.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.open.keys().map(PathBuf::as_path)
    }

    /// The disk with the buffers over it.
    pub(super) fn files(&self) -> Files {
        let mut texts = BTreeMap::new();
        let counting = self.open.iter().filter_map(|(path, there)| Some((path, there.last()?)));
        for (path, document) in counting {
            if let Ok(real) = fs::canonicalize(path) {
                texts.insert(real, Arc::clone(&document.text));
            }
            texts.insert(path.clone(), Arc::clone(&document.text));
        }
        Files::Edited(Texts::new(texts))
    }
}
