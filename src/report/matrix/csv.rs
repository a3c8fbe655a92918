//! The matrix for a spreadsheet, as RFC 4180 has it. Nothing is merged: machines have room.

use super::{TIE_SAYS, escape, location};
use crate::matrix::{Matrix, Place, PurposeRows, Row, ServiceMatrix, word};
use crate::source::SourceMap;

const HEADER: [&str; 12] =
    ["service", "purpose", "title", "regions", "territories", "ages", "plans", "state", "file", "line", "also", "note"];

pub(super) fn render(matrix: &Matrix, sources: &SourceMap) -> String {
    let mut out = String::new();
    record(&mut out, &HEADER.map(str::to_owned));
    for service in &matrix.services {
        for purpose in &service.purposes {
            for row in &purpose.rows {
                records(&mut out, service, purpose, row, sources);
            }
        }
    }
    out
}

fn records(out: &mut String, service: &ServiceMatrix, purpose: &PurposeRows, row: &Row, sources: &SourceMap) {
    for (group, cell) in service.groups.iter().zip(&row.cells) {
        let places: Vec<&Place> = cell.decided.iter().filter_map(|at| service.places.get(*at)).collect();
        let first = places.first();
        let others: Vec<String> = places.iter().skip(1).map(|place| location(place, sources)).collect();
        record(
            out,
            &[
                service.id.clone(),
                purpose.id.clone(),
                purpose.title.clone(),
                group.regions.clone(),
                group.codes.join(" "),
                row.ages.to_string(),
                row.plan_ids.join(" "),
                word(cell.state).to_owned(),
                first.map(|place| sources.path(place.span.file).to_owned()).unwrap_or_default(),
                first.map(|place| sources.start(place.span).line.to_string()).unwrap_or_default(),
                others.join("; "),
                if cell.ambiguous { TIE_SAYS.to_owned() } else { String::new() },
            ],
        );
    }
}

fn record(out: &mut String, fields: &[String; 12]) {
    let fields: Vec<String> = fields.iter().map(|text| field(text)).collect();
    out.push_str(&fields.join(","));
    out.push_str("\r\n");
}

/// A field that no spreadsheet takes for a formula, in quotes where it needs them.
fn field(text: &str) -> String {
    // some spreadsheets fold the wide forms to the narrow ones before they look; some look behind leading white space
    let computes =
        |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠' | '|' | '%');
    let begins = text.starts_with(computes) || text.trim_start().starts_with(computes);
    let text = shown_whole(text);
    let text = if begins { format!("'{text}") } else { text };
    if text.contains([',', '"', '\r', '\n', ';']) || text.starts_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// A text without control characters. Long enough for the codes of the whole world: a list of them must not be cut.
fn shown_whole(text: &str) -> String {
    escape::text(text, 4 * escape::LONG).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_text_whatever_stands_in_them() {
        for (raw, written) in [
            ("plain text", "plain text"),
            ("a, b", "\"a, b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'=1"),
            ("\r=1", "'=1"),
            ("  =1", "'=1"),
            ("＝1", "'＝1"),
            ("two\nlines", "two\\nlines"),
            ("\u{1b}[31m", "\\u{1b}[31m"),
            ("13-15", "13-15"),
            ("", ""),
        ] {
            assert_eq!(field(raw), written, "{raw:?}");
        }
    }
}
