//! Missing facts for a terminal.

use super::{asked_by, errors, location, meaning, nothing, noun, path, reasons, shown, whom};
use crate::diagnostic::Severity;
use crate::missing::{Fact, Missing, Owner};
use crate::report::{Options, columns};
use crate::source::SourceMap;

pub(super) fn render(missing: &Missing, sources: &SourceMap, options: &Options) -> String {
    let mut page = Page { width: options.columns(), color: options.color, out: String::new() };
    if missing.is_empty() {
        page.line(0, &format!("{}, as of {}", nothing(missing), missing.as_of));
    } else {
        page.line(0, &format!("facts that are not declared, as of {}", missing.as_of));
    }
    for service in &missing.services {
        let title = shown(&service.title);
        let name = if service.title == service.id { title } else { format!("{title} ({})", shown(&service.id)) };
        page.blank();
        page.line(0, &name);
        for owner in &service.owners {
            page.owner(owner, sources);
        }
    }
    if !missing.unsettled.is_empty() {
        page.blank();
        page.line(0, "declared, but of no use as it is");
        for open in &missing.unsettled {
            page.blank();
            page.line(2, &format!("{} ({})", shown(&open.reason), location(open.place, sources)));
            page.line(4, &shown(&open.help));
        }
    }
    if !options.quiet {
        page.summary(missing);
    }
    page.out
}

struct Page {
    width: usize,
    color: bool,
    out: String,
}

impl Page {
    fn owner(&mut self, owner: &Owner, sources: &SourceMap) {
        self.blank();
        let whose = asked_by(owner).map(|purposes| format!(", {purposes}")).unwrap_or_default();
        let place = location(owner.place, sources);
        let title = if owner.title == owner.id { String::new() } else { format!("{}: ", shown(&owner.title)) };
        self.line(2, &format!("{title}{} `{}`{whose} ({place})", noun(owner), shown(&owner.id)));
        for fact in &owner.facts {
            self.blank();
            let item = fact.item.map(|item| format!(" in the item at {}", location(item, sources))).unwrap_or_default();
            let name = path(fact);
            self.painted(4, &name, &format!("{item}: {}", meaning(fact)), fact);
            for reason in reasons(fact) {
                self.line(6, &reason);
            }
            if let Some(whom) = whom(fact) {
                self.line(6, &format!("for {whom}"));
            }
        }
    }

    fn summary(&mut self, missing: &Missing) {
        let count = missing.count();
        if count > 0 {
            self.blank();
            let facts = if count == 1 { "1 fact is".to_owned() } else { format!("{count} facts are") };
            self.line(0, &format!("{facts} not declared; `purposelint check --missing=yaml` writes a stub to fill in"));
        }
        if let Some(errors) = errors(missing) {
            self.blank();
            self.line(0, &errors);
        }
    }

    fn blank(&mut self) {
        self.out.push('\n');
    }

    fn line(&mut self, indent: usize, text: &str) {
        let room = self.width - indent;
        for (at, line) in columns::wrap(text, room, room - 2).iter().enumerate() {
            self.out.push_str(&" ".repeat(indent + if at > 0 { 2 } else { 0 }));
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    /// A line whose first word has the colour of the most severe finding that waits.
    fn painted(&mut self, indent: usize, name: &str, rest: &str, fact: &Fact) {
        let from = self.out.len();
        self.line(indent, &format!("{name}{rest}"));
        if !self.color {
            return;
        }
        let severity = fact.waiting.iter().chain(&fact.milder).map(|asking| asking.severity).max();
        let code = match severity.unwrap_or(Severity::Info) {
            Severity::Error => 31,
            Severity::Warning => 33,
            Severity::Info => 36,
        };
        let (start, end) = (from + indent, from + indent + name.len());
        if self.out.get(start..end) == Some(name) {
            self.out.insert_str(end, "\u{1b}[0m");
            self.out.insert_str(start, &format!("\u{1b}[{code}m"));
        }
    }
}
