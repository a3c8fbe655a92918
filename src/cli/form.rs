//! The questions of `init`: from a flag, from a person, or from a default, and what each answer must be.

use super::Context;
use super::ask::{Wrong, ask};
use super::failure::Failure;
use crate::space::{AgeSet, Atlas, Date};
use crate::suggest;
use crate::vocabulary::{Terms, Vocabulary};

/// All ages, in an answer.
pub(super) const EVERYBODY: &str = "everybody";
/// No plans, in an answer.
pub(super) const NONE: &str = "none";

/// A form that is being filled in.
pub(super) struct Form<'f, 'a, 's> {
    /// The streams.
    pub(super) context: &'f mut Context<'a, 's>,
    /// Whether there is somebody to ask.
    pub(super) asks: bool,
    /// What nobody said, with the default that stands in for it.
    pub(super) assumed: Vec<String>,
}

impl Form<'_, '_, '_> {
    /// One value: what the flag says, or else an answer, or else the default.
    pub(super) fn get<T>(
        &mut self,
        flag: &str,
        given: Option<&str>,
        question: &str,
        default: &str,
        read: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Result<T, Failure> {
        let wrong = |Wrong { message, help, .. }| Failure::Unanswered { message: format!("--{flag}: {message}"), help };
        match given {
            Some(given) => read(given.trim()).map_err(wrong),
            None if self.asks => ask(self.context, question, default, read),
            None => {
                self.assumed.push(format!("{flag} `{default}`"));
                read(default).map_err(wrong)
            }
        }
    }
}

/// A text as an id: `Notes App` is `notes_app`.
pub(super) fn to_id(text: &str) -> Option<String> {
    let mut id = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            id.push(c);
        } else if !id.is_empty() && !id.ends_with('_') {
            id.push('_');
        }
    }
    let id = id.trim_start_matches(|c: char| !c.is_ascii_lowercase()).trim_end_matches('_');
    (!id.is_empty()).then(|| id.to_owned())
}

/// An id as words: `notes_app` is `Notes app`.
pub(super) fn in_words(id: &str) -> String {
    let mut letters = id.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|c| if c == '_' { ' ' } else { c })).collect()
}

/// An id.
pub(super) fn id(text: &str) -> Result<String, Wrong> {
    let mut letters = text.chars();
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if letters.next().is_some_and(|c| c.is_ascii_lowercase()) && letters.all(rest) {
        return Ok(text.to_owned());
    }
    let help = match to_id(text) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write lower-case letters, digits and `_`, with a letter first".to_owned(),
    };
    Err(Wrong::new(format!("`{text}` is not an id"), help))
}

/// A name for people.
pub(super) fn title(text: &str) -> Result<String, Wrong> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    if text.is_empty() || text.contains(breaks) {
        return Err(Wrong::new("a title is one line of text", "write the name people know the service by"));
    }
    Ok(text.to_owned())
}

/// A list with commas, without what is said twice.
fn list<T>(text: &str, read: impl Fn(&str) -> Result<T, Wrong>) -> Result<Vec<String>, Wrong> {
    let mut out: Vec<String> = Vec::new();
    for item in text.split([',', ' ']).filter(|item| !item.is_empty()) {
        read(item)?;
        if !out.iter().any(|known| known == item) {
            out.push(item.to_owned());
        }
    }
    Ok(out)
}

/// Territories and groups.
pub(super) fn regions(text: &str, today: Date) -> Result<Vec<String>, Wrong> {
    let other = || "write codes and groups with commas between them, such as `EU,US`, or `WORLD`".to_owned();
    let all = list(text, |name| {
        Atlas::builtin().lookup(name, today).map_err(|_| {
            let help = Atlas::builtin().suggestion(name).map_or_else(other, |near| format!("did you mean `{near}`?"));
            Wrong::new(format!("`{name}` is not a territory or group"), help)
        })
    })?;
    if all.is_empty() { Err(Wrong::new("no region is named", other())) } else { Ok(all) }
}

/// Ages; none for everybody.
pub(super) fn ages(text: &str) -> Result<Vec<String>, Wrong> {
    if text == EVERYBODY {
        return Ok(Vec::new());
    }
    let help = "write `under-13`, `13-15`, `16+` or `adult`, or `everybody`";
    let read = |text: &str| {
        let ages = AgeSet::parse(text).filter(|ages| !ages.is_empty());
        ages.ok_or_else(|| Wrong::new(format!("`{text}` is not an age range"), help))
    };
    let all = list(text, read)?;
    if all.is_empty() { Err(Wrong::new("no age is named", help)) } else { Ok(all) }
}

