//! The examples of rules as tests: each must come out as its rule file says.

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluate::{Finding, Outcome, Period};
use crate::lint::{Base, Report, Setup, compare, lint};
use crate::parallel;
use crate::policy::{Example, Expectation, Library, RaisedBy, Rule};
use crate::settings::Settings;
use crate::source::{SourceMap, Span};
use crate::space::{Atlas, Date, TerritorySet};
use crate::suggest;

/// The mark at the end of a line that must be reported.
const MARK: &str = "# <- flagged";

/// What the declaration before a change is called.
const BEFORE: &str = "before.yaml";

/// An example that did not come out as its rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `pack/rule`
    pub rule: String,
    /// The title of the example.
    pub example: String,
    /// Where the example stands in the rule file.
    pub span: Span,
    /// What came out instead.
    pub message: String,
}

/// The mark of what is still to be written.
const TODO: &str = "TODO:";

/// How many examples were run, and what failed.
#[derive(Debug, Default)]
pub struct Results {
    /// Rules whose examples were run.
    pub rules: usize,
    /// Examples that were run.
    pub examples: usize,
    /// In the order of rules and examples.
    pub failures: Vec<Failure>,
}

/// The day for which an example is judged that names none. Fixed, so that examples do not change by themselves.
pub fn default_date() -> Date {
    Date::parse("2026-11-21").unwrap_or(Date::MILLENNIUM)
}

/// Runs the examples of a rule, or the one whose declaration stands behind the key at a byte of its file. `None` where there is
/// no such rule.
pub fn run_rule(library: &Library, id: &str, only: Option<usize>) -> Option<Results> {
    let rule = library.rule(id)?;
    let mut runner = Runner { setup: Setup::of(library, default_date()), results: Results::default() };
    let Some(only) = only else {
        runner.rule(rule);
        let todos = todos(library, &[rule.pack().to_owned()]);
        runner.results.failures.extend(todos.into_iter().filter(|failure| failure.rule == id));
        return Some(runner.results);
    };
    let meant = rule.examples.iter().filter(|example| example.span.start as usize == only);
    meant.for_each(|example| runner.run(rule, example));
    Some(runner.results)
}

/// Runs the examples of the packs named, each against all rules of the library.
pub fn run(library: &Library, packs: &[String]) -> Results {
    let setup = Setup::of(library, default_date());
    let packs_named = library.packs.iter().filter(|pack| packs.contains(&pack.name));
    let rules: Vec<&Rule> = packs_named.flat_map(|pack| &pack.rules).collect();
    let run = |rule: &&Rule| {
        let mut runner = Runner { setup: setup.clone(), results: Results::default() };
        runner.rule(rule);
        runner.results
    };
    let mut results = Results::default();
    for of_rule in parallel::map(&rules, run) {
        results.rules += of_rule.rules;
        results.examples += of_rule.examples;
        results.failures.extend(of_rule.failures);
    }
    results.failures.extend(todos(library, packs));
    results
}

/// Every place in the files of packs that says it is still to be written: a rule is not done before.
fn todos(library: &Library, packs: &[String]) -> Vec<Failure> {
    let mut out = Vec::new();
    for (file, source) in library.sources.iter() {
        // a file is known by its folder and name, wherever the folder of the pack stands
        let mut parts = source.path().strip_suffix(".yaml").unwrap_or(source.path()).rsplit('/');
        let (Some(name), Some(pack)) = (parts.next(), parts.next()) else { continue };
        if !packs.iter().any(|known| known == pack) {
            continue;
        }
        let id = format!("{pack}/{name}");
        let text = source.text();
        for (at, _) in text.match_indices(TODO) {
            let rest = text.get(at + TODO.len()..).and_then(|rest| rest.lines().next()).unwrap_or_default();
            // what ends a quoted text is no part of it
            let rest = rest.split(['"', '\'']).next().unwrap_or_default().trim();
            out.push(Failure {
                rule: id.clone(),
                example: String::new(),
                span: Span::new(file, at, at + TODO.len()),
                message: format!("still to be done: {rest}"),
            });
        }
    }
    out
}

struct Runner<'a> {
    setup: Setup<'a>,
    results: Results,
}

