//! Layers to one config: what the nearest says, or what all say together.

use std::collections::{BTreeMap, BTreeSet};

use super::load::{MOST_FILES, MOST_PATH_GLOBS, too_large_together, too_many_globs};
use super::{Config, FAIL_ON, Group, HORIZON_DAYS, Layer};
use crate::diagnostic::Diagnostic;
use crate::space::{Atlas, Duration, unknown_region};
use crate::syntax::{Limits, Located};

impl Config {
    /// All layers, the nearest first, as one. Lists of several layers are joined, the farthest first.
    pub(super) fn merge(layers: Vec<Layer>, atlas: &Atlas, diagnostics: &mut Vec<Diagnostic>) -> Self {
        fn all<T: Clone>(layers: &[Layer], of: impl Fn(&Layer) -> &Vec<T>) -> Vec<T> {
            layers.iter().rev().flat_map(|layer| of(layer).clone()).collect()
        }
        fn nearest<T: Clone>(layers: &[Layer], of: impl Fn(&Layer) -> &Option<T>) -> Option<T> {
            layers.iter().find_map(|layer| of(layer).clone())
        }
        fn strictest<T: Clone, K: Ord>(
            layers: &[Layer],
            of: impl Fn(&Layer) -> &Option<Located<T>>,
            strictness: impl Fn(Option<&T>) -> K,
        ) -> Option<Located<T>> {
            let strict = |said: &Option<Located<T>>| strictness(said.as_ref().map(|said| &said.value));
            let mut best = nearest(layers, &of);
            for (at, _) in layers.iter().enumerate().filter(|(_, layer)| !layer.locked.is_empty()) {
                // what a layer that locks rules builds on, or else the default, is what it says where it is silent
                let theirs = layers.get(at..).and_then(|layers| nearest(layers, &of));
                // of what is alike the nearest is told
                if strict(&theirs) > strict(&best) {
                    best = theirs;
                }
            }
            best
        }
        let groups = Groups { atlas, diagnostics }.order(&layers);
        let config = Self {
            include: all(&layers, |layer| &layer.include),
            exclude: all(&layers, |layer| &layer.exclude),
            packs: nearest(&layers, |layer| &layer.packs),
            groups,
            // a layer that locks rules says when they fail a run, and how far ahead to look for it
            fail_on: strictest(
                &layers,
                |layer| &layer.fail_on,
                |severity| std::cmp::Reverse(severity.map_or(FAIL_ON, |severity| *severity)),
            ),
            horizon: strictest(&layers, |layer| &layer.horizon, |days| days.map_or(HORIZON_DAYS, Duration::days)),
            limits: limits(&layers),
            waivers: all(&layers, |layer| &layer.waivers),
            // a bound that those whom it binds could lift would be none
            max_waiver: layers
                .iter()
                .filter_map(|layer| layer.max_waiver.clone())
                .min_by_key(|longest| longest.value.days()),
            cap: None,
            fail_on_upcoming: false,
            layers,
        };
        if let Some(glob) = config.entries_of_files().nth(MOST_FILES).and_then(|(entry, _)| entry.glob.as_ref()) {
            let message = format!("the `files` of all layers have more than {MOST_FILES} entries");
            let wrong = Diagnostic::new("invalid-value", glob.span, message);
            diagnostics.push(wrong.help("write one entry for a folder, not one for each file in it"));
        }
        for globs in [&config.include, &config.exclude] {
            if let Some(glob) = globs.get(MOST_PATH_GLOBS) {
                diagnostics.push(too_many_globs(glob.span));
            } else if config.layers.len() > 1 {
                diagnostics.extend(too_large_together(globs));
            }
        }
        config
    }

    /// A bound on what is read, with the place that sets it.
    pub fn limit(&self, name: &str) -> Option<&Located<usize>> {
        limit(&self.layers, name)
    }
}

fn limit<'l>(layers: &'l [Layer], name: &str) -> Option<&'l Located<usize>> {
    let mut all = layers.iter().flat_map(|layer| &layer.limits);
    all.find(|(key, _)| key == name).map(|(_, value)| value)
}

fn limits(layers: &[Layer]) -> Limits {
    let of = |name, default| limit(layers, name).map_or(default, |limit| limit.value);
    let Limits { file_size, depth, alias_nodes, entries, steps } = Limits::default();
    Limits {
        file_size: of("file_bytes", file_size),
        depth: of("depth", depth),
        alias_nodes: of("alias_nodes", alias_nodes),
        entries: of("entries", entries),
        steps: of("steps", steps),
    }
}

