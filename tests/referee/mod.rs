//! The referee: a second implementation of resolution, slow and plain, that shares no code with `src/`.
//!
//! It answers two questions at one point and on one date: which value does a property have
//! ([`value_at`]), and in which state is a purpose ([`state_at`]). Property tests ask the engine the
//! same and compare. DESIGN.md section 4 is the contract; each function quotes the sentence that it
//! carries out. Nothing here is precomputed, shared between points or otherwise clever.
//!
//! It reads valid declarations only and panics on others: [`generate`] makes no invalid ones.

#![allow(dead_code, unreachable_pub, reason = "each test binary that includes the referee uses a part of it")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

pub mod generate;

/// Territories on the date in question.
#[derive(Debug, Clone)]
pub struct World {
    /// Every territory leaf: the whole axis.
    pub leaves: Vec<String>,
    /// Groups with their members on that date, flattened to leaves; `WORLD` included.
    pub groups: BTreeMap<String, Vec<String>>,
}

/// "point: one (territory, age, plan)".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// A territory leaf.
    pub territory: String,
    /// 0 to 18, where 18 means 18 and over.
    pub age: u8,
    /// `None` is the one implicit plan of a service without `plans`.
    pub plan: Option<String>,
}

/// What has properties that an override may set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// The id of a setting, or the id of the purpose whose setting is written inline.
    Setting(String),
    /// The id of a purpose.
    Purpose(String),
}

/// What resolution says about one property at one point.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// All undefeated candidates agree on this value.
    Value(Value),
    /// There is no candidate.
    Undeclared,
    /// Undefeated candidates differ: the distinct values, sorted by their JSON text.
    Ambiguous(Vec<Value>),
    /// An override with an unknown region or plan sets the property and may hold here.
    Unknown,
}

/// The effective default of a purpose at one point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// One of [`STATES`].
    Known(&'static str),
    /// No default is declared.
    Undeclared,
    /// The state depends on something that cannot be settled.
    Unknown,
}

/// "Protective order of states: `absent` > `off` > `ask` > `on` > `mandatory`": the most protective first.
pub const STATES: [&str; 5] = ["absent", "off", "ask", "on", "mandatory"];

/// Properties of a setting that an override may set.
pub const SETTING_PROPERTIES: [&str; 5] = ["default", "until_answer", "on_dismiss", "first_offered", "opt_out"];

/// Properties of a purpose that an override may set, as far as [`generate`] sets them.
pub const PURPOSE_PROPERTIES: [&str; 6] =
    ["carried_out", "lawful_basis", "started", "ended", "recipients", "retention"];

const OLDEST: u8 = 18;

// ─── Points ──────────────────────────────────────────────────────────────────────────────────────

/// "Points exist only inside the service's regions × ages × plans."
pub fn points(service: &Value, world: &World) -> Vec<Point> {
    let mut found = Vec::new();
    for territory in service_territories(service, world) {
        for &age in &service_ages(service) {
            for &plan in &service_plans(service) {
                found.push(Point { territory: territory.to_owned(), age, plan: plan.map(str::to_owned) });
            }
        }
    }
    found
}

/// Every setting, inline or not, and every purpose of a service.
pub fn entities(service: &Value) -> Vec<Entity> {
    let mut found = Vec::new();
    for (id, _) in mapping(service.get("settings")) {
        found.push(Entity::Setting(id.clone()));
    }
    for (id, purpose) in mapping(service.get("purposes")) {
        if purpose.get("setting").is_some_and(Value::is_object) {
            found.push(Entity::Setting(id.clone()));
        }
        found.push(Entity::Purpose(id.clone()));
    }
    found
}

/// "Only these have defaults: `regions` WORLD …". A region that is unknown holds no point.
fn service_territories<'a>(service: &'a Value, world: &'a World) -> BTreeSet<&'a str> {
    let mut territories = BTreeSet::new();
    match items(service, "regions") {
        None => territories.extend(territories_of("WORLD", world).expect("the world has WORLD")),
        Some(regions) => {
            for region in regions {
                territories.extend(territories_of(text(region), world).unwrap_or_default());
            }
        }
    }
    territories
}

/// "… `ages` all …".
fn service_ages(service: &Value) -> BTreeSet<u8> {
    match items(service, "ages") {
        None => all_ages(),
        Some(list) => list.into_iter().flat_map(ages_of).collect(),
    }
}

/// "Plans are the ids in `plans`, or one implicit plan."
fn service_plans(service: &Value) -> BTreeSet<Option<&str>> {
    match items(service, "plans") {
        None => BTreeSet::from([None]),
        Some(list) => list.into_iter().map(|plan| Some(text(plan))).collect(),
    }
}

/// The leaves of a region item, or `None` if it is neither a group nor a leaf.
fn territories_of<'a>(item: &str, world: &'a World) -> Option<BTreeSet<&'a str>> {
    if let Some(members) = world.groups.get(item) {
        return Some(members.iter().map(String::as_str).collect());
    }
    let leaf = world.leaves.iter().find(|leaf| *leaf == item)?;
    Some(BTreeSet::from([leaf.as_str()]))
}

/// "Ages are whole years 0 to 18, where 18 means 18 and over."
fn all_ages() -> BTreeSet<u8> {
    (0..=OLDEST).collect()
}

