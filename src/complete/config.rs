//! What a config may name: rules and their parameters, packs, services, purposes, declarations.

use std::collections::BTreeSet;

use super::{Insert, Kind, Known, Offer, Place, keys};
use crate::config::DEFAULT_PACKS;
use crate::model::EntityKind;
use crate::order::Order;
use crate::policy::{Library, ParamValue, Rule};
use crate::schema::Form;

impl Place<'_> {
    /// What may stand as a value of a config.
    pub(super) fn of_config(&self) -> Vec<Offer> {
        match self.cursor.keys().as_slice() {
            ["packs"] => self.packs(),
            ["locked"] | ["waivers", "rule"] => self.known.rules(true),
            ["waivers", "services"] => self.services(),
            ["waivers", "purposes"] => self.purposes(),
            ["include" | "exclude"] | ["files", "glob" | "exclude"] => self.paths(),
            ["parameters", rule, name] | ["files", "parameters", rule, name] => self.usual_value(rule, name),
            _ => Vec::new(),
        }
    }

    /// Keys of a config that are free, but for what they name.
    pub(super) fn keys_of_config(&self) -> Vec<Offer> {
        match self.cursor.keys().as_slice() {
            ["severity"] | ["files", "severity"] => self.as_keys(self.known.rules(true), Form::Scalar),
            ["parameters"] | ["files", "parameters"] => {
                let with = |id: &str| self.known.rule(id).is_some_and(|rule| !rule.params.is_empty());
                let rules = self.known.rules(false).into_iter().filter(|offer| with(&offer.label)).collect();
                self.as_keys(rules, Form::Mapping)
            }
            ["parameters", rule] | ["files", "parameters", rule] => {
                let params = self.known.rule(rule).map(|rule| rule.params.as_slice()).unwrap_or_default();
                let offer = |param: &crate::policy::Param| {
                    Offer::new(&*param.name, Kind::Parameter).detail(format!("default: {}", in_yaml(&param.value)))
                };
                self.as_keys(params.iter().map(offer).collect(), Form::Scalar)
            }
            _ => Vec::new(),
        }
    }

    /// Names as keys of the mapping that is written.
    pub(super) fn as_keys(&self, names: Vec<Offer>, form: Form) -> Vec<Offer> {
        let free = names.into_iter().filter(|name| !self.cursor.taken.contains(&name.label));
        free.map(|offer| Offer { insert: keys::insert(&quoted(&offer.label), form, self.cursor), ..offer }).collect()
    }

    fn packs(&self) -> Vec<Offer> {
        let what = "what is used where no packs are listed";
        let first = Offer::new(DEFAULT_PACKS, Kind::Word).detail(what);
        let known = Library::builtin().packs.iter();
        let packs = known.map(|pack| Offer::new(&*pack.name, Kind::Pack).detail(&*pack.title));
        std::iter::once(first).chain(packs).collect()
    }

    fn services(&self) -> Vec<Offer> {
        let declared = (self.known.declared)(None);
        let title = |service: &crate::model::Service| service.fields.text("title").unwrap_or_default().to_owned();
        let services = declared.services().iter();
        services.map(|service| Offer::new(&*service.id, Kind::Word).detail(title(service))).collect()
    }

    fn purposes(&self) -> Vec<Offer> {
        let declared = (self.known.declared)(None);
        let kind = EntityKind::Purpose;
        let of = |entity: &crate::model::Entity| Offer::new(&*entity.id, Kind::Entity(kind)).detail(entity.title());
        declared.all(kind).map(of).collect()
    }

    /// Declarations, and the folders they stand in.
    fn paths(&self) -> Vec<Offer> {
        let files = (self.known.paths)();
        let folders: BTreeSet<String> =
            files.iter().filter_map(|path| Some(format!("{}/**", path.rsplit_once('/')?.0))).collect();
        folders.into_iter().chain(files).map(|path| Offer::new(path, Kind::File)).collect()
    }

    /// The value that a parameter has unless a config says otherwise.
    fn usual_value(&self, rule: &str, name: &str) -> Vec<Offer> {
        let params = self.known.rule(rule).map(|rule| rule.params.as_slice()).unwrap_or_default();
        let param = params.iter().find(|param| param.name == name);
        let offer = |value: String| Offer { insert: Insert::text(value.clone()), ..Offer::new(value, Kind::Value) };
        param.map(|param| offer(in_yaml(&param.value)).detail("default")).into_iter().collect()
    }
}

impl Known<'_> {
    /// The rule of an id, also of a pack that is not in use.
    fn rule(&self, id: &str) -> Option<&Rule> {
        self.library.rule(id).or_else(|| Library::builtin().rule(id))
    }

    /// The ids of all rules, with their titles; with globs of packs where those may stand.
    pub(super) fn rules(&self, globs: bool) -> Vec<Offer> {
        let offer = |(id, title): (&str, &str)| {
            let why = self.rule(id).map(|rule| rule.why.clone());
            let found_by = Some(format!("{id} {title}"));
            Offer { found_by, ..Offer::new(id, Kind::Rule).detail(title).documentation(why) }
        };
        let mut own = (self.own)();
        own.retain(|(id, _)| self.library.known.binary_search(id).is_err());
        let title = |id: &str| self.rule(id).map(|rule| rule.title.as_str()).unwrap_or_default();
        let in_use = |id: &str| self.library.packs.iter().any(|pack| id.starts_with(&format!("{}/", pack.name)));
        // those in use first
        let mut known: Vec<(&str, &str)> = own.iter().map(|(id, title)| (id.as_str(), title.as_str())).collect();
        known.extend(self.library.known.iter().map(|id| (id.as_str(), title(id))));
        known.order_by_key(|(id, _)| !(own.iter().any(|(own, _)| own == id) || in_use(id)));
        let mut packs: Vec<&str> = known.iter().filter_map(|(id, _)| id.split('/').next()).collect();
        packs.dedup();
        let of_pack = |pack: &str| Offer::new(format!("{pack}/*"), Kind::Pack).detail(self.pack_title(pack));
        packs.into_iter().filter(|_| globs).map(of_pack).chain(known.into_iter().map(offer)).collect()
    }

    fn pack_title(&self, name: &str) -> String {
        let packs = self.library.packs.iter().chain(&Library::builtin().packs);
        packs.into_iter().find(|pack| pack.name == name).map(|pack| pack.title.clone()).unwrap_or_default()
    }
}

/// A name in the quotes that it needs.
fn quoted(name: &str) -> String {
    if super::values::needs_quotes(name) { format!("\"{name}\"") } else { name.to_owned() }
}

fn in_yaml(value: &ParamValue) -> String {
    match value {
        ParamValue::Bool(value) => value.to_string(),
        ParamValue::Int(value) => value.to_string(),
        ParamValue::Double(value) => value.to_string(),
        ParamValue::Text(value) => quoted(value),
        ParamValue::Texts(values) => format!("[{}]", values.iter().map(|v| quoted(v)).collect::<Vec<_>>().join(", ")),
    }
}
