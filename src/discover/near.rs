//! Names that are nearly those of declarations and configs.

use std::path::Path;

use super::CONFIG;
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

/// Whether a file is called nearly as a config is: `purposelint.yml`, `.purposelint.yaml`, `Purposelint.yaml`.
pub(super) fn is_nearly_config(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let bare = name.to_string_lossy().to_lowercase();
    let bare = bare.strip_prefix('.').unwrap_or(&bare);
    name != CONFIG && (bare == CONFIG || bare == "purposelint.yml")
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

    #[test]
    fn what_is_nearly_a_config() {
        for name in ["purposelint.yml", ".purposelint.yaml", ".purposelint.yml", "Purposelint.yaml", "PURPOSELINT.YML"]
        {
            assert!(is_nearly_config(&Path::new("a").join(name)), "{name}");
        }
        for name in ["purposelint.yaml", "purposelint.json", "purposelint.yaml.bak", "my.purposelint.yaml", "a"] {
            assert!(!is_nearly_config(Path::new(name)), "{name}");
        }
    }
}
