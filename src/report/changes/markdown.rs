//! A page for a pull request: who is affected, what they had, what they get, from when. GitHub takes no comment that is longer
//! than 65,536 characters, so each part of the page has its room, and what does not fit is counted.

use std::io::{self, Write};

use super::{Known, stub, topics, without_changes};
use crate::change::{Change, Counts, Direction};
use crate::lint::Comparison;
use crate::report::escape::{LONG, SHORT, markdown};
use crate::report::markdown::{FOOT, Page, Room, fenced, name, part, prose, sentence};
use crate::report::{Options, Run, notes, repository_path, summary};
use crate::source::{SourceMap, Span};

/// Bytes for what is weaker or unclear, for what is neither, for waivers to copy, and for the findings of rules.
const WORSE: usize = 20_000;
const OTHERS: usize = 8_000;
const STUBS: usize = 5_000;
const FINDINGS: Room = Room { flagged: 10_000, part: 2_500 };

const HEAD: &str = "
| | What changes | For whom | They had | They get | From | Why, and where |
|---|---|---|---|---|---|---|
";

pub(super) fn render(
    comparison: &Comparison,
    sources: &SourceMap,
    run: &Run<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let all: Vec<Known<'_>> = comparison.changes.iter().map(|change| Known::new(change, &comparison.report)).collect();
    let page = Changelog { comparison, sources, idle: run.idle, options, all };
    out.write_all(page.write().as_bytes())
}

struct Changelog<'a> {
    comparison: &'a Comparison,
    sources: &'a SourceMap,
    /// Why there was nothing to judge.
    idle: &'a [String],
    options: &'a Options,
    all: Vec<Known<'a>>,
}

