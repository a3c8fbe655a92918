//! Effective values and rules to findings with witnesses. Owns every loop and the order.

mod finding;

pub use finding::{Cell, Finding, Outcome, Subject, fingerprint};