/// "Written `under-13`, `13-15` (both ends), `16+`, `adult`"; a bare number is that year.
fn ages_of(item: &Value) -> BTreeSet<u8> {
    let written = match item {
        Value::Number(number) => number.to_string(),
        other => text(other).to_owned(),
    };
    let year = |digits: &str| -> u8 {
        let year = digits.parse().ok().filter(|year| *year <= OLDEST);
        year.unwrap_or_else(|| panic!("`{written}` is not an age from 0 to 18"))
    };
    if written == "adult" {
        BTreeSet::from([OLDEST])
    } else if let Some(end) = written.strip_prefix("under-") {
        (0..year(end)).collect()
    } else if let Some(start) = written.strip_suffix('+') {
        (year(start)..=OLDEST).collect()
    } else if let Some((start, end)) = written.split_once('-') {
        (year(start)..=year(end)).collect()
    } else {
        BTreeSet::from([year(&written)])
    }
}

// ─── One property ────────────────────────────────────────────────────────────────────────────────

/// The value of one property of one setting or purpose, at a point and a date.
pub fn value_at(service: &Value, world: &World, date: &str, entity: &Entity, property: &str, point: &Point) -> Outcome {
    let body = match entity {
        Entity::Purpose(id) => purpose_body(service, id),
        Entity::Setting(id) => match service.get("settings").and_then(|all| all.get(id)) {
            Some(setting) => setting,
            None => purpose_body(service, id)
                .get("setting")
                .filter(|setting| setting.is_object())
                .unwrap_or_else(|| panic!("no setting `{id}`, and no inline setting of that purpose")),
        },
    };
    Scene { service, world, date, point }.outcome(body, property)
}

/// What stays the same while a property or a state is worked out.
#[derive(Clone, Copy)]
struct Scene<'a> {
    service: &'a Value,
    world: &'a World,
    date: &'a str,
    point: &'a Point,
}

/// A value for a property, with the sets for which it was written.
struct Candidate<'a> {
    territories: BTreeSet<&'a str>,
    ages: BTreeSet<u8>,
    plans: BTreeSet<Option<&'a str>>,
    window: Window<'a>,
    value: Value,
}

/// "Dates are days; intervals are half-open, `from`/`until`"; an end that is not written is infinite.
#[derive(Clone, Copy)]
struct Window<'a> {
    from: Option<&'a str>,
    until: Option<&'a str>,
}

impl Window<'_> {
    fn contains(self, date: &str) -> bool {
        self.from.is_none_or(|from| from <= date) && self.until.is_none_or(|until| date < until)
    }

    /// Inclusion as sets of days. Only windows that contain the date are compared, so neither is empty.
    fn is_inside(self, other: Self) -> bool {
        let starts_inside = match (self.from, other.from) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(theirs)) => own >= theirs,
        };
        let ends_inside = match (self.until, other.until) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(theirs)) => own <= theirs,
        };
        starts_inside && ends_inside
    }
}

impl<'a> Scene<'a> {
    /// "If the undefeated candidates agree, that is the value; if not, the cells are ambiguous", and an
    /// override "with an unknown region or plan makes what it sets undetermined instead of vanishing".
    fn outcome(&self, body: &'a Value, property: &str) -> Outcome {
        let Some(candidates) = self.candidates(body, property) else {
            return Outcome::Unknown;
        };
        let mut values: Vec<Value> = Vec::new();
        for candidate in &candidates {
            let defeated = candidates.iter().any(|other| beats(other, candidate));
            if !defeated && !values.contains(&candidate.value) {
                values.push(candidate.value.clone());
            }
        }
        values.sort_by_key(Value::to_string);
        match values.len() {
            0 => Outcome::Undeclared,
            1 => Outcome::Value(values.remove(0)),
            _ => Outcome::Ambiguous(values),
        }
    }

    /// "At a point and a date, the candidates for a property are the base value and every override that
    /// matches and sets it." `None` if one of those that may match has an unknown region or plan.
    fn candidates(&self, body: &'a Value, property: &str) -> Option<Vec<Candidate<'a>>> {
        let mut found = Vec::new();
        if let Some(value) = base_value(body, property) {
            found.push(Candidate {
                territories: self.all_territories(),
                ages: all_ages(),
                plans: service_plans(self.service),
                window: Window { from: None, until: None },
                value,
            });
        }
        for written in items(body, "overrides").unwrap_or_default() {
            let Some(value) = set_value(written, property) else {
                continue;
            };
            let window = Window { from: written.get("from").map(text), until: written.get("until").map(text) };
            if !window.contains(self.date) {
                continue;
            }
            // "An override with lists is shorthand for one override per combination of items."
            for territories in self.territory_sets(written) {
                for ages in age_sets(written) {
                    for plans in self.plan_sets(written) {
                        // An unknown item takes nobody out: the other axes decide alone.
                        let in_territories = match &territories {
                            Some(set) => set.contains(self.point.territory.as_str()),
                            None => true,
                        };
                        let in_plans = match &plans {
                            Some(set) => set.contains(&self.point.plan.as_deref()),
                            None => true,
                        };
                        if !in_territories || !ages.contains(&self.point.age) || !in_plans {
                            continue;
                        }
                        found.push(Candidate {
                            territories: territories.clone()?,
                            ages: ages.clone(),
                            plans: plans?,
                            window,
                            value: value.clone(),
                        });
                    }
                }
            }
        }
        Some(found)
    }

    /// One territory set per region item, `None` for an unknown one.
    fn territory_sets(&self, written: &Value) -> Vec<Option<BTreeSet<&'a str>>> {
        match items(written, "regions") {
            None => vec![Some(self.all_territories())],
            Some(list) => list.into_iter().map(|item| territories_of(text(item), self.world)).collect(),
        }
    }

