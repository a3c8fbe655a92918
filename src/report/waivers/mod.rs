//! The waivers of a config as a list: for whoever answers for them.

mod human;
mod json;
mod markdown;

use std::io::{self, Write};

use super::words::formats;
use super::{Options, escape, summary};
use crate::config::Waiver;
use crate::source::{SourceMap, Span};
use crate::space::Date;

formats! {
    /// How a list of waivers is written.
    Format {
        /// For a terminal.
        #[default]
        Human = "human",
        /// For a page: a table.
        Markdown = "markdown",
        /// For machines.
        Json = "json",
    }
}

/// Whether a waiver does what it is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It holds.
    Holds,
    /// It holds, and nothing is flagged that it accepts.
    Unused,
    /// Its day has come.
    Expired,
    /// It names a later day than the config allows, up to this one, so it accepts nothing.
    TooLong(Date),
    /// It is for a change, or for a rule about changes: what it accepts is another run's to say.
    Change,
    /// It lacks its rule or its day, so it accepts nothing.
    Broken,
}

impl Standing {
    fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Unused => "unused",
            Self::Expired => "expired",
            Self::TooLong(_) => "too_long",
            Self::Change => "change",
            Self::Broken => "broken",
        }
    }
}

/// A waiver, and what it does today.
#[derive(Debug)]
pub struct Entry<'a> {
    /// As the config has it.
    pub waiver: &'a Waiver,
    /// Whether it does what it is there for.
    pub standing: Standing,
    /// How many findings it accepts.
    pub accepts: usize,
    /// The locked rules among those it is about: nothing of theirs is accepted.
    pub locked: Vec<String>,
}

/// The waivers of a workspace on a day.
#[derive(Debug)]
pub struct Waivers<'a> {
    /// The day.
    pub as_of: Date,
    /// Those that end first come first.
    pub entries: Vec<Entry<'a>>,
    /// Whether everything was judged: else the counts are of what was.
    pub complete: bool,
}

/// Writes a list of waivers.
pub fn render(
    format: Format,
    waivers: &Waivers<'_>,
    sources: &SourceMap,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => out.write_all(human::render(waivers, sources, options).as_bytes()),
        Format::Markdown => out.write_all(markdown::render(waivers, sources).as_bytes()),
        Format::Json => json::render(waivers, sources, out),
    }
}

const NONE: &str = "no config of this workspace has a waiver";

const INCOMPLETE: &str = "not everything could be judged, so a waiver may accept more than is counted here";

fn shown(text: &str) -> String {
    escape::text(text, escape::LONG).into_owned()
}

/// What is waived: the rule, or the change.
fn subject(entry: &Entry<'_>) -> String {
    match (&entry.waiver.rule, &entry.waiver.change) {
        (Some(rule), _) => shown(&rule.text.value),
        (None, Some(change)) => format!("change {}", shown(&change.value)),
        (None, None) => "no rule".to_owned(),
    }
}

/// `purposelint.yaml:14`
fn place(span: Span, sources: &SourceMap) -> String {
    format!("{}:{}", shown(sources.path(span.file)), sources.start(span).line)
}

/// For which services, purposes and places it is, in pairs of a word and names; nothing where it is for all.
fn bounds(entry: &Entry<'_>) -> Vec<(&'static str, String)> {
    let waiver = entry.waiver;
    let list = |texts: Vec<&str>| texts.into_iter().map(shown).collect::<Vec<_>>().join(", ");
    let globs =
        |globs: &'_ [crate::config::RuleGlob]| list(globs.iter().map(|glob| glob.text.value.as_str()).collect());
    let regions = list(waiver.regions.iter().map(|region| region.value.as_str()).collect());
    let all = [("services", globs(&waiver.services)), ("purposes", globs(&waiver.purposes)), ("regions", regions)];
    all.into_iter().filter(|(_, names)| !names.is_empty()).collect()
}

/// `until 2027-01-15, in 55 days`
fn ends(entry: &Entry<'_>, today: Date) -> Option<String> {
    let day = entry.waiver.expires.as_ref()?.value;
    let when = match today.days_until(day) {
        0 => "expired today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "expired yesterday".to_owned(),
        days if days < 0 => format!("expired {} days ago", days.unsigned_abs()),
        days => format!("in {days} days"),
    };
    Some(format!("until {day}, {when}"))
}

/// What it does today, and what is wrong with it.
fn state(entry: &Entry<'_>) -> String {
    let mut text = match entry.standing {
        Standing::Holds => format!("accepts {}", summary::count(entry.accepts, "finding")),
        Standing::Unused => "unused: nothing is flagged that it accepts; remove or correct it".to_owned(),
        Standing::Expired => "expired: accepts nothing; remove it, or have it approved anew".to_owned(),
        Standing::TooLong(last) => format!("too long: accepts nothing; choose a day up to {last}"),
        Standing::Change => "for changes: `purposelint diff` says what it accepts".to_owned(),
        Standing::Broken => "accepts nothing: the rule or the day is missing".to_owned(),
    };
    if !entry.locked.is_empty() {
        text.push_str(&format!("; locked, so not accepted: {}", shown(&entry.locked.join(", "))));
    }
    text
}

/// `4 waivers; 2 findings accepted; 1 unused, 1 expired`
fn total(waivers: &Waivers<'_>) -> String {
    let accepted: usize = waivers.entries.iter().map(|entry| entry.accepts).sum();
    let mut text = format!(
        "{}; {} accepted",
        summary::count(waivers.entries.len(), "waiver"),
        summary::count(accepted, "finding")
    );
    let of = |is: fn(&Entry<'_>) -> bool| waivers.entries.iter().filter(|entry| is(entry)).count();
    let counts = [
        (of(|entry| entry.standing == Standing::Unused), "unused"),
        (of(|entry| entry.standing == Standing::Expired), "expired"),
        (of(|entry| matches!(entry.standing, Standing::TooLong(_))), "too long"),
        (of(|entry| !entry.locked.is_empty()), "of locked rules"),
    ];
    let wrong: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let changes = of(|entry| entry.standing == Standing::Change);
    if changes > 0 {
        text.push_str(&format!("; {changes} for changes"));
    }
    if !wrong.is_empty() {
        text.push_str(&format!("; {}", wrong.join(", ")));
    }
    text
}
