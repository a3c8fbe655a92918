//! Data that comes with the program: vocabularies, territories, lexicons and tables, and the compact form of what takes longer to
//! read.
//!
//! `policies/compact/` has a file for each pack and schema, made of its source. It begins with a stamp of what it was made of.
//! Where that is not what is there, `build.rs` leaves the file out, and the source itself is read. Tests write these files, and
//! hold them to the source.

use serde::de::DeserializeOwned;

use crate::cache::{Known, Names, Words};

include!(concat!(env!("OUT_DIR"), "/data.rs"));
include!(concat!(env!("OUT_DIR"), "/compact.rs"));

/// Bytes of the stamp.
const STAMP: usize = 32;

/// Reads a file under `policies/`, `lexicons/hedges.yaml`, from what the build has made of it; `None` where there is none of this
/// name or it has another shape.
pub fn shipped<T: DeserializeOwned>(path: &str) -> Option<T> {
    let at = DATA.binary_search_by(|(known, _)| (*known).cmp(path)).ok()?;
    let (_, text) = DATA.get(at)?;
    serde_json::from_str(text).ok()
}

/// Whether there is such a file.
pub fn is_shipped(path: &str) -> bool {
    DATA.binary_search_by(|(known, _)| (*known).cmp(path)).is_ok()
}

/// The compact form of something, by its name, which may point into the files of `names`; `None` where it lags behind.
pub fn compact<T: DeserializeOwned>(name: &str, names: &Names) -> Option<T> {
    let at = COMPACT.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    let (_, bytes) = COMPACT.get(at)?;
    Words { names, known: &Known::default() }.unpack(bytes.get(STAMP..)?)
}

/// Whether the compact form of something is there, and made of what is there. With `UPDATE=1`, writes it for the next build.
#[cfg(test)]
pub(crate) fn is_compact<T: serde::Serialize>(name: &str, value: &T, names: &Names) -> bool {
    let path = format!("{}/policies/compact/{name}", env!("CARGO_MANIFEST_DIR"));
    let (_, stamp) = STAMPS.iter().find(|(known, _)| *known == name).unwrap();
    let packed = Words { names, known: &Known::default() }.pack(value).unwrap();
    let bytes = [stamp.as_bytes(), &packed].concat();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &bytes).unwrap();
    }
    std::fs::read(&path).is_ok_and(|written| written == bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compact_is_made_of_what_is_there() {
        let folder = format!("{}/policies/compact", env!("CARGO_MANIFEST_DIR"));
        let names = || STAMPS.iter().map(|(name, _)| *name);
        if std::env::var_os("UPDATE").is_some() {
            let (_, form) = STAMPS.iter().find(|(name, _)| *name == "form").unwrap();
            std::fs::write(format!("{folder}/form"), form).unwrap();
        } else {
            let lagging: Vec<&str> = names().filter(|name| !COMPACT.iter().any(|(known, _)| known == name)).collect();
            assert_eq!(lagging, ["form"], "run `UPDATE=1 cargo test --lib compact`");
        }
        assert!(COMPACT.is_sorted_by_key(|(name, _)| *name));
        for entry in std::fs::read_dir(folder).unwrap() {
            let there = entry.unwrap().file_name().to_string_lossy().into_owned();
            assert!(names().any(|name| name == there), "remove {there} from policies/compact");
        }
    }

    #[test]
    fn what_the_build_made_is_what_the_files_say() {
        assert!(DATA.is_sorted_by_key(|(path, _)| *path));
        assert_eq!(DATA.iter().filter(|(path, _)| path.starts_with("vocabulary/")).count(), 4);
        for (path, text) in DATA {
            let file = std::fs::read_to_string(format!("{}/policies/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            let file: serde_json::Value = serde_yaml::from_str(&file).unwrap();
            assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap(), file, "{path}");
        }
    }
}
