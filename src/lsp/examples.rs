//! The examples of a rule, run where they are written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{
    Code, CodeLens, CodeLensParams, Command, Diagnostic, DiagnosticSeverity, ExecuteCommandParams, MessageType, Uri,
};
use serde_json::{Value, json};

use super::diagnostics::{SOURCE, plain};
use super::dispatch::Refused;
use super::documents::path_of;
use super::server::Server;
use super::written::Written;
use crate::examples::{Failure, run_rule};
use crate::policy::{Expectation, Library};
use crate::project::{self, Asker, Engine, Input, Reading};
use crate::schema::SchemaKind;

/// The command that runs them: the URI of a rule file, and the byte of an example where only one is meant.
pub(super) const RUN: &str = "purposelint.runExamples";

/// What came of examples, by file.
#[derive(Debug, Default)]
pub(super) struct Ran {
    files: BTreeMap<PathBuf, RanFile>,
}

/// What came of the examples of a text.
#[derive(Debug)]
struct RanFile {
    text: Arc<str>,
    /// Where the examples stand that were run.
    run: BTreeSet<usize>,
    /// What failed, with its place.
    failures: Vec<(std::ops::Range<usize>, String)>,
}

impl Ran {
    /// What came of the examples of a text, if it is still that text.
    fn of(&self, path: &Path, text: &str) -> Option<&RanFile> {
        self.files.get(path).filter(|ran| *ran.text == *text)
    }

    /// Forgets what came of a text that has changed. Gives whether anything did.
    pub(super) fn forget(&mut self, path: &Path) -> bool {
        self.files.remove(path).is_some()
    }

    /// What failed in a buffer.
    pub(super) fn diagnostics(&self, server: &Server, path: &Path) -> Vec<Diagnostic> {
        let Some(document) = server.documents.get(path) else { return Vec::new() };
        let Some(ran) = self.of(path, &document.text) else { return Vec::new() };
        let Some(written) = server.written(&document.uri) else { return Vec::new() };
        let diagnostic = |(bytes, message): &(std::ops::Range<usize>, String)| Diagnostic {
            range: written.range(server, bytes.clone()),
            severity: Some(DiagnosticSeverity::Error),
            code: Some(Code::String("example-failed".to_owned())),
            source: Some(SOURCE.to_owned()),
            message: message.clone().into(),
            ..plain()
        };
        ran.failures.iter().map(diagnostic).collect()
    }
}

/// Where the examples of a rule stand: the rule first, then each by the key of its declaration.
fn places(written: &Written<'_>) -> Option<(std::ops::Range<usize>, Vec<std::ops::Range<usize>>)> {
    let tree = written.tree();
    let root = tree.documents().first().and_then(|document| tree.root(document))?;
    let bytes = |span: crate::source::Span| span.start as usize..span.end as usize;
    let first = root.entries().next()?;
    let key = |item: crate::syntax::NodeRef<'_>| {
        let named = Expectation::ALL.into_iter().find_map(|(key, _)| item.get(key));
        named.map(|entry| bytes(entry.key.span()))
    };
    let examples = root.get("examples")?.value.items().filter_map(key).collect();
    Some((bytes(first.key.span()), examples))
}

/// What stands above a rule, and above each of its examples.
pub(super) fn lenses(server: &Server, params: &CodeLensParams) -> Option<Vec<CodeLens>> {
    let uri = &params.text_document.uri;
    let written = server.written(uri).filter(|written| written.kind == SchemaKind::Policy)?;
    let (rule, examples) = places(&written)?;
    if examples.is_empty() {
        return None;
    }
    let path = path_of(uri)?;
    let ran = server.ran.of(&path, &written.text);
    let lens = |at: std::ops::Range<usize>, title: String, arguments: Vec<Value>| CodeLens {
        range: written.range(server, at),
        command: Some(Command { title, tooltip: None, command: RUN.to_owned(), arguments: Some(arguments) }),
        data: None,
    };
    let mut lenses = vec![lens(rule, of_rule(ran, &examples), vec![json!(uri.0)])];
    for example in examples {
        let title = of_example(ran, example.start).to_owned();
        lenses.push(lens(example.clone(), title, vec![json!(uri.0), json!(example.start)]));
    }
    Some(lenses)
}

