//! How a rule comes out of all layers: what each turns it to, and what has no say because a farther layer locks the rule.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Config, ForFiles, Layer, Override, Parameter, ParameterValue, SeverityFor, winner};
use crate::order::Order;
use crate::source::Span;
use crate::syntax::Located;

/// The entries of `files` that are about one declaration, as layer and entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Matching(Vec<(usize, usize)>);

/// What the config turns a rule to in some declarations.
#[derive(Debug, Clone, Default)]
pub struct Standing<'c> {
    /// The entry that counts; `None` where the rule is as its pack has it.
    pub entry: Option<&'c SeverityFor>,
    /// Entries that would count without it, the next one first.
    pub beaten: Vec<&'c SeverityFor>,
    /// Entries that would relax the rule, each with the lock of a farther layer that keeps it from doing so.
    pub refused: Vec<(&'c SeverityFor, Span)>,
}

/// What the config sets a parameter to in some declarations.
#[derive(Debug, Clone, Default)]
pub struct ParameterStanding<'c> {
    /// The entry that counts; `None` where the parameter is as the pack has it.
    pub entry: Option<&'c Parameter>,
    /// Entries that would count without it, the next one first.
    pub beaten: Vec<&'c Parameter>,
    /// Entries that would change a locked rule, each with the lock of a farther layer.
    pub refused: Vec<(&'c Parameter, Span)>,
}

impl Matching {
    /// Whether an entry stands in this matching that stands in another.
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().any(|place| other.0.contains(place))
    }
}

impl Layer {
    /// Where this layer locks a rule.
    pub fn lock_of(&self, rule: &str) -> Option<Span> {
        self.locked.iter().find(|lock| lock.matches(rule)).map(|lock| lock.text.span)
    }
}

impl ForFiles {
    /// Whether the entry is about a declaration, by its path from the root.
    pub fn is_about(&self, path: &Path) -> bool {
        self.paths.as_ref().is_some_and(|paths| paths.holds(path))
            && !self.except.as_ref().is_some_and(|paths| paths.holds(path))
    }

    /// The exceptions that take none of these declarations, given by their paths from the root, out of the entry.
    pub fn idle_exceptions<'p>(&self, declarations: impl Iterator<Item = &'p Path>) -> Vec<&Located<String>> {
        let (Some(paths), Some(except)) = (&self.paths, &self.except) else { return Vec::new() };
        let mut idle: BTreeSet<usize> = (0..self.exclude.len()).collect();
        for path in declarations {
            if idle.is_empty() {
                break;
            }
            if paths.holds(path) {
                let met: Vec<usize> = except.holding(path).collect();
                idle.retain(|at| !met.contains(at));
            }
        }
        let exceptions = self.exclude.iter().enumerate().filter(|(at, _)| idle.contains(at));
        exceptions.map(|(_, exception)| exception).collect()
    }
}

impl Config {
    /// Where a rule is locked: no comment, no waiver and no baseline accepts its findings, and no layer nearer than this one
    /// relaxes it. Of several locks the farthest, which binds most layers.
    pub fn lock_of(&self, rule: &str) -> Option<Span> {
        self.layers.iter().rev().find_map(|layer| layer.lock_of(rule))
    }

    /// All entries of `files`, each as if it alone were about a declaration.
    pub fn entries_of_files(&self) -> impl Iterator<Item = (&ForFiles, Matching)> {
        self.places_of_files().map(|(entry, place)| (entry, Matching(vec![place])))
    }

    /// The entries of `files` that are about a declaration, by its path from the root.
    pub fn matching(&self, path: &Path) -> Matching {
        let about = self.places_of_files().filter(|(entry, _)| entry.is_about(path));
        Matching(about.map(|(_, place)| place).collect())
    }

    fn places_of_files(&self) -> impl Iterator<Item = (&ForFiles, (usize, usize))> {
        let layers = self.layers.iter().enumerate();
        layers.flat_map(|(at, layer)| layer.files.iter().enumerate().map(move |(entry, files)| (files, (at, entry))))
    }

