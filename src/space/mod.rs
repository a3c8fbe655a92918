//! The axes of the space a declaration speaks about: territories, ages, plans, dates.

mod date;

pub use date::{Date, Duration, Interval, When};