    /// One plan set per plan item, `None` for one that the service does not have.
    fn plan_sets(&self, written: &'a Value) -> Vec<Option<BTreeSet<Option<&'a str>>>> {
        let all = service_plans(self.service);
        match items(written, "plans") {
            None => vec![Some(all)],
            Some(list) => list
                .into_iter()
                .map(|item| Some(text(item)))
                .map(|plan| all.contains(&plan).then(|| BTreeSet::from([plan])))
                .collect(),
        }
    }

    /// "… on the whole axis, not clipped to where the service is offered".
    fn all_territories(&self) -> BTreeSet<&'a str> {
        self.world.leaves.iter().map(String::as_str).collect()
    }
}

/// One age set per age item; "an axis that is not named is the whole axis".
fn age_sets(written: &Value) -> Vec<BTreeSet<u8>> {
    match items(written, "ages") {
        None => vec![all_ages()],
        Some(list) => list.into_iter().map(ages_of).collect(),
    }
}

/// "Candidate A beats B when, on every axis (region item, ages, plans, dates), A's set is inside B's, and
/// strictly inside on at least one."
fn beats(a: &Candidate<'_>, b: &Candidate<'_>) -> bool {
    let inside_everywhere = a.territories.is_subset(&b.territories)
        && a.ages.is_subset(&b.ages)
        && a.plans.is_subset(&b.plans)
        && a.window.is_inside(b.window);
    let equal_everywhere = b.territories.is_subset(&a.territories)
        && b.ages.is_subset(&a.ages)
        && b.plans.is_subset(&a.plans)
        && b.window.is_inside(a.window);
    inside_everywhere && !equal_everywhere
}

/// The value that the base sets; "only these have defaults: … `carried_out` true".
fn base_value(body: &Value, property: &str) -> Option<Value> {
    match set_value(body, property) {
        None if property == "carried_out" => Some(Value::Bool(true)),
        set => set,
    }
}

/// The value of a property in a base or an override, in the form in which values are compared:
/// "Booleans `true`/`false` are accepted for `on`/`off`", and keys of mappings have no order.
fn set_value(body: &Value, property: &str) -> Option<Value> {
    let written = body.get(property).filter(|value| !value.is_null())?;
    let switch = ["default", "until_answer", "on_dismiss"].contains(&property);
    Some(match written {
        Value::Bool(true) if switch => Value::from("on"),
        Value::Bool(false) if switch => Value::from("off"),
        other => with_sorted_keys(other),
    })
}

fn with_sorted_keys(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(with_sorted_keys).collect(),
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            let sorted: Map<String, Value> =
                sorted.into_iter().map(|(key, value)| (key.clone(), with_sorted_keys(value))).collect();
            Value::Object(sorted)
        }
        scalar => scalar.clone(),
    }
}

// ─── State ───────────────────────────────────────────────────────────────────────────────────────

/// The state of a purpose at a point and a date. "For `state`, rules then see the least protective
/// candidate": every combination of undefeated candidates has a state. One that cannot be settled makes
/// the result unknown; else one without a default makes it undeclared.
pub fn state_at(service: &Value, world: &World, date: &str, purpose: &str, point: &Point) -> State {
    let scene = Scene { service, world, date, point };
    let body = purpose_body(service, purpose);
    let control = control_of(service, body);
    let of_setting = |property| match control {
        Control::Setting(setting) => alternatives(scene.outcome(setting, property)),
        Control::None | Control::NotNamed | Control::Undefined => vec![Alternative::Undeclared],
    };

    let mut states = Vec::new();
    for carried_out in &alternatives(scene.outcome(body, "carried_out")) {
        for ended in &alternatives(scene.outcome(body, "ended")) {
            for default in &of_setting("default") {
                for until_answer in &of_setting("until_answer") {
                    for on_dismiss in &of_setting("on_dismiss") {
                        states.push(state_of_combination(
                            date,
                            body,
                            control,
                            [carried_out, ended, default, until_answer, on_dismiss],
                        ));
                    }
                }
            }
        }
    }

    if states.contains(&State::Unknown) {
        State::Unknown
    } else if states.contains(&State::Undeclared) {
        State::Undeclared
    } else {
        let least_protective = STATES.into_iter().rev().find(|state| states.contains(&State::Known(state)));
        State::Known(least_protective.expect("there is always a combination, and it has a state"))
    }
}

/// One of the values that a property may have at a point.
#[derive(Clone)]
enum Alternative {
    Value(Value),
    Undeclared,
    Unknown,
}

fn alternatives(outcome: Outcome) -> Vec<Alternative> {
    match outcome {
        Outcome::Value(value) => vec![Alternative::Value(value)],
        Outcome::Ambiguous(values) => values.into_iter().map(Alternative::Value).collect(),
        Outcome::Undeclared => vec![Alternative::Undeclared],
        Outcome::Unknown => vec![Alternative::Unknown],
    }
}

