//! Random declarations: a fix removes its finding, adds none, keeps every comment, and changes nothing on a second run.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "in a test, what cannot be is a failing test")]

mod law;

use std::fmt::Write;
use std::sync::Arc;

use proptest::prelude::*;
use purposelint::evaluate::{Finding, Outcome};
use purposelint::fix::{self, Wanted};
use purposelint::lint::{Report, Setup, lint};
use purposelint::product::Products;
use purposelint::source::{FileId, SourceMap, Text};
use purposelint::space::Date;

/// One way of writing a file.
#[derive(Debug, Clone, Copy)]
struct Style {
    crlf: bool,
    mark: bool,
    flow: bool,
    /// Whether lists start at the column of their key.
    tight: bool,
    comments: bool,
}

#[derive(Debug, Clone)]
struct Over {
    regions: Vec<&'static str>,
    ages: Option<&'static str>,
    value: &'static str,
}

#[derive(Debug, Clone)]
struct Purpose {
    key: &'static str,
    default: &'static str,
    overrides: Vec<Over>,
    day: &'static str,
    reads: bool,
}

fn style() -> impl Strategy<Value = Style> {
    (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(crlf, mark, flow, tight, comments)| Style { crlf, mark, flow, tight, comments })
}

fn purpose() -> impl Strategy<Value = Purpose> {
    let value = || prop::sample::select(vec!["on", "\"on\"", "'on'", "off", "ask", "true"]);
    let region = prop::sample::select(vec!["EU", "EEA", "GB", "UK", "EL", "US", "usa", "CH", "FR", "CA-QC", "\"NO\""]);
    let over =
        (prop::collection::vec(region, 1..3), prop::option::of(prop::sample::select(vec!["16+", "under-13"])), value())
            .prop_map(|(regions, ages, value)| Over { regions, ages, value });
    (
        prop::sample::select(vec!["default", "default", "default", "defualt"]),
        value(),
        prop::collection::vec(over, 0..3),
        prop::sample::select(vec!["2024-09-18", "2024-9-18", "2024/9/18"]),
        any::<bool>(),
    )
        .prop_map(|(key, default, overrides, day, reads)| Purpose { key, default, overrides, day, reads })
}

/// The declaration, written in a style.
fn written(purposes: &[Purpose], style: Style) -> String {
    let mut text = String::from("# über alles 😀\nversion: 1\nservice: a\nsettings:\n");
    let mut count = 0;
    let mut remark = || {
        count += 1;
        if style.comments { format!("   # remark {count}") } else { String::new() }
    };
    for (at, purpose) in purposes.iter().enumerate() {
        let Purpose { key, default, overrides, day, reads } = purpose;
        if style.flow {
            let items: Vec<String> = overrides.iter().map(item).collect();
            let overrides =
                if items.is_empty() { String::new() } else { format!(", overrides: [{}]", items.join(", ")) };
            let reads = if *reads { format!(", reads: {{file: p.json, pointer: /{at}}}") } else { String::new() };
            writeln!(text, "  s{at}: {{{key}: {default}, first_offered: {day}{reads}{overrides}}}{}", remark())
                .unwrap();
            continue;
        }
        writeln!(text, "  s{at}:{}\n    first_offered: {day}{}", remark(), remark()).unwrap();
        if *reads {
            writeln!(text, "    reads: {{file: p.json, pointer: /{at}}}").unwrap();
        }
        if !overrides.is_empty() {
            writeln!(text, "    overrides:{}", remark()).unwrap();
            let indent = if style.tight { "    " } else { "      " };
            for over in overrides {
                writeln!(text, "{indent}- {}{}", item(over), remark()).unwrap();
            }
        }
        writeln!(text, "    {key}: {default}{}", remark()).unwrap();
    }
    text.push_str("purposes:\n");
    for at in 0..purposes.len() {
        writeln!(text, "  p{at}: {{use: train_ai_system, setting: s{at}}}{}", remark()).unwrap();
    }
    let text = if style.crlf { text.replace('\n', "\r\n") } else { text };
    if style.mark { format!("\u{feff}{text}") } else { text }
}

fn item(over: &Over) -> String {
    let ages = over.ages.map(|ages| format!(", ages: {ages}")).unwrap_or_default();
    format!("{{regions: [{}]{ages}, default: {}}}", over.regions.join(", "), over.value)
}

struct Case {
    sources: SourceMap,
    file: FileId,
    products: Products,
}

impl Case {
    fn new(text: &str, product: &str) -> Self {
        let mut sources = SourceMap::new();
        let file = sources.add("purposes.yaml", text);
        let products = [("p.json".to_owned(), Ok(sources.add("p.json", product)))].into();
        Self { sources, file, products }
    }

    fn setup(&self) -> Setup<'_> {
        let library = law::library();
        let today = Date::parse(law::TODAY).unwrap();
        let mut settings = law::only(law::rule("fair-defaults/ai-training-on-by-default"));
        settings.switch_on(law::rule("fair-defaults/region-carve-out-gap"));
        Setup { settings: settings.into(), products: &self.products, ..Setup::of(library, today) }
    }

    fn lint(&self) -> Report {
        lint(&self.sources, &[self.file], &self.setup())
    }

    fn text(&self) -> Arc<Text> {
        self.sources.get(self.file).unwrap().text()
    }
}

