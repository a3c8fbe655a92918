//! What resolution says beside the values: slips in overrides, who is meant, what decided, and how much is too much.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

use purposelint::model::{Checks, EntityKind, Workspace, lower};
use purposelint::resolve::{Boundaries, Effective, Owner, State, StateKind, Tri, Work, problems};
use purposelint::source::{SourceMap, Span};
use purposelint::space::{AgeSet, Atlas, Block, Date, Describe, Folder};
use purposelint::syntax::{Limits, parse};
use purposelint::vocabulary::Vocabulary;

const TODAY: &str = "2026-11-21";

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn workspace(text: &str) -> Workspace {
    let mut sources = SourceMap::new();
    let file = sources.add("purposes.yaml", text);
    let (tree, problems) = parse(&sources, file, &Limits::default());
    assert!(problems.is_empty(), "{problems:?}\n{text}");
    let atlas = Atlas::builtin();
    let (lowered, _) = lower(tree.root(&tree.documents()[0]).unwrap(), atlas, Vocabulary::builtin());
    let checks = Checks { atlas, date: day(TODAY), until: day(TODAY), complete: true };
    Workspace::build(vec![lowered], &checks).0
}

/// A service for three countries, everybody from 13 on, and two plans, in which purposes and what else is given are declared.
fn service(rest: &str) -> String {
    format!("version: 1\nservice: s\nregions: [FR, DE, GB]\nages: 13+\nplans: [free, pro]\n{rest}\n")
}

fn purpose(setting: &str) -> String {
    service(&format!("purposes: {{x: {{use: collect, setting: {{{setting}}}}}}}"))
}

fn resolved<T>(text: &str, boundaries: &Boundaries, tell: impl Fn(&Effective<'_>) -> T) -> T {
    let workspace = workspace(text);
    let effective = Effective::resolve(&workspace, &workspace.services()[0], Atlas::builtin(), day(TODAY), boundaries);
    tell(&effective)
}

fn words(effective: &Effective<'_>, blocks: &[Block]) -> String {
    let folder = Folder::new(Atlas::builtin(), effective.universe.territories, effective.date);
    Describe { folder, universe: effective.universe, plans: &effective.service.plans }.blocks(blocks)
}

fn slice(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// Each problem with its place, the words there, what is proposed, the other places, whose it is, and whom it concerns.
fn told(text: &str) -> Vec<String> {
    resolved(text, &Boundaries::default(), |effective| {
        let line = |problem: &purposelint::resolve::Problem| {
            let wrong = &problem.diagnostic;
            let label =
                |label: &purposelint::diagnostic::Label| format!("[{}: {}]", slice(text, label.span), label.text);
            let others: String = wrong.labels.iter().map(label).collect();
            format!(
                "{} {}{others} {}; {} / {:?} {} at {}, {:?}: {}",
                wrong.code,
                label(&wrong.primary),
                wrong.message,
                wrong.help.as_deref().unwrap_or_default(),
                problem.subject.0,
                problem.subject.1,
                slice(text, problem.declared),
                problem.purpose,
                words(effective, &problem.cells),
            )
        };
        problems(effective, Atlas::builtin()).iter().map(line).collect()
    })
}

#[test]
fn slips_in_overrides_are_told() {
    for setting in [
        "default: off, overrides: [{regions: [FR], default: ask}]",
        // two that say the same do not disagree
        "default: off, overrides: [{regions: [FR], default: on}, {plans: [pro], default: on}]",
        // the narrower one wins
        "default: off, overrides: [{regions: [EEA], default: on}, {regions: [FR], default: ask}]",
        // an item that cannot be read may be anybody
        "default: off, overrides: [{regions: [US, ZQ], default: ask}]",
        "default: off, overrides: [{regions: [WORLD, ZQ], default: ask}]",
        // for everybody, but not always
        "default: off, overrides: [{regions: [WORLD], from: 2027-01-01, default: ask}]",
        "default: off, overrides: [{regions: [FR, DE], default: ask}]",
    ] {
        assert_eq!(told(&purpose(setting)), [""; 0], "{setting}");
    }
    let whose = "Setting x at setting, None: ";
    let nobody = "the override selects nobody whom the service reaches; the service is offered in DE, FR and GB; change the \
                  selector, or remove the override";
    let never = "the override never holds: `until` is not after `from`; let `until` be the first day on which it no longer holds";
    let everybody = "the override selects everybody whom the service reaches; set the value as the base value, or narrow the \
                     selector";
    for (over, said) in [
        ("regions: [US]", format!("override-selects-nobody [regions: nobody is left] {nobody}")),
        ("ages: under-13", format!("override-selects-nobody [ages: nobody is left] {nobody}")),
        ("ages: under-13, regions: [FR]", format!("override-selects-nobody [regions: nobody is left] {nobody}")),
        ("regions: [FR], from: 2027-01-01, until: 2027-01-01", format!("override-selects-nobody [regions: ] {never}")),
        ("regions: [FR, DE, GB]", format!("override-selects-everybody [regions: nobody is left out] {everybody}")),
        ("ages: 13+", format!("override-selects-everybody [ages: nobody is left out] {everybody}")),
        ("plans: [pro, free]", format!("override-selects-everybody [plans: nobody is left out] {everybody}")),
    ] {
        let found = told(&purpose(&format!("default: off, overrides: [{{{over}, default: ask}}]")));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&said), "{over}: {found:?}");
    }
    let found = told(&purpose("default: off, overrides: [{regions: [US], default: on}]"));
    assert!(found[0].contains(whose), "{found:?}");
}

