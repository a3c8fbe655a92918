//! `# purposelint: ignore[pack/rule] until 2027-01-31: reason` in a declaration.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::known::{is_raised, places};
use super::lines::{Line, NAMED, accept, deciders, line_of};
use super::{Lock, Markable, Run, all, lock};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::evaluate::{Finding, Subject};
use crate::policy::Library;
use crate::source::{FileId, Source, SourceMap, Span};
use crate::space::Date;
use crate::suggest;
use crate::syntax::{Located, Tree};

/// How a comment is written.
const FORM: &str =
    "write `# purposelint: ignore[pack/rule]: reason`, with `until YYYY-MM-DD` before the colon if it is for a time";

/// Most comments of a file whose unknown names are compared with all that there are.
const SUGGESTIONS: usize = 20;

/// The name that a comment for this program starts with.
const NAME: &str = "purposelint";

/// A comment that asks to ignore findings.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ignore {
    /// The comment.
    pub span: Span,
    /// The line whose findings it ignores, 0-based; `None` where nothing follows it.
    pub line: Option<usize>,
    /// Rule ids.
    pub rules: Vec<Located<String>>,
    /// The day from which it no longer holds.
    pub until: Option<Located<Date>>,
    /// Why.
    pub reason: String,
}

impl Ignore {
    /// Whether a finding counts before the comment is over.
    pub(super) fn is_in_time(&self, finding: &Finding) -> bool {
        let ends = self.until.as_ref().map(|until| until.value);
        finding.counts_from.is_none_or(|day| ends.is_none_or(|ends| day < ends))
    }
}

/// The comments of one file that are meant for this program.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Ignores {
    /// Those that are sound, in order.
    pub list: Vec<Ignore>,
    /// What is wrong with the others.
    pub malformed: Vec<Diagnostic>,
}

impl Ignores {
    /// Reads the comments of a file.
    pub fn of(sources: &SourceMap, file: FileId, tree: &Tree, library: &Library) -> Self {
        let mut out = Self::default();
        let Some(source) = sources.get(file) else { return out };
        // from the end, so that a column of comments is looked at once
        let mut below: Option<(usize, Option<usize>)> = None;
        for comment in tree.comments().iter().rev() {
            let text = sources.slice(comment.span);
            let Some(order) = order(&text) else { continue };
            let line = target(source, comment.span, below);
            below = Some((source.line_of(comment.span.start as usize), line));
            let place = Place { span: comment.span, text: &text, suggests: out.malformed.len() < SUGGESTIONS };
            match place.read(order, library) {
                Ok(ignore) => out.list.push(Ignore { line, ..ignore }),
                Err(wrong) => out.malformed.push(*wrong),
            }
        }
        out.list.reverse();
        out.malformed.reverse();
        out
    }
}

/// What a comment says to this program, if it speaks to it: `ignore[…]: …`. What only mentions its name is left alone.
fn order(comment: &str) -> Option<&str> {
    let text = comment.trim_start_matches('#').trim_start();
    let own = text.get(..NAME.len()).filter(|name| name.eq_ignore_ascii_case(NAME));
    let Some(rest) = own.and(text.get(NAME.len()..)) else { return misspelt(text) };
    let blank = rest.trim_start();
    if let Some(order) = blank.strip_prefix(':') {
        return Some(order.trim_start());
    }
    // near enough to be a slip: passing over it would leave its author believing that it holds
    let near = blank.trim_start_matches(['-', '_', ' ']);
    ["ignore", "disable", "noqa", "skip", "suppress"].into_iter().any(|word| near.starts_with(word)).then_some(blank)
}

/// The rules that a comment has begun to list, where it ends inside its brackets: `a/b, c` of `# purposelint: ignore[a/b, c`.
pub fn begun(comment: &str) -> Option<&str> {
    let list = order(comment)?.strip_prefix("ignore")?.trim_start().strip_prefix('[')?;
    (!list.contains(']')).then_some(list)
}

/// A name that is nearly ours in front of what only we are asked: `purpose-lint: ignore[…`.
fn misspelt(text: &str) -> Option<&str> {
    let (name, rest) = text.split_once(':')?;
    let is_name = |c: char| c.is_ascii_alphabetic() || c == '-' || c == '_';
    let is_ours = name.len() <= NAME.len() + 4 && name.chars().all(is_name);
    let bare: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    let asks = rest.trim_start().strip_prefix("ignore").is_some_and(|rest| rest.trim_start().starts_with('['));
    let bare = bare.to_lowercase();
    let is_near = bare == NAME || suggest::nearest(&bare, [NAME]).is_some();
    (is_ours && asks && is_near).then_some(text)
}

