//! What held for people over time: for a terminal, for a page, for machines.

mod human;
mod json;
mod markdown;

use std::io::{self, Write};

use super::words::formats;
use super::{Options, summary};
use crate::change::Direction;
use crate::git::Commit;
use crate::history::{Cause, Fate, Move, Turn};
use crate::lint::Skipped;
use crate::matrix::word;
use crate::resolve::State;
use crate::source::SourceMap;
use crate::space::Date;

formats! {
    /// How a history is written.
    Format {
        /// For a terminal.
        #[default]
        Human = "human",
        /// For machines.
        Json = "json",
        /// For a page: a table.
        Markdown = "markdown",
    }
}

/// The history of purposes, as it was asked for.
#[derive(Debug)]
pub struct Timeline<'a> {
    /// The purpose that was asked for, under one of its names; `None` for all.
    pub purpose: Option<&'a str>,
    /// The territory or group that was asked for; `None` for all people.
    pub region: Option<&'a str>,
    /// The one day as of which every revision was resolved; `None` where each was as of its own.
    pub as_of: Option<Date>,
    /// The last day that was looked at.
    pub until: Date,
    /// All commits that were looked at, oldest first.
    pub commits: &'a [Commit],
    /// How many of them touch declarations or what these hang on.
    pub read: usize,
    /// What changed, in the order in which it is written.
    pub turns: Vec<&'a Turn>,
    /// Commits whose declarations cannot be read, oldest first, each with the reasons.
    pub unread: &'a [(usize, Vec<Skipped>)],
    /// Whether the clone breaks off before the first commit.
    pub cut_off: bool,
    /// The commit before the first one that was looked at.
    pub base: Option<&'a Commit>,
    /// What else whoever reads it should know.
    pub notes: Vec<String>,
}

/// Writes a history.
pub fn render(
    format: Format,
    timeline: &Timeline<'_>,
    sources: &SourceMap,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => out.write_all(human::render(timeline, sources, options).as_bytes()),
        Format::Markdown => out.write_all(markdown::render(timeline, sources).as_bytes()),
        Format::Json => json::render(timeline, sources, out),
    }
}

/// Where a clone breaks off.
const CUT_OFF: &str = "this shallow clone has no earlier history, so what its first commit has may be older; `git fetch --unshallow` gets the rest";

impl<'a> Timeline<'a> {
    fn commit(&self, at: usize) -> Option<&'a Commit> {
        self.commits.get(at)
    }

    /// The turns, those of one cause on one day together.
    fn groups(&self) -> impl Iterator<Item = &[&'a Turn]> {
        self.turns.chunk_by(|a, b| (a.date, a.cause, &a.unread) == (b.date, b.cause, &b.unread))
    }

    /// The commits that cannot be read, those that follow each other for the same reasons together.
    fn gaps(&self) -> impl Iterator<Item = &'a [(usize, Vec<Skipped>)]> {
        self.unread.chunk_by(|a, b| a.1 == b.1)
    }

    /// `4 changes in 3 commits; …`
    fn total(&self) -> String {
        let Self { commits, read, .. } = self;
        let groups = self.groups().count();
        let what = match (self.turns.len(), self.purpose) {
            (0, Some(name)) => format!("the default of `{name}` did not change"),
            (0, None) => "no default changed".to_owned(),
            (turns, _) => format!("{} on {}", summary::count(turns, "change"), summary::count(groups, "occasion")),
        };
        let whose = match self.as_of {
            Some(day) => format!("all as of {day}"),
            None => "each as of its own day".to_owned(),
        };
        let looked = summary::count(commits.len(), "commit");
        let after = self.base.map(|base| format!(" after {}", base.short())).unwrap_or_default();
        let touch = match read {
            0 => "none touches".to_owned(),
            1 => "1 touches".to_owned(),
            read => format!("{read} touch"),
        };
        format!("{what}; {looked}{after}, of which {touch} what is declared, {whose}, up to {}", self.until)
    }
}

