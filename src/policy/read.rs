//! A rule file to a [`Rule`]: every expression parsed and typed, every mistake at its place.

use super::cite::{Cite, CiteKind, Confidence};
use super::condition::{Condition, ConditionError, Env, Path, StaticRead, Template, Ty};
use super::place::Places;
use super::rule::{Applies, Example, Expectation, On, Param, ParamValue, Per, RaisedBy, Rule, SeverityCase};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::{STATES, Terms};
use crate::source::{SourceMap, Span};
use crate::space::{AgeSet, Atlas, Date, Interval};
use crate::suggest;
use crate::syntax::{Entry, Kind, NodeRef};
use crate::vocabulary::Vocabulary;

/// What rules may name besides the model.
pub(super) struct Names<'a> {
    pub(super) atlas: &'a Atlas,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) lexicons: Vec<String>,
    pub(super) tables: Vec<(String, Ty)>,
}

impl Names<'_> {
    /// What a condition of a rule with these parameters may name.
    pub(super) fn with_env<T>(&self, params: &[Param], revisions: bool, read: impl FnOnce(&Env<'_>) -> T) -> T {
        let (atlas, vocabulary) = (self.atlas, self.vocabulary);
        let known_group = |name: &str| group(atlas, name);
        let term = |terms: Terms, key: &str| match vocabulary.get(terms, key) {
            Some(_) => Ok(()),
            None => Err(vocabulary.suggestion(terms, key)),
        };
        read(&Env {
            texts: &|name: &str| texts_of(params, name),
            params: params.iter().map(|param| (param.name.clone(), param_type(&param.value))).collect(),
            lexicons: &self.lexicons,
            tables: &self.tables,
            revisions,
            group: &known_group,
            term: &term,
        })
    }
}

/// The code of everything that is wrong in a pack.
pub(super) const CODE: &str = "invalid-rule";

/// Names a message may use besides facts: whom the finding concerns, in words.
pub const MESSAGE_NAMES: [&str; 4] = ["regions", "ages", "plans", "who"];

/// Reads a rule. What is sound is kept; a rule with any diagnostic must not be used.
pub(super) fn rule(id: &str, root: NodeRef<'_>, sources: &SourceMap, names: &Names<'_>) -> (Rule, Vec<Diagnostic>) {
    let place = root.entries().next().map_or(root.span(), |entry| entry.key.span());
    let mut reader = Reader { sources, names, on: On::State, params: Vec::new(), diagnostics: Vec::new() };
    let rule = reader.rule(id, place, root);
    (rule, reader.diagnostics)
}

