//! `primaryLocationLineHash`, the one fingerprint that GitHub reads. Its upload action adds it to files that lack it, uploads
//! by other ways do not; and it warns where the value is not the one it finds itself, so this has to be exactly that.
//!
//! The value of a line is a polynomial in 37, modulo 2^64, over the 100 UTF-16 units from the start of the line, spaces and tabs
//! left out and every kind of line break as one line feed. A mark ends the text, and zeros follow. In hexadecimal, then how many
//! lines up to here have that value.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::source::Source;

const UNITS: usize = 100;
const BASE: u64 = 37;
const END: u16 = 0xffff;

/// The values of some lines of a file, numbered from 1; none where its text is not what stands on the disk. A lone carriage
/// return ends a line as well.
pub(super) fn of(source: &Source, wanted: &BTreeSet<usize>) -> BTreeMap<usize, String> {
    if source.invalid_utf8().is_some() { BTreeMap::new() } else { hashes(&source.text(), wanted) }
}

fn hashes(text: &str, wanted: &BTreeSet<usize>) -> BTreeMap<usize, String> {
    let (units, starts) = significant(text);
    let value = |start: &u32| {
        let here = units.iter().skip(*start as usize).copied().chain(std::iter::repeat(0)).take(UNITS);
        here.fold(0_u64, |sum, unit| sum.wrapping_mul(BASE).wrapping_add(u64::from(unit)))
    };
    let values: Vec<u64> = starts.iter().map(value).collect();
    // a file may have millions of lines, and few are asked for
    let of_wanted = wanted.iter().filter_map(|line| values.get(line.checked_sub(1)?));
    let mut seen: HashMap<u64, usize> = of_wanted.map(|value| (*value, 0)).collect();
    let mut out = BTreeMap::new();
    for (line, value) in (1..).zip(&values) {
        let Some(known) = seen.get_mut(value) else { continue };
        *known += 1;
        if wanted.contains(&line) {
            out.insert(line, format!("{value:x}:{known}"));
        }
    }
    out
}

/// The units that count, and where in them the lines begin.
fn significant(text: &str) -> (Vec<u16>, Vec<u32>) {
    const LINE_FEED: u16 = 10;
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut starts = Vec::new();
    let mut at_start = true;
    let mut after_return = false;
    for c in text.chars() {
        let is_second = after_return && c == '\n';
        after_return = c == '\r';
        if is_second || matches!(c, ' ' | '\t') {
            continue;
        }
        if at_start {
            starts.push(u32::try_from(units.len()).unwrap_or(u32::MAX));
        }
        at_start = matches!(c, '\r' | '\n');
        if at_start {
            units.push(LINE_FEED);
        } else {
            let mut pair = [0; 2];
            units.extend_from_slice(c.encode_utf16(&mut pair));
        }
    }
    if at_start {
        starts.push(u32::try_from(units.len()).unwrap_or(u32::MAX));
    }
    units.push(END);
    (units, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What GitHub's upload action computes for these texts.
    #[test]
    fn the_values_are_those_of_the_upload_action() {
        let one = "e9496ae3ebfced30:1 fb7c023a8b9ccb3f:1 ce8ba1a563dcdaca:1 e20e36e16fcb0cc8:1 b3edc88f2938467e:1 \
                   c8e28b0b4002a3a0:1 c129715d7a2bc9a3:1";
        for (text, expected) in [
            ("", "c129715d7a2bc9a3:1"),
            (" a\nb\n  \t\tc\n d", "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1"),
            (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", one),
            (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", one),
            (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", one),
            (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", one),
            (
                &"Lorem ipsum dolor sit amet.\n".repeat(10),
                "a7f2ff13bc495cf2:1 a7f2ff13bc495cf2:2 a7f2ff13bc495cf2:3 a7f2ff13bc495cf2:4 a7f2ff13bc495cf2:5 \
                 a7f2ff13bc495cf2:6 a7f2ff1481e87703:1 a9cf91f7bbf1862b:1 55ec222b86bcae53:1 cc97dc7b1d7d8f7b:1 \
                 c129715d7a2bc9a3:1",
            ),
        ] {
            let all: Vec<String> = hashes(text, &(1..100).collect()).into_values().collect();
            assert_eq!(all.join(" "), expected, "{text:?}");
        }
    }

    #[test]
    fn lines_that_are_not_asked_for_count() {
        let text = "Lorem ipsum dolor sit amet.\n".repeat(10);
        let some = hashes(&text, &[0, 3, 7, 99].into());
        assert_eq!(
            some.into_iter().collect::<Vec<_>>(),
            [(3, "a7f2ff13bc495cf2:3".to_owned()), (7, "a7f2ff1481e87703:1".to_owned()),]
        );
    }

    #[test]
    fn a_file_that_was_read_with_replacements_has_none() {
        let mut map = crate::source::SourceMap::new();
        let bad = map.add_bytes("a.yaml", b"a: \xff\n".to_vec());
        let good = map.add_bytes("b.yaml", b"a: b\n".to_vec());
        assert!(of(map.get(bad).unwrap(), &[1].into()).is_empty());
        assert_eq!(of(map.get(good).unwrap(), &[1].into()).len(), 1);
    }
}
