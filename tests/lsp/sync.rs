//! Buffers, files, folders; and a client that does what it should not.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use purposelint::space::Date;
use serde_json::{Value, json};

use super::client::{Client, Folder, codes, pushed};
use super::completion::{capable, offered};

const WRONG: &str = "version: 1\nservice: s\npurposes:\n  p:\n    usee: x\n";
const EMPTY: &str = "version: 1\nservice: s\npurposes: {}\n";

fn is_wrong(list: &[Value]) -> bool {
    codes(list).contains(&"core/unknown-key")
}

#[test]
fn findings_of_files_that_nobody_opened_are_sent() {
    let folder = Folder::new(&[("a/purposes.yaml", WRONG)]);
    let mut client = Client::push(&folder);
    let list = client.diagnostics("a/purposes.yaml");
    assert!(is_wrong(&list), "{list:#?}");
    let wrong = list.iter().find(|item| item["code"] == "core/unknown-key").unwrap();
    assert_eq!(wrong["source"], "purposelint");
    assert_eq!(wrong["severity"], 1);
    assert_eq!(wrong["range"], json!({ "start": { "line": 4, "character": 4 }, "end": { "line": 4, "character": 8 } }));
    assert_eq!(wrong["codeDescription"]["href"], "https://purposelint.dev/rules/core/unknown-key");
    assert!(wrong["message"].as_str().unwrap().contains("\nhelp: did you mean `use`?"), "{wrong}");
    assert!(wrong["data"]["fingerprint"].is_string());
    assert_eq!(client.versions[&client.uri("a/purposes.yaml")], Value::Null);
    assert_eq!(client.shut_down(), 0);
}

