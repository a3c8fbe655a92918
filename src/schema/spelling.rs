//! Values in a form that is clear to people but not the one of the format, put right.

/// A day written with its year first: `2024-9-18` or `2024/09/18` as `2024-09-18`. With the year last, nobody can tell the
/// day from the month.
pub(super) fn day(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let is_number = |part: &str, longest: usize| {
        !part.is_empty() && part.len() <= longest && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if year.len() != 4 || !is_number(year, 4) || !is_number(month, 2) || !is_number(day, 2) {
        return None;
    }
    let date = jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some(date.to_string())
}

/// A count of one unit: `6 months` as `P6M`.
pub(super) fn duration(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (count, unit) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
    if count.is_empty() || count.len() > 5 {
        return None;
    }
    let unit = match unit.trim() {
        "d" | "day" | "days" => "D",
        "w" | "week" | "weeks" => "W",
        "m" | "month" | "months" => "M",
        "y" | "year" | "years" => "Y",
        "h" | "hour" | "hours" => return Some(format!("PT{count}H")),
        _ => return None,
    };
    Some(format!("P{count}{unit}"))
}

/// A name as an id: `Foo-Bar` as `foo_bar`.
pub(super) fn id(text: &str) -> Option<String> {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let word: String = text.trim().chars().map(letter).collect();
    let is_word = text.is_ascii() && word.len() <= 40 && word.starts_with(|first: char| first.is_ascii_alphabetic());
    is_word.then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_clear_is_put_right() {
        assert_eq!(day("2024-9-18").as_deref(), Some("2024-09-18"));
        assert_eq!(day("2024/09/18").as_deref(), Some("2024-09-18"));
        for text in ["18.9.2024", "2024-13-01", "2024-02-30", "2024-09", "next week", "2024-+9-18"] {
            assert_eq!(day(text), None, "{text}");
        }
        assert_eq!(duration("6 months").as_deref(), Some("P6M"));
        assert_eq!(duration("24h").as_deref(), Some("PT24H"));
        for text in ["6", "months", "6 moons", "1 year 2 months", ""] {
            assert_eq!(duration(text), None, "{text}");
        }
        assert_eq!(id("Foo-Bar").as_deref(), Some("foo_bar"));
        assert_eq!(id("12"), None);
    }
}
