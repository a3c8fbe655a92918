//! The schemas themselves: sound, documented, and in agreement with the documents they are about.

use purposelint::schema::{self, SchemaKind};
use purposelint::source::SourceMap;
use purposelint::syntax::{Limits, parse};
use serde_json::{Value, json};

const KINDS: [SchemaKind; 5] =
    [SchemaKind::Declaration, SchemaKind::Policy, SchemaKind::Pack, SchemaKind::Config, SchemaKind::Report];

/// The two declarations of the design.
const DECLARATIONS: [&str; 2] = [
    r#"version: 1
service: professional_network
title: Professional network
regions: [WORLD]                 # where it is offered; this is the default
ages: 16+                        # who may use it; default: everyone
plans: [free, premium]           # optional third axis

organisations:
  network_inc: {name: Network Inc., country: US, role: controller}
  parent:      {name: Parent Corporation, country: US, role: affiliate, own_purposes: [train_ai_system]}
  affiliates:  {role: affiliate}                       # no name: nobody is told who they are
  model_host:  {name: Hosted Model Service, country: US, role: processor, onward_training: prohibited, contract: contracts/model-host.md}

notices:
  privacy_policy_2024_09:
    title: Privacy policy update
    channel: passive             # passive (a page) | direct (mail, push, interstitial)
    published: 2024-09-18
    effective: 2024-09-18

settings:
  genai_improvement:
    label: Use my data for training content creation AI models
    location: [Me, Settings & Privacy, Data privacy, Data for Generative AI Improvement]
    default: on
    first_offered: 2024-09-18
    opt_out: {effect: future_only}
    # overrides: see below

purposes:
  genai_training:
    title: Train generative AI models that create content
    use: train_ai_system.generative
    data:
      - {category: user.content, source: provided, collected_since: 2003-05-05, collected_for: [essential.service]}
    subjects: [customer]
    setting: genai_improvement   # an id, an inline mapping, or `none`
    lawful_basis: legitimate_interests
    started: {before: 2024-09-18}        # a bound: the exact day is not public
    notices: [privacy_policy_2024_09]
    recipients: [parent, affiliates, model_host]
    retention: {until: person_deletes}
    safeguards:
      - {kind: redaction, status: claimed, wording: seeks to redact or remove personal data}
    overrides:
      - regions: [EEA, CH]
        carried_out: false
"#,
    r#"version: 1
service: notes_app
purposes:
  model_training:
    use: train_ai_system
    setting: {default: on, overrides: [{regions: [EU], default: off}]}
"#,
];

fn schema_of(kind: SchemaKind) -> Value {
    serde_json::from_str(schema::text(kind)).unwrap()
}

/// Calls `look` on every property of every object in a schema, with its path.
fn properties(node: &Value, path: &str, look: &mut dyn FnMut(&str, &Value)) {
    for (key, value) in node.as_object().into_iter().flatten() {
        let path = format!("{path}/{key}");
        match (key.as_str(), value) {
            ("examples" | "enum" | "const" | "default", _) => {}
            ("properties", Value::Object(properties_here)) => {
                for (name, property) in properties_here {
                    let path = format!("{path}/{name}");
                    look(&path, property);
                    properties(property, &path, look);
                }
            }
            (_, Value::Array(values)) => values.iter().for_each(|value| properties(value, &path, look)),
            _ => properties(value, &path, look),
        }
    }
}

#[test]
fn every_schema_compiles() {
    for kind in KINDS {
        assert!(jsonschema::validator_for(&schema_of(kind)).is_ok(), "{kind:?}");
        assert!(jsonschema::meta::is_valid(&schema_of(kind)), "{kind:?}");
    }
}

#[test]
fn every_schema_has_its_name() {
    for name in schema::names() {
        assert_eq!(SchemaKind::parse(name).unwrap().name(), name);
    }
    assert_eq!(SchemaKind::parse("pack"), None);
}

#[test]
fn every_property_has_a_description_and_examples_that_are_right() {
    let mut wrong = Vec::new();
    for kind in KINDS {
        let root = schema_of(kind);
        properties(&root, kind.name(), &mut |path, property| {
            let described = property.get("description").and_then(Value::as_str);
            if described.is_none_or(|text| !text.ends_with('.')) {
                wrong.push(format!("{path}: no description"));
            }
            let examples = property.get("examples").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            if examples.is_empty() {
                wrong.push(format!("{path}: no examples"));
            }
            let alone = json!({
                "$schema": root["$schema"], "definitions": root["definitions"], "allOf": [property],
            });
            let validator = jsonschema::options().should_validate_formats(true).build(&alone).unwrap();
            for example in examples {
                if let Err(error) = validator.validate(example) {
                    wrong.push(format!("{path}: {example}: {error}"));
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_property_takes_no_key_that_it_does_not_name() {
    for kind in KINDS {
        let mut open = Vec::new();
        properties(&json!({"properties": {"root": schema_of(kind)}}), "", &mut |path, property| {
            if property.get("properties").is_some() && property.get("additionalProperties").is_none() {
                open.push(path.to_owned());
            }
        });
        assert!(open.is_empty(), "{kind:?}: {open:?}");
    }
}

#[test]
fn the_declarations_of_the_design_are_sound() {
    for text in DECLARATIONS {
        let mut sources = SourceMap::new();
        let file = sources.add("purposes.yaml", text);
        let (tree, problems) = parse(&sources, file, &Limits::default());
        assert!(problems.is_empty(), "{problems:?}");
        let root = tree.root(&tree.documents()[0]).unwrap();
        assert_eq!(schema::validate(SchemaKind::Declaration, root), []);
    }
}
