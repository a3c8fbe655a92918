//! The edits that a rule proposes, worked out for one finding: where its values go, and whether they may go there.

use super::service::Judging;
use crate::diagnostic::{Edit, Fix, Safety};
use crate::model::{EntityKind, FieldId, SettingRef, Value};
use crate::order::Order;
use crate::policy::condition::{Path, Root};
use crate::policy::{FixKind, FixTemplate, Rule, protection};
use crate::resolve::{Outcome, Owner, Property, Resolved, SettingLink};
use crate::source::Span;
use crate::space::{Block, Cell};
use crate::syntax::word_for;

/// Most items of one list, and most overrides, that an edit adds: more is for people to think about.
const MOST_ITEMS: usize = 12;
const MOST_OVERRIDES: usize = 3;

/// The value that holds for some of the people of a finding.
struct Written {
    /// Where it stands; `None` where nobody wrote it.
    place: Option<Span>,
    /// Empty where nobody wrote it: what holds then protects least, and no fix sets that.
    text: String,
    /// Whether an override says so.
    is_override: bool,
}

impl<'w> Judging<'_, 'w> {
    /// All that the rule proposes and that can be done here, in its order: at the atoms where it is broken, for the people of the
    /// finding.
    pub(super) fn fixes(&self, rule: &Rule, purpose: usize, (atoms, cells): (&[usize], &[Cell])) -> Vec<Fix> {
        let fix = |template: &FixTemplate| match template.kind {
            FixKind::Set => self.set(template, purpose, atoms),
            FixKind::Override => self.add_override(template, purpose, (atoms, cells)),
        };
        rule.fixes.iter().filter_map(fix).collect()
    }

    /// New values in the places that decide for the people of the finding.
    fn set(&self, template: &FixTemplate, purpose: usize, atoms: &[usize]) -> Option<Fix> {
        let mut edits: Vec<Edit> = Vec::new();
        let mut is_base = true;
        for (path, value) in &template.values {
            let field = *path.fields.first()?;
            let owner = self.owner(path, purpose)?;
            for written in self.written(owner, field, atoms)? {
                if is_weaker(path, value, &written.text) {
                    return None;
                }
                is_base &= !written.is_override;
                match written.place {
                    _ if written.text == *value => {}
                    Some(span) => edits.push(Edit { span, text: value.clone() }),
                    None => edits.push(owner.entity.slots.key?.entry(field.name(), value)),
                }
            }
        }
        edits.order_by_key(|edit| edit.span);
        edits.dedup();
        if edits.is_empty() || !self.would_hold(template, purpose, atoms) {
            return None;
        }
        let values: Vec<String> =
            template.values.iter().map(|(path, value)| format!("`{}` to `{value}`", name(path))).collect();
        let safety = match template.safety {
            Safety::Authoritative if !(is_base && self.is_bound(purpose)) => Safety::Suggest,
            safety => safety,
        };
        Some(Fix { title: format!("set {}", crate::suggest::join(&values)), safety, edits })
    }

    /// An override for exactly the people of the finding, where only the base value holds for them.
    fn add_override(&self, template: &FixTemplate, purpose: usize, (atoms, cells): (&[usize], &[Cell])) -> Option<Fix> {
        let (first, _) = template.values.first()?;
        let owner = self.owner(first, purpose)?;
        let mut fields = Vec::new();
        for (path, value) in &template.values {
            let field = *path.fields.first()?;
            let is_dated = owner.entity.overrides.iter().any(|over| {
                over.fields.get(field).is_some() && (over.selector.from.is_some() || over.selector.until.is_some())
            });
            let written = self.written(owner, field, atoms)?;
            // beside another override nobody could tell which of them is the more specific
            if path.root != first.root || is_dated || written.iter().any(|written| written.is_override) {
                return None;
            }
            if written.iter().any(|written| is_weaker(path, value, &written.text) || written.text == *value) {
                return None;
            }
            fields.push(format!("{}: {value}", field.name()));
        }
        let blocks: Vec<Block> = cells.iter().map(|cell| cell.block).collect();
        if blocks.len() > MOST_OVERRIDES || !self.would_hold(template, purpose, atoms) {
            return None;
        }
        let items: Option<Vec<String>> = blocks.iter().map(|block| self.item(*block, &fields)).collect();
        let (items, slots) = (items?, owner.entity.slots);
        let edit = if slots.has_overrides { slots.over?.items(&items) } else { slots.key?.list("overrides", &items) };
        let title = format!("add an override for {}: `{}`", self.describe.blocks(&blocks), fields.join(", "));
        Some(Fix { title, safety: Safety::Suggest, edits: vec![edit] })
    }

    /// An override in one line; `None` where it would be for everybody, or where its lists would be long.
    fn item(&self, block: Block, fields: &[String]) -> Option<String> {
        let universe = self.effective.universe;
        let mut parts = Vec::new();
        let mut list = |name: &str, items: Vec<String>| {
            let fits = items.len() <= MOST_ITEMS;
            parts.push(format!("{name}: [{}]", items.iter().map(|item| plain(item)).collect::<Vec<_>>().join(", ")));
            fits
        };
        let mut fits = true;
        if block.territories != universe.territories {
            fits &= list("regions", self.describe.folder.items(block.territories));
        }
        if block.ages != universe.ages {
            fits &= list("ages", block.ages.items());
        }
        if block.plans != universe.plans {
            // people may be told apart by plans that only another revision has
            let own = |at| self.describe.plans.get(at).filter(|plan| self.effective.service.plans.contains(plan));
            let plans: Vec<&String> = block.plans.iter().map(own).collect::<Option<_>>()?;
            // what is no id could be anything among other text
            fits &= plans.iter().all(|plan| plan.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
            fits &= list("plans", plans.into_iter().map(|plan| word_for("", plan)).collect());
        }
        if !fits || parts.is_empty() {
            return None;
        }
        Some(format!("{{{}, {}}}", parts.join(", "), fields.join(", ")))
    }

    /// The setting or purpose that a path leads to, if a change there concerns this purpose alone.
    fn owner(&self, path: &Path, purpose: usize) -> Option<&Resolved<'w>> {
        let at = self.effective.purposes.get(purpose)?;
        let owner = match path.root {
            Root::Purpose => Owner::Purpose(purpose),
            Root::Setting => match at.setting {
                SettingLink::Setting(setting, _) => Owner::Setting(setting),
                _ => return None,
            },
            _ => return None,
        };
        if let Owner::Setting(setting) = owner {
            let same = |link: SettingLink| matches!(link, SettingLink::Setting(other, _) if other == setting);
            let named = self.effective.purposes.iter().filter(|purpose| same(purpose.setting)).count();
            let is_own = match &at.resolved.entity.setting {
                Some((_, SettingRef::Id(id))) => {
                    self.effective.workspace.is_own(self.effective.service, EntityKind::Setting, &id.value)
                }
                _ => true,
            };
            if named != 1 || !is_own {
                return None;
            }
        }
        self.effective.resolved(owner)
    }

    /// The values that hold at some atoms; `None` where they cannot be told.
    fn written(&self, owner: &Resolved<'w>, field: FieldId, atoms: &[usize]) -> Option<Vec<Written>> {
        let unwritten = || vec![Written { place: None, text: String::new(), is_override: false }];
        let Some(property) = owner.properties.get(&field) else {
            return Some(match owner.entity.fields.get(field) {
                Some(value) => {
                    vec![Written { place: Some(value.value.span), text: word(&value.value.value)?, is_override: false }]
                }
                None => unwritten(),
            });
        };
        let mut variants: Vec<u16> = atoms.iter().filter_map(|atom| property.by_atom.get(*atom).copied()).collect();
        variants.sort_unstable();
        variants.dedup();
        let mut out = Vec::new();
        for variant in variants {
            let variant = property.variants.get(usize::from(variant))?;
            match variant.outcome {
                Outcome::Undeclared => out.extend(unwritten()),
                Outcome::Value(_) => out.extend(winners(property, &variant.winners)?),
                Outcome::Ambiguous | Outcome::Unknown(_) => return None,
            }
        }
        Some(out)
    }

    /// Whether a question would hold back the processing: one that counts as `on` repairs nothing.
    fn would_hold(&self, template: &FixTemplate, purpose: usize, atoms: &[usize]) -> bool {
        let value_of = |wanted: &str| {
            let named = template.values.iter().find(|(path, _)| path.root == Root::Setting && name(path) == wanted);
            named.map(|(_, value)| value.as_str())
        };
        if value_of("default") != Some("ask") {
            return true;
        }
        let Some(setting) = self.effective.setting(purpose) else { return false };
        ["until_answer", "on_dismiss"].into_iter().all(|switch| {
            let runs = |text: &str| text == "on";
            match (value_of(switch), FieldId::find(setting.entity.kind.record(), switch)) {
                (Some(value), _) => !runs(value),
                (None, Some(field)) => self
                    .written(setting, field, atoms)
                    .is_some_and(|written| !written.iter().any(|written| runs(&written.text))),
                (None, None) => true,
            }
        })
    }

    /// Whether the product file of the setting says what holds, so that a change can be held against it.
    fn is_bound(&self, purpose: usize) -> bool {
        let setting = self.effective.setting(purpose).map(|setting| setting.entity);
        setting.is_some_and(|setting| {
            setting.named("reads").is_some() && !self.context.unconfirmed.contains(&setting.place)
        })
    }
}

