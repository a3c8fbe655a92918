//! Two revisions against the referee: what the comparison says of each point is what differs there, and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::format_push_string,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "in a test, what cannot be is a failing test; and one measures time"
)]

mod compared;
mod referee;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use compared::{changes, one, workspace};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use purposelint::change::{Change, Direction, Kind, Pair, Side, compare};
use purposelint::model::{self, EntityKind};
use purposelint::resolve::Boundaries;
use purposelint::source::Span;
use purposelint::space::{Atlas, Cell, Date};
use referee::{Entity, Outcome, Point, State, World, generate};
use serde_json::{Value, json};
use world::atlas;

const SERVICE: &str = "generated_service";

/// The same declarations in every run, so that the gate has one answer; `PROPTEST_RNG_SEED=7 cargo test` tries others.
fn run(cases: u32, check: impl Fn(&Value, &Value, &str) -> Result<(), TestCaseError>) {
    let given = Config::default();
    let rng_seed = match given.rng_seed {
        RngSeed::Random => RngSeed::Fixed(20_261_122),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    let config = Config { cases, max_shrink_iters: 300, rng_seed, failure_persistence: None, ..given };
    let day = proptest::sample::select(generate::DAYS.to_vec());
    let input = (generate::declaration(), generate::declaration(), day);
    // the schema asks for at least one of each; only shrinking makes lists of none
    let is_sound = |side: &Value| {
        ["regions", "ages", "plans"].iter().all(|axis| side.get(axis).is_none_or(|list| *list != json!([])))
    };
    let result =
        TestRunner::new(config).run(&input, |(before, after, day)| match is_sound(&before) && is_sound(&after) {
            true => check(&before, &after, day),
            false => Ok(()),
        });
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn plans(declaration: &Value) -> Vec<String> {
    let plans = declaration.get("plans").and_then(Value::as_array);
    plans.into_iter().flatten().map(|plan| plan.as_str().unwrap().to_owned()).collect()
}

/// Everybody whom either side reaches, with the plans of both.
fn everybody(before: &Value, after: &Value, world: &World) -> BTreeSet<Point> {
    let all: BTreeSet<String> = plans(before).into_iter().chain(plans(after)).collect();
    let points = referee::points(before, world).into_iter().chain(referee::points(after, world));
    let spread = |point: Point| -> Vec<Point> {
        match &point.plan {
            // people of a service without plans are on whichever plan there is
            None if !all.is_empty() => {
                all.iter().map(|plan| Point { plan: Some(plan.clone()), ..point.clone() }).collect()
            }
            _ => vec![point],
        }
    };
    points.flat_map(spread).collect()
}

/// The point as a side knows it, if it reaches it.
fn on(side: &Value, reached: &BTreeSet<Point>, point: &Point) -> Option<Point> {
    let plan = if plans(side).is_empty() { None } else { point.plan.clone() };
    let point = Point { plan, ..point.clone() };
    reached.contains(&point).then_some(point)
}

fn purposes(declaration: &Value) -> BTreeSet<String> {
    declaration["purposes"].as_object().unwrap().keys().cloned().collect()
}

fn covers(change: &Change, point: &Point) -> bool {
    change.cells.iter().any(|cell| {
        cell.territories.contains(&point.territory)
            && cell.ages.contains(&point.age)
            && point.plan.as_ref().is_none_or(|plan| cell.plans.contains(plan))
    })
}

fn word(state: State) -> &'static str {
    match state {
        State::Known(word) => word,
        State::Undeclared => "not declared",
        State::Unknown => "unknown",
        State::Unsettled => "unsettled",
    }
}

fn rank(word: &str) -> Option<usize> {
    referee::STATES.iter().position(|state| *state == word)
}

/// What a property says, with what cannot be told as one value, and lists in no order.
fn said(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Value(Value::Array(mut items)) => {
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Outcome::Value(value) => value,
        Outcome::Undeclared => Value::Null,
        Outcome::Ambiguous(_) | Outcome::Unknown => json!("?"),
    }
}

#[test]
fn every_point_is_told_what_differs_for_it_and_nothing_else() {
    let world = generate::small_world();
    let atlas = atlas(&world);
    run(400, |before, after, day| {
        let texts = (generate::to_yaml(before), generate::to_yaml(after));
        let found = changes(&[&texts.0], &[&texts.1], &atlas, &[day]);
        let reached = |side: &Value| -> BTreeSet<Point> { referee::points(side, &world).into_iter().collect() };
        let (was, is) = (reached(before), reached(after));
        let shown = || format!("{day}\n{}\n---\n{}", texts.0, texts.1);
        let everybody: Vec<Point> = everybody(before, after, &world).into_iter().collect();
        for point in everybody.iter().step_by((everybody.len() / 12).max(1)) {
            for purpose in purposes(before).intersection(&purposes(after)) {
                let of = |side: &Value, reached: &BTreeSet<Point>| match on(side, reached, point) {
                    Some(point) => word(referee::state_at(side, &world, day, purpose, &point)),
                    None => "absent",
                };
                let (a, b) = (of(before, &was), of(after, &is));
                let about = Some((EntityKind::Purpose, purpose.clone()));
                let here = |path: &str| -> Vec<&Change> {
                    let inside = |change: &&Change| change.path == path || change.path.starts_with(&format!("{path}."));
                    let mine = found.iter().filter(|change| change.about.entity == about && covers(change, point));
                    mine.filter(inside).collect()
                };
                let states = here("state");
                prop_assert_eq!(
                    states.len(),
                    usize::from(a != b),
                    "{} at {:?}: {} {}\n{}",
                    purpose,
                    point,
                    a,
                    b,
                    shown()
                );
                if let [change] = states.as_slice() {
                    prop_assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some(a), Some(b)));
                    let direction = match (rank(a), rank(b)) {
                        (Some(a), Some(b)) if b > a => Direction::Weaker,
                        (Some(_), Some(_)) => Direction::Stronger,
                        _ => Direction::Unclear,
                    };
                    prop_assert_eq!(change.direction, direction);
                }
                let (Some(then), Some(now)) = (on(before, &was, point), on(after, &is, point)) else { continue };
                for name in ["lawful_basis", "started", "recipients", "retention"] {
                    let entity = Entity::Purpose(purpose.clone());
                    let then = said(referee::value_at(before, &world, day, &entity, name, &then));
                    let now = said(referee::value_at(after, &world, day, &entity, name, &now));
                    let differs = then != now && a != "absent" && b != "absent";
                    let told = here(name);
                    prop_assert_eq!(
                        !told.is_empty(),
                        differs,
                        "{} of {} at {:?}: {} {} {:?}\n{}",
                        name,
                        purpose,
                        point,
                        then,
                        now,
                        told,
                        shown()
                    );
                }
            }
        }
        Ok(())
    });
}

