//! Paths that lead nowhere, and what may have been meant.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::failure::Failure;
use super::sparse;
use super::workspace::settle;
use crate::discover::{Files, ReadError};
use crate::git::Repository;
use crate::suggest;

/// A path that is not where it is looked for, and why that may be.
pub(super) fn path(path: &Path, current: &Path, files: &Files, commands: &[String]) -> Failure {
    let shown = path.display().to_string();
    let whole = current.join(path);
    if matches!(files, Files::Git(_)) && whole.exists() {
        let help = if whole.is_dir() {
            "nothing in this folder is known to git; `git add` what belongs to the commit".to_owned()
        } else {
            format!("`git add {shown}` puts it there")
        };
        return Failure::NotInIndex { path: shown, help };
    }
    if let Some(failure) = link_to_nothing(path, &whole) {
        return failure;
    }
    if let Some(failure) = spared(path, &whole) {
        return failure;
    }
    let help = match whole.parent().and_then(|parent| Repository::open(parent).ok()) {
        Some(repository) if settle(&whole, &Files::Disk).is_ok_and(|path| repository.remembers(&path)) => {
            "it was deleted; leave deleted files out, as `git diff --name-only --diff-filter=d` does".to_owned()
        }
        _ => help_for_missing(path, current, commands),
    };
    Failure::Missing { path: shown, help }
}

/// A config that was named and cannot be read.
pub(super) fn config(path: &Path, current: &Path, files: &Files, error: ReadError) -> Failure {
    let shown = path.display().to_string();
    match error {
        ReadError::Missing if matches!(files, Files::Git(_)) && current.join(path).exists() => {
            self::path(path, current, files, &[])
        }
        ReadError::Missing => missing(path, current),
        error => Failure::Read { path: shown, error },
    }
}

/// A folder or file that was named and is not on the disk.
pub fn missing(path: &Path, current: &Path) -> Failure {
    let whole = current.join(path);
    link_to_nothing(path, &whole)
        .or_else(|| spared(path, &whole))
        .unwrap_or_else(|| Failure::Missing { path: path.display().to_string(), help: help_for_place(path, current) })
}

/// Nobody has deleted what is only not checked out.
fn spared(path: &Path, whole: &Path) -> Option<Failure> {
    let message = || format!("`{}` is not checked out", path.display());
    let help = "`git sparse-checkout add` with its folder checks it out; `purposelint check --staged` reads it from git's index";
    sparse::is_spared(whole).then(|| Failure::Unanswered { message: message(), help: help.to_owned() })
}

/// A link is there, and what it leads to is not: to call it missing would send people looking for what they see.
fn link_to_nothing(path: &Path, whole: &Path) -> Option<Failure> {
    let target = fs::read_link(whole).ok().filter(|_| !whole.exists())?;
    let message = format!("`{}` is a link to `{}`, which does not exist", path.display(), target.display());
    Some(Failure::Unanswered { message, help: "repair the link, or name the file itself".to_owned() })
}

fn help_for_missing(path: &Path, current: &Path, commands: &[String]) -> String {
    let text = path.to_string_lossy();
    let is_word = path.components().count() == 1 && !text.contains('.');
    if commands.iter().any(|known| *known == *text) {
        return format!("a command stands first: `purposelint {text} …`");
    }
    if is_word && let Some(near) = suggest::nearest(&text, commands.iter().map(String::as_str)) {
        return format!("did you mean the command `{near}`?");
    }
    help_for_place(path, current)
}

/// What stands there that could be meant, or where paths count from.
fn help_for_place(path: &Path, current: &Path) -> String {
    let whole = current.join(path);
    let siblings = whole.parent().and_then(|parent| fs::read_dir(parent).ok()).into_iter().flatten().flatten();
    let names: BTreeSet<String> = siblings.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let wrong = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match suggest::nearest(&wrong, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{}`?", path.with_file_name(near).display()),
        None => format!("paths count from `{}`", current.display()),
    }
}
