//! Effective values and rules to findings with witnesses. Owns every loop and the order.

mod alike;
mod changes;
mod columns;
mod contents;
mod context;
mod day;
mod deciding;
mod facts;
mod finding;
mod judge;
mod known;
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
pub use finding::{Finding, Outcome, Subject, Suppressed, SuppressedBy, fingerprint};
pub use known::{Basis, Known, KnownServices};
pub use service::{JudgedService, reason};
pub use workspace::{Days, KeptDays, Period, declared_days, evaluate};
