//! The pipeline in one function: sources, rules and a date to a report. No IO, no clock.
//!
//! Its steps are those of [`Session`], which takes them again for what an edit has touched.

mod carry;
mod desk;
mod gathered;
mod keep;
mod left_out;
mod lists;
mod portions;
mod read;
mod repeated;
mod revisions;
mod session;
mod task;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use crate::change::Counts;
use crate::diagnostic::Diagnostic;
use crate::discover::Extent;
use crate::evaluate::{Context, Finding, Period};
use crate::model::Glances;
use crate::policy::{Library, On};
use crate::product::Products;
use crate::settings::Settings;
use crate::source::{FileId, SourceMap};
use crate::space::{Atlas, Date};
use crate::suppress::{self, Accepting};
use crate::syntax::Limits;
use crate::vocabulary::Vocabulary;

pub use desk::Shelved;
pub use left_out::{is_left_out, leaves_out};
pub use read::newer_version;
pub use revisions::{Base, Comparison, compare, concerned};
pub use session::Session;

/// Why a rule of a pack was not used, in words.
const SWITCHED_OFF: &str = "switched off by the config";

/// Something that was not judged, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// What: a path, a rule, a pack.
    pub what: String,
    /// Why, in words for people.
    pub reason: String,
}

impl Skipped {
    /// Rules that a config switches off.
    pub fn switched_off(what: impl Into<String>) -> Self {
        Self { what: what.into(), reason: SWITCHED_OFF.to_owned() }
    }
}

/// For which of the files a config switches a rule off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    /// For all.
    Everywhere,
    /// For some.
    Somewhere,
}

/// What a run looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Declaration files that were read.
    pub files: usize,
    /// Documents in them.
    pub documents: usize,
    /// Services they declare.
    pub services: usize,
    /// Purposes that were judged.
    pub purposes: usize,
    /// Rules that applied to at least one purpose.
    pub rules: usize,
    /// Rules that applied to none, but are about one that is not carried out.
    pub spared: usize,
    /// Findings whose outcome is undetermined.
    pub undetermined: usize,
    /// What has changed since another revision, where the step from it was judged.
    pub changes: Option<Counts>,
    /// What was not judged.
    pub skipped: Vec<Skipped>,
    /// What of it had to be judged: whatever is found, nobody knows what is missing.
    pub lost: BTreeSet<Skipped>,
    /// Whether something that may need what accepts findings was not judged.
    pub partial: bool,
    /// The rules among it that a config switches off, by their ids.
    pub off: BTreeMap<String, Off>,
    /// What in the config has less effect than it seems to have.
    pub notes: Vec<Skipped>,
}

impl Checked {
    /// Whether something was not judged because a config switches the rule off for all files.
    pub fn is_off(&self, skipped: &Skipped) -> bool {
        self.off.get(&skipped.what) == Some(&Off::Everywhere)
    }

    /// Takes in what had to be judged and was not, each once.
    pub fn lose(&mut self, lost: impl IntoIterator<Item = Skipped>) {
        self.lost.extend(lost);
        let known: BTreeSet<&Skipped> = self.skipped.iter().collect();
        let new: Vec<Skipped> = self.lost.iter().filter(|lost| !known.contains(lost)).cloned().collect();
        self.skipped.extend(new);
    }

    /// All that whoever reads the report should know beside the findings.
    pub fn remarks(&self) -> impl Iterator<Item = &Skipped> {
        self.skipped.iter().chain(&self.notes)
    }
}

/// The revision that a run is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The id of the commit; empty where it is a folder or an archive.
    pub revision: String,
    /// What it was called.
    pub name: String,
}

/// The result of a run.
#[derive(Debug, Clone)]
pub struct Report {
    /// The date of the run.
    pub as_of: Date,
    /// In order: file, place, severity (most severe first), rule id.
    pub findings: Vec<Arc<Finding>>,
    /// What was looked at.
    pub checked: Checked,
    /// Why this program cannot judge some of what it was given, such as a newer version of the format.
    pub refused: Vec<Diagnostic>,
    /// Rules that applied to at least one purpose.
    pub applied: BTreeSet<String>,
    /// Whether a file says something else of where services are offered than it seemed to at a glance ([`Glances`]): the
    /// laws that were asked may be the wrong ones.
    pub seemed_otherwise: bool,
    /// The revision whose findings are marked as such; `None` where all count.
    pub compared: Option<Compared>,
}

