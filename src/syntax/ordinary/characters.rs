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
}
