//! What may be written where somebody writes: keys, words, and names of what is known, in the order in which they are likely.
//!
//! The place is found in the text as it is, which need not be YAML. What may stand there is said by the schemas, the table of
//! fields and the types of conditions; here they only meet.

mod comment;
mod config;
mod declaration;
mod keys;
mod rule;
mod values;

use std::ops::Range;

use crate::model::{EntityKind, Workspace};
use crate::policy::Library;
use crate::policy::condition::Usage;
use crate::schema::{SchemaKind, Shape};
use crate::space::Date;
use crate::syntax::{Cursor, Outline, Writing};

/// What the workspace has that could be named.
pub struct Known<'a> {
    /// Rules, places, vocabularies.
    pub library: &'a Library,
    /// Rules of packs in folders that the library may lack, each with its title: the config that names them may be broken.
    pub own: &'a dyn Fn() -> Vec<(String, String)>,
    /// What is declared: by a service and by what services share, or by all.
    pub declared: &'a dyn Fn(Option<&str>) -> Workspace,
    /// The paths of all declarations.
    pub paths: &'a dyn Fn() -> Vec<String>,
    /// The day.
    pub today: Date,
}

/// What an offer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A key of a mapping.
    Key,
    /// A word of a closed list.
    Word,
    /// A key of a vocabulary.
    Term,
    /// A country or a part of one.
    Territory,
    /// A group of territories.
    Group,
    /// The id of an entity.
    Entity(EntityKind),
    /// A day, a duration, a range of ages.
    Value,
    /// The id of a rule.
    Rule,
    /// A pack, or all rules of one.
    Pack,
    /// A parameter of a rule, or a variable of a condition.
    Parameter,
    /// What a condition reads.
    Fact,
    /// What a condition calls.
    Function,
    /// A path or a glob of paths.
    File,
}

/// Something that may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What people read.
    pub label: String,
    /// What it is.
    pub kind: Kind,
    /// A few words beside it.
    pub detail: Option<String>,
    /// What it means, as Markdown.
    pub documentation: Option<String>,
    /// By what it is found; the label where nothing is said.
    pub found_by: Option<String>,
    /// What is written.
    pub insert: Insert,
}

/// What is written for an offer. After a line break comes what is written further in than the mapping it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insert {
    /// What stands before the place where people write on.
    pub before: String,
    /// What stands behind it.
    pub after: String,
    /// What is written in place of both where nobody can be put between them.
    pub plain: String,
}

impl Insert {
    /// A text after which people write on.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { before: text.clone(), after: String::new(), plain: text }
    }
}

impl Offer {
    /// An offer that is written as it reads.
    pub fn new(label: impl Into<String>, kind: Kind) -> Self {
        let label = label.into();
        let insert = Insert::text(label.clone());
        Self { label, kind, detail: None, documentation: None, found_by: None, insert }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into()).filter(|detail| !detail.is_empty());
        self
    }

    fn documentation(mut self, documentation: Option<String>) -> Self {
        self.documentation = documentation;
        self
    }

    /// Puts something before all that is written.
    fn after_sign(mut self, sign: &str) -> Self {
        self.insert.before.insert_str(0, sign);
        self.insert.plain.insert_str(0, sign);
        self
    }

    /// Whether what somebody has written could become this: its letters are there, in order.
    pub fn fits(&self, prefix: &str) -> bool {
        let mut found = self.found_by.as_deref().unwrap_or(&self.label).chars().flat_map(char::to_lowercase);
        prefix.chars().flat_map(char::to_lowercase).all(|wanted| found.any(|c| c == wanted))
    }
}

/// What may be written at a place.
#[derive(Debug, Clone, Default)]
pub struct Completion {
    /// The bytes that an offer replaces.
    pub word: Range<usize>,
    /// What of them stands before the cursor.
    pub prefix: String,
    /// The column, in bytes, of the mapping that a line break in an offer counts from.
    pub column: usize,
    /// The most likely first.
    pub offers: Vec<Offer>,
}

/// A text with the place in it where somebody writes.
struct Place<'a> {
    kind: SchemaKind,
    outline: &'a Outline<'a>,
    cursor: &'a Cursor<'a>,
    /// What the schema says of the path.
    shape: Option<Shape<'static>>,
    known: &'a Known<'a>,
}

