//! Tags, which say of what kind a node is. One that means nothing here might change the value, so it is never passed over.

use granit_parser::Tag as Written;

use super::builder::Builder;
use super::complaint::shorten;
use super::tree::{Kind, Tag};
use crate::diagnostic::Diagnostic;

/// What a tag makes of a scalar. See `Builder::check_tag` for those that make something else of it.
pub(super) fn tag_of(tag: Option<&Written>) -> Tag {
    let Some(tag) = tag else { return Tag::Implicit };
    match tag.core_suffix() {
        Some("null") => Tag::Null,
        Some("bool") => Tag::Bool,
        Some("int") => Tag::Int,
        Some("float") => Tag::Float,
        Some(_) => Tag::Str,
        // `!!merge <<` is as good as `<<`
        None if is_merge(tag) => Tag::Implicit,
        None => Tag::Str,
    }
}

fn is_merge(tag: &Written) -> bool {
    tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() == Some("merge")
}

/// `!`: no kind in particular.
fn is_non_specific(tag: &Written) -> bool {
    matches!(tag.parts(), ("", "!") | ("!", ""))
}

impl Builder<'_> {
    /// Says of a tag that it is unknown, or that the node, which was read as `kind`, is not what it says. Such a document is not
    /// judged.
    #[cold]
    pub(super) fn check_tag(&mut self, tag: &Written, at: &granit_parser::Span, kind: Kind<'_>) {
        let shown = shorten(&tag.original());
        let span = self.span(&at.tag_span().unwrap_or(*at));
        let fits = match (tag.core_suffix(), kind) {
            (Some("str"), Kind::Str(_))
            | (Some("null"), Kind::Null)
            | (Some("bool"), Kind::Bool(_))
            | (Some("int"), Kind::Int(_) | Kind::Float(_))
            | (Some("float"), Kind::Float(_))
            | (Some("seq"), Kind::Sequence)
            | (Some("map"), Kind::Mapping) => true,
            (Some(_), _) => false,
            (None, Kind::Str("<<")) if is_merge(tag) => true,
            (None, _) if is_non_specific(tag) => true,
            (None, _) => {
                let unknown =
                    Diagnostic::new("unsupported-tag", span, format!("the tag `{shown}` has no meaning here"));
                self.report(unknown.help("remove it, and write out what it stands for"));
                self.break_document();
                return;
            }
        };
        if !fits {
            let what = match kind {
                Kind::Sequence => "a list".to_owned(),
                Kind::Mapping => "a mapping".to_owned(),
                Kind::Str("") => "an empty value".to_owned(),
                Kind::Str(text) => format!("`{}`", shorten(text)),
                _ => "this value".to_owned(),
            };
            let wrong = Diagnostic::new("unsupported-tag", span, format!("{what} is not what the tag `{shown}` says"));
            self.report(wrong.help("remove the tag, or correct the value"));
            self.break_document();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::tests::{read, slice};

    #[test]
    fn a_tag_is_understood_or_refused() {
        let sound = [
            "a: !!str off\n",
            "a: ! 12\n",
            "a: ! [x]\n",
            "a: !!seq [x]\n",
            "a: !!map {b: c}\n",
            "a: !!int 12\n",
            "a: !!int 99999999999999999999\n",
            "a: !!float 12\n",
            "a: !!bool true\n",
            "a: !!null\n",
            "a: &x {b: c}\nd:\n  !!merge <<: *x\n",
            "%TAG !y! tag:yaml.org,2002:\n---\na: !y!str 1\n",
            "a: !<tag:yaml.org,2002:str> 1\n",
        ];
        for text in sound {
            let (tree, found) = read(text);
            assert!(found.is_empty() && !tree.documents()[0].broken, "{text:?}: {found:?}");
        }
        let refused = [
            ("a: !env AI\n", "!env", "the tag `!env` has no meaning here"),
            ("a: !ref off\n", "!ref", "the tag `!ref` has no meaning here"),
            ("!purposes\na: b\n", "!purposes", "the tag `!purposes` has no meaning here"),
            ("a: !concat\n- b\n", "!concat", "the tag `!concat` has no meaning here"),
            ("!k a: b\n", "!k", "the tag `!k` has no meaning here"),
            ("a: !!binary aGk=\n", "!!binary", "the tag `!!binary` has no meaning here"),
            ("a: !!set {b}\n", "!!set", "the tag `!!set` has no meaning here"),
            ("a: !<x:y> b\n", "!<x:y>", "the tag `!<x:y>` has no meaning here"),
            ("a: !!int twelve\n", "!!int", "`twelve` is not what the tag `!!int` says"),
            ("a: !!bool off\n", "!!bool", "`off` is not what the tag `!!bool` says"),
            ("a: !!int\n", "!!int", "an empty value is not what the tag `!!int` says"),
            ("a: !!str [b]\n", "!!str", "a list is not what the tag `!!str` says"),
            ("a: !!seq {b: c}\n", "!!seq", "a mapping is not what the tag `!!seq` says"),
            ("a: !!map b\n", "!!map", "`b` is not what the tag `!!map` says"),
        ];
        for (text, place, message) in refused {
            let (tree, found) = read(text);
            let [one] = found.as_slice() else { panic!("{text:?}: {found:?}") };
            let got = (one.code, slice(text, one.primary.span), one.message.as_str());
            assert_eq!(got, ("unsupported-tag", place.to_owned(), message), "{text:?}");
            assert!(one.help.is_some() && tree.documents()[0].broken, "{text:?}");
        }
    }
}
