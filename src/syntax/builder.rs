//! Takes the parser's events, one document after the other, and lays nodes into the arena of a [`Tree`].
//!
//! Children wait on one common stack until their collection ends, then move into `items` or `pairs` in one piece; so no
//! collection allocates. `cursor` stands behind the last key, value or bracket: the text from there to the next event is
//! the gap in which colons, dashes and `|` are looked up.

use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, ScalarStyle, ScanError, StructureStyle};

use super::complaint::{self, Context};
use super::edit;
use super::gap;
use super::parse::Limits;
use super::scalar;
use super::tags::tag_of;
use super::tree::{Comment, Data, Document, Kind, Node, NodeId, Style, Tag, Text, Tree};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use crate::suggest;

/// Beyond this many problems in one file, one more says that the rest is left out.
const MOST_DIAGNOSTICS: usize = 1_000;

/// A list or mapping whose end has not come yet.
pub(super) struct Open {
    pub(super) node: NodeId,
    /// Where its children start on the stack.
    pub(super) first: usize,
    mapping: bool,
    /// The opening bracket of a flow collection.
    bracket: Option<Span>,
    anchor: Option<usize>,
}

/// A named node of the current document.
struct Anchor {
    /// As the parser numbers them: rising through the file.
    id: usize,
    span: Span,
    node: NodeId,
    /// Nodes below it with its aliases written out; `None` while it is open.
    size: Option<usize>,
    /// `written_out` when it began.
    before: usize,
}

/// The state of the document that is being read.
#[derive(Default)]
struct Current {
    start: usize,
    /// Length of `Tree::nodes` when it began.
    nodes: usize,
    root: Option<NodeId>,
    broken: bool,
    /// Nodes so far, with aliases written out.
    written_out: usize,
    /// The part of them that came through aliases.
    aliased: usize,
}

/// Bytes of a text that weigh as much as a node where aliases repeat them: a thousand aliases of a megabyte are a gigabyte.
const TEXT_OF_A_NODE: usize = 64;

/// What a node counts where aliases repeat it.
fn weight(node: &Node) -> usize {
    match node.data {
        Data::Scalar { .. } => 1 + (node.span.end.saturating_sub(node.span.start)) as usize / TEXT_OF_A_NODE,
        _ => 1,
    }
}

/// Builds the tree of one file from the events of the parser.
pub(super) struct Builder<'s> {
    pub(super) file: FileId,
    text: &'s str,
    limits: Limits,
    pub(super) tree: Tree,
    found: Vec<Diagnostic>,
    open: Vec<Open>,
    pub(super) stack: Vec<NodeId>,
    anchors: Vec<Anchor>,
    /// Aliases of this document without an anchor; suggestions need all anchors, so they wait for its end.
    undefined: Vec<Span>,
    /// What aliases stand for, once for each alias.
    aliased: Vec<NodeId>,
    current: Option<Current>,
    cursor: usize,
    /// Where the last scalar stands.
    last: Option<Span>,
}

impl<'s> Builder<'s> {
    /// A builder for one file.
    pub(super) fn new(file: FileId, text: &'s Arc<str>, limits: &Limits) -> Self {
        let mut tree = Tree::empty(file, text.clone());
        // declarations have a node every 12 bytes or so
        tree.nodes.reserve(text.len() / 12);
        tree.pairs.reserve(text.len() / 28);
        Self {
            file,
            text,
            limits: *limits,
            tree,
            found: Vec::new(),
            open: Vec::new(),
            stack: Vec::new(),
            anchors: Vec::new(),
            undefined: Vec::new(),
            aliased: Vec::new(),
            current: None,
            cursor: 0,
            last: None,
        }
    }

