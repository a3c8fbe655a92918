//! The facts of one purpose at one atom, as conditions read them.

mod age;
mod notices;
mod revisions;
mod state;
mod tables;

use std::cell::OnceCell;
use std::sync::Arc;

use self::state::States;
use self::tables::param_value;
use super::reads::{Also, Lack, Log, Read, is_wordless, says, span_of, via, wordless};
use super::steps::Steps;
use crate::diagnostic::{Label, not_here};
use crate::model::{Entity, EntityKind, FieldId, FieldValue, Fields, Items, Located, Record, Type, Value as Written};
use crate::policy::condition::{Answer, Facts, Gap, Number, ReadId, Root, Value};
use crate::policy::{Library, Param, Table};
use crate::resolve::{Effective, Outcome, Owner, PurposeAt, SettingLink};
use crate::source::Span;
use crate::space::{Atlas, Date, When};
use crate::suggest;

/// How conditions name a record.
#[derive(Debug, Clone)]
pub(super) enum Object<'w> {
    /// The service.
    Service,
    /// A purpose, by its place in the service.
    Purpose(usize),
    /// A setting, by its place among those that purposes name.
    Setting(usize),
    /// The people of the atom, by their age.
    Age,
    /// An organisation or notice.
    Entity(&'w Entity),
    /// One side of a change: whether it is the one before.
    Side(bool),
    /// A record of the revision before.
    Earlier(Box<Object<'w>>),
    /// A nested mapping; and how to speak of it, where somebody will.
    Record(&'w Fields, Option<Arc<Told>>),
}

/// How to speak of a nested mapping.
#[derive(Debug)]
pub(super) struct Told {
    /// The path to it.
    path: String,
    /// Whose it is.
    owner: String,
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Service, Self::Service) | (Self::Age, Self::Age) => true,
            (Self::Purpose(a), Self::Purpose(b)) | (Self::Setting(a), Self::Setting(b)) => a == b,
            (Self::Side(a), Self::Side(b)) => a == b,
            (Self::Earlier(a), Self::Earlier(b)) => a == b,
            (Self::Entity(a), Self::Entity(b)) => std::ptr::eq(*a, *b),
            (Self::Record(a, ..), Self::Record(b, ..)) => std::ptr::eq(*a, *b),
            _ => false,
        }
    }
}

type Ans<'w> = Answer<Object<'w>>;

/// The facts at one atom.
pub(super) struct CellFacts<'e, 'w> {
    pub(super) effective: &'e Effective<'w>,
    pub(super) library: &'e Library,
    pub(super) atlas: &'e Atlas,
    pub(super) params: &'e [Param],
    pub(super) purpose: usize,
    pub(super) atom: usize,
    /// The same purpose for the same people in the revision before; `None` where they were not reached, or nothing is compared.
    pub(super) before: Option<Box<CellFacts<'e, 'w>>>,
    /// The day on which groups and tables are asked, and the one that a rule calls `today`.
    pub(super) date: Date,
    pub(super) today: Date,
    pub(super) log: Log,
    /// What the purpose is by default here, once it was put into words: every judgement asks for it several times.
    pub(super) state: OnceCell<Answer<Object<'w>>>,
    /// Where the steps of evaluations are counted.
    pub(super) steps: Option<&'e Steps>,
    /// Whether reads are put into words. Most rules pass, and words that nobody sees are most of the work; a judgement that is
    /// reported is made again with them.
    pub(super) telling: bool,
    /// Whether a missing title is answered with the id: for messages, never for judgement.
    pub(super) for_people: bool,
}

fn known<'w>(value: Value<Object<'w>>, witnesses: Vec<ReadId>) -> Ans<'w> {
    Answer { value: Ok(value), witnesses }
}

fn text<'w>(text: &str, witnesses: Vec<ReadId>) -> Ans<'w> {
    known(Value::Text(text.into()), witnesses)
}

fn missing<'w>(read: ReadId) -> Ans<'w> {
    let witnesses = if is_wordless(read) { Vec::new() } else { vec![read] };
    Answer { value: Err(Gap::Undetermined(vec![read])), witnesses }
}

fn inapplicable<'w>() -> Ans<'w> {
    Answer { value: Err(Gap::Inapplicable), witnesses: Vec::new() }
}

