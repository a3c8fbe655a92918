//! The referee: a second implementation of resolution, slow and plain, that shares no code with `src/`.
//!
//! It answers two questions at one point and on one date: which value does a property have
//! ([`value_at`]), and in which state is a purpose ([`state_at`]). Property tests ask the engine the
//! same and compare. Each function quotes the sentence of the contract that it carries out; docs/resolution.md says the
//! same at length. Nothing here is precomputed, shared between points or otherwise clever.
//!
//! It reads valid declarations only and panics on others: [`generate`] makes no invalid ones.

#![allow(dead_code, unreachable_pub, reason = "each test binary that includes the referee uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what cannot be is a failing test"
)]

use std::collections::{BTreeMap, BTreeSet};

use calendar::day_after;
use serde_json::{Map, Value};

mod calendar;
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
    /// The state depends on something that cannot be read.
    Unknown,
    /// Whether it has ended depends on a bound that does not settle it.
    Unsettled,
}

/// "Protective order of states: `absent` > `off` > `ask` > `on` > `mandatory`": the most protective first.
pub const STATES: [&str; 5] = ["absent", "off", "ask", "on", "mandatory"];

/// Properties of a setting that an override may set.
pub const SETTING_PROPERTIES: [&str; 5] = ["default", "until_answer", "on_dismiss", "first_offered", "opt_out"];

/// Properties of a purpose that an override may set, as far as [`generate`] sets them.
pub const PURPOSE_PROPERTIES: [&str; 6] =
    ["carried_out", "lawful_basis", "started", "ended", "recipients", "retention"];

const OLDEST: u8 = 18;

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

/// The state of a purpose at a point and a date. "For `state`, rules then see the least protective
/// candidate": every combination of undefeated candidates has a state. One that cannot be settled makes
/// the result unknown; else one without a default makes it undeclared. Of several ends one that is surely
/// still to come protects least, whatever another leaves open.
pub fn state_at(service: &Value, world: &World, date: &str, purpose: &str, point: &Point) -> State {
    let scene = Scene { service, world, date, point };
    let body = purpose_body(service, purpose);
    let control = control_of(service, body);
    let of_setting = |property| match control {
        Control::Setting(setting) => alternatives(scene.outcome(setting, property)),
        Control::None | Control::NotNamed | Control::Undefined => vec![Alternative::Undeclared],
    };

    let passed = |end: &Alternative| match end {
        Alternative::Value(end) => has_passed(end, date),
        _ => Some(true),
    };
    let mut ends = alternatives(scene.outcome(body, "ended"));
    if ends.iter().any(|end| passed(end) == Some(false)) {
        ends.retain(|end| passed(end).is_some());
    }
    let mut states = Vec::new();
    for carried_out in &alternatives(scene.outcome(body, "carried_out")) {
        for ended in &ends {
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

    // the end comes first: what has ended needs no default
    if states.contains(&State::Unsettled) {
        State::Unsettled
    } else if states.contains(&State::Unknown) {
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
        Alternative::Unknown => return State::Unknown,
    };
    match ended {
        Some(true) => return State::Known("absent"),
        Some(false) => {}
        None => return State::Unsettled,
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
/// the bound cannot settle is undetermined": `None`. `before` and `after` leave the day itself out.
fn has_passed(end: &Value, date: &str) -> Option<bool> {
    if let Some(day) = end.as_str() {
        return Some(day <= date);
    }
    if let Some(before) = end.get("before").map(text)
        && day_after(date).as_str() >= before
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

#[cfg(test)]
mod tests;
