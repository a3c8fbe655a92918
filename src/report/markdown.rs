//! The report as a page of GitHub-flavoured Markdown: for the summary of a job, for a comment, for people who do not read YAML.

mod accepted;

use std::cmp::Reverse;
use std::io::{self, Write};

use super::card::{is_linkable, rule_url};
use super::escape::{self, LONG, SHORT, markdown};
use super::group::{Group, group, rules};
use super::{Options, Run, notes, repository_path, summary, visible};
use crate::diagnostic::{Label, Severity};
use crate::evaluate::Finding;
use crate::lint::Report;
use crate::order::Order;
use crate::policy::{Cite, is_builtin};
use crate::source::SourceMap;
use crate::space::WORLD;

/// Bytes that GitHub takes for the summary of a step are 1,048,576; a page over that is shown not at all. These are shared out, so
/// that no part of a page can crowd out another.
const FLAGGED_BYTES: usize = 640_000;
const PART_BYTES: usize = 64_000;

/// From how many diagnostics on a table of all of them helps.
const OVERVIEW: usize = 4;

/// Most things that are left out for one reason and named in one line.
const TOGETHER: usize = 50;

/// Most characters of a line of source.
const LINE: usize = 160;

pub(super) fn render(
    report: &Report,
    sources: &SourceMap,
    run: &Run<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let room = Room { flagged: FLAGGED_BYTES, part: PART_BYTES };
    out.write_all(Page { report, sources, options, room }.write(run.idle).as_bytes())
}

/// Bytes for what is flagged in full, and for each other part of a page.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) flagged: usize,
    pub(super) part: usize,
}

pub(super) struct Page<'a> {
    pub(super) report: &'a Report,
    pub(super) sources: &'a SourceMap,
    pub(super) options: &'a Options,
    pub(super) room: Room,
}