impl Changelog<'_> {
    fn write(&self) -> String {
        let report = &self.comparison.report;
        let is_worse = |known: &Known<'_>| known.change.direction >= Direction::Unclear;
        let (worse, others): (Vec<_>, Vec<_>) = self.all.iter().copied().partition(is_worse);
        let mut out = format!("## purposelint: {}\n", self.title());
        for reason in self.idle {
            out.push_str(&format!("\n**{}**\n", sentence(&markdown(reason, LONG))));
        }
        out.push_str(&format!("\n{}\n", self.lead()));
        let services = topics(&worse);
        let room = WORSE / services.len().max(1);
        for (service, topics) in &services {
            let rows = topics.iter().flat_map(|topic| &topic.changes).map(|known| self.row(known));
            part(&mut out, &format!("\n### {}\n{HEAD}", name(service)), rows, room);
        }
        self.better(&others, &mut out);
        self.to_approve(&mut out);
        let rest = without_changes(report);
        Page { report: &rest, sources: self.sources, options: self.options, room: FINDINGS }.findings(&mut out);
        out.push_str(&format!("\n{FOOT} · purposelint {}\n", env!("CARGO_PKG_VERSION")));
        out
    }

    fn title(&self) -> String {
        let open = Counts::of(self.all.iter().filter(|known| known.is_open()).map(|known| known.change));
        let report = &self.comparison.report;
        let verb = |count: usize| if count == 1 { "change is" } else { "changes are" };
        let flagged = without_changes(report)
            .findings
            .iter()
            .any(|finding| finding.is_open() && finding.severity >= self.options.fail_on);
        let has_approved = self.all.iter().any(|known| known.approved().is_some());
        let title = match (open.weaker, open.unclear) {
            (0, 0) if self.all.is_empty() && flagged => "findings about this change".to_owned(),
            (0, 0) if self.all.is_empty() => summary::NOTHING_CHANGED.to_owned(),
            (0, 0) if has_approved => "nothing gets weaker for people that was not approved".to_owned(),
            (0, 0) => "nothing gets weaker for people".to_owned(),
            (0, unclear) => format!("{unclear} {} unclear", verb(unclear)),
            (weaker, 0) => format!("{weaker} {} weaker for people", verb(weaker)),
            (weaker, unclear) => format!("{weaker} {} weaker for people, {unclear} unclear", verb(weaker)),
        };
        let title = match (self.idle.is_empty(), self.all.is_empty()) {
            (true, _) => title,
            (false, true) => "nothing was compared".to_owned(),
            (false, false) if open.weaker + open.unclear > 0 => format!("nothing is declared any longer; {title}"),
            (false, false) => "nothing is declared any longer".to_owned(),
        };
        match report.checked.changes {
            Some(counts) if counts.lost > 0 && self.all.is_empty() => "not everything could be compared".to_owned(),
            Some(counts) if counts.lost > 0 => format!("not everything could be compared; {title}"),
            _ => title,
        }
    }

    /// What was compared, and what came out.
    fn lead(&self) -> String {
        let lines = summary::lines(&self.comparison.report, &[], self.options);
        let said = 3.min(lines.len());
        lines.iter().take(said).map(|line| sentence(&markdown(line, LONG))).collect::<Vec<_>>().join(" ")
    }

    fn row(&self, known: &Known<'_>) -> String {
        let Change { direction, path, why, from, fingerprint, .. } = known.change;
        let what = known.change.topic().map_or_else(|| name(path), |topic| markdown(topic, SHORT));
        let direction_word = match known.approved() {
            Some(_) => format!("{}, approved", direction.as_str()),
            None if *direction < Direction::Unclear => direction.as_str().to_owned(),
            None => format!("**{}**", direction.as_str()),
        };
        let mut reasons: Vec<String> = Vec::new();
        reasons.extend((!why.is_empty()).then(|| prose(why)));
        reasons.extend(self.place(known.change));
        reasons.extend((*direction >= Direction::Unclear).then(|| format!("change `{fingerprint}`")));
        reasons.extend(known.approved().map(|how| prose(&notes::accepted(how))));
        format!(
            "| {direction_word} | {}: {what} | {} | {} | {} | {} | {} |\n",
            prose(&known.change.subject()),
            markdown(&known.whom(), LONG),
            markdown(&known.change.had(), SHORT),
            markdown(&known.change.gets(), SHORT),
            from.map_or_else(|| "at once".to_owned(), |day| day.to_string()),
            reasons.join("<br>")
        )
    }

    fn place(&self, change: &Change) -> Option<String> {
        let at = |span: Span| {
            let path = repository_path(self.sources, span.file, self.options);
            name(&format!("{path}:{}", self.sources.start(span).line))
        };
        match (change.is, change.was) {
            (Some(is), Some(was)) => Some(format!("{}, before {}", at(is), at(was))),
            (Some(span), None) => Some(at(span)),
            (None, Some(span)) => Some(format!("before {}", at(span))),
            (None, None) => None,
        }
    }

    /// What is better or neither, folded away.
    fn better(&self, others: &[Known<'_>], out: &mut String) {
        let Some(words) = Counts::of(others.iter().map(|known| known.change)).words() else { return };
        let topics = topics(others);
        let rows = topics.iter().flat_map(|(_, topics)| topics).flat_map(|topic| &topic.changes);
        let verb = if others.len() == 1 { "change" } else { "changes" };
        out.push_str(&format!("\n<details>\n<summary>Other {verb}: {words}</summary>\n"));
        part(out, HEAD, rows.map(|known| self.row(known)), OTHERS);
        out.push_str("\n</details>\n");
    }

    /// Waivers to copy, for what is open.
    fn to_approve(&self, out: &mut String) {
        let open: Vec<Known<'_>> = self.all.iter().copied().filter(Known::is_open).collect();
        if open.is_empty() {
            return;
        }
        let today = self.comparison.report.as_of;
        let (mut text, mut left_out) = (String::new(), 0_usize);
        for known in &open {
            let skip = usize::from(!text.is_empty());
            let entry: String =
                stub::lines(&[*known], today).iter().skip(skip).map(|line| format!("{line}\n")).collect();
            if left_out == 0 && text.len() + entry.len() <= STUBS { text.push_str(&entry) } else { left_out += 1 }
        }
        out.push_str(
            "\n<details>\n<summary>To approve a change that is meant, add to <code>purposelint.yaml</code></summary>\n\n",
        );
        out.push_str(&fenced("yaml", &text));
        out.push_str("\nEach needs a reason, and names who answers for it and who agreed.");
        if left_out > 0 {
            out.push_str(&format!(" **{left_out} more are left out here.**"));
        }
        out.push_str("\n\n</details>\n");
    }
}
