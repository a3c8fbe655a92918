//! What fixes do to a text, which are offered, and what becomes of those that do no good.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

mod law;

use std::sync::{Arc, OnceLock};

use purposelint::diagnostic::{Fix, Safety};
use purposelint::evaluate::{Finding, Outcome, Period};
use purposelint::fix::{self, Fixed, Wanted};
use purposelint::lint::{Report, Setup, lint};
use purposelint::policy::{Depth, Expectation, Library, PolicyFiles};
use purposelint::product::Products;
use purposelint::settings::Settings;
use purposelint::source::{FileId, SourceMap, Text};
use purposelint::space::{Atlas, Date};

const TODAY: &str = "2026-11-21";

/// The packs of a run whose config names none.
fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let packs = ["core", "fair-defaults"].map(str::to_owned);
        let (library, wrong) = Library::load(&PolicyFiles::builtin(), &packs, Atlas::builtin().clone(), Depth::Run);
        assert!(wrong.is_empty(), "{wrong:?}");
        library
    })
}

/// Declarations with the product files that they read.
struct Case {
    sources: SourceMap,
    files: Vec<FileId>,
    products: Products,
    /// A rule that is switched off.
    without: Option<&'static str>,
}

impl Case {
    fn new(text: &str) -> Self {
        Self::with_product(text, &[])
    }

    fn with_product(text: &str, products: &[(&str, &str)]) -> Self {
        let mut sources = SourceMap::new();
        let files = vec![sources.add("purposes.yaml", text)];
        let products =
            products.iter().map(|(path, text)| ((*path).to_owned(), Ok(sources.add(*path, *text)))).collect();
        Self { sources, files, products, without: None }
    }

    fn setup(&self) -> Setup<'_> {
        let library = library();
        let today = Date::parse(TODAY).unwrap();
        let mut settings = Settings::default();
        let wanted = library.rules().filter(|rule| rule.enabled && Some(&*rule.id) != self.without);
        wanted.for_each(|rule| settings.switch_on(rule));
        Setup {
            settings: settings.into(),
            period: Period { today, horizon: today.plus(180), full_severity: false },
            products: &self.products,
            ..Setup::of(library, today)
        }
    }

    fn lint(&self) -> Report {
        lint(&self.sources, &self.files, &self.setup())
    }

    fn fix(&self, authoritative: bool) -> Fixed {
        let wanted = Wanted { authoritative, is_in_focus: &|_| true, may_change: &|_| true };
        fix::fix(&self.sources, &self.files, &self.setup(), self.lint(), &wanted)
    }

    fn text(&self) -> Arc<Text> {
        self.sources.get(self.files[0]).unwrap().text()
    }

    fn with(&self, fix: &Fix) -> String {
        fix::apply(&self.text(), &fix.edits).unwrap()
    }
}

fn failing<'r>(report: &'r Report, rule: &str) -> Vec<&'r Finding> {
    let of = |finding: &&Finding| finding.rule == rule && finding.outcome == Outcome::Fail;
    report.found().filter(of).collect()
}

/// The first fix of a rule whose title begins like this, applied; and nothing of the rule is left.
fn repaired(text: &str, rule: &str, title: &str) -> String {
    let case = Case::new(text);
    let report = case.lint();
    let fixes = failing(&report, rule).into_iter().flat_map(|finding| &finding.fixes);
    let all: Vec<&str> = fixes.clone().map(|fix| fix.title.as_str()).collect();
    let Some(fix) = fixes.clone().find(|fix| fix.title.starts_with(title)) else {
        panic!("no fix `{title}` of {rule} for\n{text}\nonly {all:?}")
    };
    let after = case.with(fix);
    let report = Case::new(&after).lint();
    assert!(failing(&report, rule).is_empty(), "{rule} is still there:\n{after}");
    let wrong = report.found().filter(|finding| finding.rule.starts_with("core/"));
    assert_eq!(wrong.count(), 0, "the fix breaks the declaration:\n{after}");
    after
}

