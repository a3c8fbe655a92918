//! What the validator found, without its alternatives: of `anyOf` and `oneOf` the branch that was meant.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use crate::suggest;

/// One thing that is wrong with one value.
#[derive(Debug)]
pub(super) struct Cause<'e> {
    /// JSON Pointer to the value.
    pub(super) at: &'e str,
    /// The way through the schema to the keyword that fails, `$ref` by `$ref`.
    pub(super) schema: &'e str,
    /// What is wrong.
    pub(super) what: What<'e>,
}

/// What can be wrong.
#[derive(Debug)]
pub(super) enum What<'e> {
    /// Keys that the mapping does not take.
    Unknown(&'e [String]),
    /// A key is missing; any of these would do.
    Missing(Vec<&'e str>),
    /// The value is none of these types and none of these words.
    Allowed {
        /// Types that would be right.
        types: Vec<JsonType>,
        /// Values that would be right.
        words: Vec<&'e Value>,
        /// Whether the value has the type of one of the words.
        fits: bool,
    },
    /// A key, not its value, is wrong.
    Name {
        /// The key.
        name: String,
        /// What is wrong with it.
        error: &'e ValidationError<'e>,
    },
    /// More than one of several alternatives is there.
    Exclusive,
    /// Anything else.
    Other(&'e ValidationErrorKind),
}

impl What<'_> {
    /// Whether the value is of a type that was never meant for this place.
    fn is_misfit(&self) -> bool {
        matches!(self, Self::Allowed { fits: false, .. })
    }
}

/// The causes behind an error.
pub(super) fn causes<'e>(error: &'e ValidationError<'e>) -> Vec<Cause<'e>> {
    let what = match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            return meant(error, context);
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => What::Unknown(unexpected),
        ValidationErrorKind::Required { property } => What::Missing(property.as_str().into_iter().collect()),
        ValidationErrorKind::Type { kind: TypeKind::Single(kind) } => {
            What::Allowed { types: vec![*kind], words: vec![], fits: false }
        }
        ValidationErrorKind::Type { kind: TypeKind::Multiple(kinds) } => {
            What::Allowed { types: kinds.iter().collect(), words: vec![], fits: false }
        }
        ValidationErrorKind::Enum { options } => {
            words(error, options.as_array().map(Vec::as_slice).unwrap_or_default())
        }
        ValidationErrorKind::Constant { expected_value } => words(error, std::slice::from_ref(expected_value.as_ref())),
        ValidationErrorKind::PropertyNames { error: inner } => {
            What::Name { name: inner.instance().as_str().unwrap_or_default().to_owned(), error: inner }
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => What::Exclusive,
        other => What::Other(other),
    };
    vec![cause(error, what)]
}

fn cause<'e>(error: &'e ValidationError<'e>, what: What<'e>) -> Cause<'e> {
    Cause { at: error.instance_path().as_str(), schema: error.evaluation_path().as_str(), what }
}

fn words<'e>(error: &'e ValidationError<'e>, options: &'e [Value]) -> What<'e> {
    let own = std::mem::discriminant(error.instance().as_ref());
    let fits = options.iter().any(|option| std::mem::discriminant(option) == own);
    What::Allowed { types: vec![], words: options.iter().collect(), fits }
}

/// The causes in the branch that was meant. A branch for another type of value was not. Where none is left, the value is
/// measured against all branches at once.
fn meant<'e>(error: &'e ValidationError<'e>, branches: &'e [Vec<ValidationError<'static>>]) -> Vec<Cause<'e>> {
    let at = error.instance_path().as_str();
    let branches: Vec<Vec<Cause<'e>>> =
        branches.iter().map(|branch| branch.iter().flat_map(causes).collect()).collect();
    let is_here = |cause: &Cause<'_>| cause.at == at;
    let (misfits, fitting): (Vec<_>, Vec<_>) =
        branches.into_iter().partition(|branch| branch.iter().any(|cause| is_here(cause) && cause.what.is_misfit()));
    let together = if fitting.is_empty() {
        all_allowed(misfits.into_iter().flatten().filter(|cause| is_here(cause)))
    } else if fitting.iter().flatten().all(|cause| is_here(cause) && matches!(cause.what, What::Allowed { .. })) {
        all_allowed(fitting.into_iter().flatten())
    } else if fitting.iter().flatten().all(|cause| is_here(cause) && matches!(cause.what, What::Missing(_))) {
        all_missing(fitting.into_iter().flatten())
    } else {
        return fitting.into_iter().min_by_key(|branch| rank(branch)).unwrap_or_default();
    };
    vec![cause(error, together)]
}

fn all_allowed<'e>(causes: impl Iterator<Item = Cause<'e>>) -> What<'e> {
    let (mut all_types, mut all_words, mut any_fits) = (Vec::new(), Vec::new(), false);
    for cause in causes {
        if let What::Allowed { types, words, fits } = cause.what {
            any_fits |= fits;
            for kind in types {
                if !all_types.contains(&kind) {
                    all_types.push(kind);
                }
            }
            for word in words {
                if !all_words.contains(&word) {
                    all_words.push(word);
                }
            }
        }
    }
    What::Allowed { types: all_types, words: all_words, fits: any_fits }
}

