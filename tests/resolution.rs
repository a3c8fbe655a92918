//! The engine against the referee: on generated declarations both must say the same for every property at every point.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

mod referee;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use purposelint::explain::{Question, why};
use purposelint::matrix::{Matrix, ServiceMatrix};
use purposelint::model::{Checks, EntityKind, Value as Written, Workspace, lower};
use purposelint::resolve::{Boundaries, Effective, Outcome, Property, Resolved, SettingLink, State, StateKind};
use purposelint::source::SourceMap;
use purposelint::space::{AgeSet, Atlas, Block, Date, PlanSet, TerritorySet};
use purposelint::syntax::{Limits, parse};
use purposelint::vocabulary::Vocabulary;
use referee::{Entity, Point, World, generate};
use serde_json::{Value, json};
use world::atlas;

/// A written value as the referee gives it: mapping keys sorted.
fn as_json(value: &Written) -> Value {
    match value {
        Written::Bool(value) => json!(value),
        Written::Int(value) => json!(value),
        Written::Text(text) => json!(&**text),
        Written::Duration(duration) => json!(duration.as_str()),
        Written::Date(when) => match (when.exact(), when.earliest, when.latest) {
            (Some(day), ..) => json!(day.to_string()),
            (None, None, Some(latest)) => json!({"before": latest.plus(1).to_string()}),
            (None, Some(earliest), None) => json!({"after": earliest.plus(-1).to_string()}),
            _ => json!("?"),
        },
        Written::List(items) => items.iter().map(|item| as_json(&item.value)).collect(),
        Written::Record(fields) => {
            let sorted: BTreeMap<&str, Value> =
                fields.entries.iter().map(|entry| (entry.field.name(), as_json(&entry.value.value))).collect();
            json!(sorted)
        }
        Written::Invalid(_) => json!("invalid"),
    }
}

fn outcome(property: &Property<'_>, atom: usize) -> referee::Outcome {
    let variant = property.at(atom).unwrap();
    let value = |at: &u16| match property.candidates[usize::from(*at)].value {
        Some(field) => as_json(&field.value.value),
        None => json!(true),
    };
    match &variant.outcome {
        Outcome::Value(at) => referee::Outcome::Value(value(at)),
        Outcome::Undeclared => referee::Outcome::Undeclared,
        Outcome::Unknown(_) => referee::Outcome::Unknown,
        Outcome::Ambiguous => {
            let mut values: Vec<Value> = variant.winners.iter().map(value).collect();
            values.sort_by_key(Value::to_string);
            values.dedup();
            referee::Outcome::Ambiguous(values)
        }
    }
}

fn state(state: State) -> referee::State {
    match state {
        State::Known(kind) => {
            let kinds = [StateKind::Absent, StateKind::Off, StateKind::Ask, StateKind::On, StateKind::Mandatory];
            referee::State::Known(referee::STATES[kinds.iter().position(|known| *known == kind).unwrap()])
        }
        State::Undeclared => referee::State::Undeclared,
        State::Unknown => referee::State::Unknown,
        State::Unsettled => referee::State::Unsettled,
    }
}

/// Which of the points are compared.
#[derive(Clone, Copy)]
enum Sample {
    All,
    /// This many, spread evenly.
    About(usize),
}

/// A generated declaration as a workspace, and as text.
fn workspace(declaration: &Value, atlas: &Atlas, day: Date) -> Result<(Workspace, String), TestCaseError> {
    let text = generate::to_yaml(declaration);
    let mut sources = SourceMap::new();
    let file = sources.add("purposes.yaml", text.as_str());
    let (tree, problems) = parse(&sources, file, &Limits::default());
    prop_assert!(problems.is_empty(), "{problems:?}\n{text}");
    let root = tree.root(&tree.documents()[0]).unwrap();
    let (lowered, problems) = lower(root, atlas, Vocabulary::builtin());
    prop_assert!(problems.iter().all(|problem| problem.code == "unknown-region"), "{problems:?}\n{text}");
    Ok((Workspace::build(vec![lowered], &Checks { atlas, date: day, until: day, complete: true }).0, text))
}

fn compare(declaration: &Value, date: &str, sample: Sample) -> Result<(), TestCaseError> {
    let world = generate::small_world();
    let atlas = atlas(&world);
    let day = Date::parse(date).unwrap();
    let (workspace, text) = workspace(declaration, &atlas, day)?;
    let service = &workspace.services()[0];
    let effective = Effective::resolve(&workspace, service, &atlas, day, &Boundaries::default());

    let points = referee::points(declaration, &world);
    let step = match sample {
        Sample::All => 1,
        Sample::About(count) => (points.len() / count).max(1),
    };
    for point in points.iter().step_by(step) {
        let atom = atom_of(&effective, &atlas, point, &text)?;
        for entity in referee::entities(declaration) {
            compare_entity(&effective, declaration, &world, date, &entity, point, atom, &text)?;
        }
    }
    Ok(())
}

