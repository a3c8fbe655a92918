//! The two states that are compared: each the working tree, the index, a revision, a folder, or an archive.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Context;
use super::failure::Failure;
use super::workspace::{self, Input, Reading, Workspace};
use crate::discover::{Files, Texts};
use crate::git::{self, Repository, Revision};
use crate::lint::Compared;
use crate::project::{self, Archive};
use crate::source::SourceMap;

/// What stands for the state that was not committed.
pub(super) const WORKING_TREE: &str = "working-tree";
/// What stands for what is staged.
pub(super) const INDEX: &str = "index";

/// How the states are named.
pub(super) struct Named<'a> {
    /// The one before; `None` for what there is before the first commit.
    pub(super) base: Option<&'a str>,
    /// The one after.
    pub(super) against: &'a str,
    /// Whether the one before is meant, and not where both parted.
    pub(super) exact: bool,
    /// Which config and packs hold on both sides.
    pub(super) input: Input,
}

/// Both states, read.
pub(super) struct Sides {
    /// The one after.
    pub(super) workspace: Workspace,
    /// The one before.
    pub(super) earlier: Workspace,
    /// What the one before is called.
    pub(super) compared: Compared,
    /// What was unpacked, for as long as it may be read.
    pub(super) unpacked: Vec<Archive>,
}

/// Where a state is read from.
enum Place {
    Git(Files, Revision),
    Folder(PathBuf),
}

/// Reads both states.
pub(super) fn read(named: &Named<'_>, context: &mut Context<'_, '_>) -> Result<Sides, Failure> {
    let current = context.env.current_dir.clone().ok_or(Failure::NoCurrentDir)?;
    let mut reader = Reader { current: &current, repository: None, unpacked: Vec::new() };
    let mut workspace = match named.against {
        WORKING_TREE => reader.working_tree(&named.input, context)?,
        INDEX => {
            let index = Files::Git(reader.repository()?.index()?);
            workspace::read_from(&named.input, Reading { files: index, ..Reading::default() }, context)?
        }
        name => match reader.place(name, "", &|repository| repository.resolve(name))? {
            Place::Git(files, _) => {
                workspace::read_from(&named.input, Reading { files, ..Reading::default() }, context)?
            }
            Place::Folder(folder) => reader.read(&folder, Files::Disk, &named.input)?,
        },
    };
    let prefix = workspace.repository_prefix();
    let place = match named.base {
        Some(name) => reader.place(name, &prefix, &|repository| base(repository, (name, named)))?,
        None => {
            let revision = Revision { id: String::new(), name: "HEAD (no commit yet)".to_owned() };
            Place::Git(Files::Git(reader.repository()?.nothing()), revision)
        }
    };
    if named.against == WORKING_TREE && matches!(place, Place::Git(..)) {
        workspace = without_submodules(workspace, &named.input, context)?;
    }
    let (root, files, revision) = match place {
        Place::Git(files, revision) => (workspace.root.clone(), files, revision),
        Place::Folder(folder) => {
            let name = named.base.unwrap_or_default().to_owned();
            (folder, Files::Disk, Revision { id: String::new(), name })
        }
    };
    let compared = Compared { revision: revision.id, name: revision.name };
    let earlier = reader.read(&root, files, &named.input).map_err(|failure| of_state(failure, &label(&compared)))?;
    Ok(Sides { workspace, earlier, compared, unpacked: reader.unpacked })
}

struct Reader<'a> {
    current: &'a Path,
    repository: Option<Arc<Repository>>,
    unpacked: Vec<Archive>,
}