fn of_rule(ran: Option<&RanFile>, examples: &[std::ops::Range<usize>]) -> String {
    let count = examples.len();
    let Some(ran) = ran.filter(|ran| examples.iter().all(|example| ran.run.contains(&example.start))) else {
        return if count == 1 { "▶ run its example".to_owned() } else { format!("▶ run its {count} examples") };
    };
    let failed = examples.iter().filter(|example| ran.fails(example.start)).count();
    let is_of_rule =
        |failure: &(std::ops::Range<usize>, String)| examples.iter().all(|example| example.start != failure.0.start);
    match failed {
        0 if ran.failures.iter().any(is_of_rule) => "examples pass, the rule is not done".to_owned(),
        0 if count == 1 => "1 example passes".to_owned(),
        0 => format!("{count} examples pass"),
        1 => format!("1 of {count} fails"),
        failed => format!("{failed} of {count} fail"),
    }
}

fn of_example(ran: Option<&RanFile>, at: usize) -> &'static str {
    match ran.filter(|ran| ran.run.contains(&at)) {
        None => "▶ run",
        Some(ran) if ran.fails(at) => "fails",
        Some(_) => "passes",
    }
}

impl RanFile {
    fn fails(&self, at: usize) -> bool {
        self.failures.iter().any(|(place, _)| place.start == at)
    }
}

/// Runs the examples of a rule, or one of them, as they stand in the buffer.
pub(super) fn run(server: &mut Server, params: &ExecuteCommandParams) -> Result<Option<Value>, Refused> {
    let mut arguments = params.arguments.iter().flatten();
    let uri = arguments.next().and_then(Value::as_str).map(|uri| Uri(uri.to_owned()));
    let path = uri.as_ref().and_then(path_of);
    let (Some(uri), Some(path)) = (uri, path) else {
        return Err(Refused::params(format!("`{RUN}` needs the URI of a rule file")));
    };
    let only = arguments.next().and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
    let Some(text) = server.documents.get(&path).map(|document| Arc::clone(&document.text)) else {
        return Err(Refused::params(format!("`{}` is not open", uri.0)));
    };
    let (library, id) = match load(server, &path) {
        Ok(found) => found,
        Err(message) => {
            server.tell(MessageType::Error, format!("the examples were not run: {message}"));
            return Ok(None);
        }
    };
    let span_of = |failure: &Failure| failure.span.start as usize..failure.span.end as usize;
    let Some(results) = run_rule(&library, &id, only) else {
        server.tell(MessageType::Error, format!("the examples were not run: there is no rule `{id}`"));
        return Ok(None);
    };
    let ran = server.ran.files.remove(&path).filter(|ran| ran.text == text);
    let mut ran = ran.unwrap_or_else(|| RanFile { text, run: BTreeSet::new(), failures: Vec::new() });
    ran.failures.retain(|(place, _)| only.is_some_and(|only| only != place.start));
    ran.failures.extend(results.failures.iter().map(|failure| (span_of(failure), failure.message.clone())));
    let rule = library.rule(&id);
    let places = rule.into_iter().flat_map(|rule| &rule.examples).map(|example| example.span.start as usize);
    ran.run.extend(places.filter(|at| only.is_none_or(|only| only == *at)));
    server.ran.files.insert(path.clone(), ran);
    if results.failures.is_empty() {
        let message = match results.examples {
            1 => format!("1 example of `{id}` passes"),
            count => format!("{count} examples of `{id}` pass"),
        };
        server.tell(MessageType::Info, message);
    }
    server.look_at_examples(&path);
    let failures = results.failures.iter().map(|failure| &failure.message);
    Ok(Some(json!({ "examples": results.examples, "failures": failures.collect::<Vec<_>>() })))
}

/// All packs with their examples, as `test` reads them, with the buffers over the disk; and the id of the rule of a file.
fn load(server: &Server, path: &Path) -> Result<(Arc<Library>, String), String> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_stem()) else {
        return Err("the file stands in no folder".to_owned());
    };
    let pack = folder.file_name().unwrap_or_default().to_string_lossy();
    let id = format!("{pack}/{}", name.to_string_lossy());
    let reading = Reading { files: server.documents.files(), ..Reading::default() };
    let mut asker = Asker { current: Some(folder), stdin: &mut std::io::empty(), commands: &[] };
    let said = |failure: project::Failure| match &failure {
        project::Failure::Diagnostics { list, .. } => {
            list.first().map_or_else(|| failure.to_string(), |first| first.message.clone())
        }
        failure => failure.to_string(),
    };
    let mut workspace = project::read(&Input::default(), reading, &mut asker).map_err(said)?;
    let layers = workspace.config.layers.iter().flat_map(|layer| layer.local_packs());
    let is_listed = layers.into_iter().any(|pack| workspace.config_files.real_path_of(pack).as_deref() == Some(folder));
    // a pack that no config lists is read as `--packs` would
    let folders = if is_listed { Vec::new() } else { vec![folder.to_owned()] };
    let engine = Engine::load_whole(&mut workspace, &folders, folder, server.today()).map_err(said)?;
    Ok((engine.library, id))
}
