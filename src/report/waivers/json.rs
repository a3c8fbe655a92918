//! Waivers for machines.

use std::io::{self, Write};

use serde::Serialize;

use super::{Entry, Standing, Waivers};
use crate::config::RuleGlob;
use crate::report::escape;
use crate::source::SourceMap;
use crate::space::Date;
use crate::syntax::Located;

#[derive(Serialize)]
struct Whole<'a> {
    version: u8,
    as_of: String,
    complete: bool,
    waivers: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    rule: Option<&'a str>,
    change: Option<&'a str>,
    services: Vec<&'a str>,
    purposes: Vec<&'a str>,
    regions: Vec<&'a str>,
    owner: Option<&'a str>,
    approver: Option<&'a str>,
    reason: Option<&'a str>,
    /// The day from which it no longer holds.
    expires: Option<String>,
    days_left: Option<i64>,
    standing: &'static str,
    /// The last day it may name, where it names a later one.
    at_most: Option<String>,
    accepts: usize,
    locked: &'a [String],
    file: &'a str,
    line: usize,
}

pub(super) fn render(waivers: &Waivers<'_>, sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    let waivers = Whole {
        version: 1,
        as_of: waivers.as_of.to_string(),
        complete: waivers.complete,
        waivers: waivers.entries.iter().map(|entry| item(entry, waivers.as_of, sources)).collect(),
    };
    escape::write_json(&waivers, out)
}

fn item<'a>(entry: &'a Entry<'_>, today: Date, sources: &'a SourceMap) -> Item<'a> {
    let waiver = entry.waiver;
    Item {
        rule: waiver.rule.as_ref().map(|rule| rule.text.value.as_str()),
        change: text(&waiver.change),
        services: globs(&waiver.services),
        purposes: globs(&waiver.purposes),
        regions: waiver.regions.iter().map(|region| region.value.as_str()).collect(),
        owner: text(&waiver.owner),
        approver: text(&waiver.approver),
        reason: text(&waiver.reason),
        expires: waiver.expires.as_ref().map(|day| day.value.to_string()),
        days_left: waiver.expires.as_ref().map(|day| today.days_until(day.value)),
        standing: entry.standing.as_str(),
        at_most: match entry.standing {
            Standing::TooLong(last) => Some(last.to_string()),
            _ => None,
        },
        accepts: entry.accepts,
        locked: &entry.locked,
        file: sources.path(waiver.span.file),
        line: sources.start(waiver.span).line,
    }
}

fn text(text: &Option<Located<String>>) -> Option<&str> {
    text.as_ref().map(|text| text.value.as_str())
}

fn globs(globs: &[RuleGlob]) -> Vec<&str> {
    globs.iter().map(|glob| glob.text.value.as_str()).collect()
}