const TRAINING: &str = "fair-defaults/ai-training-on-by-default";
const CARVE_OUT: &str = "fair-defaults/region-carve-out-gap";

#[test]
fn edits_leave_everything_else_as_it_was() {
    let cases: &[(&str, &str, &str, &str)] = &[
        // a value, with its quotes and its comment
        ("setting: {default: on}  # why", TRAINING, "set `default`", "setting: {default: off}  # why"),
        ("setting: {default: \"on\"}", TRAINING, "set `default`", "setting: {default: \"off\"}"),
        ("setting: {default: 'on' }", TRAINING, "set `default`", "setting: {default: 'off' }"),
        ("setting: {default: true}", TRAINING, "set `default`", "setting: {default: off}"),
        ("setting: {default: !!str on}", TRAINING, "set `default`", "setting: {default: !!str off}"),
        ("setting: {default: &d on}", TRAINING, "set `default`", "setting: {default: &d off}"),
        (
            "setting:\n      default: on # now\n      label: Training",
            TRAINING,
            "set `default`",
            "setting:\n      default: off # now\n      label: Training",
        ),
        ("setting: {default: >-\n      on\n      }", TRAINING, "set `default`", ""),
        // an override, where there are none yet
        (
            "setting: {default: on}\n    overrides: [{regions: [EEA, CH], carried_out: false}]",
            CARVE_OUT,
            "add an override for GB",
            "setting: {default: on, overrides: [{regions: [GB], default: off}]}\n    overrides: [{regions: [EEA, CH], carried_out: false}]",
        ),
        (
            "setting:\n      default: on   # é 😀\n    overrides: [{regions: [EEA, CH], carried_out: false}]",
            CARVE_OUT,
            "add an override for GB",
            "setting:\n      default: on   # é 😀\n      overrides:\n        - {regions: [GB], default: off}\n    overrides: [{regions: [EEA, CH], carried_out: false}]",
        ),
        // beside others, in brackets and on lines
        (
            "setting: {default: on, overrides: [{regions: [EEA, CH], default: off}]}",
            CARVE_OUT,
            "add an override for GB",
            "setting: {default: on, overrides: [{regions: [EEA, CH], default: off}, {regions: [GB], default: off}]}",
        ),
        (
            "setting:\n      default: on\n      overrides:\n      - regions: [EEA, CH]   # spared\n        default: off  # so they say\n      # the end\n      first_offered: 2024-01-01",
            CARVE_OUT,
            "add an override for GB",
            "setting:\n      default: on\n      overrides:\n      - regions: [EEA, CH]   # spared\n        default: off  # so they say\n      - {regions: [GB], default: off}\n      # the end\n      first_offered: 2024-01-01",
        ),
        (
            "setting:\n      default: on\n      overrides: [\n        {regions: [EEA, CH], default: off}, # spared\n      ]",
            CARVE_OUT,
            "add an override for GB",
            "setting:\n      default: on\n      overrides: [\n        {regions: [EEA, CH], default: off}, {regions: [GB], default: off}, # spared\n      ]",
        ),
        // behind a text of several lines
        (
            "setting:\n      default: on\n      help: |\n        One.\n\n        Two.\n    overrides: [{regions: [EEA, CH], carried_out: false}]",
            CARVE_OUT,
            "add an override for GB",
            "setting:\n      default: on\n      help: |\n        One.\n\n        Two.\n      overrides:\n        - {regions: [GB], default: off}\n    overrides: [{regions: [EEA, CH], carried_out: false}]",
        ),
        // several places, and older readers of YAML
        (
            "setting: {default: on, overrides: [{regions: [EU, LI, IS, CH, GB], default: off}]}",
            CARVE_OUT,
            "add an override for NO",
            "setting: {default: on, overrides: [{regions: [EU, LI, IS, CH, GB], default: off}, {regions: [\"NO\"], default: off}]}",
        ),
    ];
    for (before, rule, title, after) in cases.iter().filter(|case| !case.3.is_empty()) {
        let whole = |part: &str| {
            format!(
                "version: 1\nservice: a\npurposes:\n  t:\n    use: train_ai_system\n    {part}\n  # the last word\n"
            )
        };
        for (text, expected) in [
            (whole(before), whole(after)),
            (whole(before).replace('\n', "\r\n"), whole(after).replace('\n', "\r\n")),
            (format!("\u{feff}{}", whole(before)), format!("\u{feff}{}", whole(after))),
            (whole(before).trim_end().to_owned(), whole(after).trim_end().to_owned()),
        ] {
            assert_eq!(repaired(&text, rule, title), expected);
        }
    }
}

