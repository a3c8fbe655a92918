//! Another id for a thing, at all places at once, or a reason why not.

use std::collections::{BTreeMap, BTreeSet};

use super::unread;
use super::{Name, Names};
use crate::config::{RuleGlob, Waiver};
use crate::diagnostic::Edit;
use crate::model::{EntityKind, NameKind};
use crate::policy::{Library, Rule, is_builtin};
use crate::project::Workspace;
use crate::schema;
use crate::source::{FileId, Span};
use crate::syntax::{is_within, parse, word_for};

/// Why a thing keeps its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub(super) String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A workspace in which things get other ids.
#[derive(Debug, Clone, Copy)]
pub struct Renaming<'w> {
    /// The texts, the config and the baseline.
    pub workspace: &'w Workspace,
    /// Its declarations.
    pub names: &'w Names<'w>,
    /// The rules it is judged by.
    pub library: &'w Library,
}

impl Renaming<'_> {
    /// Whether a thing is one that can have another id.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, name: Name<'_>) -> Result<(), Refusal> {
        if name.kind == NameKind::Plan {
            return Err(refusal("only organisations, notices, settings, purposes and services can be renamed"));
        }
        self.names.places(name).iter().find(|place| place.declares).map(|_| ()).ok_or_else(|| undeclared(name))
    }

    /// The edits that give a thing another id. With all of them, everything means what it meant before.
    ///
    /// # Errors
    /// Why that cannot be.
    pub fn to(&self, name: Name<'_>, new: &str) -> Result<Vec<Edit>, Refusal> {
        self.check(name)?;
        if !schema::is_id(key(name.kind), new) {
            return Err(refusal(match new {
                "none" => "`none` is taken: it says that there is no setting".to_owned(),
                _ => format!("`{new}` is no id: write lower-case letters, digits and underscores, a letter first"),
            }));
        }
        if new == name.id {
            return Ok(Vec::new());
        }
        let mut spans: BTreeSet<Span> = self.names.places(name).iter().map(|place| place.span).collect();
        unread::hides(self.workspace, [name.id, new], &spans)?;
        self.is_free(name, new)?;
        self.is_alone(name)?;
        self.has_own_text(name, &spans)?;
        self.rules(name, new)?;
        spans.extend(self.waivers(name, new)?);
        let (in_baseline, messages) = self.in_baseline(name)?;
        spans.extend(in_baseline);
        let text = |span: Span| self.workspace.sources.slice(span);
        let words = spans.into_iter().map(|span| Edit { span, text: word_for(&text(span), new) });
        Ok(words.chain(messages.into_iter().map(|span| Edit { span, text: new.to_owned() })).collect())
    }

    /// Nothing else has the new id, or is about to.
    fn is_free(&self, name: Name<'_>, new: &str) -> Result<(), Refusal> {
        let (noun, plural) = (name.kind.noun(), key(name.kind));
        let mut taken = None;
        self.names.all(&mut |it| {
            let meets = name.service.is_none() || it.service.is_none() || name.service == it.service;
            if it.kind != name.kind || it.id != new || !meets || taken.is_some() {
                return;
            }
            let place = self.workspace.place(it.span);
            taken = Some(match (it.declares, it.service) {
                (true, _) if name.kind == NameKind::Service => {
                    format!("there is a service `{new}` already, at {place}: the two would become one")
                }
                (true, Some(service)) if name.service.is_some() => {
                    format!("service `{service}` has `{new}` among its {plural} already, at {place}")
                }
                (true, Some(service)) => {
                    format!("service `{service}` has `{new}` among its own {plural}, at {place}, and would mean that")
                }
                (true, None) => format!("services share `{new}` among their {plural} already, at {place}"),
                (false, _) => {
                    format!(
                        "nobody declares the {noun} `{new}` that {place} names: it would mean this one from then on"
                    )
                }
            });
        });
        taken.map_or(Ok(()), |message| Err(Refusal(message)))
    }

    /// No place means other things as well.
    fn is_alone(&self, name: Name<'_>) -> Result<(), Refusal> {
        let mut shared = None;
        self.names.all(&mut |it| {
            if (it.kind, it.id) == (name.kind, name.id) && !it.declares && it.service.is_none() && shared.is_none() {
                let meant = self.names.meant(&it);
                shared = meant.iter().find(|other| **other != name && meant.contains(&name)).map(|other| {
                    let whose = other.service.map_or("what services share".to_owned(), |id| format!("service `{id}`"));
                    format!("{} also means the {} of {whose}", self.workspace.place(it.span), name.kind.noun())
                });
            }
        });
        shared.map_or(Ok(()), |message| Err(Refusal(message)))
    }

    /// No alias stands for an id and for something else.
    fn has_own_text(&self, name: Name<'_>, spans: &BTreeSet<Span>) -> Result<(), Refusal> {
        let mut read: BTreeMap<Span, usize> = BTreeMap::new();
        self.names.each(name, &mut |it| *read.entry(it.span).or_default() += 1);
        let files: BTreeSet<FileId> = spans.iter().map(|span| span.file).collect();
        for file in files {
            let (tree, _) = parse(&self.workspace.sources, file, &self.workspace.config.limits);
            let aliased = spans.iter().filter(|span| span.file == file && is_within(tree.shared(), **span));
            for span in aliased {
                if read.get(span).is_none_or(|times| *times != tree.readings(*span)) {
                    let place = self.workspace.place(*span);
                    return Err(Refusal(format!(
                        "an alias uses {place} for something else as well: write it out first"
                    )));
                }
            }
        }
        Ok(())
    }

    /// No rule of the workspace's own can tell the old id from the new one.
    fn rules(&self, name: Name<'_>, new: &str) -> Result<(), Refusal> {
        let tells = |text: &str| {
            let names = |id: &str| ['"', '\''].iter().any(|quote| text.contains(&format!("{quote}{id}{quote}")));
            // of what a config sets, and of parts of an id, nobody can tell here
            let may = text.contains("param.") || text.contains(".id.");
            text.contains(".id") && (may || names(name.id) || names(new))
        };
        let asks = |rule: &&Rule| {
            let cases = rule.severity.iter().filter_map(|case| case.when.as_ref());
            cases.chain(&rule.when).chain(&rule.require).any(|condition| tells(condition.text()))
        };
        match self.library.rules().filter(|rule| !is_builtin(&rule.id)).find(asks) {
            Some(rule) => Err(Refusal(format!("rule `{}` asks for ids by name: change the rule first", rule.id))),
            None => Ok(()),
        }
    }

    /// The places in waivers that name a thing to the letter. A waiver must accept neither more nor less than before.
    fn waivers(&self, name: Name<'_>, new: &str) -> Result<Vec<Span>, Refusal> {
        let mut spans = Vec::new();
        let waivers = self.workspace.config.layers.iter().flat_map(|layer| &layer.waivers);
        for waiver in waivers {
            let globs = match name.kind {
                NameKind::Service => &waiver.services,
                NameKind::Entity(EntityKind::Purpose) if concerns(waiver, name.service) => &waiver.purposes,
                _ => continue,
            };
            let to_the_letter = |glob: &&RuleGlob| glob.is_exact() && glob.text.value == name.id;
            let is_edited = globs.iter().any(|glob| to_the_letter(&glob));
            let (before, after) = (matching(globs, name.id), matching(globs, new));
            if let Some(glob) = before.or(after).filter(|_| before.is_some() != (is_edited || after.is_some())) {
                let (place, glob) = (self.workspace.place(glob.text.span), &glob.text.value);
                let which = if before.is_some() { "would no longer be for" } else { "would also be for" };
                return Err(Refusal(format!("the waiver at {place} with `{glob}` {which} this {}", name.kind.noun())));
            }
            if let Some(glob) = globs.iter().find(to_the_letter) {
                self.is_ours_alone(name, new, waiver, glob)?;
            }
            spans.extend(globs.iter().filter(to_the_letter).map(|glob| glob.text.span));
        }
        Ok(spans)
    }

    /// A waiver is this workspace's own, and means nothing else by the id.
    fn is_ours_alone(&self, name: Name<'_>, new: &str, waiver: &Waiver, glob: &RuleGlob) -> Result<(), Refusal> {
        let place = self.workspace.place(glob.text.span);
        if place.starts_with("..") || place.starts_with('/') || self.workspace.config.is_of_base(glob.text.span) {
            return Err(Refusal(format!("{place} names it too, and is no file of this workspace")));
        }
        let others = self.names.services.iter().filter(|service| Some(**service) != name.service);
        let other = others
            .filter(|service| name.service.is_some() && concerns(waiver, Some(service)))
            .find(|service| [name.id, new].iter().any(|id| !self.names.find(Some(service), name.kind, id).is_empty()));
        match other {
            Some(service) => Err(Refusal(format!("the waiver at {place} is for service `{service}` as well"))),
            None => Ok(()),
        }
    }
}

fn matching<'g>(globs: &'g [RuleGlob], id: &str) -> Option<&'g RuleGlob> {
    globs.iter().find(|glob| glob.matches(id))
}

fn concerns(waiver: &Waiver, service: Option<&str>) -> bool {
    waiver.services.is_empty() || service.is_some_and(|service| matching(&waiver.services, service).is_some())
}

/// The key of the top level that says what ids are like.
fn key(kind: NameKind) -> &'static str {
    match kind {
        NameKind::Service => "service",
        NameKind::Plan => "plans",
        NameKind::Entity(kind) => kind.key(),
    }
}

fn refusal(message: impl Into<String>) -> Refusal {
    Refusal(message.into())
}

fn undeclared(name: Name<'_>) -> Refusal {
    Refusal(format!("nobody declares the {} `{}`", name.kind.noun(), name.id))
}
