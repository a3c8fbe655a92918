use serde_json::{Value as Json, json};

use super::mock::{Mock, with_env};
use crate::policy::condition::{Answer, Condition, Expression, Gap, Truth, Value};

/// `true`, `false`, a number or text, `?` with what is missing, `n/a`; the same where nobody asks what decided, at no more steps.
fn evaluate(text: &str, facts: &Json) -> String {
    let expression = with_env(facts, |env| Expression::parse(text, env)).unwrap_or_else(|errors| panic!("{errors:?}"));
    let (mock, quiet) = (Mock::new(facts.clone()), Mock::quiet(facts.clone()));
    let (answer, other) = (expression.evaluate(&mock), expression.evaluate(&quiet));
    let shown = |answer: &Answer<_>| answer.value.as_ref().map(show).map_err(|gap| *gap == Gap::Inapplicable);
    assert_eq!(shown(&answer), shown(&other), "{text}");
    assert!(quiet.steps() <= mock.steps(), "{text}");
    match answer.value {
        Ok(value) => show(&value),
        Err(Gap::Inapplicable) => "n/a".to_owned(),
        Err(Gap::Undetermined(missing)) => format!("? {}", mock.names(&missing).join(" ")).trim_end().to_owned(),
    }
}

fn show<O>(value: &Value<O>) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(number) if number.exact().is_some() => number.exact().unwrap().to_string(),
        Value::Int(number) => format!("{:?}..{:?}", number.least, number.most),
        Value::Double(value) => format!("{value:?}"),
        Value::Text(text) => text.to_string(),
        Value::List(items) => {
            let items: Vec<String> =
                items.iter().map(|item| item.value.as_ref().map_or_else(|_| "?".to_owned(), show)).collect();
            format!("[{}]", items.join(", "))
        }
        other => format!("{:?}", std::mem::discriminant(other)),
    }
}

/// Facts in which `T` and `F` are known, `U` and `V` missing and `N` inapplicable.
fn four() -> Json {
    json!({
        "purpose": {"device_access": true, "carried_out": false, "decision": {"automated": "$inapplicable"}},
        "params": {},
    })
}

fn named(text: &str) -> String {
    text.replace('T', "purpose.device_access")
        .replace('F', "purpose.carried_out")
        .replace('U', "(purpose.title == \"\")")
        .replace('V', "(purpose.output == \"public\")")
        .replace('N', "purpose.decision.automated")
}

fn logic(text: &str) -> String {
    evaluate(&named(text), &four()).replace("purpose.title", "u").replace("purpose.output", "v")
}

#[test]
fn logic_is_that_of_kleene() {
    for (text, result) in [
        ("T && T", "true"),
        ("T && F", "false"),
        ("F && T", "false"),
        ("F && U", "false"),
        ("U && F", "false"),
        ("F && N", "false"),
        ("N && F", "false"),
        ("T && U", "? u"),
        ("U && T", "? u"),
        ("U && V", "? u v"),
        ("V && U && V", "? v u"),
        ("T && N", "n/a"),
        ("N && N", "n/a"),
        ("N && U", "? u"),
        ("U && N", "? u"),
        ("T || U", "true"),
        ("U || T", "true"),
        ("N || T", "true"),
        ("T || N", "true"),
        ("F || F", "false"),
        ("F || U", "? u"),
        ("U || V", "? u v"),
        ("F || N", "n/a"),
        ("N || U", "? u"),
        ("!U", "? u"),
        ("!N", "n/a"),
        ("!F", "true"),
        ("U == V", "? u v"),
        ("U == N", "? u"),
        ("N == T", "n/a"),
        ("T ? F : U", "false"),
        ("F ? U : T", "true"),
        ("U ? T : T", "? u"),
        ("N ? T : T", "n/a"),
        ("[T, U].exists(x, x)", "true"),
        ("[F, U].exists(x, x)", "? u"),
        ("[U, F, N].all(x, x)", "false"),
        ("[T, N].all(x, x)", "n/a"),
        ("[N, U].all(x, x)", "? u"),
        ("[T, T, U].exists_one(x, x)", "false"),
        ("[T, U].exists_one(x, x)", "? u"),
        ("[T, F].exists_one(x, x)", "true"),
        ("[T, U].filter(x, x)", "? u"),
        ("[F, U].filter(x, true)", "[false, ?]"),
        ("[F, U].map(x, !x)", "[true, ?]"),
        ("[F, U].size()", "2"),
        ("T in [U, T]", "true"),
        ("T in [U, F]", "? u"),
        ("T in [F, N]", "n/a"),
        ("[T, U] == [F, T]", "false"),
        ("[T, U] == [T, T]", "? u"),
        ("[T, U] == [T]", "false"),
        ("[[U]] == [[T]]", "? u"),
        ("[F, U][0]", "false"),
        ("[F, U][1]", "? u"),
    ] {
        assert_eq!(logic(text), result, "{text}");
        if let Some(truth) = in_parts(text) {
            let same = match result {
                "true" => Truth::True,
                "false" => Truth::False,
                "n/a" => Truth::Inapplicable,
                _ => Truth::Undetermined,
            };
            assert_eq!(truth, same, "{text} in parts");
        }
    }
}

