//! Facts out of JSON. A key that is missing is not declared; `"$unknown"` is declared but not to be known, `"$inapplicable"`
//! has no place; `$steps` says how much a field or table takes to read, and how many steps there are; a day may be `{"before": D}` or `{"after": D}`, a number `{"least": 1, "most": 2}`.

use std::cell::{Cell, RefCell};

use serde_json::Value as Json;

use super::root::model::{FieldId, Record, Terms};
use super::root::policy::condition::{Answer, Domain, Env, Facts, Gap, Number, ReadId, Root, Ty, Value};
use super::root::space::{Date, Duration, When};
use super::root::suggest;

/// Facts and the names of what was read of them.
pub(crate) struct Mock {
    json: Json,
    reads: RefCell<Vec<String>>,
    steps: Cell<u32>,
    is_telling: bool,
}

/// A record: the same where the id is, or the place if it has none.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    record: Record,
    place: String,
    json: Json,
}

impl Object {
    pub(crate) fn id(&self) -> String {
        self.json.get("id").and_then(Json::as_str).unwrap_or(&self.place).to_owned()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Mock {
    pub(crate) fn new(json: Json) -> Self {
        Self { json, reads: RefCell::default(), steps: Cell::default(), is_telling: true }
    }

    /// The same where nobody asks which reads decided.
    pub(crate) fn quiet(json: Json) -> Self {
        Self { is_telling: false, ..Self::new(json) }
    }

    /// The steps that evaluations took.
    pub(crate) fn steps(&self) -> u32 {
        self.steps.get()
    }

    /// The names of reads: `purpose.data[0].source`.
    pub(crate) fn names(&self, reads: &[ReadId]) -> Vec<String> {
        let names = self.reads.borrow();
        reads.iter().map(|read| names[read.0 as usize].clone()).collect()
    }

    fn read(&self, place: &str) -> ReadId {
        let mut reads = self.reads.borrow_mut();
        let at = reads.iter().position(|known| known == place).unwrap_or_else(|| {
            reads.push(place.to_owned());
            reads.len() - 1
        });
        ReadId(u32::try_from(at).unwrap())
    }

    fn weight(&self, name: &str) -> usize {
        self.json["$steps"][name].as_u64().map_or(0, |weight| usize::try_from(weight).unwrap())
    }

    fn answer(&self, place: &str, ty: &Ty, json: Option<&Json>) -> Answer<Object> {
        let read = self.read(place);
        let value = match json {
            None => Err(Gap::Undetermined(vec![read])),
            Some(Json::String(text)) if text == "$unknown" => Err(Gap::Undetermined(vec![read])),
            Some(Json::String(text)) if text == "$inapplicable" => Err(Gap::Inapplicable),
            Some(json) => Ok(self.value(place, ty, json)),
        };
        Answer { value, witnesses: vec![read] }
    }

    fn value(&self, place: &str, ty: &Ty, json: &Json) -> Value<Object> {
        let text = || json.as_str().unwrap();
        match ty {
            Ty::Null | Ty::Any => Value::Null,
            Ty::Bool => Value::Bool(json.as_bool().unwrap()),
            Ty::Int => Value::Int(match json.as_i64() {
                Some(number) => Number::exactly(number),
                None => Number { least: json["least"].as_i64(), most: json["most"].as_i64() },
            }),
            Ty::Double => Value::Double(json.as_f64().unwrap()),
            Ty::Text(_) => Value::Text(text().into()),
            Ty::Date => Value::Date(when(json)),
            Ty::Duration => Value::Duration(Duration::parse(text()).unwrap().days()),
            Ty::List(element) => {
                let items = json.as_array().unwrap().iter().enumerate();
                Value::List(
                    items.map(|(at, item)| self.answer(&format!("{place}[{at}]"), element, Some(item))).collect(),
                )
            }
            Ty::Object(record) => {
                Value::Object(Object { record: *record, place: place.to_owned(), json: json.clone() })
            }
        }
    }
}

fn when(json: &Json) -> When {
    let day = |json: &Json| Date::parse(json.as_str().unwrap()).unwrap();
    match (json.get("before"), json.get("after")) {
        (Some(before), _) => When::before(day(before)),
        (_, Some(after)) => When::after(day(after)),
        _ => When::on(day(json)),
    }
}

/// The type of a parameter or table by its value.
fn infer(json: &Json) -> Ty {
    match json {
        Json::Null => Ty::Null,
        Json::Bool(_) => Ty::Bool,
        Json::Number(number) if number.is_i64() => Ty::Int,
        Json::Number(_) => Ty::Double,
        Json::String(_) => Ty::Text(Domain::Any),
        Json::Array(items) => Ty::list(items.first().map_or(Ty::Any, infer)),
        Json::Object(_) => Ty::Int,
    }
}

impl Facts for Mock {
    type Object = Object;

    fn root(&self, root: Root) -> Answer<Object> {
        let (name, _) = Root::ALL.into_iter().find(|(_, known)| *known == root).unwrap();
        let mut answer = self.answer(name, &Ty::of_root(root), self.json.get(name));
        if root == Root::Today {
            answer.witnesses.clear();
        }
        answer
    }

    fn field(&self, object: &Object, field: FieldId) -> Answer<Object> {
        assert_eq!(object.record, field.record);
        let place = format!("{}.{}", object.place, field.name());
        self.answer(&place, &Ty::of(field.get().ty), object.json.get(field.name()))
    }

    fn has(&self, object: &Object, field: FieldId) -> Answer<Object> {
        let place = format!("{}.{}", object.place, field.name());
        let found = object.json.get(field.name());
        let marked = found.filter(|json| json.as_str().is_some_and(|text| text.starts_with('$')));
        let found = Json::Bool(found.is_some());
        self.answer(&place, &Ty::Bool, Some(marked.unwrap_or(&found)))
    }

    fn param(&self, name: &str) -> Answer<Object> {
        let json = &self.json["params"][name];
        self.answer(&format!("param.{name}"), &infer(json), Some(json))
    }

    fn states_in(&self, group: &str) -> Answer<Object> {
        let place = format!("states_in({group})");
        let mut answer = self.answer(&place, &Ty::list(Ty::of_root(Root::State)), self.json["states_in"].get(group));
        answer.witnesses.clear();
        answer
    }

    fn mentions(&self, text: &str, lexicon: &str) -> Answer<Object> {
        let words = self.json["lexicons"][lexicon].as_array();
        let found = words.map(|words| Json::Bool(words.iter().any(|word| text.contains(word.as_str().unwrap()))));
        self.answer("service.language", &Ty::Bool, found.as_ref())
    }

    fn table(&self, name: &str) -> Answer<Object> {
        let json = self.json["tables"].get(name);
        self.answer(&format!("table({name})"), &json.map_or(Ty::Any, infer), json)
    }

    fn table_for(&self, name: &str, place: &str, reads: &[ReadId]) -> Answer<Object> {
        let json = self.json["places"][name].get(place);
        let answer = self.answer(&format!("table({name}, {place})"), &json.map_or(Ty::Any, infer), json);
        match answer.value {
            Ok(value) => Answer { value: Ok(value), witnesses: reads.to_vec() },
            Err(_) => answer,
        }
    }

    fn is_in(&self, place: &str, group: &str) -> Option<bool> {
        match (place, group) {
            ("US", _) => None,
            _ => Some(["FR", "DE", "EU"].contains(&place)),
        }
    }

    fn weight_of_field(&self, field: FieldId) -> usize {
        self.weight(field.name())
    }

    fn weight_of_table(&self, name: &str) -> usize {
        self.weight(name)
    }

    fn is_telling(&self) -> bool {
        self.is_telling
    }

    fn is_spent(&self) -> bool {
        self.json["$steps"]["most"].as_u64().is_some_and(|most| u64::from(self.steps.get()) > most)
    }

    fn spend(&self, steps: u32) {
        self.steps.set(self.steps.get() + steps);
    }
}

/// The words of the vocabularies and groups that conditions in tests may use.
fn vocabulary(terms: Terms) -> &'static [&'static str] {
    match terms {
        Terms::Use => &["train_ai_system", "train_ai_system.generative", "personalise"],
        Terms::Data => &["user", "user.content", "user.content.private"],
        Terms::Subject => &["customer", "child"],
        Terms::Basis => &["consent", "contract", "legitimate_interests"],
    }
}

fn look_up(words: &[&'static str], word: &str) -> Result<(), Option<String>> {
    if words.contains(&word) {
        return Ok(());
    }
    Err(suggest::nearest(word, words.iter().copied()).map(str::to_owned))
}

/// Calls `with` with what conditions may name: parameters and tables as in the facts, two lexicons.
pub(crate) fn with_env<T>(json: &Json, with: impl FnOnce(&Env<'_>) -> T) -> T {
    let typed = |json: &Json| -> Vec<(String, Ty)> {
        let entries = json.as_object().into_iter().flatten();
        entries.map(|(name, value)| (name.clone(), infer(value))).collect()
    };
    with(&Env {
        revisions: false,
        params: typed(&json["params"]),
        lexicons: &["hedges".to_owned(), "choice".to_owned()],
        tables: &typed(&json["tables"]),
        texts: &|name| match &json["params"][name] {
            Json::String(text) => vec![text.clone()],
            Json::Array(items) => items.iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect(),
            _ => Vec::new(),
        },
        group: &|name| look_up(&["WORLD", "EU", "EEA", "FR", "DE", "GB", "US"], name),
        term: &|terms, key| look_up(vocabulary(terms), key),
    })
}
