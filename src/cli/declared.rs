//! What the files of a workspace declare, for commands that show values and not findings: an answer from a part of it could be wrong,
//! and says so.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::workspace::Workspace;
use super::{COULD_NOT_JUDGE, Context, NOTHING_CHECKED, check, output};
use crate::diagnostic::Diagnostic;
use crate::lint::{Report, Skipped, is_left_out, newer_version};
use crate::model::{self, Checks, Declaration};
use crate::order::Order;
use crate::policy::Library;
use crate::report;
use crate::schema::{self, SchemaKind};
use crate::source::FileId;
use crate::space::Date;
use crate::syntax::{Kind, parse};

/// What can be read of the files.
pub(super) struct Declared {
    /// What they declare.
    pub(super) workspace: model::Workspace,
    /// Why that is not all of them.
    broken: Vec<Diagnostic>,
    left_out: Vec<LeftOut>,
}

/// Something that does not count, because it means nothing or contradicts what else is declared.
struct LeftOut {
    /// The services that it may be about; none where services share it.
    services: BTreeSet<String>,
    problem: Diagnostic,
}

/// What is declared, as far as it can be read.
pub(super) fn readable(workspace: &Workspace, library: &Library, date: Date) -> Declared {
    let mut declared = Declared { workspace: model::Workspace::default(), broken: Vec::new(), left_out: Vec::new() };
    let mut declarations = Vec::new();
    for file in &workspace.files {
        declarations.extend(declared.read(workspace, *file, library));
    }
    declared.workspace = model::Workspace::merge(declarations);
    declared.check(library, date);
    declared.left_out.order_by_key(|left_out| left_out.problem.primary.span);
    declared
}

/// What is declared, where every file can be read whole.
pub(super) fn whole(workspace: &mut Workspace, library: &Library, date: Date) -> Result<Declared, Failure> {
    let mut declared = readable(workspace, library, date);
    let list = std::mem::take(&mut declared.broken);
    if !list.is_empty() {
        return Err(Failure::Diagnostics { list, sources: Box::new(std::mem::take(&mut workspace.sources)) });
    }
    Ok(declared)
}

/// Says what is wrong with declarations that cannot be read whole. Gives whether there are any.
pub(super) fn tell_broken(workspace: &Workspace, library: &Library, date: Date, context: &mut Context<'_, '_>) -> bool {
    let Declared { broken, .. } = readable(workspace, library, date);
    let options = output::stderr_options(context);
    let _written = report::diagnostics(&broken, &workspace.sources, &options, context.streams.stderr);
    !broken.is_empty()
}

impl Declared {
    /// Reads a file.
    fn read(&mut self, workspace: &Workspace, file: FileId, library: &Library) -> Vec<Declaration> {
        let (tree, problems) = parse(&workspace.sources, file, &workspace.config.limits);
        if tree.documents().iter().any(|document| document.broken) {
            self.broken.extend(problems.iter().cloned());
        }
        let mut declarations = Vec::new();
        for root in tree.documents().iter().filter_map(|document| tree.root(document)) {
            if root.kind() == Kind::Null {
                continue;
            }
            self.broken.extend(newer_version(root));
            let (declaration, meaning) = model::lower(root, &library.atlas, &library.vocabulary);
            let shape = schema::validate(SchemaKind::Declaration, root);
            let of = declaration.service.iter().map(|service| service.value.to_string()).collect();
            self.take(shape.into_iter().chain(meaning), &of, library);
            declarations.push(declaration);
        }
        let of = match declarations.iter().map(|declaration| declaration.service.as_ref()).collect::<Option<Vec<_>>>() {
            Some(services) => services.into_iter().map(|service| service.value.to_string()).collect(),
            None => BTreeSet::new(),
        };
        self.take(problems, &of, library);
        declarations
    }

    /// Looks at what only all files together can tell.
    fn check(&mut self, library: &Library, date: Date) {
        let workspace = std::mem::take(&mut self.workspace);
        let checks = Checks { atlas: &library.atlas, date, until: date, complete: true };
        for service in workspace.services() {
            let (problems, _) = workspace.check_service(service, &checks).take();
            self.take(problems, &BTreeSet::from([service.id.to_string()]), library);
        }
        self.take(workspace.check_shared(&checks).all([], false), &BTreeSet::new(), library);
        self.workspace = workspace;
    }

    fn take(&mut self, problems: impl IntoIterator<Item = Diagnostic>, services: &BTreeSet<String>, library: &Library) {
        let left_out = problems.into_iter().filter(|problem| is_left_out(problem, library));
        self.left_out.extend(left_out.map(|problem| LeftOut { services: services.clone(), problem }));
    }

    /// Says what of the services in question, and of what all share, does not count: once for each file. Gives whether there is
    /// something, so that what was shown may be wrong.
    pub(super) fn tell_left_out(
        &self,
        workspace: &Workspace,
        is_asked: &dyn Fn(&str, FileId) -> bool,
        context: &mut Context<'_, '_>,
    ) -> bool {
        let color = output::stderr_options(context).color;
        let mut told: BTreeSet<FileId> = BTreeSet::new();
        for LeftOut { services, problem } in &self.left_out {
            let place = problem.primary.span;
            let matters = services.is_empty() || services.iter().any(|service| is_asked(service, place.file));
            if matters && told.insert(place.file) {
                let Skipped { what, reason } = Skipped::in_part(&workspace.sources, place, "counts", &problem.message);
                output::complain(context.streams.stderr, "error", &format!("{what}: {reason}"), None, color);
            }
        }
        if !told.is_empty() {
            let message = "not all that is declared counts here, so what is shown may be wrong";
            let help = "repair it; `purposelint check` shows every place";
            output::complain(context.streams.stderr, "error", message, Some(help), color);
        }
        !told.is_empty()
    }
}

/// Why what comes of a report would be about something else than what there is; the exit code, if so, which is said. `may_be_empty`
/// is whether it means something where no purpose is declared.
pub(super) fn unsound(
    report: &Report,
    (workspace, library): (&Workspace, &Library),
    may_be_empty: bool,
    context: &mut Context<'_, '_>,
) -> Option<u8> {
    if check::could_not_judge(report, (workspace, library), context) {
        return Some(COULD_NOT_JUDGE);
    }
    if report.checked.purposes > 0 || may_be_empty {
        return None;
    }
    if tell_broken(workspace, library, report.as_of, context) {
        return Some(COULD_NOT_JUDGE);
    }
    let color = output::stderr_options(context).color;
    let help = Some("name a folder with declarations");
    let message = "nothing was checked: no purpose is declared";
    output::complain(context.streams.stderr, "error", message, help, color);
    Some(NOTHING_CHECKED)
}