/// What tells changes apart, but for the direction.
type Told = (String, String, Option<String>, Option<String>, String);

fn told(change: &Change, backwards: bool) -> Told {
    let (kind, id) = change.about.entity.clone().unzip();
    // a purpose may have been moved from one setting to another
    let names: BTreeSet<Option<String>> = [id.clone(), change.about.was_called.clone().or(id)].into();
    let about = format!("{kind:?} {names:?}");
    // plans stand in the order of the side after
    let sorted = |plans: &[String]| plans.iter().cloned().collect::<BTreeSet<String>>();
    let cell = |cell: &Cell| format!("{:?} {:?} {:?}", cell.territories, cell.ages, sorted(&cell.plans));
    let cells: Vec<String> = change.cells.iter().map(cell).collect();
    let (a, b) = (change.before.clone(), change.after.clone());
    let (a, b) = if backwards { (b, a) } else { (a, b) };
    let mut cells = cells;
    cells.sort();
    (about, change.path.clone(), a, b, cells.join(" "))
}

#[test]
fn a_comparison_read_backwards_is_the_comparison_of_the_other_way_round() {
    let world = generate::small_world();
    let atlas = atlas(&world);
    run(300, |before, after, day| {
        let texts = (generate::to_yaml(before), generate::to_yaml(after));
        let there = changes(&[&texts.0], &[&texts.1], &atlas, &[day]);
        let back = changes(&[&texts.1], &[&texts.0], &atlas, &[day]);
        let by = |list: &[Change], backwards: bool| -> BTreeMap<Told, (Direction, Kind)> {
            list.iter().map(|change| (told(change, backwards), (change.direction, change.kind))).collect()
        };
        let (there, back) = (by(&there, false), by(&back, true));
        let keys = |map: &BTreeMap<Told, _>| map.keys().cloned().collect::<Vec<_>>();
        prop_assert_eq!(keys(&there), keys(&back), "{}\n---\n{}", texts.0, texts.1);
        for (key, (direction, kind)) in &there {
            let mirrored = match direction {
                Direction::Weaker => vec![Direction::Stronger],
                Direction::Stronger => vec![Direction::Weaker],
                Direction::Neutral => vec![Direction::Neutral],
                Direction::Unclear => vec![Direction::Unclear],
            };
            let (other, _) = back[key];
            // what is said for the first time may be news or not; what is no longer said is worse in any case
            let said = matches!(kind, Kind::Started | Kind::Stopped);
            // training is worse than another use, which is not known to be better than training
            let open = (said || key.1 == "use")
                && [*direction, other].contains(&Direction::Unclear)
                && [*direction, other].contains(&Direction::Weaker);
            prop_assert!(mirrored.contains(&other) || open, "{:?}: {:?} and {:?}", key, direction, other);
        }
        Ok(())
    });
}

