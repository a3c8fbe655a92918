//! Generated declarations: small vocabularies, so that ties, nesting, date windows, selections of nobody
//! and boundaries are common rather than lucky.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::World;

/// The date of the run that the generated dates lie around.
pub const RUN_DATE: &str = "2026-11-21";

/// Days before, on and after the date of the run, and far from it.
pub const DAYS: [&str; 9] = [
    "2024-09-18",
    "2026-11-01",
    "2026-11-20",
    "2026-11-21",
    "2026-11-22",
    "2026-12-01",
    "2027-01-31",
    "2027-05-20",
    "2028-01-01",
];

/// Region items that nest in, overlap with and miss each other.
pub const REGIONS: [&str; 15] =
    ["WORLD", "EU", "EEA", "EFTA", "GDPR-LIKE-EUROPE", "FR", "DE", "NO", "IS", "CH", "GB", "US", "US-CA", "CA", "IN"];

const UNKNOWN_REGIONS: [&str; 2] = ["UK", "ZZZ"];
const PLANS: [&str; 3] = ["free", "premium", "business"];
const UNKNOWN_PLAN: &str = "gold";
const SETTINGS: [&str; 3] = ["model_training", "usage_reports", "newsletter"];
const UNKNOWN_SETTING: &str = "nowhere_defined";
const PURPOSES: [&str; 4] = ["training", "reporting", "mailing", "second_training"];
const USES: [&str; 3] = ["train_ai_system", "analytics.reporting", "marketing.communications.email"];

/// A world in which every item of [`REGIONS`] exists and has the relations of the real one.
pub fn small_world() -> World {
    let groups = [
        ("EU", "FR DE"),
        ("EEA", "FR DE NO IS LI"),
        ("EFTA", "NO IS LI CH"),
        ("GDPR-LIKE-EUROPE", "FR DE NO IS LI CH GB"),
        ("US", "US-CA US-NY"),
        ("CA", "CA-ON CA-QC"),
        ("WORLD", "FR DE NO IS LI CH GB US-CA US-NY CA-ON CA-QC IN XX"),
    ];
    let split = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    let groups: BTreeMap<String, Vec<String>> =
        groups.into_iter().map(|(name, members)| (name.to_owned(), split(members))).collect();
    World { leaves: groups["WORLD"].clone(), groups }
}

/// The declaration of one service, valid by the schema.
pub fn declaration() -> impl Strategy<Value = Value> {
    let plans = option::weighted(0.6, subsequence(PLANS.to_vec(), 2..=3).prop_shuffle());
    (plans, 1..=SETTINGS.len(), 1..=PURPOSES.len()).prop_flat_map(|(plans, settings, purposes)| {
        let known_plans = plans.clone().unwrap_or_default();
        let setting_ids = &SETTINGS[..settings];
        let purpose_ids = &PURPOSES[..purposes];
        object(vec![
            ("version", always(Just(json!(1)))),
            ("service", always(Just(json!("generated_service")))),
            ("regions", sometimes(0.6, list(select(REGIONS.to_vec()), 1..=4))),
            ("ages", sometimes(0.5, ages())),
            ("plans", Just(plans.map(|plans| json!(plans))).boxed()),
            ("organisations", always(Just(organisations()))),
            ("settings", always(named(setting_ids, &setting(&known_plans)))),
            ("purposes", always(named(purpose_ids, &purpose(&known_plans, setting_ids)))),
        ])
    })
}

fn organisations() -> Value {
    json!({
        "operator": {"name": "Operator Ltd", "country": "IE", "role": "controller"},
        "parent": {"name": "Parent Corporation", "country": "US", "role": "affiliate"},
        "model_host": {"name": "Model Host", "country": "US", "role": "processor"},
    })
}