pub(super) struct Reader<'a> {
    sources: &'a SourceMap,
    pub(super) names: &'a Names<'a>,
    on: On,
    params: Vec<Param>,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn rule(&mut self, id: &str, place: Span, root: NodeRef<'_>) -> Rule {
        let text = |key: &str| root.get(key).and_then(|entry| entry.value.text()).unwrap_or_default().to_owned();
        // first, because every expression may use them
        self.params = root.get("parameters").map(|entry| params(entry.value)).unwrap_or_default();
        self.on = match root.get("on").and_then(|entry| entry.value.text()) {
            Some("change") => On::Change,
            _ => On::State,
        };
        let rule = Rule {
            id: id.to_owned(),
            place,
            title: text("title"),
            enabled: root.get("enabled").is_none_or(|entry| entry.value.kind() != Kind::Bool(false)),
            severity: root.get("severity").map(|entry| self.severity(entry.value)).unwrap_or_default(),
            undetermined: root.get("undetermined").and_then(|entry| Severity::parse(entry.value.text()?)),
            cites: self.list(root, "cites", Self::cite).into(),
            why: text("why").trim().to_owned(),
            applies: root.get("applies").map(|entry| self.applies(entry.value)).unwrap_or_default(),
            when: root.get("when").and_then(|entry| self.condition(entry.value)),
            require: root.get("require").and_then(|entry| self.condition(entry.value)),
            raised_by: root.get("raised_by").and_then(|entry| raised_by(entry.value.text()?)),
            primary: root.get("primary").and_then(|entry| self.path(entry.value)),
            message: root.get("message").and_then(|entry| self.template(entry.value)),
            help: root.get("help").and_then(|entry| self.template(entry.value)),
            fixes: root.get("fix").map(|entry| self.fixes(entry.value)).unwrap_or_default(),
            examples: self.list(root, "examples", Self::example),
            tested_by: root.get("tested_by").and_then(|entry| Some(entry.value.text()?.to_owned())),
            on: self.on,
            per: match root.get("per").and_then(|entry| entry.value.text()) {
                Some("service") => Per::Service,
                _ => Per::Purpose,
            },
            params: std::mem::take(&mut self.params),
        };
        if rule.per == Per::Service {
            self.of_service(&rule, root);
        }
        rule
    }

    /// What is about a service says nothing that differs between its purposes.
    fn of_service(&mut self, rule: &Rule, root: NodeRef<'_>) {
        for (key, template) in [("message", &rule.message), ("help", &rule.help)] {
            let mut reads = template.iter().flat_map(Template::reads);
            let named = reads.any(StaticRead::is_of_purpose);
            if let Some(entry) = root.get(key).filter(|_| named) {
                let message = format!("`{key}` speaks of one purpose, and the finding is about the service");
                self.wrong(entry.value.span(), &message, "name facts of the `service`, or leave out `per`");
            }
        }
        let points_elsewhere = rule.primary.as_ref().is_some_and(|path| StaticRead::Root(path.root).is_of_purpose());
        for key in ["primary", "fix"] {
            if let Some(entry) = root.get(key).filter(|_| key == "fix" || points_elsewhere) {
                let message = format!("`{key}` is a place in one purpose, and the finding is about the service");
                self.wrong(entry.key.span(), &message, "leave it out, or leave out `per`");
            }
        }
    }

    fn list<T>(&mut self, root: NodeRef<'_>, key: &str, read: impl Fn(&mut Self, NodeRef<'_>) -> Option<T>) -> Vec<T> {
        root.get(key).map(|entry| entry.value.items().filter_map(|item| read(self, item)).collect()).unwrap_or_default()
    }

    fn severity(&mut self, node: NodeRef<'_>) -> Vec<SeverityCase> {
        if let Some(is) = node.text().and_then(Severity::parse) {
            return vec![SeverityCase { when: None, is }];
        }
        let mut cases = Vec::new();
        for item in node.items() {
            let is = item.get("is").and_then(|entry| Severity::parse(entry.value.text()?));
            let when = item.get("when").map(|entry| self.condition(entry.value));
            // a case whose condition is wrong must not turn into one without a condition
            if let (Some(is), Some(when)) = (is, when.map_or(Some(None), |condition| condition.map(Some))) {
                cases.push(SeverityCase { when, is });
            }
        }
        // a word that is no severity is an error of the schema, and no list
        if node.is_sequence() && cases.last().is_none_or(|case| case.when.is_some()) {
            self.wrong(
                node.span(),
                "the last case of `severity` has a condition, so there is no severity where it does not hold",
                "end the list with a case without `when`, such as `- is: warning`",
            );
        }
        cases
    }

    fn applies(&mut self, node: NodeRef<'_>) -> Applies {
        let mut applies = Applies::default();
        for entry in node.entries() {
            match entry.name() {
                Some("uses") => applies.uses = self.terms(Terms::Use, entry),
                Some("data") => applies.data = self.terms(Terms::Data, entry),
                Some("subjects") => applies.subjects = self.terms(Terms::Subject, entry),
                Some("regions") => applies.regions = self.regions(entry),
                Some("ages") => applies.ages = self.ages(entry),
                Some("plans") => applies.plans = texts(entry).into_iter().map(|(text, _)| text).collect(),
                Some("states") => applies.states = self.words(entry, STATES),
                Some("roles") => {
                    let roles = ["online_platform", "vlop", "gatekeeper", "micro_or_small", "gpai_provider"];
                    applies.roles = self.words(entry, &roles);
                }
                _ => {}
            }
        }
        applies
    }

    fn terms(&mut self, terms: Terms, entry: Entry<'_>) -> Vec<String> {
        let mut out = Vec::new();
        for (text, span) in texts(entry) {
            if self.names.vocabulary.get(terms, &text).is_none() {
                let help = self.names.vocabulary.help(terms, &text);
                self.wrong(span, &format!("`{text}` is not {}", terms.noun()), &help);
            }
            out.push(text);
        }
        out
    }

    fn regions(&mut self, entry: Entry<'_>) -> Vec<String> {
        let mut out = Vec::new();
        for (text, span) in texts(entry) {
            self.region(&text, span);
            out.push(text);
        }
        out
    }

    fn region(&mut self, text: &str, span: Span) {
        if let Err(suggestion) = group(self.names.atlas, text) {
            let help = suggestion.map(|near| format!("did you mean `{near}`?"));
            let message = format!("`{text}` is not a territory or group");
            self.diagnostics.push(Diagnostic { help, ..Diagnostic::new(CODE, span, message) });
        }
    }

    fn ages(&mut self, entry: Entry<'_>) -> Option<AgeSet> {
        let mut all = AgeSet::EMPTY;
        for (text, span) in texts(entry) {
            match AgeSet::parse(&text) {
                Some(ages) => all = all.or(ages),
                None => self.wrong(
                    span,
                    &format!("`{text}` is not an age range"),
                    "write `under-13`, `13-15`, `16+` or `adult`",
                ),
            }
        }
        Some(all)
    }

    fn words(&mut self, entry: Entry<'_>, allowed: &[&str]) -> Vec<String> {
        let mut out = Vec::new();
        for (text, span) in texts(entry) {
            if !allowed.contains(&text.as_str()) {
                let message = format!("`{text}` is not one of its values");
                let help = suggest::did_you_mean(&text, allowed);
                self.diagnostics.push(Diagnostic { help, ..Diagnostic::new(CODE, span, message) });
            }
            out.push(text);
        }
        out
    }

    fn with_env<T>(&self, read: impl FnOnce(&Env<'_>) -> T) -> T {
        self.names.with_env(&self.params, self.on == On::Change, read)
    }

    fn condition(&mut self, node: NodeRef<'_>) -> Option<Condition> {
        let text = self.expression_text(node)?;
        let parsed = self.with_env(|env| Condition::parse(text, env));
        self.accept(node, text, parsed)
    }

    fn template(&mut self, node: NodeRef<'_>) -> Option<Template> {
        let text = self.expression_text(node)?;
        let parsed = self.with_env(|env| Template::parse(text, env, &MESSAGE_NAMES));
        self.accept(node, text, parsed)
    }

    pub(super) fn path(&mut self, node: NodeRef<'_>) -> Option<Path> {
        let text = self.expression_text(node)?;
        let parsed = self.with_env(|env| Path::parse(text, env));
        self.accept(node, text, parsed)
    }

    /// The text of an expression; `true` and `12` are expressions as well.
    fn expression_text<'t>(&mut self, node: NodeRef<'t>) -> Option<&'t str> {
        node.text().filter(|text| !text.trim().is_empty())
    }

    fn accept<T>(&mut self, node: NodeRef<'_>, text: &str, parsed: Result<T, Vec<ConditionError>>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(errors) => {
                let places = Places::new(node, text, self.sources);
                for ConditionError { range, message, help } in errors {
                    self.diagnostics.push(Diagnostic { help, ..Diagnostic::new(CODE, places.span(range), message) });
                }
                None
            }
        }
    }

    fn cite(&mut self, node: NodeRef<'_>) -> Option<Cite> {
        let text = |key: &str| node.get(key).and_then(|entry| Some(entry.value.text()?.to_owned()));
        let regions = node.get("regions").map(|entry| self.regions(entry)).unwrap_or_default();
        let in_force = node.get("in_force").map(|entry| self.interval(entry.value)).unwrap_or_default();
        Some(Cite {
            text: text("text")?,
            regions,
            kind: CiteKind::parse(&text("kind")?)?,
            confidence: Confidence::parse(&text("confidence")?)?,
            in_force,
            proposed: text("status").as_deref() == Some("proposed"),
            url: text("url"),
            checked: text("checked"),
            note: text("note"),
        })
    }

    fn interval(&mut self, node: NodeRef<'_>) -> Interval {
        Interval { from: self.day(node, "from"), until: self.day(node, "until") }
    }

    fn day(&mut self, node: NodeRef<'_>, key: &str) -> Option<Date> {
        let value = node.get(key)?.value;
        let day = value.text().and_then(Date::parse);
        if day.is_none() {
            self.wrong(value.span(), "this is not a day", "write an existing day as YYYY-MM-DD");
        }
        day
    }

    fn example(&mut self, node: NodeRef<'_>) -> Option<Example> {
        let text = |key: &str| node.get(key).and_then(|entry| entry.value.text());
        let all = |key: &str| -> Vec<String> {
            node.get(key).map(|entry| texts(entry).into_iter().map(|(text, _)| text).collect()).unwrap_or_default()
        };
        let (expect, entry) = Expectation::ALL.into_iter().find_map(|(key, expect)| Some((expect, node.get(key)?)))?;
        for key in ["in", "not_in"] {
            if let Some(entry) = node.get(key) {
                self.regions(entry);
            }
        }
        let (as_of, upcoming) = (self.day(node, "as_of"), self.day(node, "upcoming"));
        self.of_no_finding(node, expect);
        let revision = |key: &str| entry.value.get(key).and_then(|entry| entry.value.text());
        let (declared, before) = match (self.on, entry.value.text()) {
            (On::State, Some(text)) => (text, None),
            (On::Change, None) => (revision("after")?, Some(revision("before")?.to_owned())),
            (On::State, None) => {
                let help = "write one declaration, or `on: change` where the rule judges the step between two";
                self.wrong(entry.key.span(), "the example has two revisions, and the rule judges one", help);
                return None;
            }
            (On::Change, Some(_)) => {
                let help = "write `before:` and `after:` below it, each with a declaration";
                self.wrong(entry.key.span(), "the rule judges a change, and the example has one revision only", help);
                return None;
            }
        };
        Some(Example {
            title: text("title").unwrap_or_default().to_owned(),
            expect,
            text: declared.to_owned(),
            before,
            as_of,
            upcoming,
            severity: text("severity").and_then(Severity::parse),
            within: all("in"),
            not_in: all("not_in"),
            also_flagged: all("also_flagged"),
            span: entry.key.span(),
        })
    }

    /// What an example says of a finding that it will not have: nothing would ever hold it to that.
    fn of_no_finding(&mut self, node: NodeRef<'_>, expect: Expectation) {
        if let Some(later) = node.get("upcoming").filter(|_| expect != Expectation::Flagged) {
            self.wrong(
                later.key.span(),
                "only what is `flagged` can be upcoming",
                "leave it out, or give `as_of` instead",
            );
        }
        if matches!(expect, Expectation::Flagged | Expectation::Undetermined) {
            return;
        }
        for key in ["severity", "in", "not_in"] {
            if let Some(entry) = node.get(key) {
                let message = format!("`{key}` is about a finding, and what is `{}` has none", expect.as_str());
                self.wrong(entry.key.span(), &message, "leave it out, or write an example that is `flagged`");
            }
        }
    }

    pub(super) fn wrong(&mut self, span: Span, message: &str, help: &str) {
        self.diagnostics.push(Diagnostic::new(CODE, span, message).help(help));
    }
}

