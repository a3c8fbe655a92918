//! The axes of the space a declaration speaks about: territories, ages, plans, dates.

mod age;
mod block;
mod cell;
mod date;
mod extent;
mod fold;
mod territory;

pub use age::{ADULT, AgeSet};
pub use block::{Block, Grid, PlanSet, count_atoms, join, minus};
pub use cell::Cell;
pub use date::{Date, Duration, Interval, When};
pub use extent::Extent;
pub use fold::{Describe, Folder};
pub use territory::{Atlas, DIVIDED, Territory, TerritorySet, UnknownTerritory, WORLD, unknown_region};