/// What a condition comes to when its parts are asked one by one; `None` for what is neither true nor false.
fn in_parts(text: &str) -> Option<Truth> {
    let condition = with_env(&four(), |env| Condition::parse(&named(text), env)).ok()?;
    let mut parts = Vec::new();
    let join = condition.cut(&mut parts);
    Some(join.truth(&mut |at| parts[at].truth(&Mock::new(four()))))
}

#[test]
fn parts_are_asked_in_order_and_no_further_than_is_needed() {
    let asked = |text: &str| {
        let condition = with_env(&four(), |env| Condition::parse(&named(text), env)).unwrap();
        let mut parts = Vec::new();
        let join = condition.cut(&mut parts);
        let mut asked = Vec::new();
        join.truth(&mut |at| {
            asked.push(at);
            parts[at].truth(&Mock::new(four()))
        });
        (parts.len(), asked)
    };
    for (text, parts, order) in [
        ("T", 1, &[0][..]),
        ("[T].exists(x, x && x)", 1, &[0]),
        ("T && F && U", 3, &[0, 1]),
        ("U && F || T", 3, &[0, 1, 2]),
        ("!(F || T || U) && T", 4, &[0, 1]),
        ("T ? F : U", 1, &[0]),
    ] {
        assert_eq!(asked(text), (parts, order.to_vec()), "{text}");
    }
}

#[test]
fn a_part_that_settles_all_settles_it_whatever_the_others_come_to() {
    let truths = [Truth::True, Truth::False, Truth::Inapplicable, Truth::Undetermined];
    for (text, no, yes) in [
        ("T", &[(0, Truth::False)][..], &[(0, Truth::True)][..]),
        ("!T", &[(0, Truth::True)], &[(0, Truth::False)]),
        ("T && F && U", &[(0, Truth::False), (1, Truth::False), (2, Truth::False)], &[]),
        ("T || F", &[], &[(0, Truth::True), (1, Truth::True)]),
        ("(T || F) && !U", &[(2, Truth::True)], &[]),
        ("!(T || !F) && U", &[(0, Truth::True), (1, Truth::False), (2, Truth::False)], &[]),
        ("!(T && F) || !(U || N)", &[], &[(0, Truth::False), (1, Truth::False)]),
    ] {
        let condition = with_env(&four(), |env| Condition::parse(&named(text), env)).unwrap();
        let mut parts = Vec::new();
        let join = condition.cut(&mut parts);
        for (all, settling) in [(Truth::False, no), (Truth::True, yes)] {
            assert_eq!(join.settling(all), settling, "{text} is {all:?}");
            for number in 0..truths.len().pow(4) {
                let come_to = |at: usize| truths[number / truths.len().pow(at as u32) % truths.len()];
                if settling.iter().any(|(at, truth)| come_to(*at) == *truth) {
                    assert_eq!(join.truth(&mut |at| come_to(at)), all, "{text}");
                }
            }
        }
    }
}