/// The line a comment is about: its own, or the next where it stands alone, with nothing but comments between. `below` is the
/// next comment of ours with the line that it is about.
fn target(source: &Source, comment: Span, below: Option<(usize, Option<usize>)>) -> Option<usize> {
    let whole = source.text();
    let own = whole.line_of(comment.start as usize);
    let text = |line: usize| whole.get(whole.line_range(line)).unwrap_or_default().trim();
    let before = whole.get(whole.line_range(own).start..comment.start as usize).unwrap_or_default();
    if !before.trim_matches(['\u{feff}', ' ', '\t']).is_empty() {
        return Some(own);
    }
    for line in own + 1..whole.line_count() {
        match below {
            Some((known, about)) if known == line && text(line).starts_with('#') => return about,
            _ if text(line).starts_with('#') => {}
            _ => return (!text(line).is_empty()).then_some(line),
        }
    }
    None
}

/// A comment, for spans of its parts.
struct Place<'t> {
    span: Span,
    text: &'t str,
    /// Whether to look for what was meant by a name that nobody knows.
    suggests: bool,
}

impl Place<'_> {
    /// The span of a slice of the text.
    fn of(&self, part: &str) -> Span {
        let at = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len());
        let start = self.span.start as usize + at;
        Span::new(self.span.file, start, start + part.len())
    }

    fn wrong(&self, span: Span, message: impl Into<String>, help: impl Into<String>) -> Box<Diagnostic> {
        let span = if span.is_empty() { self.span } else { span };
        let message = format!("{}, so the comment ignores nothing", message.into());
        Box::new(Diagnostic::new("malformed-ignore", span, message).help(help))
    }

    fn read(&self, order: &str, library: &Library) -> Result<Ignore, Box<Diagnostic>> {
        let before = self.text.get(..self.text.len() - order.len()).unwrap_or_default();
        if before.trim_start_matches('#').trim().is_empty() {
            let name = order.split(':').next().unwrap_or_default();
            return Err(self.wrong(self.of(name), format!("`{name}` is not `{NAME}`"), FORM));
        }
        if !before.trim_end().ends_with(':') {
            return Err(self.wrong(self.span, "a colon is missing after `purposelint`", FORM));
        }
        let Some(rest) = order.strip_prefix("ignore") else {
            let word = order.split(|c: char| c.is_whitespace() || c == '[').next().unwrap_or_default();
            let what =
                if word.is_empty() { "nothing is asked for".to_owned() } else { format!("`{word}` is not `ignore`") };
            return Err(self.wrong(self.of(word), what, FORM));
        };
        let Some(list) = rest.trim_start().strip_prefix('[') else {
            return Err(self.wrong(self.span, "no rule is named in brackets", FORM));
        };
        let Some((names, rest)) = list.split_once(']') else {
            return Err(self.wrong(self.span, "`]` is missing after the rules", FORM));
        };
        let rules = self.rules(names, library)?;
        let Some((when, reason)) = rest.split_once(':') else {
            return Err(self.wrong(
                self.span,
                "a reason is missing",
                "put a colon and the reason after the bracket, for whoever reads this next",
            ));
        };
        let until = self.until(when)?;
        let reason = reason.trim();
        if !reason.chars().any(char::is_alphanumeric) {
            return Err(self.wrong(
                self.span,
                "the reason is empty",
                "say why after the colon, for whoever reads this next",
            ));
        }
        Ok(Ignore { span: self.span, line: None, rules, until, reason: reason.to_owned() })
    }

    fn rules(&self, names: &str, library: &Library) -> Result<Vec<Located<String>>, Box<Diagnostic>> {
        let mut rules = Vec::new();
        for name in names.split(',').map(str::trim) {
            let span = self.of(name);
            if name.is_empty() {
                return Err(self.wrong(self.span, "no rule is named in brackets", FORM));
            }
            if name.contains(['*', '?', '{']) {
                let help = "name each rule by its id; a waiver in purposelint.yaml may name many at once";
                return Err(self.wrong(span, format!("`{name}` stands for many rules"), help));
            }
            if rules.iter().any(|known: &Located<String>| known.value == name) {
                return Err(self.wrong(span, format!("`{name}` is named twice"), "name it once"));
            }
            if library.known.binary_search_by(|known| known.as_str().cmp(name)).is_err() {
                let known = || library.known.iter().map(String::as_str).collect::<Vec<_>>();
                let near = self
                    .suggests
                    .then(|| suggest::rule(name, &known()).map(|near| format!("did you mean `{near}`?")))
                    .flatten();
                let help = near.unwrap_or_else(|| "a rule is `pack/name`; `purposelint rules` lists them".to_owned());
                return Err(self.wrong(span, format!("there is no rule `{name}`"), help));
            }
            rules.push(Located { value: name.to_owned(), span, via: None });
        }
        Ok(rules)
    }

    /// What stands between the bracket and the colon: nothing, or `until` and a day.
    fn until(&self, text: &str) -> Result<Option<Located<Date>>, Box<Diagnostic>> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let day = text.strip_prefix("until").filter(|rest| rest.starts_with(char::is_whitespace)).map(str::trim);
        match day.map(|day| (day, Date::parse(day))) {
            Some((day, Some(date))) => Ok(Some(Located { value: date, span: self.of(day), via: None })),
            Some((day, None)) => {
                let help = "write an existing day as YYYY-MM-DD";
                Err(self.wrong(self.of(day), format!("`{day}` is not a day"), help))
            }
            None => Err(self.wrong(self.of(text), format!("`{text}` is not `until` and a day"), FORM)),
        }
    }
}

