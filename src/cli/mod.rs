//! The command line: one file per command. Reads files and writes to the streams it is given; `main.rs` has the rest.

mod ask;
mod baseline;
mod cache;
mod check;
mod completions;
mod config;
mod create;
mod declared;
mod diff;
mod explain;
mod failure;
mod fixing;
mod form;
mod formats;
mod init;
mod log;
mod lsp;
mod man;
mod matrix;
mod new;
mod output;
mod progress;
mod replay;
mod rules;
mod schema;
mod shown;
mod sides;
mod since;
mod staged;
mod starter;
mod test;
mod waivers;
mod why;
mod workspace;

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::space::Date;
use crate::suggest;

/// Nothing at or above `fail_on` was found.
const CLEAN: u8 = 0;
/// Findings at or above `fail_on`.
const FINDINGS: u8 = 1;
/// The run could not judge.
const COULD_NOT_JUDGE: u8 = 2;
/// There was nothing to judge.
const NOTHING_CHECKED: u8 = 3;

/// The three streams of a process.
pub struct Streams<'a> {
    /// Where `-` reads from, and answers come from.
    pub stdin: &'a mut dyn Read,
    /// For reports.
    pub stdout: &'a mut dyn Write,
    /// For what went wrong.
    pub stderr: &'a mut dyn Write,
    /// Whether a person types on standard input.
    pub stdin_is_terminal: bool,
    /// Whether a person looks at standard output.
    pub stdout_is_terminal: bool,
    /// Whether a person looks at standard error.
    pub stderr_is_terminal: bool,
}

/// What the command line takes from the environment.
#[derive(Debug, Clone, Default)]
pub struct Env {
    /// The folder that relative paths count from; `None` where it no longer exists.
    pub current_dir: Option<PathBuf>,
    /// `NO_COLOR` is set to something, or the terminal is `dumb`.
    pub no_color: bool,
    /// `FORCE_COLOR` or `CLICOLOR_FORCE` is set to something other than `0`.
    pub force_color: bool,
    /// `COLUMNS`: how wide the terminal is.
    pub columns: Option<usize>,
    /// `PRE_COMMIT_FROM_REF` and `PRE_COMMIT_TO_REF`: what a hook before a push is about.
    pub pushed: Option<(String, String)>,
    /// The date at the moment, for what runs past midnight; `None` where it stays what it was at the start.
    pub clock: Option<fn() -> Date>,
    /// The CI service that reads the log of the run, if it says so.
    pub ci: Option<Ci>,
    /// Where what was judged is kept beyond a run: `PURPOSELINT_CACHE_DIR`, else below the folder that the platform has for it;
    /// `None` where there is none.
    pub cache_dir: Option<PathBuf>,
}

impl Env {
    /// The folder that relative paths count from.
    fn current(&self) -> &Path {
        self.current_dir.as_deref().unwrap_or(Path::new("."))
    }

    /// The environment as a function gives it.
    pub fn new(current_dir: Option<PathBuf>, variable: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| set(name)?.into_string().ok();
        let columns = set("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok());
        Self {
            current_dir,
            no_color: set("NO_COLOR").is_some() || set("TERM").is_some_and(|term| term == "dumb"),
            force_color: ["FORCE_COLOR", "CLICOLOR_FORCE"]
                .into_iter()
                .any(|name| set(name).is_some_and(|on| on != "0")),
            columns: columns.filter(|columns| *columns > 0),
            pushed: text("PRE_COMMIT_FROM_REF").zip(text("PRE_COMMIT_TO_REF")),
            clock: None,
            ci: Ci::new(&set),
            cache_dir: cache::folder(cache::Platform::HERE, &set),
        }
    }
}

/// A CI service that takes lines of a log for orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ci {
    /// GitHub Actions, and what runs its workflows elsewhere: `GITHUB_ACTIONS`.
    Github,
    /// Azure Pipelines: `TF_BUILD`.
    Azure,
    /// TeamCity: `TEAMCITY_VERSION`.
    Teamcity,
}

impl Ci {
    fn new(set: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        let all = [("GITHUB_ACTIONS", Self::Github), ("TF_BUILD", Self::Azure), ("TEAMCITY_VERSION", Self::Teamcity)];
        all.into_iter().find_map(|(name, ci)| set(name).map(|_| ci))
    }

    /// Its name.
    fn as_str(self) -> &'static str {
        match self {
            Self::Github => "GitHub Actions",
            Self::Azure => "Azure Pipelines",
            Self::Teamcity => "TeamCity",
        }
    }
}