/// Plans; none for a service that has no plans.
pub(super) fn plans(text: &str) -> Result<Vec<String>, Wrong> {
    if text == NONE { Ok(Vec::new()) } else { list(text, id) }
}

/// A use of the vocabulary; `?` asks which there are.
pub(super) fn use_key(text: &str) -> Result<String, Wrong> {
    let vocabulary = Vocabulary::builtin();
    if vocabulary.get(Terms::Use, text).is_some() {
        return Ok(text.to_owned());
    }
    let begins = || vocabulary.keys(Terms::Use).find(|key| text.len() > 2 && key.starts_with(text)).map(str::to_owned);
    let help = match vocabulary.suggestion(Terms::Use, text).or_else(begins) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let roots: Vec<&str> = vocabulary.keys(Terms::Use).filter(|key| !key.contains('.')).collect();
            format!("one of {}, or a narrower one; `purposelint init` lists them all", suggest::list(&roots))
        }
    };
    let choices = if text == "?" { uses() } else { String::new() };
    Err(Wrong { choices, ..Wrong::new(format!("`{text}` is not a use"), help) })
}

/// The uses with their titles.
fn uses() -> String {
    let vocabulary = Vocabulary::builtin();
    let line = |key: &str| {
        let title = vocabulary.get(Terms::Use, key).map(|term| term.title.as_str()).unwrap_or_default();
        format!("  {key:44}  {title}\n")
    };
    vocabulary.keys(Terms::Use).map(line).collect()
}

/// A default.
pub(super) fn default(text: &str) -> Result<String, Wrong> {
    match text {
        "on" | "off" | "ask" => Ok(text.to_owned()),
        "yes" | "true" => Err(Wrong::new(format!("`{text}` is not a default"), "did you mean `on`?")),
        "no" | "false" => Err(Wrong::new(format!("`{text}` is not a default"), "did you mean `off`?")),
        _ => {
            let help = suggest::did_you_mean(text, &["off", "on", "ask"]).unwrap_or_default();
            Err(Wrong::new(format!("`{text}` is not a default"), help))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ids() {
        for (text, expected) in [
            ("notes-app", Some("notes_app")),
            ("Notes App (v2)", Some("notes_app_v2")),
            ("2024_feed", Some("feed")),
            ("Épicerie", Some("picerie")),
            ("日本", None),
            ("", None),
        ] {
            assert_eq!(to_id(text).as_deref(), expected, "{text}");
            if let Some(expected) = expected {
                assert!(id(expected).is_ok());
            }
        }
        assert_eq!(in_words("notes_app"), "Notes app");
    }

    #[test]
    fn wrong_answers_are_told_what_would_be_right() {
        let today = Date::MILLENNIUM;
        let help = |wrong: Wrong| format!("{} | {}", wrong.message, wrong.help);
        assert_eq!(help(id("Notes App").unwrap_err()), "`Notes App` is not an id | did you mean `notes_app`?");
        assert_eq!(help(regions("FR,UK", today).unwrap_err()), "`UK` is not a territory or group | did you mean `GB`?");
        assert_eq!(help(use_key("ai.train").unwrap_err()), "`ai.train` is not a use | did you mean `train_ai_system`?");
        assert_eq!(help(default("yes").unwrap_err()), "`yes` is not a default | did you mean `on`?");
        assert_eq!(help(use_key("train_ai").unwrap_err()), "`train_ai` is not a use | did you mean `train_ai_system`?");
        assert!(use_key("?").unwrap_err().choices.contains("\n  train_ai_system.generative  "));
        assert!(help(use_key("q").unwrap_err()).contains("one of `analytics`, "));
        for wrong in ["", "16-13", "under-0", "sixteen"] {
            assert!(ages(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "a\nb", "a\u{7}", "a\u{2028}b"] {
            assert!(title(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(regions("EU, US,EU", today).unwrap(), ["EU", "US"]);
        assert!(ages(EVERYBODY).unwrap().is_empty() && plans(NONE).unwrap().is_empty());
    }
}
