//! The files that `init` writes: statements that hold, and every other fact as a comment to be filled in.

use crate::vocabulary::{Terms, Vocabulary, within};

/// What is known of a service so far.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// Its id.
    pub(super) service: String,
    /// Its name for people.
    pub(super) title: String,
    /// Where it is offered.
    pub(super) regions: Vec<String>,
    /// Who may use it; empty for everybody.
    pub(super) ages: Vec<String>,
    /// Its plans; empty for none.
    pub(super) plans: Vec<String>,
    /// What the data is used for.
    pub(super) use_key: String,
    /// The default of the setting.
    pub(super) default: String,
}

/// The id of the one purpose.
pub(super) fn purpose_id(facts: &Facts) -> String {
    facts.use_key.replace('.', "_")
}

/// Whether the purpose is to train a model.
fn trains(facts: &Facts) -> bool {
    within(&facts.use_key, "train_ai_system")
}

/// A text as YAML has it, with quotes where it needs them.
pub(super) fn scalar(text: &str) -> String {
    // INVARIANT: a text can always be written
    serde_yaml::to_string(text).map(|yaml| yaml.trim_end_matches('\n').to_owned()).unwrap_or_default()
}

fn flow(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|item| scalar(item)).collect::<Vec<_>>().join(", "))
}

/// `purposes.yaml`. Convention: `#` directly before a key marks a fact that is not declared; other comments have a space.
pub(super) fn declaration(facts: &Facts) -> String {
    let purpose = purpose_id(facts);
    let parts = [head(facts), organisations(), notices(), setting(facts, &purpose), purposes(facts, &purpose)];
    parts.join("\n")
}

fn head(facts: &Facts) -> String {
    let service = scalar(&facts.service);
    let title = scalar(&facts.title);
    let regions = flow(&facts.regions);
    let ages = match facts.ages.as_slice() {
        [] => "#ages: 16+".to_owned(),
        [one] => format!("ages: {}", scalar(one)),
        more => format!("ages: {}", flow(more)),
    };
    let plans = if facts.plans.is_empty() {
        "#plans: [free, premium]".to_owned()
    } else {
        format!("plans: {}", flow(&facts.plans))
    };
    format!(
        "\
# yaml-language-server: $schema=https://purposelint.dev/schemas/declaration.v1.json
#
# That line lets editors check and complete this file. To use a copy in place of the address, run
#   purposelint schema declaration > purposes.schema.json
# and write `$schema=purposes.schema.json`.
#
# A starter, not a finding of fact: each line that is not a comment says something about your product, so make it
# true. `#` directly before a key marks a fact that is not declared yet: delete the `#` and put what is true in place
# of the example. Until then `purposelint check` says which rules wait for it.

version: 1
service: {service}
title: {title}

# Where it is offered: codes such as FR or US-CA, groups such as EU or EEA, or WORLD.
regions: {regions}

# Who may use it: under-13, 13-15, 16+ or adult. Without this line, everybody.
{ages}

# Plans, where people on different plans get different defaults.
{plans}

# What the service is, where a law makes a difference: online_platform, vlop, gatekeeper, micro_or_small, gpai_provider; [] for
# none of these.
#roles: []
"
    )
}

fn organisations() -> String {
    "\
organisations:
  # Who decides why and how the data is used, by the name that the privacy policy gives.
  operator:
    role: controller
    #name: Example Ltd
    #country: IE

  # Everybody else who gets the data. A purpose names them under `recipients`.
  #model_host:
  #  name: Hosted Model Service
  #  country: US
  #  role: processor
  #  onward_training: prohibited
  #  contract: contract register 2026/014
  #  # On what ground the data may leave: adequacy, scc, bcr or derogation.
  #  transfer_tool: scc
"
    .to_owned()
}

