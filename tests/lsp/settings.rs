//! What an editor's settings ask for.

use purposelint::space::Date;
use serde_json::{Value, json};

use super::client::{Client, Folder, codes, pushed};

const WRONG: &str = "version: 1\nservice: s\npurposes:\n  p:\n    usee: x\n    use: y\n";

#[test]
fn schema_errors_can_be_left_to_a_yaml_server() {
    let folder = Folder::new(&[("purposes.yaml", WRONG)]);
    let mut client = Client::push(&folder);
    let list = client.diagnostics("purposes.yaml");
    assert!(codes(&list).contains(&"core/unknown-key"), "{:?}", codes(&list));
    let settings = json!({ "settings": { "purposelint": { "schemaErrors": false } } });
    client.notify("workspace/didChangeConfiguration", settings);
    let left = client.diagnostics("purposes.yaml");
    assert!(!codes(&left).contains(&"core/unknown-key"), "{:?}", codes(&left));
    client.notify("workspace/didChangeConfiguration", json!({ "settings": {} }));
    assert_eq!(client.diagnostics("purposes.yaml").len(), list.len());
}

#[test]
fn a_client_that_can_be_asked_for_settings_is_asked() {
    let folder = Folder::new(&[("purposes.yaml", WRONG)]);
    let mut capabilities = pushed();
    capabilities["workspace"]["configuration"] = json!(true);
    capabilities["workspace"]["didChangeWatchedFiles"] = json!({ "dynamicRegistration": true });
    capabilities["workspace"]["didChangeConfiguration"] = json!({ "dynamicRegistration": true });
    let mut client = Client::start(&folder, capabilities, &[""]);
    client.settings = json!({ "asOf": "someday" });
    client.settle();
    client.settle();
    let asked: Vec<&str> = client.asked.iter().map(|asked| asked.method.as_str()).collect();
    assert_eq!(asked, ["client/registerCapability", "workspace/configuration"]);
    let registered = client.asked[0].params["registrations"].as_array().unwrap().len();
    assert_eq!(registered, 2);
    let told = &client.told[0].params["message"];
    assert_eq!(told, "the setting `purposelint.asOf` must be an existing day as YYYY-MM-DD");
}

#[test]
fn what_is_said_at_the_beginning_holds_where_nothing_else_is_said() {
    let folder = Folder::new(&[("purposes.yaml", WRONG)]);
    for (options, answered, shown) in [
        (json!({ "schemaErrors": false }), Value::Null, false),
        (json!({ "schemaErrors": false }), json!({}), false),
        (json!({ "schemaErrors": false }), json!({ "schemaErrors": null, "inlayHints": false }), false),
        (json!({ "schemaErrors": false }), json!({ "schemaErrors": true }), true),
        (json!({ "purposelint": { "schemaErrors": false } }), Value::Null, false),
        (json!({ "purposelint": { "schemaErrors": false } }), json!({ "schemaErrors": true }), true),
        (json!({}), Value::Null, true),
    ] {
        let mut capabilities = pushed();
        capabilities["workspace"]["configuration"] = json!(true);
        let today = Box::new(|| Date::parse("2026-11-22").unwrap());
        let mut client = Client::start_with(&folder, capabilities, &[""], today, options.clone());
        client.settings = answered.clone();
        // the request for settings comes first, then what the answer changes
        client.settle();
        client.settle();
        let list = client.diagnostics("purposes.yaml");
        assert_eq!(codes(&list).contains(&"core/unknown-key"), shown, "{options} {answered}");
    }
}
