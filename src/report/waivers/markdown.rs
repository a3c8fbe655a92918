//! Waivers as a table.

use super::{INCOMPLETE, NONE, Waivers, bounds, ends, place, state, subject, total};
use crate::report::escape::{LONG, markdown};
use crate::source::SourceMap;

const HEAD: &str = "
| Rule | For | Until | Today | Owner | Approved by | Reason | Where |
|---|---|---|---|---|---|---|---|
";

pub(super) fn render(waivers: &Waivers<'_>, sources: &SourceMap) -> String {
    let safe = |text: &str| markdown(text, LONG);
    let mut out = format!("## Waivers, as of {}\n", waivers.as_of);
    if waivers.entries.is_empty() {
        out.push_str(&format!("\n{NONE}\n"));
        return out;
    }
    out.push_str(&format!("\n{}\n", total(waivers)));
    if !waivers.complete {
        out.push_str(&format!("\n{INCOMPLETE}\n"));
    }
    out.push_str(HEAD);
    for entry in &waivers.entries {
        let waiver = entry.waiver;
        let whom: Vec<String> = bounds(entry).iter().map(|(word, names)| safe(&format!("{word}: {names}"))).collect();
        let whom = if whom.is_empty() { "all".to_owned() } else { whom.join("<br>") };
        let [owner, approver, reason] = [&waiver.owner, &waiver.approver, &waiver.reason]
            .map(|text| text.as_ref().map(|text| safe(&text.value)).unwrap_or_default());
        out.push_str(&format!(
            "| {} | {whom} | {} | {} | {owner} | {approver} | {reason} | {} |\n",
            safe(&subject(entry)),
            ends(entry, waivers.as_of).unwrap_or_default().trim_start_matches("until "),
            safe(&state(entry)),
            safe(&place(waiver.span, sources)),
        ));
    }
    out
}
