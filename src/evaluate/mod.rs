//! Effective values and rules to findings with witnesses. Owns every loop and the order.

mod ahead;
mod alike;
mod changes;
mod columns;
mod contents;
mod context;
mod day;
mod facts;
mod finding;
mod group;
mod judge;
mod known;
mod later;
mod lines;
mod memo;
mod reads;
mod repair;
mod rows;
mod service;
mod steps;
mod verdict;
mod whole;
mod workspace;

pub use crate::space::Cell;
pub use changes::{JudgedChanges, evaluate_changes};
pub use context::Context;
pub use finding::{Finding, Outcome, Subject, Suppressed, SuppressedBy, fingerprint, reason};
pub use known::{Basis, Known, KnownServices};
pub use later::declared_days;
pub use service::JudgedService;
pub use workspace::{Days, KeptDays, Period, evaluate};
