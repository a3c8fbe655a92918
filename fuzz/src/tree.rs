//! YAML to a tree: all places lie in the text, nothing is lost in silence, and reading twice gives the same.

use purposelint::diagnostic::Diagnostic;
use purposelint::source::{SourceMap, Span};
use purposelint::syntax::{self, Kind, Limits, NodeRef, Outline, Tree};

/// Reads bytes as a file.
pub fn run(data: &[u8]) {
    let mut sources = SourceMap::new();
    let file = sources.add_bytes("a.yaml", data.to_vec());
    let (tree, found) = syntax::parse(&sources, file, &Limits::default());
    match std::str::from_utf8(data) {
        Ok(text) => {
            let again = check(text);
            assert_eq!(found, again.1, "read twice");
            assert_eq!(shown(&tree), shown(&again.0), "read twice");
            outline(text);
            written_otherwise(text);
        }
        Err(error) => {
            assert_eq!((found.len(), found[0].code), (1, "not-utf8"));
            let span = found[0].primary.span;
            assert_eq!((span.start as usize, span.len()), (error.valid_up_to(), 1));
            assert!(tree.documents()[0].broken);
        }
    }
}

/// What a tree comes to.
fn shown(tree: &Tree) -> String {
    let documents = tree.documents().iter().map(|document| {
        let root = tree.root(document).map(|root| (root.span(), root.kind().describe(), root.entries().len()));
        format!("{:?} {} {root:?}", document.span, document.broken)
    });
    let comments = tree.comments().iter().map(|comment| format!("{:?}", comment.span));
    documents.chain(comments).collect::<Vec<_>>().join("\n")
}

/// Other line breaks, or a mark at the beginning, make no other tree.
fn written_otherwise(text: &str) {
    if text.contains('\r') || text.starts_with('\u{feff}') {
        return;
    }
    let plain = meant(text);
    assert_eq!(plain, meant(&text.replace('\n', "\r\n")), "with other line breaks: {text:?}");
    assert_eq!(plain, meant(&format!("\u{feff}{text}")), "with a mark: {text:?}");
}

/// What a text says: its values, and what is wrong in which line.
fn meant(text: &str) -> Vec<String> {
    let mut sources = SourceMap::new();
    let file = sources.add("a.yaml", text);
    let (tree, found) = syntax::parse(&sources, file, &Limits::default());
    let wrong = found.iter().map(|wrong| format!("{} in line {}", wrong.code, sources.start(wrong.primary.span).line));
    let mut out: Vec<String> = wrong.collect();
    for document in tree.documents() {
        out.push(format!("a document, broken: {}", document.broken));
        if let Some(root) = tree.root(document) {
            values(root, &mut out);
        }
    }
    out
}

fn values(node: NodeRef<'_>, out: &mut Vec<String>) {
    if out.len() > 2_000 {
        return;
    }
    out.push(format!("{:?}", node.kind()));
    node.items().for_each(|item| values(item, out));
    for entry in node.entries() {
        out.push(format!("{:?}", entry.name()));
        values(entry.value, out);
    }
}

/// An outline can be made of any text, and a cursor stands at a word of it.
fn outline(text: &str) {
    let step = text.len() / 7 + 1;
    for byte in (0..=text.len()).step_by(step) {
        if let Some(cursor) = Outline::with_cursor(text, byte).1 {
            assert!(text.get(cursor.word.clone()).is_some(), "{:?} of {text:?}", cursor.word);
            assert!(cursor.word.start <= byte, "{:?} behind {byte} of {text:?}", cursor.word);
        }
    }
}

/// Reads a text, and looks at everything that came of it.
pub fn check(text: &str) -> (Tree, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let file = sources.add("a.yaml", text);
    let (tree, found) = syntax::parse(&sources, file, &Limits::default());
    for diagnostic in &found {
        fits(text, diagnostic.primary.span, &diagnostic.message);
        diagnostic.labels.iter().for_each(|label| fits(text, label.span, &label.text));
        for edit in diagnostic.fixes.iter().flat_map(|fix| &fix.edits) {
            fits(text, edit.span, &edit.text);
        }
        let message = &diagnostic.message;
        assert!(!message.ends_with('.') && !message.starts_with(char::is_uppercase), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
    assert!(found.is_sorted_by_key(|diagnostic| diagnostic.primary.span), "diagnostics in order");
    for comment in tree.comments() {
        let slice = text.get(comment.span.start as usize..comment.span.end as usize).unwrap();
        assert!(slice.starts_with('#') && !slice.contains(['\n', '\r']), "{slice:?} of {text:?}");
    }
    assert!(tree.comments().is_sorted_by_key(|comment| comment.span), "comments in order");
    assert!(!tree.documents().is_empty());
    for document in tree.documents() {
        fits(text, document.span, "document");
        assert!(!document.broken || tree.root(document).is_none());
        if let Some(root) = tree.root(document) {
            walk(text, root, &mut 10_000);
        }
    }
    if tree.documents().iter().any(|document| document.broken) {
        assert!(!found.is_empty(), "broken in silence: {text:?}");
    }
    if found.iter().any(|diagnostic| diagnostic.code != "duplicate-key") {
        assert!(tree.documents().iter().any(|document| document.broken), "{text:?}");
    }
    (tree, found)
}

fn fits(text: &str, span: Span, what: &str) {
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{what} {span:?} of {text:?}");
}

/// Looks at a node in every way there is, at most at so many.
fn walk(text: &str, node: NodeRef<'_>, left: &mut usize) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    let span = node.span();
    fits(text, span, "a node");
    let slice = &text[span.start as usize..span.end as usize];
    assert_eq!(slice, slice.trim_end_matches(['\n', '\r']), "no trailing line breaks: {text:?}");
    match node.kind() {
        Kind::Sequence => {
            for item in node.items() {
                let near = item.via().is_some() || span.contains(item.span());
                assert!(near, "{:?} in {span:?} of {text:?}", item.span());
                walk(text, item, left);
            }
        }
        Kind::Mapping => {
            for entry in node.entries() {
                let near = |node: NodeRef<'_>| node.via().is_some() || span.contains(node.span());
                assert!(near(entry.key) && near(entry.value), "{:?} in {span:?} of {text:?}", entry.name());
                assert!(entry.name().is_some());
                walk(text, entry.value, left);
            }
        }
        _ => assert!(node.text().is_some() && node.style().is_some()),
    }
}