#[test]
fn what_has_no_effect_is_told() {
    for setting in [
        "default: ask, until_answer: off, on_dismiss: off",
        "default: on, until_answer: off, overrides: [{regions: [FR], default: ask}]",
        // what cannot be read may be a question
        "default: off, until_answer: on",
        "default: on, until_answer: perhaps",
        // another key that means nothing is told as that
        "default: on, overrides: [{regions: [FR], label: x}]",
        "default: on, overrides: [{regions: [FR], defualt: off}]",
    ] {
        assert_eq!(told(&purpose(setting)), [""; 0], "{setting}");
    }
    let answer = |name: &str, when: &str, default: &str| {
        format!(
            "answer-without-question [{name}: has no effect][{default}: `default` is `{default}`] `{name}` says what holds \
             {when}, and nobody is asked; declare `default: ask` for those who are asked, or remove `{name}` / Setting x at"
        )
    };
    let (until, dismissed) = ("until the person has answered", "when the person closes the question without answering");
    let nothing = "override-sets-nothing [regions: changes nothing for the people it selects] the override sets nothing; write \
                   what holds for them beside the selector, or remove the override / Setting x at";
    for (setting, said) in [
        ("default: on, until_answer: off", answer("until_answer", until, "on")),
        (
            "default: off, overrides: [{regions: [FR], default: on, on_dismiss: on}]",
            answer("on_dismiss", dismissed, "on"),
        ),
        ("default: on, overrides: [{regions: [FR]}]", nothing.to_owned()),
        // once, and not for whom besides
        ("default: on, overrides: [{regions: [US]}]", nothing.to_owned()),
    ] {
        let found = told(&purpose(setting));
        assert!(found.len() == 1 && found[0].starts_with(&said), "{setting}:\n{found:?}\n{said}");
    }
    // several settings may take what is said of those who are asked from one place
    let shared = "x-asked: &asked {until_answer: off}\nsettings:\n  a: {<<: *asked, default: ask}\n  b: {<<: *asked, default: on}\n\
                  purposes: {x: {use: collect, setting: a}, y: {use: collect, setting: b}}";
    assert_eq!(told(&service(shared)), [""; 0]);
}

