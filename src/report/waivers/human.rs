//! Waivers for a terminal.

use super::{INCOMPLETE, NONE, Waivers, bounds, ends, place, shown, state, subject, total};
use crate::report::{Options, columns};
use crate::source::SourceMap;

pub(super) fn render(waivers: &Waivers<'_>, sources: &SourceMap, options: &Options) -> String {
    let width = options.columns();
    let mut out = String::new();
    let mut line = |indent: usize, text: &str| {
        for (at, line) in columns::wrap(text, width - indent, width - indent - 2).iter().enumerate() {
            out.push_str(&" ".repeat(indent + if at > 0 { 2 } else { 0 }));
            out.push_str(line);
            out.push('\n');
        }
    };
    if waivers.entries.is_empty() {
        line(0, NONE);
        return out;
    }
    for entry in &waivers.entries {
        line(0, &format!("{} ({})", subject(entry), place(entry.waiver.span, sources)));
        if let Some(ends) = ends(entry, waivers.as_of) {
            line(2, &ends);
        }
        line(2, &state(entry));
        for (word, names) in bounds(entry) {
            line(2, &format!("{word}: {names}"));
        }
        let waiver = entry.waiver;
        for (word, text) in [("owner", &waiver.owner), ("approver", &waiver.approver), ("reason", &waiver.reason)] {
            let text = text.as_ref().map_or_else(|| "none".to_owned(), |text| shown(&text.value));
            line(2, &format!("{word}: {text}"));
        }
        line(0, "");
    }
    if !waivers.complete {
        line(0, INCOMPLETE);
    }
    if !options.quiet {
        line(0, &format!("{}, as of {}", total(waivers), waivers.as_of));
    }
    out
}
