//! What people see of a report: snapshots, each for one promise.

mod report_help;

use std::sync::Arc;

use purposelint::diagnostic::{Diagnostic, Severity};
use purposelint::evaluate::Finding;
use purposelint::lint::{Checked, Skipped};
use purposelint::policy::{Cite, Confidence};
use purposelint::report::{Format, Options, diagnostics};
use purposelint::source::{Recent, SourceMap, Span};
use report_help::*;

const NOTES: &str = "\
version: 1
service: notes_app
settings:
  improvement:
    default: on
    overrides:
      - {regions: [EU], default: off}
purposes:
  model_training:
    use: train_ai_system
    setting: improvement
";

fn human(map: &SourceMap, findings: Vec<Finding>, options: &Options) -> String {
    written(Format::Human, map, findings, options)
}

fn brief() -> Options {
    Options { quiet: true, ..Options::default() }
}

fn verbose() -> Options {
    Options { verbose: true, ..brief() }
}

/// `fair-defaults/ai-training-on-by-default` on NOTES, with two labels and citations.
fn failure(at: &Files) -> Finding {
    let mut finding =
        fail("fair-defaults/ai-training-on-by-default", Severity::Error, at.label("on", "on by default here"));
    finding.message = "`model_training` is on by default in CH, GB and EEA except EU".into();
    finding.help = Some("set the default to `off` or `ask`, or name an override that covers them".into());
    finding.labels = vec![at.label("EU", "covers EU, not its neighbours with an equivalent rule")];
    finding.cells = [cell("CH, GB and EEA except EU")].into();
    finding.cites = vec![
        cite("GDPR Art. 25(2)", &["EEA"], Some("2018-05-25")),
        cite("UK GDPR Art. 25(2)", &["GB"], Some("2021-01-01")),
    ]
    .into();
    finding
}

