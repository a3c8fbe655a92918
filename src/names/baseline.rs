//! The ids that a baseline names, which keeps the findings of a thing by its id.

use super::Name;
use super::outside::{Mention, Within, mention};
use super::rename::{Refusal, Renaming};
use crate::discover::BASELINE;
use crate::model::{EntityKind, NameKind};
use crate::source::{FileId, Span};
use crate::syntax::{Limits, NodeRef, Tree, parse};

impl Renaming<'_> {
    /// The places in the baseline that mean a thing, and those in messages that it keeps.
    pub(super) fn in_baseline(&self, name: Name<'_>) -> Result<(Vec<Span>, Vec<Span>), Refusal> {
        let file = self.workspace.sources.iter().find(|(_, source)| source.path() == BASELINE);
        let Some((file, _)) = file.filter(|_| self.workspace.baseline.is_some()) else { return Ok(Default::default()) };
        let (tree, _) = parse(&self.workspace.sources, file, &Limits::default());
        let InBaseline { mentions, messages } = read(&tree);
        let mut spans = Vec::new();
        for mut mention in mentions.into_iter().filter(|mention| *mention.id == *name.id) {
            let setting = NameKind::Entity(EntityKind::Setting);
            if mention.kind == setting && mention.meant(self.names).is_empty() {
                // a setting that is written in a purpose goes by its id
                mention.kind = NameKind::Entity(EntityKind::Purpose);
            }
            let meant = mention.meant(self.names);
            if meant.contains(&name) && meant.len() > 1 {
                let place = self.workspace.place(mention.span);
                return Err(Refusal(format!("{place} may mean another {} as well", name.kind.noun())));
            }
            spans.extend(meant.contains(&name).then_some(mention.span));
        }
        Ok((spans, self.in_messages(name, file, &messages)?))
    }

    fn in_messages(&self, name: Name<'_>, file: FileId, messages: &[Message]) -> Result<Vec<Span>, Refusal> {
        let quoted = format!("`{}`", name.id);
        let mut spans = Vec::new();
        for (service, span) in messages {
            let service = service.as_deref();
            let text = self.workspace.sources.slice(*span);
            let is_near = service.is_none() || name.service.is_none() || service == name.service;
            if !is_near || !text.contains(&quoted) {
                continue;
            }
            if self.has_namesake(name, service) {
                let place = self.workspace.place(*span);
                return Err(Refusal(format!("{place} names {quoted}, which is the id of several things")));
            }
            let starts = text.match_indices(&quoted).map(|(at, _)| span.start as usize + at + 1);
            spans.extend(starts.map(|start| Span::new(file, start, start + name.id.len())));
        }
        Ok(spans)
    }

    /// Whether anything else that what is said of a service may speak of has the same id.
    fn has_namesake(&self, name: Name<'_>, said_of: Option<&str>) -> bool {
        let mut has = false;
        self.names.all(&mut |it| {
            let is_same = it.kind == name.kind && (name.kind == NameKind::Service || it.service == name.service);
            let is_near = said_of.is_none() || it.service.is_none() || it.service == said_of;
            has |= it.declares && it.id == name.id && !is_same && is_near;
        });
        has
    }
}

/// A message by which a finding is known, with its service.
type Message = (Option<Box<str>>, Span);

/// What a baseline says.
#[derive(Debug, Default)]
struct InBaseline {
    mentions: Vec<Mention<'static>>,
    /// Messages of findings that are told apart by them, with the service.
    messages: Vec<Message>,
}

/// The ids in a baseline.
fn read(tree: &Tree) -> InBaseline {
    let mut out = InBaseline::default();
    let roots = tree.documents().iter().filter_map(|document| tree.root(document));
    let findings = roots.filter_map(|root| root.get("findings")).flat_map(|entry| entry.value.items());
    for finding in findings {
        let text = |node: NodeRef<'_>, key: &str| {
            let value = node.get(key)?.value;
            Some((Box::<str>::from(value.text()?), value.span()))
        };
        let service = text(finding, "service");
        let within = || service.as_ref().map_or(Within::All, |(id, _)| Within::One(id.clone()));
        if let Some((id, span)) = &service {
            out.mentions.push(mention(NameKind::Service, id, *span, Within::All));
        }
        if let Some((id, span)) = text(finding, "purpose") {
            out.mentions.push(mention(NameKind::Entity(EntityKind::Purpose), &id, span, within()));
        }
        if let Some(subject) = finding.get("subject").map(|entry| entry.value)
            && let (Some((noun, _)), Some((id, span))) = (text(subject, "kind"), text(subject, "id"))
        {
            let kinds = EntityKind::ALL.into_iter().map(NameKind::Entity).chain([NameKind::Service]);
            if let Some(kind) = kinds.into_iter().find(|kind| kind.noun() == &*noun) {
                out.mentions.push(mention(kind, &id, span, within()));
            }
        }
        if let Some((_, span)) = text(finding, "message") {
            out.messages.push((service.as_ref().map(|(id, _)| id.clone()), span));
        }
    }
    out
}
