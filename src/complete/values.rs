//! Words, days, durations, ages, places, keys of vocabularies.

use super::{Kind, Offer, Place};
use crate::model::Terms;
use crate::order::Order;
use crate::schema::Shape;
use crate::syntax::Part;

/// Durations that are common, in words.
const DURATIONS: [(&str, &str); 8] = [
    ("P30D", "30 days"),
    ("P90D", "90 days"),
    ("P6M", "six months"),
    ("P1Y", "one year"),
    ("P2Y", "two years"),
    ("P3Y", "three years"),
    ("P10Y", "ten years"),
    ("PT24H", "24 hours"),
];

/// Ranges of ages at which laws draw lines.
const AGES: [&str; 8] = ["under-13", "under-16", "under-18", "13+", "13-15", "16+", "16-17", "adult"];

/// The words of a closed list.
pub(super) fn words(shape: &Shape<'_>) -> Vec<Offer> {
    let offer = |word: crate::schema::AllowedWord| {
        let detail = word.meaning.unwrap_or_default();
        Offer::new(word.text, Kind::Word).detail(detail)
    };
    shape.words().into_iter().map(offer).collect()
}

/// Whether a text means something else to YAML where it stands without quotes.
pub(super) fn needs_quotes(text: &str) -> bool {
    let starts = text.starts_with(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '/'));
    // older readers take the code of Norway for a word of their own
    starts || text == "NO" || text.contains(": ") || text.contains(" #") || text.contains(['[', ']', '{', '}', ','])
}

pub(super) fn durations() -> Vec<Offer> {
    DURATIONS.map(|(text, words)| Offer::new(text, Kind::Value).detail(words)).to_vec()
}

/// The words that a description names: `` `person_deletes`, `account_closure` ``.
fn named_in(shape: &Shape<'_>) -> Vec<String> {
    let texts = shape.descriptions();
    let words = texts.iter().flat_map(|text| text.split('`').skip(1).step_by(2));
    let is_word = |word: &&str| word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    words.filter(is_word).map(str::to_owned).collect()
}

impl Place<'_> {
    /// Values of what a schema gives a name: days, durations, ages, events, places.
    pub(super) fn by_definition(&self, shape: &Shape<'_>) -> Vec<Offer> {
        let mut offers = Vec::new();
        if shape.is("day") || shape.is("date") {
            offers.extend(self.today());
        }
        if shape.is("duration") || shape.is("duration_or_event") {
            offers.extend(durations());
        }
        if shape.is("event") || shape.is("duration_or_event") {
            offers.extend(named_in(shape).into_iter().map(|event| Offer::new(event, Kind::Word)));
        }
        if shape.is("ages") || shape.is("age") {
            offers.extend(AGES.map(|ages| Offer::new(ages, Kind::Value)));
        }
        if shape.is("regions") || self.list().is_some_and(|list| list.is("regions")) {
            offers.extend(self.regions());
        }
        offers
    }

    pub(super) fn today(&self) -> Vec<Offer> {
        vec![Offer::new(self.known.today.to_string(), Kind::Value).detail("today")]
    }

    /// What the schema says of the list in which an item is written.
    fn list(&self) -> Option<Shape<'static>> {
        let [before @ .., Part::Item(_)] = self.cursor.path.as_slice() else { return None };
        Shape::at(self.kind, before)
    }

    /// Groups, then countries, then parts of countries.
    pub(super) fn regions(&self) -> Vec<Offer> {
        let groups = self.known.library.atlas.groups().map(|(name, title)| place(name, title, Kind::Group));
        groups.chain(self.territories()).collect()
    }

    /// Countries, also those that are groups elsewhere, then parts of countries.
    pub(super) fn places(&self) -> Vec<Offer> {
        let divided = self.known.library.atlas.divided().map(|(code, name)| place(code, name, Kind::Territory));
        let mut offers: Vec<Offer> = self.territories().into_iter().chain(divided).collect();
        offers.order_by_key(|offer| (offer.label.contains('-'), offer.label.clone()));
        offers
    }

    /// Countries, then parts of countries.
    pub(super) fn territories(&self) -> Vec<Offer> {
        let leaves = || self.known.library.atlas.leaves();
        let is_part = |code: &str| code.contains('-');
        let countries = leaves().filter(|(code, _)| !is_part(code));
        let parts = leaves().filter(|(code, _)| is_part(code));
        countries.chain(parts).map(|(code, name)| place(code, name, Kind::Territory)).collect()
    }

    /// The keys of a vocabulary, general ones first.
    pub(super) fn terms(&self, terms: Terms) -> Vec<Offer> {
        let vocabulary = &self.known.library.vocabulary;
        let offer = |key: &str| {
            let title = vocabulary.get(terms, key).map(|term| term.title.clone()).unwrap_or_default();
            let found_by = format!("{key} {title}");
            Offer { found_by: Some(found_by), ..Offer::new(key, Kind::Term).detail(title) }
        };
        let mut offers: Vec<Offer> = vocabulary.keys(terms).map(offer).collect();
        offers.order_by_key(|offer| offer.label.matches('.').count());
        offers
    }
}

/// A place is found by its code and by its name.
fn place(code: &str, name: &str, kind: Kind) -> Offer {
    Offer { found_by: Some(format!("{code} {name}")), ..Offer::new(code, kind).detail(name) }
}
