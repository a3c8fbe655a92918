//! One diagnostic as people see it: rule, message, snippet, and what there is to say below.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::source::Window;
use super::{Options, columns, escape};
use crate::diagnostic::{Label, Severity};
use crate::source::SourceMap;

/// Most places outside the snippet that are listed.
const PLACES: usize = 8;

/// What one diagnostic says.
pub(super) struct Card<'a> {
    pub(super) severity: Severity,
    /// The rule and a remark in brackets; left out where no rule speaks.
    pub(super) code: Option<(&'a str, String)>,
    pub(super) message: &'a str,
    pub(super) primary: &'a Label,
    pub(super) labels: &'a [Label],
    /// Below the snippet, in order.
    pub(super) notes: Vec<Note>,
}

/// A paragraph below the snippet. Texts are escaped already.
pub(super) enum Note {
    /// `help: …`
    Said(&'static str, String),
    /// A sentence of its own.
    Plain(String),
    /// A heading with one item per line.
    List(&'static str, Vec<Item>),
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// What it says.
    pub(super) text: String,
    /// How many bytes at the start of `text` lead where, if a link does.
    pub(super) link: Option<(usize, String)>,
}

impl Item {
    /// An item without a link.
    pub(super) fn plain(text: String) -> Self {
        Self { text, link: None }
    }
}

/// Writes cards and lines to a buffer, in the width and the colours of the options.
pub(super) struct Painter<'a> {
    sources: &'a SourceMap,
    handler: GraphicalReportHandler,
    color: bool,
    links: bool,
    width: usize,
    out: String,
}

impl<'a> Painter<'a> {
    /// A painter with an empty buffer.
    pub(super) fn new(sources: &'a SourceMap, options: &Options) -> Self {
        let width = options.columns();
        // never miette's own choice of a theme, which asks the environment
        let theme = if options.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(width)
            .with_context_lines(1)
            .without_cause_chain()
            .without_syntax_highlighting();
        Self { sources, handler, color: options.color, links: options.links, width, out: String::new() }
    }

    /// What was written since the last call.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// Writes a card, with an empty line behind it.
    pub(super) fn card(&mut self, card: &Card<'_>) -> fmt::Result {
        if let Some((rule, remark)) = &card.code {
            let rule = escape::text(rule, escape::SHORT);
            let painted = self.link(&self.paint(card.severity, &rule), rule_url(&rule).as_deref());
            self.out.push_str(&painted);
            self.out.push_str(&format!(" ({remark})\n"));
        }
        let (near, far): (Vec<&Label>, Vec<&Label>) =
            card.labels.iter().partition(|label| label.span.file == card.primary.span.file);
        let drawn: Vec<&Label> = std::iter::once(card.primary).chain(near).collect();
        let (window, left_out) = Window::new(self.sources, card.primary.span.file, &drawn, self.width).unzip();
        // broken here and not by miette, which also breaks rule ids at their hyphens
        let lines = self.width.saturating_sub(6);
        let message = columns::wrap(&escape::text(card.message, escape::LONG), lines, lines).join("\n");
        self.handler.render_report(&mut self.out, &View { severity: card.severity, message, window })?;

        let left_out: Vec<&Label> = left_out.iter().flatten().filter_map(|at| drawn.get(*at).copied()).collect();
        self.places(left_out.into_iter().chain(far));
        for note in &card.notes {
            self.note(note);
        }
        self.out.push('\n');
        Ok(())
    }

    /// Writes a text that goes on with an indentation.
    pub(super) fn line(&mut self, head: &str, severity: Option<Severity>, text: &str) {
        let painted = severity.map_or_else(|| head.to_owned(), |severity| self.paint(severity, head));
        self.hang(&painted, columns::of(head), 2, text, None);
    }

    /// Writes a text some columns from the left, which goes on two further.
    pub(super) fn indented(&mut self, indent: usize, head: &str, severity: Option<Severity>, text: &str) {
        let painted = severity.map_or_else(|| head.to_owned(), |severity| self.paint(severity, head));
        let head_width = indent + columns::of(head);
        self.hang(&format!("{}{painted}", " ".repeat(indent)), head_width, indent + 2, text, None);
    }