/// The one atom that holds a point: the atoms must be a partition.
fn atom_of(effective: &Effective<'_>, atlas: &Atlas, point: &Point, text: &str) -> Result<usize, TestCaseError> {
    let plan = match &point.plan {
        None => PlanSet::first(0),
        Some(plan) => PlanSet::of(effective.service.plans.iter().position(|known| known == plan).unwrap()),
    };
    let here = Block {
        territories: TerritorySet::of(atlas.leaf(&point.territory).unwrap()),
        ages: AgeSet::range(point.age, point.age),
        plans: plan,
    };
    let holding: Vec<usize> = (0..effective.atoms.len()).filter(|at| here.is_within(effective.atoms[*at])).collect();
    prop_assert_eq!(holding.len(), 1, "{:?} lies in {} atoms\n{}", point, holding.len(), text);
    Ok(holding[0])
}

#[allow(clippy::too_many_arguments, reason = "one comparison needs both sides whole")]
fn compare_entity(
    effective: &Effective<'_>,
    declaration: &Value,
    world: &World,
    date: &str,
    entity: &Entity,
    point: &Point,
    atom: usize,
    text: &str,
) -> Result<(), TestCaseError> {
    let (resolved, properties): (Option<&Resolved<'_>>, &[&str]) = match entity {
        Entity::Setting(id) => (setting(effective, id), &referee::SETTING_PROPERTIES),
        Entity::Purpose(id) => {
            let at = effective.purposes.iter().position(|purpose| *purpose.resolved.entity.id == **id).unwrap();
            let ours = state(effective.state(at, atom).unwrap().state);
            let theirs = referee::state_at(declaration, world, date, id, point);
            prop_assert_eq!(ours, theirs, "state of {} at {:?} on {}\n{}", id, point, date, text);
            (Some(&effective.purposes[at].resolved), &referee::PURPOSE_PROPERTIES)
        }
    };
    // a setting that no purpose names is not resolved
    let Some(resolved) = resolved else { return Ok(()) };
    for name in properties {
        let property = resolved.properties.iter().find(|(field, _)| field.name() == *name);
        let ours = match property {
            Some((_, property)) => outcome(property, atom),
            None if *name == "carried_out" => referee::Outcome::Value(json!(true)),
            None => referee::Outcome::Undeclared,
        };
        let theirs = referee::value_at(declaration, world, date, entity, name, point);
        prop_assert_eq!(ours, theirs, "`{}` of {:?} at {:?} on {}\n{}", name, entity, point, date, text);
    }
    Ok(())
}

fn setting<'e, 'w>(effective: &'e Effective<'w>, id: &str) -> Option<&'e Resolved<'w>> {
    let named = effective.purposes.iter().filter_map(|purpose| match purpose.setting {
        SettingLink::Setting(at, _) => effective.settings.get(at),
        _ => None,
    });
    let of = |setting: &&Resolved<'_>| setting.entity.kind == EntityKind::Setting && *setting.entity.id == *id;
    named.into_iter().find(of)
}

