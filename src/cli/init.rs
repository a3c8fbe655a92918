//! `purposelint init`: a first declaration and config, from a few answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::create::{self, NewFile};
use super::failure::Failure;
use super::form::{self, Form};
use super::output::shown;
use super::starter::{self, Facts};
use super::workspace::{self, Engine, Input, PackArgs, Workspace};
use super::{CLEAN, Context, output};
use crate::discover::{CONFIG, find_root};
use crate::evaluate::{Finding, Outcome};
use crate::report;
use crate::space::{AgeSet, Atlas, Date, TerritorySet};

const EXAMPLES: &str = "\
Examples:
  purposelint init        ask, and write purposes.yaml and purposelint.yaml here
  purposelint init --yes  ask nothing: the defaults, and the name of this folder
  purposelint init --service notes_app --regions EU,US --ages 16+ --default on
  purposelint init --dir services/feed --use personalize.content.profiled

Questions are asked where standard input is a terminal. Elsewhere defaults stand
in for what no flag says, and the command tells which. No file is ever
overwritten. Where this folder or one above has a purposelint.yaml, the
declaration joins that workspace and no second config is written.

Exit codes:
  0  the files were written; what `purposelint check` finds in them is printed
  2  nothing was written: a file exists, a value is wrong, a question was not
     answered";

/// The declaration that is written.
const DECLARATION: &str = "purposes.yaml";

/// Write a first declaration and config, with comments that say what to fill in
#[derive(Debug, Args)]
#[command(after_help = "Examples: `purposelint init --help`", after_long_help = EXAMPLES)]
pub(super) struct InitArgs {
    /// The id of the service, such as `notes_app`; default: the name of the folder
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// The name of the service for people; default: its id in words
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Where it is offered: codes and groups, such as `EU,US`; default: WORLD
    #[arg(long, value_name = "REGIONS")]
    regions: Option<String>,
    /// Who may use it, such as `16+`; default: everybody
    #[arg(long, value_name = "AGES")]
    ages: Option<String>,
    /// The ids of its plans, such as `free,premium`; default: none
    #[arg(long, value_name = "PLANS")]
    plans: Option<String>,
    /// What the personal data is used for, from the vocabulary; default: train_ai_system
    #[arg(long = "use", value_name = "USE")]
    use_key: Option<String>,
    /// Whether that happens to a person who does nothing: `off`, `on`, or `ask` where the product asks first; default: off
    #[arg(long, value_name = "STATE")]
    default: Option<String>,
    /// The folder to write to; default: this one
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Judge what was written as of this day, not today
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<Date>,
    /// Ask nothing: take the defaults
    #[arg(short, long)]
    yes: bool,
}

/// Runs the command.
pub(super) fn run(args: &InitArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let place = Place::find(args.dir.as_deref(), context)?;
    place.refuse_taken()?;
    if place.config.is_some() {
        // a config that cannot be followed is said before anything is written
        load(vec![place.there.clone()], args, context)?;
    }
    let facts = facts(args, &place, context)?;
    let files = place.files(&facts);
    create::create(&files)?;
    let names: Vec<String> = files.iter().map(|file| shown(&file.shown)).collect();
    let mut text = format!("wrote {}\n", crate::suggest::join(&names));
    if place.has_config {
        let config = place.shown.join(CONFIG).display().to_string();
        text.push_str(&format!("{} was there and is left as it is\n", shown(&config)));
    } else if let Some(config) = &place.config {
        text.push_str(&format!("the config of this workspace is {}\n", shown(&config.display().to_string())));
    }
    output::to_stdout(context, |out| out.write_all(text.as_bytes()))?;
    let findings = judge(&place, args, context)?;
    let text = next(&place, &facts, &findings, args, context);
    output::to_stdout(context, |out| out.write_all(text.as_bytes()))?;
    Ok(CLEAN)
}

/// Where the files go.
struct Place {
    /// Absolute.
    folder: PathBuf,
    /// As it stands before file names; empty for the current folder.
    shown: PathBuf,
    /// The folder, or the nearest above that exists.
    there: PathBuf,
    /// The config that already holds for this folder: of a folder above, or its own.
    config: Option<PathBuf>,
    /// Whether that is its own.
    has_config: bool,
}