/// The same declaration with its keys the other way round.
fn reversed(value: &Value) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                out.push('{');
                for (at, (key, value)) in map.iter().rev().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    out.push_str(&format!("{}: ", json!(key)));
                    write(value, out);
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    write(item, out);
                }
                out.push(']');
            }
            other => out.push_str(&other.to_string()),
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// The same declaration in two files: its purposes apart from all else.
fn split(value: &Value) -> (String, String) {
    let mut rest = value.clone();
    let purposes = rest.as_object_mut().unwrap().remove("purposes").unwrap();
    let part = json!({"version": 1, "service": SERVICE, "purposes": purposes});
    (generate::to_yaml(&part), generate::to_yaml(&rest))
}

#[test]
fn how_it_is_written_is_no_change() {
    let world = generate::small_world();
    let atlas = atlas(&world);
    run(300, |declaration, _, day| {
        let text = generate::to_yaml(declaration);
        let (part, rest) = split(declaration);
        let mut groups = declaration.clone();
        // a group and its members are the same people, whatever overrides say of either
        if groups.get("regions").is_none() {
            groups["regions"] = json!(["WORLD"]);
        }
        for (what, other) in [
            ("itself", vec![text.clone()]),
            ("keys in another order, on one line", vec![reversed(declaration)]),
            ("two files", vec![part.clone(), rest.clone()]),
            ("two files in another order", vec![rest, part]),
            ("a default that is written out", vec![generate::to_yaml(&groups)]),
        ] {
            let other: Vec<&str> = other.iter().map(String::as_str).collect();
            let found = changes(&[&text], &other, &atlas, &[day]);
            prop_assert!(found.is_empty(), "{}: {:?}\n{}", what, found, text);
        }
        Ok(())
    });
}

