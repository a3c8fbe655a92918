//! For people: what has changed for whom, the worst first, then what rules say of it, then what to do.

use std::io::{self, Write};

use super::{Known, Topic, stub, topics, without_changes};
use crate::change::{Change, Direction};
use crate::lint::Comparison;
use crate::report::card::Painter;
use crate::report::{Options, escape, human, notes, summary};
use crate::source::{SourceMap, Span};

/// Writes the changes, the findings about them, and a summary.
pub(super) fn render(
    comparison: &Comparison,
    sources: &SourceMap,
    idle: &[String],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let all: Vec<Known<'_>> = comparison.changes.iter().map(|change| Known::new(change, &comparison.report)).collect();
    let is_shown = |known: &Known<'_>| options.verbose || known.change.direction != Direction::Neutral;
    let (shown, hidden): (Vec<_>, Vec<_>) = all.iter().copied().partition(is_shown);
    let mut painter = Painter::new(sources, options);
    for (service, topics) in topics(&shown) {
        painter.line("", None, &escape::text(service, escape::SHORT));
        for topic in topics {
            of_topic(&mut painter, &topic, sources);
        }
        painter.line("", None, "");
    }
    out.write_all(painter.take().as_bytes())?;
    let quiet = Options { quiet: true, ..options.clone() };
    let mut cards = Vec::new();
    human::render(&without_changes(&comparison.report), sources, &[], &quiet, &mut cards)?;
    if !cards.is_empty() && !cards.ends_with(b"\n\n") {
        cards.push(b'\n');
    }
    out.write_all(&cards)?;
    if !options.quiet {
        to_approve(&mut painter, &all, comparison);
        let mut lines = summary::lines(&comparison.report, idle, options);
        if !hidden.is_empty() {
            let (what, verb) = if hidden.len() == 1 { ("1 neutral change", "is") } else { ("neutral changes", "are") };
            lines.push(format!("{what} {verb} not listed; `--verbose` does"));
        }
        lines.iter().for_each(|line| painter.line("", None, line));
    }
    out.write_all(painter.take().as_bytes())
}

fn of_topic(painter: &mut Painter<'_>, topic: &Topic<'_>, sources: &SourceMap) {
    let title = escape::text(&topic.about.title, escape::SHORT);
    let name = topic.name();
    painter.indented(2, "", None, &if topic.about.entity.is_some() { format!("{title} ({name})") } else { name });
    for known in &topic.changes {
        let Change { direction, path, why, from, .. } = known.change;
        let what = known.change.topic().unwrap_or(path);
        let text = format!("{what}: {}", known.change.step());
        painter.indented(4, &format!("{}: ", direction.as_str()), known.severity(), &escape::text(&text, escape::LONG));
        let from = from.map(|day| format!(" from {day}")).unwrap_or_default();
        let why = if why.is_empty() { String::new() } else { format!(": {}", escape::text(why, escape::LONG)) };
        painter.indented(6, "", None, &format!("for {}{from}{why}", known.whom()));
        painter.indented(6, "", None, &place(known, sources));
        if let Some(how) = known.approved() {
            painter.indented(6, "", None, &format!("approved: {}", notes::accepted(how)));
        }
    }
}

/// `purposes.yaml:12, before main:purposes.yaml:10; change 9f86d081884c7d65`
fn place(known: &Known<'_>, sources: &SourceMap) -> String {
    let Change { was, is, direction, fingerprint, .. } = known.change;
    let at =
        |span: Span| format!("{}:{}", escape::text(sources.path(span.file), escape::SHORT), sources.start(span).line);
    let mut text = match (is, was) {
        (Some(is), Some(was)) => format!("{}, before {}", at(*is), at(*was)),
        (Some(span), None) => at(*span),
        (None, Some(span)) => format!("before {}", at(*span)),
        (None, None) => String::new(),
    };
    if matches!(direction, Direction::Weaker | Direction::Unclear) {
        text.push_str(&format!("; change {fingerprint}"));
    }
    text
}

/// What lets through what is open, ready to be copied.
fn to_approve(painter: &mut Painter<'_>, all: &[Known<'_>], comparison: &Comparison) {
    let open: Vec<&Known<'_>> = all.iter().filter(|known| known.is_open()).collect();
    let Some(first) = open.first() else { return };
    let text = match open.len() {
        1 => "if this change is meant, and somebody who may approves it, add to purposelint.yaml:".to_owned(),
        count => format!(
            "if a change is meant, and somebody who may approves it, add to purposelint.yaml ({count} changes; the first):"
        ),
    };
    painter.line("", None, &text);
    for line in stub::lines(&[**first], comparison.report.as_of) {
        painter.verbatim(2, &line);
    }
    painter.line("", None, "");
}
