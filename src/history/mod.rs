//! What held for people over time: the states of purposes at each revision, and the days on which they changed.
//!
//! Each revision is resolved as of its own day. Between two of them a declared day may come, which changes what holds although
//! nobody touches a file: that is a turn as well.

mod follow;
mod turn;

use std::collections::BTreeMap;

use crate::change::Direction;
use crate::model::Workspace;
use crate::resolve::State;
use crate::source::{FileId, Span};
use crate::space::{Atlas, Cell, Date};

pub use follow::follow;
pub use turn::turns;

/// What a service declares at a revision.
#[derive(Clone, Copy)]
pub struct Held<'w> {
    /// The day from which it held.
    pub date: Date,
    /// The place of the revision in the history; `None` for what stood before the history that is looked at.
    pub commit: Option<usize>,
    /// What is declared of the service, with what services share.
    pub workspace: &'w Workspace,
    /// Territories and groups at this revision.
    pub atlas: &'w Atlas,
    /// Files of the revision before that are not gone although this one does not read them, each with why nobody can say so.
    pub left_out: &'w BTreeMap<FileId, String>,
    /// The revisions right before it that cannot be read, oldest first, with the day of the first.
    pub unread: Option<(Date, &'w [usize])>,
}

/// How the history that is looked at begins and ends, and whom it is about.
#[derive(Clone, Copy)]
pub struct Bounds<'a> {
    /// The revision of which nobody can tell what stood before it: there a clone breaks off.
    pub edge: Option<usize>,
    /// The last day that is looked at.
    pub until: Date,
    /// A territory or group, and the atlas that knows it; `None` for all people.
    pub region: Option<(&'a Atlas, &'a str)>,
}

/// Why something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A commit, by its place in the history.
    Commit(usize),
    /// A day that was declared before; with the commit as of which it stood there, `None` for what stood before the history.
    Day(Option<usize>),
    /// Nobody can tell: the history begins at this commit, and what it has may be older.
    Edge(usize),
}

/// What became of a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It is declared, and was not before.
    New,
    /// It goes on.
    Stays,
    /// It is declared no longer.
    Gone,
    /// What declares it is no longer read, and is not gone.
    Unread,
}

/// A change of what holds for some people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// What held; `None` where the purpose was not there for them.
    pub before: Option<State>,
    /// What holds; `None` where the purpose is not there for them.
    pub after: Option<State>,
    /// Which way it goes for them.
    pub direction: Direction,
    /// Why nobody can tell, where the declaration is no longer read; empty elsewhere.
    pub why: String,
    /// Whom it concerns: disjoint boxes.
    pub cells: Vec<Cell>,
    /// The same in words: `EEA except FR, aged 16+`.
    pub whom: String,
    /// Where what decides stands: in the later revision, or in the earlier one where there is nothing any longer.
    pub place: Option<Span>,
}

/// A day on which something changed for a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The day.
    pub date: Date,
    /// Why.
    pub cause: Cause,
    /// Revisions right before it that cannot be read: each of them may be where it happened.
    pub unread: Vec<usize>,
    /// The service.
    pub service: String,
    /// The purpose.
    pub purpose: String,
    /// What people call it: its title, else its id.
    pub title: String,
    /// The id it had, where that was another.
    pub was_called: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// What changed for whom; empty where only its name did.
    pub moves: Vec<Move>,
}
