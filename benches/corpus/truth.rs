//! Which purposes are on by default for training, for whom, and the line that decides it: from the model, not from the YAML.
//!
//! The smaller place wins: a member state before the EU, the EU before the EEA, a state before its country, the base last.

use std::collections::{BTreeMap, BTreeSet};

use super::emit::Place;
use super::model::{File, Setting};

/// What is true of one purpose that is on for training for somebody who does nothing.
#[derive(Default)]
pub(crate) struct Case {
    /// The lines of the values that decide it.
    pub(crate) lines: BTreeSet<usize>,
    /// Those that decide it for somebody in the EU, the EEA, the United Kingdom or Switzerland.
    pub(crate) european: BTreeSet<usize>,
    /// All lines of its setting that say `on`, whether somebody is left for them or not.
    pub(crate) stated: BTreeSet<usize>,
}

/// All cases, by file and purpose.
#[derive(Default)]
pub(crate) struct Truth(pub(crate) BTreeMap<(String, String), Case>);

const MEMBERS: &[&str] = &["DE", "ES", "FR", "IE", "IT", "NL", "PL"];
const EEA_ONLY: &[&str] = &["NO", "IS", "LI"];

/// For everybody the service reaches, the places that include them, the smallest first, and whether that is in Europe.
///
/// At most two member states have a row, so somebody is always left for the row of the EU.
fn people(reach: &[&'static str]) -> Vec<(Vec<&'static str>, bool)> {
    let mut out = vec![(vec!["EU", "EEA"], true), (vec!["GB"], true), (vec!["CH"], true)];
    out.extend(MEMBERS.iter().map(|state| (vec![*state, "EU", "EEA"], true)));
    out.extend(EEA_ONLY.iter().map(|state| (vec![*state, "EEA"], true)));
    for region in reach.iter().filter(|region| !matches!(**region, "EEA" | "GB" | "CH")) {
        out.push((vec![*region], false));
        if *region == "US" {
            out.push((vec!["US-CA", "US"], false));
        }
    }
    out
}

/// The rows that switch on, `None` being the base, and whether for Europeans.
fn decides(setting: &Setting, reach: &[&'static str]) -> Vec<(Option<usize>, bool)> {
    let mut out: Vec<(Option<usize>, bool)> = Vec::new();
    for (places, european) in people(reach) {
        let row = places.iter().find_map(|place| setting.rows.iter().position(|row| row.regions.contains(place)));
        if row.map_or(setting.default, |at| setting.rows[at].on) {
            match out.iter_mut().find(|(known, _)| *known == row) {
                Some((_, known)) => *known |= european,
                None => out.push((row, european)),
            }
        }
    }
    out
}

impl Truth {
    pub(crate) fn add(&mut self, file: &File, places: &[Place]) {
        for (purpose, place) in file.purposes.iter().zip(places) {
            let Some(setting) = purpose.setting.as_ref().filter(|_| purpose.trains()) else { continue };
            let line = |row: Option<usize>| row.map_or(place.default, |at| place.rows[at]);
            let decides = decides(setting, file.regions);
            if decides.is_empty() {
                continue;
            }
            let mut stated: BTreeSet<usize> = setting.default.then_some(place.default).into_iter().collect();
            stated.extend((0..setting.rows.len()).filter(|at| setting.rows[*at].on).map(|at| place.rows[at]));
            let case = Case {
                lines: decides.iter().map(|(row, _)| line(*row)).collect(),
                european: decides.iter().filter(|(_, european)| *european).map(|(row, _)| line(*row)).collect(),
                stated,
            };
            self.0.insert((file.path.clone(), purpose.id.clone()), case);
        }
    }

    /// How many purposes are on by default for training for somebody in Europe.
    pub(crate) fn violations(&self) -> usize {
        self.0.values().filter(|case| !case.european.is_empty()).count()
    }

    /// `file:line` of each value that decides for somebody in Europe: what a rule about Europe alone has to find.
    pub(crate) fn european_lines(&self) -> BTreeSet<String> {
        let lines = |((file, _), case): (&(String, String), &Case)| -> Vec<String> {
            case.european.iter().map(|line| format!("{file}:{line}")).collect()
        };
        self.0.iter().flat_map(lines).collect()
    }
}
