//! Declarations that are made to hurt: each ends in time, says what is wrong with it, and never passes.

use super::HEAD;
use super::case::{Case, many};

fn text(name: &str, text: String, said: &'static str) -> Case {
    bytes(name, text.into_bytes(), said)
}

fn bytes(name: &str, bytes: Vec<u8>, said: &'static str) -> Case {
    Case::new(name, 1, said).file("purposes.yaml", bytes)
}

pub(crate) fn all() -> Vec<Case> {
    [depth(), aliases(), size(), encodings(), punctuation()].into_iter().flatten().collect()
}

pub(crate) fn depth() -> Vec<Case> {
    const DEEP: &str = "error[core/nesting-too-deep] nested more than 128 levels deep";
    vec![
        text("lists", "[".repeat(1_000_000), DEEP),
        text("lists that close", "[".repeat(100_000) + &"]".repeat(100_000), DEEP),
        text("mappings", "{a: ".repeat(300_000), DEEP),
        text("both", "[{a: ".repeat(200_000), DEEP),
        text("dashes", "- ".repeat(500_000), DEEP),
        text("question marks", "? ".repeat(500_000), DEEP),
        text("colons", ": ".repeat(500_000), DEEP),
        text("question marks and dashes", "? - ".repeat(200_000), DEEP),
        text("lines of keys", many(2_000, |at| format!("{}a:\n", " ".repeat(at))), DEEP),
        text("lines of dashes", many(2_000, |at| format!("{}-\n", " ".repeat(at))), DEEP),
        text("below a purpose", format!("{HEAD}    notes: {}", "[".repeat(100_000)), DEEP),
    ]
}

pub(crate) fn aliases() -> Vec<Case> {
    const MUCH: &str = "error[core/alias-expansion-too-large] aliases add more than 100000 nodes to this document";
    let bomb = |item: &dyn Fn(usize) -> String| {
        let lines = many(24, |at| {
            let items = (0..9).map(|nth| item(nth).replace('@', &format!("*a{at}"))).collect::<Vec<_>>().join(", ");
            let (open, close) = if item(0).contains(": ") { ('{', '}') } else { ('[', ']') };
            format!("a{next}: &a{next} {open}{items}{close}\n", next = at + 1)
        });
        format!("a0: &a0 {{k: v}}\n{lines}")
    };
    vec![
        text("lists of lists", bomb(&|_| "@".to_owned()), MUCH),
        text("mappings of mappings", bomb(&|nth| format!("k{nth}: @")), MUCH),
        text(
            "merges of merges",
            "a0: &a0 {k: v}\n".to_owned()
                + &many(40, |at| format!("a{}: &a{0} {{<<: [*a{at}, *a{at}, *a{at}, *a{at}]}}\n", at + 1)),
            MUCH,
        ),
        text(
            "one wide list again and again",
            format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(5_000), "*a, ".repeat(5_000)),
            MUCH,
        ),
        text(
            "purposes",
            "version: 1\nservice: a\npurposes:\n  t: &t {use: analytics, title: a, started: 2024-01-01, setting: {default: off}}\n".to_owned()
                + &many(9_990, |at| format!("  t{at}: *t\n")),
            MUCH,
        ),
        text("100,000 of them", format!("x: &a v\ny: [{}]\n", "*a, ".repeat(100_000)), "core/too-many-entries"),
        text("100,000 without an anchor", many(100_000, |at| format!("k{at}: *a{at}\n")), "no anchor `&a0`"),
        text("a long name", format!("a: &{0} v\nb: *{0}\n", "x".repeat(1_000_000)), "error[core/"),
    ]
}

