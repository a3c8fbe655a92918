//! Conditions: one that loads gives a verdict, its opposite gives the opposite, and a rule that has it judges likewise.

use purposelint as root;
use purposelint::evaluate::{Finding, Outcome};
use purposelint::lint::{Report, Setup, lint};
use purposelint::policy::condition::{
    Condition, ConditionError, Expression, Gap, Path, Template, Ty, Unfinished, Value,
};
use purposelint::policy::{Depth, Library, MESSAGE_NAMES, PolicyFiles};
use purposelint::settings::Settings;
use purposelint::space::{Atlas, Block, minus};
use serde_json::{Value as Json, json};

use super::judge::{self, Case};

#[path = "../../src/policy/condition/tests/mock.rs"]
#[allow(dead_code, reason = "the tests of conditions use more of it")]
mod mock;

use mock::{Mock, Object, with_env};

/// What is judged: facts that are declared, that are not, and that differ by place, age and plan.
const DECLARATION: &str = "\
version: 1
service: s
regions: [EU, GB, US]
plans: [free, paid]
roles: [vlop]
organisations: {lab: {name: Lab, role: third_party, country: US}, host: {role: processor}}
notices: {mail: {title: Mail, channel: direct, published: 2026-01-01, covers: [p], regions: [EU]}}
settings:
  s1:
    default: on
    label: Improve it
    location: [Me, Data]
    steps: {on: 1, off: 4}
    overrides: [{regions: [FR], ages: 16+, default: ask}, {plans: [paid], default: off}]
purposes:
  p:
    use: train_ai_system
    title: Train models
    setting: s1
    data: [{category: user.content, source: provided, collected_since: 2020-01-01}, {category: user.contact}]
    recipients: [lab, host]
    started: {before: 2026-02-03}
    retention: {period: P2Y}
    lawful_basis: consent
    overrides: [{regions: [GB], lawful_basis: legitimate_interests}, {regions: [US], ages: under-13, carried_out: false}]
  q: {use: analytics, setting: none}
  r: {use: personalise, started: not a day, setting: {default: off}}
";

/// Longer texts are the same shapes again.
const LONGEST: usize = 4_096;

/// Reads bytes as a condition.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.len() > LONGEST {
        return;
    }
    parsed(text);
    for facts in worlds() {
        evaluated(text, &facts);
    }
    judged(text);
}

/// All ways to read the text agree on where it is wrong.
fn parsed(text: &str) {
    let library = judge::library("");
    for revisions in [false, true] {
        library.with_env(&[], revisions, |env| {
            let once = Expression::parse(text, env);
            let again = Expression::parse(text, env);
            let seen = |read: &Result<Expression, Vec<ConditionError>>| match read {
                Ok(expression) => format!("{:?} {:?}", expression.ty(), expression.reads()),
                Err(errors) => format!("{errors:?}"),
            };
            assert_eq!(seen(&once), seen(&again), "read twice");
            wrong(text, once.map(|_| ()));
            wrong(text, Condition::parse(text, env).map(|_| ()));
            wrong(text, Template::parse(text, env, &MESSAGE_NAMES).map(|_| ()));
            wrong(text, Path::parse(text, env).map(|_| ()));
            let unfinished = Unfinished::at_end(text, env);
            assert!(text.get(unfinished.start..).is_some(), "{} of {text:?}", unfinished.start);
        });
    }
}

fn wrong(text: &str, read: Result<(), Vec<ConditionError>>) {
    let Err(errors) = read else { return };
    assert!(!errors.is_empty(), "refused in silence: {text:?}");
    for ConditionError { range, message, .. } in errors {
        assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}: {message}");
        assert!(!message.is_empty() && !message.ends_with('.') && !message.contains('\n'), "{message}");
    }
}

