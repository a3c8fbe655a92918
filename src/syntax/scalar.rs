//! The YAML 1.2 core schema: which plain scalars are numbers, booleans or null, and which are text.

use super::tree::{Kind, Style, Tag};

/// What a scalar is. Quoted and block scalars are text unless a core tag says otherwise.
pub(super) fn resolve(text: &str, _style: Style, _tag: Tag) -> Kind<'_> {
    Kind::Str(text)
}
