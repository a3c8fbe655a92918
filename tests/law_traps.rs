//! What is easily taken for wrong, and is not: twelve traps, each with examples that stand in the files of the rules that would
//! fall into it. All rules of all packs judge them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod law;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use law::{TODAY, all_rules, day, judge_example, library, rule};
use purposelint::diagnostic::Severity;
use purposelint::evaluate::{Finding, Outcome};
use purposelint::examples::default_date;
use purposelint::policy::{Example, Expectation, Rule};
use purposelint::space::{Date, TerritorySet};

/// An easy mistake, and what shows that it is not made.
struct Trap {
    number: usize,
    /// What is fine.
    fine: &'static str,
    /// Rules that would fall into it, each with the title of an example on which it is silent.
    examples: &'static [(&'static str, &'static str)],
    /// Rules, or the beginnings of their ids, of which none may call these examples an error. Empty means all rules.
    silent: &'static [&'static str],
    /// Where they may not.
    regions: &'static str,
}

const TRAPS: &[Trap] = &[
    Trap {
        number: 1,
        fine: "legitimate interests with an assessment, a notice ahead and an opt-out that works",
        examples: &[(
            "eu-gdpr/default-not-minimal",
            "an opt-out under legitimate interests, with all that authorities have asked for",
        )],
        silent: &[],
        regions: "EEA",
    },
    Trap {
        number: 1,
        fine: "the same, as far as one rule looks",
        examples: &[
            ("eu-gdpr/consent-default-on", "legitimate interests"),
            (
                "eu-gdpr/default-not-minimal",
                "legitimate interests, with a balance made before the start and an opt-out",
            ),
            ("eu-gdpr/li-without-assessment", "the balance came first"),
            (
                "eu-gdpr/li-training-unsafeguarded",
                "balance, direct notice and opt-out before the start, and expectations considered",
            ),
            ("eu-gdpr/objection-route-missing", "the switch is the way to object"),
        ],
        silent: &["eu-gdpr/consent-", "eu-gdpr/default-", "eu-gdpr/li-", "eu-gdpr/objection-", "eu-gdpr/legal-basis-"],
        regions: "EEA",
    },
    Trap {
        number: 2,
        fine: "recipients by category in a notice under the GDPR",
        examples: &[
            ("eu-gdpr/recipients-not-described", "a category, which a notice may use"),
            ("fair-defaults/recipients-unnamed", "a category, which a notice may lawfully use"),
            ("cn/recipient-unnamed", "a category in Europe"),
        ],
        silent: &["eu-gdpr/recipients-", "fair-defaults/recipients-unnamed", "ch/people-not-informed"],
        regions: "EEA",
    },
    Trap {
        number: 3,
        fine: "statistics on a device with an opt-out, in the United Kingdom",
        examples: &[
            ("uk/statistics-storage-without-opt-out", "an opt-out and a notice, in the United Kingdom"),
            ("eu-eprivacy/terminal-storage-default-on", "statistics with an opt-out in the United Kingdom"),
            ("fair-defaults/region-carve-out-gap", "statistics with an opt-out in the United Kingdom"),
        ],
        silent: &["uk/statistics-", "eu-eprivacy/", "fair-defaults/region-carve-out-gap"],
        regions: "GB",
    },
    Trap {
        number: 4,
        fine: "what people in India made public themselves",
        examples: &[
            ("in/basis-unknown-to-the-act", "posts that people made public themselves"),
            ("in/child-tracked", "posts that people made public themselves"),
            ("in/child-without-parental-consent", "posts that people made public themselves"),
            ("in/consent-default-on", "posts that people made public themselves"),
            ("in/consent-widened-unannounced", "posts that people published elsewhere"),
            ("in/consent-without-itemised-notice", "posts that people made public themselves"),
            ("in/kept-after-withdrawal", "posts that people made public themselves"),
            ("in/kept-without-end", "posts that people made public themselves"),
            ("in/old-consent-unnotified", "posts that people made public themselves"),
            ("in/withdrawal-harder", "posts that people made public themselves"),
        ],
        silent: &["in/"],
        regions: "IN",
    },
    Trap {
        number: 5,
        fine: "cookies, and products without privacy settings, in Quebec",
        examples: &[
            ("ca-qc/default-below-highest-confidentiality", "cookies"),
            ("ca-qc/default-below-highest-confidentiality", "no setting"),
        ],
        silent: &["ca-qc/default-below-highest-confidentiality"],
        regions: "CA-QC",
    },
    Trap {
        number: 6,
        fine: "a notice and an opt-out for sensitive data in Utah and Iowa",
        examples: &[
            ("us-states/sensitive-without-opt-in", "Utah asks for an opt-out"),
            ("us-states/sensitive-without-opt-out", "told, and free to opt out"),
        ],
        silent: &["us-states/sensitive-"],
        regions: "US",
    },
    Trap {
        number: 7,
        fine: "a feature that uses a model and trains none",
        examples: &[
            ("fair-defaults/ai-training-on-by-default", "an AI feature that answers is not training"),
            ("fair-defaults/ai-training-on-by-default", "an AI feature alone"),
            ("us-states/nj-training-without-consent", "an AI feature is not training"),
        ],
        silent: &["fair-defaults/ai-training-", "us-states/nj-", "minors/training-", "au/", "eu-ai-act/gpai-"],
        regions: "WORLD",
    },
    Trap {
        number: 8,
        fine: "a model that keeps the service secure and is declared as core",
        examples: &[
            ("fair-defaults/ai-training-on-by-default", "a model that keeps the service secure, declared as core"),
            ("fair-defaults/toggle-narrower-than-purpose", "a model that keeps the service secure, declared as core"),
            ("eu-gdpr/li-training-unsafeguarded", "a model that keeps the service secure, declared as core"),
            ("eu-gdpr/li-training-includes-children", "a model that keeps the service secure, declared as core"),
        ],
        silent: &["fair-defaults/ai-training-", "fair-defaults/toggle-", "eu-gdpr/li-training-", "minors/training-"],
        regions: "WORLD",
    },
    Trap {
        number: 9,
        fine: "people above the age that counts where they are",
        examples: &[
            ("minors/training-on-under-18", "thirteen and over in the United States"),
            ("minors/training-on-under-14", "thirteen in the United Kingdom has another rule"),
            ("minors/training-on-under-13", "under 13 in the United Kingdom has another rule"),
        ],
        silent: &["minors/training-on-under-13", "minors/training-on-under-14"],
        regions: "WORLD",
    },
    Trap {
        number: 11,
        fine: "a plan that is left out is no region that is left out",
        examples: &[
            ("fair-defaults/region-carve-out-gap", "an excepted plan is not an excepted region"),
            ("fair-defaults/weaker-default-elsewhere", "an excepted plan is not an excepted region"),
            ("fair-defaults/region-lists-disagree", "a plan that is left out is no region that is left out"),
        ],
        silent: &["fair-defaults/region-", "fair-defaults/weaker-default-elsewhere"],
        regions: "WORLD",
    },
];

