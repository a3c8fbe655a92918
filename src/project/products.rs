//! Reading the product files that settings name, from where the declarations come.

use std::collections::BTreeSet;

use super::kept::told;
use super::workspace::Workspace;
use crate::parallel;
use crate::source::FileId;
use crate::{discover, product};

/// Reads every product file that a declaration names. What cannot be read is no failure: it leaves a question open, and the report
/// says so.
pub(super) fn read(workspace: &mut Workspace) {
    let limits = workspace.config.limits;
    let named =
        |file: &FileId| told(workspace, "products", *file, || product::named(&workspace.sources, *file, &limits));
    let paths: BTreeSet<String> = parallel::map(&workspace.files, named).into_iter().flatten().collect();
    for path in paths {
        let bytes = product::is_read(&path)
            .and_then(|()| discover::read_inside(&workspace.from, &workspace.root, &path, limits.file_size));
        let source = bytes.map(|bytes| workspace.sources.add_bytes(&*path, bytes));
        workspace.products.insert(path, source);
    }
}
