//! Days, days known only by a bound, and durations.

use jiff::civil;
use serde::{Deserialize, Serialize};

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date(i32);

/// The day from which days are counted.
const EPOCH: (i16, i8, i8) = (2000, 1, 1);

impl Date {
    /// 2000-01-01
    pub const MILLENNIUM: Self = Self(0);

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return None;
        }
        let day: civil::Date = text.parse().ok()?;
        Some(Self(civil::date(EPOCH.0, EPOCH.1, EPOCH.2).until(day).ok()?.get_days()))
    }

    /// The day in UTC on which an instant lies, given in seconds since 1970-01-01T00:00:00Z.
    pub fn from_unix(seconds: u64) -> Self {
        const UNIX_TO_EPOCH: i64 = 10_957;
        Self(0).plus(i64::try_from(seconds / 86_400).unwrap_or(i64::MAX).saturating_sub(UNIX_TO_EPOCH))
    }

    /// The day `days` later, or earlier where negative.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self(i32::try_from(i64::from(self.0).saturating_add(days)).unwrap_or(if days < 0 {
            i32::MIN
        } else {
            i32::MAX
        }))
    }

    /// Whole days from `self` to `other`; negative where `other` is earlier.
    pub fn days_until(self, other: Self) -> i64 {
        i64::from(other.0) - i64::from(self.0)
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let epoch = civil::date(EPOCH.0, EPOCH.1, EPOCH.2);
        let span = jiff::Span::new().try_days(i64::from(self.0));
        match span.and_then(|span| epoch.checked_add(span)) {
            Ok(day) => write!(f, "{day}"),
            Err(_) => f.write_str("a day out of range"),
        }
    }
}

/// A day, or what is known of one: not before `earliest`, not after `latest`.
///
/// `{before: D}` is `latest = D - 1`; `{after: D}` is `earliest = D + 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct When {
    /// The first day it can be, `None` where nothing is known.
    pub earliest: Option<Date>,
    /// The last day it can be, `None` where nothing is known.
    pub latest: Option<Date>,
}

impl When {
    /// A known day.
    pub fn on(day: Date) -> Self {
        Self { earliest: Some(day), latest: Some(day) }
    }

    /// Some day before `day`.
    pub fn before(day: Date) -> Self {
        Self { earliest: None, latest: Some(day.plus(-1)) }
    }

    /// Some day after `day`.
    pub fn after(day: Date) -> Self {
        Self { earliest: Some(day.plus(1)), latest: None }
    }

    /// The day, if it is known.
    pub fn exact(self) -> Option<Date> {
        self.earliest.filter(|day| self.latest == Some(*day))
    }

    /// Whether `self` is earlier than `other`; `None` where the bounds cannot settle it.
    pub fn is_before(self, other: Self) -> Option<bool> {
        if let (Some(latest), Some(earliest)) = (self.latest, other.earliest)
            && latest < earliest
        {
            return Some(true);
        }
        if let (Some(earliest), Some(latest)) = (self.earliest, other.latest)
            && earliest >= latest
        {
            return Some(false);
        }
        None
    }

    /// Whether both are the same day; `None` where the bounds cannot settle it.
    pub fn is_same(self, other: Self) -> Option<bool> {
        if self.is_before(other) == Some(true) || other.is_before(self) == Some(true) {
            return Some(false);
        }
        match (self.exact(), other.exact()) {
            (Some(a), Some(b)) => Some(a == b),
            _ => None,
        }
    }
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.earliest, self.latest) {
            (Some(a), Some(b)) if a == b => write!(f, "{a}"),
            (Some(a), Some(b)) => write!(f, "between {a} and {b}"),
            (None, Some(b)) => write!(f, "before {}", b.plus(1)),
            (Some(a), None) => write!(f, "after {}", a.plus(-1)),
            (None, None) => f.write_str("an unknown day"),
        }
    }
}

/// An ISO 8601 duration as written, with its length in days: a month counts 30, a year 365 (docs/format.md, "Days and durations").
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Duration {
    text: Box<str>,
    days: i64,
}

