//! Lexicons: words and phrases per language, found whole and whatever their case.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;
use serde::Deserialize;

use crate::shipped::{is_shipped, shipped};

/// Bytes of a text from which on all phrases are looked for at once: ten thousand of them, one after the other in ten megabytes,
/// would take a minute. Shorter texts are done before that is prepared.
const LONG: usize = 1 << 16;

/// The words of one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    #[serde(rename = "source")]
    _source: String,
    words: Vec<String>,
    #[serde(default)]
    closing: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(rename = "title")]
    _title: String,
    languages: BTreeMap<String, Language>,
}

/// The phrases of one language, each as ` words with one space around `.
#[derive(Debug, Clone)]
struct Phrases {
    /// Those that count wherever they stand.
    anywhere: Vec<Finder<'static>>,
    /// Those that count only where a clause ends with them: "and more", but not "and more accurate".
    closing: Vec<Finder<'static>>,
    /// The first of them, to be found in one go.
    at_once: OnceLock<Option<AhoCorasick>>,
}

impl Phrases {
    fn of(language: &Language) -> Self {
        let all = |words: &[String]| words.iter().map(|word| Finder::new(&normal(word)).into_owned()).collect();
        Self { anywhere: all(&language.words), closing: all(&language.closing), at_once: OnceLock::new() }
    }

    fn are_in(&self, text: &str) -> bool {
        let whole = normal(text);
        let is_there = |phrase: &Finder<'_>| phrase.find(&whole).is_some();
        let at_once = || AhoCorasick::new(self.anywhere.iter().map(Finder::needle)).ok();
        let all = if text.len() < LONG { None } else { self.at_once.get_or_init(at_once).as_ref() };
        let anywhere = all.map_or_else(|| self.anywhere.iter().any(is_there), |all| all.is_match(&whole));
        let ends = |clause: &str| {
            let clause = normal(clause);
            self.closing.iter().any(|phrase| clause.ends_with(phrase.needle()))
        };
        // what a clause ends with is somewhere in the whole
        anywhere || self.closing.iter().any(is_there) && clauses(text).any(ends)
    }
}

/// A lexicon.
#[derive(Debug, Clone)]
pub struct Lexicon {
    /// Its file, where it comes with the program: read once a text is held against it.
    path: String,
    languages: OnceLock<Languages>,
}

/// Each with its phrases, once a text of that language is held against them.
type Languages = BTreeMap<String, (Language, OnceLock<Phrases>)>;

impl Lexicon {
    /// Reads the text of a file `lexicons/*.yaml`; the error says what is wrong.
    pub fn load(text: &str) -> Result<Self, String> {
        let file: File = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let mut all_words = file.languages.values().flat_map(|language| language.words.iter().chain(&language.closing));
        // it would be found in every text
        if let Some(empty) = all_words.find(|word| normal(word) == b" ") {
            return Err(format!("`{empty}` has no word in it"));
        }
        Ok(Self { path: String::new(), languages: OnceLock::from(languages(file)?) })
    }

    /// One that comes with the program, by its path.
    pub(super) fn shipped(path: &str) -> Option<Self> {
        is_shipped(path).then(|| Self { path: path.to_owned(), languages: OnceLock::new() })
    }

    /// Whether a text has a word or phrase; `None` where the lexicon does not have the language. `de-CH` is looked up as `de`.
    pub fn mentions(&self, language: &str, text: &str) -> Option<bool> {
        let primary = language.split('-').next().unwrap_or(language).to_lowercase();
        // a file of another shape, of which there is none, would have no language
        let read = || shipped(&self.path).and_then(|file| languages(file).ok()).unwrap_or_default();
        let languages = self.languages.get_or_init(read);
        let (words, phrases) = languages.get(&language.to_lowercase()).or_else(|| languages.get(&primary))?;
        Some(phrases.get_or_init(|| Phrases::of(words)).are_in(text))
    }
}

/// The languages of a file by their tags, in lower case: case makes no difference in a tag.
fn languages(file: File) -> Result<Languages, String> {
    let mut out = Languages::new();
    for (tag, language) in file.languages {
        if out.insert(tag.to_lowercase(), (language, OnceLock::new())).is_some() {
            return Err(format!("the language `{tag}` is there twice, in another case"));
        }
    }
    Ok(out)
}

