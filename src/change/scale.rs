//! The table of directions: for each field of a declaration, which of two values is the worse one for the person, and why.

use crate::model::{FieldId, Record};

/// How two values of a field compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Words, the most protective first.
    Words(&'static [&'static str]),
    /// The value that is worse.
    Worse(bool),
    /// A larger number, a longer time or a longer list is worse.
    More,
    /// An earlier day is worse.
    Earlier,
    /// A later day is worse.
    Later,
    /// A list: what is added is worse.
    Exposes,
    /// A list: what is taken out is worse.
    Protects,
    /// A mapping, each of whose fields has a direction of its own.
    Each,
    /// A vocabulary key: a wider one is worse.
    Wider,
    /// A lawful basis: to leave consent is worse.
    Basis,
    /// Nobody can tell without reading it.
    Open,
    /// Words for people, which no judgement hangs on.
    Plain,
    /// It is compared elsewhere: as a state, by whom it concerns, as a thing of its own.
    Elsewhere,
}

/// What the table says of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// How its values compare.
    pub scale: Scale,
    /// Why, as the end of a sentence: `the data is kept longer`.
    pub why: &'static str,
    /// Whether it says that more is done than without it, so that to declare it for the first time may be news for people or only
    /// for the reader.
    pub exposes: bool,
}

/// Every kind of mapping, by where it stands.
const RECORDS: [(&str, Record); 21] = [
    ("service", Record::Service),
    ("organisation", Record::Organisation),
    ("notice", Record::Notice),
    ("setting", Record::Setting),
    ("opt_out", Record::OptOut),
    ("steps", Record::Steps),
    ("reads", Record::Reads),
    ("purpose", Record::Purpose),
    ("data", Record::Data),
    ("retention", Record::Retention),
    ("safeguards", Record::Safeguard),
    ("assessments", Record::Assessment),
    ("rights", Record::Rights),
    ("rights.*", Record::Right),
    ("models", Record::Models),
    ("consent", Record::Consent),
    ("documents", Record::Document),
    ("decision", Record::Decision),
    ("signals", Record::Signals),
    ("commitments", Record::Commitment),
    ("commitments.scope", Record::Scope),
];

/// The whole table, in the order of the format: `retention.period`, and what is said of it. What is compared elsewhere and what has
/// fields of its own is left out.
pub fn directions() -> Vec<(String, Entry)> {
    let fields = RECORDS.into_iter().flat_map(|(name, record)| record.field_ids().map(move |field| (name, field)));
    let entries = fields.filter_map(|(name, field)| Some((format!("{name}.{}", field.name()), entry_of(field)?)));
    entries.filter(|(_, entry)| entry.scale.worse().is_some()).collect()
}

impl Scale {
    /// Which of two values is worse, in words; `None` where the field is not compared as such.
    pub fn worse(self) -> Option<String> {
        Some(match self {
            Self::Words(order) => {
                let words: Vec<String> = order.iter().map(|word| format!("`{word}`")).collect();
                format!("further on: {}", words.join(" → "))
            }
            Self::Worse(value) => format!("`{value}`"),
            Self::More => "more, or longer".to_owned(),
            Self::Earlier => "earlier".to_owned(),
            Self::Later => "later".to_owned(),
            Self::Exposes => "what is added".to_owned(),
            Self::Protects => "what is taken out".to_owned(),
            Self::Wider => "wider; another is unclear".to_owned(),
            Self::Basis => "from consent to another; between others unclear".to_owned(),
            Self::Open => "any change is unclear".to_owned(),
            Self::Plain => "none: any change is neutral".to_owned(),
            Self::Each | Self::Elsewhere => return None,
        })
    }
}

const fn entry(scale: Scale, why: &'static str) -> Entry {
    Entry { scale, why, exposes: false }
}

/// What says that more is done.
const fn exposing(scale: Scale, why: &'static str) -> Entry {
    Entry { scale, why, exposes: true }
}

const ELSEWHERE: Entry = entry(Scale::Elsewhere, "");
const WORDS: Entry = entry(Scale::Plain, "people read other words");

/// What the table says of a field. A test holds it to the table of fields: none is left out.
pub fn entry_of(field: FieldId) -> Option<Entry> {
    if field.get().derived {
        return Some(ELSEWHERE);
    }
    match field.record {
        Record::Service => service(field.name()),
        Record::Organisation => organisation(field.name()),
        Record::Notice => notice(field.name()),
        Record::Setting => setting(field.name()),
        Record::Purpose => purpose(field.name()),
        Record::Age => None,
        _ => part(field),
    }
}

fn service(name: &str) -> Option<Entry> {
    Some(match name {
        "service" => ELSEWHERE,
        "title" | "language" => WORDS,
        "roles" => entry(Scale::Open, "other duties follow from the role of the company"),
        "commitments" => entry(Scale::Protects, "a promise to people is part of it or not"),
        _ => return None,
    })
}

