//! A history for machines.

use std::io::{self, Write};

use serde::Serialize;

use super::{Timeline, held};
use crate::change::Direction;
use crate::git::Commit;
use crate::history::{Cause, Fate, Move, Turn};
use crate::report::escape;
use crate::source::SourceMap;

#[derive(Serialize)]
struct Whole<'a> {
    version: u8,
    purpose: Option<&'a str>,
    region: Option<&'a str>,
    as_of: Option<String>,
    until: String,
    /// Whether every commit could be read, and the history has its beginning.
    complete: bool,
    cut_off: bool,
    base: Option<At<'a>>,
    commits: usize,
    commits_read: usize,
    turns: Vec<Item<'a>>,
    unread: Vec<Gap<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct At<'a> {
    id: &'a str,
    committed: &'a str,
    authored: &'a str,
    author: &'a str,
    subject: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    date: String,
    /// `commit`, `declared_day`, or `edge` where the clone begins.
    cause: &'static str,
    commit: Option<At<'a>>,
    /// Commits that may be it as well.
    or_one_of: Vec<&'a str>,
    service: &'a str,
    purpose: &'a str,
    title: &'a str,
    was_called: Option<&'a str>,
    /// `new`, `stays`, `gone`, or `unread` where what declares it is no longer read and is not gone.
    fate: &'static str,
    moves: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    before: Option<&'static str>,
    after: Option<&'static str>,
    direction: &'static str,
    /// Why nobody can tell; empty where that is known.
    why: &'a str,
    whom: &'a str,
    cells: Vec<Cell<'a>>,
    file: Option<&'a str>,
    line: Option<usize>,
}

#[derive(Serialize)]
struct Cell<'a> {
    regions: &'a str,
    territories: &'a [String],
    ages: &'a [u8],
    plans: &'a [String],
}

#[derive(Serialize)]
struct Gap<'a> {
    commit: Option<At<'a>>,
    reasons: Vec<Reason<'a>>,
}

#[derive(Serialize)]
struct Reason<'a> {
    what: &'a str,
    reason: &'a str,
}

pub(super) fn render(timeline: &Timeline<'_>, sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    let whole = Whole {
        version: 1,
        purpose: timeline.purpose,
        region: timeline.region,
        as_of: timeline.as_of.map(|day| day.to_string()),
        until: timeline.until.to_string(),
        complete: timeline.unread.is_empty() && !timeline.cut_off,
        cut_off: timeline.cut_off,
        base: timeline.base.map(commit),
        commits: timeline.commits.len(),
        commits_read: timeline.read,
        turns: timeline.turns.iter().map(|turn| item(turn, timeline, sources)).collect(),
        unread: timeline
            .unread
            .iter()
            .map(|(at, reasons)| Gap {
                commit: timeline.commit(*at).map(commit),
                reasons: reasons.iter().map(|of| Reason { what: &of.what, reason: &of.reason }).collect(),
            })
            .collect(),
        notes: &timeline.notes,
    };
    escape::write_json(&whole, out)
}

fn commit(commit: &Commit) -> At<'_> {
    let Commit { id, authored, committed, author, subject } = commit;
    At { id, committed, authored, author, subject }
}

fn item<'a>(turn: &'a Turn, timeline: &Timeline<'a>, sources: &'a SourceMap) -> Item<'a> {
    let (cause, at) = match turn.cause {
        Cause::Commit(at) => ("commit", timeline.commit(at)),
        Cause::Day(at) => ("declared_day", at.and_then(|at| timeline.commit(at)).or(timeline.base)),
        Cause::Edge(at) => ("edge", timeline.commit(at)),
    };
    Item {
        date: turn.date.to_string(),
        cause,
        commit: at.map(commit),
        or_one_of: turn.unread.iter().filter_map(|at| timeline.commit(*at)).map(|commit| commit.id.as_str()).collect(),
        service: &turn.service,
        purpose: &turn.purpose,
        title: &turn.title,
        was_called: turn.was_called.as_deref(),
        fate: match turn.fate {
            Fate::New => "new",
            Fate::Stays => "stays",
            Fate::Gone => "gone",
            Fate::Unread => "unread",
        },
        moves: turn.moves.iter().map(|of| step(of, turn, sources)).collect(),
    }
}

fn step<'a>(of: &'a Move, turn: &Turn, sources: &'a SourceMap) -> Step<'a> {
    Step {
        before: of.before.map(|state| held(Some(state))),
        after: of.after.map(|state| held(Some(state))),
        direction: match turn.cause {
            // nobody can tell what held before
            Cause::Edge(_) => Direction::Unclear.as_str(),
            _ => of.direction.as_str(),
        },
        why: &of.why,
        whom: &of.whom,
        cells: of
            .cells
            .iter()
            .map(|cell| Cell {
                regions: &cell.regions,
                territories: &cell.territories,
                ages: &cell.ages,
                plans: &cell.plans,
            })
            .collect(),
        file: of.place.map(|span| sources.path(span.file)),
        line: of.place.map(|span| sources.start(span).line),
    }
}