    /// Takes in one event; `false` asks to skip the rest of the document.
    pub(super) fn take(&mut self, event: Event<'s>, at: granit_parser::Span) -> bool {
        let span = self.span(&at);
        match event {
            Event::Comment(..) => self.tree.comments.push(Comment { span }),
            Event::DocumentStart(explicit, _) => self.begin_document(span, explicit),
            Event::DocumentEnd => self.end_document(),
            Event::Scalar(value, style, anchor, tag) => {
                let bare = anchor == 0 && tag.is_none();
                let meant = tag_of(tag.as_deref());
                let style = self.scalar(&value, style, meant, span, bare);
                if let Some(tag) = tag {
                    self.check_tag(&tag, &at, scalar::resolve(&value, style, meant));
                }
            }
            Event::SequenceStart(style, _, tag) => return self.begin_collection(false, style, tag.as_deref(), &at),
            Event::MappingStart(style, _, tag) => return self.begin_collection(true, style, tag.as_deref(), &at),
            Event::SequenceEnd | Event::MappingEnd => self.end_collection(span),
            Event::Anchor(id, _) => self.anchor(id, span),
            Event::Alias(id) => self.alias(id, span),
            Event::UnresolvedAlias(_) => {
                self.undefined.push(span);
                self.break_document();
                self.add(span, Data::Alias { target: None });
            }
            _ => {}
        }
        true
    }

    /// Takes in a syntax error: the document ends here, broken.
    pub(super) fn fail(&mut self, error: &ScanError) {
        let context = Context {
            file: self.file,
            text: self.text,
            cursor: self.cursor,
            last: self.last,
            bracket: self.open.iter().rev().find_map(|open| open.bracket),
            depth: self.limits.depth,
        };
        let complaint = complaint::of(error, &context);
        let at = complaint.primary.span.start as usize;
        let behind = self.current.is_none() && context.is_behind_document(error);
        self.report(complaint);
        // so that the next error does not look at this stretch again
        self.cursor = self.cursor.max(at);
        if let Some(last) = self.tree.documents.last_mut().filter(|_| behind) {
            // what cannot be attached to the document before it may well belong to it
            last.broken = true;
            return;
        }
        self.current.get_or_insert_with(|| Current { start: at, nodes: self.tree.nodes.len(), ..Current::default() });
        self.abandon();
    }

    /// The tree and what was found, once the stream has ended.
    pub(super) fn finish(mut self) -> (Tree, Vec<Diagnostic>) {
        if self.current.is_some() {
            self.abandon();
        }
        self.close_broken(self.text.len());
        if self.tree.documents.is_empty() {
            let start = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            let span = Span::new(self.file, start, start);
            self.tree.documents.push(Document { root: None, span, broken: false });
        }
        if !self.tree.comments.is_sorted_by_key(|comment| comment.span) {
            self.tree.comments.sort_by_key(|comment| comment.span);
        }
        // spans of collections are known once they have ended
        let shared = self.aliased.iter().filter_map(|id| self.tree.node(*id)).map(|node| node.span);
        self.tree.shared = edit::outermost(shared.collect());
        (self.tree, self.found)
    }

