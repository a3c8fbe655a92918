//! Lists of regions that have a name of their own.

use super::declaration::{Items, Override};
use super::workspace::Checks;
use crate::diagnostic::{Diagnostic, Safety};
use crate::source::Span;
use crate::space::TerritorySet;

/// Fewest items that a name is shorter than: two or three are read at a glance.
const FEWEST: usize = 4;

/// A list that holds exactly the members of a group. It is that of one of the `overrides`, if there are any. The others may reach
/// the same people: which of them is the more specific depends on how each is written.
pub(super) fn spelled_out(
    regions: &Items<Box<str>>,
    overrides: &[Override],
    checks: &Checks<'_>,
) -> Option<Diagnostic> {
    if regions.items.len() < FEWEST {
        return None;
    }
    let listed = set(regions, checks)?;
    let (first, last) = (regions.items.first()?, regions.items.last()?);
    let name = checks.atlas.name_of(listed, checks.date)?;
    let changes = checks.atlas.changes(name).into_iter().any(|day| checks.date < day && day <= checks.until);
    let meets = |other: &Override| match &other.selector.regions {
        Some(theirs) if theirs.key == regions.key => false,
        Some(theirs) => set(theirs, checks).is_none_or(|set| !set.and(listed).is_empty()),
        None => true,
    };
    let safety = if changes || overrides.iter().any(meets) { Safety::Suggest } else { Safety::Safe };
    let message = format!("these {} regions are `{name}`", regions.items.len());
    let diagnostic = Diagnostic::new("group-spelled-out", regions.key, message)
        .help(format!("write `{name}`, so that nobody has to count them"));
    let is_here = regions.items.iter().all(|item| item.via.is_none() && item.span.file == regions.key.file);
    if !is_here || first.span.start > last.span.start {
        return Some(diagnostic);
    }
    let span = Span { end: last.span.end, ..first.span };
    Some(diagnostic.replace(format!("write `{name}`"), safety, span, name))
}

/// What a list holds, if all of it is known.
fn set(regions: &Items<Box<str>>, checks: &Checks<'_>) -> Option<TerritorySet> {
    regions.items.iter().try_fold(TerritorySet::EMPTY, |all, item| {
        checks.atlas.lookup(&item.value, checks.date).ok().map(|set| all.or(set))
    })
}
