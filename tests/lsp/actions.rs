//! What can be done about a finding.

use serde_json::{Value, json};

use super::client::{Client, Folder, codes, pushed};

/// The actions for a finding of a rule.
pub(crate) fn actions(client: &mut Client, path: &str, rule: &str) -> Vec<Value> {
    let list = client.diagnostics(path);
    let found = list.iter().find(|item| item["code"] == rule).unwrap_or_else(|| panic!("{:?}", codes(&list)));
    let context = json!({ "diagnostics": [found] });
    let params = json!({ "textDocument": { "uri": client.uri(path) }, "range": found["range"], "context": context });
    let actions = client.request("textDocument/codeAction", params).unwrap();
    let mut actions = actions.as_array().unwrap().clone();
    let is_one = |about: &Value| about["code"] == rule;
    let is_about = |action: &Value| action["diagnostics"].as_array().is_some_and(|about| about.iter().any(is_one));
    actions.retain(is_about);
    actions
}

pub(crate) fn titled<'a>(actions: &'a [Value], title: &str) -> &'a Value {
    let titles = || actions.iter().map(|action| action["title"].clone()).collect::<Vec<_>>();
    actions.iter().find(|action| action["title"].as_str().unwrap().starts_with(title)).unwrap_or_else(|| {
        panic!("{title} is not among {:?}", titles());
    })
}

