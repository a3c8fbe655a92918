//! One rule on the events of a declaration: training of AI systems is on by default for somebody in the EU, the EEA, the
//! United Kingdom or Switzerland.
//!
//! Knows the shapes of the corpus and no other: no aliases, no merging of files, no ages, no plans, no dates.

/// What a parser says, as far as the rule listens.
pub enum Event<'a> {
    MapStart,
    MapEnd,
    SeqStart,
    SeqEnd,
    /// Its text, and where it begins.
    Scalar(&'a str, usize),
}

const MEMBERS: &[&str] = &[
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT", "NL", "PL",
    "PT", "RO", "SK", "SI", "ES", "SE",
];
const CHAINS: &[&[&str]] = &[&["EU", "EEA"], &["NO", "EEA"], &["IS", "EEA"], &["LI", "EEA"], &["GB"], &["CH"]];

/// A two-letter group, code or state, as a number.
type Code = u64;

fn code(text: &str) -> Code {
    text.bytes().take(8).fold(0, |code, byte| code << 8 | Code::from(byte))
}

#[derive(Default)]
struct Row {
    regions: Vec<Code>,
    value: Option<(bool, usize)>,
}

#[derive(Clone, Copy, PartialEq, Default)]
enum At {
    #[default]
    Elsewhere,
    Purposes,
    Purpose,
    Setting,
    Rows,
    Row,
    Regions,
}

/// Takes events, one after another, and keeps where the values stand that decide.
#[derive(Default)]
pub struct Rule {
    at: At,
    depth: u32,
    /// The depth of what is skipped: nothing in it is listened to.
    skipped: u32,
    key: Key,
    trains: bool,
    base: Option<(bool, usize)>,
    rows: Vec<Row>,
    used: usize,
    pub hits: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Default)]
enum Key {
    #[default]
    None,
    Purposes,
    Purpose,
    Use,
    Setting,
    Default,
    Overrides,
    Regions,
    Other,
}

impl Rule {
    pub fn on(&mut self, event: Event<'_>) {
        match event {
            Event::MapStart | Event::SeqStart => self.enter(),
            Event::MapEnd | Event::SeqEnd => self.leave(),
            Event::Scalar(text, at) if self.skipped == 0 => self.scalar(text, at),
            Event::Scalar(..) => {}
        }
    }

    fn enter(&mut self) {
        self.depth += 1;
        if self.skipped > 0 || self.depth == 1 {
            return;
        }
        let key = std::mem::take(&mut self.key);
        self.at = match (self.at, key) {
            (At::Elsewhere, Key::Purposes) => At::Purposes,
            (At::Purposes, Key::Purpose) => {
                (self.trains, self.base, self.used) = (false, None, 0);
                At::Purpose
            }
            (At::Purpose, Key::Setting) => At::Setting,
            (At::Setting, Key::Overrides) => At::Rows,
            (At::Rows, _) => {
                if self.used == self.rows.len() {
                    self.rows.push(Row::default());
                }
                self.rows[self.used].regions.clear();
                self.rows[self.used].value = None;
                self.used += 1;
                At::Row
            }
            (At::Row, Key::Regions) => At::Regions,
            _ => {
                self.skipped = self.depth;
                self.at
            }
        };
    }

    fn leave(&mut self) {
        self.depth -= 1;
        if self.skipped > 0 {
            if self.skipped > self.depth {
                self.skipped = 0;
            }
            return;
        }
        self.at = match self.at {
            At::Regions => At::Row,
            At::Row => At::Rows,
            At::Rows => At::Setting,
            At::Setting => At::Purpose,
            At::Purpose => {
                if self.trains {
                    self.judge();
                }
                At::Purposes
            }
            At::Purposes | At::Elsewhere => At::Elsewhere,
        };
        self.key = Key::None;
    }

    fn scalar(&mut self, text: &str, at: usize) {
        if self.at == At::Regions {
            self.rows[self.used - 1].regions.push(code(text));
            return;
        }
        match std::mem::take(&mut self.key) {
            Key::None => {
                self.key = match (self.at, text) {
                    (At::Elsewhere, "purposes") => Key::Purposes,
                    (At::Purposes, _) => Key::Purpose,
                    (At::Purpose, "use") => Key::Use,
                    (At::Purpose, "setting") => Key::Setting,
                    (At::Setting | At::Row, "default") => Key::Default,
                    (At::Setting, "overrides") => Key::Overrides,
                    (At::Row, "regions") => Key::Regions,
                    _ => Key::Other,
                };
            }
            Key::Use => self.trains = text == "train_ai_system" || text.starts_with("train_ai_system."),
            Key::Default if self.at == At::Row => self.rows[self.used - 1].value = Some((text == "on", at)),
            Key::Default => self.base = Some((text == "on", at)),
            _ => {}
        }
    }

    fn judge(&mut self) {
        let rows = &self.rows[..self.used];
        let row = |place: &str| rows.iter().find(|row| row.regions.contains(&code(place))).and_then(|row| row.value);
        let named = MEMBERS.iter().filter_map(|state| row(state));
        let chains = CHAINS.iter().filter_map(|chain| chain.iter().find_map(|place| row(place)).or(self.base));
        let mut hits: Vec<usize> = named.chain(chains).filter(|(on, _)| *on).map(|(_, at)| at).collect();
        hits.sort_unstable();
        hits.dedup();
        self.hits.extend(hits);
    }
}
