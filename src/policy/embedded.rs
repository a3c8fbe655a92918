//! The rule files that come with the program, packed: hardly any run reads their texts.

use std::io::Read;
use std::sync::OnceLock;

use flate2::read::DeflateDecoder;

include!(concat!(env!("OUT_DIR"), "/policies.rs"));

/// Where the text of a file stands among all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    start: usize,
    size: usize,
    /// Bytes of it that a run reads.
    judged: usize,
}

impl Place {
    /// Bytes of what a run reads, and what stands for the text elsewhere.
    pub(super) fn judged(self) -> (usize, usize) {
        (self.start, self.judged)
    }

    /// The whole text.
    pub(super) fn text(self) -> &'static str {
        text(self.start, self.size)
    }
}

/// What the `pack.yaml` of a pack says.
pub(super) struct Head {
    pub(super) title: &'static str,
    pub(super) version: &'static str,
    pub(super) territories: &'static [&'static str],
}

/// What a pack says of itself.
pub(super) fn head(pack: &str) -> Option<&'static Head> {
    HEADS.iter().find(|(known, _)| *known == pack).map(|(_, head)| head)
}

/// All files, by their paths.
pub(super) fn files() -> &'static [(&'static str, Place)] {
    FILES
}

/// Texts of all files, from a byte on.
pub(super) fn text(start: usize, size: usize) -> &'static str {
    static TEXTS: OnceLock<String> = OnceLock::new();
    let texts = TEXTS.get_or_init(|| {
        let mut texts = String::new();
        let packed = include_bytes!(concat!(env!("OUT_DIR"), "/policies.deflate"));
        // a test reads all of them
        let _sound = DeflateDecoder::new(packed.as_slice()).read_to_string(&mut texts);
        texts
    });
    texts.get(start..start + size).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_those_of_the_files() {
        assert!(FILES.len() > 200);
        for (path, place) in FILES {
            let file = std::fs::read_to_string(format!("{}/policies/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            assert_eq!(place.text(), file, "{path}");
            let (start, judged) = place.judged();
            assert!(file.starts_with(text(start, judged)), "{path}");
        }
    }
}
