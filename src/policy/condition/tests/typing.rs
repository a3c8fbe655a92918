use std::collections::BTreeSet;

use serde_json::json;

use super::mock::with_env;
use crate::policy::condition::{Condition, ConditionError, Env, Path, Root, StaticRead, Usage};

fn in_env<T>(with: impl FnOnce(&Env<'_>) -> T) -> T {
    let facts = json!({
        "params": {
            "max_steps": 4, "words": ["a"], "loud": true, "categories": ["user.content"], "odd": ["user.contents"], "one": "user",
        },
        "tables": {"digital_consent_age": 16},
    });
    with_env(&facts, with)
}

/// Each error as `place: message (help)`.
fn errors(text: &str, found: Result<(), Vec<ConditionError>>) -> Vec<String> {
    let show = |error: ConditionError| {
        let help = error.help.map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}: {}{help}", text.get(error.range).unwrap(), error.message)
    };
    found.err().into_iter().flatten().map(show).collect()
}

fn condition(text: &str) -> Vec<String> {
    errors(text, in_env(|env| Condition::parse(text, env).map(|_| ())))
}

#[test]
fn sound_conditions_are_accepted() {
    for text in [
        "purpose.necessity == \"optional\"",
        "state in [\"off\", 'ask']",
        "within(purpose.use, \"train_ai_system\") && root(purpose.use) == \"train_ai_system\"",
        "purpose.data.all(d, d.source != \"inferred\" || within(d.category, \"user\"))",
        "today >= \"2024-09-18\" && purpose.started in [\"2024-01-01\", \"2024-02-01\"]",
        "days(purpose.started, \"2025-01-01\") < 30 && days(setting.opt_out.within) <= param.max_steps",
        "purpose.retention.period > \"P30D\" && days(\"P1Y\") == 365",
        "has(purpose.retention.period) && declared(setting.default) && !has(purpose.setting)",
        "states_in(\"EEA\").exists(s, s == \"on\") && \"off\" in states_in(\"EU\")",
        "mentions(setting.label, \"choice\") && size(setting.location) > 3",
        "table(\"digital_consent_age\") > 15",
        "recipients.all(r, table(\"digital_consent_age\", r.country) > 15 || table(\"digital_consent_age\", \"FR\") == 15)",
        "recipients.exists(r, r.country in group(\"EEA\")) || !(\"FR\" in group(\"EU\"))",
        "recipients.all(r, r.country in [\"FR\", \"DE\"])",
        "age.from < table(\"digital_consent_age\") && age.to >= 18 && 13 <= age.from && age.to == 17",
        "purpose.data.exists(d, d.collected_for.exists(u, within(purpose.use, u)))",
        "purpose.data.exists(d, within(purpose.use, d.collected_for) && within(d.category, [\"user\"]))",
        "purpose.data.exists(d, within(d.category, param.categories) || within(d.category, param.one))",
        "service.purposes.exists_one(p, p.state == \"on\" && p.setting.id == setting.id)",
        "purpose.models.provider in recipients",
        "notices.filter(n, n.channel == \"direct\").map(n, n.effective)[0] < today",
        "purpose.data.map(d, d.source == \"inferred\", d.category).size() == 0",
        "setting.steps.off > setting.steps.on && setting.steps.off * 2 > 2 && 1 < 1.5",
        "(purpose.device_access ? \"on\" : \"off\") == state",
        "[state, \"off\"] == [\"on\", \"ask\"]",
        "param.loud && \"x\" in param.words && setting.label.startsWith(\"a\")",
        "[].all(x, x) && size([]) == 0",
        "age.from >= 0 && 0 <= age.to",
        "[purpose.title, state, purpose.necessity] == [] || (purpose.device_access ? state : purpose.title) == \"\"",
    ] {
        assert_eq!(condition(text), Vec::<String>::new(), "{text}");
        assert_eq!(in_env(|env| Condition::parse(text, env)).unwrap().text(), text);
    }
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    for (text, error) in [
        ("purpos.title == \"\"", "purpos: there is no fact `purpos` (did you mean `purpose`?)"),
        (
            "purpose.lawfull_basis == \"consent\"",
            "lawfull_basis: a purpose has no `lawfull_basis` (did you mean `lawful_basis`?)",
        ),
        ("notices.all(n, n.chanel == \"direct\")", "chanel: a notice has no `chanel` (did you mean `channel`?)"),
        ("has(purpose.startd)", "startd: a purpose has no `startd` (did you mean `started`?)"),
        ("param.max_step > 1", "max_step: the rule has no parameter `max_step` (did you mean `max_steps`?)"),
        ("mentions(setting.label, \"hedge\")", "\"hedge\": there is no lexicon `hedge` (did you mean `hedges`?)"),
        (
            "table(\"digital_consent\") > 1",
            "\"digital_consent\": there is no table `digital_consent` (did you mean `digital_consent_age`?)",
        ),
        ("states_in(\"EAA\") == []", "\"EAA\": there is no group of territories `EAA` (did you mean `EEA`?)"),
        ("\"FR\" in group(\"EAA\")", "\"EAA\": there is no group of territories `EAA` (did you mean `EEA`?)"),
        (
            "table(\"digital_consent\", \"FR\") > 1",
            "\"digital_consent\": there is no table `digital_consent` (did you mean `digital_consent_age`?)",
        ),
        ("sise(notices) == 0", "sise: there is no function `sise` (did you mean `size`?)"),
        (
            "setting.label.matches(\"a.*\")",
            "matches: `matches` is not part of the condition language (use `startsWith`, `endsWith`, `contains` or `mentions`)",
        ),
        (
            "int(1) == 1",
            "int: `int` is not part of the condition language (there are `all`, `contains`, `days`, `declared`, `endsWith`, `exists`, `exists_one`, `filter`, `group`, `has`, `map`, `mentions`, `root`, `size`, `startsWith`, `states_in`, `table` and `within`)",
        ),
        (
            "today > timestamp(\"2024-09-18\")",
            "timestamp: `timestamp` is not part of the condition language (a date is written as a text: `today >= \"2024-09-18\"`)",
        ),
    ] {
        assert_eq!(condition(text), [error], "{text}");
    }
}

