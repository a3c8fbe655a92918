//! The rules that a comment of a declaration ignores: `# purposelint: ignore[pack/rule]: reason`.

use super::{Completion, Known};
use crate::suppress;

/// What may be written at a byte of a text, where that is between the brackets of such a comment.
pub(super) fn rules(text: &str, byte: usize, known: &Known<'_>) -> Option<Completion> {
    let (before, behind) = text.split_at_checked(byte)?;
    let line = before.rsplit(['\n', '\r']).next()?;
    let starts = line.match_indices('#').filter(|(at, _)| {
        let before = line.get(..*at).unwrap_or_default();
        before.is_empty() || before.ends_with([' ', '\t', '\u{feff}'])
    });
    let list = starts.filter_map(|(at, _)| suppress::begun(line.get(at..)?)).next()?;
    let prefix = list.rsplit(',').next().unwrap_or_default().trim_start();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_');
    let rest = behind.find(|c: char| !is_name(c)).unwrap_or(behind.len());
    let further = behind.get(rest..)?.split(['\n', '\r', ']']).next().unwrap_or_default();
    let others = list.get(..list.len() - prefix.len()).unwrap_or_default().split(',').chain(further.split(','));
    let taken: Vec<&str> = others.map(str::trim).collect();
    // a comment names each rule by its id
    let mut offers = known.rules(false);
    offers.retain(|offer| !taken.contains(&offer.label.as_str()));
    Some(Completion { word: byte - prefix.len()..byte + rest, prefix: prefix.to_owned(), column: 0, offers })
}
