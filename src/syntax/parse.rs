//! Events of the YAML parser to a tree.

use std::sync::Arc;

use granit_parser::{Event, Parser};

use super::builder::Builder;
use super::tree::{Document, Tree};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Source, SourceMap, Span};

/// How much a file may ask for before it is refused with a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, in bytes.
    pub file_size: usize,
    /// Deepest nesting of lists and mappings.
    pub depth: usize,
    /// Most nodes that the aliases of a document may add to it once they are written out.
    pub alias_nodes: usize,
}

impl Default for Limits {
    /// DESIGN section 14: 16 MiB, 128 levels, 100,000 nodes.
    fn default() -> Self {
        Self { file_size: 16 * 1024 * 1024, depth: 128, alias_nodes: 100_000 }
    }
}

/// Reads a file of the map into a tree. There is always at least one document, if only an empty one. Diagnostics are
/// sorted by place; a document is `broken` where one says that a part of it could not be understood.
pub fn parse(sources: &SourceMap, file: FileId, limits: &Limits) -> (Tree, Vec<Diagnostic>) {
    let Some(source) = sources.get(file) else {
        return (Tree::unread(file, Arc::from("")), Vec::new());
    };
    if let Some(refusal) = refuse(source, file, limits) {
        return (Tree::unread(file, source.text().clone()), vec![refusal]);
    }
    let mut builder = Builder::new(file, source.text(), limits);
    read(source.text(), limits, &mut builder);
    let (tree, mut found) = builder.finish();
    found.sort_by_key(|diagnostic| diagnostic.primary.span);
    (tree, found)
}

/// What keeps a file from being parsed at all.
fn refuse(source: &Source, file: FileId, limits: &Limits) -> Option<Diagnostic> {
    let length = source.text().len();
    // spans count in 32 bits
    let most = limits.file_size.min(u32::MAX as usize - 1);
    if length > most {
        let message = format!("the file has {length} bytes, more than the {most} that are read");
        let help = "split it, or raise `limits.file_bytes` in purposelint.yaml";
        return Some(Diagnostic::new("file-too-large", Span::new(file, 0, 0), message).help(help));
    }
    let at = source.invalid_utf8()?;
    let line = source.position(at).line;
    let message = format!("byte {at} of the file, in line {line}, is not UTF-8");
    Some(Diagnostic::new("not-utf8", Span::new(file, at, at + 1), message).help("save the file as UTF-8"))
}

fn read<'s>(text: &'s str, limits: &Limits, builder: &mut Builder<'s>) {
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        emit_comments: true,
        // the size of the file bounds them
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut stuck_at = None;
    while let Some(next) = parser.next_event() {
        let sound = match next {
            Ok((Event::StreamEnd, _)) => break,
            Ok((event, span)) => {
                stuck_at = None;
                builder.take(event, span)
            }
            Err(error) => {
                let at = error.marker().byte_offset();
                if stuck_at.replace(at) == Some(at) {
                    break;
                }
                builder.fail(&error);
                false
            }
        };
        if !sound && parser.proceed_next_document().is_err() {
            break;
        }
    }
}

impl Tree {
    /// The tree of a file that was not parsed.
    fn unread(file: FileId, text: Arc<str>) -> Self {
        let span = Span::new(file, 0, text.len());
        let document = Document { root: None, span, broken: true };
        Self { documents: vec![document], ..Self::empty(file, text) }
    }
}
