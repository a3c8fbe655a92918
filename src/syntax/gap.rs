//! What stands between two nodes: blanks, comments, indicators and properties. The parser's events skip them, the tree's
//! spans need some of them.
//!
//! All functions take an offset just behind a key or value (or a document's start) and look only at the stretch up to the
//! next value, so that reading a file stays linear.

use std::ops::Range;

/// The offset just behind the `:` that follows the key ending at `from`; `None` for a key without one (`? a`, `{a}`).
pub(super) fn behind_colon(text: &str, from: usize) -> Option<usize> {
    let at = skip_blanks(text.as_bytes(), from);
    (text.as_bytes().get(at) == Some(&b':')).then_some(at + 1)
}

/// The offset just behind the `-` or `?` of the empty item or key that is the next node behind `from`.
pub(super) fn behind_indicator(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = skip_blanks(bytes, from);
    if bytes.get(at) == Some(&b',') {
        at = skip_blanks(bytes, at + 1);
    }
    matches!(bytes.get(at), Some(b'-' | b'?')).then_some(at + 1)
}

/// The offset of the first `-` of a list whose key or dash ends at `from`.
pub(super) fn dash(text: &str, from: usize) -> Option<usize> {
    let colon = behind_colon(text, from).unwrap_or(from);
    let at = skip_properties(text.as_bytes(), colon);
    (text.as_bytes().get(at) == Some(&b'-')).then_some(at)
}

/// The offset of the `|` or `>` of the block scalar that is the next node behind `from`.
pub(super) fn block_indicator(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at = skip_properties(bytes, at);
        match bytes.get(at) {
            Some(b'|' | b'>') => return Some(at),
            Some(b'-' | b'?' | b':') => at += 1,
            _ => return None,
        }
    }
}

/// The offset of the quote that opens the next node behind `from`.
pub(super) fn quote(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at = skip_properties(bytes, at);
        match bytes.get(at) {
            Some(b'"' | b'\'') => return Some(at),
            Some(b'-' | b'?' | b':' | b',' | b'[' | b'{') => at += 1,
            _ => return None,
        }
    }
}

/// The tabs among the blanks between the start of a line and the key or dash at `at`, if nothing else stands there.
pub(super) fn tab_indent(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let start = at - blanks;
    let above = text.get(..start).unwrap_or_default().trim_start_matches('\u{feff}');
    let is_indent = above.is_empty() || above.ends_with(['\n', '\r']);
    let indent = text.get(start..at).filter(|_| is_indent)?;
    Some(start + indent.find('\t')?..start + indent.rfind('\t')? + 1)
}

/// The first character of a line between brackets that is indented no further than the block collection at `block` to which the
/// brackets belong. A line that begins with a closing bracket may stand there: no reader minds.
pub(super) fn unindented(text: &str, brackets: Range<usize>, block: usize) -> Option<Range<usize>> {
    let inside = text.get(brackets.clone())?;
    let column = column_of_entry(text, block);
    let mut from = brackets.start;
    for line in inside.split_inclusive(['\n', '\r']) {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        let begins = content.trim_start().chars().next();
        if from > brackets.start && indent <= column && begins.is_some_and(|c| !matches!(c, '#' | ']' | '}')) {
            let at = from + (line.len() - line.trim_start().len());
            return Some(at..at + begins.map_or(0, char::len_utf8));
        }
        from += line.len();
    }
    None
}

/// How many characters stand in the line before a key or dash, without its anchor and tag.
fn column_of_entry(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line = before.get(start..).unwrap_or_default().trim_start_matches('\u{feff}');
    let properties = line.char_indices().find(|(_, c)| matches!(c, '&' | '!'));
    line.get(..properties.map_or(line.len(), |(at, _)| at)).unwrap_or_default().chars().count()
}

/// Where the content of a block scalar ends that starts with the indicator at `start` and of which the parser says that it
/// ends at `end`: before the line breaks, and before lines of blanks, at its end.
pub(super) fn block_end(text: &str, start: usize, end: usize) -> usize {
    let content = text.get(start..end).unwrap_or_default();
    let header = content.find(['\n', '\r']).unwrap_or(content.len());
    let kept = content.trim_end_matches(['\n', '\r', ' ', '\t']).len();
    if kept <= header {
        let indicator = content.find([' ', '\t', '\n', '\r']).unwrap_or(content.len());
        return start + indicator;
    }
    // blanks at the end of the last line are content
    let rest = content.get(kept..).unwrap_or_default();
    start + kept + rest.find(['\n', '\r']).unwrap_or(0)
}

