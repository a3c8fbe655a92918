//! `purposelint cache`: where `check` keeps what it has judged, and emptying it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::{CLEAN, Context, output};
use crate::cache::Folder;
use crate::project::Kept;

/// The variable that names the folder.
const VARIABLE: &str = "PURPOSELINT_CACHE_DIR";

const EXAMPLES: &str = "\
Examples:
  purposelint cache dir    where it is
  purposelint cache clean  empty it
  PURPOSELINT_CACHE_DIR=.cache purposelint check
                           keep it elsewhere, as where a CI service saves it

`check` keeps what it has found out of each file and service, and judges only
what has changed: a file, a pack, the config, the day, the program. Where
nothing has, and it is called in the same way, it says again what it said. What
it reports is the same with and without; `check --no-cache` does without.

Nothing in it is needed, and old files go by themselves. Whoever can write to
the folder can decide what `check` reports, so share it with nobody whom you
would not let change the program.

Exit codes:
  0  done
  2  the folder is not known, or cannot be emptied";

/// Show or empty the folder that `check` keeps its results in
#[derive(Debug, Args)]
#[command(after_help = "Examples and exit codes: `purposelint cache --help`", after_long_help = EXAMPLES)]
pub(super) struct CacheArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum What {
    /// Remove what is kept, of all workspaces, and say how much it was
    Clean,
    /// Print where it is kept
    Dir,
}

/// Runs the command.
pub(super) fn run(args: &CacheArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let Some(path) = place(context) else {
        let message = "there is no folder for a cache, so nothing is kept".to_owned();
        return Err(Failure::Unanswered { message, help: format!("set `{VARIABLE}` to a folder") });
    };
    let shown = output::shown(&path.display().to_string());
    let said = match args.what {
        What::Dir => shown,
        What::Clean => {
            let cleaned = Folder::at(path).clean();
            match cleaned.map_err(|error| Failure::Output { path: shown.clone(), error })? {
                (0, _) => format!("nothing is kept in {shown}"),
                (files, bytes) => {
                    let noun = if files == 1 { "file" } else { "files" };
                    format!("removed {files} {noun} of {} from {shown}", size(bytes))
                }
            }
        }
    };
    output::to_stdout(context, |out| Ok(writeln!(out, "{said}")?))?;
    Ok(CLEAN)
}

/// Where the cache is; relative paths count from the current folder.
pub(super) fn place(context: &Context<'_, '_>) -> Option<PathBuf> {
    Some(context.env.current().join(context.env.cache_dir.as_ref()?))
}

/// Says that nothing could be kept, to whoever wants to hear everything: no result depends on it.
pub(super) fn keep(kept: Option<&Kept>, context: &mut Context<'_, '_>) {
    if let Some(Err(unwritten)) = kept.map(Kept::keep)
        && context.global.verbose
    {
        let color = output::stderr_options(context).color;
        let message = format!("the cache was not written: {}", unwritten.0);
        let help = format!("set `{VARIABLE}` to a folder that can be written, or pass `--no-cache`");
        output::complain(context.streams.stderr, "note", &message, Some(&help), color);
    }
}

/// Where programs keep such folders depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    Windows,
    Mac,
    /// The folders of freedesktop.org.
    Other,
}

impl Platform {
    /// That of this program.
    pub(super) const HERE: Self = match (cfg!(windows), cfg!(target_os = "macos")) {
        (true, _) => Self::Windows,
        (_, true) => Self::Mac,
        _ => Self::Other,
    };
}

/// The folder that the environment asks for: our own variable, else below the one of the platform. There, a path that is not
/// absolute counts as not set, as the specification of freedesktop.org has it: it would be another in every folder.
pub(super) fn folder(platform: Platform, variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(own) = variable(VARIABLE) {
        return Some(PathBuf::from(own));
    }
    let path = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let of_platform = match platform {
        Platform::Windows => path("LOCALAPPDATA"),
        Platform::Mac => path("HOME").map(|home| home.join("Library/Caches")),
        Platform::Other => path("XDG_CACHE_HOME").or_else(|| path("HOME").map(|home| home.join(".cache"))),
    };
    Some(of_platform?.join("purposelint"))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KiB", bytes.div_ceil(1_024)),
        _ => format!("{} MiB", bytes.div_ceil(1_048_576)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_where_the_platform_has_it() {
        use Platform::{Mac, Other, Windows};
        // absolute where this runs: what a path is does not follow the platform of a case
        let root = if cfg!(windows) { "C:\\" } else { "/" };
        let all = [("HOME", "/home"), ("XDG_CACHE_HOME", "/xdg"), ("LOCALAPPDATA", "/local")];
        let own = [("PURPOSELINT_CACHE_DIR", ".cache"), ("HOME", "/home"), ("LOCALAPPDATA", "/local")];
        type Variables<'v> = &'v [(&'v str, &'v str)];
        let cases: &[(Platform, Variables<'_>, Option<&str>)] = &[
            (Other, &all, Some("/xdg/purposelint")),
            (Mac, &all, Some("/home/Library/Caches/purposelint")),
            (Windows, &all, Some("/local/purposelint")),
            (Other, &[("HOME", "/home")], Some("/home/.cache/purposelint")),
            // our own is taken as it is
            (Other, &own, Some(".cache")),
            (Mac, &own, Some(".cache")),
            (Windows, &own, Some(".cache")),
            // not absolute
            (Other, &[("HOME", "/home"), ("XDG_CACHE_HOME", "tmp")], Some("/home/.cache/purposelint")),
            (Other, &[("HOME", "home"), ("XDG_CACHE_HOME", "tmp")], None),
            (Mac, &[("HOME", "home")], None),
            (Windows, &[("LOCALAPPDATA", "local")], None),
            // only what the platform has
            (Mac, &[("XDG_CACHE_HOME", "/xdg"), ("LOCALAPPDATA", "/local")], None),
            (Windows, &[("HOME", "/home"), ("XDG_CACHE_HOME", "/xdg")], None),
            (Other, &[("LOCALAPPDATA", "/local")], None),
            (Other, &[], None),
            (Mac, &[], None),
            (Windows, &[], None),
        ];
        for (platform, set, expected) in cases {
            let here = |path: &str| path.strip_prefix('/').map_or(path.into(), |path| PathBuf::from(root).join(path));
            let variable = |name: &str| {
                let (_, value) = set.iter().find(|(key, _)| *key == name)?;
                Some(OsString::from(here(value)))
            };
            assert_eq!(folder(*platform, &variable), expected.map(here), "{platform:?} {set:?}");
        }
    }

    #[test]
    fn what_is_set_to_nothing_is_not_set() {
        let variable = |name: &str| match name {
            VARIABLE | "XDG_CACHE_HOME" | "HOME" | "LOCALAPPDATA" => Some(OsString::new()),
            _ => None,
        };
        assert_eq!(super::super::Env::new(None, &variable).cache_dir, None);
    }
}
