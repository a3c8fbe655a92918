//! What may come at the end of a condition.

use serde_json::json;

use super::mock::with_env;
use crate::policy::condition::{Domain, Texts, Unfinished};

fn at_end(text: &str) -> Unfinished {
    let facts = json!({ "params": { "max_steps": 4 }, "tables": { "digital_consent_age": 16 } });
    with_env(&facts, |env| Unfinished::at_end(text, env))
}

#[test]
fn names_are_those_that_the_types_allow() {
    for (text, has, lacks) in [
        ("", &["purpose", "recipients", "has", "param"][..], &["exists", "title"][..]),
        ("purpose.", &["title", "recipients", "state"], &["purpose", "exists"]),
        ("purpose.ne", &["necessity"], &["has"]),
        ("purpose.recipients.", &["exists", "all", "size"], &["name", "startsWith"]),
        ("purpose.title.", &["startsWith", "size"], &["exists"]),
        ("purpose.recipients.exists(r, r.", &["country", "role"], &["use"]),
        ("purpose.recipients.exists(r, ", &["r", "purpose"], &[]),
        ("purpose.recipients.exists(r, r.own_purposes.exists(u, u == \"\") && r.", &["country"], &[]),
        ("service.purposes.filter(p, p.state == \"on\").all(q, q.setting.", &["default"], &["use"]),
        ("purpose.recipients[0].", &["country"], &[]),
        ("(purpose.recipients.exists(r, true) && notices.all(n, n.", &["channel"], &["country"]),
        ("purpose.recipients.exists(r, true) && r", &["recipients"], &["r"]),
        ("param.", &["max_steps"], &["purpose"]),
        ("setting.opt_out.", &["effect", "within"], &[]),
        ("!has(", &["purpose", "setting"], &[]),
        ("has(purpose.retention.", &["period"], &[]),
        ("today >= ", &["today", "days"], &[]),
        ("age.", &["from", "to"], &[]),
        ("1 < param.", &["max_steps"], &["purpose"]),
        ("purpose.title == \"\" && purpose.recipients[0].", &["country"], &["use"]),
        ("(purpose.title == \"\") && purpose.recipients.filter(r, true).", &["exists"], &["country"]),
    ] {
        let names: Vec<String> = at_end(text).names.into_iter().map(|name| name.name).collect();
        has.iter().for_each(|name| assert!(names.iter().any(|known| known == name), "{text}: {names:?}"));
        lacks.iter().for_each(|name| assert!(names.iter().all(|known| known != name), "{text}: {names:?} with {name}"));
    }
    for nothing in [
        "purpose.title ",
        "\"a\"",
        "5",
        "purpose.nonsense.",
        "purpose.param.",
        "purpose.recipients.exists(",
        "x.",
        "((",
        ")",
        "'\\",
    ] {
        let names = at_end(nothing).names;
        assert!(names.is_empty() || nothing == "((" || nothing == ")", "{nothing}: {names:?}");
    }
}

#[test]
fn texts_are_those_of_what_they_are_held_against() {
    use crate::model::Terms;
    for (text, quoted, texts) in [
        ("purpose.necessity == \"", true, Some(Texts::Of(Domain::Words(&["core", "optional"])))),
        ("purpose.necessity == ", false, Some(Texts::Of(Domain::Words(&["core", "optional"])))),
        ("purpose.necessity in [\"core\", \"", true, Some(Texts::Of(Domain::Words(&["core", "optional"])))),
        ("within(purpose.use, \"tr", true, Some(Texts::Of(Domain::Term(Terms::Use)))),
        ("purpose.data.exists(d, within(d.category, [\"", true, Some(Texts::Of(Domain::Term(Terms::Data)))),
        ("mentions(setting.label, \"", true, Some(Texts::Lexicon)),
        ("table(\"", true, Some(Texts::Table)),
        ("table(\"x\", \"", true, Some(Texts::Of(Domain::Territory))),
        ("recipients.all(r, r.country in group(\"", true, Some(Texts::Group)),
        ("recipients.all(r, r.country == '", true, Some(Texts::Of(Domain::Territory))),
        ("states_in(\"E", true, Some(Texts::Group)),
        ("today >= \"", true, Some(Texts::Day)),
        ("purpose.retention.period > ", false, Some(Texts::Duration)),
        ("setting.honours == [\"", true, Some(Texts::Of(Domain::Words(&["gpc", "dnt"])))),
        ("purpose.title == \"", true, None),
        ("\"", true, None),
        ("purpose.title # ", false, None),
        ("purpose.necessity == \"core\" && ", false, None),
    ] {
        let found = at_end(text);
        assert_eq!((found.in_quotes, found.texts), (quoted, texts), "{text}");
    }
}

#[test]
fn the_word_that_is_being_written_begins_behind_the_quote() {
    for (text, word) in [
        ("purpose.title == \"ab", "ab"),
        ("purpose.title == \"", ""),
        ("purpose.ti", "ti"),
        ("purpose.", ""),
        ("purpose.title == \"a\" && sta", "sta"),
        ("purpose ", ""),
    ] {
        assert_eq!(text.get(at_end(text).start..), Some(word), "{text}");
    }
}

#[test]
fn open_calls_are_known_with_their_argument() {
    for (text, calls) in [
        ("within(purpose.use, ", &[("within", 1)][..]),
        ("has(", &[("has", 0)]),
        ("recipients.all(r, table(\"x\", ", &[("all", 1), ("table", 1)]),
        ("has(purpose.use) && ", &[]),
    ] {
        let found: Vec<(&str, usize)> = at_end(text).calls.iter().map(|(usage, at)| (usage.name, *at)).collect();
        assert_eq!(found, calls, "{text}");
    }
}
