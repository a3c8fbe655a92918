//! Which lines of a text belong together, so that an editor can fold them away.

use std::collections::BTreeMap;

use super::tree::{Entry, NodeRef, Tree};
use crate::source::{Source, Span};

/// Lines that can be folded into the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fold {
    /// 0-based.
    pub first: usize,
    /// 0-based; behind the first.
    pub last: usize,
    /// Whether these are nothing but comments.
    pub is_comment: bool,
}

impl Tree {
    /// All folds of a text, one for each line at most, in order. `source` is what the tree was made from.
    pub fn folds(&self, source: &Source) -> Vec<Fold> {
        let mut folds = Folds { source, longest: BTreeMap::new() };
        let many = self.documents().len() > 1;
        for document in self.documents() {
            if many {
                folds.add(document.span, false);
            }
            if let Some(root) = self.root(document) {
                folds.below(root);
            }
        }
        folds.comments(self);
        folds.longest.into_values().collect()
    }
}

struct Folds<'s> {
    source: &'s Source,
    /// By first line.
    longest: BTreeMap<usize, Fold>,
}

impl Folds<'_> {
    fn add(&mut self, span: Span, is_comment: bool) {
        let first = self.source.line_of(span.start as usize);
        let last = self.source.line_of((span.end as usize).max(span.start as usize + 1) - 1);
        let known = self.longest.get(&first).map_or(first, |known| known.last);
        if last > known {
            self.longest.insert(first, Fold { first, last, is_comment });
        }
    }

    /// What stands below a node, but not what stands elsewhere, behind an alias.
    fn below(&mut self, node: NodeRef<'_>) {
        for entry in node.entries().filter(|entry| entry.key.via().is_none()) {
            self.add(entry.span(), false);
            if entry.value.via().is_none() {
                self.below(entry.value);
            }
        }
        for item in node.items().filter(|item| item.via().is_none()) {
            self.add(item.span(), false);
            self.below(item);
        }
    }

    /// Comments that stand alone on lines one after the other.
    fn comments(&mut self, tree: &Tree) {
        let stands_alone = |span: &Span| {
            let text = self.source.text();
            let start = text.line_range(text.line_of(span.start as usize)).start;
            let before = text.get(start..span.start as usize).unwrap_or_default();
            before.trim_matches(['\u{feff}', ' ', '\t']).is_empty()
        };
        let alone: Vec<Span> = tree.comments().iter().map(|comment| comment.span).filter(stands_alone).collect();
        let line = |span: &Span| self.source.line_of(span.start as usize);
        let blocks: Vec<Span> = alone
            .chunk_by(|one, next| line(one) + 1 == line(next))
            .filter_map(|block| Some(block.first()?.to(*block.last()?)))
            .collect();
        blocks.into_iter().for_each(|block| self.add(block, true));
    }
}

impl Entry<'_> {
    /// Key and value, or key and alias.
    pub fn span(&self) -> Span {
        self.key.span().to(self.value.via().unwrap_or(self.value.span()))
    }
}

#[cfg(test)]
mod tests {
    use crate::source::SourceMap;
    use crate::syntax::{Limits, parse};

    #[test]
    fn what_belongs_together_is_folded() {
        for (text, expected) in [
            ("a: b\nc: d\n", ""),
            ("a:\n  b: c\n  d:\n    - e\n    - f: g\n      h: i\n\nj: k\n", "0-5 2-5 4-5"),
            ("# one\n# two\na: b # three\n# four\n\n# five\n# six\n# seven\n", "0-1# 5-7#"),
            ("a: {\n  b: c\n}\n", "0-2"),
            ("a: |\n  long\n  longer\n\nb: c", "0-2"),
            ("a: b\nc:\n  d: e\n---\nf: g\nh: i\n", "0-2 1-2 4-5"),
            ("a: &one\n  b: c\nd: *one\ne:\n  <<: *one\n  f: g\n", "0-1 3-5"),
            ("a:\n  b: [\n", ""),
            ("\u{feff}# one\r\n# two\r\na:\r\n  b: c\r\n", "0-1# 2-3"),
        ] {
            let mut sources = SourceMap::new();
            let file = sources.add("a.yaml", text);
            let (tree, _) = parse(&sources, file, &Limits::default());
            let folds = tree.folds(sources.get(file).unwrap());
            let words =
                folds.iter().map(|it| format!("{}-{}{}", it.first, it.last, if it.is_comment { "#" } else { "" }));
            assert_eq!(words.collect::<Vec<_>>().join(" "), expected, "{text:?}");
        }
    }
}
