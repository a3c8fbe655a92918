//! The YAML 1.2 core schema: which plain scalars are numbers, booleans or null, and which are text.
//!
//! YAML 1.2.2, section 10.3.2. `yes`, `no`, `on`, `off` and `NO` are text, as are `1_000` and dates.

use super::tree::{Kind, Style, Tag};

/// What a scalar is. Quoted and block scalars are text unless a core tag says otherwise; a core tag that the text does
/// not fit leaves it text.
pub(super) fn resolve(text: &str, style: Style, tag: Tag) -> Kind<'_> {
    let typed = match tag {
        Tag::Implicit if style == Style::Plain => plain(text),
        Tag::Implicit | Tag::Str => None,
        Tag::Null => null(text),
        Tag::Bool => boolean(text),
        Tag::Int => integer(text),
        Tag::Float => float(text),
    };
    typed.unwrap_or(Kind::Str(text))
}

/// The first byte rules out most words at once: this runs for every value a rule looks at.
fn plain(text: &str) -> Option<Kind<'_>> {
    match text.as_bytes().first() {
        None | Some(b'~' | b'n' | b'N') => null(text),
        Some(b't' | b'T' | b'f' | b'F') => boolean(text),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => integer(text).or_else(|| float(text)),
        Some(_) => None,
    }
}

fn null(text: &str) -> Option<Kind<'_>> {
    matches!(text, "" | "~" | "null" | "Null" | "NULL").then_some(Kind::Null)
}

fn boolean(text: &str) -> Option<Kind<'_>> {
    match text {
        "true" | "True" | "TRUE" => Some(Kind::Bool(true)),
        "false" | "False" | "FALSE" => Some(Kind::Bool(false)),
        _ => None,
    }
}

