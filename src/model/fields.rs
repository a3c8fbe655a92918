//! The table of fields: which records a declaration has, what each field holds, and what an override may set.
//!
//! One table serves lowering, resolution and the typing of conditions. `schemas/declaration.v1.json` says the same to editors;
//! a test holds both together.

use serde::{Deserialize, Serialize};

use crate::vocabulary::Terms;

/// A kind of mapping in a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// The top level.
    Service,
    /// An entry of `organisations`.
    Organisation,
    /// An entry of `notices`.
    Notice,
    /// An entry of `settings`, or a setting written inside a purpose.
    Setting,
    /// An entry of `purposes`.
    Purpose,
    /// An item of `data`.
    Data,
    /// `opt_out`
    OptOut,
    /// `steps`
    Steps,
    /// `reads`
    Reads,
    /// `retention`
    Retention,
    /// An item of `safeguards`.
    Safeguard,
    /// An item of `assessments`.
    Assessment,
    /// `rights`
    Rights,
    /// One right under `rights`.
    Right,
    /// `models`
    Models,
    /// `consent`
    Consent,
    /// An item of `documents`.
    Document,
    /// `decision`
    Decision,
    /// `signals`
    Signals,
    /// An item of `commitments`.
    Commitment,
    /// `scope` of a commitment.
    Scope,
    /// How old the people are that a condition is asked about. It stands in no declaration.
    Age,
    /// One side of a change, as a condition about changes sees it. It stands in no declaration.
    Revision,
}

/// A map of a declaration whose entries are referred to by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EntityKind {
    /// `organisations`
    Organisation,
    /// `notices`
    Notice,
    /// `settings`
    Setting,
    /// `purposes`
    Purpose,
}