fn raised_by(word: &str) -> Option<RaisedBy> {
    match word {
        "reader" => Some(RaisedBy::Reader),
        "schema" => Some(RaisedBy::Schema),
        "workspace" => Some(RaisedBy::Workspace),
        "resolver" => Some(RaisedBy::Resolver),
        "suppressions" => Some(RaisedBy::Suppressions),
        "comparison" => Some(RaisedBy::Comparison),
        _ => None,
    }
}

/// Whether a name is a territory or group on any date.
fn group(atlas: &Atlas, name: &str) -> Result<(), Option<String>> {
    // membership does not matter here, only that the name exists
    atlas.lookup(name, Date::MILLENNIUM).map(|_| ()).map_err(|_| atlas.suggestion(name))
}

fn texts(entry: Entry<'_>) -> Vec<(String, Span)> {
    let items: Vec<NodeRef<'_>> =
        if entry.value.is_sequence() { entry.value.items().collect() } else { vec![entry.value] };
    items.into_iter().filter_map(|item| Some((item.text()?.to_owned(), item.span()))).collect()
}

fn params(node: NodeRef<'_>) -> Vec<Param> {
    let read = |entry: Entry<'_>| Some(Param { name: entry.name()?.to_owned(), value: param(entry.value)? });
    node.entries().filter_map(read).collect()
}