/// The parts of a text between marks that end a clause.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    text.split(['.', ',', ';', ':', '!', '?', '(', ')', '\u{2013}', '\u{2014}'])
}

/// Lower case, words separated and surrounded by one space, everything else left out.
fn normal(text: &str) -> Vec<u8> {
    if !text.is_ascii() {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let lower = words.flat_map(|word| word.chars().flat_map(char::to_lowercase).chain([' ']));
        return [' '].into_iter().chain(lower).collect::<String>().into_bytes();
    }
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(b' ');
    for byte in text.bytes().chain([b' ']) {
        let byte = if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b' ' };
        if byte != b' ' || out.last() != Some(&b' ') {
            out.push(byte);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole_and_whatever_their_case() {
        let lexicon = Lexicon::load(
            "{version: 1, title: t, languages: {en: {source: s, words: [seeks to, where possible]}, de: {source: s, words: [bemüht]}}}",
        )
        .unwrap();
        assert_eq!(lexicon.mentions("en", "The company SEEKS\n to remove data"), Some(true));
        assert_eq!(lexicon.mentions("en-GB", "removed, where possible."), Some(true));
        assert_eq!(lexicon.mentions("en", "it seeks tomorrow"), Some(false));
        assert_eq!(lexicon.mentions("de-CH", "Wir sind BEMÜHT"), Some(true));
        assert_eq!(lexicon.mentions("fr", "tout"), None);
    }

    #[test]
    fn a_language_is_found_whatever_the_case_of_its_tag() {
        let load = |tags: [&str; 2]| {
            let [one, other] = tags.map(|tag| format!("{tag}: {{source: s, words: [talvez]}}"));
            Lexicon::load(&format!("{{version: 1, title: t, languages: {{{one}, {other}}}}}"))
        };
        let lexicon = load(["pt-BR", "ZH-Hant"]).unwrap();
        for tag in ["pt-BR", "pt-br", "PT-BR", "zh-hant", "zh-Hant"] {
            assert_eq!(lexicon.mentions(tag, "Talvez."), Some(true), "{tag}");
        }
        assert_eq!(lexicon.mentions("pt-PT", "Talvez."), None);
        let twice = "the language `pt-br` is there twice, in another case";
        assert_eq!(load(["pt-BR", "pt-br"]).unwrap_err(), twice);
    }

    #[test]
    fn texts_of_all_letters_come_to_the_same_form() {
        let forms = [
            ("", " "),
            (" -- ", " "),
            ("One", " one "),
            ("  One,TWO -- 3rd.", " one two 3rd "),
            ("ÜBER  alles!", " über alles "),
            ("\u{2013} Å \u{2013}", " å "),
        ];
        for (text, form) in forms {
            assert_eq!(String::from_utf8(normal(text)).unwrap(), form, "{text:?}");
        }
    }

    #[test]
    fn some_phrases_count_only_where_a_clause_ends_with_them() {
        let lexicon = Lexicon::load(
            "{version: 1, title: t, languages: {en: {source: s, words: [such as], closing: [and more]}}}",
        )
        .unwrap();
        for (text, found) in [
            ("search, ads and more", true),
            ("Search, and MORE.", true),
            ("search and more; nothing else", true),
            ("search (and more) for you", true),
            ("train faster and more accurate models", false),
            ("kept two years and more than that", false),
            ("search and moreover", false),
            ("models such as these", true),
        ] {
            assert_eq!(lexicon.mentions("en", text), Some(found), "{text}");
            let long = format!("{}. {text}", "of ".repeat(LONG));
            assert_eq!(lexicon.mentions("en", &long), Some(found), "{text} behind a long text");
        }
    }

    #[test]
    fn every_list_of_the_program_can_be_read() {
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/policies/lexicons")).unwrap() {
            let path = format!("lexicons/{}", entry.unwrap().file_name().to_string_lossy());
            assert!(Lexicon::shipped(&path).unwrap().mentions("en", "a text").is_some(), "{path}");
        }
    }
}