#[test]
fn each_kind_of_change_goes_its_way() {
    let atlas = Atlas::builtin();
    for (before, after, expected) in [
        ("", "title: Training", "neutral title"),
        ("retention: {period: P30D}", "retention: {period: P1Y}", "weaker retention.period"),
        ("retention: {period: P30D}", "", "weaker retention"),
        ("", "retention: {period: P30D}", "stronger retention"),
        ("retention: {period: P1Y}", "retention: {period: P365D}", ""),
        ("lawful_basis: consent", "lawful_basis: legitimate_interests", "weaker lawful_basis"),
        ("lawful_basis: contract", "lawful_basis: legitimate_interests", "unclear lawful_basis"),
        ("recipients: [ads]", "recipients: [lab, ads]", "weaker recipients.lab"),
        ("recipients: [ads, lab]", "recipients: [lab, ads]", ""),
        ("recipients: [ads]", "recipients: []", "stronger recipients.ads"),
        ("", "recipients: [ads]", "unclear recipients"),
        ("", "recipients: []", "stronger recipients"),
        (
            "data: [{category: user.content}]",
            "data: [{category: user.content}, {category: user.name}]",
            "weaker data.user.name",
        ),
        (
            "data: [{category: user.content, collected_since: 2020-01-01}]",
            "data: [{category: user.content, collected_since: 2003-01-01}]",
            "weaker data.user.content.collected_since",
        ),
        ("started: 2026-05-01", "started: {before: 2026-06-01}", "unclear started"),
        ("started: 2026-05-01", "started: 2026-04-01", "weaker started"),
        (
            "safeguards: [{kind: redaction, status: verified}]",
            "safeguards: [{kind: redaction, status: claimed}]",
            "weaker safeguards.redaction.status",
        ),
        ("assessments: [{kind: dpia}, {kind: lia}]", "assessments: [{kind: lia}]", "weaker assessments.dpia"),
        ("notices: [mail]", "notices: []", "weaker notices.mail"),
        ("existing_users: asked", "existing_users: enrolled", "weaker existing_users"),
        ("rights: {access: {route: a}}", "rights: {access: {route: b}}", "neutral rights.access.route"),
        ("decision: {human_review: true}", "decision: {human_review: false}", "weaker decision.human_review"),
        ("device_access: false", "device_access: true", "weaker device_access"),
        ("retention: later", "retention: soon", "unclear retention"),
        ("retention: later", "retention: later, title: Training", "neutral title"),
        ("", "necessity: optional", ""),
        ("", "necessity: core", "weaker necessity"),
        ("carried_out: true", "carried_out: false", "stronger state"),
        ("", "ended: 2026-01-01", "stronger state"),
    ] {
        let found = changes(&[&one(before)], &[&one(after)], atlas, &["2026-11-21"]);
        let said: Vec<String> =
            found.iter().map(|change| format!("{} {}", change.direction.as_str(), change.path)).collect();
        assert_eq!(said.join("; "), expected, "{before} -> {after}");
    }
    let other = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    };
    let text = one("recipients: [ads]");
    for (from, to, expected) in [
        ("default: on", "default: off", "stronger state of p"),
        ("stops_use", "future_only", "weaker opt_out.effect of switch"),
        ("[Me, Data]", "[Me, Settings, Data]", "weaker location of switch"),
        ("role: processor", "role: affiliate", "weaker role of ads"),
        ("ads: {name: Ads,", "ads: {", "weaker name of ads"),
        ("name: Ads,", "name: Ads, trains_models: true,", "unclear trains_models of ads"),
        ("role: third_party", "role: public", ""),
        ("regions: [FR, DE, US]", "regions: [FR, DE, US, GB]", "weaker state of p"),
        ("regions: [FR, DE, US]", "regions: [FR, US]", "stronger state of p"),
        ("  p: {", "  q: {", "weaker state of q; stronger state of p"),
        ("  p: {", "  q: {renamed_from: p, ", ""),
    ] {
        let found = changes(&[&text], &[&other(&text, from, to)], atlas, &["2026-11-21"]);
        let about = |change: &Change| change.about.entity.as_ref().map(|(_, id)| id.clone()).unwrap_or_default();
        let said: Vec<String> = found
            .iter()
            .map(|change| format!("{} {} of {}", change.direction.as_str(), change.path, about(change)))
            .collect();
        let mut expected: Vec<&str> = expected.split("; ").filter(|said| !said.is_empty()).collect();
        let mut said: Vec<&str> = said.iter().map(String::as_str).collect();
        said.sort_unstable();
        expected.sort_unstable();
        assert_eq!(said, expected, "{from} -> {to}");
    }
}