/// What was found of an element is kept for all lists that have it.
#[test]
fn a_question_about_each_element_is_what_it_comes_to_for_them() {
    let user = json!({"category": "user", "source": "provided"});
    let ai = json!({"category": "user.content", "source": "observed"});
    let unknown = json!({"category": "user"});
    for data in [json!([]), json!([user, ai]), json!([unknown, ai]), json!([unknown, user]), json!([unknown])] {
        let facts = json!({"purpose": {"data": data, "use": "train_ai_system"}, "params": {}});
        for text in [
            "purpose.data.exists(d, d.source == \"observed\")",
            "purpose.data.all(d, d.source == \"provided\")",
            "purpose.data.exists(d, has(d.source) && within(d.category, \"user.content\"))",
            "purpose.data.all(d, purpose.use == \"train_ai_system\" || d.source == \"provided\")",
            "purpose.data.all(d, purpose.data.exists(e, e.category == d.category && e.source == \"observed\"))",
        ] {
            let condition = with_env(&facts, |env| Condition::parse(text, env)).unwrap_or_else(|e| panic!("{e:?}"));
            let mut parts = Vec::new();
            condition.cut(&mut parts);
            let elements = parts[0].elements().unwrap();
            let mock = Mock::quiet(facts.clone());
            let items = elements.items(&mock).unwrap();
            let (items, mock) = (&items, &mock);
            let each = |most: u32| items.iter().map(move |item| elements.truth_of(item, mock, most));
            assert_eq!(elements.truth(each(100)), Some(parts[0].truth(mock)), "{text} of {data}");
            // nobody knows what the rest is where steps run out
            assert_eq!(elements.truth(each(1)).is_none(), !items.is_empty(), "{text} of {data}");
        }
    }
    for other in ["purpose.data.exists_one(d, d.source == \"observed\")", "[T].exists(x, x)", "size(purpose.data) > 1"]
    {
        let condition = with_env(&four(), |env| Condition::parse(&named(other), env)).unwrap();
        let mut parts = Vec::new();
        condition.cut(&mut parts);
        assert!(parts[0].elements().is_none(), "{other}");
    }
}

#[test]
fn what_cannot_be_computed_is_undetermined() {
    let facts = json!({
        "purpose": {"subjects": ["customer"]},
        "setting": {"help_steps": 0},
        "params": {"small": -9_223_372_036_854_775_808_i64},
    });
    for (text, result) in [
        ("1 / setting.help_steps", "? setting.help_steps"),
        ("1 % setting.help_steps", "? setting.help_steps"),
        ("purpose.subjects[1]", "? purpose.subjects"),
        ("purpose.subjects[-1]", "? purpose.subjects"),
        ("9223372036854775807 + 1", "?"),
        ("-param.small", "? param.small"),
        ("param.small / -1", "? param.small"),
        ("param.small % -1", "? param.small"),
        ("1.0 / 0.0", "inf"),
        ("0.0 / 0.0 == 0.0 / 0.0", "false"),
        ("0.0 / 0.0 <= 1.0", "?"),
        ("9223372036854775807 < 9223372036854775808.0", "true"),
        ("-9223372036854775808 == -9223372036854775808.0 && -9223372036854775808 > -1e300", "true"),
        ("1 == 1.0 && 1 < 1.5 && 2 > 1.5 && !(1 == 1.5)", "true"),
    ] {
        assert_eq!(evaluate(text, &facts), result, "{text}");
    }
}

#[test]
fn bounds_settle_what_they_can() {
    let facts = json!({
        "purpose": {"started": {"before": "2024-09-18"}, "ended": {"after": "2024-10-01"}, "retention": {"period": "P1Y"}},
        "today": "2024-09-20",
        "params": {"few": {"least": 2, "most": 5}},
    });
    for (text, result) in [
        ("purpose.started < \"2024-09-18\"", "true"),
        ("purpose.started < \"2024-09-17\"", "? purpose.started"),
        ("purpose.started >= today", "false"),
        ("purpose.started == today", "false"),
        ("purpose.started == \"2024-01-01\"", "? purpose.started"),
        ("purpose.started != purpose.ended", "true"),
        ("days(purpose.started, today)", "Some(3)..None"),
        ("days(purpose.started, today) >= 3", "true"),
        ("days(purpose.started, today) > 3", "? purpose.started"),
        ("days(today, purpose.started) < 0", "true"),
        ("days(purpose.started, purpose.ended)", "Some(15)..None"),
        ("days(purpose.retention.period)", "365"),
        ("purpose.retention.period >= \"P12M\"", "true"),
        ("purpose.retention.period in [\"P1Y\"]", "true"),
        ("purpose.retention.period < \"P1Y\"", "false"),
        ("purpose.retention.period <= \"P1Y\"", "true"),
        ("purpose.retention.period < \"P2Y\"", "true"),
        ("param.few + 1", "Some(3)..Some(6)"),
        ("1 - param.few", "Some(-4)..Some(-1)"),
        ("-param.few", "Some(-5)..Some(-2)"),
        ("param.few * 2", "? param.few"),
        ("param.few > 1", "true"),
        ("param.few > 1.5", "true"),
        ("param.few <= 3", "? param.few"),
        ("param.few == 6", "false"),
        ("param.few == 2", "? param.few"),
        ("param.few + 9223372036854775807 > 0", "? param.few"),
        ("today in [\"2024-09-19\", \"2024-09-20\"]", "true"),
        ("[param.few] == [3]", "? param.few"),
        ("[[param.few]] == [[3]]", "? param.few"),
    ] {
        assert_eq!(evaluate(text, &facts), result, "{text}");
    }
}

