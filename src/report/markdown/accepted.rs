//! What is accepted, as tables: for whoever answers for it, and for whoever audits that.

use std::cmp::Reverse;

use super::{Page, missing, name, part, prose, question, rule};
use crate::diagnostic::Severity;
use crate::evaluate::{Finding, Outcome, SuppressedBy};
use crate::order::Order;
use crate::report::escape::{LONG, SHORT, markdown};
use crate::report::group::{Group, group, rules};
use crate::report::notes;
use crate::space::WORLD;

const WAIVED: &str = "
### Waived

Somebody answers for these until the last day; after it they count again.

| Was | What is flagged | For | Service | Where | Rule | Owner | Approved by | Last day | Reason |
|---|---|---|---|---|---|---|---|---|---|
";

const ACCEPTED: &str = "
### Accepted

These are known and do not fail the run. *Was* is the severity they would have.

| Was | What is flagged | Service | Where | Rule | How |
|---|---|---|---|---|---|
";

const UNJUDGED: &str = "
### Accepted, though it cannot be judged yet

Whether these rules flag something depends on facts that nobody has declared. That they wait is known and does not fail the run.

| Was | Not declared | For | Service | Where | To tell whether | How |
|---|---|---|---|---|---|---|
";

impl Page<'_> {
    /// Waivers first: people answer for them. Then what is flagged, then what is not judged, each with the most severe first.
    pub(super) fn accepted(&self, accepted: &[&Finding], out: &mut String) {
        let mut accepted = accepted.to_vec();
        accepted.order_by_key(|finding| Reverse(was(finding)));
        let is_waived =
            |finding: &&Finding| finding.suppressed.as_ref().is_some_and(|how| how.by == SuppressedBy::Waiver);
        let (waived, rest): (Vec<_>, Vec<_>) = accepted.into_iter().partition(is_waived);
        let (flagged, unjudged): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|finding| finding.outcome == Outcome::Fail);
        let mut unjudged = group(&unjudged);
        unjudged.order_by_key(|group| Reverse(worst(group)));
        part(out, WAIVED, waived.iter().filter_map(|finding| self.waived(finding)), self.room.part);
        part(out, ACCEPTED, flagged.iter().filter_map(|finding| self.known(finding)), self.room.part);
        part(out, UNJUDGED, unjudged.iter().map(|group| self.unjudged(group)), self.room.part);
    }

    fn waived(&self, finding: &Finding) -> Option<String> {
        let how = finding.suppressed.as_ref()?;
        let text = |text: &Option<String>| text.as_deref().map(|text| markdown(text, LONG)).unwrap_or_default();
        let last = how.expires.map(|day| day.plus(-1).to_string()).unwrap_or_default();
        let whom = notes::words(&finding.cells).unwrap_or_default();
        let whom = if whom == WORLD { "everybody".to_owned() } else { whom };
        Some(format!(
            "| **{}** | {} | {} | {} | {} | {} | {} | {} | {last} | {} |\n",
            was(finding),
            prose(&finding.message),
            markdown(&whom, SHORT),
            service(finding),
            self.place(&finding.primary, false),
            rule(finding),
            text(&how.owner),
            text(&how.approver),
            text(&how.reason),
        ))
    }

    fn known(&self, finding: &Finding) -> Option<String> {
        let how = prose(&notes::accepted(finding.suppressed.as_ref()?));
        Some(format!(
            "| **{}** | {} | {} | {} | {} | {how} |\n",
            was(finding),
            prose(&finding.message),
            service(finding),
            self.place(&finding.primary, false),
            rule(finding)
        ))
    }

    fn unjudged(&self, group: &Group<'_>) -> String {
        let lead = group.lead;
        let (what, whom) = if lead.missing.is_empty() || lead.unusable {
            (prose(&lead.message), String::new())
        } else {
            (missing(lead), prose(&notes::subjects(group)))
        };
        let waiting: Vec<String> = rules(group.all()).into_iter().map(question).collect();
        let mut how: Vec<String> = Vec::new();
        for words in group.all().filter_map(|finding| finding.suppressed.as_deref()).map(notes::accepted) {
            if !how.contains(&words) {
                how.push(words);
            }
        }
        format!(
            "| **{}** | {what} | {whom} | {} | {} | {} | {} |\n",
            worst(group),
            service(lead),
            self.place(&lead.primary, false),
            waiting.join("<br>"),
            prose(&how.join("; "))
        )
    }
}

/// The severity that a finding would have.
fn was(finding: &Finding) -> Severity {
    finding.suppressed.as_ref().map_or(finding.severity, |how| how.was)
}

fn worst(group: &Group<'_>) -> Severity {
    group.all().map(was).max().unwrap_or(Severity::Info)
}

fn service(finding: &Finding) -> String {
    finding.service.as_deref().map(name).unwrap_or_default()
}
