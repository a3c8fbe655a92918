//! Of an earlier state: whose declarations could not be read whole, or contradict themselves. What was found there is what one
//! reading of them comes to, and no proof that it was so.

use std::collections::BTreeSet;

use super::workspace::Workspace;
use crate::evaluate::Finding;
use crate::lint::{Report, Skipped, leaves_out};
use crate::policy::Library;
use crate::source::{FileId, SourceMap};
use crate::syntax::{Kind, parse};

/// What of an earlier state nobody can tell.
#[derive(Debug, Default)]
pub struct Doubt {
    /// Files of which a part was left out, each with the first place.
    pub in_part: Vec<Skipped>,
    files: BTreeSet<FileId>,
    whose: Whose,
}

/// Whose declarations are meant.
#[derive(Debug, Default)]
struct Whose {
    services: BTreeSet<String>,
    /// Whether they are what services share, or nobody knows whose they are.
    all: bool,
}

impl Doubt {
    /// What is in doubt of a state that was judged, beside the same workspace as it is: where a file does not say whose it was, it was
    /// that of whose it is.
    pub fn of(report: &Report, was: &Workspace, is: &Workspace, library: &Library) -> Self {
        let mut doubt = Self::default();
        let mut paths: BTreeSet<&str> = was.lost.iter().map(|lost| lost.what.as_str()).collect();
        for finding in report.found().filter(|finding| leaves_out(&finding.rule, library)) {
            let place = finding.primary.span;
            if doubt.files.insert(place.file) {
                doubt.in_part.push(Skipped::in_part(&was.sources, place, "counts", &finding.message));
            }
            match &finding.service {
                Some(service) => drop(doubt.whose.services.insert(service.clone())),
                None => drop(paths.insert(was.sources.path(place.file))),
            }
        }
        for refused in &report.refused {
            doubt.files.insert(refused.primary.span.file);
            paths.insert(was.sources.path(refused.primary.span.file));
        }
        for path in paths {
            let (then, now) = (Whose::of(was, path), Whose::of(is, path));
            let is_nobodys = then.services.is_empty() && now.services.is_empty();
            doubt.whose.all |= then.all || now.all || is_nobodys;
            doubt.whose.services.extend(then.services.into_iter().chain(now.services));
        }
        doubt
    }

    /// Whether a finding of that state may have been none.
    pub fn is_about(&self, finding: &Finding) -> bool {
        let is_of_these = match &finding.service {
            Some(service) => self.whose.services.contains(service),
            None => self.files.contains(&finding.primary.span.file),
        };
        self.whose.all || is_of_these
    }

    /// Whether it may be about any service.
    pub fn is_about_all(&self) -> bool {
        self.whose.all
    }
}

impl Whose {
    /// Who declares something in a file, as far as it can be read.
    fn of(workspace: &Workspace, path: &str) -> Self {
        let mut whose = Self::default();
        let Some(file) = workspace.files.iter().find(|file| workspace.sources.path(**file) == path) else {
            return whose;
        };
        let (tree, _) = parse(&workspace.sources, *file, &workspace.config.limits);
        if tree.documents().iter().any(|document| document.broken) {
            whose.services.extend(named_in(&workspace.sources, *file));
        }
        for document in tree.documents() {
            let Some(root) = tree.root(document).filter(|root| root.kind() != Kind::Null) else { continue };
            match root.get("service").and_then(|service| service.value.text()) {
                Some(service) => drop(whose.services.insert(service.to_owned())),
                // purposes are of a service, even where it is not named
                None => whose.all |= !document.broken && root.get("purposes").is_none(),
            }
        }
        whose
    }
}

/// The services that lines of a file name. Of a document that is broken nothing else may be left.
fn named_in(sources: &SourceMap, file: FileId) -> Vec<String> {
    let Some(text) = sources.get(file).map(|source| source.text()) else { return Vec::new() };
    let names = text.lines().filter_map(|line| line.strip_prefix("service:"));
    let plain = names.map(|name| name.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']));
    plain.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