#[test]
fn literals_are_checked_against_the_model() {
    for (text, error) in [
        (
            "purpose.lawful_basis == \"legitimate_interest\"",
            "\"legitimate_interest\": `legitimate_interest` is not a lawful basis (did you mean `legitimate_interests`?)",
        ),
        ("\"of\" == state", "\"of\": `of` is not a possible value here (did you mean `off`?)"),
        ("[state, \"of\"] == []", "\"of\": `of` is not a possible value here (did you mean `off`?)"),
        ("[\"of\", state] == []", "\"of\": `of` is not a possible value here (did you mean `off`?)"),
        ("state in [\"on\", \"aks\"]", "\"aks\": `aks` is not a possible value here (did you mean `ask`?)"),
        ("\"gcp\" in setting.honours", "\"gcp\": `gcp` is not a possible value here (did you mean `gpc`?)"),
        (
            "purpose.data.exists(d, d.category == \"user.contents\")",
            "\"user.contents\": `user.contents` is not a data category (did you mean `user.content`?)",
        ),
        ("within(purpose.use, \"train_ai\")", "\"train_ai\": `train_ai` is not a use"),
        (
            "purpose.data.exists(d, within(d.category, [\"user\", \"user.contents\"]))",
            "\"user.contents\": `user.contents` is not a data category (did you mean `user.content`?)",
        ),
        (
            "purpose.data.exists(d, within(d.category, param.odd))",
            "param.odd: `param.odd` has `user.contents`, which is not a data category (did you mean `user.content`?)",
        ),
        ("recipients.all(r, r.country == \"FRA\")", "\"FRA\": `FRA` is not a territory (did you mean `FR`?)"),
        ("\"FRA\" in group(\"EEA\")", "\"FRA\": `FRA` is not a territory (did you mean `FR`?)"),
        ("today < \"2024-02-30\"", "\"2024-02-30\": `2024-02-30` is not a date (dates are written `\"2024-09-18\"`)"),
        (
            "purpose.retention.period < \"30 days\"",
            "\"30 days\": `30 days` is not a duration (durations are written `\"P30D\"`, `\"P6M\"`, `\"P1Y\"`)",
        ),
        (
            "(purpose.device_access ? \"on\" : \"aks\") == state",
            "\"aks\": `aks` is not a possible value here (did you mean `ask`?)",
        ),
    ] {
        assert_eq!(condition(text), [error], "{text}");
    }
}

