//! Tables: one value per territory, dated and typed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::condition::{Domain, Ty};
use super::rule::ParamValue;
use crate::order::Order;
use crate::shipped::shipped;
use crate::space::{Atlas, Date, Interval, TerritorySet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "type")]
    ty: TableType,
    values: Vec<Entry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TableType {
    Int,
    Text,
    Bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    regions: Vec<String>,
    value: Scalar,
    from: Option<String>,
    until: Option<String>,
    #[serde(rename = "source")]
    _source: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Scalar {
    Bool(bool),
    Int(i64),
    Text(String),
}

/// A table. A territory that no entry names on a date has no value there: reading it is undetermined.
#[derive(Debug, Clone)]
pub struct Table {
    ty: TableType,
    entries: Vec<(Vec<String>, Interval, ParamValue)>,
}

impl Table {
    /// Reads the text of a file `tables/*.yaml`; the error says what is wrong. Of two entries for one territory and day the one
    /// with fewer territories counts, and of equal ones the one that began later.
    pub fn load(text: &str, atlas: &Atlas) -> Result<Self, String> {
        let table = Self::of(serde_yaml::from_str(text).map_err(|error| error.to_string())?, atlas)?;
        table.tie(atlas).map_or(Ok(table), Err)
    }

    /// Says which territory has two values of which neither counts before the other: no order decides between them.
    fn tie(&self, atlas: &Atlas) -> Option<String> {
        let mut known = BTreeMap::new();
        for (regions, days, value) in &self.entries {
            let day = days.from.unwrap_or(Date::MILLENNIUM);
            for set in regions.iter().filter_map(|region| atlas.lookup(region, day).ok()) {
                for leaf in set.iter() {
                    if *known.entry((days.from, set.len(), leaf)).or_insert(value) != value {
                        let code = atlas.code(leaf);
                        return Some(format!(
                            "two entries give `{code}` different values, and neither counts before the other: name it in one of them"
                        ));
                    }
                }
            }
        }
        None
    }

    /// One that comes with the program, by its path.
    pub(super) fn shipped(path: &str, atlas: &Atlas) -> Option<Self> {
        Self::of(shipped(path)?, atlas).ok()
    }

    fn of(file: File, atlas: &Atlas) -> Result<Self, String> {
        let mut entries = Vec::new();
        for entry in file.values {
            let day = |text: Option<String>| match text {
                None => Ok(None),
                Some(text) => Date::parse(&text).map(Some).ok_or_else(|| format!("`{text}` is not a day")),
            };
            let days = Interval { from: day(entry.from)?, until: day(entry.until)? };
            for region in &entry.regions {
                if atlas.lookup(region, Date::MILLENNIUM).is_err() {
                    return Err(format!("`{region}` is not a territory or group"));
                }
            }
            let value = match (file.ty, entry.value) {
                (TableType::Int, Scalar::Int(value)) => ParamValue::Int(value),
                (TableType::Text, Scalar::Text(value)) => ParamValue::Text(value),
                (TableType::Bool, Scalar::Bool(value)) => ParamValue::Bool(value),
                (_, value) => return Err(format!("`{value:?}` is not of the type of the table")),
            };
            entries.push((entry.regions, days, value));
        }
        Ok(Self { ty: file.ty, entries })
    }

    /// The type of its values.
    pub fn ty(&self) -> Ty {
        match self.ty {
            TableType::Int => Ty::Int,
            TableType::Text => Ty::Text(Domain::Any),
            TableType::Bool => Ty::Bool,
        }
    }

    /// How many values it has, on all days.
    pub fn rows(&self) -> usize {
        self.entries.len()
    }

    /// The sets of territories among which values differ on a date.
    pub fn boundaries(&self, atlas: &Atlas, date: Date) -> Vec<TerritorySet> {
        let current = self.entries.iter().filter(|(_, days, _)| days.contains(date));
        current.flat_map(|(regions, ..)| regions).filter_map(|region| atlas.lookup(region, date).ok()).collect()
    }

    /// The whole numbers among its values on a date.
    pub fn numbers(&self, date: Date) -> impl Iterator<Item = i64> {
        let current = self.entries.iter().filter(move |(_, days, _)| days.contains(date));
        current.filter_map(|(.., value)| if let ParamValue::Int(number) = value { Some(*number) } else { None })
    }

    /// Days on which values change, or somebody joins or leaves a group that has one.
    pub fn changes(&self, atlas: &Atlas) -> Vec<Date> {
        let own = self.entries.iter().flat_map(|(_, days, _)| [days.from, days.until]).flatten();
        let regions: BTreeSet<&String> = self.entries.iter().flat_map(|(regions, ..)| regions).collect();
        own.chain(regions.into_iter().flat_map(|region| atlas.changes(region))).collect()
    }

    /// The value for a set of territories that boundaries may cut: the one that each of them has.
    pub fn get_for_all(&self, atlas: &Atlas, territories: TerritorySet, date: Date) -> Option<&ParamValue> {
        let today = self.on(atlas, date);
        let mut values = territories.iter().map(|leaf| today.at(TerritorySet::of(leaf)).and_then(|at| self.value(at)));
        let first = values.next()??;
        values.all(|other| other == Some(first)).then_some(first)
    }

    /// The value for a set of territories that no boundary cuts.
    pub fn get(&self, atlas: &Atlas, territories: TerritorySet, date: Date) -> Option<&ParamValue> {
        let current = self.entries.iter().enumerate().filter(|(_, (_, days, _))| days.contains(date));
        let meant = current.filter_map(|(at, (regions, days, _))| {
            let sets = regions.iter().filter_map(|region| atlas.lookup(region, date).ok());
            let size = sets.filter(|set| territories.is_within(*set)).map(TerritorySet::len).min()?;
            Some(((size, Reverse(days.from)), at))
        });
        self.value(meant.min_by_key(|(rank, _)| *rank)?.1)
    }

    fn value(&self, at: usize) -> Option<&ParamValue> {
        self.entries.get(at).map(|(.., value)| value)
    }

    /// The table as it stands on a day, for whoever asks often.
    pub fn on(&self, atlas: &Atlas, date: Date) -> TableOnDay {
        let mut ranked = Vec::new();
        for (at, (regions, days, _)) in self.entries.iter().enumerate().filter(|(_, (_, days, _))| days.contains(date))
        {
            let sets = regions.iter().filter_map(|region| atlas.lookup(region, date).ok());
            ranked.extend(sets.map(|set| ((set.len(), Reverse(days.from)), set, at)));
        }
        ranked.order_by_key(|(rank, ..)| *rank);
        TableOnDay { sets: ranked.into_iter().map(|(_, set, at)| (set, at)).collect() }
    }
}

/// A table on a day.
pub struct TableOnDay {
    /// Sets of territories with the index of their entry, in the order in which they count.
    sets: Vec<(TerritorySet, usize)>,
}

impl TableOnDay {
    /// The index of the entry that counts for a set of territories that no boundary cuts.
    pub fn at(&self, territories: TerritorySet) -> Option<usize> {
        let first = territories.iter().next()?;
        let holds = |set: &TerritorySet| set.has(first) && territories.is_within(*set);
        self.sets.iter().find(|(set, _)| holds(set)).map(|(_, at)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_count_alike_say_the_same() {
        let told = |values: &str| {
            let text = format!("version: 1\ntitle: x\nsource: x\ntype: int\nvalues:\n{values}");
            Table::load(&text, Atlas::builtin()).err()
        };
        let tie = |code: &str| {
            Some(format!(
                "two entries give `{code}` different values, and neither counts before the other: name it in one of them"
            ))
        };
        for (values, expected) in [
            ("  - {regions: [FR, DE], value: 10}\n  - {regions: [ES, FR], value: 20}\n", tie("FR")),
            ("  - {regions: [FR, DE], value: 10}\n  - {regions: [ES, FR], value: 10}\n", None),
            ("  - {regions: [EU], value: 10}\n  - {regions: [FR], value: 20}\n", None),
            ("  - {regions: [FR], value: 10}\n  - {regions: [FR], value: 20, from: 2024-01-01}\n", None),
            (
                "  - {regions: [EU], value: 10, from: 2024-01-01}\n  - {regions: [EU], value: 20, from: 2024-01-01}\n",
                tie("AT"),
            ),
        ] {
            assert_eq!(told(values), expected, "{values}");
        }
    }

    #[test]
    fn whoever_joins_a_group_gets_its_value() {
        let text = "version: 1\ntitle: x\nsource: x\ntype: int\nvalues:\n  - {regions: [WORLD], value: 18}\n  - {regions: [EU], value: 13, until: 2030-01-01}\n";
        let days = Table::load(text, Atlas::builtin()).unwrap().changes(Atlas::builtin());
        let brexit = Date::parse("2020-02-01").unwrap();
        assert!([brexit, Date::parse("2030-01-01").unwrap()].iter().all(|day| days.contains(day)), "{days:?}");
    }

    #[test]
    fn tables_that_come_with_the_program_have_no_ties() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/tables");
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(files.len() > 3);
        for file in files {
            let read = Table::load(&std::fs::read_to_string(&file).unwrap(), Atlas::builtin());
            assert_eq!(read.err(), None, "{}", file.display());
        }
    }
}
