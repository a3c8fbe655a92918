//! Packs and rules, read from data.

pub mod condition;
