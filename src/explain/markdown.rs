//! A rule as a page of the manual: what `explain` says, as Markdown. And the index of all pages.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::page::{JUDGED_ON_CHANGE, about, advice, by, sentence, shown, shown_examples, squeeze, standing};
use crate::policy::{Cite, On, Pack, Rule};
use crate::space::Atlas;

/// How wide a line is at most, long words and examples excepted.
const WIDTH: usize = 120;

/// The page of a rule as Markdown.
pub fn markdown(rule: &Rule) -> String {
    let mut out = String::new();
    // writing to a string cannot fail
    let _ = write_page(&mut out, rule);
    out
}

/// What stands beside a finding elsewhere: why the rule is there, what to do, and where it comes from. The page without its
/// title, and without what is for those who write rules.
pub fn help_markdown(rule: &Rule) -> String {
    let mut out = why(rule);
    // writing to a string cannot fail
    let _ = what_to_do(&mut out, rule).and_then(|()| comes_from(&mut out, rule));
    out.push_str(&format!("\n{}\n", address(&rule.url())));
    out
}

/// The index of the pages of all rules, by pack. Links lead to `<pack>/<rule>.md`.
pub fn markdown_index(packs: &[Pack]) -> String {
    let mut out = format!("{}\n\n# Rules\n", note("the rule files"));
    out.push_str("\nBy pack. The same rules by [jurisdiction](jurisdictions.md), with the provisions they cite.\n");
    for pack in packs {
        // writing to a string cannot fail
        let _ = writeln!(out, "\n## {}\n\n{}", escape(&pack.name), prose(&sentence(&pack.title)));
        for rule in &pack.rules {
            let link = format!("[`{0}`]({0}.md)", rule.id);
            let text = words(&format!("({}): {}", rule.usual_severity(), rule.title));
            out.push_str(&item([link].into_iter().chain(text)));
        }
    }
    out
}

/// The index of all rules by the places whose provisions they cite. Links lead to `<pack>/<rule>.md`.
pub fn markdown_jurisdictions(packs: &[Pack], atlas: &Atlas) -> String {
    /// A rule with what it cites of a place.
    type Cited<'a> = (&'a Rule, Vec<&'a Cite>);
    let mut places: BTreeMap<(&str, &str), Vec<Cited<'_>>> = BTreeMap::new();
    for rule in packs.iter().flat_map(|pack| &pack.rules) {
        for cite in rule.cites.iter() {
            for code in &cite.regions {
                let rules = places.entry((atlas.title(code).unwrap_or(code), code)).or_default();
                match rules.last_mut() {
                    Some((last, cites)) if last.id == rule.id => cites.push(cite),
                    _ => rules.push((rule, vec![cite])),
                }
            }
        }
    }
    let mut out = format!("{}\n\n# Rules by jurisdiction\n\n", note("the rule files"));
    out.push_str(
        "Under each place, the rules that cite a provision of it, and which. A rule of a pack such as `fair-defaults` speaks\n\
         everywhere, whatever it cites; the rules by pack are in the [index](index.md).\n",
    );
    for ((title, code), rules) in places {
        // writing to a string cannot fail
        let _ = writeln!(out, "\n## {} ({})\n", escape(title), escape(code));
        for (rule, cites) in rules {
            let link = format!("[`{0}`]({0}.md)", rule.id);
            let mut names: Vec<&str> = cites.iter().map(|cite| cite.text.as_str()).collect();
            names.dedup();
            let text = format!("({}): {}; {}", rule.usual_severity(), rule.title, names.join("; "));
            out.push_str(&item([link].into_iter().chain(words(&text))));
        }
    }
    out
}

fn note(source: &str) -> String {
    format!("<!-- written from {source} by UPDATE=1 cargo test: change those, not this page -->")
}