impl<'e, 'w> CellFacts<'e, 'w> {
    /// Words for a read, made only where they will be seen.
    fn say(&self, words: impl FnOnce() -> String) -> String {
        if self.telling { words() } else { String::new() }
    }

    /// Notes a read, in words only where they will be seen.
    fn note(&self, missing: Option<Lack>, read: impl FnOnce() -> Read) -> ReadId {
        if self.telling { self.log.push(Read { missing, ..read() }) } else { wordless(missing) }
    }

    /// A value with the read that gave it, where somebody will ask for it.
    fn seen(&self, value: Value<Object<'w>>, read: ReadId) -> Ans<'w> {
        known(value, if self.telling { vec![read] } else { Vec::new() })
    }

    fn owner(&self, entity: &Entity) -> String {
        self.say(|| owner(entity))
    }

    fn purpose_at(&self, at: usize) -> Option<&'e PurposeAt<'w>> {
        self.effective.purposes.get(at)
    }

    fn absent(&self, path: String, place: Span, name: &str, owner: String, why: Lack) -> ReadId {
        self.note(Some(why), || {
            let text = match why {
                Lack::Undeclared => not_here(name),
                Lack::Ambiguous => "ties with another value".to_owned(),
                _ => format!("`{name}` {}", why.as_str()),
            };
            Read { path, place: Label::new(place, text), also: Vec::new(), missing: None, owner }
        })
    }

    fn declared(&self, path: &str, field: &FieldValue, owner: &str, mut also: Vec<Also>) -> ReadId {
        self.note(None, || {
            also.extend(via(field));
            let (path, owner) = (path.to_owned(), owner.to_owned());
            Read { path, place: Label::new(span_of(field), says(field)), also, missing: None, owner }
        })
    }

    /// A written value as conditions see it.
    fn value(&self, ty: Type, value: &'w Written, path: &str, owner: &str, read: ReadId) -> Ans<'w> {
        let value = match (ty, value) {
            (_, Written::Invalid(_)) => {
                return missing(self.unreadable(read));
            }
            (Type::Ref(kind), Written::Text(id)) => match self.effective.find(kind, id) {
                Some((found, entity)) => self.entity_object(kind, found, entity),
                None => return missing(self.unreadable(read)),
            },
            (_, Written::Bool(value)) => Value::Bool(*value),
            (_, Written::Int(value)) => Value::Int(Number { least: Some(*value), most: Some(*value) }),
            (_, Written::Text(text)) => Value::Text(Arc::clone(text)),
            (_, Written::Date(when)) => Value::Date(*when),
            (_, Written::Duration(duration)) => Value::Duration(duration.days()),
            (Type::List(ty), Written::List(items)) => {
                Value::List(items.iter().map(|item| self.item(*ty, item, path, owner)).collect())
            }
            (_, Written::Record(fields)) => {
                let told = || Arc::new(Told { path: path.to_owned(), owner: owner.to_owned() });
                Value::Object(Object::Record(fields, self.telling.then(told)))
            }
            (_, Written::List(_)) => return missing(self.unreadable(read)),
        };
        self.seen(value, read)
    }

    fn entity_object(&self, kind: EntityKind, id: crate::model::EntityId, entity: &'w Entity) -> Value<Object<'w>> {
        let purpose = (kind == EntityKind::Purpose)
            .then(|| self.effective.purposes.iter().position(|purpose| purpose.id == id))
            .flatten();
        Value::Object(purpose.map_or(Object::Entity(entity), Object::Purpose))
    }

    /// The same place as a read, as one that cannot be used.
    fn unreadable(&self, read: ReadId) -> ReadId {
        match self.log.get(read) {
            Some(found) => {
                let place = Label::new(found.place.span, format!("{}: see the error here", Lack::Unreadable.as_str()));
                self.log.push(Read { missing: Some(Lack::Unreadable), place, ..found })
            }
            None => wordless(Some(Lack::Unreadable)),
        }
    }

    /// An element of a list. References are pointed at where they are named; records by their own fields.
    fn item(&self, ty: Type, item: &'w Located<Written>, path: &str, owner: &str) -> Ans<'w> {
        match (ty, &item.value) {
            (Type::Record(_), Written::Record(_))
            | (Type::Text | Type::Mention(_) | Type::Enum(_) | Type::Term(_) | Type::Territory, Written::Text(_)) => {
                let answer = self.value(ty, &item.value, path, owner, ReadId(u32::MAX));
                Answer { value: answer.value, witnesses: Vec::new() }
            }
            _ => {
                let read = self.note(None, || {
                    let shown = item.value.as_text().unwrap_or_default();
                    let shown = if shown.is_empty() { String::new() } else { format!("`{shown}` is named here") };
                    let also = item.via.map(|via| Also::Through(Label::new(via, "through here"))).into_iter().collect();
                    let (path, owner) = (path.to_owned(), owner.to_owned());
                    Read { path, place: Label::new(item.span, shown), also, missing: None, owner }
                });
                self.value(ty, &item.value, path, owner, read)
            }
        }
    }

    /// A field that no override sets.
    fn plain(&self, fields: &'w Fields, field: FieldId, prefix: &str, owner: &str) -> Ans<'w> {
        let path = self.say(|| [prefix, field.name()].join("."));
        match fields.get(field) {
            Some(found) => {
                let read = self.declared(&path, found, owner, Vec::new());
                self.value(field.get().ty, &found.value.value, &path, owner, read)
            }
            None => missing(self.absent(path, fields.place, field.name(), owner.to_owned(), Lack::Undeclared)),
        }
    }

    /// A field that overrides may set, at this atom.
    fn overridable(&self, whose: Owner, field: FieldId) -> Ans<'w> {
        let Some(resolved) = self.effective.resolved(whose) else { return inapplicable() };
        let entity = resolved.entity;
        let path = self.say(|| [entity.kind.noun(), field.name()].join("."));
        let owner = self.owner(entity);
        let at = resolved.properties.get(&field).and_then(|property| Some((property, property.at(self.atom)?)));
        let Some((property, variant)) = at else {
            return match field.name() {
                // the only overridable property with a default
                "carried_out" => known(Value::Bool(true), Vec::new()),
                name => missing(self.absent(path, entity.place, name, owner, Lack::Undeclared)),
            };
        };
        let others = || if self.telling { vec![Also::Elsewhere(whose, field, self.atom)] } else { Vec::new() };
        match &variant.outcome {
            Outcome::Value(winner) => match property.candidates.get(usize::from(*winner)).map(|c| c.value) {
                Some(Some(found)) => {
                    let read = self.declared(&path, found, &owner, others());
                    self.value(field.get().ty, &found.value.value, &path, &owner, read)
                }
                _ => known(Value::Bool(true), Vec::new()),
            },
            Outcome::Undeclared => missing(self.note(Some(Lack::Undeclared), || {
                let place = Label::new(entity.place, not_here(field.name()));
                Read { path, place, also: others(), missing: None, owner }
            })),
            Outcome::Ambiguous => {
                let winner = variant.winners.first().and_then(|at| property.candidates.get(usize::from(*at))?.value);
                let place = winner.map_or(entity.place, span_of);
                missing(self.absent(path, place, field.name(), owner, Lack::Ambiguous))
            }
            Outcome::Unknown(at) => {
                let candidate = property.candidates.get(usize::from(*at));
                let place = candidate.and_then(|c| c.unknown.or(c.value.map(span_of))).unwrap_or(entity.place);
                missing(self.absent(path, place, field.name(), owner, Lack::Unreadable))
            }
        }
    }

    fn declared_field(&self, object: &Object<'w>, field: FieldId) -> Ans<'w> {
        match object {
            Object::Service => self.service_field(field),
            Object::Age => self.age_field(field),
            Object::Purpose(at) => self.purpose_field(*at, field),
            Object::Setting(at) => self.setting_field(*at, field),
            Object::Entity(entity) => self.entity_field(entity, field),
            Object::Side(is_before) => self.side_field(*is_before, field),
            Object::Earlier(object) => self.earlier_field(object, field),
            Object::Record(fields, told) => {
                let (path, owner) = told.as_ref().map_or(("", ""), |told| (&told.path, &told.owner));
                self.plain(fields, field, path, owner)
            }
        }
    }

    /// What people call a record, where the field is the one that holds its name: the name, else the id.
    fn called(&self, object: &Object<'w>, field: FieldId) -> Option<String> {
        match (object, field.name()) {
            (Object::Service, "title") | (Object::Purpose(_), "title") | (Object::Setting(_), "label") => {
                Some(self.name_of(object))
            }
            (Object::Entity(_), "name" | "title") => Some(self.name_of(object)),
            _ => None,
        }
    }

    /// What a record is called in a message.
    pub(super) fn name_of(&self, object: &Object<'w>) -> String {
        let title = |entity: &Entity| entity.title().to_owned();
        match object {
            Object::Service => self.effective.service.title().to_owned(),
            Object::Purpose(at) => self.purpose_at(*at).map(|p| title(p.resolved.entity)).unwrap_or_default(),
            Object::Setting(at) => self.effective.settings.get(*at).map(|s| title(s.entity)).unwrap_or_default(),
            Object::Entity(entity) => title(entity),
            Object::Side(_) => String::new(),
            Object::Earlier(object) => self.earlier_name(object),
            Object::Age => self.effective.atoms.get(self.atom).map(|atom| atom.ages.to_string()).unwrap_or_default(),
            Object::Record(fields, ..) => fields.record.noun().to_owned(),
        }
    }

    /// What is said where a condition could not be computed, such as a division by zero between two literals.
    pub(super) fn uncomputed(&self) -> Option<Read> {
        let entity = self.purpose_at(self.purpose)?.resolved.entity;
        Some(Read {
            path: "the condition of the rule".to_owned(),
            place: Label::new(entity.place, String::new()),
            also: Vec::new(),
            missing: Some(Lack::Uncomputable),
            owner: owner(entity),
        })
    }

    fn purpose_field(&self, at: usize, field: FieldId) -> Ans<'w> {
        let Some(purpose) = self.purpose_at(at) else { return inapplicable() };
        let entity = purpose.resolved.entity;
        match field.name() {
            "id" => text(&entity.id, vec![self.entity_read("purpose.id", entity)]),
            "state" => self.state_of(at, self.atom),
            "setting" => self.setting_of(at),
            "notices" => self.notices_of(at),
            "announced_by" => self.announced_by(at),
            "region_stated" => known(Value::Bool(self.effective.is_stated(at, self.atom)), Vec::new()),
            "states_here" => self.states_here(at),
            "necessity" if entity.fields.get(field).is_none() => text("optional", Vec::new()),
            _ if field.get().overridable => self.overridable(Owner::Purpose(at), field),
            _ => self.plain(&entity.fields, field, "purpose", &self.owner(entity)),
        }
    }

    fn setting_field(&self, at: usize, field: FieldId) -> Ans<'w> {
        let Some(setting) = self.effective.settings.get(at) else { return inapplicable() };
        let entity = setting.entity;
        match field.name() {
            "id" => text(&entity.id, vec![self.entity_read("setting.id", entity)]),
            "purposes" => {
                let named = |(_, purpose): &(usize, &PurposeAt<'_>)| matches!(purpose.setting, SettingLink::Setting(s, _) if s == at);
                let purposes = self.effective.purposes.iter().enumerate().filter(named);
                self.purpose_list(purposes.map(|(at, _)| at))
            }
            _ if field.get().overridable => self.overridable(Owner::Setting(at), field),
            _ => self.plain(&entity.fields, field, "setting", &self.owner(entity)),
        }
    }

    fn entity_field(&self, entity: &'w Entity, field: FieldId) -> Ans<'w> {
        let prefix = if entity.kind == EntityKind::Notice { "notices" } else { "recipients" };
        match field.name() {
            "id" => text(&entity.id, vec![self.entity_read(&self.say(|| format!("{prefix}.id")), entity)]),
            "regions" => self.regions_of(entity),
            "reaches" => self.reaches(entity),
            "reaches_place" => self.reaches_place(entity),
            // a notice is effective when it is published, unless it says otherwise (docs/format.md, Notices)
            "effective" if entity.fields.get(field).is_none() => {
                match const { FieldId::find(Record::Notice, "published") } {
                    Some(published) => self.plain(&entity.fields, published, prefix, &self.owner(entity)),
                    None => inapplicable(),
                }
            }
            _ => self.plain(&entity.fields, field, prefix, &self.owner(entity)),
        }
    }

    fn service_field(&self, field: FieldId) -> Ans<'w> {
        let service = self.effective.service;
        match field.name() {
            "id" | "service" => text(&service.id, Vec::new()),
            "purposes" => self.purpose_list(0..self.effective.purposes.len()),
            "regions" => self.stated("regions", service.regions.as_ref(), |region| Some(region.to_string())),
            "ages" => self.stated("ages", service.ages.as_ref(), |ages| ages.map(|ages| ages.to_string())),
            "language" if service.fields.get(field).is_none() => text("en", Vec::new()),
            _ => match service.fields.get(field) {
                Some(_) => self.plain(&service.fields, field, "service", "the service"),
                None => {
                    let path = self.say(|| format!("service.{}", field.name()));
                    missing(self.absent(path, service.place, field.name(), "the service".to_owned(), Lack::Undeclared))
                }
            },
        }
    }

    /// Whom a service says it is for, item by item as texts.
    fn stated<T>(&self, name: &str, items: Option<&Items<T>>, words: impl Fn(&T) -> Option<String>) -> Ans<'w> {
        let path = self.say(|| format!("service.{name}"));
        let owner = "the service".to_owned();
        let Some(items) = items else {
            return missing(self.absent(path, self.effective.service.place, name, owner, Lack::Undeclared));
        };
        let Some(texts) = items.items.iter().map(|item| words(&item.value)).collect::<Option<Vec<String>>>() else {
            return missing(self.absent(path, items.key, name, owner, Lack::Unreadable));
        };
        let read = self.note(None, || {
            let place = Label::new(items.key, format!("for {}", suggest::join(&texts)));
            Read { path, place, also: Vec::new(), missing: None, owner }
        });
        self.seen(Value::List(texts.iter().map(|words| text(words, Vec::new())).collect()), read)
    }

    fn purpose_list(&self, purposes: impl Iterator<Item = usize>) -> Ans<'w> {
        let one = |at| known(Value::Object(Object::Purpose(at)), Vec::new());
        known(Value::List(purposes.map(one).collect()), Vec::new())
    }

    fn entity_read(&self, path: &str, entity: &Entity) -> ReadId {
        self.note(None, || {
            let (path, place) = (path.to_owned(), Label::new(entity.place, owner(entity)));
            Read { path, place, also: Vec::new(), missing: None, owner: owner(entity) }
        })
    }

    fn setting_of(&self, at: usize) -> Ans<'w> {
        let Some(purpose) = self.purpose_at(at) else { return inapplicable() };
        let entity = purpose.resolved.entity;
        match purpose.setting {
            SettingLink::Setting(setting, _) => known(Value::Object(Object::Setting(setting)), Vec::new()),
            SettingLink::Nothing(_) => inapplicable(),
            // a core purpose without a setting is mandatory: there is no switch to ask about
            SettingLink::Undeclared if entity.fields.text("necessity") == Some("core") => inapplicable(),
            SettingLink::Undeclared => missing(self.absent(
                "purpose.setting".to_owned(),
                entity.place,
                "setting",
                self.owner(entity),
                Lack::Undeclared,
            )),
            SettingLink::Unknown(span) => missing(self.absent(
                "purpose.setting".to_owned(),
                span,
                "setting",
                self.owner(entity),
                Lack::Unreadable,
            )),
        }
    }
}

fn owner(entity: &Entity) -> String {
    [entity.kind.noun(), " `", &*entity.id, "`"].concat()
}

impl<'w> Facts for CellFacts<'_, 'w> {
    type Object = Object<'w>;