#[test]
fn functions_answer_as_documented() {
    let facts = json!({
        "purpose": {
            "use": "train_ai_system.generative", "subjects": [], "retention": {"until": "the end"}, "ended": "$unknown",
            "data": [
                {"category": "user", "collected_for": ["train_ai"]},
                {"category": "user", "collected_for": ["$unknown", "personalise"]},
                {"category": "user", "collected_for": ["$unknown", "train_ai_system"]},
                {"category": "user"},
            ],
        },
        "setting": "$inapplicable",
        "states_in": {"EEA": ["off", "$unknown"]},
        "lexicons": {"hedges": ["may"]},
        "tables": {"age": 16, "adequate": "none"},
        "places": {"adequate": {"FR": "full"}},
        "recipients": [{"id": "a", "country": "FR"}, {"id": "b", "country": "US"}, {"id": "c"}, {"id": "d", "country": "GB"}],
        "params": {"list": ["a", "b"], "keys": ["personalise", "train_ai_system"], "none": []},
    });
    for (text, result) in [
        ("within(purpose.use, \"train_ai_system\")", "true"),
        ("within(purpose.use, \"personalise\")", "false"),
        // a key lies below another one only at a dot
        ("within(purpose.use, purpose.data[0].collected_for)", "false"),
        ("purpose.data[0].collected_for.exists(u, purpose.use.startsWith(u))", "true"),
        ("within(purpose.use, purpose.data[1].collected_for)", "? purpose.data[1].collected_for[0]"),
        ("within(purpose.use, purpose.data[2].collected_for)", "true"),
        ("within(purpose.use, purpose.data[3].collected_for)", "? purpose.data[3].collected_for"),
        ("purpose.data[2].collected_for.exists(u, within(purpose.use, u))", "true"),
        ("within(purpose.use, param.keys)", "true"),
        ("within(purpose.use, [\"personalise\"])", "false"),
        ("within(purpose.use, param.none)", "false"),
        ("recipients.map(r, r.country in group(\"EEA\"))", "[true, ?, ?, false]"),
        ("recipients[1].country in group(\"EEA\")", "? recipients recipients[1] recipients[1].country"),
        ("!(recipients[2].country in group(\"EEA\"))", "? recipients[2].country"),
        ("table(\"adequate\", recipients[0].country)", "full"),
        ("table(\"adequate\", \"FR\")", "full"),
        ("table(\"adequate\", recipients[3].country)", "? table(adequate, GB)"),
        ("table(\"adequate\", recipients[2].country)", "? recipients[2].country"),
        ("root(purpose.use)", "train_ai_system"),
        ("has(purpose.subjects)", "true"),
        ("has(purpose.title)", "false"),
        ("has(purpose.ended)", "? purpose.ended"),
        ("has(purpose.retention.until)", "true"),
        ("has(purpose.retention.period)", "false"),
        ("has(purpose.rights.access.route)", "false"),
        ("has(setting.default)", "n/a"),
        ("declared(purpose.subjects)", "true"),
        ("declared(purpose.title)", "? purpose.title"),
        ("declared(setting.default)", "n/a"),
        ("\"off\" in states_in(\"EEA\")", "true"),
        ("\"on\" in states_in(\"EEA\")", "? states_in(EEA)[1]"),
        ("states_in(\"EEA\").all(s, s == \"off\")", "? states_in(EEA)[1]"),
        ("mentions(purpose.retention.until, \"hedges\")", "false"),
        ("mentions(purpose.retention.until, \"choice\")", "? service.language"),
        ("table(\"age\") + 2", "18"),
        ("size('πέντε') + 'ab'.size()", "7"),
        ("'abc'.startsWith('a') && 'abc'.endsWith('bc') && 'abc'.contains('b')", "true"),
        ("param.list.map(x, x == 'b', x.size())", "[1]"),
        ("recipients[0] == recipients[0] && recipients[0] != recipients[1]", "true"),
        (
            "[false < true, true < true, true < false, false <= false, true <= false]",
            "[true, false, false, true, false]",
        ),
        ("param.list.map(x, param.list.filter(y, y != x))", "[[b], [a]]"),
        ("param.list.all(x, ['c'].all(x, x == 'c')) && 'b' == param.list[1]", "true"),
    ] {
        assert_eq!(evaluate(text, &facts), result, "{text}");
    }
}