#[test]
fn a_buffer_counts_before_the_disk_until_it_is_closed() {
    let folder = Folder::new(&[("purposes.yaml", WRONG)]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", EMPTY);
    assert!(!is_wrong(&client.diagnostics("purposes.yaml")));
    assert_eq!(client.versions[&client.uri("purposes.yaml")], 1);
    client.close("purposes.yaml");
    assert!(is_wrong(&client.diagnostics("purposes.yaml")));
    fs::remove_file(folder.path("purposes.yaml")).unwrap();
    client.changed_on_disk("purposes.yaml");
    assert!(client.diagnostics("purposes.yaml").is_empty());
    assert_eq!(client.shut_down(), 0);
}

#[test]
fn a_buffer_that_was_never_written_is_judged_and_forgotten_when_it_is_closed() {
    let folder = Folder::new(&[]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", WRONG);
    assert!(is_wrong(&client.diagnostics("purposes.yaml")));
    client.close("purposes.yaml");
    assert!(client.diagnostics("purposes.yaml").is_empty());
    client.open("notes.yaml", WRONG);
    assert!(client.diagnostics("notes.yaml").is_empty());
}

#[test]
fn a_file_that_moves_takes_its_findings_with_it() {
    let folder = Folder::new(&[("a/purposes.yaml", WRONG)]);
    let mut client = Client::push(&folder);
    assert!(is_wrong(&client.diagnostics("a/purposes.yaml")));
    folder.write("b/purposes.yaml", WRONG);
    fs::remove_file(folder.path("a/purposes.yaml")).unwrap();
    client.changed_on_disk("a/purposes.yaml");
    client.changed_on_disk("b/purposes.yaml");
    assert!(client.diagnostics("a/purposes.yaml").is_empty());
    assert!(is_wrong(&client.diagnostics("b/purposes.yaml")));
}

#[test]
fn what_is_gone_with_a_folder_is_gone() {
    let folder = Folder::new(&[("a/b/purposes.yaml", WRONG), ("purposes.yaml", EMPTY)]);
    let mut client = Client::push(&folder);
    assert!(is_wrong(&client.diagnostics("a/b/purposes.yaml")));
    fs::remove_dir_all(folder.path("a")).unwrap();
    client.changed_on_disk("a");
    assert!(client.diagnostics("a/b/purposes.yaml").is_empty());
}

#[test]
fn columns_are_those_of_the_client() {
    let text = "version: 1\nservice: s\npurposes:\n  p: {use: \"😀é\", usee: x}\n";
    let folder = Folder::new(&[("purposes.yaml", text)]);
    for (offered, encoding, column) in [
        (json!(null), "utf-16", 18),
        (json!(["utf-32", "utf-16"]), "utf-16", 18),
        (json!(["utf-16", "utf-8"]), "utf-8", 21),
    ] {
        let mut capabilities = pushed();
        capabilities["general"] = json!({ "positionEncodings": offered });
        let mut client = Client::start(&folder, capabilities, &[""]);
        assert_eq!(client.capabilities["positionEncoding"], encoding);
        let list = client.diagnostics("purposes.yaml");
        let wrong = list.iter().find(|item| item["code"] == "core/unknown-key").unwrap();
        assert_eq!(wrong["range"]["start"], json!({ "line": 3, "character": column }), "{encoding}");
        client.open("purposes.yaml", text);
        let range =
            json!({ "start": { "line": 3, "character": column }, "end": { "line": 3, "character": column + 4 } });
        client.change("purposes.yaml", json!([{ "range": range, "text": "retention" }]));
        assert!(!is_wrong(&client.diagnostics("purposes.yaml")), "{encoding}");
    }
}

#[test]
fn changes_of_one_message_follow_each_other() {
    let folder = Folder::new(&[("purposes.yaml", EMPTY)]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", EMPTY);
    let at = |line: u32, character: u32| json!({ "line": line, "character": character });
    let whole = json!({ "start": at(0, 0), "end": at(99, 0) });
    let end = json!({ "start": at(99, 0), "end": at(99, 0) });
    client.change(
        "purposes.yaml",
        json!([{ "range": whole, "text": "version: 1\r\nservice: s\r\n" }, { "range": end, "text": "purposees: {}\r\n" }]),
    );
    let list = client.diagnostics("purposes.yaml");
    let wrong = list.iter().find(|item| item["code"] == "core/unknown-key").unwrap();
    assert_eq!(wrong["range"], json!({ "start": at(2, 0), "end": at(2, 9) }));
}

#[test]
fn a_change_that_makes_no_sense_leaves_the_text_as_it_is() {
    let folder = Folder::new(&[("purposes.yaml", WRONG)]);
    for range in [
        json!({ "start": { "line": -1, "character": 0 }, "end": { "line": 0, "character": 0 } }),
        json!({ "start": { "line": 0, "character": 0 } }),
        json!([]),
    ] {
        let mut client = Client::push(&folder);
        client.open("purposes.yaml", WRONG);
        client.change("purposes.yaml", json!([{ "range": range, "text": "" }]));
        assert!(is_wrong(&client.diagnostics("purposes.yaml")), "{range}");
        let told = client.told.iter().find(|told| told.method == "window/logMessage").unwrap();
        let message = told.params["message"].as_str().unwrap();
        assert!(message.starts_with("`textDocument/didChange`: "), "{message}");
        client.change("purposes.yaml", json!([{ "range": null, "text": EMPTY }]));
        assert!(!is_wrong(&client.diagnostics("purposes.yaml")), "{range}");
    }
}

#[test]
fn a_burst_of_edits_is_judged_once() {
    let folder = Folder::new(&[("purposes.yaml", EMPTY)]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", EMPTY);
    client.settle();
    let before = client.lists;
    for round in 0..200 {
        client.replace("purposes.yaml", &format!("version: 1\nservice: s\nkey{round}: {{}}\n"));
    }
    let list = client.diagnostics("purposes.yaml");
    assert!(list[0]["message"].as_str().unwrap().contains("key199"), "{list:#?}");
    assert!(client.lists - before < 100, "{} lists", client.lists - before);
}

#[test]
fn a_config_is_read_again_when_it_changes() {
    let folder = Folder::new(&[("purposes.yaml", WRONG), ("purposelint.yaml", "version: 1\n")]);
    let mut client = Client::push(&folder);
    assert!(is_wrong(&client.diagnostics("purposes.yaml")));
    client.open("purposelint.yaml", "version: 1\nexclude: [purposes.yaml]\n");
    assert!(client.diagnostics("purposes.yaml").is_empty());
    client.replace("purposelint.yaml", "version: 1\nexclud: [purposes.yaml]\n");
    let list = client.diagnostics("purposelint.yaml");
    assert_eq!(list.len(), 1, "{list:#?}");
    assert_eq!(list[0]["range"]["start"], json!({ "line": 1, "character": 0 }));
    assert!(client.told.iter().all(|told| told.method != "window/showMessage"), "{:?}", client.told);
    client.close("purposelint.yaml");
    assert!(client.diagnostics("purposelint.yaml").is_empty());
    assert!(is_wrong(&client.diagnostics("purposes.yaml")));
}

#[test]
fn a_file_that_is_a_declaration_as_well_is_still_a_config_a_rule_and_a_product() {
    let declared = "version: 1\nservice: s\nsettings:\n  m: {default: on, reads: {file: app/state.yaml, pointer: /on}}\npurposes:\n  p: {use: train_ai_system, setting: m}\n";
    let pack = "title: Ours\nversion: 1.0.0\nneeds: 0.1.0\n";
    let on = "fair-defaults/ai-training-on-by-default";
    let folder = |include: &str| {
        Folder::new(&[
            ("purposes.yaml", declared),
            ("purposelint.yaml", &format!("extends: [base.yaml]\npacks: [core, fair-defaults, ./ours]\n{include}")),
            ("base.yaml", "severity: {}\n"),
            ("ours/pack.yaml", pack),
            ("app/state.yaml", "on: true\n"),
        ])
    };
    for include in ["", "include: [\"**/*.yaml\"]\n"] {
        let folder = folder(include);
        let config = fs::read_to_string(folder.path("purposelint.yaml")).unwrap();
        let mut client = Client::push(&folder);
        let has = |client: &mut Client, path: &str, code: &str| {
            client.diagnostics(path).iter().any(|item| item["code"] == code)
        };
        client.open("purposes.yaml", declared);
        assert!(has(&mut client, "purposes.yaml", on), "{include}: {:#?}", client.shown);
        for (path, before, after) in [
            ("purposelint.yaml", config.as_str(), format!("{config}severity: {{{on}: off}}\n")),
            ("base.yaml", "severity: {}\n", format!("severity: {{{on}: off}}\n")),
            ("ours/pack.yaml", pack, pack.replace("needs", "neds")),
        ] {
            client.open(path, before);
            client.replace(path, &after);
            assert!(!has(&mut client, "purposes.yaml", on), "{include}, {path}: {:#?}", client.shown);
            client.close(path);
            assert!(has(&mut client, "purposes.yaml", on), "{include}, {path}: {:#?}", client.shown);
        }
        let differs = "core/declared-default-differs";
        assert!(!has(&mut client, "purposes.yaml", differs));
        client.open("app/state.yaml", "on: true\n");
        client.replace("app/state.yaml", "on: false\n");
        assert!(has(&mut client, "purposes.yaml", differs), "{include}: {:#?}", client.shown);
    }
}

#[test]
fn a_mistake_in_a_rule_is_shown_in_its_file() {
    let pack = "title: Ours\nversion: 1.0.0\nneeds: '>=0.1'\n";
    let folder = Folder::new(&[
        ("purposes.yaml", EMPTY),
        ("purposelint.yaml", "version: 1\npacks: [core, ./ours]\n"),
        ("ours/pack.yaml", pack),
        ("ours/some-rule.yaml", "titel: x\n"),
    ]);
    let mut client = Client::push(&folder);
    let list = client.diagnostics("ours/some-rule.yaml");
    assert!(!list.is_empty(), "{:#?}", client.shown);
    client.open("ours/some-rule.yaml", "titel: x\n");
    client.close("ours/some-rule.yaml");
    fs::remove_file(folder.path("ours/some-rule.yaml")).unwrap();
    client.changed_on_disk("ours/some-rule.yaml");
    assert!(client.diagnostics("ours/some-rule.yaml").is_empty(), "{:#?}", client.shown);
}

#[test]
fn what_keeps_a_workspace_from_being_read_and_has_no_place_is_told() {
    let folder = Folder::new(&[("purposes.yaml", WRONG), (".purposelint.yml", "")]);
    let mut client = Client::push(&folder);
    client.settle();
    let told: Vec<&Value> =
        client.told.iter().filter(|told| told.method == "window/showMessage").map(|told| &told.params).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0]["message"].as_str().unwrap().contains("the config is called `purposelint.yaml`"), "{told:#?}");
}

#[test]
fn a_workspace_that_breaks_behind_the_back_is_told_of_when_it_is_read_for_another_law() {
    const SHARED: &str = "version: 1\norganisations:\n  vendor: {name: Vendor, role: processor}\n";
    let offered_in = |regions: &str, rest: &str| {
        format!(
            "version: 1\nservice: s\nregions: [{regions}]\npurposes:\n  p:\n    use: collect\n    setting: {{default: off}}\n{rest}"
        )
    };
    let folder = Folder::new(&[("purposes.yaml", &offered_in("FR", "")), ("shared.purposes.yaml", SHARED)]);
    let mut client = Client::start(&folder, capable(), &[""]);
    client.open("purposes.yaml", &offered_in("FR", ""));
    client.settle();
    // nobody tells the server of this file, and it has no place to show it at
    folder.write(".purposelint.yml", "");
    client.replace("purposes.yaml", &offered_in("FR, JP", ""));
    client.settle();
    let told: Vec<&Value> =
        client.told.iter().filter(|told| told.method == "window/showMessage").map(|told| &told.params).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0]["message"].as_str().unwrap().contains("the config is called `purposelint.yaml`"), "{told:#?}");
    // what was known before is still offered
    let offers = offered(&mut client, "purposes.yaml", &offered_in("FR, JP", "    recipients: [‸"));
    assert!(offers.iter().any(|offer| offer["label"] == "vendor"), "{offers:#?}");
}

