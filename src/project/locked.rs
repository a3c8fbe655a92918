//! What a lock keeps besides severities and parameters: the pack of the rule. And what a run says of locks.

use std::collections::BTreeSet;

use super::workspace::Workspace;
use crate::config::{Config, DEFAULT_PACKS, Layer, Override, is_path};
use crate::diagnostic::Diagnostic;
use crate::evaluate::Finding;
use crate::lint::{Report, Skipped};
use crate::policy::{CORE, is_rule};
use crate::settings::Relaxing;
use crate::source::Span;
use crate::suggest;
use crate::syntax::Located;

/// How many rules a note names.
const NAMED: usize = 3;

/// Packs with locked rules that a nearer layer leaves out of `packs`. `known` are the names of the packs that are used where
/// no list is given, `rules` the ids of all rules.
pub(super) fn dropped_packs<'w>(workspace: &'w Workspace, known: &[String], rules: &[String]) -> Vec<Diagnostic> {
    let layers = &workspace.config.layers;
    let Some((at, list)) = layers.iter().enumerate().find_map(|(at, layer)| Some((at, layer.packs.as_ref()?))) else {
        return Vec::new();
    };
    let Some(place) = layers.get(at).and_then(|layer| layer.packs_place) else { return Vec::new() };
    let key = |pack: &Located<String>| match is_path(&pack.value) {
        true => {
            let files = &workspace.config_files;
            let folder = files.real_path_of(pack).unwrap_or_else(|| files.path_of(pack));
            folder.to_string_lossy().into_owned()
        }
        false => pack.value.clone(),
    };
    let all = || known.iter().map(|name| (name.clone(), None));
    // what a list stands for, as it is known, and where it is a folder as it is written
    let stands_for = |list: &'w [Located<String>]| -> Vec<(String, Option<&'w Located<String>>)> {
        let takes_default = list.iter().any(|pack| pack.value == DEFAULT_PACKS);
        let default = takes_default.then(all).into_iter().flatten();
        list.iter().map(|pack| (key(pack), is_path(&pack.value).then_some(pack))).chain(default).collect()
    };
    let kept: BTreeSet<String> = stands_for(list).into_iter().map(|(key, _)| key).chain([CORE.to_owned()]).collect();
    let mut found: Vec<Diagnostic> = Vec::new();
    for (from, layer) in layers.iter().enumerate().skip(at + 1).filter(|(_, layer)| !layer.locked.is_empty()) {
        let theirs = layers.iter().skip(from).find_map(|layer| layer.packs.as_ref());
        let theirs = theirs.map_or_else(|| all().collect(), |list| stands_for(list));
        for (key, folder) in theirs.into_iter().filter(|(key, _)| !kept.contains(key)) {
            let name = key.rsplit(['/', '\\']).next().unwrap_or(&key);
            // the pack that is used by this name may be another one
            let own = folder.map(|folder| rules_in(workspace, folder, name));
            if let Some(lock) = lock_of_pack(layer, name, own.as_deref().unwrap_or(rules)) {
                let message = format!("`packs` leaves out the pack `{name}`, whose rules are locked");
                let help = match folder {
                    Some(_) => {
                        "add its folder to the list, as a path from the folder of this file, or leave `packs` out here"
                            .to_owned()
                    }
                    None => format!("add `{name}` to the list"),
                };
                let wrong = Diagnostic::new("config-locked", place, message);
                found.push(wrong.label(lock, "locked here").help(help));
            }
        }
    }
    found.dedup();
    found
}

/// The ids of the rules in the folder of a pack, whether or not it is used. One that cannot be read has none.
fn rules_in(workspace: &Workspace, folder: &Located<String>, pack: &str) -> Vec<String> {
    let files = &workspace.config_files;
    let there = files.read_from(folder).entries(&files.path_of(folder)).unwrap_or_default();
    let names = there.iter().filter_map(|path| path.file_name()?.to_str()?.strip_suffix(".yaml"));
    names.filter(|name| is_rule(name)).map(|name| format!("{pack}/{name}")).collect()
}

/// Where a layer locks a rule of a pack.
fn lock_of_pack(layer: &Layer, pack: &str, rules: &[String]) -> Option<Span> {
    let mut of_pack = rules.iter().filter(|rule| rule.split('/').next() == Some(pack));
    of_pack.find_map(|rule| layer.lock_of(rule))
}

/// What the run says of a pack with locked rules that the command line replaces.
pub(super) fn replaced(workspace: &Workspace, pack: &str, folder: &str, rules: &[String]) -> Option<Skipped> {
    let lock = workspace.config.layers.iter().rev().find_map(|layer| lock_of_pack(layer, pack, rules))?;
    let reason = format!(
        "comes from {folder}, as the command line says, although its rules are locked at {}",
        workspace.place(lock)
    );
    Some(Skipped { what: format!("the pack `{pack}`"), reason })
}

/// What the run says of a glob that holds for fewer rules than it matches.
pub(super) fn relaxing(workspace: &Workspace, relaxing: &Relaxing) -> (Span, String) {
    let to = match relaxing.to {
        Override::Off => "off",
        Override::Severity(severity) => severity.as_str(),
    };
    let rules: Vec<&str> = relaxing.rules.iter().map(String::as_str).collect();
    let (lock, glob) = (workspace.place(relaxing.lock), &relaxing.glob.value);
    let reason = format!("`{glob}: {to}` does not hold for {}, locked at {lock}", few(&rules));
    (relaxing.glob.span, reason)
}

/// What the run says of findings that the cap does not reach.
pub fn uncapped(config: &Config, report: &Report) -> Option<Skipped> {
    let cap = config.cap?;
    let is_above = |finding: &&Finding| finding.is_open() && finding.severity > cap;
    let rules: BTreeSet<&str> = report.found().filter(is_above).map(|finding| finding.rule.as_str()).collect();
    if rules.is_empty() {
        return None;
    }
    let rules: Vec<&str> = rules.into_iter().collect();
    let verb = if rules.len() == 1 { "is" } else { "are" };
    Some(Skipped {
        what: format!("--cap {cap}"),
        reason: format!("does not hold for {}, which {verb} locked", few(&rules)),
    })
}

/// The first few names, and how many there are beside them.
fn few(rules: &[&str]) -> String {
    let named = rules.get(..NAMED.min(rules.len())).unwrap_or_default();
    match rules.len() - named.len() {
        0 => suggest::list(named),
        more => {
            format!("{} and {more} more", named.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", "))
        }
    }
}
