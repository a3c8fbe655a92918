//! What is said of the place under the pointer.

use serde_json::{Value, json};

use super::client::{Client, Folder, pushed};

/// A text without the mark where the pointer is, and the place of the mark, in UTF-16.
pub(super) fn pointer(marked: &str) -> (String, Value) {
    let at = marked.find('¦').unwrap_or_else(|| panic!("no mark in {marked}"));
    let before = &marked[..at];
    let line = before.matches('\n').count();
    let character = before.rsplit('\n').next().unwrap().encode_utf16().count();
    (marked.replacen('¦', "", 1), json!({ "line": line, "character": character }))
}

fn capable() -> Value {
    let mut capabilities = pushed();
    capabilities["textDocument"]["hover"] = json!({ "contentFormat": ["markdown", "plaintext"] });
    capabilities
}

fn hover(client: &mut Client, path: &str, position: &Value) -> Option<Value> {
    let params = json!({ "textDocument": { "uri": client.uri(path) }, "position": position });
    Some(client.request("textDocument/hover", params).unwrap()).filter(|hover| !hover.is_null())
}

#[test]
fn dump() {
    let text = std::fs::read_to_string("examples/linkedin-2024/purposes.yaml").unwrap();
    let folder = Folder::new(&[
        ("purposes.yaml", &text),
        (
            "purposelint.yaml",
            "packs: [default]\nseverity:\n  fair-defaults/*: info\n  eu-gdpr/retention-open-ended: warning\nwaivers: []\nlocked: [uk/*]\n",
        ),
    ]);
    let mut client = Client::start(&folder, capable(), &[""]);
    client.settle();
    println!("{:?}", client.shown.iter().filter(|(k, _)| k.contains("purposelint.yaml")).collect::<Vec<_>>());
    for (path, at) in [
        ("purposes.yaml", "genai_training:"),
        ("purposes.yaml", "genai_improvement:"),
        ("purposes.yaml", "on          "),
        ("purposes.yaml", "WORLD"),
        ("purposes.yaml", "EEA, CH"),
        ("purposes.yaml", "train_ai_system.gen"),
        ("purposes.yaml", "user.content"),
        ("purposes.yaml", "microsoft\n"),
        ("purposes.yaml", "privacy_policy_2024_09]"),
        ("purposes.yaml", "effect:"),
        ("purposes.yaml", "customer"),
        ("purposelint.yaml", "fair-"),
        ("purposelint.yaml", "eu-gdpr/ret"),
        ("purposelint.yaml", "waivers"),
        ("purposelint.yaml", "default"),
        ("purposelint.yaml", "uk/"),
    ] {
        let text = std::fs::read_to_string(folder.path(path)).unwrap();
        let at_ = text.find(at).unwrap();
        let (_, position) = pointer(&format!("{}¦{}", &text[..at_], &text[at_..]));
        let start = std::time::Instant::now();
        let hover = hover(&mut client, path, &position);
        println!(
            "=== {at} {:?}\n{}",
            start.elapsed(),
            hover.map_or("NONE".to_owned(), |hover| hover["contents"]["value"].as_str().unwrap().to_owned())
        );
    }
}
