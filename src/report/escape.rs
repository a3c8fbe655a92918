//! Text from outside, made safe to show: nothing a declaration says may steer a terminal or reorder what is read.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

/// Most characters of a message that are shown to people; a declaration may hold a title of a megabyte.
pub(super) const LONG: usize = 1_000;

/// Most characters of a remark beside a line of source.
pub(super) const SHORT: usize = 240;

/// Whether a character steers the terminal, reorders its neighbours or hides. Joiners (U+200C, U+200D) stay: words and emoji need them.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'    // marks of direction, a space of no width
            | '\u{2028}'..='\u{202e}'                            // line separators, bidi embeddings and overrides
            | '\u{2060}'..='\u{2069}'                            // word joiner, invisible operators, bidi isolates
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'               // byte order mark, interlinear annotations
            | '\u{e0000}'..='\u{e007f}') // tags: a second text nobody sees
}

/// One line of text for people: unsafe characters as `\u{1b}`, no more than `limit` characters, and no order to a CI service.
pub(super) fn text(raw: &str, limit: usize) -> Cow<'_, str> {
    defused(plain(raw, limit))
}

/// Whether all bytes are letters and marks of ASCII: stretch by stretch, which the compiler turns into few instructions.
fn are_plain(bytes: &[u8]) -> bool {
    let of_stretch = |stretch: &[u8]| stretch.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'));
    bytes.chunks(64).all(of_stretch)
}