    /// Writes a line as it is, however long: it is there to be copied.
    pub(super) fn verbatim(&mut self, indent: usize, line: &str) {
        self.out.push_str(&format!("{}{line}\n", " ".repeat(indent)));
    }

    /// Labels for which the snippet has no room or no file, one per line.
    fn places<'l>(&mut self, labels: impl Iterator<Item = &'l Label> + Clone) {
        let count = labels.clone().filter(|label| !label.text.is_empty()).count();
        for label in labels.filter(|label| !label.text.is_empty()).take(PLACES) {
            let text = format!("{}: {}", location(self.sources, label, true), escape::text(&label.text, escape::SHORT));
            self.note(&Note::Said("see", text));
        }
        if count > PLACES {
            self.note(&Note::Said("see", format!("{} more places", count - PLACES)));
        }
    }

    fn note(&mut self, note: &Note) {
        match note {
            Note::Said(head, text) => {
                let painted = format!("  {}: ", self.accent(head));
                let width = columns::of(head) + 4;
                self.hang(&painted, width, width.min(8), text, None);
            }
            Note::Plain(text) => self.hang("  ", 2, 4, text, None),
            Note::List(head, items) => {
                self.out.push_str(&format!("  {}:\n", self.accent(head)));
                for item in items {
                    self.hang("    ", 4, 6, &item.text, item.link.as_ref());
                }
            }
        }
    }

    /// Writes `text` behind `head`, which is `width` wide, and goes on `indent` columns from the left.
    fn hang(&mut self, head: &str, width: usize, indent: usize, text: &str, link: Option<&(usize, String)>) {
        let lines = columns::wrap(text, self.width.saturating_sub(width), self.width.saturating_sub(indent));
        self.out.push_str(head);
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                self.out.push_str(&" ".repeat(indent));
            }
            // a link that does not fit on the first line is left out: half a link helps nobody
            match link.and_then(|(end, url)| Some((line.split_at_checked(*end)?, url))) {
                Some(((linked, rest), url)) if at == 0 => {
                    let linked = self.link(linked, Some(url));
                    self.out.push_str(&linked);
                    self.out.push_str(rest);
                }
                _ => self.out.push_str(line),
            }
            self.out.push('\n');
        }
    }

    fn paint(&self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Error => 31,
            Severity::Warning => 33,
            Severity::Info => 36,
        };
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn accent(&self, text: &str) -> String {
        self.paint(Severity::Info, text)
    }

    /// A terminal hyperlink (OSC 8). An address with anything but visible ASCII is not linked: it could end the sequence.
    fn link(&self, text: &str, url: Option<&str>) -> String {
        match url.filter(|url| self.links && is_linkable(url)) {
            Some(url) => format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
            None => text.to_owned(),
        }
    }
}

pub(super) fn is_linkable(url: &str) -> bool {
    let known = url.starts_with("https://") || url.starts_with("http://");
    known && url.len() <= 2_048 && url.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The manual page of a rule.
pub(super) fn rule_url(rule: &str) -> Option<String> {
    let plain = rule.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/'));
    plain.then(|| format!("https://purposelint.dev/rules/{rule}"))
}

/// `purposes.yaml:12:5`, or without the column.
pub(super) fn location(sources: &SourceMap, label: &Label, column: bool) -> String {
    let path = escape::text(sources.path(label.span.file), escape::SHORT);
    let start = sources.start(label.span);
    if column { format!("{path}:{}:{}", start.line, start.column) } else { format!("{path}:{}", start.line) }
}

/// What miette renders of a card: message and snippet.
#[derive(Debug)]
struct View {
    severity: Severity,
    message: String,
    window: Option<Window>,
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for View {}

impl miette::Diagnostic for View {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.window.as_ref().map(|window| window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.window.as_ref().map(|window| Box::new(window.labels()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}