impl Page<'_> {
    fn write(&self, idle: &[String]) -> String {
        let mut out = self.head(idle);
        self.findings(&mut out);
        out.push_str(&format!("\n{FOOT} · purposelint {}\n", env!("CARGO_PKG_VERSION")));
        out
    }

    /// All parts between the head of the page and its foot.
    pub(super) fn findings(&self, out: &mut String) {
        let Room { flagged: room_flagged, part: room } = self.room;
        let (open, accepted): (Vec<_>, Vec<_>) =
            visible(self.report, self.options).partition(|finding| finding.is_open());
        let groups = group(&open);
        let (mut flagged, rest): (Vec<_>, Vec<_>) = groups.iter().partition(|group| is_full(group));
        let (mut missing, info): (Vec<_>, Vec<_>) = rest.into_iter().partition(|group| group.is_undetermined());
        flagged.order_by_key(|group| Reverse(group.severity()));
        missing.order_by_key(|group| (Reverse(group.severity()), &group.lead.missing));

        if flagged.len() >= OVERVIEW {
            let head = "\n| | What is flagged | For whom | Where |\n|---|---|---|---|\n";
            part(out, head, flagged.iter().map(|group| self.row(group)), room);
        }
        part(out, "", flagged.iter().map(|group| self.card(group)), room_flagged);
        part(out, MISSING, missing.iter().map(|group| self.missing(group)), room);
        self.accepted(&accepted, out);
        part(out, INFO, info.iter().map(|group| self.remark(group)), room);
        part(out, SKIPPED, self.skipped().into_iter(), room);
    }

    /// `idle` is why some of what was named was not judged.
    fn head(&self, idle: &[String]) -> String {
        let mut titles: Vec<String> = summary::incomplete(self.report).into_iter().map(str::to_owned).collect();
        let mut text = String::new();
        match summary::unchecked(self.report, idle).as_slice() {
            [] => {}
            [nothing] if summary::idle(&self.report.checked).is_some() => titles.push(nothing.clone()),
            some => {
                titles.push("not all that was named was checked".to_owned());
                text.extend(some.iter().map(|reason| format!("\n**{}**\n", sentence(&prose(reason)))));
            }
        }
        if summary::has_result(self.report) {
            titles.push(summary::headline(&self.report.findings, self.options.fail_on, Severity::Info));
            text.push_str(&format!("\n{}\n", sentence(&summary::looked_at(self.report))));
        }
        format!("## purposelint: {}\n{text}", titles.join("; "))
    }

    /// A line of the overview.
    fn row(&self, group: &Group<'_>) -> String {
        let whom = notes::words(&group.lead.cells).unwrap_or_default();
        let whom = if whom == WORLD { "everybody".to_owned() } else { whom };
        format!(
            "| **{}** | {} | {} | {} |\n",
            kind(group),
            prose(&group.lead.message),
            markdown(&whom, SHORT),
            self.place(&group.lead.primary, false)
        )
    }

    /// A diagnostic in full.
    fn card(&self, group: &Group<'_>) -> String {
        let lead = group.lead;
        let mut out = format!("\n### {}: {}\n\n", capital(kind(group)), prose(&lead.message));
        let service = lead.service.as_deref().map(|service| format!(" · service {}", name(service)));
        let place = self.place(&lead.primary, true);
        out.push_str(&format!("{place}{} · {}\n\n", service.unwrap_or_default(), rule(lead)));
        out.push_str(&self.snippet(&lead.primary));
        let mut items: Vec<(&str, String)> = Vec::new();
        items.extend(self.labels(lead));
        items.extend(notes::concerned(lead).map(|whom| ("For", markdown(&whom, LONG))));
        items.extend(notes::news(lead).map(|whom| ("New", prose(&whom))));
        items.extend(lead.counts_from.map(|day| ("Counts from", day.to_string())));
        items.extend(
            lead.help.as_deref().filter(|help| !help.trim().is_empty()).map(|help| ("What to do", prose(help))),
        );
        if !lead.missing.is_empty() {
            let head = if group.is_undetermined() { "Not declared" } else { "Not declared, and could make it milder" };
            items.push((head, missing(lead)));
        }
        items.extend(others(group));
        items.extend(
            Some(names(&group.waiting)).filter(|names| !names.is_empty()).map(|names| ("Waits for this", names)),
        );
        for (head, text) in items {
            out.push_str(&format!("- **{head}:** {text}\n"));
        }
        out.push_str(&self.provisions(group));
        out
    }

    /// What is to be seen at the place, and the other places that took part.
    fn labels(&self, finding: &Finding) -> impl Iterator<Item = (&'static str, String)> {
        let here = (!finding.primary.text.is_empty()).then(|| ("Because", prose(&finding.primary.text)));
        let there = finding.labels.iter().filter(|label| !label.text.is_empty());
        let there = there.map(|label| ("See", format!("{}: {}", self.place(label, true), prose(&label.text))));
        here.into_iter().chain(there.take(8).collect::<Vec<_>>())
    }

    /// `purposes.yaml:6` as code.
    fn place(&self, label: &Label, column: bool) -> String {
        let start = self.sources.start(label.span);
        let path = repository_path(self.sources, label.span.file, self.options);
        let column = if column { format!(":{}", start.column) } else { String::new() };
        name(&format!("{path}:{}{column}", start.line))
    }

    /// The line that decides, with its number in front: nothing from a file stands where a line begins.
    fn snippet(&self, label: &Label) -> String {
        let Some(source) = self.sources.get(label.span.file) else { return String::new() };
        let text = source.text();
        let start = text.position(label.span.start as usize);
        let line = text.get(text.line_range(start.line - 1)).unwrap_or_default();
        let from = if line.chars().count() > LINE { start.column.saturating_sub(LINE / 4) } else { 0 };
        let line: String = line.chars().skip(from).take(2 * LINE).collect();
        let shown = escape::text(&line, LINE);
        if shown.is_empty() {
            return String::new();
        }
        let cut = if from > 0 { "…" } else { "" };
        format!("{}\n", fenced("yaml", &format!("{} │ {cut}{shown}\n", start.line)))
    }

    /// The citations, folded away: whoever has to defend a finding needs them all.
    fn provisions(&self, group: &Group<'_>) -> String {
        let known = notes::sources(group);
        if known.is_empty() {
            return String::new();
        }
        let head = if group.is_undetermined() { "Judged, once it is declared, under" } else { "Flagged under" };
        let cites: String = known.iter().map(|(cite, _)| format!("- {}\n", self.cite(cite))).collect();
        format!(
            "\n<details>\n<summary>{head} {}</summary>\n\n{cites}\n</details>\n",
            summary::count(known.len(), "provision")
        )
    }

    /// `[GDPR Art. 25(2)](…) · law · in force since 2018-05-25 · EEA`
    fn cite(&self, cite: &Cite) -> String {
        let item = notes::item(cite, self.report.as_of);
        let (text, rest) = match &item.link {
            Some((end, _)) => item.text.split_at_checked(*end).unwrap_or((&item.text, "")),
            None => (item.text.as_str(), ""),
        };
        match item.link.as_ref().and_then(|(_, url)| link(&markdown(text, LONG), url)) {
            // the rest begins with a space, which escaping would take away
            Some(link) => format!("{link} {}", markdown(rest, LONG)),
            None => markdown(&item.text, LONG),
        }
    }

    /// A line of the table of missing facts.
    fn missing(&self, group: &Group<'_>) -> String {
        let lead = group.lead;
        let (what, whom) = if lead.missing.is_empty() || lead.unusable {
            (prose(&lead.message), String::new())
        } else {
            (missing(lead), prose(&notes::subjects(group)))
        };
        let from = lead.counts_from.map(|day| format!(" (counts from {day})")).unwrap_or_default();
        let waiting: Vec<String> = rules(group.all()).into_iter().map(question).collect();
        format!("| {what}{from} | {whom} | {} | {} |\n", self.place(&lead.primary, false), waiting.join("<br>"))
    }

    fn remark(&self, group: &Group<'_>) -> String {
        let from = group.lead.counts_from.map(|day| format!(", counts from {day}")).unwrap_or_default();
        let rules: Vec<&Finding> = group.flagged().collect();
        let whom = notes::also_for(group).map(|whom| format!("; also for: {}", prose(&whom))).unwrap_or_default();
        format!(
            "- {}: {}{from}{whom} ({})\n",
            self.place(&group.lead.primary, false),
            prose(&group.lead.message),
            names(&rules)
        )
    }

    /// What was not judged, and why.
    fn skipped(&self) -> Vec<String> {
        let refused = self.report.refused.iter().map(|diagnostic| {
            let help = diagnostic.help.as_deref().map(|help| format!("; {}", prose(help))).unwrap_or_default();
            format!("- {}: {}{help}\n", self.place(&diagnostic.primary, false), prose(&diagnostic.message))
        });
        // a config may switch off a hundred rules for one reason
        let mut by_reason: Vec<(&str, Vec<String>)> = Vec::new();
        let checked = &self.report.checked;
        let (lost, others): (Vec<_>, Vec<_>) = checked.remarks().partition(|skipped| checked.lost.contains(skipped));
        for skipped in lost.into_iter().chain(others) {
            match by_reason.iter_mut().find(|(reason, names)| *reason == skipped.reason && names.len() < TOGETHER) {
                Some((_, names)) => names.push(name(&skipped.what)),
                None => by_reason.push((&skipped.reason, vec![name(&skipped.what)])),
            }
        }
        let skipped = by_reason.into_iter();
        let skipped = skipped.map(|(reason, names)| format!("- {}: {}\n", names.join(", "), prose(reason)));
        refused.chain(skipped).collect()
    }
}