/// `[-+]?[0-9]+`, `0o[0-7]+` and `0x[0-9a-fA-F]+`; what `i64` cannot hold is a float.
fn integer(text: &str) -> Option<Kind<'_>> {
    let (digits, radix) = match (text.strip_prefix("0o"), text.strip_prefix("0x")) {
        (Some(octal), _) => (octal, 8),
        (_, Some(hex)) => (hex, 16),
        _ => (unsigned(text), 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let number = if radix == 10 { text.parse() } else { i64::from_str_radix(digits, radix) };
    Some(number.map_or_else(|_| Kind::Float(approximate(text, digits, radix)), Kind::Int))
}

fn approximate(text: &str, digits: &str, radix: u32) -> f64 {
    match radix {
        10 => text.parse().unwrap_or(f64::NAN),
        _ => digits
            .chars()
            .filter_map(|c| c.to_digit(radix))
            .fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit)),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, `[-+]?\.inf` and `\.nan` in three spellings each.
fn float(text: &str) -> Option<Kind<'_>> {
    let number = unsigned(text);
    match number {
        ".inf" | ".Inf" | ".INF" if text.starts_with('-') => return Some(Kind::Float(f64::NEG_INFINITY)),
        ".inf" | ".Inf" | ".INF" => return Some(Kind::Float(f64::INFINITY)),
        ".nan" | ".NaN" | ".NAN" if number.len() == text.len() => return Some(Kind::Float(f64::NAN)),
        _ => {}
    }
    // Rust reads `inf` and `nan` as numbers, YAML does not: only digits, one dot and an exponent get through.
    let digit = |c: char| c.is_ascii_digit();
    let (mantissa, exponent) = number.split_once(['e', 'E']).map_or((number, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let sound = whole.chars().all(digit)
        && fraction.chars().all(digit)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| !unsigned(e).is_empty() && unsigned(e).chars().all(digit));
    if !sound {
        return None;
    }
    text.parse().ok().map(Kind::Float)
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        let (inf, huge) = (f64::INFINITY, 9_223_372_036_854_775_808.0);
        let cases: &[(&str, Kind<'_>)] = &[
            ("", Kind::Null),
            ("~", Kind::Null),
            ("null", Kind::Null),
            ("Null", Kind::Null),
            ("NULL", Kind::Null),
            ("nULL", Kind::Str("nULL")),
            ("true", Kind::Bool(true)),
            ("True", Kind::Bool(true)),
            ("FALSE", Kind::Bool(false)),
            ("tRUE", Kind::Str("tRUE")),
            ("NO", Kind::Str("NO")),
            ("no", Kind::Str("no")),
            ("on", Kind::Str("on")),
            ("Off", Kind::Str("Off")),
            ("y", Kind::Str("y")),
            ("0", Kind::Int(0)),
            ("-0", Kind::Int(0)),
            ("+12", Kind::Int(12)),
            ("-12", Kind::Int(-12)),
            ("014", Kind::Int(14)),
            ("0o14", Kind::Int(12)),
            ("0x1F", Kind::Int(31)),
            ("-0x1F", Kind::Str("-0x1F")),
            ("0o", Kind::Str("0o")),
            ("0o8", Kind::Str("0o8")),
            ("0b1", Kind::Str("0b1")),
            ("1_000", Kind::Str("1_000")),
            ("9223372036854775807", Kind::Int(i64::MAX)),
            ("9223372036854775808", Kind::Float(huge)),
            ("-9223372036854775808", Kind::Int(i64::MIN)),
            ("0x8000000000000000", Kind::Float(huge)),
            ("1.", Kind::Float(1.0)),
            (".5", Kind::Float(0.5)),
            ("-.5", Kind::Float(-0.5)),
            ("+1.5e-3", Kind::Float(0.0015)),
            ("1e3", Kind::Float(1000.0)),
            ("1e", Kind::Str("1e")),
            ("e3", Kind::Str("e3")),
            (".e3", Kind::Str(".e3")),
            (".", Kind::Str(".")),
            ("+", Kind::Str("+")),
            ("-", Kind::Str("-")),
            ("--1", Kind::Str("--1")),
            (".inf", Kind::Float(inf)),
            ("+.Inf", Kind::Float(inf)),
            ("-.INF", Kind::Float(-inf)),
            ("inf", Kind::Str("inf")),
            ("nan", Kind::Str("nan")),
            ("-.nan", Kind::Str("-.nan")),
            ("+inf", Kind::Str("+inf")),
            ("1.2.3", Kind::Str("1.2.3")),
            ("12:30:45", Kind::Str("12:30:45")),
            ("2026-01-01", Kind::Str("2026-01-01")),
            ("１２", Kind::Str("１２")),
        ];
        for (text, kind) in cases {
            assert_eq!(resolve(text, Style::Plain, Tag::Implicit), *kind, "{text:?}");
        }
        assert!(matches!(resolve(".NaN", Style::Plain, Tag::Implicit), Kind::Float(f) if f.is_nan()));
    }

    #[test]
    fn quotes_and_tags_decide_before_the_text() {
        let cases: &[(&str, Style, Tag, Kind<'_>)] = &[
            ("12", Style::DoubleQuoted, Tag::Implicit, Kind::Str("12")),
            ("true", Style::SingleQuoted, Tag::Implicit, Kind::Str("true")),
            ("12", Style::Literal, Tag::Implicit, Kind::Str("12")),
            ("", Style::DoubleQuoted, Tag::Implicit, Kind::Str("")),
            ("12", Style::Plain, Tag::Str, Kind::Str("12")),
            ("", Style::Plain, Tag::Str, Kind::Str("")),
            ("12", Style::DoubleQuoted, Tag::Int, Kind::Int(12)),
            ("12", Style::Plain, Tag::Float, Kind::Float(12.0)),
            ("twelve", Style::Plain, Tag::Int, Kind::Str("twelve")),
            ("true", Style::Folded, Tag::Bool, Kind::Bool(true)),
            ("1", Style::Plain, Tag::Bool, Kind::Str("1")),
            ("", Style::DoubleQuoted, Tag::Null, Kind::Null),
        ];
        for (text, style, tag, kind) in cases {
            assert_eq!(resolve(text, *style, *tag), *kind, "{text:?} {style:?} {tag:?}");
        }
    }
}