/// A parameter as YAML gives it.
pub fn param(node: NodeRef<'_>) -> Option<ParamValue> {
    match node.kind() {
        Kind::Bool(value) => Some(ParamValue::Bool(value)),
        Kind::Int(value) => Some(ParamValue::Int(value)),
        Kind::Float(value) => Some(ParamValue::Double(value)),
        Kind::Str(value) => Some(ParamValue::Text(value.to_owned())),
        Kind::Sequence => {
            let items: Option<Vec<String>> = node.items().map(|item| Some(item.text()?.to_owned())).collect();
            items.map(ParamValue::Texts)
        }
        Kind::Null | Kind::Mapping => None,
    }
}

fn texts_of(params: &[Param], name: &str) -> Vec<String> {
    match params.iter().find(|param| param.name == name).map(|param| &param.value) {
        Some(ParamValue::Text(text)) => vec![text.clone()],
        Some(ParamValue::Texts(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

fn param_type(value: &ParamValue) -> Ty {
    use super::condition::Domain::Any;
    match value {
        ParamValue::Bool(_) => Ty::Bool,
        ParamValue::Int(_) => Ty::Int,
        ParamValue::Double(_) => Ty::Double,
        ParamValue::Text(_) => Ty::Text(Any),
        ParamValue::Texts(_) => Ty::List(Box::new(Ty::Text(Any))),
    }
}