#[test]
fn an_end_before_the_start_is_told() {
    for (days, said) in [
        ("started: 2020-01-01, ended: 2020-01-02", None),
        ("started: 2020-01-01, ended: 2020-01-01", None),
        ("started: {before: 2021-01-01}, ended: 2020-01-01", None),
        ("ended: 2020-01-01", None),
        ("started: 2020-01-01, ended: 2019-12-31", Some("DE, FR and GB")),
        ("started: {after: 2021-01-01}, ended: {before: 2021-01-01}", Some("DE, FR and GB")),
        ("started: 2020-01-01, ended: 2022-01-01, overrides: [{regions: [FR], ended: 2019-12-31}]", Some("FR")),
        ("started: 2020-01-01, ended: 2022-01-01, overrides: [{regions: [FR], started: 2023-01-01}]", Some("FR")),
    ] {
        let found = told(&service(&format!("purposes: {{x: {{use: collect, setting: none, {days}}}}}")));
        assert_eq!(found.len(), usize::from(said.is_some()), "{days}: {found:?}");
        let end = said.map(|whom| format!(": {whom}")).unwrap_or_default();
        assert!(
            found.iter().all(|told| told.contains("`x` ends before it starts") && told.ends_with(&end)),
            "{found:?}"
        );
    }
}

#[test]
fn an_override_as_wide_as_the_base_value_is_told_once() {
    let tie = |wrong: &str, right: &str, selector: &str, whom: &str| {
        format!(
            "ambiguous-override [{wrong}: `{wrong}` here][{right}: `{right}` here]{selector} `default` is ambiguous for {whom}: \
             the base value and an override for everybody apply and neither is more specific, "
        )
    };
    let all = "DE, FR and GB";
    let key = |key: &str| format!("[{key}: everybody, as the base value]");
    let everybody = "override-selects-everybody [";
    for (setting, said) in [
        ("default: off, overrides: [{regions: [WORLD], default: ask}]", vec![tie("ask", "off", &key("regions"), all)]),
        ("default: off, overrides: [{ages: 0+, default: ask}]", vec![tie("ask", "off", &key("ages"), all)]),
        // one item of several, and one override among several
        (
            "default: off, overrides: [{regions: [FR, WORLD], default: ask}]",
            vec![tie("ask", "off", &key("regions"), "DE and GB")],
        ),
        (
            "default: off, overrides: [{regions: [WORLD], default: ask}, {regions: [FR, DE, GB], default: on}]",
            vec![everybody.to_owned(), everybody.to_owned()],
        ),
        (
            "default: off, overrides: [{regions: [WORLD], default: ask}, {ages: 16+, default: on}, {plans: [pro, free], steps: 2}]",
            vec![everybody.to_owned(), tie("ask", "off", &key("regions"), &format!("{all}, aged 13-15"))],
        ),
        // nothing ties
        ("default: off, overrides: [{regions: [WORLD], default: off}]", vec![everybody.to_owned()]),
        ("overrides: [{regions: [WORLD], default: off}]", vec![everybody.to_owned()]),
        ("default: off, overrides: [{regions: [FR, DE, GB], default: ask}]", vec![everybody.to_owned()]),
    ] {
        let found = told(&purpose(setting));
        assert_eq!(found.len(), said.len(), "{setting}: {found:#?}");
        for (found, said) in found.iter().zip(&said) {
            assert!(found.starts_with(said), "{setting}: {found}\nand not\n{said}");
        }
    }
    let found = told(&purpose("default: off, overrides: [{regions: [WORLD], default: ask}]"));
    let help = "; write the value for everybody as the base value and remove the override, or narrow its selector / ";
    assert!(found[0].contains(help), "{found:?}");
    // what is carried out where nobody says so does not tie with an override that says so
    let both = "{regions: [WORLD], carried_out: true}, {regions: [WORLD], carried_out: false}";
    let found = told(&service(&format!("purposes: {{x: {{use: collect, setting: none, overrides: [{both}]}}}}")));
    let codes: Vec<&str> = found.iter().filter_map(|told| told.split_whitespace().next()).collect();
    assert_eq!(codes, ["override-selects-everybody", "ambiguous-override", "ambiguous-override"], "{found:#?}");
}

