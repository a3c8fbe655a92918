//! For people: what has changed, the worst first, each with whom it concerns.

use std::io::{self, Write};

use crate::change::{Direction, Kind, short};
use crate::lint::Comparison;
use crate::report::Options;
use crate::report::escape;
use crate::source::SourceMap;

/// Writes the changes, then what rules say of them.
pub(super) fn render(
    comparison: &Comparison,
    sources: &SourceMap,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    for direction in Direction::ALL.into_iter().rev() {
        for change in comparison.changes.iter().filter(|change| change.direction == direction) {
            let word = |value: &Option<String>| short(value.as_deref().unwrap_or("nothing"));
            let place = change.is.or(change.was).map(|span| {
                let start = sources.start(span);
                format!("{}:{}", sources.path(span.file), start.line)
            });
            let what = match change.kind {
                Kind::Started | Kind::Added => format!("+ {}", word(&change.after)),
                Kind::Stopped | Kind::Removed => format!("- {}", word(&change.before)),
                Kind::Moved => format!("{} -> {}", word(&change.before), word(&change.after)),
            };
            let line = format!(
                "{} {} {}: {} for {} ({}) {}",
                direction.as_str(),
                change.about.title,
                change.path,
                what,
                change.whom,
                change.why,
                place.unwrap_or_default()
            );
            writeln!(out, "{}", escape::text(&line, escape::LONG))?;
        }
    }
    let _ = options;
    Ok(())
}
