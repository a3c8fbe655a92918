//! Words that are not those of a declaration: what they are taken for, and that no edit is made of it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failing unwrap is a failing test")]

use purposelint::schema::{self, SchemaKind};
use purposelint::source::SourceMap;
use purposelint::syntax::{Limits, parse};

/// What is said of a value of a key of a setting, or of another place in a declaration; it is never an edit.
fn said_of(path: &str, word: &str) -> String {
    let yaml = format!("version: 1\nservice: a\n{}\n", path.replace('$', word));
    let mut sources = SourceMap::new();
    let file = sources.add("x.yaml", yaml);
    let (tree, _) = parse(&sources, file, &Limits::default());
    let root = tree.root(&tree.documents()[0]).unwrap();
    let found = schema::validate(SchemaKind::Declaration, root);
    let [diagnostic] = found.as_slice() else { panic!("{path} {word}: {found:#?}") };
    assert!(diagnostic.message.contains("is not a value of"), "{}", diagnostic.message);
    assert_eq!(diagnostic.fixes, [], "{path} {word}: no edit makes another fact of it");
    diagnostic.help.clone().unwrap()
}

#[test]
fn words_for_a_switch_are_taken_by_their_meaning() {
    let default = "settings: {s: {default: $}}";
    let off = "no No NO n N OFF Off opt_in opt-in optin disabled Disable deny denied none never";
    let on = "yes Yes YES y Y ON On opt_out opt-out optout enabled Enable always";
    for (words, meant) in [(off, "off"), (on, "on"), ("prompt Prompt ASK", "ask")] {
        for word in words.split(' ') {
            let help = said_of(default, word);
            assert_eq!(help, format!("did you mean `{meant}`? it is one of `on`, `off` and `ask`"), "{word}");
        }
    }
    for word in ["\"opt in\"", "\"False\"", "\"false\"", "\"\u{201c}off\u{201d}\""] {
        assert!(said_of(default, word).starts_with("did you mean `off`?"), "{word}");
    }
    assert!(said_of(default, "\"true\"").starts_with("did you mean `on`?"));
    // one letter is the whole difference between the words, so letters say nothing
    for word in ["of", "onn", "o", "oof", "in", "aks", "as", "ok", "noo", "opted_in", "maybe", "12"] {
        assert_eq!(said_of(default, word), "it is one of `on`, `off` and `ask`", "{word}");
    }
    for key in ["until_answer", "on_dismiss"] {
        let path = format!("settings: {{s: {{default: ask, {key}: $}}}}");
        assert_eq!(said_of(&path, "no"), "did you mean `off`? it is one of `on` and `off`");
        assert_eq!(said_of(&path, "opt_out"), "did you mean `on`? it is one of `on` and `off`");
        // a setting may ask; what holds until the answer may not
        assert_eq!(said_of(&path, "prompt"), "it is one of `on` and `off`");
    }
    let beyond = "settings: {s: {default: off, overrides: [{regions: [FR], default: $}]}}";
    assert!(said_of(beyond, "no").starts_with("did you mean `off`?"));
    let inline = "purposes: {x: {use: a, setting: {default: $}}}";
    assert!(said_of(inline, "no").starts_with("did you mean `off`?"));
}

#[test]
fn no_word_is_taken_for_its_opposite() {
    let org = |key: &str| format!("organisations: {{o: {{{key}: $}}}}");
    let purpose = |key: &str| format!("purposes: {{x: {{use: a, {key}}}}}");
    let notice = "notices: {n: {channel: $}}".to_owned();
    for (path, word, meant) in [
        (org("onward_training"), "disallowed", Some("prohibited")),
        (org("onward_training"), "not_allowed", Some("prohibited")),
        (org("onward_training"), "alowed", Some("allowed")),
        (org("role"), "co_controller", Some("joint_controller")),
        (org("role"), "sub-processor", Some("processor")),
        (org("role"), "publisher", None),
        (org("role"), "contoller", Some("controller")),
        (org("role"), "Joint Controller", Some("joint_controller")),
        (org("transfer_tool"), "inadequacy", None),
        (org("transfer_tool"), "bcc", None),
        (notice.clone(), "indirect", None),
        (notice, "active", None),
        (purpose("models: {hosted: $}"), "internal", Some("own")),
        (purpose("output: $"), "external", None),
        (purpose("existing_users: $"), "unasked", None),
        (purpose("existing_users: $"), "unenrolled", None),
        (purpose("signals: {robots: $}"), "dishonoured", Some("ignored")),
        (purpose("signals: {robots: $}"), "unhonoured", None),
        (purpose("signals: {robots: $}"), "honored", Some("honoured")),
        (purpose("necessity: $"), "optinal", Some("optional")),
        (purpose("safeguards: [{kind: a, status: $}]"), "unverified", Some("claimed")),
        (purpose("safeguards: [{kind: a, status: $}]"), "unimplemented", None),
        ("settings: {s: {default: off, opt_out: {trained_models: $}}}".to_owned(), "retained", Some("kept")),
        ("settings: {s: {default: off, opt_out: {trained_models: $}}}".to_owned(), "untrained", None),
        ("roles: [$]".to_owned(), "vlpo", None),
        ("roles: [$]".to_owned(), "gate-keeper", Some("gatekeeper")),
    ] {
        let help = said_of(&path, word);
        match meant {
            Some(meant) => assert!(help.starts_with(&format!("did you mean `{meant}`? ")), "{path} {word}: {help}"),
            None => assert!(help.starts_with("it is one of "), "{path} {word}: {help}"),
        }
    }
}

#[test]
fn an_empty_text_does_not_become_none() {
    let mut sources = SourceMap::new();
    let yaml = "version: 1\nservice: a\npurposes: {x: {use: a, recipients: \"\"}}\n";
    let file = sources.add("x.yaml", yaml.to_owned());
    let (tree, _) = parse(&sources, file, &Limits::default());
    let found = schema::validate(SchemaKind::Declaration, tree.root(&tree.documents()[0]).unwrap());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].message, "`recipients` must be a list, not text");
    assert_eq!(found[0].fixes, [], "`[]` would say that nobody gets the data");
}
