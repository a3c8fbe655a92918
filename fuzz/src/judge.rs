//! Declarations judged as a run would, and what holds for every report.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use purposelint::diagnostic::Label;
use purposelint::evaluate::{Finding, Period};
use purposelint::fix;
use purposelint::lint::{Report, Setup, lint};
use purposelint::policy::{Depth, Library, PolicyFiles};
use purposelint::product::Products;
use purposelint::report::{Format, Options, Run, render};
use purposelint::source::{FileId, SourceMap, Span};
use purposelint::space::{Atlas, Date};
use serde_json::Value;

/// A comment in a text that asks for the rules of all packs.
const ALL_PACKS: &str = "# all packs";

/// The parts of an input that stands for several texts.
const NEXT: &str = "=====\n";

/// The packs that a text asks for, read once.
pub(crate) fn library(text: &str) -> &'static Library {
    static FEW: OnceLock<Library> = OnceLock::new();
    static ALL: OnceLock<Library> = OnceLock::new();
    let load = |names: &[String]| {
        let (library, wrong) = Library::load(&PolicyFiles::builtin(), names, Atlas::builtin().clone(), Depth::Run);
        assert!(wrong.is_empty(), "{wrong:?}");
        library
    };
    match text.contains(ALL_PACKS) {
        true => ALL.get_or_init(|| load(&PolicyFiles::builtin().packs())),
        false => FEW.get_or_init(|| load(&["core", "fair-defaults"].map(str::to_owned))),
    }
}

/// The texts of an input.
pub(crate) fn texts(text: &str) -> Vec<&str> {
    text.split(NEXT).collect()
}

pub(crate) fn today() -> Date {
    Date::parse("2026-11-22").unwrap()
}

/// All rules of a library, on the same day in every run.
pub(crate) fn setup<'a>(library: &'a Library, products: &'a Products) -> Setup<'a> {
    let today = today();
    Setup {
        period: Period { today, horizon: today.plus(180), full_severity: false },
        products,
        ..Setup::of(library, today)
    }
}

/// Texts as a workspace, with a product file beside them.
pub(crate) struct Case {
    pub(crate) sources: SourceMap,
    pub(crate) files: Vec<FileId>,
    pub(crate) products: Products,
    pub(crate) library: &'static Library,
}

impl Case {
    pub(crate) fn new(texts: &[&str]) -> Self {
        let mut sources = SourceMap::new();
        let name = |at: usize| if at == 0 { "purposes.yaml".to_owned() } else { format!("p{at}/purposes.yaml") };
        let files = texts.iter().enumerate().map(|(at, text)| sources.add(name(at), *text)).collect();
        let product =
            sources.add("p.json", "{\"on\": true, \"off\": false, \"ask\": \"ask\", \"deep\": {\"on\": [true]}}");
        let products = [("p.json".to_owned(), Ok(product))].into();
        let library = library(texts.first().unwrap_or(&""));
        Self { sources, files, products, library }
    }

    pub(crate) fn setup(&self) -> Setup<'_> {
        setup(self.library, &self.products)
    }

    pub(crate) fn lint(&self) -> Report {
        lint(&self.sources, &self.files, &self.setup())
    }
}

/// What holds for every report.
pub(crate) fn check(report: &Report, sources: &SourceMap) {
    for finding in &report.findings {
        places(finding).for_each(|span| fits(sources, span, finding));
        let message = &finding.message;
        assert!(!message.is_empty() && !message.contains(['\n', '\r']), "{finding:?}");
        assert!(!finding.title.is_empty() && finding.fingerprint.len() == 16, "{finding:?}");
        assert!(!finding.rule.is_empty() && finding.rule.contains('/'), "{finding:?}");
        for (at, cell) in finding.cells.iter().enumerate() {
            assert!(!cell.territories.is_empty() && !cell.ages.is_empty() && !cell.text.is_empty(), "{finding:?}");
            let meets = |other: &&purposelint::evaluate::Cell| !other.block.and(cell.block).is_empty();
            assert!(finding.cells[..at].iter().find(meets).is_none(), "cells that are not disjoint: {finding:?}");
        }
        for offered in &finding.fixes {
            for (file, edits) in fix::by_file(&offered.edits) {
                let text = sources.get(file).unwrap().text();
                assert!(fix::apply(&text, edits).is_some(), "cannot be applied: {offered:?}");
            }
        }
    }
    assert!(report.findings.is_sorted_by_key(|finding| finding.primary.span), "findings in order");
    let silent = report.findings.is_empty() && report.checked.skipped.is_empty() && report.refused.is_empty();
    let judged = report.checked.purposes > 0 || report.checked.documents > 0;
    assert!(!silent || judged, "nothing was judged, and nothing is said");
}

/// All places that a finding names.
fn places(finding: &Finding) -> impl Iterator<Item = Span> {
    let labels = std::iter::once(&finding.primary).chain(&finding.labels).map(|label: &Label| label.span);
    let edits = finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
    let suppressed = finding.suppressed.iter().filter_map(|suppressed| suppressed.place);
    labels.chain(edits).chain(suppressed).chain(finding.declared)
}

fn fits(sources: &SourceMap, span: Span, what: &dyn std::fmt::Debug) {
    let text = sources.get(span.file).unwrap_or_else(|| panic!("no such file: {what:?}")).text();
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} is no place: {what:?}");
}

/// Writes a report in the formats that most people see, and in one more.
pub(crate) fn write(report: &Report, sources: &SourceMap, library: &Library) {
    let more = Format::ALL[report.findings.len() % Format::ALL.len()];
    let formats: BTreeSet<Format> = [Format::Human, Format::Json, Format::Sarif, more].into();
    let run = Run { library, exit_code: 1, idle: &[], may_be_idle: false };
    let options = Options { verbose: true, show_suppressed: true, ..Options::default() };
    for format in formats {
        let mut out = Vec::new();
        render(format, report, sources, &run, &options, &mut out).unwrap();
        sound(format, &out);
    }
}

/// A report is UTF-8 without control characters, and JSON where it says so.
pub(crate) fn sound(format: Format, out: &[u8]) {
    let text = std::str::from_utf8(out).unwrap();
    let bad = |c: char| c.is_control() && c != '\n';
    assert!(!text.contains(bad), "{format}: a control character in {text:?}");
    if matches!(format, Format::Json | Format::Sarif | Format::Gitlab | Format::Rdjson) {
        let read: Result<Value, _> = serde_json::from_str(text);
        assert!(read.is_ok(), "{format}: {read:?} in {text}");
    }
}
