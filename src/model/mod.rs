//! What was written: declarations as typed values, each with its place.

mod fields;

pub use fields::{EntityKind, Field, FieldId, Record, STATES, Terms, Type};