/// Marks what comments ignore. Gives what is wrong with them.
pub(super) fn apply<F: Markable>(
    findings: &mut [F],
    comments: Vec<Ignores>,
    config: Option<&Config>,
    run: &Run<'_>,
) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    let mut ignores: Vec<Ignore> = Vec::new();
    for file in comments {
        wrong.extend(file.malformed);
        ignores.extend(file.list);
    }
    if ignores.is_empty() {
        return wrong;
    }
    let files: BTreeSet<FileId> = ignores.iter().map(|ignore| ignore.span.file).collect();
    let index = Index::of(findings, run.sources, &files);
    let mut over: Vec<Claim<'_>> = Vec::new();
    let mut holding: Vec<Claim<'_>> = Vec::new();
    for (ignore, rule) in ignores.iter().flat_map(|ignore| ignore.rules.iter().map(move |rule| (ignore, rule))) {
        let meant = ignore.line.map(|line| index.at((ignore.span.file, line), &rule.value, findings));
        let claim = Claim { ignore, rule, meant: meant.unwrap_or_default() };
        if let Some(lock) = lock(&rule.value, config, run.library) {
            wrong.push(locked(rule, &lock));
        } else if ignore.until.as_ref().is_some_and(|until| until.value <= run.today) {
            over.push(claim);
        } else if !claim.findings(findings).any(|finding| ignore.is_in_time(finding)) {
            // what will only count when the comment is over is not what was accepted
            let later = claim.findings(findings).filter_map(|finding| finding.counts_from).min();
            wrong.extend(run.complete.then(|| unused(ignore, rule, later)));
        } else if let Some(several) = several(&claim.meant, findings) {
            wrong.push(unclear(ignore, &several));
        } else if let Some(several) = crowd(&claim, findings, run.sources) {
            wrong.push(crowded(&claim, &several, findings));
        } else {
            holding.push(claim);
        }
    }
    wrong.extend(accept(findings, &holding, run.sources));
    wrong.extend(over.iter().map(|claim| ended(claim, findings)));
    wrong
}

/// A comment with a rule that it names, and the findings of that rule at its line.
pub(super) struct Claim<'i> {
    pub(super) ignore: &'i Ignore,
    pub(super) rule: &'i Located<String>,
    pub(super) meant: Vec<usize>,
}

impl Claim<'_> {
    fn findings<'f, F: Borrow<Finding>>(&self, findings: &'f [F]) -> impl Iterator<Item = &'f Finding> {
        self.meant.iter().filter_map(|at| findings.get(*at)).map(Borrow::borrow)
    }
}

/// Findings by the lines at which a comment may ignore them: those that decide, and where their subject is declared.
struct Index {
    lines: BTreeMap<Line, Vec<usize>>,
}

impl Index {
    /// Those in files with comments.
    fn of<F: Borrow<Finding>>(findings: &[F], sources: &SourceMap, files: &BTreeSet<FileId>) -> Self {
        let mut lines: BTreeMap<Line, Vec<usize>> = BTreeMap::new();
        let line = |span: Span| files.contains(&span.file).then(|| line_of(span, sources));
        for (at, finding) in all(findings).enumerate() {
            let places: BTreeSet<Line> = deciders(finding).chain(finding.declared).filter_map(line).collect();
            for place in places {
                lines.entry(place).or_default().push(at);
            }
        }
        Self { lines }
    }

    fn at<F: Borrow<Finding>>(&self, line: Line, rule: &str, findings: &[F]) -> Vec<usize> {
        let here = self.lines.get(&line).into_iter().flatten().copied();
        here.filter(|at| findings.get(*at).is_some_and(|finding| finding.borrow().rule == rule)).collect()
    }
}

fn locked(rule: &Located<String>, lock: &Lock) -> Diagnostic {
    let message = format!("`{}` cannot be ignored", rule.value);
    let wrong = Diagnostic::new("ignore-of-locked-rule", rule.span, message);
    match lock {
        Lock::Config(place) => wrong
            .label(*place, "locked here")
            .help("remove the comment and repair what it hides, or ask whoever keeps the config to unlock the rule"),
        Lock::Reading => wrong
            .at("an error that keeps a declaration from being judged")
            .help("repair what it reports: what cannot be read cannot be judged"),
    }
}