/// Over blanks, line breaks and comments.
fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
            Some(b'#') => at += bytes.iter().skip(at).take_while(|byte| !matches!(byte, b'\n' | b'\r')).count(),
            _ => return at,
        }
    }
}

/// Over blanks, comments, anchors and tags.
fn skip_properties(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        at = skip_blanks(bytes, at);
        match bytes.get(at) {
            Some(b'&' | b'!') => {
                at += bytes.iter().skip(at).take_while(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
            }
            _ => return at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::tests::read;
    use super::*;

    #[test]
    fn lines_between_brackets_are_indented_further_than_their_block() {
        let sound = [
            "[a,\nb\n]\n",
            "a: [b,\n c]\n",
            "a: [\n  b,\n]\nc: {\n  d: e\n}\n",
            "a: [b,\n\n# c\n d]\n",
            "- [a,\n b]\n",
            "- a: [b,\n   c]\n",
            "- &x a: [b,\n   c]\n",
            "a:\n- [b,\n c]\n",
            "\u{feff}a: [b,\r\n c]\r\n",
            "a: {b: [c,\n d],\n e: f}\n",
        ];
        for text in sound {
            let (_, found) = read(text);
            assert!(found.is_empty(), "{text:?}: {found:?}");
        }
        let wrong = [
            ("a: [b,\nc]\n", 7),
            ("a: {\nb: c}\n", 5),
            ("- a: [b,\n  c]\n", 11),
            ("a:\n- [b,\nc]\n", 9),
            ("a: [b, [\nc]]\n", 9),
            ("a: {b: [c,\n d],\ne: f}\n", 16),
            ("a: [b,\r\nc]\n", 8),
        ];
        for (text, at) in wrong {
            let (tree, found) = read(text);
            let [one] = found.as_slice() else { panic!("{text:?}: {found:?}") };
            assert_eq!((one.code, one.primary.span.start), ("syntax-error", at), "{text:?}");
            assert!(tree.documents()[0].broken);
        }
    }

    #[test]
    fn colons_are_found_behind_blanks_and_comments() {
        let cases: &[(&str, usize, Option<usize>)] = &[
            ("a:", 1, Some(2)),
            ("a  : b", 1, Some(4)),
            ("? a # x: y\n# z\n: b", 3, Some(16)),
            ("? a\n? b", 3, None),
            ("{a, b}", 2, None),
            (": b", 0, Some(1)),
            ("a", 1, None),
        ];
        for (text, from, at) in cases {
            assert_eq!(behind_colon(text, *from), *at, "{text:?}");
        }
    }

    #[test]
    fn dashes_and_indicators_are_found_behind_properties() {
        assert_eq!(dash("e:\n- x", 1), Some(3));
        assert_eq!(dash("e: &a !!seq # - no\n- x", 1), Some(19));
        assert_eq!(dash("e: [x]", 1), None);
        assert_eq!(block_indicator("f: !a|b |  # > no\n x", 1), Some(8));
        assert_eq!(block_indicator("--- >-\n x", 3), Some(4));
        assert_eq!(block_indicator("a\n- - |\n x", 1), Some(6));
        assert_eq!(block_indicator("a: b", 1), None);
    }

    #[test]
    fn tabs_count_only_as_indentation() {
        assert_eq!(tab_indent("\ta: b", 1), Some(0..1));
        assert_eq!(tab_indent("a:\n \t \t b: c", 8), Some(4..7));
        assert_eq!(tab_indent("a:\tb", 3), None);
        assert_eq!(tab_indent("a:\n  b: c", 5), None);
    }

    #[test]
    fn block_scalars_end_with_their_content() {
        let cases: &[(&str, &str)] = &[
            ("|\n  a\n  b\n\n\n", "|\n  a\n  b"),
            ("|-\n", "|-"),
            ("|+ # c\n\n\n", "|+"),
            (">\n  a  \n   \n", ">\n  a  "),
            ("|\r\n  a\r\n\r\n", "|\r\n  a"),
            ("|", "|"),
        ];
        for (text, span) in cases {
            assert_eq!(text.get(..block_end(text, 0, text.len())), Some(*span), "{text:?}");
        }
    }
}
