//! `purposelint schema`: print a schema, for editors and other tools.

use clap::Args;

use super::failure::Failure;
use super::{CLEAN, Context, output};
use crate::schema::{self, SchemaKind};

const EXAMPLES: &str = "\
Examples:
  purposelint schema declaration > purposes.schema.json
  purposelint schema config";

/// Print a JSON Schema: of declarations, rules, configs or reports
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SchemaArgs {
    /// Which schema
    #[arg(value_parser = schema::names())]
    name: String,
}

/// Runs the command.
pub(super) fn run(args: &SchemaArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let Some(kind) = SchemaKind::parse(&args.name) else {
        let help = format!("the schemas are {}", crate::suggest::list(&schema::names()));
        return Err(Failure::Unknown { what: "schema", name: args.name.clone(), help });
    };
    output::to_stdout(context, |out| out.write_all(schema::text(kind).as_bytes()))?;
    Ok(CLEAN)
}