fn setting(plans: &[&'static str]) -> BoxedStrategy<Value> {
    object(vec![
        ("default", sometimes(0.85, default())),
        ("until_answer", sometimes(0.2, switch())),
        ("on_dismiss", sometimes(0.2, switch())),
        ("first_offered", sometimes(0.3, day())),
        ("opt_out", sometimes(0.3, opt_out())),
        (
            "overrides",
            overrides(
                plans,
                vec![
                    (6, "default", default()),
                    (2, "until_answer", switch()),
                    (1, "on_dismiss", switch()),
                    (1, "first_offered", day()),
                    (1, "opt_out", opt_out()),
                ],
            ),
        ),
    ])
}

fn purpose(plans: &[&'static str], setting_ids: &[&'static str]) -> BoxedStrategy<Value> {
    let by_id = select(setting_ids.to_vec()).prop_map(|id| json!(id));
    let control = prop_oneof![
        20 => by_id.prop_map(Some),
        15 => setting(plans).prop_map(Some),
        4 => Just(Some(json!("none"))),
        6 => Just(None),
        1 => Just(Some(json!(UNKNOWN_SETTING))),
    ];
    object(vec![
        ("use", always(one_of(&USES))),
        ("necessity", sometimes(0.4, one_of(&["core", "optional"]))),
        ("setting", control.boxed()),
        ("carried_out", sometimes(0.2, carried_out())),
        ("lawful_basis", sometimes(0.6, lawful_basis())),
        ("started", sometimes(0.5, day_or_bound())),
        ("ended", sometimes(0.15, day_or_bound())),
        ("recipients", sometimes(0.5, recipients())),
        ("retention", sometimes(0.5, retention())),
        (
            "overrides",
            overrides(
                plans,
                vec![
                    (4, "carried_out", carried_out()),
                    (2, "lawful_basis", lawful_basis()),
                    (1, "started", day_or_bound()),
                    (2, "ended", day_or_bound()),
                    (1, "recipients", recipients()),
                    (1, "retention", retention()),
                ],
            ),
        ),
    ])
}

/// A property that an override may set: how often it is the one that is always set, and its values.
type Property = (u32, &'static str, BoxedStrategy<Value>);

/// Missing, or a list of up to five overrides.
fn overrides(plans: &[&'static str], properties: Vec<Property>) -> BoxedStrategy<Option<Value>> {
    let selector = object(vec![
        ("regions", sometimes(0.75, regions())),
        ("ages", sometimes(0.4, ages())),
        ("plans", sometimes(if plans.is_empty() { 0.01 } else { 0.35 }, selected_plans(plans))),
    ]);
    let certain = properties
        .iter()
        .map(|(weight, name, values)| (*weight, object(vec![(*name, always(values.clone()))])))
        .collect();
    let certain = proptest::strategy::Union::new_weighted(certain);
    let others = properties.into_iter().map(|(_, name, values)| (name, sometimes(0.15, values))).collect();
    let one = (selector, window(), object(others), certain).prop_map(|(selector, window, others, certain)| {
        let parts = [selector, window, others, certain];
        let merged: Map<String, Value> = parts.into_iter().flat_map(fields).collect();
        Value::Object(merged)
    });
    sometimes(0.85, vec(one, 0..=5).prop_map(Value::Array))
}

/// Region items, rarely an unknown one, rarely none at all.
fn regions() -> BoxedStrategy<Value> {
    let item = prop_oneof![
        80 => select(REGIONS.to_vec()),
        1 => select(UNKNOWN_REGIONS.to_vec()),
    ];
    prop_oneof![30 => list(item, 1..=3), 1 => Just(json!([]))].boxed()
}

/// A single item as a scalar, or a list.
fn ages() -> BoxedStrategy<Value> {
    let item = || {
        prop_oneof![
            8 => one_of(&["under-13", "13-15", "16+", "13-17", "under-18", "adult", "13-18", "13+"]),
            2 => select(vec![12_u8, 13, 15, 16, 18]).prop_map(Value::from),
            1 => Just(Value::from("0-18")),
        ]
    };
    let distinct = vec(item(), 1..=3).prop_map(|items| Value::Array(without_repeats(items)));
    prop_oneof![20 => item(), 20 => distinct, 1 => Just(json!([]))].boxed()
}

/// Plans of the service, rarely one that it does not have, rarely none at all.
fn selected_plans(plans: &[&'static str]) -> BoxedStrategy<Value> {
    if plans.is_empty() {
        return Just(json!([UNKNOWN_PLAN])).boxed();
    }
    let item = prop_oneof![
        60 => select(plans.to_vec()),
        1 => Just(UNKNOWN_PLAN),
    ];
    prop_oneof![30 => list(item, 1..=2), 1 => Just(json!([]))].boxed()
}

/// Usually no dates, or an interval in order; sometimes one that holds no day.
fn window() -> BoxedStrategy<Value> {
    let in_order = subsequence(DAYS.to_vec(), 2);
    prop_oneof![
        10 => Just(json!({})),
        3 => day().prop_map(|from| json!({"from": from})),
        3 => day().prop_map(|until| json!({"until": until})),
        5 => in_order.prop_map(|days| json!({"from": days[0], "until": days[1]})),
        1 => (day(), day()).prop_map(|(from, until)| json!({"from": from, "until": until})),
    ]
    .boxed()
}

fn default() -> BoxedStrategy<Value> {
    prop_oneof![
        4 => one_of(&["on", "off", "ask"]),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => Just(json!("ask")),
    ]
    .boxed()
}

fn switch() -> BoxedStrategy<Value> {
    prop_oneof![3 => one_of(&["on", "off"]), 1 => any::<bool>().prop_map(Value::Bool)].boxed()
}

fn carried_out() -> BoxedStrategy<Value> {
    any::<bool>().prop_map(Value::Bool).boxed()
}

fn lawful_basis() -> BoxedStrategy<Value> {
    one_of(&["consent", "legitimate_interests", "contract"])
}

fn opt_out() -> BoxedStrategy<Value> {
    object(vec![
        ("effect", always(one_of(&["future_only", "stops_use", "stops_use_and_removes"]))),
        ("trained_models", sometimes(0.3, one_of(&["kept", "retrained"]))),
    ])
}

fn retention() -> BoxedStrategy<Value> {
    select(vec![json!({"period": "P1Y"}), json!({"period": "P90D"}), json!({"until": "person_deletes"})]).boxed()
}

fn recipients() -> BoxedStrategy<Value> {
    subsequence(vec!["parent", "model_host"], 0..=2).prop_map(|ids| json!(ids)).boxed()
}

fn day() -> BoxedStrategy<Value> {
    one_of(&DAYS)
}

fn day_or_bound() -> BoxedStrategy<Value> {
    prop_oneof![
        4 => day(),
        1 => day().prop_map(|day| json!({"before": day})),
        1 => day().prop_map(|day| json!({"after": day})),
    ]
    .boxed()
}

/// A mapping of those keys whose strategy gives a value.
fn object(fields: Vec<(&'static str, BoxedStrategy<Option<Value>>)>) -> BoxedStrategy<Value> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    values
        .prop_map(move |values| {
            let mut map = Map::new();
            for (name, value) in names.iter().zip(values) {
                if let Some(value) = value {
                    map.insert((*name).to_owned(), value);
                }
            }
            Value::Object(map)
        })
        .boxed()
}

fn named(ids: &[&'static str], bodies: &BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    object(ids.iter().map(|id| (*id, always(bodies.clone()))).collect())
}

fn always(values: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Option<Value>> {
    values.prop_map(Some).boxed()
}

fn sometimes(probability: f64, values: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Option<Value>> {
    option::weighted(probability, values).boxed()
}

fn one_of(words: &[&'static str]) -> BoxedStrategy<Value> {
    select(words.to_vec()).prop_map(Value::from).boxed()
}

/// A list of words without repeats.
fn list(
    words: impl Strategy<Value = &'static str> + 'static,
    length: std::ops::RangeInclusive<usize>,
) -> BoxedStrategy<Value> {
    vec(words.prop_map(Value::from), length).prop_map(|items| Value::Array(without_repeats(items))).boxed()
}

fn without_repeats(items: Vec<Value>) -> Vec<Value> {
    let mut kept = Vec::new();
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("`{other}` should be a mapping"),
    }
}

/// Block-style YAML that a reader of the YAML 1.2 core schema reads back as the same value. What people
/// write without quotes (`on`, `NO`, `16+`, `2026-11-21`) has none here either.
pub fn to_yaml(value: &Value) -> String {
    let mut text = lines(value).join("\n");
    text.push('\n');
    text
}

fn lines(value: &Value) -> Vec<String> {
    let mut written = Vec::new();
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let nested = lines(value);
                if is_block(value) {
                    written.push(format!("{}:", word(key)));
                    written.extend(nested.iter().map(|line| format!("  {line}")));
                } else {
                    written.push(format!("{}: {}", word(key), nested[0]));
                }
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for item in list {
                for (index, line) in lines(item).iter().enumerate() {
                    let mark = if index == 0 { "- " } else { "  " };
                    written.push(format!("{mark}{line}"));
                }
            }
        }
        Value::String(text) => written.push(word(text)),
        // Numbers, booleans, null, `[]` and `{}` are the same in JSON.
        other => written.push(other.to_string()),
    }
    written
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => false,
    }
}

/// A string without quotes where that is surely a string, else as in JSON.
fn word(text: &str) -> String {
    let starts_with = |test: fn(&char) -> bool| text.chars().next().as_ref().is_some_and(test);
    let name = starts_with(char::is_ascii_alphabetic)
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        && !["null", "true", "false"].contains(&text.to_ascii_lowercase().as_str());
    let days_or_years = starts_with(char::is_ascii_digit)
        && text.chars().all(|c| c.is_ascii_digit() || "-+".contains(c))
        && text.contains(['-', '+']);
    if name || days_or_years { text.to_owned() } else { Value::from(text).to_string() }
}