/// The titles of the fixes of a rule, with their safety.
fn offered(case: &Case, rule: &str) -> Vec<String> {
    let report = case.lint();
    let findings = failing(&report, rule);
    assert!(!findings.is_empty(), "{rule} does not fail:\n{}", &**case.text());
    let fixes = findings.into_iter().flat_map(|finding| &finding.fixes);
    fixes.map(|fix| format!("{} ({})", fix.title, fix.safety.as_str())).collect()
}

#[test]
fn what_would_reach_further_or_do_no_good_is_not_offered() {
    let head = "version: 1\nservice: a\n";
    let set = "set `default` to `off` (suggest)";
    let cases: &[(&str, &str, &[&str])] = &[
        ("purposes:\n  t: {use: train_ai_system, setting: {default: on}}\n", TRAINING, &[set]),
        // no place to put it: there is no setting
        ("purposes:\n  t: {use: train_ai_system, setting: none}\n", TRAINING, &[]),
        // the setting of two purposes
        (
            "settings:\n  s: {default: on}\npurposes:\n  t: {use: train_ai_system, setting: s}\n  u: {use: analytics, setting: s}\n",
            TRAINING,
            &[],
        ),
        // a value that stands for others as well
        (
            "settings:\n  s: {default: &d on}\n  r: {default: *d}\npurposes:\n  t: {use: train_ai_system, setting: s}\n  u: {use: analytics, setting: r}\n",
            TRAINING,
            &[],
        ),
        (
            "settings:\n  s: {default: &d off}\npurposes:\n  t:\n    use: train_ai_system\n    setting: {default: on, overrides: &o [{regions: [US], default: on}]}\n  v:\n    use: train_ai_system\n    setting: {default: off, overrides: *o}\n  u: {use: analytics, setting: s, documents: [{kind: x, ref: *d}]}\n",
            TRAINING,
            &[],
        ),
        // an override for everybody would be the base value, and one for a page of places helps nobody
        ("regions: [GB]\npurposes:\n  t: {use: train_ai_system, setting: {default: on}}\n", TRAINING, &[set]),
        // the place that decides is an override of its own: another would tie with it
        (
            "purposes:\n  t: {use: train_ai_system, setting: {default: off, overrides: [{regions: [GB], default: on}]}}\n",
            TRAINING,
            &[set],
        ),
        (
            "regions: [GB, US]\nages: 16+\nplans: [free, paid]\npurposes:\n  t: {use: train_ai_system, setting: {default: on, overrides: [{regions: [US], default: off}]}}\n",
            TRAINING,
            &[set, "add an override for GB: `default: off` (suggest)"],
        ),
        // some day another override will hold there
        (
            "regions: [GB, US]\npurposes:\n  t: {use: train_ai_system, setting: {default: on, overrides: [{regions: [US], default: off}, {regions: [GB], from: 2028-01-01, default: ask}]}}\n",
            TRAINING,
            &[set],
        ),
        // the last line of a text that keeps its line breaks
        (
            "regions: [GB, US]\npurposes:\n  t:\n    use: train_ai_system\n    overrides: [{regions: [US], carried_out: false}]\n    setting:\n      default: on\n      help: |+\n        Keep.\n\n",
            TRAINING,
            &[set],
        ),
    ];
    for (text, rule, expected) in cases {
        let case = Case::new(&format!("{head}{text}"));
        assert_eq!(offered(&case, rule), *expected, "{text}");
    }
}