impl Place {
    fn find(dir: Option<&Path>, context: &Context<'_, '_>) -> Result<Self, Failure> {
        let current = context.env.current_dir.clone().ok_or(Failure::NoCurrentDir)?;
        let shown = dir.filter(|dir| *dir != Path::new(".")).map(Path::to_owned).unwrap_or_default();
        let folder = current.join(&shown);
        // the folder may be one that does not exist yet
        let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(&current).to_owned();
        let has_config = folder.join(CONFIG).is_file();
        Ok(Self { config: find_root(&there).config, has_config, there, folder, shown })
    }

    fn file(&self, name: &str, text: String) -> NewFile {
        NewFile { path: self.folder.join(name), shown: self.shown.join(name).display().to_string(), text }
    }

    /// Says so before anybody answers questions; a file of the same meaning under another ending counts.
    fn refuse_taken(&self) -> Result<(), Failure> {
        let names = [DECLARATION, "purposes.yml", CONFIG, "purposelint.yml"];
        let is_taken = |name: &&str| create::exists(&self.folder.join(name)) && !(self.has_config && *name == CONFIG);
        match names.into_iter().find(is_taken) {
            Some(name) => Err(Failure::Exists { path: self.shown.join(name).display().to_string() }),
            None => Ok(()),
        }
    }

    fn files(&self, facts: &Facts) -> Vec<NewFile> {
        let mut files = vec![self.file(DECLARATION, starter::declaration(facts))];
        if self.config.is_none() {
            files.push(self.file(CONFIG, starter::config()));
        }
        files
    }

