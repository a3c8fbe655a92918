//! A config: which files it comes from, what each setting is and who says so, and what it makes of the rules.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use crate::config::{Config, Layer, LedBy, Matching, Override, Parameter, ParameterValue, SeverityFor};
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
    /// The entries of `files` that hold; an earlier one beats a later one.
    pub files: Vec<Line>,
    /// The rules that the config changes or locks.
    pub rules: Vec<RuleLines>,
}

/// A file of a config.
#[derive(Debug, Clone, Serialize)]
pub struct Layered {
    /// Its path.
    pub path: String,
    /// The place that extends it; `None` where no config does.
    pub extended_by: Option<String>,
    /// Why it counts, in words.
    pub why: String,
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
    /// What would hold without it, the next one first; the value of the pack comes last.
    pub beats: Vec<Beaten>,
}

/// A value that does not count.
#[derive(Debug, Clone, Serialize)]
pub struct Beaten {
    /// The value, in words.
    pub value: String,
    /// Where it is set; `None` for that of the pack.
    pub place: Option<String>,
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
    /// What a lock keeps from holding.
    pub refused: Vec<Beaten>,
}

/// Explains a config; `path` is that of one declaration, from the root. `first` says why the config of the workspace counts.
pub fn config(config: &Config, library: &Library, sources: &SourceMap, path: Option<&str>, first: &str) -> Explained {
    let teller = Teller { config, sources };
    let matching = path.map(|path| config.matching(Path::new(path))).unwrap_or_default();
    let entry = |glob: &Located<String>| teller.line("glob", glob.value.clone(), Some(glob.span));
    Explained {
        configs: config.layers.iter().map(|layer| teller.layer(layer, first)).collect(),
        settings: teller.settings(),
        files: config.entries(&matching).iter().rev().filter_map(|entry| entry.glob.as_ref()).map(entry).collect(),
        rules: library.rules().filter_map(|rule| teller.rule(rule, &matching)).collect(),
    }
}

/// The packs where no config names any; `purposelint rules` says which laws these are.
const DEFAULT: &str = "core, fair-defaults, laws of where services are offered";

struct Teller<'a> {
    config: &'a Config,
    sources: &'a SourceMap,
}

impl Teller<'_> {
    fn place(&self, span: Span) -> String {
        format!("{}:{}", self.sources.path(span.file), self.sources.start(span).line)
    }

    fn layer(&self, layer: &Layer, first: &str) -> Layered {
        let (extended_by, why) = match layer.led_by {
            LedBy::Workspace => (None, first.to_owned()),
            LedBy::Base => (None, "from the command line (--base)".to_owned()),
            LedBy::Extends(span) => (Some(self.place(span)), format!("extended at {}", self.place(span))),
        };
        Layered { path: self.sources.path(layer.file).to_owned(), extended_by, why }
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
            None => out.push(self.line("packs", DEFAULT.to_owned(), None)),
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
        let Limits { file_size, depth, alias_nodes, entries, steps } = config.limits;
        let limits = [
            ("file_bytes", file_size),
            ("depth", depth),
            ("alias_nodes", alias_nodes),
            ("entries", entries),
            ("steps", steps),
        ];
        for (name, value) in limits {
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
        for (entry, _) in config.entries_of_files() {
            let glob = entry.glob.as_ref();
            out.extend(glob.map(|glob| self.line("files", glob.value.clone(), Some(glob.span))));
        }
        for waiver in &config.waivers {
            let what = waiver.rule.as_ref().map(|rule| &rule.text).or(waiver.change.as_ref());
            let what = what.map(|what| what.value.clone()).unwrap_or_default();
            let until = waiver.expires.as_ref().map(|day| format!(" until {}", day.value)).unwrap_or_default();
            out.push(self.line("waivers", format!("{what}{until}"), Some(waiver.span)));
        }
        out
    }

    fn beaten(&self, value: String, span: Option<Span>) -> Beaten {
        Beaten { value, place: span.map(|span| self.place(span)) }
    }

    fn rule(&self, rule: &Rule, matching: &Matching) -> Option<RuleLines> {
        let standing = self.config.standing(&rule.id, own_severity(rule), matching);
        let severity = |entry: &&SeverityFor| self.beaten(word(entry.to.value).to_owned(), Some(entry.to.span));
        let mut set = Vec::new();
        if let Some(entry) = standing.entry {
            let mut line = self.line("severity", word(entry.to.value).to_owned(), Some(entry.to.span));
            line.beats = standing.beaten.iter().map(severity).chain([self.beaten(of_pack(rule), None)]).collect();
            let changes = !standing.beaten.is_empty() || of_pack(rule) != line.value;
            set.extend(Some(line).filter(|_| changes));
        }
        for param in &rule.params {
            let standing = self.config.parameter_standing((&rule.id, &param.name), &|_| true, matching);
            let Some(entry) = standing.entry else { continue };
            let value = |entry: &&Parameter| self.beaten(written(&entry.value.value), Some(entry.value.span));
            let mut line = self.line(&param.name, written(&entry.value.value), Some(entry.value.span));
            let own = own_value(&param.value);
            let changes = !standing.beaten.is_empty() || own != line.value;
            line.beats = standing.beaten.iter().map(value).chain([self.beaten(own, None)]).collect();
            set.extend(Some(line).filter(|_| changes));
        }
        let locked = self.config.lock_of(&rule.id).map(|span| self.place(span));
        let refused = standing.refused.iter().map(|(entry, _)| severity(entry)).collect();
        let says_something = !set.is_empty() || locked.is_some();
        says_something.then(|| RuleLines { rule: rule.id.clone(), set, locked, refused })
    }
}