fn notices() -> String {
    "\
notices:
  # How people learn of the purpose. `direct` reaches them: a mail, a push message, a screen in the product. `passive`
  # is a page they have to look for.
  privacy_policy:
    title: Privacy policy
    kind: privacy_policy
    channel: passive
    # The day on which it said so, and the day on which that took effect where it is a later one.
    #published: 2026-01-15
    #effective: 2026-02-01
"
    .to_owned()
}

fn setting(facts: &Facts, purpose: &str) -> String {
    let default = &facts.default;
    let label = scalar(&title_of(&facts.use_key));
    let models = if trains(facts) { ", trained_models: retrained" } else { "" };
    let unanswered = if default == "ask" {
        "    # Whether it runs before the question is answered, and after it was closed without an answer.
    #until_answer: off
    #on_dismiss: off
"
    } else {
        ""
    };
    format!(
        "\
settings:
  {purpose}_choice:
    # The words beside the switch, the help text, the steps to reach that text, and the screens from the main one
    # to the switch.
    #label: {label}
    #help: What the product says about this switch, word for word.
    #help_steps: 0
    #location: [Settings, Privacy]
    # The steps it takes to switch on and to switch off, and whether people have to give a reason.
    #steps: {{on: 3, off: 3}}
    #requires_reason: false
    # Whether the purpose runs for a person who does nothing: off, on, or ask where the product asks first.
    default: {default}
{unanswered}    # Where another default holds for some regions, ages or plans:
    #   overrides: [{{regions: [CH], default: ask}}]
    # The day on which people could first choose.
    #first_offered: 2026-01-15
    # What opting out does (future_only, stops_use, stops_use_and_removes), what becomes of models that were trained
    # (kept, retrained, unlearned), and how soon.
    #opt_out: {{effect: stops_use_and_removes{models}, within: P30D}}
    # Signals of the browser that count as a refusal; [] if none does.
    #honours: [gpc]
"
    )
}

fn purposes(facts: &Facts, purpose: &str) -> String {
    let title = scalar(&title_of(&facts.use_key));
    let use_key = scalar(&facts.use_key);
    let narrower = narrower(&facts.use_key);
    let retention = if trains(facts) { "{period: P1Y, training_sets: P1Y, models: P2Y}" } else { "{period: P1Y}" };
    let documents = if trains(facts) { "[{kind: training_data_summary, ref: register 2026/006}]" } else { "[]" };
    format!(
        "\
purposes:
  {purpose}:
    title: {title}
    # What is done, in a sentence or two that a user would understand.
    #description: Which data is used, how, and for whose benefit.
{narrower}    use: {use_key}
    setting: {purpose}_choice
    notices: [privacy_policy]
    # The first day, or a bound where the day is not known: {{before: 2026-03-16}}.
    #started: 2026-03-16
    # Which data, where it comes from, and how far back it goes.
    #data:
    #  - {{category: user.content, source: provided, collected_since: 2026-03-16}}
    #subjects: [customer]
    # Why it is allowed, such as consent, contract or legitimate_interests; and what was weighed before the start:
    # dpia, lia (a balancing of interests), tia (of a transfer), compatibility, expectations.
    #lawful_basis: consent
    #assessments:
    #  - {{kind: dpia, date: 2026-01-10, ref: register 2026/003}}
    #  - {{kind: tia, date: 2026-01-10, ref: register 2026/004}}
    #  - {{kind: compatibility, date: 2026-01-10, ref: register 2026/005}}
    # Whether consent is asked for this purpose apart from others, and from a parent where the person is a child.
    #consent: {{separate: true, parental: true}}
    # What became of people who were users before: asked, carried_over or enrolled.
    #existing_users: asked
    # Who gets the data: ids from `organisations`, or [] for nobody.
    #recipients: [model_host]
    # For how long: a period such as P30D or P1Y, or `until:` an event such as person_deletes.
    #retention: {retention}
    # What allows the use of what people wrote or made.
    #content_licence: member agreement of 2026-01-15, section 4
    # Who sees what comes out: internal, to_user or public; and whose model it is: an id from `organisations`.
    #output: to_user
    #models: {{provider: operator, hosted: own}}
    # How people see, delete and refuse, and whether that reaches copies made for training, models, and people who
    # have no account.
    #rights:
    #  access: {{route: \"https://example.com/privacy/access\", includes_training_sets: true, includes_models: true, non_users: true}}
    #  erasure: {{route: \"https://example.com/privacy/erase\", includes_training_sets: true, includes_models: true, non_users: true}}
    #  objection: {{route: \"https://example.com/privacy/object\", includes_training_sets: true, includes_models: true, non_users: true}}
    #  complaint: {{route: \"https://example.com/privacy/complain\"}}
    # Whether something is stored on people's devices or read from them for it, cookies included.
    #device_access: false
    # What protects people: claimed, implemented or verified; [] for nothing.
    #safeguards:
    #  - {{kind: redaction, status: implemented, evidence: test report 2026/031, date: 2026-03-02}}
    #  - {{kind: age_assurance, status: implemented, evidence: test report 2026/032, date: 2026-03-02}}
    # Papers about the purpose, each with its kind, such as a register of processing; [] for none.
    #documents: {documents}
"
    )
}

