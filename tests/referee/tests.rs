//! The referee itself, held to the sentences of the design.

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
    assert_eq!(state(json!({"before": "2026-11-22"})), State::Known("absent"));
    assert_eq!(state(json!({"before": "2026-11-23"})), State::Unsettled);
    assert_eq!(state(json!({"after": "2026-11-20"})), State::Unsettled);
    assert_eq!(state(json!({"after": "2026-11-21"})), State::Known("on"));
}

#[test]
fn of_ends_that_tie_one_that_is_still_to_come_protects_least() {
    let state = |first, second| {
        let overrides = json!([{"regions": ["FR"], "ended": first}, {"regions": ["FR"], "ended": second}]);
        state_in(&with_purpose(json!({"setting": {"default": "on"}, "overrides": overrides})), "FR")
    };
    let open = || json!({"before": "2027-06-01"});
    assert_eq!(state(json!("2030-01-01"), open()), State::Known("on"));
    assert_eq!(state(json!("2020-01-01"), open()), State::Unsettled);
    assert_eq!(state(json!("2020-01-01"), json!("2030-01-01")), State::Known("on"));
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
