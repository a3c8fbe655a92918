//! Which files a client is asked to watch.

use std::collections::BTreeSet;

use gen_lsp_types::{
    DidChangeConfigurationNotification, DidChangeWatchedFilesNotification, DidChangeWatchedFilesRegistrationOptions,
    FileSystemWatcher, GlobPattern, Notification, Registration, RegistrationParams, RegistrationRequest,
    Unregistration, UnregistrationParams, UnregistrationRequest, WatchKind,
};

use super::capabilities::Client;
use super::held::Held;
use super::server::Server;
use crate::discover::BASELINE;

/// Files with these endings are watched everywhere.
const ENDINGS: [&str; 3] = [".yaml", ".yml", ".json"];

/// The registration of what configs and declarations name.
const NAMED: &str = "named-files";

/// What is registered with a client once it is ready.
pub(super) fn registrations(client: &Client) -> Vec<Registration> {
    let mut out = Vec::new();
    if client.watches {
        let baseline = format!("**/{BASELINE}");
        // declarations, configs, packs, lexicons, tables, product files: which of them counts is for the config to say
        let endings = ENDINGS.map(|ending| format!("**/*{ending}"));
        let mut watchers: Vec<_> =
            endings.into_iter().chain([baseline, "**/.gitignore".to_owned()]).map(|glob| watcher(glob, None)).collect();
        // of a folder that is gone no more is said than that, and only to those who watch everything
        watchers.push(watcher("**".to_owned(), Some(WatchKind::Delete)));
        out.push(registration("watched-files", watchers));
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

fn watcher(glob: String, kind: Option<WatchKind>) -> FileSystemWatcher {
    FileSystemWatcher { glob_pattern: GlobPattern::Pattern(glob), kind }
}

fn registration(id: &str, watchers: Vec<FileSystemWatcher>) -> Registration {
    let options = DidChangeWatchedFilesRegistrationOptions { watchers };
    Registration {
        id: id.to_owned(),
        method: DidChangeWatchedFilesNotification::METHOD.as_str().to_owned(),
        register_options: serde_json::to_value(options).ok(),
    }
}

/// What is to be watched beside all that has one of the usual endings.
fn named(server: &Server) -> BTreeSet<String> {
    let sound = server.workspaces.iter().filter_map(|(_, held)| Held::last(held));
    let others =
        sound.flat_map(|sound| sound.named()).filter(|glob| !ENDINGS.iter().any(|ending| glob.ends_with(ending)));
    // clients count from their folders, of which the root need not be one
    let anywhere = |glob: String| {
        let path = glob.trim_start_matches("./").trim_start_matches("../").trim_start_matches('/');
        if path.starts_with("**") { path.to_owned() } else { format!("**/{path}") }
    };
    others.map(anywhere).collect()
}

impl Server {
    /// Has a client watch what configs and declarations name, where that has changed.
    pub(super) fn watch(&mut self) {
        let Some(before) = self.watched.take() else { return };
        let now = named(self);
        if self.client.watches && now != before {
            let method = DidChangeWatchedFilesNotification::METHOD.as_str().to_owned();
            if !before.is_empty() {
                let gone = Unregistration { id: NAMED.to_owned(), method };
                self.ask::<UnregistrationRequest>(UnregistrationParams { unregisterations: vec![gone] });
            }
            if !now.is_empty() {
                let watchers = now.iter().map(|glob| watcher(glob.clone(), None)).collect();
                let registrations = vec![registration(NAMED, watchers)];
                self.ask::<RegistrationRequest>(RegistrationParams { registrations });
            }
        }
        self.watched = Some(now);
    }
}