fn write_page(out: &mut String, rule: &Rule) -> std::fmt::Result {
    writeln!(out, "{}\n\n# {}\n", note(&format!("policies/{}.yaml", rule.id)), escape(&rule.id))?;
    writeln!(out, "**{}**\n", escape(&squeeze(&sentence(&rule.title))))?;
    out.push_str(&why(rule));
    severity(out, rule)?;
    match (&rule.require, rule.raised_by) {
        (Some(require), _) => {
            heading(out, "About")?;
            out.push_str(&prose(&sentence(&about(rule))));
            if rule.on == On::Change {
                out.push_str(&format!("\n{}", prose(JUDGED_ON_CHANGE)));
            }
            if let Some(when) = &rule.when {
                write!(out, "\nWhere\n\n{}", code("text", when.text()))?;
            }
            heading(out, "Requires")?;
            out.push_str(&code("text", require.text()));
        }
        (None, Some(raised_by)) => {
            heading(out, "Raised by")?;
            out.push_str(&prose(&sentence(by(raised_by))));
        }
        (None, None) => {}
    }
    if !rule.params.is_empty() {
        heading(out, "Parameters")?;
        for param in &rule.params {
            out.push_str(&item(words(&format!("`{}`: {}", param.name, span(&shown(&param.value))))));
        }
        out.push_str("\nA `purposelint.yaml` changes them under `parameters`.\n");
    }
    what_to_do(out, rule)?;
    comes_from(out, rule)?;
    for (verb, example) in shown_examples(rule) {
        heading(out, &escape(&squeeze(&format!("{}: {}", sentence(verb).trim_end_matches('.'), example.title))))?;
        match &example.before {
            Some(before) => {
                out.push_str(&format!("Before\n\n{}\nAfter\n\n{}", code("yaml", before), code("yaml", &example.text)))
            }
            None => out.push_str(&code("yaml", &example.text)),
        }
    }
    Ok(())
}

fn why(rule: &Rule) -> String {
    let paragraphs: Vec<String> = rule.why.split("\n\n").map(prose).collect();
    paragraphs.join("\n")
}

fn what_to_do(out: &mut String, rule: &Rule) -> std::fmt::Result {
    if let Some(help) = &rule.help {
        heading(out, "What to do")?;
        out.push_str(&prose(&advice(rule, help.text())));
    }
    Ok(())
}

fn comes_from(out: &mut String, rule: &Rule) -> std::fmt::Result {
    if !rule.cites.is_empty() {
        heading(out, "Comes from")?;
        for cite in rule.cites.iter() {
            let text = words(&format!("{} ({})", cite.text, standing(cite)));
            out.push_str(&item(text.into_iter().chain(cite.url.as_deref().map(address))));
            if let Some(note) = &cite.note {
                out.push_str(&lines(words(&sentence(note)), "  "));
            }
        }
    }
    Ok(())
}

fn severity(out: &mut String, rule: &Rule) -> std::fmt::Result {
    heading(out, "Severity")?;
    if !rule.enabled {
        writeln!(out, "- off until `severity` in purposelint.yaml names it")?;
    }
    for case in &rule.severity {
        let text = match &case.when {
            Some(when) => format!("{} where {}", case.is, span(&squeeze(when.text()))),
            None if rule.severity.len() == 1 => case.is.to_string(),
            None => format!("otherwise {}", case.is),
        };
        out.push_str(&item(words(&text)));
    }
    if rule.require.is_some() {
        let undetermined = rule.undetermined.unwrap_or_else(|| rule.usual_severity().below());
        out.push_str(&item(words(&format!("{undetermined} where a fact it needs is not declared"))));
    }
    Ok(())
}

fn heading(out: &mut String, text: &str) -> std::fmt::Result {
    writeln!(out, "\n## {text}\n")
}

/// A block of code; its fence is longer than any in the text.
pub(super) fn code(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

/// Code within a line; its ticks are more than any in the text.
pub(super) fn span(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// A web address as a link; anything else is not shown as one.
pub(super) fn address(url: &str) -> String {
    let plain = !url.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '\\'));
    if plain && (url.starts_with("https://") || url.starts_with("http://")) { format!("<{url}>") } else { escape(url) }
}

/// An entry of a list.
fn item(words: impl IntoIterator<Item = String>) -> String {
    format!("- {}", lines(words, "  ").trim_start())
}

/// Text with code in backticks, which is the only markup in it.
fn prose(text: &str) -> String {
    lines(words(text), "")
}

/// The same on one line, however long.
pub(super) fn one_line(text: &str) -> String {
    let mut words = words(text);
    if let Some(first) = words.first_mut() {
        *first = at_line_start(std::mem::take(first));
    }
    words.join(" ")
}

/// Words as lines after an indent.
fn lines(words: impl IntoIterator<Item = String>, indent: &str) -> String {
    let mut out = String::new();
    let mut line = String::new();
    for word in words {
        if !line.is_empty() && indent.len() + line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&format!("{indent}{line}\n"));
            line.clear();
        }
        if line.is_empty() {
            line = at_line_start(word);
        } else {
            line.push(' ');
            line.push_str(&word);
        }
    }
    format!("{out}{indent}{line}\n")
}

