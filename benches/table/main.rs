//! The table of the performance page: `cargo bench --bench table [-- XS S M L BIG]`.
//!
//! `cargo bench --bench table -- generate SIZE FOLDER` writes declarations of a size and measures nothing.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a benchmark prints, and may end early"
)]

#[path = "../corpus/mod.rs"]
mod corpus;

use std::path::Path;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let [command, size, folder] = words.as_slice()
        && command == "generate"
    {
        let size = corpus::SIZES.iter().find(|it| it.name == size).unwrap();
        let made = corpus::write(*size, Path::new(folder)).unwrap();
        let violations = made.violations();
        let corpus::Corpus { bytes, lines, purposes, .. } = made;
        println!(
            "{} files, {bytes} bytes, {lines} lines, {purposes} purposes, of which {violations} violate",
            size.files
        );
    }
}
