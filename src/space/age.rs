//! Ages in whole years, 0 to 18, where 18 means 18 and over.

use serde::{Deserialize, Serialize};

/// The highest age that is told apart; it stands for itself and all above.
pub const ADULT: u8 = 18;

/// A set of ages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AgeSet(u32);

impl AgeSet {
    /// Everybody.
    pub const ALL: Self = Self((1 << (ADULT + 1)) - 1);

    /// Nobody.
    pub const EMPTY: Self = Self(0);

    /// From `low` to `high`, both included; anything above 18 counts as 18.
    pub fn range(low: u8, high: u8) -> Self {
        (low.min(ADULT)..=high.min(ADULT)).fold(Self::EMPTY, |set, age| Self(set.0 | 1 << age))
    }

    /// Reads `under-13`, `13-15`, `16+`, `adult` or a single year.
    pub fn parse(text: &str) -> Option<Self> {
        let year = |text: &str| match text.len() {
            1 | 2 if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok().filter(|age| *age <= ADULT),
            _ => None,
        };
        if text == "adult" {
            return Some(Self::range(ADULT, ADULT));
        }
        if let Some(age) = text.strip_prefix("under-") {
            return year(age).map(|age| if age == 0 { Self::EMPTY } else { Self::range(0, age - 1) });
        }
        if let Some(age) = text.strip_suffix('+') {
            return year(age).map(|age| Self::range(age, ADULT));
        }
        if let Some((low, high)) = text.split_once('-') {
            let (low, high) = (year(low)?, year(high)?);
            return (low <= high).then(|| Self::range(low, high));
        }
        year(text).map(|age| Self::range(age, age))
    }

    /// Ages of either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Ages of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Ages of `self` that are not in `other`.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The ages of a list; anything above 18 counts as 18.
    pub fn of(ages: impl IntoIterator<Item = u8>) -> Self {
        ages.into_iter().fold(Self::EMPTY, |all, age| all.or(Self::range(age, age)))
    }

    /// Whether every age of `self` is in `other`.
    pub fn is_within(self, other: Self) -> bool {
        self.minus(other).is_empty()
    }

    /// Whether some ages of `self` are in `other`, and some are not.
    pub fn is_divided_by(self, other: Self) -> bool {
        !self.and(other).is_empty() && !self.minus(other).is_empty()
    }

    /// Whether there is no age.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set as the items of a list: `under-13`, `16+`.
    pub fn items(self) -> Vec<String> {
        let words = self.to_string();
        if self == Self::ALL {
            vec!["0+".to_owned()]
        } else {
            words.split(", ").map(|part| part.replace(' ', "-")).collect()
        }
    }

    /// The ages in order.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..=ADULT).filter(move |age| self.0 & (1 << age) != 0)
    }
}

impl std::fmt::Display for AgeSet {
    /// `under 13`, `13-15`, `16+`, several joined by commas.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Self::ALL {
            return f.write_str("every age");
        }
        let mut parts: Vec<String> = Vec::new();
        let mut ages = self.iter().peekable();
        while let Some(low) = ages.next() {
            let mut high = low;
            while ages.next_if_eq(&(high + 1)).is_some() {
                high += 1;
            }
            parts.push(match (low, high) {
                (ADULT, _) => "18+".to_owned(),
                (0, high) => format!("under {}", high + 1),
                (low, ADULT) => format!("{low}+"),
                (low, high) if low == high => low.to_string(),
                (low, high) => format!("{low}-{high}"),
            });
        }
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ages_read_and_print() {
        for (text, shown) in [
            ("under-13", "under 13"),
            ("13-15", "13-15"),
            ("16+", "16+"),
            ("adult", "18+"),
            ("0+", "every age"),
            ("14", "14"),
        ] {
            assert_eq!(AgeSet::parse(text).unwrap().to_string(), shown);
        }
        for text in
            ["", "16 +", "16-13", "minor", "-13", "19", "13-", "1６", "013", "under-19", "19+", "under-", "+", "a"]
        {
            assert_eq!(AgeSet::parse(text), None, "{text}");
        }
        // what Rust reads as a number is not always a year
        for text in ["+5", "under-+5", "+5-7"] {
            assert_eq!(AgeSet::parse(text), None, "{text}");
        }
    }

    #[test]
    fn words_say_which_ages_there_are() {
        for (text, ages) in [
            ("under-13", (0..=12).collect::<Vec<u8>>()),
            ("under-1", vec![0]),
            ("under-0", vec![]),
            ("13-15", vec![13, 14, 15]),
            ("13-13", vec![13]),
            ("16+", vec![16, 17, 18]),
            ("adult", vec![18]),
            ("18", vec![18]),
            ("7", vec![7]),
            ("07", vec![7]),
        ] {
            assert_eq!(AgeSet::parse(text).unwrap().iter().collect::<Vec<u8>>(), ages, "{text}");
        }
        for (ages, words, items) in [
            (&[][..], "", &[""][..]),
            (&[0, 1, 2], "under 3", &["under-3"]),
            (&[0, 2, 3, 18], "under 1, 2-3, 18+", &["under-1", "2-3", "18+"]),
            (&[5, 17, 18], "5, 17+", &["5", "17+"]),
            (&[16, 17], "16-17", &["16-17"]),
        ] {
            let set = AgeSet::of(ages.iter().copied());
            assert_eq!(set.to_string(), words);
            assert_eq!(set.items(), items);
        }
        assert_eq!(AgeSet::ALL.items(), ["0+"]);
        assert_eq!(AgeSet::of([40, 18, 90]), AgeSet::range(18, 18));
    }

    #[test]
    fn sets_of_ages_are_sets() {
        let years = [0, 1, 7, 13, 17, 18, 19, 40];
        let ranges =
            || years.into_iter().flat_map(|low| years.map(|high| (low, high))).filter(|(low, high)| low <= high);
        let plain = |(low, high): (u8, u8)| (low..=high).map(|age| age.min(ADULT)).collect::<BTreeSet<u8>>();
        for a in ranges() {
            let ours = AgeSet::range(a.0, a.1);
            assert!(ours.iter().eq(plain(a)), "{a:?}");
            for b in ranges() {
                let other = AgeSet::range(b.0, b.1);
                assert!(ours.or(other).iter().eq(plain(a).union(&plain(b)).copied()), "{a:?} {b:?}");
                assert!(ours.and(other).iter().eq(plain(a).intersection(&plain(b)).copied()), "{a:?} {b:?}");
                assert!(ours.minus(other).iter().eq(plain(a).difference(&plain(b)).copied()), "{a:?} {b:?}");
                assert_eq!(ours.is_within(other), plain(a).is_subset(&plain(b)), "{a:?} {b:?}");
                assert_eq!(ours.and(other).is_empty(), plain(a).is_disjoint(&plain(b)), "{a:?} {b:?}");
            }
        }
    }
}
