//! The data of the law packs beside their conditions: tables and citations.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod law;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use law::{TODAY, day, law_packs, library};
use purposelint::diagnostic::Severity;
use purposelint::policy::{Cite, CiteKind, Confidence, Pack, Rule};
use purposelint::space::{Date, Interval, TerritorySet};
use serde_yaml::Value;

/// For each table, the places of which every one has a value today.
const COMPLETE: &[(&str, &[&str])] = &[
    ("adequate_br", &["WORLD"]),
    ("adequate_ch", &["WORLD"]),
    ("adequate_eu", &["WORLD"]),
    ("adequate_jp", &["WORLD"]),
    ("adequate_kr", &["WORLD"]),
    ("adequate_uk", &["WORLD"]),
    ("age_of_digital_consent", &["EEA", "GB"]),
    ("lawful_bases", &["EEA", "GB", "CH", "BR", "CA-ON", "CN", "KR"]),
    ("precise_location_sensitive", &["US"]),
    ("sensitive_opt_in", &["US"]),
    ("teen_ads_age", &["US-CO", "US-DE", "US-MN", "US-MT", "US-NH", "US-NJ"]),
    ("universal_signal", &["US"]),
];

fn files_of_tables() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/tables");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    files.map(read).collect()
}

fn regions(names: &[impl AsRef<str>], date: Date) -> TerritorySet {
    let set = |name: &str| library().atlas.lookup(name, date).unwrap_or_else(|_| panic!("{name} is no place"));
    names.iter().fold(TerritorySet::EMPTY, |all, name| all.or(set(name.as_ref())))
}

fn codes(places: TerritorySet) -> String {
    places.iter().map(|leaf| library().atlas.code(leaf)).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_table_has_a_value_for_all_places_it_is_for() {
    let named: Vec<&str> = COMPLETE.iter().map(|(name, _)| *name).collect();
    assert_eq!(library().tables.keys().collect::<Vec<_>>(), named, "each table says here for whom it is complete");
    for (name, groups) in COMPLETE {
        let table = &library().tables[*name];
        let today = day(TODAY);
        for on in table.changes(&library().atlas).into_iter().filter(|on| *on > today).chain([today]) {
            let has = |leaf| table.get(&library().atlas, TerritorySet::of(leaf), on).is_some();
            let missing = regions(groups, on).iter().filter(|leaf| !has(*leaf));
            let missing = missing.fold(TerritorySet::EMPTY, |all, leaf| all.or(TerritorySet::of(leaf)));
            assert!(missing.is_empty(), "{name} has nothing for {} on {on}", codes(missing));
        }
    }
}

/// One entry of a table as it was written.
struct Entry {
    regions: Vec<String>,
    days: Interval,
    /// Whether it says where the value comes from.
    sourced: bool,
}

fn entries(table: &Value) -> Vec<Entry> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let day_of = |entry: &Value, key: &str| entry.get(key).map(|value| day(value.as_str().unwrap()));
    let entry = |entry: &Value| Entry {
        regions: entry["regions"].as_sequence().unwrap().iter().map(text).collect(),
        days: Interval { from: day_of(entry, "from"), until: day_of(entry, "until") },
        sourced: entry.get("source").is_some_and(|source| !text(source).trim().is_empty()),
    };
    table["values"].as_sequence().unwrap().iter().map(entry).collect()
}

/// Whether two intervals have a day in common.
fn overlap(a: Interval, b: Interval) -> bool {
    let begins =
        |from: Option<Date>, other: Interval| from.is_none_or(|day| other.until.is_none_or(|until| day < until));
    begins(a.from, b) && begins(b.from, a)
}

#[test]
fn entries_of_a_table_have_sources_and_do_not_overlap() {
    for (name, table) in files_of_tables() {
        assert!(table["source"].as_str().is_some_and(|source| !source.is_empty()), "{name} has no source");
        let entries = entries(&table);
        for (at, entry) in entries.iter().enumerate() {
            let what = format!("{name}, entry {} for {}", at + 1, entry.regions.join(" "));
            assert!(entry.sourced, "{what} has no source");
            assert!(!entry.days.is_empty(), "{what} holds on no day");
            for other in &entries[..at] {
                // of two places that hold a third, the smaller one counts, so only equals are a doubt
                let equals = |a: TerritorySet, b: TerritorySet| a.len() == b.len() && !a.and(b).is_empty();
                let sets =
                    |entry: &Entry| entry.regions.iter().map(|name| regions(&[name], day(TODAY))).collect::<Vec<_>>();
                let (own, theirs) = (sets(entry), sets(other));
                let doubt = own.iter().any(|a| theirs.iter().any(|b| equals(*a, *b)));
                assert!(!(doubt && overlap(entry.days, other.days)), "{what} has two values on some day");
            }
        }
    }
}