#[test]
fn a_failure_shows_labels_help_and_citations() {
    let at = Files::one(NOTES);
    insta::assert_snapshot!(human(&at.map, vec![failure(&at)], &brief()), @"
    fair-defaults/ai-training-on-by-default (error)
      × `model_training` is on by default in CH, GB and EEA except EU
       ╭─[purposes.yaml:5:14]
     4 │   improvement:
     5 │     default: on
       ·              ─┬
       ·               ╰── on by default here
     6 │     overrides:
     7 │       - {regions: [EU], default: off}
       ·                    ─┬
       ·                     ╰─┤ covers EU, not its neighbours with an equivalent
       ·                       │ rule
     8 │ purposes:
       ╰────
      help: set the default to `off` or `ask`, or name an override that covers them
      flagged under:
        GDPR Art. 25(2) · law · in force since 2018-05-25 · EEA
        UK GDPR Art. 25(2) · law · in force since 2021-01-01 · GB
    ");
}

#[test]
fn one_cause_is_one_diagnostic() {
    let at = Files::one(NOTES);
    let mut law = failure(&at);
    law.rule = "eu-gdpr/default-not-protective".into();
    law.severity = Severity::Warning;
    let mut cites: Vec<Cite> = law.cites.iter().take(1).cloned().collect();
    cites.push(Cite { confidence: Confidence::Medium, ..cite("EDPB Guidelines 4/2019 para. 42", &["EEA"], None) });
    law.cites = cites.into();
    let mut swiss = fail("ch-fadp/default-not-protective", Severity::Warning, at.label("on", ""));
    swiss.message = "the default for `model_training` goes beyond the minimum the person chose".into();
    swiss.cells = [cell("CH")].into();
    let revision = Cite { proposed: true, ..cite("FADP revision", &["CH"], None) };
    swiss.cites = vec![cite("FADP Art. 7(3)", &["CH"], Some("2023-09-01")), revision].into();
    insta::assert_snapshot!(human(&at.map, vec![failure(&at), law, swiss], &brief()), @"
    fair-defaults/ai-training-on-by-default (error)
      × `model_training` is on by default in CH, GB and EEA except EU
       ╭─[purposes.yaml:5:14]
     4 │   improvement:
     5 │     default: on
       ·              ─┬
       ·               ╰── on by default here
     6 │     overrides:
     7 │       - {regions: [EU], default: off}
       ·                    ─┬
       ·                     ╰─┤ covers EU, not its neighbours with an equivalent
       ·                       │ rule
     8 │ purposes:
       ╰────
      help: set the default to `off` or `ask`, or name an override that covers them
      also flagged by:
        ch-fadp/default-not-protective (warning): the default for `model_training`
          goes beyond the minimum the person chose; for: CH
        eu-gdpr/default-not-protective (warning)
      flagged under:
        GDPR Art. 25(2) · law · in force since 2018-05-25 · EEA
        FADP Art. 7(3) · law · in force since 2023-09-01 · CH
        EDPB Guidelines 4/2019 para. 42 · law · EEA · medium confidence
        UK GDPR Art. 25(2) · law · in force since 2021-01-01 · GB
        FADP revision · law · proposed · CH
    ");
}

#[test]
fn rules_that_wait_for_a_fact_are_one_line_or_one_diagnostic() {
    let at = Files::one(NOTES);
    let waits = |rule: &str| {
        let mut finding =
            undetermined(rule, &["purpose.retention"], at.label("model_training", "retention is not declared"));
        finding.message = "whether data is kept too long cannot be told".into();
        finding.cites = vec![cite("GDPR Art. 5(1)(e)", &["EEA"], Some("2018-05-25"))].into();
        finding
    };
    let list = vec![
        waits("eu-gdpr/retention-open-ended"),
        waits("fair-defaults/retention-until-deletion"),
        waits("uk-gdpr/retention-open-ended"),
    ];
    insta::assert_snapshot!(human(&at.map, list.clone(), &brief()), @"
    undetermined: purpose.retention is not declared for `model_training`
      (purposes.yaml:9); 3 rules wait for it: eu-gdpr/retention-open-ended,
      fair-defaults/retention-until-deletion, uk-gdpr/retention-open-ended
    ");
    insta::assert_snapshot!(human(&at.map, list, &verbose()), @"
    eu-gdpr/retention-open-ended (warning, undetermined)
      ⚠ whether data is kept too long cannot be told
        ╭─[purposes.yaml:9:3]
      8 │ purposes:
      9 │   model_training:
        ·   ───────┬──────
        ·          ╰── retention is not declared
     10 │     use: train_ai_system
        ╰────
      missing: purpose.retention
      2 other rules wait for it: fair-defaults/retention-until-deletion,
        uk-gdpr/retention-open-ended
      judged under, once it is declared:
        GDPR Art. 5(1)(e) · law · in force since 2018-05-25 · EEA
    ");
}

#[test]
fn what_the_core_demands_takes_in_what_waits_for_it() {
    let at = Files::one(NOTES);
    let mut core = fail("core/default-undeclared", Severity::Error, at.label("improvement", ""));
    core.message = "`improvement` declares no default".into();
    let a = undetermined("eu-gdpr/on-by-default", &["setting.default"], at.label("improvement", ""));
    let b = undetermined("fair-defaults/on-by-default", &["setting.default"], at.label("improvement", ""));
    insta::assert_snapshot!(human(&at.map, vec![core, a, b], &brief()), @"
    core/default-undeclared (error)
      × `improvement` declares no default
       ╭─[purposes.yaml:4:3]
     3 │ settings:
     4 │   improvement:
       ·   ───────────
     5 │     default: on
       ╰────
      2 rules wait for this: eu-gdpr/on-by-default, fair-defaults/on-by-default
    ");
}

#[test]
fn labels_in_other_files_are_listed() {
    let mut at = Files::one(NOTES);
    at.add("shared/notices.purposes.yaml", "notices:\n  policy: {published: 2024-09-18}\n");
    let mut finding = failure(&at);
    finding.labels = vec![at.label("2024-09-18", "the notice took effect after the start")];
    finding.cites = Vec::new().into();
    insta::assert_snapshot!(human(&at.map, vec![finding], &brief()), @"
    fair-defaults/ai-training-on-by-default (error)
      × `model_training` is on by default in CH, GB and EEA except EU
       ╭─[purposes.yaml:5:14]
     4 │   improvement:
     5 │     default: on
       ·              ─┬
       ·               ╰── on by default here
     6 │     overrides:
       ╰────
      see: shared/notices.purposes.yaml:2:23: the notice took effect after the start
      help: set the default to `off` or `ask`, or name an override that covers them
    ");
}

#[test]
fn a_long_line_fits_eighty_columns() {
    let codes =
        "AT, BE, BG, HR, CY, CZ, DK, EE, FI, FR, DE, GR, HU, IE, IT, LV, LT, LU, MT, NL, PL, PT, RO, SK, SI, ES, SE";
    let at = Files::one(&format!("setting:\n  overrides:\n    - {{regions: [{codes}], default: off}}\n"));
    let mut finding = fail(
        "core/ambiguous-override",
        Severity::Error,
        at.label("off", "this default ties with the other one over all of the European Union"),
    );
    finding.message = format!("two overrides set `default` for {codes} and neither is more specific than the other");
    finding.labels = vec![at.label(codes, "named one by one"), at.label("AT", "first")];
    finding.cells = [cell("EU")].into();
    for width in [60, 72, 100, 120, 160] {
        let shown = human(&at.map, vec![finding.clone()], &Options { width, ..brief() });
        assert!(shown.lines().all(|line| line.chars().count() <= width), "{shown}");
    }
    let shown = human(&at.map, vec![finding], &brief());
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    insta::assert_snapshot!(shown, @"
    core/ambiguous-override (error)
      × two overrides set `default` for AT, BE, BG, HR, CY, CZ, DK, EE, FI, FR,
      │ DE, GR, HU, IE, IT, LV, LT, LU, MT, NL, PL, PT, RO, SK, SI, ES, SE and
      │ neither is more specific than the other
       ╭─[purposes.yaml:3:136]
     2 │   overrides:
     3 │ …SK, SI, ES, SE], default: off}
       · ───────┬───────            ─┬─
       ·        │                    ╰─┤ this default ties with the other one over
       ·        │                      │ all of the European Union
       ·        ╰── named one by one
       ╰────
      see: purposes.yaml:3:18: first
      for: EU
    ");
}

#[test]
fn labels_stand_under_what_they_mean() {
    let at = Files::one("\u{feff}\t語語: 😀 on # one\r\nthere: of\t# two");
    let mut finding = fail("core/x", Severity::Error, at.label("on", "after wide characters"));
    finding.labels = vec![at.label("two", "the end of the file"), at.label("語語: 😀 on", "the whole pair")];
    insta::assert_snapshot!(human(&at.map, vec![finding], &brief()), @"
    core/x (error)
      × something is the matter
       ╭─[purposes.yaml:1:8]
     1 │     語語: 😀 on # one
       ·     ────┬─────┬
       ·         │     ╰── after wide characters
       ·         ╰── the whole pair
     2 │ there: of   # two
       ·               ─┬─
       ·                ╰── the end of the file
       ╰────
    ");
}

#[test]
fn hostile_text_never_steers_the_terminal() {
    let at = Files::one("title: \u{1b}[31m\u{202e}evil\u{7} # 語\tdefault: on\r\n");
    let mut finding = fail("acme/hostile", Severity::Error, at.label("on", "\u{1b}]8;;http://evil\u{1b}\\here"));
    finding.message = "`\u{1b}[2Jgone\u{202e}` and\nmore".into();
    finding.help = Some("type \u{9b}31m".into());
    let law = cite("\u{1b}Law", &["\u{202e}"], None);
    finding.cites = vec![Cite { url: Some("https://x/\u{1b}\\".into()), ..law }].into();
    finding.cells = [cell("\u{2066}EU")].into();
    let options = Options { links: true, ..brief() };
    let shown = human(&at.map, vec![finding.clone()], &options);
    let link = "\u{1b}]8;;https://purposelint.dev/rules/acme/hostile\u{1b}\\";
    let shown = shown.replace(link, "<link>").replace("\u{1b}]8;;\u{1b}\\", "</link>");
    insta::assert_snapshot!(shown, @r"
    <link>acme/hostile</link> (error)
      × `\u{1b}[2Jgone\u{202e}` and\nmore
       ╭─[purposes.yaml:1:33]
     1 │ title: ␛[31m�evil␇ # 語 default: on
       ·                                  ─┬
       ·                                   ╰── \u{1b}]8;;http://evil\u{1b}\here
       ╰────
      help: type \u{9b}31m
      for: \u{2066}EU
      flagged under:
        \u{1b}Law · law · \u{202e}
    ");
    for format in Format::ALL {
        let shown = written(format, &at.map, vec![finding.clone()], &brief());
        let bad = |c: char| {
            c != '\n'
                && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c))
        };
        assert!(!shown.contains(bad), "{format}: {shown:?}");
    }
}

#[test]
fn summaries_say_what_was_looked_at() {
    let at = Files::one(NOTES);
    let mut upcoming = fail("eu-ai-act/training-summary-missing", Severity::Info, at.label("train_ai_system", ""));
    upcoming.message = "no summary of the training content is published".into();
    upcoming.counts_from = Some(day("2027-08-02"));
    let open = undetermined("core/fact", &["purpose.started"], at.label("model_training", ""));
    let mut report = report(vec![upcoming, open]);
    report.checked.skipped = vec![Skipped { what: "legacy.purposes.yaml".into(), reason: "larger than 16 MiB".into() }];
    insta::assert_snapshot!(render_to(Format::Human, &report, &at.map, &Options::default()), @"
    undetermined: purpose.started is not declared for `model_training`
      (purposes.yaml:9); 1 rule waits for it: core/fact
    info: no summary of the training content is published (purposes.yaml:10)
      [eu-ai-act/training-summary-missing], counts from 2027-08-02

    checked 1 file, 1 service, 3 purposes against 12 rules as of 2026-11-21
    1 info; 1 undetermined (a fact is not declared)
    skipped legacy.purposes.yaml: larger than 16 MiB
    ");

    let (error, mut warning) = (failure(&at), failure(&at));
    warning.severity = Severity::Warning;
    report.findings = vec![error.into(), warning.into()];
    report.checked = Checked { files: 2, services: 1, purposes: 3, rules: 12, ..Checked::default() };
    let shown = render_to(Format::Human, &report, &at.map, &Options::default());
    assert!(
        shown.ends_with(
            "\n\nchecked 2 files, 1 service, 3 purposes against 12 rules as of 2026-11-21\n1 error, 1 warning\n"
        ),
        "{shown}"
    );

    let mut open = undetermined("core/fact", &["purpose.started"], at.label("model_training", ""));
    open.severity = Severity::Error;
    report.findings = vec![open.into()];
    let shown = render_to(Format::Human, &report, &at.map, &Options::default());
    let last = "1 undetermined (a fact is not declared), 1 of which fails the run\n";
    assert!(shown.ends_with(last), "{shown}");

    report.findings.clear();
    let shown = render_to(Format::Human, &report, &at.map, &Options::default());
    assert!(shown.ends_with("as of 2026-11-21\nnothing is flagged\n"), "{shown}");

    report.checked = Checked::default();
    let shown = render_to(Format::Human, &report, &at.map, &Options::default());
    assert_eq!(shown, "nothing was checked: no declaration was read\n");
}

#[test]
fn concise_is_one_line_per_finding() {
    let at = Files::one(NOTES);
    let open = undetermined("core/fact", &["purpose.started"], at.label("model_training", ""));
    insta::assert_snapshot!(written(Format::Concise, &at.map, vec![failure(&at), open], &brief()), @"
    purposes.yaml:5:14: error[fair-defaults/ai-training-on-by-default] `model_training` is on by default in CH, GB and EEA except EU
    purposes.yaml:9:3: warning[core/fact] something is the matter
    ");
}

#[test]
fn problems_without_a_rule_look_alike() {
    let at = Files::one("pack: [core, eu-gpdr]\n");
    let problem = Diagnostic::new("unknown-pack", at.label("eu-gpdr", "").span, "there is no pack `eu-gpdr`")
        .help("did you mean `eu-gdpr`?");
    let mut out = Vec::new();
    diagnostics(&[problem], &at.map, &Options::default(), &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @"
     × there is no pack `eu-gpdr`
      ╭─[purposes.yaml:1:14]
    1 │ pack: [core, eu-gpdr]
      ·              ───────
      ╰────
     help: did you mean `eu-gdpr`?
    ");
}

#[test]
fn colours_are_only_used_when_asked_for() {
    let at = Files::one(NOTES);
    let plain = human(&at.map, vec![failure(&at)], &brief());
    let color = human(&at.map, vec![failure(&at)], &Options { color: true, ..brief() });
    assert!(!plain.contains('\u{1b}'));
    let mut stripped = String::new();
    for (at, part) in color.split("\u{1b}[").enumerate() {
        stripped.push_str(if at == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(stripped, plain);
}

#[test]
fn every_place_can_be_shown() {
    let texts = [
        "",
        "\n",
        "a",
        "a\n",
        "\u{feff}a: b\r\nc: d",
        "\u{feff}",
        "a\r\n\r\n",
        "\t語: 👩‍💻 é\n\t\tx",
        "\r\r",
        "e\u{301}\u{301}\n\n\nz\n",
    ];
    for text in texts {
        let mut map = SourceMap::new();
        let file = map.add("a.yaml", text);
        let mut all = Vec::new();
        for start in 0..=text.len() + 2 {
            for end in start..=text.len() + 2 {
                let mut finding = fail("core/x", Severity::Error, label(Span::new(file, start, end), "here"));
                finding.labels =
                    vec![label(Span::new(file, start / 2, end), "and there"), label(Span::new(file, end, end), "")];
                all.push(finding);
            }
        }
        let shown = human(&map, all, &brief());
        assert!(!shown.contains("Failed to read"), "{text:?}: {shown}");
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a renderer that scans the file for each label needs minutes here; the bound is generous"
)]
fn many_diagnostics_in_a_large_file_take_no_time() {
    let text: String = (0..40_000).map(|at| format!("purpose_{at}: {{ default: on }}\n")).collect();
    assert!(text.len() > 1_000_000);
    let mut map = SourceMap::new();
    let file = map.add("large.yaml", text.clone());
    let step = text.len() / 2_000;
    let findings: Vec<Finding> = (0..2_000)
        .map(|at| {
            let mut finding = fail("core/x", Severity::Error, label(Span::new(file, at * step, at * step + 5), "here"));
            finding.labels = vec![label(Span::new(file, at * step + 100, at * step + 105), "there")];
            finding
        })
        .collect();
    let start = std::time::Instant::now();
    let shown = human(&map, findings, &brief());
    let took = start.elapsed();
    assert_eq!(shown.matches("core/x (error)").count(), 2_000);
    assert!(took.as_secs() < 5, "{took:?}");
}

#[test]
fn a_huge_line_is_cut() {
    let at = Files::one(&format!("{{a: '{}', default: on}}", "語\u{301}".repeat(200_000)));
    let mut finding = fail("core/x", Severity::Error, at.label("on", "on by default here"));
    finding.message = "語".repeat(100_000);
    finding.labels = vec![at.label("a", "far away")];
    let shown = human(&at.map, vec![finding], &brief());
    assert!(shown.len() < 10_000, "{}", shown.len());
    assert!(shown.contains("see: purposes.yaml:1:2: far away"), "{shown}");
}

#[test]
fn reports_do_not_depend_on_the_run() {
    let at = Files::one(NOTES);
    for format in Format::ALL {
        let render = || {
            written(
                format,
                &at.map,
                vec![failure(&at), undetermined("core/fact", &["purpose.started"], at.label("on", ""))],
                &Options::default(),
            )
        };
        assert_eq!(render(), render());
        assert_eq!(Format::parse(format.as_str()), Some(format));
    }
}

#[test]
fn a_text_that_is_gone_by_then_is_told_and_breaks_no_report() {
    let at = Files::one(NOTES);
    let findings = vec![failure(&at), undetermined("core/fact", &["purpose.started"], at.label("on", ""))];
    for format in Format::ALL {
        let (recent, mut map) = (Arc::new(Recent::new(0)), SourceMap::new());
        for text in ["what takes the room", NOTES] {
            let first = recent.first(text.as_bytes().to_vec().into());
            if text == NOTES {
                map.add_again("purposes.yaml", first, Box::new(|| None));
            }
        }
        let shown = written(format, &map, findings.clone(), &Options::default());
        assert!(shown.contains("fact"), "{format}: {shown}");
        assert_eq!(map.changed().count(), 1, "{format}");
    }
}
