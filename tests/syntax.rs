//! The reader against text nobody would write: it never panics, never points outside the text, never takes long.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a failing unwrap is a failing test, and some tests measure time"
)]

#[path = "../fuzz/src/tree.rs"]
#[allow(unreachable_pub, reason = "to the fuzzers it is a part of a library")]
mod tree;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use purposelint::diagnostic::Diagnostic;
use purposelint::source::{SourceMap, Span};
use purposelint::syntax::{self, Kind, Limits, NodeRef, Outline, Tree, Writing};
use tree::check;

fn read(text: &str) -> (Tree, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let file = sources.add("a.yaml", text);
    syntax::parse(&sources, file, &Limits::default())
}

/// `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(2_000)
}

/// Pieces of YAML in an order that is rarely sound.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "a",
        "b:",
        " ",
        "  ",
        "\n",
        "\n",
        "\n  ",
        "\n- ",
        "\n    ",
        "- ",
        "? ",
        ": ",
        "a: ",
        "\nb: ",
        "&x ",
        "*x",
        "*y",
        "&y ",
        "!!str ",
        "!!int ",
        "!t ",
        "<<: ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\"",
        "'",
        "'c d'",
        "\"e\\n\"",
        "|\n",
        ">-\n",
        "|+2\n",
        "# c\n",
        " #",
        "---\n",
        "\n---\n",
        "\n...\n",
        "%YAML 1.2\n",
        "\t",
        "\r\n",
        "\r",
        "\u{feff}",
        "é",
        "😀",
        "\0",
        "\u{7}",
        "\u{85}",
        "\u{2028}",
        "1",
        "0x1F",
        "-.inf",
        "~",
        "null",
        "true",
        "@",
        "`",
        "\\",
        "<<: *x\n",
        "x: &x {a: 1}\n",
    ];
    proptest::collection::vec(proptest::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

/// Nested values without merge keys, printed by another library.
fn sound() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (-1.0e6..1.0e6).prop_map(|float: f64| float.into()),
        "[ -~é\n\t]{0,24}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            proptest::collection::hash_map("[ -;=-~é\n]{0,9}", inner, 0..6)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn json(node: NodeRef<'_>) -> serde_json::Value {
    match node.kind() {
        Kind::Null => serde_json::Value::Null,
        Kind::Bool(value) => value.into(),
        Kind::Int(value) => value.into(),
        Kind::Float(value) => value.into(),
        Kind::Str(text) => text.into(),
        Kind::Sequence => node.items().map(json).collect(),
        Kind::Mapping => serde_json::Value::Object(
            node.entries().map(|entry| (entry.name().unwrap().to_owned(), json(entry.value))).collect(),
        ),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_of_yaml_never_break_the_reader(text in pieces()) {
        check(&text);
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,80}") {
        check(&text);
    }

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        tree::run(&bytes);
    }

    #[test]
    fn characters_that_yaml_forbids_never_pass(before in pieces(), after in pieces(), bad in "[\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{7f}]") {
        // an earlier error may hide the rest of a document, but not make the file sound
        let text = format!("{before}{bad}{after}");
        prop_assert!(!check(&text).1.is_empty(), "{:?}", text);
    }

    #[test]
    fn what_another_library_wrote_reads_the_same(value in sound()) {
        let text = serde_yaml::to_string(&value).unwrap();
        let (tree, found) = check(&text);
        prop_assert!(found.is_empty(), "{:?}: {:?}", text, found);
        let root = tree.root(&tree.documents()[0]);
        prop_assert_eq!(root.map_or(serde_json::Value::Null, json), value, "{:?}", text);
    }

    #[test]
    fn plain_scalars_are_what_serde_yaml_says(text in "[-+]?[0-9.]{1,6}([eE][-+]?[0-9]{0,2})?|[-+]?\\.?(inf|Inf|INF|nan|NaN|NAN)|0[xob][0-9a-fA-F]{1,5}|[nN][uU][lL]{2}|[tT]rue|TRUE|[fF]alse|[oO]n|NO|no|[yY](es)?|[a-zA-Z0-9_.+~-]{1,6}") {
        let (tree, found) = check(&text);
        let Some(root) = tree.root(&tree.documents()[0]) else { return Ok(()) };
        if !found.is_empty() || root.text() != Some(text.as_str()) || differs_on_purpose(&text) {
            return Ok(());
        }
        let theirs: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        let same = match (root.kind(), &theirs) {
            (Kind::Null, serde_yaml::Value::Null) => true,
            (Kind::Bool(ours), serde_yaml::Value::Bool(theirs)) => ours == *theirs,
            (Kind::Int(ours), serde_yaml::Value::Number(theirs)) => theirs.as_i64() == Some(ours),
            (Kind::Float(ours), serde_yaml::Value::Number(theirs)) => {
                theirs.as_f64().is_some_and(|theirs| theirs == ours || theirs.is_nan() && ours.is_nan())
            }
            (Kind::Str(ours), serde_yaml::Value::String(theirs)) => ours == theirs,
            _ => false,
        };
        prop_assert!(same, "{:?}: {:?} here, {:?} there", text, root.kind(), theirs);
    }
}