#[test]
fn ties_are_told_with_both_places() {
    for (setting, said) in [
        (
            "default: ask, overrides: [{regions: [FR], default: on}, {plans: [pro], default: off}]",
            "ambiguous-override [off: `off` here][on: `on` here] `default` is ambiguous for FR, on plan pro: two values apply and \
             neither is more specific, for example in FR, aged 13, on plan pro; make one of them more specific, or add an \
             override for exactly the people of both",
        ),
        (
            "default: ask, overrides: [{regions: [FR, DE], default: on}, {ages: 16+, default: off}]",
            "ambiguous-override [off: `off` here][on: `on` here] `default` is ambiguous for DE and FR, aged 16+: two values apply",
        ),
    ] {
        let found = told(&purpose(setting));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(said), "{found:?}");
    }
    for (values, said) in [
        (("carried_out: false", "carried_out: true"), "[true: `true` here][false: `false` here] `carried_out`"),
        (
            ("ended: 2027-01-01", "ended: 2028-01-01"),
            "[2028-01-01: `2028-01-01` here][2027-01-01: `2027-01-01` here] `ended`",
        ),
        (("recipients: [a]", "recipients: [b]"), "[[b]: `set` here][[a]: `set` here] `recipients`"),
    ] {
        let text = service(&format!(
            "purposes: {{x: {{use: collect, setting: {{default: off}}, overrides: [{{regions: [FR], {}}}, {{plans: [pro], {}}}]}}}}",
            values.0, values.1
        ));
        let found = told(&text);
        assert_eq!(found.len(), 1, "{found:?}");
        let said = format!("ambiguous-override {said} is ambiguous for FR, on plan pro");
        assert!(found[0].starts_with(&said), "{found:?}");
        assert!(found[0].ends_with("Purpose x at x, Some(0): FR, on plan pro"), "{found:?}");
    }
}

#[test]
fn a_default_that_nobody_declares_is_told() {
    let add = "declare the `default` of the setting: `on`, `off` or `ask` / Purpose x at x, Some(0)";
    let none = "declare the `setting` with its `default`, or `setting: none` where people have no choice / Purpose x at x, Some(0)";
    let nobody = "nobody says whether `x` is on by default";
    for (purpose, said) in [
        ("use: collect", Some(format!("[x: no `setting` here] {nobody}; {none}: WORLD"))),
        ("use: collect, setting: {title: A}", Some(format!("[setting: no `default` here] {nobody}; {add}: WORLD"))),
        (
            "use: collect, setting: {overrides: [{regions: [FR], default: on}]}",
            Some(format!("[setting: no `default` here] {nobody} for DE and GB; {add}: DE and GB")),
        ),
        ("use: collect, setting: none", None),
        ("use: collect, necessity: core", None),
        ("use: collect, carried_out: false", None),
        ("use: collect, setting: {default: off}", None),
    ] {
        let found = told(&service(&format!("purposes: {{x: {{{purpose}}}}}")));
        let said: Vec<String> = said.map(|said| format!("default-undeclared {said}")).into_iter().collect();
        let all = "DE, FR and GB";
        assert_eq!(found, said.iter().map(|said| said.replace("WORLD", all)).collect::<Vec<_>>(), "{purpose}");
    }
}

/// For whom something holds, as `FR, aged 16+: yes`, with what holds for the same people put together.
fn by_people(effective: &Effective<'_>, tell: impl Fn(usize) -> String) -> Vec<String> {
    let mut told: Vec<(String, Vec<Block>)> = Vec::new();
    for (at, atom) in effective.atoms.iter().enumerate() {
        let what = tell(at);
        match told.iter_mut().find(|(known, _)| *known == what) {
            Some((_, blocks)) => blocks.push(*atom),
            None => told.push((what, vec![*atom])),
        }
    }
    let line = |(what, blocks): &(String, Vec<Block>)| {
        format!("{}: {what}", words(effective, &purposelint::space::join(blocks.clone())))
    };
    let mut lines: Vec<String> = told.iter().map(line).collect();
    lines.sort();
    lines
}

