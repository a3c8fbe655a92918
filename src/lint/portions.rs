//! A run that is not asked again: services are judged as soon as their files are read, and what these declare is dropped. So a
//! workspace takes the memory of its texts, its findings and a few services, however many it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::Relaxed;

use super::session::Session;
use super::task::{Judged, OfFile, Task};
use crate::model::Declaration;
use crate::parallel;
use crate::source::{FileId, Source, SourceMap, Span};

/// Bytes of text that are read before what they declare is judged and dropped: enough to be worth the trouble, and little
/// beside the texts of a workspace. Tests have many portions of little.
const PORTION: usize = if cfg!(test) { 64 } else { 256 * 1024 };

/// A file with the services that it seems to be about.
type Glanced = (FileId, BTreeSet<Box<str>>);

impl Session {
    /// Judges services portion by portion, as far as their files say at a glance whose they are. What is left is to be read and
    /// judged at once; and so is everything where a file turns out to be about something else.
    pub(super) fn judge_in_portions(&mut self, files: &[FileId], task: &Task<'_>) {
        let glance = |file: &FileId| {
            let seen = task.setup.glances.of(task.sources, *file);
            (*file, seen.map(|seen| seen.services().map(Box::from).collect()))
        };
        let (mut clear, mut unclear) = (Vec::new(), Vec::new());
        for (file, services) in parallel::map(files, glance) {
            match services {
                Some(services) => clear.push((file, services)),
                None => unclear.push(file),
            }
        }
        self.read(&unclear, task);
        // a service that has something in these files as well is judged with them
        let named = self.reads.values().flat_map(|of| of.read.services.iter().flatten());
        let (portions, late) = portions(task.sources, clear, &named.cloned().collect());
        let late_files: Vec<FileId> = late.iter().map(|(file, _)| *file).collect();
        self.read(&late_files, task);
        if !late.iter().all(|(file, services)| self.reads.get(file).is_some_and(|of| is_about(of, services))) {
            return;
        }
        let declared = self.reads.values().flat_map(|of| &of.read.declarations);
        let shared: Vec<Declaration> = declared.filter(|declaration| declaration.service.is_none()).cloned().collect();
        let aliased = self.aliased(self.reads.keys());
        let judge = |portion: &Vec<Glanced>| judged(portion, (&shared, &aliased), task);
        match parallel::map(&portions, judge).into_iter().collect::<Option<Vec<_>>>() {
            Some(all) => {
                for (read, judged) in all {
                    self.reads.extend(read);
                    self.take_in(judged);
                }
            }
            None => {
                task.progress.files.store(self.reads.len(), Relaxed);
                task.progress.judged.store(0, Relaxed);
            }
        }
    }
}

/// What a portion comes to; `None` where one of its files is about something else than it seemed to be.
fn judged(
    portion: &[Glanced],
    (shared, aliased): (&[Declaration], &[Span]),
    task: &Task<'_>,
) -> Option<(Vec<(FileId, OfFile)>, Judged)> {
    let mut read: Vec<(FileId, OfFile)> = Vec::with_capacity(portion.len());
    let mut declarations = shared.to_vec();
    let mut aliased = aliased.to_vec();
    for (file, services) in portion {
        let mut of = task.read(*file, None);
        if !is_about(&of, services) {
            return None;
        }
        // what is empty is kept for each file
        declarations.extend(std::mem::take(&mut of.read.declarations));
        aliased.extend(&of.read.shared);
        read.push((*file, of));
    }
    aliased.sort_unstable();
    Some((read, task.judge(declarations, &aliased, None)))
}

/// Whether a file is about these services and nothing else.
fn is_about(of: &OfFile, services: &BTreeSet<Box<str>>) -> bool {
    let found: BTreeSet<Option<&str>> = of.read.services.iter().map(Option::as_deref).collect();
    found.into_iter().eq(services.iter().map(|service| Some(&**service)))
}

/// Files in portions, so that those of a service are in one; and the files that have something of a service in `late`.
fn portions(sources: &SourceMap, files: Vec<Glanced>, late: &BTreeSet<Box<str>>) -> (Vec<Vec<Glanced>>, Vec<Glanced>) {
    let groups = groups(&files);
    let is_late = |(_, services): &Glanced| !services.is_disjoint(late);
    let late: BTreeSet<usize> =
        files.iter().zip(&groups).filter(|(file, _)| is_late(file)).map(|(_, group)| *group).collect();
    let mut by_group: BTreeMap<usize, Vec<Glanced>> = BTreeMap::new();
    let mut rest = Vec::new();
    for (file, group) in files.into_iter().zip(groups) {
        match late.contains(&group) {
            false => by_group.entry(group).or_default().push(file),
            true => rest.push(file),
        }
    }
    let mut portions: Vec<Vec<Glanced>> = Vec::new();
    let mut size = PORTION;
    for group in by_group.into_values() {
        if size >= PORTION {
            portions.push(Vec::new());
            size = 0;
        }
        let sizes = group.iter().filter_map(|(file, _)| sources.get(*file)).map(Source::size);
        size += sizes.sum::<usize>();
        if let Some(last) = portions.last_mut() {
            last.extend(group);
        }
    }
    (portions, rest)
}