/// What may be written at a byte of a text that is, or is to become, a document of a kind.
pub fn complete(text: &str, byte: usize, kind: SchemaKind, known: &Known<'_>) -> Completion {
    if kind == SchemaKind::Declaration
        && let Some(found) = comment::rules(text, byte, known)
    {
        return found;
    }
    let (outline, cursor) = Outline::with_cursor(text, byte);
    let Some(cursor) = cursor else { return Completion::default() };
    let shape = Shape::at(kind, &cursor.path);
    let place = Place { kind, outline: &outline, cursor: &cursor, shape, known };
    if kind == SchemaKind::Policy
        && let Some(found) = place.inside_text(text, byte)
    {
        return found;
    }
    let mut offers = place.offers();
    if cursor.wants_space {
        offers = offers.into_iter().map(|offer| offer.after_sign(" ")).collect();
    }
    Completion { word: cursor.word.clone(), prefix: cursor.prefix.to_owned(), column: cursor.column, offers }
}

/// A function whose arguments are being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// How it is used.
    pub usage: Usage,
    /// Which argument is being written, 0-based.
    pub argument: usize,
}

/// The function whose arguments are being written at a byte of a rule, in a condition or in a message.
pub fn signature(text: &str, byte: usize, kind: SchemaKind, known: &Known<'_>) -> Option<Signature> {
    let (outline, cursor) = Outline::with_cursor(text, byte);
    let cursor = cursor.filter(|_| kind == SchemaKind::Policy)?;
    Place { kind, outline: &outline, cursor: &cursor, shape: None, known }.signature()
}

impl Place<'_> {
    fn offers(&self) -> Vec<Offer> {
        let Some(shape) = &self.shape else { return Vec::new() };
        let cursor = self.cursor;
        let mut offers = Vec::new();
        match cursor.writing {
            Writing::Key => offers.extend(self.keys(shape)),
            Writing::Value => offers.extend(self.one_of_list(shape).unwrap_or_else(|| self.values(shape))),
            Writing::Start if self.begins_list(shape) => {
                let Some(item) = shape.item() else { return offers };
                offers.extend(self.keys(&item));
                offers.extend(self.values(shape));
                return offers.into_iter().map(|offer| offer.after_sign("- ")).collect();
            }
            Writing::Start => {
                offers.extend(self.keys(shape));
                offers.extend(self.values(shape));
            }
        }
        if cursor.wants_dash {
            offers = offers.into_iter().map(|offer| offer.after_sign("- ")).collect();
        }
        offers
    }

    fn keys(&self, shape: &Shape<'_>) -> Vec<Offer> {
        let mut offers = keys::offers(shape, self.cursor);
        offers.extend(match self.kind {
            SchemaKind::Config => self.keys_of_config(),
            SchemaKind::Policy => self.keys_of_rule(),
            _ => Vec::new(),
        });
        offers
    }

    /// Whether a list begins on a line of its own.
    fn begins_list(&self, shape: &Shape<'_>) -> bool {
        self.cursor.is_own_line && !self.cursor.wants_dash && shape.allows("array")
    }

    /// A value behind the key of a list: the list with one item.
    fn one_of_list(&self, shape: &Shape<'_>) -> Option<Vec<Offer>> {
        let is_bare = self.cursor.quote.is_none() && shape.allows("array") && !shape.allows("string");
        let wrap = |mut offer: Offer| {
            offer.insert.before.insert(0, '[');
            offer.insert.after.push(']');
            offer.insert.plain = format!("[{}]", offer.insert.plain);
            offer
        };
        is_bare.then(|| self.values(shape).into_iter().map(wrap).collect())
    }

    /// What may stand as a value, or as an item where the path leads to a list.
    fn values(&self, shape: &Shape<'_>) -> Vec<Offer> {
        let item = shape.item().filter(|_| shape.allows("array"));
        let mut offers = values::words(item.as_ref().unwrap_or(shape));
        if item.is_some() {
            offers.extend(values::words(shape));
        }
        offers.extend(match self.kind {
            SchemaKind::Declaration => self.of_declaration(),
            SchemaKind::Config => self.of_config(),
            SchemaKind::Policy => self.of_rule(),
            _ => Vec::new(),
        });
        offers.extend(self.by_definition(shape));
        offers.retain(|offer| !self.cursor.taken.contains(&offer.label));
        let mut seen = std::collections::BTreeSet::new();
        offers.retain(|offer| seen.insert(offer.label.clone()));
        offers.into_iter().map(|offer| self.quoted(offer)).collect()
    }

    /// An offer with quotes where the text would be something else without.
    fn quoted(&self, mut offer: Offer) -> Offer {
        if self.cursor.quote.is_none() && values::needs_quotes(&offer.insert.plain) {
            offer.insert = Insert::text(format!("\"{}\"", offer.insert.plain));
        }
        offer
    }
}
