//! Declarations of a company that does not exist, in five sizes, with the truth about them.
//!
//! The same size gives the same bytes on every machine, and a file depends only on the seed and its number, so S is the
//! beginning of M and M that of L. What violates is known from the model the files are written from.

mod emit;
mod model;
mod random;
mod truth;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

pub(crate) use truth::Deciding;

/// How many files, and how many purposes in each on average.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) name: &'static str,
    pub(crate) files: usize,
    mean: usize,
}

pub(crate) const SIZES: &[Size] = &[
    // one small file, as a hook sees it
    Size { name: "XS", files: 1, mean: 3 },
    Size { name: "S", files: 100, mean: 18 },
    Size { name: "M", files: 2_000, mean: 18 },
    Size { name: "L", files: 20_000, mean: 18 },
    // one long file, as an editor sees it
    Size { name: "BIG", files: 1, mean: 1_400 },
];

const SEED: u64 = 1;

/// What was written, and what is true of it.
#[derive(Default)]
pub(crate) struct Corpus {
    pub(crate) bytes: usize,
    pub(crate) lines: usize,
    pub(crate) purposes: usize,
    pub(crate) truth: Vec<Deciding>,
}

impl Corpus {
    /// Purposes that are on by default for training for somebody in Europe.
    pub(crate) fn violations(&self) -> usize {
        let purposes = self.truth.iter().filter(|it| it.european).map(|it| (&it.file, &it.purpose));
        purposes.collect::<BTreeSet<_>>().len()
    }
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
        out.truth.extend(truth::of_file(&file, &places));
        take(&file.path, &text)?;
    }
    out.truth.sort();
    Ok(out)
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
