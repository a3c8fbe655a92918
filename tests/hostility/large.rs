//! Declarations that are sound and large: judged in time, and in memory that does not multiply.

use super::HEAD;
use super::case::{Case, many};

/// What is found in all of them but one.
const FOUND: &str = "ai-training-on-by-default";

fn case(name: &str, code: i32, text: String) -> Case {
    Case::new(name, code, FOUND).file("purposes.yaml", text)
}

/// `count` purposes that are on by default, with the rest of what each says.
fn purposes(head: &str, count: usize, rest: impl Fn(usize) -> String) -> String {
    let purposes = many(count, |at| format!("  p{at}: {{use: train_ai_system, {}}}\n", rest(at)));
    format!("version: 1\nservice: a\n{head}purposes:\n{purposes}")
}

fn plans(count: usize) -> String {
    many(count, |at| format!("q{at}, "))
}

pub(crate) fn all() -> Vec<Case> {
    let mut cases = wide();
    cases.extend(files());
    cases.extend(long());
    cases.extend(lists());
    cases
}

/// Much of what rules look at.
fn wide() -> Vec<Case> {
    let on = |_: usize| "setting: {default: on}".to_owned();
    let day = |at: usize| format!("setting: {{default: on}}, started: 2027-{:02}-{:02}", 1 + at % 4, 1 + at % 28);
    let notices = many(1_000, |at| format!("  n{at}: {{published: 2024-01-01, covers: [p0]}}\n"));
    let codes = ["US", "GB", "FR", "DE", "IT", "ES", "PT", "CH", "AT", "BE", "NL", "SE", "FI", "NO", "DK", "IE"];
    let overrides = many(40, |at| {
        let code = |more: usize| codes[(at * 5 + more * 3) % codes.len()];
        let age = at % 9;
        let default = if at % 2 == 0 { "on" } else { "off" };
        let (first, second, third, from, to) = (code(0), code(1), code(2), age + 2, age + 4);
        format!(
            "{{regions: [{first}, {second}, {third}], ages: [{age}-{from}, {to}, 16+], plans: [q0, q1, q2], default: {default}}}, "
        )
    });
    vec![
        case("1,000 purposes", 1, purposes("", 1_000, on)).within(5.0),
        // with all packs it is said to be too much
        Case::new("9,999 purposes", 1, "purposes.yaml:").file("purposes.yaml", purposes("", 9_999, on)).within(30.0),
        case(
            "300 purposes under one setting",
            1,
            purposes("settings: {x: {default: on}}\n", 300, |_| "setting: x".into()),
        )
        .within(5.0),
        case("60 days to come", 1, purposes("", 60, day)).within(5.0),
        case("1,000 notices", 1, purposes(&format!("notices:\n{notices}"), 1, on)),
        case(
            "40 overrides across one another",
            1,
            purposes(&format!("plans: [{}]\n", plans(4)), 1, |_| {
                format!("setting: {{default: on, overrides: [{overrides}]}}")
            }),
        ),
        case(
            "1,000 services",
            1,
            many(1_000, |at| {
                format!("---\n{}", HEAD.replace("service: a", &format!("service: s{at}")).replace("off", "on"))
            }),
        )
        .within(10.0),
    ]
}

/// As many files as the largest repositories have.
fn files() -> Vec<Case> {
    let declared = |at: usize| HEAD.replace("service: a", &format!("service: s{at}"));
    let here = || case("50,000 other files", 1, HEAD.replace("off", "on"));
    vec![
        here().files((0..50_000).map(|at| (format!("d{}/f{at}.txt", at % 100), String::new()))),
        case("50,000 declarations", 1, HEAD.replace("off", "on"))
            .files((0..50_000).map(|at| (format!("d{}/f{at}.purposes.yaml", at % 100), declared(at))))
            .within(120.0),
        case("a folder of 50,000 declarations that say nothing", 1, HEAD.replace("off", "on"))
            .files((0..50_000).map(|at| (format!("f{at}.purposes.yaml"), String::new())))
            .within(5.0),
    ]
}

/// Long texts that a report repeats.
fn long() -> Vec<Case> {
    const LONG: &str = "must have at most 200 letters";
    const MUCH: &str = "core/alias-expansion-too-large";
    let said = |mut case: Case, said: &'static str| {
        case.said = said;
        case
    };
    let name = "n".repeat(1_000_000);
    let named = |count: usize| {
        purposes("", count, |_| "setting: {default: on}".into()).replace("service: a", &format!("service: {name}"))
    };
    let text = |count: usize, size: usize| {
        let described = |at: usize| {
            if at == 0 {
                format!("description: &d {}, setting: {{default: on}}", "words and more ".repeat(size / 15))
            } else {
                "description: *d, setting: {default: on}".to_owned()
            }
        };
        purposes("", count, described)
    };
    let titled = purposes("", 1_000, |at| {
        if at == 0 {
            format!("title: &d {}, setting: {{default: on}}", "t".repeat(1_000_000))
        } else {
            "title: *d, setting: {default: on}".to_owned()
        }
    });
    let as_format =
        |case: Case, format: &str| case.run(&format!("check --as-of 2026-11-21 --color never --format {format}"));
    vec![
        said(case("a service with a name of 1 MB", 1, named(1)), LONG),
        said(case("the same with 1,000 purposes", 1, named(1_000)), LONG),
        as_format(said(case("the same as JSON", 1, named(1_000)), LONG), "json"),
        as_format(said(case("the same as SARIF", 1, named(1_000)), LONG), "sarif"),
        as_format(said(case("the same for people", 1, named(1_000)), "200 letters"), "human"),
        as_format(case("a text of 10 MB for people", 1, text(1, 10_000_000)), "human").within(3.0),
        case("a text of 10 MB", 1, text(1, 10_000_000)).within(3.0),
        said(case("a text of 1 MB for 1,000 purposes", 1, text(1_000, 1_000_000)), MUCH),
        said(case("a title of 1 MB for 1,000 purposes", 1, titled), MUCH),
    ]
}

/// Lists as long as they may be, of everything that is a list.
fn lists() -> Vec<Case> {
    let of = |rest: String| purposes("", 1, |_| format!("{rest}, setting: {{default: on}}"));
    let list = |key: &str, one: &dyn Fn(usize) -> String| {
        of(format!("{key}: [{}]", many(9_999, |at| format!("{}, ", one(at)))))
    };
    let recipients = list("recipients", &|at| format!("r{at}"));
    let organisations = format!(
        "organisations:\n{}purposes:",
        many(9_999, |at| format!("  r{at}: {{name: R, role: processor, country: US}}\n"))
    );
    let on = HEAD.replace("off", "on");
    vec![
        case("10,000 data", 1, list("data", &|_| "user.contact".into())).within(10.0),
        case("10,000 unknown data", 1, list("data", &|at| format!("usr.contact{at}"))).within(10.0),
        case("10,000 recipients", 1, recipients.replace("purposes:", &organisations)).within(2.0),
        case("10,000 recipients that nobody knows", 1, recipients).within(5.0),
        case("10,000 subjects", 1, list("subjects", &|_| "customer".into())),
        case("10,000 assessments", 1, list("assessments", &|_| "{kind: lia, date: 2024-01-01}".into())),
        Case::new("10,000 unknown regions", 1, "core/unknown-region").file(
            "purposes.yaml",
            HEAD.replace("service: a\n", &format!("service: a\nregions: [{}]\n", many(9_999, |at| format!("X{at}, ")))),
        ),
        case("10,000 unknown keys", 1, on.clone() + &many(9_990, |at| format!("    k{at}: v\n"))),
    ]
}
