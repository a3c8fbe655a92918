//! The parser's errors in words for people, at the place that is wrong, with the way out.

use granit_parser::{ErrorKind, ScanError};

use super::gap;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// What was read before the error.
pub(super) struct Context<'s> {
    pub(super) file: FileId,
    pub(super) text: &'s str,
    /// Behind the last node.
    pub(super) cursor: usize,
    /// The last scalar with text.
    pub(super) last: Option<Span>,
    /// The innermost bracket that is open.
    pub(super) bracket: Option<Span>,
    /// The limit.
    pub(super) depth: usize,
}

/// A nesting that goes too far.
pub(super) fn too_deep(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::new("nesting-too-deep", span, format!("nested more than {limit} levels deep"))
        .help("flatten it, or raise `limits.depth` in purposelint.yaml")
}

/// More of something than is read.
pub(super) fn too_many(what: &str, span: Span, limit: usize) -> Diagnostic {
    Diagnostic::new("too-many-entries", span, format!("more than {limit} {what}"))
        .at("what follows is not read")
        .help("split it, or raise `limits.entries` in purposelint.yaml")
}

/// At most the first 60 characters, without line breaks and control characters, for use in a message.
pub(super) fn shorten(text: &str) -> String {
    let mut characters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut short: String = characters.by_ref().take(60).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

/// The diagnostic for an error.
pub(super) fn of(error: &ScanError, context: &Context<'_>) -> Diagnostic {
    let at = offset(context.text, error);
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return too_deep(context.character(at), context.depth);
    }
    let (span, message, help) = special(error, at, context)
        .or_else(|| {
            let (message, help) = plain(error.kind())?;
            Some((context.character(at), message.to_owned(), help.to_owned()))
        })
        .unwrap_or_else(|| (context.character(at), lower(&error.info()), String::new()));
    let mut diagnostic = Diagnostic::new("syntax-error", span, message);
    if !help.is_empty() {
        diagnostic = diagnostic.help(help);
    }
    if let Some((place, remark)) = context.origin(error.kind()).filter(|(place, _)| *place != span) {
        diagnostic = diagnostic.label(place, remark);
    }
    diagnostic
}

