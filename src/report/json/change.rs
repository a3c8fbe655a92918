//! What has changed since another revision.

use serde::Serialize;

use super::{Cell, Place, Subject, Suppressed, full};
use crate::change::{Change, Kind};
use crate::model::EntityKind;
use crate::report::changes::Known;
use crate::source::{SourceMap, Span};

pub(super) fn changes<'a>(changes: &[Known<'a>], sources: &'a SourceMap) -> Vec<ChangeItem<'a>> {
    changes.iter().map(|known| ChangeItem::new(known, sources)).collect()
}

#[derive(Serialize)]
pub(super) struct ChangeItem<'a> {
    direction: &'static str,
    kind: &'static str,
    service: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Subject<'a>>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    was_called: Option<&'a str>,
    property: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    message: String,
    why: Option<&'a str>,
    cells: Vec<Cell<'a>>,
    from: Option<String>,
    was: Option<Place<'a>>,
    is: Option<Place<'a>>,
    approved: Option<Suppressed<'a>>,
    fingerprint: &'a str,
}

impl<'a> ChangeItem<'a> {
    fn new(known: &Known<'a>, sources: &'a SourceMap) -> Self {
        let change = known.change;
        let Change { about, path, direction, why, before, after, cells, from, was, is, fingerprint, .. } = change;
        let (purpose, subject) = match &about.entity {
            Some((EntityKind::Purpose, id)) => (Some(id.as_str()), None),
            Some((kind, id)) => (None, Some(Subject { kind: kind.noun(), id })),
            None => (None, Some(Subject { kind: "service", id: &about.service })),
        };
        let place = |span: &Option<Span>| span.map(|span| Place::of(span, sources));
        Self {
            direction: direction.as_str(),
            kind: kind(change),
            service: &about.service,
            purpose,
            subject,
            title: &about.title,
            was_called: about.was_called.as_deref(),
            property: path,
            before: before.as_deref(),
            after: after.as_deref(),
            message: change.sentence(),
            why: full(Some(why)),
            cells: cells.iter().map(Cell::new).collect(),
            from: from.map(|day| day.to_string()),
            was: place(was),
            is: place(is),
            approved: known.approved().map(Suppressed::new),
            fingerprint,
        }
    }
}

fn kind(change: &Change) -> &'static str {
    match change.kind {
        _ if change.is_new() => "new",
        _ if change.is_gone() => "gone",
        Kind::Started => "started",
        Kind::Stopped => "stopped",
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Moved => "moved",
    }
}
