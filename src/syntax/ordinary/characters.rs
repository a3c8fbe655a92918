//! Which characters leave no doubt about where lines end and what is refused.

/// Bytes that are looked at in one go.
const STRETCH: usize = 64;

/// Whether a text has no character that the library refuses or takes for more than a character, but for tabs, which are looked
/// at where they stand. `\r` is there before `\n` only.
pub(super) fn are_ordinary(bytes: &[u8]) -> bool {
    let mut start = 0;
    for stretch in bytes.chunks(STRETCH) {
        let is_plain = |byte: &u8| (*byte >= b' ' && *byte < 0x7F) | (*byte == b'\n');
        if !stretch.iter().fold(true, |all, byte| all & is_plain(byte)) {
            let rest = bytes.get(start..).unwrap_or_default();
            if !(0..stretch.len()).all(|at| rest.get(at..).is_some_and(is_ordinary)) {
                return false;
            }
        }
        start += stretch.len();
    }
    true
}

/// Whether the first byte begins nothing odd: control characters, byte order marks, line and paragraph separators,
/// characters that are none.
fn is_ordinary(bytes: &[u8]) -> bool {
    !matches!(
        bytes,
        [0..=8 | 0x0B | 0x0C | 0x0E..=0x1F | 0x7F, ..]
            | [b'\r']
            | [b'\r', 0..=9 | 0x0B..=0xFF, ..]
            | [0xC2, 0x80..=0x9F, ..]
            | [0xE2, 0x80, 0xA8 | 0xA9, ..]
            | [0xEF, 0xBB, 0xBF, ..]
            | [0xEF, 0xBF, 0xBE | 0xBF, ..]
    )
}

/// The same byte in all places of a word.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Where the first bit is set among the highest bits of the bytes of a word, as a number of bytes.
fn first(found: u64) -> Option<usize> {
    let found = found & each(0x80);
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

/// Highest bits for the bytes that are zero. Above one there may be more that are not, so only the first counts.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(each(1)) & !word
}

/// The word of eight bytes at an offset, unless the text ends before.
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map(|bytes| u64::from_le_bytes(*bytes))
}

/// The offset of the next byte that may end a plain scalar, or the end of the text.
pub(super) fn next_mark(bytes: &[u8], from: usize, in_flow: bool) -> usize {
    let mut at = from;
    while let Some(word) = word(bytes, at) {
        let control = word.wrapping_sub(each(b' ')) & !word;
        let mut found = control | zeros(word ^ each(b':')) | zeros(word ^ each(b'#'));
        if in_flow {
            // brackets and braces differ in one bit
            let folded = word | each(0x20);
            found |= zeros(word ^ each(b',')) | zeros(folded ^ each(b'{')) | zeros(folded ^ each(b'}'));
        }
        if let Some(first) = first(found) {
            return at + first;
        }
        at += 8;
    }
    let is_mark = |byte: &u8| {
        matches!(byte, 0..b' ' | b':' | b'#') || (in_flow && matches!(byte, b',' | b'[' | b']' | b'{' | b'}'))
    };
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(is_mark).map_or(bytes.len(), |behind| at + behind)
}

/// The offset of the next byte that is no space, or the end of the text.
pub(super) fn next_word(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = word(bytes, at) {
        let odd = word ^ each(b' ');
        if odd != 0 {
            return at + odd.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(|byte| *byte != b' ').map_or(bytes.len(), |behind| at + behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_characters_are_found_wherever_they_stand() {
        let odd = ["\0", "\u{7}", "\u{1b}", "\u{7f}", "\r", "\u{85}", "\u{2028}", "\u{feff}", "\u{fffe}", "\u{ffff}"];
        let ordinary = ["", "\t", "\n", "\r\n", "~", "é", "\u{a0}", "\u{2027}", "\u{fffd}", "１", "😀"];
        for length in [0, 1, 61, 62, 63, 64, 65, 200] {
            let text = |inserted: &str| format!("{}{inserted}{}", "a".repeat(length), "b".repeat(length));
            for odd in odd {
                assert!(!are_ordinary(text(odd).as_bytes()), "{odd:?} behind {length}");
            }
            for ordinary in ordinary {
                assert!(are_ordinary(text(ordinary).as_bytes()), "{ordinary:?} behind {length}");
            }
        }
    }

    #[test]
    fn marks_and_words_are_found_wherever_they_stand() {
        for length in 0..20 {
            for byte in 0..=255 {
                let text = [&vec![b'a'; length][..], &[byte], &b"b\x80~"[..], &vec![b'c'; length], b":"].concat();
                let is_mark =
                    |in_flow: bool| byte < b' ' || b":#".contains(&byte) || (in_flow && b",[]{}".contains(&byte));
                for in_flow in [false, true] {
                    let expected = if is_mark(in_flow) { length } else { text.len() - 1 };
                    assert_eq!(next_mark(&text, 0, in_flow), expected, "{byte:#x} behind {length}");
                }
                let text = [&vec![b' '; length][..], &[byte], b"b"].concat();
                assert_eq!(next_word(&text, 0), length + usize::from(byte == b' '), "{byte:#x} behind {length}");
            }
            assert_eq!(next_word(&vec![b' '; length], 0), length);
            assert_eq!(next_mark(&vec![b'a'; length], 0, true), length);
        }
    }
}