#[test]
fn a_notice_reaches_whom_it_names() {
    for (notice, reached) in [
        ("", &["DE, FR and GB: Yes"][..]),
        ("regions: [EEA]", &["DE and FR: Yes", "GB: No"]),
        ("regions: [FR, GB]", &["DE: No", "FR and GB: Yes"]),
        ("ages: 16+", &["DE, FR and GB, aged 13-15: No", "DE, FR and GB, aged 16+: Yes"]),
        ("regions: [FR], ages: 16+", &["DE, FR and GB, aged 13-15; DE and GB, aged 16+: No", "FR, aged 16+: Yes"]),
        ("regions: [FR, ZQ]", &["DE and GB: Unknown", "FR: Yes"]),
        ("regions: [ZQ], ages: 16+", &["DE, FR and GB, aged 13-15: No", "DE, FR and GB, aged 16+: Unknown"]),
    ] {
        let text =
            service(&format!("notices: {{n: {{published: 2024-01-01, {notice}}}}}\npurposes: {{x: {{use: collect}}}}"));
        resolved(&text, &Boundaries::default(), |effective| {
            let tri = |at: usize| match effective.notices[0].reaches[at] {
                Tri::Yes => "Yes".to_owned(),
                Tri::No => "No".to_owned(),
                Tri::Unknown => "Unknown".to_owned(),
            };
            assert_eq!(by_people(effective, tri), reached, "{notice}");
        });
    }
}

#[test]
fn what_decided_is_known_with_its_place() {
    let text = purpose(
        "default: off, on_dismiss: off, overrides: [{regions: [FR], default: on}, {ages: 16+, default: ask}, {regions: [FR], ages: 16+, default: ask, \
         until_answer: on}]",
    );
    resolved(&text, &Boundaries::default(), |effective| {
        let tell = |at: usize| {
            let state = effective.state(0, at).unwrap();
            let State::Known(kind) = state.state else { panic!("{state:?}") };
            let places = state.deciders.iter().filter_map(|decider| effective.place_of(0, at, *decider));
            let own = effective.default_of(0, at).unwrap();
            assert_eq!(&own, state, "no fact of the purpose changes anything");
            let lines: Vec<&str> = places.map(|span| slice(&text, span)).collect();
            format!("{} by {}, stated {}", kind.as_str(), lines.join("+"), effective.is_stated(0, at))
        };
        assert_eq!(
            by_people(effective, tell),
            [
                "DE and GB, aged 13-15: off by off, stated false",
                "DE and GB, aged 16+: ask by ask, stated false",
                "FR, aged 13-15: on by on, stated true",
                "FR, aged 16+: on by ask+on, stated true",
            ]
        );
        // the default and what happens before an answer; what happens on dismissal is the same for all
        assert_eq!(effective.deciding(0).len(), 2);
        assert!(effective.setting(0).is_some() && effective.resolved(Owner::Setting(0)).is_some());
        assert_eq!(&*effective.resolved(Owner::Purpose(0)).unwrap().entity.id, "x");
        assert_eq!(&*effective.find(EntityKind::Purpose, "x").unwrap().1.id, "x");
        assert!(effective.find(EntityKind::Purpose, "y").is_none());
    });
    // a fact of the purpose decides before its setting
    let text = service(
        "purposes: {x: {use: collect, setting: {default: on}, overrides: [{regions: [FR], carried_out: false}, \
         {plans: [pro], ended: 2024-01-01}]}}",
    );
    resolved(&text, &Boundaries::default(), |effective| {
        let tell = |at: usize| {
            let state = effective.state(0, at).unwrap();
            let places = state.deciders.iter().filter_map(|decider| effective.place_of(0, at, *decider));
            let lines: Vec<&str> = places.map(|span| slice(&text, span)).collect();
            format!("{:?} by {}, stated {}", state.state, lines.join("+"), effective.is_stated(0, at))
        };
        assert_eq!(
            by_people(effective, tell),
            [
                "DE and GB, on plan free: Known(On) by on, stated false",
                "DE and GB, on plan pro: Known(Absent) by 2024-01-01, stated false",
                "FR: Known(Absent) by false, stated true",
            ]
        );
    });
    for (facts, state, place) in [
        ("setting: none", State::Known(StateKind::Mandatory), Some("none")),
        ("necessity: core", State::Known(StateKind::Mandatory), Some("core")),
        ("setting: nowhere", State::Unknown, Some("nowhere")),
        ("setting: [on]", State::Unknown, Some("[on]")),
        ("necessity: optional", State::Undeclared, None),
    ] {
        let text = service(&format!("purposes: {{x: {{use: collect, {facts}}}}}"));
        resolved(&text, &Boundaries::default(), |effective| {
            let here = effective.state(0, 0).unwrap();
            let places: Vec<&str> = here
                .deciders
                .iter()
                .filter_map(|d| effective.place_of(0, 0, *d))
                .map(|span| slice(&text, span))
                .collect();
            assert_eq!((here.state, places), (state, place.into_iter().collect()), "{facts}");
            assert!(effective.setting(0).is_none() && !effective.is_stated(0, 0) && effective.deciding(0).is_empty());
            assert!(effective.default_of(0, 0).is_none());
        });
    }
    let said: Vec<&str> = [StateKind::Absent, StateKind::Off, StateKind::Ask, StateKind::On, StateKind::Mandatory]
        .map(StateKind::as_str)
        .to_vec();
    assert_eq!(said, ["absent", "off", "ask", "on", "mandatory"]);
}