#[test]
fn the_test_of_entries_sees_days_in_common() {
    let days = |from, until: Option<&str>| Interval { from: Some(day(from)), until: until.map(day) };
    let first = days("2020-01-01", Some("2024-01-01"));
    assert!(!overlap(first, days("2024-01-01", None)));
    assert!(overlap(first, days("2023-12-31", None)));
    assert!(overlap(first, Interval::default()));
}

/// Every citation of every law pack.
fn citations() -> impl Iterator<Item = (&'static Pack, &'static Rule, &'static Cite)> {
    law_packs()
        .flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)))
        .flat_map(|(pack, rule)| rule.cites.iter().map(move |cite| (pack, rule, cite)))
}

fn check(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn citations_stay_inside_their_packs_and_say_since_when() {
    assert!(citations().count() > 200);
    let mut wrong = Vec::new();
    for (pack, rule, cite) in citations() {
        let mut say = |what: &str| wrong.push(format!("{}, {}: {what}", rule.id, cite.text));
        for date in [Some(day(TODAY)), cite.in_force.from].into_iter().flatten() {
            if !regions(&cite.regions, date).is_within(regions(&pack.territories, date)) {
                say("holds outside the territories of its pack");
            }
        }
        if cite.regions.is_empty() {
            say("names no regions");
        }
        if cite.in_force.from.is_none() && !cite.proposed {
            say("has no day from which it counts");
        }
        if cite.in_force.is_empty() {
            say("ends before it begins");
        }
        if cite.url.as_ref().is_some_and(|url| !url.starts_with("https://")) {
            say("has an address that is not https");
        }
        if cite.checked.as_ref().is_some_and(|checked| Date::parse(checked).is_none_or(|on| on > day(TODAY))) {
            say("was checked on no day, or on one to come");
        }
        if cite.kind == CiteKind::Law && cite.confidence == Confidence::High && cite.checked.is_none() {
            say("is sure, and nobody says when it was read");
        }
    }
    check(wrong);
}

/// The worst that a rule can say.
fn worst(rule: &Rule) -> Severity {
    rule.severity.iter().map(|case| case.is).max().unwrap()
}

/// The places in which a rule speaks, today or as soon as it counts, and no citation was read and is sure.
fn by_recall(rule: &Rule) -> TerritorySet {
    let today = day(TODAY);
    let mut out = TerritorySet::EMPTY;
    for cite in rule.cites.iter().filter(|cite| cite.in_force.until.is_none_or(|until| until > today)) {
        let on = cite.in_force.from.map_or(today, |from| from.max(today));
        let read = |cite: &&Cite| {
            let sure = cite.checked.is_some() && cite.confidence == Confidence::High && !cite.proposed;
            sure && cite.in_force.contains(on)
        };
        let sure = rule.cites.iter().filter(read).map(|cite| regions(&cite.regions, on));
        out = out.or(regions(&cite.regions, on).minus(sure.fold(TerritorySet::EMPTY, TerritorySet::or)));
    }
    out
}

#[test]
fn what_is_an_error_was_read_and_what_is_proposed_is_for_information() {
    let mut unsure = Vec::new();
    for rule in law_packs().flat_map(|pack| &pack.rules) {
        if worst(rule) == Severity::Error {
            unsure.extend(by_recall(rule).iter().map(|place| (rule.id.as_str(), library().atlas.code(place))));
        }
        let proposed = rule.cites.iter().all(|cite| cite.proposed);
        assert!(!proposed || worst(rule) == Severity::Info, "{} is a proposal, and more than information", rule.id);
    }
    assert!(unsure.is_empty(), "an error rests on what was read, in every place: {unsure:?}");
}

/// The rules that hold anywhere decorate their findings with laws; what they call an error has one that was read behind it.
#[test]
fn errors_of_no_law_rest_on_one_that_was_read() {
    let fair = library().rules().filter(|rule| rule.pack() == "fair-defaults" && worst(rule) == Severity::Error);
    let read = |cite: &Cite| cite.checked.is_some() && cite.confidence == Confidence::High;
    let unsure: Vec<&str> = fair.filter(|rule| !rule.cites.iter().any(read)).map(|rule| rule.id.as_str()).collect();
    assert!(unsure.is_empty(), "{unsure:?}");
}