/// Uses that say more, for a use that has some below it.
fn narrower(key: &str) -> String {
    let below = format!("{key}.");
    let keys: Vec<&str> = Vocabulary::builtin().keys(Terms::Use).filter(|other| other.starts_with(&below)).collect();
    if keys.is_empty() {
        return String::new();
    }
    format!(
        "    # Narrower, if one of them is meant:{}\n",
        keys.iter().map(|key| format!("\n    #   {key}")).collect::<String>()
    )
}

fn title_of(key: &str) -> String {
    Vocabulary::builtin().get(Terms::Use, key).map_or_else(|| key.to_owned(), |term| term.title.clone())
}

/// `purposelint.yaml`
pub(super) fn config() -> String {
    "\
# yaml-language-server: $schema=https://purposelint.dev/schemas/config.v1.json
#
# The folder of this file is the root of the workspace: every purposes.yaml and *.purposes.yaml below it is read.
# `#` directly before a key marks a setting that has its default.

version: 1

# The rules to judge by: packs that come with the program, and folders of your own such as ./policies/acme. Without
# this line: core, fair-defaults and every pack about a law that holds where a service is offered, in short `default`.
# `purposelint rules` says which packs are active, and why.
#packs: [default]

# Files to read besides, and files and folders to leave out.
#include: [\"privacy/**/*.yaml\"]
#exclude: [\"vendor/**\"]

# The least severity that fails a run: error, warning or info.
#fail_on: error

# How far ahead to look for what is not yet true but soon will be.
#horizon: P180D

# Other severities for rules or packs: error, warning, info or off. What is off is named in every summary.
#severity: {fair-defaults/weaker-default-elsewhere: warning}
"
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            "Notes app",
            "a: b # c",
            "- x",
            "'",
            "\"",
            "#",
            "@home",
            "{x}",
            "[x]",
            "on",
            "NO",
            "12",
            "~",
            "é\u{a0}",
            "!t",
            "&a",
            "*",
            "%",
            "`",
            " x",
            "x:",
        ] {
            let facts = Facts {
                service: "notes_app".to_owned(),
                title: text.to_owned(),
                regions: vec!["NO".to_owned()],
                ages: vec!["17".to_owned()],
                plans: vec!["on".to_owned(), "free".to_owned()],
                use_key: "train_ai_system".to_owned(),
                default: "off".to_owned(),
            };
            let read: serde_yaml::Value = serde_yaml::from_str(&declaration(&facts)).unwrap();
            assert_eq!(read["title"].as_str(), Some(text));
            assert_eq!(read["regions"][0].as_str(), Some("NO"));
            assert_eq!(read["plans"][0].as_str(), Some("on"));
        }
    }
}