const MISSING: &str = "
### Cannot be judged yet

Whether these rules flag something depends on facts that nobody has declared.

| Not declared | For | Where | To tell whether |
|---|---|---|---|
";

const INFO: &str = "
### For information

";

const SKIPPED: &str = "
### Not judged

";

pub(super) const FOOT: &str = "A finding says what is flagged under which provision; it is no legal verdict";

/// Writes a part of the page, if there is anything in it, as far as there is room; what is left out is counted, never cut.
pub(super) fn part(out: &mut String, head: &str, items: impl Iterator<Item = String>, room: usize) {
    let (mut written, mut left_out) = (String::new(), 0_usize);
    for item in items {
        if left_out == 0 && written.len() + item.len() <= room {
            written.push_str(&item);
        } else {
            left_out += 1;
        }
    }
    if written.is_empty() && left_out == 0 {
        return;
    }
    out.push_str(head);
    out.push_str(&written);
    if left_out > 0 {
        let verb = if left_out == 1 { "is" } else { "are" };
        out.push_str(&format!(
            "\n**{left_out} more {verb} left out of this part, to keep the page within what CI services take.** `--format json` has all.\n"
        ));
    }
}

/// Whether a group is shown in full: as in the report for a terminal.
fn is_full(group: &Group<'_>) -> bool {
    let least = if group.is_undetermined() { Severity::Error } else { Severity::Warning };
    group.severity() >= least
}