#[test]
fn types_that_do_not_go_together_are_refused() {
    for (text, error) in [
        ("purpose.title", "purpose.title: a condition is true or false, this is a text"),
        (
            "within(purpose.use, purpose.title)",
            "purpose.title: a use cannot lie within a text (compare with a use or a list of such)",
        ),
        (
            "purpose.data.exists(d, within(purpose.use, d.category))",
            "d.category: a use cannot lie within a data category (compare with a use or a list of such)",
        ),
        (
            "purpose.data.exists(d, within(d.category, param.max_steps))",
            "param.max_steps: a data category cannot lie within a whole number (compare with a data category or a list of such)",
        ),
        (
            "table(\"digital_consent_age\", purpose.title) > 1",
            "purpose.title: `table` needs a territory, this is a text (such as `country` of a recipient)",
        ),
        (
            "recipients.exists(r, r in group(\"EEA\"))",
            "r: `in group(…)` needs a territory, this is an organisation (ask for its `country`)",
        ),
        (
            "recipients.exists(r, r.country == group(\"EEA\"))",
            "group(\"EEA\"): `group` has a meaning only after `in` (write `place in group(\"GROUP\")`)",
        ),
        (
            "has(before.purpose)",
            "before: `before` is known to rules about changes only (a rule with `on: change` judges the step from one revision to the next)",
        ),
        ("age < 13", "age < 13: an age cannot be compared with a whole number"),
        ("age.form < 13", "form: an age has no `form` (did you mean `from`?)"),
        (
            "age.from < 21",
            "21: ages are told apart up to 18, which stands for 18 and over (compare with `< 18` or `>= 18`, or with a lower age)",
        ),
        (
            "age.to == 18",
            "18: ages are told apart up to 18, which stands for 18 and over (compare with `< 18` or `>= 18`, or with a lower age)",
        ),
        (
            "18 < age.to",
            "18: ages are told apart up to 18, which stands for 18 and over (compare with `< 18` or `>= 18`, or with a lower age)",
        ),
        (
            "age.from >= -1",
            "-1: ages are told apart up to 18, which stands for 18 and over (compare with `< 18` or `>= 18`, or with a lower age)",
        ),
        ("1 == \"1\"", "1 == \"1\": a whole number cannot be compared with a text"),
        (
            "setting.default == true",
            "setting.default == true: a text cannot be compared with a truth value (write `\"on\"` or `\"off\"`)",
        ),
        (
            "purpose.started == null",
            "purpose.started == null: a date cannot be compared with `null` (`has(x.f)` tells whether something is declared)",
        ),
        (
            "purpose.retention.period > 30",
            "purpose.retention.period > 30: a duration cannot be compared with a whole number (`days(duration)` and `days(from, to)` give whole days)",
        ),
        (
            "purpose.setting == \"training\"",
            "purpose.setting == \"training\": a setting cannot be compared with a text (compare its `id`)",
        ),
        (
            "purpose.use == purpose.lawful_basis",
            "purpose.use == purpose.lawful_basis: a use cannot be compared with a lawful basis",
        ),
        ("state < \"on\"", "state < \"on\": `<` does not order words (compare with `==`, `!=` or `in`)"),
        ("purpose < purpose", "purpose < purpose: `<` does not order a purpose (compare with `==`, `!=` or `in`)"),
        ("!state", "state: `!` needs a truth value, this is a text (compare it: `… == \"on\"`)"),
        ("!purpose.necessity", "purpose.necessity: `!` needs a truth value, this is a text"),
        (
            "!setting",
            "setting: `!` needs a truth value, this is a setting (for whether it is declared write `has(x.f)`)",
        ),
        ("purpose.necessity == true", "purpose.necessity == true: a text cannot be compared with a truth value"),
        ("purpose.retention == \"x\"", "purpose.retention == \"x\": a retention cannot be compared with a text"),
        (
            "purpose.subjects == \"customer\"",
            "purpose.subjects == \"customer\": a list of data subjects cannot be compared with a text (write `x in list`)",
        ),
        (
            "notices && true",
            "notices: `&&` needs a truth value, this is a list of notices (for whether it has elements write `size(…) > 0`)",
        ),
        (
            "notices.channel == \"direct\"",
            "channel: a list of notices has no fields (ask about its elements: `….exists(x, x.channel …)`, `all`, `filter`, `map`)",
        ),
        (
            "\"a\" in \"abc\"",
            "\"abc\": `in` needs a list on its right, this is a text (for parts of a text write `text.contains(part)`)",
        ),
        ("1 in [\"a\"]", "1 in [\"a\"]: a whole number cannot be in a list of texts"),
        ("[1, \"a\"] == []", "\"a\": a text stands beside a whole number (all must be of one type)"),
        ("\"a\" + \"b\" == \"ab\"", "\"a\": `+` needs numbers, this is a text"),
        (
            "1 + 1.0 == 2",
            "1 + 1.0: `+` does not mix whole and other numbers (write both with or both without a decimal point)",
        ),
        (
            "purpose.started + 30 > today",
            "purpose.started: `+` needs numbers, this is a date (`days(from, to)` and `days(duration)` give whole days)",
        ),
        ("notices[\"a\"] == notices[0]", "\"a\": an index is a whole number, this is a text"),
        ("today[0] == 1", "today: a date cannot be indexed"),
    ] {
        assert_eq!(condition(text), [error], "{text}");
    }
}

