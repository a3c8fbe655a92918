//! Which files a client is asked to watch.

use gen_lsp_types::{
    DidChangeConfigurationNotification, DidChangeWatchedFilesNotification, DidChangeWatchedFilesRegistrationOptions,
    FileSystemWatcher, GlobPattern, Notification, Registration,
};

use super::capabilities::Client;
use crate::discover::BASELINE;

/// What is registered with a client once it is ready.
pub(super) fn registrations(client: &Client) -> Vec<Registration> {
    let mut out = Vec::new();
    if client.watches {
        let baseline = format!("**/{BASELINE}");
        // declarations, configs, packs, lexicons, tables, product files: which of them counts is for the config to say
        let globs = ["**/*.yaml", "**/*.yml", "**/*.json", &baseline, "**/.gitignore"];
        let watchers = globs
            .iter()
            .map(|glob| FileSystemWatcher { glob_pattern: GlobPattern::Pattern((*glob).to_owned()), kind: None });
        let options = DidChangeWatchedFilesRegistrationOptions { watchers: watchers.collect() };
        out.push(Registration {
            id: "watched-files".to_owned(),
            method: DidChangeWatchedFilesNotification::METHOD.as_str().to_owned(),
            register_options: serde_json::to_value(options).ok(),
        });
    }
    if client.registers_configuration {
        out.push(Registration {
            id: "configuration".to_owned(),
            method: DidChangeConfigurationNotification::METHOD.as_str().to_owned(),
            register_options: Some(serde_json::json!({ "section": "purposelint" })),
        });
    }
    out
}
