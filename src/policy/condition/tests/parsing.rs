use super::super::ast::{Expr, ExprKind, Literal};
use super::super::parse::parse;
use super::super::{Expression, Path, Template};
use super::mock::{Mock, with_env};

/// The tree with a bracket around everything that has parts.
fn show(expr: &Expr) -> String {
    let all = |items: &[Expr], between: &str| items.iter().map(show).collect::<Vec<_>>().join(between);
    match &expr.kind {
        ExprKind::Literal(Literal::Null) => "null".to_owned(),
        ExprKind::Literal(Literal::Bool(value)) => value.to_string(),
        ExprKind::Literal(Literal::Int(value)) => value.to_string(),
        ExprKind::Literal(Literal::Double(value)) => format!("{value:?}"),
        ExprKind::Literal(Literal::Text(value)) => format!("{value:?}"),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Select(object, field) => format!("{}.{}", show(object), field.text),
        ExprKind::Index(list, index) => format!("{}[{}]", show(list), show(index)),
        ExprKind::Call(function, items) => format!("{}({})", function.text, all(items, ", ")),
        ExprKind::Method(object, method, items) => format!("{}.{}({})", show(object), method.text, all(items, ", ")),
        ExprKind::List(items) => format!("[{}]", all(items, ", ")),
        ExprKind::Not(inner) => format!("(! {})", show(inner)),
        ExprKind::Negate(inner) => format!("(- {})", show(inner)),
        ExprKind::And(items) => format!("({})", all(items, " && ")),
        ExprKind::Or(items) => format!("({})", all(items, " || ")),
        ExprKind::Binary(operator, a, b) => format!("({} {} {})", show(a), operator.sign(), show(b)),
        ExprKind::If(parts) => {
            let [c, a, b] = parts.as_ref();
            format!("({} ? {} : {})", show(c), show(a), show(b))
        }
    }
}

fn parsed(text: &str) -> String {
    match parse(text) {
        Ok(expr) => show(&expr),
        Err(errors) => {
            let error = &errors[0];
            format!("{:?}: {}", text.get(error.range.clone()).unwrap(), error.message)
        }
    }
}

#[test]
fn operators_bind_as_in_cel() {
    for (text, tree) in [
        ("a || b && c", "(a || (b && c))"),
        ("a && b || c && d", "((a && b) || (c && d))"),
        ("a && b && c || d", "((a && b && c) || d)"),
        ("a && (b && c)", "(a && (b && c))"),
        ("a == b && c", "((a == b) && c)"),
        ("a < b == c", "((a < b) == c)"),
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b % c", "((a / b) % c)"),
        ("a + 1 in b", "((a + 1) in b)"),
        ("!a.b && c", "((! a.b) && c)"),
        ("!!a", "(! (! a))"),
        ("-a + b", "((- a) + b)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a || b ? c : d", "((a || b) ? c : d)"),
        ("a.b[0].c(d, e).f", "a.b[0].c(d, e).f"),
        ("f(a)[b]", "f(a)[b]"),
        ("x in [1, 2,]", "(x in [1, 2])"),
        ("a // why\n && b", "(a && b)"),
    ] {
        assert_eq!(parsed(text), tree, "{text}");
    }
}

