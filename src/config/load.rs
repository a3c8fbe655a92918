//! A tree to a layer of a config. The schema says what has the wrong shape; this takes what is sound and adds what a shape cannot tell.

use globset::Glob;

use super::{
    ForFiles, Group, Layer, LedBy, Override, Parameter, ParameterValue, RuleGlob, SeverityFor, Waiver, is_glob,
};
use crate::diagnostic::{Diagnostic, Severity};
use crate::discover::{Globs, PathGlobs};
use crate::schema::{self, SchemaKind};
use crate::source::{FileId, SourceMap, Span};
use crate::space::{Date, Duration};
use crate::syntax::{Kind, Limits, Located, NodeRef, Tree, parse};

/// More entries of `files` than anybody writes by hand.
pub(super) const MOST_FILES: usize = 256;

/// More globs of paths in all files together than anybody writes by hand. Each is tried on each path.
pub(super) const MOST_PATH_GLOBS: usize = 1000;

/// Bytes of a glob of rules.
const LONGEST_RULE_GLOB: usize = 200;

/// Bytes of globs that can surely be matched together.
const SURELY_SMALL: usize = 4096;

/// More globs of rules in one file than there are rules. Each takes memory to match.
const MOST_GLOBS: usize = 1024;

impl Layer {
    /// Reads a file of the map. The layer holds what is sound; with any diagnostic it must not be used to judge.
    pub(super) fn read(sources: &SourceMap, file: FileId, led_by: LedBy, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let (tree, found) = parse(sources, file, &Limits::default());
        diagnostics.extend(found);
        let mut layer = Self::new(file, led_by);
        if let Some(root) = root(&tree, diagnostics) {
            diagnostics.extend(schema::validate(SchemaKind::Config, root));
            Reading { diagnostics, path_globs: 0, globs: 0 }.layer(root, &mut layer);
        }
        layer
    }
}

/// The only document; `None` where it is empty, which is a config without wishes.
fn root<'t>(tree: &'t Tree, diagnostics: &mut Vec<Diagnostic>) -> Option<NodeRef<'t>> {
    let [first, more @ ..] = tree.documents() else { return None };
    for document in more {
        let wrong = Diagnostic::new("invalid-value", document.span, "a config is one document, and this is another");
        diagnostics.push(wrong.help("join them to one, without `---`"));
    }
    tree.root(first).filter(|root| root.kind() != Kind::Null)
}

pub(super) fn too_many_globs(span: Span) -> Diagnostic {
    let message = format!("more than {MOST_PATH_GLOBS} globs of paths");
    Diagnostic::new("invalid-value", span, message).help("a glob such as `services/**` stands for many files")
}

/// Says so where globs that can be understood one by one are too large to be matched together: none of them would hold.
pub(super) fn too_large_together(globs: &[Located<String>]) -> Option<Diagnostic> {
    let large = globs.iter().map(|glob| glob.value.len()).sum::<usize>() > SURELY_SMALL;
    let all = || globs.iter().map(|glob| glob.value.as_str());
    let error = large.then(|| PathGlobs::new(all()).err()).flatten()?;
    let message = format!("these globs cannot be matched together: {}", error.reason);
    Some(Diagnostic::new("invalid-value", globs.first()?.span, message).help("write fewer of them, or shorter ones"))
}

struct Reading<'a> {
    diagnostics: &'a mut Vec<Diagnostic>,
    /// How many globs of paths were read.
    path_globs: usize,
    /// How many globs of rules were read.
    globs: usize,
}