/// The same declarations in every run, so that the gate has one answer; `PROPTEST_RNG_SEED=7 cargo test` tries others.
fn config() -> Config {
    let given = Config::default();
    let rng_seed = match given.rng_seed {
        RngSeed::Random => RngSeed::Fixed(20_261_121),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    Config { rng_seed, failure_persistence: None, ..given }
}

fn run(cases: u32, sample: Sample) {
    let mut runner = TestRunner::new(Config { cases, max_shrink_iters: 500, ..config() });
    let input = (generate::declaration(), proptest::sample::select(generate::DAYS.to_vec()));
    let result = runner.run(&input, |(declaration, date)| compare(&declaration, date, sample));
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn engine_and_referee_agree_on_a_sample_of_points() {
    run(2_500, Sample::About(16));
}

/// Every point lies in one cell of each purpose, by its group of territories and by its row, and in one line of the row; all say
/// what holds there. Ages and plans that make no difference have no rows of their own.
fn compare_matrix(declaration: &Value, date: &str) -> Result<(), TestCaseError> {
    let world = generate::small_world();
    let atlas = atlas(&world);
    let day = Date::parse(date).unwrap();
    let (workspace, text) = workspace(declaration, &atlas, day)?;
    let matrix = Matrix::build(&workspace, &atlas, day, &|_, _| true);
    let effective = Effective::resolve(&workspace, &workspace.services()[0], &atlas, day, &Boundaries::default());
    let shown = &matrix.services[0];
    prop_assert_eq!(shown.purposes.len(), effective.purposes.len());
    let mut in_columns: Vec<usize> = shown.columns.iter().flat_map(|column| column.groups.clone()).collect();
    in_columns.sort_unstable();
    prop_assert_eq!(in_columns, (0..shown.groups.len()).collect::<Vec<_>>());
    prop_assert!(shown.columns.len() <= 8);
    let alone: Vec<ServiceMatrix> = effective
        .purposes
        .iter()
        .map(|purpose| {
            let service = &workspace.services()[0];
            ServiceMatrix::of(&workspace, service, &atlas, day, &|id, _| id == purpose.id).unwrap()
        })
        .collect();
    for point in referee::points(declaration, &world) {
        let atom = atom_of(&effective, &atlas, &point, &text)?;
        let here = effective.atoms[atom];
        let leaf = TerritorySet::of(atlas.leaf(&point.territory).unwrap());
        let groups: Vec<usize> =
            (0..shown.groups.len()).filter(|at| leaf.is_within(shown.groups[*at].territories)).collect();
        prop_assert_eq!(groups.len(), 1, "{:?} lies in {} groups\n{}", point, groups.len(), text);
        for (at, purpose) in shown.purposes.iter().enumerate() {
            let rows: Vec<_> = purpose
                .rows
                .iter()
                .filter(|row| here.ages.is_within(row.ages) && here.plans.is_within(row.plans))
                .collect();
            prop_assert_eq!(rows.len(), 1, "{:?} lies in {} rows\n{}", point, rows.len(), text);
            let cell = &rows[0].cells[groups[0]];
            let state = effective.state(at, atom).unwrap().state;
            prop_assert_eq!(cell.state, state, "{} at {:?} on {}\n{}", purpose.id, point, date, text);
            prop_assert!(!cell.decided.is_empty() && cell.decided.iter().all(|place| *place < shown.places.len()));
            let lines: Vec<_> = rows[0].lines.iter().filter(|line| leaf.is_within(line.territories)).collect();
            prop_assert_eq!(lines.len(), 1, "{:?} lies in {} lines\n{}", point, lines.len(), text);
            prop_assert_eq!(lines[0].cell.state, state);
            prop_assert_eq!(lines[0].cell.ambiguous, cell.ambiguous);
            // what else is declared changes nothing about a purpose
            prop_assert_eq!(alone[at].purposes.len(), 1);
            let rows = alone[at].purposes[0].rows.iter();
            let own: Vec<_> = rows
                .filter(|row| here.ages.is_within(row.ages) && here.plans.is_within(row.plans))
                .flat_map(|row| row.lines.iter().filter(|line| leaf.is_within(line.territories)))
                .collect();
            prop_assert_eq!(own.len(), 1, "{:?} lies in {} lines\n{}", point, own.len(), text);
            prop_assert_eq!((own[0].cell.state, own[0].cell.ambiguous), (state, cell.ambiguous), "{}", text);
        }
    }
    Ok(())
}

#[test]
fn every_point_lies_in_one_cell_of_the_matrix() {
    let mut runner = TestRunner::new(Config { cases: 150, ..config() });
    let input = (generate::declaration(), proptest::sample::select(generate::DAYS.to_vec()));
    if let Err(error) = runner.run(&input, |(declaration, date)| compare_matrix(&declaration, date)) {
        panic!("{error}");
    }
}

/// Found by the comparison with the referee: a tie of `until_answer` beside an `on_dismiss` that cannot be known.
#[test]
fn a_tie_beside_what_cannot_be_known_cannot_be_known() {
    let declaration = json!({
        "version": 1,
        "service": "s",
        "purposes": {"t": {"use": "train_ai_system", "setting": {
            "until_answer": "on",
            "overrides": [{"default": "ask"}, {"plans": ["gold"], "on_dismiss": "on"}, {"until_answer": "off"}],
        }}},
    });
    compare(&declaration, generate::RUN_DATE, Sample::All).unwrap();
}

/// A bound that leaves the end open hid the value that it ties with, and which says that the purpose still runs.
#[test]
fn a_tie_of_ends_is_judged_by_the_one_that_is_still_to_come() {
    let declaration = |end: Value| {
        json!({
            "version": 1,
            "service": "s",
            "regions": ["EU"],
            "purposes": {"t": {
                "use": "train_ai_system",
                "setting": {"default": "on"},
                "overrides": [
                    {"regions": ["FR"], "ended": end},
                    {"ages": "under-18", "ended": {"after": "2020-01-01"}},
                ],
            }},
        })
    };
    for (end, state) in [
        (json!("2030-01-01"), State::Known(StateKind::On)),
        (json!("2020-01-01"), State::Unsettled),
        (json!({"after": "2030-01-01"}), State::Known(StateKind::On)),
    ] {
        let declaration = declaration(end.clone());
        compare(&declaration, generate::RUN_DATE, Sample::All).unwrap();
        let mut sources = SourceMap::new();
        let file = sources.add("a.yaml", declaration.to_string());
        let tree = parse(&sources, file, &Limits::default()).0;
        let root = tree.root(&tree.documents()[0]).unwrap();
        let workspace = Workspace::merge(vec![lower(root, Atlas::builtin(), Vocabulary::builtin()).0]);
        let today = Date::parse(generate::RUN_DATE).unwrap();
        let service = &workspace.services()[0];
        let effective = Effective::resolve(&workspace, service, Atlas::builtin(), today, &Boundaries::default());
        let france = TerritorySet::of(Atlas::builtin().leaf("FR").unwrap());
        let is_young = |atom: &Block| atom.territories == france && atom.ages == AgeSet::parse("under-18").unwrap();
        let young = effective.atoms.iter().position(is_young).unwrap();
        assert_eq!(effective.state(0, young).unwrap().state, state, "{end}");
    }
}

/// Whatever decides a state may tie: the chain of one person says so where the matrix marks it.
#[test]
fn a_state_that_comes_from_a_tie_is_told_as_such() {
    let of_both =
        |first: &str, second: &str| format!("overrides: [{{regions: [EU], {first}}}, {{ages: under-18, {second}}}]");
    let default = |rest: &str| format!("setting: {{default: {rest}}}");
    let carried_out = of_both("carried_out: false", "carried_out: true");
    let on_time = of_both("until_answer: on", "until_answer: off");
    for (facts, state, is_tied) in [
        (default(&format!("ask, {}", of_both("default: on", "default: off"))), "on", true),
        (default(&format!("ask, {on_time}")), "on", true),
        (default(&format!("ask, {}", of_both("on_dismiss: off", "on_dismiss: on"))), "on", true),
        (format!("{}, {carried_out}", default("ask")), "ask", true),
        (format!("setting: none, {carried_out}"), "mandatory", true),
        (format!("{}, {}", default("on"), of_both("ended: 2020-01-01", "ended: 2030-01-01")), "on", true),
        (format!("{}, {}", default("on"), of_both("ended: 2020-01-01", "ended: 2021-01-01")), "absent", true),
        // nothing hangs on what is not asked for, nor on the switch of what is not carried out
        (default(&format!("off, {on_time}")), "off", false),
        (format!("carried_out: false, {}", default(&format!("ask, {on_time}"))), "absent", false),
    ] {
        let mut sources = SourceMap::new();
        let file =
            sources.add("a.yaml", format!("version: 1\nservice: s\npurposes:\n  t: {{use: collect, {facts}}}\n"));
        let (atlas, tree) = (Atlas::builtin(), parse(&sources, file, &Limits::default()).0);
        let root = tree.root(&tree.documents()[0]).unwrap();
        let workspace = Workspace::merge(vec![lower(root, atlas, Vocabulary::builtin()).0]);
        let date = Date::parse(generate::RUN_DATE).unwrap();
        let named = BTreeSet::from([file]);
        let question = Question { purpose: "t", named: &named, service: None, region: "FR", age: 15, plan: None, date };
        let told = why(&workspace, &sources, atlas, &question).unwrap();
        let note = if is_tied { " (the least protective of the values that tie)" } else { "" };
        assert!(told.contains(&format!("\nstate: {state}{note}\n")), "{facts}\n{told}");
        let matrix = Matrix::build(&workspace, atlas, date, &|_, _| true);
        let france = TerritorySet::of(atlas.leaf("FR").unwrap());
        let rows = matrix.services[0].purposes[0].rows.iter().filter(|row| AgeSet::range(15, 15).is_within(row.ages));
        let lines = rows.flat_map(|row| row.lines.iter().filter(|line| france.is_within(line.territories)));
        assert_eq!(lines.map(|line| line.cell.ambiguous).collect::<Vec<bool>>(), [is_tied], "{facts}");
    }
}

#[test]
fn engine_and_referee_agree_on_every_point() {
    run(40, Sample::All);
}
