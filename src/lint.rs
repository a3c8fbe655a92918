//! The pipeline in one function: sources, config, packs and a date to a report. No IO, no clock.

use crate::evaluate::Finding;
use crate::space::Date;

/// Something that was not judged, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// What: a path, a rule, a pack.
    pub what: String,
    /// Why, in words for people.
    pub reason: String,
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
    /// Findings whose outcome is undetermined.
    pub undetermined: usize,
    /// What was not judged.
    pub skipped: Vec<Skipped>,
}

/// The result of a run.
#[derive(Debug, Clone)]
pub struct Report {
    /// The date of the run.
    pub as_of: Date,
    /// In order: file, place, severity (most severe first), rule id.
    pub findings: Vec<Finding>,
    /// What was looked at.
    pub checked: Checked,
}
