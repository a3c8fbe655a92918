//! Which reports a run writes, and where to.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;

use super::failure::Failure;
use super::{Context, output};
use crate::report::{self, Format};
use crate::suggest;

/// How a command is told what to write where.
#[derive(Debug, Clone, Args)]
pub(super) struct FormatArgs {
    /// How the report is written, and to which file; may be repeated. One format at most has no file: it goes to standard
    /// output. Where all have one, the report for people is printed as well, unless `--quiet` is given. Default: human
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = TargetParser)]
    format: Vec<Target>,
    /// Write the report to this file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output_file: Option<PathBuf>,
}

/// A value of `--format`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    format: Format,
    /// `None` for standard output.
    file: Option<PathBuf>,
}

/// Reads `FORMAT` or `FORMAT=FILE`, where `-` is standard output.
#[derive(Debug, Clone)]
struct TargetParser;

impl TypedValueParser for TargetParser {
    type Value = Target;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Target, clap::Error> {
        let (word, file) = match value.to_str().and_then(|text| text.split_once('=')) {
            Some((word, file)) => (OsStr::new(word), Some(file)),
            None => (value, None),
        };
        let words = PossibleValuesParser::from(Format::ALL.map(Format::as_str));
        let word = words.parse_ref(command, arg, word)?;
        if file == Some("") {
            let message = format!("no file is named after `{word}=`: write `--format {word}=FILE`\n");
            return Err(clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command));
        }
        let file = file.filter(|file| *file != "-").map(PathBuf::from);
        Ok(Target { format: Format::parse(&word).unwrap_or_default(), file })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Format::ALL.into_iter().map(|format| PossibleValue::new(format.as_str()))))
    }
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The findings.
    Report(Format),
    /// The facts that are not declared.
    Missing(report::missing::Format),
}

impl What {
    fn is_for_people(self) -> bool {
        match self {
            Self::Report(format) => matches!(format, Format::Human | Format::Concise),
            Self::Missing(format) => format == report::missing::Format::Human,
        }
    }
}

/// What a run writes where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outputs {
    files: Vec<(What, PathBuf)>,
    stdout: Option<What>,
    /// Whether standard output is taken, so that the report for it goes to standard error.
    on_stderr: bool,
}

impl Outputs {
    /// What was asked for. `missing` stands in place of the report.
    pub(super) fn new(
        args: &FormatArgs,
        missing: Option<report::missing::Format>,
        context: &Context<'_, '_>,
    ) -> Result<Self, Failure> {
        if let Some(format) = missing {
            return Ok(match &args.output_file {
                Some(path) => {
                    Self { files: vec![(What::Missing(format), path.clone())], stdout: None, on_stderr: false }
                }
                None => Self { files: Vec::new(), stdout: Some(What::Missing(format)), on_stderr: false },
            });
        }
        Self::settle(&args.format, args.output_file.as_deref(), context.env.current(), context.global.quiet)
    }

    fn settle(targets: &[Target], output_file: Option<&Path>, current: &Path, quiet: bool) -> Result<Self, Failure> {
        let mut files: Vec<(What, PathBuf)> = Vec::new();
        let mut loose: Vec<Format> = Vec::new();
        for Target { format, file } in targets {
            match file {
                Some(file) => files.push((What::Report(*format), file.clone())),
                None => loose.push(*format),
            }
        }
        let stdout = match (loose.as_slice(), output_file) {
            ([], None) if targets.is_empty() || !quiet => Some(Format::Human),
            ([], None) => None,
            ([], Some(path)) if targets.is_empty() => {
                files.push((What::Report(Format::Human), path.to_owned()));
                None
            }
            ([], Some(path)) => return Err(superfluous(path)),
            ([format], Some(path)) => {
                files.push((What::Report(*format), path.to_owned()));
                None
            }
            ([format], None) => Some(*format),
            (several, _) => return Err(crowded(several, output_file)),
        };
        // people name one file in several ways
        let same = |a: &Path, b: &Path| current.join(a).components().eq(current.join(b).components());
        for (at, (_, path)) in files.iter().enumerate() {
            if files.iter().take(at).any(|(_, other)| same(path, other)) {
                let message = format!("two reports would be written to `{}`", path.display());
                return Err(Failure::Usage { message, help: "give each its own file".to_owned() });
            }
        }
        Ok(Self { files, stdout: stdout.map(What::Report), on_stderr: false })
    }

    /// The formats of all reports.
    pub(super) fn formats(&self) -> impl Iterator<Item = Format> {
        self.files.iter().map(|(what, _)| *what).chain(self.stdout).filter_map(|what| match what {
            What::Report(format) => Some(format),
            What::Missing(_) => None,
        })
    }

    /// Whether whoever reads the run is not told by a report what was skipped: by that on standard output, which is not read beside
    /// another, else by one of the files.
    pub(super) fn leave_out_skipped(&self) -> bool {
        match self.stdout {
            Some(What::Report(format)) => !format.says_what_was_skipped(),
            // a list of what nobody declared is not one of what nobody read
            Some(What::Missing(_)) => true,
            None => !self.formats().any(Format::says_what_was_skipped),
        }
    }

