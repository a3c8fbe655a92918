//! What a file of the corpus declares, before anybody writes it down.
//!
//! The truth is computed from this, not from the YAML.

use super::random::Random;
use super::words::{
    COMPANIES, DEPARTMENTS, KINDS, Kind, NOTES, NOUNS, OBJECTS, RECIPIENTS, SENTENCE, SUBJECTS, TRAINING,
};

/// A day, counted from 2020-01-01.
#[derive(Clone, Copy)]
pub(crate) struct Day(pub(crate) u32);

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (mut year, mut rest) = (2020, self.0);
        let leap = |year: u32| u32::from(year.is_multiple_of(4));
        while rest >= 365 + leap(year) {
            rest -= 365 + leap(year);
            year += 1;
        }
        let months = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while rest >= months[month] {
            rest -= months[month];
            month += 1;
        }
        write!(f, "{year}-{:02}-{:02}", month + 1, rest + 1)
    }
}

pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) company: &'static str,
    pub(crate) service: String,
    pub(crate) title: String,
    pub(crate) regions: &'static [&'static str],
    /// The day of the letter that tells people before anything starts.
    pub(crate) letter: Day,
    pub(crate) purposes: Vec<Purpose>,
    /// Goes on to choose how things are written.
    pub(crate) random: Random,
}

pub(crate) struct Purpose {
    pub(crate) id: String,
    pub(crate) kind: &'static Kind,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) usage: &'static str,
    pub(crate) data: Vec<&'static str>,
    pub(crate) subjects: Vec<&'static str>,
    pub(crate) basis: &'static str,
    pub(crate) started: Day,
    /// Data that was taken before people were told, since this day.
    pub(crate) collected_before: Option<Day>,
    /// Of `RECIPIENTS`.
    pub(crate) recipients: Vec<usize>,
    pub(crate) period: &'static str,
    pub(crate) comment: Option<String>,
    pub(crate) setting: Option<Setting>,
}

impl Purpose {
    pub(crate) fn trains(&self) -> bool {
        self.kind.id == TRAINING.id
    }
}

#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) default: bool,
    pub(crate) rows: Vec<Row>,
}

#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) regions: Vec<&'static str>,
    pub(crate) on: bool,
}

/// Regions outside Europe of a service: few, some, many.
const REACH: &[(u32, &[&str])] = &[
    (6, &["EEA", "GB", "CH", "US"]),
    (3, &["EEA", "GB", "CH", "US", "JP", "AU", "ZA"]),
    (1, &["EEA", "GB", "CH", "US", "CA", "BR", "JP", "AU", "ZA"]),
];

/// What stands in `rows` of a shape for rows outside Europe.
#[derive(Clone, Copy)]
enum Elsewhere {
    None,
    Off,
    Mixed,
}

/// How a setting for training is declared: the base, the European rows, whether one member state is switched on, the rest.
type Shape = (bool, &'static [(&'static str, bool)], bool, Elsewhere);

const SPARED: &[(u32, Shape)] = &[
    (30, (false, &[], false, Elsewhere::None)),
    (20, (false, &[], false, Elsewhere::Mixed)),
    (18, (true, &[("EEA", false), ("GB", false), ("CH", false)], false, Elsewhere::None)),
    (12, (true, &[("EEA", false), ("GB", false), ("CH", false)], false, Elsewhere::Mixed)),
    (8, (false, &[("EU", false), ("EEA", false), ("GB", false)], false, Elsewhere::Mixed)),
    (6, (true, &[("EU", false), ("EEA", false), ("GB", false), ("CH", false)], false, Elsewhere::Off)),
    (
        6,
        (
            true,
            &[("EU", false), ("NO", false), ("IS", false), ("LI", false), ("GB", false), ("CH", false)],
            false,
            Elsewhere::None,
        ),
    ),
];

const VIOLATING: &[(u32, Shape)] = &[
    (20, (true, &[], false, Elsewhere::None)),
    (18, (true, &[], false, Elsewhere::Off)),
    (14, (true, &[("EU", false)], false, Elsewhere::Mixed)),
    // Norway, Iceland and Liechtenstein forgotten
    (10, (true, &[("EU", false), ("GB", false), ("CH", false)], false, Elsewhere::None)),
    // Switzerland forgotten
    (10, (true, &[("EEA", false), ("GB", false)], false, Elsewhere::Mixed)),
    (8, (false, &[("EU", true)], false, Elsewhere::Mixed)),
    (7, (false, &[("GB", true)], false, Elsewhere::None)),
    (4, (false, &[("CH", true), ("GB", false)], false, Elsewhere::None)),
    (3, (false, &[("EEA", true), ("GB", false)], false, Elsewhere::None)),
    (4, (true, &[("EEA", false), ("GB", false), ("CH", false)], true, Elsewhere::None)),
    (2, (false, &[], true, Elsewhere::Mixed)),
];

/// Of the purposes that train; about one in twenty of all purposes.
const VIOLATING_SHARE: f64 = 0.17;