/// A text after the edits of an action, which are of one file and know its version.
pub(crate) fn applied(action: &Value, uri: &str, version: Value, text: &str) -> String {
    let change = &action["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({ "uri": uri, "version": version }));
    let offset = |place: &Value| {
        let line = place["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let column = place["character"].as_u64().unwrap();
        let mut units = 0;
        let rest = text[start..].char_indices().find(|(_, c)| {
            let is_there = units >= column;
            units += c.len_utf16() as u64;
            is_there
        });
        rest.map_or(text.len(), |(at, _)| start + at)
    };
    let mut text = text.to_owned();
    let mut edits: Vec<(usize, usize, &str)> = change["edits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| (offset(&edit["range"]["start"]), offset(&edit["range"]["end"]), edit["newText"].as_str().unwrap()))
        .collect();
    edits.sort();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}

const SLIP: &str = "version: 1\nservice: s\npurposes:\n  p: {unsure: \"😀\", recipiens: [], setting: {default: on}}\n";

#[test]
fn a_fix_is_an_edit_of_the_version_that_it_was_made_for() {
    let folder = Folder::new(&[("purposes.yaml", SLIP)]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", SLIP);
    let list = client.diagnostics("purposes.yaml");
    let at = list.iter().find(|item| item["message"].as_str().unwrap().contains("recipiens")).unwrap();
    let document = json!({ "uri": client.uri("purposes.yaml") });
    let params = json!({ "textDocument": document, "range": at["range"], "context": { "diagnostics": [at] } });
    let found = client.request("textDocument/codeAction", params).unwrap();
    let is_meant = |action: &&Value| action["edit"]["documentChanges"][0]["edits"][0]["newText"] == "recipients";
    let fix = found.as_array().unwrap().iter().find(is_meant).unwrap_or_else(|| panic!("{found:#}"));
    assert_eq!((&fix["kind"], &fix["isPreferred"]), (&json!("quickfix"), &json!(true)));
    assert_eq!(fix["diagnostics"][0]["code"], "core/unknown-key");
    let uri = client.uri("purposes.yaml");
    assert_eq!(applied(fix, &uri, json!(1), SLIP), SLIP.replace("recipiens", "recipients"));
}

#[test]
fn a_comment_waits_for_its_reason() {
    let text = "version: 1\r\nservice: s\r\nregions: [FR]\r\npurposes:\r\n  p:\r\n    use: train_ai_system\r\n    setting: {default: on}\r\n";
    let folder = Folder::new(&[("purposes.yaml", text)]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", text);
    let rule = "fair-defaults/ai-training-on-by-default";
    let found = actions(&mut client, "purposes.yaml", rule);
    let uri = client.uri("purposes.yaml");
    let ignored = applied(titled(&found, "Ignore `"), &uri, json!(1), text);
    assert!(ignored.contains(&format!("    # purposelint: ignore[{rule}]: \r\n    setting:")), "{ignored}");
    client.replace("purposes.yaml", &ignored);
    let list = client.diagnostics("purposes.yaml");
    assert!(codes(&list).contains(&"core/malformed-ignore") && codes(&list).contains(&rule), "{:?}", codes(&list));
    client.replace("purposes.yaml", &ignored.replace("]: \r\n", "]: agreed\r\n"));
    let list = client.diagnostics("purposes.yaml");
    assert!(!codes(&list).contains(&"core/malformed-ignore") && !codes(&list).contains(&rule), "{:?}", codes(&list));
}

#[test]
fn a_comment_is_never_written_into_a_text_that_spans_lines() {
    let rule = "fair-defaults/ai-training-on-by-default";
    for label in ["\"Use my\n      data\"", "'Use my\n      data'", "Use my\n      data"] {
        let text = TRAINING.replace("default: on", &format!("label: {label}, default: on"));
        let folder = Folder::new(&[("purposes.yaml", &text)]);
        let mut client = Client::push(&folder);
        client.open("purposes.yaml", &text);
        let found = actions(&mut client, "purposes.yaml", rule);
        let ignored = applied(titled(&found, "Ignore `"), &client.uri("purposes.yaml"), json!(1), &text);
        let comment = format!("  # purposelint: ignore[{rule}]: ");
        assert_eq!(ignored, text.replace("  p:\n", &format!("{comment}\n  p:\n")), "{label}");
        client.replace("purposes.yaml", &ignored.replace(&comment, &format!("{comment}agreed")));
        let list = client.diagnostics("purposes.yaml");
        assert!(!codes(&list).contains(&rule) && !codes(&list).contains(&"core/malformed-ignore"), "{list:#?}");
        // here no line before the finding begins outside of a text
        let text = format!(
            "version: 1\nservice: s\nregions: [FR]\npurposes: {{o: {{use: essential.service, title: {label}}}, \
             p: {{use: train_ai_system, setting: {{default: on}}}}}}\n"
        );
        client.replace("purposes.yaml", &text);
        let found = actions(&mut client, "purposes.yaml", rule);
        assert!(found.iter().all(|action| !action["title"].as_str().unwrap().starts_with("Ignore")), "{found:#?}");
    }
}

#[test]
fn of_two_ties_on_one_line_neither_is_ignored_there() {
    let text = "version: 1\nservice: s\nplans: [free, paid]\npurposes:\n  p:\n    use: train_ai_system\n    setting: {default: off}\n    \
                overrides:\n      - {regions: [FR], lawful_basis: contract, carried_out: false}\n      \
                - {plans: [free], lawful_basis: consent, carried_out: true}\n";
    let folder = Folder::new(&[("purposes.yaml", text)]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", text);
    let rule = "core/ambiguous-override";
    let found = actions(&mut client, "purposes.yaml", rule);
    let ignored = applied(titled(&found, "Ignore `"), &client.uri("purposes.yaml"), json!(1), text);
    assert_eq!(ignored, text.replace("  p:\n", &format!("  # purposelint: ignore[{rule}]: \n  p:\n")));
}

#[test]
fn what_cannot_be_ignored_is_not_offered_to_be() {
    let text = "version: 1\nservice: s\npurposes:\n  p: {usee: x}\n";
    let folder = Folder::new(&[("purposes.yaml", text)]);
    let mut client = Client::push(&folder);
    let found = actions(&mut client, "purposes.yaml", "core/unknown-key");
    assert!(found.iter().all(|action| !action["title"].as_str().unwrap().starts_with("Ignore")), "{found:#?}");
}

const TRAINING: &str =
    "version: 1\nservice: s\nregions: [FR]\npurposes:\n  p:\n    use: train_ai_system\n    setting: {default: on}\n";

#[test]
fn what_repairs_several_findings_is_offered_once_and_repairs_come_first() {
    let text = include_str!("../../examples/linkedin-2024/purposes.yaml");
    let folder = Folder::new(&[("purposes.yaml", text)]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", text);
    let line = text.lines().position(|line| line.starts_with("    default: on ")).unwrap();
    let at = json!({ "line": line, "character": 14 });
    let params = json!({
        "textDocument": { "uri": client.uri("purposes.yaml") }, "range": { "start": at, "end": at },
        "context": { "diagnostics": [] }
    });
    let answer = client.request("textDocument/codeAction", params).unwrap();
    let actions = answer.as_array().unwrap();
    let titles: Vec<&str> = actions.iter().map(|action| action["title"].as_str().unwrap()).collect();
    let is_repair = |title: &&str| title.starts_with("set ") || title.starts_with("add ");
    let repairs = titles.iter().filter(|title| is_repair(title)).count();
    assert!(repairs > 1 && titles[..repairs].iter().all(is_repair), "{titles:#?}");
    for (at, action) in actions.iter().enumerate() {
        let same = |other: &Value| other["title"] == action["title"] && other["edit"] == action["edit"];
        assert!(!actions[at + 1..].iter().any(same), "twice: {}", titles[at]);
    }
    let fix = titled(actions, "set `default` to `off`");
    assert!(fix["diagnostics"].as_array().unwrap().len() > 1, "{fix:#}");
}

#[test]
fn a_waiver_goes_where_waivers_are() {
    let rule = "fair-defaults/ai-training-on-by-default";
    let old = "{rule: core/*, reason: r, owner: o, expires: 2027-01-01}";
    let new = "rule: fair-defaults/ai-training-on-by-default";
    for (config, expected) in [
        ("version: 1\n".to_owned(), format!("version: 1\nwaivers:\n  - {new}\n    services: [s]\n    purposes: [p]\n")),
        ("version: 1".to_owned(), format!("version: 1\nwaivers:\n  - {new}\n")),
        (
            format!("version: 1\nwaivers:\n- {old} # kept\n\nfail_on: error\n"),
            format!("version: 1\nwaivers:\n- {old} # kept\n- {new}\n  services: [s]\n"),
        ),
        (
            format!("version: 1\nwaivers:\n    - {old}"),
            format!("version: 1\nwaivers:\n    - {old}\n    - {new}\n      services: [s]\n"),
        ),
        ("version: 1\n...\n".to_owned(), format!("version: 1\nwaivers:\n  - {new}\n    services: [s]\n")),
        ("  version: 1\n".to_owned(), format!("  version: 1\n  waivers:\n    - {new}\n      services: [s]\n")),
        ("# nothing yet\n".to_owned(), format!("# nothing yet\nwaivers:\n  - {new}\n    services: [s]\n")),
    ] {
        let folder = Folder::new(&[("purposes.yaml", TRAINING), ("purposelint.yaml", &config)]);
        let mut client = Client::push(&folder);
        client.open("purposelint.yaml", &config);
        let found = actions(&mut client, "purposes.yaml", rule);
        let uri = client.uri("purposelint.yaml");
        let waived = applied(titled(&found, "Waive `"), &uri, json!(1), &config);
        assert!(waived.starts_with(&expected), "{waived}\n{expected}");
        let filled = waived
            .replace("reason:\n", "reason: agreed\n")
            .replace("owner:\n", "owner: me\n")
            .replace("expires:", "expires: 2027-01-01")
            .replace("2027-01-01 2027-01-01", "2027-01-01");
        client.replace("purposelint.yaml", &filled);
        let list = client.diagnostics("purposes.yaml");
        let waived = list.iter().find(|item| item["code"] == rule).unwrap();
        assert_eq!(waived["severity"], 3, "{waived}");
    }
}

#[test]
fn ids_are_written_into_a_waiver_so_that_they_stay_ids() {
    let rule = "fair-defaults/ai-training-on-by-default";
    let injected =
        "s]\\n    reason: agreed\\n    owner: o\\n    expires: 2027-01-01\\n  - rule: core/*\\n    services: [t";
    for (service, purpose, expected) in [
        ("null", "true", Some("    services: [\"null\"]\n    purposes: [\"true\"]\n")),
        ("on", "p", Some("    services: [on]\n    purposes: [p]\n")),
        (injected, "p", None),
        ("s", injected, None),
        ("*", "p", None),
        ("s", "p, q", None),
    ] {
        let text = TRAINING
            .replace("service: s", &format!("service: \"{}\"", service))
            .replace("  p:\n", &format!("  \"{purpose}\":\n"));
        let config = "version: 1\n";
        let folder = Folder::new(&[("purposes.yaml", &text), ("purposelint.yaml", config)]);
        let mut client = Client::push(&folder);
        client.open("purposelint.yaml", config);
        let found = actions(&mut client, "purposes.yaml", rule);
        let Some(expected) = expected else {
            let is_waiver = |action: &Value| action["title"].as_str().unwrap().starts_with("Waive");
            assert!(!found.iter().any(is_waiver), "{text}: {found:#?}");
            continue;
        };
        let uri = client.uri("purposelint.yaml");
        let waived = applied(titled(&found, "Waive `"), &uri, json!(1), config);
        assert!(waived.contains(expected), "{waived}");
    }
}

#[test]
fn a_waiver_is_not_offered_where_it_could_not_be_written() {
    for config in ["{version: 1}\n", "{}\n", "...\n", "version: 1\nwaivers: []\n"] {
        let folder = Folder::new(&[("purposes.yaml", TRAINING), ("purposelint.yaml", config)]);
        let mut client = Client::push(&folder);
        let found = actions(&mut client, "purposes.yaml", "fair-defaults/ai-training-on-by-default");
        let is_waiver = |action: &Value| action["title"].as_str().unwrap().starts_with("Waive");
        assert!(!found.iter().any(is_waiver), "{config}: {found:#?}");
    }
}

#[test]
fn a_config_is_made_where_the_editor_can() {
    let folder = Folder::new(&[("purposes.yaml", TRAINING)]);
    let rule = "fair-defaults/ai-training-on-by-default";
    let mut client = Client::push(&folder);
    let found = actions(&mut client, "purposes.yaml", rule);
    assert!(found.iter().all(|action| !action["title"].as_str().unwrap().starts_with("Waive")));
    let mut capabilities = pushed();
    capabilities["workspace"]["workspaceEdit"]["resourceOperations"] = json!(["create"]);
    let mut client = Client::start(&folder, capabilities, &[""]);
    let found = actions(&mut client, "purposes.yaml", rule);
    let changes = &titled(&found, "Waive `")["edit"]["documentChanges"];
    assert_eq!(changes[0]["kind"], "create");
    assert_eq!(changes[0]["uri"], client.uri("purposelint.yaml"));
}

#[test]
fn a_page_is_opened_by_the_client_and_only_ours() {
    let folder = Folder::new(&[("purposes.yaml", TRAINING)]);
    let mut capabilities = pushed();
    capabilities["window"] = json!({ "showDocument": { "support": true } });
    let mut client = Client::start(&folder, capabilities, &[""]);
    let found = actions(&mut client, "purposes.yaml", "fair-defaults/ai-training-on-by-default");
    let command = titled(&found, "Read about")["command"].clone();
    client.request("workspace/executeCommand", command).unwrap();
    client.settle();
    let shown = client.asked.iter().find(|asked| asked.method == "window/showDocument").unwrap();
    assert_eq!(shown.params["uri"], "https://purposelint.dev/rules/fair-defaults/ai-training-on-by-default");
    for (command, arguments) in [
        ("purposelint.openPage", json!(["file:///etc/passwd"])),
        ("purposelint.openPage", json!([])),
        ("purposelint.nonsense", json!([])),
    ] {
        let params = json!({ "command": command, "arguments": arguments });
        assert_eq!(client.request("workspace/executeCommand", params).unwrap_err()["code"], -32602);
    }
}
