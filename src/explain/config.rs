//! A config: which files it comes from, what each setting is and who says so, and what it makes of the rules.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use crate::config::{Config, Matching, Override, ParameterValue};
use crate::policy::{Library, ParamValue, Rule};
use crate::settings::own_severity;
use crate::source::{SourceMap, Span};
use crate::syntax::{Limits, Located};

/// What a config comes to, for all declarations or for one.
#[derive(Debug, Clone, Serialize)]
pub struct Explained {
    /// The files it comes from, the nearest first.
    pub configs: Vec<Layered>,
    /// Each setting.
    pub settings: Vec<Line>,
    /// The entries of `files` that hold; a later one beats an earlier one.
    pub files: Vec<Line>,
    /// The rules that the config changes or locks.
    pub rules: Vec<RuleLines>,
}

/// A file of a config.
#[derive(Debug, Clone, Serialize)]
pub struct Layered {
    /// Its path.
    pub path: String,
    /// The place that extends it; `None` for the nearest.
    pub extended_by: Option<String>,
}

/// A value and who says so.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// What it is a value of.
    pub name: String,
    /// The value, in words.
    pub value: String,
    /// Where it is set; `None` for a default.
    pub place: Option<String>,
    /// What would hold without it, the next one first, each with its place; the value of the pack comes last, without one.
    pub beats: Vec<(String, Option<String>)>,
}

/// What the config makes of a rule.
#[derive(Debug, Clone, Serialize)]
pub struct RuleLines {
    /// Its id.
    pub rule: String,
    /// Its severity and its parameters, as far as the config sets them.
    pub set: Vec<Line>,
    /// Where it is locked.
    pub locked: Option<String>,
    /// What a lock keeps from holding, each with its place.
    pub refused: Vec<(String, String)>,
}

/// Explains a config; `path` is that of one declaration, from the root.
pub fn config(config: &Config, library: &Library, sources: &SourceMap, path: Option<&str>) -> Explained {
    let teller = Teller { config, sources };
    let matching = path.map(|path| config.matching(Path::new(path))).unwrap_or_default();
    let entry = |glob: &Located<String>| teller.line("glob", glob.value.clone(), Some(glob.span));
    Explained {
        configs: config.layers.iter().map(|layer| teller.layer(layer.file, layer.extended_by)).collect(),
        settings: teller.settings(),
        files: config.entries(&matching).iter().filter_map(|entry| entry.glob.as_ref()).map(entry).collect(),
        rules: library.rules().filter_map(|rule| teller.rule(rule, &matching)).collect(),
    }
}

struct Teller<'a> {
    config: &'a Config,
    sources: &'a SourceMap,
}

impl Teller<'_> {
    fn place(&self, span: Span) -> String {
        format!("{}:{}", self.sources.path(span.file), self.sources.start(span).line)
    }

    fn layer(&self, file: crate::source::FileId, extended_by: Option<Span>) -> Layered {
        Layered { path: self.sources.path(file).to_owned(), extended_by: extended_by.map(|span| self.place(span)) }
    }

    fn line(&self, name: &str, value: String, span: Option<Span>) -> Line {
        Line { name: name.to_owned(), value, place: span.map(|span| self.place(span)), beats: Vec::new() }
    }

    fn settings(&self) -> Vec<Line> {
        let config = self.config;
        let mut out = Vec::new();
        let packs = config.layers.iter().find_map(|layer| Some((layer.packs.as_ref()?, layer.packs_place)));
        match packs {
            Some((list, place)) => {
                let names: Vec<&str> = list.iter().map(|pack| pack.value.as_str()).collect();
                out.push(self.line("packs", names.join(", "), place));
            }
            None => out.push(self.line("packs", "all that come with purposelint".to_owned(), None)),
        }
        let fail_on = config.fail_on.as_ref().map(|value| value.span);
        out.push(self.line("fail_on", config.fail_on().to_string(), fail_on));
        let horizon = config.horizon.as_ref();
        let days =
            horizon.map_or_else(|| format!("P{}D", config.horizon_days()), |value| value.value.as_str().to_owned());
        out.push(self.line("horizon", days, horizon.map(|value| value.span)));
        if let Some(most) = &config.max_waiver {
            out.push(self.line("max_waiver", most.value.as_str().to_owned(), Some(most.span)));
        }
        let Limits { file_size, depth, alias_nodes } = config.limits;
        for (name, value) in [("file_bytes", file_size), ("depth", depth), ("alias_nodes", alias_nodes)] {
            let place = config.limit(name).map(|limit| limit.span);
            out.push(self.line(&format!("limits.{name}"), value.to_string(), place));
        }
        let each = |name: &str, list: &[Located<String>]| -> Vec<Line> {
            list.iter().map(|item| self.line(name, item.value.clone(), Some(item.span))).collect()
        };
        out.extend(each("include", &config.include));
        out.extend(each("exclude", &config.exclude));
        for group in &config.groups {
            let regions: Vec<&str> = group.regions.iter().map(|region| region.value.as_str()).collect();
            out.push(self.line(
                "groups",
                format!("{}: {}", group.name.value, regions.join(", ")),
                Some(group.name.span),
            ));
        }
        for layer in config.layers.iter().rev() {
            out.extend(
                layer.locked.iter().map(|lock| self.line("locked", lock.text.value.clone(), Some(lock.text.span))),
            );
        }
        for waiver in &config.waivers {
            let what = waiver.rule.as_ref().map(|rule| &rule.text).or(waiver.change.as_ref());
            let what = what.map(|what| what.value.clone()).unwrap_or_default();
            let until = waiver.expires.as_ref().map(|day| format!(" until {}", day.value)).unwrap_or_default();
            out.push(self.line("waivers", format!("{what}{until}"), Some(waiver.span)));
        }
        out
    }

    fn rule(&self, rule: &Rule, matching: &Matching) -> Option<RuleLines> {
        let own = own_severity(rule);
        let standing = self.config.standing(&rule.id, own, matching);
        let mut set = Vec::new();
        if let Some(entry) = standing.entry {
            let mut line = self.line("severity", word(entry.to.value).to_owned(), Some(entry.to.span));
            let beaten = standing.beaten.iter();
            line.beats =
                beaten.map(|entry| (word(entry.to.value).to_owned(), Some(self.place(entry.to.span)))).collect();
            line.beats.push((word(own).to_owned(), None));
            set.push(line);
        }
        for param in &rule.params {
            let standing = self.config.parameter_standing((&rule.id, &param.name), &|_| true, matching);
            let Some(entry) = standing.entry else { continue };
            let mut line = self.line(&param.name, written(&entry.value.value), Some(entry.value.span));
            let beaten = standing.beaten.iter();
            line.beats =
                beaten.map(|entry| (written(&entry.value.value), Some(self.place(entry.value.span)))).collect();
            line.beats.push((own_value(&param.value), None));
            set.push(line);
        }
        let locked = self.config.lock_of(&rule.id).map(|span| self.place(span));
        let refused = standing.refused.iter();
        let refused: Vec<_> =
            refused.map(|(entry, _)| (word(entry.to.value).to_owned(), self.place(entry.to.span))).collect();
        let says_something = !set.is_empty() || locked.is_some();
        says_something.then(|| RuleLines { rule: rule.id.clone(), set, locked, refused })
    }
}

