//! From one file to all layers: `extends` followed, each file once, however many ways lead to it.

use std::collections::BTreeMap;

use super::{Config, Layer, LedBy};
use crate::diagnostic::Diagnostic;
use crate::order::Order;
use crate::source::{FileId, SourceMap, Span};
use crate::space::Atlas;

/// How many files a config may consist of.
const MOST_LAYERS: usize = 64;
/// How many files one file may name.
const MOST_NAMED: usize = 64;
/// How many files may build on one another.
const DEEPEST: usize = 16;

/// Opens the files that `extends` names. The library itself reads nothing.
pub trait Bases {
    /// The file that a path in the file `from` leads to, read into the map. One file, by whatever path, has one id.
    ///
    /// # Errors
    /// There is no such file, or it must not be read.
    fn open(&mut self, sources: &mut SourceMap, from: FileId, path: &str) -> Result<FileId, Unopened>;
}

/// Why a file that `extends` names was not opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unopened {
    /// What is wrong, lower case, no full stop.
    pub message: String,
    /// The way out.
    pub help: String,
}

/// The files that a config begins with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Start {
    /// The config of the workspace, where it has one.
    pub workspace: Option<FileId>,
    /// A config that counts as if the farthest file of the workspace's extended it, whether or not one does.
    pub base: Option<FileId>,
}

impl Config {
    /// Reads files of the map and all that they build on. The config holds what is sound; with any diagnostic it must not be
    /// used to judge.
    pub fn load(
        sources: &mut SourceMap,
        start: Start,
        atlas: &Atlas,
        bases: &mut dyn Bases,
    ) -> (Self, Vec<Diagnostic>) {
        let mut walk =
            Walk { sources, bases, read: BTreeMap::new(), open: Vec::new(), done: Vec::new(), diagnostics: Vec::new() };
        // what is done first is farthest, so nothing that the workspace extends comes between or behind
        for (file, led_by) in [(start.base, LedBy::Base), (start.workspace, LedBy::Workspace)] {
            if let Some(file) = file.filter(|file| !walk.read.contains_key(file)) {
                walk.visit(file, led_by);
            }
        }
        let Walk { mut read, done, mut diagnostics, .. } = walk;
        // who extends stands before what is extended, and what is named later before what is named earlier
        let layers = done.iter().rev().filter_map(|file| read.remove(file)).collect();
        let config = Self::merge(layers, atlas, &mut diagnostics);
        diagnostics.order_by_key(|diagnostic| diagnostic.primary.span);
        (config, diagnostics)
    }
}