#[test]
fn folders_come_and_go_and_each_is_its_own_workspace() {
    let folder = Folder::new(&[
        ("a/purposelint.yaml", "version: 1\n"),
        ("a/purposes.yaml", WRONG),
        ("b/purposelint.yaml", "version: 1\n"),
        ("b/purposes.yaml", WRONG),
    ]);
    let mut client = Client::start(&folder, pushed(), &["a"]);
    assert!(is_wrong(&client.diagnostics("a/purposes.yaml")));
    assert!(client.diagnostics("b/purposes.yaml").is_empty());
    let of = |client: &Client, path: &str| json!([{ "uri": client.uri(path), "name": path }]);
    let event = json!({ "added": of(&client, "b"), "removed": of(&client, "a") });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    assert!(client.diagnostics("a/purposes.yaml").is_empty());
    assert!(is_wrong(&client.diagnostics("b/purposes.yaml")));
    client.open("a/purposes.yaml", WRONG);
    assert!(is_wrong(&client.diagnostics("a/purposes.yaml")));
}

#[test]
fn other_places_are_shown_where_they_are() {
    let folder = Folder::new(&[
        ("a/purposes.yaml", "version: 1\nservice: s\nplans: [x]\n"),
        ("b/purposes.yaml", "version: 1\nservice: s\nplans: [y]\n"),
        ("c/purposes.yaml", "version: 1\nservice: s\nregions: [GB]\n"),
        ("d/purposes.yaml", "version: 1\nservice: s\nregions: [FR]\n"),
    ]);
    let mut client = Client::push(&folder);
    for (again, first) in [("b/purposes.yaml", "a/purposes.yaml"), ("d/purposes.yaml", "c/purposes.yaml")] {
        let list = client.diagnostics(again);
        let again = list.iter().find(|item| item["code"] == "core/service-property-repeated").unwrap();
        let related = &again["relatedInformation"][0];
        assert_eq!(related["location"]["uri"], client.uri(first));
        assert_eq!(related["location"]["range"]["start"], json!({ "line": 2, "character": 0 }));
        assert_eq!(related["message"], "first given here");
    }
}

