//! The matrix for a terminal: a table where it fits, else one block per purpose. Colour repeats what the words say.

use super::{Numbers, TIE, TIE_SAYS, Tone, about, has_ties, in_column, legend, location, shown, tone, words};
use crate::matrix::{Cell, Matrix, PurposeRows, ServiceMatrix, word};
use crate::report::{Options, columns};
use crate::resolve::State;
use crate::source::SourceMap;
use crate::space::Date;

/// Least room for the titles of purposes beside a table.
const LABEL: usize = 24;

/// Most room for them.
const WIDE_LABEL: usize = 48;

/// How wide the name of a group may make a column.
const HEADING: usize = 18;

/// Between two columns.
const GAP: usize = 2;

pub(super) fn render(matrix: &Matrix, sources: &SourceMap, options: &Options) -> String {
    let mut page = Page { options, width: options.columns(), out: String::new() };
    for (at, service) in matrix.services.iter().enumerate() {
        if at > 0 {
            page.out.push('\n');
        }
        page.service(service, matrix.date, sources);
    }
    page.out
}

struct Page<'o> {
    options: &'o Options,
    width: usize,
    out: String,
}

/// A text with how it is painted.
type Painted = (String, Option<Tone>);

impl Page<'_> {
    fn service(&mut self, service: &ServiceMatrix, date: Date, sources: &SourceMap) {
        let title = shown(&service.title);
        let name = if service.title == service.id { title } else { format!("{title} ({})", shown(&service.id)) };
        let head = format!("{name}, on {date}; {}", about(service));
        self.paragraph("", 2, &head);
        self.out.push('\n');
        let mut numbers = Numbers::default();
        let table = Table::new(service, &mut numbers, self.width);
        match table {
            Some(table) => self.table(&table),
            None => {
                numbers = Numbers::default();
                self.blocks(service, &mut numbers);
            }
        }
        self.out.push('\n');
        let places = numbers.places(service);
        let digits = places.len().to_string().len();
        for (number, place) in places {
            let head = format!("[{number}]{} ", " ".repeat(digits - number.to_string().len().min(digits)));
            self.paragraph(&head, digits + 3, &format!("{} {}", location(place, sources), shown(&place.says)));
        }
        if has_ties(service) {
            self.paragraph(&format!("{TIE} "), 2, TIE_SAYS);
        }
        if !self.options.quiet {
            self.out.push('\n');
            for (state, means) in legend(service) {
                let painted = self.paint(word(state), Some(tone(state)));
                self.hang(&format!("{painted}: "), columns::of(word(state)) + 2, 2, means);
            }
        }
    }

    fn table(&mut self, table: &Table) {
        let height = table.headings.iter().map(Vec::len).max().unwrap_or_default();
        for line in 0..height {
            let mut cells: Vec<Painted> = vec![(String::new(), None)];
            for heading in &table.headings {
                // names stand just above the rule
                let above = height - heading.len();
                let text = line.checked_sub(above).and_then(|at| heading.get(at)).cloned().unwrap_or_default();
                cells.push((text, None));
            }
            self.row(&table.widths, &cells);
        }
        let total = table.widths.iter().sum::<usize>() + GAP * table.widths.len().saturating_sub(1);
        self.out.push_str(&"─".repeat(total));
        self.out.push('\n');
        for (label, cells) in &table.rows {
            let label_width = table.widths.first().copied().unwrap_or(LABEL);
            let indent = label.len() - label.trim_start().len();
            let lines = columns::wrap(label.trim_start(), label_width - indent, label_width - indent - 2);
            for (at, line) in lines.into_iter().enumerate() {
                let indent = indent + if at > 0 { 2 } else { 0 };
                let mut row: Vec<Painted> = vec![(format!("{}{line}", " ".repeat(indent)), None)];
                if at == 0 {
                    row.extend(cells.iter().cloned());
                }
                self.row(&table.widths, &row);
            }
        }
    }

    fn row(&mut self, widths: &[usize], cells: &[Painted]) {
        let mut line = String::new();
        let mut used = 0;
        let mut start = 0;
        for (width, (text, tone)) in widths.iter().zip(cells) {
            if !text.is_empty() {
                line.push_str(&" ".repeat(start - used.min(start)));
                line.push_str(&self.paint(text, *tone));
                used = start + columns::of(text);
            }
            start += width + GAP;
        }
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn blocks(&mut self, service: &ServiceMatrix, numbers: &mut Numbers) {
        for (at, purpose) in service.purposes.iter().enumerate() {
            if at > 0 {
                self.out.push('\n');
            }
            self.paragraph("", 2, &label(purpose));
            let lines = purpose.rows.iter().flat_map(|row| row.lines.iter().map(move |line| (row, line)));
            let lines: Vec<(String, State, String)> = lines
                .map(|(row, line)| {
                    let who = if row.who.is_empty() { String::new() } else { format!(", {}", shown(&row.who)) };
                    (
                        cell_text(std::slice::from_ref(&line.cell), numbers),
                        line.cell.state,
                        format!("{}{who}", shown(&line.regions)),
                    )
                })
                .collect();
            let widest = lines.iter().map(|(text, ..)| columns::of(text)).max().unwrap_or_default().min(24);
            for (text, state, whom) in lines {
                let width = columns::of(&text).max(widest);
                let pad = " ".repeat(width - columns::of(&text));
                let head = format!("  {}{pad}  ", self.paint(&text, Some(tone(state))));
                self.hang(&head, width + 4, (width + 4).min(self.width / 2), &whom);
            }
        }
    }

    /// Writes `head` and, behind it, a text that goes on with an indentation.
    fn paragraph(&mut self, head: &str, indent: usize, text: &str) {
        self.hang(head, columns::of(head), indent, text);
    }

    fn hang(&mut self, head: &str, width: usize, indent: usize, text: &str) {
        let lines = columns::wrap(text, self.width.saturating_sub(width), self.width.saturating_sub(indent));
        self.out.push_str(head);
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                self.out.push_str(&" ".repeat(indent));
            }
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    fn paint(&self, text: &str, tone: Option<Tone>) -> String {
        let Some(tone) = tone.filter(|_| self.options.color) else { return text.to_owned() };
        let code = match tone {
            Tone::Runs => 31,
            Tone::Asks => 33,
            Tone::Waits => 32,
            Tone::Absent => 2,
            Tone::Open => 35,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// `Train models (model_training)`
fn label(purpose: &PurposeRows) -> String {
    let title = shown(&purpose.title);
    if purpose.title == purpose.id { title } else { format!("{title} ({})", shown(&purpose.id)) }
}

/// `on [1]`; `on [1] off [2]` where a column stands for several groups.
fn cell_text(cells: &[Cell], numbers: &mut Numbers) -> String {
    let one = |cell: &Cell| {
        let numbers: Vec<String> = numbers.of_cell(cell).iter().map(ToString::to_string).collect();
        if numbers.is_empty() { words(cell) } else { format!("{} [{}]", words(cell), numbers.join(",")) }
    };
    cells.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A table that fits.
struct Table {
    /// Of the titles, then of each group.
    widths: Vec<usize>,
    headings: Vec<Vec<String>>,
    rows: Vec<(String, Vec<Painted>)>,
}

impl Table {
    /// Nothing where it does not fit, or where a column would have to stand for several groups: blocks then say more.
    fn new(service: &ServiceMatrix, numbers: &mut Numbers, width: usize) -> Option<Self> {
        if service.columns.iter().any(|column| column.groups.len() > 1) {
            return None;
        }
        let mut rows: Vec<(String, Vec<Painted>)> = Vec::new();
        for purpose in &service.purposes {
            let alone = purpose.rows.len() == 1;
            if !alone {
                rows.push((label(purpose), Vec::new()));
            }
            for row in &purpose.rows {
                let mut cells = Vec::new();
                for column in &service.columns {
                    let here = in_column(row, column);
                    let state = here.first().map(|cell| tone(cell.state));
                    cells.push((cell_text(&here, numbers), state));
                }
                let label = if alone { label(purpose) } else { format!("  {}", shown(&row.who)) };
                rows.push((label, cells));
            }
        }
        let mut widths = Vec::new();
        let mut headings = Vec::new();
        for (at, column) in service.columns.iter().enumerate() {
            let widest = rows.iter().filter_map(|(_, cells)| cells.get(at)).map(|(text, _)| columns::of(text)).max();
            let name = shown(&column.name);
            let width = widest.unwrap_or_default().max(columns::of(&name).min(HEADING));
            headings.push(columns::wrap(&name, width, width));
            widths.push(width);
        }
        let taken: usize = widths.iter().map(|width| width + GAP).sum();
        let label = rows.iter().map(|(label, _)| columns::of(label)).max().unwrap_or_default().clamp(LABEL, WIDE_LABEL);
        let room = width.checked_sub(taken).filter(|room| *room >= LABEL)?;
        widths.insert(0, label.min(room));
        Some(Self { widths, headings, rows })
    }
}
