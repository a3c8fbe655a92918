//! Plain data that comes with the program: vocabularies, territories, lexicons and tables.

use serde::de::DeserializeOwned;

include!(concat!(env!("OUT_DIR"), "/data.rs"));

/// Reads a file under `policies/`, `lexicons/hedges.yaml`, from what the build has made of it; `None` where there is none of this
/// name or it has another shape.
pub fn shipped<T: DeserializeOwned>(path: &str) -> Option<T> {
    let at = DATA.binary_search_by(|(known, _)| (*known).cmp(path)).ok()?;
    let (_, text) = DATA.get(at)?;
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

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
