//! Ids outside declarations: those that waivers name.

use super::{Name, Names};
use crate::config::{Config, RuleGlob};
use crate::model::{EntityKind, NameKind};
use crate::source::Span;
use crate::syntax::Located;

/// A place outside declarations where an id stands.
#[derive(Debug, Clone)]
pub struct Mention<'w> {
    /// Of what.
    pub kind: NameKind,
    /// The id.
    pub id: Box<str>,
    /// The id, with its quotes.
    pub span: Span,
    pub(super) within: Within<'w>,
}

/// Of which services something is said.
#[derive(Debug, Clone)]
pub(super) enum Within<'w> {
    All,
    One(Box<str>),
    Globs(&'w [RuleGlob]),
}

impl Within<'_> {
    fn has(&self, service: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(id) => **id == *service,
            Self::Globs(globs) => globs.is_empty() || globs.iter().any(|glob| glob.matches(service)),
        }
    }
}

impl Mention<'_> {
    /// What it means: a thing for each service of which something is said.
    pub fn meant<'d>(&self, names: &Names<'d>) -> Vec<Name<'d>> {
        if self.kind == NameKind::Service {
            return names.find(None, self.kind, &self.id);
        }
        let services = names.services.iter().filter(|service| self.within.has(service));
        let mut found: Vec<Name<'d>> =
            services.flat_map(|service| names.find(Some(service), self.kind, &self.id)).collect();
        if found.is_empty() && matches!(self.within, Within::All) {
            found = names.find(None, self.kind, &self.id);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The ids that waivers name to the letter, not by a glob.
pub fn in_config(config: &Config) -> impl Iterator<Item = Mention<'_>> {
    let waivers = config.layers.iter().flat_map(|layer| &layer.waivers);
    waivers.flat_map(|waiver| {
        let services = exact(&waiver.services);
        let services = services.map(|id| mention(NameKind::Service, &id.value, id.span, Within::All));
        let within = || Within::Globs(&waiver.services);
        let purposes = exact(&waiver.purposes);
        let purpose = NameKind::Entity(EntityKind::Purpose);
        services.chain(purposes.map(move |id| mention(purpose, &id.value, id.span, within())))
    })
}

fn exact(globs: &[RuleGlob]) -> impl Iterator<Item = &Located<String>> {
    globs.iter().filter(|glob| glob.is_exact()).map(|glob| &glob.text)
}

pub(super) fn mention<'w>(kind: NameKind, id: &str, span: Span, within: Within<'w>) -> Mention<'w> {
    Mention { kind, id: id.into(), span, within }
}
