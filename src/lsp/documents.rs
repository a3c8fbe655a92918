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
use crate::order::Order;
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

/// All buffers, by path; see [`path_of`].
#[derive(Debug, Default)]
pub(super) struct Documents {
    /// Several of one file where links lead to it, the one that was opened or edited last behind the others: that one counts.
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
        let known = self.open.entry(path).or_default();
        known.retain(|other| other.uri != document.uri);
        known.push(document);
    }

    /// A buffer of a path was changed. Gives whether there is one.
    pub(super) fn change(
        &mut self,
        (path, uri): (&Path, &Uri),
        version: i32,
        changes: Vec<Change>,
        encoding: Encoding,
    ) -> bool {
        let Some(known) = self.open.get_mut(path) else { return false };
        known.order_by_key(|document| document.uri == *uri);
        let Some(document) = known.last_mut().filter(|document| document.uri == *uri) else { return false };
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
        true
    }

    /// A buffer of a path was closed: another of the same file counts again, or the disk. Gives whether there was one.
    pub(super) fn close(&mut self, path: &Path, uri: &Uri) -> bool {
        let Some(known) = self.open.get_mut(path) else { return false };
        let before = known.len();
        known.retain(|document| document.uri != *uri);
        let is_closed = known.len() < before;
        self.open.retain(|_, known| !known.is_empty());
        is_closed
    }

    /// The buffer of a file.
    pub(super) fn get(&self, path: &Path) -> Option<&Document> {
        self.open.get(path)?.last()
    }

    /// The paths of all buffers.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.open.keys().map(PathBuf::as_path)
    }

    /// The disk with the buffers over it.
    pub(super) fn files(&self) -> Files {
        let mut texts = BTreeMap::new();
        for (path, document) in self.open.iter().filter_map(|(path, known)| Some((path, known.last()?))) {
            if let Ok(real) = fs::canonicalize(path) {
                texts.insert(real, Arc::clone(&document.text));
            }
            texts.insert(path.clone(), Arc::clone(&document.text));
        }
        Files::Edited(Texts::new(texts))
    }
}