impl Reader<'_> {
    fn repository(&mut self) -> Result<Arc<Repository>, git::Error> {
        if let Some(known) = &self.repository {
            return Ok(Arc::clone(known));
        }
        let opened = Arc::new(Repository::open(self.current)?);
        self.repository = Some(Arc::clone(&opened));
        Ok(opened)
    }

    /// What is on the disk, with what a sparse checkout leaves in git.
    fn working_tree(&mut self, input: &Input, context: &mut Context<'_, '_>) -> Result<Workspace, Failure> {
        let workspace = workspace::read_from(input, Reading::default(), context)?;
        let spared = match self.repository() {
            Ok(repository) => project::not_checked_out(&workspace, &repository)?,
            Err(git::Error::NoGit | git::Error::NoRepository(_) | git::Error::NoWorkTree(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let Some((texts, lost)) = spared else { return Ok(workspace) };
        let reading = Reading { files: Files::Edited(texts), ..Reading::default() };
        let mut workspace = workspace::read_from(input, reading, context)?;
        workspace.lost.extend(lost);
        Ok(workspace)
    }

    fn read(&self, root: &Path, files: Files, input: &Input) -> Result<Workspace, Failure> {
        let Input { config, base, packs, .. } = input.clone();
        let input = project::Input { config, base, packs, ..project::Input::default() };
        project::read_other(root, files, &input, self.current)
    }

    /// What a name stands for: a revision, and where git knows none of that name, a folder or an archive.
    fn place(
        &mut self,
        name: &str,
        prefix: &str,
        resolve: &dyn Fn(&Repository) -> Result<Revision, git::Error>,
    ) -> Result<Place, Failure> {
        let resolved = self.repository().and_then(|repository| {
            let revision = resolve(&repository)?;
            Ok(Place::Git(Files::Git(repository.tree(&revision)?), revision))
        });
        let path = self.current.join(name);
        let read_error = |error| Failure::Read { path: name.to_owned(), error };
        match resolved {
            Ok(place) => Ok(place),
            Err(error) if !may_be_path(&error) => Err(error.into()),
            // beside a bare repository's own files, such as `HEAD`, only what looks like a path can be meant as one
            Err(error @ git::Error::NoWorkTree(_)) if !looks_like_path(name) => Err(error.into()),
            Err(_) if path.is_dir() => Files::Disk.real(&path).map(Place::Folder).map_err(read_error),
            Err(_) if path.is_file() => {
                let archive = Archive::open(&path, name)?;
                let folder = archive.folder(prefix);
                self.unpacked.push(archive);
                Ok(Place::Folder(folder))
            }
            Err(_) if looks_like_path(name) => Err(project::missing(Path::new(name), self.current)),
            Err(git::Error::NoRepository(_)) => Err(Failure::Unanswered {
                message: format!("`{name}` is no folder and no archive, and this folder is not in a git repository"),
                help: "name a folder or an archive that is there, or change to a folder of a repository".to_owned(),
            }),
            Err(git::Error::Unknown { near: None, shallow: false, .. }) => Err(Failure::Unanswered {
                message: format!("there is no revision `{name}`, and no folder or archive of that name"),
                help: "name a branch, a tag or a commit of this clone, or a path; `git fetch` gets what others have pushed"
                    .to_owned(),
            }),
            Err(error) => Err(error.into()),
        }
    }
}

/// The working tree as a revision would have it: of a submodule that has only a commit, and all in it would count as new.
fn without_submodules(
    workspace: Workspace,
    input: &Input,
    context: &mut Context<'_, '_>,
) -> Result<Workspace, Failure> {
    let submodules = Repository::submodules(&workspace.root)?;
    let is_below = |path: &str| submodules.iter().any(|folder| Path::new(path).starts_with(folder));
    let mut paths = workspace.files.iter().map(|file| workspace.sources.path(*file));
    if !paths.any(is_below) && !workspace.lost.iter().any(|lost| is_below(&lost.what)) {
        return Ok(workspace);
    }
    let texts = match &workspace.from {
        Files::Edited(texts) => texts.clone(),
        Files::Disk | Files::Git(_) => Texts::default(),
    };
    let folders = submodules.iter().map(|folder| workspace.root.join(folder)).collect();
    let reading = Reading { files: Files::Edited(texts.without(folders)), ..Reading::default() };
    let mut narrowed = workspace::read_from(input, reading, context)?;
    for lost in workspace.lost.into_iter().filter(|lost| !is_below(&lost.what)) {
        // what git's index could not give is not found again
        if !narrowed.lost.contains(&lost) {
            narrowed.lost.push(lost);
        }
    }
    Ok(narrowed)
}

/// Whether a name that stands for nothing can only have been meant as a path.
fn looks_like_path(name: &str) -> bool {
    let starts = ["./", "../", "/", ".\\", "..\\"].into_iter().any(|start| name.starts_with(start));
    let ends = ["/", "\\", ".zip", ".tar", ".tar.gz", ".tgz"].into_iter().any(|end| name.ends_with(end));
    starts || ends || matches!(name, "." | "..")
}

/// Whether git has no opinion on a name: what it knows and cannot answer must not be taken for a folder of that name.
fn may_be_path(error: &git::Error) -> bool {
    use git::Error::{Absent, Contradicted, Failed, NoCommit, Unplaced, Unrelated};
    !matches!(error, Unrelated { .. } | NoCommit(_) | Absent(_) | Failed(_) | Contradicted { .. } | Unplaced(_))
}

/// What stands in front of the paths of the state before: its name, where that is one word, else the commit.
pub(super) fn label(compared: &Compared) -> String {
    let Compared { revision, name } = compared;
    match name.contains(char::is_whitespace) && !revision.is_empty() {
        true => Revision { id: revision.clone(), name: name.clone() }.short().to_owned(),
        false => name.clone(),
    }
}

/// A failure to read the state before, with paths that say so.
fn of_state(failure: Failure, label: &str) -> Failure {
    let of = |path: String| format!("{label}:{path}");
    match failure {
        Failure::Diagnostics { list, sources } => {
            let mut named = SourceMap::new();
            for (_, source) in sources.iter() {
                named.add_of(label, source.path(), source.text().shared());
            }
            Failure::Diagnostics { list, sources: Box::new(named) }
        }
        Failure::Read { path, error } => Failure::Read { path: of(path), error },
        Failure::Misnamed { path } => Failure::Misnamed { path: of(path) },
        Failure::LeavesRoot { path, root } => Failure::LeavesRoot { path: of(path), root },
        failure => failure,
    }
}

/// The commit to compare with.
fn base(repository: &Repository, (name, named): (&str, &Named<'_>)) -> Result<Revision, git::Error> {
    if named.exact || name.contains("...") {
        return repository.resolve(name);
    }
    let own = repository.resolve(name)?;
    let head = match named.against {
        WORKING_TREE | INDEX => "HEAD",
        name => name,
    };
    if repository.resolve(head).is_err() {
        return Ok(own);
    }
    let common = repository.merge_base(name, head)?;
    Ok(if common.id == own.id { own } else { common })
}
