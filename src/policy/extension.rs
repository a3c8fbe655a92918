//! What a pack adds to the vocabularies and groups: `vocabulary.yaml` and `groups.yaml` in its folder.

use super::read::CODE;
use crate::diagnostic::Diagnostic;
use crate::space::{Atlas, unknown_region};
use crate::suggest;
use crate::syntax::{Entry, Kind, NodeRef};
use crate::vocabulary::{Terms, Vocabulary};

const VOCABULARIES: [(&str, Terms); 4] =
    [("uses", Terms::Use), ("data", Terms::Data), ("subjects", Terms::Subject), ("bases", Terms::Basis)];

/// Adds the keys of a `vocabulary.yaml`. Each must lie below a key that exists, so that rules about the parent see it.
pub(super) fn vocabulary(root: NodeRef<'_>, vocabulary: &mut Vocabulary) -> Vec<Diagnostic> {
    let mut diagnostics =
        Vec::from_iter(no_mapping(root, "a vocabulary.yaml", "write `uses`, `data`, `subjects` or `bases`"));
    for entry in root.entries() {
        match entry.name().and_then(|name| VOCABULARIES.into_iter().find(|(key, _)| *key == name)) {
            Some((name, terms)) => {
                let help = "write each key with what it means: `parent.new_key: {title: …}`";
                diagnostics.extend(no_mapping(entry.value, &format!("`{name}`"), help));
                for key in entry.value.entries() {
                    diagnostics.extend(term(key, terms, vocabulary));
                }
            }
            None => diagnostics.extend(stray(entry, &["version", "uses", "data", "subjects", "bases"])),
        }
    }
    diagnostics
}

fn term(entry: Entry<'_>, terms: Terms, vocabulary: &mut Vocabulary) -> Option<Diagnostic> {
    let span = entry.key.span();
    let wrong = |message: String, help: &str| Some(Diagnostic::new(CODE, span, message).help(help));
    let Some(key) = entry.name() else { return wrong("a key must be text".to_owned(), "write a dotted key") };
    let Some(title) = entry.value.get("title").and_then(|title| title.value.text()) else {
        return wrong(format!("`{key}` has no `title`"), "say in a few words what it means: `{title: …}`");
    };
    let shaped = key.split('.').all(|part| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    });
    if !shaped {
        return wrong(format!("`{key}` is not a dotted key"), "write lower-case words with `_`, joined by dots");
    }
    if vocabulary.get(terms, key).is_some() {
        return wrong(format!("`{key}` exists already"), "leave it out, or give the new key another name");
    }
    match key.rsplit_once('.') {
        Some((parent, _)) if vocabulary.get(terms, parent).is_some() => {
            vocabulary.add(terms, key, title);
            None
        }
        Some((parent, _)) => {
            let help = match vocabulary.suggestion(terms, parent) {
                Some(near) => format!("put it below a key that exists, such as `{near}`"),
                None => "put it below a key that exists".to_owned(),
            };
            wrong(format!("there is no {} `{parent}`", terms.noun().trim_start_matches("a ")), &help)
        }
        None => wrong(
            format!("`{key}` lies below no key that exists"),
            "rules know the keys that exist; a new key goes below the nearest of them: `parent.new_key`",
        ),
    }
}

/// Adds the groups of a `groups.yaml`, each made of codes, groups that exist, and groups further up in the file.
pub(super) fn groups(root: NodeRef<'_>, atlas: &mut Atlas) -> Vec<Diagnostic> {
    let help = "write each group with its members: `ACME-HOME: [FR, BENELUX]`";
    let mut diagnostics = Vec::from_iter(no_mapping(root, "a groups.yaml", "write `groups`, and below it the groups"));
    for entry in root.entries() {
        match entry.name() {
            Some("version") => {}
            Some("groups") => {
                diagnostics.extend(no_mapping(entry.value, "`groups`", help));
                for group in entry.value.entries() {
                    diagnostics.extend(self::group(group, atlas));
                }
            }
            _ => diagnostics.extend(stray(entry, &["version", "groups"])),
        }
    }
    diagnostics
}

fn group(entry: Entry<'_>, atlas: &mut Atlas) -> Vec<Diagnostic> {
    let span = entry.key.span();
    let wrong = |message: String, help: &str| vec![Diagnostic::new(CODE, span, message).help(help)];
    let name = entry.name().unwrap_or_default();
    let capitals = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-');
    if !capitals {
        return wrong(format!("`{name}` is not a group name"), "write capitals, digits and hyphens: `ACME-HOME`");
    }
    if atlas.knows(name) {
        return wrong(format!("`{name}` exists already"), "give the group another name");
    }
    if let Some(other) = entry.value.items().find(|item| item.text().is_none()) {
        let message = format!("a member of group `{name}` must be text, not {}", other.kind().describe());
        return vec![
            Diagnostic::new(CODE, other.span(), message).help("list territory codes and groups: `[FR, BENELUX]`"),
        ];
    }
    let members: Vec<(&str, crate::source::Span)> =
        entry.value.items().filter_map(|item| Some((item.text()?, item.span()))).collect();
    let unknown: Vec<Diagnostic> = members
        .iter()
        .filter(|(code, _)| !atlas.knows(code))
        .map(|(code, span)| Diagnostic { code: CODE, ..unknown_region(atlas, *span, code) })
        .collect();
    if members.is_empty() {
        return wrong(format!("group `{name}` has no members"), "list territory codes and groups: `[FR, BENELUX]`");
    }
    if unknown.is_empty() {
        let codes: Vec<&str> = members.iter().map(|(code, _)| *code).collect();
        // INVARIANT: every code is known, so the atlas takes the group
        let _taken = atlas.add_group(name, &codes);
    }
    unknown
}

/// Says so where something else stands than keys: nothing of it would be taken in.
fn no_mapping(node: NodeRef<'_>, what: &str, help: &str) -> Option<Diagnostic> {
    let is_one = node.is_mapping() || node.kind() == Kind::Null;
    let message = || format!("{what} must be a mapping, not {}", node.kind().describe());
    (!is_one).then(|| Diagnostic::new(CODE, node.span(), message()).help(help))
}

fn stray(entry: Entry<'_>, keys: &[&str]) -> Option<Diagnostic> {
    let name = entry.name().unwrap_or_default();
    if keys.contains(&name) {
        return None;
    }
    let help = suggest::did_you_mean(name, keys);
    Some(Diagnostic { help, ..Diagnostic::new(CODE, entry.key.span(), format!("unknown key `{name}`")) })
}
