//! Packs and rules, read from data.

mod cite;
pub mod condition;

pub use cite::{Cite, CiteKind, Confidence};