/// Where `serde_yaml` leaves the core schema of YAML 1.2, which we follow to the letter.
fn differs_on_purpose(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    // `014` is a number in the core schema, text to serde_yaml
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    // `0b1` and `-0x1` are numbers to serde_yaml only
    let foreign = digits.starts_with("0b") || digits != text && (digits.starts_with("0x") || digits.starts_with("0o"));
    leading_zero || foreign
}

#[test]
fn hostile_files_end_soon_in_a_finding() {
    let laughs: String = (1..60).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
        let last = n - 1;
        text + &format!("a{n}: &a{n} [*a{last}, *a{last}, *a{last}, *a{last}]\n")
    });
    let list_of_5000 = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(5_000), "*a, ".repeat(5_000));
    let merges: String = (1..400).fold("m0: &m0 {k0: 0}\n".to_owned(), |text, n| {
        let last = n - 1;
        text + &format!("m{n}: &m{n}\n  <<: *m{last}\n  k{n}: 1\n")
    }) + &(0..100).map(|n| format!("z{n}: {{<<: [*m399, *m399]}}\n")).collect::<String>();
    let merge_lists = format!("a: &a {{{}}}\nb: {{<<: [{}]}}\n", keys(2_000, ", "), "*a, ".repeat(20_000));
    let cases: Vec<(&str, String, Option<&str>)> = vec![
        ("brackets", "[".repeat(100_000), Some("nesting-too-deep")),
        ("braces", "{a: ".repeat(100_000), Some("nesting-too-deep")),
        ("dashes", "- ".repeat(100_000), Some("nesting-too-deep")),
        ("question marks", "? ".repeat(100_000), Some("nesting-too-deep")),
        ("indentation", (0..2_000).map(|n| " ".repeat(n) + "a:\n").collect(), Some("nesting-too-deep")),
        (
            "mixed nesting",
            format!("{}{}{}", "- ".repeat(100), "[".repeat(100), "]".repeat(100)),
            Some("nesting-too-deep"),
        ),
        ("laughs", laughs, Some("alias-expansion-too-large")),
        ("aliases to a long list", list_of_5000, Some("alias-expansion-too-large")),
        ("merges of merges", merges, Some("alias-expansion-too-large")),
        ("merge lists", merge_lists, Some("alias-expansion-too-large")),
        ("one line of 1 MB", format!("[{}]", "abc, ".repeat(200_000)), None),
        ("one line of 1 MB, open", format!("[{}", "abc, ".repeat(200_000)), Some("syntax-error")),
        ("100,000 keys", keys(100_000, "\n"), None),
        ("100,000 repeated keys", keys(50_000, "\n").repeat(2), Some("duplicate-key")),
        ("100,000 times one key", "a: 1\n".repeat(100_000), Some("duplicate-key")),
        ("100,000 anchors", (0..100_000).map(|n| format!("- &a{n} x\n")).collect(), None),
        ("100,000 unknown aliases", "- &b x\n- *a\n".repeat(100_000), Some("syntax-error")),
        ("100,000 broken documents", "[\n---\n".repeat(100_000), Some("syntax-error")),
        ("text behind documents", "[a] b\n---\n".repeat(100_000), Some("syntax-error")),
        ("bare directives", "%FOO\na\n".repeat(100_000), Some("syntax-error")),
        ("broken directives", "%FOO\na\n---\n".repeat(100_000), Some("syntax-error")),
        ("open quotes", "a: \"b\n---\n".repeat(100_000), Some("syntax-error")),
        ("100,000 documents", "a: 1\n---\n".repeat(100_000), None),
        ("100,000 comments", "# c\n".repeat(100_000) + "a: 1\n" + &"# c\n".repeat(100_000), None),
        ("a long key", "a".repeat(1_000_000) + ": 1\n", Some("syntax-error")),
        ("an open quote", "a: \"".to_owned() + &"b\n ".repeat(300_000), Some("syntax-error")),
        ("empty items", "-\n".repeat(200_000), None),
        ("empty values", keys(100_000, "\n").replace(" 1", ""), None),
        ("block scalars", "- |\n  a\n\n\n".repeat(50_000), None),
        ("empty block scalars", "- |\n".repeat(100_000), None),
        ("blank lines", "\n".repeat(1_000_000) + "a: " + &" \n".repeat(500_000), None),
    ];
    // so that time is taken with all that is there
    let limits = Limits { entries: 1_000_000, ..Limits::default() };
    for (name, text, code) in cases {
        let start = Instant::now();
        let mut sources = SourceMap::new();
        let file = sources.add("a.yaml", text.as_str());
        let (_, found) = syntax::parse(&sources, file, &limits);
        let took = start.elapsed();

        match code {
            Some(code) => assert!(found.iter().any(|one| one.code == code), "{name}: {:?}", found.first()),
            None => assert!(found.is_empty(), "{name}: {:?}", found.first()),
        }
        assert!(found.len() <= 1_001, "{name}: {} diagnostics", found.len());
        // each takes a third of a second in debug; the rest is for machines that many share
        assert!(took < Duration::from_secs(5), "{name} took {took:?}");
    }
}

