//! The conformance suite of CEL: what lies in the condition language gives the expected value, the rest is refused at load.
//! The numbers stand in `docs/trust.md`.

#![allow(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a failing unwrap is a failing test"
)]

mod page;

#[cfg(test)]
#[path = "../src/policy/condition/tests/mock.rs"]
#[allow(dead_code, reason = "the unit tests use more of it")]
mod mock;

// the mock is shared with the unit tests, where the root has another name
use purposelint as root;

#[cfg(test)]
mod conformance {
    use std::collections::BTreeMap;

    use serde_json::{Value as Json, json};

    use super::mock::{Mock, Object, with_env};
    use super::page;
    use super::root::policy::condition::{Expression, Value};

    const SUITE: &str = include_str!("suites/cel-conformance.json");

    /// Cases in the words of our subset that are refused all the same, with the reason.
    const DEVIATIONS: &[(&str, &[&str])] = &[
        (
            "a list has elements of one type, and lists of different types are not compared",
            &[
                "comparisons/eq_literal/not_eq_list_null",
                "comparisons/eq_literal/not_eq_list_length",
                "comparisons/eq_literal/not_eq_list_false_vs_types",
                "comparisons/eq_literal/not_eq_list_elem_null",
                "comparisons/in_list_literal/elem_in_mixed_type_list",
                "macros/exists/list_elem_type_shortcircuit",
                "macros/exists/list_elem_type_exhaustive",
                "macros/all/list_elem_type_shortcircuit",
                "plumbing/check_inputs/skip_check",
            ],
        ),
        (
            "operands and branches are typed at load, whether or not they would be evaluated",
            &[
                "logic/conditional/mixed_type",
                "logic/AND/short_circuit_type_left",
                "logic/AND/short_circuit_type_right",
                "logic/OR/short_circuit_type_left",
                "logic/OR/short_circuit_type_right",
            ],
        ),
        (
            "`+` adds numbers; texts and lists are not put together",
            &[
                "lists/concatenation/list_append",
                "lists/concatenation/list_not_commutative",
                "lists/concatenation/list_repeat",
                "lists/concatenation/empty_empty",
                "lists/concatenation/left_unit",
                "lists/concatenation/right_unit",
                "string/concatenation/concat_true",
                "string/concatenation/concat_with_spaces",
                "string/concatenation/concat_empty_string_beginning",
                "string/concatenation/concat_empty_string_end",
                "string/concatenation/concat_empty_with_empty",
                "string/concatenation/unicode_unicode",
                "string/concatenation/ascii_unicode",
                "string/concatenation/ascii_unicode_unicode_smp",
                "string/concatenation/empty_unicode",
            ],
        ),
    ];

    /// Cases that have another value, with the reason.
    const OTHER_VALUES: (&str, &[&str]) = (
        "two elements that fit settle `exists_one`, whatever is not known of the others",
        &["macros/exists_one/list_no_shortcircuit"],
    );

    /// What a documented function or macro is called.
    const CALLS: [&str; 11] =
        ["has", "size", "exists", "all", "exists_one", "filter", "map", "startsWith", "endsWith", "contains", "in"];

