//! Two revisions compared: with itself nothing has changed, and backwards it is the mirror image.

use std::collections::{BTreeMap, BTreeSet};

use purposelint::change::{Change, Direction};
use purposelint::diagnostic::Severity;
use purposelint::lint::{Base, Comparison, compare, lint};
use purposelint::report::{Format, Options, Run, changes::render};
use purposelint::source::SourceMap;

use super::judge::{Case, check, library, setup, sound, texts};
use purposelint::product::Products;

/// Reads bytes as two revisions, parted by a line `=====`.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parts = texts(text);
    let (before, after) = (parts[0], parts.get(1).copied().unwrap_or(parts[0]));
    let all = library(text);
    let there = step(before, after, all);
    let back = step(after, before, all);
    let is_read = there.comparison.unread.is_empty();
    assert_eq!(is_read, back.comparison.unread.is_empty(), "read one way only");
    if is_read {
        mirrored(&there.comparison, &back.comparison);
    }
    for side in [before, after] {
        with_itself(side, all);
    }
}

struct Step {
    sources: SourceMap,
    comparison: Comparison,
}

fn step(before: &str, after: &str, library: &'static purposelint::policy::Library) -> Step {
    let mut sources = SourceMap::new();
    let was = sources.add_of("HEAD~1", "purposes.yaml", before);
    let is = sources.add("purposes.yaml", after);
    let products = Products::new();
    let base = Base { files: &[was], atlas: &library.atlas, left_out: &BTreeMap::new() };
    let comparison = compare(&sources, base, &[is], &setup(library, &products));
    for change in &comparison.changes {
        for span in change.was.iter().chain(&change.is) {
            let text = sources.get(span.file).unwrap().text();
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{change:?}");
        }
        assert!(
            change.before != change.after
                || change.before.is_none()
                || change.direction == Direction::Unclear
                || !change.why.is_empty(),
            "{change:?}"
        );
        assert!(!change.whom.is_empty() && change.fingerprint.len() == 16, "{change:?}");
    }
    let distinct: BTreeSet<&str> = comparison.changes.iter().map(|change| change.fingerprint.as_str()).collect();
    assert_eq!(distinct.len(), comparison.changes.len(), "two changes with one fingerprint: {:?}", comparison.changes);
    let run = Run { library, exit_code: 1, idle: &[], may_be_idle: false };
    for format in [Format::Human, Format::Markdown, Format::Json, Format::Sarif] {
        let mut out = Vec::new();
        render(format, &comparison, &sources, &run, &Options::default(), &mut out).unwrap();
        sound(format, &out);
    }
    Step { sources, comparison }
}

/// The same declarations with a comment above them and other line breaks, so that they are not taken for equal by their letters.
fn with_itself(text: &str, library: &'static purposelint::policy::Library) {
    if text.starts_with('\u{feff}') {
        return;
    }
    let breaks = if text.contains('\r') { "\n" } else { "\r\n" };
    let commented = format!("# nothing\n{text}").replace('\n', breaks);
    let Step { comparison, sources } = step(text, &commented, library);
    let case = Case::new(&[text]);
    let report = lint(&case.sources, &case.files, &setup(library, &case.products));
    check(&report, &case.sources);
    let is_sound =
        report.found().all(|finding| !finding.rule.starts_with("core/") || finding.severity < Severity::Error);
    // where a value cannot be read on either side, nobody can tell
    let allowed = |change: &&Change| !is_sound && change.direction == Direction::Unclear;
    let news = comparison.changes.iter().find(|change| !allowed(change));
    assert!(news.is_none(), "{news:?}\n{}", &**sources.get(case.files[0]).unwrap().text());
}

type Told = (String, String, Option<String>, Option<String>, String);

/// What tells changes apart, but for the direction.
fn told(change: &Change, backwards: bool) -> Told {
    let names: BTreeSet<Option<String>> = match &change.about.entity {
        Some((_, id)) => [Some(id.clone()), change.about.was_called.clone().or(Some(id.clone()))].into(),
        None => BTreeSet::new(),
    };
    let about = format!("{} {:?} {names:?}", change.about.service, change.about.entity.as_ref().map(|(kind, _)| *kind));
    let mut cells: Vec<String> = change
        .cells
        .iter()
        .map(|cell| format!("{:?} {:?} {:?}", cell.territories, cell.ages, cell.plans.iter().collect::<BTreeSet<_>>()))
        .collect();
    cells.sort();
    let (a, b) = (change.before.clone(), change.after.clone());
    let (a, b) = if backwards { (b, a) } else { (a, b) };
    (about, change.path.clone(), a, b, format!("{} {:?}", cells.join(" "), change.from))
}

/// What is better one way is not better the other way as well.
fn mirrored(there: &Comparison, back: &Comparison) {
    let by = |list: &[Change], backwards: bool| -> BTreeMap<Told, Direction> {
        list.iter().map(|change| (told(change, backwards), change.direction)).collect()
    };
    let (there, back) = (by(&there.changes, false), by(&back.changes, true));
    let missing: Vec<&Told> = there.keys().filter(|key| !back.contains_key(*key)).collect();
    let more: Vec<&Told> = back.keys().filter(|key| !there.contains_key(*key)).collect();
    assert!(missing.is_empty() && more.is_empty(), "one way only: {missing:#?}\nthe other way only: {more:#?}");
    for (key, direction) in &there {
        let other = back[key];
        let both = *direction == Direction::Stronger && other == Direction::Stronger;
        assert!(!both, "better both ways: {key:?}");
    }
}
