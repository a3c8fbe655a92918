//! The conformance suite of CEL: what lies in the condition language gives the expected value, the rest is refused at load.

#[cfg(test)]
#[path = "../src/policy/condition/tests/mock.rs"]
#[allow(dead_code, reason = "the unit tests use more of it")]
mod mock;

// the mock is shared with the unit tests, where the root has another name
use purposelint as root;

#[cfg(test)]
mod conformance {
    use std::path::Path;

    use serde_json::{Value as Json, json};

    use super::mock::{Mock, Object, with_env};
    use super::root::policy::condition::{Expression, Value};

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
    const OTHER_VALUES: &[(&str, &str)] = &[(
        "macros/exists_one/list_no_shortcircuit",
        "two elements that fit settle `exists_one`, whatever is not known of the others",
    )];

    /// What a documented function or macro is called.
    const CALLS: [&str; 11] =
        ["has", "size", "exists", "all", "exists_one", "filter", "map", "startsWith", "endsWith", "contains", "in"];

    /// Whether an expression uses something of CEL that is documented as left out. Reads the text only, so that it does
    /// not trust the parser under test.
    fn left_out(text: &str, variables_bound: bool) -> bool {
        if variables_bound {
            return true;
        }
        let code = without_texts(text);
        let Some(code) = code else { return true };
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
        code.contains('{') || unsigned || unknown_call || free
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

    #[test]
    fn the_suite_of_cel_holds_or_is_refused() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/cel-conformance.json");
        let Ok(text) = std::fs::read_to_string(&file) else {
            println!("skipped: the conformance suite of CEL is not there ({})", file.display());
            return;
        };
        let suite: Json = serde_json::from_str(&text).unwrap();
        let nothing = json!({});
        let mock = Mock::new(nothing.clone());
        let (mut evaluated, mut refused, mut refused_errors) = (0, 0, 0);
        let mut others = 0;
        let mut wrong = Vec::new();
        let mut deviations = Vec::new();
        for case in suite["cases"].as_array().unwrap() {
            let expr = case["expr"].as_str().unwrap();
            let name = format!("{}/{}/{}", case["file"], case["section"], case["name"]).replace('"', "");
            let bound = !case["bindings"].as_array().unwrap().is_empty();
            let expected = case["expect"].get("value");
            match with_env(&nothing, |env| Expression::parse(expr, env)) {
                Ok(expression) => {
                    evaluated += 1;
                    let value = expression.evaluate(&mock).value.ok();
                    let holds = match expected {
                        Some(expected) => value.as_ref().is_some_and(|value| matches(value, expected)),
                        None => open(value.as_ref()),
                    };
                    if !holds && OTHER_VALUES.iter().any(|(known, _)| *known == name) {
                        others += 1;
                    } else if !holds {
                        wrong.push(format!("{name}: {expr} gives {value:?}"));
                    }
                }
                Err(_) if left_out(expr, bound) => refused += 1,
                // an error in CEL as well, only later
                Err(_) if expected.is_none() => refused_errors += 1,
                Err(errors) => deviations.push(format!("{name}: {expr} ({})", errors[0].message)),
            }
        }
        let known: usize = DEVIATIONS.iter().map(|(_, names)| names.len()).sum();
        println!(
            "{evaluated} evaluated, {refused} refused as left out, {refused_errors} refused where CEL fails, {known} deviate"
        );
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(others, OTHER_VALUES.len(), "a value has become that of CEL");
        let listed = |found: &&String| {
            DEVIATIONS.iter().any(|(_, names)| names.iter().any(|name| found.starts_with(&format!("{name}: "))))
        };
        let new: Vec<&String> = deviations.iter().filter(|found| !listed(found)).collect();
        assert!(new.is_empty(), "refused, but not left out:\n{new:#?}");
        assert_eq!(deviations.len(), known, "a deviation is gone: {deviations:#?}");
    }
}