fn organisation(name: &str) -> Option<Entry> {
    Some(match name {
        "name" => entry(Scale::Open, "another recipient is named"),
        "country" => entry(Scale::Open, "the data goes to another country"),
        "role" => entry(
            Scale::Words(&["processor", "joint_controller", "controller", "affiliate", "third_party", "public"]),
            "the recipient is bound less closely to what people were told",
        ),
        "category" => entry(Scale::Open, "the recipient is described in other words"),
        "own_purposes" => exposing(Scale::Exposes, "the recipient uses the data for ends of its own"),
        "trains_models" => exposing(Scale::Worse(true), "the recipient trains models with the data"),
        "onward_training" => {
            entry(Scale::Words(&["prohibited", "allowed"]), "the recipient may train models with the data")
        }
        "contract" => entry(Scale::Open, "another contract binds the recipient"),
        "transfer_tool" => entry(Scale::Open, "the data is sent abroad under other safeguards"),
        "url" => WORDS,
        _ => return None,
    })
}

fn notice(name: &str) -> Option<Entry> {
    Some(match name {
        "title" => WORDS,
        "kind" => entry(Scale::Open, "people are told in another place"),
        "channel" => entry(Scale::Words(&["direct", "passive"]), "only who looks for the notice finds it"),
        "published" | "effective" => entry(Scale::Later, "people are told later"),
        "covers" => ELSEWHERE,
        "url" => entry(Scale::Plain, "the notice stands elsewhere"),
        _ => return None,
    })
}

fn setting(name: &str) -> Option<Entry> {
    Some(match name {
        "label" | "help" => WORDS,
        "help_steps" => entry(Scale::More, "the explanation is further away"),
        "location" => entry(Scale::More, "more steps lead to the switch"),
        "steps" => entry(Scale::Each, ""),
        "default" | "until_answer" | "on_dismiss" => ELSEWHERE,
        "first_offered" => entry(Scale::Later, "the choice is offered later"),
        "opt_out" => entry(Scale::Each, ""),
        "changed_by" => {
            entry(Scale::Words(&["person", "admin", "support_request"]), "people depend on others to change it")
        }
        "requires_reason" => entry(Scale::Worse(true), "people have to give a reason"),
        "non_user_route" => entry(Scale::Open, "people without an account use another route"),
        "honours" => entry(Scale::Protects, "a signal that people send is heeded or not"),
        "reads" => entry(Scale::Plain, "the default is read from another place of the product"),
        _ => return None,
    })
}

fn purpose(name: &str) -> Option<Entry> {
    Some(match name {
        "title" | "description" => WORDS,
        "use" => entry(Scale::Wider, "the data is used for more"),
        "necessity" => entry(Scale::Words(&["optional", "core"]), "people can no longer do without it"),
        "data" => exposing(Scale::Exposes, "more data is used"),
        "subjects" => exposing(Scale::Exposes, "it concerns more people"),
        "setting" | "carried_out" | "notices" | "renamed_from" => ELSEWHERE,
        "lawful_basis" => entry(Scale::Basis, "people are no longer asked for their consent"),
        "special_condition" => entry(Scale::Open, "sensitive data is used on another ground"),
        "started" => entry(Scale::Earlier, "it runs for longer than people were told"),
        "ended" => entry(Scale::Later, "it goes on for longer"),
        "recipients" => exposing(Scale::Exposes, "more recipients get the data"),
        "retention" => entry(Scale::Each, ""),
        "safeguards" => entry(Scale::Protects, "a safeguard is there or not"),
        "assessments" => entry(Scale::Protects, "an assessment is there or not"),
        "rights" => entry(Scale::Each, ""),
        "existing_users" => entry(
            Scale::Words(&["asked", "carried_over", "enrolled"]),
            "people who were there before have less of a say",
        ),
        "output" => entry(Scale::Words(&["internal", "to_user", "public"]), "more people see what comes out"),
        "models" | "consent" | "decision" | "signals" => entry(Scale::Each, ""),
        "documents" => entry(Scale::Protects, "a document is there or not"),
        "content_licence" => entry(Scale::Open, "people grant another licence"),
        "device_access" => exposing(Scale::Worse(true), "what is stored on the device is read or written"),
        _ => return None,
    })
}

