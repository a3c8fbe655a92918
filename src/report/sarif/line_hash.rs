//! `primaryLocationLineHash`, the one fingerprint that GitHub reads. Its upload action adds it to files that lack it, uploads
//! by other ways do not; and it warns where the value is not the one it finds itself, so this has to be exactly that.
//!
//! The value of a line is a polynomial in 37, modulo 2^64, over the 100 UTF-16 units from the start of the line, spaces and tabs
//! left out and every kind of line break as one line feed. A mark ends the text, and zeros follow. In hexadecimal, then how many
//! lines up to here have that value.

use std::collections::HashMap;

use crate::source::Source;

const UNITS: usize = 100;
const BASE: u64 = 37;
const END: u16 = 0xffff;

/// The values of all lines of a file, in order; `None` where its text is not what stands on the disk. A lone carriage return
/// ends a line as well.
pub(super) fn of(source: &Source) -> Option<Vec<String>> {
    source.invalid_utf8().is_none().then(|| hashes(source.text()))
}

fn hashes(text: &str) -> Vec<String> {
    let (units, starts) = significant(text);
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let of_line = |start: usize| {
        let here = units.iter().skip(start).copied().chain(std::iter::repeat(0)).take(UNITS);
        let value = here.fold(0_u64, |sum, unit| sum.wrapping_mul(BASE).wrapping_add(u64::from(unit)));
        let known = seen.entry(value).or_default();
        *known += 1;
        format!("{value:x}:{known}")
    };
    starts.into_iter().map(of_line).collect()
}

/// The units that count, and where in them the lines begin.
fn significant(text: &str) -> (Vec<u16>, Vec<usize>) {
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
            starts.push(units.len());
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
        starts.push(units.len());
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
            assert_eq!(hashes(text).join(" "), expected, "{text:?}");
        }
    }

    #[test]
    fn a_file_that_was_read_with_replacements_has_none() {
        let mut map = crate::source::SourceMap::new();
        let bad = map.add_bytes("a.yaml", b"a: \xff\n".to_vec());
        let good = map.add_bytes("b.yaml", b"a: b\n".to_vec());
        assert!(of(map.get(bad).unwrap()).is_none());
        assert_eq!(of(map.get(good).unwrap()).unwrap().len(), 2);
    }
}