pub(crate) fn size() -> Vec<Case> {
    const MANY: &str = "error[core/too-many-entries] more than 10000";
    let count = 100_000;
    let numbered = |prefix: &str| many(count, |at| format!("{prefix}{at},"));
    vec![
        text("keys", HEAD.to_owned() + &many(count, |at| format!("k{at}: v\n")), MANY),
        text("one key again and again", HEAD.to_owned() + &"k: v\n".repeat(count), MANY),
        text("keys in brackets", format!("{HEAD}x: {{{}}}\n", "k: v,".repeat(count)), MANY),
        text("data", format!("{HEAD}    data: [{}]\n", numbered("x")), MANY),
        text("known data", format!("{HEAD}    data: [{}]\n", "user,".repeat(count)), MANY),
        text("regions", HEAD.replace("a\np", &format!("a\nregions: [{}]\np", numbered("X"))), MANY),
        text("plans", HEAD.replace("a\np", &format!("a\nplans: [{}]\np", numbered("p"))), MANY),
        text(
            "overrides",
            HEAD.replace("off}", &format!("off, overrides: [{}]}}", "{regions: [DE], default: off},".repeat(count))),
            MANY,
        ),
        text(
            "notices",
            format!(
                "{HEAD}notices:\n{}",
                many(count, |at| format!("  n{at}: {{published: 2024-01-01, covers: [t]}}\n"))
            ),
            MANY,
        ),
        text(
            "documents",
            "---\n".repeat(300_000),
            "error[core/too-many-entries] more than 10000 documents in one file",
        ),
        text("broken documents", "a: [\n---\n".repeat(100_000), "more than 1000 problems in one file"),
        text("a key of 10 MB", format!("{HEAD}    {}: v\n", "k".repeat(10_000_000)), "error[core/syntax-error]"),
        text("an open quote before 10 MB", format!("{HEAD}    x: \"{}", "a".repeat(10_000_000)), "never closed"),
        text(
            "a block of 10 MB",
            format!("{HEAD}    unknown: |\n      {}\n", "x".repeat(10_000_000)),
            "unknown key `unknown`",
        ),
        text("17 MB", format!("{HEAD}# {}", "x".repeat(17_000_000)), "error[core/file-too-large]"),
    ]
}

pub(crate) fn encodings() -> Vec<Case> {
    let encoded = |bytes: fn(u16) -> [u8; 2]| HEAD.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let with = |before: &[u8], after: &[u8]| [before, HEAD.as_bytes(), after].concat();
    const BYTES: &str = "error[core/not-utf8]";
    const TEXT: &str = "error[core/syntax-error]";
    vec![
        bytes("UTF-16 with a mark, little end first", [&[0xff, 0xfe][..], &encoded(u16::to_le_bytes)].concat(), BYTES),
        bytes("UTF-16 with a mark, big end first", [&[0xfe, 0xff][..], &encoded(u16::to_be_bytes)].concat(), BYTES),
        bytes("UTF-16, little end first", encoded(u16::to_le_bytes), "the character U+0000 may not stand in YAML"),
        bytes("UTF-16, big end first", encoded(u16::to_be_bytes), "the character U+0000 may not stand in YAML"),
        bytes("half a surrogate", with(b"", b"# \xed\xa0\x80\n"), BYTES),
        bytes("a NUL in two bytes", with(b"", b"# \xc0\x80\n"), BYTES),
        bytes("a character cut short", with(b"", b"# \xe2\x82"), BYTES),
        bytes("Latin-1", with(b"# caf\xe9\n", b""), BYTES),
        bytes("10 MB of nothing", vec![0xff; 10_000_000], BYTES),
        bytes("a NUL at the end", with(b"", b"\0"), TEXT),
        bytes("NULs", vec![0; 1_000_000], TEXT),
        bytes("a bell in a comment", with(b"", b"# \x07\n"), TEXT),
        bytes("half a surrogate as an escape", with(b"", b"    x: \"\\ud800\"\n"), TEXT),
    ]
}

pub(crate) fn punctuation() -> Vec<Case> {
    const SYNTAX: &str = "error[core/syntax-error]";
    vec![
        text("double quotes", "\"".repeat(1_000_000), SYNTAX),
        text("single quotes", "'".repeat(1_000_001), "this quote is never closed"),
        text("colons", ":".repeat(1_000_000), SYNTAX),
        text("a line of dashes", "-".repeat(1_000_000), "error[core/invalid-value]"),
        text("tabs", "\t".repeat(1_000_000), "error[core/empty-declaration]"),
        text("ends of documents", "...\n".repeat(300_000), "error[core/empty-declaration]"),
        text("escapes that are none", format!("{HEAD}    x: \"{}\"\n", "\\q".repeat(500_000)), SYNTAX),
        text("a long tag", format!("{HEAD}    x: !{} b\n", "a".repeat(1_000_000)), "error[core/unsupported-tag]"),
        text("tags", format!("{HEAD}    x: {}a\n", "!!str ".repeat(100_000)), SYNTAX),
        text("a huge number", HEAD.replace("version: 1", &format!("version: {}", "9".repeat(1_000_000))), "`version`"),
        text("a huge age", HEAD.replace("a\np", "a\nages: [0-99999999999999999999]\np"), "error[core/"),
    ]
}
