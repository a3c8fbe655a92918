//! A history as a table.

use super::{CUT_OFF, Timeline, cause, direction, doubt, gap, place, step, subject, why as reason};
use crate::report::escape::{LONG, markdown};
use crate::report::markdown::name;
use crate::source::SourceMap;

const HEAD: &str = "
| Day | What | For whom | Step | For the person | Why | Where |
|---|---|---|---|---|---|---|
";

pub(super) fn render(timeline: &Timeline<'_>, sources: &SourceMap) -> String {
    let safe = |text: &str| markdown(text, LONG);
    let what = timeline.purpose.map_or_else(|| "all purposes".to_owned(), name);
    let whom = timeline.region.map(|region| format!(", for {}", safe(region))).unwrap_or_default();
    let mut out = format!("## History of {what}{whom}\n\n{}\n", safe(&timeline.total()));
    if timeline.cut_off {
        out.push_str(&format!("\n{}\n", safe(CUT_OFF)));
    }
    for note in &timeline.notes {
        out.push_str(&format!("\n{}\n", safe(note)));
    }
    if !timeline.turns.is_empty() {
        out.push_str(HEAD);
    }
    for turn in &timeline.turns {
        let why = [Some(cause(turn, timeline)), doubt(turn, timeline)];
        let why = safe(&why.into_iter().flatten().collect::<Vec<_>>().join("; "));
        let mut row = |whom: &str, step: &str, way: &str, place: &str| {
            let [whom, step, place] = [whom, step, place].map(safe);
            out.push_str(&format!(
                "| {} | {} | {whom} | {step} | {way} | {why} | {place} |\n",
                turn.date,
                safe(&subject(turn))
            ));
        };
        for of in &turn.moves {
            row(
                &of.whom,
                &step(of, turn),
                &format!("{}{}", direction(of, turn), safe(&reason(of))),
                &place(of, sources),
            );
        }
        if turn.moves.is_empty() {
            row("", "", "", "");
        }
    }
    let mut gaps = timeline.gaps().peekable();
    if gaps.peek().is_some() {
        out.push_str("\n### Not read\n\nNothing is said of these commits.\n\n");
    }
    for group in gaps {
        let (which, reasons) = gap(group, timeline);
        out.push_str(&format!("- {}: {}\n", safe(&which), safe(&reasons.join("; "))));
    }
    out
}