#[test]
fn a_key_that_means_nothing_may_have_named_people() {
    for (over, expected) in [
        ("{region: FR, default: on}", State::Unknown),
        ("{1: FR, default: on}", State::Unknown),
        ("{regions: [FR], agse: 16+, default: on}", State::Unknown),
        ("{regions: [FR], until_anwser: on}", State::Known(StateKind::Off)),
        ("{regions: [FR], default: on, first_offered: 2024-01-01}", State::Known(StateKind::On)),
    ] {
        let text =
            service(&format!("purposes: {{x: {{use: collect, setting: {{default: off, overrides: [{over}]}}}}}}"));
        resolved(&text, &Boundaries::default(), |effective| {
            let in_france = effective.atoms.iter().position(|atom| atom.territories.len() == 1).unwrap_or_default();
            assert_eq!(effective.state(0, in_france).unwrap().state, expected, "{over}");
        });
    }
}

#[test]
fn a_date_of_the_end_is_read_as_far_as_it_is_known() {
    for (ended, state) in [
        (TODAY, State::Known(StateKind::Absent)),
        ("2026-11-22", State::Known(StateKind::On)),
        ("2026-11-20", State::Known(StateKind::Absent)),
        ("{before: 2026-11-22}", State::Known(StateKind::Absent)),
        ("{after: 2026-11-21}", State::Known(StateKind::On)),
        ("{before: 2026-11-23}", State::Unsettled),
        ("{after: 2024-01-01}", State::Unsettled),
        ("soon", State::Unknown),
    ] {
        let text = service(&format!("purposes: {{x: {{use: collect, ended: {ended}, setting: {{default: on}}}}}}"));
        resolved(&text, &Boundaries::default(), |effective| {
            assert_eq!(effective.state(0, 0).unwrap().state, state, "{ended}");
        });
    }
}

