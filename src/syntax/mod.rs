//! YAML text to a tree of nodes with spans. Never fails: what is sound and the diagnostics come together. Keeps comments.

mod at;
mod builder;
mod complaint;
mod edit;
mod fold;
mod gap;
mod keys;
mod located;
mod ordinary;
mod outline;
mod parse;
mod scalar;
mod tags;
mod tree;

pub use at::{Step, Way};
pub use edit::{Slot, is_within, requoted, word_for};
pub use fold::Fold;
pub use located::Located;
pub use outline::{Cursor, Outline, Part, Writing};
pub use parse::{Limits, parse};
pub use tree::{Comment, Document, Entry, Kind, NodeId, NodeRef, Style, Tree};
