//! Who gets what, behind each line that sets a default: as inlay hints, or above the line for clients that have none.

use std::collections::{BTreeMap, BTreeSet};

use gen_lsp_types::{
    CodeLens, CodeLensParams, Command, InlayHint, InlayHintParams, InlayHintRefreshRequest, Label, Tooltip,
};

use super::here::Here;
use super::server::Server;
use crate::matrix::{Note, Notes};
use crate::model::{Declaration, Entity, EntityKind, Service, SettingRef, Workspace};
use crate::order::Order;
use crate::source::Span;

/// Longest text behind a line.
const LONGEST: usize = 80;

/// Most services that are told apart in a tooltip.
const SERVICES: usize = 8;

/// What is said behind a line, and the whole of it.
struct Hint {
    span: Span,
    label: String,
    whole: String,
}

/// The hints for a stretch of a declaration.
pub(super) fn answer(server: &Server, params: &InlayHintParams) -> Option<Vec<InlayHint>> {
    if !server.settings.inlay_hints {
        return None;
    }
    let here = server.declaration(&params.text_document.uri)?;
    let stretch = server.span(here, params.range)?;
    let hint = |Hint { span, label, whole }: Hint| InlayHint {
        position: server.range(here.sound, span).end,
        label: Label::String(label),
        kind: None,
        text_edits: None,
        tooltip: Some(Tooltip::String(whole)),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    };
    Some(hints(here, Some(stretch)).into_iter().map(hint).collect())
}

/// The same above the lines of a declaration, for clients that show nothing behind them.
pub(super) fn lenses(server: &Server, params: &CodeLensParams) -> Option<Vec<CodeLens>> {
    if !server.settings.inlay_hints || server.client.hints {
        return None;
    }
    let here = server.declaration(&params.text_document.uri)?;
    let lens = |Hint { span, label, .. }: Hint| {
        let command = Command { title: label, tooltip: None, command: String::new(), arguments: None };
        CodeLens { range: server.range(here.sound, span), command: Some(command), data: None }
    };
    Some(hints(here, None).into_iter().map(lens).collect())
}

/// Has a client ask again, where it can be told to: what is said in one file may have changed in another.
pub(super) fn refresh(server: &mut Server) {
    if server.client.refreshes_hints {
        server.ask::<InlayHintRefreshRequest>(());
    }
}

/// The hints of a file; nothing where part of it cannot be read, since they could only be about an older text.
fn hints(here: Here<'_>, stretch: Option<Span>) -> Vec<Hint> {
    let sound = here.sound;
    let Some(declarations) = sound.declared_in(here.file) else { return Vec::new() };
    let is_asked = |span: Span| {
        stretch
            .is_none_or(|stretch| span.file == stretch.file && span.start <= stretch.end && stretch.start <= span.end)
    };
    let mut known: BTreeMap<Option<&str>, Workspace> = BTreeMap::new();
    let mut out = Vec::new();
    for Declaration { service, entities, .. } in declarations {
        let entities: Vec<&Entity> =
            entities.iter().map(|entity| &**entity).filter(|entity| lines(entity).any(is_asked)).collect();
        if entities.is_empty() {
            continue;
        }
        let service = service.as_ref().map(|service| &*service.value);
        let declared = known.entry(service).or_insert_with(|| match service {
            Some(service) => sound.declared(service),
            None => sound.all_declared(),
        });
        of_document(here, declared, &entities, &mut out);
    }
    out.retain(|hint| is_asked(hint.span));
    out.order_by_key(|hint| hint.span);
    if !sound.is_whole() {
        let note = "\nA declaration of this workspace could not be read, so there may be more to it.";
        out.iter_mut().for_each(|hint| hint.whole.push_str(note));
    }
    out
}

/// The values that a hint may stand behind.
fn lines(entity: &Entity) -> impl Iterator<Item = Span> {
    let inline = match &entity.setting {
        Some((_, SettingRef::Inline(setting))) => Some(&**setting),
        _ => None,
    };
    let of = |entity: &'_ Entity, name: &str| -> Vec<Span> {
        let overrides = entity.overrides.iter().map(|over| &over.fields);
        let all = std::iter::once(&entity.fields).chain(overrides);
        all.filter_map(|fields| Some(fields.named(name)?.value.span)).collect()
    };
    let own = match entity.kind {
        EntityKind::Setting => of(entity, "default"),
        EntityKind::Purpose => of(entity, "carried_out"),
        EntityKind::Organisation | EntityKind::Notice => Vec::new(),
    };
    own.into_iter().chain(inline.into_iter().flat_map(move |setting| of(setting, "default")))
}

/// What is said by the services that have anything to do with these entities.
fn of_document(here: Here<'_>, declared: &Workspace, entities: &[&Entity], out: &mut Vec<Hint>) {
    let sound = here.sound;
    let (atlas, day) = (&sound.engine.library.atlas, sound.day());
    let notes = |service| (service, Notes::new(declared, service, (atlas, day), &sound.workspace.sources));
    let services: Vec<(&Service, Notes<'_>)> = declared.services().iter().map(notes).collect();
    for entity in entities {
        let mut said: BTreeMap<Span, Vec<(&str, String)>> = BTreeMap::new();
        let mut skipped = 0_usize;
        for (service, notes) in services.iter().filter(|(_, notes)| notes.is_about(entity)) {
            skipped += usize::from(notes.is_too_much());
            for Note { span, text } in notes.of(entity) {
                said.entry(span).or_default().push((&service.id, text));
            }
        }
        for (span, said) in said {
            let mut hint = hint(span, &said);
            if skipped > 0 {
                hint.whole.push_str(&format!("\n{skipped} more services ask for too much to be worked out."));
            }
            hint.whole.push_str(&format!("\nAs of {day}."));
            out.push(hint);
        }
    }
}

/// What the services say of a line, in one.
fn hint(span: Span, said: &[(&str, String)]) -> Hint {
    let texts: BTreeSet<&str> = said.iter().map(|(_, text)| text.as_str()).collect();
    if let (Some(text), 1) = (texts.first(), texts.len()) {
        return Hint { span, label: short(text), whole: (*text).to_owned() };
    }
    let mut lines: Vec<String> =
        said.iter().take(SERVICES).map(|(service, text)| format!("{service}: {text}")).collect();
    let more = said.len().saturating_sub(SERVICES);
    lines.extend((more > 0).then(|| format!("and {more} more services")));
    Hint { span, label: format!("differs between {} services", said.len()), whole: lines.join("\n") }
}

/// A text cut at a word where it is long.
fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST - 2).collect();
    let start = cut.rsplit_once(' ').map_or(cut.as_str(), |(start, _)| start);
    format!("{} …", start.trim_end_matches([',', ';']))
}
