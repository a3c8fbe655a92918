//! Missing facts as a list to tick off.

use super::{asked_by, errors, location, meaning, nothing, noun, path, reasons, whom};
use crate::missing::{Missing, Owner};
use crate::report::escape::{LONG, SHORT, markdown};
use crate::source::SourceMap;

pub(super) fn render(missing: &Missing, sources: &SourceMap) -> String {
    let mut out = format!("# Facts that are not declared, as of {}\n", missing.as_of);
    if missing.is_empty() {
        out.push_str(&format!("\n{}\n", nothing(missing)));
    }
    for service in &missing.services {
        let id = if service.title == service.id { String::new() } else { format!(" ({})", safe(&service.id)) };
        out.push_str(&format!("\n## {}{id}\n", safe(&service.title)));
        for owner in &service.owners {
            of_owner(&mut out, owner, sources);
        }
    }
    if !missing.unsettled.is_empty() {
        out.push_str("\n## Declared, but of no use as it is\n\n");
        for open in &missing.unsettled {
            let place = safe(&location(open.place, sources));
            out.push_str(&format!("- [ ] {} ({place}): {}\n", safe(&open.reason), safe(&open.help)));
        }
    }
    if let Some(errors) = errors(missing) {
        out.push_str(&format!("\n{errors}\n"));
    }
    out
}

fn of_owner(out: &mut String, owner: &Owner, sources: &SourceMap) {
    let whose = asked_by(owner).map(|purposes| format!(", {}", safe(&purposes))).unwrap_or_default();
    let title = if owner.title == owner.id { String::new() } else { format!("{}: ", safe(&owner.title)) };
    let place = safe(&location(owner.place, sources));
    out.push_str(&format!("\n### {title}{} {}{whose} ({place})\n\n", noun(owner), safe(&owner.id)));
    for fact in &owner.facts {
        let item = fact.item.map(|item| format!(" in the item at {}", safe(&location(item, sources))));
        let item = item.unwrap_or_default();
        out.push_str(&format!("- [ ] **{}**{item}: {}\n", safe(&path(fact)), markdown(meaning(fact), LONG)));
        for reason in reasons(fact) {
            out.push_str(&format!("  - {}\n", markdown(&reason, LONG)));
        }
        if let Some(whom) = whom(fact) {
            out.push_str(&format!("  - for {}\n", markdown(&whom, LONG)));
        }
    }
}

fn safe(text: &str) -> String {
    markdown(text, SHORT)
}