impl Runner<'_> {
    fn rule(&mut self, rule: &Rule) {
        self.results.rules += 1;
        let has = |wanted| rule.examples.iter().any(|example| example.expect == wanted);
        if rule.tested_by.is_none() && !(has(Expectation::Flagged) && has(Expectation::Clean)) {
            self.fail(rule, None, "needs at least one example that is `flagged` and one that is `clean`".to_owned());
        }
        if rule.require.is_some() && rule.cites.is_empty() {
            self.fail(rule, None, "has no citation".to_owned());
        }
        rule.examples.iter().for_each(|example| self.run(rule, example));
    }

    fn run(&mut self, rule: &Rule, example: &Example) {
        self.results.examples += 1;
        for message in self.example(rule, example) {
            self.fail(rule, Some(example), message);
        }
    }

    fn fail(&mut self, rule: &Rule, example: Option<&Example>, message: String) {
        self.results.failures.push(Failure {
            rule: rule.id.clone(),
            example: example.map(|example| example.title.clone()).unwrap_or_default(),
            span: example.map_or(rule.place, |example| example.span),
            message,
        });
    }

    fn example(&mut self, rule: &Rule, example: &Example) -> Vec<String> {
        let date = example.as_of.unwrap_or_else(default_date);
        self.setup.period = Period { today: date, horizon: example.upcoming.unwrap_or(date), full_severity: false };
        let mut settings = Settings::new(self.setup.library);
        if !rule.enabled {
            settings.switch_on(rule);
        }
        self.setup.settings = settings.into();
        let mut sources = SourceMap::new();
        let file = sources.add("example.yaml", example.text.as_str());
        let report = match &example.before {
            Some(before) => {
                let before = sources.add(BEFORE, before.as_str());
                let base = Base { files: &[before], atlas: self.setup.atlas, left_out: &BTreeMap::new() };
                let comparison = compare(&sources, base, &[file], &self.setup);
                if let Some(unread) = comparison.unread.first() {
                    return vec![format!("{} {}", unread.what, unread.reason)];
                }
                comparison.report
            }
            None => lint(&sources, &[file], &self.setup),
        };
        let library = self.setup.library;
        let check = Check { library, rule, example, report: &report, sources: &sources, atlas: self.setup.atlas, date };
        let mut failures = check.own();
        failures.extend(check.others());
        failures
    }
}

struct Check<'a> {
    library: &'a Library,
    rule: &'a Rule,
    example: &'a Example,
    report: &'a Report,
    sources: &'a SourceMap,
    atlas: &'a Atlas,
    date: Date,
}

