//! The message of a result: what is the matter, in a sentence of its own because lists show no more, then where else to look,
//! as links to related locations, and what to do.

use std::borrow::Cow;

use super::place::Places;
use crate::diagnostic::Label;
use crate::evaluate::Finding;
use crate::explain::sentence;
use crate::report::card::location;
use crate::report::{escape, notes};
use crate::suggest;

/// Most places a message links to; the others are listed below it where the reader of a file does that.
const LINKS: usize = 8;

/// The whole text. The related locations are the labels, numbered from 1, but for those in another revision: they are said.
pub(super) fn text(finding: &Finding, places: &Places<'_>) -> String {
    let mut parts = vec![prose(&finding.message)];
    let (earlier, here): (Vec<_>, Vec<_>) = finding.labels.iter().partition(|label| places.is_elsewhere(label));
    let links: Vec<String> =
        here.iter().enumerate().filter_map(|(at, label)| link(at + 1, label)).take(LINKS).collect();
    if !links.is_empty() {
        parts.push(format!("See {}.", suggest::join(&links)));
    }
    let earlier = earlier.into_iter().filter(|label| !label.text.is_empty()).take(LINKS);
    parts.extend(earlier.map(|label| prose(&format!("{} ({})", label.text, location(places.sources, label, false)))));
    parts.extend(finding.counts_from.map(|day| format!("Counts from {day}.")));
    parts.extend(notes::news(finding).map(|text| without_links(&sentence(&text)).into_owned()));
    parts.extend(finding.help.as_deref().filter(|help| !help.trim().is_empty()).map(prose));
    parts.join(" ")
}

fn prose(text: &str) -> String {
    without_links(&sentence(&escape::text(text, escape::LONG))).into_owned()
}

/// `[the notice took effect later](2)`
fn link(id: usize, label: &Label) -> Option<String> {
    let text = escape::text(&label.text, escape::SHORT);
    (!text.is_empty()).then(|| format!("[{}]({id})", brackets(&text)))
}

/// A text in which nothing is a link, nor begins one that ends in what follows. Brackets are common in our messages and harmless
/// where they come in pairs and no address follows, and not every reader takes backslashes away again, so those stay as they are.
fn without_links(text: &str) -> Cow<'_, str> {
    let is_harmless = !text.contains("](") && text.matches('[').count() == text.matches(']').count();
    if is_harmless { Cow::Borrowed(text) } else { Cow::Owned(brackets(text)) }
}

fn brackets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_makes_no_link() {
        for (raw, shown) in [
            ("`regions: [EU]` covers EU", "`regions: [EU]` covers EU."),
            ("[click](https://evil.example)", "\\[click\\](https://evil.example)."),
            ("[1](1) \\", "\\[1\\](1) \\\\."),
            ("[open", "\\[open."),
            ("a\u{1b}[31m](2)\n", "A\\\\u{1b}\\[31m\\](2)."),
            ("did you mean `GB`?", "Did you mean `GB`?"),
        ] {
            assert_eq!(prose(raw), shown);
        }
    }
}