#[test]
fn rules_may_draw_lines_of_their_own() {
    let text = service("purposes: {x: {use: marketing.advertising, setting: {default: on}}}");
    let places = |code: &str| Atlas::builtin().lookup(code, day(TODAY)).unwrap();
    let young = AgeSet::parse("under-16").unwrap();
    for (boundaries, lines) in [
        (Boundaries::default(), &["DE, FR and GB"][..]),
        (Boundaries { territories: vec![places("EEA")], ..Default::default() }, &["DE and FR", "GB"]),
        (
            Boundaries { ages: vec![young], ..Default::default() },
            &["DE, FR and GB, aged 13-15", "DE, FR and GB, aged 16+"],
        ),
        (
            Boundaries { ages_by_use: vec![(vec!["marketing".to_owned()], young)], ..Default::default() },
            &["DE, FR and GB, aged 13-15", "DE, FR and GB, aged 16+"],
        ),
        (
            Boundaries { ages_by_use: vec![(vec!["collect".to_owned()], young)], ..Default::default() },
            &["DE, FR and GB"],
        ),
        (
            Boundaries { plans: vec!["pro".to_owned(), "gold".to_owned()], ..Default::default() },
            &["DE, FR and GB, on plan free", "DE, FR and GB, on plan pro"],
        ),
        // no plan of this service
        (Boundaries { plans: vec!["gold".to_owned()], ..Default::default() }, &["DE, FR and GB"]),
    ] {
        resolved(&text, &boundaries, |effective| {
            let mut atoms: Vec<String> = effective.atoms.iter().map(|atom| words(effective, &[*atom])).collect();
            atoms.sort();
            assert_eq!(atoms, lines);
        });
    }
    // a use that is not known may be any
    let unknown = service("purposes: {x: {setting: {default: on}}}");
    let boundaries = Boundaries { ages_by_use: vec![(vec!["collect".to_owned()], young)], ..Default::default() };
    assert_eq!(resolved(&unknown, &boundaries, |effective| effective.atoms.len()), 2);
}

#[test]
fn where_a_service_is_offered_is_never_nowhere() {
    for (axes, whom) in [
        ("", "WORLD"),
        ("regions: [FR]", "FR"),
        ("regions: [FR, ZQ]", "FR"),
        ("regions: [ZQ]", "WORLD"),
        ("ages: 16+", "WORLD, aged 16+"),
        ("ages: [under-13, 16+]", "WORLD, aged under 13, 16+"),
        ("ages: old", "WORLD"),
    ] {
        let text = format!("version: 1\nservice: s\n{axes}\npurposes: {{x: {{use: collect}}}}\n");
        resolved(&text, &Boundaries::default(), |effective| {
            let all = Block { ages: AgeSet::ALL, ..effective.universe };
            let folder = Folder::new(Atlas::builtin(), Atlas::builtin().world(), effective.date);
            let describe = Describe { folder, universe: all, plans: &[] };
            assert_eq!(describe.block(effective.universe), whom, "{axes}");
        });
    }
}

#[test]
fn part_of_a_service_is_resolved_by_itself() {
    let workspace = workspace(&service(
        "purposes: {x: {use: collect, setting: {default: on, overrides: [{regions: [FR], default: off}]}}, y: {use: collect, \
         setting: {default: ask}}}",
    ));
    let service = &workspace.services()[0];
    for (wanted, atoms) in [("x", 2), ("y", 1)] {
        let is_wanted = |_, entity: &purposelint::model::Entity| *entity.id == *wanted;
        let effective = Effective::resolve_only(&workspace, service, Atlas::builtin(), day(TODAY), &is_wanted);
        assert_eq!((effective.purposes.len(), effective.atoms.len()), (1, atoms));
        assert_eq!(&*effective.purposes[0].resolved.entity.id, wanted);
    }
}

fn too_much(text: &str, days: usize) -> Option<String> {
    let workspace = workspace(text);
    let service = &workspace.services()[0];
    Work::of(&workspace, service, Atlas::builtin(), day(TODAY), &Boundaries::default()).too_much(days)
}