    fn root(&self, root: Root) -> Ans<'w> {
        match root {
            Root::Purpose => known(Value::Object(Object::Purpose(self.purpose)), Vec::new()),
            Root::Setting => self.setting_of(self.purpose),
            Root::State => self.state_of(self.purpose, self.atom),
            Root::Service => known(Value::Object(Object::Service), Vec::new()),
            Root::Notices => self.notices_of(self.purpose),
            Root::Recipients => match const { FieldId::find(Record::Purpose, "recipients") } {
                Some(field) => self.purpose_field(self.purpose, field),
                None => inapplicable(),
            },
            Root::Age => known(Value::Object(Object::Age), Vec::new()),
            Root::Before => known(Value::Object(Object::Side(true)), Vec::new()),
            Root::After => known(Value::Object(Object::Side(false)), Vec::new()),
            Root::Today => known(Value::Date(When::on(self.today)), Vec::new()),
        }
    }

    fn field(&self, object: &Object<'w>, field: FieldId) -> Ans<'w> {
        if self.for_people
            && let Some(name) = self.called(object, field)
        {
            return text(&name, Vec::new());
        }
        self.declared_field(object, field)
    }

    fn has(&self, object: &Object<'w>, field: FieldId) -> Ans<'w> {
        if let Object::Side(is_before) = object
            && let Some(answer) = self.has_side(*is_before, field)
        {
            return answer;
        }
        let answer = self.declared_field(object, field);
        let undeclared = |reads: &[ReadId]| reads.iter().all(|read| self.log.is_undeclared(*read));
        let value = match answer.value {
            Ok(_) => Ok(Value::Bool(true)),
            Err(Gap::Undetermined(reads)) if undeclared(&reads) => Ok(Value::Bool(false)),
            Err(gap) => Err(gap),
        };
        Answer { value, witnesses: answer.witnesses }
    }

    fn param(&self, name: &str) -> Ans<'w> {
        match self.params.iter().find(|param| param.name == name) {
            Some(param) => known(param_value(&param.value), Vec::new()),
            None => inapplicable(),
        }
    }

    fn states_in(&self, group: &str) -> Ans<'w> {
        let Some(here) = self.effective.atoms.get(self.atom) else { return inapplicable() };
        let territories = self.atlas.lookup(group, self.date).unwrap_or_default();
        // one state may be decided in several places, which only matters where they are named
        let deciding = if self.telling { self.effective.deciding(self.purpose) } else { Vec::new() };
        let state_of = self.purpose_at(self.purpose).map(|purpose| &purpose.state_of);
        let lines: Vec<&Vec<u16>> = deciding.iter().map(|property| &property.by_atom).chain(state_of).collect();
        let mut states = States::default();
        let mut seen: Vec<usize> = Vec::new();
        for (at, atom) in self.effective.atoms.iter().enumerate() {
            let same_people = atom.ages == here.ages && atom.plans == here.plans;
            let is_known = |known: &usize| lines.iter().all(|line| line.get(*known) == line.get(at));
            if same_people && atom.territories.is_within(territories) && !seen.iter().any(is_known) {
                seen.push(at);
                states.add(self.effective.state(self.purpose, at), self.state_of(self.purpose, at));
            }
        }
        states.into_list()
    }

    fn weight_of_field(&self, field: FieldId) -> usize {
        match (field.record, field.name()) {
            (Record::Purpose, "notices" | "announced_by") => self.effective.notices.len(),
            (Record::Purpose, "states_here") => self.effective.atoms.len(),
            _ => 0,
        }
    }

    fn weight_of_table(&self, name: &str) -> usize {
        self.library.tables.get(name).map_or(0, Table::rows)
    }

    fn is_telling(&self) -> bool {
        self.telling
    }

    fn is_spent(&self) -> bool {
        self.steps.is_some_and(Steps::are_spent)
    }

    fn spend(&self, steps: u32) {
        if let Some(all) = self.steps {
            all.take(u64::from(steps));
        }
    }

    fn mentions(&self, text: &str, lexicon: &str) -> Ans<'w> {
        let service = self.effective.service;
        let languages = self.effective.workspace.languages(service);
        let words = self.library.lexicons.get(lexicon);
        let asked = |language: &&str| words.and_then(|words| words.mentions(language, text));
        let found = match languages.iter().find(|language| asked(language).is_none()) {
            _ if languages.iter().any(|language| asked(language) == Some(true)) => Ok(true),
            None => Ok(false),
            Some(language) => Err(*language),
        };
        match found {
            Ok(found) => known(Value::Bool(found), Vec::new()),
            Err(language) => missing(self.note(Some(Lack::Uncovered), || {
                let place = service.fields.named("language").map_or(service.place, |field| field.value.span);
                Read {
                    path: format!("the lexicon `{lexicon}` for language `{language}`"),
                    place: Label::new(place, format!("no words for `{language}`")),
                    also: Vec::new(),
                    missing: None,
                    owner: "the pack".to_owned(),
                }
            })),
        }
    }

    fn table(&self, name: &str) -> Ans<'w> {
        self.table_here(name)
    }

    fn table_for(&self, name: &str, place: &str, reads: &[ReadId]) -> Ans<'w> {
        self.table_elsewhere(name, place, reads)
    }

    fn is_in(&self, place: &str, group: &str) -> Option<bool> {
        let here = self.atlas.lookup(place, self.date).ok()?;
        let group = self.atlas.lookup(group, self.date).ok()?;
        match (here.is_within(group), here.and(group).is_empty()) {
            // a group without members on the day lies nowhere
            _ if here.is_empty() => Some(false),
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }
}
