//! Which purposes are on by default for training, for whom, and the line that decides it: from the model, not from the YAML.
//!
//! The smaller place wins: a member state before the EU, the EU before the EEA, a state before its country, the base last.

use super::emit::Place;
use super::model::{File, Setting};

/// A value that switches training on for somebody who does nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Deciding {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) purpose: String,
    /// Whether somebody in the EU, the EEA, the United Kingdom or Switzerland is among them.
    pub(crate) european: bool,
}

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

pub(crate) fn of_file(file: &File, places: &[Place]) -> Vec<Deciding> {
    let mut out = Vec::new();
    for (purpose, place) in file.purposes.iter().zip(places) {
        let Some(setting) = purpose.setting.as_ref().filter(|_| purpose.trains()) else { continue };
        for (row, european) in decides(setting, file.regions) {
            out.push(Deciding {
                file: file.path.clone(),
                line: row.map_or(place.default, |at| place.rows[at]),
                purpose: purpose.id.clone(),
                european,
            });
        }
    }
    out
}