/// Which purposes of the one text are which of the other: `before>after`, in the order of the side after, those gone last.
fn recognised(before: &str, after: &str) -> Vec<String> {
    let head = "version: 1\nservice: s\nsettings: {one: {default: off}, other: {default: off}}\npurposes:\n";
    let atlas = Atlas::builtin();
    let [before, after] = [before, after].map(|text| workspace(&[&format!("{head}{text}")], atlas));
    let nothing = BTreeMap::new();
    let side = |workspace| Side { workspace, atlas, left_out: &nothing };
    let day = Date::parse("2026-11-21").unwrap();
    let pair = Pair::new(side(&before), side(&after), "s", day, &Boundaries::default()).unwrap();
    let id = |entity: Option<&model::Entity>| entity.map(|entity| entity.id.to_string()).unwrap_or_default();
    let both = pair.purposes.iter().map(|at| pair.entities(*at));
    both.map(|(before, after)| format!("{}>{}", id(before), id(after))).collect()
}

#[test]
fn a_purpose_is_recognised_by_its_name_its_former_name_or_what_it_is() {
    let one = |id: &str, rest: &str| {
        format!("  {id}: {{use: collect, data: [{{category: user.contact}}], setting: one{rest}}}\n")
    };
    let other = |id: &str, rest: &str| {
        format!("  {id}: {{use: collect, data: [{{category: user.contact}}], setting: other{rest}}}\n")
    };
    let placed = |id: &str, setting: &str| one(id, "").replace("setting: one", &format!("setting: {{{setting}}}"));
    for (before, after, expected) in [
        (one("p", ""), other("p", ""), "p>p"),
        (one("p", ""), other("q", ""), ">q p>"),
        (one("p", ""), other("q", ", renamed_from: p"), "p>q"),
        // a renaming that is taken back
        (one("q", ", renamed_from: p"), other("p", ""), "q>p"),
        (one("p", ""), one("q", ""), "p>q"),
        // a setting that is written in place is the same where it says the same
        (placed("p", "default: on, location: [Me]"), placed("q", "location: [Me], default: on"), "p>q"),
        (placed("p", "default: on"), placed("q", "default: off"), ">q p>"),
        (
            one("p", "").replace("setting: one", "setting: none"),
            one("q", "").replace("setting: one", "setting: none"),
            "p>q",
        ),
        (placed("p", "default: on"), one("q", ""), ">q p>"),
        (placed("p", "default: on") + &placed("q", "default: on"), placed("r", "default: on"), ">r p> q>"),
        (
            placed("p", "overrides: [{regions: [FR], default: on}]"),
            placed("q", "overrides: [{regions: [DE], default: on}]"),
            ">q p>",
        ),
        // the name comes first, and a former name before what it is
        (one("p", "") + &other("q", ""), other("p", "") + &one("q", ""), "p>p q>q"),
        (one("p", "") + &other("q", ""), other("x", ", renamed_from: p") + &one("y", ", renamed_from: q"), "p>x q>y"),
        // what fits two is neither
        (one("p", "") + &one("q", ""), one("r", ""), ">r p> q>"),
        (one("p", ""), one("q", "") + &one("r", ""), ">q >r p>"),
        (one("p", ""), one("q", ", renamed_from: p") + &other("r", ", renamed_from: p"), "p>q >r"),
    ] {
        assert_eq!(recognised(&before, &after).join(" "), expected, "{before}-> {after}");
    }
}

