//! Trees against the JSON Schemas in `schemas/`: what is wrong, at the exact place, in plain words.

mod advice;
mod blank;
mod cause;
mod describe;
mod english;
mod here;
mod id;
mod json;
mod messages;
mod place;
mod shape;
mod spelling;
mod sure;

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::cache::Names;
use crate::diagnostic::Diagnostic;
use crate::shipped;
use crate::source::Span;
use crate::syntax::NodeRef;
pub use describe::{Described, describe, describe_in};
pub use id::is_id;
use json::copied;
use messages::Explainer;
pub use shape::{AllowedKey, AllowedWord, Form, Shape};
use sure::Sure;

/// What a document claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SchemaKind {
    /// `purposes.yaml`
    Declaration,
    /// A rule of a pack.
    Policy,
    /// `pack.yaml`
    Pack,
    /// `purposelint.yaml`
    Config,
    /// The JSON report.
    Report,
    /// `purposelint-baseline.json`
    Baseline,
}

impl SchemaKind {
    /// Which schema a name stands for; packs are described in that of rules.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Declaration, Self::Policy, Self::Config, Self::Report, Self::Baseline]
            .into_iter()
            .find(|kind| kind.name() == name)
    }

    /// The name of the schema: `declaration`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Declaration => "declaration",
            Self::Policy | Self::Pack => "policy",
            Self::Config => "config",
            Self::Report => "report",
            Self::Baseline => "baseline",
        }
    }

    /// What a document of this kind is called.
    fn noun(self) -> &'static str {
        match self {
            Self::Declaration => "declaration",
            Self::Policy => "rule",
            Self::Pack => "pack",
            Self::Config => "config",
            Self::Report => "report",
            Self::Baseline => "baseline",
        }
    }

    fn compiled(self) -> &'static Compiled {
        static DECLARATION: OnceLock<Compiled> = OnceLock::new();
        static POLICY: OnceLock<Compiled> = OnceLock::new();
        static PACK: OnceLock<Compiled> = OnceLock::new();
        static CONFIG: OnceLock<Compiled> = OnceLock::new();
        static REPORT: OnceLock<Compiled> = OnceLock::new();
        static BASELINE: OnceLock<Compiled> = OnceLock::new();
        let cell = match self {
            Self::Declaration => &DECLARATION,
            Self::Policy => &POLICY,
            Self::Pack => &PACK,
            Self::Config => &CONFIG,
            Self::Report => &REPORT,
            Self::Baseline => &BASELINE,
        };
        cell.get_or_init(|| Compiled::new(self))
    }
}

/// The names of the schemas, for people to choose from.
pub fn names() -> [&'static str; 4] {
    ["declaration", "policy", "config", "report"]
}

/// The text of a schema, as it is in the repository.
pub fn text(kind: SchemaKind) -> &'static str {
    match kind {
        SchemaKind::Declaration => include_str!("../../schemas/declaration.v1.json"),
        SchemaKind::Policy | SchemaKind::Pack => include_str!("../../schemas/policy.v1.json"),
        SchemaKind::Config => include_str!("../../schemas/config.v1.json"),
        SchemaKind::Report => include_str!("../../schemas/report.v1.json"),
        SchemaKind::Baseline => include_str!("../../schemas/baseline.v1.json"),
    }
}

/// Everything in a document that its schema does not allow, in the order of the text. Values behind an anchor are judged
/// where they stand, once.
pub fn validate(kind: SchemaKind, root: NodeRef<'_>) -> Vec<Diagnostic> {
    validate_but(kind, root, &|_| false)
}

/// The same where entries are known to be valid that stood in the same place of another document: those with these spans, from
/// the key to the end of the value.
pub fn validate_but(kind: SchemaKind, root: NodeRef<'_>, known: &dyn Fn(Span) -> bool) -> Vec<Diagnostic> {
    let compiled = kind.compiled();
    if compiled.sure.is_valid(root, known) {
        return Vec::new();
    }
    // the validator has a kind of values of its own, and could be compiled for ours; that makes it twice as large
    let copy = copied(root);
    let errors: Vec<_> = compiled.validator().iter_errors(&copy).collect();
    let causes = errors.iter().flat_map(cause::causes).collect();
    Explainer::new(kind.noun(), compiled.schema(), root).explain(causes)
}

#[expect(clippy::expect_used, reason = "the schemas are part of the program, and tests read each of them")]
fn schema(kind: SchemaKind) -> Value {
    let schema: Value = serde_json::from_str(text(kind)).expect("an embedded schema is JSON");
    if kind != SchemaKind::Pack {
        return schema;
    }
    json!({
        "$schema": schema.get("$schema"),
        "allOf": [{"$ref": "#/definitions/pack"}],
        "definitions": schema.get("definitions"),
    })
}

/// A schema, made once and never changed.
struct Compiled {
    kind: SchemaKind,
    /// As it is written, for what may be wrong.
    schema: OnceLock<Value>,
    /// Tells what is surely valid.
    sure: Sure,
    /// For what may be wrong; made when it is needed.
    validator: OnceLock<jsonschema::Validator>,
}

impl Compiled {
    fn new(kind: SchemaKind) -> Self {
        let compact = || shipped::compact(&format!("schema-{}", kind.name()), &Names::default());
        match if kind == SchemaKind::Pack { None } else { compact() } {
            Some(sure) => Self { kind, sure, schema: OnceLock::new(), validator: OnceLock::new() },
            None => {
                let schema = schema(kind);
                Self { kind, sure: Sure::new(&schema), schema: schema.into(), validator: OnceLock::new() }
            }
        }
    }

    fn schema(&self) -> &Value {
        self.schema.get_or_init(|| schema(self.kind))
    }

    #[expect(clippy::expect_used, reason = "the schemas are part of the program, and tests compile each of them")]
    fn validator(&self) -> &jsonschema::Validator {
        self.validator.get_or_init(|| {
            let options = jsonschema::options().should_validate_formats(true);
            options.build(self.schema()).expect("an embedded schema is sound")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compact_schemas_are_what_the_schemas_say() {
        for kind in [SchemaKind::Config, SchemaKind::Declaration] {
            let name = format!("schema-{}", kind.name());
            let is_same = shipped::is_compact(&name, &Sure::new(&schema(kind)), &Names::default());
            assert!(is_same, "policies/compact lags behind in {name}: run `UPDATE=1 cargo test --lib compact`");
        }
    }
}
