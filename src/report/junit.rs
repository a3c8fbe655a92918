//! JUnit's XML: a test case per rule and subject that was flagged, a suite per service.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::card::{Item, Note, location};
use super::escape::{self, LONG, SHORT, xml, xml_lines};
use super::group::Group;
use super::{Options, Run, notes, repository_path, summary, visible};
use crate::diagnostic::{Diagnostic, Label};
use crate::evaluate::{Finding, Outcome, Subject};
use crate::lint::{Report, Skipped};
use crate::source::SourceMap;

/// The suite of what belongs to no service.
const RUN: &str = "purposelint";

pub(super) fn render(
    report: &Report,
    sources: &SourceMap,
    run: &Run<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut services: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    let mut run = cases(report, sources, run, options);
    for finding in visible(report, options) {
        let case = Case::new(finding, report, sources, options);
        match finding.service.as_deref() {
            Some(service) => services.entry(service).or_default().push(case),
            None => run.push(case),
        }
    }
    let mut suites: Vec<Suite> = vec![Suite::new(RUN, run)];
    suites.extend(services.into_iter().map(|(service, cases)| Suite::new(&format!("{RUN}.{service}"), cases)));
    let sum = |count: fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>();
    writeln!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{RUN}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"0\">",
        sum(|suite| suite.cases.len()),
        sum(|suite| suite.count(Kind::Failed)),
        sum(|suite| suite.count(Kind::Error)),
    )?;
    suites.iter().try_for_each(|suite| suite.write(out))?;
    writeln!(out, "</testsuites>")
}

/// What the run did, and what it left out: so a clean run is not an empty file, and an idle one not green.
fn cases(report: &Report, sources: &SourceMap, run: &Run<'_>, options: &Options) -> Vec<Case> {
    let name = "the declarations are judged".to_owned();
    let said = vec![summary::looked_at(report), summary::came_out(report, options.fail_on)];
    let lines = if summary::has_result(report) { said } else { Vec::new() };
    let mut unchecked: Vec<String> = summary::incomplete(report).into_iter().map(str::to_owned).collect();
    unchecked.extend(summary::unchecked(report, run.idle));
    let kind = if unchecked.is_empty() { Kind::Passed } else { Kind::Skipped };
    let mut cases = vec![Case { name, ending: Ending { kind, message: unchecked.join("; "), lines } }];
    cases.extend(report.refused.iter().map(|diagnostic| Case::refused(diagnostic, sources, options)));
    let lost: BTreeSet<&Skipped> = summary::lost(report, sources).into_iter().collect();
    cases.extend(lost.iter().map(|lost| Case::of(lost, Kind::Error)));
    let others = report.checked.remarks().filter(|skipped| !lost.contains(skipped));
    cases.extend(others.map(|skipped| Case::of(skipped, Kind::Skipped)));
    cases
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Passed,
    Failed,
    Error,
    Skipped,
}

struct Ending {
    kind: Kind,
    message: String,
    lines: Vec<String>,
}

impl Ending {
    fn skipped(message: String) -> Self {
        Self { kind: Kind::Skipped, message, lines: Vec::new() }
    }
}

struct Case {
    name: String,
    ending: Ending,
}

impl Case {
    /// Something that was not judged.
    fn of(skipped: &Skipped, kind: Kind) -> Self {
        let message = escape::text(&skipped.reason, LONG).into_owned();
        let lines = if kind == Kind::Skipped { Vec::new() } else { vec![message.clone()] };
        Self { name: escape::text(&skipped.what, LONG).into_owned(), ending: Ending { kind, message, lines } }
    }

    fn new(finding: &Finding, report: &Report, sources: &SourceMap, options: &Options) -> Self {
        let message = message(&finding.primary, &finding.message, sources, options);
        let (kind, lines) = match &finding.suppressed {
            Some(suppressed) => {
                let how = Ending::skipped(format!("{}; {message}", notes::accepted(suppressed)));
                return Self { name: name(finding, sources, options), ending: how };
            }
            None if finding.severity >= options.fail_on => (Kind::Failed, body(finding, report, sources)),
            // what could not be told may not look like a pass
            None if finding.outcome == Outcome::Undetermined => (Kind::Skipped, body(finding, report, sources)),
            None => (Kind::Passed, body(finding, report, sources)),
        };
        let word = match finding.outcome {
            Outcome::Fail => finding.severity.as_str().to_owned(),
            Outcome::Undetermined => format!("{}, undetermined", finding.severity),
        };
        let lines = std::iter::once(format!("{word}: {message}")).chain(lines).collect();
        Self { name: name(finding, sources, options), ending: Ending { kind, message, lines } }
    }

