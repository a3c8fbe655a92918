//! `purposelint new`: a rule that works, with a TODO at every place that is still to be written.

use std::path::{Path, PathBuf};

use clap::Args;

use super::create::{self, NewFile};
use super::failure::Failure;
use super::init::quoted;
use super::output::shown;
use super::workspace::{self, Input, PackArgs};
use super::{CLEAN, Context, output};
use crate::config::is_path;
use crate::policy::{PolicyFiles, is_rule};

const EXAMPLES: &str = "\
Examples:
  purposelint new acme/consent-not-recorded
  purposelint new acme/consent-not-recorded --dir privacy/policies
  purposelint test acme --packs policies  then: every place that still says TODO

The first writes policies/acme/consent-not-recorded.yaml, and the pack.yaml of a
new pack.

A pack is used once a purposelint.yaml lists it:
`packs: [default, ./policies/acme]`.

Exit codes:
  0  the rule was written
  2  nothing was written: the name will not do, or the file exists";

/// Folders beside packs that hold data.
const DATA: [&str; 3] = ["lexicons", "tables", "vocabulary"];

/// Write a rule to be filled in, and its pack if there is none
#[derive(Debug, Args)]
#[command(after_help = "Examples: `purposelint new --help`", after_long_help = EXAMPLES)]
pub(super) struct NewArgs {
    /// The pack and the rule; the name says what is wrong, such as `retention-unspecified`
    #[arg(value_name = "PACK/RULE")]
    rule: String,
    /// The folder that holds packs
    #[arg(long, value_name = "DIR", default_value = "policies")]
    dir: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &NewArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let current = context.env.current_dir.clone().ok_or(Failure::NoCurrentDir)?;
    let (pack, rule) = names(&args.rule)?;
    let place = |name: &str| args.dir.join(pack).join(name);
    let is_new = !create::exists(&current.join(place("pack.yaml")));
    if is_new && PolicyFiles::builtin().packs().iter().any(|known| known == pack) {
        let message = format!("`{pack}` is a pack that comes with purposelint, and {} holds none", args.dir.display());
        return Err(unusable(message, "give your pack another name, such as that of your company"));
    }
    let file = |name: &str, text: String| {
        let path = place(name);
        NewFile { shown: path.display().to_string(), path: current.join(path), text }
    };
    let mut files = vec![file(&format!("{rule}.yaml"), rule_text(pack, &args.dir))];
    if is_new {
        files.push(file("pack.yaml", pack_text()));
    }
    create::create(&files)?;
    let flags = if is_listed(&args.dir.join(pack), context) { String::new() } else { by_hand(&args.dir) };
    let text = told(&files, pack, rule, &flags);
    output::to_stdout(context, |out| out.write_all(text.as_bytes()))?;
    Ok(CLEAN)
}

/// Whether the config lists a pack, so that commands know it without being told. Where there is no config, or none that can be
/// read, nothing is listed.
fn is_listed(folder: &Path, context: &mut Context<'_, '_>) -> bool {
    let Ok(folder) = context.env.current().join(folder).canonicalize() else { return false };
    let packs = PackArgs { packs: Vec::new(), config: None, base: None };
    let Ok(workspace) = workspace::read(&Input::of_packs(&packs), context) else { return false };
    let mut listed = workspace.config.packs.iter().flatten().filter(|pack| is_path(&pack.value));
    listed.any(|pack| workspace.config_files.real_path_of(pack).as_ref() == Some(&folder))
}

/// The option that names the folder of a pack which no config lists.
fn by_hand(dir: &Path) -> String {
    format!(" --packs {}", shown(&quoted(&dir.display().to_string())))
}

fn told(files: &[NewFile], pack: &str, rule: &str, flags: &str) -> String {
    let names: Vec<String> = files.iter().map(|file| shown(&file.shown)).collect();
    let commands = [
        (format!("purposelint test {pack}{flags}"), "every place that still says TODO, and what fails"),
        (format!("purposelint explain {pack}/{rule}{flags}"), "the rule as people will read it"),
        ("purposelint schema policy".to_owned(), "everything a rule file may hold"),
    ];
    format!("wrote {}\n\n{}", crate::suggest::join(&names), output::steps(&commands))
}

fn unusable(message: String, help: impl Into<String>) -> Failure {
    Failure::Unanswered { message, help: help.into() }
}

