//! Comments that accept findings: each is understood or refused, none is passed over, and nothing else is accepted.

use purposelint::evaluate::SuppressedBy;
use purposelint::source::SourceMap;
use purposelint::suppress::Ignores;
use purposelint::syntax::{self, Limits};

use super::judge::{Case, check};

/// A declaration with findings; at each `@` stands a comment.
const TEMPLATE: &str = "\
@
version: 1
service: s @
settings:
  s1:
    @
    default: on @
    overrides:
      - {regions: [GB], default: ask} @
purposes:
  p: @
    use: train_ai_system
    @
    setting: s1
  q: {use: train_ai_system, setting: {default: on}} @
@
";

/// Reads the lines of the bytes as comments of a declaration, in order.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let text = with_comments(text);
    let case = Case::new(&[&text]);
    let (tree, _) = syntax::parse(&case.sources, case.files[0], &Limits::default());
    let ignores = Ignores::of(&case.sources, case.files[0], &tree, case.library);
    understood(&case.sources, &tree, &ignores);
    let report = case.lint();
    check(&report, &case.sources);
    for finding in &report.findings {
        let Some(suppressed) = &finding.suppressed else { continue };
        assert_eq!(suppressed.by, SuppressedBy::Ignore);
        let by = ignores.list.iter().find(|ignore| Some(ignore.span) == suppressed.place).unwrap();
        assert!(by.rules.iter().any(|rule| rule.value == finding.rule), "{by:?} accepts {finding:?}");
        assert!(by.until.as_ref().is_none_or(|until| until.value > super::judge::today()), "{by:?}");
        let line = |span| case.sources.start(span).line - 1;
        let near = [Some(finding.primary.span), finding.declared].into_iter().flatten().map(line);
        assert!(near.into_iter().any(|line| by.line == Some(line)), "{by:?} accepts {finding:?}\n{text}");
    }
}

/// Every comment with our name and a colon is in one of the two lists.
fn understood(sources: &SourceMap, tree: &syntax::Tree, ignores: &Ignores) {
    for ignore in &ignores.list {
        assert!(!ignore.rules.is_empty() && !ignore.reason.is_empty(), "{ignore:?}");
        assert!(ignore.rules.iter().all(|rule| *sources.slice(rule.span) == rule.value), "{ignore:?}");
    }
    for comment in tree.comments() {
        let speaks = sources.slice(comment.span).trim_start_matches('#').trim_start().starts_with("purposelint:");
        let known = ignores.list.iter().map(|ignore| ignore.span);
        let wrong = ignores.malformed.iter().map(|wrong| wrong.primary.span);
        let times = known.filter(|span| *span == comment.span).count()
            + wrong.filter(|span| comment.span.contains(*span)).count();
        assert!(!speaks || times == 1, "{:?} is understood {times} times", sources.slice(comment.span));
    }
}

fn with_comments(text: &str) -> String {
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r'));
    let mut out = String::new();
    for part in TEMPLATE.split_inclusive('@') {
        let Some(part) = part.strip_suffix('@') else {
            out.push_str(part);
            continue;
        };
        out.push_str(part);
        match lines.next() {
            Some(line) if line.starts_with('#') => out.push_str(line),
            Some(line) => {
                out.push_str("# purposelint: ignore");
                out.push_str(line);
            }
            None => {}
        }
    }
    out
}
