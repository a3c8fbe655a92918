//! The schemas themselves: sound, documented, and in agreement with the documents they are about.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing unwrap is a failing test")]

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
            // Conditions only narrow what is described elsewhere.
            ("if" | "then" | "else" | "not", _) => {}
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

/// Values to put in the place of right ones.
fn replacements() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(1.5),
        json!(""),
        json!("on"),
        json!("Some Text\nin lines"),
        json!("2024-01-01"),
        json!([]),
        json!({}),
        json!([[1, 1]]),
        json!({"before": {"x": [1]}}),
        json!({"": null, "a/b~": {"12": {}}}),
    ]
}

/// JSON Pointers to everything below a value.
fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), out);
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                pointers(value, &format!("{at}/{key}"), out);
            }
        }
        _ => {}
    }
}

/// A document is right by our tree exactly when it is right by the library's own values, and every diagnostic can be shown.
#[test]
fn the_tree_is_judged_like_json() {
    let validator = jsonschema::validator_for(&schema_of(SchemaKind::Declaration)).unwrap();
    for text in DECLARATIONS {
        let sound: Value = serde_yaml::from_str(text).unwrap();
        let mut places = Vec::new();
        pointers(&sound, "", &mut places);
        for (place, replacement) in places.iter().flat_map(|place| replacements().into_iter().map(move |r| (place, r)))
        {
            let mut document = sound.clone();
            *document.pointer_mut(place).unwrap() = replacement;
            let text = serde_yaml::to_string(&document).unwrap();
            let mut sources = SourceMap::new();
            let file = sources.add("purposes.yaml", text.as_str());
            let (tree, problems) = parse(&sources, file, &Limits::default());
            assert!(problems.is_empty(), "{text}\n{problems:?}");
            // An empty document has nothing to judge.
            let Some(root) = tree.root(&tree.documents()[0]) else { continue };
            let found = schema::validate(SchemaKind::Declaration, root);
            assert_eq!(found.is_empty(), validator.is_valid(&document), "{text}\n{found:#?}");
            for diagnostic in &found {
                let shown = sources.slice(diagnostic.primary.span);
                assert!(!shown.is_empty() && !shown.contains('\n'), "{text}\n{diagnostic:#?}");
                assert!(!diagnostic.message.ends_with('.') && !diagnostic.message.contains('\n'), "{diagnostic:#?}");
            }
            assert!(found.is_sorted_by_key(|diagnostic| diagnostic.primary.span), "{text}");
        }
    }
}
