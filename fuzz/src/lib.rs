//! What must hold whatever somebody writes: one module for each kind of input, each with one function `run` of bytes.
//!
//! The fuzzers in `targets/` call these functions with inputs that they make up, and `tests/corpora.rs` includes this file to call
//! them with the inputs that were kept. So they assert, and give nothing back.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "what fails here is a finding, and to the fuzzers this is a library"
)]

pub mod cache;
pub mod changes;
pub mod comments;
pub mod conditions;
pub mod config;
pub mod edits;
pub mod findings;
pub mod fixes;
mod judge;
pub mod rules;
pub mod tree;