impl Reading<'_> {
    fn layer(&mut self, root: NodeRef<'_>, layer: &mut Layer) {
        for entry in root.entries() {
            let value = entry.value;
            match entry.name().unwrap_or_default() {
                "include" => layer.include = self.globs(value),
                "exclude" => layer.exclude = self.globs(value),
                "packs" => {
                    layer.packs = value.is_sequence().then(|| texts(value));
                    layer.packs_place = Some(entry.key.span());
                }
                "severity" => layer.severity = self.severities(value),
                "parameters" => layer.parameters = parameters(value),
                "groups" => layer.groups = groups(value),
                "fail_on" => layer.fail_on = word(value, Severity::parse),
                "horizon" => layer.horizon = self.duration(value),
                "locked" => layer.locked = value.items().filter_map(|item| self.rule_glob(text(item)?)).collect(),
                "waivers" => layer.waivers = value.items().map(|item| self.waiver(item)).collect(),
                "max_waiver" => layer.max_waiver = self.duration(value),
                "limits" => layer.limits = limits(value),
                "extends" => layer.extends = texts(value),
                "files" => layer.files = self.files(value),
                _ => {}
            }
        }
    }

    fn globs(&mut self, list: NodeRef<'_>) -> Vec<Located<String>> {
        let mut globs = texts(list);
        self.path_globs += globs.len();
        if self.path_globs > MOST_PATH_GLOBS {
            // said once, and none of them is compiled for it
            if self.path_globs <= MOST_PATH_GLOBS + globs.len() {
                self.diagnostics.push(too_many_globs(list.span()));
            }
            globs.clear();
        }
        self.check_globs(&globs);
        globs
    }

    fn check_globs(&mut self, globs: &[Located<String>]) {
        for glob in globs {
            // elsewhere this takes out of a list what stands before it, and whoever believes that takes for checked what is not
            if glob.value.starts_with('!') {
                let message = format!("`{}` takes nothing out of the list: a glob has no `!` in front", glob.value);
                let wrong = Diagnostic::new("invalid-value", glob.span, message);
                self.diagnostics.push(wrong.help("name what is meant; a name that begins with `!` is written `\\!`"));
                continue;
            }
            if let Err(error) = Globs::check(&glob.value) {
                let wrong = Diagnostic::new("invalid-value", glob.span, error.to_string());
                self.diagnostics.push(wrong.help(error.help));
                return;
            }
        }
        self.diagnostics.extend(too_large_together(globs));
    }

    fn severities(&mut self, mapping: NodeRef<'_>) -> Vec<SeverityFor> {
        let mut found = Vec::new();
        for entry in mapping.entries() {
            let rules = key(entry.key).and_then(|rules| self.rule_glob(rules));
            if let (Some(rules), Some(to)) = (rules, word(entry.value, Override::parse)) {
                found.push(SeverityFor { rules, to });
            }
        }
        found
    }

    fn rule_glob(&mut self, text: Located<String>) -> Option<RuleGlob> {
        if is_glob(&text.value) {
            self.globs += 1;
        }
        if self.globs == MOST_GLOBS + 1 {
            let wrong = Diagnostic::new("invalid-value", text.span, format!("more than {MOST_GLOBS} globs of rules"));
            self.diagnostics.push(wrong.help("a glob such as `eu-gdpr/*` stands for many rules"));
        }
        if self.globs > MOST_GLOBS {
            self.globs = MOST_GLOBS + 2;
            return None;
        }
        // the library ends the program where it cannot compile one
        if is_glob(&text.value) && text.value.len() > LONGEST_RULE_GLOB {
            let message = format!("a glob of rules that is longer than {LONGEST_RULE_GLOB} bytes");
            self.diagnostics
                .push(Diagnostic::new("invalid-value", text.span, message).help("write it like `eu-gdpr/*`"));
            return None;
        }
        let matcher = match is_glob(&text.value).then(|| Glob::new(&text.value)) {
            None => None,
            Some(Ok(glob)) => Some(glob.compile_matcher()),
            Some(Err(error)) => {
                let message = format!("`{}` is not a glob of ids: {}", text.value, error.kind());
                self.diagnostics
                    .push(Diagnostic::new("invalid-value", text.span, message).help("write it like `eu-gdpr/*`"));
                return None;
            }
        };
        Some(RuleGlob { text, matcher })
    }

    fn id_globs(&mut self, list: Option<NodeRef<'_>>) -> Vec<RuleGlob> {
        list.into_iter().flat_map(NodeRef::items).filter_map(|item| self.rule_glob(text(item)?)).collect()
    }

    fn duration(&mut self, node: NodeRef<'_>) -> Option<Located<Duration>> {
        let duration = word(node, Duration::parse);
        if duration.is_none() {
            // those of the right shape are too long, however short they are to write
            self.impossible(node, "is longer than can be counted", "write it like `P180D`");
        }
        duration
    }

    fn day(&mut self, node: NodeRef<'_>) -> Option<Located<Date>> {
        let day = word(node, Date::parse);
        if day.is_none() {
            self.impossible(node, "is not a day", "write an existing day as `YYYY-MM-DD`");
        }
        day
    }

    /// Reports a text that means nothing, unless the schema has complained of its shape.
    fn impossible(&mut self, node: NodeRef<'_>, why: &str, help: &str) {
        let is_reported = |wrong: &Diagnostic| wrong.primary.span == node.span();
        let Some(text) = text(node).filter(|_| !self.diagnostics.iter().any(is_reported)) else { return };
        let message = format!("`{}` {why}", text.value);
        self.diagnostics.push(Diagnostic::new("invalid-value", text.span, message).help(help));
    }

    fn waiver(&mut self, node: NodeRef<'_>) -> Waiver {
        let at = |key: &str| node.get(key).map(|entry| entry.value);
        let regions = at("regions").map(texts).unwrap_or_default();
        Waiver {
            span: node.span(),
            rule: at("rule").and_then(text).and_then(|rule| self.rule_glob(rule)),
            change: at("change").and_then(text),
            services: self.id_globs(at("services")),
            purposes: self.id_globs(at("purposes")),
            regions,
            reason: at("reason").and_then(text),
            owner: at("owner").and_then(text),
            approver: at("approver").and_then(text),
            expires: at("expires").and_then(|day| self.day(day)),
        }
    }

    fn files(&mut self, list: NodeRef<'_>) -> Vec<ForFiles> {
        // one more is enough to be refused
        list.items().take(MOST_FILES + 1).map(|item| self.for_files(item)).collect()
    }

    fn for_files(&mut self, node: NodeRef<'_>) -> ForFiles {
        let at = |key: &str| node.get(key).map(|entry| entry.value);
        let glob = at("glob").and_then(text);
        let exclude = at("exclude").map(|exclude| self.globs(exclude)).unwrap_or_default();
        self.check_globs(glob.as_slice());
        ForFiles {
            severity: at("severity").map(|severity| self.severities(severity)).unwrap_or_default(),
            parameters: at("parameters").map(parameters).unwrap_or_default(),
            paths: paths(glob.as_slice()),
            except: paths(&exclude),
            glob,
            exclude,
        }
    }
}

