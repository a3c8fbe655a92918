//! Where text goes, and how it looks: streams, files written whole or not at all, colour.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::workspace::{Workspace, settle};
use super::{CLEAN, COULD_NOT_JUDGE, Color, Context, Env, Streams};
use crate::discover::{BASELINE, CONFIG, Files};
use crate::report;
use crate::source::Source;

/// Columns of a terminal that does not say. Shells keep `COLUMNS` to themselves, so most do not, and 80 fit nearly all.
pub(super) const TERMINAL_WIDTH: usize = 80;

/// How a report on standard output looks.
pub(super) fn stdout_options(context: &Context<'_, '_>) -> report::Options {
    options(context, context.streams.stdout_is_terminal)
}

/// How messages on standard error look.
pub(super) fn stderr_options(context: &Context<'_, '_>) -> report::Options {
    options(context, context.streams.stderr_is_terminal)
}

/// How a report in a file looks: coloured only if asked to in so many words.
pub(super) fn file_options(context: &Context<'_, '_>) -> report::Options {
    let color = context.global.color == Color::Always;
    report::Options { color, links: false, ..options(context, false) }
}

fn options(context: &Context<'_, '_>, is_terminal: bool) -> report::Options {
    let color = colored(context.global.color, context.env, is_terminal);
    let default = report::Options::default();
    report::Options {
        color,
        links: color && is_terminal,
        width: if is_terminal { context.env.columns.unwrap_or(TERMINAL_WIDTH) } else { default.width },
        verbose: context.global.verbose,
        quiet: context.global.quiet,
        ..default
    }
}

fn colored(choice: Color, env: &Env, is_terminal: bool) -> bool {
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => !env.no_color && (env.force_color || is_terminal),
    }
}

/// Help goes to standard output, wrong usage to standard error.
pub(super) fn clap_error(error: &clap::Error, streams: &mut Streams<'_>, env: &Env) -> u8 {
    let error_is_told = error.use_stderr();
    let (stream, is_terminal, code): (&mut dyn Write, _, _) = if error_is_told {
        (&mut *streams.stderr, streams.stderr_is_terminal, COULD_NOT_JUDGE)
    } else {
        (&mut *streams.stdout, streams.stdout_is_terminal, CLEAN)
    };
    let text = error.render();
    let text = if colored(Color::Auto, env, is_terminal) { text.ansi().to_string() } else { text.to_string() };
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        // what is said of wrong usage has nobody else to be told to, and neither has whoever closed standard output
        Err(error) if !error_is_told && error.kind() != io::ErrorKind::BrokenPipe => {
            let color = colored(Color::Auto, env, streams.stderr_is_terminal);
            complain(streams.stderr, "error", &Failure::Stream(error).to_string(), None, color);
            COULD_NOT_JUDGE
        }
        _ => code,
    }
}

/// Writes `kind: message` and the way out. Control characters of names are shown, not sent.
pub(super) fn complain(out: &mut dyn Write, kind: &str, message: &str, help: Option<&str>, color: bool) {
    let (bold, red, end) = if color { ("\u{1b}[1m", "\u{1b}[31m", "\u{1b}[0m") } else { ("", "", "") };
    let _written = writeln!(out, "{bold}{red}{kind}{end}{bold}: {}{end}", shown(message));
    if let Some(help) = help {
        let _written = writeln!(out, "  help: {}", shown(help));
    }
}

/// A text that cannot command a terminal, or a CI service that reads the log.
pub(super) fn shown(text: &str) -> String {
    let strange =
        |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if strange(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    report::defused(&out).into_owned()
}

/// A text of several lines that cannot command a terminal.
pub(super) fn shown_lines(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => format!("{}\n", shown(line)),
            None => shown(line),
        })
        .collect()
}