#[test]
fn literals_are_those_of_cel() {
    for (text, tree) in [
        ("-9223372036854775808", "-9223372036854775808"),
        ("--1", "(- -1)"),
        ("1 -1", "(1 - 1)"),
        ("0xFF", "255"),
        ("1.5e3", "1500.0"),
        (".5", "0.5"),
        ("1e2", "100.0"),
        ("\"a\\\"b\\n\\x41\\u00e9\\101\"", "\"a\\\"b\\nAéA\""),
        ("r'a\\n'", "\"a\\\\n\""),
        ("'''a 'b'\n'''", "\"a 'b'\\n\""),
    ] {
        assert_eq!(parsed(text), tree, "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_where_it_is() {
    for (text, error) in [
        ("", "\"\": the condition is empty"),
        ("  ", "\"  \": the condition is empty"),
        ("a &&", "\"\": expected a value, found the end of the condition"),
        ("a b", "\"b\": expected an operator or the end, found `b`"),
        ("a = b", "\"=\": `=` has no meaning here"),
        ("(a", "\"\": expected `)`, found the end of the condition"),
        ("a ? b", "\"\": expected `:`, found the end of the condition"),
        ("{'a': 1}", "\"{\": maps and messages are not part of the condition language"),
        ("Purpose{}", "\"{\": maps and messages are not part of the condition language"),
        ("b'x'", "\"b\": bytes are not part of the condition language"),
        ("5u", "\"5u\": unsigned numbers are not part of the condition language"),
        ("5days", "\"5days\": `5days` is no number"),
        ("9223372036854775808", "\"9223372036854775808\": this number is too large"),
        ("99999999999999999999", "\"99999999999999999999\": this number is too large"),
        ("'abc", "\"'abc\": this text has no closing quote"),
        ("'a\nb'", "\"'a\": this text has no closing quote"),
        ("'\\q'", "\"\\\\q\": no such escape"),
        ("'\\uD800'", "\"\\\\uD800\": no such escape"),
        ("while", "\"while\": expected a value, found `while`"),
        ("a.0", "\".0\": expected an operator or the end, found a number"),
        ("a # b", "\"#\": `#` has no meaning here"),
        ("x'a'", "\"'a'\": expected an operator or the end, found a text"),
    ] {
        assert_eq!(parsed(text), error, "{text}");
    }
}

#[test]
fn help_says_what_was_probably_meant() {
    let quotes = Some("write texts in straight quotes, `\"…\"` or `'…'`");
    let bytes = Some("write a text, `\"…\"`");
    for (text, help) in [
        ("a = b", Some("write `==`")),
        ("a =< 3", Some("write `<=`")),
        ("a => 3", Some("write `>=`")),
        ("a & b", Some("write `&&`")),
        ("a | b", Some("write `||`")),
        ("a # b", None),
        ("a == “b”", quotes),
        ("a == „b“", quotes),
        ("a == ‘b’", quotes),
        ("a == b”", quotes),
        ("a == b’", quotes),
        ("5u", Some("leave out the `u`")),
        ("5U", Some("leave out the `u`")),
        ("5x", None),
        ("b'x'", bytes),
        ("BR'x'", bytes),
        ("rb'x'", bytes),
        ("'\\q'", Some("a backslash itself is written `\\\\`")),
        ("{'a': 1}", Some("lists are written `[a, b]`")),
        ("9223372036854775808", None),
    ] {
        assert_eq!(parse(text).unwrap_err()[0].help.as_deref(), help, "{text}");
    }
}

#[test]
fn depth_ends_in_an_error() {
    let deep = 100_000;
    for text in [
        "(".repeat(deep),
        format!("{}1{}", "(".repeat(65), ")".repeat(65)),
        "[".repeat(deep),
        "!".repeat(deep),
        "-".repeat(deep),
        format!("1{}", " + 1".repeat(deep)),
        format!("a{}", ".b".repeat(deep)),
        format!("a{}", "[0]".repeat(deep)),
        "a ? b : ".repeat(deep),
        "f(".repeat(deep),
        "a || b && c == d + e * (".repeat(deep),
    ] {
        let errors = parse(&text).unwrap_err();
        assert_eq!(errors[0].message, "the condition is nested too deeply", "{}", text.get(..20).unwrap_or(&text));
    }
    // as much as is allowed
    for text in [
        format!("{}1{}", "(".repeat(64), ")".repeat(64)),
        format!("{}a", "!".repeat(64)),
        format!("1{}", " + 1".repeat(127)),
        format!("a{}", ".b".repeat(127)),
    ] {
        assert!(parse(&text).is_ok(), "{text}");
    }
    for text in [format!("{}a", "!".repeat(65)), format!("1{}", " + 1".repeat(128)), format!("a{}", ".b".repeat(128))] {
        assert!(parse(&text).is_err(), "{text}");
    }
    let long = format!("a{}", " || a".repeat(deep));
    assert_eq!(parse(&long).unwrap().height, 2);
}

#[test]
fn every_node_has_its_range() {
    let text = "(a + b) * c.d(e)[0]";
    let expr = parse(text).unwrap();
    let ExprKind::Binary(_, left, right) = &expr.kind else { panic!("{expr:?}") };
    assert_eq!(text.get(left.range.clone()).unwrap(), "(a + b)");
    assert_eq!(text.get(right.range.clone()).unwrap(), "c.d(e)[0]");
    assert_eq!(text.get(expr.range).unwrap(), text);
}

proptest::proptest! {
    #[test]
    fn nothing_panics(text in "([a-z.(){}\\[\\],?:!&|=<>+*/%0-9ux'\"\\\\ \u{e9}\n-]|in|has|exists\\(){0,40}") {
        load(&text);
    }

    #[test]
    fn nothing_panics_among_words(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..12)) {
        load(&words.concat());
    }
}

const WORDS: &[&str] = &[
    "purpose",
    "setting",
    "state",
    "notices",
    "today",
    "param",
    ".use",
    ".data",
    ".retention.period",
    ".started",
    ".default",
    ".x",
    " == ",
    " < ",
    " in ",
    " && ",
    " || ",
    " + ",
    " - ",
    " ? ",
    " : ",
    "!",
    "-",
    "(",
    ")",
    "[",
    "]",
    ", ",
    "x",
    "1",
    "2.5",
    "'on'",
    "'2024-01-01'",
    "'é'",
    "null",
    "true",
    "has(",
    "days(",
    "size(",
    "within(",
    "states_in('EU')",
    ".exists(x, ",
    ".map(x, ",
    ".filter(x, ",
    ".startsWith(",
    "{",
    "}",
    "[]",
    "mentions(",
    "9223372036854775807",
];

/// Reads a text in every way there is; errors must point into it.
fn load(text: &str) {
    let nothing = serde_json::json!({});
    let errors = with_env(&nothing, |env| {
        let mut errors = Expression::parse(text, env).map(|found| found.evaluate(&Mock::new(nothing.clone()))).err();
        errors.get_or_insert_default().extend(Path::parse(text, env).err().into_iter().flatten());
        errors.get_or_insert_default().extend(Template::parse(text, env, &["regions"]).err().into_iter().flatten());
        errors
    });
    for error in errors.into_iter().flatten() {
        assert!(text.get(error.range.clone()).is_some(), "{text}: {error:?}");
        assert!(!error.message.ends_with('.') && !error.message.starts_with(char::is_uppercase), "{error:?}");
    }
}
