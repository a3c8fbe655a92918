//! How far a value reaches, and which of two values is the more specific.

use super::block::Block;
use super::date::{Date, Interval};

/// The points and days for which one combination of an override's items holds, as written: on the whole axes, not clipped to
/// where the service is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Extent {
    /// The points.
    pub block: Block,
    /// The days.
    pub days: Interval,
}

impl Extent {
    /// Whether it holds for all points of an atom on a day. INVARIANT: the atom was cut along this extent.
    pub fn covers(&self, atom: Block, day: Date) -> bool {
        self.days.contains(day) && atom.is_within(self.block)
    }

    /// Whether a value here wins over one there: inside on every axis and strictly inside on at least one.
    pub fn beats(&self, other: &Self) -> bool {
        self != other && self.block.is_within(other.block) && self.days.is_within(other.days)
    }
}