#[test]
fn what_nobody_needs_is_tagged() {
    let text = "version: 1\norganisations:\n  o: {role: processor}\n";
    let folder = Folder::new(&[("purposes.yaml", text)]);
    let mut client = Client::push(&folder);
    let list = client.diagnostics("purposes.yaml");
    let unused = list.iter().find(|item| item["code"] == "core/unused-definition").unwrap();
    assert_eq!(unused["tags"], json!([1]));
}

#[test]
fn what_could_not_be_read_is_no_clean_file() {
    let folder = Folder::new(&[("purposes.yaml", "version: 2\nservice: s\n")]);
    let mut client = Client::push(&folder);
    let list = client.diagnostics("purposes.yaml");
    assert_eq!(codes(&list), ["core/newer-version"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path("nowhere"), folder.path("b.purposes.yaml")).unwrap();
        client.changed_on_disk("b.purposes.yaml");
        let list = client.diagnostics("b.purposes.yaml");
        assert_eq!(list[0]["message"], "not judged: a link to nothing");
    }
}

#[test]
fn bytes_that_are_no_text_are_no_empty_file() {
    let folder = Folder::new(&[("purposes.yaml", EMPTY)]);
    let mut client = Client::push(&folder);
    assert!(client.diagnostics("purposes.yaml").is_empty());
    fs::write(folder.path("purposes.yaml"), b"version: 1\nservice: \xff\n").unwrap();
    client.changed_on_disk("purposes.yaml");
    let list = client.diagnostics("purposes.yaml");
    assert!(list.iter().any(|item| item["message"].as_str().unwrap().contains("UTF-8")), "{list:#?}");
    client.open("purposes.yaml", EMPTY);
    assert!(client.diagnostics("purposes.yaml").is_empty());
    client.close("purposes.yaml");
    assert_eq!(client.diagnostics("purposes.yaml"), list);
}