    fn refused(diagnostic: &Diagnostic, sources: &SourceMap, options: &Options) -> Self {
        let path = repository_path(sources, diagnostic.primary.span.file, options);
        let message = message(&diagnostic.primary, &diagnostic.message, sources, options);
        let help = diagnostic.help.as_deref().map(|help| format!("help: {}", escape::text(help, LONG)));
        let lines = std::iter::once(message.clone()).chain(help).collect();
        Self {
            name: format!("core/{} in {path}", diagnostic.code),
            ending: Ending { kind: Kind::Error, message, lines },
        }
    }

    fn write(&self, suite: &str, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let Ending { kind, message, lines } = &self.ending;
        let (message, lines) = (xml_lines(message), xml_lines(&lines.join("\n")));
        writeln!(out, "    <testcase classname=\"{suite}\" name=\"{name}\" time=\"0\">")?;
        match kind {
            Kind::Passed => writeln!(out, "      <system-out>{lines}</system-out>")?,
            Kind::Failed => writeln!(out, "      <failure type=\"flagged\" message=\"{message}\">{lines}</failure>")?,
            Kind::Error => writeln!(out, "      <error type=\"not judged\" message=\"{message}\">{lines}</error>")?,
            Kind::Skipped => writeln!(out, "      <skipped message=\"{message}\"/>")?,
        }
        if *kind == Kind::Skipped && !lines.is_empty() {
            writeln!(out, "      <system-out>{lines}</system-out>")?;
        }
        writeln!(out, "    </testcase>")
    }
}

/// `pack/rule: purpose model_training, purpose.retention is not declared (services/feed/purposes.yaml)`. Without the line: services
/// compare the names of two runs, and a line that moves would make the finding a new one.
fn name(finding: &Finding, sources: &SourceMap, options: &Options) -> String {
    let path = repository_path(sources, finding.primary.span.file, options);
    let subject = match &finding.subject {
        Subject::Entity(kind, id) => format!(": {} {}", kind.noun(), escape::text(id, SHORT)),
        Subject::Service(_) | Subject::File(_) => String::new(),
    };
    let mut name = format!("{}{subject}", escape::text(&finding.rule, SHORT));
    if finding.outcome == Outcome::Undetermined && !finding.missing.is_empty() {
        name.push_str(&format!(", waits for {}", notes::missing(finding)));
    }
    name.extend(finding.counts_from.map(|day| format!(", from {day}")));
    name.push_str(&format!(" ({path})"));
    name
}

/// `services/feed/purposes.yaml:6:24: what is the matter`
fn message(place: &Label, text: &str, sources: &SourceMap, options: &Options) -> String {
    let path = repository_path(sources, place.span.file, options);
    let start = sources.start(place.span);
    format!("{path}:{}:{}: {}", start.line, start.column, escape::text(text, LONG))
}

/// What stands below the message: the places that took part, then what a card says.
fn body(finding: &Finding, report: &Report, sources: &SourceMap) -> Vec<String> {
    let said = std::iter::once(&finding.primary).chain(&finding.labels).filter(|label| !label.text.is_empty());
    let mut lines: Vec<String> = said
        .map(|label| format!("see: {}: {}", location(sources, label, true), escape::text(&label.text, SHORT)))
        .collect();
    let alone = Group { lead: finding, others: Vec::new(), waiting: Vec::new() };
    for note in notes::of(&alone, report.as_of, true) {
        match note {
            Note::Said(head, text) => lines.push(format!("{head}: {text}")),
            Note::Plain(text) => lines.push(text),
            Note::List(head, items) => {
                lines.push(format!("{head}:"));
                lines.extend(items.into_iter().map(|Item { text, .. }| format!("- {text}")));
            }
        }
    }
    lines
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

impl Suite {
    fn new(name: &str, cases: Vec<Case>) -> Self {
        Self { name: xml(name, SHORT), cases }
    }

    fn count(&self, kind: Kind) -> usize {
        self.cases.iter().filter(|case| case.ending.kind == kind).count()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"0\">",
            self.name,
            self.cases.len(),
            self.count(Kind::Failed),
            self.count(Kind::Error),
            self.count(Kind::Skipped)
        )?;
        // services show only one of two cases with one name
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for case in &self.cases {
            let times = seen.entry(&case.name).or_default();
            *times += 1;
            let again = if *times > 1 { format!(" ({times})") } else { String::new() };
            case.write(&self.name, &format!("{}{again}", xml_lines(&case.name)), out)?;
        }
        writeln!(out, "  </testsuite>")
    }
}
