//! Edits that leave everything else as it was: comments, quotes, indentation, line breaks. The places come from the tree.

use super::scalar;
use super::tree::{Data, Kind, Node, NodeId, NodeRef, Style, Tag, Tree};
use crate::diagnostic::Edit;
use crate::order::Order;
use crate::source::Span;

/// A place where an entry or an item can be added, and how it is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Empty: nothing is replaced.
    at: Span,
    lead: Lead,
}

/// What stands between what is there and what is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// A line break and this many blanks.
    Line(LineBreak, u16),
    /// A comma.
    Comma,
    /// Nothing: the brackets are empty.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineBreak {
    Lf,
    CrLf,
    Cr,
}

impl LineBreak {
    fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
        }
    }

    /// The one that the text goes on with, else the one it uses first.
    fn at(text: &str, offset: usize) -> Self {
        let first = |rest: &str| {
            let at = rest.find(['\n', '\r'])?;
            let rest = rest.get(at..)?;
            Some(match rest {
                _ if rest.starts_with("\r\n") => Self::CrLf,
                _ if rest.starts_with('\r') => Self::Cr,
                _ => Self::Lf,
            })
        };
        text.get(offset..).and_then(first).or_else(|| first(text)).unwrap_or(Self::Lf)
    }
}

impl Slot {
    /// Adds an entry to the mapping.
    pub fn entry(self, key: &str, value: &str) -> Edit {
        self.edit(&[format!("{key}: {value}")])
    }

    /// Adds an entry whose value is a list, each item written in one line.
    pub fn list(self, key: &str, items: &[String]) -> Edit {
        match self.lead {
            Lead::Line(line_break, indent) => {
                let start = format!("{}{}", line_break.as_str(), " ".repeat(usize::from(indent)));
                let items: String = items.iter().map(|item| format!("{start}  - {item}")).collect();
                Edit { span: self.at, text: format!("{start}{key}:{items}") }
            }
            Lead::Comma | Lead::Nothing => self.entry(key, &format!("[{}]", items.join(", "))),
        }
    }

    /// Adds lines of block style, as far in as what is there. `None` in brackets.
    pub fn lines(self, lines: &[String]) -> Option<Edit> {
        matches!(self.lead, Lead::Line(..)).then(|| self.edit(lines))
    }

    /// Adds items to the list, each written in one line.
    pub fn items(self, items: &[String]) -> Edit {
        match self.lead {
            Lead::Line(..) => self.edit(&items.iter().map(|item| format!("- {item}")).collect::<Vec<_>>()),
            Lead::Comma | Lead::Nothing => self.edit(items),
        }
    }

    fn edit(self, parts: &[String]) -> Edit {
        let text = match self.lead {
            Lead::Line(line_break, indent) => {
                let start = format!("{}{}", line_break.as_str(), " ".repeat(usize::from(indent)));
                parts.iter().map(|part| format!("{start}{part}")).collect()
            }
            Lead::Comma => parts.iter().map(|part| format!(", {part}")).collect(),
            Lead::Nothing => parts.join(", "),
        };
        Edit { span: self.at, text }
    }
}

/// A value in the quotes of the one that it replaces, where it needs none and would be text in them as well.
pub fn requoted(old: &str, new: &str) -> String {
    let is_text = matches!(scalar::resolve(new, Style::Plain, Tag::Implicit), Kind::Str(_));
    let is_word = new.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '));
    match old.chars().next().filter(|quote| matches!(quote, '"' | '\'')) {
        Some(quote) if is_text && is_word => format!("{quote}{new}{quote}"),
        _ => new.to_owned(),
    }
}

/// A word in the place of another scalar: in its quotes; without any, as it is if that is text, else in quotes of its own.
pub fn word_for(old: &str, new: &str) -> String {
    let is_text = matches!(scalar::resolve(new, Style::Plain, Tag::Implicit), Kind::Str(_));
    match old.chars().next().filter(|quote| matches!(quote, '"' | '\'')) {
        Some(quote) => format!("{quote}{new}{quote}"),
        None if is_text => new.to_owned(),
        None => format!("\"{new}\""),
    }
}

/// The outermost of spans that hold each other or are apart, sorted, so that [`is_within`] finds the one there is.
pub(super) fn outermost(mut spans: Vec<Span>) -> Vec<Span> {
    spans.order_by_key(|span| (span.file, span.start, std::cmp::Reverse(span.end)));
    let mut kept: Vec<Span> = Vec::new();
    for span in spans {
        if !kept.last().is_some_and(|last| last.contains(span)) {
            kept.push(span);
        }
    }
    kept
}

/// Whether a span lies in one of those of [`Tree::shared`], of one file or of several in their order.
pub fn is_within(spans: &[Span], span: Span) -> bool {
    let behind = spans.partition_point(|other| (other.file, other.start) <= (span.file, span.start));
    behind.checked_sub(1).and_then(|at| spans.get(at)).is_some_and(|before| before.contains(span))
}

impl Tree {
    /// The nodes that aliases and merges stand for, in order: a change there reaches further than is seen.
    pub fn shared(&self) -> &[Span] {
        &self.shared
    }
}

