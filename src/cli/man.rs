//! `purposelint man`: the manual page, all commands on one.

use std::io::{self, Write};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::failure::Failure;
use super::{CLEAN, Context, output};

const EXAMPLES: &str = "\
Examples:
  purposelint man | man -l -
  purposelint man > ~/.local/share/man/man1/purposelint.1";

/// Print the manual page, for `man`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ManArgs {}

/// Runs the command.
pub(super) fn run(_: &ManArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let text = page()?;
    output::to_stdout(context, |out| out.write_all(text.as_bytes()))?;
    Ok(CLEAN)
}

/// How a straight quote is written, by the name that the sections use.
const QUOTES: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

type Section = fn(&Man, &mut dyn Write) -> Result<(), io::Error>;

fn page() -> io::Result<String> {
    let mut command = super::Args::command();
    command.build();
    let man = Man::new(command.clone());
    let mut page = format!("{QUOTES}.TH PURPOSELINT 1 \"\" \"purposelint {}\" \"\"\n", env!("CARGO_PKG_VERSION"));
    let sections: [Section; 4] = [
        Man::render_name_section,
        Man::render_synopsis_section,
        Man::render_description_section,
        Man::render_options_section,
    ];
    for section in sections {
        page.push_str(&render(&man, section)?);
    }
    page.push_str(&extra(&command));
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        page.push_str(&chapter(below)?);
        for deeper in below.get_subcommands().filter(|deeper| deeper.get_name() != "help") {
            page.push_str(&chapter(deeper)?);
        }
    }
    Ok(page)
}

/// A command as a section of its own, its sections one level down.
fn chapter(command: &Command) -> io::Result<String> {
    // what every command takes stands above, once
    let own = command.clone().mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned();
    let man = Man::new(own);
    let mut text = format!(".SH \"{}\"\n", name.to_uppercase());
    let sections: [Section; 3] =
        [Man::render_description_section, Man::render_synopsis_section, Man::render_options_section];
    for section in sections {
        let section = render(&man, section)?;
        for line in section.lines().filter(|line| *line != ".SH DESCRIPTION") {
            text.push_str(&line.replacen(".SH ", ".SS ", 1));
            text.push('\n');
        }
    }
    text.push_str(&extra(command));
    Ok(text)
}

/// A section without what `mandoc -T lint` objects to: spaces at the end of lines, empty lines, and breaks beside them; and
/// without the definitions that stand at the head of each, because a page needs them once.
fn render(man: &Man, section: Section) -> io::Result<String> {
    let mut bytes = Vec::new();
    section(man, &mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let from = text.find(".SH ").unwrap_or_default();
    let lines: Vec<&str> = text.get(from..).unwrap_or_default().lines().map(str::trim_end).collect();
    let mut out = String::new();
    let mut before = "";
    for (at, line) in lines.iter().enumerate() {
        let is_space = |line: &str| line.is_empty();
        let after = lines.get(at + 1).copied().unwrap_or_default();
        if *line != ".br" || !(is_space(before) || is_space(after)) {
            out.push_str(if line.is_empty() { ".sp" } else { line });
            out.push('\n');
        }
        before = line;
    }
    Ok(out)
}

/// The examples and exit codes, line by line as they are.
fn extra(command: &Command) -> String {
    let Some(text) = command.get_after_long_help().or_else(|| command.get_after_help()) else { return String::new() };
    let mut out = String::new();
    for part in text.to_string().split("\n\n") {
        out.push_str(".PP\n.nf\n");
        for line in part.lines() {
            let line = line.replace('\\', "\\e").replace('-', "\\-").replace('`', "\\(ga").replace('\'', "\\(aq");
            let guard = if line.starts_with('.') { "\\&" } else { "" };
            out.push_str(&format!("{guard}{line}\n"));
        }
        out.push_str(".fi\n");
    }
    out
}