#[test]
fn functions_say_how_they_are_called() {
    for (text, error) in [
        ("has(purpose)", "purpose: `has` needs a field (write `has(x.f)`)"),
        ("has(param.loud)", "param.loud: `has` needs a field (write `has(x.f)`)"),
        ("size() == 0", "size(): `size` does not take these arguments (write `size(x)`)"),
        ("exists(notices, n, true)", "exists: `exists` is not called like this (write `list.exists(x, …)`)"),
        (
            "purpose.use.within(\"train_ai_system\")",
            "within: `within` is not called like this (write `within(use, \"key\")` or `within(use, keys)`)",
        ),
        ("notices.exists(1, true)", "1: the name of a variable must stand here (write `list.exists(x, …)`)"),
        ("notices.exists(param, true)", "param: `param` already names something (choose another)"),
        ("notices.exists(state, true)", "state: `state` already names something (choose another)"),
        (
            "notices.exists(i, n, true)",
            "notices.exists(i, n, true): `exists` does not take these arguments (write `list.exists(x, …)`)",
        ),
        (
            "states_in(purpose.title) == []",
            "purpose.title: the name of a group must be written out (a text such as `\"…\"`)",
        ),
        (
            "within(purpose.title, \"a\")",
            "purpose.title: `within` needs a key of a vocabulary, this is a text (such as `purpose.use`, or `category` of a data item)",
        ),
        ("days(purpose.title, today) > 1", "purpose.title: `days` needs a date, this is a text"),
        (
            "recipients.contains(\"a\")",
            "recipients: `contains` needs a text, this is a list of organisations (write `x in list`)",
        ),
        ("today.contains(\"a\")", "today: `contains` needs a text, this is a date"),
        ("recipients.startsWith(\"a\")", "recipients: `startsWith` needs a text, this is a list of organisations"),
        ("param == 1", "param: `param` alone is not a value (write `param.<name>`)"),
    ] {
        assert_eq!(condition(text), [error], "{text}");
    }
}

