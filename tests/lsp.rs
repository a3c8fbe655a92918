//! The language server, spoken to as an editor does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

mod lsp_client;

use std::fs;

use lsp_client::{Client, Folder};
use serde_json::{Value, json};

const WRONG: &str = "version: 1\nservice: s\npurposes:\n  p:\n    usee: x\n";

fn codes(list: &[Value]) -> Vec<&str> {
    list.iter().map(|item| item["code"].as_str().unwrap()).collect()
}

#[test]
fn findings_of_files_that_nobody_opened_are_sent() {
    let folder = Folder::new(&[("a/purposes.yaml", WRONG)]);
    let mut client = Client::push(&folder);
    let list = client.diagnostics("a/purposes.yaml");
    assert!(codes(&list).contains(&"core/unknown-key"), "{list:#?}");
    assert_eq!(client.shut_down(), 0);
}

#[test]
fn a_buffer_counts_before_the_disk_until_it_is_closed() {
    let folder = Folder::new(&[("purposes.yaml", WRONG)]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", "version: 1\nservice: s\npurposes: {}\n");
    assert!(!codes(&client.diagnostics("purposes.yaml")).contains(&"core/unknown-key"));
    client.close("purposes.yaml");
    assert!(codes(&client.diagnostics("purposes.yaml")).contains(&"core/unknown-key"));
    fs::remove_file(folder.path("purposes.yaml")).unwrap();
    client.changed_on_disk("purposes.yaml");
    assert!(client.diagnostics("purposes.yaml").is_empty());
    assert_eq!(client.shut_down(), 0);
}

#[test]
fn what_nobody_knows_is_refused_and_an_exit_without_shutdown_is_told() {
    let folder = Folder::new(&[]);
    let mut client = Client::push(&folder);
    assert_eq!(client.request("textDocument/nonsense", json!({})).unwrap_err()["code"], -32601);
    assert_eq!(client.request("textDocument/codeAction", json!([1])).unwrap_err()["code"], -32602);
    assert_eq!(client.request("initialize", json!({})).unwrap_err()["code"], -32600);
    client.notify("$/nonsense", json!({}));
    assert_eq!(client.exit(), 1);
}
