//! `purposelint baseline`: the findings that existed when the tool was adopted, in a file that may only shrink.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::workspace::{self, Engine, Input, PackArgs, Workspace};
use super::{CLEAN, COULD_NOT_JUDGE, Context, FINDINGS, check, declared, output, shown};
use crate::discover::BASELINE;
use crate::evaluate::{Finding, SuppressedBy};
use crate::lint::Report;
use crate::report::{self, Format, Run};
use crate::space::Date;
use crate::suppress::{self, Baseline};

const EXAMPLES: &str = "\
Examples:
  purposelint baseline create  accept what is flagged today, to adopt the tool
  purposelint check            only what is new is flagged from now on
  purposelint baseline update  take out what was repaired
  purposelint baseline check   in CI: does the file say exactly what there is?

The baseline is `purposelint-baseline.json` at the root of the workspace. It
goes into version control. A finding is known by its rule, its service and what
it is about, not by its line; one that concerns more people than before, or is
more serious, is new. Findings of locked rules, and errors that keep a
declaration from being judged, are never taken in.

Exit codes:
  0  done; `check`: the baseline says exactly what there is
  1  `create`: there are new findings, and the baseline was not touched;
     `check`: there are new findings, the baseline may shrink, or something is
     open that no baseline accepts
  2  could not judge; what was not judged is not taken out
  3  nothing was checked, so there is nothing to accept";

/// Accept the findings there are, to adopt the tool
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct BaselineArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write the baseline with everything that is flagged now
    Create(CreateArgs),
    /// Take out what no longer occurs; nothing is added
    Update(CommonArgs),
    /// Fail if there are new findings, or if the baseline may shrink
    Check(CommonArgs),
}

#[derive(Debug, Args)]
struct CreateArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// Take new findings into a baseline that exists
    #[arg(long)]
    update: bool,
}

#[derive(Debug, Args)]
struct CommonArgs {
    /// A file or folder of the workspace; the whole workspace is judged in any case
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// Judge as of this day, not today
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<Date>,
    #[command(flatten)]
    packs: PackArgs,
}

/// A workspace with everything that is flagged in it.
struct Judged {
    workspace: Workspace,
    engine: Engine,
    report: Report,
}

impl Judged {
    fn new(args: &CommonArgs, context: &mut Context<'_, '_>) -> Result<Self, Failure> {
        let input = Input { paths: args.path.clone().into_iter().collect(), ..Input::of_packs(&args.packs) };
        let mut workspace = workspace::read(&input, context)?;
        workspace.read_baseline()?;
        let date = args.as_of.unwrap_or(context.today);
        let engine = Engine::load(&mut workspace, &args.packs.packs, context.env.current(), date)?;
        let report = engine.lint(&workspace, date);
        Ok(Self { workspace, engine, report })
    }

    /// Why a baseline of it would be one of something else; the exit code, if so.
    fn unsound(&self, context: &mut Context<'_, '_>) -> Option<u8> {
        declared::unsound(&self.report, (&self.workspace, &self.engine.library), false, context)
    }

    /// What the baseline accepts, and what is open and could be accepted.
    fn known_and_new(&self) -> (Vec<&Arc<Finding>>, Vec<&Arc<Finding>>) {
        let by = |finding: &Finding| finding.suppressed.as_ref().map(|suppressed| suppressed.by);
        let may = |finding: &Finding| {
            suppress::may_be_known(&finding.rule, Some(&self.workspace.config), &self.engine.library)
        };
        let findings = || self.report.findings.iter();
        let known = findings().filter(|finding| by(finding) == Some(SuppressedBy::Baseline)).collect();
        (known, findings().filter(|finding| finding.is_open() && may(finding)).collect())
    }

    /// What is open and no baseline accepts.
    fn kept(&self) -> impl Iterator<Item = &Arc<Finding>> {
        let library = &self.engine.library;
        let is_kept = |finding: &&Arc<Finding>| {
            let known = suppress::may_be_known(&finding.rule, Some(&self.workspace.config), library);
            finding.is_open() && !known && !suppress::is_about_suppressions(&finding.rule, library)
        };
        self.report.findings.iter().filter(is_kept)
    }

    fn shrinkable(&self) -> usize {
        if self.report.checked.partial { 0 } else { self.not_found() }
    }

