//! A workspace with something wrong in its config.

use std::fs;

use serde_json::{Value, json};

use super::client::{Client, Folder, codes, pulling, pushed};

const WRONG: &str = "version: 1\nservice: s\npurposes:\n  p:\n    usee: x\n";
const BROKEN: &str = "packs: [core, fair-defaults]\nseverty: {}\n";

fn messages(list: &[Value]) -> Vec<&str> {
    list.iter().map(|item| item["message"].as_str().unwrap()).collect()
}

#[test]
fn an_open_file_of_a_workspace_that_cannot_be_judged_does_not_look_clean() {
    for capabilities in [pushed(), pulling()] {
        let pulls = capabilities["textDocument"]["diagnostic"].is_object();
        let folder = Folder::new(&[("purposes.yaml", WRONG), ("purposelint.yaml", BROKEN), ("other.yaml", "a: 1\n")]);
        let mut client = Client::start(&folder, capabilities, &[""]);
        let seen = |client: &mut Client, path: &str| match pulls {
            true => client.pulled(path),
            false => client.diagnostics(path),
        };
        client.open("purposes.yaml", WRONG);
        client.open("other.yaml", "a: 1\n");
        let list = seen(&mut client, "purposes.yaml");
        assert_eq!(messages(&list), ["not judged: purposelint.yaml:2:1: unknown key `severty` in a config"]);
        let start = json!({ "line": 0, "character": 0 });
        let place = &list[0]["relatedInformation"][0]["location"];
        assert_eq!((&list[0]["severity"], &list[0]["range"]["start"]), (&json!(1), &start));
        assert_eq!(place["uri"], client.uri("purposelint.yaml"));
        assert_eq!(place["range"]["start"], json!({ "line": 1, "character": 0 }));
        assert!(seen(&mut client, "other.yaml").is_empty());
        // where the mistake stands, it is shown itself
        client.open("purposelint.yaml", BROKEN);
        assert_eq!(seen(&mut client, "purposelint.yaml").len(), 1);
        client.replace("purposelint.yaml", "packs: [core]\n");
        assert!(codes(&seen(&mut client, "purposes.yaml")).contains(&"core/unknown-key"));
        client.replace("purposelint.yaml", BROKEN);
        assert_eq!(seen(&mut client, "purposes.yaml").len(), 1);
        client.close("purposes.yaml");
        assert!(seen(&mut client, "purposes.yaml").is_empty());
    }
}

#[test]
fn what_is_wrong_without_a_place_is_said_as_well_and_other_workspaces_are_left_alone() {
    let folder = Folder::new(&[
        ("purposes.yaml", WRONG),
        (".purposelint.yml", ""),
        ("inner/purposelint.yaml", "packs: [core]\n"),
        ("inner/purposes.yaml", WRONG),
    ]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", WRONG);
    client.open("inner/purposes.yaml", WRONG);
    let list = client.diagnostics("purposes.yaml");
    assert!(messages(&list)[0].contains("the config is called `purposelint.yaml`"), "{list:#?}");
    assert!(messages(&list)[0].starts_with("not judged: "), "{list:#?}");
    assert!(codes(&client.diagnostics("inner/purposes.yaml")).contains(&"core/unknown-key"));
    fs::remove_file(folder.path(".purposelint.yml")).unwrap();
    client.changed_on_disk(".purposelint.yml");
    assert!(codes(&client.diagnostics("purposes.yaml")).contains(&"core/unknown-key"));
}
