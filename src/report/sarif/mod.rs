//! SARIF 2.1.0, as GitHub code scanning and Azure DevOps take it in.

mod line_hash;
mod message;
mod notes;
mod place;
mod result;
mod rules;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use self::notes::Invocation;
use self::place::Places;
use self::result::{Item, Scene};
use self::rules::{Descriptor, Rules};
use super::{Options, Run, escape, identity};
use crate::evaluate::Finding;
use crate::lint::Report;
use crate::order::Order;
use crate::source::SourceMap;

/// Most results of a run that GitHub takes; of a file with more it takes none.
const MOST_RESULTS: usize = 25_000;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What paths count from. GitHub takes every relative path to count from there.
const ROOT: &str = "%SRCROOT%";

pub(super) fn render(
    report: &Report,
    sources: &SourceMap,
    run: &Run<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown = kept(shown(report, options).collect(), MOST_RESULTS);
    let occurring: BTreeSet<&str> = shown.iter().map(|(_, finding)| finding.rule.as_str()).collect();
    let rules = Rules::gather(run.library, occurring, &report.applied);
    let places = Places { sources, prefix: &options.repository_prefix };
    let scene = Scene {
        places,
        rules: &rules,
        identities: identity::identities(report),
        lines: place::line_hashes(sources, shown.iter().map(|(_, finding)| finding.primary.span)),
        with_suppressed: options.show_suppressed,
    };
    let whole = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Whole {
            tool: Tool { driver: Driver::new(rules.descriptors(&shown)) },
            invocations: [Invocation::new(report, run, options, &places)],
            automation_details: Automation { id: category(&options.repository_prefix) },
            original_uri_base_ids: Bases::default(),
            column_kind: "unicodeCodePoints",
            results: Results { shown: &shown, scene: &scene },
            properties: Properties::new(report),
        }],
    };
    escape::write_json(&whole, out)
}

/// How many results are left out because a host takes no more.
pub(super) fn left_out(report: &Report, options: &Options) -> usize {
    shown(report, options).count().saturating_sub(MOST_RESULTS)
}

/// What is accepted stays out unless it is asked for, waivers as well: GitHub does not read `suppressions` and would show it as
/// open. With the place in the report.
fn shown<'r>(report: &'r Report, options: &Options) -> impl Iterator<Item = (usize, &'r Finding)> {
    let all = options.show_suppressed;
    report.found().enumerate().filter(move |(_, finding)| all || finding.is_open())
}

/// As many as a host takes, the most severe ones, in the order of the report.
fn kept(mut shown: Vec<(usize, &Finding)>, most: usize) -> Vec<(usize, &Finding)> {
    if shown.len() > most {
        shown.order_by_key(|(_, finding)| Reverse(finding.severity));
        shown.truncate(most);
        shown.order_by_key(|(at, _)| *at);
    }
    shown
}

/// Two uploads of one tool replace each other unless their categories differ, and a repository may hold many workspaces.
fn category(prefix: &str) -> String {
    let below = if prefix.is_empty() { "" } else { "/" };
    format!("purposelint{below}{prefix}/")
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Whole<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a> {
    tool: Tool<'a>,
    invocations: [Invocation<'a>; 1],
    automation_details: Automation,
    original_uri_base_ids: Bases,
    column_kind: &'static str,
    results: Results<'a>,
    properties: Properties,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    full_name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    short_description: Text<&'static str>,
    rules: Vec<Descriptor<'a>>,
}

impl<'a> Driver<'a> {
    fn new(rules: Vec<Descriptor<'a>>) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        Self {
            name: "purposelint",
            full_name: concat!("purposelint ", env!("CARGO_PKG_VERSION")),
            version,
            semantic_version: version,
            information_uri: "https://purposelint.dev",
            short_description: Text { text: concat!(env!("CARGO_PKG_DESCRIPTION"), ".") },
            rules,
        }
    }
}

#[derive(Serialize)]
struct Automation {
    id: String,
}

/// Says what the root is without saying where: a path of this machine would mean nothing elsewhere.
#[derive(Serialize)]
struct Bases {
    #[serde(rename = "%SRCROOT%")]
    root: Base,
}

#[derive(Serialize)]
struct Base {
    description: Text<&'static str>,
}

impl Default for Bases {
    fn default() -> Self {
        Self { root: Base { description: Text { text: "The root of the repository." } } }
    }
}

#[derive(Serialize)]
struct Text<T> {
    text: T,
}

/// What was looked at.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    as_of: String,
    files: usize,
    services: usize,
    purposes: usize,
    rules: usize,
    undetermined: usize,
}

impl Properties {
    fn new(report: &Report) -> Self {
        let checked = &report.checked;
        Self {
            as_of: report.as_of.to_string(),
            files: checked.files,
            services: checked.services,
            purposes: checked.purposes,
            rules: checked.rules,
            undetermined: checked.undetermined,
        }
    }
}

/// Results are made one by one while they are written.
struct Results<'a> {
    shown: &'a [(usize, &'a Finding)],
    scene: &'a Scene<'a>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.shown.len()))?;
        for (at, finding) in self.shown {
            items.serialize_element(&Item::new(*at, finding, self.scene))?;
        }
        items.end()
    }
}
