//! A client that asks for diagnostics is sent none.

use serde_json::{Value, json};

use super::client::{Client, Folder, codes, pulling};

const WRONG: &str = "version: 1\nservice: s\npurposes:\n  p:\n    usee: x\n";

#[test]
fn a_client_that_asks_is_answered_and_not_sent_anything() {
    let folder = Folder::new(&[("purposes.yaml", WRONG), ("b/purposes.yaml", WRONG)]);
    let mut client = Client::pull(&folder);
    let provider = client.capabilities["diagnosticProvider"].clone();
    assert_eq!((&provider["interFileDependencies"], &provider["workspaceDiagnostics"]), (&json!(true), &json!(true)));
    assert!(codes(&client.pulled("purposes.yaml")).contains(&"core/unknown-key"));
    client.open("purposes.yaml", "version: 1\nservice: s\npurposes: {}\n");
    assert!(!codes(&client.pulled("purposes.yaml")).contains(&"core/unknown-key"));
    assert_eq!(client.lists, 0);
    assert!(client.asked.iter().any(|asked| asked.method == "workspace/diagnostic/refresh"));
    assert_eq!(client.shut_down(), 0);
}

#[test]
fn a_client_that_is_sent_diagnostics_is_offered_nothing_to_ask_for() {
    let folder = Folder::new(&[]);
    let client = Client::push(&folder);
    assert_eq!(client.capabilities["diagnosticProvider"], Value::Null);
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let folder = Folder::new(&[("purposes.yaml", WRONG), ("b/purposes.yaml", WRONG)]);
    let mut client = Client::pull(&folder);
    let document = json!({ "uri": client.uri("purposes.yaml") });
    let first = client.request("textDocument/diagnostic", json!({ "textDocument": document })).unwrap();
    assert_eq!(first["kind"], "full");
    let params = json!({ "textDocument": document, "previousResultId": first["resultId"] });
    let second = client.request("textDocument/diagnostic", params.clone()).unwrap();
    assert_eq!(second, json!({ "kind": "unchanged", "resultId": first["resultId"] }));

    let whole = client.request("workspace/diagnostic", json!({ "previousResultIds": [] })).unwrap();
    let items = whole["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    client.open("purposes.yaml", "version: 1\nservice: t\npurposes: {}\n");
    let known: Vec<Value> = items.iter().map(|item| json!({ "uri": item["uri"], "value": item["resultId"] })).collect();
    let again = client.request("workspace/diagnostic", json!({ "previousResultIds": known })).unwrap();
    let of = |path: &str| {
        let uri = client.uri(path);
        again["items"].as_array().unwrap().iter().find(|item| item["uri"] == *uri).unwrap().clone()
    };
    assert_eq!(of("b/purposes.yaml")["kind"], "unchanged");
    assert_eq!(of("purposes.yaml")["kind"], "full");
    assert_eq!(of("purposes.yaml")["version"], 1);
    assert_eq!(client.request("textDocument/diagnostic", params).unwrap()["kind"], "full");
}

#[test]
fn a_client_that_cannot_be_told_to_ask_again_is_sent_diagnostics() {
    let folder = Folder::new(&[("purposes.yaml", WRONG)]);
    for refreshes in [Value::Null, json!({}), json!({ "refreshSupport": false })] {
        let mut capabilities = pulling();
        capabilities["workspace"]["diagnostics"] = refreshes.clone();
        let mut client = Client::start(&folder, capabilities, &[""]);
        assert_eq!(client.capabilities["diagnosticProvider"], Value::Null, "{refreshes}");
        let list = client.diagnostics("purposes.yaml");
        assert!(codes(&list).contains(&"core/unknown-key"), "{refreshes}: {list:#?}");
        assert!(client.asked.iter().all(|asked| asked.method != "workspace/diagnostic/refresh"), "{refreshes}");
    }
}
