//! Which paths are those of declarations.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::DEFAULT_INCLUDE;

/// Which files are declarations, by their paths from the root.
#[derive(Debug, Clone, Default)]
pub struct Globs {
    include: GlobSet,
    pub(super) exclude: GlobSet,
    /// The globs of `exclude` as written.
    left_out: Vec<String>,
    /// Files that say by what declarations are judged.
    config: BTreeSet<PathBuf>,
    /// Folders of which the files are those of a pack.
    packs: BTreeSet<PathBuf>,
}

/// Bytes of a glob: one of a megabyte takes half a gigabyte to match.
const LONGEST: usize = 4096;

/// Letters of a glob that are repeated in a message about it.
const LONGEST_SHOWN: usize = 60;

/// Any one letter of ASCII that a name can have.
const ASCII: &str = "[\u{1}-.0-\u{7f}]";

/// Any one of the bytes of another letter.
const BEYOND_ASCII: &str = "[!\u{1}-\u{7f}]";

/// The way out where a character makes no sense.
const ESCAPE: &str = "put a backslash before a character that is meant as such: `\\[`";

/// The way out where a class cannot be matched.
const NO_CLASS: &str = "write the letters one by one, in braces: `{é,è}`";

/// A glob that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobError {
    /// The glob as written.
    pub glob: String,
    /// What is wrong with it, without the glob.
    pub reason: String,
    /// How to write it.
    pub help: &'static str,
}

impl std::fmt::Display for GlobError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let start: String = self.glob.chars().take(LONGEST_SHOWN).collect();
        let end = if start.len() < self.glob.len() { "…" } else { "" };
        write!(f, "`{start}{end}` is not a glob: {}", self.reason)
    }
}

impl std::error::Error for GlobError {}

impl Globs {
    /// Globs that add to the default names, and globs of files and folders to leave out. `*` stays inside a folder, `**`
    /// does not.
    pub fn new<S: AsRef<str>>(include: &[S], exclude: &[S]) -> Result<Self, GlobError> {
        let include = DEFAULT_INCLUDE.into_iter().chain(include.iter().map(AsRef::as_ref));
        let left_out = exclude.iter().map(|glob| glob.as_ref().to_owned()).collect();
        let exclude = set(exclude.iter().map(AsRef::as_ref))?;
        Ok(Self { include: set(include)?, exclude, left_out, ..Self::default() })
    }

    /// Whether one glob by itself can be understood.
    pub fn check(glob: &str) -> Result<(), GlobError> {
        if glob.len() > LONGEST {
            let reason = format!("longer than {LONGEST} bytes");
            return Err(GlobError { glob: glob.to_owned(), reason, help: ESCAPE });
        }
        // what cannot be built does not say for which glob
        set([glob]).map(|_| ()).map_err(|error| GlobError { glob: glob.to_owned(), ..error })
    }

    /// The same where these files, by their paths from the root, say by what declarations are judged, and these folders hold those
    /// of packs: whatever takes them in, they are no declarations.
    #[must_use]
    pub fn without(self, config: BTreeSet<PathBuf>, packs: BTreeSet<PathBuf>) -> Self {
        Self { config, packs, ..self }
    }

    /// The same for another root: what paths from this one are read as means nothing there.
    pub(super) fn anywhere(&self) -> Self {
        self.clone().without(BTreeSet::new(), BTreeSet::new())
    }

    /// Whether a path from the root is that of a declaration.
    pub fn is_declaration(&self, path: &Path) -> bool {
        self.include.is_match(path) && !self.is_excluded(path) && self.read_as(path).is_none()
    }

    /// What a file is read as that is therefore no declaration, in words that follow its name.
    pub fn read_as(&self, path: &Path) -> Option<&'static str> {
        // a pack reads nothing else: what has another ending there ends the run or is none of it
        let is_of_pack = || {
            path.extension().is_some_and(|ending| ending == "yaml")
                && path.parent().is_some_and(|folder| self.packs.contains(folder))
        };
        if self.config.contains(path) {
            Some("says by what declarations are judged, so it is none itself")
        } else if is_of_pack() {
            Some("is read as a file of a pack, so it is no declaration")
        } else {
            None
        }
    }

    /// Whether the name of a file is that of a declaration without a config.
    pub(super) fn is_usual(&self, path: &Path) -> bool {
        self.include.matches(path).first().is_some_and(|first| *first < DEFAULT_INCLUDE.len())
    }

    /// Whether a file or folder is left out.
    pub fn is_excluded(&self, path: &Path) -> bool {
        self.exclude.is_match(path)
    }

    /// Whether a path would be that of a declaration if nothing were left out.
    pub(super) fn is_named(&self, path: &Path) -> bool {
        self.include.is_match(path)
    }

    /// The globs that leave a path out.
    pub(super) fn left_out(&self, path: &Path) -> impl Iterator<Item = &str> {
        self.exclude.matches(path).into_iter().filter_map(|at| self.left_out.get(at).map(String::as_str))
    }

    /// Whether a file or folder is left out, by itself or with a folder that it lies in.
    pub fn is_below_excluded(&self, path: &Path) -> bool {
        path.ancestors().any(|path| self.is_excluded(path))
    }
}

