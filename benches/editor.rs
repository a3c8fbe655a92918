//! From a keystroke to diagnostics: `cargo bench --bench editor [-- FILES [BYTES…]]`.
//!
//! A workspace of 2,000 files, in which a file of 19 KB and one of 1 MB are edited; the server runs in this process, so what
//! is measured is the server and not a pipe. Prints medians, and fails nothing: a machine that is busy says little.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark has a clock, prints, and may end early; it needs a part of the corpus only"
)]

mod corpus;
mod typing;

use std::time::Duration;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use typing::{Editor, nearest, write_workspace};

fn main() {
    // as a test it has nothing to say
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let mut numbers = std::env::args().filter_map(|word| word.parse::<u64>().ok());
    let files = numbers.next().map_or(2_000, |files| files as usize);
    let sizes: Vec<u64> = numbers.collect();
    let sizes = if sizes.is_empty() { vec![19_000, 1_000_000] } else { sizes };
    let folder = tempfile::tempdir().unwrap();
    write_workspace(folder.path(), files);
    let mut editor = Editor::open(folder.path());
    let (findings, lists) = editor.shown;
    println!(
        "{files} files, all judged and shown from nothing: {:?}; {findings} findings in {lists} files",
        editor.start
    );
    for bytes in sizes {
        let path = nearest(folder.path(), bytes);
        println!("a file of {} bytes", path.metadata().unwrap().len());
        for stroke in editor.edit(&path, 42, Duration::from_secs(60)) {
            println!("  {}: median {:?}, worst {:?}", stroke.kind, stroke.median, stroke.worst);
        }
    }
    editor.close();
}
