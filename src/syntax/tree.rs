//! The tree of one file: every key and value with its span, aliases followed, merge keys applied, comments kept.

use std::ops::Range;
use std::sync::Arc;

use super::scalar;
use crate::source::{FileId, Span};

/// A node of a [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A tag of the core schema that a scalar carries. The typed ones count even in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Tag {
    /// None: resolve by the text.
    Implicit,
    /// `!!str`, `!`, or a tag this program does not know.
    Str,
    /// `!!null`
    Null,
    /// `!!bool`
    Bool,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
}

/// Where the characters of a scalar are. Ranges, not strings, so that a node needs no allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// What stands at the span, to the letter.
    AtSpan,
    /// What stands at the span between its quotes, to the letter.
    InQuotes,
    /// Unescaped, folded or otherwise not what stands there: a stretch of [`Tree::owned`].
    Own(Range<u32>),
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Data {
    Scalar {
        text: Text,
        style: Style,
        tag: Tag,
    },
    Sequence {
        items: Range<u32>,
    },
    Mapping {
        entries: Range<u32>,
    },
    /// Stands for another node. `None`: the anchor is not defined, or holds this alias; a diagnostic says so.
    Alias {
        target: Option<NodeId>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) data: Data,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) key: NodeId,
    pub(super) value: NodeId,
    /// The `<<` value through which the entry came.
    pub(super) merged: Option<Span>,
}

/// A comment with its `#`, without the line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
}

/// One document of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document {
    /// `None` where the document is empty or could not be read; a diagnostic tells which.
    pub(super) root: Option<NodeId>,
    /// Where it stands; for an empty document, where it would begin.
    pub span: Span,
    /// Whether it could not be read whole, so that nothing in it may be judged.
    pub broken: bool,
}

/// A file as nodes. Made by [`super::parse()`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    pub(super) file: FileId,
    pub(super) text: Arc<str>,
    /// The scalars that do not stand in the text as they are read, one after the other.
    pub(super) owned: String,
    pub(super) nodes: Vec<Node>,
    pub(super) items: Vec<NodeId>,
    pub(super) pairs: Vec<Pair>,
    pub(super) comments: Vec<Comment>,
    /// What aliases stand for: the outermost of them, in order.
    pub(super) shared: Vec<Span>,
    pub(super) documents: Vec<Document>,
}

impl Tree {
    /// A tree without nodes or documents.
    pub(super) fn empty(file: FileId, text: Arc<str>) -> Self {
        let owned = String::new();
        let (nodes, items, pairs) = (Vec::new(), Vec::new(), Vec::new());
        let (comments, shared, documents) = (Vec::new(), Vec::new(), Vec::new());
        Self { file, text, owned, nodes, items, pairs, comments, shared, documents }
    }

    /// The file it was made from.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// All comments, in order.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// All documents, in order.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The root of a document, `None` where it is empty or broken.
    pub fn root(&self, document: &Document) -> Option<NodeRef<'_>> {
        document.root.filter(|_| !document.broken).map(|id| NodeRef { tree: self, id, via: None }.follow())
    }

    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// The node itself, or what an alias stands for; `None` for an alias that leads nowhere.
    pub(super) fn target(&self, id: NodeId) -> Option<(NodeId, &Node)> {
        match self.node(id)? {
            Node { data: Data::Alias { target }, .. } => target.and_then(|to| Some((to, self.node(to)?))),
            node => Some((id, node)),
        }
    }

    /// Whether a node is a scalar of these characters.
    fn says(&self, node: &Node, text: &str) -> bool {
        let length = (node.span.end - node.span.start) as usize;
        // most keys of a mapping are of another length
        let may_say = !matches!(node.data, Data::Scalar { text: Text::AtSpan, .. }) || length == text.len();
        may_say && self.scalar(node) == Some(text)
    }

    /// The characters of a scalar, `None` for anything else.
    pub(super) fn scalar(&self, node: &Node) -> Option<&str> {
        let Data::Scalar { text, .. } = &node.data else { return None };
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        match text {
            Text::AtSpan => self.text.get(start..end),
            Text::InQuotes => self.text.get(start + 1..end.saturating_sub(1)),
            Text::Own(range) => self.owned.get(range.start as usize..range.end as usize),
        }
    }
}

/// What a node is by the YAML 1.2 core schema.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind<'t> {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true` or `false`; `on`, `off`, `yes` and `no` are text.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Str(&'t str),
    /// A list.
    Sequence,
    /// A mapping.
    Mapping,
}

impl Kind<'_> {
    /// The word for people: `a list`, `a mapping`, `text` …
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Int(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Str(_) => "text",
            Self::Sequence => "a list",
            Self::Mapping => "a mapping",
        }
    }
}

/// A node to look at; aliases are followed.
#[derive(Debug, Clone, Copy)]
pub struct NodeRef<'t> {
    pub(super) tree: &'t Tree,
    pub(super) id: NodeId,
    via: Option<Span>,
}