/// What a purpose says under `setting`.
#[derive(Clone, Copy)]
enum Control<'a> {
    /// `setting: none`
    None,
    /// The key is missing.
    NotNamed,
    /// An id that no setting has.
    Undefined,
    /// A setting, named by its id or written inline.
    Setting(&'a Value),
}

fn control_of<'a>(service: &'a Value, purpose: &'a Value) -> Control<'a> {
    match purpose.get("setting") {
        None | Some(Value::Null) => Control::NotNamed,
        Some(Value::String(id)) if id == "none" => Control::None,
        Some(Value::String(id)) => match service.get("settings").and_then(|all| all.get(id)) {
            Some(setting) => Control::Setting(setting),
            None => Control::Undefined,
        },
        Some(inline) => Control::Setting(inline),
    }
}

/// "`absent` if `carried_out: false` or `ended` has passed; else `mandatory` if `setting: none`, or if no
/// setting is named and `necessity: core`; else the setting's effective default; else not declared. `ask`
/// with `until_answer: on` or `on_dismiss: on` counts as `on`."
fn state_of_combination(
    date: &str,
    purpose: &Value,
    control: Control<'_>,
    [carried_out, ended, default, until_answer, on_dismiss]: [&Alternative; 5],
) -> State {
    match carried_out {
        Alternative::Value(Value::Bool(false)) => return State::Known("absent"),
        Alternative::Value(_) => {}
        Alternative::Unknown | Alternative::Undeclared => return State::Unknown,
    }
    let ended = match ended {
        Alternative::Value(end) => has_passed(end, date),
        Alternative::Undeclared => Some(false),
        Alternative::Unknown => None,
    };
    match ended {
        Some(true) => return State::Known("absent"),
        Some(false) => {}
        None => return State::Unknown,
    }
    match control {
        Control::None => return State::Known("mandatory"),
        Control::NotNamed if is(purpose.get("necessity"), "core") => {
            return State::Known("mandatory");
        }
        Control::NotNamed => return State::Undeclared,
        Control::Undefined => return State::Unknown,
        Control::Setting(_) => {}
    }
    let default = match default {
        Alternative::Value(default) => text(default),
        Alternative::Undeclared => return State::Undeclared,
        Alternative::Unknown => return State::Unknown,
    };
    match default {
        "on" => State::Known("on"),
        "off" => State::Known("off"),
        "ask" => {
            let both = [until_answer, on_dismiss];
            if both.iter().any(|one| matches!(one, Alternative::Value(value) if is(Some(value), "on"))) {
                State::Known("on")
            } else if both.iter().any(|one| matches!(one, Alternative::Unknown)) {
                State::Unknown
            } else {
                State::Known("ask")
            }
        }
        other => panic!("`{other}` is not a default"),
    }
}

/// Whether an `ended` has passed. "A date may be a bound, `{before: D}` or `{after: D}`; a comparison that
/// the bound cannot settle is undetermined": `None`.
fn has_passed(end: &Value, date: &str) -> Option<bool> {
    if let Some(day) = end.as_str() {
        return Some(day <= date);
    }
    if let Some(before) = end.get("before").map(text)
        && date >= before
    {
        return Some(true);
    }
    if let Some(after) = end.get("after").map(text)
        && date <= after
    {
        return Some(false);
    }
    None
}

// ─── Reading ─────────────────────────────────────────────────────────────────────────────────────

/// The items of a list; a scalar is a list of one; `None` if the key is missing, which differs from `[]`.
fn items<'a>(body: &'a Value, key: &str) -> Option<Vec<&'a Value>> {
    match body.get(key) {
        None | Some(Value::Null) => None,
        Some(Value::Array(list)) => Some(list.iter().collect()),
        Some(one) => Some(vec![one]),
    }
}

fn mapping(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

fn purpose_body<'a>(service: &'a Value, id: &str) -> &'a Value {
    let body = service.get("purposes").and_then(|all| all.get(id));
    body.unwrap_or_else(|| panic!("no purpose `{id}`"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("`{value}` should be a string"))
}

fn is(value: Option<&Value>, expected: &str) -> bool {
    value.and_then(Value::as_str) == Some(expected)
}