/// Commands to run next, each with what it is for: beside it, or below it where that would be too wide.
pub(super) fn steps(commands: &[(String, &str)]) -> String {
    let width = commands.iter().map(|(command, _)| command.chars().count()).max().unwrap_or_default();
    let fits = commands.iter().all(|(_, what)| width + what.chars().count() + 4 <= TERMINAL_WIDTH);
    let mut text = "Next:\n".to_owned();
    for (command, what) in commands {
        let step = if fits { format!("  {command:width$}  {what}\n") } else { format!("  {command}\n      {what}\n") };
        text.push_str(&step);
    }
    text
}

/// Writes to standard output through a buffer. That its reader has gone is no failure: who stopped reading has read enough, and what
/// the run says by its exit code stands.
pub(super) fn to_stdout(
    context: &mut Context<'_, '_>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut buffered = BufWriter::with_capacity(1 << 16, &mut *context.streams.stdout);
    let written = write(&mut buffered).and_then(|()| buffered.flush());
    // what is left in the buffer after an error would be tried again on drop
    drop(buffered.into_parts());
    unless_gone(written)
}

/// What came of writing to a stream whose reader may stop before the end.
pub(super) fn unless_gone(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Refuses to write a report in place of a file that it was made from: the declaration would be lost, and nobody would see it go.
/// Nor is one written where the next run would read it.
pub(super) fn spare_sources<'p>(
    paths: impl IntoIterator<Item = &'p Path>,
    workspace: &Workspace,
    context: &Context<'_, '_>,
) -> Result<(), Failure> {
    for path in paths {
        let whole = context.env.current().join(path);
        let known = fs::metadata(&whole).ok();
        let place = fs::canonicalize(&whole).or_else(|_| settle(&whole, &Files::Disk));
        // what is no regular file is no source
        let Some(real) = place.ok().filter(|_| known.as_ref().is_none_or(fs::Metadata::is_file)) else { continue };
        let message = match known {
            Some(known) if is_source(&real, known.len(), workspace) => {
                format!("`{}` is read by this run, so nothing is written in its place", path.display())
            }
            _ => match read_as(&real, workspace) {
                Some(what) => format!("`{}` would be read as {what}, so nothing is written there", path.display()),
                None => continue,
            },
        };
        return Err(Failure::Usage { message, help: "name another file for the report".to_owned() });
    }
    Ok(())
}

/// What a file would be to the next run, if anything.
fn read_as(real: &Path, workspace: &Workspace) -> Option<&'static str> {
    let inside = real.strip_prefix(&workspace.root).unwrap_or(real);
    match real.file_name() {
        Some(name) if name == CONFIG => Some("a config"),
        Some(name) if name == BASELINE => Some("a baseline"),
        _ if is_of_a_pack(real, workspace) => Some("a part of a pack"),
        _ if inside == real || workspace.globs.is_below_excluded(inside) => None,
        _ => workspace.globs.is_declaration(inside).then_some("a declaration"),
    }
}

/// Whether a file is a part of a pack that this run uses, or would be one: a pack with a file that is no rule cannot be read.
fn is_of_a_pack(real: &Path, workspace: &Workspace) -> bool {
    let is_read = |folder: &Path| {
        let is_data = folder.ends_with("lexicons") || folder.ends_with("tables");
        is_data || folder.join("pack.yaml").is_file()
    };
    let ending = real.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let is_below = |top: &PathBuf| real.ancestors().skip(1).take_while(|folder| folder.starts_with(top)).any(is_read);
    matches!(&*ending, "yaml" | "yml") && workspace.rules.iter().any(is_below)
}

/// Whether a file is a declaration, a product file, the baseline or a part of the config or of a pack. `real` is its path
/// without links.
fn is_source(real: &Path, size: u64, workspace: &Workspace) -> bool {
    let is_config = workspace.config_files.paths().any(|path| path == real);
    let is_there = |path: &str| {
        let whole = workspace.root.join(path);
        whole == real || fs::canonicalize(whole).is_ok_and(|whole| whole == real)
    };
    // to ask the system about each of thousands of files takes longer than to read a small workspace
    let mut alike = workspace.sources.iter().map(|(_, source)| source);
    let named = |source: &Source| real.ends_with(source.path()) || u64::try_from(source.size()) == Ok(size);
    is_config
        || is_of_a_pack(real, workspace)
        || is_there(BASELINE)
        || alike.any(|source| named(source) && is_there(source.path()))
}

