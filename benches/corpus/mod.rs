//! Declarations of a company that does not exist, in five sizes, with the truth about them.
//!
//! The same size gives the same bytes on every machine, and a file depends only on the seed and its number, so S is the
//! beginning of M and M that of L. What violates is known from the model the files are written from.

mod emit;
mod model;
mod random;
pub(crate) mod traps;
mod truth;
pub(crate) mod verify;
mod words;

use std::fs;
use std::io;
use std::path::Path;

pub(crate) use truth::Truth;

/// How many files, and how many purposes in each on average.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) name: &'static str,
    pub(crate) files: usize,
    pub(crate) mean: usize,
}

/// One small file, as a hook sees it.
pub(crate) const XS: Size = Size { name: "XS", files: 1, mean: 3 };
pub(crate) const S: Size = Size { name: "S", files: 100, mean: 18 };
pub(crate) const M: Size = Size { name: "M", files: 2_000, mean: 18 };
pub(crate) const L: Size = Size { name: "L", files: 20_000, mean: 18 };
/// One long file, as an editor sees it.
pub(crate) const BIG: Size = Size { name: "BIG", files: 1, mean: 1_001 };

pub(crate) const SIZES: [Size; 5] = [XS, S, M, L, BIG];

const SEED: u64 = 1;

/// What was written, and what is true of it.
#[derive(Default)]
pub(crate) struct Corpus {
    pub(crate) bytes: usize,
    pub(crate) lines: usize,
    pub(crate) purposes: usize,
    pub(crate) truth: Truth,
}

/// Goes through the files of a size, one after another.
pub(crate) fn each(size: Size, mut take: impl FnMut(&str, &str) -> io::Result<()>) -> io::Result<Corpus> {
    let mut out = Corpus::default();
    for number in 0..size.files {
        let mut file = model::file(SEED, number, size.mean);
        let (text, places) = emit::emit(&mut file);
        out.bytes += text.len();
        out.lines += text.lines().count();
        out.purposes += file.purposes.len();
        out.truth.add(&file, &places);
        take(&file.path, &text)?;
    }
    Ok(out)
}

/// What is true of a size that has been written before.
pub(crate) fn recall(size: Size) -> Corpus {
    each(size, |_, _| Ok(())).unwrap_or_default()
}

/// Another number for every change of what is written here.
pub(crate) fn version() -> u64 {
    let sources = [
        include_str!("mod.rs"),
        include_str!("emit.rs"),
        include_str!("model.rs"),
        include_str!("random.rs"),
        include_str!("traps.rs"),
        include_str!("words.rs"),
    ];
    let bytes = sources.iter().flat_map(|source| source.bytes());
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// Writes a size to a folder. The config makes the folder a workspace of its own, wherever it is.
pub(crate) fn write(size: Size, folder: &Path) -> io::Result<Corpus> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("purposelint.yaml"), "version: 1\n")?;
    each(size, |path, text| {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)
    })
}
