//! Reading the product files that settings name. They stand in the workspace, and links that leave it are not followed.

use std::path::{Component, Path};

use super::workspace::Workspace;
use crate::discover::ReadError;
use crate::product;

/// Reads every product file that a declaration names, from where the declarations come. What cannot be read is no failure: it
/// leaves a question open, and the report says so.
pub(super) fn read(workspace: &mut Workspace) {
    let limits = workspace.config.limits;
    for path in product::named(&workspace.sources, &workspace.files, &limits) {
        let source = content(workspace, &path).map(|bytes| workspace.sources.add_bytes(&*path, bytes));
        workspace.products.insert(path, source);
    }
}

fn content(workspace: &Workspace, path: &str) -> Result<Vec<u8>, String> {
    let inside = Path::new(path);
    if !inside.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err("is no path from the root of the workspace".to_owned());
    }
    let known = ["json", "yaml", "yml"];
    let ending = inside.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    if !ending.is_some_and(|ending| known.contains(&&*ending)) {
        return Err("is neither JSON nor YAML by its name".to_owned());
    }
    let file = workspace.root.join(inside);
    match workspace.from.real(&file) {
        Ok(real) if !real.starts_with(&workspace.root) => {
            return Err("is a link that leads out of the workspace, which is not followed".to_owned());
        }
        Err(ReadError::Missing) => return Err("does not exist".to_owned()),
        Err(error) => return Err(error.to_string()),
        Ok(_) => {}
    }
    workspace.from.read(&file, workspace.config.limits.file_size).map_err(|error| match error {
        ReadError::Missing => "does not exist".to_owned(),
        error => error.to_string(),
    })
}
