//! Events of the YAML parser to a tree.

use std::sync::Arc;

use granit_parser::{Event, Parser};

use super::builder::Builder;
use super::ordinary;
use super::tree::{Document, Tree};
use crate::diagnostic::Diagnostic;
use crate::order::Order;
use crate::source::{FileId, Source, SourceMap, Span};

/// How much a file may ask for before it is refused with a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, in bytes.
    pub file_size: usize,
    /// Deepest nesting of lists and mappings.
    pub depth: usize,
    /// Most nodes that the aliases of a document may add to it once they are written out.
    pub alias_nodes: usize,
    /// Most entries of one mapping, items of one list, or documents of a file.
    pub entries: usize,
    /// Most steps of the conditions of all rules for a service.
    pub steps: usize,
}

impl Default for Limits {
    /// 16 MiB, 128 levels and 100,000 nodes are more than anybody writes. Ten thousand entries are more than one company declares in one
    /// place, and few enough to be judged while somebody waits. Fifty million steps take two or three seconds; a
    /// service of a thousand purposes asks for three million under all packs that come with the program.
    fn default() -> Self {
        Self { file_size: 16 * 1024 * 1024, depth: 128, alias_nodes: 100_000, entries: 10_000, steps: 50_000_000 }
    }
}

/// Reads a file of the map into a tree. There is always at least one document, if only an empty one. Diagnostics are
/// sorted by place; a document is `broken` where one says that a part of it could not be understood.
pub fn parse(sources: &SourceMap, file: FileId, limits: &Limits) -> (Tree, Vec<Diagnostic>) {
    let Some(source) = sources.get(file) else {
        return (Tree::unread(file, Arc::from("")), Vec::new());
    };
    let text = source.text().shared();
    if let Some(refusal) = refuse(source, file, limits) {
        return (Tree::unread(file, text), vec![refusal]);
    }
    match ordinary::read(file, &text, limits) {
        Some(tree) => (tree, Vec::new()),
        None => parse_in_full(file, &text, limits),
    }
}

/// What any text means, by the library.
pub(super) fn parse_in_full(file: FileId, text: &Arc<str>, limits: &Limits) -> (Tree, Vec<Diagnostic>) {
    let mut builder = Builder::new(file, text, limits);
    read(text, limits, &mut builder);
    let (tree, mut found) = builder.finish();
    found.order_by_key(|diagnostic| diagnostic.primary.span);
    (tree, found)
}

/// What keeps a file from being parsed at all.
fn refuse(source: &Source, file: FileId, limits: &Limits) -> Option<Diagnostic> {
    let length = source.size();
    // spans count in 32 bits
    let most = limits.file_size.min(u32::MAX as usize - 1);
    if length > most {
        let message = format!("the file is larger than the {most} bytes that are read");
        let help = "split it, or raise `limits.file_bytes` in purposelint.yaml";
        return Some(Diagnostic::new("file-too-large", Span::new(file, 0, 0), message).help(help));
    }
    let at = source.invalid_utf8()?;
    let line = source.position(at).line;
    let message = format!("byte {at} of the file, in line {line}, is not UTF-8");
    Some(Diagnostic::new("not-utf8", Span::new(file, at, at + 1), message).help("save the file as UTF-8"))
}

fn read<'s>(text: &'s str, limits: &Limits, builder: &mut Builder<'s>) {
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        emit_comments: true,
        // the size of the file bounds them
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut stuck_at = None;
    while let Some(next) = parser.next_event() {
        let sound = match next {
            Ok((Event::StreamEnd, _)) => break,
            Ok((event, span)) => {
                stuck_at = None;
                builder.take(event, span)
            }
            Err(error) => {
                let at = error.marker().byte_offset();
                if stuck_at.replace(at) == Some(at) {
                    break;
                }
                builder.fail(&error);
                false
            }
        };
        if builder.is_full() {
            break;
        }
        if !sound && parser.proceed_next_document().is_err() {
            break;
        }
    }
}

