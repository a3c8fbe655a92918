//! How commands are told what to read.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Context;
use super::failure::Failure;
use crate::policy;
use crate::project::{self, Asker};

pub(super) use crate::project::{Engine, Reading, Workspace, settle, slashed};

/// What a command reads.
#[derive(Debug, Clone, Args)]
pub(super) struct Input {
    /// Files and folders to report on, `-` for standard input; the whole workspace is read in any case
    #[arg(value_name = "PATHS")]
    pub(super) paths: Vec<PathBuf>,
    /// The file that standard input stands for: its text is judged in place of that file's
    #[arg(long, value_name = "PATH")]
    pub(super) stdin_filename: Option<PathBuf>,
    /// Read this config in place of the workspace's; packs in it count from its folder, globs from the root
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Build on this config, whatever the workspace's says: nothing in the repository takes its locks out
    #[arg(long, value_name = "FILE")]
    pub(super) base: Option<PathBuf>,
    /// Read packs from this folder in place of the built-in ones of the same name; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(super) packs: Vec<PathBuf>,
}

/// How commands about rules are told which packs there are.
#[derive(Debug, Clone, Args)]
pub(super) struct PackArgs {
    /// Read packs from this folder in place of the built-in ones of the same name; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(super) packs: Vec<PathBuf>,
    /// Read this config in place of the workspace's
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Build on this config, whatever the workspace's says
    #[arg(long, value_name = "FILE")]
    pub(super) base: Option<PathBuf>,
}

impl Input {
    /// What a command about rules reads: the config of the workspace of this folder.
    pub(super) fn of_packs(args: &PackArgs) -> Self {
        let (config, base) = (args.config.clone(), args.base.clone());
        Self { paths: Vec::new(), stdin_filename: None, config, base, packs: args.packs.clone() }
    }
}

/// The refusal of a pack that is not known by this name. Packs in folders are taken in first, and then named as their folders are.
pub(super) fn no_such_pack(name: &str, known: &[String], context: &Context<'_, '_>) -> Failure {
    let is_folder = context.env.current().join(name).join("pack.yaml").is_file();
    let own = Path::new(name).file_name().and_then(|own| own.to_str()).filter(|_| is_folder);
    let help = match own {
        Some(own) => {
            format!("take the folder in with `--packs {name}`, or with `packs:` in the config, and name it `{own}`")
        }
        None => policy::no_such_pack(name, known),
    };
    Failure::Unknown { what: "pack", name: name.to_owned(), help }
}

/// Reads what was asked for from the disk. Nothing is judged yet.
pub(super) fn read(input: &Input, context: &mut Context<'_, '_>) -> Result<Workspace, Failure> {
    read_from(input, Reading::default(), context)
}

/// Reads what was asked for. Nothing is judged yet.
pub(super) fn read_from(input: &Input, reading: Reading, context: &mut Context<'_, '_>) -> Result<Workspace, Failure> {
    let Input { paths, stdin_filename, config, base, packs } = input.clone();
    let input = project::Input { paths, stdin_filename, config, base, packs };
    let (current, commands) = (context.env.current_dir.as_deref(), super::names());
    project::read(&input, reading, &mut Asker { current, stdin: &mut *context.streams.stdin, commands: &commands })
}
