//! Which diagnostics a client has been shown, and which it is to see.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport, Location,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
    Uri, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::diagnostics::{Showing, unread};
use super::documents::path_of;
use super::held::{Broken, Held, Sound, below};
use super::server::Server;
use super::workspaces::Refreshed;
use crate::parallel;
use crate::source::{FileId, Span};

/// Everything there is to show of a workspace, by file.
type Shown = BTreeMap<PathBuf, Vec<Diagnostic>>;

/// What a workspace has to show, in all its files.
fn whole(server: &Server, held: &Held) -> Shown {
    let mut shown = Shown::new();
    match held {
        Held::Sound(sound) => {
            let files: BTreeSet<FileId> = sound.by_file().map(|(file, _)| file).collect();
            let refused = sound.refused.iter().map(|refused| refused.primary.span.file);
            let noted = sound.engine.placed.iter().map(|(span, _)| span.file);
            for file in files.into_iter().chain(refused).chain(noted) {
                shown.insert(sound.path(file), of_file(server, sound, file));
            }
            for lost in sound.lost() {
                shown.entry(sound.workspace.root.join(&lost.what)).or_default().push(unread(&lost.reason));
            }
        }
        Held::Broken(broken) => of_broken(server, broken, &mut shown),
    }
    shown
}

/// What a file has to show. A file of which anything was judged is not one that could not be read.
fn of_file(server: &Server, sound: &Sound, file: FileId) -> Vec<Diagnostic> {
    let library = &sound.engine.library;
    let (sources, encoding) = (&sound.workspace.sources, server.client.encoding);
    let findings = sound.findings(file);
    // most labels are in few files
    let labelled: BTreeSet<FileId> =
        findings.iter().flat_map(|finding| &finding.labels).map(|label| label.span.file).collect();
    let refused = || sound.refused.iter().filter(|refused| refused.primary.span.file == file);
    let of_refused = refused().flat_map(|refused| &refused.labels).map(|label| label.span.file);
    let uris: BTreeMap<FileId, Uri> =
        labelled.into_iter().chain(of_refused).map(|file| (file, server.uri(sound, file))).collect();
    let locate =
        |span: Span| Some(Location { uri: uris.get(&span.file)?.clone(), range: encoding.range(sources, span) });
    let showing = Showing { sources, client: &server.client, locate };
    let settings = &server.settings;
    let shown: Vec<_> = findings.iter().filter(|finding| settings.shows(finding, library)).collect();
    let stretches = parallel::map_stretches(&shown, |stretch| -> Vec<Diagnostic> {
        stretch.iter().map(|finding| showing.finding(finding, library)).collect()
    });
    let mut list: Vec<Diagnostic> = stretches.into_iter().flatten().collect();
    list.extend(refused().map(|refused| showing.refused(refused, library)));
    let noted = sound.engine.placed.iter().filter(|(span, _)| span.file == file);
    list.extend(noted.map(|(span, reason)| showing.note(*span, reason)));
    list
}

fn of_broken(server: &Server, broken: &Broken, shown: &mut Shown) {
    let sources = &broken.sources;
    let path = |span: Span| Some(below(&broken.root, sources.get(span.file)?.path()));
    let locate = |span: Span| {
        Some(Location { uri: server.uri_of(&path(span)?), range: server.client.encoding.range(sources, span) })
    };
    let showing = Showing { sources, client: &server.client, locate };
    for wrong in &broken.list {
        if let Some(path) = path(wrong.primary.span) {
            shown.entry(path).or_default().push(showing.problem(wrong));
        }
    }
    let first = broken.list.first().map(|wrong| showing.blocked(wrong));
    let Some(reason) = first.or_else(|| broken.message.as_deref().map(unread)) else { return };
    // a file without diagnostics looks as if it had been judged
    for path in server.workspaces.open_in(&broken.root, &server.documents) {
        shown.entry(path).or_insert_with(|| vec![reason.clone()]);
    }
}

/// What a client sees, or would see if it asked.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// By root of the workspace.
    parts: BTreeMap<PathBuf, Shown>,
    /// By file: the URIs under which it was shown, and what.
    files: BTreeMap<PathBuf, (Vec<Uri>, Vec<Diagnostic>)>,
}

impl Seen {
    /// Takes over what has changed. Gives the files that look different, with what they have to show: nothing for one that has
    /// nothing any more.
    pub(super) fn update(&mut self, server: &Server, refreshed: &Refreshed) -> Vec<(Uri, Vec<Diagnostic>)> {
        let mut touched: BTreeSet<PathBuf> = BTreeSet::new();
        for root in &refreshed.gone {
            touched.extend(self.parts.remove(root).into_iter().flatten().map(|(path, _)| path));
        }
        for (root, changed) in &refreshed.changed {
            let Some(held) = server.workspaces.at(root) else { continue };
            let part = self.parts.entry(root.clone()).or_default();
            match (held, changed) {
                (Held::Sound(sound), Some(files)) => {
                    for file in files {
                        let (path, list) = (sound.path(*file), of_file(server, sound, *file));
                        match list.is_empty() {
                            true => drop(part.remove(&path)),
                            false => drop(part.insert(path.clone(), list)),
                        }
                        touched.insert(path);
                    }
                }
                _ => {
                    let before = std::mem::replace(part, whole(server, held));
                    touched.extend(before.into_keys().chain(part.keys().cloned()));
                }
            }
        }
        touched.into_iter().flat_map(|path| self.show(server, path)).collect()
    }

    /// Shows a file as it is in all workspaces. Gives what is different.
    pub(super) fn show(&mut self, server: &Server, path: PathBuf) -> Vec<(Uri, Vec<Diagnostic>)> {
        let parts = self.parts.values().filter_map(|part| part.get(&path)).flatten().cloned();
        let list: Vec<Diagnostic> = parts.chain(server.ran.diagnostics(server, &path)).collect();
        let uris = server.uris_of(&path);
        let (known, before) = self.files.remove(&path).unwrap_or_default();
        let gone = known.iter().filter(|uri| !uris.contains(uri));
        let mut out: Vec<_> = gone.map(|uri| (uri.clone(), Vec::new())).collect();
        let differs = |uri: &&Uri| if known.contains(uri) { before != list } else { !list.is_empty() };
        out.extend(uris.iter().filter(differs).map(|uri| (uri.clone(), list.clone())));
        if !list.is_empty() {
            self.files.insert(path, (uris, list));
        }
        out
    }

    /// A buffer was opened or closed: its file may have other names for the client.
    pub(super) fn renamed(&mut self, server: &Server, path: &Path) -> Vec<(Uri, Vec<Diagnostic>)> {
        match self.files.get(path) {
            Some((known, _)) if *known != server.uris_of(path) => self.show(server, path.to_owned()),
            _ => Vec::new(),
        }
    }

    fn of(&self, uri: &Uri) -> &[Diagnostic] {
        let path = path_of(uri);
        path.and_then(|path| self.files.get(&path)).map(|(_, list)| list.as_slice()).unwrap_or_default()
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
        let uris = self.files.values().flat_map(|(uris, _)| uris).map(|uri| uri.0.as_str());
        let uris: BTreeSet<&str> = uris.chain(known.keys().copied()).collect();
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
