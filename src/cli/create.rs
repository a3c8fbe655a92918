//! New files, all or none: written beside their places, then put there, and never over what exists.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::output;

/// A file that a command is about to write.
#[derive(Debug)]
pub(super) struct NewFile {
    /// Where it goes.
    pub(super) path: PathBuf,
    /// The path as people wrote it.
    pub(super) shown: String,
    /// What it says.
    pub(super) text: String,
}

/// Writes all files, with the folders they need, or leaves everything as it was.
pub(super) fn create(files: &[NewFile]) -> Result<(), Failure> {
    if let Some(file) = files.iter().find(|file| exists(&file.path)) {
        return Err(Failure::Exists { path: file.shown.clone() });
    }
    let mut made = Made::default();
    let done = made.all(files);
    if done.is_err() {
        made.undo();
    }
    done
}

/// Whether anything has this name, be it a link to nowhere.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// What there was not before.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Made {
    fn all(&mut self, files: &[NewFile]) -> Result<(), Failure> {
        let mut waiting = Vec::new();
        for file in files {
            let temporary = self.write(file).map_err(|error| refused(file, error))?;
            waiting.push((file, temporary));
        }
        for (file, temporary) in waiting {
            publish(&temporary, &file.path).map_err(|error| refused(file, error))?;
            self.files.push(file.path.clone());
        }
        Ok(())
    }

    fn write(&mut self, file: &NewFile) -> io::Result<PathBuf> {
        if let Some(folder) = file.path.parent() {
            self.folder(folder)?;
        }
        let temporary = output::beside(&file.path)?;
        let mut out = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        self.files.push(temporary.clone());
        out.write_all(file.text.as_bytes())?;
        Ok(temporary)
    }

    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        if let Some(parent) = folder.parent() {
            self.folder(parent)?;
        }
        fs::create_dir(folder)?;
        self.folders.push(folder.to_owned());
        Ok(())
    }

    fn undo(&self) {
        for file in &self.files {
            let _gone = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _gone = fs::remove_dir(folder);
        }
    }
}

fn refused(file: &NewFile, error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::AlreadyExists if exists(&file.path) => Failure::Exists { path: file.shown.clone() },
        _ => Failure::Output { path: file.shown.clone(), error },
    }
}

/// Gives a finished file its name. A second link fails where the name is taken, which a rename does not; where a file system
/// has no links, a look before the rename has to do.
fn publish(temporary: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(temporary, path) {
        Ok(()) => fs::remove_file(temporary),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if exists(path) => Err(io::Error::from(io::ErrorKind::AlreadyExists)),
        Err(_) => fs::rename(temporary, path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, name: &str) -> NewFile {
        NewFile { path: folder.join(name), shown: name.to_owned(), text: format!("{name}\n") }
    }

    #[test]
    fn all_files_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (file(folder.path(), "x/y/a.yaml"), file(folder.path(), "b.yaml"));
        fs::write(&b.path, "mine").unwrap();
        let refused = create(&[a, b]).unwrap_err();
        assert_eq!(refused.to_string(), "`b.yaml` already exists");
        assert_eq!(fs::read_to_string(folder.path().join("b.yaml")).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_was_begun_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("taken"), "").unwrap();
        // the second needs a folder where there is a file
        let files = [file(folder.path(), "new/a.yaml"), file(folder.path(), "taken/b.yaml")];
        assert!(create(&files).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        create(&files[..1]).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("new/a.yaml")).unwrap(), "new/a.yaml\n");
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 1);
    }

    #[test]
    fn a_name_that_is_taken_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let (temporary, path) = (folder.path().join("t"), folder.path().join("p"));
        fs::write(&temporary, "new").unwrap();
        fs::write(&path, "old").unwrap();
        assert_eq!(publish(&temporary, &path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }
}