impl Tree {
    /// The tree of a file that was not parsed.
    fn unread(file: FileId, text: Arc<str>) -> Self {
        let span = Span::new(file, 0, text.len());
        let document = Document { root: None, span, broken: true };
        Self { documents: vec![document], ..Self::empty(file, text) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::tree::NodeRef;
    use super::*;

    pub(in super::super) fn read(text: &str) -> (Tree, Vec<Diagnostic>) {
        read_within(text, Limits::default())
    }

    fn read_within(text: &str, limits: Limits) -> (Tree, Vec<Diagnostic>) {
        let mut sources = SourceMap::new();
        let file = sources.add("a.yaml", text);
        parse(&sources, file, &limits)
    }

    /// What stands at a span; an empty one as its offset.
    pub(in super::super) fn slice(text: &str, span: Span) -> String {
        if span.is_empty() {
            format!("@{}", span.start)
        } else {
            text.get(span.start as usize..span.end as usize).unwrap().to_owned()
        }
    }

    /// What stands at the span of a node and of all below it, keys before values.
    fn spans(text: &str, node: NodeRef<'_>, out: &mut Vec<String>) {
        out.push(slice(text, node.span()));
        node.items().for_each(|item| spans(text, item, out));
        node.entries().for_each(|entry| {
            spans(text, entry.key, out);
            spans(text, entry.value, out);
        });
    }

    #[test]
    fn every_key_and_value_has_its_exact_span() {
        let cases: &[(&str, &[&str])] = &[
            ("a: 'x'\nb: \"y\\n\" # c\n", &["a: 'x'\nb: \"y\\n\"", "a", "'x'", "b", "\"y\\n\""]),
            ("a: x\n  y\n\n", &["a: x\n  y", "a", "x\n  y"]),
            // empty values stand behind the colon or dash, or behind what names or types them
            ("a:\nb: # c\nc : &x\n", &["a:\nb: # c\nc : &x", "a", "@2", "b", "@5", "c", "@16"]),
            ("? a\n? b\n: c\n?\n", &["? a\n? b\n: c\n?", "a", "@3", "b", "c", "@13", "@13"]),
            ("{a, b: , \"c\":, d: 1}", &["{a, b: , \"c\":, d: 1}", "a", "@2", "b", "@6", "\"c\"", "@13", "d", "1"]),
            ("- # c\n-\n- !!str # d\n", &["- # c\n-\n- !!str", "@1", "@7", "@15"]),
            // collections end with their last child
            ("a:\n  b:\n    c: d\n\n  # x\n", &["a:\n  b:\n    c: d", "a", "b:\n    c: d", "b", "c: d", "c", "d"]),
            ("a: &m !!seq # - c\n- x\n", &["a: &m !!seq # - c\n- x", "a", "- x", "x"]),
            ("a:\n- - x\n  -\n", &["a:\n- - x\n  -", "a", "- - x\n  -", "- x\n  -", "x", "@12"]),
            (
                "[a: b, c: , : d, ? e\n]",
                &["[a: b, c: , : d, ? e\n]", "a: b", "a", "b", "c:", "c", "@9", ": d", "@12", "d", "? e", "e", "@20"],
            ),
            // block scalars with their indicator, without trailing line breaks
            (
                "a: |  # c\n  t\n\n# d\nb: >-\n  f\n",
                &["a: |  # c\n  t\n\n# d\nb: >-\n  f", "a", "|  # c\n  t", "b", ">-\n  f"],
            ),
            (
                "- !!str |\n\n t\n- - >+\n   u\n   \n",
                &["- !!str |\n\n t\n- - >+\n   u", "|\n\n t", "- >+\n   u", ">+\n   u"],
            ),
            ("--- |\n x\n", &["|\n x"]),
            ("a: |-\nb:\n", &["a: |-\nb:", "a", "|-", "b", "@8"]),
            // a byte order mark, Windows line ends, more than one byte
            ("\u{feff}ä: é # 😀\r\nb: |\r\n  x\r\n", &["ä: é # 😀\r\nb: |\r\n  x", "ä", "é", "b", "|\r\n  x"]),
            ("&a a: 1\n*a : *a\n", &["&a a: 1", "a", "1"]),
        ];
        for (text, expected) in cases {
            let (tree, found) = read(text);
            assert!(found.iter().all(|one| one.code == "duplicate-key"), "{text:?}: {found:?}");
            let mut got = Vec::new();
            spans(text, tree.root(&tree.documents()[0]).unwrap(), &mut got);
            assert_eq!(got.len(), expected.len(), "{text:?}: {got:?}");
            assert!(got.iter().zip(*expected).all(|(got, expected)| got.starts_with(expected)), "{text:?}: {got:?}");
        }
    }

    #[test]
    fn every_document_is_read_and_broken_ones_are_marked() {
        /// Its span, whether it is broken, the text of its root.
        type Expected<'t> = (&'t str, bool, Option<&'t str>);
        let cases: &[(&str, &[Expected<'_>])] = &[
            ("", &[("@0", false, None)]),
            ("\u{feff}", &[("@3", false, None)]),
            ("# only\n", &[("@0", false, None)]),
            ("--- # x\n--- a\n...\n# y\n---\n", &[("@3", false, None), ("a", false, Some("a")), ("@25", false, None)]),
            ("--- ~\n--- !!str\n", &[("~", false, Some("~")), ("@15", false, Some(""))]),
            ("a: b: c\n\n--- d\n", &[("a: b: c", true, None), ("d", false, Some("d"))]),
            ("a\n---\n[\n---\nb\n", &[("a", false, Some("a")), ("---\n[", true, None), ("b", false, Some("b"))]),
            ("%FOO bar\n---\na\n", &[("a", false, Some("a"))]),
            ("[a] b\n--- c\n", &[("[a]", true, None), ("c", false, Some("c"))]),
            ("- *a\n--- b\n", &[("- *a", true, None), ("b", false, Some("b"))]),
        ];
        for (text, expected) in cases {
            let (tree, _) = read(text);
            let got: Vec<_> = tree
                .documents()
                .iter()
                .map(|document| {
                    let root = tree.root(document).map(|root| root.text().unwrap());
                    (slice(text, document.span), document.broken, root)
                })
                .collect();
            let expected: Vec<_> =
                expected.iter().map(|(span, broken, root)| ((*span).to_owned(), *broken, *root)).collect();
            assert_eq!(got, expected, "{text:?}");
        }
    }

    #[test]
    fn comments_are_kept_in_order() {
        let text = "# a\nb: |  # c\n  # not\n# d\ne: [ # f\n  g] # h\r\n# \"#i\"";
        let (tree, _) = read(text);
        let comments: Vec<String> = tree.comments().iter().map(|comment| slice(text, comment.span)).collect();
        assert_eq!(comments, ["# a", "# c", "# d", "# f", "# h", "# \"#i\""]);
    }

    #[test]
    fn aliases_reach_their_anchor_or_say_why_not() {
        let text = "a: &x [1, 2]\nb: *x\n";
        let (tree, _) = read(text);
        let root = tree.root(&tree.documents()[0]).unwrap();
        let (a, b) = (root.get("a").unwrap().value, root.get("b").unwrap().value);
        assert_eq!((a.id(), a.via(), slice(text, b.via().unwrap())), (b.id(), None, "*x".to_owned()));

        let cases = [
            ("abc: &abc 1\nb: *acb\n", "*acb", "no anchor `&acb` before this alias", "did you mean `*abc`?"),
            (
                "a: *b\nb: &b 1\n",
                "*b",
                "no anchor `&b` before this alias",
                "move the anchor up: an alias comes after it",
            ),
            (
                "a: &a 1\n---\nb: *a\n",
                "*a",
                "no anchor `&a` before this alias",
                "name a node with `&`, or put quotes around text that starts with `*`",
            ),
            (
                "a: &a [1, *a]\n",
                "*a",
                "`*a` stands inside the node that `&a` names",
                "write the value out, or move the anchor to a node that does not hold the alias",
            ),
        ];
        for (text, place, message, help) in cases {
            let (tree, found) = read(text);
            let [one] = found.as_slice() else { panic!("{text:?}: {found:?}") };
            let got = (slice(text, one.primary.span), one.message.as_str(), one.help.as_deref());
            assert_eq!(got, (place.to_owned(), message, Some(help)));
            assert!(tree.documents().last().unwrap().broken);
        }
    }

    #[test]
    fn limits_end_in_findings() {
        let small = Limits { file_size: 40, depth: 3, alias_nodes: 6, entries: 12, ..Limits::default() };
        let cases = [
            ("a: [[1]]\n", None),
            ("a: [[[1]]]\n", Some(("nesting-too-deep", 5))),
            ("a: {b: {c: {}}}\n", Some(("nesting-too-deep", 11))),
            ("- - - a\n", None),
            ("- - - - a\n", Some(("nesting-too-deep", 6))),
            ("a: &a [1, 2]\nb: [*a, *a]\n", None),
            ("a: &a [1, 2]\nb: [*a, *a, *a]\n", Some(("alias-expansion-too-large", 25))),
            ("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n", None),
            ("[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2]\n", None),
            ("[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3]\n", Some(("too-many-entries", 37))),
            ("{a,b,c,d,e,f,g,h,i,j,k,l,m}\n", Some(("too-many-entries", 25))),
            ("a: 123456789012345678901234567890123456789\n", Some(("file-too-large", 0))),
        ];
        for (text, expected) in cases {
            let (tree, found) = read_within(text, small);
            assert_eq!(found.first().map(|one| (one.code, one.primary.span.start)), expected, "{text:?}: {found:?}");
            assert_eq!(tree.documents()[0].broken, expected.is_some());
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_told_by_place() {
        let mut sources = SourceMap::new();
        let file = sources.add_bytes("a.yaml", b"a: 1\nb: \xff\xfe\n".to_vec());
        let (tree, found) = parse(&sources, file, &Limits::default());
        assert_eq!(found[0].message, "byte 8 of the file, in line 2, is not UTF-8");
        assert_eq!((found[0].code, found[0].primary.span), ("not-utf8", Span::new(file, 8, 9)));
        assert!(tree.documents()[0].broken);
    }
}
