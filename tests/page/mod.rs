//! Parts of `docs/trust.md` that tests work out: between `<!-- NAME -->` and `<!-- end -->`. `UPDATE=1` writes them anew.

#![allow(dead_code, reason = "each test uses the part it needs")]

use std::sync::Mutex;

/// The tests of one program run side by side, and all write one file.
static WRITING: Mutex<()> = Mutex::new(());

/// Compares a part with what it has to say, or with `UPDATE=1` writes it.
pub(crate) fn hold(file: &str, name: &str, expected: &str) {
    let _alone = WRITING.lock().unwrap();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let mark = format!("<!-- {name} -->\n");
    let open = text.find(&mark).unwrap_or_else(|| panic!("{file} has no part `{name}`")) + mark.len();
    let close = open + text.get(open..).unwrap().find("<!-- end -->").unwrap();
    let expected = format!("\n{}\n\n", expected.trim());
    if text.get(open..close) == Some(&expected) {
        return;
    }
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, format!("{}{expected}{}", &text[..open], &text[close..])).unwrap();
        return;
    }
    panic!("{file}, `{name}`, should say\n{expected}\nrewrite with UPDATE=1 cargo test");
}

/// Lines of at most 120 characters.
pub(crate) fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if length > 0 && length + 1 + width > 120 {
            out.push('\n');
            length = 0;
        } else if length > 0 {
            out.push(' ');
            length += 1;
        }
        out.push_str(word);
        length += width;
    }
    out
}