/// The pack and the rule of an id, if both names will do.
fn names(id: &str) -> Result<(&str, &str), Failure> {
    let Some((pack, rule)) = id.split_once('/').filter(|(_, rule)| !rule.contains('/')) else {
        return Err(unusable(format!("`{id}` is not PACK/RULE"), "write both, such as `acme/retention-unspecified`"));
    };
    for (what, name) in [("pack", pack), ("rule", rule)] {
        if !is_kebab(name) {
            let near = kebab(name);
            let help = if near.is_empty() {
                "write lower-case letters and digits, with `-` between words".to_owned()
            } else {
                format!("did you mean `{near}`?")
            };
            return Err(unusable(format!("`{name}` is not the name of a {what}"), help));
        }
    }
    if pack == "core" {
        let help = "name another pack; the checks of `core` are part of the program";
        return Err(unusable("`core` takes no rules".to_owned(), help));
    }
    if DATA.contains(&pack) {
        let help = "name the pack after whose rules they are, such as your company";
        return Err(unusable(format!("`{pack}` is a folder of data beside the packs"), help));
    }
    if !is_rule(rule) {
        return Err(unusable(format!("`{rule}.yaml` of a pack is no rule"), "name the rule after what is wrong"));
    }
    if let Some(rest) = rule.strip_prefix("check-") {
        let message = format!("`{rule}` says what is looked at, not what is wrong");
        let help = format!("a name is read after \"ignore\" and heads a finding, as in `{rest}-unspecified`");
        return Err(unusable(message, help));
    }
    Ok((pack, rule))
}

fn is_kebab(name: &str) -> bool {
    !name.is_empty() && name == kebab(name)
}

/// A text as words of lower-case letters and digits with `-` between them, the first one beginning with a letter.
fn kebab(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-");
    name.trim_start_matches(|c: char| !c.is_ascii_lowercase()).to_owned()
}

/// A rule that loads, flags its flagged example and passes its clean one. Its condition is one that no real declaration meets,
/// so that it disturbs no other rule of the pack while it is being written.
fn rule_text(pack: &str, dir: &Path) -> String {
    let dir = shown(&dir.display().to_string());
    format!(
        "\
# yaml-language-server: $schema=https://purposelint.dev/schemas/policy.v1.json
#
# `purposelint test {pack} --packs {dir}` names every place that still says what is to be done, and then whatever
# fails. Write it from the top, and delete the comments.

title: \"TODO: say what is wrong, in lower case and without a full stop\"

# error, warning or info. When facts are missing it is one below, at least info.
severity: warning

# Where it comes from: kind is law, regulator, case or practice; confidence is high, medium or low. Add `regions`,
# `in_force: {{from: 2026-01-01}}`, `url` and the day on which you `checked` it.
cites:
  - {{text: \"TODO: cite the source, as a lawyer would\", kind: practice, confidence: low}}

why: |
  TODO: write a paragraph for the person who has to defend this finding to somebody else

# Whom it looks at: uses, data, subjects, regions, ages, plans, states, roles. Without it, everything that is carried out.
#applies: {{uses: [train_ai_system], states: [\"on\", ask]}}
#when: purpose.necessity == \"optional\"

# What must hold, such as: state in [\"off\", \"ask\"]. Facts are purpose, setting, state, service, notices, recipients.
require: 'purpose.title != \"TODO: replace the condition\"'

# The fact at which the finding points, such as setting.default. Without it, the first one that decided.
#primary: setting.default

message: \"TODO: say what is wrong with `{{purpose.title}}` in {{regions}}\"
help: \"TODO: say what to do about it\"

# Its tests and its page in the manual. Where the rule reads a fact that need not be declared, add one with
# `undetermined`.
examples:
  - title: \"TODO: name the case that is wrong\"
    flagged: |
      version: 1
      service: example
      purposes:
        example:
          title: \"TODO: replace the condition\"   # <- flagged
          use: analytics
          setting: {{default: off}}
  - title: \"TODO: name the case that is right\"
    clean: |
      version: 1
      service: example
      purposes:
        example:
          title: Count visits
          use: analytics
          setting: {{default: off}}
"
    )
}

fn pack_text() -> String {
    let needs = env!("CARGO_PKG_VERSION");
    format!(
        "\
title: \"TODO: say whose rules these are\"
version: \"0.1.0\"
needs: {needs}
description: |
  TODO: say what the pack covers, and what it leaves out
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_will_do_and_names_that_will_not() {
        assert_eq!(names("acme/retention-unspecified").unwrap(), ("acme", "retention-unspecified"));
        for (id, parts) in [
            ("acme", ["is not PACK/RULE", "such as `acme/retention-unspecified`"]),
            ("a/b/c", ["is not PACK/RULE", "write both"]),
            ("acme/RetentionGone", ["is not the name of a rule", "did you mean `retentiongone`?"]),
            ("acme/retention_gone", ["is not the name of a rule", "did you mean `retention-gone`?"]),
            ("acme/../x", ["is not PACK/RULE", "write both"]),
            ("../x", ["is not the name of a pack", "lower-case letters"]),
            ("acme/", ["is not the name of a rule", "lower-case letters"]),
            ("core/x", ["takes no rules", "another pack"]),
            ("lexicons/x", ["folder of data", "such as your company"]),
            ("acme/pack", ["is no rule", "what is wrong"]),
            ("acme/check-retention", ["not what is wrong", "`retention-unspecified`"]),
        ] {
            let Failure::Unanswered { message, help } = names(id).unwrap_err() else { unreachable!() };
            assert!(message.contains(parts[0]) && help.contains(parts[1]), "{id}: {message} | {help}");
        }
    }
}
