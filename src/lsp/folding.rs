//! Lines that can be folded away, and what grows around a cursor.

use gen_lsp_types::{FoldingRange, FoldingRangeKind, FoldingRangeParams, SelectionRange, SelectionRangeParams};

use super::server::Server;
use crate::order::Order;
use crate::source::Span;
use crate::syntax::{Step, Tree};

/// The folds of a file, by lines. A client that takes few gets those that hold others first.
pub(super) fn fold(server: &Server, params: &FoldingRangeParams) -> Option<Vec<FoldingRange>> {
    let alone = server.alone(&params.text_document.uri)?;
    let mut folds = alone.tree.folds(alone.source()?);
    if let Some(most) = server.client.most_folds.filter(|most| *most < folds.len()) {
        folds.order_by_key(|fold| (std::cmp::Reverse(fold.last - fold.first), fold.first));
        folds.truncate(most);
        folds.sort_unstable();
    }
    let number = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    let range = folds.into_iter().map(|fold| FoldingRange {
        start_line: number(fold.first),
        end_line: number(fold.last),
        kind: fold.is_comment.then_some(FoldingRangeKind::Comment),
        ..FoldingRange::default()
    });
    Some(range.collect())
}

/// What grows around each cursor: a word, its entry, the mapping around that.
pub(super) fn select(server: &Server, params: &SelectionRangeParams) -> Option<Vec<SelectionRange>> {
    let alone = server.alone(&params.text_document.uri)?;
    let source = alone.source()?;
    let select = |position| {
        let offset = server.client.encoding.offset(source, position);
        let nothing = Span::new(alone.tree.file(), offset, offset);
        let spans = around(&alone.tree, offset);
        let spans = if spans.is_empty() { vec![nothing] } else { spans };
        let grow = |parent: Option<SelectionRange>, span: &Span| {
            Some(SelectionRange { range: alone.range(server, *span), parent: parent.map(Box::new) })
        };
        spans.iter().fold(None, grow).unwrap_or_default()
    };
    Some(params.positions.iter().map(|position| select(*position)).collect())
}

/// What holds a byte, the outermost first, each within the one before.
fn around(tree: &Tree, offset: usize) -> Vec<Span> {
    let Some(way) = tree.at(offset) else { return Vec::new() };
    let holds = |span: Span| span.start as usize <= offset && offset <= span.end as usize;
    let mut spans: Vec<Span> = Vec::new();
    let document = tree.documents().iter().map(|document| document.span).rfind(|span| holds(*span));
    spans.extend(document);
    for step in &way.steps {
        match step {
            Step::Entry(entry) => spans.extend([entry.span(), entry.value.span()]),
            Step::Item(_, item) => spans.push(item.span()),
        }
    }
    if way.on_key {
        spans.pop();
        spans.extend(way.node().map(|node| node.span()));
    }
    let mut inner: Option<Span> = None;
    spans.retain(|span| {
        let shrinks = holds(*span) && inner.is_none_or(|inner| inner != *span && inner.contains(*span));
        if shrinks {
            inner = Some(*span);
        }
        shrinks
    });
    spans
}