#[test]
fn purposes_that_all_have_other_names_are_recognised_in_little_time() {
    let all = |name: &str| -> String {
        let line =
            |at: usize| format!("  {name}{at}: {{use: collect, data: [{{category: user.contact}}], setting: one}}\n");
        (0..4_000).map(line).collect()
    };
    let (before, after) = (all("p"), all("q"));
    let started = Instant::now();
    assert_eq!(recognised(&before, &after).len(), 8_000);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 3 }), "took {took:?}");
}

#[test]
fn a_change_is_where_it_decides_for_most_territories() {
    let text = |default: &str| {
        format!(
            "version: 1\nservice: s\nregions: [EU, US]\npurposes:\n  training:\n    use: train_ai_system\n    setting:\n      default: {default}\n      overrides:\n        - {{regions: [FR], default: {default}}}\n        - {{regions: [DE], default: {default}}}\n        - {{regions: [EU], default: {default}}}\n"
        )
    };
    let (was, is) = (text("off"), text("on"));
    let found = changes(&[&was], &[&is], Atlas::builtin(), &["2026-11-21"]);
    let [change] = found.as_slice() else { panic!("{found:?}") };
    let line = |text: &str, at: Span| text.get(..at.start as usize).unwrap().lines().count();
    // the states of the US, then what is left of the EU, then the two of one each in the order in which they stand
    assert_eq!((change.was.map(|at| line(&was, at)), change.is.map(|at| line(&is, at))), (Some(8), Some(8)));
    assert_eq!(change.also.iter().map(|at| line(&is, *at)).collect::<Vec<_>>(), [12, 10, 11]);
}

#[test]
fn a_use_that_becomes_training_is_worse_than_another_use() {
    let atlas = Atlas::builtin();
    let text = |purpose: &str| {
        format!("version: 1\nservice: s\npurposes:\n  p: {{use: {purpose}, setting: {{default: on}}}}\n")
    };
    for (was, is, expected) in [
        ("analytics.reporting", "train_ai_system", Direction::Weaker),
        ("analytics.reporting", "train_ai_system.generative", Direction::Weaker),
        ("train_ai_system.generative", "train_ai_system", Direction::Weaker),
        ("train_ai_system", "train_ai_system.generative", Direction::Stronger),
        ("train_ai_system.generative", "train_ai_system.fine_tune", Direction::Unclear),
        ("train_ai_system", "analytics.reporting", Direction::Unclear),
        ("analytics.reporting", "collect", Direction::Unclear),
    ] {
        let found = changes(&[&text(was)], &[&text(is)], atlas, &["2026-11-21"]);
        let told: Vec<(&str, Direction)> = found.iter().map(|change| (&*change.path, change.direction)).collect();
        assert_eq!(told, [("use", expected)], "{was} to {is}");
    }
}

#[test]
fn what_is_not_yet_so_is_told_with_its_day() {
    let atlas = Atlas::builtin();
    let text = |over: &str| {
        format!(
            "version: 1\nservice: s\nregions: [FR, DE]\npurposes:\n  p: {{use: train_ai_system, setting: {{default: off, overrides: [{over}]}}}}\n"
        )
    };
    let (before, after) = (text(""), text("{regions: [FR], from: 2027-02-01, default: on}"));
    let (before, after) = (workspace(&[&before], atlas), workspace(&[&after], atlas));
    let nothing = BTreeMap::new();
    let side = |workspace| Side { workspace, atlas, left_out: &nothing };
    let days = ["2026-11-21", "2027-02-01"].map(|day| Date::parse(day).unwrap());
    let found = compare(side(&before), side(&after), "s", &days);
    let said: Vec<String> = found.iter().map(|change| format!("{} {:?}", change.whom, change.from)).collect();
    assert_eq!(said, [format!("FR {:?}", Some(days[1]))]);
}