fn keys(count: usize, separator: &str) -> String {
    (0..count).map(|n| format!("k{n}: 1{separator}")).collect()
}

/// All YAML files of the repository that people would write.
fn files_of_ours() -> Vec<std::path::PathBuf> {
    fn collect(folder: &std::path::Path, out: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, out);
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                out.push(path);
            }
        }
    }
    let mut out = Vec::new();
    for folder in ["examples", "policies", "tests/cases"] {
        collect(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut out);
    }
    out.sort();
    out
}

/// The places of all scalars that stand where they are read.
fn scalars(node: NodeRef<'_>, out: &mut Vec<Span>) {
    if node.via().is_some() {
        return;
    }
    if node.text().is_some() && !node.span().is_empty() {
        out.push(node.span());
    }
    node.items().for_each(|item| scalars(item, out));
    for entry in node.entries().filter(|entry| entry.merged.is_none()) {
        scalars(entry.key, out);
        scalars(entry.value, out);
    }
}

#[test]
fn where_the_parser_reads_a_text_the_outline_finds_the_same_keys() {
    let mut asked = 0;
    for path in files_of_ours() {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let (tree, _) = read(&text);
        let mut spans = Vec::new();
        tree.documents().iter().filter_map(|document| tree.root(document)).for_each(|root| scalars(root, &mut spans));
        // every one of a long file takes too long
        let step = spans.len() / 60 + 1;
        for span in spans.iter().step_by(step) {
            // the quote that opens a text belongs to nothing that could be written
            let byte = span.start as usize + usize::from(text[span.start as usize..].starts_with(['"', '\'']));
            if text[span.start as usize..].starts_with(['|', '>']) {
                continue;
            }
            let way = tree.at(byte).unwrap();
            let place = format!("{}: {:?}", path.display(), &text[span.start as usize..span.end as usize]);
            let cursor = Outline::with_cursor(&text, byte).1.unwrap_or_else(|| panic!("{place}"));
            let mut keys: Vec<String> = cursor.keys().into_iter().map(str::to_owned).collect();
            if cursor.writing == Writing::Key {
                keys.push(text[cursor.word.clone()].to_owned());
            }
            assert_eq!(keys, way.keys(), "{place}");
            assert_eq!(cursor.writing == Writing::Key, way.on_key, "{place}");
            asked += 1;
        }
    }
    assert!(asked > 5_000, "{asked}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn an_outline_is_made_of_any_text(text in "[ \\n\\r\\t:\\-\\[\\]{},#'\"|>&*!?.a-cé😀]{0,60}", byte in 0..80_usize) {
        if let Some(cursor) = Outline::with_cursor(&text, byte).1 {
            assert!(text.get(cursor.word.clone()).is_some());
            assert!(cursor.word.start <= byte.min(text.len()));
        }
    }
}
