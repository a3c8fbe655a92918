//! Which diagnostics a client has been shown, and which it is to see.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport, Location,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
    Uri, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::capabilities::Client;
use super::diagnostics::{Showing, unread};
use super::documents::Documents;
use super::held::{Broken, Held, Sound};
use super::workspaces::Workspaces;
use crate::source::{SourceMap, Span};

/// Everything there is to show, by file.
pub(super) type Shown = BTreeMap<PathBuf, Vec<Diagnostic>>;

/// What all workspaces have to show.
pub(super) fn gather(workspaces: &Workspaces, documents: &Documents, client: &Client) -> Shown {
    let mut shown = Shown::new();
    for (_, held) in workspaces.iter() {
        match held {
            Held::Sound(sound) => of_sound(sound, (workspaces, documents, client), &mut shown),
            Held::Broken(broken) => of_broken(broken, (workspaces, documents, client), &mut shown),
        }
    }
    shown
}

type Around<'a> = (&'a Workspaces, &'a Documents, &'a Client);

/// The place of a span in a file below a root.
fn locate(
    span: Span,
    root: &Path,
    sources: &SourceMap,
    (workspaces, documents, client): Around<'_>,
) -> Option<Location> {
    let path = root.join(sources.get(span.file)?.path());
    Some(Location { uri: workspaces.uri(&path, documents), range: client.encoding.range(sources, span) })
}

fn of_sound(sound: &Sound, around: Around<'_>, shown: &mut Shown) {
    let sources = &sound.workspace.sources;
    let locate = |span: Span| locate(span, &sound.workspace.root, sources, around);
    let showing = Showing { sources, client: around.2, locate: &locate };
    for (file, findings) in &sound.findings {
        let list = findings.iter().map(|finding| showing.finding(finding, &sound.engine.library));
        shown.entry(sound.path(*file)).or_default().extend(list);
    }
    for refused in &sound.refused {
        shown.entry(sound.path(refused.primary.span.file)).or_default().push(showing.problem(refused));
    }
    for lost in sound.lost() {
        shown.entry(sound.workspace.root.join(&lost.what)).or_default().push(unread(&lost.reason));
    }
}

fn of_broken(broken: &Broken, around: Around<'_>, shown: &mut Shown) {
    let sources = &broken.sources;
    let locate = |span: Span| locate(span, &broken.root, sources, around);
    let showing = Showing { sources, client: around.2, locate: &locate };
    for wrong in &broken.list {
        let path = broken.root.join(sources.path(wrong.primary.span.file));
        shown.entry(path).or_default().push(showing.problem(wrong));
    }
}

/// What a client sees, or would see if it asked, by URI.
#[derive(Debug, Default)]
pub(super) struct Seen(BTreeMap<String, Vec<Diagnostic>>);

impl Seen {
    /// Takes over what there is now. Gives what has changed; files that have nothing to show any more have an empty list.
    pub(super) fn update(&mut self, now: BTreeMap<String, Vec<Diagnostic>>) -> Vec<(Uri, Vec<Diagnostic>)> {
        let mut out = Vec::new();
        for uri in self.0.keys().filter(|uri| !now.contains_key(*uri)) {
            out.push((Uri(uri.clone()), Vec::new()));
        }
        for (uri, list) in &now {
            if self.0.get(uri) != Some(list) {
                out.push((Uri(uri.clone()), list.clone()));
            }
        }
        self.0 = now;
        out
    }

    fn of(&self, uri: &Uri) -> &[Diagnostic] {
        self.0.get(&uri.0).map(Vec::as_slice).unwrap_or_default()
    }

    /// The answer to a client that asks for the diagnostics of a file.
    pub(super) fn document(&self, params: &DocumentDiagnosticParams) -> DocumentDiagnosticReport {
        let list = self.of(&params.text_document.uri);
        let result_id = result_id(list);
        if params.previous_result_id.as_ref() == Some(&result_id) {
            let unchanged_document_diagnostic_report = UnchangedDocumentDiagnosticReport { result_id };
            return RelatedUnchangedDocumentDiagnosticReport {
                related_documents: None,
                unchanged_document_diagnostic_report,
            }
            .into();
        }
        let full_document_diagnostic_report =
            FullDocumentDiagnosticReport { result_id: Some(result_id), items: list.to_vec() };
        RelatedFullDocumentDiagnosticReport { related_documents: None, full_document_diagnostic_report }.into()
    }

    /// The answer to a client that asks for those of all files. `version` is that of a buffer.
    pub(super) fn workspace(
        &self,
        params: &WorkspaceDiagnosticParams,
        version: &dyn Fn(&Uri) -> Option<i32>,
    ) -> WorkspaceDiagnosticReport {
        let known: BTreeMap<&str, &str> =
            params.previous_result_ids.iter().map(|known| (known.uri.0.as_str(), known.value.as_str())).collect();
        let uris: BTreeSet<&str> = self.0.keys().map(String::as_str).chain(known.keys().copied()).collect();
        let report = |uri: &str| -> WorkspaceDocumentDiagnosticReport {
            let (before, uri) = (known.get(uri), Uri(uri.to_owned()));
            let (list, version) = (self.of(&uri), version(&uri));
            let result_id = result_id(list);
            if before == Some(&result_id.as_str()) {
                let unchanged_document_diagnostic_report = UnchangedDocumentDiagnosticReport { result_id };
                return WorkspaceUnchangedDocumentDiagnosticReport {
                    uri,
                    version,
                    unchanged_document_diagnostic_report,
                }
                .into();
            }
            let full_document_diagnostic_report =
                FullDocumentDiagnosticReport { result_id: Some(result_id), items: list.to_vec() };
            WorkspaceFullDocumentDiagnosticReport { uri, version, full_document_diagnostic_report }.into()
        };
        WorkspaceDiagnosticReport { items: uris.into_iter().map(report).collect() }
    }
}

/// The same for the same diagnostics.
fn result_id(list: &[Diagnostic]) -> String {
    let text = serde_json::to_vec(list).unwrap_or_default();
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&text))
}
