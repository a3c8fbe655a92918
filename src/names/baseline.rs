//! The ids that a baseline names, which keeps the findings of a thing by its id.

use super::Name;
use super::outside::{Mention, Within, mention};
use super::rename::{Refusal, Renaming};
use crate::discover::BASELINE;
use crate::model::{EntityKind, NameKind};
use crate::source::Span;
use crate::syntax::{Limits, NodeRef, Tree, parse};

impl Renaming<'_> {
    /// The places in the baseline that mean a thing, and those in messages that it keeps.
    pub(super) fn in_baseline(&self, name: Name<'_>) -> Result<(Vec<Span>, Vec<Span>), Refusal> {
        let file = self.workspace.sources.iter().find(|(_, source)| source.path() == BASELINE);
        let Some((file, _)) = file.filter(|_| self.workspace.baseline.is_some()) else { return Ok(Default::default()) };
        let (tree, _) = parse(&self.workspace.sources, file, &Limits::default());
        let (mut spans, mut in_messages) = (Vec::new(), Vec::new());
        for said in read(&tree) {
            let mut is_subject = false;
            for mention in said.mentions.into_iter().filter(|mention| *mention.id == *name.id) {
                let meant = self.meant(mention.clone());
                if meant.contains(&name) && meant.len() > 1 {
                    let place = self.workspace.place(mention.span);
                    return Err(Refusal(format!("{place} may mean another {} as well", name.kind.noun())));
                }
                if meant.contains(&name) {
                    spans.push(mention.span);
                    is_subject |= mention.kind != NameKind::Service;
                }
            }
            if let Some(message) = said.message {
                in_messages.extend(self.in_message(name, message, said.service.as_deref(), is_subject)?);
            }
        }
        Ok((spans, in_messages))
    }

    fn meant(&self, mut mention: Mention<'_>) -> Vec<Name<'_>> {
        let found = mention.meant(self.names);
        if !found.is_empty() || mention.kind != NameKind::Entity(EntityKind::Setting) {
            return found;
        }
        // a setting that is written in a purpose goes by its id
        mention.kind = NameKind::Entity(EntityKind::Purpose);
        mention.meant(self.names)
    }

    /// The places in a message that mean a thing: ``purpose `p` ``, or `` `p` `` where it is about that thing.
    fn in_message(
        &self,
        name: Name<'_>,
        message: Span,
        service: Option<&str>,
        is_subject: bool,
    ) -> Result<Vec<Span>, Refusal> {
        let text = self.workspace.sources.slice(message);
        let quoted = format!("`{}`", name.id);
        let is_far = service.is_some() && name.service.is_some() && service != name.service;
        let mut spans = Vec::new();
        for (at, _) in text.match_indices(&quoted).filter(|_| !is_far) {
            let before = text.get(..at).unwrap_or_default().trim_end();
            let of_kind = before.ends_with(name.kind.noun());
            if !of_kind && NameKind::ALL.iter().any(|kind| before.ends_with(kind.noun())) {
                continue;
            }
            if !(of_kind || is_subject) || self.has_namesake(name, service) {
                let place = self.workspace.place(message);
                return Err(Refusal(format!("{place} names {quoted}, and nobody can tell what it means")));
            }
            let start = message.start as usize + at + 1;
            spans.push(Span::new(message.file, start, start + name.id.len()));
        }
        Ok(spans)
    }

    /// Whether another thing of the same kind has the same id, of which what is said of a service may speak.
    fn has_namesake(&self, name: Name<'_>, said_of: Option<&str>) -> bool {
        let mut has = false;
        self.names.all(&mut |it| {
            let is_other = name.kind != NameKind::Service && it.service != name.service;
            let is_near = said_of.is_none() || it.service.is_none() || it.service == said_of;
            has |= it.declares && it.kind == name.kind && it.id == name.id && is_other && is_near;
        });
        has
    }
}

/// What a baseline says of one finding.
#[derive(Debug)]
struct Said {
    mentions: Vec<Mention<'static>>,
    service: Option<Box<str>>,
    /// The message, where nothing else tells the finding from others.
    message: Option<Span>,
}

fn read(tree: &Tree) -> Vec<Said> {
    let roots = tree.documents().iter().filter_map(|document| tree.root(document));
    let findings = roots.filter_map(|root| root.get("findings")).flat_map(|entry| entry.value.items());
    findings.map(said).collect()
}

fn said(finding: NodeRef<'_>) -> Said {
    let text = |node: NodeRef<'_>, key: &str| {
        let value = node.get(key)?.value;
        Some((Box::<str>::from(value.text()?), value.span()))
    };
    let service = text(finding, "service");
    let within = || service.as_ref().map_or(Within::All, |(id, _)| Within::One(id.clone()));
    let mut mentions = Vec::new();
    if let Some((id, span)) = &service {
        mentions.push(mention(NameKind::Service, id, *span, Within::All));
    }
    if let Some((id, span)) = text(finding, "purpose") {
        mentions.push(mention(NameKind::Entity(EntityKind::Purpose), &id, span, within()));
    }
    if let Some(subject) = finding.get("subject").map(|entry| entry.value)
        && let (Some((noun, _)), Some((id, span))) = (text(subject, "kind"), text(subject, "id"))
        && let Some(kind) = NameKind::ALL.into_iter().find(|kind| kind.noun() == &*noun)
    {
        mentions.push(mention(kind, &id, span, within()));
    }
    let message = text(finding, "message").map(|(_, span)| span);
    Said { mentions, service: service.map(|(id, _)| id), message }
}