/// Mappings and items of lists.
fn part(field: FieldId) -> Option<Entry> {
    Some(match (field.record, field.name()) {
        // what tells items apart is compared as which items there are
        (Record::Data, "category" | "source") => ELSEWHERE,
        (Record::Safeguard | Record::Assessment | Record::Document, "kind") => ELSEWHERE,
        (Record::Commitment, "text") => ELSEWHERE,
        (Record::Data, "collected_since") => entry(Scale::Earlier, "older data is used"),
        (Record::Data, "collected_for") => entry(Scale::Open, "the data was collected for something else"),
        (Record::Data, "inputs_of") => entry(Scale::Open, "the data comes from elsewhere"),
        (Record::OptOut, "effect") => {
            entry(Scale::Words(&["stops_use_and_removes", "stops_use", "future_only"]), "switching off does less")
        }
        (Record::OptOut, "trained_models") => {
            entry(Scale::Words(&["unlearned", "retrained", "kept"]), "models keep more of what they learned")
        }
        (Record::OptOut, "within") => entry(Scale::More, "switching off takes effect later"),
        (Record::Steps, "off") => entry(Scale::More, "more steps are needed to switch off"),
        (Record::Steps, "on") => entry(Scale::Plain, "another number of steps is needed to switch on"),
        (Record::Reads, _) => entry(Scale::Plain, "the default is read from another place of the product"),
        (Record::Retention, "period") => entry(Scale::More, "the data is kept longer"),
        (Record::Retention, "until") => entry(Scale::Open, "the data is kept until something else happens"),
        (Record::Retention, "training_sets" | "models") => {
            entry(Scale::Open, "what was made from the data is kept on other terms")
        }
        (Record::Safeguard, "status") => {
            entry(Scale::Words(&["verified", "implemented", "claimed"]), "less stands behind the safeguard than before")
        }
        (Record::Safeguard | Record::Assessment | Record::Document | Record::Commitment, "date") => {
            entry(Scale::Plain, "the day is another")
        }
        (Record::Safeguard, "evidence" | "wording")
        | (Record::Assessment | Record::Document | Record::Commitment, "ref") => {
            entry(Scale::Plain, "the reference is another")
        }
        (Record::Rights, _) => entry(Scale::Each, ""),
        (Record::Right, "route") => entry(Scale::Plain, "people ask by another route"),
        (Record::Right, "includes_training_sets" | "includes_models" | "non_users") => {
            entry(Scale::Worse(false), "the right reaches less far")
        }
        (Record::Models, "provider") => entry(Scale::Open, "somebody else provides the models"),
        (Record::Models, "hosted") => entry(Scale::Words(&["own", "external"]), "the models run elsewhere"),
        (Record::Consent, _) => entry(Scale::Worse(false), "the consent asks less of the company"),
        (Record::Decision, "automated" | "significant") => {
            exposing(Scale::Worse(true), "a machine decides, or decides more")
        }
        (Record::Decision, "human_review") => entry(Scale::Worse(false), "no person looks at the decision"),
        (Record::Signals, _) => {
            entry(Scale::Words(&["honoured", "ignored"]), "what people say by a signal is not heeded")
        }
        (Record::Commitment, "scope") => entry(Scale::Each, ""),
        (Record::Scope, _) => entry(Scale::Protects, "the promise holds for less"),
        _ => return None,
    })
}

/// The fields that tell items of a list apart, where the items are mappings.
pub(super) fn key_of(record: Record) -> &'static [&'static str] {
    match record {
        Record::Data => &["category", "source"],
        Record::Safeguard | Record::Assessment | Record::Document => &["kind"],
        Record::Commitment => &["text"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Type;

    #[test]
    fn every_field_has_a_direction_that_fits_what_it_holds() {
        for field in RECORDS.into_iter().flat_map(|(_, record)| record.field_ids()) {
            let name = format!("{:?}.{}", field.record, field.name());
            let entry = entry_of(field).unwrap_or_else(|| panic!("{name} has no direction"));
            let fits = match (entry.scale, field.get().ty) {
                (Scale::Words(order), Type::Enum(words)) => {
                    let (mut order, mut words) = (order.to_vec(), words.to_vec());
                    order.sort_unstable();
                    words.sort_unstable();
                    order == words
                }
                (Scale::Words(_), _) => false,
                (Scale::Worse(_), ty) => ty == Type::Bool,
                (Scale::Earlier | Scale::Later, ty) => ty == Type::Date,
                (Scale::More, ty) => matches!(ty, Type::Int | Type::Duration | Type::List(_)),
                (Scale::Exposes | Scale::Protects, ty) => matches!(ty, Type::List(_)),
                (Scale::Each, ty) => matches!(ty, Type::Record(_)),
                (Scale::Wider | Scale::Basis, ty) => matches!(ty, Type::Term(_)),
                (Scale::Open | Scale::Plain | Scale::Elsewhere, _) => true,
            };
            assert!(fits, "{name} is no {:?}", entry.scale);
            assert_eq!(entry.why.is_empty(), matches!(entry.scale, Scale::Each | Scale::Elsewhere), "{name}");
        }
    }
}