/// `1234567` and its first line, with who wrote it and when, where that was another day.
fn told(commit: &Commit) -> (String, String) {
    let day = if commit.authored == commit.committed { String::new() } else { format!(", {}", commit.authored) };
    (format!("{} {}", commit.short(), commit.subject), format!("{}{day}", commit.author))
}

/// Why a turn came, on one line.
fn cause(turn: &Turn, timeline: &Timeline<'_>) -> String {
    let of = |at: usize| timeline.commit(at).map(told).unwrap_or_default();
    match turn.cause {
        Cause::Commit(at) => {
            let (what, who) = of(at);
            format!("{what} ({who})")
        }
        Cause::Edge(at) => {
            let (what, who) = of(at);
            format!("{what} ({who}), or earlier: nothing before it can be read")
        }
        Cause::Day(at) => {
            let since = at.and_then(|at| timeline.commit(at)).or(timeline.base);
            let since = since.map(|commit| format!(", as of {}", commit.short())).unwrap_or_default();
            format!("a day that was declared before{since}")
        }
    }
}

/// Commits that may be it as well.
fn doubt(turn: &Turn, timeline: &Timeline<'_>) -> Option<String> {
    let ids: Vec<String> =
        turn.unread.iter().filter_map(|at| timeline.commit(*at)).map(|commit| commit.short().to_owned()).collect();
    match ids.as_slice() {
        [] => None,
        [one] => Some(format!("or in {one}, which cannot be read")),
        [first, .., last] => Some(format!("or in one of {} that cannot be read, {first} to {last}", ids.len())),
    }
}

/// `notes_app / model_training (was model_building), new`
fn subject(turn: &Turn) -> String {
    let Turn { service, purpose, was_called, fate, cause, .. } = turn;
    let old = was_called.as_ref().map(|old| format!(", called {old} before")).unwrap_or_default();
    let fate = match (fate, cause) {
        (Fate::Stays, _) | (_, Cause::Edge(_)) => "",
        (Fate::New, _) => ", new",
        (Fate::Gone, _) => ", gone",
        (Fate::Unread, _) => ", no longer read",
    };
    format!("{service}: {purpose}{old}{fate}")
}

fn held(state: Option<State>) -> &'static str {
    state.map_or("nothing", word)
}

/// `absent → on`, or only what holds where nobody can tell what held
fn step(of: &Move, turn: &Turn) -> String {
    match turn.cause {
        Cause::Edge(_) => held(of.after).to_owned(),
        _ => format!("{} → {}", held(of.before), held(of.after)),
    }
}

/// Why nobody can tell which way it goes, after whom it concerns.
fn why(of: &Move) -> String {
    if of.why.is_empty() { String::new() } else { format!(": {}", of.why) }
}

/// `purposes.yaml:12`
fn place(of: &Move, sources: &SourceMap) -> String {
    of.place.map(|span| format!("{}:{}", sources.path(span.file), sources.start(span).line)).unwrap_or_default()
}

/// The commits of a gap, and the reasons.
fn gap(gap: &[(usize, Vec<Skipped>)], timeline: &Timeline<'_>) -> (String, Vec<String>) {
    let mut ids = gap.iter().filter_map(|(at, _)| timeline.commit(*at));
    let (first, last) = (ids.next(), ids.next_back());
    let short = |commit: &Commit| format!("{} ({})", commit.short(), commit.committed);
    let which = match (first, last) {
        (Some(first), Some(last)) => format!("{} to {}, {} commits", short(first), short(last), gap.len()),
        (Some(one), None) => short(one),
        _ => String::new(),
    };
    let reasons = gap.first().map(|(_, reasons)| reasons.as_slice()).unwrap_or_default();
    let sentence = |reason: &Skipped| format!("{} {}", reason.what, reason.reason);
    (which, reasons.iter().map(sentence).collect())
}

fn direction(of: &Move, turn: &Turn) -> &'static str {
    match (of.direction, turn.cause) {
        (Direction::Neutral, _) | (_, Cause::Edge(_)) => "",
        (direction, _) => direction.as_str(),
    }
}
