//! The matrix for a page: a table per service, then the lines that decide, then what the words mean.

use super::{Numbers, TIE, TIE_SAYS, about, elsewhere, has_ties, in_column, legend, words};
use crate::matrix::{Cell, Matrix, PurposeRows, Row, ServiceMatrix, word};
use crate::report::escape::{SHORT, markdown};
use crate::source::SourceMap;

pub(super) fn render(matrix: &Matrix, sources: &SourceMap) -> String {
    let mut out = String::new();
    for (at, service) in matrix.services.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        out.push_str(&format!("## {}: who gets which default\n\n", safe(&service.title)));
        out.push_str(&format!("Service {}, on {}; {}.\n\n", code(&service.id), matrix.date, safe(&about(service))));
        of_service(&mut out, service, sources);
    }
    out
}

fn of_service(out: &mut String, service: &ServiceMatrix, sources: &SourceMap) {
    let mut head = vec!["Purpose".to_owned()];
    head.extend(service.columns.iter().map(|column| safe(&column.name)));
    line(out, &head);
    line(out, &vec!["---".to_owned(); head.len()]);
    let mut numbers = Numbers::default();
    for purpose in &service.purposes {
        for row in &purpose.rows {
            let mut cells = vec![label(purpose, row)];
            cells.extend(service.columns.iter().map(|column| cell(&in_column(row, column), &mut numbers)));
            line(out, &cells);
        }
    }
    let notes = elsewhere(service);
    if !notes.is_empty() {
        out.push('\n');
        notes.iter().for_each(|note| out.push_str(&format!("- {}\n", safe(note))));
    }
    out.push_str("\nDecided by:\n\n");
    for (number, place) in numbers.places(service) {
        let path = sources.path(place.span.file);
        let at = code(&format!("{path}:{}", sources.start(place.span).line));
        out.push_str(&format!("{number}. {at} {}\n", safe(&place.says)));
    }
    let means: Vec<String> =
        legend(service).iter().map(|(state, means)| format!("**{}**: {means}", word(*state))).collect();
    out.push_str(&format!("\n{}\n", means.join(" · ")));
    if has_ties(service) {
        out.push_str(&format!("\n\\{TIE} {TIE_SAYS}\n"));
    }
}

fn line(out: &mut String, cells: &[String]) {
    out.push_str(&format!("| {} |\n", cells.join(" | ")));
}

fn label(purpose: &PurposeRows, row: &Row) -> String {
    let id = code(&purpose.id);
    let name = if purpose.title == purpose.id { id } else { format!("{} ({id})", safe(&purpose.title)) };
    if row.who.is_empty() { name } else { format!("{name}, {}", safe(&row.who)) }
}

/// `**on** (1)`
fn cell(cells: &[Cell], numbers: &mut Numbers) -> String {
    let one = |cell: &Cell| {
        let numbers: Vec<String> = numbers.of_cell(cell).iter().map(ToString::to_string).collect();
        format!("**{}** ({})", words(cell), numbers.join(", "))
    };
    cells.iter().map(one).collect::<Vec<_>>().join(" or ")
}

fn safe(text: &str) -> String {
    markdown(text, SHORT)
}

/// A name as code. A table is cut at a bar even inside code, and a backtick would end it.
fn code(name: &str) -> String {
    if name.contains(['`', '|']) { safe(name) } else { format!("`{}`", super::shown(name)) }
}