/// Where the parser puts the error, on a character boundary inside the text.
fn offset(text: &str, error: &ScanError) -> usize {
    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn lower(message: &str) -> String {
    let message = message.trim_end_matches('.');
    let mut characters = message.chars();
    let first = characters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    first + characters.as_str()
}

impl Context<'_> {
    /// Whether the error is about text behind a complete document, rather than about one that has not begun.
    pub(super) fn is_behind_document(&self, error: &ScanError) -> bool {
        let gap = self.text.get(self.cursor..offset(self.text, error)).unwrap_or_default();
        matches!(error.kind(), ErrorKind::ExpectedDocumentStart) && !gap.lines().any(|line| line.starts_with('%'))
    }

    /// The character at an offset. A line break is no place to look at: the span is empty there. At the end of the text, the
    /// last character that can be seen.
    fn character(&self, at: usize) -> Span {
        let rest = self.text.get(at..).unwrap_or_default();
        let Some(c) = rest.chars().next() else {
            let seen = self.text.trim_end();
            let last = seen.chars().next_back().map_or(0, char::len_utf8);
            return Span::new(self.file, seen.len() - last, seen.len());
        };
        let length = if matches!(c, '\n' | '\r') { 0 } else { c.len_utf8() };
        Span::new(self.file, at, at + length)
    }

    /// From an offset to the end of its line, without blanks and a comment.
    fn rest_of_line(&self, at: usize) -> Span {
        let rest = self.text.get(at..).unwrap_or_default();
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        let line = line.split(" #").next().unwrap_or_default().trim_end();
        if line.is_empty() { self.character(at) } else { Span::new(self.file, at, at + line.len()) }
    }

    /// The tabs around an offset, or else the next ones.
    fn tabs(&self, at: usize) -> Span {
        let blank = |c: char| matches!(c, ' ' | '\t');
        let (before, rest) = self.text.split_at_checked(at).unwrap_or_default();
        let start = before.trim_end_matches(blank).len();
        let end = at + rest.len() - rest.trim_start_matches(blank).len();
        let around = self.text.get(start..end).unwrap_or_default();
        if let (Some(first), Some(last)) = (around.find('\t'), around.rfind('\t')) {
            return Span::new(self.file, start + first, start + last + 1);
        }
        rest.find('\t').map_or_else(|| self.character(at), |next| self.character(at + next))
    }

    /// The place before the error that brought it about.
    fn origin(&self, kind: &ErrorKind) -> Option<(Span, &'static str)> {
        use ErrorKind as E;
        match kind {
            E::InvalidQuotedScalarIndent | E::DocumentIndicatorInQuotedScalar => {
                let at = gap::quote(self.text, self.cursor)?;
                Some((self.character(at), "the quoted text begins here"))
            }
            _ => Some((self.bracket?, "still open here")),
        }
    }

    /// The first escape behind an offset that YAML 1.2 does not have (section 5.7).
    fn unknown_escape(&self, at: usize) -> Span {
        let rest = self.text.get(at..).unwrap_or_default();
        let mut characters = rest.char_indices();
        while let Some((backslash, c)) = characters.next() {
            if c != '\\' {
                continue;
            }
            let Some((next, c)) = characters.next() else { break };
            if !"0abt\tnvfre \"/\\N_LPxuU\r\n".contains(c) {
                return Span::new(self.file, at + backslash, at + next + c.len_utf8());
            }
        }
        self.character(at)
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

/// A place, a message and a help.
type Words = (Span, String, String);

fn words(span: Span, message: impl Into<String>, help: impl Into<String>) -> Words {
    (span, message.into(), help.into())
}

/// A tab that indents.
pub(super) fn tab(span: Span) -> Diagnostic {
    Diagnostic::new("syntax-error", span, TAB).help(SPACES)
}

const TAB: &str = "a tab where YAML takes only spaces";
const SPACES: &str = "indent with spaces";

/// Errors whose place or words depend on the text.
fn special(error: &ScanError, at: usize, context: &Context<'_>) -> Option<Words> {
    use ErrorKind as E;
    let here = context.character(at);
    let character = context.slice(here);
    Some(match error.kind() {
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabAtBlockScalarStart
        | E::TabInIndentation
        | E::TabInPlainScalar
        | E::InvalidBlockEntryWhitespace
        | E::InvalidMappingValueWhitespace => words(context.tabs(at), TAB, SPACES),
        E::UnclosedFlowCollection { open } => {
            words(here, format!("this `{open}` is never closed"), format!("write `{}` where it ends", closing(*open)))
        }
        E::MismatchedFlowCollectionEnd { open, close } => {
            let message = format!("this `{open}` is closed by a `{close}`");
            words(here, message, format!("close it with `{}`", closing(*open)))
        }
        E::MisplacedFlowCollectionEnd => {
            let help = "remove it, or put quotes around text that starts with a bracket";
            words(here, format!("`{character}` closes nothing"), help)
        }
        E::ExpectedFlowMappingSeparator | E::ExpectedFlowSequenceSeparator => {
            let open = context.bracket.and_then(|bracket| context.slice(bracket).chars().next());
            let close = closing(open.unwrap_or('['));
            words(here, format!("expected `,` or `{close}` here"), format!("separate by `,` and close with `{close}`"))
        }
        E::UnexpectedEof
        | E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping
        | E::UnexpectedEofBlockSequence
        | E::UnexpectedEofBlockMapping
            if !character.is_empty() && here.end as usize > at =>
        {
            words(here, format!("`{character}` cannot stand here"), "remove it, or put quotes around the text")
        }
        E::ExpectedBlockMappingKey | E::ExpectedBlockSequenceEntry if character == "*" => {
            words(here, "an alias cannot stand here", "give an alias no anchor or tag of its own")
        }
        E::InvalidQuotedScalarIndent if context.text.get(at..).is_none_or(|rest| rest.trim_start().is_empty()) => {
            let quote = gap::quote(context.text, context.cursor).map_or(here, |at| context.character(at));
            words(quote, UNCLOSED.0, UNCLOSED.1)
        }
        E::UnknownQuotedScalarEscape => {
            let help = "write `\\\\` for a backslash, or use single quotes";
            words(context.unknown_escape(at), "an escape that YAML does not know", help)
        }
        E::ExpectedDocumentStart if context.is_behind_document(error) => {
            let help = "put it inside, or start a new document with `---`";
            words(context.rest_of_line(at), "text after the end of the list, mapping or value", help)
        }
        E::UnexpectedCharacter { character } => unexpected(*character, at, context),
        E::MappingValueNotAllowed => second_colon(here, context),
        E::SimpleKeyExpected | E::InvalidSimpleKey => no_key(context.rest_of_line(at), context),
        _ => return None,
    })
}

const UNCLOSED: (&str, &str) = ("this quote is never closed", "write the closing quote");

fn closing(open: char) -> char {
    if open == '[' { ']' } else { '}' }
}

fn unexpected(character: char, at: usize, context: &Context<'_>) -> Words {
    // within plain text the parser points at its start
    let rest = context.text.get(at..).unwrap_or_default();
    let here = context.character(at + rest.find(character).unwrap_or(0));
    if character.is_control() || matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}') {
        let message = format!("the character U+{:04X} may not stand in YAML", u32::from(character));
        return words(here, message, "remove it, or write it as an escape in double quotes");
    }
    let shown = if character == '`' { "a backquote".to_owned() } else { format!("`{character}`") };
    words(here, format!("a value cannot start with {shown}"), "put quotes around the value")
}