struct Groups<'a> {
    atlas: &'a Atlas,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Groups<'_> {
    /// Groups in an order in which each stands behind those that it names. What cannot be ordered is reported and left out.
    fn order(&mut self, layers: &[Layer]) -> Vec<Group> {
        let mut waiting: Vec<Group> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for group in layers.iter().rev().flat_map(|layer| &layer.groups) {
            let name = &group.name;
            if self.atlas.knows(&name.value) {
                let wrong =
                    Diagnostic::new("duplicate-id", name.span, format!("`{}` has a meaning already", name.value));
                self.diagnostics
                    .push(wrong.at("a territory or group that comes with purposelint").help("choose another name"));
            } else if let Some(known) = places.get(name.value.as_str()).and_then(|at| waiting.get(*at)) {
                if members(known) != members(group) {
                    let message =
                        format!("`{}` stands for other places in a config that this one builds on", name.value);
                    let wrong = Diagnostic::new("duplicate-id", name.span, message);
                    let wrong = wrong.at("another list here").label(known.name.span, "the other one");
                    self.diagnostics.push(wrong.help("choose another name, or leave this one out"));
                }
            } else {
                places.insert(&name.value, waiting.len());
                waiting.push(group.clone());
            }
        }
        let mut atlas = self.atlas.clone();
        let (mut ordered, mut left) = (Vec::new(), Vec::new());
        for group in behind_what_they_name(waiting) {
            let regions: Vec<&str> = group.regions.iter().map(|region| region.value.as_str()).collect();
            match atlas.add_group(&group.name.value, &regions) {
                Ok(()) => ordered.push(group),
                Err(_) => left.push(group),
            }
        }
        self.complain(&left, &atlas);
        ordered
    }

    /// Says of each group that cannot be made what stands in its way: an unknown name somewhere, or else a circle.
    fn complain(&mut self, left: &[Group], atlas: &Atlas) {
        let names: BTreeSet<&str> = left.iter().map(|group| group.name.value.as_str()).collect();
        let unknown = |region: &&Located<String>| !atlas.knows(&region.value);
        let is_strange = |region: &Located<String>| !names.contains(region.value.as_str());
        let any_strange = left.iter().flat_map(|group| &group.regions).filter(unknown).any(is_strange);
        for group in left {
            for region in group.regions.iter().filter(unknown) {
                if is_strange(region) {
                    self.diagnostics.push(unknown_region(atlas, region.span, &region.value));
                } else if !any_strange {
                    let message = format!("`{}` holds itself by way of `{}`", group.name.value, region.value);
                    let wrong = Diagnostic::new("invalid-value", region.span, message);
                    self.diagnostics.push(wrong.help("list the territories of one of them"));
                }
            }
        }
    }
}

/// Groups in an order in which each stands behind those that it names, and else as written. Those in a circle, and those that
/// name one in a circle, come last.
fn behind_what_they_name(groups: Vec<Group>) -> Vec<Group> {
    let places: BTreeMap<&str, usize> =
        groups.iter().enumerate().map(|(at, group)| (group.name.value.as_str(), at)).collect();
    let mut waits_for = vec![0_usize; groups.len()];
    let mut named_by: Vec<Vec<usize>> = vec![Vec::new(); groups.len()];
    for (at, group) in groups.iter().enumerate() {
        for other in group.regions.iter().filter_map(|region| places.get(region.value.as_str())) {
            if let (Some(count), Some(names)) = (waits_for.get_mut(at), named_by.get_mut(*other)) {
                *count += 1;
                names.push(at);
            }
        }
    }
    let free = |count: &(usize, &usize)| *count.1 == 0;
    let mut ready: BTreeSet<usize> = waits_for.iter().enumerate().filter(free).map(|(at, _)| at).collect();
    let mut order = Vec::new();
    while let Some(at) = ready.pop_first() {
        order.push(at);
        for next in named_by.get(at).into_iter().flatten() {
            if let Some(count) = waits_for.get_mut(*next) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(*next);
                }
            }
        }
    }
    let mut groups: Vec<Option<Group>> = groups.into_iter().map(Some).collect();
    let mut ordered: Vec<Group> = order.into_iter().filter_map(|at| groups.get_mut(at)?.take()).collect();
    ordered.extend(groups.into_iter().flatten());
    ordered
}

