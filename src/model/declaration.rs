//! One document as it was written.

use std::sync::Arc;

use super::fields::{EntityKind, Record};
use super::value::{FieldValue, Fields};
use crate::source::{FileId, Span};
use crate::space::{AgeSet, Date};
use crate::syntax::{Located, Slot};

/// For whom an override or a notice is: axes that are not named are whole.
#[derive(Debug, Clone, Default)]
pub struct Selector {
    /// Territory codes and group names.
    pub regions: Option<Items<Box<str>>>,
    /// Age ranges; `None` for one that cannot be read.
    pub ages: Option<Items<Option<AgeSet>>>,
    /// Plan ids.
    pub plans: Option<Items<Box<str>>>,
    /// First day, `None` inside where it cannot be read.
    pub from: Option<Located<Option<Date>>>,
    /// First day no longer in it.
    pub until: Option<Located<Option<Date>>>,
    /// A key that means nothing, and may have been meant to name people, or all of what should have been an override.
    pub unknown: Option<Span>,
}

/// A list of a selector with the place of its key.
#[derive(Debug, Clone)]
pub struct Items<T> {
    /// The key.
    pub key: Span,
    /// The items, each with its place.
    pub items: Vec<Located<T>>,
}

/// A selector with the values that hold there.
#[derive(Debug, Clone)]
pub struct Override {
    /// The first key of the override: the place to point at.
    pub place: Span,
    /// For whom.
    pub selector: Selector,
    /// What holds there instead.
    pub fields: Fields,
    /// Whether it has no key beside those that select, not even one that means nothing.
    pub is_bare: bool,
}

impl Override {
    /// Whom it selects, in its own words: `EEA, CH; aged 16+`.
    pub fn whom(&self) -> String {
        self.selector.whom()
    }
}

impl Selector {
    /// Whom it selects, in its own words: `EEA, CH; aged 16+`.
    pub fn whom(&self) -> String {
        let words = |items: &Items<Box<str>>| {
            items.items.iter().map(|item| item.value.to_string()).collect::<Vec<_>>().join(", ")
        };
        let mut parts = Vec::new();
        parts.extend(self.regions.as_ref().map(words));
        if let Some(ages) = &self.ages {
            let ages: Vec<String> = ages.items.iter().filter_map(|item| Some(item.value?.to_string())).collect();
            parts.push(format!("aged {}", ages.join(", ")));
        }
        parts.extend(self.plans.as_ref().map(|plans| format!("plan {}", words(plans))));
        let day = |day: &Option<Located<Option<Date>>>| day.as_ref().and_then(|day| day.value);
        parts.extend(day(&self.from).map(|day| format!("from {day}")));
        parts.extend(day(&self.until).map(|day| format!("until {day}")));
        if parts.is_empty() { "everybody".to_owned() } else { parts.join("; ") }
    }
}

/// How a purpose names its setting.
#[derive(Debug, Clone)]
pub enum SettingRef {
    /// The id of a setting.
    Id(Located<Box<str>>),
    /// Written in place.
    Inline(Box<Entity>),
    /// `none`: there is no setting, on purpose.
    Nothing(Span),
    /// Something that cannot be used; a diagnostic says why.
    Invalid(Span),
}

/// An organisation, notice, setting or purpose.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Which of them.
    pub kind: EntityKind,
    /// Its id; a setting written in place has the id of its purpose.
    pub id: Box<str>,
    /// The key that declares it.
    pub place: Span,
    /// From there to the end of its value.
    pub extent: Span,
    /// Its fields.
    pub fields: Fields,
    /// For whom a notice is; whole for anything else.
    pub selector: Selector,
    /// The overrides, in the order of writing.
    pub overrides: Vec<Override>,
    /// The setting of a purpose, with the place of its key.
    pub setting: Option<(Span, SettingRef)>,
    /// Where something can be added.
    pub slots: Slots,
}

/// Where a fix can add something to an entity; `None` where that would be no small edit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Slots {
    /// A key.
    pub key: Option<Slot>,
    /// An override, where there is a list of them.
    pub over: Option<Slot>,
    /// Whether the key `overrides` is there.
    pub has_overrides: bool,
}

impl Entity {
    /// What is declared under a key, outside overrides.
    pub fn named(&self, name: &str) -> Option<&FieldValue> {
        self.fields.named(name)
    }

    /// The title or name for people, else the id.
    pub fn title(&self) -> &str {
        let name = match self.kind {
            EntityKind::Organisation => "name",
            EntityKind::Notice | EntityKind::Purpose => "title",
            EntityKind::Setting => "label",
        };
        title(&self.fields, name, &self.id)
    }
}

/// What is shown under a name: the text, or the id where there is none to be seen.
pub(super) fn title<'a>(fields: &'a Fields, name: &str, id: &'a str) -> &'a str {
    fields.text(name).filter(|text| !text.trim().is_empty()).unwrap_or(id)
}

/// A document: a service, a part of one, or definitions that services share.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The file.
    pub file: FileId,
    /// The start of the document.
    pub place: Span,
    /// The service it belongs to, `None` for a shared file.
    pub service: Option<Located<Box<str>>>,
    /// Other top-level fields.
    pub fields: Fields,
    /// Where the service is offered.
    pub regions: Option<Items<Box<str>>>,
    /// Who may use it.
    pub ages: Option<Items<Option<AgeSet>>>,
    /// Its plans.
    pub plans: Option<Items<Box<str>>>,
    /// Organisations, notices, settings and purposes, in the order of writing.
    pub entities: Vec<Arc<Entity>>,
}

impl Declaration {
    /// An empty one.
    pub fn new(file: FileId, place: Span) -> Self {
        Self {
            file,
            place,
            service: None,
            fields: Fields::new(Record::Service, place),
            regions: None,
            ages: None,
            plans: None,
            entities: Vec::new(),
        }
    }
}