/// Writes a file whole or not at all: beside it first, then in its place. What is no regular file, such as a pipe, is written
/// as it is.
pub(super) fn to_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    to_file_unless(path, write, || Ok(()))
}

/// The same, unless there is something against it that is asked for last, when only the new name is left to be given.
pub(super) fn to_file_unless(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    against: impl FnOnce() -> io::Result<()>,
) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::Output { path: path.display().to_string(), error };
    let written = match fs::metadata(path) {
        Ok(known) if known.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        Ok(known) if !known.is_file() => OpenOptions::new().write(true).open(path).and_then(|file| fill(file, write)),
        Ok(known) => writable(path)
            .and_then(|()| fs::canonicalize(path))
            .and_then(|real| replace(&real, Some(known.permissions()), write, against)),
        Err(_) => replace(path, None, write, against),
    };
    written.map_err(failed)
}

/// Refuses a file that nobody may write to: to give its name to another one asks for no right to it.
pub(super) fn writable(path: &Path) -> io::Result<()> {
    // whoever may do everything is told what is meant as well
    if fs::metadata(path)?.permissions().readonly() {
        return Err(io::Error::other("it is read-only"));
    }
    OpenOptions::new().write(true).open(path).map(drop)
}

fn replace(
    path: &Path,
    permissions: Option<fs::Permissions>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    against: impl FnOnce() -> io::Result<()>,
) -> io::Result<()> {
    let temporary = beside(path)?;
    let file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    let done = fill(file, write)
        .and_then(|()| permissions.map_or(Ok(()), |permissions| fs::set_permissions(&temporary, permissions)))
        .and_then(|()| against())
        .and_then(|()| fs::rename(&temporary, path));
    if done.is_err() {
        let _removed = fs::remove_file(&temporary);
    }
    done
}

fn fill(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut buffered = BufWriter::with_capacity(1 << 16, file);
    write(&mut buffered)?;
    buffered.flush()
}

/// A name in the same folder that only this process uses.
pub(super) fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    Ok(path.with_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "before").unwrap();
        let failed = to_file(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("no more"))
        });
        assert_eq!(failed.unwrap_err().to_string(), format!("`{}` cannot be written: no more", path.display()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        to_file(&path, |out| out.write_all(b"after")).unwrap();
        let others = fs::metadata(&path).unwrap().permissions();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(to_file(folder.path(), |out| out.write_all(b"x")).is_err());
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let failed = to_file(&path, |out| out.write_all(b"x"));
        assert_eq!(failed.unwrap_err().to_string(), format!("`{}` cannot be written: it is read-only", path.display()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        fs::set_permissions(&path, others).unwrap();
        // what is against it is asked when the text is there already, so that little can happen in between
        let beside = beside(&path).unwrap();
        let against = || Err(io::Error::other(fs::read_to_string(&beside).unwrap()));
        let failed = to_file_unless(&path, |out| out.write_all(b"later"), against);
        assert_eq!(failed.unwrap_err().to_string(), format!("`{}` cannot be written: later", path.display()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn names_cannot_command_a_terminal() {
        assert_eq!(shown("a\u{1b}[2Jb\u{202e}c é"), "a\\u{1b}[2Jb\\u{202e}c é");
        assert_eq!(shown("x ##vso[task.complete]"), "x ##vso\\u{5b}task.complete]");
    }

    #[test]
    fn colour_is_for_terminals_and_those_who_ask() {
        let plain = Env::default();
        let none = Env { no_color: true, ..Env::default() };
        let force = Env { force_color: true, ..Env::default() };
        assert!(colored(Color::Auto, &plain, true) && !colored(Color::Auto, &plain, false));
        assert!(!colored(Color::Auto, &none, true) && colored(Color::Always, &none, false));
        assert!(colored(Color::Auto, &force, false) && !colored(Color::Never, &force, true));
    }
}
