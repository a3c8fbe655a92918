//! Lexicons: words and phrases per language, found whole and whatever their case.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The words of one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    #[serde(rename = "source")]
    _source: String,
    words: Vec<String>,
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

/// A lexicon.
#[derive(Debug, Clone)]
pub struct Lexicon {
    /// For each language the phrases, each as ` words with one space around `.
    languages: BTreeMap<String, Vec<String>>,
}

impl Lexicon {
    /// Reads the text of a file `lexicons/*.yaml`; the error says what is wrong.
    pub fn load(text: &str) -> Result<Self, String> {
        let file: File = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let phrases = |language: Language| language.words.iter().map(|word| normal(word)).collect();
        Ok(Self { languages: file.languages.into_iter().map(|(tag, language)| (tag, phrases(language))).collect() })
    }

    /// Whether a text has a word or phrase; `None` where the lexicon does not have the language. `de-CH` is looked up as `de`.
    pub fn mentions(&self, language: &str, text: &str) -> Option<bool> {
        let primary = language.split('-').next().unwrap_or(language).to_lowercase();
        let phrases = self.languages.get(&language.to_lowercase()).or_else(|| self.languages.get(&primary))?;
        let text = normal(text);
        Some(phrases.iter().any(|phrase| text.contains(phrase.as_str())))
    }
}

/// Lower case, words separated and surrounded by one space, everything else left out.
fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        out.extend(word.chars().flat_map(char::to_lowercase));
        out.push(' ');
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
}
