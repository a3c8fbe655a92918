//! Findings made by hand, for tests of reports.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;

use purposelint::diagnostic::{Label, Severity};
use purposelint::evaluate::{Cell, Finding, Outcome, Subject, fingerprint};
use purposelint::lint::{Checked, Report};
use purposelint::model::EntityKind;
use purposelint::policy::{Cite, CiteKind, Cites, Confidence, Depth, Library, PolicyFiles};
use purposelint::report::{Format, Options, Run, render};
use purposelint::source::{SourceMap, Span};
use purposelint::space::{AgeSet, Atlas, Block, Date, Interval, PlanSet, TerritorySet};

/// Files in which places are found by their text.
pub(crate) struct Files {
    pub(crate) map: SourceMap,
}

impl Files {
    pub(crate) fn one(text: &str) -> Self {
        let mut files = Self { map: SourceMap::new() };
        files.add("purposes.yaml", text);
        files
    }

    pub(crate) fn add(&mut self, path: &str, text: &str) {
        self.map.add(path, text);
    }

    /// A label at the first whole word, or else the last occurrence, of `needle` in any file.
    pub(crate) fn label(&self, needle: &str, text: &str) -> Label {
        for (file, source) in self.map.iter() {
            let all = source.text();
            let whole = all.match_indices(needle).find(|(at, _)| {
                let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                let (before, after) = all.split_at(*at);
                !word(before.chars().last()) && !word(after[needle.len()..].chars().next())
            });
            if let Some((at, _)) = whole.or_else(|| all.rmatch_indices(needle).next()) {
                return label(Span::new(file, at, at + needle.len()), text);
            }
        }
        panic!("{needle:?} stands in no file")
    }
}

pub(crate) fn label(span: Span, text: &str) -> Label {
    Label::new(span, text)
}

pub(crate) fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

pub(crate) fn fail(rule: &str, severity: Severity, primary: Label) -> Finding {
    let subject = Subject::Entity(EntityKind::Purpose, "model_training".into());
    Finding {
        rule: rule.into(),
        title: "a title".into(),
        severity,
        outcome: Outcome::Fail,
        service: Some("notes_app".into()),
        fingerprint: fingerprint(rule, Some("notes_app"), &subject),
        subject,
        declared: None,
        cells: [cell("WORLD")].into(),
        primary,
        deciding: Box::default(),
        labels: Vec::new(),
        message: "something is the matter".into(),
        help: None,
        cites: Cites::default(),
        missing: Vec::new(),
        unusable: false,
        counts_from: None,
        suppressed: None,
        news: None,
        fixes: Vec::new(),
    }
}

pub(crate) fn undetermined(rule: &str, missing: &[&str], primary: Label) -> Finding {
    let mut finding = fail(rule, Severity::Warning, primary);
    finding.outcome = Outcome::Undetermined;
    finding.missing = missing.iter().map(ToString::to_string).collect();
    finding
}

pub(crate) fn cell(text: &str) -> Cell {
    Cell {
        block: Block { territories: TerritorySet::EMPTY, ages: AgeSet::ALL, plans: PlanSet::first(1) },
        regions: text.into(),
        territories: vec!["NO".into()].into(),
        ages: AgeSet::ALL.iter().collect(),
        plans: Vec::new(),
        text: text.into(),
    }
}

pub(crate) fn cite(text: &str, regions: &[&str], from: Option<&str>) -> Cite {
    Cite {
        text: text.into(),
        regions: regions.iter().map(ToString::to_string).collect(),
        kind: CiteKind::Law,
        confidence: Confidence::High,
        in_force: Interval { from: from.map(day), until: None },
        proposed: false,
        url: None,
        checked: None,
        note: None,
    }
}

pub(crate) fn report(findings: Vec<Finding>) -> Report {
    let undetermined = findings.iter().filter(|finding| finding.outcome == Outcome::Undetermined).count();
    let checked =
        Checked { files: 1, documents: 1, services: 1, purposes: 3, rules: 12, undetermined, ..Checked::default() };
    let (refused, applied) = (Vec::new(), Default::default());
    let findings = findings.into_iter().map(Arc::new).collect();
    Report { as_of: day("2026-11-21"), findings, checked, refused, applied, seemed_otherwise: false, compared: None }
}

pub(crate) fn render_to(format: Format, report: &Report, map: &SourceMap, options: &Options) -> String {
    render_with(format, report, map, &no_packs(), options)
}

/// No rule at all: what is said of rules then comes from their findings.
pub(crate) fn no_packs() -> Library {
    packs(&[])
}

/// Packs that come with the program.
pub(crate) fn packs(names: &[&str]) -> Library {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    Library::load(&PolicyFiles::builtin(), &names, Atlas::builtin().clone(), Depth::Run).0
}

pub(crate) fn render_with(
    format: Format,
    report: &Report,
    map: &SourceMap,
    library: &Library,
    options: &Options,
) -> String {
    let mut out = Vec::new();
    render(format, report, map, &Run { library, exit_code: 1, idle: &[], may_be_idle: false }, options, &mut out)
        .unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn written(format: Format, map: &SourceMap, findings: Vec<Finding>, options: &Options) -> String {
    render_to(format, &report(findings), map, options)
}
