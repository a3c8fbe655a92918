//! Values in a form that is clear to people but not the one of the format, put right.

use crate::suggest;

/// A word among fixed ones, for whoever wrote another. Words are taken by what they mean, for letters mislead: `no` is nearer to
/// `on` than to `off`, and `disallowed` near to `allowed`. A slip of the pen counts only where a single letter of a long word is
/// wrong, and it could be no other word.
pub(super) fn choice<'c>(text: &str, choices: &'c [String]) -> Option<&'c str> {
    // word processors turn quotes into curly ones, which are letters to YAML
    let bare = text.trim().trim_matches(['\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}', '\u{201e}']);
    let word = bare.to_lowercase().replace(['-', ' '], "_");
    let joined = |word: &str| word.replace('_', "");
    let among = |wanted: &str| choices.iter().find(|choice| *choice == wanted).map(String::as_str);
    let same = || choices.iter().find(|choice| joined(choice) == joined(&word)).map(String::as_str);
    // a word that means something else here is no slip of one that is offered
    match meaning(&word) {
        Some(meant) => meant.iter().find_map(|meant| among(meant)).or_else(same),
        None => same().or_else(|| suggest::slip(&word, choices.iter().map(String::as_str))),
    }
}

/// The values that a word stands for where they are offered. Words with no value are known not to mean the one they look like.
fn meaning(word: &str) -> Option<&'static [&'static str]> {
    Some(match word {
        "no" | "n" | "off" | "false" | "opt_in" | "optin" | "disable" | "disabled" | "deny" | "denied" | "none"
        | "never" => &["off"],
        "yes" | "y" | "on" | "true" | "opt_out" | "optout" | "enable" | "enabled" | "always" => &["on"],
        "prompt" | "prompted" | "ask_first" => &["ask"],
        "disallowed" | "not_allowed" | "forbidden" | "banned" => &["prohibited"],
        "permitted" => &["allowed"],
        "co_controller" => &["joint_controller"],
        "sub_processor" | "subprocessor" => &["processor"],
        "internal" | "in_house" | "self" | "self_hosted" => &["internal", "own"],
        "retained" => &["kept"],
        "unverified" => &["claimed"],
        "dishonoured" | "dishonored" => &["ignored"],
        "warn" => &["warning"],
        _ => return None,
    })
}

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

/// A count of one unit: `6 months` or `p6m` as `P6M`.
pub(super) fn duration(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    // behind a `T`, an `m` is a minute
    let is_time = text.starts_with("pt");
    let text = text.strip_prefix("pt").or_else(|| text.strip_prefix('p')).unwrap_or(&text).trim_start();
    let (count, unit) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
    if count.is_empty() || count.len() > 5 {
        return None;
    }
    let unit = match unit.trim() {
        "h" | "hour" | "hours" => return Some(format!("PT{count}H")),
        _ if is_time => return None,
        "d" | "day" | "days" => "D",
        "w" | "week" | "weeks" => "W",
        "m" | "month" | "months" => "M",
        "y" | "year" | "years" => "Y",
        _ => return None,
    };
    Some(format!("P{count}{unit}"))
}

/// An age range with blanks, dashes of print or words: `13 - 17` or `13 to 17` as `13-17`, `16 +` as `16+`.
pub(super) fn ages(text: &str) -> Option<String> {
    let lower = text.to_lowercase().replace(['–', '—'], "-").replace(" to ", "-");
    let bare: String = lower.chars().filter(|c| !c.is_whitespace()).collect();
    let is_year = |text: &str| {
        let digits = !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits && !(text.len() == 2 && text.starts_with('0')) && text.parse::<u8>().is_ok_and(|year| year <= 18)
    };
    if let Some(year) = bare.strip_prefix("under") {
        let year = year.trim_start_matches('-');
        return (is_year(year) && year != "0").then(|| format!("under-{year}"));
    }
    if let Some(year) = bare.strip_suffix('+') {
        return is_year(year).then(|| format!("{year}+"));
    }
    match bare.split_once('-') {
        Some((low, high)) => (is_year(low) && is_year(high)).then(|| format!("{low}-{high}")),
        None => matches!(&*bare, "adult" | "adults").then(|| "adult".to_owned()),
    }
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
        assert_eq!(duration("p2y").as_deref(), Some("P2Y"));
        assert_eq!(duration("pt24h").as_deref(), Some("PT24H"));
        for text in ["6", "months", "6 moons", "1 year 2 months", "", "p", "pt5m", "p2"] {
            assert_eq!(duration(text), None, "{text}");
        }
        for (text, right) in [("13 - 17", "13-17"), ("13–17", "13-17"), ("12 to 15", "12-15"), ("16 +", "16+")] {
            assert_eq!(ages(text).as_deref(), Some(right), "{text}");
        }
        for (text, right) in [("Under 13", "under-13"), ("Adults", "adult")] {
            assert_eq!(ages(text).as_deref(), Some(right), "{text}");
        }
        for text in ["13 - 99", "over 16", "13 -", "under 0", "teens", "-", "+", ""] {
            assert_eq!(ages(text), None, "{text}");
        }
        assert_eq!(id("Foo-Bar").as_deref(), Some("foo_bar"));
        assert_eq!(id("12"), None);
    }
}