/// The words of a text, escaped; code in backticks is one word.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let piece = match whole(rest) {
            Some(piece) => piece,
            None => rest.get(..first.len_utf8()).unwrap_or(rest),
        };
        rest = rest.get(piece.len()..).unwrap_or_default();
        let Some(word) = words.last_mut() else { break };
        if piece.trim().is_empty() {
            words.push(String::new());
        } else if piece.len() > first.len_utf8() {
            word.push_str(&squeeze(piece));
        } else {
            word.push_str(&escape(piece));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Code in backticks at the start of a text.
fn whole(text: &str) -> Option<&str> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    if ticks == 0 {
        return None;
    }
    let fence = text.get(..ticks)?;
    let mut from = ticks;
    loop {
        let at = from + text.get(from..)?.find(fence)?;
        let after = text.get(at..)?;
        let run = after.len() - after.trim_start_matches('`').len();
        if run == ticks {
            return text.get(..at + ticks);
        }
        from = at + run;
    }
}

/// Text in which no character is markup.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&') {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

/// A word that would be the mark of a list, a heading or a quotation where a line begins.
fn at_line_start(word: String) -> String {
    let number = word.trim_start_matches(|c: char| c.is_ascii_digit());
    if number.len() < word.len() && matches!(number, "." | ")") {
        return format!("{}\\{number}", word.trim_end_matches(number));
    }
    let mark = word.chars().all(|c| c == '#' || c == '=' || c == '-' || c == '+');
    if mark { format!("\\{word}") } else { word }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "in a test, what cannot be is a failing test")]

    use super::*;
    use crate::policy::{Depth, Library, PolicyFiles};

    #[test]
    fn nothing_in_a_text_is_markup() {
        for (text, expected) in [
            ("plain words", "plain words\n"),
            ("a_b *c* [d](e) <img> & | ~", r"a\_b \*c\* \[d\](e) \<img\> \& \| \~"),
            ("`a_b *c*` stays", "`a_b *c*` stays\n"),
            ("one ` alone", "one \\` alone\n"),
            ("``a ` b`` c", "``a ` b`` c\n"),
            ("1. first", "1\\. first\n"),
            ("# no heading", "\\# no heading\n"),
            ("- no list", "\\- no list\n"),
            ("> no quote", "\\> no quote\n"),
            ("a\u{1b}[31mb", "a \\[31mb\n"),
        ] {
            assert_eq!(prose(text).trim_end(), expected.trim_end(), "{text}");
        }
    }

    #[test]
    fn code_is_never_broken_and_never_ends_early() {
        let long = format!("{} `x in [1, 2]`", "word ".repeat(30));
        assert!(prose(&long).contains("`x in [1, 2]`"));
        assert_eq!(code("yaml", "a: |\n  ```\n"), "````yaml\na: |\n  ```\n````\n");
        assert_eq!(span("a `b`"), "`` a `b` ``");
    }

    #[test]
    fn an_address_is_a_link_only_if_it_is_one() {
        assert_eq!(address("https://example.com/a"), "<https://example.com/a>");
        assert_eq!(address("javascript:alert(1)"), "javascript:alert(1)");
        assert_eq!(address("https://a.b/<i>"), "https://a.b/\\<i\\>");
    }

    #[test]
    fn what_is_remarked_about_a_source_stands_under_it() {
        let packs = ["eu-platforms".to_owned()];
        let library = Library::load(&PolicyFiles::builtin(), &packs, Atlas::builtin().clone(), Depth::Run).0;
        let rule = library.rule("eu-platforms/training-data-pooled").unwrap();
        let text = rule.cites.iter().next().and_then(|cite| cite.note.as_deref()).unwrap();
        for (page, indent) in [(markdown(rule), "  "), (super::super::page(rule, 1_000), "    ")] {
            let lines: Vec<&str> = page.lines().collect();
            let from = lines.iter().skip_while(|line| !line.contains("DMA Art. 5(2)(b)"));
            let under: Vec<&&str> = from.skip(1).take(3).collect();
            assert!(under.contains(&&&*format!("{indent}{text}")), "{under:#?}\nand not\n{text}");
        }
    }

    #[test]
    fn lines_are_not_too_long() {
        let text = lines(words(&"several words ".repeat(40)), "  ");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH && line.starts_with("  ")), "{text}");
        assert!(text.lines().count() > 3);
    }
}
