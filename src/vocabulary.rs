//! The vocabularies: uses, data categories, data subjects and lawful bases, as dotted keys.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

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
            let read = |text: &str| {
                serde_yaml::from_str(text).unwrap_or_else(|_| File { keys: BTreeMap::new(), misspelt: BTreeMap::new() })
            };
            Self {
                uses: read(include_str!("../policies/vocabulary/uses.yaml")),
                data: read(include_str!("../policies/vocabulary/data.yaml")),
                subjects: read(include_str!("../policies/vocabulary/subjects.yaml")),
                bases: read(include_str!("../policies/vocabulary/bases.yaml")),
            }
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
    /// it is, or the longest parent that exists.
    pub fn suggestion(&self, terms: Terms, key: &str) -> Option<String> {
        let file = self.file(terms);
        if let Some(right) = file.misspelt.get(key) {
            return Some(right.clone());
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
    fn prefixes_end_at_dots() {
        assert!(within("train_ai_system.generative", "train_ai_system"));
        assert!(within("train_ai_system", "train_ai_system"));
        assert!(!within("train_ai_systematic", "train_ai_system"));
    }
}