const LONG_HELP: &str = "\
A service declares its purposes, and the settings that switch them on or off per
region, age and plan, in a file purposes.yaml. purposelint works out which
default each person gets, and flags what the rules object to, at the line that
causes it.

Start here:
  purposelint init   write a first purposes.yaml, with what is to be filled in
  purposelint check  what is flagged, and which facts are missing
  purposelint explain fair-defaults/setting-buried
                     what a rule looks at, why, and where it comes from

Examples:
  purposelint                              check the workspace
  purposelint services/feed/purposes.yaml  check it all, report on one file
  purposelint matrix                       who gets which default, at a glance
  purposelint diff main                    what a branch changes for people
  purposelint log genai_training           when its default changed
  purposelint why genai_training --region FR
                                           which line decides for a person
  purposelint completions bash             completion of commands and flags

`purposelint [PATHS]` is short for `purposelint check [PATHS]` and takes the
options of `check`.

Exit codes:
  0  nothing was found that fails a run
  1  findings at or above `--fail-on` (default: error)
  2  could not judge: wrong usage, a broken config or pack, a file that cannot
     be read
  3  nothing was checked: no declarations, or no rule that applies

Read on:
  purposelint COMMAND --help      every command has examples
  purposelint rules               the rules, by pack
  purposelint schema declaration  everything a declaration may say
  purposelint man | man -l -      all of this on one page
  https://purposelint.dev";