#[test]
fn the_date_changes_while_the_server_runs() {
    let config = "version: 1\nwaivers:\n- {rule: core/unknown-key, reason: later, owner: me, expires: 2026-11-23}\n";
    let folder = Folder::new(&[("purposes.yaml", WRONG), ("purposelint.yaml", config)]);
    let is_tomorrow = Arc::new(AtomicBool::new(false));
    let day = Arc::clone(&is_tomorrow);
    let today = move || Date::parse(if day.load(Ordering::Relaxed) { "2026-11-23" } else { "2026-11-22" }).unwrap();
    let mut client = Client::start_on(&folder, pushed(), &[""], Box::new(today));
    let expired = |list: &[Value]| codes(list).contains(&"core/expired-waiver");
    assert!(!expired(&client.diagnostics("purposelint.yaml")));
    is_tomorrow.store(true, Ordering::Relaxed);
    assert!(expired(&client.diagnostics("purposelint.yaml")));
}

#[test]
fn what_nobody_knows_is_refused_and_an_exit_without_shutdown_is_told() {
    let folder = Folder::new(&[]);
    let mut client = Client::push(&folder);
    assert_eq!(client.request("textDocument/nonsense", json!({})).unwrap_err()["code"], -32601);
    assert_eq!(client.request("textDocument/codeAction", json!([1])).unwrap_err()["code"], -32602);
    assert_eq!(client.request("initialize", json!({})).unwrap_err()["code"], -32600);
    client.notify("$/nonsense", json!({}));
    client.notify("textDocument/didOpen", json!({ "textDocument": 1 }));
    client.settle();
    assert_eq!(client.told[0].method, "window/logMessage");
    let uri = |uri: &str| json!({ "textDocument": { "uri": uri, "languageId": "yaml", "version": 1, "text": WRONG } });
    client.notify("textDocument/didOpen", uri("untitled:Untitled-1"));
    client.notify("textDocument/didOpen", uri("not a uri"));
    client.close("never-opened.yaml");
    client.change("never-opened.yaml", json!([{ "text": WRONG }]));
    client.settle();
    assert!(client.shown.is_empty(), "{:#?}", client.shown);
    assert_eq!(client.exit(), 1);
}

