//! purposelint: a linter for what a company declares it does with personal data.
//!
//! Module map, lowest layer first. A module may use `crate::x` only if `x` is in a group above its own.

pub mod difference;
pub mod hash;
pub mod order;
pub mod parallel;
pub mod source;

pub mod diagnostic;
pub mod suggest;

pub mod git;

pub mod discover;
pub mod syntax;

pub mod cache;

pub mod shipped;

pub mod schema;
pub mod space;
pub mod vocabulary;

pub mod config;
pub mod model;

pub mod policy;
pub mod product;
pub mod resolve;

pub mod change;
pub mod settings;

pub mod evaluate;

pub mod suppress;

pub mod history;
pub mod lint;
pub mod matrix;
pub mod missing;

pub mod complete;
pub mod examples;
pub mod explain;
pub mod fix;

pub mod project;

pub mod names;

pub mod report;

pub mod lsp;

pub mod cli;
