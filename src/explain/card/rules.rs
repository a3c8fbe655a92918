//! A rule, a parameter of it, a pack, and a comment that accepts what rules find.

use super::super::page::{about, advice, by, sentence, shown, standing};
use super::{Block, Card, Piece, quoted, some};
use crate::diagnostic::Severity;
use crate::evaluate::Finding;
use crate::policy::{Choice, Library, Rule, SeverityCase, is_builtin};
use crate::settings::RuleSettings;
use crate::source::SourceMap;
use crate::space::Date;
use crate::suppress::Ignore;

/// Most citations.
const CITES: usize = 4;

/// Longest text of a condition or a reason.
const TEXT: usize = 400;

/// A rule, with what the config makes of it in the file that was looked at; `None` where it is off there. `sources` are the rule
/// files.
pub fn rule(rule: &Rule, here: Option<&RuleSettings>, sources: &SourceMap) -> Card {
    let mut card = Card::new(sentence(&rule.title).trim_end_matches('.'), format!("rule {}", quoted(&rule.id)));
    let usual = severities(rule, &RuleSettings::of(rule));
    card.text(match here.map(|here| severities(rule, here)) {
        None => format!("Off here; by itself {usual}."),
        Some(here) if here == usual => format!("Severity here: {here}."),
        Some(here) => format!("Severity here: {here}; by itself {usual}."),
    });
    match (&rule.require, rule.raised_by) {
        (Some(require), _) => {
            card.text(format!("About {}.", about(rule)));
            card.text(format!("Requires {}", quoted(&short(require.text()))));
        }
        (None, Some(raised_by)) => card.text(format!("Raised by {}.", by(raised_by))),
        (None, None) => {}
    }
    let why = rule.why.split("\n\n").next().unwrap_or_default();
    if !why.trim().is_empty() {
        card.text(short(why));
    }
    for cite in rule.cites.iter().take(CITES) {
        let mut pieces = vec![Piece::Text(format!("{} ({})", cite.text, standing(cite)))];
        pieces.extend(cite.url.clone().map(Piece::Page));
        card.blocks.push(Block::Item(pieces));
    }
    if rule.cites.len() > CITES {
        card.item(format!("and {} more", rule.cites.len() - CITES));
    }
    if let Some(help) = &rule.help {
        card.text(format!("What to do: {}", advice(rule, help.text())));
    }
    if is_builtin(&rule.id) {
        card.blocks.push(Block::Text(vec![Piece::Page(rule.url())]));
    } else {
        card.text(format!("Declared in {}.", sources.path(rule.place.file)));
    }
    card
}

/// A rule of a pack that is not used here; `None` for what is no rule.
pub fn absent_rule(library: &Library, choices: &[Choice], id: &str) -> Option<Card> {
    library.known.iter().find(|known| *known == id)?;
    let mut card = Card::new(id, "rule that is not used here");
    let pack = id.split('/').next().unwrap_or_default();
    let choice = choices.iter().find(|choice| choice.pack == pack);
    let why = choice.map_or_else(|| "`packs` does not name it".to_owned(), |choice| choice.why(&library.atlas));
    card.text(format!("The pack {} is not active: {why}.", quoted(pack)));
    if is_builtin(id) {
        card.blocks.push(Block::Text(vec![Piece::Page(format!("https://purposelint.dev/rules/{id}"))]));
    }
    Some(card)
}

/// How severe a rule may be under some settings, most severe first.
fn severities(rule: &Rule, settings: &RuleSettings) -> String {
    let of = |case: &SeverityCase| settings.capped(settings.severity.unwrap_or(case.is));
    let mut found: Vec<Severity> = rule.severity.iter().map(of).collect();
    found.sort_unstable_by_key(|severity| std::cmp::Reverse(*severity));
    found.dedup();
    let words: Vec<String> = found.iter().map(Severity::to_string).collect();
    if words.is_empty() { rule.usual_severity().to_string() } else { words.join(" or ") }
}

/// A text on one line, cut at a word where it is long.
fn short(text: &str) -> String {
    let text = super::super::squeeze(text);
    match text.char_indices().nth(TEXT) {
        None => text,
        Some((at, _)) => {
            let start = text.get(..at).unwrap_or_default();
            format!("{} …", start.rsplit_once(' ').map_or(start, |(start, _)| start))
        }
    }
}

/// A parameter of a rule with its usual value.
pub fn parameter(rule: &Rule, name: &str) -> Option<Card> {
    let param = rule.params.iter().find(|param| param.name == name)?;
    let mut card = Card::new(name, format!("parameter of {}", quoted(&rule.id)));
    card.text(format!("Usually {}.", quoted(&shown(&param.value))));
    Some(card)
}

/// A pack: what it is about, and whether it is used here.
pub fn pack(library: &Library, choices: &[Choice], name: &str) -> Option<Card> {
    let choice = choices.iter().find(|choice| choice.pack == name);
    let pack = library.packs.iter().find(|pack| pack.name == name);
    let title = pack.map_or(name, |pack| &pack.title);
    if choice.is_none() && pack.is_none() {
        return None;
    }
    let version = pack.map(|pack| format!(" {}", pack.version)).unwrap_or_default();
    let mut card = Card::new(sentence(title).trim_end_matches('.'), format!("pack {}{version}", quoted(name)));
    match choice {
        Some(choice) if choice.active => card.text(format!("Active: {}.", choice.why(&library.atlas))),
        Some(choice) => card.text(format!("Not active: {}.", choice.why(&library.atlas))),
        None => card.text("Active: `packs` names it."),
    }
    if let Some(pack) = pack {
        let count = if pack.rules.len() == 1 { "1 rule".to_owned() } else { format!("{} rules", pack.rules.len()) };
        let places = some(pack.territories.iter().cloned(), CITES * 2);
        card.text(if places.is_empty() { format!("{count}.") } else { format!("{count}, about the law of {places}.") });
    }
    Some(card)
}

/// A comment with the findings that it accepts, and what is flagged about it.
pub fn ignore(ignore: &Ignore, accepted: &[&Finding], flagged: &[&Finding], today: Date) -> Card {
    let rules = some(ignore.rules.iter().map(|rule| quoted(&rule.value)), CITES);
    let mut card = Card::new("Accepts findings", rules);
    card.text(format!("Reason: {}", ignore.reason));
    match &ignore.until {
        Some(until) if until.value <= today => card.text(format!("It no longer holds since {}.", until.value)),
        Some(until) => card.text(format!("It holds until {}.", until.value)),
        None => card.text("It holds for good."),
    }
    if accepted.is_empty() {
        card.text("It accepts nothing now.");
    } else {
        card.text(if accepted.len() == 1 {
            "It accepts 1 finding:".to_owned()
        } else {
            format!("It accepts {} findings:", accepted.len())
        });
        accepted
            .iter()
            .take(CITES)
            .for_each(|finding| card.item(format!("{}: {}", quoted(&finding.rule), finding.message)));
    }
    flagged.iter().for_each(|finding| card.item(finding.message.clone()));
    card
}
