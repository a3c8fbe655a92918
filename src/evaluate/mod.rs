//! Effective values and rules to findings with witnesses. Owns every loop and the order.

mod facts;
mod finding;
mod judge;
mod memo;
mod reads;
mod service;
mod workspace;

pub use finding::{Cell, Finding, Outcome, Subject, Suppressed, SuppressedBy, fingerprint};
pub use service::{Context, JudgedService, reason};
pub use workspace::{Period, evaluate};