    /// The entries that a matching stands for, in the order in which they take effect: a later one beats an earlier one.
    pub fn entries<'c>(&'c self, matching: &Matching) -> Vec<&'c ForFiles> {
        let mut places = matching.0.clone();
        places.order_by_key(|(layer, entry)| (std::cmp::Reverse(*layer), *entry));
        places.into_iter().filter_map(|place| self.entry_of_files(place)).collect()
    }

    fn entry_of_files(&self, (layer, entry): (usize, usize)) -> Option<&ForFiles> {
        self.layers.get(layer)?.files.get(entry)
    }

    /// The entries of one layer that are about a declaration, in the order of writing.
    fn entries_in<'c>(&'c self, layer: usize, matching: &Matching) -> Vec<&'c ForFiles> {
        let here = matching.0.iter().filter(|(at, _)| *at == layer);
        here.filter_map(|place| self.entry_of_files(*place)).collect()
    }

    /// What a rule is turned to where these entries of `files` hold. A nearer layer beats a farther one, inside a layer an entry
    /// of `files` what holds for all, a later one an earlier one, and in one mapping a rule id beats a glob, else the last
    /// counts. `own` is what the pack says: its most severe case, or off.
    pub fn standing(&self, rule: &str, own: Override, matching: &Matching) -> Standing<'_> {
        let mut out = Standing::default();
        let mut lock: Option<(Override, Span)> = None;
        for (at, layer) in self.layers.iter().enumerate().rev() {
            let maps = [&layer.severity]
                .into_iter()
                .chain(self.entries_in(at, matching).into_iter().map(|entry| &entry.severity));
            for map in maps {
                let is_off = out.entry.map_or(own, |entry| entry.to.value) == Override::Off;
                let mut left: Vec<&SeverityFor> = map.iter().filter(|entry| entry.rules.matches(rule)).collect();
                // a rule that is off by itself is switched on by its own name, not by a glob that happens to match
                left.retain(|entry| entry.rules.is_exact() || own != Override::Off || !is_off);
                while let Some(best) = winner(left.iter().copied(), rule) {
                    match lock {
                        Some((floor, lock)) if best.to.value < floor => {
                            out.refused.push((best, lock));
                            left.retain(|entry| !std::ptr::eq(*entry, best));
                        }
                        _ => {
                            out.beaten.extend(out.entry.replace(best));
                            break;
                        }
                    }
                }
            }
            if let Some(span) = layer.lock_of(rule) {
                lock = Some((out.entry.map_or(own, |entry| entry.to.value), span));
            }
        }
        out.beaten.reverse();
        out
    }

    /// What a parameter of a rule is set to where these entries of `files` hold. `is_own` tells the value that the pack has.
    pub fn parameter_standing(
        &self,
        (rule, name): (&str, &str),
        is_own: &dyn Fn(&ParameterValue) -> bool,
        matching: &Matching,
    ) -> ParameterStanding<'_> {
        let mut out = ParameterStanding::default();
        let mut lock: Option<(Option<&Parameter>, Span)> = None;
        for (at, layer) in self.layers.iter().enumerate().rev() {
            let lists = [&layer.parameters]
                .into_iter()
                .chain(self.entries_in(at, matching).into_iter().map(|entry| &entry.parameters));
            for list in lists {
                let mut matching = list.iter().filter(|entry| entry.rule.value == rule && entry.name.value == name);
                let Some(last) = matching.next_back() else { continue };
                match lock {
                    Some((kept, lock))
                        if !kept.map_or_else(|| is_own(&last.value.value), |kept| kept.value == last.value) =>
                    {
                        out.refused.push((last, lock));
                    }
                    _ => out.beaten.extend(out.entry.replace(last)),
                }
            }
            if let Some(span) = layer.lock_of(rule) {
                lock = Some((out.entry, span));
            }
        }
        out.beaten.reverse();
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::testing::load_all;
    use crate::diagnostic::Severity;

    const WARNING: Override = Override::Severity(Severity::Warning);

    fn word(to: Override) -> &'static str {
        match to {
            Override::Off => "off",
            Override::Severity(severity) => severity.as_str(),
        }
    }

    /// What rule `p/x`, a warning by itself, comes out as in the declaration `labs/purposes.yaml`; what is refused behind a bar.
    fn outcome(near: &str, far: &str) -> String {
        let near = format!("extends: [a]\n{near}\n");
        let (sources, config, found) = load_all(&[("r", &near), ("a", far)]);
        assert_eq!(found, []);
        let standing = config.standing("p/x", WARNING, &config.matching(Path::new("labs/purposes.yaml")));
        let refused = standing.refused.iter().map(|(entry, _)| sources.slice(entry.rules.text.span).to_string());
        let refused = refused.collect::<Vec<_>>().join(" ");
        format!("{} | {refused}", standing.entry.map_or("own", |entry| word(entry.to.value)))
    }

    #[test]
    fn who_beats_whom() {
        for (near, far, expected) in [
            ("", "", "own | "),
            ("severity: {p/x: info}", "severity: {p/x: error}", "info | "),
            ("", "severity: {p/x: error}", "error | "),
            // a layer first, then an id before a glob
            ("severity: {\"*\": info}", "severity: {p/x: error}", "info | "),
            ("severity: {p/x: error, \"*\": info}", "", "error | "),
            ("severity: {p/*: error, \"*\": info}", "", "info | "),
            // entries of `files` before what holds for all, the later before the earlier, and never across layers
            ("files: [{glob: labs, severity: {\"*\": info}}]\nseverity: {p/x: error}", "", "info | "),
            (
                "files: [{glob: labs/**, severity: {p/x: info}}, {glob: \"**/*.yaml\", severity: {p/*: off}}]",
                "",
                "off | ",
            ),
            ("files: [{glob: other/**, severity: {p/x: info}}]", "", "own | "),
            ("files: [{glob: labs/**, exclude: [labs/*.yaml], severity: {p/x: info}}]", "", "own | "),
            ("severity: {p/x: error}", "files: [{glob: labs/**, severity: {p/x: info}}]", "error | "),
            // locks bind nearer layers only, and only against relaxing
            ("severity: {p/x: info}", "locked: [p/x]", "own | p/x"),
            ("severity: {p/x: warning}", "locked: [p/x]", "warning | "),
            ("severity: {p/x: error}", "locked: [p/*]", "error | "),
            ("severity: {p/x: off}", "locked: [p/x]\nseverity: {p/x: info}", "info | p/x"),
            ("severity: {p/x: warning}", "locked: [p/x]\nseverity: {p/x: info}", "warning | "),
            ("severity: {p/x: off}\nlocked: [p/x]", "", "off | "),
            ("files: [{glob: labs/**, severity: {p/x: off}}]", "locked: [p/x]", "own | p/x"),
            ("severity: {p/*: error, \"*\": info}", "locked: [p/x]", "error | \"*\""),
            ("severity: {\"*\": info, p/*: error}", "locked: [p/x]", "error | "),
            ("", "locked: [p/x]\nfiles: [{glob: labs/**, severity: {p/x: off}}]", "off | "),
            ("severity: {p/x: info}", "locked: [p/x]\nfiles: [{glob: labs/**, severity: {p/x: off}}]", "info | "),
        ] {
            assert_eq!(outcome(near, far), expected, "{near} over {far}");
        }
    }

    #[test]
    fn a_middle_layer_is_bound_and_binds() {
        let files = |near: &'static str, middle: &'static str| {
            [("r", near), ("m", middle), ("a", "locked: [p/x]\nseverity: {p/x: warning}\n")]
        };
        for (near, middle, expected) in [
            ("severity: {p/x: warning}", "severity: {p/x: error}", Severity::Warning),
            ("severity: {p/x: warning}", "locked: [p/x]\nseverity: {p/x: error}", Severity::Error),
        ] {
            let (near, middle) = (format!("extends: [m]\n{near}\n"), format!("extends: [a]\n{middle}\n"));
            let files = files(near.leak(), middle.leak());
            let (_, config, _) = load_all(&files);
            let standing = config.standing("p/x", WARNING, &Matching::default());
            assert_eq!(standing.entry.unwrap().to.value, Override::Severity(expected));
            assert_eq!(config.layer_of(config.lock_of("p/x").unwrap()), Some(2));
            assert_eq!(config.lock_of("p/y"), None);
        }
    }

    #[test]
    fn a_rule_that_is_off_by_itself_waits_for_its_name() {
        for (text, expected) in [
            ("severity: {\"*\": error}", None),
            ("severity: {p/x: info, \"*\": error}", Some("info")),
            ("files: [{glob: a.yaml, severity: {p/x: error}}]", Some("error")),
        ] {
            let (_, config, _) = load_all(&[("r", text)]);
            let standing = config.standing("p/x", Override::Off, &config.matching(Path::new("a.yaml")));
            assert_eq!(standing.entry.map(|entry| word(entry.to.value)), expected, "{text}");
        }
    }

    #[test]
    fn a_parameter_of_a_locked_rule_stays() {
        let most = |near: &str, far: &str| {
            let near = format!("extends: [a]\n{near}\n");
            let (_, config, found) = load_all(&[("r", &near), ("a", far)]);
            assert_eq!(found, []);
            let is_own = |value: &ParameterValue| *value == ParameterValue::Int(4);
            let standing = config.parameter_standing(("p/x", "most"), &is_own, &config.matching(Path::new("a.yaml")));
            (standing.entry.map(|entry| entry.value.value.clone()), standing.refused.len())
        };
        let three = || Some(ParameterValue::Int(3));
        let set = "parameters: {p/x: {most: 3}}";
        assert_eq!(most(set, ""), (three(), 0));
        assert_eq!(most(set, "parameters: {p/x: {most: 5}}"), (three(), 0));
        assert_eq!(most(set, "locked: [p/*]"), (None, 1));
        assert_eq!(most("parameters: {p/x: {most: 4}}", "locked: [p/*]"), (Some(ParameterValue::Int(4)), 0));
        assert_eq!(most(set, "locked: [p/*]\nparameters: {p/x: {most: 3}}"), (three(), 0));
        assert_eq!(most("files: [{glob: a.yaml, parameters: {p/x: {most: 3}}}]", "locked: [p/*]"), (None, 1));
    }

    const RULES: [&str; 4] = ["p/x", "p/y", "q/x", "q/y"];
    const GLOBS: [&str; 8] = ["p/x", "p/y", "q/x", "q/y", "p/*", "q/*", "*", "*/x"];
    const WORDS: [&str; 4] = ["off", "info", "warning", "error"];

    fn mapping() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
        let entries = prop::sample::subsequence(GLOBS.to_vec(), 0..5).prop_shuffle();
        entries.prop_flat_map(|globs| {
            let words = prop::collection::vec(prop::sample::select(WORDS.to_vec()), globs.len());
            words.prop_map(move |words| globs.iter().copied().zip(words).collect())
        })
    }

    fn text(entries: &[(&str, &str)]) -> String {
        let entries: Vec<String> = entries.iter().map(|(glob, word)| format!("\"{glob}\": {word}")).collect();
        format!("severity: {{{}}}\n", entries.join(", "))
    }

    /// What one mapping says of a rule, worked out by hand.
    fn said(entries: &[(&'static str, &'static str)], rule: &str) -> Option<&'static str> {
        let is_meant = |glob: &str| match glob.split_once('*') {
            None => glob == rule,
            Some((start, end)) => rule.starts_with(start) && rule.ends_with(end),
        };
        let exact = entries.iter().find(|(glob, _)| *glob == rule);
        exact.or_else(|| entries.iter().rev().find(|(glob, _)| is_meant(glob))).map(|(_, word)| *word)
    }

    proptest! {
        #[test]
        fn extending_equals_writing_the_winner_by_hand(r in mapping(), a in mapping(), b in mapping()) {
            let near = format!("extends: [a, b]\n{}", text(&r));
            let (_, layered, found) = load_all(&[("r", &near), ("a", &text(&a)), ("b", &text(&b))]);
            prop_assert_eq!(found, []);
            let winner = |rule: &str| said(&r, rule).or_else(|| said(&b, rule)).or_else(|| said(&a, rule));
            let by_hand: Vec<(&str, &str)> = RULES.into_iter().filter_map(|rule| Some((rule, winner(rule)?))).collect();
            let (_, flat, _) = load_all(&[("r", &text(&by_hand))]);
            for rule in RULES {
                let of = |config: &Config| {
                    config.standing(rule, WARNING, &Matching::default()).entry.map(|entry| entry.to.value)
                };
                prop_assert_eq!(of(&layered), of(&flat), "{}", rule);
            }
        }
    }
}
