//! Fixes applied to any text, to a fixed point: nothing new is wrong in it, all comments stay, a second run changes nothing.

use std::collections::BTreeSet;

use purposelint::diagnostic::Safety;
use purposelint::evaluate::{Finding, Outcome};
use purposelint::fix::{self, Wanted};
use purposelint::lint::Report;
use purposelint::source::SourceMap;
use purposelint::syntax::{self, Limits};

use super::judge::{Case, check, texts};

/// Most fixes of one report that are tried by themselves.
const MOST_OFFERED: usize = 12;

/// Reads bytes as declarations of one workspace, as `findings` does.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let case = Case::new(&texts(text));
    let before = case.lint();
    offered(&case, &before);
    let wanted = Wanted { authoritative: true, is_in_focus: &|_| true, may_change: &|_| true };
    let fixed = fix::fix(&case.sources, &case.files, &case.setup(), before.clone(), &wanted);
    check(&fixed.report, &fixed.sources);

    let after: Vec<String> = case.files.iter().map(|file| text_of(&fixed.sources, *file)).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    for (file, after) in case.files.iter().zip(&after) {
        assert_eq!(comments(&text_of(&case.sources, *file)), comments(after), "{text}\nbecame\n{after}");
    }
    let known = identities(&before, |_| true);
    // what could not be told may be settled; a slip may hide what a law says, and another slip
    let is_form = |finding: &Finding| finding.fixes.iter().any(|fix| fix.safety == Safety::Safe);
    let is_settled = |finding: &Finding| finding.outcome == Outcome::Fail;
    let is_wrong = |finding: &Finding| finding.rule.starts_with("core/") && !is_form(finding);
    for identity in identities(&fixed.report, |finding| is_settled(finding) && is_wrong(finding)) {
        assert!(known.contains(&identity), "{identity:?} is new:\n{text}\nbecame\n{}", after.join("=====\n"));
    }
    assert!(fixed.texts.is_empty() || fixed.applied().count() > 0);
    if fixed.unfinished {
        return;
    }
    let mut again = Case::new(&after);
    again.library = case.library;
    let second = fix::fix(&again.sources, &again.files, &again.setup(), again.lint(), &wanted);
    assert!(second.texts.is_empty(), "a second run changes\n{}", after.join("=====\n"));
}

/// Whatever is offered can be applied, and leaves every comment and a text that can be read.
fn offered(case: &Case, report: &Report) {
    let fixes = report.found().flat_map(|finding| finding.fixes.iter().map(move |fix| (finding, fix)));
    for (finding, offered) in fixes.take(MOST_OFFERED) {
        for (file, edits) in fix::by_file(&offered.edits) {
            let text = text_of(&case.sources, file);
            let after = fix::apply(&text, edits).unwrap_or_else(|| panic!("cannot be applied: {offered:?}"));
            assert_eq!(comments(&text), comments(&after), "{offered:?}\n{text}\nbecame\n{after}");
            let lost = unread(&after).difference(&unread(&text)).count();
            assert_eq!(lost, 0, "cannot be read with {offered:?} of {}:\n{text}\nbecame\n{after}", finding.rule);
        }
    }
}

fn text_of(sources: &SourceMap, file: purposelint::source::FileId) -> String {
    sources.get(file).unwrap().text().to_string()
}

/// The comments of a text, in order.
fn comments(text: &str) -> Vec<String> {
    let mut sources = SourceMap::new();
    let file = sources.add("a.yaml", text);
    let (tree, _) = syntax::parse(&sources, file, &Limits::default());
    tree.comments().iter().map(|comment| sources.slice(comment.span).trim_end().to_owned()).collect()
}

/// The documents of a text that cannot be read, by their number.
fn unread(text: &str) -> BTreeSet<usize> {
    let mut sources = SourceMap::new();
    let file = sources.add("a.yaml", text);
    let (tree, _) = syntax::parse(&sources, file, &Limits::default());
    let broken = tree.documents().iter().enumerate().filter(|(_, document)| document.broken);
    broken.map(|(at, _)| at).collect()
}

/// What is said of what, without whom it concerns.
fn identities(report: &Report, counts: impl Fn(&Finding) -> bool) -> BTreeSet<String> {
    let open = |finding: &&Finding| finding.is_open() && counts(finding);
    let of = |finding: &Finding| format!("{} {:?} {:?}", finding.rule, finding.service, finding.subject);
    report.found().filter(open).map(of).collect()
}