fn plain(raw: &str, limit: usize) -> Cow<'_, str> {
    let raw = raw.trim();
    // most texts are short and plain
    if raw.len() <= limit && are_plain(raw.as_bytes()) {
        return Cow::Borrowed(raw);
    }
    let end = raw.char_indices().nth(limit).map(|(at, _)| at);
    if end.is_none() && !raw.contains(is_unsafe) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len().min(2 * limit));
    for c in raw.chars().take(limit) {
        match c {
            '\n' | '\r' | '\t' => out.extend(c.escape_default()),
            c if is_unsafe(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    if end.is_some() {
        out.push('…');
    }
    Cow::Owned(out)
}

/// Finds what CI services take for an order in any place of a line: `##[…]` GitHub and Azure, `##vso[…]` Azure, `##teamcity[…]`
/// TeamCity.
#[derive(Debug, Default)]
pub(super) struct Orders {
    hashes: usize,
    named: bool,
}

impl Orders {
    /// Whether `c`, the next character of the line, is the bracket that opens an order.
    pub(super) fn opens(&mut self, c: char) -> bool {
        let was_named = std::mem::take(&mut self.named);
        match c {
            '#' => {
                self.hashes += 1;
                self.named = self.hashes > 1;
                return false;
            }
            '[' => {
                self.hashes = 0;
                return was_named;
            }
            c => self.named = was_named && c.is_ascii_alphanumeric(),
        }
        self.hashes = 0;
        false
    }
}

/// Whether GitHub would take a line for an order; it does not mind space before.
fn is_command(line: &str) -> bool {
    line.trim_start().starts_with("::")
}

/// A line without orders to a CI service: a build log is read by the service that shows it.
pub(super) fn defused(line: Cow<'_, str>) -> Cow<'_, str> {
    let command = is_command(&line);
    if !command && !line.contains("##") {
        return line;
    }
    let mut out = String::with_capacity(line.len() + 8);
    let mut orders = Orders::default();
    let first = line.len() - line.trim_start().len();
    for (at, c) in line.char_indices() {
        if orders.opens(c) || (command && at == first) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// A text for a page of GitHub-flavoured Markdown: it shows as it is and makes no markup, link, mention or table cell.
pub(super) fn markdown(raw: &str, limit: usize) -> String {
    let raw = plain(raw, limit);
    let mut out = String::with_capacity(raw.len() + 16);
    let mut rest = raw.chars().peekable();
    // what would begin a list
    let mut leads = true;
    while let Some(c) = rest.next() {
        let led = leads;
        leads = led && c.is_ascii_digit();
        match c {
            '-' | '+' | '.' | ')' if led => out.extend(['\\', c]),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // mentions are made of what is shown, so a backslash would not keep them from being one
            '@' => out.push_str("@<!-- -->"),
            '#' if rest.peek().is_some_and(char::is_ascii_digit) => out.push_str("\\#<!-- -->"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => out.extend(['\\', c]),
            // addresses and emoji are made of dots and colons inside words
            '.' | ':' if rest.peek().is_some_and(|next| !next.is_whitespace()) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// A text for XML, in content and in attributes.
pub(super) fn xml(raw: &str, limit: usize) -> String {
    xml_lines(&text(raw, limit))
}

/// Lines that are safe to show, for XML.
pub(super) fn xml_lines(lines: &str) -> String {
    let mut out = String::with_capacity(lines.len());
    for c in lines.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // no characters of XML
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// What stands for an unsafe character in a line of source: a picture one column wide, so that labels stay under their text.
pub(super) fn picture(c: char) -> char {
    match c {
        '[' => '⟦',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '␡',
        _ => '\u{fffd}',
    }
}

/// Escapes, in JSON that is already written, what JSON itself lets through: readers get the same strings, terminals no orders.
pub(super) fn json(written: &str) -> Cow<'_, str> {
    // below U+0020 only the line breaks of pretty printing are left, and those stay
    let harmful = |c: char| c > '\u{1f}' && is_unsafe(c);
    if !written.contains(harmful) && !written.contains("##") {
        return Cow::Borrowed(written);
    }
    let mut out = String::with_capacity(written.len() + 64);
    let mut orders = Orders::default();
    for c in written.chars() {
        // outside of strings there are no hashes, so no bracket of JSON itself opens an order
        if orders.opens(c) || harmful(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Writes a document with line breaks, escaped as [`json`] has it, without holding it as a whole.
pub(super) fn write_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut escaping = Escaping { held: Vec::with_capacity(2 * HELD), out };
    serde_json::to_writer_pretty(&mut escaping, value)?;
    escaping.pass_on()?;
    out.write_all(b"\n")
}

/// How many bytes are escaped together: the writer of JSON hands over quotes and commas one by one.
const HELD: usize = 1 << 15;

/// Takes JSON and passes it on escaped. What is handed over in one piece has only whole characters: the writer of JSON cuts
/// texts at quotes and backslashes only.
struct Escaping<'w> {
    held: Vec<u8>,
    out: &'w mut dyn Write,
}

impl Escaping<'_> {
    fn pass_on(&mut self) -> io::Result<()> {
        match std::str::from_utf8(&self.held) {
            Ok(text) => self.out.write_all(json(text).as_bytes())?,
            Err(_) => self.out.write_all(&self.held)?,
        }
        self.held.clear();
        Ok(())
    }
}

impl Write for Escaping<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(piece);
        if self.held.len() >= HELD {
            self.pass_on()?;
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_to_a_terminal_become_text() {
        for (raw, shown) in [
            ("plain é 語 👩‍💻", "plain é 語 👩‍💻"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("\u{1b}]8;;http://x\u{7}", "\\u{1b}]8;;http://x\\u{7}"),
            ("a\nb\tc\u{9b}d\u{7f}", "a\\nb\\tc\\u{9b}d\\u{7f}"),
            ("abc\u{202e}fed\u{2066}x\u{2069}", "abc\\u{202e}fed\\u{2066}x\\u{2069}"),
            ("  ends are trimmed\n", "ends are trimmed"),
        ] {
            assert_eq!(text(raw, LONG), shown);
        }
    }

    #[test]
    fn orders_to_a_ci_service_become_text() {
        for (raw, shown) in [
            ("##vso[task.setvariable]x", "##vso\\u{5b}task.setvariable]x"),
            ("a ##[add-mask]b ##[c]", "a ##\\u{5b}add-mask]b ##\\u{5b}c]"),
            ("###teamcity[x", "###teamcity\\u{5b}x"),
            ("\u{a0} ::error::x", "\\u{3a}:error::x"),
            ("a::b [c] #[d] ## [e]", "a::b [c] #[d] ## [e]"),
        ] {
            assert_eq!(text(raw, LONG), shown);
        }
        assert_eq!(defused("  ::error::x".into()), "  \\u{3a}:error::x");
        assert_eq!(json("[\"##vso[x\"]"), "[\"##vso\\u005bx\"]");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(text("ääää", 4), "ääää");
        assert_eq!(text("äääää", 4), "ääää…");
        assert_eq!(text("\u{1b}bc", 2), "\\u{1b}b…");
    }

    #[test]
    fn markdown_shows_what_stands_there() {
        for (raw, shown) in [
            ("plain text, (and) more.", "plain text, (and) more."),
            ("a|b", "a\\|b"),
            ("<img src=x>&", "&lt;img src=x&gt;&amp;"),
            ("[x](http://y.z)", "\\[x\\](http\\://y\\.z)"),
            ("@team #1 `x` *y* _z_", "@<!-- -->team \\#<!-- -->1 \\`x\\` \\*y\\* \\_z\\_"),
            ("a\nb", "a\\\\nb"),
            ("- a - b", "\\- a - b"),
            ("10. a 1. b", "10\\. a 1. b"),
        ] {
            assert_eq!(markdown(raw, LONG), shown);
        }
    }

    #[test]
    fn xml_is_text_and_well_formed() {
        assert_eq!(
            xml("</text><script a=\"b\" c='d'>&\u{1b}\u{ffff}", LONG),
            "&lt;/text&gt;&lt;script a=&quot;b&quot; c=&#39;d&#39;&gt;&amp;\\u{1b}\u{fffd}"
        );
    }

    #[test]
    fn pictures_are_one_character() {
        assert_eq!(
            ['\u{1b}', '\0', '\u{7f}', '\u{85}', '\u{202e}'].map(picture),
            ['␛', '␀', '␡', '\u{fffd}', '\u{fffd}']
        );
    }

    #[test]
    fn json_means_the_same_after_escaping() {
        let raw = "\u{9b}\u{202e}\u{e0041}\u{7f}\u{1b} \u{2028}ok";
        // longer than what is escaped together
        let value = serde_json::json!({ "x": [raw], "y": vec!["é\u{202e}\"😀"; HELD / 4] });
        let written = json(&serde_json::to_string_pretty(&value).unwrap()).into_owned();
        assert!(!written.contains(|c| c != '\n' && is_unsafe(c)), "{written}");
        let back: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(back["x"][0], raw);

        let mut in_pieces = Vec::new();
        write_json(&value, &mut in_pieces).unwrap();
        assert_eq!(String::from_utf8(in_pieces).unwrap(), format!("{written}\n"));
    }
}
