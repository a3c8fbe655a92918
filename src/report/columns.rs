//! How wide text is on a terminal, and breaking it to lines.

use super::escape::defused;

/// Columns of a character: 0 for combining marks, 2 for wide ones. The blocks are those of Unicode's East Asian Width, kept coarse:
/// the figure decides where lines break, never where a label points.
pub(super) fn of_char(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f
        | 0x0483..=0x0489
        | 0x0591..=0x05bd
        | 0x0610..=0x061a
        | 0x064b..=0x065f
        | 0x1ab0..=0x1aff
        | 0x1dc0..=0x1dff
        | 0x200b..=0x200f
        | 0x20d0..=0x20ff
        | 0xfe00..=0xfe0f
        | 0xfe20..=0xfe2f
        | 0xe0100..=0xe01ef => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1f9ff
        | 0x1fa70..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Columns of a text without control characters.
pub(super) fn of(text: &str) -> usize {
    text.chars().map(of_char).sum()
}

/// Breaks a text at spaces to lines of at most `first` columns, then `rest`. A word that fits on no line is broken where it must be.
/// No line is an order to a CI service, though a break may stand before what would be one.
pub(super) fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let rest = rest.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let (mut used, mut room) = (0, first.max(1));
    for word in text.split(' ') {
        let width = of(word);
        let gap = usize::from(!line.is_empty());
        if used + gap + width <= room {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
            used += gap + width;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            (used, room) = (0, rest);
        }
        for c in word.chars() {
            let width = of_char(c);
            if used + width > room && used > 0 {
                lines.push(std::mem::take(&mut line));
                (used, room) = (0, rest);
            }
            line.push(c);
            used += width;
        }
    }
    lines.push(line);
    lines.into_iter().map(|line| defused(line.into()).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_breaks_at_spaces_and_only_if_it_must_in_words() {
        assert_eq!(wrap("one two three", 7, 5), ["one two", "three"]);
        assert_eq!(wrap("one-two-three", 7, 5), ["one-two", "-thre", "e"]);
        assert_eq!(wrap("a 語語語", 4, 4), ["a", "語語", "語"]);
        assert_eq!(wrap("", 4, 4), [""]);
        assert_eq!(wrap("語", 1, 1), ["語"]);
    }

    #[test]
    fn no_line_begins_with_an_order() {
        assert_eq!(wrap("one ::error::two", 4, 12), ["one", "\\u{3a}:error::two"]);
        assert_eq!(wrap("aaaa::error::b", 4, 20), ["aaaa", "\\u{3a}:error::b"]);
    }
}
