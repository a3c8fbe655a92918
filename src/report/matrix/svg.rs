//! The matrix as a picture: self-contained, the same bytes everywhere, and every word of it text.

use super::{
    Numbers, TIE, TIE_SAYS, Tone, about, elsewhere, has_ties, in_column, legend, location, shown, tone, words,
};
use crate::matrix::{Cell, Matrix, ServiceMatrix, word};
use crate::report::columns;
use crate::report::escape::{LONG, xml};
use crate::resolve::State;
use crate::source::SourceMap;
use crate::space::Date;

/// All lengths are in pixels. Fonts differ from machine to machine, so letters are taken to be wider than most are.
const LETTER: usize = 8;
const BOLD_LETTER: usize = 10;
const LINE: usize = 19;
const PAD: usize = 10;
const MARGIN: usize = 24;
const LABEL: usize = 300;
const COLUMN: usize = 152;

/// The picture is never narrower than its notes can be read.
const LEAST: usize = 640;

pub(super) fn render(matrix: &Matrix, sources: &SourceMap) -> String {
    let columns = matrix.services.iter().map(|service| service.columns.len()).max().unwrap_or_default();
    let mut picture =
        Picture { width: (2 * MARGIN + LABEL + COLUMN * columns).max(LEAST), y: MARGIN, body: String::new() };
    for service in &matrix.services {
        picture.service(service, matrix.date, sources);
        picture.y += LINE;
    }
    let (width, height) = (picture.width, picture.y);
    let names: Vec<String> = matrix.services.iter().map(|service| shown(&service.title)).collect();
    let title = xml(&format!("Who gets which default: {}", names.join(", ")), LONG);
    // whole, as the picture is: each text in it has been cut by itself
    let described = described(matrix);
    let desc = xml(&described, described.len());
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"title desc\" font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\" \
         font-size=\"14\">\n<title id=\"title\">{title}</title>\n<desc id=\"desc\">{desc}</desc>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{}</svg>\n",
        picture.body
    )
}

/// Every cell in words, for those who do not see the picture.
fn described(matrix: &Matrix) -> String {
    let mut sentences = Vec::new();
    for service in &matrix.services {
        for purpose in &service.purposes {
            for row in &purpose.rows {
                let who = if row.who.is_empty() { String::new() } else { format!(", {}", shown(&row.who)) };
                let cells: Vec<String> =
                    row.lines.iter().map(|line| format!("{} in {}", words(&line.cell), shown(&line.regions))).collect();
                sentences.push(format!("{}{who}: {}.", shown(&purpose.title), cells.join("; ")));
            }
        }
    }
    format!("On {}. {}", matrix.date, sentences.join(" "))
}

struct Picture {
    width: usize,
    y: usize,
    body: String,
}

/// How a piece of text looks.
#[derive(Clone, Copy)]
struct Look {
    fill: &'static str,
    bold: bool,
}

const INK: Look = Look { fill: "#1f2328", bold: false };
const STRONG: Look = Look { fill: "#1f2328", bold: true };
const SOFT: Look = Look { fill: "#57606a", bold: false };

impl Picture {
    fn service(&mut self, service: &ServiceMatrix, date: Date, sources: &SourceMap) {
        let title = shown(&service.title);
        let name = if service.title == service.id { title } else { format!("{title} ({})", shown(&service.id)) };
        self.paragraph(&format!("{name}: who gets which default"), STRONG);
        self.paragraph(&format!("On {date}; {}", about(service)), SOFT);
        self.y += PAD;
        let headings: Vec<Vec<String>> =
            service.columns.iter().map(|column| wrapped_bold(&shown(&column.name), COLUMN - PAD)).collect();
        let height = headings.iter().map(Vec::len).max().unwrap_or_default();
        for (at, heading) in headings.iter().enumerate() {
            let top = self.y + (height - heading.len()) * LINE;
            self.lines(column(at) + PAD, top, heading, STRONG);
        }
        self.y += height * LINE + PAD / 2;
        self.rule();
        let mut numbers = Numbers::default();
        for purpose in &service.purposes {
            for row in &purpose.rows {
                let title = shown(&purpose.title);
                let label = if row.who.is_empty() { title } else { format!("{title}, {}", shown(&row.who)) };
                let cells: Vec<Vec<Cell>> = service.columns.iter().map(|column| in_column(row, column)).collect();
                self.row(&label, (purpose.title != purpose.id).then_some(&*purpose.id), &cells, &mut numbers);
            }
        }
        self.y += PAD;
        self.notes(service, &numbers, sources);
    }