#[test]
fn a_request_that_is_taken_back_is_not_answered() {
    let folder = Folder::new(&[("purposes.yaml", WRONG)]);
    let mut client = Client::push(&folder);
    client.settle();
    let params = json!({ "textDocument": { "uri": client.uri("purposes.yaml") } });
    // the first edit keeps the server busy while the rest arrives
    client.open("purposes.yaml", EMPTY);
    let mut codes = Vec::new();
    for _ in 0..50 {
        let id = client.post("test/unknown", params.clone());
        client.notify("$/cancelRequest", json!({ "id": id.to_string().parse::<i32>().unwrap() }));
        let error = client.wait_for(&id).response_result.unwrap_err();
        codes.push(error.code);
    }
    assert!(codes.iter().all(|code| [-32800, -32601].contains(code)), "{codes:?}");
    assert_eq!(client.shut_down(), 0);
}

#[test]
fn nothing_is_done_before_the_beginning_or_after_the_end() {
    let folder = Folder::new(&[]);
    let mut client = Client::push(&folder);
    client.request("shutdown", Value::Null).unwrap();
    assert_eq!(client.request("textDocument/codeAction", json!({})).unwrap_err()["code"], -32600);
    assert_eq!(client.exit(), 0);
}

#[test]
fn a_link_and_its_file_are_one() {
    #[cfg(unix)]
    {
        let folder = Folder::new(&[("real/purposes.yaml", WRONG)]);
        std::os::unix::fs::symlink(folder.path("real"), folder.path("link")).unwrap();
        let mut client = Client::start(&folder, pushed(), &["link"]);
        assert!(is_wrong(&client.diagnostics("link/purposes.yaml")), "{:#?}", client.shown);
        client.open("link/purposes.yaml", EMPTY);
        assert!(client.diagnostics("link/purposes.yaml").is_empty());
        // one file in two buffers: the last that was edited counts, and each until it is closed
        client.open("real/purposes.yaml", WRONG);
        assert!(is_wrong(&client.diagnostics("real/purposes.yaml")));
        client.replace("link/purposes.yaml", EMPTY);
        assert!(client.diagnostics("link/purposes.yaml").is_empty());
        client.close("real/purposes.yaml");
        assert!(client.diagnostics("link/purposes.yaml").is_empty());
        client.replace("link/purposes.yaml", WRONG);
        assert!(is_wrong(&client.diagnostics("link/purposes.yaml")), "{:#?}", client.shown);
        client.replace("link/purposes.yaml", EMPTY);
        client.close("link/purposes.yaml");
        assert!(is_wrong(&client.diagnostics("link/purposes.yaml")), "{:#?}", client.shown);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_open_under_two_names_is_judged_as_it_was_edited_last() {
    let folder = Folder::new(&[("real/purposes.yaml", EMPTY)]);
    std::os::unix::fs::symlink(folder.path("real"), folder.path("link")).unwrap();
    let (one, other) = ("link/purposes.yaml", "real/purposes.yaml");
    for client in [Client::start(&folder, pushed(), &["link"]), Client::start(&folder, pushed(), &["real"])] {
        let mut client = client;
        let seen = |client: &mut Client| [one, other].map(|path| is_wrong(&client.diagnostics(path)));
        for (first, second, expected) in [(one, other, [true, false]), (other, one, [false, true])] {
            client.open(first, EMPTY);
            client.open(second, EMPTY);
            assert_eq!(seen(&mut client), [false, false], "{first}");
            // each has what is found, and each has its own text to be edited
            client.replace(second, WRONG);
            assert_eq!(seen(&mut client), [true, true], "{first}");
            let at = |line: u32, column: u32| json!({ "line": line, "character": column });
            let range = json!({ "start": at(2, 0), "end": at(3, 0) });
            client.change(first, json!([{ "range": range, "text": "purposees: {}\n" }]));
            assert_eq!(seen(&mut client), [true, true], "{first}");
            client.replace(first, EMPTY);
            assert_eq!(seen(&mut client), [false, false], "{first}");
            client.close(second);
            client.replace(first, WRONG);
            assert_eq!(seen(&mut client), expected, "{first}");
            client.close(first);
            assert_eq!(seen(&mut client), [false, false], "{first}");
        }
    }
}
