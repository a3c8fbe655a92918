//! Conditions: a documented subset of CEL, typed when a pack is read, evaluated with Kleene logic and witnesses.

mod value;

pub use value::{Answer, Facts, Gap, Number, ReadId, Root, Value};