fn kind(group: &Group<'_>) -> &'static str {
    match (group.is_undetermined(), group.severity()) {
        (true, Severity::Error) => "undetermined, an error",
        (true, _) => "undetermined",
        (false, severity) => severity.as_str(),
    }
}

/// The rule, as a link to its page if it has one.
fn rule(finding: &Finding) -> String {
    let name = markdown(&finding.rule, SHORT);
    rule_link(finding, &name).unwrap_or(name)
}

fn rule_link(finding: &Finding, text: &str) -> Option<String> {
    let url = rule_url(&finding.rule).filter(|_| is_builtin(&finding.rule))?;
    link(text, &url)
}

/// What a rule would flag, as a link to its page.
fn question(finding: &Finding) -> String {
    if finding.title.is_empty() {
        return rule(finding);
    }
    let title = prose(&finding.title);
    rule_link(finding, &title).unwrap_or_else(|| format!("{title} ({})", markdown(&finding.rule, SHORT)))
}

/// Rules as links, each once.
fn names(findings: &[&Finding]) -> String {
    let names: Vec<String> = rules(findings.iter().copied()).into_iter().map(rule).collect();
    names.join(", ")
}

/// What else the place is about.
fn others(group: &Group<'_>) -> Vec<(&'static str, String)> {
    if !group.is_undetermined() {
        let others: Vec<String> = notes::others(group).into_iter().map(|other| also(other, group.lead)).collect();
        let others = (!others.is_empty()).then(|| ("Also flagged by", others.join("; ")));
        let repeated = notes::repeated_for(group).map(|whom| ("Also for", prose(&whom)));
        return repeated.into_iter().chain(others).collect();
    }
    let others: Vec<&Finding> = group.others.iter().copied().filter(|other| other.rule != group.lead.rule).collect();
    let waits = (!others.is_empty()).then(|| ("Also waits for it", names(&others)));
    waits.into_iter().chain(notes::about(group).map(|whom| ("About", prose(&whom)))).collect()
}

/// Another rule at the same place, with what it says beyond the first.
fn also(other: &Finding, lead: &Finding) -> String {
    let service = notes::other_service(other, lead).map(|service| format!(" in service {}", name(service)));
    let message = if other.message == lead.message { String::new() } else { format!(": {}", prose(&other.message)) };
    format!("{} ({}){}{message}", rule(other), other.severity, service.unwrap_or_default())
}

fn missing(finding: &Finding) -> String {
    let names: Vec<String> = finding.missing.iter().map(|fact| name(fact)).collect();
    crate::suggest::join(&names)
}

/// A link. An address that is none, or could end one, gives nothing.
fn link(text: &str, url: &str) -> Option<String> {
    let plain = is_linkable(url) && !url.contains(['<', '>', '\\', '|', '`', '"']);
    plain.then(|| format!("[{text}](<{url}>)"))
}

/// A name as code.
pub(super) fn name(text: &str) -> String {
    let shown = escape::text(text, SHORT);
    if is_code(&shown) { format!("`{shown}`") } else { markdown(text, SHORT) }
}

/// Whether a text is safe as code: nothing ends code but a backtick, and a cell of a table but a bar.
fn is_code(text: &str) -> bool {
    text == text.trim() && !text.is_empty() && !text.contains(['`', '|'])
}

/// Whether a text is made of words: it reads better in quotes than as code.
fn is_words(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | ',' | '-' | '\'' | '(' | ')' | '&');
    text.contains(' ') && !text.starts_with(' ') && !text.ends_with(' ') && text.chars().all(plain)
}

/// A message: names in backticks become code, titles are put in quotes, all else is text.
pub(super) fn prose(text: &str) -> String {
    let text = escape::text(text, LONG);
    let mut parts = text.split('`').enumerate().peekable();
    let mut out = String::new();
    while let Some((at, part)) = parts.next() {
        let closed = parts.peek().is_some();
        match (at % 2 == 1, closed) {
            (true, true) if is_words(part) => out.push_str(&format!("“{}”", inner(part))),
            (true, true) if is_code(part) => out.push_str(&format!("`{part}`")),
            (true, true) => out.push_str(&format!("\\`{}\\`", inner(part))),
            (true, false) => out.push_str(&format!("\\`{}", inner(part))),
            (false, _) => out.push_str(&inner(part)),
        }
    }
    out
}

/// A piece of a text: escaping trims, and the spaces around a name count.
fn inner(part: &str) -> String {
    let front = if part.starts_with(' ') { " " } else { "" };
    let back = if part.len() > 1 && part.ends_with(' ') { " " } else { "" };
    format!("{front}{}{back}", markdown(part, 16 * LONG))
}

pub(super) fn sentence(text: &str) -> String {
    format!("{}.", capital(text))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Lines as code that nothing in them ends.
pub(super) fn fenced(language: &str, lines: &str) -> String {
    let fence = "`".repeat(3.max(1 + longest_run(lines, '`')));
    format!("{fence}{language}\n{lines}{fence}\n")
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or_default()
}
