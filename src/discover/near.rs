//! Names that are nearly those of declarations.

use std::path::Path;

use crate::suggest;

/// What a declaration is called, or ends in after a dot.
const NAME: &str = "purposes";

/// The name under which a file would be read that is called nearly so: `purpose.yaml`, `Purposes.yml`, `feed-purposes.yaml`.
pub(super) fn meant(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let (stem, ending) = name.rsplit_once('.')?;
    let ending = ["yaml", "yml"].into_iter().find(|known| ending.eq_ignore_ascii_case(known))?;
    let (start, word) = match stem.rfind(['.', '-', '_']) {
        Some(at) => stem.split_at_checked(at).map(|(start, rest)| (start, rest.get(1..).unwrap_or_default()))?,
        None => ("", stem),
    };
    suggest::slip(word, [NAME])?;
    let dot = if start.is_empty() { "" } else { "." };
    Some(format!("{start}{dot}{NAME}.{ending}")).filter(|meant| meant != name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_a_declaration() {
        for (path, expected) in [
            ("a/purpose.yaml", Some("purposes.yaml")),
            ("a/feed.purpose.yml", Some("feed.purposes.yml")),
            ("Purposes.YAML", Some("purposes.yaml")),
            ("purpsoes.yaml", Some("purposes.yaml")),
            ("prupsoes.yaml", None),
            ("purposess.yaml", Some("purposes.yaml")),
            ("feed-purposes.yaml", Some("feed.purposes.yaml")),
            ("feed_purposes.yaml", Some("feed.purposes.yaml")),
            ("purposes.yaml", None),
            ("x.purposes.yml", None),
            ("purpose.json", None),
            ("purpose", None),
            ("repurposes.yaml", None),
            ("support.yaml", None),
            (".purpose.yaml", Some("purposes.yaml")),
        ] {
            assert_eq!(meant(Path::new(path)).as_deref(), expected, "{path}");
        }
    }
}
