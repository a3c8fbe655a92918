//! Two revisions of declarations as workspaces, and what has changed between them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    reason = "in a test, what cannot be is a failing test; not every test needs all"
)]

use std::collections::BTreeMap;

use purposelint::change::{Change, Side, compare};
use purposelint::model::{Checks, Workspace, lower};
use purposelint::source::SourceMap;
use purposelint::space::{Atlas, Date};
use purposelint::syntax::{Limits, parse};
use purposelint::vocabulary::Vocabulary;

/// Texts as a workspace.
pub(crate) fn workspace(texts: &[&str], atlas: &Atlas) -> Workspace {
    let mut sources = SourceMap::new();
    let mut lowered = Vec::new();
    for text in texts {
        let file = sources.add("purposes.yaml", *text);
        let (tree, problems) = parse(&sources, file, &Limits::default());
        assert!(problems.is_empty(), "{problems:?}\n{text}");
        let root = tree.root(&tree.documents()[0]).unwrap();
        lowered.push(lower(root, atlas, Vocabulary::builtin()).0);
    }
    let day = Date::parse("2026-11-21").unwrap();
    Workspace::build(lowered, &Checks { atlas, date: day, until: day, complete: true }).0
}

/// What has changed from one text to the other, on the first of the days and on the later ones.
pub(crate) fn changes(before: &[&str], after: &[&str], atlas: &Atlas, days: &[&str]) -> Vec<Change> {
    let (before, after) = (workspace(before, atlas), workspace(after, atlas));
    let nothing = BTreeMap::new();
    let side = |workspace| Side { workspace, atlas, left_out: &nothing };
    let service = |workspace: &Workspace| workspace.services().first().map(|service| service.id.to_string());
    let id = service(&after).or(service(&before)).unwrap();
    let days: Vec<Date> = days.iter().map(|day| Date::parse(day).unwrap()).collect();
    compare(side(&before), side(&after), &id, &days)
}

/// A service with organisations, notices and settings, and one purpose that says this.
pub(crate) fn one(purpose: &str) -> String {
    format!(
        "version: 1\nservice: s\nregions: [FR, DE, US]\norganisations:\n  ads: {{name: Ads, role: processor}}\n  \
         lab: {{name: Lab, role: third_party}}\nnotices:\n  mail: {{title: Mail, channel: direct, published: 2026-01-01}}\n\
         settings:\n  switch: {{default: on, location: [Me, Data], opt_out: {{effect: stops_use}}}}\n\
         purposes:\n  p: {{use: train_ai_system, setting: switch, {purpose}}}\n"
    )
}
