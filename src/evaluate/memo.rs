//! What parts of rules came to, by the content of what they read: for all purposes of all services that one thread judges.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

use super::columns::Number;
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
    entries: Vec<u32>,
    /// How many rows there are at most.
    most: usize,
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

/// Rows of all memos, after which nothing more is kept until the next service: some 12 MiB with what stands in them. A memo that was
/// there before others gives its share of room to them when it is put back.
const MOST_ROWS: usize = 1 << 17;

/// Rows of one memo at least, however many there are: a large service is worth it.
const LEAST_ROWS: usize = 1 << 13;

/// Entries for each row at most. Few rows are wide.
const WIDTH: usize = 8;

impl Memo {
    /// Where the row of a content begins, which is `width` wide; `None` where there is no room for one more.
    pub(super) fn row(&mut self, content: Number, width: usize) -> Option<u32> {
        if let Some(known) = self.rows.get(&content) {
            return Some(*known);
        }
        let end = self.entries.len() + width;
        if self.rows.len() >= self.most || end > self.most * WIDTH {
            return None;
        }
        let at = u32::try_from(self.entries.len()).ok()?;
        self.entries.resize(end, 0);
        self.rows.insert(content, at);
        Some(at)
    }

    /// What was found at a place of a row.
    pub(super) fn get(&self, entry: usize) -> Option<Found> {
        let packed = *self.entries.get(entry)?;
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
    pub(super) fn put(&mut self, entry: usize, (truth, steps): Found) {
        let truth = match truth {
            Truth::True => 1,
            Truth::False => 2,
            Truth::Inapplicable => 3,
            Truth::Undetermined => 4,
        };
        let steps = u32::try_from(steps).ok().filter(|steps| *steps < 1 << 29);
        if let (Some(entry), Some(steps)) = (self.entries.get_mut(entry), steps) {
            *entry = steps << 3 | truth;
        }
    }

    /// Forgets what there is where little more has room, so that no workspace is too large.
    fn cleared(mut self) -> Self {
        if self.rows.len() > self.most / 4 * 3 || self.entries.len() > self.most / 4 * 3 * WIDTH {
            self = Self { most: self.most, ..Self::default() };
        }
        self
    }
}

/// As many memos as services were judged side by side, which share the room there is.
#[derive(Default)]
pub(super) struct Memos(Mutex<All>);

#[derive(Default)]
struct All {
    /// Those that nobody uses at the moment.
    idle: Vec<Memo>,
    /// How many there are.
    count: usize,
}

impl All {
    fn most(&self) -> usize {
        (MOST_ROWS / self.count.max(1)).max(LEAST_ROWS)
    }
}

impl Memos {
    /// One for a service, with what is known from others.
    pub(super) fn take(&self) -> Memo {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.idle.pop().unwrap_or_else(|| {
            all.count += 1;
            Memo { most: all.most(), ..Memo::default() }
        })
    }

    /// Puts one back for the next.
    pub(super) fn give(&self, memo: Memo) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let most = all.most();
        all.idle.push(Memo { most, ..memo }.cleared());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_kept_as_long_as_there_is_room() {
        let mut memo = Memo { most: 2, ..Memo::default() };
        let first = memo.row(7, 3).unwrap() as usize;
        assert_eq!(memo.get(first), None);
        let all = [Truth::True, Truth::False, Truth::Inapplicable, Truth::Undetermined];
        for (truth, steps) in all.into_iter().zip([0, 1, 1_000_000, (1 << 29) - 1]) {
            memo.put(first + 1, (truth, steps));
            assert_eq!(memo.get(first + 1), Some((truth, steps)));
        }
        assert_eq!((memo.get(first), memo.get(first + 2)), (None, None));
        // the number of steps would not fit
        memo.put(first + 2, (Truth::True, 1 << 29));
        assert_eq!(memo.get(first + 2), None);
        assert_eq!(memo.row(7, 3), Some(0));
        assert_eq!((memo.row(8, 14), memo.row(8, 13)), (None, Some(3)));
        assert_eq!((memo.row(9, 1), memo.row(7, 3)), (None, Some(0)));
    }

    #[test]
    fn memos_share_the_room_there_is() {
        let memos = Memos::default();
        let mut first = memos.take();
        assert_eq!(first.most, MOST_ROWS);
        first.row(7, 3);
        let second = memos.take();
        assert_eq!(second.most, MOST_ROWS / 2);
        memos.give(first);
        // what has room beside others is kept
        let first = memos.take();
        assert_eq!((first.most, first.rows.len()), (MOST_ROWS / 2, 1));
        let most: Vec<usize> = (0..100).map(|_| memos.take().most).collect();
        assert_eq!(most.last(), Some(&LEAST_ROWS));
        let full = Memo { rows: (0..LEAST_ROWS as u32).map(|at| (Number::from(at), at)).collect(), ..first };
        memos.give(full);
        let emptied = memos.take();
        assert_eq!((emptied.most, emptied.rows.len()), (LEAST_ROWS, 0));
        drop(second);
    }

    #[test]
    fn a_memo_is_emptied_when_three_quarters_are_taken() {
        for (rows, entries, left) in [(6, 6 * WIDTH, 6), (7, 0, 0), (1, 6 * WIDTH + 1, 0)] {
            let rows = (0..rows).map(|at| (Number::from(at), at)).collect();
            let memo = Memo { rows, entries: vec![0; entries], most: 8 };
            assert_eq!(memo.cleared().rows.len(), left, "{entries}");
        }
    }
}