/// The comments of a text, in order.
fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.find('#').and_then(|at| line.get(at..))).collect()
}

/// What is said of what, without whom it concerns.
fn identities(report: &Report) -> Vec<(String, String, bool)> {
    let of = |finding: &Finding| {
        (finding.rule.clone(), format!("{:?}", finding.subject), finding.outcome == Outcome::Undetermined)
    };
    report.found().map(of).collect()
}

/// Whether something is said less often than before: the same mistake may stand twice, and only one of them be mended.
fn is_less_of_something<T: PartialEq>(before: &[T], after: &[T]) -> bool {
    let times = |all: &[T], one: &T| all.iter().filter(|other| *other == one).count();
    before.iter().any(|old| times(after, old) < times(before, old))
}

/// To mend the second as well would leave two overrides for the same people.
#[test]
fn one_of_two_equal_mistakes_is_mended() {
    let text = "version: 1\nservice: a\nsettings:\n  s:\n    overrides:\n      - {regions: [UK], default: on}\n      \
        - {regions: [UK], default: on}\npurposes:\n  p: {use: train_ai_system, setting: s}\n";
    let case = Case::new(text, "[]");
    let wanted = Wanted { authoritative: true, is_in_focus: &|_| true, may_change: &|_| true };
    let before = identities(&case.lint());
    let fixed = fix::fix(&case.sources, &[case.file], &case.setup(), case.lint(), &wanted);
    let after = fixed.sources.get(case.file).unwrap().text().to_string();
    assert_eq!(after, text.replacen("UK", "GB", 1));
    assert!(is_less_of_something(&before, &identities(&fixed.report)));
    assert!(!is_less_of_something(&before, &before));
}

fn line_breaks(text: &str) -> (usize, usize) {
    (text.matches("\r\n").count(), text.matches('\n').count())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fixes_make_it_better_and_nothing_else(
        purposes in prop::collection::vec(purpose(), 1..4),
        style in style(),
        values in prop::collection::vec(any::<bool>(), 4),
    ) {
        let product = format!("{values:?}");
        let text = written(&purposes, style);
        let case = Case::new(&text, &product);
        let before = case.lint();
        let wanted = Wanted { authoritative: true, is_in_focus: &|_| true, may_change: &|_| true };
        let fixed = fix::fix(&case.sources, &[case.file], &case.setup(), case.lint(), &wanted);
        let after = fixed.sources.get(case.file).unwrap().text().to_string();

        prop_assert_eq!(comments(&text), comments(&after));
        let (crlf, all) = line_breaks(&after);
        prop_assert!(crlf == if style.crlf { all } else { 0 }, "{}", after);
        prop_assert_eq!(after.starts_with('\u{feff}'), style.mark);
        let known = identities(&before);
        for (rule, subject, open) in identities(&fixed.report) {
            // what could not be told may be settled
            let was = known.iter().any(|old| old.0 == rule && old.1 == subject && (old.2 || !open));
            prop_assert!(was, "{rule} is new for {subject}:\n{}\n{}", text, after);
        }
        if fixed.applied().count() > 0 {
            // what could not be told before may be flagged now, so the number of all says little
            prop_assert!(is_less_of_something(&known, &identities(&fixed.report)), "{}\n{}", text, after);
        }
        let again = Case::new(&after, &product);
        let second = fix::fix(&again.sources, &[again.file], &again.setup(), again.lint(), &wanted);
        prop_assert!(second.texts.is_empty(), "{}", after);
    }

    #[test]
    fn whatever_is_offered_can_be_applied(
        purposes in prop::collection::vec(purpose(), 1..3),
        style in style(),
    ) {
        let text = written(&purposes, style);
        let case = Case::new(&text, "[]");
        let report = case.lint();
        for finding in &report.findings {
            for offered in &finding.fixes {
                let after = fix::apply(&case.text(), &offered.edits);
                prop_assert!(after.is_some(), "{:?}", offered);
                let after = after.unwrap();
                prop_assert_eq!(comments(&text), comments(&after));
                let left = Case::new(&after, "[]").lint();
                // a code put right may show that two overrides say different things of one place
                let of_a_rule = !finding.rule.starts_with("core/");
                let had_ties = report.found().any(|old| old.rule == "core/ambiguous-override");
                let broken = left.findings.iter().find(|left| {
                    left.rule == "core/syntax-error"
                        || (of_a_rule && !had_ties && left.rule == "core/ambiguous-override")
                });
                prop_assert!(broken.is_none(), "{:?}\n{}", broken, after);
                let same = |other: &&Finding| {
                    other.rule == finding.rule && other.outcome == finding.outcome && other.subject == finding.subject
                };
                let times = |report: &Report| report.found().filter(same).count();
                prop_assert!(times(&left) < times(&report), "{} {}\n{}\n{}", finding.rule, offered.title, text, after);
            }
        }
    }
}