/// A key with its value.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'t> {
    /// The key.
    pub key: NodeRef<'t>,
    /// The value, aliases followed.
    pub value: NodeRef<'t>,
    /// The `<<` value through which the entry came, if it does not stand here.
    pub merged: Option<Span>,
}

impl<'t> Entry<'t> {
    /// The key as text, `None` for a key that is a list or mapping.
    pub fn name(&self) -> Option<&'t str> {
        self.key.text()
    }
}

impl<'t> NodeRef<'t> {
    /// Where the value stands. For an alias that is the place of its anchor; see [`Self::via`].
    pub fn span(self) -> Span {
        match self.tree.node(self.id) {
            Some(node) => node.span,
            None => Span::new(self.tree.file, 0, 0),
        }
    }

    /// The alias or merge through which this node was reached, if any.
    pub fn via(self) -> Option<Span> {
        self.via
    }

    /// Which node of the tree this is, the same for all aliases of one anchor.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// What the node is.
    pub fn kind(self) -> Kind<'t> {
        match self.tree.node(self.id).map(|node| &node.data) {
            Some(Data::Scalar { style, tag, .. }) => {
                let text = self.text().unwrap_or_default();
                scalar::resolve(text, *style, *tag)
            }
            Some(Data::Sequence { .. }) => Kind::Sequence,
            Some(Data::Mapping { .. }) => Kind::Mapping,
            Some(Data::Alias { .. }) | None => Kind::Null,
        }
    }

    /// The characters of a scalar of any type (`12` is `"12"`), `None` for collections.
    pub fn text(self) -> Option<&'t str> {
        self.tree.node(self.id).and_then(|node| self.tree.scalar(node))
    }

    /// The text at its place, to the letter.
    pub fn written(self) -> &'t str {
        let span = self.span();
        self.tree.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The dash before an item that says nothing: all there is to see of it.
    pub fn dash(self) -> Option<Span> {
        let span = self.span();
        let start = span.start.checked_sub(1).filter(|_| span.is_empty())?;
        let is_dash = self.tree.text.as_bytes().get(start as usize) == Some(&b'-');
        is_dash.then_some(Span { start, ..span })
    }

    /// How a scalar was written, `None` for collections.
    pub fn style(self) -> Option<Style> {
        match self.tree.node(self.id).map(|node| &node.data) {
            Some(Data::Scalar { style, .. }) => Some(*style),
            _ => None,
        }
    }

    /// The items of a list; empty for anything else.
    pub fn items(self) -> impl ExactSizeIterator<Item = NodeRef<'t>> + use<'t> {
        let range = match self.tree.node(self.id).map(|node| &node.data) {
            Some(Data::Sequence { items }) => items.start as usize..items.end as usize,
            _ => 0..0,
        };
        let (tree, via) = (self.tree, self.via);
        let ids = self.tree.items.get(range).unwrap_or_default();
        ids.iter().map(move |id| NodeRef { tree, id: *id, via }.follow())
    }

    /// The entries of a mapping, its own first, then those that came by `<<`; empty for anything else.
    pub fn entries(self) -> impl ExactSizeIterator<Item = Entry<'t>> + use<'t> {
        self.pairs().iter().map(move |pair| self.entry(pair))
    }

    fn pairs(self) -> &'t [Pair] {
        let range = match self.tree.node(self.id).map(|node| &node.data) {
            Some(Data::Mapping { entries }) => entries.start as usize..entries.end as usize,
            _ => 0..0,
        };
        self.tree.pairs.get(range).unwrap_or_default()
    }

    fn entry(self, pair: &Pair) -> Entry<'t> {
        let (tree, via) = (self.tree, pair.merged.or(self.via));
        Entry {
            key: NodeRef { tree, id: pair.key, via }.follow(),
            value: NodeRef { tree, id: pair.value, via }.follow(),
            merged: pair.merged,
        }
    }

    /// The entry under a key.
    pub fn get(self, key: &str) -> Option<Entry<'t>> {
        let is_meant = |pair: &&Pair| {
            let at = NodeRef { tree: self.tree, id: pair.key, via: None }.follow();
            self.tree.node(at.id).is_some_and(|node| self.tree.says(node, key))
        };
        self.pairs().iter().find(is_meant).map(|pair| self.entry(pair))
    }

    /// Whether the node is a list.
    pub fn is_sequence(self) -> bool {
        matches!(self.tree.node(self.id).map(|node| &node.data), Some(Data::Sequence { .. }))
    }

    /// Whether the node is a mapping.
    pub fn is_mapping(self) -> bool {
        matches!(self.tree.node(self.id).map(|node| &node.data), Some(Data::Mapping { .. }))
    }

    /// Goes from an alias to what it stands for. INVARIANT: the parser refuses anchors that hold their own alias, and an
    /// alias never targets an alias, so one step is enough.
    fn follow(self) -> Self {
        match self.tree.node(self.id) {
            Some(Node { span, data: Data::Alias { target: Some(target) } }) => {
                Self { tree: self.tree, id: *target, via: self.via.or(Some(*span)) }
            }
            _ => self,
        }
    }
}