#[test]
fn all_errors_are_found_at_once() {
    let found = condition("purpos.title == 1 && purpose.nam == \"x\" || stat && state == \"of\"");
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn paths_go_through_lists() {
    let path = |text: &str| in_env(|env| Path::parse(text, env));
    let names = |text: &str| path(text).unwrap().fields.iter().map(|field| field.name()).collect::<Vec<_>>();
    assert_eq!(names("setting.default"), ["default"]);
    assert_eq!(names("purpose.retention.period"), ["retention", "period"]);
    assert_eq!(names("notices.channel"), ["channel"]);
    assert_eq!(names("purpose.recipients.country"), ["recipients", "country"]);
    assert_eq!(names("state"), Vec::<&str>::new());
    for (text, error) in [
        ("setting.defualt", "defualt: a setting has no `defualt` (did you mean `default`?)"),
        ("seting.default", "seting: there is no fact `seting` (did you mean `setting`?)"),
        ("state.x", "x: a text has no fields"),
        (
            "size(notices)",
            "size(notices): this is not a path (a path is a fact with fields, such as `setting.default`)",
        ),
        ("param.loud", "param.loud: this is not a path (a path is a fact with fields, such as `setting.default`)"),
    ] {
        assert_eq!(errors(text, path(text).map(|_| ())), [error], "{text}");
    }
}

#[test]
fn reads_name_everything_the_result_depends_on() {
    let reads = |text: &str| in_env(|env| format!("{:?}", Condition::parse(text, env).unwrap().reads()));
    let found =
        reads("param.loud && (has(purpose.started) || states_in(\"EU\") == []) && mentions(setting.label, \"choice\")");
    for part in ["Root(Purpose)", "Root(Setting)", "StatesIn(\"EU\")", "Param(\"loud\")", "Mentions"] {
        assert!(found.contains(part), "{part} in {found}");
    }
    assert_eq!(found.matches("Field(").count(), 2, "{found}");
    assert!(reads("service.purposes.all(p, p.state == \"on\")").contains("Siblings"));
    assert!(reads("notices.all(n, size(n.covers) > 0)").contains("Siblings"));
    assert!(!reads("purpose.state == \"on\"").contains("Siblings"));
}

/// Reads in words: `age.from`, `Root(Age)`, `AgeLine(13)`.
fn reads(text: &str) -> Vec<String> {
    let of = |condition: Condition| {
        let name = |read: &StaticRead| match read {
            StaticRead::Field(field) => format!("{:?}.{}", field.record, field.name()),
            other => format!("{other:?}"),
        };
        condition.reads().iter().map(name).collect()
    };
    in_env(|env| of(Condition::parse(text, env).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))))
}

/// People are cut at these lines. One too few, and whoever is 13 is judged as somebody else.
#[test]
fn comparisons_of_ages_say_where_they_tell_people_apart() {
    for (text, lines) in [
        ("age.from < 13", &["AgeLine(13)"][..]),
        ("age.from >= 13", &["AgeLine(13)"]),
        ("age.from <= 13", &["AgeLine(14)"]),
        ("age.from > 13", &["AgeLine(14)"]),
        ("age.from == 13", &["AgeLine(13)", "AgeLine(14)"]),
        ("age.from != 13", &["AgeLine(13)", "AgeLine(14)"]),
        ("13 > age.from", &["AgeLine(13)"]),
        ("13 <= age.from", &["AgeLine(13)"]),
        ("13 >= age.from", &["AgeLine(14)"]),
        ("13 < age.from", &["AgeLine(14)"]),
        ("13 == age.from", &["AgeLine(13)", "AgeLine(14)"]),
        (
            "age.from < table(\"digital_consent_age\")",
            &["Table(\"digital_consent_age\")", "AgeTable(\"digital_consent_age\", 0)"],
        ),
        (
            "age.from <= table(\"digital_consent_age\", \"FR\")",
            &["TableFor(\"digital_consent_age\")", "AgeTable(\"digital_consent_age\", 1)"],
        ),
        ("age.from < param.max_steps", &["EveryAge", "Param(\"max_steps\")"]),
        ("age.from + 1 < 13", &["EveryAge"]),
        ("[13].exists(a, a == age.from)", &["EveryAge"]),
    ] {
        let expected: Vec<&str> = ["Root(Age)", "Age.from"].iter().chain(lines).copied().collect();
        assert_eq!(reads(text), expected, "{text}");
    }
    // what is not about ages draws no line
    assert_eq!(reads("state == \"on\""), ["Root(State)"]);
    assert_eq!(reads("\"FR\" in group(\"EEA\")"), ["Group(\"EEA\")"]);
    // one age and another: any may matter
    assert_eq!(reads("age.from < age.to"), ["Root(Age)", "Age.from", "Age.to", "EveryAge"]);
}