fn all_missing<'e>(causes: impl Iterator<Item = Cause<'e>>) -> What<'e> {
    let mut all = Vec::new();
    for cause in causes {
        if let What::Missing(names) = cause.what {
            all.extend(names);
        }
    }
    What::Missing(all)
}

/// How far a branch is from what was written, nearest first: few fixed words that differ (they tell branches apart), then
/// errors deep down rather than at the top, then few errors.
fn rank(branch: &[Cause<'_>]) -> (usize, std::cmp::Reverse<usize>, usize) {
    let differing =
        branch.iter().filter(|cause| matches!(&cause.what, What::Allowed { words, .. } if words.len() == 1)).count();
    let depth = branch.iter().map(|cause| steps_of(cause.at)).min().unwrap_or_default();
    (differing, std::cmp::Reverse(depth), branch.len().saturating_sub(slips(branch)))
}

/// How many missing keys are there under a misspelt name.
fn slips(branch: &[Cause<'_>]) -> usize {
    let unknown: Vec<(&str, &str)> = branch
        .iter()
        .flat_map(|cause| match cause.what {
            What::Unknown(names) => names.iter().map(|name| (cause.at, name.as_str())).collect(),
            _ => Vec::new(),
        })
        .collect();
    let is_slip = |cause: &&Cause<'_>| match &cause.what {
        What::Missing(missing) => unknown
            .iter()
            .any(|(at, name)| *at == cause.at && suggest::nearest(name, missing.iter().copied()).is_some()),
        _ => false,
    };
    branch.iter().filter(is_slip).count()
}

fn steps_of(pointer: &str) -> usize {
    pointer.bytes().filter(|byte| *byte == b'/').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What is wrong, as the place and the kind of the cause.
    fn meant_by(schema: &Value, value: &Value) -> Vec<String> {
        let validator = jsonschema::validator_for(schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(value).collect();
        let show = |cause: Cause<'_>| match cause.what {
            What::Allowed { types, words, .. } => format!("{} {types:?} {words:?}", cause.at),
            What::Missing(names) => format!("{} missing {names:?}", cause.at),
            What::Unknown(names) => format!("{} unknown {names:?}", cause.at),
            What::Other(kind) => format!("{} {}", cause.at, kind.keyword()),
            What::Name { name, .. } => format!("{} name {name}", cause.at),
            What::Exclusive => format!("{} exclusive", cause.at),
        };
        errors.iter().flat_map(causes).map(show).collect()
    }

    #[test]
    fn alternatives_are_reduced_to_the_one_that_was_meant() {
        let closed = |name: &str| json!({"type": "object", "required": [name], "additionalProperties": false, "properties": {name: {"type": "string"}}});
        let bound = json!({"anyOf": [{"type": "string", "pattern": "^a"}, closed("before"), closed("after")]});
        let switch = json!({"oneOf": [{"enum": ["on", "off"]}, {"type": "boolean"}, {"const": "ask"}]});
        let tagged = json!({"anyOf": [
            {"properties": {"kind": {"const": "x"}, "size": {"type": "integer"}}},
            {"properties": {"kind": {"const": "y"}, "name": {"type": "string"}}, "required": ["name"]},
        ]});
        let either = json!({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]});
        let table = [
            (&bound, json!("b"), vec![" pattern"]),
            (&bound, json!({"before": 1}), vec!["/before [String] []"]),
            (&bound, json!({"aftr": "x"}), vec![r#" unknown ["aftr"]"#, r#" missing ["after"]"#]),
            (&bound, json!(12), vec![" [String, Object] []"]),
            (&switch, json!("of"), vec![r#" [] [String("on"), String("off"), String("ask")]"#]),
            (&switch, json!(12), vec![r#" [Boolean] [String("on"), String("off"), String("ask")]"#]),
            (&tagged, json!({"kind": "y"}), vec![r#" missing ["name"]"#]),
            (&tagged, json!({"kind": "x", "size": "big"}), vec!["/size [Integer] []"]),
            (&either, json!({}), vec![r#" missing ["a", "b"]"#]),
            (&either, json!({"a": 1, "b": 2}), vec![" exclusive"]),
        ];
        for (schema, value, causes) in table {
            assert_eq!(meant_by(schema, &value), causes, "{value}");
        }
    }
}