/// The severity that a rule has by itself: the most severe case, then the others.
fn of_pack(rule: &Rule) -> String {
    let own = own_severity(rule);
    let cases: BTreeSet<Override> = rule.severity.iter().map(|case| Override::Severity(case.is)).collect();
    let others: Vec<&str> = cases.into_iter().rev().filter(|case| *case != own).map(word).collect();
    if own == Override::Off || others.is_empty() {
        return word(own).to_owned();
    }
    format!("{}, {} in some cases", word(own), others.join(" or "))
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
            let row = |config: &Layered| [String::new(), config.path.clone(), String::new(), config.why.clone()];
            table(out, &self.configs.iter().map(row).collect::<Vec<_>>())?;
        }
        writeln!(out, "\nsettings")?;
        lines(out, &self.settings)?;
        if !self.files.is_empty() {
            writeln!(out, "\nentries of `files` that hold here, what stands first counts first")?;
            lines(out, &self.files)?;
        }
        if !self.rules.is_empty() {
            // for one declaration its own entries have their say
            let elsewhere = self.files.is_empty() && self.settings.iter().any(|line| line.name == "files");
            let narrow = if elsewhere { ", where no entry of `files` holds" } else { "" };
            writeln!(out, "\nrules that the config changes or locks{narrow}")?;
        }
        table(out, &self.rules.iter().flat_map(RuleLines::rows).collect::<Vec<_>>())
    }
}

impl RuleLines {
    /// The id, then what, which value, and who says so.
    fn rows(&self) -> Vec<[String; 4]> {
        let cell = |text: &str| text.to_owned();
        let mut rows: Vec<[String; 4]> =
            self.set.iter().map(|line| [String::new(), cell(&line.name), cell(&line.value), line.who()]).collect();
        for refused in &self.refused {
            let place = refused.place.as_deref().unwrap_or_default();
            rows.push([String::new(), cell("refused"), cell(&refused.value), format!("{place}, because of the lock")]);
        }
        rows.extend(self.locked.iter().map(|place| [String::new(), cell("locked"), String::new(), cell(place)]));
        if let Some([id, ..]) = rows.first_mut() {
            id.push_str(&self.rule);
        }
        rows
    }
}

impl Line {
    /// Who says so, and what that beats.
    fn who(&self) -> String {
        let mut out = self.place.clone().unwrap_or_else(|| "default".to_owned());
        for Beaten { value, place } in &self.beats {
            out.push_str(&match place {
                Some(place) => format!(", beats `{value}` at {place}"),
                None => format!("; the pack has `{value}`"),
            });
        }
        out
    }
}

/// Columns as wide as their widest cell, within reason.
fn table(out: &mut String, rows: &[[String; 4]]) -> std::fmt::Result {
    let wide = |of: &dyn Fn(&[String; 4]) -> usize| rows.iter().map(of).max().unwrap_or_default().min(56);
    let ids = wide(&|[id, ..]| id.chars().count());
    let names = wide(&|[_, name, ..]| name.chars().count());
    let values = wide(&|[_, _, value, _]| value.chars().count());
    for [id, name, value, who] in rows {
        let id = if ids == 0 { String::new() } else { format!("{id:ids$}  ") };
        let value = if values == 0 { String::new() } else { format!("{value:values$}  ") };
        writeln!(out, "  {id}{name:names$}  {value}{who}")?;
    }
    Ok(())
}

fn lines(out: &mut String, lines: &[Line]) -> std::fmt::Result {
    let row = |line: &Line| [String::new(), line.name.clone(), line.value.clone(), line.who()];
    table(out, &lines.iter().map(row).collect::<Vec<_>>())
}