/// `a: b: c`, or a key that counts as the continuation of the text above it.
fn second_colon(here: Span, context: &Context<'_>) -> Words {
    let continued = context.last.filter(|last| last.end <= here.start && context.slice(*last).contains('\n'));
    let Some(last) = continued else {
        let help = "put quotes around a value that has a colon in it, or start a new line";
        return words(here, "a second colon in one line", help);
    };
    let lines = context.slice(last);
    let line = lines.rfind('\n').map_or(0, |at| at + 1);
    let indent = lines.get(line..).map_or(0, |line| line.len() - line.trim_start().len());
    let before = context.text.get(..last.start as usize).unwrap_or_default();
    let first = before.get(before.rfind('\n').map_or(0, |at| at + 1)..).unwrap_or_default();
    let first = first.trim_start_matches('\u{feff}');
    if first.trim().is_empty() && first.len() == indent {
        return no_key(context.rest_of_line(last.start as usize), context);
    }
    let key = Span::new(here.file, last.start as usize + line + indent, last.end as usize);
    let message = "a key that is indented like a continuation of the value above";
    words(key, message, "give the key the same indentation as the key above")
}

fn no_key(line: Span, context: &Context<'_>) -> Words {
    let help = if context.slice(line).contains(':') {
        "put a space after the colon"
    } else {
        "write `key: value`, end it with `:` if what follows belongs to it, or indent it if it continues the line above"
    };
    words(line, "a line without `key:` among keys", help)
}

