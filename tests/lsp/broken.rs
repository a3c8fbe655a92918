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

#[test]
fn what_a_workspace_of_its_own_judges_is_not_called_unjudged_by_the_one_around_it() {
    let folder = Folder::new(&[("purposelint.yaml", "packs: [core]\n"), ("z/purposes.yaml", WRONG)]);
    let mut client = Client::push(&folder);
    client.open("z/purposes.yaml", WRONG);
    assert!(codes(&client.diagnostics("z/purposes.yaml")).contains(&"core/unknown-key"));
    folder.write("purposelint.yaml", BROKEN);
    client.changed_on_disk("purposelint.yaml");
    assert!(messages(&client.diagnostics("z/purposes.yaml"))[0].starts_with("not judged: "));
    folder.write("z/purposelint.yaml", "packs: [core]\n");
    client.changed_on_disk("z/purposelint.yaml");
    let list = client.diagnostics("z/purposes.yaml");
    assert!(messages(&list).iter().all(|message| !message.starts_with("not judged: ")), "{list:#?}");
    assert!(codes(&list).contains(&"core/unknown-key"), "{list:#?}");
    fs::remove_file(folder.path("z/purposelint.yaml")).unwrap();
    client.changed_on_disk("z/purposelint.yaml");
    assert!(messages(&client.diagnostics("z/purposes.yaml"))[0].starts_with("not judged: "));
}

#[test]
fn what_a_config_says_in_vain_is_shown_there() {
    let config =
        "packs: [core]\ninclude: [\"nothing/*.yaml\"]\nfiles:\n  - {glob: attic/**, severity: {core/*: error}}\n";
    let folder = Folder::new(&[("purposes.yaml", WRONG), ("purposelint.yaml", config)]);
    let mut client = Client::push(&folder);
    let list = client.diagnostics("purposelint.yaml");
    let found: Vec<(u64, u64, &str)> = list
        .iter()
        .map(|item| {
            let start = &item["range"]["start"];
            let place = (start["line"].as_u64().unwrap(), start["character"].as_u64().unwrap());
            (place.0, place.1, item["message"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        found,
        [
            (1, 10, "no declaration matches `nothing/*.yaml`, so this entry of `include` has no effect"),
            (3, 11, "no declaration matches `attic/**`, so this entry of `files` has no effect"),
        ]
    );
    assert!(list.iter().all(|item| item["severity"] == 2), "{list:#?}");
    folder.write("attic/purposes.yaml", "version: 1\nservice: t\npurposes: {}\n");
    client.changed_on_disk("attic/purposes.yaml");
    assert_eq!(client.diagnostics("purposelint.yaml").len(), 1);
}