/// Facts that are there, that are missing, and that are not to be known.
fn worlds() -> [Json; 3] {
    let full = json!({
        "purpose": {
            "id": "p", "title": "Training", "use": "train_ai_system", "device_access": true, "carried_out": true,
            "started": "2024-09-18", "data": [
                {"category": "user", "source": "provided"},
                {"category": "user.content", "source": "inferred"}
            ],
            "retention": {"period": "P30D"}, "recipients": [{"id": "a", "country": "US"}, {"id": "b", "country": "FR"}]
        },
        "setting": {"default": "on", "steps": {"on": 1, "off": 3}, "honours": ["gpc", "dnt"], "location": ["Me"]},
        "state": "on", "today": "2026-11-21", "age": {"from": 16, "to": 18}, "service": {"id": "s", "language": "en"},
        "notices": [{"id": "n", "published": "2024-01-01"}], "recipients": [{"id": "a", "country": "US"}],
        "states_in": {"EEA": ["off", "ask"], "EU": ["off"]}, "params": {"max": 4, "words": ["a", "b"], "share": 0.5},
        "lexicons": {"hedges": ["may"], "choice": ["choose"]}, "tables": {"days": 16},
        "places": {"days": {"FR": 15}}
    });
    let bare = json!({
        "purpose": {"id": "p"}, "setting": "$inapplicable", "state": "$unknown", "today": "2026-11-21",
        "params": {"max": 4, "words": ["a", "b"], "share": 0.5}, "tables": {"days": 16}
    });
    let mixed = json!({
        "purpose": {
            "id": "p", "started": {"before": "2024-09-18"}, "data": [{"category": "$unknown"}, {"source": "provided"}],
            "recipients": "$unknown", "retention": {}
        },
        "setting": {"steps": {"on": {"least": 1, "most": 3}, "off": {"least": 2, "most": 2}}, "honours": []},
        "state": "ask", "today": "2026-11-21", "age": {"from": 0, "to": 12}, "notices": [],
        "params": {"max": 4, "words": ["a", "b"], "share": 0.5}, "tables": {"days": 16}
    });
    [full, bare, mixed]
}

/// A condition evaluates to a value of its type or to a gap, and its opposite to the opposite.
fn evaluated(text: &str, facts: &Json) {
    with_env(facts, |env| {
        let Ok(expression) = Expression::parse(text, env) else { return };
        let mock = Mock::new(facts.clone());
        let value = expression.evaluate(&mock).value;
        assert_eq!(format!("{value:?}"), format!("{:?}", expression.evaluate(&Mock::new(facts.clone())).value));
        if let Ok(value) = &value {
            assert!(is_of(value, expression.ty()), "{text:?} is {value:?}, not {:?}", expression.ty());
        }
        if *expression.ty() != Ty::Bool {
            return;
        }
        let opposite = |text: String| {
            let read = Condition::parse(&text, env).ok()?;
            Some(read.evaluate(&Mock::new(facts.clone())).value)
        };
        // what is nested as deep as may be cannot be put into brackets
        let Some(other) = opposite(format!("!({text}\n)")) else { return };
        match (&value, &other) {
            (Ok(Value::Bool(a)), Ok(Value::Bool(b))) => assert_ne!(a, b, "{text:?}"),
            (Err(Gap::Inapplicable), Err(Gap::Inapplicable))
            | (Err(Gap::Undetermined(_)), Err(Gap::Undetermined(_))) => {}
            _ => panic!("{text:?} is {value:?}, and its opposite {other:?}"),
        }
        if let Some(Ok(Value::Bool(both))) = opposite(format!("({text}\n) && !({text}\n)")) {
            assert!(!both, "{text:?} and its opposite hold");
        }
        if let Some(Ok(Value::Bool(either))) = opposite(format!("({text}\n) || !({text}\n)")) {
            assert!(either, "neither {text:?} nor its opposite holds");
        }
    });
}

/// Whether a value is of a type.
fn is_of(value: &Value<Object>, ty: &Ty) -> bool {
    match (value, ty) {
        (_, Ty::Any)
        | (Value::Null, _)
        | (Value::Bool(_), Ty::Bool)
        | (Value::Int(_), Ty::Int)
        | (Value::Double(_), Ty::Double)
        | (Value::Text(_), Ty::Text(_))
        | (Value::Date(_), Ty::Date)
        | (Value::Duration(_), Ty::Duration)
        | (Value::Object(_), Ty::Object(_)) => true,
        // a day or a duration that is written out in the condition
        (Value::Text(_), Ty::Date | Ty::Duration) => true,
        (Value::List(items), Ty::List(element)) => {
            items.iter().all(|item| item.value.as_ref().is_ok_and(|value| is_of(value, element)) || item.value.is_err())
        }
        _ => false,
    }
}