/// Errors that always mean the same, with an empty help where the message says it all.
fn plain(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    use ErrorKind as E;
    Some(match kind {
        E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping
        | E::UnexpectedEofBlockSequence
        | E::UnexpectedEofBlockMapping
        | E::UnexpectedEof => ("the text ends too early", "close what is still open"),
        E::ExpectedNodeContent => ("a value is missing here", "write the value, or `null`"),
        E::ExpectedBlockMappingKey | E::InvalidIndentation => {
            ("the indentation fits no line above", "give entries of one mapping or list the same indentation")
        }
        E::ExpectedBlockSequenceEntry => {
            ("something other than `- ` among the items of a list", "start each item with `- `, all in one column")
        }
        E::InvalidColonPlacement | E::FlowMappingValueAdjacentCollection => {
            ("a colon that does not belong here", "close the bracket before it, or put quotes around the text")
        }
        E::UnclosedQuotedScalar => UNCLOSED,
        E::InvalidQuotedScalarIndent => {
            ("quoted text that goes on without indentation", "close the quote, or indent the lines that continue it")
        }
        E::DocumentIndicatorInQuotedScalar => {
            ("a document marker inside quoted text", "close the quote, or indent the line")
        }
        E::InvalidTrailingSingleQuotedScalar => {
            ("text after the closing quote", "quote the whole value; write `''` for a quote inside")
        }
        E::InvalidTrailingDoubleQuotedScalar => {
            ("text after the closing quote", "quote the whole value; write `\\\"` for a quote inside")
        }
        E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => ("an escape that stands for no character", "write `\\\\` for a backslash"),
        E::BlockSequenceEntryNotAllowed => ("a list cannot start here", "start the list on a line of its own"),
        E::BlockEntryInFlowCollection | E::PlainScalarStartsWithDashFlowIndicator => {
            ("`-` cannot start an item inside brackets", "leave the dash out, or put quotes around the text")
        }
        E::MappingKeyNotAllowed => ("a key cannot start here", "start the mapping on a line of its own"),
        E::CommentNotSeparated => ("a `#` without a blank before it", "put a blank before the comment"),
        E::CommentInterceptedScalar => {
            ("text that goes on after a comment", "move the comment, or put quotes around the text")
        }
        E::MissingAnchorOrAliasName => {
            ("an anchor or alias without a name", "put quotes around text that starts with `&` or `*`, such as `\"*\"`")
        }
        E::DuplicateVersionDirective
        | E::UnsupportedYamlMajorVersion
        | E::DuplicateTagDirective
        | E::ExpectedTagDirectiveBang
        | E::InvalidDirectiveTerminator
        | E::MissingYamlVersionSeparator
        | E::MissingDirectiveName
        | E::InvalidDirectiveName
        | E::DirectiveByteLimitExceeded { .. }
        | E::TooManyReservedDirectiveParams { .. }
        | E::YamlVersionTooLong
        | E::MissingYamlVersion
        | E::InvalidTagDirectiveTerminator => {
            ("a directive that YAML does not know", "remove the line that starts with `%`")
        }
        E::MissingDocumentEndBeforeDirective => {
            ("a directive inside a document", "write `...` above it, or remove the line that starts with `%`")
        }
        E::ExpectedDocumentStart => (
            "a document without `---` after a directive",
            "write `---` above it, or remove the line that starts with `%`",
        ),
        E::ExpectedTagBang
        | E::InvalidGlobalTagCharacter
        | E::InvalidTagTerminator
        | E::MissingTagUri
        | E::UnclosedVerbatimTag
        | E::InvalidTagEscape
        | E::InvalidTagUtf8LeadingByte
        | E::InvalidTagUtf8TrailingByte
        | E::InvalidTagUtf8 => ("a tag that is not complete", "put quotes around text that starts with `!`"),
        E::UndeclaredTagHandle => ("a tag that no %TAG line declares", "remove the tag"),
        E::BomInsideDocument => ("a byte order mark inside the text", "remove it"),
        E::InvalidDocumentEnd => ("text after the end of the document", "start a new document with `---`"),
        E::InvalidBlockScalarHeader | E::ZeroBlockScalarIndent => {
            ("a block of text begins on the line below `|` or `>`", "move the text to the next line, indented")
        }
        E::InvalidBlockScalarIndent => {
            ("a line with less indentation than its block of text", "indent all lines of the block alike")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::tests::{read, slice};
    use super::*;

    #[test]
    fn errors_are_told_at_their_place() {
        let cases: &[(&str, &str, &str)] = &[
            ("a:\n\tb: c\n", "\t", "a tab where YAML takes only spaces"),
            ("a: b\n\tc: d\n", "\t", "a tab where YAML takes only spaces"),
            ("\ta: b\n", "\t", "a tab where YAML takes only spaces"),
            ("- \t- a\n", "\t", "a tab where YAML takes only spaces"),
            ("a: [1, 2\nb: 3\n", ":", "a colon that does not belong here"),
            ("a: [1, 2\n", "[", "this `[` is never closed"),
            ("[a, b}", "[", "this `[` is closed by a `}`"),
            ("a: }\n", "}", "`}` closes nothing"),
            ("a: {b: c\nd: e\n", ":", "expected `,` or `}` here"),
            ("a: [b: c: d]\n", ":", "expected `,` or `]` here"),
            ("[a,,b]\n", ",", "`,` cannot stand here"),
            ("a: , b\n", ",", "`,` cannot stand here"),
            ("a: \"x\nb: 3\n", "b", "quoted text that goes on without indentation"),
            ("a: 'x\n", "'", "this quote is never closed"),
            ("a: 'it's'\n", "s", "text after the closing quote"),
            ("a: \"c:\\dir\"\n", "\\d", "an escape that YAML does not know"),
            ("a: b: c\n", ":", "a second colon in one line"),
            ("a: 1\n b: 2\n", "b", "a key that is indented like a continuation of the value above"),
            ("key:value\nb: c\n", "key:value", "a line without `key:` among keys"),
            ("a: b\nother:value # c\n", "other:value", "a line without `key:` among keys"),
            ("other\na: b\n", "other", "a line without `key:` among keys"),
            ("\u{feff}other\na: b\n", "other", "a line without `key:` among keys"),
            ("\ta: b\n", "\t", "a tab where YAML takes only spaces"),
            ("\u{feff}\ta: b\n", "\t", "a tab where YAML takes only spaces"),
            ("a:\n  - x\n - y\n", "-", "the indentation fits no line above"),
            ("- a\nb: c\n", "b", "something other than `- ` among the items of a list"),
            ("a: - b\n", "-", "a list cannot start here"),
            ("a: @x\n", "@", "a value cannot start with `@`"),
            ("a: x\u{7}y\n", "\u{7}", "the character U+0007 may not stand in YAML"),
            ("a: \"\0\"\n", "\0", "the character U+0000 may not stand in YAML"),
            ("a: *\n", "*", "an anchor or alias without a name"),
            ("a: &x 1\nb: &y *x\n", "*", "an alias cannot stand here"),
            ("a: b\n%YAML 1.2\n---\n", "%", "a directive inside a document"),
            ("%YAML 1.2\na: b\n", "a", "a document without `---` after a directive"),
            ("[a] b # c\n", "b", "text after the end of the list, mapping or value"),
            ("a: |x\n  y\n", "|", "a block of text begins on the line below `|` or `>`"),
            ("a: b\n... c\n", "c", "text after the end of the document"),
        ];
        for (text, place, message) in cases {
            let (_, found) = read(text);
            let [one] = found.as_slice() else { panic!("{text:?}: {found:?}") };
            let got = (one.code, slice(text, one.primary.span), one.message.as_str());
            assert_eq!(got, ("syntax-error", (*place).to_owned(), *message), "{text:?}");
            assert!(one.help.is_some(), "{text:?} has a way out");
        }
    }

    #[test]
    fn what_is_still_open_is_labelled() {
        for (text, place) in [("a: [1, 2\nb: 3\n", 3), ("a: \"x\nb: 3\n", 3)] {
            let (_, found) = read(text);
            assert_eq!(found[0].labels[0].span.start, place, "{text:?}");
        }
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(shorten("a\nb"), "a b");
        assert_eq!(shorten(&"é".repeat(100)).chars().count(), 61);
    }
}
