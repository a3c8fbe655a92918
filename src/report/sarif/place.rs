//! Places in files: locations, regions, and edits.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{ROOT, Text, line_hash};
use crate::diagnostic::{Edit, Fix, Label};
use crate::report::{escape, place};
use crate::source::{FileId, SourceMap, Span};

/// The files, and the way from the root of the repository to where their paths begin.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) sources: &'a SourceMap,
    pub(super) prefix: &'a str,
}

/// The hashes of lines, numbered from 1.
pub(super) type LineHashes = BTreeMap<(FileId, usize), String>;

/// The hashes of the lines where spans begin.
pub(super) fn line_hashes(sources: &SourceMap, spans: impl Iterator<Item = Span>) -> LineHashes {
    let mut wanted: BTreeMap<FileId, BTreeSet<usize>> = BTreeMap::new();
    for span in spans {
        wanted.entry(span.file).or_default().insert(sources.start(span).line);
    }
    let of_file = |(file, lines): (FileId, BTreeSet<usize>)| {
        let hashes = sources.get(file).map(|source| line_hash::of(source, &lines)).unwrap_or_default();
        hashes.into_iter().map(move |(line, hash)| ((file, line), hash))
    };
    wanted.into_iter().flat_map(of_file).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

impl Places<'_> {
    /// Whether a label stands in a file of another revision, which no reader of the report has.
    pub(super) fn is_elsewhere(&self, label: &Label) -> bool {
        place::is_elsewhere(self.sources, label.span.file)
    }

    /// Where a label stands, with its remark. `id` is what a message links to.
    pub(super) fn labelled(&self, label: &Label, id: Option<usize>) -> Location {
        let text = escape::text(&label.text, escape::SHORT).into_owned();
        Location { id, physical_location: self.physical(label.span), message: Some(Text { text }).filter(has_text) }
    }

    /// A place without a remark.
    pub(super) fn plain(&self, span: Span) -> Location {
        Location { id: None, physical_location: self.physical(span), message: None }
    }

    fn physical(&self, span: Span) -> Physical {
        Physical { artifact_location: self.artifact(span.file), region: self.region(span) }
    }

    fn artifact(&self, file: FileId) -> Artifact {
        let uri = place::uri(self.prefix, self.sources.get(file).map_or("", |source| source.place()));
        let is_relative = !uri.starts_with("file:");
        Artifact { uri, uri_base_id: is_relative.then_some(ROOT) }
    }

    fn region(&self, span: Span) -> Region {
        let (start, end) = place::lines(self.sources, span);
        Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
    }

    /// A fix with its edits by file.
    pub(super) fn fix(&self, fix: &Fix) -> FixItem {
        let mut by_file: BTreeMap<FileId, Vec<Replacement>> = BTreeMap::new();
        for Edit { span, text } in &fix.edits {
            let replacement =
                Replacement { deleted_region: self.region(*span), inserted_content: Text { text: text.clone() } };
            by_file.entry(span.file).or_default().push(replacement);
        }
        let changes = by_file.into_iter();
        FixItem {
            description: Text { text: escape::text(&fix.title, escape::LONG).into_owned() },
            artifact_changes: changes
                .map(|(file, replacements)| Change { artifact_location: self.artifact(file), replacements })
                .collect(),
            properties: FixProperties { safety: fix.safety.as_str() },
        }
    }
}

fn has_text(message: &Text<String>) -> bool {
    !message.text.is_empty()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FixItem {
    description: Text<String>,
    artifact_changes: Vec<Change>,
    properties: FixProperties,
}

#[derive(Serialize)]
struct FixProperties {
    safety: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text<String>,
}
