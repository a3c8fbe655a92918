//! How far a value reaches, and which of two values is the more specific.

use super::block::Block;
use super::date::Interval;

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
    /// Whether a value here wins over one there: inside on every axis and strictly inside on at least one.
    pub fn beats(&self, other: &Self) -> bool {
        self != other && self.block.is_within(other.block) && self.days.is_within(other.days)
    }
}

#[cfg(test)]
mod tests {
    use super::super::age::AgeSet;
    use super::super::block::PlanSet;
    use super::super::date::Date;
    use super::super::territory::Atlas;
    use super::*;

    #[test]
    fn what_is_narrower_somewhere_and_wider_nowhere_wins() {
        let today = Date::parse("2026-11-21").unwrap();
        let places = |name: &str| Atlas::builtin().lookup(name, today).unwrap();
        let extent = |name: &str, ages: &str, from: &str| Extent {
            block: Block { territories: places(name), ages: AgeSet::parse(ages).unwrap(), plans: PlanSet::first(1) },
            days: Interval { from: Date::parse(from), until: None },
        };
        let fr = extent("FR", "0+", "");
        for (wider, wins) in [
            (extent("EEA", "0+", ""), true),
            (extent("EEA", "16+", ""), false),
            (extent("FR", "0+", ""), false),
            (extent("FR", "16+", ""), false),
            (extent("EEA", "0+", "2024-01-01"), false),
            (extent("DE", "0+", ""), false),
        ] {
            assert_eq!(fr.beats(&wider), wins, "{wider:?}");
        }
        assert!(extent("FR", "16+", "").beats(&fr));
        assert!(extent("FR", "0+", "2024-01-01").beats(&fr));
    }
}
