//! Buffers and files that are none of a workspace: an ignore file names them, or they are another's.

use std::fs;
use std::process::Command;

use serde_json::json;

use super::client::{Client, Folder, codes, pushed};

const CONFIG: (&str, &str) = ("purposelint.yaml", "packs: [core, fair-defaults]\n");
const DECLARED: &str = "version: 1\nservice: s\npurposes:\n  q: {use: train_ai_system, setting: {default: on}}\n";

fn git(folder: &Folder, args: &[&str]) {
    let done = Command::new("git").current_dir(folder.path("")).args(args).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

#[test]
fn what_git_ignores_is_no_declaration_whatever_happens_to_it() {
    let folder = Folder::new(&[
        CONFIG,
        (".gitignore", "out/\n!kept/\n"),
        ("deep/.gitignore", "*\n!.gitignore\n"),
        ("purposes.yaml", DECLARED),
        ("out/purposes.yaml", DECLARED),
    ]);
    git(&folder, &["init", "-q"]);
    let mut client = Client::push(&folder);
    let before = client.diagnostics("purposes.yaml");
    assert!(!codes(&before).contains(&"core/duplicate-id") && before.len() > 1, "{before:#?}");
    let is_unread = |client: &mut Client, path: &str, when: &str| {
        assert!(client.diagnostics(path).is_empty(), "{path} {when}");
        assert_eq!(client.diagnostics("purposes.yaml"), before, "{path} {when}");
    };
    let ignored = "out/purposes.yaml";
    client.open(ignored, DECLARED);
    is_unread(&mut client, ignored, "opened");
    fs::remove_dir_all(folder.path("out")).unwrap();
    client.changed_on_disk(ignored);
    is_unread(&mut client, ignored, "deleted");
    folder.write(ignored, DECLARED);
    client.changed_on_disk(ignored);
    is_unread(&mut client, ignored, "written again");
    client.notify("textDocument/didSave", json!({ "textDocument": { "uri": client.uri(ignored) } }));
    is_unread(&mut client, ignored, "saved");
    client.close(ignored);
    is_unread(&mut client, ignored, "closed");
    for new in ["out/kept/new.purposes.yaml", "deep/purposes.yaml", "deep/er/purposes.yaml"] {
        client.open(new, DECLARED);
        is_unread(&mut client, new, "never written");
        client.close(new);
    }
}

#[test]
fn what_git_keeps_is_read_from_its_buffer_although_it_is_ignored() {
    let path = "out/purposes.yaml";
    let folder = Folder::new(&[CONFIG, (".gitignore", "out/\n"), (path, DECLARED)]);
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "-f", path]);
    let mut client = Client::push(&folder);
    let before = client.diagnostics(path);
    assert!(!before.is_empty());
    client.open(path, DECLARED);
    fs::remove_dir_all(folder.path("out")).unwrap();
    client.changed_on_disk(path);
    assert_eq!(client.diagnostics(path), before);
    client.close(path);
    assert!(client.diagnostics(path).is_empty());
}

#[cfg(unix)]
#[test]
fn a_buffer_that_becomes_a_link_to_a_declaration_declares_nothing_twice() {
    let folder = Folder::new(&[CONFIG, ("purposes.yaml", DECLARED)]);
    let mut client = Client::push(&folder);
    let before = client.diagnostics("purposes.yaml");
    client.open("new.purposes.yaml", DECLARED);
    assert!(codes(&client.diagnostics("purposes.yaml")).contains(&"core/duplicate-id"));
    std::os::unix::fs::symlink(folder.path("purposes.yaml"), folder.path("new.purposes.yaml")).unwrap();
    client.changed_on_disk("new.purposes.yaml");
    client.close("new.purposes.yaml");
    assert_eq!(client.diagnostics("purposes.yaml"), before);
}

#[test]
fn an_ignore_file_above_the_workspace_has_its_say_at_once() {
    let config = ("team/purposelint.yaml", CONFIG.1);
    let folder = Folder::new(&[config, ("team/gen/purposes.yaml", DECLARED)]);
    git(&folder, &["init", "-q"]);
    let mut client = Client::start(&folder, pushed(), &["team"]);
    assert!(!client.diagnostics("team/gen/purposes.yaml").is_empty());
    folder.write(".gitignore", "gen/\n");
    client.changed_on_disk(".gitignore");
    assert!(client.diagnostics("team/gen/purposes.yaml").is_empty());
    fs::remove_file(folder.path(".gitignore")).unwrap();
    client.changed_on_disk(".gitignore");
    assert!(!client.diagnostics("team/gen/purposes.yaml").is_empty());
}

#[test]
fn a_config_that_was_never_written_takes_what_is_below_it_from_the_workspace_around() {
    let folder = Folder::new(&[CONFIG, ("sub/purposes.yaml", DECLARED)]);
    let mut client = Client::push(&folder);
    let before = client.diagnostics("sub/purposes.yaml");
    client.open("sub/purposelint.yaml", CONFIG.1);
    assert_eq!(client.diagnostics("sub/purposes.yaml"), before);
    client.close("sub/purposelint.yaml");
    assert_eq!(client.diagnostics("sub/purposes.yaml"), before);
}
