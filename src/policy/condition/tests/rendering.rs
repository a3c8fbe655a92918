use serde_json::{Value as Json, json};

use super::mock::{Mock, with_env};
use crate::policy::condition::{ConditionError, Gap, StaticRead, Template};

const EXTRA: [&str; 4] = ["regions", "ages", "plans", "who"];

fn parse(text: &str, facts: &Json) -> Result<Template, Vec<ConditionError>> {
    with_env(facts, |env| Template::parse(text, env, &EXTRA))
}

#[test]
fn values_are_written_for_people() {
    let facts = json!({
        "purpose": {
            "title": "Train \u{201c}AI\u{201d}", "started": {"before": "2024-09-18"}, "ended": "2025-01-31",
            "retention": {"period": "P30D"}, "device_access": true, "subjects": ["customer", "child"],
            "recipients": [{"id": "acme"}, {"id": "globex"}, {"id": "initech"}], "data": [],
        },
        "setting": {"help_steps": 3},
        "today": "2024-09-20",
        "params": {"most": {"most": 3}, "some": {"least": 2, "most": 4}},
    });
    let mock = Mock::new(facts.clone());
    for (text, rendered) in [
        ("plain", "plain"),
        ("", ""),
        ("`{purpose.title}` in {regions}", "`Train \u{201c}AI\u{201d}` in the EEA"),
        ("{purpose.started}, {purpose.ended}", "before 2024-09-18, 2025-01-31"),
        ("{days(purpose.started, today)} days", "at least 3 days"),
        ("{param.most}, {param.some}", "at most 3, 2 to 4"),
        ("{setting.help_steps + 1} {purpose.device_access}", "4 true"),
        ("{purpose.retention.period}", "30 days"),
        (
            "{purpose.subjects}; {purpose.recipients}; {purpose.data}",
            "customer and child; acme, globex and initech; none",
        ),
        ("{purpose.recipients.map(r, r.country)}", "?, ? and ?"),
        ("{purpose.output}", "?"),
        ("{{{purpose.ended}}} {{}}", "{2025-01-31} {}"),
        ("{'a}b' == \"}\" ? '{' : '}'}", "}"),
        ("{'\\'}' == '' ? 'a' : \"\\\"}\"}", "\"}"),
        ("{ who }, {plans}", "everybody, ?"),
    ] {
        let template = parse(text, &facts).unwrap();
        let extra = |name: &str| match name {
            "regions" => Some("the EEA".to_owned()),
            "who" => Some("everybody".to_owned()),
            _ => None,
        };
        assert_eq!(template.render(&mock, &extra, &|object| object.id()), rendered, "{text}");
        assert_eq!(template.text(), text);
    }
}

#[test]
fn what_is_long_is_cut_short() {
    let data: Vec<String> = (0..103).map(|at| format!("d{at}")).collect();
    let whole = "x".repeat(8_192);
    let facts = json!({
        "purpose": {"title": "é".repeat(100_000), "subjects": data},
        "setting": {"location": data[..100], "label": whole},
    });
    let mock = Mock::new(facts.clone());
    let rendered = |text: &str| parse(text, &facts).unwrap().render(&mock, &|_| None, &|object| object.id());
    let long = rendered("a{purpose.title}, {purpose.title}");
    assert_eq!((long.chars().next(), long.chars().last()), (Some('a'), Some('…')));
    assert!(long.len() < 10_000, "{}", long.len());
    assert_eq!(rendered("{purpose.subjects}").split_once("d99").unwrap().1, " and 3 more");
    assert_eq!(rendered("{setting.location}").split_once("d98").unwrap().1, " and d99");
    assert_eq!(rendered("{setting.label}"), whole);
    assert_eq!(rendered("{setting.label}{who}"), format!("{whole}…"));
}

#[test]
fn gaps_can_be_put_into_words() {
    let facts = json!({"purpose": {}});
    let mock = Mock::new(facts.clone());
    let template = parse("{purpose.output} in {regions}", &facts).unwrap();
    let gap = |gap: &Gap| match gap {
        Gap::Undetermined(missing) => format!("an undeclared {}", mock.names(missing).join(", ")),
        Gap::Inapplicable => "nothing".to_owned(),
    };
    let text = template.render_with(&mock, &|_| None, &|object| object.id(), &gap);
    assert_eq!(text, "an undeclared purpose.output in ?");
    assert!(template.reads().any(|read| matches!(read, StaticRead::Field(field) if field.name() == "output")));
}

#[test]
fn errors_stand_in_the_whole_text() {
    for (text, place, message, help) in [
        ("a {purpose.titel} b", "titel", "a purpose has no `titel`", Some("did you mean `title`?")),
        ("é {purpose.title", "{", "this `{` is not closed", Some("for the character itself write `{{`")),
        ("a } b", "}", "this `}` closes nothing", Some("for the character itself write `}}`")),
        ("{region}", "region", "there is no fact `region`", Some("did you mean `regions`?")),
        ("{}", "", "the condition is empty", None),
        ("x {1 +} y", "", "expected a value, found the end of the condition", None),
    ] {
        let errors = parse(text, &json!({})).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(text.get(errors[0].range.clone()), Some(place), "{text}");
        assert_eq!(errors[0].message, message, "{text}");
        assert_eq!(errors[0].help.as_deref(), help, "{text}");
    }
    assert_eq!(parse("{a} {b} }", &json!({})).unwrap_err().len(), 3);
}