impl EntityKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Organisation, Self::Notice, Self::Setting, Self::Purpose];

    /// The record its entries are.
    pub fn record(self) -> Record {
        match self {
            Self::Organisation => Record::Organisation,
            Self::Notice => Record::Notice,
            Self::Setting => Record::Setting,
            Self::Purpose => Record::Purpose,
        }
    }

    /// The word for people: `organisation`.
    pub fn noun(self) -> &'static str {
        self.record().noun()
    }

    /// The top-level key that holds the entries: `organisations`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Organisation => "organisations",
            Self::Notice => "notices",
            Self::Setting => "settings",
            Self::Purpose => "purposes",
        }
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`; `on` and `off` count as well.
    Bool,
    /// A whole number.
    Int,
    /// Free text.
    Text,
    /// One word of a closed list. Where it has `on` and `off`, `true` and `false` are accepted for them.
    Enum(&'static [&'static str]),
    /// A key of a vocabulary.
    Term(Terms),
    /// A territory code.
    Territory,
    /// A day, or a bound of one.
    Date,
    /// An ISO 8601 duration.
    Duration,
    /// The id of an entity; conditions see the entity.
    Ref(EntityKind),
    /// The id of an entity, or a name that is no id; conditions see the text.
    Mention(EntityKind),
    /// A nested mapping.
    Record(Record),
    /// A list.
    List(&'static Type),
    /// An id of a setting, a setting written in place, or `none`.
    Setting,
}

/// A field of a record.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What it holds.
    pub ty: Type,
    /// Whether an override may set it.
    pub overridable: bool,
    /// Computed by the engine: readable in conditions, not a key of a declaration.
    pub derived: bool,
}

/// Whether two names are the same; `==` cannot be asked where a constant is made.
const fn is_same(mut one: &[u8], mut other: &[u8]) -> bool {
    loop {
        match (one, other) {
            ([], []) => return true,
            ([a, one_left @ ..], [b, other_left @ ..]) if *a == *b => (one, other) = (one_left, other_left),
            _ => return false,
        }
    }
}

/// A field by its place in the table of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldId {
    /// The record.
    pub record: Record,
    index: u8,
}

impl FieldId {
    /// The field of a record by name.
    pub const fn find(record: Record, name: &str) -> Option<Self> {
        let (mut fields, mut index) = (record.fields(), 0);
        while let [field, rest @ ..] = fields {
            if is_same(field.name.as_bytes(), name.as_bytes()) {
                return Some(Self { record, index });
            }
            (fields, index) = (rest, index + 1);
        }
        None
    }

    /// The entry of the table.
    pub fn get(self) -> &'static Field {
        self.record.fields().get(usize::from(self.index)).unwrap_or(&UNKNOWN)
    }

    /// The key.
    pub fn name(self) -> &'static str {
        self.get().name
    }

    /// Whether it leads to purposes.
    pub fn names_purposes(self) -> bool {
        fn names(ty: Type) -> bool {
            match ty {
                Type::Ref(kind) => kind == EntityKind::Purpose,
                Type::List(element) => names(*element),
                _ => false,
            }
        }
        names(self.get().ty)
    }

    /// Its place in the table of the record, 0-based.
    pub fn index(self) -> usize {
        usize::from(self.index)
    }
}

impl Record {
    /// All fields of the record, derived ones last.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Service => SERVICE,
            Self::Organisation => ORGANISATION,
            Self::Notice => NOTICE,
            Self::Setting => SETTING,
            Self::Purpose => PURPOSE,
            Self::Data => DATA,
            Self::OptOut => OPT_OUT,
            Self::Steps => STEPS,
            Self::Reads => READS,
            Self::Retention => RETENTION,
            Self::Safeguard => SAFEGUARD,
            Self::Assessment => ASSESSMENT,
            Self::Rights => RIGHTS,
            Self::Right => RIGHT,
            Self::Models => MODELS,
            Self::Consent => CONSENT,
            Self::Document => DOCUMENT,
            Self::Decision => DECISION,
            Self::Signals => SIGNALS,
            Self::Commitment => COMMITMENT,
            Self::Scope => SCOPE,
            Self::Age => AGE,
            Self::Revision => REVISION,
        }
    }

    /// All records there are.
    pub const ALL: [Self; 23] = [
        Self::Service,
        Self::Organisation,
        Self::Notice,
        Self::Setting,
        Self::Purpose,
        Self::Data,
        Self::OptOut,
        Self::Steps,
        Self::Reads,
        Self::Retention,
        Self::Safeguard,
        Self::Assessment,
        Self::Rights,
        Self::Right,
        Self::Models,
        Self::Consent,
        Self::Document,
        Self::Decision,
        Self::Signals,
        Self::Commitment,
        Self::Scope,
        Self::Age,
        Self::Revision,
    ];

    /// The keys that lead to it from the top of a declaration, without ids; `None` for what stands in no declaration.
    pub fn path(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::Service => &[],
            Self::Organisation => &["organisations"],
            Self::Notice => &["notices"],
            Self::Setting => &["settings"],
            Self::Purpose => &["purposes"],
            Self::Data => &["purposes", "data"],
            Self::OptOut => &["settings", "opt_out"],
            Self::Steps => &["settings", "steps"],
            Self::Reads => &["settings", "reads"],
            Self::Retention => &["purposes", "retention"],
            Self::Safeguard => &["purposes", "safeguards"],
            Self::Assessment => &["purposes", "assessments"],
            Self::Rights => &["purposes", "rights"],
            Self::Right => &["purposes", "rights", "access"],
            Self::Models => &["purposes", "models"],
            Self::Consent => &["purposes", "consent"],
            Self::Document => &["purposes", "documents"],
            Self::Decision => &["purposes", "decision"],
            Self::Signals => &["purposes", "signals"],
            Self::Commitment => &["commitments"],
            Self::Scope => &["commitments", "scope"],
            Self::Age | Self::Revision => return None,
        })
    }

    /// All field ids of the record.
    pub fn field_ids(self) -> impl Iterator<Item = FieldId> {
        (0..self.fields().len()).filter_map(move |at| Some(FieldId { record: self, index: u8::try_from(at).ok()? }))
    }

    /// The word for people.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Organisation => "organisation",
            Self::Notice => "notice",
            Self::Setting => "setting",
            Self::Purpose => "purpose",
            Self::Data => "data item",
            Self::OptOut => "opt-out",
            Self::Steps => "steps",
            Self::Reads => "reads",
            Self::Retention => "retention",
            Self::Safeguard => "safeguard",
            Self::Assessment => "assessment",
            Self::Rights => "rights",
            Self::Right => "right",
            Self::Models => "models",
            Self::Consent => "consent",
            Self::Document => "document",
            Self::Decision => "decision",
            Self::Signals => "signals",
            Self::Commitment => "commitment",
            Self::Scope => "scope",
            Self::Age => "age",
            Self::Revision => "revision",
        }
    }
}

const UNKNOWN: Field = field("", Type::Text);

const fn field(name: &'static str, ty: Type) -> Field {
    Field { name, ty, overridable: false, derived: false }
}

/// A field that an override may set.
const fn over(name: &'static str, ty: Type) -> Field {
    Field { name, ty, overridable: true, derived: false }
}

/// A field the engine computes.
const fn derived(name: &'static str, ty: Type) -> Field {
    Field { name, ty, overridable: false, derived: true }
}

/// The states of a purpose at a cell, most protective first (docs/resolution.md, "From values to a state").
pub const STATES: &[&str] = &["absent", "off", "ask", "on", "mandatory"];

const ON_OFF: Type = Type::Enum(&["on", "off"]);
const TEXTS: Type = Type::List(&Type::Text);
const USES: Type = Type::List(&Type::Term(Terms::Use));
const HONOURED: Type = Type::Enum(&["honoured", "ignored"]);

const SERVICE: &[Field] = &[
    field("service", Type::Text),
    field("title", Type::Text),
    field("language", Type::Text),
    field(
        "roles",
        Type::List(&Type::Enum(&["online_platform", "vlop", "gatekeeper", "micro_or_small", "gpai_provider"])),
    ),
    field("commitments", Type::List(&Type::Record(Record::Commitment))),
    derived("id", Type::Text),
    derived("purposes", Type::List(&Type::Ref(EntityKind::Purpose))),
    // who it is for, as it is written: what is left out means everybody, and a rule may want to know that nobody said so
    derived("regions", TEXTS),
    derived("ages", TEXTS),
];

const ORGANISATION: &[Field] = &[
    field("name", Type::Text),
    field("country", Type::Territory),
    field("role", Type::Enum(&["controller", "joint_controller", "processor", "affiliate", "third_party", "public"])),
    field("category", Type::Text),
    field("own_purposes", USES),
    field("trains_models", Type::Bool),
    field("onward_training", Type::Enum(&["prohibited", "allowed"])),
    field("contract", Type::Text),
    field("transfer_tool", Type::Enum(&["adequacy", "scc", "bcr", "derogation"])),
    field("url", Type::Text),
    derived("id", Type::Text),
];

const NOTICE: &[Field] = &[
    field("title", Type::Text),
    field("kind", Type::Enum(&["privacy_policy", "terms", "in_product", "collection_point"])),
    field("channel", Type::Enum(&["direct", "passive"])),
    field("published", Type::Date),
    field("effective", Type::Date),
    field("covers", Type::List(&Type::Ref(EntityKind::Purpose))),
    field("url", Type::Text),
    derived("id", Type::Text),
    // for whom the notice says it is, and whether that includes the cell
    derived("regions", Type::List(&Type::Territory)),
    derived("reaches", Type::Bool),
    // the same by places alone, whatever the age
    derived("reaches_place", Type::Bool),
];

const SETTING: &[Field] = &[
    field("label", Type::Text),
    field("help", Type::Text),
    field("help_steps", Type::Int),
    field("location", TEXTS),
    field("steps", Type::Record(Record::Steps)),
    over("default", Type::Enum(&["on", "off", "ask"])),
    over("until_answer", ON_OFF),
    over("on_dismiss", ON_OFF),
    over("first_offered", Type::Date),
    over("opt_out", Type::Record(Record::OptOut)),
    field("changed_by", Type::Enum(&["person", "admin", "support_request"])),
    field("requires_reason", Type::Bool),
    field("non_user_route", Type::Text),
    field("honours", Type::List(&Type::Enum(&["gpc", "dnt"]))),
    field("reads", Type::Record(Record::Reads)),
    derived("id", Type::Text),
    derived("purposes", Type::List(&Type::Ref(EntityKind::Purpose))),
];

const PURPOSE: &[Field] = &[
    field("title", Type::Text),
    field("description", Type::Text),
    field("use", Type::Term(Terms::Use)),
    field("necessity", Type::Enum(&["core", "optional"])),
    field("data", Type::List(&Type::Record(Record::Data))),
    field("subjects", Type::List(&Type::Term(Terms::Subject))),
    field("setting", Type::Setting),
    over("carried_out", Type::Bool),
    over("lawful_basis", Type::Term(Terms::Basis)),
    over("special_condition", Type::Text),
    over("started", Type::Date),
    over("ended", Type::Date),
    over("notices", Type::List(&Type::Ref(EntityKind::Notice))),
    over("recipients", Type::List(&Type::Ref(EntityKind::Organisation))),
    over("retention", Type::Record(Record::Retention)),
    over("safeguards", Type::List(&Type::Record(Record::Safeguard))),
    over("assessments", Type::List(&Type::Record(Record::Assessment))),
    over("rights", Type::Record(Record::Rights)),
    field("existing_users", Type::Enum(&["asked", "carried_over", "enrolled"])),
    field("renamed_from", Type::Text),
    field("output", Type::Enum(&["internal", "to_user", "public"])),
    field("models", Type::Record(Record::Models)),
    field("consent", Type::Record(Record::Consent)),
    field("documents", Type::List(&Type::Record(Record::Document))),
    field("decision", Type::Record(Record::Decision)),
    field("signals", Type::Record(Record::Signals)),
    field("content_licence", Type::Text),
    field("device_access", Type::Bool),
    derived("id", Type::Text),
    derived("state", Type::Enum(STATES)),
    // the notices that it lists or that cover it, also those that do not reach the cell
    derived("announced_by", Type::List(&Type::Ref(EntityKind::Notice))),
    // whether what decides the state was written for places that it names
    derived("region_stated", Type::Bool),
    // its states at this place, over all ages and plans: what is a matter of the place and not of who somebody is
    derived("states_here", Type::List(&Type::Enum(STATES))),
];

const DATA: &[Field] = &[
    field("category", Type::Term(Terms::Data)),
    field(
        "source",
        Type::Enum(&[
            "provided",
            "observed",
            "inferred",
            "public_user_content",
            "public_web",
            "third_party",
            "affiliate",
        ]),
    ),
    field("collected_since", Type::Date),
    field("collected_for", USES),
    field("inputs_of", Type::Mention(EntityKind::Purpose)),
];

const OPT_OUT: &[Field] = &[
    field("effect", Type::Enum(&["future_only", "stops_use", "stops_use_and_removes"])),
    field("trained_models", Type::Enum(&["kept", "retrained", "unlearned"])),
    field("within", Type::Duration),
];

const STEPS: &[Field] = &[field("on", Type::Int), field("off", Type::Int)];

const READS: &[Field] = &[field("file", Type::Text), field("pointer", Type::Text)];

const RETENTION: &[Field] = &[
    field("period", Type::Duration),
    field("until", Type::Text),
    field("training_sets", Type::Text),
    field("models", Type::Text),
];

const SAFEGUARD: &[Field] = &[
    field("kind", Type::Text),
    field("status", Type::Enum(&["claimed", "implemented", "verified"])),
    field("evidence", Type::Text),
    field("wording", Type::Text),
    field("date", Type::Date),
];

const ASSESSMENT: &[Field] = &[
    field("kind", Type::Enum(&["dpia", "lia", "fria", "tia", "compatibility", "expectations", "us_risk"])),
    field("date", Type::Date),
    field("ref", Type::Text),
];

const RIGHTS: &[Field] = &[
    field("access", Type::Record(Record::Right)),
    field("erasure", Type::Record(Record::Right)),
    field("objection", Type::Record(Record::Right)),
    field("complaint", Type::Record(Record::Right)),
];

const RIGHT: &[Field] = &[
    field("route", Type::Text),
    field("includes_training_sets", Type::Bool),
    field("includes_models", Type::Bool),
    field("non_users", Type::Bool),
];

const MODELS: &[Field] =
    &[field("provider", Type::Ref(EntityKind::Organisation)), field("hosted", Type::Enum(&["own", "external"]))];

const CONSENT: &[Field] = &[field("parental", Type::Bool), field("separate", Type::Bool)];

const DOCUMENT: &[Field] = &[field("kind", Type::Text), field("ref", Type::Text), field("date", Type::Date)];

const DECISION: &[Field] =
    &[field("automated", Type::Bool), field("significant", Type::Bool), field("human_review", Type::Bool)];

const SIGNALS: &[Field] = &[field("robots", HONOURED), field("tdm_reservation", HONOURED), field("aipref", HONOURED)];

const COMMITMENT: &[Field] = &[
    field("text", Type::Text),
    field("date", Type::Date),
    field("scope", Type::Record(Record::Scope)),
    field("ref", Type::Text),
];

const SCOPE: &[Field] = &[field("uses", USES), field("recipients", Type::List(&Type::Ref(EntityKind::Organisation)))];

const REVISION: &[Field] = &[
    derived("purpose", Type::Ref(EntityKind::Purpose)),
    derived("setting", Type::Setting),
    derived("state", Type::Enum(STATES)),
    derived("service", Type::Record(Record::Service)),
    derived("notices", Type::List(&Type::Ref(EntityKind::Notice))),
    derived("recipients", Type::List(&Type::Ref(EntityKind::Organisation))),
];

const AGE: &[Field] = &[derived("from", Type::Int), derived("to", Type::Int)];
