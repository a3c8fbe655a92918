//! How the program reaches people: a git hook that blocks, and packages that agree on what they are.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "in a test, what cannot be is a failing test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use purposelint::discover::{CONFIG as CONFIG_NAME, DEFAULT_INCLUDE};
use serde_json::Value;

const CLEAN: &str = include_str!("ecosystem/declaration/purposes.yaml");
const CONFIG: &str = include_str!("ecosystem/declaration/purposelint.yaml");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("{path} is missing"))
}

/// A repository with one commit and a plain hook, without the settings of whoever runs the test.
struct Repository(tempfile::TempDir);

impl Repository {
    fn with_hook() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "--quiet"]);
        repository.write("purposes.yaml", CLEAN);
        repository.write("purposelint.yaml", CONFIG);
        repository.git(&["add", "."]);
        repository.git(&["commit", "--quiet", "--message", "declare"]);
        let program = env!("CARGO_BIN_EXE_purposelint").replace('\\', "/");
        let hook = repository.0.path().join(".git/hooks/pre-commit");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, format!("#!/bin/sh\nexec '{program}' check --as-of 2026-11-21\n")).unwrap();
        executable(&hook);
        repository
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn output(&self, args: &[&str]) -> Output {
        let mut command = Command::new("git");
        command.current_dir(self.0.path()).args(args);
        for variable in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
            command.env_remove(variable);
        }
        command.env("GIT_CONFIG_GLOBAL", self.0.path().join("none")).env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "tester").env(format!("GIT_{who}_EMAIL"), "tester@example.com");
        }
        command.output().unwrap()
    }

    fn git(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert!(output.status.success(), "{args:?}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[cfg(unix)]
fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn executable(_: &Path) {}

#[test]
fn a_commit_that_turns_training_on_for_the_eu_is_blocked_and_says_why() {
    let repository = Repository::with_hook();
    let before = repository.git(&["rev-parse", "HEAD"]);
    let spoilt =
        CLEAN.replace("    default: off\n", "    default: off\n    overrides:\n      - {regions: [EU], default: on}\n");
    assert_ne!(spoilt, CLEAN);
    repository.write("purposes.yaml", &spoilt);
    let blocked = repository.output(&["commit", "--all", "--message", "train"]);
    let said = String::from_utf8_lossy(&blocked.stderr);
    assert_eq!(blocked.status.code(), Some(1), "{said}");
    assert_eq!(repository.git(&["rev-parse", "HEAD"]), before);
    for part in [
        "fair-defaults/ai-training-on-by-default (error)",
        "`Train models on notes` is on by default in EU\n",
        "[purposes.yaml:17:34]",
        "- {regions: [EU], default: on}",
        "help: set the default to `off` or `ask`, in the product first",
        "GDPR Art. 25(2)",
    ] {
        assert!(said.contains(part), "no `{part}` in\n{said}");
    }

    repository.write("purposes.yaml", &format!("{CLEAN}# looked at\n"));
    repository.git(&["commit", "--quiet", "--all", "--message", "look"]);
    assert_ne!(repository.git(&["rev-parse", "HEAD"]), before);
}

#[test]
fn the_version_is_the_same_everywhere() {
    let version = env!("CARGO_PKG_VERSION");
    let pin = format!("dependencies = [\"purposelint=={version}\"]");
    assert!(read("packaging/pre-commit/pyproject.toml").contains(&pin), "{pin}");
    let page = read("docs/ci.md");
    let named: Vec<&str> = page.split("purposelint==").skip(1).collect();
    assert!(named.len() > 3 && named.iter().all(|rest| rest.starts_with(version)), "{named:?}");
    assert!(page.contains(&format!("rev: v{version}\n")));
    let lock = json("editors/vscode/package-lock.json");
    let extension = json("editors/vscode/package.json");
    for own in [extension.pointer("/version"), lock.pointer("/version"), lock.pointer("/packages//version")] {
        assert_eq!(own.unwrap(), version);
    }
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

#[test]
fn the_extension_wakes_up_for_what_the_program_reads() {
    let extension = json("editors/vscode/package.json");
    let events: BTreeSet<&str> = extension
        .pointer("/activationEvents")
        .unwrap()
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    let config = format!("**/{CONFIG_NAME}");
    let names: Vec<&str> = DEFAULT_INCLUDE.into_iter().chain([config.as_str()]).collect();
    let mut expected: BTreeSet<String> = names.iter().map(|glob| format!("workspaceContains:{glob}")).collect();
    expected.insert("onLanguage:yaml".to_owned());
    assert_eq!(events, expected.iter().map(String::as_str).collect());
    let source = read("editors/vscode/src/extension.ts");
    let ours = source.split("const OURS = \"**/{").nth(1).and_then(|rest| rest.split("}\"").next()).unwrap();
    let ours: BTreeSet<&str> = ours.split(',').collect();
    assert_eq!(ours, names.iter().map(|glob| glob.trim_start_matches("**/")).collect());
}

#[test]
fn the_settings_of_the_extension_are_on_its_page_and_those_of_the_server_in_the_manual() {
    let extension = json("editors/vscode/package.json");
    let settings = extension.pointer("/contributes/configuration/properties").unwrap().as_object().unwrap();
    let (page, manual) = (read("editors/vscode/README.md"), read("docs/editors.md"));
    for (name, setting) in settings {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
        let own = name.strip_prefix("purposelint.").unwrap();
        let is_of_client = ["path", "trace.server"].contains(&own);
        assert_eq!(manual.contains(&format!("| `{own}` |")), !is_of_client, "{name}");
        assert!(setting.get("default").is_some(), "{name}");
    }
    let restricted = extension.pointer("/capabilities/untrustedWorkspaces/restrictedConfigurations").unwrap();
    assert_eq!(*restricted, serde_json::json!(["purposelint.path"]));
}

#[test]
fn no_lock_file_of_the_extension_names_a_host_to_download_from() {
    assert!(!read("editors/vscode/package-lock.json").contains("\"resolved\""));
}

/// The hooks of a manifest, by id.
fn hooks(path: &str) -> Vec<(String, Value)> {
    let hooks: Vec<Value> = serde_yaml::from_str(&read(path)).unwrap();
    hooks.into_iter().map(|hook| (hook.pointer("/id").unwrap().as_str().unwrap().to_owned(), hook)).collect()
}

#[test]
fn the_hooks_of_the_mirror_are_those_of_the_repository() {
    let own = hooks(".pre-commit-hooks.yaml");
    let ids: Vec<&str> = own.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(
        ids,
        ["purposelint", "purposelint-src", "purposelint-system", "purposelint-project", "purposelint-diff"]
    );
    let mirror = hooks("packaging/pre-commit/.pre-commit-hooks.yaml");
    assert_eq!(mirror.len(), 3);
    for hook in mirror {
        assert!(own.contains(&hook), "{hook:?}");
    }
    // the page says what each does
    let page = read("docs/ci.md");
    for id in ids {
        assert!(page.contains(&format!("| `{id}` |")), "{id}");
    }
}

#[test]
fn the_action_takes_inputs_as_data() {
    let action: Value = serde_yaml::from_str(&read("action.yml")).unwrap();
    let steps = action.pointer("/runs/steps").unwrap().as_array().unwrap();
    for step in steps {
        // an expression there would be pasted into a script
        assert!(!step.pointer("/run").unwrap().as_str().unwrap().contains("${{"), "{step}");
    }
    let script = steps.iter().find_map(|step| step.pointer("/run")?.as_str()).unwrap();
    let path: PathBuf =
        script.split('"').nth(1).unwrap().replace("$GITHUB_ACTION_PATH", &root().to_string_lossy()).into();
    let text = fs::read_to_string(path).unwrap();
    for name in action.pointer("/inputs").unwrap().as_object().unwrap().keys() {
        let variable = format!("INPUT_{}", name.to_uppercase().replace('-', "_"));
        assert!(text.contains(&format!("${variable}")) || text.contains(&format!("${{{variable}")), "{variable}");
    }
}