fn example(rule: &'static Rule, title: &str) -> &'static Example {
    let found = rule.examples.iter().find(|example| example.title == title);
    found.unwrap_or_else(|| panic!("{} has no example \"{title}\"", rule.id))
}

/// The errors among the findings on an example that touch some places.
fn errors(example: &Example, regions: &str, today: Date) -> Vec<Arc<Finding>> {
    let places = library().atlas.lookup(regions, today).unwrap();
    let touches = |found: &Finding| {
        let cells = found.cells.iter().fold(TerritorySet::EMPTY, |all, cell| all.or(cell.block.territories));
        !cells.and(places).is_empty()
    };
    let report = judge_example(all_rules(), &Example { as_of: Some(today), ..example.clone() });
    let is_error = |found: &Finding| found.outcome == Outcome::Fail && found.severity == Severity::Error;
    report.findings.into_iter().filter(|found| is_error(found) && touches(found)).collect()
}

#[test]
fn no_rule_falls_into_a_trap() {
    for trap in TRAPS {
        for (id, title) in trap.examples {
            let example = example(rule(id), title);
            let fine = matches!(example.expect, Expectation::Clean | Expectation::NotApplicable);
            assert!(fine, "trap {}, {}: \"{title}\" of {id} is {:?}", trap.number, trap.fine, example.expect);
            let said = errors(example, trap.regions, example.as_of.unwrap_or_else(default_date));
            let counts = |found: &&Arc<Finding>| {
                trap.silent.is_empty() || trap.silent.iter().any(|rule| found.rule.starts_with(rule))
            };
            let wrong: Vec<&str> = said.iter().filter(counts).map(|found| found.message.as_str()).collect();
            assert!(wrong.is_empty(), "trap {}, {}: \"{title}\" of {id}: {wrong:?}", trap.number, trap.fine);
        }
    }
}

/// Training on an opt-out in the Union needs no consent by itself, and no duty that begins later says so.
#[test]
fn an_opt_out_with_all_that_was_asked_for_is_no_error_in_the_union_on_any_day() {
    let trap = &TRAPS[0];
    for (id, title) in trap.examples {
        for on in ["2025-11-03", "2026-01-15", TODAY, "2026-12-31", "2027-12-31"] {
            let said: Vec<String> = errors(example(rule(id), title), trap.regions, day(on))
                .into_iter()
                .map(|found| found.message.clone())
                .collect();
            assert!(said.is_empty(), "{on}: {said:?}");
        }
    }
}

/// A list of names that nothing has would be silent about everything.
#[test]
fn every_rule_that_is_to_be_silent_is_there() {
    for name in TRAPS.iter().flat_map(|trap| trap.silent) {
        assert!(library().rules().any(|rule| rule.id.starts_with(name)), "no rule begins with {name}");
    }
    let numbers: BTreeSet<usize> = TRAPS.iter().map(|trap| trap.number).collect();
    assert_eq!(numbers.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 11], "10 and 12 are below");
}

