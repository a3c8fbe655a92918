//! A place in `purposelint.yaml`.

use super::super::here::Here;
use super::rule;
use crate::explain::card::{self, Card};
use crate::schema::{SchemaKind, describe_in};
use crate::source::Span;

/// What stands at a byte, and where it begins and ends.
pub(super) fn card(here: Here<'_>, offset: usize) -> Option<(Card, Span)> {
    let tree = here.tree();
    let way = tree.at(offset)?;
    let span = way.node()?.span();
    let keys = way.keys();
    let text = way.scalar().and_then(|node| node.text());
    let engine = &here.sound.engine;
    let key = |path: &[&str]| Some(card::key(path.last()?, &describe_in(SchemaKind::Config, path)?));
    let region = |name: &str| card::region(&engine.library.atlas, here.sound.day(), name, &[]);
    let named = |name: &str| match name.strip_suffix("/*") {
        Some(pack) => card::pack(&engine.library, &engine.choices, pack),
        None => rule(here.sound, here.file, name),
    };
    // what stands for some files is said of them as it is of all
    let inner = match keys.as_slice() {
        ["files", rest @ ..] => rest,
        all => all,
    };
    let card = match (inner, way.on_key) {
        (["severity" | "parameters", id], true) => named(id),
        (["parameters", id, name], _) => card::parameter(engine.library.rule(id)?, name),
        (["groups", name], true) => region(name),
        (["groups", _] | ["waivers", "regions"], false) => region(text?),
        (["locked"] | ["waivers", "rule"], false) => named(text?).or_else(|| key(&keys)),
        (["packs"], false) => {
            let name = text?.trim_end_matches('/').rsplit('/').next()?;
            card::pack(&engine.library, &engine.choices, name).or_else(|| key(&keys))
        }
        (["severity", _], false) => key(keys.get(..keys.len() - 1)?),
        (_, true) => key(&keys),
        (["fail_on"], false) => key(&keys),
        _ => None,
    };
    Some((card?, span))
}
