//! Values under keys, as one file.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use super::{BUILD, Key};

const MAGIC: &[u8; 16] = b"purposelint\0cach";

/// The version of the form of the file.
const FORM: u32 = 1;

/// Bytes in front of the entries: magic, form, build, owner, their length and hash.
const HEAD: usize = 16 + 4 + 16 + 16 + 8 + 16;

/// Bytes of an entry in the list in front of the values: key, start and length.
const ENTRY: usize = 16 + 8 + 8;

/// How much that no run has asked for may stay, beside as much as was asked for: another branch may ask again.
const SPARE: usize = 4 << 20;

/// What was kept, and what is new. May be asked by several threads.
#[derive(Debug, Default)]
pub struct Shelf {
    bytes: Vec<u8>,
    /// In the order of their keys.
    known: Vec<Entry>,
    new: Mutex<BTreeMap<Key, Vec<u8>>>,
}

#[derive(Debug)]
struct Entry {
    key: Key,
    start: usize,
    end: usize,
    /// Whether somebody has asked for it.
    used: AtomicBool,
}

impl Shelf {
    /// Takes the bytes of a file that was written by this build for this owner; `None` for anything else.
    pub fn open(bytes: Vec<u8>, owner: Key) -> Option<Self> {
        let (head, body) = bytes.split_at_checked(HEAD)?;
        if head != header(owner, body).as_slice() {
            return None;
        }
        let (count, rest) = body.split_first_chunk()?;
        let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
        let (list, values) = rest.split_at_checked(count.checked_mul(ENTRY)?)?;
        let first = bytes.len() - values.len();
        let mut known: Vec<Entry> = Vec::with_capacity(count);
        for entry in list.chunks_exact(ENTRY) {
            let (key, place) = entry.split_first_chunk()?;
            let (start, length) = place.split_first_chunk()?;
            let start = first.checked_add(usize::try_from(u64::from_le_bytes(*start)).ok()?)?;
            let length = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
            let end = start.checked_add(length).filter(|end| *end <= bytes.len())?;
            let key = Key(u128::from_le_bytes(*key));
            if known.last().is_some_and(|last| last.key >= key) {
                return None;
            }
            known.push(Entry { key, start, end, used: AtomicBool::new(false) });
        }
        Some(Self { bytes, known, new: Mutex::default() })
    }

    /// The value of a key.
    pub fn get(&self, key: Key) -> Option<&[u8]> {
        let at = self.known.binary_search_by_key(&key, |entry| entry.key).ok()?;
        let entry = self.known.get(at)?;
        entry.used.store(true, Relaxed);
        self.bytes.get(entry.start..entry.end)
    }

    /// Whether a value was there for somebody who asked.
    pub fn was_asked(&self) -> bool {
        self.known.iter().any(|entry| entry.used.load(Relaxed))
    }

    /// Puts a value in the place of whatever is there.
    pub fn put(&self, key: Key, value: Vec<u8>) {
        self.new.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value);
    }

    /// The bytes of a file with all of it, for an owner; `None` where nothing is new.
    pub fn close(&self, owner: Key) -> Option<Vec<u8>> {
        let new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        if new.is_empty() {
            return None;
        }
        let old = |used: bool| {
            let entries = self.known.iter().filter(move |entry| entry.used.load(Relaxed) == used);
            entries.filter(|entry| !new.contains_key(&entry.key))
        };
        let length = |entry: &Entry| entry.end - entry.start;
        let asked: usize = old(true).map(length).chain(new.values().map(Vec::len)).sum();
        let spare: usize = old(false).map(length).sum();
        let mut all: BTreeMap<Key, &[u8]> = new.iter().map(|(key, value)| (*key, value.as_slice())).collect();
        let stays = old(true).chain(old(false).take(if spare <= asked + SPARE { usize::MAX } else { 0 }));
        all.extend(stays.filter_map(|entry| Some((entry.key, self.bytes.get(entry.start..entry.end)?))));

        let mut body = Vec::with_capacity(8 + all.len() * ENTRY + asked + spare);
        body.extend((all.len() as u64).to_le_bytes());
        let mut start = 0_u64;
        for (key, value) in &all {
            body.extend(key.bytes());
            body.extend(start.to_le_bytes());
            body.extend((value.len() as u64).to_le_bytes());
            start += value.len() as u64;
        }
        all.values().for_each(|value| body.extend_from_slice(value));
        Some([header(owner, &body), body].concat())
    }
}

