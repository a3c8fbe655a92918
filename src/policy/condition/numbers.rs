//! Arithmetic and order of numbers, whole ones as bounds.

use std::cmp::Ordering;

use super::node::Arithmetic;
use super::value::Number;
use crate::space::When;

/// A number of either kind.
#[derive(Debug, Clone, Copy)]
pub(super) enum Numeric {
    Whole(Number),
    Double(f64),
}

impl Number {
    /// A number that is known.
    pub fn exactly(value: i64) -> Self {
        Self { least: Some(value), most: Some(value) }
    }

    /// How many days lie between two: fewest between the latest start and the earliest end.
    pub(super) fn of_days(from: When, to: When) -> Self {
        Self {
            least: from.latest.zip(to.earliest).map(|(from, to)| from.days_until(to)),
            most: from.earliest.zip(to.latest).map(|(from, to)| from.days_until(to)),
        }
    }

    /// The number, if it is known.
    pub fn exact(self) -> Option<i64> {
        self.least.filter(|least| self.most == Some(*least))
    }

    /// The same on the other side of zero; `None` where that overflows.
    pub(super) fn negated(self) -> Option<Self> {
        match self.exact() {
            Some(value) => value.checked_neg().map(Self::exactly),
            None => {
                Some(Self { least: self.most.and_then(i64::checked_neg), most: self.least.and_then(i64::checked_neg) })
            }
        }
    }

    /// The result of an operation; `None` where it overflows, divides by zero or needs numbers that are not known.
    pub(super) fn calculate(self, operation: Arithmetic, other: Self) -> Option<Self> {
        if let (Some(a), Some(b)) = (self.exact(), other.exact()) {
            let result = match operation {
                Arithmetic::Add => a.checked_add(b),
                Arithmetic::Subtract => a.checked_sub(b),
                Arithmetic::Multiply => a.checked_mul(b),
                Arithmetic::Divide => a.checked_div(b),
                Arithmetic::Remainder => a.checked_rem(b),
            };
            return result.map(Self::exactly);
        }
        // a bound that overflows is no bound
        let add = |a: Option<i64>, b: Option<i64>| a?.checked_add(b?);
        let subtract = |a: Option<i64>, b: Option<i64>| a?.checked_sub(b?);
        match operation {
            Arithmetic::Add => Some(Self { least: add(self.least, other.least), most: add(self.most, other.most) }),
            Arithmetic::Subtract => {
                Some(Self { least: subtract(self.least, other.most), most: subtract(self.most, other.least) })
            }
            _ => None,
        }
    }
}

/// The result of an operation on other numbers: never an error, after IEEE 754.
pub(super) fn calculate_doubles(a: f64, operation: Arithmetic, b: f64) -> f64 {
    match operation {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => a % b,
    }
}

impl Numeric {
    /// Whether `self < other`; `None` where the bounds cannot settle it. What is not a number has no order: CEL calls that an
    /// error, not `false`.
    pub(super) fn is_less(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => settle(
                a.most.zip(b.least).is_some_and(|(most, least)| most < least),
                a.least.zip(b.most).is_some_and(|(least, most)| least >= most),
            ),
            _ if self.is_nan() || other.is_nan() => None,
            (Self::Double(a), Self::Double(b)) => Some(a < b),
            (Self::Whole(a), Self::Double(b)) => settle(
                a.most.is_some_and(|most| order(most, b).is_lt()),
                a.least.is_some_and(|least| order(least, b).is_ge()),
            ),
            (Self::Double(a), Self::Whole(b)) => settle(
                b.least.is_some_and(|least| order(least, a).is_gt()),
                b.most.is_some_and(|most| order(most, a).is_le()),
            ),
        }
    }

    /// Whether both are the same; `None` where the bounds cannot settle it.
    pub(super) fn is_same(self, other: Self) -> Option<bool> {
        if self.is_nan() || other.is_nan() || self.is_less(other) == Some(true) || other.is_less(self) == Some(true) {
            return Some(false);
        }
        // neither is less, which for two known numbers leaves only that they are the same
        (self.is_known() && other.is_known()).then_some(true)
    }

    fn is_nan(self) -> bool {
        matches!(self, Self::Double(value) if value.is_nan())
    }

    fn is_known(self) -> bool {
        match self {
            Self::Whole(number) => number.exact().is_some(),
            Self::Double(_) => true,
        }
    }
}

fn settle(yes: bool, no: bool) -> Option<bool> {
    if yes {
        Some(true)
    } else if no {
        Some(false)
    } else {
        None
    }
}

/// 2⁶³, the first number above every `i64`.
const ABOVE: f64 = 9_223_372_036_854_775_808.0;

/// Compares without rounding the whole number; `double` is not NaN.
fn order(whole: i64, double: f64) -> Ordering {
    if double >= ABOVE {
        return Ordering::Less;
    }
    if double < -ABOVE {
        return Ordering::Greater;
    }
    let floor = double.floor();
    #[allow(clippy::cast_possible_truncation, reason = "a whole number between -2⁶³ and 2⁶³, tested above")]
    let below = floor as i64;
    whole.cmp(&below).then(if double > floor { Ordering::Less } else { Ordering::Equal })
}
