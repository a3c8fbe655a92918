//! Why a run could not judge: the message, and the way out apart from it.

use std::fmt;
use std::io;

use crate::diagnostic::Diagnostic;
use crate::discover::{CONFIG, ReadError};
use crate::git;
use crate::source::SourceMap;

/// What to do about a file that stands too deep in a pack.
pub(super) const FLAT: &str = "rules stand beside pack.yaml, word lists in `lexicons`, tables in `tables`; what is no part of the pack stands elsewhere";

/// What ends a run with exit code 2. Paths are as people wrote them.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum Failure {
    /// A path that is not there, with a help.
    Missing { path: String, help: String },
    /// A path that is there and that the index does not have, with a help.
    NotInIndex { path: String, help: String },
    /// What a repository has no answer to.
    Git(git::Error),
    /// Something that cannot be read.
    Read { path: String, error: ReadError },
    /// A link that leads out of the workspace.
    LeavesRoot { path: String, root: String },
    /// Options that do not go together, with a help.
    Usage { message: String, help: String },
    /// Two paths of different workspaces, each with its root.
    TwoRoots { first: (String, String), second: (String, String) },
    /// A config under a name that is not read.
    Misnamed { path: String },
    /// A file that is there already, where a new one was to be written.
    Exists { path: String },
    /// The current folder is gone.
    NoCurrentDir,
    /// `-` more than once, or `--stdin-filename` without it.
    Stdin,
    /// A name that stands for nothing, with a help.
    Unknown { what: &'static str, name: String, help: String },
    /// A config or a pack that is wrong.
    Diagnostics { list: Vec<Diagnostic>, sources: Box<SourceMap> },
    /// A report that could not be written.
    Output { path: String, error: io::Error },
    /// A stream that could not be written.
    Stream(io::Error),
    /// What cannot be done or answered, with a help.
    Unanswered { message: String, help: String },
}

impl From<git::Error> for Failure {
    fn from(error: git::Error) -> Self {
        Self::Git(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Stream(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path, .. } => write!(f, "`{path}` does not exist"),
            Self::NotInIndex { path, .. } => write!(f, "`{path}` is not in git's index"),
            Self::Git(error) => write!(f, "{error}"),
            Self::Read { path, error } => write!(f, "`{path}` {error}"),
            Self::LeavesRoot { path, root } => write!(f, "`{path}` is a link that leads out of the workspace `{root}`"),
            Self::TwoRoots { first: (a, root_a), second: (b, root_b) } => {
                write!(f, "the paths belong to different workspaces: `{a}` to `{root_a}`, `{b}` to `{root_b}`")
            }
            Self::Misnamed { path } => write!(f, "`{path}` is not read: the config is called `{CONFIG}`"),
            Self::Exists { path } => write!(f, "`{path}` already exists"),
            Self::NoCurrentDir => f.write_str("the current folder no longer exists"),
            Self::Stdin => f.write_str("`-` stands for standard input, once, and `--stdin-filename` gives its name"),
            Self::Unknown { what, name, .. } => write!(f, "there is no {what} `{name}`"),
            Self::Diagnostics { list, .. } => write!(f, "{} problems", list.len()),
            Self::Output { path, error } => write!(f, "`{path}` cannot be written: {}", reason(error)),
            Self::Stream(error) => write!(f, "the output cannot be written: {}", reason(error)),
            Self::Unanswered { message, .. } | Self::Usage { message, .. } => f.write_str(message),
        }
    }
}

impl std::error::Error for Failure {}

/// The cause without the number that the system gives it, as a part of a sentence.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split_once(" (os error").map_or(text.as_str(), |(text, _)| text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

impl Failure {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::Missing { help, .. }
            | Self::NotInIndex { help, .. }
            | Self::Unknown { help, .. }
            | Self::Unanswered { help, .. }
            | Self::Usage { help, .. } => help.as_str(),
            Self::Git(error) | Self::Read { error: ReadError::Git(error), .. } => return error.help(),
            Self::LeavesRoot { .. } => {
                "such links are not followed; name what it leads to, or put a copy in place of the link"
            }
            Self::TwoRoots { .. } => {
                "run purposelint once for each, in a hook with a pattern such as `files: ^svc/b/` for each; or put one purposelint.yaml in a folder above both"
            }
            Self::Misnamed { .. } => "rename it to `purposelint.yaml`",
            Self::Exists { .. } => "nothing was written: move it away first, or name another place with `--dir`",
            Self::NoCurrentDir => "change to a folder that exists",
            Self::Stdin => "write `purposelint --stdin-filename services/feed/purposes.yaml -`",
            Self::Read { error: ReadError::NotRegular, .. } => "use `-` for standard input",
            Self::Read { error: ReadError::Ending(_), .. } => "rename it",
            Self::Read { error: ReadError::Subfolder(_), .. } => FLAT,
            Self::Read { error: ReadError::TooLarge(..) | ReadError::TooMuch(..), .. } => "take out what is no rule",
            Self::Output { error, .. } if error.kind() == io::ErrorKind::NotFound => {
                "name a file in a folder that exists"
            }
            Self::Read { .. } | Self::Diagnostics { .. } | Self::Output { .. } | Self::Stream(_) => return None,
        };
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }
}
