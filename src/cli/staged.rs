//! `check --staged`: the workspace as a commit would hold it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::{self, Failure};
use super::workspace::{Input, Workspace};
use super::{Context, output};
use crate::discover::{self, Files};
use crate::git::Repository;
use crate::lint::Report;

/// The index of the repository that the command line is about.
pub(super) fn files(input: &Input, context: &Context<'_, '_>) -> Result<Files, Failure> {
    if input.paths.iter().any(|path| path.as_os_str() == "-") {
        let message = "`--staged` reads git's index, and `-` standard input".to_owned();
        return Err(Failure::Unanswered { message, help: "leave one of them out".to_owned() });
    }
    let current = context.env.current_dir.as_deref().ok_or(Failure::NoCurrentDir)?;
    let named = input.paths.first().map(|path| nearest_folder(&current.join(path)));
    let opened = Repository::open(named.as_deref().unwrap_or(current));
    let repository = Arc::new(opened.map_err(|error| failure::or_without("--staged", error))?);
    Ok(Files::Git(repository.index()?))
}

/// The first folder upwards that is there: what is in the index may be gone from the disk.
fn nearest_folder(path: &Path) -> PathBuf {
    path.ancestors().find(|path| path.is_dir()).unwrap_or(path).to_owned()
}

/// Says which of the files with findings look different on the disk: who repairs one there and forgets to stage it would look for
/// the mistake in the wrong place.
pub(super) fn tell_unstaged(report: &Report, workspace: &Workspace, context: &mut Context<'_, '_>) {
    if context.global.quiet {
        return;
    }
    let open = report.found().filter(|finding| finding.is_open());
    let flagged: BTreeSet<_> = open.map(|finding| finding.primary.span.file).collect();
    let color = output::stderr_options(context).color;
    for file in workspace.files.iter().filter(|file| flagged.contains(file)) {
        let Some(source) = workspace.sources.get(*file) else { continue };
        let on_disk = discover::read(&workspace.root.join(source.path()), workspace.config.limits.file_size);
        // git may have turned the line breaks of one into those of the other
        let lines = |text: &[u8]| text.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<u8>>();
        if on_disk.is_ok_and(|bytes| lines(&bytes) != lines(source.text().as_bytes())) {
            let message = format!("{} is not the same on the disk: what is staged was judged", source.path());
            output::complain(context.streams.stderr, "note", &message, Some("`git add` it to have it judged"), color);
        }
    }
}