/// What a group lists, whatever the order.
fn members(group: &Group) -> BTreeSet<&str> {
    group.regions.iter().map(|region| region.value.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::load_all;

    #[test]
    fn scalars_are_of_the_nearest_and_lists_of_all() {
        let (sources, config, found) = load_all(&[
            ("r", "extends: [a, b]\ninclude: [r]\nlimits: {depth: 5}\nlocked: [\"r/*\"]\n"),
            ("a", "include: [a]\nfail_on: info\npacks: [core]\nlimits: {depth: 6, file_bytes: 7}\nhorizon: P1D\n"),
            ("b", "exclude: [b]\nfail_on: warning\npacks: [eu-gdpr]\nmax_waiver: P2D\n"),
        ]);
        assert_eq!(found, []);
        let texts = |list: &[Located<String>]| list.iter().map(|item| item.value.clone()).collect::<Vec<_>>().join(" ");
        assert_eq!((&*texts(&config.include), &*texts(&config.exclude)), ("a r", "b"));
        assert_eq!(texts(config.packs.as_deref().unwrap()), "eu-gdpr");
        assert_eq!(config.fail_on().as_str(), "warning");
        assert_eq!((config.horizon_days(), config.max_waiver.as_ref().unwrap().value.days()), (1, 2));
        assert_eq!((config.limits.depth, config.limits.file_size, config.limits.alias_nodes), (5, 7, 100_000));
        let waived = config.layer_of(config.fail_on.as_ref().unwrap().span);
        assert_eq!((sources.path(config.layers[1].file), waived), ("b", Some(1)));
    }

    #[test]
    fn a_layer_that_locks_rules_keeps_what_it_comes_to() {
        let lax = "fail_on: error\nhorizon: P1D\n";
        for (near, middle, far, expected) in [
            (lax, "", "fail_on: warning\nhorizon: P365D\n", ("error", 1)),
            (lax, "locked: [p/x]\nfail_on: warning\nhorizon: P365D\n", "", ("warning", 365)),
            (lax, "locked: [p/x]\n", "fail_on: warning\nhorizon: P365D\n", ("warning", 365)),
            (lax, "", "locked: [p/x]\nfail_on: warning\nhorizon: P365D\n", ("warning", 365)),
            (lax, "fail_on: info\nhorizon: P400D\n", "locked: [p/x]\nfail_on: warning\n", ("warning", 180)),
            // what it builds on is below it, and it may say less
            (lax, "locked: [p/x]\nfail_on: error\nhorizon: P2D\n", "fail_on: warning\nhorizon: P365D\n", ("error", 2)),
            ("locked: [p/x]\nfail_on: error\nhorizon: P1D\n", "", "fail_on: warning\nhorizon: P365D\n", ("error", 1)),
            // the default is what it says where nobody says anything
            (lax, "locked: [p/x]\n", "", ("error", 180)),
            ("fail_on: info\nhorizon: P365D\n", "locked: [p/x]\n", "", ("info", 365)),
        ] {
            let (r, m) = (format!("extends: [m]\n{near}"), format!("extends: [a]\n{middle}"));
            let (_, config, found) = load_all(&[("r", &r), ("m", &m), ("a", far)]);
            assert_eq!(found, []);
            let told = (config.fail_on().as_str(), config.horizon_days());
            assert_eq!(told, expected, "{near} over {middle} over {far}");
        }
    }

    #[test]
    fn waivers_of_all_layers_keep_their_places() {
        let waiver = |rule: &str| {
            format!("waivers: [{{rule: {rule}, regions: [HOME], reason: r, owner: o, expires: \"2027-01-31\"}}]\n")
        };
        let near = format!("extends: [a]\n{}", waiver("core/x"));
        let far = format!("groups: {{HOME: [FR]}}\n{}", waiver("core/y"));
        let (_, config, found) = load_all(&[("r", &near), ("a", &far)]);
        assert_eq!(found, []);
        let told = config
            .waivers
            .iter()
            .map(|waiver| (waiver.rule.as_ref().unwrap().text.value.as_str(), config.layer_of(waiver.span).unwrap()));
        assert_eq!(told.collect::<Vec<_>>(), [("core/y", 1), ("core/x", 0)]);
    }

    #[test]
    fn the_entries_of_files_of_all_layers_are_bounded() {
        let entries =
            |count: usize| format!("files: [{}]\n", vec!["{glob: a, severity: {core/*: info}}"; count].join(", "));
        for (near, far, wrong) in [(200, 56, 0), (200, 57, 1), (0, 257, 1), (500, 0, 1)] {
            let near = format!("extends: [a]\n{}", entries(near));
            let (_, _, found) = load_all(&[("r", &near), ("a", &entries(far))]);
            assert_eq!(found.len(), wrong, "{found:?}");
        }
    }

    #[test]
    fn globs_of_rules_are_bounded() {
        for (globs, wrong) in [(1024, 0), (1025, 1), (5000, 1)] {
            let globs: Vec<String> = (0..globs).map(|at| format!("\"p/{at}*\": off")).collect();
            let (_, _, found) = load_all(&[("r", &format!("severity: {{{}}}\n", globs.join(", ")))]);
            assert_eq!(found.len(), wrong, "{found:?}");
        }
    }

    #[test]
    fn a_group_means_the_same_in_all_layers() {
        let groups = |near: &str, far: &str| {
            let near = format!("extends: [a]\ngroups: {near}\n");
            let far = format!("groups: {far}\n");
            let (sources, config, found) = load_all(&[("r", &near), ("a", &far)]);
            let names = config.groups.iter().map(|group| group.name.value.clone()).collect::<Vec<_>>().join(" ");
            let wrong = found.iter().map(|wrong| format!("{}: {}", sources.slice(wrong.primary.span), wrong.message));
            (names, wrong.collect::<Vec<_>>().join("\n"))
        };
        assert_eq!(groups("{HERE: [HOME, AT]}", "{HOME: [FR, DE]}"), ("HOME HERE".to_owned(), String::new()));
        assert_eq!(groups("{HOME: [DE, FR]}", "{HOME: [FR, DE]}"), ("HOME".to_owned(), String::new()));
        let (_, wrong) = groups("{HOME: [FR]}", "{HOME: [FR, DE]}");
        assert_eq!(wrong, "HOME: `HOME` stands for other places in a config that this one builds on");
    }
}
