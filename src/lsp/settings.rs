//! What somebody asks of the server in the settings of an editor, under `purposelint`.

use serde_json::Value;

use crate::evaluate::Finding;
use crate::policy::{Library, RaisedBy};
use crate::space::Date;

/// The section of the settings that is ours.
pub(super) const SECTION: &str = "purposelint";

/// The settings of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    /// Whether to show what the schema says; a YAML server with the same schema says it as well.
    schema_errors: bool,
    /// Whether to say behind lines who gets what.
    pub(super) inlay_hints: bool,
    /// The day to judge as of, where that is not today.
    pub(super) as_of: Option<Date>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { schema_errors: true, inlay_hints: true, as_of: None }
    }
}

impl Settings {
    /// The same with what a section says; what is not there, or is nothing, stays as it is. Gives what makes no sense beside the
    /// rest.
    pub(super) fn with(&self, section: &Value) -> (Self, Vec<String>) {
        let mut settings = self.clone();
        let mut wrong = Vec::new();
        for (name, setting) in
            [("schemaErrors", &mut settings.schema_errors), ("inlayHints", &mut settings.inlay_hints)]
        {
            match section.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::Bool(shown)) => *setting = *shown,
                Some(_) => wrong.push(format!("the setting `purposelint.{name}` must be true or false")),
            }
        }
        match section.get("asOf") {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.is_empty() => settings.as_of = None,
            Some(value) => match value.as_str().and_then(Date::parse) {
                Some(day) => settings.as_of = Some(day),
                None => {
                    wrong.push("the setting `purposelint.asOf` must be an existing day as YYYY-MM-DD".to_owned());
                }
            },
        }
        (settings, wrong)
    }

    /// Whether a finding is shown.
    pub(super) fn shows(&self, finding: &Finding, library: &Library) -> bool {
        let is_of_schema = || library.rule(&finding.rule).is_some_and(|rule| rule.raised_by == Some(RaisedBy::Schema));
        self.schema_errors || !is_of_schema()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_read_and_what_makes_no_sense_is_named() {
        let day = Date::parse("2027-01-01");
        for (section, schema_errors, inlay_hints, as_of, wrong) in [
            (json!(null), true, true, None, 0),
            (json!({ "schemaErrors": false }), false, true, None, 0),
            (json!({ "inlayHints": false }), true, false, None, 0),
            (json!({ "asOf": "2027-01-01" }), true, true, day, 0),
            (json!({ "asOf": "" }), true, true, None, 0),
            (json!({ "asOf": "soon", "schemaErrors": 1, "inlayHints": "no" }), true, true, None, 3),
        ] {
            let (settings, messages) = Settings::default().with(&section);
            assert_eq!(settings, Settings { schema_errors, inlay_hints, as_of }, "{section}");
            assert_eq!(messages.len(), wrong, "{section}");
        }
    }

    #[test]
    fn what_is_not_said_stays_as_it_is() {
        let (base, _) = Settings::default().with(&json!({ "schemaErrors": false, "asOf": "2027-01-01" }));
        for (section, schema_errors, is_dated) in [
            (json!(null), false, true),
            (json!({}), false, true),
            (json!({ "schemaErrors": null, "asOf": null }), false, true),
            (json!({ "schemaErrors": true }), true, true),
            (json!({ "asOf": "" }), false, false),
        ] {
            let (settings, _) = base.with(&section);
            assert_eq!((settings.schema_errors, settings.as_of.is_some()), (schema_errors, is_dated), "{section}");
        }
    }
}