/// A comment that holds no longer, with whether the rule flags something at its line that nothing else accepts.
fn ended<F: Borrow<Finding>>(Claim { ignore, rule, meant }: &Claim<'_>, findings: &[F]) -> Diagnostic {
    let until = ignore.until.as_ref();
    let day = until.map(|until| until.value.to_string()).unwrap_or_default();
    let message = format!("the comment no longer ignores `{}`: it held until {day}", rule.value);
    let is_open = |at: &usize| findings.get(*at).is_some_and(|finding| finding.borrow().is_open());
    let help = match meant.iter().any(is_open) {
        false => "remove it: the rule flags nothing here any more",
        true => "repair what it hid and remove it, or give it a new day with the reason why",
    };
    Diagnostic::new("expired-ignore", until.map_or(ignore.span, |until| until.span), message).help(help)
}

/// The subjects of findings, where there are several; with their services, where those differ.
fn several<F: Borrow<Finding>>(meant: &[usize], findings: &[F]) -> Option<Vec<String>> {
    let meant = meant.iter().filter_map(|at| findings.get(*at)).map(Borrow::borrow);
    let subjects: BTreeSet<(&Option<String>, &Subject)> =
        meant.map(|finding| (&finding.service, &finding.subject)).collect();
    let is_of_one = subjects.iter().map(|(service, _)| service).collect::<BTreeSet<_>>().len() == 1;
    let name = |(service, subject): &(&Option<String>, &Subject)| {
        let id = subject.id();
        match service {
            Some(service) if !is_of_one && service != id => format!("`{id}` of `{service}`"),
            _ => format!("`{id}`"),
        }
    };
    (subjects.len() > 1).then(|| subjects.iter().map(name).collect())
}

/// A line that decides for several: with the next purpose that names the setting there would be one more that nobody looked at.
fn unclear(ignore: &Ignore, several: &[String]) -> Diagnostic {
    let message = format!(
        "the line decides for {}, so it is not clear which of them the comment is about, and it ignores nothing",
        suggest::join(several)
    );
    let help = "put a comment above each purpose that is meant";
    Diagnostic::new("malformed-ignore", ignore.span, message).help(help)
}

/// The places of what the program has found by itself on the line of a comment, where that is more than one thing. At what declares
/// their subject the comment is about all of them.
fn crowd<F: Borrow<Finding>>(claim: &Claim<'_>, findings: &[F], sources: &SourceMap) -> Option<BTreeSet<Vec<Span>>> {
    let line = claim.ignore.line.map(|line| (claim.ignore.span.file, line));
    let is_at_subject = |finding: &Finding| finding.declared.map(|span| line_of(span, sources)) == line;
    let here = claim.findings(findings).filter(|finding| is_raised(finding) && !is_at_subject(finding));
    let places: BTreeSet<Vec<Span>> = here.map(places).collect();
    (places.len() > 1).then_some(places)
}

/// A line with several things of which a rule flags each: with the next that is written there, there would be one more.
fn crowded<F: Borrow<Finding>>(claim: &Claim<'_>, several: &BTreeSet<Vec<Span>>, findings: &[F]) -> Diagnostic {
    let Claim { ignore, rule, .. } = claim;
    let message = format!(
        "`{}` flags {} things on the line, so it is not clear which of them the comment is about, and it ignores nothing",
        rule.value,
        several.len()
    );
    let help = match claim.findings(findings).find_map(|finding| finding.declared.map(|_| &finding.subject)) {
        Some(subject) => {
            let id = subject.id();
            format!("put the comment above `{id}` to ignore all of it, or write each on a line of its own")
        }
        None => "write each on a line of its own, with a comment at what is meant".to_owned(),
    };
    let shown: BTreeSet<Span> = several.iter().filter_map(|places| places.first().copied()).collect();
    let wrong = Diagnostic::new("malformed-ignore", ignore.span, message);
    shown.into_iter().take(NAMED).fold(wrong, |wrong, span| wrong.label(span, "flagged here")).help(help)
}

/// `later` is the first day on which the rule flags something there, where the comment is over by then.
fn unused(ignore: &Ignore, rule: &Located<String>, later: Option<Date>) -> Diagnostic {
    let place = if ignore.line.is_some() { "on its line" } else { "after it" };
    let when = later.map(|day| format!(" before {day}, when the comment is over")).unwrap_or_default();
    let message = format!("the comment ignores nothing: `{}` flags nothing {place}{when}", rule.value);
    let help = match later {
        Some(_) => "remove it, or give it a later day",
        None => "remove it, or put it at the end of the line that the finding points at, or on the line above",
    };
    Diagnostic::new("unused-ignore", rule.span, message).help(help)
}