    /// Keeps a diagnostic, up to a bound that no honest file reaches.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        match self.found.len().cmp(&MOST_DIAGNOSTICS) {
            std::cmp::Ordering::Less => self.found.push(diagnostic),
            std::cmp::Ordering::Equal => {
                let message = format!("more than {MOST_DIAGNOSTICS} problems in one file; the others are not listed");
                self.found.push(Diagnostic::new("syntax-error", diagnostic.primary.span, message));
            }
            std::cmp::Ordering::Greater => {}
        }
    }

    /// Nothing in this document may be judged.
    pub(super) fn break_document(&mut self) {
        if let Some(current) = &mut self.current {
            current.broken = true;
        }
    }

    /// Whether the document may still be judged.
    pub(super) fn is_sound(&self) -> bool {
        self.current.as_ref().is_some_and(|current| !current.broken)
    }

    /// The parser's offsets are always there for text in memory; clamped, because no offset may leave the text.
    pub(super) fn span(&self, at: &granit_parser::Span) -> Span {
        let range = at.byte_range().unwrap_or(0..0);
        let end = range.end.min(self.text.len());
        Span::new(self.file, range.start.min(end), end)
    }

    fn begin_document(&mut self, span: Span, explicit: bool) {
        self.close_broken(span.start as usize);
        if self.tree.documents.len() >= self.limits.entries {
            self.report(complaint::too_many("documents in one file", span, self.limits.entries));
        }
        self.cursor = if explicit { span.end } else { span.start } as usize;
        self.last = None;
        self.current = Some(Current { start: span.start as usize, nodes: self.tree.nodes.len(), ..Current::default() });
    }

    /// Whether there are as many documents as a file may have, and one more, which is not read.
    pub(super) fn is_full(&self) -> bool {
        self.tree.documents.len() >= self.limits.entries && self.current.is_some()
    }

    fn end_document(&mut self) {
        self.complain_about_undefined();
        self.anchors.clear();
        let Some(current) = self.current.take() else { return };
        let span = current.root.and_then(|id| self.tree.node(id)).map(|node| node.span);
        let span = span.unwrap_or_else(|| Span::new(self.file, self.cursor, self.cursor));
        self.tree.documents.push(Document { root: current.root, span, broken: current.broken });
    }

    /// Drops what is there of the current document. Its span gets its end when the next document begins.
    fn abandon(&mut self) {
        self.complain_about_undefined();
        self.anchors.clear();
        self.open.clear();
        self.stack.clear();
        if let Some(current) = self.current.take() {
            self.tree.nodes.truncate(current.nodes);
            self.aliased.retain(|id| (id.0 as usize) < current.nodes);
            let span = Span::new(self.file, current.start, current.start);
            self.tree.documents.push(Document { root: None, span, broken: true });
        }
    }

    /// A document that was left in the middle reaches up to where the next one begins.
    fn close_broken(&mut self, next: usize) {
        let Some(last) = self.tree.documents.last_mut() else { return };
        if last.broken && last.root.is_none() && last.span.is_empty() {
            let text = self.text.get(last.span.start as usize..next).unwrap_or_default();
            last.span =
                Span::new(self.file, last.span.start as usize, last.span.start as usize + text.trim_end().len());
        }
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, tag: Tag, span: Span, bare: bool) -> Style {
        let (style, span, text) = match style {
            ScalarStyle::Plain => (Style::Plain, span, Text::AtSpan),
            ScalarStyle::SingleQuoted => (Style::SingleQuoted, span, Text::InQuotes),
            ScalarStyle::DoubleQuoted => (Style::DoubleQuoted, span, Text::InQuotes),
            ScalarStyle::Literal => (Style::Literal, self.block_scalar(span), Text::Own(0..0)),
            ScalarStyle::Folded => (Style::Folded, self.block_scalar(span), Text::Own(0..0)),
        };
        if style == Style::Plain && span.is_empty() {
            self.empty(span, tag, bare);
            return style;
        }
        let written = match text {
            Text::AtSpan => self.text.get(span.start as usize..span.end as usize),
            Text::InQuotes => self.text.get(span.start as usize + 1..(span.end as usize).saturating_sub(1)),
            Text::Own(_) => None,
        };
        let text = if written == Some(value) { text } else { self.own(value) };
        self.last = Some(span);
        self.add(span, Data::Scalar { text, style, tag });
        style
    }

    /// An empty value. The parser puts it before the colon; here it stands behind it, where the value would be.
    fn empty(&mut self, span: Span, tag: Tag, bare: bool) {
        if bare && self.open.is_empty() {
            // a document without content
            return;
        }
        let at = if !bare {
            span.start as usize
        } else if self.is_value() {
            gap::behind_colon(self.text, self.cursor).unwrap_or(self.cursor)
        } else {
            gap::behind_indicator(self.text, self.cursor).unwrap_or(span.start as usize)
        };
        let span = Span::new(self.file, at, at);
        self.add(span, Data::Scalar { text: Text::AtSpan, style: Style::Plain, tag });
    }

    fn block_scalar(&self, span: Span) -> Span {
        let start = gap::block_indicator(self.text, self.cursor).unwrap_or(span.start as usize);
        let end = gap::block_end(self.text, start, (span.end as usize).max(start));
        Span::new(self.file, start, end)
    }

    fn own(&mut self, value: &str) -> Text {
        let length = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let start = length(&self.tree.owned);
        self.tree.owned.push_str(value);
        Text::Own(start..length(&self.tree.owned))
    }

    fn begin_collection(
        &mut self,
        mapping: bool,
        style: StructureStyle,
        tag: Option<&granit_parser::Tag>,
        at: &granit_parser::Span,
    ) -> bool {
        let span = self.span(at);
        if let Some(tag) = tag {
            self.check_tag(tag, at, if mapping { Kind::Mapping } else { Kind::Sequence });
        }
        if self.open.len() >= self.limits.depth {
            self.report(complaint::too_deep(span, self.limits.depth));
            self.abandon();
            return false;
        }
        // a single pair in a list, `[a: b]` and `[? a]`, counts as flow but has no bracket
        let bracket = matches!(self.text.get(span.start as usize..span.end as usize), Some("[" | "{")).then_some(span);
        let mut start = span.start as usize;
        if style == StructureStyle::Block && !mapping && self.is_value() {
            // of a list at the indentation of its key the parser tells where the first item starts, not its dash
            start = gap::dash(self.text, self.cursor).filter(|dash| *dash < start).unwrap_or(start);
        }
        if style == StructureStyle::Block
            && let Some(tabs) = gap::tab_indent(self.text, start)
        {
            self.report(complaint::tab(Span::new(self.file, tabs.start, tabs.end)));
            self.break_document();
        }
        let data = if mapping { Data::Mapping { entries: 0..0 } } else { Data::Sequence { items: 0..0 } };
        let cursor = if bracket.is_some() { span.end as usize } else { start };
        let node = self.add(Span::new(self.file, start, span.end as usize), data);
        self.cursor = cursor;
        self.open.push(Open { node, first: self.stack.len(), mapping, bracket, anchor: None });
        true
    }

    fn end_collection(&mut self, span: Span) {
        let Some(open) = self.open.pop() else { return };
        self.bound(&open);
        let last = self.stack.get(open.first..).and_then(<[NodeId]>::last).and_then(|id| self.tree.node(*id));
        let last = last.map(|node| node.span.end as usize);
        let data = if open.mapping { self.close_mapping(&open) } else { self.close_sequence(&open) };
        self.stack.truncate(open.first);
        let Some(node) = self.tree.nodes.get_mut(open.node.0 as usize) else { return };
        let start = node.span.start as usize;
        // a block collection is said to end where the next thing begins
        let end = if open.bracket.is_some() { span.end as usize } else { last.unwrap_or(start) };
        node.span = Span::new(self.file, start, end);
        node.data = data;
        self.cursor = end;
        if open.bracket.is_some() {
            self.check_indentation(start..end);
        }
        if let (Some(at), Some(current)) = (open.anchor, &self.current)
            && let Some(anchor) = self.anchors.get_mut(at)
        {
            anchor.size = Some(current.written_out.saturating_sub(anchor.before));
        }
    }

    /// Leaves out what a collection has beyond the limit.
    fn bound(&mut self, open: &Open) {
        let (most, what) = if open.mapping {
            (self.limits.entries.saturating_mul(2), "entries in one mapping")
        } else {
            (self.limits.entries, "items in one list")
        };
        let Some(beyond) = self.stack.get(open.first.saturating_add(most)).and_then(|id| self.tree.node(*id)) else {
            return;
        };
        self.report(complaint::too_many(what, beyond.span, self.limits.entries));
        self.break_document();
        self.stack.truncate(open.first.saturating_add(most));
    }

    /// Says of a line between brackets that it is not indented. Some readers take it, others refuse the file.
    fn check_indentation(&mut self, brackets: Range<usize>) {
        if self.open.iter().any(|open| open.bracket.is_some()) {
            return;
        }
        let Some(block) = self.open.last().and_then(|open| self.tree.node(open.node)) else { return };
        let Some(at) = gap::unindented(self.text, brackets, block.span.start as usize) else { return };
        let span = Span::new(self.file, at.start, at.end);
        let message = "a line between brackets that is not indented";
        let help = "indent it further than the key or dash that the brackets belong to";
        self.report(Diagnostic::new("syntax-error", span, message).help(help));
        self.break_document();
    }

    fn close_sequence(&mut self, open: &Open) -> Data {
        let start = index(self.tree.items.len());
        self.tree.items.extend_from_slice(self.stack.get(open.first..).unwrap_or_default());
        Data::Sequence { items: start..index(self.tree.items.len()) }
    }

    /// Whether the next node is the value of a mapping.
    fn is_value(&self) -> bool {
        self.open.last().is_some_and(|open| open.mapping && (self.stack.len() - open.first) % 2 == 1)
    }

    /// Adds a node below the innermost open collection.
    fn add(&mut self, span: Span, data: Data) -> NodeId {
        let id = NodeId(index(self.tree.nodes.len()));
        let node = Node { span, data };
        let weight = weight(&node);
        self.tree.nodes.push(node);
        self.cursor = span.end as usize;
        if let Some(current) = &mut self.current {
            current.written_out = current.written_out.saturating_add(weight);
            if self.open.is_empty() {
                current.root = Some(id);
            }
        }
        if !self.open.is_empty() {
            self.stack.push(id);
        }
        id
    }

    /// Names the node that came last.
    fn anchor(&mut self, id: usize, span: Span) {
        let Some(last) = self.tree.nodes.len().checked_sub(1) else { return };
        let node = NodeId(index(last));
        let before = self.current.as_ref().map_or(0, |current| current.written_out.saturating_sub(1));
        let at = self.anchors.len();
        let collection = self.open.last_mut().filter(|open| open.node == node);
        let size = if collection.is_some() { None } else { self.tree.nodes.get(last).map(weight) };
        if let Some(open) = collection {
            open.anchor = Some(at);
        }
        self.anchors.push(Anchor { id, span, node, size, before });
    }

    fn alias(&mut self, id: usize, span: Span) {
        let found = self.anchors.binary_search_by_key(&id, |anchor| anchor.id).ok();
        let Some(Anchor { span: defined, node, size, .. }) = found.and_then(|at| self.anchors.get(at)) else {
            self.undefined.push(span);
            self.break_document();
            self.add(span, Data::Alias { target: None });
            return;
        };
        let (node, defined) = (*node, *defined);
        let Some(size) = *size else {
            let name = self.name(span);
            let message = format!("`*{name}` stands inside the node that `&{name}` names");
            let diagnostic = Diagnostic::new("syntax-error", span, message)
                .at("would repeat itself without end")
                .label(defined, "the node begins here")
                .help("write the value out, or move the anchor to a node that does not hold the alias");
            self.report(diagnostic);
            self.break_document();
            self.add(span, Data::Alias { target: None });
            return;
        };
        self.add(span, Data::Alias { target: Some(node) });
        self.aliased.push(node);
        self.count_alias(size, span);
    }

    fn count_alias(&mut self, size: usize, span: Span) {
        let Some(current) = &mut self.current else { return };
        // the alias itself is counted already
        current.written_out = current.written_out.saturating_add(size.saturating_sub(1));
        let most = self.limits.alias_nodes;
        let fitted = current.aliased <= most;
        current.aliased = current.aliased.saturating_add(size);
        if fitted && current.aliased > most {
            current.broken = true;
            let message = format!("aliases add more than {most} nodes to this document");
            let diagnostic = Diagnostic::new("alias-expansion-too-large", span, message)
                .at("this alias crosses the limit")
                .help("use fewer aliases of aliases, or raise `limits.alias_nodes` in purposelint.yaml");
            self.report(diagnostic);
        }
    }

    /// Says of each alias without an anchor which anchor may have been meant.
    fn complain_about_undefined(&mut self) {
        if self.undefined.is_empty() {
            return;
        }
        let undefined = std::mem::take(&mut self.undefined);
        let names: Vec<&str> = self.anchors.iter().take(1_000).map(|anchor| self.name(anchor.span)).collect();
        let diagnostics: Vec<Diagnostic> = undefined
            .into_iter()
            .take(MOST_DIAGNOSTICS + 1)
            .enumerate()
            .map(|(nth, span)| {
                let name = self.name(span);
                let shown = complaint::shorten(name);
                let missing = Diagnostic::new("syntax-error", span, format!("no anchor `&{shown}` before this alias"));
                let later = self.anchors.iter().take(1_000).find(|anchor| self.name(anchor.span) == name);
                if let Some(later) = later {
                    return missing
                        .label(later.span, "defined only here")
                        .help("move the anchor up: an alias comes after it");
                }
                // a key cannot be an alias by this name: `*:` was meant to match anything
                if let Some(glob) = name.strip_suffix(':') {
                    let quoted = format!("\"*{}\"", complaint::shorten(glob));
                    return missing.help(format!("put quotes around text that starts with `*`: write `{quoted}`"));
                }
                // the search costs names times aliases
                let near = if nth < 100 { suggest::nearest(name, names.iter().copied()) } else { None };
                missing.help(match near {
                    Some(near) => format!("did you mean `*{}`?", complaint::shorten(near)),
                    None => "name a node with `&`, or put quotes around text that starts with `*`".to_owned(),
                })
            })
            .collect();
        for diagnostic in diagnostics {
            self.report(diagnostic);
        }
    }

    /// The name behind the `&` or `*` at a span.
    fn name(&self, span: Span) -> &'s str {
        self.text.get(span.start as usize + 1..span.end as usize).unwrap_or_default()
    }
}

pub(super) fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