#[test]
fn what_services_share_is_not_changed_for_one_of_them() {
    let setting = "settings:\n  s: {default: on}\n";
    let service = "version: 1\nservice: a\npurposes:\n  t: {use: train_ai_system, setting: s}\n";
    for (own, shared, expected) in
        [(setting, "", vec!["set `default` to `off` (suggest)".to_owned()]), ("", setting, Vec::new())]
    {
        let mut case = Case::new(&format!("{service}{own}"));
        if !shared.is_empty() {
            case.files.push(case.sources.add("shared.purposes.yaml", format!("version: 1\n{shared}")));
        }
        assert_eq!(offered(&case, TRAINING), expected, "{own}{shared}");
    }
}

/// A declaration whose default is read from a product file.
fn bound(default: &str, more: &str) -> String {
    format!(
        "version: 1\nservice: a\npurposes:\n  t:\n    use: train_ai_system\n    setting:\n      default: {default}\n      reads: {{file: app/defaults.json, pointer: /training/0/on~1off}}\n{more}"
    )
}

fn product(value: &str) -> String {
    format!("{{\n\t\"training\": [\n\t\t{{\"on/off\": {value}}}\n\t]\n}}\n")
}

const DIFFERS: &str = "core/declared-default-differs";

#[test]
fn defaults_are_held_against_the_product() {
    let json = "app/defaults.json";
    /// The declared default, the product files, and what comes out.
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<(Outcome, &'a str)>);
    let cases: &[Row<'_>] = &[
        ("on", &[(json, &product("true"))], None),
        ("off", &[(json, &product("false"))], None),
        ("ask", &[(json, &product("\"ask\""))], None),
        (
            "on",
            &[(json, &product("\"off\""))],
            Some((Outcome::Fail, "declared as `on`, and `app/defaults.json` has `off`")),
        ),
        (
            "off",
            &[(json, &product("true"))],
            Some((Outcome::Fail, "declared as `off`, and `app/defaults.json` has `true`")),
        ),
        ("on", &[], Some((Outcome::Undetermined, "`app/defaults.json` was not read"))),
        ("on", &[(json, "{}")], Some((Outcome::Undetermined, "has nothing at `/training/0/on~1off`"))),
        ("on", &[(json, "{\"training\": [")], Some((Outcome::Undetermined, "cannot be read"))),
        ("on", &[(json, "")], Some((Outcome::Undetermined, "is empty"))),
        ("on", &[(json, &product("{\"EU\": false}"))], Some((Outcome::Undetermined, "has a mapping at"))),
        ("on", &[(json, &product("1"))], Some((Outcome::Undetermined, "has `1` at"))),
        (
            "on",
            &[(json, &format!("{}---\nb: 1\n", product("true")))],
            Some((Outcome::Undetermined, "several documents")),
        ),
    ];
    for (default, products, expected) in cases {
        let case = Case::with_product(&bound(default, ""), products);
        let report = case.lint();
        let found: Vec<&Finding> = report.found().filter(|finding| finding.rule == DIFFERS).collect();
        match expected {
            None => assert!(found.is_empty(), "{default} {products:?} {found:?}"),
            Some((outcome, words)) => {
                assert_eq!(found.len(), 1, "{default} {products:?}");
                assert_eq!(found[0].outcome, *outcome);
                assert!(found[0].message.contains(words), "{}", found[0].message);
                let in_product = found[0].labels.iter().any(|label| label.span.file != case.files[0]);
                assert_eq!(in_product, *outcome == Outcome::Fail, "both files are shown");
            }
        }
    }
}

#[test]
fn a_default_follows_the_product_and_never_the_other_way() {
    let file = |value: &str| Case::with_product(&bound("on", ""), &[("app/defaults.json", &product(value))]);
    // the product is off already
    let case = file("false");
    assert!(case.fix(false).texts.is_empty(), "a default is no matter of form");
    let fixed = case.fix(true);
    assert_eq!(fixed.texts[&case.files[0]].as_ref(), bound("off", ""));
    assert!(failing(&fixed.report, DIFFERS).is_empty() && failing(&fixed.report, TRAINING).is_empty());
    // it is still on: a declaration that says otherwise would only look clean
    let case = file("true");
    let fixed = case.fix(true);
    assert!(fixed.texts.is_empty());
    let refused: Vec<&str> = fixed.refused().filter_map(|attempt| attempt.refused.as_deref()).collect();
    assert_eq!(refused, ["the product file says otherwise: change it first"]);
    // and neither accepting the difference nor not looking for it changes that
    let ignored = bound(&format!("on   # purposelint: ignore[{DIFFERS}]: it is being rolled out"), "");
    let case = Case::with_product(&ignored, &[("app/defaults.json", &product("true"))]);
    assert!(case.fix(true).texts.is_empty());
    let case = Case { without: Some(DIFFERS), ..file("true") };
    assert_eq!(offered(&case, TRAINING)[0], "set `default` to `off` (suggest)");
    // nobody knows
    let case = file("1");
    assert_eq!(offered(&case, TRAINING)[0], "set `default` to `off` (suggest)");
    assert!(case.fix(true).attempts.is_empty());
    // the product got weaker: that is for people to say
    let case = Case::with_product(&bound("off", ""), &[("app/defaults.json", &product("true"))]);
    assert_eq!(offered(&case, DIFFERS), Vec::<String>::new());
    // an override is not what the product file says of everybody
    let over = "      overrides: [{regions: [US], default: on}]\n";
    let case = Case::with_product(&bound("off", over), &[("app/defaults.json", &product("false"))]);
    assert_eq!(offered(&case, TRAINING)[0], "set `default` to `off` (suggest)");
}

#[test]
fn forms_are_fixed_to_a_fixed_point() {
    let text = "version: 1\nservice: a\nregions: [uk, EL, \"USA\"]   # where\nsettings:\n  s:\n    defualt: off\n    first_offered: 2024/9/8\npurposes:\n  t:\n    use: train_ai_system\n    setting: s\n    started: {before: 2024-9-18}\n";
    let case = Case::new(text);
    let fixed = case.fix(false);
    let expected = "version: 1\nservice: a\nregions: [GB, GR, \"US\"]   # where\nsettings:\n  s:\n    default: off\n    first_offered: 2024-09-08\npurposes:\n  t:\n    use: train_ai_system\n    setting: s\n    started: {before: 2024-09-18}\n";
    assert_eq!(fixed.texts[&case.files[0]].as_ref(), expected);
    assert_eq!(fixed.applied().count(), 6);
    assert_eq!(fixed.refused().count(), 0);
    let again = Case::new(expected).fix(true);
    assert!(again.texts.is_empty() && again.attempts.is_empty());
}

#[test]
fn a_fix_that_shows_something_else_is_taken_back_and_keeps_none_of_the_others_back() {
    // with the code put right, the override is for everybody
    let text = "version: 1\nservice: a\nregions: [GB]\nsettings:\n  s:\n    default: ask\n    first_offered: 2024-9-1\n    overrides: [{regions: [UK], default: off}]\npurposes:\n  t: {use: train_ai_system, setting: s}\n";
    let case = Case::new(text);
    let fixed = case.fix(false);
    assert_eq!(fixed.texts[&case.files[0]].as_ref(), text.replace("2024-9-1", "2024-09-01"));
    let refused: Vec<&str> = fixed.refused().filter_map(|attempt| attempt.refused.as_deref()).collect();
    assert_eq!(refused, ["core/override-selects-everybody would be found for `s`"]);
}

#[test]
fn what_a_slip_hid_is_no_reason_to_leave_it() {
    for (before, after) in [
        ("purposes: ~ {'defualt': on}}", "purposes: ~ {'default': on}}"),
        ("purpose: ~ {default: on}}", "purposes: ~ {default: on}}"),
        ("regions: [us-ca]\npurposes: ~ {default: on}}", "regions: [US-CA]\npurposes: ~ {default: on}}"),
        // another slip, which is repaired in its turn
        ("regons: [uk]\npurposes: ~ {default: off}}", "regions: [GB]\npurposes: ~ {default: off}}"),
        ("purposes: ~ {default: off}, startd: 2020-1-1}", "purposes: ~ {default: off}, started: 2020-01-01}"),
        (
            "purposes: ~ {default: on, overides: [{region: [uk], default: off}]}}",
            "purposes: ~ {default: on, overrides: [{regions: [GB], default: off}]}}",
        ),
        // or left, where its repair would do harm: there is no more wrong than before
        (
            "regions: [GB]\npurposes: ~ {default: on, overrides: [{region: [uk], default: off}]}}",
            "regions: [GB]\npurposes: ~ {default: on, overrides: [{regions: [uk], default: off}]}}",
        ),
        // what a person has to look at
        ("purposes: ~ {default: off}, startd: 2020-13-45}", "purposes: ~ {default: off}, startd: 2020-13-45}"),
    ] {
        let whole = |part: &str| part.replace("~", "\n  t:\n    {use: train_ai_system, setting:");
        let case = Case::new(&whole(&format!("version: 1\nservice: a\n{before}\n")));
        let fixed = case.fix(false);
        let text = fixed.sources.get(case.files[0]).unwrap().text().shared();
        assert_eq!(*text, whole(&format!("version: 1\nservice: a\n{after}\n")), "{:#?}", fixed.attempts);
        assert!(Case::new(&text).fix(false).texts.is_empty(), "{text}");
    }
}

#[test]
fn what_is_good_lands_in_few_runs_however_much_is_not() {
    // in every third file one fix would make an override for everybody, and two in every ninth
    let text = |at: usize, day: &str| {
        let [one, two] = [3, 9].map(|each| if at.is_multiple_of(each) { "UK" } else { "FR" });
        let setting =
            |id, region| format!("  {id}: {{default: ask, overrides: [{{regions: [{region}], default: off}}]}}\n");
        let (settings, use_) = (setting("r", one) + &setting("s", two), "use: analytics");
        let purposes = format!("  t: {{{use_}, setting: r, started: {day}}}\n  u: {{{use_}, setting: s}}\n");
        format!("version: 1\nservice: s{at}\nregions: [GB]\nsettings:\n{settings}purposes:\n{purposes}")
    };
    let mut case = Case::new(&text(0, "2024-9-1"));
    for at in 1..90 {
        case.files.push(case.sources.add(format!("{at}/purposes.yaml"), text(at, "2024-9-1")));
    }
    let fixed = case.fix(false);
    case.files.iter().enumerate().for_each(|(at, file)| assert_eq!(*fixed.texts[file], *text(at, "2024-09-01")));
    assert_eq!((fixed.applied().count(), fixed.refused().count()), (90, 40));
    assert!(!fixed.unfinished && fixed.runs <= 12, "{}", fixed.runs);
}

#[test]
fn a_list_becomes_a_group_where_that_changes_nothing() {
    let rule = "core/group-spelled-out";
    let cases: &[(&str, &[&str], &str)] = &[
        (
            "regions: [IS, \"NO\", LI, EU]  # all\npurposes:\n  t: {use: analytics, setting: {default: off}}",
            &["write `EEA` (safe)"],
            "regions: [EEA]  # all\npurposes:\n  t: {use: analytics, setting: {default: off}}",
        ),
        (
            "regions:\n  - EU\n  - IS\n  - LI\n  - \"NO\"\npurposes:\n  t: {use: analytics, setting: {default: off}}",
            &["write `EEA` (safe)"],
            "regions:\n  - EEA\npurposes:\n  t: {use: analytics, setting: {default: off}}",
        ),
        // a comment would go
        (
            "regions:\n  - EU\n  - IS  # since 1994\n  - LI\n  - \"NO\"\npurposes:\n  t: {use: analytics, setting: {default: off}}",
            &[],
            "",
        ),
        // a country beats a group: with the name, the other override would win
        (
            "purposes:\n  t: {use: analytics, setting: {default: off, overrides: [{regions: [EU, IS, LI, \"NO\"], default: ask}, {regions: [EFTA], default: off}]}}",
            &["write `EEA` (suggest)"],
            "",
        ),
        (
            "purposes:\n  t: {use: analytics, setting: {default: off, overrides: [{regions: [EU, IS, LI, \"NO\"], default: ask}, {regions: [US], default: ask}]}}",
            &["write `EEA` (safe)"],
            "purposes:\n  t: {use: analytics, setting: {default: off, overrides: [{regions: [EEA], default: ask}, {regions: [US], default: ask}]}}",
        ),
    ];
    for (text, fixes, after) in cases {
        let whole = |part: &str| format!("version: 1\nservice: a\n{part}\n");
        let case = Case::new(&whole(text));
        assert_eq!(offered(&case, rule), *fixes, "{text}");
        let changed = case.fix(false).texts.get(&case.files[0]).map(ToString::to_string);
        assert_eq!(changed, (!after.is_empty()).then(|| whole(after)), "{text}");
    }
}

#[test]
fn what_is_accepted_is_left_alone() {
    let ignore = format!("on   # purposelint: ignore[{TRAINING}, {DIFFERS}]: the trial ends in May");
    let case = Case::with_product(&bound(&ignore, ""), &[("app/defaults.json", &product("false"))]);
    assert_eq!(case.lint().findings.iter().filter(|finding| finding.suppressed.is_some()).count(), 2);
    assert!(case.fix(true).attempts.is_empty());
}

#[test]
fn the_country_that_was_forgotten_in_september_2024_is_added() {
    let text = include_str!("../examples/linkedin-2024/purposes.yaml");
    let day = Date::parse("2024-09-18").unwrap();
    let rule = law::rule(CARVE_OUT);
    let report = law::judge(law::only(rule), text, day, 0);
    let finding = law::failures(&report, CARVE_OUT).next().unwrap();
    let fix = finding.fixes.iter().find(|fix| fix.title == "add an override for GB: `default: off`").unwrap();
    let after = fix::apply(text, &fix.edits).unwrap();
    let added = "    overrides:\n      - {regions: [GB], default: off}\n";
    assert_eq!(after.replacen(added, "", 1), text);
    assert_eq!(law::failures(&law::judge(law::only(rule), &after, day, 0), CARVE_OUT).count(), 0);
}

/// Every fix that a rule offers on an example that it flags removes the finding, and breaks nothing.
#[test]
fn the_fixes_of_all_rules_repair_their_examples() {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for rule in law::library().rules().filter(|rule| !rule.fixes.is_empty()) {
        for example in rule.examples.iter().filter(|example| example.expect == Expectation::Flagged) {
            let day = example.as_of.unwrap_or(Date::parse(TODAY).unwrap());
            let judge = |text: &str| law::judge(law::only(rule), text, day, 0);
            let before = judge(&example.text);
            let findings: Vec<&Finding> = law::failures(&before, &rule.id).collect();
            for fix in findings.iter().flat_map(|finding| &finding.fixes) {
                tried += 1;
                let after = fix::apply(&example.text, &fix.edits).unwrap();
                let report = judge(&after);
                let left = law::failures(&report, &rule.id).count();
                let broken = report.found().find(|finding| {
                    finding.rule.starts_with("core/") && !before.findings.iter().any(|old| old.rule == finding.rule)
                });
                if left >= findings.len() || broken.is_some() {
                    wrong.push(format!("{} [{}] {}: {:?}\n{after}", rule.id, example.title, fix.title, broken));
                }
                assert_ne!(fix.safety, Safety::Safe, "{}: a fact is no matter of form", rule.id);
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 40, "{tried}");
}

#[test]
fn fixes_of_rules_are_typed_and_never_weaken() {
    let rule = |fix: &str| {
        format!(
            "title: x\nseverity: error\nwhy: x\ncites: [{{text: x, kind: practice, confidence: low}}]\nrequire: state == \"off\"\nfix: {fix}\nexamples:\n  - {{title: a, flagged: a}}\n  - {{title: b, clean: a}}\n"
        )
    };
    for (fix, message) in [
        ("{set: {setting.default: off}, safety: authoritative}", None),
        ("{set: {setting.default: false}, safety: suggest}", None),
        (
            "[{override: {purpose.carried_out: false}, safety: suggest}, {set: {setting.default: ask}, safety: suggest}]",
            None,
        ),
        (
            "{set: {setting.default: on}, safety: suggest}",
            Some("`default: on` protects nobody, and a fix never weakens"),
        ),
        (
            "{override: {setting.until_answer: on}, safety: suggest}",
            Some("`until_answer: on` protects nobody, and a fix never weakens"),
        ),
        (
            "{set: {purpose.carried_out: true}, safety: suggest}",
            Some("`carried_out: true` protects nobody, and a fix never weakens"),
        ),
        ("{set: {setting.defualt: off}, safety: suggest}", Some("a setting has no `defualt`")),
        ("{set: {setting.default: of}, safety: suggest}", Some("`of` is not a value that a fix can set here")),
        ("{set: {state: off}, safety: suggest}", Some("a fix sets a fact of the setting or the purpose itself")),
        ("{set: {purpose.state: off}, safety: suggest}", Some("nobody declares `state` here")),
        (
            "{set: {setting.opt_out.effect: stops_use}, safety: suggest}",
            Some("a fix sets a fact of the setting or the purpose itself"),
        ),
        ("{override: {setting.changed_by: person}, safety: suggest}", Some("no override can set `changed_by`")),
        (
            "{override: {setting.default: off}, safety: authoritative}",
            Some("only a `set` of `setting.default` can be authoritative"),
        ),
        (
            "{set: {setting.until_answer: off}, safety: authoritative}",
            Some("only a `set` of `setting.default` can be authoritative"),
        ),
        ("{set: {setting.default: off}, safety: safe}", Some("`safe` is not a value of `safety`")),
        (
            "{set: {setting.default: off}, override: {setting.default: off}, safety: suggest}",
            Some("`set` and `override` exclude each other"),
        ),
        ("{safety: suggest}", Some("`set` or `override` is missing from `fix`")),
        ("[]", Some("`fix` is an empty list")),
    ] {
        let mut files = PolicyFiles::default();
        files.insert("acme/pack.yaml".into(), b"title: Acme\nversion: 1.0.0\nneeds: 0.1.0\nlicence: MIT\n".to_vec());
        files.insert("acme/rule.yaml".into(), rule(fix).into_bytes());
        let (_, wrong) = Library::load(&files, &["acme".to_owned()], Atlas::builtin().clone(), Depth::Whole);
        let wrong: Vec<&str> =
            wrong.iter().map(|wrong| wrong.message.as_str()).filter(|m| !m.contains("example")).collect();
        assert_eq!(wrong.first().copied(), message, "{fix}: {wrong:?}");
    }
}