/// What a pack may ask for is bounded in steps, so a condition that takes long has to count for as much.
#[test]
fn steps_are_counted() {
    let facts = json!({
        "$steps": {"title": 7, "category": 3, "age": 5},
        "purpose": {"title": "x".repeat(511), "subjects": vec!["customer"; 31], "data": [{"category": "user"}]},
        "tables": {"age": 16},
        "places": {"age": {"FR": 15}},
        "params": {},
    });
    let steps = |text: &str| {
        let expression =
            with_env(&facts, |env| Expression::parse(text, env)).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        let mock = Mock::new(facts.clone());
        expression.evaluate(&mock);
        mock.steps()
    };
    let (words, long) = (["\"a\""; 16].join(", "), "a".repeat(300));
    for (text, taken) in [
        ("true", 1),
        ("1 == 2", 3),
        // words that are written out count as numbers do, and for what they would be made into
        ("\"a\" == \"b\"", 3),
        ("\"a\" != \"b\"", 3),
        ("\"a\" < \"b\"", 3),
        (&format!("\"a\" == \"{long}\""), 3 + 1),
        ("1 in [1, 2]", 5),
        ("\"b\" in [\"a\", \"b\"]", 5),
        (&format!("\"b\" in [{words}]"), 3 + 16 + 1),
        (&format!("\"b\" in [\"{long}\"]"), 4 + 1),
        ("within(purpose.data[0].category, [\"user.content\", \"user\"])", 5 + 3 + 4),
        ("true && true", 3),
        ("false && true", 3),
        ("true || false", 2),
        ("true ? 1 : 2", 3),
        ("purpose.device_access", 2),
        // a list counts for its elements, a text for its letters, by sixteen and by 256
        ("purpose.subjects", 2 + 1),
        ("purpose.subjects.all(s, true)", 3 + 1 + 31),
        ("size(purpose.subjects)", 3 + 1),
        ("\"short\"", 1),
        // what takes longer to read than most
        ("purpose.title", 2 + 7 + 1),
        ("has(purpose.title)", 2 + 7),
        ("has(purpose.data[0].category)", 5 + 3),
        ("table(\"age\")", 1 + 5),
        ("table(\"age\", \"FR\")", 2 + 5),
    ] {
        assert_eq!(steps(text), taken, "{text}");
    }
    // where nobody asks what decided, an evaluation ends where its value is settled
    for (text, told, quiet) in
        [("false && true", 3, 2), ("[false, true].all(b, b)", 3 + 1 + 2, 3 + 1 + 1), ("true && true", 3, 3)]
    {
        let expression = with_env(&facts, |env| Expression::parse(text, env)).unwrap();
        let mock = Mock::quiet(facts.clone());
        expression.evaluate(&mock);
        assert_eq!((steps(text), mock.steps()), (told, quiet), "{text}");
    }
}

#[test]
fn without_steps_nothing_is_determined() {
    let facts = json!({"$steps": {"most": 3}, "params": {}});
    let expression = with_env(&facts, |env| Expression::parse("1 == 1", env)).unwrap();
    let mock = Mock::new(facts);
    let results: Vec<bool> = (0..3).map(|_| expression.evaluate(&mock).value.is_ok()).collect();
    assert_eq!((results, mock.steps()), (vec![true, true, false], 6));
}

/// What was found of a part is kept for all parts that compute the same.
#[test]
fn parts_are_equal_where_they_compute_the_same() {
    for (one, other, same) in [
        ("T && F", "(T) &&  F", true),
        ("T && F", "T || F", true),
        ("[T].exists(x, x) && T", "[T].exists(y, y) && T", true),
        ("T && F", "F && T", false),
        ("T && 1 == 2", "T && 1 == 3", false),
        ("T && F", "T && T", false),
        ("T && U", "T && V", false),
    ] {
        let [one, other] =
            [one, other].map(|text| with_env(&four(), |env| Condition::parse(&named(text), env)).unwrap());
        let (mut first, mut second) = (Vec::new(), Vec::new());
        one.cut(&mut first);
        other.cut(&mut second);
        assert_eq!(first == second, same, "{} and {}", one.text(), other.text());
    }
}

#[test]
fn hostile_conditions_end() {
    let nothing = json!({});
    let deep = format!("{}1{}", "1 + (".repeat(63), ")".repeat(63));
    assert_eq!(evaluate(&deep, &nothing), "64");
    let list = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
    let loops: String = (0..20).map(|at| format!("{list}.all(x{at}, ")).collect();
    let text = format!("{loops}true{}", ")".repeat(20));
    assert_eq!(evaluate(&text, &nothing), "?");
    assert_eq!(evaluate(&format!("{text} || true"), &nothing), "?");
}