/// What was found of a service holds for all its purposes, unless what it reads differs between them.
#[test]
fn reads_tell_whether_they_differ_between_purposes() {
    for (text, is_of_purpose) in [
        ("size(service.commitments) > 0", false),
        ("today > \"2024-01-01\"", false),
        ("age.from < 13", false),
        ("param.loud", false),
        ("\"FR\" in group(\"EEA\")", false),
        ("table(\"digital_consent_age\") > 1", false),
        ("before.service.title == \"\"", false),
        ("purpose.title == \"\"", true),
        ("setting.label == \"\"", true),
        ("state == \"on\"", true),
        ("size(notices) > 0", true),
        ("size(recipients) > 0", true),
        ("states_in(\"EU\") == []", true),
        ("has(before.purpose)", true),
        ("after.state == \"on\"", true),
    ] {
        let condition = in_env(|env| {
            let Env { texts, lexicons, tables, group, term, .. } = *env;
            let params = env.params.clone();
            Condition::parse(text, &Env { params, texts, lexicons, tables, group, revisions: true, term })
        });
        let condition = condition.unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        assert_eq!(condition.reads().iter().any(StaticRead::is_of_purpose), is_of_purpose, "{text}");
        let mut parts = Vec::new();
        condition.cut(&mut parts);
        assert_eq!(parts.iter().flat_map(|part| part.reads()).collect::<BTreeSet<_>>(), *condition.reads(), "{text}");
    }
}

#[test]
fn records_of_two_revisions_are_not_compared() {
    let told = "a rule about changes does not compare records: none of one revision is one of the other (compare what they say: `a.field != b.field`)";
    for (text, at) in [
        ("purpose.retention == before.purpose.retention", 0..45),
        ("before.purpose.retention != purpose.retention", 0..45),
        ("before.recipients == recipients", 0..31),
        ("recipients.all(r, r in before.recipients)", 18..40),
        ("before.recipients.exists(r, recipients.exists(s, s == r))", 49..55),
        ("before.recipients == [] && [] != recipients", 0..0),
        ("purpose.retention.period == before.purpose.retention.period", 0..0),
        ("recipients.all(r, before.recipients.exists(s, s.id == r.id))", 0..0),
    ] {
        let found = in_env(|env| {
            let Env { texts, lexicons, tables, group, term, .. } = *env;
            let env = Env { params: env.params.clone(), texts, lexicons, tables, group, revisions: true, term };
            errors(text, Condition::parse(text, &env).map(drop))
        });
        let expected = Vec::from_iter(text.get(at).filter(|at| !at.is_empty()).map(|at| format!("{at}: {told}")));
        assert_eq!(found, expected, "{text}");
    }
    // within one revision they are what they are, if they have a name
    assert_eq!(condition("recipients.exists(r, r in recipients)"), Vec::<String>::new());
    let told = "records without an id are not compared: two of them may say the same (compare what they say: `a.field != b.field`)";
    for text in ["purpose.data.all(d, d == purpose.data[0])", "purpose.data.all(d, d in purpose.data)"] {
        assert_eq!(condition(text).iter().filter(|error| error.ends_with(told)).count(), 1, "{text}");
    }
}

#[test]
fn what_asks_about_elements_is_known() {
    let names: Vec<&str> = Usage::of_elements().map(|usage| usage.name).collect();
    assert_eq!(names, ["exists", "all", "exists_one", "filter", "map"]);
}

#[test]
fn facts_and_functions_are_found_by_name() {
    for (name, root) in Root::ALL {
        assert_eq!(Root::named(name), Some(root));
    }
    assert_eq!(Root::named("purposes"), None);
    let meanings: BTreeSet<&str> = Root::ALL.iter().map(|(_, root)| root.means()).collect();
    assert_eq!(meanings.len(), Root::ALL.len());
    for (name, is_method, written) in [
        ("has", false, &["has(x.f)"][..]),
        ("has", true, &[]),
        ("exists", true, &["list.exists(x, …)"]),
        ("exists", false, &[]),
        ("days", false, &["days(from, to)", "days(duration)"]),
    ] {
        let ways: Vec<&str> = Usage::named(name, is_method).iter().flat_map(Usage::ways).collect();
        assert_eq!(ways, written, "{name}");
    }
}
