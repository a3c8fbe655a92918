//! Edits to a text.

use std::collections::BTreeMap;

use crate::diagnostic::Edit;
use crate::order::Order;
use crate::source::FileId;

/// The edits of a fix by the file that they change.
pub fn by_file<'e>(edits: impl IntoIterator<Item = &'e Edit>) -> BTreeMap<FileId, Vec<&'e Edit>> {
    let mut files: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in edits {
        files.entry(edit.span.file).or_default().push(edit);
    }
    files
}

/// The text of one file with edits of it, in any order. `None` where two of them meet, or where one does not fit the text.
pub fn apply<'e>(text: &str, edits: impl IntoIterator<Item = &'e Edit>) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.into_iter().collect();
    edits.order_by_key(|edit| edit.span);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let mut last: Option<&Edit> = None;
    for edit in edits {
        if last.is_some_and(|last| meet(last, edit)) {
            return None;
        }
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        out.push_str(text.get(done..start)?);
        text.get(start..end)?;
        out.push_str(&edit.text);
        done = end;
        last = Some(edit);
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// Whether nobody could say what both of two edits together do. Two that only touch are well defined, but for two that insert at
/// one place.
pub(super) fn meet(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.span, b.span);
    a.file == b.file && ((a.start < b.end && b.start < a.end) || a.start == b.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceMap, Span};

    #[test]
    fn edits_fit_or_nothing_is_changed() {
        let file = SourceMap::new().add("a", "");
        let edit = |start, end, text: &str| Edit { span: Span::new(file, start, end), text: text.to_owned() };
        for (edits, expected) in [
            (vec![], Some("añ c")),
            (vec![edit(4, 5, "C"), edit(0, 1, "A")], Some("Añ C")),
            (vec![edit(1, 3, "n"), edit(3, 3, "!")], Some("an! c")),
            (vec![edit(5, 5, "\n")], Some("añ c\n")),
            (vec![edit(0, 3, "x"), edit(1, 3, "y")], None),
            (vec![edit(1, 1, "x"), edit(1, 1, "y")], None),
            (vec![edit(0, 2, "half a character")], None),
            (vec![edit(4, 9, "beyond the end")], None),
        ] {
            assert_eq!(apply("añ c", &edits).as_deref(), expected, "{edits:?}");
        }
    }
}
