//! One finding as a result.

use serde::Serialize;

use super::Text;
use super::message;
use super::place::{FixItem, LineHashes, Location, Places};
use super::rules::{Rules, level};
use crate::evaluate::{Finding, Subject, Suppressed, SuppressedBy};
use crate::report::{escape, safe_fixes};

/// Most places of a result that GitHub takes, the first one included; of a file with more it takes none.
const MOST_LOCATIONS: usize = 1_000;

/// What all results are made from.
pub(super) struct Scene<'a> {
    pub(super) places: Places<'a>,
    pub(super) rules: &'a Rules<'a>,
    /// By the place in the report.
    pub(super) identities: Vec<String>,
    pub(super) lines: LineHashes,
    pub(super) with_suppressed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Text<String>,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: Fingerprints<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<Vec<Suppression<'a>>>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fingerprints<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_location_line_hash: Option<&'a str>,
    #[serde(rename = "purposelint/v1")]
    identity: &'a str,
}

/// `kind: open` would be SARIF's word for undetermined, but it demands that `level` is `none`, and a host that gates on levels
/// would then pass what was not judged. So the outcome is a property.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    subject: String,
    #[serde(rename = "for", skip_serializing_if = "Vec::is_empty")]
    cells: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    missing: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    counts_from: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cites: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locations_left_out: Option<usize>,
}

impl<'a> Item<'a> {
    pub(super) fn new(at: usize, finding: &'a Finding, scene: &'a Scene<'_>) -> Self {
        let places = &scene.places;
        let line = places.sources.start(finding.primary.span).line;
        let related = finding.labels.iter().filter(|label| !places.is_elsewhere(label));
        let related = related.take(MOST_LOCATIONS - 1).enumerate();
        let suppressed = finding.suppressed.as_deref().into_iter();
        // what is accepted is said once, by `suppressions`, so the level is the one it would have
        let severity = finding.suppressed.as_ref().map_or(finding.severity, |suppressed| suppressed.was);
        Self {
            rule_id: &finding.rule,
            rule_index: scene.rules.index(&finding.rule),
            level: level(severity),
            message: Text { text: message::text(finding, places) },
            locations: [places.labelled(&finding.primary, None)],
            related_locations: related.map(|(at, label)| places.labelled(label, Some(at + 1))).collect(),
            partial_fingerprints: Fingerprints {
                primary_location_line_hash: scene.lines.get(&(finding.primary.span.file, line)).map(String::as_str),
                identity: scene.identities.get(at).map_or("", String::as_str),
            },
            fixes: safe_fixes(finding).map(|fix| places.fix(fix)).collect(),
            // all results of a run have the key or none
            suppressions: scene
                .with_suppressed
                .then(|| suppressed.map(|suppressed| Suppression::new(suppressed, places)).collect()),
            properties: Properties::new(finding),
        }
    }
}

impl<'a> Properties<'a> {
    fn new(finding: &'a Finding) -> Self {
        let subject = match &finding.subject {
            Subject::Entity(kind, id) => format!("{} {id}", kind.noun()),
            Subject::Service(id) => format!("service {id}"),
            Subject::File(path) => format!("file {path}"),
        };
        Self {
            outcome: finding.outcome.as_str(),
            service: finding.service.as_deref(),
            subject,
            cells: finding.cells.iter().map(|cell| cell.text.as_str()).collect(),
            missing: &finding.missing,
            counts_from: finding.counts_from.map(|day| day.to_string()),
            cites: finding.cites.iter().map(|cite| cite.text.as_str()).collect(),
            locations_left_out: finding.labels.len().checked_sub(MOST_LOCATIONS - 1).filter(|left| *left > 0),
        }
    }
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
    properties: Accepted<'a>,
}

#[derive(Serialize)]
struct Accepted<'a> {
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approver: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

impl<'a> Suppression<'a> {
    fn new(suppressed: &'a Suppressed, places: &Places<'_>) -> Self {
        let kind = match suppressed.by {
            SuppressedBy::Ignore => "inSource",
            SuppressedBy::Waiver | SuppressedBy::Baseline | SuppressedBy::Revision => "external",
        };
        let reason = suppressed.reason.as_deref().filter(|reason| !reason.is_empty());
        Self {
            kind,
            status: "accepted",
            justification: reason.map(|reason| escape::text(reason, escape::LONG).into_owned()),
            location: suppressed.place.map(|span| places.plain(span)),
            properties: Accepted {
                by: suppressed.by.as_str(),
                owner: suppressed.owner.as_deref(),
                approver: suppressed.approver.as_deref(),
                expires: suppressed.expires.map(|day| day.to_string()),
            },
        }
    }
}
