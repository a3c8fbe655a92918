//! A history for a terminal, as `git log` would tell it.

use super::{CUT_OFF, Timeline, cause, direction, doubt, gap, place, step, subject, why};
use crate::report::{Options, columns, escape};
use crate::source::SourceMap;

pub(super) fn render(timeline: &Timeline<'_>, sources: &SourceMap, options: &Options) -> String {
    let width = options.columns();
    let mut out = String::new();
    let mut line = |indent: usize, text: &str, is_head: bool| {
        let text = escape::text(text, escape::LONG);
        for (at, line) in columns::wrap(&text, width - indent, width - indent - 2).iter().enumerate() {
            out.push_str(&" ".repeat(indent + if at > 0 { 2 } else { 0 }));
            match is_head && options.color {
                true => out.push_str(&format!("\u{1b}[1m{line}\u{1b}[0m")),
                false => out.push_str(line),
            }
            out.push('\n');
        }
    };
    for group in timeline.groups() {
        let Some(first) = group.first() else { continue };
        line(0, &format!("{} {}", first.date, cause(first, timeline)), true);
        if let Some(doubt) = doubt(first, timeline) {
            line(2, &doubt, false);
        }
        for turn in group {
            line(2, &subject(turn), false);
            for of in &turn.moves {
                let way = Some(direction(of, turn)).filter(|way| !way.is_empty()).map(|way| format!("{way}: "));
                let place = Some(place(of, sources)).filter(|place| !place.is_empty());
                let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
                line(
                    4,
                    &format!("{}{} for {}{}{place}", way.unwrap_or_default(), step(of, turn), of.whom, why(of)),
                    false,
                );
            }
        }
        line(0, "", false);
    }
    if timeline.cut_off {
        line(0, CUT_OFF, false);
    }
    for group in timeline.gaps() {
        let (which, reasons) = gap(group, timeline);
        line(0, &format!("not read, so nothing is said of it: {which}"), false);
        reasons.iter().for_each(|reason| line(2, reason, false));
    }
    timeline.notes.iter().for_each(|note| line(0, note, false));
    if !options.quiet {
        line(0, &timeline.total(), false);
    }
    out
}