impl<'t> NodeRef<'t> {
    /// Where an entry can be added to a mapping that has one: behind the last. `None` where that would be no small edit.
    pub fn entry_slot(self) -> Option<Slot> {
        let Data::Mapping { entries } = &self.tree.node(self.id)?.data else { return None };
        let pairs = self.tree.pairs.get(entries.start as usize..entries.end as usize)?;
        let own = || pairs.iter().filter(|pair| pair.merged.is_none());
        match (own().next(), own().next_back()) {
            (Some(first), Some(last)) => self.behind(first.key, last.value),
            _ if pairs.is_empty() => self.inside(),
            _ => None,
        }
    }

    /// Where an item can be added to a list: behind the last.
    pub fn item_slot(self) -> Option<Slot> {
        let Data::Sequence { items } = &self.tree.node(self.id)?.data else { return None };
        match self.tree.items.get(items.start as usize..items.end as usize)? {
            [] => self.inside(),
            [first, .., last] => self.behind(*first, *last),
            [only] => self.behind(*only, *only),
        }
    }

    /// Whether brackets are around a list or mapping.
    fn is_flow(self) -> bool {
        let span = self.span();
        let start = self.tree.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        let first = self.first_child().map(|child| child.span);
        start.starts_with(['[', '{']) && first.is_none_or(|child| child.start > span.start)
    }

    fn first_child(self) -> Option<&'t Node> {
        let id = match &self.tree.node(self.id)?.data {
            Data::Sequence { items } => *self.tree.items.get(items.start as usize)?,
            Data::Mapping { entries } if !entries.is_empty() => self.tree.pairs.get(entries.start as usize)?.key,
            _ => return None,
        };
        self.tree.node(id)
    }

    /// Whether an alias or a merge stands for the node, or for one around it.
    fn is_shared(self) -> bool {
        self.via().is_some() || is_within(self.tree.shared(), self.span())
    }

    /// In empty brackets.
    fn inside(self) -> Option<Slot> {
        let (file, start) = (self.span().file, self.span().start as usize + 1);
        (self.is_flow() && !self.is_shared()).then(|| Slot { at: Span::new(file, start, start), lead: Lead::Nothing })
    }

    /// Behind the value that stands last.
    fn behind(self, first: NodeId, last: NodeId) -> Option<Slot> {
        let (first, last) = (self.tree.node(first)?, self.tree.node(last)?);
        if self.is_shared() {
            return None;
        }
        let end = last.span.end as usize;
        if self.is_flow() {
            // an empty value stands where nothing can be told from what is around it
            return (!last.span.is_empty())
                .then(|| Slot { at: Span::new(last.span.file, end, end), lead: Lead::Comma });
        }
        let text = &*self.tree.text;
        // of a block list the node begins at its first dash
        let start = if self.is_sequence() { self.span().start } else { first.span.start } as usize;
        let indent = indent(text, start)?;
        let at = line_end(text, end)?;
        if keeps_line_breaks(self.tree, last) {
            return None;
        }
        let lead = Lead::Line(LineBreak::at(text, at), u16::try_from(indent).ok()?);
        Some(Slot { at: Span::new(last.span.file, at, at), lead })
    }
}

/// How many blanks bring a line to where the first key or dash of a collection stands; `None` where something else stands
/// before it than blanks and the dashes of lists around it.
fn indent(text: &str, start: usize) -> Option<usize> {
    let before = text.get(..start)?;
    let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let lead = before.get(line..)?;
    let lead = if line == 0 { lead.trim_start_matches('\u{feff}') } else { lead };
    let mut rest = lead.trim_start_matches(' ');
    while let Some(inner) = rest.strip_prefix("- ") {
        rest = inner.trim_start_matches(' ');
    }
    rest.is_empty().then_some(lead.len())
}

/// The end of the line on which a value ends at an offset, if only blanks and a comment follow there.
fn line_end(text: &str, end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    let line = rest.get(..rest.find(['\n', '\r']).unwrap_or(rest.len()))?;
    let behind = line.trim_start_matches([' ', '\t']);
    let is_comment = behind.starts_with('#') && behind.len() < line.len();
    (behind.is_empty() || is_comment).then_some(end + line.len())
}

/// Whether the last scalar below a node is one whose line breaks at the end count: what follows it would change it.
fn keeps_line_breaks(tree: &Tree, node: &Node) -> bool {
    let last = match &node.data {
        Data::Scalar { style: Style::Literal | Style::Folded, .. } => {
            let text = tree.text.get(node.span.start as usize..node.span.end as usize).unwrap_or_default();
            let header = text.get(..text.find(['\n', '\r']).unwrap_or(text.len())).unwrap_or_default();
            return header.contains('+');
        }
        Data::Sequence { items } => {
            tree.items.get(items.start as usize..items.end as usize).and_then(<[_]>::last).copied()
        }
        Data::Mapping { entries } => {
            let pairs = tree.pairs.get(entries.start as usize..entries.end as usize).unwrap_or_default();
            pairs.iter().rfind(|pair| pair.merged.is_none()).map(|pair| pair.value)
        }
        _ => None,
    };
    last.and_then(|id| tree.node(id)).is_some_and(|node| keeps_line_breaks(tree, node))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_keeps_the_quotes_of_what_it_replaces() {
        for (old, new, written) in [
            ("old", "new", "new"),
            ("'old'", "new", "'new'"),
            ("\"old\"", "true", "\"true\""),
            ("old", "true", "\"true\""),
            ("old", "null", "\"null\""),
            ("old", "no", "no"),
            ("|-\n  old", "new", "new"),
        ] {
            assert_eq!(word_for(old, new), written, "{old}");
        }
    }
}
