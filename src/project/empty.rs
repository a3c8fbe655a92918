//! Folders in which nothing is declared, and why.

use std::path::{Component, Path, PathBuf};

use super::found::Found;
use crate::discover::{self, CONFIG, Files, Globs, IGNORED};
use crate::suggest;

/// Workspaces of their own that are named; a repository may have hundreds.
const MOST_NAMED: usize = 4;

/// A named folder that holds no declaration of this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Empty {
    /// As it was named.
    pub shown: String,
    /// Why, with the way out, where there is more to say than that there is none.
    pub why: Option<(String, String)>,
}

impl Empty {
    /// Looks at why there is nothing. `inside` is the path of the folder from the root.
    pub(super) fn of(
        (shown, inside): (&str, &Path),
        (root, globs, from): (&Path, &Globs, &Files),
        found: &Found,
    ) -> Self {
        // people name a folder from where they are, and what is in it counts from there
        let named = |path: &Path| {
            let rest = path.strip_prefix(inside).unwrap_or(path);
            let whole = Path::new(shown).join(rest);
            let parts = whole.components().filter(|part| *part != Component::CurDir);
            parts.collect::<PathBuf>().display().to_string()
        };
        let below = found.left.iter().map(|left| left.path.as_path()).filter(|path| path.starts_with(inside));
        let own: Vec<String> = below.filter(|path| from.has_file(&root.join(path).join(CONFIG))).map(named).collect();
        let why = match own.first() {
            Some(first) => Some((workspaces(&own), format!("run `purposelint check {first}`"))),
            None => ignored(root, inside, globs, from).map(|path| {
                let path = named(&path);
                let help = format!("name the file itself, as `purposelint check {path}` does, or take it out there");
                (format!("`{path}` is {IGNORED}"), help)
            }),
        };
        Self { shown: shown.to_owned(), why }
    }
}

/// `` `svc/a` and `svc/b` are workspaces of their own ``
fn workspaces(own: &[String]) -> String {
    let mut names: Vec<String> = own.iter().take(MOST_NAMED).map(|path| format!("`{path}`")).collect();
    if own.len() > MOST_NAMED {
        names.push(format!("{} more", own.len() - MOST_NAMED));
    }
    let are = if own.len() == 1 { "is a workspace of its own" } else { "are workspaces of their own" };
    format!("{} {are}", suggest::join(&names))
}

/// A declaration in a folder without any, which an ignore file names; git keeps what it keeps, whatever these say.
pub(super) fn ignored(root: &Path, inside: &Path, globs: &Globs, from: &Files) -> Option<PathBuf> {
    match from {
        Files::Git(_) => None,
        Files::Disk | Files::Edited(_) => discover::first_ignored(root, inside, globs),
    }
}