/// For each file a number that it shares with those which have a service in common with it.
fn groups(files: &[Glanced]) -> Vec<usize> {
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    // each points at one that is as old or older; the oldest stands for all
    let mut older: Vec<usize> = Vec::new();
    let mut of_files: Vec<usize> = Vec::with_capacity(files.len());
    for (_, services) in files {
        let known = services.iter().filter_map(|service| groups.get(&**service));
        let known: BTreeSet<usize> = known.map(|group| oldest(&mut older, *group)).collect();
        let group = known.first().copied().unwrap_or(older.len());
        if group == older.len() {
            older.push(group);
        }
        for other in known {
            older.get_mut(other).into_iter().for_each(|older| *older = group);
        }
        groups.extend(services.iter().map(|service| (&**service, group)));
        of_files.push(group);
    }
    of_files.into_iter().map(|group| oldest(&mut older, group)).collect()
}

/// The group that stands for another.
fn oldest(older: &mut [usize], mut group: usize) -> usize {
    while let Some(next) = older.get(group).copied().filter(|next| *next != group) {
        // whoever comes next has half the way
        let after = older.get(next).copied().unwrap_or(next);
        older.get_mut(group).into_iter().for_each(|older| *older = after);
        group = after;
    }
    group
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lint::{Progress, Report, tested};
    use crate::policy::Library;

    #[test]
    fn services_with_a_file_in_common_are_in_one_portion() {
        let mut sources = SourceMap::new();
        let mut add = |services: &[&'static str]| {
            (
                sources.add("x.yaml", "#".repeat(PORTION)),
                services.iter().copied().map(Box::from).collect::<BTreeSet<_>>(),
            )
        };
        let files =
            vec![add(&["a"]), add(&["b"]), add(&["c", "d"]), add(&["e"]), add(&["b", "c"]), add(&["late", "e"])];
        let late = BTreeSet::from([Box::from("late")]);
        let (portions, rest) = portions(&sources, files, &late);
        let names = |portion: &Vec<Glanced>| {
            portion
                .iter()
                .map(|(_, of)| of.iter().map(|name| &**name).collect::<Vec<_>>().join("+"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(portions.iter().map(names).collect::<Vec<_>>(), ["a", "b c+d b+c"]);
        assert_eq!(names(&rest), "e e+late");
    }

    /// Documents that are put together to files at random: services in several, what they share, and some that are not what
    /// they seem to be.
    const DOCUMENTS: &[&str] = &[
        "version: 1\nservice: a\npurposes:\n  p: {use: train_ai_system, data: [{category: user.content}], setting: s}\nsettings:\n  s: {default: on}\n",
        "version: 1\nservice: a\nregions: [DE]\npurposes:\n  q: {use: marketing, data: [{category: user.behavior}], setting: all}\n",
        "version: 1\nservice: b\npurposes:\n  p: {use: train_ai_system, recipients: [us], notices: [n]}\n",
        "version: 1\nservice: b\nsettings:\n  all: {default: off}\npurposes:\n  r: {use: analytics, setting: all}\n",
        "version: 1\nservice: c\npurposes:\n  p:\n    use: train_ai_system\n    # purposelint: ignore[fair-defaults/ai-training-on-by-default]: later\n    setting: {default: on}\n",
        "version: 1\nservice: c\npurposes:\n  q: {use: train_ai_system, setting: nowhere}\n",
        "version: 1\nsettings:\n  all: {default: on}\norganisations:\n  us: {name: Us, role: controller}\n",
        "version: 1\nnotices:\n  n: {kind: privacy_policy, channel: passive, published: 2024-01-01}\n",
        "version: 1\nsettings:\n  all: {default: ask}\n",
        "# a comment\n",
        "service: 1\npurposes: {}\n",
        "description: >\n\nservice: a\n",
        "'x\nservice: a': 1\n",
        "service: a\nservice: b\n",
        "version: 2\nservice: a\n",
        "service: b\npurposes: [\n",
        "version: 1\nservice: \"c\"\npurposes:\n  r: {use: marketing}\n",
    ];

    fn judge(session: &mut Session, sources: &SourceMap, files: &[FileId], library: &Library) -> Report {
        session.lint(sources, files, &tested::setup(library), &Progress::default())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn portions_come_to_what_all_at_once_comes_to(
            files in prop::collection::vec((prop::collection::vec(0..DOCUMENTS.len(), 1..4), any::<bool>()), 1..7),
        ) {
            let library = tested::library(&["core", "fair-defaults"]);
            let mut sources = SourceMap::new();
            let ids: Vec<FileId> = files.iter().enumerate().map(|(at, (documents, starts))| {
                let texts: Vec<&str> = documents.iter().filter_map(|at| DOCUMENTS.get(*at).copied()).collect();
                sources.add(format!("{at}.yaml"), format!("{}{}", if *starts { "---\n" } else { "" }, texts.join("---\n")))
            }).collect();
            let (portions, at_once) = (&mut Session::once(), &mut Session::new());
            let (portions, at_once) =
                (judge(portions, &sources, &ids, &library), judge(at_once, &sources, &ids, &library));
            let only = |one: &Report, other: &Report| -> Vec<String> {
                let only = one.findings.iter().filter(|finding| !other.findings.contains(finding));
                only.map(|finding| format!("{:?} {}: {}", finding.primary.span, finding.rule, finding.message)).collect()
            };
            prop_assert_eq!(only(&portions, &at_once), only(&at_once, &portions));
            prop_assert!(portions.findings == at_once.findings, "in another order");
            prop_assert_eq!(&portions.checked, &at_once.checked);
            prop_assert_eq!(&portions.applied, &at_once.applied);
            prop_assert_eq!(&portions.refused, &at_once.refused);
        }
    }
}