impl Check<'_> {
    /// What no comment of the example ignores.
    fn open(&self) -> impl Iterator<Item = &Finding> {
        self.report.found().filter(|finding| finding.is_open())
    }

    fn of(&self, rule: &str, outcome: Outcome) -> Vec<&Finding> {
        self.open().filter(|finding| finding.rule == rule && finding.outcome == outcome).collect()
    }

    /// What the example says of its own rule.
    fn own(&self) -> Vec<String> {
        let failed = self.of(&self.rule.id, Outcome::Fail);
        let undetermined = self.of(&self.rule.id, Outcome::Undetermined);
        // findings of `core` are raised where they occur; only rules that judge can be said to have passed
        let judged = self.rule.require.is_none() || self.report.applied.contains(&self.rule.id);
        match self.example.expect {
            Expectation::Flagged => self.flagged(&failed),
            Expectation::Clean => {
                let mut out = self.none_of(&failed, "fails");
                out.extend(self.none_of(&undetermined, "is undetermined"));
                if !judged {
                    out.push("does not apply anywhere, so nothing passes".to_owned());
                }
                out
            }
            Expectation::Undetermined => {
                let mut out = self.none_of(&failed, "fails");
                out.extend(self.as_said(&undetermined));
                if undetermined.is_empty() {
                    out.push(format!("is not undetermined{}", if judged { "" } else { "; it does not apply" }));
                }
                out
            }
            Expectation::NotApplicable => {
                let mut out = self.none_of(&failed, "fails");
                out.extend(self.none_of(&undetermined, "is undetermined"));
                if self.rule.require.is_some() && judged {
                    out.push("applies, and passes".to_owned());
                }
                out
            }
        }
    }

    fn none_of(&self, findings: &[&Finding], verb: &str) -> Vec<String> {
        findings.iter().map(|finding| format!("{verb} at line {}: {}", self.line(finding), finding.message)).collect()
    }

    fn flagged(&self, failed: &[&Finding]) -> Vec<String> {
        let mut out = Vec::new();
        let marked: BTreeSet<usize> =
            (1..).zip(self.example.text.lines()).filter(|(_, line)| line.ends_with(MARK)).map(|(at, _)| at).collect();
        let found: BTreeSet<usize> = failed.iter().map(|finding| self.line(finding)).collect();
        if marked.is_empty() {
            out.push(format!("no line ends with `{MARK}`"));
        } else if marked != found {
            let lines = |lines: &BTreeSet<usize>| lines.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
            out.push(match found.is_empty() {
                true => format!("is not flagged; line {} is marked", lines(&marked)),
                false => format!("is flagged at line {}; line {} is marked", lines(&found), lines(&marked)),
            });
        }
        out.extend(self.as_said(failed));
        out.extend(self.upcoming(failed));
        out
    }

    /// Whether findings are where they can be mended, as severe as the example says, and about whom it says. Where there are
    /// none, that is said already.
    fn as_said(&self, findings: &[&Finding]) -> Vec<String> {
        let mut out: Vec<String> = self.misplaced(findings).into_iter().collect();
        for finding in findings {
            if let Some(severity) = self.example.severity.filter(|severity| *severity != finding.severity) {
                out.push(format!("has severity {}, not {severity}", finding.severity));
            }
        }
        if !findings.is_empty() {
            out.extend(self.territories(findings));
        }
        out
    }

    /// A finding of a change that points at what is no longer there: nobody can mend it at that line.
    fn misplaced(&self, findings: &[&Finding]) -> Option<String> {
        let is_before = |finding: &&&Finding| self.sources.path(finding.primary.span.file) == BEFORE;
        let at = self.line(findings.iter().find(is_before)?);
        Some(format!("points at line {at} of `before`, not at `after`"))
    }

    /// Whether what is to come comes on the day that the example says, and not before.
    fn upcoming(&self, failed: &[&Finding]) -> Option<String> {
        let wanted = self.example.upcoming?;
        if failed.is_empty() {
            return None;
        }
        let other = failed.iter().find(|finding| finding.counts_from != Some(wanted))?;
        Some(match other.counts_from {
            Some(day) => format!("counts from {day}, not {wanted}"),
            None => format!("counts already on {}, not from {wanted}", self.date),
        })
    }

    fn territories(&self, findings: &[&Finding]) -> Vec<String> {
        let cells = findings.iter().flat_map(|finding| &*finding.cells);
        let all = cells.fold(TerritorySet::EMPTY, |all, cell| all.or(cell.block.territories));
        let set = |name: &String| self.atlas.lookup(name, self.date).unwrap_or_default();
        let mut out = Vec::new();
        for name in self.example.within.iter().filter(|name| !set(name).is_within(all)) {
            out.push(format!("does not concern {name}"));
        }
        for name in self.example.not_in.iter().filter(|name| !set(name).and(all).is_empty()) {
            out.push(format!("concerns {name}"));
        }
        out
    }

    /// What the example does to other rules: a clean example may fail those it lists, and no others of its pack; no example
    /// but those of `core` may be wrong in form.
    fn others(&self) -> Vec<String> {
        let listed = &self.example.also_flagged;
        let clean = self.example.expect == Expectation::Clean;
        let mut out = Vec::new();
        // that something gets weaker is what most examples of a change are about
        let is_compared =
            |rule: &str| self.library.rule(rule).is_some_and(|rule| rule.raised_by == Some(RaisedBy::Comparison));
        let failed = self.open().filter(|finding| finding.outcome == Outcome::Fail);
        for finding in failed.filter(|finding| !is_compared(&finding.rule)) {
            let pack = finding.rule.split('/').next().unwrap_or_default();
            let own_pack = pack == self.rule.pack();
            let relevant = (clean && own_pack) || (pack == "core" && !own_pack);
            if relevant && finding.rule != self.rule.id && !listed.contains(&finding.rule) {
                let line = self.line(finding);
                out.push(format!(
                    "{} fails at line {line}: {}; list it under `also_flagged` if that is meant",
                    finding.rule, finding.message
                ));
            }
        }
        out.extend(listed.iter().filter_map(|rule| self.listed(rule)));
        out
    }

    /// What is wrong with a rule under `also_flagged`. A rule that was not run is not said to have passed.
    fn listed(&self, id: &str) -> Option<String> {
        let library = self.library;
        let Some(rule) = library.rule(id) else {
            let pack = id.split('/').next().unwrap_or_default();
            if library.packs.iter().all(|known| known.name != pack) {
                return Some(format!("{id} under `also_flagged` was not run: there is no pack `{pack}` here"));
            }
            let rules: Vec<&str> = library.rules().map(|rule| rule.id.as_str()).collect();
            let help = suggest::rule(id, &rules).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            return Some(format!("there is no rule {id}, which is listed under `also_flagged`{help}"));
        };
        if !rule.enabled && rule.id != self.rule.id {
            return Some(format!("{id} under `also_flagged` was not run: it is off unless a config switches it on"));
        }
        let fails = !self.of(id, Outcome::Fail).is_empty();
        (!fails).then(|| format!("{id} does not fail, although it is listed under `also_flagged`"))
    }

    fn line(&self, finding: &Finding) -> usize {
        self.sources.start(finding.primary.span).line
    }
}