#[test]
fn what_is_too_much_is_refused_and_nothing_below_it() {
    let list = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(", ");
    let codes: Vec<&str> = Atlas::builtin().leaves().map(|(code, _)| code).collect();
    let places = |count: usize| list(count, &|at| format!("{:?}", codes[at]));
    let ages = |count: usize| list(count, &|at| format!("\"{at}\""));
    let plans = |count: usize| list(count, &|at| format!("p{at}"));
    let declared = |count: usize, overrides: &str| {
        format!(
            "version: 1\nservice: s\nplans: [{}]\npurposes: {{x: {{use: collect, setting: {{default: on, overrides: [{overrides}]}}}}}}\n",
            plans(count)
        )
    };

    // combinations of the items of overrides, in one purpose or setting
    let most = format!("{{regions: [{}], ages: [{}], plans: [{}], default: off}}", places(250), ages(10), plans(20));
    let refused = |text: &str| too_much(text, 0);
    assert_eq!(refused(&declared(20, &most)).filter(|said| said.contains("combinations; ")), None);
    assert_eq!(
        refused(&declared(20, &format!("{most}, {{regions: [FR], default: on}}"))).unwrap(),
        "the overrides of one purpose or setting have 50001 combinations; the limit is 50000"
    );
    // few people change nothing about that
    let few = declared(20, &format!("{most}, {{regions: [FR], default: on}}"))
        .replace("service: s\n", "service: s\nregions: [FR]\n");
    assert!(too_much(&few, 1).unwrap().contains("50001 combinations; "));

    // groups of people: every place and every age by itself, and 8 or 9 plans
    let each = |count: usize| {
        let [regions, ages, plans] = [places(313), ages(19), plans(count)];
        let over = |axis: &str, items: String| format!("{{{axis}: [{items}], default: off}}");
        declared(count, &[over("regions", regions), over("ages", ages), over("plans", plans)].join(", "))
    };
    assert_eq!(too_much(&each(8), 1), None, "47,576 groups");
    assert_eq!(too_much(&each(9), 1).unwrap(), "people fall into 53523 groups; the limit is 50000");

    // 47,576 groups with 340 combinations each and what a purpose costs by itself, on so many dates
    assert_eq!(too_much(&each(8), 200_000_000 / (47_576 * (340 + 16))), None);
    assert_eq!(
        too_much(&each(8), 200_000_000 / (47_576 * (340 + 16)) + 1).unwrap(),
        "1 purposes, 340 combinations of overrides, 47576 groups of people and 12 dates are more than can be worked out"
    );

    // exactly as many as there may be: 250 groups of places, 10 of ages, 20 plans
    let exactly = |more: usize| {
        let over = |axis: &str, items: String| format!("{{{axis}: [{items}], carried_out: false}}");
        let axes = [over("regions", places(249 + more)), over("ages", ages(9)), over("plans", plans(19))];
        let (all, rest) = (axes.join(", "), over("regions", places(107 - more)));
        let declared = format!("{{use: collect, setting: none, overrides: [{all}, {rest}]}}");
        format!("version: 1\nservice: s\nplans: [{}]\npurposes: {{x: {declared}}}\n", plans(20))
    };
    assert_eq!(too_much(&exactly(0), 10), None, "50,000 groups, 384 combinations and 16, ten dates: 200,000,000");
    assert!(too_much(&exactly(0), 11).unwrap().starts_with("1 purposes, 384 combinations of overrides, 50000 groups"));
    assert_eq!(too_much(&exactly(1), 10).unwrap(), "people fall into 50200 groups; the limit is 50000");

    // purposes under one setting, which are compared with each other
    let sharing = |count: usize| {
        let purposes = list(count, &|at| format!("x{at}: {{use: collect, setting: a}}"));
        format!("version: 1\nservice: s\nsettings: {{a: {{default: on}}}}\npurposes: {{{purposes}}}\n")
    };
    assert_eq!(too_much(&sharing(1_414), 1), None);
    assert!(too_much(&sharing(1_415), 1).unwrap().starts_with("1415 purposes, 0 combinations of overrides, 1 groups"));
}