fn paths(globs: &[Located<String>]) -> Option<PathGlobs> {
    PathGlobs::new(globs.iter().map(|glob| glob.value.as_str())).ok()
}

fn text(node: NodeRef<'_>) -> Option<Located<String>> {
    match node.kind() {
        Kind::Str(text) => Some(Located::at(node, text.to_owned())),
        _ => None,
    }
}

/// A key as written: `1` and `TRUE` are names where they stand in front of a colon.
fn key(node: NodeRef<'_>) -> Option<Located<String>> {
    node.text().map(|text| Located::at(node, text.to_owned()))
}

fn texts(list: NodeRef<'_>) -> Vec<Located<String>> {
    list.items().filter_map(text).collect()
}

fn word<T>(node: NodeRef<'_>, parse: impl Fn(&str) -> Option<T>) -> Option<Located<T>> {
    match node.kind() {
        Kind::Str(word) => parse(word).map(|value| Located::at(node, value)),
        _ => None,
    }
}

fn parameters(mapping: NodeRef<'_>) -> Vec<Parameter> {
    let mut found = Vec::new();
    for (rule, values) in mapping.entries().filter_map(|entry| Some((key(entry.key)?, entry.value))) {
        for entry in values.entries() {
            let value = match entry.value.kind() {
                Kind::Bool(value) => ParameterValue::Bool(value),
                Kind::Int(value) => ParameterValue::Int(value),
                Kind::Float(value) => ParameterValue::Float(value),
                Kind::Str(value) => ParameterValue::Text(value.to_owned()),
                Kind::Sequence => ParameterValue::List(texts(entry.value)),
                Kind::Null | Kind::Mapping => continue,
            };
            let Some(name) = key(entry.key) else { continue };
            found.push(Parameter { rule: rule.clone(), name, value: Located::at(entry.value, value) });
        }
    }
    found
}

fn groups(mapping: NodeRef<'_>) -> Vec<Group> {
    let group = |name: NodeRef<'_>, regions: NodeRef<'_>| Some(Group { name: key(name)?, regions: texts(regions) });
    mapping.entries().filter_map(|entry| group(entry.key, entry.value)).collect()
}

fn limits(mapping: NodeRef<'_>) -> Vec<(String, Located<usize>)> {
    let mut found = Vec::new();
    for entry in mapping.entries() {
        let number = match entry.value.kind() {
            Kind::Int(number) => usize::try_from(number).ok(),
            // to the schema `1e3` is a whole number, and this is how it is written out
            Kind::Float(number) => number.to_string().parse().ok(),
            _ => None,
        };
        if let (Some(name), Some(number)) = (entry.name(), number) {
            found.push((name.to_owned(), Located::at(entry.value, number)));
        }
    }
    found
}
