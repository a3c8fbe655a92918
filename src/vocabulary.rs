//! The vocabularies: uses, data categories, data subjects and lawful bases, as dotted keys.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::order::Order;
use crate::shipped::shipped;
use crate::suggest;

/// A vocabulary that a text is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Terms {
    /// Purposes: `train_ai_system`.
    Use,
    /// Data categories: `user.content`.
    Data,
    /// Data subjects: `customer`.
    Subject,
    /// Lawful bases: `consent`.
    Basis,
}

impl Terms {
    /// The words for people: `a data category`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Use => "a use",
            Self::Data => "a data category",
            Self::Subject => "a data subject",
            Self::Basis => "a lawful basis",
        }
    }
}

/// A file `policies/vocabulary/*.yaml`.
#[derive(Debug, Clone, Deserialize)]
struct File {
    keys: BTreeMap<String, Term>,
    #[serde(default)]
    misspelt: BTreeMap<String, String>,
}

/// What a vocabulary says of a key.
#[derive(Debug, Clone, Deserialize)]
pub struct Term {
    /// What the key means, in a few words.
    pub title: String,
}

/// All four vocabularies.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    uses: File,
    data: File,
    subjects: File,
    bases: File,
}

impl Vocabulary {
    /// The vocabularies that come with the program.
    pub fn builtin() -> &'static Self {
        static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
        VOCABULARY.get_or_init(|| {
            let read = |name: &str| {
                let none = || File { keys: BTreeMap::new(), misspelt: BTreeMap::new() };
                shipped(&format!("vocabulary/{name}.yaml")).unwrap_or_else(none)
            };
            Self { uses: read("uses"), data: read("data"), subjects: read("subjects"), bases: read("bases") }
        })
    }

    fn file(&self, terms: Terms) -> &File {
        match terms {
            Terms::Use => &self.uses,
            Terms::Data => &self.data,
            Terms::Subject => &self.subjects,
            Terms::Basis => &self.bases,
        }
    }

    /// Adds a key, or gives one that exists another meaning.
    pub fn add(&mut self, terms: Terms, key: &str, title: &str) {
        let file = match terms {
            Terms::Use => &mut self.uses,
            Terms::Data => &mut self.data,
            Terms::Subject => &mut self.subjects,
            Terms::Basis => &mut self.bases,
        };
        file.keys.insert(key.to_owned(), Term { title: title.to_owned() });
    }

    /// What a key means, `None` where it is not in the vocabulary.
    pub fn get(&self, terms: Terms, key: &str) -> Option<&Term> {
        self.file(terms).keys.get(key)
    }

    /// All keys of a vocabulary, sorted.
    pub fn keys(&self, terms: Terms) -> impl Iterator<Item = &str> {
        self.file(terms).keys.keys().map(String::as_str)
    }

    /// What was probably meant by a key that is not in the vocabulary: a known slip, the nearest key, a key whose last segment
    /// it is, or the longest parent that exists. Spaces and capitals are those of people who do not write code.
    pub fn suggestion(&self, terms: Terms, key: &str) -> Option<String> {
        let file = self.file(terms);
        let key = &*key.trim().to_lowercase().replace([' ', '-'], "_");
        if let Some(right) = file.misspelt.get(key) {
            return Some(right.clone());
        }
        if file.keys.contains_key(key) {
            return Some(key.to_owned());
        }
        if let Some(near) = suggest::nearest(key, self.keys(terms)) {
            return Some(near.to_owned());
        }
        if let Some(full) = self.keys(terms).find(|full| full.rsplit('.').next() == Some(key)) {
            return Some(full.to_owned());
        }
        let mut parent = key;
        while let Some((shorter, _)) = parent.rsplit_once('.') {
            if file.keys.contains_key(shorter) {
                return Some(shorter.to_owned());
            }
            parent = shorter;
        }
        None
    }

    /// What to do about a key that is not in the vocabulary. The keys themselves are named, since nobody has the files of the
    /// vocabulary at hand who has only the program.
    pub fn help(&self, terms: Terms, key: &str) -> String {
        if let Some(near) = self.suggestion(terms, key) {
            return format!("did you mean `{near}`?");
        }
        let related = self.related(terms, key);
        if !related.is_empty() {
            return format!("did you mean {}?", suggest::either(&related));
        }
        let prefix = if terms == Terms::Data { "user." } else { "" };
        let below = self.keys(terms).filter_map(|key| key.strip_prefix(prefix));
        let general: Vec<&str> = below.filter(|rest| !rest.contains('.')).collect();
        let start = if prefix.is_empty() { String::new() } else { format!("`{prefix}` and ") };
        format!("write {start}one of {}", suggest::list(&general))
    }

    /// Keys that share a word with `key`, in the key or in its title: those that share most first, then the general ones.
    fn related(&self, terms: Terms, key: &str) -> Vec<&str> {
        let wanted: Vec<String> = words(key).filter(|word| !COMMON.contains(&&**word)).collect();
        let shared = |full: &str, term: &Term| {
            let own: Vec<String> = words(full).chain(words(&term.title)).collect();
            wanted.iter().filter(|word| own.iter().any(|other| is_same_word(word, other))).count()
        };
        let mut ranked: Vec<(usize, usize, &str)> = (self.file(terms).keys.iter())
            .map(|(full, term)| (shared(full, term), full.split('.').count(), full.as_str()))
            .filter(|(shared, ..)| *shared > 0)
            .collect();
        ranked.order_by_key(|(shared, depth, full)| (std::cmp::Reverse(*shared), *depth, *full));
        ranked.into_iter().take(MOST_RELATED).map(|(.., full)| full).collect()
    }
}

