//! Which files a client is asked to watch.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use super::client::{Client, Folder, codes, pushed};

const DECLARED: &str = "version: 1\nservice: s\nsettings:\n  m: {label: M, default: on, reads: {file: app/defaults.conf, pointer: /m}}\npurposes:\n  p: {use: train_ai_system, setting: m}\n";

fn watching() -> Value {
    let mut capabilities = pushed();
    capabilities["workspace"]["didChangeWatchedFiles"] = json!({ "dynamicRegistration": true });
    capabilities
}

/// The globs that are registered at the moment, with the kinds of events, by what the client was asked in order.
fn watched(client: &Client) -> BTreeSet<(String, Option<u64>)> {
    let mut known: Vec<(String, Value)> = Vec::new();
    for asked in &client.asked {
        let list = |key: &str| asked.params[key].as_array().cloned().unwrap_or_default();
        for registration in list("registrations") {
            let id = registration["id"].as_str().unwrap().to_owned();
            assert!(known.iter().all(|(other, _)| *other != id), "`{id}` twice");
            known.push((id, registration["registerOptions"]["watchers"].clone()));
        }
        for gone in list("unregisterations") {
            let before = known.len();
            known.retain(|(id, _)| *id != gone["id"]);
            assert_eq!(known.len() + 1, before, "{gone}");
        }
    }
    let watchers = known.iter().flat_map(|(_, watchers)| watchers.as_array().cloned().unwrap_or_default());
    watchers.map(|one| (one["globPattern"].as_str().unwrap().to_owned(), one["kind"].as_u64())).collect()
}

fn has(client: &Client, glob: &str) -> bool {
    watched(client).contains(&(glob.to_owned(), None))
}

#[test]
fn what_the_config_and_declarations_name_is_watched_whatever_its_ending() {
    let config = "packs: [core]\ninclude: [\"privacy/*.decl\", \"more/*.yaml\"]\n";
    let folder =
        Folder::new(&[("purposes.yaml", DECLARED), ("purposelint.yaml", config), ("app/defaults.conf", "m=1\n")]);
    let mut client = Client::start(&folder, watching(), &[""]);
    client.settle();
    client.settle();
    for glob in ["**/*.yaml", "**/app/defaults.conf", "**/privacy/*.decl"] {
        assert!(has(&client, glob), "{glob}: {:#?}", client.asked);
    }
    assert!(!has(&client, "**/more/*.yaml"), "{:#?}", watched(&client));
    let asked = client.asked.len();
    client.open("purposes.yaml", &DECLARED.replace("service: s", "service: t"));
    client.settle();
    client.settle();
    assert_eq!(client.asked.len(), asked, "nothing else is read");
    client.replace("purposes.yaml", &DECLARED.replace("app/defaults.conf", "\"app/odd [1].conf\""));
    client.settle();
    client.settle();
    assert!(has(&client, "**/app/odd ?1?.conf"), "{:#?}", watched(&client));
    assert!(!has(&client, "**/app/defaults.conf"), "{:#?}", watched(&client));
    assert!(has(&client, "**/privacy/*.decl"));
}

#[test]
fn a_folder_that_is_deleted_takes_its_findings_with_it() {
    let wrong = "version: 1\nservice: s\npurposes:\n  p:\n    usee: x\n";
    let folder =
        Folder::new(&[("a/b/purposes.yaml", wrong), ("purposes.yaml", DECLARED), ("app/defaults.conf", "m=1\n")]);
    let mut client = Client::start(&folder, watching(), &[""]);
    assert!(codes(&client.diagnostics("a/b/purposes.yaml")).contains(&"core/unknown-key"));
    let before = client.diagnostics("purposes.yaml");
    assert!(watched(&client).contains(&("**".to_owned(), Some(4))), "{:#?}", watched(&client));
    for gone in ["a", "app"] {
        fs::remove_dir_all(folder.path(gone)).unwrap();
        client.changed_on_disk(gone);
    }
    assert!(client.diagnostics("a/b/purposes.yaml").is_empty());
    assert_ne!(client.diagnostics("purposes.yaml"), before);
}
