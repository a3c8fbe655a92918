//! Two revisions of what is declared: for whom which effective value has changed, and whether for the worse.
//!
//! Values are compared, never text: what is written in another order, in another file or through an anchor is no change.

mod gather;
mod pair;
mod scale;
mod step;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{EntityKind, Workspace};
use crate::source::{FileId, Span};
use crate::space::{Atlas, Cell, Date};

pub use gather::{compare, direction};
pub use pair::{AtomPair, Pair, PurposePair};
pub use scale::{Entry, Scale, directions, entry_of};
pub use step::{Kind, short};
pub use words::Counts;

/// One revision.
#[derive(Clone, Copy)]
pub struct Side<'w> {
    /// What is declared.
    pub workspace: &'w Workspace,
    /// Territories and groups, as the config of the revision has them.
    pub atlas: &'w Atlas,
    /// Files that are not gone although the other side does not read them, each with why nobody can say so.
    pub left_out: &'w BTreeMap<FileId, String>,
}

/// Which way a change goes for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Better for the person.
    Stronger,
    /// Neither.
    Neutral,
    /// Nobody can tell from what is declared.
    Unclear,
    /// Worse for the person.
    Weaker,
}

impl Direction {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::Stronger, Self::Neutral, Self::Unclear, Self::Weaker];

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stronger => "stronger",
            Self::Neutral => "neutral",
            Self::Unclear => "unclear",
            Self::Weaker => "weaker",
        }
    }
}

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// The service.
    pub service: String,
    /// What of it, `None` for the service as a whole.
    pub entity: Option<(EntityKind, String)>,
    /// What people call it: its title, else its id.
    pub title: String,
    /// The id it had, where that was another.
    pub was_called: Option<String>,
}

/// One thing that has changed for some people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about.
    pub about: About,
    /// The property: `state`, `retention.period`, `recipients.ads_partner`.
    pub path: String,
    /// What kind of step.
    pub kind: Kind,
    /// Which way it goes.
    pub direction: Direction,
    /// Why that way, as the end of a sentence; empty where there is nothing to explain.
    pub why: String,
    /// What held, in words; `None` for nothing.
    pub before: Option<String>,
    /// What holds, in words; `None` for nothing.
    pub after: Option<String>,
    /// Whom it concerns: disjoint boxes, against everybody whom either revision reaches.
    pub cells: Arc<[Cell]>,
    /// The same in words: `EEA except FR, aged 16+`.
    pub whom: String,
    /// The day from which it holds, where that is later than the date of the run.
    pub from: Option<Date>,
    /// Where what held stands.
    pub was: Option<Span>,
    /// Where what holds stands, or where it is missing: of several places the one that decides for most territories.
    pub is: Option<Span>,
    /// The others of these places, in the same order.
    pub also: Vec<Span>,
    /// Whether the person still decides: nothing runs for them before they say so.
    pub waits: bool,
    /// 16 hex digits: the same as long as the same changes for the same people, whatever the revisions are called.
    pub fingerprint: String,
}