/// Words that say nothing about what is meant.
const COMMON: [&str; 12] = ["a", "an", "and", "by", "data", "for", "of", "our", "the", "to", "user", "with"];

/// More keys than this are a list, not a suggestion.
const MOST_RELATED: usize = 4;

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Whether two words differ in their ending at most: `personalized` and `personalize`.
fn is_same_word(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    a == b || (short.len() >= 4 && long.len() - short.len() <= 3 && long.starts_with(short))
}

/// Whether `key` is `ancestor` or lies below it.
pub fn within(key: &str, ancestor: &str) -> bool {
    key.strip_prefix(ancestor).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The first segment of a key.
pub fn root(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vocabulary_that_ships_is_read_and_every_key_has_its_parent() {
        let vocabulary = Vocabulary::builtin();
        for terms in [Terms::Use, Terms::Data, Terms::Subject, Terms::Basis] {
            assert!(vocabulary.keys(terms).count() > 10, "{terms:?}");
            for key in vocabulary.keys(terms) {
                if let Some((parent, _)) = key.rsplit_once('.') {
                    assert!(vocabulary.get(terms, parent).is_some(), "{key} has no parent");
                }
            }
            for right in vocabulary.file(terms).misspelt.values() {
                assert!(vocabulary.get(terms, right).is_some(), "{right}");
            }
        }
    }

    #[test]
    fn slips_are_answered() {
        let vocabulary = Vocabulary::builtin();
        for (terms, wrong, right) in [
            (Terms::Use, "train_ai_sytem", "train_ai_system"),
            (Terms::Use, "ai.train", "train_ai_system"),
            (Terms::Use, "train_ai_system.generativ", "train_ai_system.generative"),
            (Terms::Data, "user.behavioral", "user.behavior"),
            (Terms::Basis, "legitimate_interest", "legitimate_interests"),
        ] {
            assert_eq!(vocabulary.suggestion(terms, wrong).as_deref(), Some(right), "{wrong}");
        }
    }

    #[test]
    fn plain_words_lead_to_keys() {
        let vocabulary = Vocabulary::builtin();
        for (terms, wrong, help) in [
            (Terms::Data, "bank account", "did you mean `user.financial.bank_account`?"),
            (Terms::Data, "Email", "did you mean `user.contact.email`?"),
            (Terms::Use, "advertising.personalized", "did you mean `personalize`, `marketing.advertising`, "),
            (Terms::Data, "health data", "did you mean `user.health_and_medical`, "),
            (Terms::Use, "workout tracking", "write one of `analytics`, `collect`, "),
            (Terms::Data, "heart rate", "write `user.` and one of `account`, `authorization`, "),
            (Terms::Basis, "GDPR", "write one of `consent`, `contract`, "),
        ] {
            let said = vocabulary.help(terms, wrong);
            assert!(said.starts_with(help), "{wrong}: {said}");
        }
    }

    #[test]
    fn prefixes_end_at_dots() {
        assert!(within("train_ai_system.generative", "train_ai_system"));
        assert!(within("train_ai_system", "train_ai_system"));
        assert!(!within("train_ai_systematic", "train_ai_system"));
    }
}