    /// How many findings of the baseline were not found again, or for fewer people.
    fn not_found(&self) -> usize {
        self.workspace
            .baseline
            .as_ref()
            .map_or(0, |baseline| baseline.shrinkable(&self.report.findings, &|rule| self.engine.runs(rule)))
    }

    /// Whether a file that is there was not judged.
    fn has_unread(&self) -> bool {
        check::has_unread(&self.report, &self.workspace)
    }

    /// What is said of findings that may be found where nobody looked.
    fn unseen(&self) -> Option<String> {
        let kept = self.not_found();
        let lack = self.workspace.extent.lack();
        let because = if self.has_unread() { "not everything could be judged" } else { lack };
        let line = || format!("{} kept although not found again, because {because}", findings_are(kept));
        (self.report.checked.partial && kept > 0).then(line)
    }

    fn write(&self, baseline: &Baseline) -> Result<(), Failure> {
        let text = baseline.text(&self.engine.library.atlas, self.report.as_of);
        output::to_file(&self.path(), |out| out.write_all(text.as_bytes()))
    }

    fn path(&self) -> PathBuf {
        self.workspace.root.join(BASELINE)
    }
}

/// Runs the command.
pub(super) fn run(args: &BaselineArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let common = match &args.action {
        Action::Create(args) => &args.common,
        Action::Update(args) | Action::Check(args) => args,
    };
    let judged = Judged::new(common, context)?;
    if let Some(code) = judged.unsound(context) {
        return Ok(code);
    }
    shown::tell_partial(&judged.workspace, context);
    match &args.action {
        Action::Create(args) => create(&judged, args.update, context),
        Action::Update(_) => update(&judged, context),
        Action::Check(_) => verify(&judged, context),
    }
}

fn create(judged: &Judged, may_grow: bool, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let (known, new) = judged.known_and_new();
    let exists = judged.workspace.baseline.is_some();
    if exists && !new.is_empty() && !may_grow {
        list(&new, judged, context)?;
        let message = format!("{} would be accepted that `{BASELINE}` does not have", findings(new.len()));
        let help = "repair what is new; or, if it is to be accepted, run `purposelint baseline create --update`";
        let color = output::stderr_options(context).color;
        output::complain(context.streams.stderr, "error", &message, Some(help), color);
        return Ok(FINDINGS);
    }
    let baseline = match &judged.workspace.baseline {
        Some(baseline) if judged.report.checked.partial => baseline.grown(new.iter().map(|finding| &***finding)),
        _ => Baseline::of(known.iter().chain(&new).map(|finding| &***finding)),
    };
    judged.write(&baseline)?;
    let mut lines = vec![format!("{BASELINE}: {} accepted", findings(baseline.len()))];
    if exists {
        lines.push(format!("{} of them new, {} taken out or made smaller", new.len(), judged.shrinkable()));
    }
    lines.extend(judged.unseen());
    say(lines, judged, context)?;
    Ok(if exists { unless_unread(judged, context) } else { CLEAN })
}

/// The exit code where findings stay in the baseline that nobody could judge, which is said.
fn unless_unread(judged: &Judged, context: &mut Context<'_, '_>) -> u8 {
    if !judged.has_unread() {
        return CLEAN;
    }
    let color = output::stderr_options(context).color;
    let message = format!("not everything could be judged, so nothing was taken out of `{BASELINE}`");
    let help = Some("`purposelint check` says what could not be read; repair it, and run the command again");
    output::complain(context.streams.stderr, "error", &message, help, color);
    COULD_NOT_JUDGE
}

fn update(judged: &Judged, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let Some(baseline) = &judged.workspace.baseline else { return Err(no_baseline(judged)) };
    let shrunk = match judged.report.checked.partial {
        true => baseline.clone(),
        false => baseline.shrunk(&judged.report.findings, &|rule| judged.engine.runs(rule)),
    };
    let shrinkable = judged.shrinkable();
    if shrinkable > 0 {
        judged.write(&shrunk)?;
    }
    let gone = baseline.len() - shrunk.len();
    let smaller = shrinkable - gone;
    let mut what: Vec<String> = Vec::new();
    what.extend((gone > 0).then(|| format!("{gone} taken out")));
    what.extend((smaller > 0).then(|| format!("{smaller} made smaller")));
    let what = if what.is_empty() { "nothing to take out".to_owned() } else { what.join(", ") };
    let mut lines = vec![format!("{BASELINE}: {what}; {} accepted", findings(shrunk.len()))];
    let unjudged = baseline.unjudged(&|rule| judged.engine.runs(rule));
    if unjudged > 0 {
        lines.push(format!(
            "{} kept, because their rules are switched off or their packs are not in use",
            findings_are(unjudged)
        ));
    }
    lines.extend(judged.unseen());
    let (_, new) = judged.known_and_new();
    if !new.is_empty() {
        let otherwise = new.iter().filter(|finding| finding.news.is_some()).count();
        let more = match otherwise {
            0 => String::new(),
            _ => format!("; the baseline has {otherwise} of them for fewer people or as less severe"),
        };
        lines.push(format!("{} open, as `purposelint check` reports{more}", findings_are(new.len())));
    }
    say(lines, judged, context)?;
    Ok(unless_unread(judged, context))
}