fn winners(property: &Property<'_>, winners: &[u16]) -> Option<Vec<Written>> {
    let of = |at: &u16| {
        let candidate = property.candidates.get(usize::from(*at))?;
        let (place, text) = match candidate.value {
            Some(value) => (Some(value.value.span), word(&value.value.value)?),
            None => (None, String::new()),
        };
        Some(Written { place, text, is_override: candidate.over.is_some() })
    };
    winners.iter().map(of).collect()
}

fn name(path: &Path) -> &'static str {
    path.fields.first().map_or("", |field| field.name())
}

/// Whether a value protects less than the one before.
fn is_weaker(path: &Path, new: &str, old: &str) -> bool {
    let Some(order) = protection(path) else { return false };
    let rank = |value: &str| order.iter().position(|known| *known == value);
    match (rank(new), rank(old)) {
        (Some(new), Some(old)) => new > old,
        // nothing is declared, or nothing that can be read
        (Some(new), None) => new > 0,
        (None, _) => true,
    }
}

/// A value that stands in one word; lists and mappings are no small edit.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::List(_) | Value::Record(_) | Value::Invalid(_) => None,
        value => Some(value.to_string()),
    }
}

/// An item of a list. Norway is the one code that older readers of YAML take for something else.
fn plain(item: &str) -> String {
    if item == "NO" { "\"NO\"".to_owned() } else { item.to_owned() }
}
