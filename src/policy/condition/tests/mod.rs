//! Tests of the language as a whole; what is expected stands in tables.

mod logic;
mod mock;
mod parsing;
mod rendering;
mod typing;
mod witnesses;

// the mock is shared with the integration tests, where the root has another name
use crate as root;
mod unfinished;