/// Whether the file says exactly what there is.
fn verify(judged: &Judged, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    if judged.workspace.baseline.is_none() {
        return Err(no_baseline(judged));
    }
    let (known, new) = judged.known_and_new();
    let shrinkable = judged.shrinkable();
    let blocking = judged.kept().filter(|finding| finding.severity >= judged.workspace.config.fail_on()).count();
    if new.is_empty() && shrinkable == 0 && blocking == 0 {
        let unseen = judged.unseen();
        let still = if unseen.is_none() { "all of which still occur" } else { "which still occur" };
        let line = format!("{BASELINE}: {}, {still}; nothing is new", findings(known.len()));
        return say([line].into_iter().chain(unseen).collect(), judged, context);
    }
    let shown: Vec<&Arc<Finding>> = new.iter().copied().chain(judged.kept()).collect();
    list(&shown, judged, context)?;
    let color = output::stderr_options(context).color;
    if !new.is_empty() {
        let message = format!("{} not in `{BASELINE}`", findings_are(new.len()));
        let help = "repair what is new: a baseline only shrinks";
        output::complain(context.streams.stderr, "error", &message, Some(help), color);
    }
    if blocking > 0 {
        let message = format!("{} open that no baseline accepts", findings_are(blocking));
        let help = "repair them: their rules are locked, or they keep a declaration from being judged";
        output::complain(context.streams.stderr, "error", &message, Some(help), color);
    }
    if let Some(unseen) = judged.unseen() {
        output::complain(context.streams.stderr, "note", &unseen, None, color);
    }
    if shrinkable > 0 {
        let verbs = if shrinkable == 1 { "no longer occurs, or concerns" } else { "no longer occur, or concern" };
        let message = format!("{} in `{BASELINE}` {verbs} fewer people", findings(shrinkable));
        let help = "run `purposelint baseline update`, so that they cannot come back unseen";
        output::complain(context.streams.stderr, "error", &message, Some(help), color);
    }
    Ok(FINDINGS)
}

fn no_baseline(judged: &Judged) -> Failure {
    Failure::Missing {
        path: judged.path().display().to_string(),
        help: "write one with `purposelint baseline create`".to_owned(),
    }
}

fn findings(count: usize) -> String {
    if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") }
}

fn findings_are(count: usize) -> String {
    format!("{} {}", findings(count), if count == 1 { "is" } else { "are" })
}

/// Prints findings in one line each.
fn list(new: &[&Arc<Finding>], judged: &Judged, context: &mut Context<'_, '_>) -> Result<(), Failure> {
    let report = Report { findings: new.iter().copied().cloned().collect(), ..judged.report.clone() };
    let options = output::stdout_options(context);
    let sources = &judged.workspace.sources;
    let run = Run { library: &judged.engine.library, exit_code: FINDINGS, idle: &[], may_be_idle: false };
    output::to_stdout(context, |out| report::render(Format::Concise, &report, sources, &run, &options, out))
}

/// Says what was done, and what stays open although it was flagged.
fn say(mut lines: Vec<String>, judged: &Judged, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    if context.global.quiet {
        return Ok(CLEAN);
    }
    let kept: Vec<&str> = judged.kept().map(|finding| finding.rule.as_str()).collect();
    if !kept.is_empty() {
        let names: BTreeSet<&str> = kept.iter().copied().collect();
        let names: Vec<&str> = names.into_iter().collect();
        lines.push(format!("{} open that no baseline accepts: {}", findings_are(kept.len()), names.join(", ")));
    }
    output::to_stdout(context, |out| lines.iter().try_for_each(|line| writeln!(out, "{}", output::shown(line))))?;
    Ok(CLEAN)
}
