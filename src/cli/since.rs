//! `check --since REV`: which findings the workspace had at a revision already.

use std::sync::Arc;

use super::failure::{self, Failure};
use super::workspace::{Engine, Workspace};
use super::{Context, progress};
use crate::discover::Files;
use crate::evaluate::{Finding, SuppressedBy};
use crate::git::{self, Repository, Revision};
use crate::lint::{Compared, Report, Skipped};
use crate::project::Doubt;
use crate::space::Date;
use crate::suppress::{self, Known};

/// The workspace as it was.
pub(super) struct Before {
    revision: Revision,
    workspace: Workspace,
}

impl Before {
    /// Reads the declarations of a revision, under the config of the run: other rules would make news of what is none.
    /// `None` where there is no commit yet, which is said.
    pub(super) fn read(name: &str, workspace: &mut Workspace) -> Result<Option<Self>, Failure> {
        let repository = match &workspace.from {
            Files::Git(tree) => Arc::clone(tree.repository()),
            Files::Disk | Files::Edited(_) => {
                let opened = Repository::open(&workspace.root);
                Arc::new(opened.map_err(|error| failure::or_without("--since", error))?)
            }
        };
        let revision = match repository.resolve(name) {
            Err(git::Error::Unborn(name)) => {
                let reason = "there is no commit yet, so every finding counts as new".to_owned();
                workspace.skipped.push(Skipped { what: name, reason });
                return Ok(None);
            }
            resolved => resolved?,
        };
        let tree = repository.tree(&revision)?;
        Ok(Some(Self { revision, workspace: workspace.as_in(Files::Git(tree))? }))
    }

    /// Marks what the revision had, and says what of it could not be told.
    pub(super) fn compare(
        &self,
        (report, workspace): (&mut Report, &Workspace),
        (engine, day): (&Engine, Date),
        clock: progress::Clock,
        context: &mut Context<'_, '_>,
    ) {
        report.compared = Some(Compared { revision: self.revision.id.clone(), name: self.revision.name.clone() });
        if workspace.has_same_text_as(&self.workspace) {
            // the same text is judged alike
            let known = report.findings.clone();
            accept(report, &known, (engine, day));
            return;
        }
        let before = progress::watched(clock, self.workspace.files.len(), context, |progress| {
            engine.lint_other(&self.workspace, day, progress)
        });
        let doubt = Doubt::of(&before, &self.workspace, workspace, &engine.library);
        let certain: Vec<_> = before.findings.iter().filter(|finding| !doubt.is_about(finding)).cloned().collect();
        accept(report, &certain, (engine, day));
        report.checked.skipped.extend(self.untold(&before, workspace, &doubt));
    }

    /// What the revision may have had and nobody can tell, so that it counts as new.
    fn untold(&self, before: &Report, workspace: &Workspace, doubt: &Doubt) -> Vec<Skipped> {
        let short = self.revision.short();
        let all = |because: &str| Skipped {
            what: format!("{short} ({})", self.revision.name),
            reason: format!("{because}, so every finding counts as new"),
        };
        if self.workspace.files.is_empty() {
            return vec![all("it has no declarations")];
        }
        let is_declaration = |what: &str| {
            let mut paths = self.workspace.files.iter().map(|file| self.workspace.sources.path(*file));
            paths.any(|path| path == what)
        };
        let broken = before.checked.skipped.iter().filter(|skipped| is_declaration(&skipped.what));
        // what is not read on either side counts on neither
        let skipped = self.workspace.skipped.iter().filter(|skipped| !workspace.skipped.contains(skipped));
        let mut untold: Vec<Skipped> = skipped.chain(broken).cloned().collect();
        for refused in &before.refused {
            let what = self.workspace.sources.path(refused.primary.span.file).to_owned();
            untold.push(Skipped { what, reason: refused.message.clone() });
        }
        let is_told = |path: &str| untold.iter().any(|told| told.what == path);
        let in_part: Vec<Skipped> = doubt.in_part.iter().filter(|part| !is_told(&part.what)).cloned().collect();
        untold.extend(in_part);
        for Skipped { what, reason } in &mut untold {
            *what = format!("{what} of {short}");
            reason.push_str("; what it declares counts as new");
        }
        untold.extend(doubt.is_about_all().then(|| all("nobody knows which services that is about")));
        untold
    }
}

/// Marks the findings that are among those of before: of the same identity, for the same people.
fn accept(report: &mut Report, before: &[Arc<Finding>], (engine, day): (&Engine, Date)) {
    let known = Known::of(before);
    // what keeps a declaration from being judged hides whatever has come since, and what is wrong with suppressions is of today
    let counts = |rule: &str| !suppress::may_be_known(rule, None, &engine.library);
    known.accept(&mut report.findings, SuppressedBy::Revision, &counts, (&engine.library.atlas, day));
}