struct Walk<'a> {
    sources: &'a mut SourceMap,
    bases: &'a mut dyn Bases,
    read: BTreeMap<FileId, Layer>,
    /// The way to the file at hand: each file with the entry that leads on from it.
    open: Vec<(FileId, Option<Span>)>,
    /// Files behind those that they extend.
    done: Vec<FileId>,
    diagnostics: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn visit(&mut self, file: FileId, led_by: LedBy) {
        let layer = Layer::read(self.sources, file, led_by, &mut self.diagnostics);
        let named = layer.extends.clone();
        self.read.insert(file, layer);
        self.open.push((file, None));
        for (at, path) in named.iter().enumerate() {
            if at == MOST_NAMED {
                self.refuse(path.span, format!("`extends` names more than {MOST_NAMED} files"));
                break;
            }
            if let Some(last) = self.open.last_mut() {
                last.1 = Some(path.span);
            }
            match self.bases.open(self.sources, file, &path.value) {
                Err(Unopened { message, help }) => {
                    self.diagnostics.push(Diagnostic::new("config-extends", path.span, message).help(help));
                }
                Ok(base) if self.open.iter().any(|(open, _)| *open == base) => self.circle(base, path.span),
                Ok(base) if self.read.contains_key(&base) => {}
                Ok(_) if self.open.len() == DEEPEST => {
                    self.refuse(path.span, format!("more than {DEEPEST} configs build on one another"));
                }
                Ok(_) if self.read.len() == MOST_LAYERS => {
                    self.refuse(path.span, format!("a config of more than {MOST_LAYERS} files"));
                    break;
                }
                Ok(base) => self.visit(base, LedBy::Extends(path.span)),
            }
        }
        self.open.pop();
        self.done.push(file);
    }

    fn refuse(&mut self, place: Span, message: String) {
        let wrong = Diagnostic::new("config-extends", place, message);
        self.diagnostics.push(wrong.help("put what they say into fewer files"));
    }

    fn circle(&mut self, base: FileId, place: Span) {
        let around: Vec<(FileId, Option<Span>)> =
            self.open.iter().skip_while(|(open, _)| *open != base).copied().collect();
        let paths = around.iter().map(|(file, _)| *file).chain([base]).map(|file| self.sources.path(file));
        let chain = paths.collect::<Vec<_>>().join(" → ");
        let mut wrong = Diagnostic::new("config-extends", place, format!("`extends` leads in a circle: {chain}"));
        for span in around.iter().filter_map(|(_, span)| *span).filter(|span| *span != place) {
            wrong = wrong.label(span, "on the way");
        }
        self.diagnostics.push(wrong.at("leads back").help("leave one of these entries out"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{load_all, load_over};

    /// The paths of the layers, the nearest first, and what is wrong.
    fn order(files: &[(&str, &str)]) -> (String, String) {
        let (sources, config, found) = load_all(files);
        let paths: Vec<&str> = config.layers.iter().map(|layer| sources.path(layer.file)).collect();
        let wrong: Vec<String> =
            found.iter().map(|wrong| format!("{}: {}", sources.slice(wrong.primary.span), wrong.message)).collect();
        (paths.join(" "), wrong.join("\n"))
    }

    #[test]
    fn nearer_stands_before_farther_and_later_before_earlier() {
        for (files, expected) in [
            (&[("r", "")][..], "r"),
            (&[("r", "extends: [a]"), ("a", "")], "r a"),
            (&[("r", "extends: [a, b]"), ("a", ""), ("b", "")], "r b a"),
            (&[("r", "extends: [a, b]"), ("a", "extends: [c]"), ("b", ""), ("c", "")], "r b a c"),
            // a file that two others extend is read once, and stands behind both
            (&[("r", "extends: [a, b]"), ("a", "extends: [c]"), ("b", "extends: [c]"), ("c", "")], "r b a c"),
            (&[("r", "extends: [c, a]"), ("a", "extends: [c]"), ("c", "")], "r a c"),
            (&[("r", "extends: [a, c]"), ("a", "extends: [c]"), ("c", "")], "r a c"),
            (&[("r", "extends: [a, a]"), ("a", "")], "r a"),
        ] {
            assert_eq!(order(files), (expected.to_owned(), String::new()), "{files:?}");
        }
    }

    #[test]
    fn a_base_is_behind_all_that_the_workspace_names_and_read_once() {
        for (files, expected) in [
            (&[("base", "extends: [far]"), ("far", "")][..], "base far"),
            (&[("r", ""), ("base", "extends: [far]"), ("far", "")], "r base far"),
            (&[("r", "extends: [a]"), ("a", ""), ("base", "")], "r a base"),
            (&[("r", "extends: [base, a]"), ("a", ""), ("base", "")], "r a base"),
            (&[("r", "extends: [a]"), ("a", "extends: [base]"), ("base", "")], "r a base"),
            // what the base builds on stays behind it, whoever else names it
            (&[("r", "extends: [far, a]"), ("a", ""), ("base", "extends: [far]"), ("far", "")], "r a base far"),
        ] {
            let (sources, config, found) = load_over(files, "base");
            let paths: Vec<&str> = config.layers.iter().map(|layer| sources.path(layer.file)).collect();
            assert_eq!((&*paths.join(" "), found), (expected, vec![]), "{files:?}");
            let bases = config.layers.iter().filter(|layer| layer.led_by == LedBy::Base);
            assert_eq!(bases.map(|layer| sources.path(layer.file)).collect::<Vec<_>>(), ["base"], "{files:?}");
            for layer in &config.layers {
                let is_of_base = matches!(sources.path(layer.file), "base" | "far");
                assert_eq!(config.is_of_base(Span::new(layer.file, 0, 0)), is_of_base, "{files:?}");
            }
        }
        let (sources, config, _) = load_over(&[("base", "")], "base");
        assert_eq!(config.layers.len(), 1, "{sources:?}");
    }

    #[test]
    fn a_circle_shows_the_way_round() {
        let (paths, wrong) = order(&[("r", "extends: [a]"), ("a", "extends: [b]"), ("b", "extends: [a]")]);
        assert_eq!((&*paths, &*wrong), ("r a b", "a: `extends` leads in a circle: a → b → a"));
        assert_eq!(order(&[("r", "extends: [r]")]).1, "r: `extends` leads in a circle: r → r");
    }

    #[test]
    fn every_layer_is_held_to_the_schema_and_every_missing_file_named() {
        let (_, wrong) = order(&[("r", "extends: [a, z]"), ("a", "fail_on: eror\n---\n"), ("b", "")]);
        assert_eq!(
            wrong,
            "z: `z` does not exist\neror: `eror` is not a value of `fail_on`\n\
             : a config is one document, and this is another"
        );
    }

    #[test]
    fn what_nobody_writes_by_hand_is_refused() {
        let name = |at: usize| format!("f{at}");
        let chain: Vec<(String, String)> = (0..40).map(|at| (name(at), format!("extends: [f{}]", at + 1))).collect();
        let fan = |from: usize, to: usize| (from..to).map(name).collect::<Vec<_>>().join(", ");
        let wide = vec![("r".to_owned(), format!("extends: [{}]", fan(0, 5000)))];
        let mut many = vec![("r".to_owned(), format!("extends: [{}]", fan(0, 60)))];
        many.extend((0..60).map(|at| (name(at), format!("extends: [{}]", fan(60, 100)))));
        many.extend((60..100).map(|at| (name(at), String::new())));
        // each level twice from each file of the level above: 2^12 ways, 24 files
        let mut lattice = vec![("r".to_owned(), "extends: [f0, f1]".to_owned())];
        lattice.extend((0..24).map(|at| (name(at), format!("extends: [f{}, f{}]", at / 2 * 2 + 2, at / 2 * 2 + 3))));
        lattice.extend((24..26).map(|at| (name(at), String::new())));
        for (files, expected) in [
            (chain, "f16: more than 16 configs build on one another"),
            (wide, "f64: `extends` names more than 64 files"),
            (many, "a config of more than 64 files"),
            (lattice, ""),
        ] {
            let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            let (_, wrong) = order(&files);
            assert!(wrong.contains(expected) && wrong.is_empty() == expected.is_empty(), "{wrong}");
        }
    }
}