    fn row(&mut self, label: &str, id: Option<&str>, cells: &[Vec<Cell>], numbers: &mut Numbers) {
        let label = wrapped(label, LABEL - PAD);
        let id = id.map(|id| wrapped(&shown(id), LABEL - PAD)).unwrap_or_default();
        let texts: Vec<Vec<(String, State)>> = cells.iter().map(|cells| in_words(cells, numbers)).collect();
        let lines = texts.iter().map(Vec::len).chain([label.len() + id.len()]).max().unwrap_or(1);
        let height = lines * LINE + PAD;
        self.lines(MARGIN, self.y + PAD / 2, &label, INK);
        self.lines(MARGIN, self.y + PAD / 2 + label.len() * LINE, &id, SOFT);
        for (at, texts) in texts.iter().enumerate() {
            let Some((_, first)) = texts.first() else { continue };
            let (fill, ink) = colors(tone(*first));
            let (x, y) = (column(at) + 2, self.y + 2);
            self.body.push_str(&format!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"3\" fill=\"{fill}\"/>\n",
                COLUMN - 4,
                height - 4
            ));
            let texts: Vec<String> = texts.iter().map(|(text, _)| text.clone()).collect();
            self.lines(column(at) + PAD, self.y + PAD / 2, &texts, Look { fill: ink, bold: true });
        }
        self.y += height;
        self.rule();
    }

    fn notes(&mut self, service: &ServiceMatrix, numbers: &Numbers, sources: &SourceMap) {
        for (number, place) in numbers.places(service) {
            self.paragraph(&format!("[{number}] {} {}", location(place, sources), shown(&place.says)), SOFT);
        }
        if has_ties(service) {
            self.paragraph(&format!("{TIE} {TIE_SAYS}"), SOFT);
        }
        for note in elsewhere(service) {
            self.paragraph(&note, SOFT);
        }
        let means: Vec<String> =
            legend(service).iter().map(|(state, means)| format!("{}: {means}", word(*state))).collect();
        self.y += PAD;
        self.paragraph(&means.join(" · "), SOFT);
    }

    fn paragraph(&mut self, text: &str, look: Look) {
        let lines = wrapped(text, self.width - 2 * MARGIN);
        self.lines(MARGIN, self.y, &lines, look);
        self.y += lines.len() * LINE;
    }

    /// Writes lines, the top of the first at `top`.
    fn lines(&mut self, x: usize, top: usize, lines: &[String], look: Look) {
        for (at, line) in lines.iter().enumerate() {
            let y = top + at * LINE + 14;
            let weight = if look.bold { " font-weight=\"600\"" } else { "" };
            let text = xml(line, LONG);
            self.body.push_str(&format!("<text x=\"{x}\" y=\"{y}\" fill=\"{}\"{weight}>{text}</text>\n", look.fill));
        }
    }

    fn rule(&mut self) {
        let (right, y) = (self.width - MARGIN, self.y);
        self.body.push_str(&format!(
            "<line x1=\"{MARGIN}\" y1=\"{y}\" x2=\"{right}\" y2=\"{y}\" stroke=\"#d0d7de\" stroke-width=\"1\"/>\n"
        ));
    }
}

/// Where a column begins.
fn column(at: usize) -> usize {
    MARGIN + LABEL + COLUMN * at
}

fn wrapped(text: &str, pixels: usize) -> Vec<String> {
    columns::wrap(text, pixels / LETTER, pixels / LETTER)
}

fn wrapped_bold(text: &str, pixels: usize) -> Vec<String> {
    columns::wrap(text, pixels / BOLD_LETTER, pixels / BOLD_LETTER)
}

/// The lines of a cell: each state with the numbers of the places that decide.
fn in_words(cells: &[Cell], numbers: &mut Numbers) -> Vec<(String, State)> {
    let mut lines = Vec::new();
    for cell in cells {
        let numbers: Vec<String> = numbers.of_cell(cell).iter().map(ToString::to_string).collect();
        let text = format!("{} [{}]", words(cell), numbers.join(","));
        lines.extend(wrapped_bold(&text, COLUMN - PAD).into_iter().map(|line| (line, cell.state)));
    }
    lines
}

/// Background and ink; the ink reaches a contrast of 4.5 to 1 on the background.
fn colors(tone: Tone) -> (&'static str, &'static str) {
    match tone {
        Tone::Runs => ("#ffdcd7", "#86181d"),
        Tone::Asks => ("#fff3c4", "#6b4a00"),
        Tone::Waits => ("#d7f5dd", "#0f5323"),
        Tone::Absent => ("#eff1f3", "#4b535d"),
        Tone::Open => ("#f3dcf8", "#6b1b7d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::{Line, PurposeRows, Row};
    use crate::resolve::StateKind;
    use crate::space::{AgeSet, Block, PlanSet, TerritorySet};

    #[test]
    fn every_cell_is_described_however_many_there_are() {
        let (territories, ages, plans) = (TerritorySet::EMPTY, AgeSet::EMPTY, PlanSet::EMPTY);
        let cell = Cell { state: State::Known(StateKind::Off), ambiguous: false, decided: Vec::new() };
        let line = Line { cell, territories, regions: "WORLD".to_owned() };
        let row = Row { ages, plans, who: String::new(), plan_ids: Vec::new(), cells: Vec::new(), lines: vec![line] };
        let purpose = |at: usize| {
            let title = format!("Purpose {at} of many");
            PurposeRows { id: format!("p{at}"), title, rows: vec![row.clone()] }
        };
        let service = ServiceMatrix {
            id: "s".to_owned(),
            title: "S".to_owned(),
            universe: Block { territories, ages, plans },
            regions: "WORLD".to_owned(),
            plans: Vec::new(),
            groups: Vec::new(),
            columns: Vec::new(),
            purposes: (0..500).map(purpose).collect(),
            places: Vec::new(),
        };
        let picture =
            render(&Matrix { date: Date::MILLENNIUM, services: vec![service], refused: Vec::new() }, &SourceMap::new());
        let (_, desc) = picture.split_once("<desc id=\"desc\">").unwrap();
        let (desc, _) = desc.split_once("</desc>").unwrap();
        assert_eq!(desc.matches(" of many: ").count(), 500);
        assert!(desc.ends_with("Purpose 499 of many: off in WORLD."), "{desc}");
    }
}
