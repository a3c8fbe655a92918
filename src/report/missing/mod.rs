//! The facts that are not declared, as a list to hand round and as a stub to fill in.

mod human;
mod markdown;
mod yaml;

use std::io::{self, Write};

use super::words::formats;
use super::{Options, escape};
use crate::missing::{Asking, Fact, Missing, Owner};
use crate::model::EntityKind;
use crate::source::{SourceMap, Span};
use crate::space::{Cell, Date};
use crate::suggest::join;

formats! {
    /// How a list of missing facts is written.
    Format {
        /// For a terminal.
        #[default]
        Human = "human",
        /// For a page: a list to tick off.
        Markdown = "markdown",
        /// A declaration with the missing keys and no values, to fill in.
        Yaml = "yaml",
    }
}

/// Writes a list of missing facts.
pub fn render(
    format: Format,
    missing: &Missing,
    sources: &SourceMap,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = match format {
        Format::Human => human::render(missing, sources, options),
        Format::Markdown => markdown::render(missing, sources),
        Format::Yaml => yaml::render(missing, sources),
    };
    out.write_all(text.as_bytes())
}

/// What is said where the list is empty: behind an error in the text, and in what was not judged, anything may be missing.
fn nothing(missing: &Missing) -> &'static str {
    match missing.errors {
        0 if !missing.partial => "nothing is missing: every rule that applies had the facts it needs",
        _ => "no fact is known to be missing",
    }
}

/// What must be repaired before the list can be complete.
fn errors(missing: &Missing) -> Option<String> {
    let say = |what: &str| format!("{what} in the text of the declarations may hide more: see `purposelint check`");
    match missing.errors {
        0 if missing.partial => {
            Some("not everything was judged, so more may be missing: see `purposelint check`".to_owned())
        }
        0 => None,
        1 => Some(say("1 error")),
        many => Some(say(&format!("{many} errors"))),
    }
}

/// A text of a declaration on one line.
fn shown(text: &str) -> String {
    escape::text(text, escape::SHORT).into_owned()
}

/// `purposes.yaml:52`
fn location(span: Span, sources: &SourceMap) -> String {
    format!("{}:{}", shown(sources.path(span.file)), sources.start(span).line)
}

/// What an owner is.
fn noun(owner: &Owner) -> &'static str {
    match owner.kind {
        None => "service",
        Some(EntityKind::Setting) if owner.is_inline => "setting of purpose",
        Some(kind) => kind.noun(),
    }
}

/// The purposes that ask, where the owner is none of them.
fn asked_by(owner: &Owner) -> Option<String> {
    let is_own = owner.kind == Some(EntityKind::Purpose) || owner.is_inline;
    let names: Vec<String> = owner.purposes.iter().map(|id| format!("`{}`", shown(id))).collect();
    (!is_own && !names.is_empty()).then(|| format!("for {}", join(&names)))
}

/// The keys of a fact: `retention.until`.
fn path(fact: &Fact) -> String {
    fact.path.iter().map(|step| step.key.as_str()).collect::<Vec<_>>().join(".")
}

/// For whom a fact is asked.
fn whom(fact: &Fact) -> Option<String> {
    let word = |(from, cell): &(Option<Date>, Cell)| match from {
        Some(day) => format!("{} from {day}", shown(&cell.text)),
        None => shown(&cell.text),
    };
    let words: Vec<String> = fact.whom.iter().map(word).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// What a fact is, in plain words.
fn meaning(fact: &Fact) -> &str {
    fact.described.as_ref().map_or("", |described| described.first_sentence())
}

/// Most rules that are given with what they are about. Where everything waits for one fact, the first few make the point.
const REASONS: usize = 4;

/// Why a fact is asked, a sentence for each rule; rules beyond the first few by name.
fn reasons(fact: &Fact) -> Vec<String> {
    let waiting = fact.waiting.iter().map(|asking| match asking.rule.as_str() {
        // its title says what is wrong now, not what might be
        "core/default-undeclared" => (asking, format!("without it {}", asking.title)),
        _ => (asking, format!("to tell whether {}", asking.title)),
    });
    let milder = fact.milder.iter().map(|asking| (asking, format!("could make this milder: {}", asking.title)));
    let all: Vec<(&Asking, String)> = waiting.chain(milder).collect();
    let few = if all.len() > REASONS + 1 { REASONS } else { all.len() };
    let mut reasons: Vec<String> =
        all.iter().take(few).map(|(asking, why)| format!("{} ({})", shown(why), shown(&asking.rule))).collect();
    let rest: Vec<String> = all.iter().skip(few).map(|(asking, _)| shown(&asking.rule)).collect();
    if !rest.is_empty() {
        reasons.push(format!("{} more rules ask for it: {}", rest.len(), rest.join(", ")));
    }
    reasons
}