fn training(random: &mut Random, regions: &[&'static str]) -> Setting {
    let shapes = if random.chance(VIOLATING_SHARE) { VIOLATING } else { SPARED };
    let &(default, european, member, elsewhere) = random.weighted(shapes);
    let mut rows: Vec<(&'static str, bool)> = european.to_vec();
    if member {
        rows.push((random.one(&["DE", "FR", "IE", "NL", "ES", "PL"]), true));
    } else if (!default || rows.contains(&("EEA", false))) && random.chance(0.2) {
        // does no harm, and is more specific
        rows.push((random.one(&["DE", "FR", "IE", "IT"]), false));
    }
    if !matches!(elsewhere, Elsewhere::None) {
        let mut outside = vec!["US", "US-CA"];
        outside.extend(regions.iter().filter(|region| !matches!(**region, "EEA" | "GB" | "CH" | "US")));
        let count = 1 + random.below(4);
        for region in random.some(&outside, count) {
            rows.push((region, matches!(elsewhere, Elsewhere::Mixed) && random.chance(0.5)));
        }
    }
    Setting { default, rows: grouped(random, &rows) }
}

/// What somebody who thinks of Europe declares for what does not train.
fn other(random: &mut Random) -> Setting {
    let default = random.chance(0.25);
    let mut rows = Vec::new();
    if default {
        rows.extend([("EEA", false), ("GB", false), ("CH", false)]);
        if random.chance(0.3) {
            rows.push(("US-CA", false));
        }
        // forgotten now and then
        if random.chance(0.05) {
            rows.remove(random.below(3));
        }
    } else if random.chance(0.15) {
        rows.push(("US", random.chance(0.7)));
    }
    Setting { default, rows: grouped(random, &rows) }
}

/// Rows in an order of their own; half of the time those that say the same share a row.
fn grouped(random: &mut Random, rows: &[(&'static str, bool)]) -> Vec<Row> {
    let shuffled = random.some(rows, rows.len());
    if !random.chance(0.5) {
        return shuffled.into_iter().map(|(region, on)| Row { regions: vec![region], on }).collect();
    }
    let mut out: Vec<Row> = Vec::new();
    for (region, on) in shuffled {
        match out.iter_mut().find(|row| row.on == on) {
            Some(row) => row.regions.push(region),
            None => out.push(Row { regions: vec![region], on }),
        }
    }
    out
}

fn prose(random: &mut Random, words: usize) -> String {
    let all: Vec<&str> = SENTENCE.split_whitespace().collect();
    let start = random.below(all.len());
    let text: Vec<&str> = (0..words).map(|at| all[(start + at) % all.len()]).collect();
    let text = text.join(" ");
    format!("{}{}.", text[..1].to_uppercase(), &text[1..])
}

fn purpose(random: &mut Random, kind: &'static Kind, at: usize, file: &File, small: bool) -> Purpose {
    let (object, thing) = random.one(OBJECTS);
    let title = format!("{} {thing}", random.one(kind.verbs));
    let words = 10 + random.below(16);
    let comment =
        random.chance(0.35).then(|| random.one(NOTES).replace("{n}", &(1000 + random.below(9000)).to_string()));
    let setting = random
        .chance(kind.with_setting)
        .then(|| if kind.id == TRAINING.id { training(random, file.regions) } else { other(random) });
    let setting = if small { Some(precommit(at)) } else { setting };
    let runs = setting.as_ref().is_some_and(|it| it.default || it.rows.iter().any(|row| row.on));
    let late = random.chance(0.02);
    let started = if late { file.letter.0 - 60 } else { file.letter.0 + 45 + random.below(400) as u32 };
    let collected_before = (!kind.core && random.chance(0.02)).then(|| Day(file.letter.0 - 300));
    let (data, subjects, recipients) = (1 + random.below(3), 1 + random.below(2), random.below(3));
    Purpose {
        id: format!("{}_{object}_{:03}", kind.id, at + 1),
        kind,
        title,
        description: prose(random, words),
        usage: random.one(kind.uses),
        data: random.some(kind.data, data),
        subjects: random.some(SUBJECTS, subjects),
        basis: if runs && kind.basis == "consent" { "legitimate_interests" } else { kind.basis },
        started: Day(started),
        collected_before,
        recipients: random.some(&(0..RECIPIENTS.len()).collect::<Vec<_>>(), recipients),
        period: random.one(&["P30D", "P6M", "P12M", "P24M"]),
        comment,
        setting,
    }
}

/// File `number` of the corpus with this seed: depends on nothing else.
pub(crate) fn file(seed: u64, number: usize, mean: usize) -> File {
    let mut random = Random::new(seed, number as u64);
    let (department, noun) = (random.one(DEPARTMENTS), random.one(NOUNS));
    let service = format!("{department}_{noun}_{number:05}");
    let small = mean <= 3;
    let count = if small { mean } else { (mean as f64 * (0.6 + 0.8 * random.unit())) as usize };
    let mut out = File {
        path: format!("{department}/{service}.purposes.yaml"),
        company: random.one(COMPANIES),
        title: format!("{}{} {noun}", department[..1].to_uppercase(), &department[1..]),
        service,
        regions: random.weighted::<&[&str]>(REACH),
        letter: Day(1200 + random.below(700) as u32),
        purposes: Vec::new(),
        random: Random::new(seed.wrapping_add(1), number as u64),
    };
    for at in 0..count.max(1) {
        let kind = match small {
            true if at == 1 => &KINDS[1].1,
            true => &KINDS[0].1,
            false => random.weighted(KINDS),
        };
        let purpose = purpose(&mut random, kind, at, &out, small);
        out.purposes.push(purpose);
    }
    out
}

/// The settings of the one small file that somebody is about to commit: always one violation.
fn precommit(at: usize) -> Setting {
    let row = |region, on| Row { regions: vec![region], on };
    let last = if at == 0 { row("US-CA", true) } else { row("CH", false) };
    Setting { default: true, rows: vec![row("EEA", false), row("GB", false), last] }
}
