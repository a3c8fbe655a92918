//! The matrix of defaults as text: one file per format.

mod csv;
mod human;
mod markdown;
mod svg;

use std::io::{self, Write};

use super::words::formats;
use super::{Options, escape};
use crate::matrix::{Cell, Column, Matrix, Place, Row, ServiceMatrix, meaning, rank, word};
use crate::order::Order;
use crate::resolve::{State, StateKind};
use crate::source::SourceMap;
use crate::space::AgeSet;

formats! {
    /// How a matrix is written.
    Format {
        /// For a terminal: a table where it fits, else one block per purpose.
        #[default]
        Human = "human",
        /// For a page: a table per service.
        Markdown = "markdown",
        /// For a spreadsheet: one record per purpose, group of territories, ages and plans.
        Csv = "csv",
        /// For a document: a picture whose text can be read out.
        Svg = "svg",
    }
}

/// Writes a matrix.
pub fn render(
    format: Format,
    matrix: &Matrix,
    sources: &SourceMap,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = match format {
        Format::Human => human::render(matrix, sources, options),
        Format::Markdown => markdown::render(matrix, sources),
        Format::Csv => csv::render(matrix, sources),
        Format::Svg => svg::render(matrix, sources),
    };
    out.write_all(text.as_bytes())
}

/// What marks a cell whose values tie.
const TIE: &str = "!";

/// What the mark says.
const TIE_SAYS: &str = "values tie, and the least protective is shown; `purposelint check` says how to settle it";

/// Which look a state has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Runs,
    Asks,
    Waits,
    Absent,
    Open,
}

fn tone(state: State) -> Tone {
    match state {
        State::Known(StateKind::On | StateKind::Mandatory) => Tone::Runs,
        State::Known(StateKind::Ask) => Tone::Asks,
        State::Known(StateKind::Off) => Tone::Waits,
        State::Known(StateKind::Absent) => Tone::Absent,
        State::Undeclared | State::Unknown | State::Unsettled => Tone::Open,
    }
}

/// A text of a declaration on one line.
fn shown(text: &str) -> String {
    escape::text(text, escape::SHORT).into_owned()
}

/// `purposes.yaml:52`
fn location(place: &Place, sources: &SourceMap) -> String {
    format!("{}:{}", shown(sources.path(place.span.file)), sources.start(place.span).line)
}

/// The places that cells refer to, in the order of reading, each with its number.
#[derive(Default)]
struct Numbers(Vec<usize>);

impl Numbers {
    /// The number of a place; the next one where it has none yet.
    fn of(&mut self, place: usize) -> usize {
        let known = self.0.iter().position(|known| *known == place);
        1 + known.unwrap_or_else(|| {
            self.0.push(place);
            self.0.len() - 1
        })
    }

    fn of_cell(&mut self, cell: &Cell) -> Vec<usize> {
        let mut numbers: Vec<usize> = cell.decided.iter().map(|place| self.of(*place)).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Numbers with their places.
    fn places<'m>(&self, service: &'m ServiceMatrix) -> Vec<(usize, &'m Place)> {
        let place = |(at, place): (usize, &usize)| Some((at + 1, service.places.get(*place)?));
        self.0.iter().enumerate().filter_map(place).collect()
    }
}

/// What a column shows of a row: one cell, or those of all its groups that differ, the least protective first.
fn in_column(row: &Row, column: &Column) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for cell in column.groups.iter().filter_map(|group| row.cells.get(*group)) {
        match cells.iter_mut().find(|known| (known.state, known.ambiguous) == (cell.state, cell.ambiguous)) {
            Some(known) => {
                let new: Vec<usize> = cell.decided.iter().filter(|at| !known.decided.contains(at)).copied().collect();
                known.decided.extend(new);
            }
            None => cells.push(cell.clone()),
        }
    }
    cells.order_by_key(|cell| rank(cell.state));
    cells
}

/// What a column that stands for several groups stands for, and what differs inside it for each row.
fn elsewhere(service: &ServiceMatrix) -> Vec<String> {
    let mut notes = Vec::new();
    for column in service.columns.iter().filter(|column| column.groups.len() > 1) {
        let regions = |groups: &mut dyn Iterator<Item = usize>| -> String {
            let names: Vec<String> =
                groups.filter_map(|at| service.groups.get(at)).map(|group| shown(&group.regions)).collect();
            names.join("; ")
        };
        notes.push(format!("{} stands for: {}", column.name, regions(&mut column.groups.iter().copied())));
        for purpose in &service.purposes {
            for row in &purpose.rows {
                let cells = in_column(row, column);
                if cells.len() < 2 {
                    continue;
                }
                let parts: Vec<String> = cells
                    .iter()
                    .map(|cell| {
                        let same = |at: &usize| {
                            let here = row.cells.get(*at);
                            here.is_some_and(|here| (here.state, here.ambiguous) == (cell.state, cell.ambiguous))
                        };
                        format!("{} in {}", words(cell), regions(&mut column.groups.iter().copied().filter(same)))
                    })
                    .collect();
                let who = if row.who.is_empty() { String::new() } else { format!(", {}", shown(&row.who)) };
                notes.push(format!("`{}`{who}: {}", shown(&purpose.id), parts.join(" · ")));
            }
        }
    }
    notes
}

/// The word of a cell, marked where values tie.
fn words(cell: &Cell) -> String {
    format!("{}{}", word(cell.state), if cell.ambiguous { TIE } else { "" })
}

/// The states that are shown, each with what it means; the least protective first.
fn legend(service: &ServiceMatrix) -> Vec<(State, &'static str)> {
    let mut states: Vec<State> = cells(service).map(|cell| cell.state).collect();
    states.order_by_key(|state| rank(*state));
    states.dedup();
    states.into_iter().map(|state| (state, meaning(state))).collect()
}

fn has_ties(service: &ServiceMatrix) -> bool {
    cells(service).any(|cell| cell.ambiguous)
}

fn cells(service: &ServiceMatrix) -> impl Iterator<Item = &Cell> {
    service.purposes.iter().flat_map(|purpose| &purpose.rows).flat_map(|row| &row.cells)
}

/// Whom the matrix of a service is about: `offered in WORLD, aged 16+, plans free and premium`.
fn about(service: &ServiceMatrix) -> String {
    let mut parts = vec![format!("offered in {}", shown(&service.regions))];
    if service.universe.ages != AgeSet::ALL {
        parts.push(format!("aged {}", service.universe.ages));
    }
    if !service.plans.is_empty() {
        let plans: Vec<String> = service.plans.iter().map(|plan| shown(plan)).collect();
        parts.push(format!("plans {}", plans.join(", ")));
    }
    parts.join("; ")
}