    /// What of CEL an expression uses that is documented as left out. Reads the text only, so that it does not trust the parser
    /// under test.
    fn left_out(text: &str, variables_bound: bool) -> Option<&'static str> {
        const NAMES: &str = "names of variables, types and fields other than the facts of a rule";
        if variables_bound {
            return Some(NAMES);
        }
        let Some(code) = without_texts(text) else { return Some("bytes") };
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let words: Vec<&str> = code.split(|c| !letter(c)).filter(|word| !word.is_empty()).collect();
        let number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        let unsigned = words.iter().any(|word| number(word) && word.ends_with(['u', 'U']));
        let called = |word: &str| {
            code.match_indices(word).any(|(at, _)| {
                let after = code.get(at + word.len()..).unwrap().trim_start();
                let before = code.get(..at).unwrap().chars().next_back();
                after.starts_with('(') && !before.is_some_and(letter)
            })
        };
        let unknown_call = words.iter().any(|word| !number(word) && !CALLS.contains(word) && called(word));
        let keyword =
            |word: &str| ["true", "false", "null", "in"].contains(&word) || (CALLS.contains(&word) && called(word));
        // a name that no macro introduces
        let free = words
            .iter()
            .any(|word| !number(word) && !keyword(word) && !code.contains(&format!("({word},")) && !exponent(word));
        let reasons = [
            (code.contains('{'), "maps and messages"),
            (unsigned, "unsigned numbers"),
            (unknown_call, "functions that a condition does not have, such as conversions"),
            (free, NAMES),
        ];
        reasons.into_iter().find_map(|(holds, reason)| holds.then_some(reason))
    }

    /// The `e` of `1e+5` after splitting at the sign.
    fn exponent(word: &str) -> bool {
        word == "e"
    }

    /// The expression with every text replaced by `""`; `None` where there are bytes among them.
    fn without_texts(text: &str) -> Option<String> {
        let mut code = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if c != '\'' && c != '"' {
                code.push(c);
                rest = rest.get(c.len_utf8()..).unwrap();
                continue;
            }
            let raw = code.ends_with(['r', 'R']);
            if raw {
                code.pop();
            }
            if code.ends_with(['b', 'B']) {
                return None;
            }
            let quotes = c.to_string().repeat(if rest.starts_with(&c.to_string().repeat(3)) { 3 } else { 1 });
            rest = rest.get(quotes.len()..).unwrap();
            while !rest.starts_with(&quotes) {
                let skip = if rest.starts_with('\\') { 2 } else { 1 };
                rest = rest.char_indices().nth(skip).map_or("", |(at, _)| rest.get(at..).unwrap());
                if rest.is_empty() {
                    return Some(code);
                }
            }
            rest = rest.get(quotes.len()..).unwrap();
            code.push_str("\"\"");
        }
        Some(code)
    }

    /// Whether a value is the expected one; both in the suite's form.
    fn matches(value: &Value<Object>, expected: &Json) -> bool {
        let (kind, expected) = expected.as_object().unwrap().iter().next().unwrap();
        let first = &expected[0];
        let text = first.as_str().unwrap_or_default();
        match (kind.as_str(), value) {
            ("null_value", Value::Null) => true,
            ("bool_value", Value::Bool(value)) => text == value.to_string(),
            ("int64_value", Value::Int(number)) => number.exact() == text.parse().ok(),
            ("double_value", Value::Double(value)) => {
                let expected: f64 = text.parse().unwrap();
                *value == expected || (value.is_nan() && expected.is_nan())
            }
            ("string_value", Value::Text(value)) => **value == *text,
            ("list_value", Value::List(items)) => {
                let expected = first["values"].as_array().cloned().unwrap_or_default();
                items.len() == expected.len()
                    && items
                        .iter()
                        .zip(&expected)
                        .all(|(item, e)| item.value.as_ref().is_ok_and(|value| matches(value, e)))
            }
            _ => false,
        }
    }

    /// Whether there is no value, at the top or in a list.
    fn open(value: Option<&Value<Object>>) -> bool {
        match value {
            None => true,
            Some(Value::List(items)) => items.iter().any(|item| open(item.value.as_ref().ok())),
            Some(_) => false,
        }
    }

    /// A case of the suite.
    struct Case<'s> {
        name: String,
        expr: &'s str,
        bound: bool,
        /// `None` where CEL fails.
        expected: Option<&'s Json>,
    }

    impl<'s> Case<'s> {
        fn of(case: &'s Json) -> Self {
            Self {
                name: format!("{}/{}/{}", case["file"], case["section"], case["name"]).replace('"', ""),
                expr: case["expr"].as_str().unwrap(),
                bound: !case["bindings"].as_array().unwrap().is_empty(),
                expected: case["expect"].get("value"),
            }
        }

        /// Whether a value is the expected one, or is missing where CEL fails.
        fn holds(&self, value: Option<&Value<Object>>) -> bool {
            match self.expected {
                Some(expected) => value.is_some_and(|value| matches(value, expected)),
                None => open(value),
            }
        }
    }

    /// How many of the cases came out how.
    #[derive(Default)]
    struct Numbers {
        right: usize,
        left_out: BTreeMap<&'static str, usize>,
        errors: usize,
    }

    #[test]
    fn the_suite_of_cel_holds_or_is_refused() {
        let suite: Json = serde_json::from_str(SUITE).unwrap();
        let nothing = json!({});
        let mock = Mock::new(nothing.clone());
        let mut numbers = Numbers::default();
        let (mut wrong, mut deviations) = (Vec::new(), Vec::new());
        for case in suite["cases"].as_array().unwrap().iter().map(Case::of) {
            match with_env(&nothing, |env| Expression::parse(case.expr, env)) {
                Ok(expression) => {
                    let value = expression.evaluate(&mock).value.ok();
                    if case.holds(value.as_ref()) {
                        numbers.right += 1;
                    } else {
                        wrong.push((case.name, format!("{} gives {value:?}", case.expr)));
                    }
                }
                Err(errors) => {
                    let clear = |at: &std::ops::Range<usize>| at.start <= at.end && at.end <= case.expr.len();
                    assert!(
                        errors.iter().all(|e| clear(&e.range) && !e.message.is_empty()),
                        "{}: {errors:?}",
                        case.expr
                    );
                    match left_out(case.expr, case.bound) {
                        Some(reason) => *numbers.left_out.entry(reason).or_default() += 1,
                        // an error in CEL as well, only later
                        None if case.expected.is_none() => numbers.errors += 1,
                        None => deviations.push((case.name, format!("{} ({})", case.expr, errors[0].message))),
                    }
                }
            }
        }
        are_listed(&wrong, &[OTHER_VALUES]);
        are_listed(&deviations, DEVIATIONS);
        page::hold("docs/trust.md", "conditions", &told(&numbers));
    }

    /// The list of differences is exact: none is missing, and none is left over.
    fn are_listed(found: &[(String, String)], list: &[(&str, &[&str])]) {
        let known = |name: &str| list.iter().any(|(_, names)| names.contains(&name));
        let new: Vec<_> = found.iter().filter(|(name, _)| !known(name)).collect();
        assert!(new.is_empty(), "in no list: {new:#?}");
        let listed: usize = list.iter().map(|(_, names)| names.len()).sum();
        assert_eq!(found.len(), listed, "a case of a list is like CEL by now: {found:#?}");
    }

    fn told(numbers: &Numbers) -> String {
        let count = |list: &[(&str, &[&str])]| list.iter().map(|(_, names)| names.len()).sum::<usize>();
        let (refused, others) = (count(DEVIATIONS), count(&[OTHER_VALUES]));
        let left_out: usize = numbers.left_out.values().sum();
        let all = numbers.right + left_out + numbers.errors + refused + others;
        let mut out = format!(
            "| cases of the conformance suite of CEL, core language | {all} |\n|---|---|\n\
             | evaluated, with the result of CEL | {} |\n\
             | refused at load: uses what a condition does not have | {left_out} |\n\
             | refused at load: CEL fails as well, later | {} |\n\
             | refused at load, though written in words of a condition | {refused} |\n\
             | evaluated, with another result | {others} |\n\n\
             What a condition does not have, with the number of cases that use it:\n\n",
            numbers.right, numbers.errors,
        );
        for (reason, count) in &numbers.left_out {
            out.push_str(&format!("- {reason}: {count}\n"));
        }
        out.push_str("\nWhere a condition differs from CEL on purpose:\n\n");
        for (reason, names) in DEVIATIONS {
            out.push_str(&page::wrapped(&format!("- {reason}: {} cases, refused", names.len())).replace('\n', "\n  "));
            out.push('\n');
        }
        out.push_str(&format!("- {}: {others} case\n", OTHER_VALUES.0));
        out
    }
}
