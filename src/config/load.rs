//! A tree to a config. The schema says what has the wrong shape; this takes what is sound and adds what a shape cannot tell.

use globset::Glob;

use super::{Config, ForFiles, Group, Override, Parameter, ParameterValue, RuleGlob, SeverityFor, Waiver, is_glob};
use crate::diagnostic::{Diagnostic, Severity};
use crate::discover::Globs;
use crate::schema::{self, SchemaKind};
use crate::source::{FileId, SourceMap};
use crate::space::{Atlas, Date, Duration, unknown_region};
use crate::syntax::{Kind, Limits, Located, NodeRef, Tree, parse};

/// Keys that are read and kept but have no effect yet, with what that means for a run.
const UNSUPPORTED: [(&str, &str); 5] = [
    ("extends", "`extends` is not followed by this version: what stands in those files does not count"),
    ("files", "`files` is not applied by this version: severities and parameters hold for all declarations alike"),
    ("locked", "`locked` has no effect in this version: no comment can ignore a finding yet"),
    ("max_waiver", "`max_waiver` has no effect in this version: waivers are not applied yet"),
    ("waivers", "`waivers` are not applied by this version: what they accept is reported like everything else"),
];

impl Config {
    /// Reads a file of the map. The config holds what is sound; with any diagnostic it must not be used to judge.
    pub fn load(sources: &SourceMap, file: FileId, atlas: &Atlas) -> (Self, Vec<Diagnostic>) {
        let (tree, mut diagnostics) = parse(sources, file, &Limits::default());
        let mut config = Self { file: Some(file), ..Self::default() };
        if let Some(root) = root(&tree, &mut diagnostics) {
            diagnostics.extend(schema::validate(SchemaKind::Config, root));
            Reading { atlas, diagnostics: &mut diagnostics }.config(root, &mut config);
        }
        diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
        (config, diagnostics)
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

struct Reading<'a> {
    atlas: &'a Atlas,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reading<'_> {
    fn config(&mut self, root: NodeRef<'_>, config: &mut Config) {
        for entry in root.entries() {
            let value = entry.value;
            match entry.name().unwrap_or_default() {
                "include" => config.include = self.globs(value),
                "exclude" => config.exclude = self.globs(value),
                "packs" => config.packs = value.is_sequence().then(|| texts(value)),
                "severity" => config.severity = self.severities(value),
                "parameters" => config.parameters = parameters(value),
                "groups" => config.groups = self.groups(value),
                "fail_on" => config.fail_on = word(value, Severity::parse),
                "horizon" => config.horizon = self.duration(value),
                "locked" => config.locked = value.items().filter_map(|item| self.rule_glob(item)).collect(),
                "waivers" => config.waivers = value.items().map(|item| self.waiver(item)).collect(),
                "max_waiver" => config.max_waiver = self.duration(value),
                "limits" => config.limits = limits(value),
                "extends" => config.extends = texts(value),
                "files" => config.files = value.items().map(|item| self.for_files(item)).collect(),
                _ => {}
            }
        }
        for (key, meaning) in UNSUPPORTED {
            let present = root.get(key).filter(|entry| !entry.value.is_sequence() || entry.value.items().len() > 0);
            config.unsupported.extend(present.map(|entry| (entry.key.span(), meaning.to_owned())));
        }
        config.unsupported.sort_by_key(|(span, _)| *span);
    }

    fn globs(&mut self, list: NodeRef<'_>) -> Vec<Located<String>> {
        let globs = texts(list);
        for glob in &globs {
            if let Err(error) = Globs::check(&glob.value) {
                let wrong = Diagnostic::new("invalid-value", glob.span, error.to_string());
                self.diagnostics.push(wrong.help("put a backslash before a character that is meant as such: `\\[`"));
            }
        }
        globs
    }

    fn severities(&mut self, mapping: NodeRef<'_>) -> Vec<SeverityFor> {
        let mut found = Vec::new();
        for entry in mapping.entries() {
            let rules = self.rule_glob(entry.key);
            if let (Some(rules), Some(to)) = (rules, word(entry.value, Override::parse)) {
                found.push(SeverityFor { rules, to });
            }
        }
        found
    }

    fn rule_glob(&mut self, node: NodeRef<'_>) -> Option<RuleGlob> {
        let text = text(node)?;
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
        list.into_iter().flat_map(NodeRef::items).filter_map(|item| self.rule_glob(item)).collect()
    }

    fn duration(&mut self, node: NodeRef<'_>) -> Option<Located<Duration>> {
        let text = text(node)?;
        let duration = Duration::parse(&text.value);
        // one that looks wrong was reported by the schema
        if duration.is_none() && text.value.starts_with('P') && text.value.len() > 7 {
            let message = format!("`{}` is longer than can be counted", text.value);
            self.diagnostics.push(Diagnostic::new("invalid-value", text.span, message).help("write it like `P180D`"));
        }
        duration.map(|duration| Located::at(node, duration))
    }

    /// Groups in an order in which each stands behind those that it names. What cannot be ordered is reported and left out.
    fn groups(&mut self, mapping: NodeRef<'_>) -> Vec<Group> {
        let mut waiting = Vec::new();
        for entry in mapping.entries() {
            let Some(name) = text(entry.key) else { continue };
            if self.atlas.knows(&name.value) {
                let wrong =
                    Diagnostic::new("duplicate-id", name.span, format!("`{}` has a meaning already", name.value));
                self.diagnostics
                    .push(wrong.at("a territory or group that comes with purposelint").help("choose another name"));
            } else {
                waiting.push(Group { name, regions: texts(entry.value) });
            }
        }
        let mut atlas = self.atlas.clone();
        let mut ordered = Vec::new();
        loop {
            let before = waiting.len();
            for group in std::mem::take(&mut waiting) {
                let regions: Vec<&str> = group.regions.iter().map(|region| region.value.as_str()).collect();
                match atlas.add_group(&group.name.value, &regions) {
                    Ok(()) => ordered.push(group),
                    Err(_) => waiting.push(group),
                }
            }
            if waiting.len() == before {
                break;
            }
        }
        self.complain_of_groups(&waiting, &atlas);
        ordered
    }

    fn complain_of_groups(&mut self, waiting: &[Group], atlas: &Atlas) {
        for group in waiting {
            for region in group.regions.iter().filter(|region| !atlas.knows(&region.value)) {
                let is_waiting = waiting.iter().any(|other| other.name.value == region.value);
                let has_unknown = |other: &Group| {
                    let strange =
                        |name: &str| !atlas.knows(name) && waiting.iter().all(|group| group.name.value != name);
                    other.regions.iter().any(|region| strange(&region.value))
                };
                if !is_waiting {
                    self.diagnostics.push(unknown_region(atlas, region.span, &region.value));
                } else if !waiting.iter().any(has_unknown) {
                    let message = format!("`{}` holds itself by way of `{}`", group.name.value, region.value);
                    let wrong = Diagnostic::new("invalid-value", region.span, message);
                    self.diagnostics.push(wrong.help("list the territories of one of them"));
                }
            }
        }
    }

    fn waiver(&mut self, node: NodeRef<'_>) -> Waiver {
        let at = |key: &str| node.get(key).map(|entry| entry.value);
        let regions = at("regions").map(texts).unwrap_or_default();
        Waiver {
            span: node.span(),
            rule: at("rule").and_then(|rule| self.rule_glob(rule)),
            change: at("change").and_then(text),
            services: self.id_globs(at("services")),
            purposes: self.id_globs(at("purposes")),
            regions,
            reason: at("reason").and_then(text),
            owner: at("owner").and_then(text),
            approver: at("approver").and_then(text),
            expires: at("expires").and_then(|day| word(day, Date::parse)),
        }
    }

    fn for_files(&mut self, node: NodeRef<'_>) -> ForFiles {
        let at = |key: &str| node.get(key).map(|entry| entry.value);
        ForFiles {
            glob: at("glob").and_then(text),
            severity: at("severity").map(|severity| self.severities(severity)).unwrap_or_default(),
            parameters: at("parameters").map(parameters).unwrap_or_default(),
            exclude: at("exclude").map(|exclude| self.globs(exclude)).unwrap_or_default(),
        }
    }
}

fn text(node: NodeRef<'_>) -> Option<Located<String>> {
    match node.kind() {
        Kind::Str(text) => Some(Located::at(node, text.to_owned())),
        _ => None,
    }
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
    for (rule, values) in mapping.entries().filter_map(|entry| Some((text(entry.key)?, entry.value))) {
        for entry in values.entries() {
            let value = match entry.value.kind() {
                Kind::Bool(value) => ParameterValue::Bool(value),
                Kind::Int(value) => ParameterValue::Int(value),
                Kind::Float(value) => ParameterValue::Float(value),
                Kind::Str(value) => ParameterValue::Text(value.to_owned()),
                Kind::Sequence => ParameterValue::List(texts(entry.value)),
                Kind::Null | Kind::Mapping => continue,
            };
            let Some(name) = text(entry.key) else { continue };
            found.push(Parameter { rule: rule.clone(), name, value: Located::at(entry.value, value) });
        }
    }
    found
}

fn limits(mapping: NodeRef<'_>) -> Limits {
    let number = |key: &str, default: usize| match mapping.get(key).map(|entry| entry.value.kind()) {
        Some(Kind::Int(number)) => usize::try_from(number).unwrap_or(default),
        _ => default,
    };
    let Limits { file_size, depth, alias_nodes } = Limits::default();
    Limits {
        file_size: number("file_bytes", file_size),
        depth: number("depth", depth),
        alias_nodes: number("alias_nodes", alias_nodes),
    }
}
