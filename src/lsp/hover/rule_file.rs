//! A place in a rule of the workspace's own.

use gen_lsp_types::Uri;

use super::super::documents::path_of;
use super::super::held::{Held, Sound, below};
use super::super::server::Server;
use super::rule;
use crate::explain::card::{self, Card};
use crate::model::Terms;
use crate::schema::{self, SchemaKind, describe_in};
use crate::source::{FileId, Span};
use crate::syntax::{Limits, parse};

/// Keys whose texts are conditions, or have facts in braces.
const CONDITIONS: [&str; 6] = ["when", "require", "message", "help", "primary", "set"];

/// The file of a pack that a URI names.
pub(super) fn find<'s>(server: &'s Server, uri: &Uri) -> Option<(&'s Sound, FileId)> {
    let path = path_of(uri)?;
    server.workspaces.iter().find_map(|(_, held)| {
        let Held::Sound(sound) = held else { return None };
        let root = &sound.workspace.root;
        let mut files = sound.engine.library.sources.iter();
        files.find(|(_, source)| below(root, source.path()) == path).map(|(file, _)| (&**sound, file))
    })
}

/// What stands at a byte, and where it begins and ends.
pub(super) fn card(sound: &Sound, file: FileId, offset: usize) -> Option<(Card, Span)> {
    let library = &sound.engine.library;
    let source = library.sources.get(file)?;
    let (tree, _) = parse(&library.sources, file, &Limits::default());
    let way = tree.at(offset)?;
    let keys = way.keys();
    let is_pack = source.path().ends_with("pack.yaml");
    let kind = if is_pack { SchemaKind::Pack } else { SchemaKind::Policy };
    let own = library.rules().find(|rule| rule.place.file == file);
    let node = way.node()?;
    let key = |path: &[&str]| Some(card::key(path.last()?, &describe_in(kind, path)?));
    if way.on_key {
        let described = match keys.as_slice() {
            ["parameters", name] => card::parameter(own?, name),
            _ => key(&keys),
        };
        return Some((described?, node.span()));
    }
    let text = way.scalar()?.text()?;
    let term = |terms: Terms| card::term(&library.vocabulary, terms, text);
    let card = match keys.as_slice() {
        ["applies", "uses"] => term(Terms::Use),
        ["applies", "data"] => term(Terms::Data),
        ["applies", "subjects"] => term(Terms::Subject),
        ["applies" | "cites", "regions"] | ["examples", "in" | "not_in"] | ["territories"] => {
            card::region(&library.atlas, sound.day(), text, &[])
        }
        ["examples", "also_flagged"] => rule(sound, file, text),
        ["severity" | "undetermined" | "raised_by" | "per"] | ["severity", "is"] | ["cites", "kind" | "confidence"] => {
            key(&keys)
        }
        [first, .., last] | [first @ last] if CONDITIONS.contains(last) && *first != "examples" => {
            return word(sound, (file, offset), node.span().start as usize);
        }
        _ => None,
    };
    Some((card?, node.span()))
}

/// A word of the condition that begins at a byte.
fn word(sound: &Sound, (file, offset): (FileId, usize), begin: usize) -> Option<(Card, Span)> {
    let library = &sound.engine.library;
    let text = library.sources.get(file)?.text();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (before, after) = (text.get(..offset)?, text.get(offset..)?);
    let start = before.trim_end_matches(|c| is_part(c) || c == '.' || c == '-').len();
    let end = offset + after.find(|c| !is_part(c)).unwrap_or(after.len());
    let path = text.get(start..end)?;
    let rest = text.get(end..)?;
    if text.get(..start)?.ends_with(['"', '\'']) {
        let end = offset + after.find(['"', '\'', '\n'])?;
        let literal = text.get(start..end)?;
        let all = [Terms::Use, Terms::Data, Terms::Subject, Terms::Basis];
        let term = all.into_iter().find_map(|terms| card::term(&library.vocabulary, terms, literal));
        let card = term.or_else(|| card::region(&library.atlas, sound.day(), literal, &[]))?;
        return Some((card, Span::new(file, start, end)));
    }
    let path = path.trim_start_matches(['-', '.']);
    let span = Span::new(file, end - path.len(), end);
    if let Some(name) = path.strip_prefix("param.") {
        let own = library.rules().find(|rule| rule.place.file == file)?;
        return Some((card::parameter(own, name)?, span));
    }
    let is_called = rest.trim_start().starts_with('(');
    let condition = text.get(begin..end - path.len()).unwrap_or_default();
    Some((card::word(path, is_called, condition, &schema::describe)?, span))
}
