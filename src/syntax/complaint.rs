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
    let (span, message, help) = special(error.kind(), at, context)
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

    /// The tabs at or just before an offset.
    fn tabs(&self, at: usize) -> Span {
        let before = self.text.get(..at).unwrap_or_default();
        let blank = before.trim_end_matches([' ', '\t']).len();
        let rest = self.text.get(at..).unwrap_or_default();
        let end = at + rest.len() - rest.trim_start_matches(['\t', ' ']).len();
        let stretch = self.text.get(blank..end).unwrap_or_default();
        match (stretch.find('\t'), stretch.rfind('\t')) {
            (Some(first), Some(last)) => Span::new(self.file, blank + first, blank + last + 1),
            _ => self.character(at),
        }
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

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

/// Errors whose place or words depend on the text.
fn special(kind: &ErrorKind, at: usize, context: &Context<'_>) -> Option<(Span, String, String)> {
    use ErrorKind as E;
    let here = context.character(at);
    Some(match kind {
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabAtBlockScalarStart
        | E::TabInIndentation
        | E::TabInPlainScalar => {
            (context.tabs(at), "a tab where YAML takes only spaces".to_owned(), "indent with spaces".to_owned())
        }
        E::UnclosedFlowCollection { open } => {
            let close = if *open == '[' { ']' } else { '}' };
            (here, format!("this `{open}` is never closed"), format!("write `{close}` where it ends"))
        }
        E::MismatchedFlowCollectionEnd { open, close } => {
            let right = if *open == '[' { ']' } else { '}' };
            (here, format!("this `{open}` is closed by a `{close}`"), format!("close it with `{right}`"))
        }
        E::MisplacedFlowCollectionEnd => {
            let message = format!("`{}` closes nothing", context.slice(here));
            (here, message, "remove it, or put quotes around text that starts with a bracket".to_owned())
        }
        E::UnexpectedCharacter { character } => unexpected(*character, here),
        E::MappingValueNotAllowed => second_colon(here, context),
        E::SimpleKeyExpected | E::InvalidSimpleKey => {
            let line = context.rest_of_line(at);
            let help = if context.slice(line).contains(':') {
                "put a space after the colon"
            } else {
                "write `key: value`, or indent the line if it continues the one above"
            };
            (line, "a line without `key:` among keys".to_owned(), help.to_owned())
        }
        _ => return None,
    })
}

fn unexpected(character: char, here: Span) -> (Span, String, String) {
    if character.is_control() || matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}') {
        let message = format!("the character U+{:04X} may not stand in YAML", u32::from(character));
        return (here, message, "remove it, or write it as an escape in double quotes".to_owned());
    }
    let message = format!("a value cannot start with `{character}`");
    (here, message, "put quotes around the value".to_owned())
}

fn second_colon(here: Span, context: &Context<'_>) -> (Span, String, String) {
    let continued = context.last.filter(|last| last.end <= here.start && context.slice(*last).contains('\n'));
    if let Some(last) = continued {
        let lines = context.slice(last);
        let start = lines.rfind('\n').map_or(0, |at| at + 1);
        let indent = lines.len() - lines.get(start..).unwrap_or_default().trim_start().len();
        let span = Span::new(here.file, last.start as usize + indent, last.end as usize);
        let help = "give the key the same indentation as the key above";
        return (span, "a key that is indented like a continuation of the value above".to_owned(), help.to_owned());
    }
    let help = "put quotes around a value that has a colon in it, or start a new line";
    (here, "a second colon in one line".to_owned(), help.to_owned())
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
        E::ExpectedFlowMappingSeparator => ("expected `,` or `}` here", "separate entries by `,` and close with `}`"),
        E::ExpectedFlowSequenceSeparator => ("expected `,` or `]` here", "separate items by `,` and close with `]`"),
        E::InvalidColonPlacement | E::FlowMappingValueAdjacentCollection => {
            ("a colon that does not belong here", "close the bracket before it, or put quotes around the text")
        }
        E::UnclosedQuotedScalar => ("this quote is never closed", "write the closing quote"),
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
        E::UnknownQuotedScalarEscape => {
            ("an escape that YAML does not know", "write `\\\\` for a backslash, or use single quotes")
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
            ("an anchor or alias without a name", "put quotes around text that starts with `&` or `*`")
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
        | E::InvalidTagDirectiveTerminator
        | E::MissingDocumentEndBeforeDirective
        | E::ExpectedDocumentStart => {
            ("a directive that cannot stand here or is not complete", "remove the line that starts with `%`")
        }
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