impl Report {
    /// The findings one by one, in order.
    pub fn found(&self) -> impl DoubleEndedIterator<Item = &Finding> + ExactSizeIterator + Clone {
        self.findings.iter().map(|finding| &**finding)
    }
}

/// What a run judges with.
#[derive(Clone)]
pub struct Setup<'a> {
    /// The packs, lexicons and tables.
    pub library: &'a Library,
    /// Territories and groups.
    pub atlas: &'a Atlas,
    /// Uses, data categories, subjects and bases.
    pub vocabulary: &'a Vocabulary,
    /// What a config says of each rule for each file.
    pub settings: Arc<Settings>,
    /// How much a file may ask for.
    pub limits: Limits,
    /// The date of the run and how far it looks ahead.
    pub period: Period,
    /// What is accepted, comments included; `None` where nothing is.
    pub accepting: Option<Accepting<'a>>,
    /// The product files that settings read: nothing here reads the disk.
    pub products: &'a Products,
    /// What was seen of declarations before they are read.
    pub glances: &'a Glances,
    /// How much of a workspace the declarations are.
    pub extent: Extent,
    /// What is known from other runs, and takes in what this one finds out.
    pub shelved: Option<Shelved<'a>>,
}

impl<'a> Setup<'a> {
    /// All rules of a library on a day, without a look ahead: no config, no product files, nothing kept.
    pub fn of(library: &'a Library, today: Date) -> Self {
        static NO_PRODUCTS: Products = Products::new();
        static NO_GLANCES: Glances = Glances::new();
        Self {
            library,
            atlas: &library.atlas,
            vocabulary: &library.vocabulary,
            settings: Settings::new(library).into(),
            limits: Limits::default(),
            period: Period { today, horizon: today, full_severity: false },
            accepting: Some(Accepting::default()),
            products: &NO_PRODUCTS,
            glances: &NO_GLANCES,
            extent: Extent::Whole,
            shelved: None,
        }
    }
}

impl Setup<'_> {
    /// What rules about what holds, or about what changes, are judged with.
    fn context(&self, on: On) -> Context<'_> {
        let config = self.accepting.and_then(|accepting| accepting.config);
        let splits = config.map(|config| suppress::splits(config, self.atlas, self.period.today)).unwrap_or_default();
        let (library, atlas) = (self.library, self.atlas);
        let steps = self.limits.steps;
        Context { on, library, atlas, settings: &self.settings, steps, splits, unconfirmed: BTreeSet::new() }
    }
}

/// How far a run is: counted by the pipeline, read by whoever shows it. The pipeline itself has no clock.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files that were read.
    pub files: AtomicUsize,
    /// Services there are to judge; 0 until all files are read.
    pub services: AtomicUsize,
    /// Services that were judged.
    pub judged: AtomicUsize,
}

/// Judges declarations. `files` are the sources that are declarations; every document of each is read.
pub fn lint(sources: &SourceMap, files: &[FileId], setup: &Setup<'_>) -> Report {
    lint_watched(sources, files, setup, &Progress::default())
}

/// As [`lint`], and counts what is done, for another thread to read.
pub fn lint_watched(sources: &SourceMap, files: &[FileId], setup: &Setup<'_>, progress: &Progress) -> Report {
    Session::once().lint(sources, files, setup, progress)
}

/// Whether a run with these settings can say that a rule no longer finds what it once found: it asked the rule, or the rule cannot find
/// anything any more. That is so where no pack has it any longer, and where its law holds in no place where a service is offered.
pub fn has_run(rule: &str, library: &Library, settings: &Settings) -> bool {
    let is_unreached =
        || rule.split_once('/').is_some_and(|(pack, _)| library.unreached.iter().any(|idle| idle == pack));
    settings.is_used(rule) || !library.known.iter().any(|known| known == rule) || is_unreached()
}

/// What the tests of the steps judge with.
#[cfg(test)]
mod tested {
    use super::Setup;
    use crate::evaluate::Period;
    use crate::policy::{Depth, Library, PolicyFiles};
    use crate::space::{Atlas, Date};

    pub(super) fn library(packs: &[&str]) -> Library {
        let packs: Vec<String> = packs.iter().map(|pack| (*pack).to_owned()).collect();
        Library::load(&PolicyFiles::builtin(), &packs, Atlas::builtin().clone(), Depth::Run).0
    }

    pub(super) fn setup(library: &Library) -> Setup<'_> {
        let today = Date::parse("2026-11-22").unwrap();
        let period = Period { today, horizon: today.plus(365), full_severity: false };
        Setup { period, ..Setup::of(library, today) }
    }
}
