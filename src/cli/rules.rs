//! `purposelint rules`: all rules, by pack.

use std::io::{self, Write};

use clap::Args;

use super::failure::Failure;
use super::output::shown;
use super::workspace::{self, Engine, Input, PackArgs};
use super::{CLEAN, Context, output};
use crate::policy::Pack;

const EXAMPLES: &str = "\
Examples:
  purposelint rules
  purposelint rules --pack core
  purposelint rules --format json";

/// List the rules with their severities
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RulesArgs {
    /// Only the rules of this pack; may be repeated
    #[arg(long, value_name = "PACK")]
    pack: Vec<String>,
    /// How the list is written
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = ["human", "json"])]
    format: String,
    #[command(flatten)]
    packs: PackArgs,
}

/// Runs the command.
pub(super) fn run(args: &RulesArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let mut workspace = workspace::read(&Input::of_packs(&args.packs), context)?;
    let engine = Engine::load_whole(&mut workspace, &args.packs.packs, context.env.current())?;
    let all = &engine.library.packs;
    let known: Vec<String> = all.iter().map(|pack| pack.name.clone()).collect();
    if let Some(name) = args.pack.iter().find(|name| !known.contains(name)) {
        let (_, help) = crate::policy::no_such_pack(name, &known);
        return Err(Failure::Unknown { what: "pack", name: name.clone(), help });
    }
    let packs: Vec<&Pack> = all.iter().filter(|pack| args.pack.is_empty() || args.pack.contains(&pack.name)).collect();
    let is_json = args.format == "json";
    output::to_stdout(context, |out| if is_json { json(&packs, out) } else { table(&packs, out) })?;
    Ok(CLEAN)
}

fn table(packs: &[&Pack], out: &mut dyn Write) -> io::Result<()> {
    let ids = packs.iter().flat_map(|pack| &pack.rules).map(|rule| rule.id.chars().count());
    let width = ids.max().unwrap_or_default();
    for (at, pack) in packs.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        writeln!(out, "{gap}{} {}: {}", shown(&pack.name), shown(&pack.version), shown(&pack.title))?;
        for rule in &pack.rules {
            writeln!(
                out,
                "  {:width$}  {:7}  {}",
                shown(&rule.id),
                // off until a config names it
                if rule.enabled { rule.usual_severity().as_str() } else { "off" },
                shown(&rule.title)
            )?;
        }
    }
    Ok(())
}

fn json(packs: &[&Pack], out: &mut dyn Write) -> io::Result<()> {
    let rules = |pack: &Pack| -> Vec<serde_json::Value> {
        let rule = |rule: &crate::policy::Rule| serde_json::json!({"id": rule.id, "severity": rule.usual_severity().as_str(), "enabled": rule.enabled, "title": rule.title, "url": rule.url()});
        pack.rules.iter().map(rule).collect()
    };
    let packs: Vec<serde_json::Value> = packs
        .iter()
        .map(|pack| {
            serde_json::json!({"name": pack.name, "version": pack.version, "title": pack.title, "rules": rules(pack)})
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &serde_json::json!({"version": 1, "packs": packs}))?;
    writeln!(out)
}
