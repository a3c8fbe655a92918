//! A fix as a patch: what `git apply` and `patch` take.
//!
//! A patch is not a report: a byte that is escaped in it is a byte that it would write. Only names can be written otherwise,
//! because git reads them quoted. So what is done about lines that are orders depends on who reads them.

use std::fmt::Write;

use similar::udiff::UnifiedHunkHeader;
use similar::{DiffOp, DiffTag, group_diff_ops};

use super::escape::{self, Orders};
use crate::difference::steps;

/// Lines around a change, as git has them.
const CONTEXT: usize = 3;

/// The patch that makes `new` of `old`, for the file at `path`; empty where they are the same.
pub fn unified(path: &str, old: &str, new: &str) -> String {
    // git counts lines by line feeds alone; a lone carriage return is within a line
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
    let (old, new) = (lines(old), lines(new));
    let groups = group_diff_ops(steps(&old, &new), CONTEXT);
    if groups.is_empty() {
        return String::new();
    }
    let mut out = format!("--- {}\n+++ {}\n", name("a/", path), name("b/", path));
    for group in groups {
        let _written = writeln!(out, "{}", UnifiedHunkHeader::new(&group));
        for (tag, before, after) in group.iter().map(DiffOp::as_tag_tuple) {
            let (before, after) = (old.get(before).unwrap_or_default(), new.get(after).unwrap_or_default());
            let sides = match tag {
                DiffTag::Equal => vec![(' ', before)],
                _ => vec![('-', before), ('+', after)],
            };
            for (sign, line) in sides.iter().flat_map(|(sign, lines)| lines.iter().map(move |line| (sign, line))) {
                out.push(*sign);
                out.push_str(line);
                if !line.ends_with('\n') {
                    out.push_str("\n\\ No newline at end of file\n");
                }
            }
        }
    }
    out
}

/// The name of a file in the head of a patch. Quoted as in C where it would break out of its line, steer a terminal or be an
/// order; with a tab behind it where it has spaces, because a date may follow otherwise.
fn name(side: &str, path: &str) -> String {
    let mut quoted = format!("\"{side}");
    let mut orders = Orders::default();
    let mut is_plain = true;
    for c in path.chars() {
        let is_order = orders.opens(c);
        if !is_order && !escape::is_unsafe(c) && !matches!(c, '"' | '\\') {
            quoted.push(c);
            continue;
        }
        is_plain = false;
        match c {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            '\r' => quoted.push_str("\\r"),
            '"' | '\\' => quoted.extend(['\\', c]),
            c => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| quoted.push_str(&format!("\\{byte:03o}"))),
        }
    }
    match is_plain {
        true if path.contains(' ') => format!("{side}{path}\t"),
        true => format!("{side}{path}"),
        false => quoted + "\"",
    }
}

/// Whether a CI service that reads a patch in a log would take part of it for an order.
pub fn gives_orders(patch: &str) -> bool {
    // runners end lines at carriage returns as well
    patch.split(['\n', '\r']).any(|line| escape::defused(line.into()) != line)
}

/// A patch between two lines that tell GitHub to obey nothing in between. `git apply` and `patch` pass over them.
pub fn unheard_by_github(patch: &str) -> String {
    // whatever is not in the patch cannot be said by it
    let token = (0_u64..).map(|number| format!("purposelint-patch-{number}")).find(|token| !patch.contains(token));
    let token = token.unwrap_or_default();
    format!("::stop-commands::{token}\n{patch}::{token}::\n")
}

/// A patch to be read on a terminal, which it cannot steer.
pub fn on_terminal(patch: &str) -> String {
    let mut out = String::with_capacity(patch.len());
    for line in patch.split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        for c in text.chars() {
            if c != '\t' && escape::is_unsafe(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
        }
        out.push_str(line.get(text.len()..).unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_git_quotes_them() {
        for (path, shown) in [
            ("purposes.yaml", "a/purposes.yaml"),
            ("é/語.yaml", "a/é/語.yaml"),
            ("a b.yaml", "a/a b.yaml\t"),
            ("a \"b\\.yaml", "\"a/a \\\"b\\\\.yaml\""),
            ("a\tb\nc\r\u{7}\u{8}\u{b}\u{c}", "\"a/a\\tb\\nc\\r\\a\\b\\v\\f\""),
            ("\u{1b}[2J\u{7f}", "\"a/\\033[2J\\177\""),
            ("\u{85}\u{202e}", "\"a/\\302\\205\\342\\200\\256\""),
            ("##vso[task.complete]", "\"a/##vso\\133task.complete]\""),
        ] {
            assert_eq!(name("a/", path), shown);
        }
    }

    #[test]
    fn lines_end_where_git_says() {
        for (old, new, patch) in [
            ("a\n", "a\n", ""),
            ("a\nb\n", "a\nc\n", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n"),
            ("a\r\nb\r\n", "a\r\nc\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"),
            ("a\rb\n", "a\rc\n", "@@ -1 +1 @@\n-a\rb\n+a\rc\n"),
            (
                "a\nb",
                "a\nc",
                "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n",
            ),
            ("b\na", "c\na", "@@ -1,2 +1,2 @@\n-b\n+c\n a\n\\ No newline at end of file\n"),
            ("a\r", "b\n", "@@ -1 +1 @@\n-a\r\n\\ No newline at end of file\n+b\n"),
            ("", "a\n", "@@ -0,0 +1 @@\n+a\n"),
        ] {
            let head = if patch.is_empty() { "" } else { "--- a/f\n+++ b/f\n" };
            assert_eq!(unified("f", old, new), format!("{head}{patch}"), "{old:?} {new:?}");
        }
    }

    #[test]
    fn orders_are_known_wherever_a_runner_sees_them() {
        for (line, is_order) in [
            (" ::add-mask::x", true),
            ("+::add-mask::x", false),
            ("+x\r::add-mask::x", true),
            ("+# ##[group]x", true),
            ("-# ##vso[task.complete]x", true),
            (" # ## [x] a::b", false),
        ] {
            assert_eq!(gives_orders(&format!("@@ -1 +1 @@\n{line}\n")), is_order, "{line:?}");
        }
        let patch = " ::purposelint-patch-0::\n";
        assert_eq!(
            unheard_by_github(patch),
            "::stop-commands::purposelint-patch-1\n ::purposelint-patch-0::\n::purposelint-patch-1::\n"
        );
    }

    #[test]
    fn a_terminal_is_not_steered() {
        assert_eq!(on_terminal("+\ta\u{1b}[2J\rb\u{202e}\r\n"), "+\ta\\u{1b}[2J\\u{d}b\\u{202e}\r\n");
    }
}