/// A pack with the condition and its opposite, each as what must hold and as when.
fn judged(text: &str) {
    // what JSON writes otherwise than YAML reads is not what is tried here
    if text.chars().any(|c| c.is_control() || c == '\u{feff}' || c == '\u{2028}' || c == '\u{2029}')
        || text.trim().is_empty()
    {
        return;
    }
    let known = judge::library("").with_env(&[], false, |env| {
        Condition::parse(text, env).is_ok() && Condition::parse(&format!("!({text})"), env).is_ok()
    });
    let mut files = PolicyFiles::default();
    files.insert("acme/pack.yaml".into(), b"title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n".to_vec());
    for (name, when, require) in [
        ("yes", "true".to_owned(), text.to_owned()),
        ("no", "true".to_owned(), format!("!({text})")),
        ("if-yes", text.to_owned(), "false".to_owned()),
        ("if-no", format!("!({text})"), "false".to_owned()),
    ] {
        let rule = format!(
            "title: x\nseverity: error\nwhy: x\ncites: [{{text: x, kind: practice, confidence: low}}]\nwhen: {}\nrequire: {}\nexamples: [{{title: a, flagged: a}}, {{title: b, clean: a}}]\n",
            json!(when),
            json!(require)
        );
        files.insert(format!("acme/{name}.yaml"), rule.into_bytes());
    }
    if !known {
        return;
    }
    let (mut library, found) = Library::load(&files, &["acme".to_owned()], Atlas::builtin().clone(), Depth::Run);
    // lexicons and tables are not in this pack
    if !found.is_empty() {
        let of_data = |message: &str| message.contains("lexicon") || message.contains("table");
        assert!(
            found.iter().all(|wrong| of_data(&wrong.message)),
            "{text:?} loads alone, and not in a rule: {found:?}"
        );
        return;
    }
    library.known.sort();
    let case = Case::new(&[DECLARATION]);
    let setup = Setup { settings: Settings::new(&library).into(), ..judge::setup(&library, &case.products) };
    let report = lint(&case.sources, &case.files, &setup);
    judge::check(&report, &case.sources);
    for purpose in ["p", "q", "r"] {
        let of = |rule: &str, outcome: Outcome| cells(&report, rule, purpose, outcome);
        let (yes, no) = (of("yes", Outcome::Fail), of("no", Outcome::Fail));
        let both = yes.iter().find(|block| no.iter().any(|other| !block.and(*other).is_empty()));
        assert!(both.is_none(), "{text:?} and its opposite both fail for {purpose}");
        let (open, other) = (of("yes", Outcome::Undetermined), of("no", Outcome::Undetermined));
        assert!(same(&open, &other), "{text:?} and its opposite are not open for the same people of {purpose}");
        // what fails is what its opposite is about
        assert!(
            same(&yes, &of("if-no", Outcome::Fail)),
            "{text:?} fails where its opposite does not hold, for {purpose}"
        );
        assert!(
            same(&no, &of("if-yes", Outcome::Fail)),
            "the opposite of {text:?} fails where it does not hold, for {purpose}"
        );
    }
}

/// Whom the findings of a rule about a purpose concern.
fn cells(report: &Report, rule: &str, purpose: &str, outcome: Outcome) -> Vec<Block> {
    let rule = format!("acme/{rule}");
    let is_meant = |finding: &&Finding| {
        let subject = format!("{:?}", finding.subject);
        finding.rule == rule && finding.outcome == outcome && subject.contains(&format!("\"{purpose}\""))
    };
    let today = |finding: &&Finding| finding.counts_from.is_none();
    report.found().filter(is_meant).filter(today).flat_map(|finding| &*finding.cells).map(|cell| cell.block).collect()
}

fn same(a: &[Block], b: &[Block]) -> bool {
    let within = |a: &[Block], b: &[Block]| a.iter().all(|block| minus(*block, b).is_empty());
    within(a, b) && within(b, a)
}