/// A linter for what a company declares it does with personal data: purposes, settings, and who gets which default.
#[derive(Debug, Parser)]
#[command(name = "purposelint", version, after_help = "`purposelint [PATHS]` is short for `purposelint check [PATHS]`", after_long_help = LONG_HELP)]
struct Args {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
struct Global {
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN", display_order = 900)]
    color: Color,
    /// Print findings only: no summary, no notices
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = 901)]
    quiet: bool,
    /// Print everything: `info` and undetermined findings in full
    #[arg(short, long, global = true, display_order = 902)]
    verbose: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::CheckArgs),
    Diff(diff::DiffArgs),
    Log(log::LogArgs),
    Explain(explain::ExplainArgs),
    Rules(rules::RulesArgs),
    Why(why::WhyArgs),
    Matrix(matrix::MatrixArgs),
    Config(config::ConfigArgs),
    Test(test::TestArgs),
    Baseline(baseline::BaselineArgs),
    Cache(cache::CacheArgs),
    Waivers(waivers::WaiversArgs),
    Schema(schema::SchemaArgs),
    Init(init::InitArgs),
    New(new::NewArgs),
    #[command(visible_alias = "server")]
    Lsp(lsp::LspArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// What every command is given.
struct Context<'a, 's> {
    global: Global,
    streams: &'a mut Streams<'s>,
    env: &'a Env,
    today: Date,
}

/// Runs a command line; the first argument is the name of the program. Gives the exit code.
pub fn run(args: impl Iterator<Item = OsString>, streams: &mut Streams<'_>, env: &Env, today: Date) -> u8 {
    let columns = env.columns.filter(|_| streams.stdout_is_terminal).unwrap_or(output::TERMINAL_WIDTH);
    let mut command = Args::command().term_width(columns.min(100));
    let args = with_command(&command, args.collect());
    let parsed = command.try_get_matches_from_mut(&args).and_then(|matches| Args::from_arg_matches(&matches));
    let args = match parsed {
        Ok(args) => args,
        Err(error) => return output::clap_error(&with_nearest(error, &command, &args), streams, env),
    };
    let mut context = Context { global: args.global, streams, env, today };
    let result = match &args.command {
        Command::Check(args) => check::run(args, &mut context),
        Command::Diff(args) => diff::run(args, &mut context),
        Command::Log(args) => log::run(args, &mut context),
        Command::Explain(args) => explain::run(args, &mut context),
        Command::Rules(args) => rules::run(args, &mut context),
        Command::Why(args) => why::run(args, &mut context),
        Command::Matrix(args) => matrix::run(args, &mut context),
        Command::Config(args) => config::run(args, &mut context),
        Command::Test(args) => test::run(args, &mut context),
        Command::Baseline(args) => baseline::run(args, &mut context),
        Command::Cache(args) => cache::run(args, &mut context),
        Command::Waivers(args) => waivers::run(args, &mut context),
        Command::Schema(args) => schema::run(args, &mut context),
        Command::Init(args) => init::run(args, &mut context),
        Command::New(args) => new::run(args, &mut context),
        Command::Lsp(args) => lsp::run(args, &mut context),
        Command::Completions(args) => completions::run(args, &mut context),
        Command::Man(args) => man::run(args, &mut context),
    };
    result.unwrap_or_else(|failure| {
        failure::print(&failure, &mut context);
        COULD_NOT_JUDGE
    })
}

/// Puts `check` in front of arguments that name no command. Options of every command may stand before the command.
fn with_command(command: &clap::Command, mut args: Vec<OsString>) -> Vec<OsString> {
    let known = names_of(command);
    let is_command = |word: &OsStr| known.iter().any(|name| word == name.as_str());
    let mut at = 1;
    while let Some(word) = args.get(at).and_then(|word| word.to_str()) {
        match word {
            "-q" | "-v" | "--quiet" | "--verbose" => at += 1,
            "--color" => at += 2,
            word if word.starts_with("--color=") => at += 1,
            _ => break,
        }
    }
    let own_flag = |word: &OsStr| ["-h", "--help", "-V", "--version"].into_iter().any(|flag| word == flag);
    let names_one = args.get(at).is_some_and(|word| is_command(word) || own_flag(word));
    if !names_one {
        args.insert(1.min(args.len()), OsString::from("check"));
    }
    args
}

/// Names the option that was meant, where only the parser does not see it: to it, a short one is nothing like one with two letters
/// the other way round.
fn with_nearest(mut error: clap::Error, command: &clap::Command, args: &[OsString]) -> clap::Error {
    let is_open = error.kind() == ErrorKind::UnknownArgument && error.get(ContextKind::SuggestedArg).is_none();
    let wrong = error.get(ContextKind::InvalidArg).filter(|_| is_open);
    let Some(ContextValue::String(wrong)) = wrong else { return error };
    let named = args.iter().skip(1).find_map(|word| command.find_subcommand(word));
    let options = named.into_iter().flat_map(clap::Command::get_arguments).filter_map(clap::Arg::get_long);
    if let Some(near) = wrong.strip_prefix("--").and_then(|wrong| suggest::nearest(wrong, options)) {
        error.remove(ContextKind::Suggested);
        error.insert(ContextKind::SuggestedArg, ContextValue::String(format!("--{near}")));
    }
    error
}

/// The names of all commands.
fn names() -> Vec<String> {
    names_of(&Args::command())
}

/// The names of all commands, with those that stand beside them in the help.
fn names_of(command: &clap::Command) -> Vec<String> {
    let names = command.get_subcommands().flat_map(clap::Command::get_name_and_visible_aliases);
    names.chain(["help"]).map(str::to_owned).collect()
}

/// Reads a day for an option.
fn day(text: &str) -> Result<Date, &'static str> {
    Date::parse(text).ok_or("write an existing day as YYYY-MM-DD")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn check_is_what_happens_without_a_command() {
        let with = |line: &str| {
            let args = ["purposelint"].into_iter().chain(line.split_whitespace()).map(OsString::from).collect();
            let args = with_command(&Args::command(), args);
            args.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        for (line, expected) in [
            ("", "check"),
            ("a.yaml", "check a.yaml"),
            ("--format json", "check --format json"),
            ("--format json check", "check --format json check"),
            ("-q --color never a.yaml", "check -q --color never a.yaml"),
            ("check a.yaml", "check a.yaml"),
            ("--color=never rules", "--color=never rules"),
            ("--help", "--help"),
            ("-V", "-V"),
            ("help why", "help why"),
            ("server --stdio", "server --stdio"),
            ("-- check", "check -- check"),
            ("-", "check -"),
        ] {
            assert_eq!(with(line), expected, "{line}");
        }
    }

    #[test]
    fn the_environment_decides_on_colour_and_who_reads_the_log() {
        let env = |pairs: &'static [(&str, &str)]| {
            Env::new(None, &|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)))
        };
        assert!(env(&[("NO_COLOR", "1")]).no_color);
        assert!(!env(&[("NO_COLOR", "")]).no_color);
        assert!(env(&[("TERM", "dumb")]).no_color);
        assert!(env(&[("FORCE_COLOR", "3")]).force_color);
        assert!(!env(&[("CLICOLOR_FORCE", "0")]).force_color);
        assert_eq!(env(&[("COLUMNS", "72")]).columns, Some(72));
        assert_eq!(env(&[("COLUMNS", "wide")]).columns, None);
        assert_eq!(env(&[("TF_BUILD", "True")]).ci, Some(Ci::Azure));
        assert_eq!(env(&[("GITHUB_ACTIONS", "")]).ci, None);
    }
}
