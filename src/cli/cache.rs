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
  purposelint cache dir      where it is
  purposelint cache clean    empty it
  PURPOSELINT_CACHE_DIR=.cache purposelint check
                             keep it elsewhere, such as where a CI service saves it

`check` keeps what it has found out of each file and service, and judges only
what has changed: a file, a pack, the config, the day, the program. What it
reports is the same with and without; `check --no-cache` does without.

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

/// The folder that the environment asks for: our own variable, else below the one of the platform.
pub(super) fn folder(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name: &str| variable(name).map(PathBuf::from);
    if let Some(own) = path(VARIABLE) {
        return Some(own);
    }
    let home = || path("HOME").filter(|home| home.is_absolute());
    let of_platform = if cfg!(windows) {
        path("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Caches"))
    } else {
        // a path that is not absolute counts as not set, as the specification has it
        path("XDG_CACHE_HOME").filter(|path| path.is_absolute()).or_else(|| home().map(|home| home.join(".cache")))
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
    #[cfg(all(unix, not(target_os = "macos")))]
    fn the_folder_is_where_the_platform_has_it() {
        type Variables = &'static [(&'static str, &'static str)];
        let cases: &[(Variables, Option<&str>)] = &[
            (&[("HOME", "/home/ann")], Some("/home/ann/.cache/purposelint")),
            (&[("HOME", "/home/ann"), ("XDG_CACHE_HOME", "/var/tmp/ann")], Some("/var/tmp/ann/purposelint")),
            (&[("HOME", "/home/ann"), ("XDG_CACHE_HOME", "tmp")], Some("/home/ann/.cache/purposelint")),
            (&[("HOME", "/home/ann"), ("PURPOSELINT_CACHE_DIR", ".cache")], Some(".cache")),
            (&[("HOME", "ann")], None),
            (&[("LOCALAPPDATA", "/c")], None),
            (&[], None),
        ];
        for (set, expected) in cases {
            let variable =
                |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
            assert_eq!(folder(&variable), expected.map(PathBuf::from), "{set:?}");
        }
    }
}
