//! Declarations that git keeps and that are not checked out, as in a sparse checkout: nobody has taken them out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::workspace::{Workspace, slashed};
use crate::discover::{CONFIG, Files, Texts, is_sparse};
use crate::git::{Error, Repository};
use crate::lint::Skipped;

/// Their texts, as git's index has them, to be read with what is on the disk; and what of them cannot be read. A config comes along,
/// because it makes a workspace of its own of a folder. `None` where all is checked out.
pub fn not_checked_out(
    workspace: &Workspace,
    repository: &Arc<Repository>,
) -> Result<Option<(Texts, Vec<Skipped>)>, Error> {
    let globs = workspace.globs.clone();
    let is_read = |path: &PathBuf| globs.is_declaration(path) || path.file_name().is_some_and(|name| name == CONFIG);
    let spared = Repository::not_checked_out(&workspace.root)?.into_iter().filter(is_read);
    let paths = spared.map(|path| workspace.root.join(path));
    // one that is there all the same is what somebody works on
    let paths: Vec<PathBuf> = paths.filter(|path| fs::symlink_metadata(path).is_err()).collect();
    if paths.is_empty() {
        return Ok(None);
    }
    let named: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let make = |bytes: Vec<u8>| -> Arc<str> { String::from_utf8_lossy(&bytes).into() };
    let read = Files::Git(repository.index()?).read_all(&named, workspace.config.limits.file_size, &make)?;
    let (mut texts, mut lost) = (BTreeMap::new(), Vec::new());
    for (path, read) in paths.into_iter().zip(read) {
        match read {
            Ok(text) => drop(texts.insert(path, text)),
            Err(error) => {
                let what = slashed(path.strip_prefix(&workspace.root).unwrap_or(&path));
                lost.push(Skipped { what, reason: format!("is not checked out, and {error}") });
            }
        }
    }
    Ok(Some((Texts::new(texts), lost)))
}

/// Whether git keeps a file or folder that is not on the disk because it is not checked out.
pub(super) fn is_spared(path: &Path) -> bool {
    let Some(folder) = path.ancestors().skip(1).find(|folder| folder.is_dir()) else { return false };
    let Ok(inside) = path.strip_prefix(folder) else { return false };
    // git need not be asked where all is checked out
    is_sparse(folder)
        && Repository::not_checked_out(folder).is_ok_and(|spared| spared.iter().any(|path| path.starts_with(inside)))
}