// ─── Tests ───────────────────────────────────────────────────────────────────────────────────────

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::generate::{RUN_DATE, declaration, small_world, to_yaml};
    use super::*;

    fn yaml(text: &str) -> Value {
        serde_yaml::from_str(text).expect("the example is YAML")
    }

    fn point(territory: &str, age: u8, plan: Option<&str>) -> Point {
        Point { territory: territory.to_owned(), age, plan: plan.map(str::to_owned) }
    }

    /// The state of `training` on the date of the run, for an adult, in a service without plans.
    fn state_in(service: &Value, territory: &str) -> State {
        let point = point(territory, 18, None);
        state_at(service, &small_world(), RUN_DATE, "training", &point)
    }

    /// A property of the inline setting of `training` on the date of the run.
    fn setting_value(service: &Value, property: &str, point: &Point) -> Outcome {
        let entity = Entity::Setting("training".to_owned());
        value_at(service, &small_world(), RUN_DATE, &entity, property, point)
    }

    /// A service whose purpose `training` has this inline setting.
    fn with_setting(setting: Value) -> Value {
        json!({
            "version": 1, "service": "example", "plans": ["free", "premium"],
            "purposes": {"training": {"use": "train_ai_system", "setting": setting}},
        })
    }

    fn with_purpose(purpose: Value) -> Value {
        json!({"version": 1, "service": "example", "purposes": {"training": purpose}})
    }

    fn value(value: impl Into<Value>) -> Outcome {
        Outcome::Value(value.into())
    }

    #[test]
    fn the_worked_example_of_the_design() {
        let service = yaml(
            "
version: 1
service: professional_network
regions: [WORLD]
ages: 16+
plans: [free, premium]
settings:
  genai_improvement:
    default: on
    first_offered: 2024-09-18
    opt_out: {effect: future_only}
purposes:
  genai_training:
    use: train_ai_system.generative
    setting: genai_improvement
    lawful_basis: legitimate_interests
    started: {before: 2024-09-18}
    recipients: [parent, affiliates, model_host]
    retention: {until: person_deletes}
    overrides:
      - regions: [EEA, CH]
        carried_out: false
",
        );
        let world = small_world();
        let points = points(&service, &world);
        assert_eq!(points.len(), world.leaves.len() * 3 * 2);
        for point in &points {
            assert!((16..=18).contains(&point.age) && point.plan.is_some());
            let expected = match point.territory.as_str() {
                "FR" | "DE" | "NO" | "IS" | "LI" | "CH" => "absent",
                _ => "on",
            };
            let state = state_at(&service, &world, RUN_DATE, "genai_training", point);
            assert_eq!(state, State::Known(expected), "{point:?}");
            let setting = Entity::Setting("genai_improvement".to_owned());
            let default = value_at(&service, &world, RUN_DATE, &setting, "default", point);
            assert_eq!(default, value("on"));
            let purpose = Entity::Purpose("genai_training".to_owned());
            let started = value_at(&service, &world, RUN_DATE, &purpose, "started", point);
            assert_eq!(started, value(json!({"before": "2024-09-18"})));
        }
    }

    #[test]
    fn the_smallest_useful_declaration() {
        let service = yaml(
            "
version: 1
service: notes_app
purposes:
  model_training:
    use: train_ai_system
    setting: {default: on, overrides: [{regions: [EU], default: off}]}
",
        );
        let world = small_world();
        let points = points(&service, &world);
        assert_eq!(points.len(), world.leaves.len() * 19);
        for point in &points {
            let expected = match point.territory.as_str() {
                "FR" | "DE" => "off",
                _ => "on",
            };
            let state = state_at(&service, &world, RUN_DATE, "model_training", point);
            assert_eq!(state, State::Known(expected), "{point:?}");
            let purpose = Entity::Purpose("model_training".to_owned());
            for property in ["lawful_basis", "started", "ended", "recipients", "retention"] {
                let found = value_at(&service, &world, RUN_DATE, &purpose, property, point);
                assert_eq!(found, Outcome::Undeclared);
            }
        }
        assert_eq!(
            entities(&service),
            [Entity::Setting("model_training".to_owned()), Entity::Purpose("model_training".to_owned())]
        );
    }

    #[test]
    fn points_lie_inside_regions_ages_and_plans() {
        let world = small_world();
        let service = json!({"regions": ["EU", "FR"], "ages": ["under-13", 15], "plans": ["free", "premium"]});
        assert_eq!(points(&service, &world).len(), 2 * 14 * 2);
        assert_eq!(points(&json!({"regions": []}), &world), []);
    }

    #[test]
    fn ages_are_read_as_written() {
        let ages = |item: Value| ages_of(&item).into_iter().collect::<Vec<u8>>();
        assert_eq!(ages(json!("under-13")), (0..=12).collect::<Vec<u8>>());
        assert_eq!(ages(json!("13-15")), [13, 14, 15]);
        assert_eq!(ages(json!("16+")), [16, 17, 18]);
        assert_eq!(ages(json!("13-18")).last(), Some(&18));
        assert_eq!(ages(json!("adult")), [18]);
        assert_eq!(ages(json!("18+")), [18]);
        assert_eq!(ages(json!(15)), [15]);
        assert_eq!(ages(json!("15")), [15]);
    }

    #[test]
    fn overlapping_groups_tie() {
        // NO and LI are in both; neither group is inside the other.
        let setting = json!({"default": "ask", "overrides": [
            {"regions": ["EEA"], "default": "off"},
            {"regions": ["EFTA"], "default": "on"},
        ]});
        let service = with_setting(setting);
        let at = |territory| setting_value(&service, "default", &point(territory, 18, Some("free")));
        assert_eq!(at("NO"), Outcome::Ambiguous(vec![json!("off"), json!("on")]));
        assert_eq!(at("FR"), value("off"));
        assert_eq!(at("CH"), value("on"));
        assert_eq!(at("GB"), value("ask"));
    }

    #[test]
    fn the_state_of_a_tie_is_the_least_protective() {
        let overrides = json!([
            {"regions": ["EEA"], "default": "off"},
            {"regions": ["EFTA"], "default": "on"},
        ]);
        let service = with_purpose(json!({"setting": {"overrides": overrides}}));
        assert_eq!(state_in(&service, "NO"), State::Known("on"));
        assert_eq!(state_in(&service, "GB"), State::Undeclared);

        let carried_out = json!({
            "setting": "none",
            "overrides": [
                {"regions": ["EEA"], "carried_out": false},
                {"regions": ["EFTA"], "carried_out": true},
            ],
        });
        let service = with_purpose(carried_out);
        assert_eq!(state_in(&service, "FR"), State::Known("absent"));
        assert_eq!(state_in(&service, "NO"), State::Known("mandatory"));
    }

    #[test]
    fn a_more_specific_value_settles_a_tie() {
        let setting = json!({"default": "ask", "overrides": [
            {"regions": ["EEA"], "default": "off"},
            {"regions": ["EFTA"], "default": "on"},
            {"regions": ["NO"], "default": "ask"},
        ]});
        let service = with_setting(setting);
        let at = |territory| setting_value(&service, "default", &point(territory, 18, Some("free")));
        assert_eq!(at("NO"), value("ask"));
        assert_eq!(at("LI"), Outcome::Ambiguous(vec![json!("off"), json!("on")]));
    }

    #[test]
    fn an_override_of_the_whole_axis_ties_with_the_base() {
        for selector in [json!({}), json!({"regions": ["WORLD"]}), json!({"ages": "0-18"})] {
            let mut whole = selector;
            whole["default"] = json!("on");
            let service = with_setting(json!({"default": "off", "overrides": [whole]}));
            let found = setting_value(&service, "default", &point("FR", 18, Some("free")));
            assert_eq!(found, Outcome::Ambiguous(vec![json!("off"), json!("on")]));
        }
    }

    #[test]
    fn sets_are_not_clipped_to_where_the_service_is_offered() {
        // In a service for France, EU and FR select the same people, and FR still wins.
        let mut service = with_setting(json!({"overrides": [
            {"regions": ["FR"], "default": "on"},
            {"regions": ["EU"], "default": "off"},
        ]}));
        service["regions"] = json!(["FR"]);
        let found = setting_value(&service, "default", &point("FR", 18, Some("free")));
        assert_eq!(found, value("on"));
    }

    #[test]
    fn candidates_that_agree_do_not_tie() {
        let setting = json!({"overrides": [
            {"regions": ["EEA"], "default": "off", "opt_out": {"effect": "stops_use", "trained_models": "kept"}},
            {"regions": ["EFTA"], "default": false, "opt_out": {"trained_models": "kept", "effect": "stops_use"}},
        ]});
        let service = with_setting(setting);
        let here = point("NO", 18, Some("free"));
        assert_eq!(setting_value(&service, "default", &here), value("off"));
        assert!(matches!(setting_value(&service, "opt_out", &here), Outcome::Value(_)));
    }

    #[test]
    fn items_of_a_list_are_separate() {
        // FR beats EU although both stand in one list with NO.
        let setting = json!({"overrides": [
            {"regions": ["FR", "NO"], "default": "on"},
            {"regions": ["EU", "GB"], "default": "off"},
        ]});
        let service = with_setting(setting);
        let at = |territory| setting_value(&service, "default", &point(territory, 18, Some("free")));
        assert_eq!(at("FR"), value("on"));
        assert_eq!(at("DE"), value("off"));
        assert_eq!(at("NO"), value("on"));
    }

    #[test]
    fn nesting_across_two_axes() {
        let setting = json!({"default": "on", "overrides": [
            {"regions": ["EEA"], "default": "ask"},
            {"regions": ["EU"], "ages": "under-18", "default": "off"},
            {"regions": ["WORLD"], "ages": "13-15", "default": "on"},
            {"plans": ["premium"], "default": "off"},
        ]});
        let service = with_setting(setting);
        let at = |territory, age, plan| setting_value(&service, "default", &point(territory, age, Some(plan)));
        // Inside EEA on regions, inside everyone on ages.
        assert_eq!(at("FR", 17, "free"), value("off"));
        assert_eq!(at("FR", 18, "free"), value("ask"));
        assert_eq!(at("NO", 17, "free"), value("ask"));
        // EU under 18 and everybody from 13 to 15: each is narrower on one axis.
        assert_eq!(at("FR", 14, "free"), Outcome::Ambiguous(vec![json!("off"), json!("on")]));
        assert_eq!(at("US-CA", 14, "free"), value("on"));
        // A plan is strictly inside all plans; plans and regions do not nest.
        assert_eq!(at("US-CA", 18, "premium"), value("off"));
        assert_eq!(at("FR", 18, "premium"), Outcome::Ambiguous(vec![json!("ask"), json!("off")]));
        assert_eq!(at("FR", 17, "premium"), value("off"));
    }

    #[test]
    fn windows_are_half_open_and_nest() {
        let setting = json!({"default": "on", "overrides": [
            {"from": "2026-11-21", "default": "ask"},
            {"from": "2026-11-22", "until": "2026-12-01", "default": "off"},
            {"from": "2026-12-01", "until": "2026-12-01", "default": "off"},
        ]});
        let service = with_setting(setting);
        let entity = Entity::Setting("training".to_owned());
        let here = point("FR", 18, Some("free"));
        let on = |date| value_at(&service, &small_world(), date, &entity, "default", &here);
        assert_eq!(on("2026-11-20"), value("on"));
        assert_eq!(on("2026-11-21"), value("ask"));
        assert_eq!(on("2026-11-22"), value("off"));
        assert_eq!(on("2026-11-30"), value("off"));
        assert_eq!(on("2026-12-01"), value("ask"));
    }

    #[test]
    fn each_axis_alone_makes_more_specific() {
        let wide_and_narrow = [
            (json!({"regions": ["EEA"]}), json!({"regions": ["EU"]})),
            (json!({"ages": "13+"}), json!({"ages": "13-15"})),
            (json!({}), json!({"plans": ["free"]})),
            (json!({"from": "2026-11-01"}), json!({"from": "2026-11-20"})),
            (json!({"until": "2027-01-31"}), json!({"until": "2026-12-01"})),
            (json!({"from": "2026-11-01"}), json!({"from": "2026-11-01", "until": "2026-12-01"})),
            (json!({"until": "2026-12-01"}), json!({"from": "2026-11-01", "until": "2026-12-01"})),
        ];
        for (mut wide, mut narrow) in wide_and_narrow {
            wide["default"] = json!("on");
            narrow["default"] = json!("off");
            let service = with_setting(json!({"overrides": [narrow, wide]}));
            let found = setting_value(&service, "default", &point("FR", 14, Some("free")));
            assert_eq!(found, value("off"), "{service}");
        }
    }

    #[test]
    fn windows_that_overlap_tie() {
        let setting = json!({"overrides": [
            {"until": "2026-12-01", "default": "off"},
            {"from": "2026-11-01", "default": "on"},
        ]});
        let found = setting_value(&with_setting(setting), "default", &point("FR", 18, Some("free")));
        assert_eq!(found, Outcome::Ambiguous(vec![json!("off"), json!("on")]));
    }

    #[test]
    fn an_unknown_region_or_plan_is_unknown_where_the_other_axes_match() {
        let setting = json!({"default": "off", "overrides": [
            {"regions": ["UK"], "ages": "16+", "default": "on"},
            {"regions": ["GB"], "default": "ask"},
            {"regions": ["FR"], "plans": ["gold"], "until_answer": "on"},
            {"regions": ["ZZZ"], "until": "2026-11-21", "on_dismiss": "on"},
        ]});
        let service = with_setting(setting);
        let at = |property, territory, age| setting_value(&service, property, &point(territory, age, Some("free")));
        assert_eq!(at("default", "GB", 16), Outcome::Unknown);
        assert_eq!(at("default", "IN", 18), Outcome::Unknown);
        assert_eq!(at("default", "GB", 15), value("ask"));
        assert_eq!(at("default", "IN", 15), value("off"));
        assert_eq!(at("until_answer", "FR", 15), Outcome::Unknown);
        assert_eq!(at("until_answer", "DE", 15), Outcome::Undeclared);
        assert_eq!(at("on_dismiss", "FR", 15), Outcome::Undeclared);
    }

    #[test]
    fn an_unknown_item_does_not_spoil_its_neighbours_on_other_properties() {
        let service = with_setting(json!({"default": "off", "opt_out": {"effect": "future_only"}, "overrides": [
            {"regions": ["ZZZ", "FR"], "default": "on"},
        ]}));
        let here = point("FR", 18, Some("free"));
        assert_eq!(setting_value(&service, "default", &here), Outcome::Unknown);
        assert_eq!(setting_value(&service, "opt_out", &here), value(json!({"effect": "future_only"})));
    }

    #[test]
    fn an_empty_list_selects_nobody() {
        let service = with_setting(json!({"default": "off", "overrides": [
            {"regions": [], "default": "on"},
            {"regions": ["EU"], "ages": [], "default": "on"},
            {"plans": [], "default": "on"},
        ]}));
        let found = setting_value(&service, "default", &point("FR", 18, Some("free")));
        assert_eq!(found, value("off"));
    }

    #[test]
    fn a_plan_without_plans_is_unknown() {
        let service = with_purpose(json!({
            "setting": {"default": "off", "overrides": [{"plans": ["free"], "default": "on"}]},
        }));
        assert_eq!(state_in(&service, "FR"), State::Unknown);
    }

    #[test]
    fn carried_out_is_true_unless_declared() {
        let service = with_purpose(json!({"overrides": [{"regions": ["EU"], "carried_out": false}]}));
        let entity = Entity::Purpose("training".to_owned());
        let carried_out = |territory| {
            let point = point(territory, 18, None);
            value_at(&service, &small_world(), RUN_DATE, &entity, "carried_out", &point)
        };
        assert_eq!(carried_out("FR"), value(false));
        assert_eq!(carried_out("GB"), value(true));
    }

    #[test]
    fn mandatory_and_undeclared() {
        let state = |purpose| state_in(&with_purpose(purpose), "FR");
        assert_eq!(state(json!({"setting": "none"})), State::Known("mandatory"));
        assert_eq!(state(json!({"necessity": "core"})), State::Known("mandatory"));
        assert_eq!(state(json!({"necessity": "core", "setting": {"default": "off"}})), State::Known("off"));
        assert_eq!(state(json!({})), State::Undeclared);
        assert_eq!(state(json!({"necessity": "core", "setting": {}})), State::Undeclared);
        assert_eq!(state(json!({"setting": "nowhere"})), State::Unknown);
        assert_eq!(state(json!({"setting": "nowhere", "carried_out": false})), State::Known("absent"));
    }

    #[test]
    fn ask_counts_as_on_when_silence_does() {
        let state = |setting| state_in(&with_purpose(json!({"setting": setting})), "FR");
        assert_eq!(state(json!({"default": "ask"})), State::Known("ask"));
        assert_eq!(state(json!({"default": "ask", "until_answer": "off"})), State::Known("ask"));
        assert_eq!(state(json!({"default": "ask", "until_answer": "on"})), State::Known("on"));
        assert_eq!(state(json!({"default": "ask", "until_answer": true})), State::Known("on"));
        assert_eq!(state(json!({"default": "ask", "on_dismiss": "on"})), State::Known("on"));
        assert_eq!(state(json!({"default": "off", "until_answer": "on"})), State::Known("off"));
        assert_eq!(state(json!({"default": true})), State::Known("on"));
    }

    #[test]
    fn ask_with_an_unknown_answer_is_unknown_unless_the_other_is_on() {
        let unknown = json!([{"regions": ["ZZZ"], "until_answer": "off"}]);
        let state = |setting| state_in(&with_purpose(json!({"setting": setting})), "FR");
        assert_eq!(state(json!({"default": "ask", "overrides": unknown})), State::Unknown);
        assert_eq!(state(json!({"default": "ask", "on_dismiss": "on", "overrides": unknown})), State::Known("on"));
        assert_eq!(state(json!({"default": "off", "overrides": unknown})), State::Known("off"));
    }

    #[test]
    fn an_end_passes_on_its_day() {
        let state = |ended| state_in(&with_purpose(json!({"setting": {"default": "on"}, "ended": ended})), "FR");
        assert_eq!(state(json!("2026-11-20")), State::Known("absent"));
        assert_eq!(state(json!("2026-11-21")), State::Known("absent"));
        assert_eq!(state(json!("2026-11-22")), State::Known("on"));
        assert_eq!(state(json!({"before": "2026-11-21"})), State::Known("absent"));
        assert_eq!(state(json!({"before": "2026-11-22"})), State::Unknown);
        assert_eq!(state(json!({"after": "2026-11-20"})), State::Unknown);
        assert_eq!(state(json!({"after": "2026-11-21"})), State::Known("on"));
    }

    #[test]
    fn what_is_unknown_does_not_matter_where_the_purpose_is_absent() {
        let unknown = |property: &str, value: Value| json!({"regions": ["ZZZ"], property: value});
        let state = |purpose| state_in(&with_purpose(purpose), "FR");
        let default = json!({"overrides": [unknown("default", json!("on"))]});
        assert_eq!(state(json!({"setting": default})), State::Unknown);
        assert_eq!(state(json!({"setting": default, "carried_out": false})), State::Known("absent"));
        assert_eq!(state(json!({"setting": default, "ended": "2024-09-18"})), State::Known("absent"));
        let ended = json!([unknown("ended", json!("2024-09-18"))]);
        assert_eq!(state(json!({"setting": "none", "overrides": ended})), State::Unknown);
        assert_eq!(state(json!({"setting": "none", "carried_out": false, "overrides": ended})), State::Known("absent"));
        let carried_out = json!([unknown("carried_out", json!(false))]);
        assert_eq!(state(json!({"setting": "none", "ended": "2024-09-18", "overrides": carried_out})), State::Unknown);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn yaml_reads_back_the_same(service in declaration()) {
            let read: Value = serde_yaml::from_str(&to_yaml(&service)).expect("it is YAML");
            prop_assert_eq!(read, service);
        }

        /// "Order never matters": neither of overrides nor of items in their lists.
        #[test]
        fn order_never_matters(service in declaration(), chosen in any::<prop::sample::Index>()) {
            let world = small_world();
            let reversed = with_lists_reversed(&service, "");
            let points = points(&service, &world);
            prop_assert_eq!(&points, &super::points(&reversed, &world));
            prop_assume!(!points.is_empty());
            let point = chosen.get(&points);
            for entity in entities(&service) {
                for property in SETTING_PROPERTIES.into_iter().chain(PURPOSE_PROPERTIES) {
                    prop_assert_eq!(
                        value_at(&service, &world, RUN_DATE, &entity, property, point),
                        value_at(&reversed, &world, RUN_DATE, &entity, property, point)
                    );
                }
            }
            for (id, _) in mapping(service.get("purposes")) {
                prop_assert_eq!(
                    state_at(&service, &world, RUN_DATE, id, point),
                    state_at(&reversed, &world, RUN_DATE, id, point)
                );
            }
        }
    }

    /// Everything reversed but the recipients, whose order belongs to the value.
    fn with_lists_reversed(value: &Value, key: &str) -> Value {
        match value {
            Value::Array(list) if key != "recipients" => {
                list.iter().rev().map(|item| with_lists_reversed(item, "")).collect()
            }
            Value::Object(map) => {
                let reversed: Map<String, Value> =
                    map.iter().rev().map(|(key, value)| (key.clone(), with_lists_reversed(value, key))).collect();
                Value::Object(reversed)
            }
            other => other.clone(),
        }
    }
}