/// What stands in front of the entries.
fn header(owner: Key, body: &[u8]) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend(FORM.to_le_bytes());
    head.extend(Key::of([BUILD]).bytes());
    head.extend(owner.bytes());
    head.extend((body.len() as u64).to_le_bytes());
    head.extend(xxhash_rust::xxh3::xxh3_128(body).to_le_bytes());
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::of([name])
    }

    fn shelf(values: &[(&str, &str)]) -> Vec<u8> {
        let shelf = Shelf::default();
        for (name, value) in values {
            shelf.put(key(name), value.as_bytes().to_vec());
        }
        shelf.close(key("us")).unwrap()
    }

    fn all(bytes: Vec<u8>) -> Vec<String> {
        let shelf = Shelf::open(bytes, key("us")).unwrap();
        let values = shelf.known.iter().map(|entry| shelf.get(entry.key).unwrap().to_vec());
        let mut values: Vec<String> = values.map(|value| String::from_utf8(value).unwrap()).collect();
        values.sort();
        values
    }

    #[test]
    fn what_is_put_is_there_the_next_time() {
        let bytes = shelf(&[("a", "1"), ("b", ""), ("c", "333")]);
        assert_eq!(all(bytes.clone()), ["", "1", "333"]);
        let again = Shelf::open(bytes, key("us")).unwrap();
        assert_eq!(again.get(key("d")), None);
        assert!(!again.was_asked(), "for nothing that is there");
        assert_eq!(again.get(key("c")), Some(&b"333"[..]));
        assert!(again.was_asked());
        assert!(again.close(key("us")).is_none(), "nothing is new");
        again.put(key("a"), b"one".to_vec());
        assert_eq!(all(again.close(key("us")).unwrap()), ["", "333", "one"]);
    }

    #[test]
    fn what_nobody_asks_for_goes_once_it_is_more_than_the_rest() {
        let much = "x".repeat(SPARE + 10);
        let mut bytes = shelf(&[("a", "1"), ("b", &much)]);
        for (asks, left) in [(true, 3), (false, 2)] {
            let shelf = Shelf::open(bytes, key("us")).unwrap();
            shelf.get(key("a"));
            if asks {
                shelf.get(key("b"));
            }
            shelf.put(key("c"), if asks { b"3".to_vec() } else { b"4".to_vec() });
            bytes = shelf.close(key("us")).unwrap();
            assert_eq!(all(bytes.clone()).len(), left);
        }
    }

    #[test]
    fn what_was_not_written_by_us_for_us_is_nothing() {
        let bytes = shelf(&[("a", "1"), ("b", "22")]);
        assert!(Shelf::open(bytes.clone(), key("them")).is_none());
        for at in 0..bytes.len() {
            assert!(Shelf::open(bytes[..at].to_vec(), key("us")).is_none(), "{at}");
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                assert!(Shelf::open(flipped, key("us")).is_none(), "{at} {bit}");
            }
        }
        assert!(Shelf::open([bytes.clone(), vec![0]].concat(), key("us")).is_none());
        // with a hash that fits: somebody has made it up
        let forged = |body: &[u8]| Shelf::open([header(key("us"), body), body.to_vec()].concat(), key("us"));
        assert!(forged(&[0; 8]).is_some());
        let many = u64::MAX.to_le_bytes();
        assert!(forged(&many).is_none());
        let entry = |start: u64, length: u64| {
            [&1_u64.to_le_bytes()[..], &[7; 16], &start.to_le_bytes(), &length.to_le_bytes(), b"value"].concat()
        };
        assert!(forged(&entry(0, 5)).is_some());
        for (start, length) in [(0, 6), (5, 1), (u64::MAX, 1), (1, u64::MAX)] {
            assert!(forged(&entry(start, length)).is_none(), "{start} {length}");
        }
    }
}