impl Duration {
    /// Reads `P30D`, `P1Y6M`, `PT12H` (0 days) and the like.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.starts_with('P') {
            return None;
        }
        let span: jiff::Span = text.parse().ok()?;
        let seconds = i64::from(span.get_hours()) * 3_600 + span.get_minutes() * 60 + span.get_seconds();
        let days = i64::from(span.get_years()) * 365
            + i64::from(span.get_months()) * 30
            + i64::from(span.get_weeks()) * 7
            + i64::from(span.get_days())
            + seconds / 86_400;
        Some(Self { text: text.into(), days })
    }

    /// Whole days.
    pub fn days(&self) -> i64 {
        self.days
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A half-open stretch of days: from `from` up to, not including, `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Interval {
    /// First day, `None` for no beginning.
    pub from: Option<Date>,
    /// First day no longer in it, `None` for no end.
    pub until: Option<Date>,
}

impl Interval {
    /// Whether a day lies in it.
    pub fn contains(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }

    /// Whether no day lies in it.
    pub fn is_empty(self) -> bool {
        matches!((self.from, self.until), (Some(from), Some(until)) if until <= from)
    }

    /// Whether every day of `self` lies in `other`.
    pub fn is_within(self, other: Self) -> bool {
        let from = other.from.is_none_or(|theirs| self.from.is_some_and(|ours| theirs <= ours));
        let until = other.until.is_none_or(|theirs| self.until.is_some_and(|ours| ours <= theirs));
        from && until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn dates_read_and_print_the_same() {
        for text in ["2024-09-18", "2000-01-01", "1999-12-31", "2024-02-29", "0001-01-01"] {
            assert_eq!(day(text).to_string(), text);
        }
        for text in ["2024-02-30", "2024-9-18", "18.09.2024", "2024-09-18T00:00", "", "20240918"] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_counted() {
        for (from, days, to) in [
            ("2024-02-28", 1, "2024-02-29"),
            ("2024-02-28", 2, "2024-03-01"),
            ("2000-01-01", -1, "1999-12-31"),
            ("2024-01-01", 366, "2025-01-01"),
        ] {
            assert_eq!(day(from).plus(days), day(to));
            assert_eq!(day(from).days_until(day(to)), days);
        }
        // what lies too far off stays on its side
        assert!(Date::MILLENNIUM.plus(i64::MAX) > day("9999-12-31"));
        assert!(Date::MILLENNIUM.plus(i64::MIN) < day("0001-01-01"));
        assert!(Date::MILLENNIUM.plus(1 << 40) > day("9999-12-31"));
        assert!(Date::MILLENNIUM.plus(-1 << 40) < day("0001-01-01"));
        assert_eq!(Date::MILLENNIUM.plus(i64::MAX).to_string(), "a day out of range");
    }

    #[test]
    fn instants_lie_on_days() {
        assert_eq!(Date::from_unix(0), day("1970-01-01"));
        assert_eq!(Date::from_unix(946_684_799), day("1999-12-31"));
        assert_eq!(Date::from_unix(1_795_219_200), day("2026-11-21"));
    }

    #[test]
    fn bounds_settle_what_they_can() {
        let started = When::before(day("2024-09-18"));
        let notice = When::on(day("2024-09-18"));
        assert_eq!(started.is_before(notice), Some(true));
        assert_eq!(notice.is_before(started), Some(false));
        assert_eq!(started.is_before(When::on(day("2024-09-17"))), None);
        assert_eq!(started.is_same(notice), Some(false));
        assert_eq!(started.is_same(When::on(day("2024-09-01"))), None);
    }

    /// The days that are thought of below; bounds are drawn among the inner ones, so that the outer ones stand for all beyond.
    const DAYS: std::ops::RangeInclusive<i64> = -1..=5;

    fn bounds() -> Vec<Option<Date>> {
        std::iter::once(None).chain((0..=4).map(|at| Some(Date::MILLENNIUM.plus(at)))).collect()
    }

    fn pairs() -> impl Iterator<Item = (Option<Date>, Option<Date>)> {
        bounds().into_iter().flat_map(|a| bounds().into_iter().map(move |b| (a, b)))
    }

    #[test]
    fn bounds_settle_what_holds_for_all_days_and_nothing_else() {
        let whens: Vec<When> = pairs().map(|(earliest, latest)| When { earliest, latest }).collect();
        let days = |when: When| -> Vec<Date> {
            let all = DAYS.map(|at| Date::MILLENNIUM.plus(at));
            all.filter(|day| when.earliest.is_none_or(|a| a <= *day) && when.latest.is_none_or(|b| *day <= b)).collect()
        };
        let settled = |a: When, b: When, holds: fn(Date, Date) -> bool| {
            let all: Vec<bool> = days(a).iter().flat_map(|a| days(b).into_iter().map(move |b| holds(*a, b))).collect();
            all.iter().all(|answer| *answer == all[0]).then(|| all[0])
        };
        for a in whens.iter().filter(|when| !days(**when).is_empty()) {
            assert_eq!(a.exact(), (a.earliest == a.latest).then_some(a.earliest).flatten());
            for b in whens.iter().filter(|when| !days(**when).is_empty()) {
                assert_eq!(a.is_before(*b), settled(*a, *b, |a, b| a < b), "{a} before {b}");
                assert_eq!(a.is_same(*b), settled(*a, *b, |a, b| a == b), "{a} same as {b}");
            }
        }
    }

    #[test]
    fn what_is_known_of_a_day_is_said_as_it_was_written() {
        let (a, b) = (Some(day("2024-03-01")), Some(day("2024-09-18")));
        for (when, text) in [
            (When::on(day("2024-09-18")), "2024-09-18"),
            (When::before(day("2024-03-01")), "before 2024-03-01"),
            (When::after(day("2024-12-31")), "after 2024-12-31"),
            (When { earliest: a, latest: b }, "between 2024-03-01 and 2024-09-18"),
            (When { earliest: None, latest: None }, "an unknown day"),
        ] {
            assert_eq!(when.to_string(), text);
        }
    }

    #[test]
    fn durations_are_counted_in_days() {
        let days = |text| Duration::parse(text).map(|duration| duration.days());
        assert_eq!(days("P30D"), Some(30));
        assert_eq!(days("P1Y6M"), Some(545));
        assert_eq!(days("P2W"), Some(14));
        assert_eq!(days("P1Y2M3W4D"), Some(365 + 60 + 21 + 4));
        for text in ["30 days", "", "P", "30D", "-P30D", "p30d", "P30"] {
            assert_eq!(days(text), None, "{text}");
        }
        assert_eq!(Duration::parse("P1Y6M").unwrap().as_str(), "P1Y6M");
        // a day is a day in whatever it is counted: years in minutes must not pass for no time at all
        for text in ["PT72H", "PT4320M", "PT259200S", "PT71H59M60S", "P2DT24H", "P1DT24H1440M"] {
            assert_eq!(days(text), Some(3), "{text}");
        }
        assert_eq!(days("PT23H59M"), Some(0));
    }

    #[test]
    fn intervals_are_half_open() {
        let interval = Interval { from: Some(day("2024-01-01")), until: Some(day("2024-02-01")) };
        assert!(interval.contains(day("2024-01-01")));
        assert!(!interval.contains(day("2024-02-01")));
        assert!(interval.is_within(Interval::default()));
        assert!(!Interval::default().is_within(interval));
        let days = |interval: Interval| -> Vec<i64> {
            DAYS.filter(|at| {
                let from = interval.from.is_none_or(|from| Date::MILLENNIUM.days_until(from) <= *at);
                from && interval.until.is_none_or(|until| *at < Date::MILLENNIUM.days_until(until))
            })
            .collect()
        };
        let intervals: Vec<Interval> = pairs().map(|(from, until)| Interval { from, until }).collect();
        for a in &intervals {
            let ours = days(*a);
            assert!(DAYS.eq(DAYS.filter(|at| ours.contains(at) == a.contains(Date::MILLENNIUM.plus(*at)))), "{a:?}");
            assert_eq!(a.is_empty(), ours.is_empty(), "{a:?}");
            for b in intervals.iter().filter(|_| !ours.is_empty()) {
                assert_eq!(a.is_within(*b), ours.iter().all(|day| days(*b).contains(day)), "{a:?} {b:?}");
            }
        }
    }
}
