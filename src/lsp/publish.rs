//! Which diagnostics a client has been shown, and which it is to see.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gen_lsp_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport, Location,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
    Uri, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::diagnostics::{Showing, unread};
use super::held::{Broken, Held, Sound};
use super::server::Server;
use crate::source::Span;

/// Everything there is to show, by file.
pub(super) type Shown = BTreeMap<PathBuf, Vec<Diagnostic>>;

/// What all workspaces have to show.
pub(super) fn gather(server: &Server) -> Shown {
    let mut shown = Shown::new();
    for (_, held) in server.workspaces.iter() {
        match held {
            Held::Sound(sound) => of_sound(server, sound, &mut shown),
            Held::Broken(broken) => of_broken(server, broken, &mut shown),
        }
    }
    shown
}

fn of_sound(server: &Server, sound: &Sound, shown: &mut Shown) {
    let library = &sound.engine.library;
    let locate = |span: Span| Some(server.location(sound, span));
    let showing = Showing { sources: &sound.workspace.sources, client: &server.client, locate: &locate };
    for (file, findings) in sound.by_file() {
        let list = findings.iter().filter(|finding| server.settings.shows(finding, library));
        shown.entry(sound.path(file)).or_default().extend(list.map(|finding| showing.finding(finding, library)));
    }
    for refused in &sound.refused {
        shown.entry(sound.path(refused.primary.span.file)).or_default().push(showing.problem(refused));
    }
    for lost in sound.lost() {
        shown.entry(sound.workspace.root.join(&lost.what)).or_default().push(unread(&lost.reason));
    }
}

fn of_broken(server: &Server, broken: &Broken, shown: &mut Shown) {
    let sources = &broken.sources;
    let path = |span: Span| Some(broken.root.join(sources.get(span.file)?.path()));
    let locate = |span: Span| {
        Some(Location { uri: server.uri_of(&path(span)?), range: server.client.encoding.range(sources, span) })
    };
    let showing = Showing { sources, client: &server.client, locate: &locate };
    for wrong in &broken.list {
        if let Some(path) = path(wrong.primary.span) {
            shown.entry(path).or_default().push(showing.problem(wrong));
        }
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
