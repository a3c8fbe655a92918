//! `purposelint rules`: all rules, by pack.

use std::io::{self, Write};

use clap::Args;

use super::failure::Failure;
use super::output::shown;
use super::workspace::{self, Engine, Input, PackArgs};
use super::{CLEAN, Context, output};
use crate::policy::{Choice, On, Pack, Rule};
use crate::space::Date;

const EXAMPLES: &str = "\
Examples:
  purposelint rules
  purposelint rules --active
  purposelint rules --pack core
  purposelint rules --format json";

/// List the packs with their rules: which of them judge this workspace, and why
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RulesArgs {
    /// Only the rules of this pack; may be repeated
    #[arg(long, value_name = "PACK")]
    pack: Vec<String>,
    /// Only packs that this workspace is judged by
    #[arg(long)]
    active: bool,
    /// Judge as of this day, not today
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<Date>,
    /// How the list is written
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = ["human", "json"])]
    format: String,
    #[command(flatten)]
    packs: PackArgs,
}

/// Runs the command.
pub(super) fn run(args: &RulesArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let mut workspace = workspace::read(&Input::of_packs(&args.packs), context)?;
    let engine = Engine::load_whole(
        &mut workspace,
        &args.packs.packs,
        context.env.current(),
        args.as_of.unwrap_or(context.today),
    )?;
    let all = &engine.library.packs;
    let known: Vec<String> = all.iter().map(|pack| pack.name.clone()).collect();
    if let Some(name) = args.pack.iter().find(|name| !known.contains(name)) {
        return Err(workspace::no_such_pack(name, &known, context));
    }
    let is_wanted = |entry: &&Listed<'_>| {
        let named = args.pack.is_empty() || args.pack.contains(&entry.pack.name);
        named && (!args.active || entry.choice.active)
    };
    let choice = |pack: &Pack| engine.choices.iter().find(|choice| choice.pack == pack.name);
    let atlas = &engine.library.atlas;
    let listed: Vec<Listed<'_>> = all
        .iter()
        .filter_map(|pack| Some(Listed { pack, why: choice(pack)?.why(atlas), choice: choice(pack)? }))
        .collect();
    let listed: Vec<&Listed<'_>> = listed.iter().filter(is_wanted).collect();
    let is_json = args.format == "json";
    output::to_stdout(context, |out| if is_json { json(&listed, out) } else { table(&listed, out) })?;
    Ok(CLEAN)
}

/// A pack, and whether it is used.
struct Listed<'a> {
    pack: &'a Pack,
    choice: &'a Choice,
    why: String,
}

fn table(packs: &[&Listed<'_>], out: &mut dyn Write) -> io::Result<()> {
    let ids = packs.iter().flat_map(|listed| &listed.pack.rules).map(|rule| rule.id.chars().count());
    let width = ids.max().unwrap_or_default();
    for (at, Listed { pack, choice, why }) in packs.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        writeln!(out, "{gap}{} {}: {}", shown(&pack.name), shown(&pack.version), shown(&pack.title))?;
        let verb = if choice.active { "active" } else { "not active" };
        writeln!(out, "  {verb}: {}", shown(why))?;
        for rule in &pack.rules {
            writeln!(
                out,
                "  {:width$}  {:7}  {}{}",
                shown(&rule.id),
                // off until a config names it
                if rule.enabled { rule.usual_severity().as_str() } else { "off" },
                shown(&rule.title),
                if rule.on == On::Change { " (by `diff`)" } else { "" }
            )?;
        }
    }
    Ok(())
}

fn json(packs: &[&Listed<'_>], out: &mut dyn Write) -> io::Result<()> {
    let rules = |pack: &Pack| -> Vec<serde_json::Value> {
        let rule = |rule: &Rule| serde_json::json!({"id": rule.id, "severity": rule.usual_severity().as_str(), "enabled": rule.enabled, "on": on(rule), "title": rule.title, "url": rule.url()});
        pack.rules.iter().map(rule).collect()
    };
    let packs: Vec<serde_json::Value> = packs
        .iter()
        .map(|Listed { pack, choice, why }| {
            serde_json::json!({
                "name": pack.name, "version": pack.version, "title": pack.title, "territories": pack.territories,
                "active": choice.active, "why": why, "rules": rules(pack),
            })
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &serde_json::json!({"version": 1, "packs": packs}))?;
    writeln!(out)
}

/// What a rule judges: what holds, or a change of it.
fn on(rule: &Rule) -> &'static str {
    match rule.on {
        On::State => "state",
        On::Change => "change",
    }
}