/// Globs of files and folders by their paths from the root; a folder stands for all that is in it.
#[derive(Debug, Clone)]
pub struct PathGlobs(GlobSet);

impl PathGlobs {
    /// Globs that are understood as those of [`Globs`] are.
    ///
    /// # Errors
    /// One of them makes no sense.
    pub fn new<'g>(globs: impl IntoIterator<Item = &'g str>) -> Result<Self, GlobError> {
        set(globs).map(Self)
    }

    /// Whether a path, or a folder it lies in, is meant.
    pub fn holds(&self, path: &Path) -> bool {
        path.ancestors().filter(|part| !part.as_os_str().is_empty()).any(|part| self.0.is_match(part))
    }

    /// Which of the globs mean a path, or a folder it lies in, by their places among all.
    pub fn holding(&self, path: &Path) -> impl Iterator<Item = usize> {
        let parts = path.ancestors().filter(|part| !part.as_os_str().is_empty());
        parts.flat_map(|part| self.0.matches(part))
    }

    /// Whether a path itself is meant, as [`Globs`] takes in files: there a folder stands for nothing.
    pub fn names(&self, path: &Path) -> bool {
        self.0.is_match(path)
    }
}

fn set<'g>(globs: impl IntoIterator<Item = &'g str>) -> Result<GlobSet, GlobError> {
    let wrong = |glob: &str, reason: String, help| GlobError { glob: glob.to_owned(), reason, help };
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        let bare = glob.strip_prefix("./").or_else(|| glob.strip_prefix('/')).unwrap_or(glob);
        let bare = bare.strip_suffix('/').unwrap_or(bare);
        let text = by_letters(bare)
            .map_err(|class| wrong(glob, format!("`[{class}` has a letter outside ASCII"), NO_CLASS))?;
        let built = GlobBuilder::new(&text).literal_separator(true).build();
        builder.add(built.map_err(|error| wrong(glob, error.kind().to_string(), ESCAPE))?);
    }
    builder.build().map_err(|error| wrong(error.glob().unwrap_or_default(), error.kind().to_string(), ESCAPE))
}

/// A glob for a library that matches byte by byte, in which `?` and `[!a]` mean one letter all the same: of one byte, two or three.
/// Gives a class that it cannot match, without its `[`.
fn by_letters(glob: &str) -> Result<String, &str> {
    let mut out = String::with_capacity(glob.len());
    let push_letter = |out: &mut String, ascii: &str| {
        let more = BEYOND_ASCII;
        out.push_str(&format!("{{{ascii},{more}{more},{more}{more}{more}}}"));
    };
    let mut letters = glob.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '?' => push_letter(&mut out, ASCII),
            '[' => {
                // one without an end is refused as it stands
                let Some(class) = class(letters.as_str()) else { return Ok(glob.to_owned()) };
                letters = letters.as_str().get(class.len()..).unwrap_or_default().chars();
                match class {
                    class if !class.is_ascii() => return Err(class),
                    class if class.starts_with(['!', '^']) => push_letter(&mut out, &format!("[{class}")),
                    class => out.extend(["[", class]),
                }
            }
            '\\' => out.extend(['\\'].into_iter().chain(letters.next())),
            letter => out.push(letter),
        }
    }
    Ok(out)
}

/// A class up to its end, from behind its `[`. A `]` that comes first is a letter.
fn class(text: &str) -> Option<&str> {
    let letters = text.strip_prefix(['!', '^']).unwrap_or(text);
    let (end, _) = letters.char_indices().skip(1).find(|(_, letter)| *letter == ']')?;
    text.get(..=text.len() - letters.len() + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_glob_is_named() {
        let error = Globs::new(&["a/[b"], &[]).unwrap_err();
        assert_eq!(error.to_string(), "`a/[b` is not a glob: unclosed character class; missing ']'");
    }

    #[test]
    fn a_letter_is_a_letter_whatever_its_bytes() {
        for (glob, named, not_named) in [
            ("dir?/x", &["dir1/x", "diré/x", "dir語/x"][..], &["dir/x", "direé/x", "diréé/x", "dir語é/x"][..]),
            ("??", &["ab", "éa", "aé", "語é"], &["é", "語", "a/", "abc", "é語a"]),
            ("a[!b]", &["ac", "aé", "a語"], &["ab", "a", "aéé"]),
            ("a[]!]", &["a]", "a!"], &["aé"]),
            ("{a?,[^]x]}", &["aé", "é", "y"], &["]", "x", "ab/"]),
            (r"a\?", &["a?"], &["aé", "ab"]),
        ] {
            let globs = PathGlobs::new([glob]).unwrap();
            named.iter().for_each(|path| assert!(globs.names(Path::new(path)), "{glob} {path}"));
            not_named.iter().for_each(|path| assert!(!globs.names(Path::new(path)), "{glob} {path}"));
        }
        for glob in ["dir[éè]", "[!é]", "[a-é]x?"] {
            let error = PathGlobs::new([glob]).unwrap_err();
            assert!(error.reason.ends_with("has a letter outside ASCII"), "{error}");
        }
    }
}