    /// What follows `purposelint check` so that it is about these files; empty where that is the whole workspace.
    fn argument(&self) -> String {
        match (self.shown.as_os_str().is_empty(), &self.config) {
            (true, None) => String::new(),
            (true, Some(_)) => format!(" {DECLARATION}"),
            (false, _) => format!(" {}", quoted(&self.shown.display().to_string())),
        }
    }
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./\\:".contains(c);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// What the flags say, then what is answered, then the defaults.
fn facts(args: &InitArgs, place: &Place, context: &mut Context<'_, '_>) -> Result<Facts, Failure> {
    let today = context.today;
    let asks = context.streams.stdin_is_terminal && !args.yes;
    if asks {
        writeln!(context.streams.stderr, "A few questions; Enter takes what stands in brackets.")?;
    }
    let mut form = Form { context, asks, assumed: Vec::new() };
    let name = place.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let guess = form::to_id(&name).unwrap_or_else(|| "my_service".to_owned());
    let service = form.get("service", args.service.as_deref(), "service, as an id", &guess, form::id)?;
    let guess = form::in_words(&service);
    let title = form.get("title", args.title.as_deref(), "its name for people", &guess, form::title)?;
    let question = "where it is offered: codes such as FR or US-CA, groups such as EU";
    let regions = form.get("regions", args.regions.as_deref(), question, "WORLD", |text| form::regions(text, today))?;
    let question = "who may use it, such as 16+";
    let ages = form.get("ages", args.ages.as_deref(), question, form::EVERYBODY, form::ages)?;
    let question = "plans with defaults of their own, such as free,premium";
    let plans = form.get("plans", args.plans.as_deref(), question, form::NONE, form::plans)?;
    let question = "what the personal data is used for; ? lists the uses";
    let use_key = form.get("use", args.use_key.as_deref(), question, "train_ai_system", form::use_key)?;
    let question = "does that happen to a person who does nothing: off, on, or ask where the product asks first";
    let default = form.get("default", args.default.as_deref(), question, "off", form::default)?;
    let assumed = std::mem::take(&mut form.assumed);
    if !assumed.is_empty() && !context.global.quiet {
        let why = if args.yes { "nothing was asked" } else { "standard input is no terminal, so nothing was asked" };
        let message = format!("{why}; taken as defaults: {}", assumed.join(", "));
        let help = "`purposelint init --help` has a flag for each; the file can be changed as well";
        let color = output::stderr_options(context).color;
        output::complain(context.streams.stderr, "note", &message, Some(help), color);
    }
    Ok(Facts { service, title, regions, ages, plans, use_key, default })
}

/// What `check` finds in what was just written: the program says it, so it is true whatever the rules of the day.
fn judge(place: &Place, args: &InitArgs, context: &mut Context<'_, '_>) -> Result<Vec<Arc<Finding>>, Failure> {
    let paths = match (place.shown.as_os_str().is_empty(), &place.config) {
        (true, None) => Vec::new(),
        (true, Some(_)) => vec![PathBuf::from(DECLARATION)],
        (false, _) => vec![place.shown.clone()],
    };
    let (workspace, engine) = load(paths, args, context)?;
    let report = engine.lint(&workspace, args.as_of.unwrap_or(context.today));
    Ok(report.findings.into_iter().filter(|finding| workspace.is_in_focus(finding)).collect())
}

fn load(paths: Vec<PathBuf>, args: &InitArgs, context: &mut Context<'_, '_>) -> Result<(Workspace, Engine), Failure> {
    let packs = PackArgs { packs: Vec::new(), config: None, base: None };
    let input = Input { paths, ..Input::of_packs(&packs) };
    let mut workspace = workspace::read(&input, context)?;
    let engine = Engine::load(&mut workspace, &[], context.env.current(), args.as_of.unwrap_or(context.today))?;
    Ok((workspace, engine))
}

/// The last words: what the files are worth now, and what to do next.
fn next(place: &Place, facts: &Facts, findings: &[Arc<Finding>], args: &InitArgs, context: &Context<'_, '_>) -> String {
    let mut argument = place.argument();
    if let Some(day) = args.as_of {
        argument.push_str(&format!(" --as-of {day}"));
    }
    let mut why = format!("purposelint why {} --region {}", starter::purpose_id(facts), region(facts, context));
    if let Some(age) = age_to_name(facts) {
        why.push_str(&format!(" --age {age}"));
    }
    if let Some(plan) = facts.plans.first() {
        why.push_str(&format!(" --plan {plan}"));
    }
    why.push_str(&argument);
    let rule = worst(findings).map_or("fair-defaults/ai-training-on-by-default", |finding| &finding.rule);
    let commands = [
        (format!("purposelint check{argument}"), "what is flagged, and which facts are missing"),
        (why, "which default holds for one person, and by which line"),
        (format!("purposelint explain {rule}"), "what a rule looks at, and why"),
    ];
    format!(
        "\n`purposelint check{argument}` says now: {}\nCorrect and complete {}: `#` directly before a key marks a fact that is \
         not declared yet.\n\n{}",
        report::outcome(findings),
        shown(&place.shown.join(DECLARATION).display().to_string()),
        output::steps(&commands)
    )
}

fn worst(findings: &[Arc<Finding>]) -> Option<&Finding> {
    let rank = |finding: &&Finding| (finding.outcome == Outcome::Fail, finding.severity);
    // the first of equals
    findings.iter().map(|finding| &**finding).rev().max_by_key(rank)
}

/// A territory to ask about: a familiar one, or else the first there is.
fn region(facts: &Facts, context: &Context<'_, '_>) -> String {
    let atlas = Atlas::builtin();
    let served = facts.regions.iter().filter_map(|name| atlas.lookup(name, context.today).ok());
    let served = served.fold(TerritorySet::EMPTY, TerritorySet::or);
    let familiar = ["FR", "US-CA", "GB"].into_iter().find(|code| atlas.leaf(code).is_some_and(|leaf| served.has(leaf)));
    let first = || served.iter().next().map(|leaf| atlas.code(leaf).to_owned());
    familiar.map(str::to_owned).or_else(first).unwrap_or_else(|| "FR".to_owned())
}

/// An age to name where adults, the default of `why`, are not among the users.
fn age_to_name(facts: &Facts) -> Option<u8> {
    let ages = facts.ages.iter().filter_map(|text| AgeSet::parse(text)).fold(AgeSet::EMPTY, AgeSet::or);
    ages.iter().next().filter(|_| !ages.iter().any(|age| age == crate::space::ADULT))
}
