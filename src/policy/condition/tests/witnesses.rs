use serde_json::{Value as Json, json};

use super::mock::{Mock, with_env};
use crate::policy::condition::Condition;

fn facts() -> Json {
    json!({
        "purpose": {
            "title": "Training", "use": "train_ai_system", "device_access": true, "carried_out": false,
            "started": {"before": "2024-09-18"},
            "data": [
                {"category": "user", "source": "provided"},
                {"category": "user.content", "source": "inferred"},
                {"category": "user.content", "source": "inferred"},
            ],
            "retention": {"period": "P30D"},
            "recipients": [{"id": "a", "country": "US"}, {"id": "b"}],
            "subjects": ["$inapplicable"],
        },
        "setting": {"default": "on", "steps": {"on": 1, "off": 3}, "honours": ["gpc", "dnt"]},
        "state": "on",
        "today": "2026-11-21",
        "states_in": {"EEA": ["off", "ask"]},
        "params": {"max": 4},
    })
}

fn witnesses(text: &str) -> String {
    let facts = facts();
    let condition = with_env(&facts, |env| Condition::parse(text, env)).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mock = Mock::new(facts);
    let answer = condition.evaluate(&mock);
    let value = match answer.value {
        Ok(value) => format!("{value:?}"),
        Err(gap) => format!("{gap:?}"),
    };
    let names = mock.names(&answer.witnesses).join(" ").replace("purpose.", "p.").replace("setting.", "s.");
    format!(
        "{}: {names}",
        if value.contains("true") {
            "yes"
        } else if value.contains("false") {
            "no"
        } else {
            "gap"
        }
    )
}

#[test]
fn witnesses_are_the_reads_that_decided() {
    for (text, result) in [
        // a read is itself, not the way to it
        ("purpose.retention.period == \"P30D\"", "yes: p.retention.period"),
        ("state == \"on\" && today > \"2020-01-01\"", "yes: state"),
        ("setting.steps.off > setting.steps.on", "yes: s.steps.off s.steps.on"),
        ("purpose.device_access == purpose.device_access", "yes: p.device_access"),
        // `&&` and `||`
        ("purpose.device_access && purpose.carried_out", "no: p.carried_out"),
        ("purpose.carried_out && purpose.device_access", "no: p.carried_out"),
        ("purpose.carried_out && setting.default == \"off\"", "no: p.carried_out s.default"),
        ("purpose.device_access && setting.default == \"on\"", "yes: p.device_access s.default"),
        ("purpose.carried_out || setting.default == \"on\"", "yes: s.default"),
        ("setting.default == \"on\" || purpose.device_access", "yes: s.default"),
        ("purpose.carried_out || setting.default == \"off\"", "no: p.carried_out s.default"),
        ("purpose.carried_out && purpose.output == \"public\"", "no: p.carried_out"),
        ("purpose.output == \"public\" || purpose.ended < today", "gap: p.output p.ended"),
        ("!(purpose.carried_out && purpose.device_access)", "yes: p.carried_out"),
        ("purpose.device_access ? state == \"on\" : purpose.carried_out", "yes: p.device_access state"),
        // quantifiers
        ("purpose.data.all(d, d.source != \"inferred\")", "no: p.data[1] p.data[1].source p.data[2] p.data[2].source"),
        ("purpose.data.all(d, within(d.category, \"user\"))", "yes: p.data"),
        ("purpose.data.exists(d, d.source == \"inferred\")", "yes: p.data[1] p.data[1].source"),
        (
            "purpose.data.exists(d, d.source == \"observed\")",
            "no: p.data p.data[0] p.data[0].source p.data[1] p.data[1].source p.data[2] p.data[2].source",
        ),
        (
            "purpose.data.exists_one(d, d.source == \"inferred\")",
            "no: p.data[1] p.data[1].source p.data[2] p.data[2].source",
        ),
        ("purpose.recipients.all(r, has(r.country))", "no: p.recipients[1] p.recipients[1].country"),
        ("purpose.recipients.all(r, r.country == \"US\")", "gap: p.recipients[1].country"),
        ("states_in(\"EEA\").all(s, s == \"off\")", "no: states_in(EEA)[1]"),
        // lists
        ("\"dnt\" in setting.honours", "yes: s.honours[1]"),
        ("state in [\"off\", \"ask\"]", "no: state"),
        ("\"on\" in states_in(\"EEA\")", "no: states_in(EEA)[0] states_in(EEA)[1]"),
        ("size(purpose.data) > param.max", "no: p.data param.max"),
        (
            "purpose.recipients.filter(r, has(r.country))[0].id == \"b\"",
            "no: p.recipients p.recipients[0].country p.recipients[1].country p.recipients[0] p.recipients[0].id",
        ),
        ("purpose.subjects[0] == \"customer\"", "gap: p.subjects[0]"),
        // absence
        ("has(purpose.lawful_basis)", "no: p.lawful_basis"),
        ("has(purpose.rights.access)", "no: p.rights"),
        ("has(purpose.retention.period)", "yes: p.retention.period"),
        ("declared(purpose.retention.period)", "yes: p.retention.period"),
        ("declared(purpose.lawful_basis)", "gap: p.lawful_basis"),
        ("purpose.rights.access.non_users", "gap: p.rights"),
        // what bounds leave open
        ("purpose.started < \"2024-01-01\"", "gap: p.started"),
        ("days(purpose.started, today) > 30", "yes: p.started"),
        ("days(purpose.started, today) > 3000", "gap: p.started"),
    ] {
        assert_eq!(witnesses(text), result, "{text}");
    }
}

#[test]
fn many_reads_are_kept_once_and_in_order() {
    let items: Vec<Json> = (0..100).map(|_| json!({"source": "inferred"})).collect();
    let facts = json!({"purpose": {"data": items}});
    let text = "purpose.data.all(d, d.source == \"provided\" && d.source != \"inferred\")";
    let condition = with_env(&facts, |env| Condition::parse(text, env)).unwrap();
    let mock = Mock::new(facts.clone());
    let names = mock.names(&condition.evaluate(&mock).witnesses);
    assert_eq!(names.len(), 200);
    assert_eq!(names[198..], ["purpose.data[99]", "purpose.data[99].source"]);
    // what is read again, however much was read before, is shown once
    for most in 1..40 {
        let item = |at: usize| format!("purpose.data[{}].source == \"provided\"", at % most);
        let text = (0..2 * most).map(item).collect::<Vec<_>>().join(" || ");
        let condition = with_env(&facts, |env| Condition::parse(&text, env)).unwrap();
        let mock = Mock::new(facts.clone());
        assert_eq!(condition.evaluate(&mock).witnesses.len(), 1 + 2 * most, "{text}");
    }
}