fn word(to: Override) -> &'static str {
    match to {
        Override::Off => "off",
        Override::Severity(severity) => severity.as_str(),
    }
}

fn written(value: &ParameterValue) -> String {
    match value {
        ParameterValue::Bool(value) => value.to_string(),
        ParameterValue::Int(value) => value.to_string(),
        ParameterValue::Float(value) => value.to_string(),
        ParameterValue::Text(value) => value.clone(),
        ParameterValue::List(items) => items.iter().map(|item| item.value.as_str()).collect::<Vec<_>>().join(", "),
    }
}

fn own_value(value: &ParamValue) -> String {
    match value {
        ParamValue::Bool(value) => value.to_string(),
        ParamValue::Int(value) => value.to_string(),
        ParamValue::Double(value) => value.to_string(),
        ParamValue::Text(value) => value.clone(),
        ParamValue::Texts(items) => items.join(", "),
    }
}

impl Explained {
    /// In columns, for people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // writing to a string cannot fail
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        if self.configs.is_empty() {
            writeln!(out, "\nno config: everything is as it comes with purposelint")?;
        } else {
            writeln!(out, "\nconfigs, what stands first counts first")?;
            let wide = width(self.configs.iter().map(|config| config.path.as_str()));
            for config in &self.configs {
                let why = match &config.extended_by {
                    Some(place) => format!("extended at {place}"),
                    None => "the nearest".to_owned(),
                };
                writeln!(out, "  {:wide$}  {why}", config.path)?;
            }
        }
        writeln!(out, "\nsettings")?;
        lines(out, "  ", &self.settings)?;
        if !self.files.is_empty() {
            writeln!(out, "\nentries of `files` that hold here, what stands last counts first in its config")?;
            lines(out, "  ", &self.files)?;
        }
        if !self.rules.is_empty() {
            writeln!(out, "\nrules that the config changes or locks")?;
        }
        for rule in &self.rules {
            writeln!(out, "  {}", rule.rule)?;
            lines(out, "    ", &rule.set)?;
            if let Some(place) = &rule.locked {
                writeln!(out, "    locked at {place}")?;
            }
            for (value, place) in &rule.refused {
                writeln!(out, "    not `{value}`, as {place} says, because of the lock")?;
            }
        }
        Ok(())
    }
}

fn width<'t>(texts: impl Iterator<Item = &'t str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or_default().min(40)
}

fn lines(out: &mut String, indent: &str, lines: &[Line]) -> std::fmt::Result {
    let names = width(lines.iter().map(|line| line.name.as_str()));
    let values = width(lines.iter().map(|line| line.value.as_str()));
    for line in lines {
        let place = line.place.as_deref().unwrap_or("default");
        write!(out, "{indent}{:names$}  {:values$}  {place}", line.name, line.value)?;
        for (value, place) in &line.beats {
            match place {
                Some(place) => write!(out, ", beats `{value}` at {place}")?,
                None => write!(out, "; the pack has `{value}`")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}