/// All rules of the law of India leave out what people published; none may be added that does not.
#[test]
fn every_rule_of_india_knows_what_people_made_public() {
    let named: BTreeSet<&str> =
        TRAPS.iter().filter(|trap| trap.number == 4).flat_map(|trap| trap.examples).map(|(id, _)| *id).collect();
    let there: BTreeSet<&str> =
        library().rules().filter(|rule| rule.pack() == "in").map(|rule| rule.id.as_str()).collect();
    assert_eq!(there, named);
}

/// The same declaration is fine in one place and not in the other, so the silence is no accident.
#[test]
fn what_is_fine_in_one_place_is_flagged_in_the_other() {
    for (id, title, regions) in [
        ("cn/recipient-unnamed", "a category", "CN"),
        ("eu-eprivacy/terminal-storage-default-on", "statistics with cookies from the first page on", "EEA"),
        ("us-states/md-sensitive-sold", "off until somebody agrees", "US-MD"),
        ("fair-defaults/region-carve-out-gap", "EEA and Switzerland excepted, the United Kingdom forgotten", "GB"),
        ("in/basis-unknown-to-the-act", "only what people made public themselves is left out", "IN"),
    ] {
        let rule = rule(id);
        let example = example(rule, title);
        assert_eq!(example.expect, Expectation::Flagged, "{id} {title}");
        let today = example.as_of.unwrap_or_else(default_date);
        let report = judge_example(all_rules(), example);
        let places = library().atlas.lookup(regions, today).unwrap();
        let own = report.found().filter(|found| found.rule == id && found.outcome == Outcome::Fail);
        let cells = own.flat_map(|found| &*found.cells);
        let all = cells.fold(TerritorySet::EMPTY, |all, cell| all.or(cell.block.territories));
        assert!(!all.and(places).is_empty(), "{id} says nothing of \"{title}\" in {regions}");
    }
}

/// Trap 10: Article 25 of the DSA steps back where the GDPR governs, which is wherever personal data is processed.
#[test]
fn nothing_rests_on_article_25_of_the_dsa() {
    for cite in library().rules().flat_map(|rule| rule.cites.iter()) {
        assert!(!cite.text.contains("DSA Art. 25"), "{}", cite.text);
    }
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/README-eu.md");
    let readme = fs::read_to_string(readme).unwrap();
    assert!(readme.contains("| `interface-distortion` (DSA 25) |"), "the manual says why it is not encoded");
}

/// Trap 12: what is proposed binds nobody. A rule may cite it beside law; alone it is for information.
#[test]
fn what_is_only_proposed_is_no_error() {
    let mut seen = 0;
    for rule in library().rules().filter(|rule| rule.cites.iter().any(|cite| cite.proposed)) {
        seen += 1;
        if rule.cites.iter().all(|cite| cite.proposed) {
            let worst = rule.severity.iter().map(|case| case.is).max();
            assert_eq!(worst, Some(Severity::Info), "{}", rule.id);
        }
        for example in rule.examples.iter().filter(|example| example.expect == Expectation::Flagged) {
            let report = judge_example(all_rules(), example);
            let own = report.found().filter(|found| found.rule == rule.id && found.severity == Severity::Error);
            for found in own {
                assert!(found.cites.iter().any(|cite| !cite.proposed), "{}: {}", rule.id, found.message);
            }
        }
    }
    assert!(seen > 0, "no rule cites a proposal, so this test tests nothing");
}
