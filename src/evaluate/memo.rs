//! What parts of rules came to, by the content of what they read: for all purposes of all services that one thread judges.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

use super::contents::Number;
use crate::policy::condition::Truth;

/// What a part came to, and the steps that took.
pub(super) type Found = (Truth, u64);

/// What parts came to. Those that read the same things stand side by side, in a row for each content that was met, so that one look
/// finds them all.
#[derive(Default)]
pub(super) struct Memo {
    /// Where rows begin, by content.
    rows: HashMap<Number, u32, BuildHasherDefault<ByItself>>,
    /// What was found, packed; 0 where nobody has asked.
    cells: Vec<u32>,
}

/// Cells and rows of a memo at most, after which nothing more is kept until the next service: about 10 MiB.
const MOST_CELLS: usize = 1 << 20;
const MOST_ROWS: usize = 1 << 17;

impl Memo {
    /// Where the row of a content begins, which is `width` wide; `None` where there is no room for one more.
    pub(super) fn row(&mut self, content: Number, width: usize) -> Option<u32> {
        if let Some(known) = self.rows.get(&content) {
            return Some(*known);
        }
        let end = self.cells.len() + width;
        if end > MOST_CELLS || self.rows.len() >= MOST_ROWS {
            return None;
        }
        let at = u32::try_from(self.cells.len()).ok()?;
        self.cells.resize(end, 0);
        self.rows.insert(content, at);
        Some(at)
    }

    /// What was found at a place of a row.
    pub(super) fn get(&self, cell: usize) -> Option<Found> {
        let packed = *self.cells.get(cell)?;
        let truth = match packed & 7 {
            1 => Truth::True,
            2 => Truth::False,
            3 => Truth::Inapplicable,
            4 => Truth::Undetermined,
            _ => return None,
        };
        Some((truth, u64::from(packed >> 3)))
    }

    /// Keeps what was found; what took too many steps to say how many is found again.
    pub(super) fn put(&mut self, cell: usize, (truth, steps): Found) {
        let truth = match truth {
            Truth::True => 1,
            Truth::False => 2,
            Truth::Inapplicable => 3,
            Truth::Undetermined => 4,
        };
        let steps = u32::try_from(steps).ok().filter(|steps| *steps < 1 << 29);
        if let (Some(cell), Some(steps)) = (self.cells.get_mut(cell), steps) {
            *cell = steps << 3 | truth;
        }
    }

    /// Forgets what there is where little more has room, so that no workspace is too large.
    fn cleared(mut self) -> Self {
        if self.cells.len() > MOST_CELLS / 4 * 3 || self.rows.len() > MOST_ROWS / 4 * 3 {
            self.rows.clear();
            self.cells.clear();
        }
        self
    }
}

/// The memos that nobody uses at the moment: as many as services were judged side by side.
#[derive(Default)]
pub(super) struct Memos(Mutex<Vec<Memo>>);

impl Memos {
    /// One for a service, with what is known from others.
    pub(super) fn take(&self) -> Memo {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Puts one back for the next.
    pub(super) fn give(&self, memo: Memo) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(memo.cleared());
    }
}

/// Keys are hashes already.
#[derive(Default)]
struct ByItself(u64);

impl Hasher for ByItself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.first_chunk::<8>().map_or(0, |first| u64::from_le_bytes(*first));
    }
}