    /// The files that are written.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|(_, path)| path.as_path())
    }

    /// Whether anything goes to a file.
    pub(super) fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// The same with the report on standard error: something else is written to standard output.
    pub(super) fn on_stderr(self) -> Self {
        Self { on_stderr: true, ..self }
    }

    /// Whether standard output has a report with the summary of the run.
    pub(super) fn has_summary(&self) -> bool {
        self.stdout == Some(What::Report(Format::Human))
    }

    /// Writes everything: files first, so that they are whole when the reader of standard output goes away. One that cannot be
    /// written keeps none of the others back; what went wrong comes out together. `silent` leaves out what is for people on
    /// standard output.
    pub(super) fn write(
        &self,
        silent: bool,
        context: &mut Context<'_, '_>,
        write: &dyn Fn(What, report::Options, &mut dyn Write) -> io::Result<()>,
    ) -> Vec<Failure> {
        let mut failures = Vec::new();
        for (what, path) in &self.files {
            let options = output::file_options(context);
            failures.extend(output::to_file(path, |out| write(*what, options, out)).err());
        }
        if let Some(what) = self.stdout.filter(|what| !(silent && what.is_for_people())) {
            if self.on_stderr {
                let options = output::stderr_options(context);
                failures.extend(output::unless_gone(write(what, options, context.streams.stderr)).err());
            } else {
                let options = output::stdout_options(context);
                failures.extend(output::to_stdout(context, |out| write(what, options, out)).err());
            }
        }
        failures
    }
}

/// Writes what a command has one format for: to the file that was named, else to standard output.
pub(super) fn write_to(
    file: Option<&Path>,
    context: &mut Context<'_, '_>,
    write: impl FnOnce(&report::Options, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    match file {
        Some(path) => {
            let options = output::file_options(context);
            output::to_file(path, |out| write(&options, out))
        }
        None => {
            let options = output::stdout_options(context);
            output::to_stdout(context, |out| write(&options, out))
        }
    }
}

fn superfluous(path: &Path) -> Failure {
    Failure::Usage {
        message: format!("`--output-file {}` is for the format without a file, and each has one", path.display()),
        help: "leave `--output-file` out, or leave the file of one `--format` out".to_owned(),
    }
}

fn crowded(formats: &[Format], output_file: Option<&Path>) -> Failure {
    let words: Vec<&str> = formats.iter().map(|format| format.as_str()).collect();
    let place = output_file.map_or_else(|| "standard output".to_owned(), |path| format!("`{}`", path.display()));
    let last = words.last().copied().unwrap_or_default();
    Failure::Usage {
        message: format!("{} formats would go to {place}: {}", formats.len(), suggest::list(&words)),
        help: format!("give all but one a file: `--format {last}=FILE`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(words: &str) -> Vec<Target> {
        let command = clap::Command::new("purposelint");
        words.split_whitespace().map(|word| TargetParser.parse_ref(&command, None, OsStr::new(word)).unwrap()).collect()
    }

    #[test]
    fn where_reports_go() {
        for (formats, output_file, quiet, expected) in [
            ("", None, false, "> human"),
            ("", None, true, "> human"),
            ("", Some("a"), false, "a human"),
            ("json", None, false, "> json"),
            ("json=-", None, false, "> json"),
            ("json", Some("a"), false, "a json"),
            ("json=a", None, false, "a json > human"),
            ("json=a", None, true, "a json"),
            ("json=a sarif", None, false, "a json > sarif"),
            ("json=a sarif", Some("b"), false, "a json b sarif"),
            ("json=a=b", None, true, "a=b json"),
            ("json=a json=b", None, true, "a json b json"),
            ("json sarif", None, false, "2 formats would go to standard output: `json` and `sarif`"),
            ("json sarif", Some("a"), false, "2 formats would go to `a`: `json` and `sarif`"),
            ("json=a", Some("b"), false, "`--output-file b` is for the format without a file, and each has one"),
            ("json=a sarif=./a", None, false, "two reports would be written to `./a`"),
            ("json=/here/b sarif", Some("b"), false, "two reports would be written to `b`"),
        ] {
            let settled = Outputs::settle(&targets(formats), output_file.map(Path::new), Path::new("/here"), quiet);
            let word = |what: &What| match what {
                What::Report(format) => format.as_str(),
                What::Missing(format) => format.as_str(),
            };
            let shown = match settled {
                Ok(outputs) => {
                    let files = outputs.files.iter().map(|(what, path)| format!("{} {}", path.display(), word(what)));
                    files
                        .chain(outputs.stdout.iter().map(|what| format!("> {}", word(what))))
                        .collect::<Vec<_>>()
                        .join(" ")
                }
                Err(failure) => failure.to_string(),
            };
            assert_eq!(shown, expected, "{formats} {output_file:?} {quiet}");
        }
    }

    #[test]
    fn values_that_name_no_format_or_no_file() {
        let command = clap::Command::new("purposelint");
        for (value, part) in
            [("xml", "possible values"), ("srif=a", "'sarif'"), ("sarif=", "`sarif=`"), ("=a", "a value is required")]
        {
            let error = TargetParser.parse_ref(&command, None, OsStr::new(value)).unwrap_err().to_string();
            assert!(error.contains(part), "{value}: {error}");
        }
    }
}
