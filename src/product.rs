//! Product files: where a setting `reads` its default from, and whether both say the same.
//!
//! The files are handed over as sources, for nothing here reads the disk. What cannot be read leaves the question open, which is
//! a finding as well.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Edit, Label, Safety};
use crate::model::{Entity, FieldValue, Service, Value, Workspace};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::{Kind, Limits, NodeRef, Tree, parse};

/// The code of a default that is not that of the product.
pub const DIFFERS: &str = "declared-default-differs";

/// The rule that documents it.
pub fn rule() -> String {
    format!("core/{DIFFERS}")
}

/// The files that settings read, by their paths as they are declared: as sources, or why there is none.
pub type Products = BTreeMap<String, Result<FileId, String>>;

/// Whether a file may be read as a product file, by its name; if not, why.
///
/// # Errors
/// It is neither JSON nor YAML.
pub fn is_read(path: &str) -> Result<(), String> {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    match ending.as_deref() {
        Some("json" | "yaml" | "yml") => Ok(()),
        _ => Err("is neither JSON nor YAML by its name".to_owned()),
    }
}

/// The paths of the product files that a declaration names, sorted. They depend on nothing but its text.
pub fn named(sources: &SourceMap, file: FileId, limits: &Limits) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let mentions = |text: &str| memchr::memmem::find(text.as_bytes(), b"reads").is_some();
    if !sources.get(file).is_some_and(|source| mentions(&source.text())) {
        return paths;
    }
    let (tree, _) = parse(sources, file, limits);
    for root in tree.documents().iter().filter_map(|document| tree.root(document)) {
        for setting in root.get("settings").into_iter().flat_map(|entry| entry.value.entries()) {
            paths.extend(read_by(setting.value));
        }
        for purpose in root.get("purposes").into_iter().flat_map(|entry| entry.value.entries()) {
            paths.extend(purpose.value.get("setting").and_then(|entry| read_by(entry.value)));
        }
    }
    paths
}

/// The product files that settings of a workspace read, each with the service; `None` for a setting that services share.
pub fn looked_up(workspace: &Workspace) -> impl Iterator<Item = (Option<&Service>, &str)> {
    workspace.settings().filter_map(|(service, setting)| Some((service, reads(setting)?.1)))
}

fn read_by(setting: NodeRef<'_>) -> Option<String> {
    Some(setting.get("reads")?.value.get("file")?.value.text()?.to_owned())
}

/// A setting whose default is not that of its product file, or where nobody can tell.
#[derive(Debug)]
pub struct Difference<'w> {
    /// The service, `None` for a setting that services share.
    pub service: Option<&'w Service>,
    /// The setting.
    pub setting: &'w Entity,
    /// What is the matter.
    pub diagnostic: Diagnostic,
    /// Whether it cannot be told.
    pub is_open: bool,
}

/// Holds every default against the product file that its setting reads.
pub fn compare<'w>(
    workspace: &'w Workspace,
    products: &Products,
    sources: &SourceMap,
    limits: &Limits,
) -> Vec<Difference<'w>> {
    let mut trees: BTreeMap<FileId, (Tree, Vec<Diagnostic>)> = BTreeMap::new();
    let mut found = Vec::new();
    for (service, setting) in workspace.settings() {
        let Some((reads, file, pointer)) = reads(setting) else { continue };
        let default = setting.named("default");
        let told = products.get(file).cloned().unwrap_or_else(|| Err("was not read".to_owned())).and_then(|id| {
            let (tree, wrong) = trees.entry(id).or_insert_with(|| parse(sources, id, limits));
            value_at(tree, wrong, pointer)
        });
        let (diagnostic, is_open) = match (told, default.map(|default| &default.value.value)) {
            (Ok((word, _)), Some(Value::Text(declared))) if **declared == *word => continue,
            (Ok((word, place)), Some(Value::Text(declared))) => {
                let Some(default) = default else { continue };
                let written = sources.slice(place);
                let written = written.trim_matches(['"', '\'']);
                (differs(setting, default, declared, (word, written, place, file)), false)
            }
            // that no default is declared, or none that can be read, is a finding of its own
            (Ok(_), _) => continue,
            (Err(why), _) => (open(reads, file, &why), true),
        };
        found.push(Difference { service, setting, diagnostic, is_open });
    }
    found
}

/// The product file that says otherwise than edits would have it, and what it says. Nothing where it cannot be told.
pub fn contradiction<'w>(
    workspace: &'w Workspace,
    products: &Products,
    sources: &SourceMap,
    limits: &Limits,
    edits: &[Edit],
) -> Option<(&'w str, &'static str)> {
    workspace.settings().find_map(|(_, setting)| {
        let (_, file, pointer) = reads(setting)?;
        let place = setting.named("default")?.value.span;
        let edit = edits.iter().find(|edit| edit.span == place)?;
        let id = products.get(file)?.as_ref().ok()?;
        let (tree, wrong) = parse(sources, *id, limits);
        let (word, _) = value_at(&tree, &wrong, pointer).ok()?;
        (word != edit.text).then_some((file, word))
    })
}

fn reads(setting: &Entity) -> Option<(Span, &str, &str)> {
    let entry = setting.named("reads")?;
    let Value::Record(fields) = &entry.value.value else { return None };
    Some((fields.named("file")?.value.span, fields.text("file")?, fields.text("pointer")?))
}

/// What the product says at a pointer, as the value of a default, and where.
fn value_at(tree: &Tree, wrong: &[Diagnostic], pointer: &str) -> Result<(&'static str, Span), String> {
    if let Some(wrong) = wrong.first() {
        return Err(format!("cannot be read: {}", wrong.message));
    }
    let [document] = tree.documents() else {
        return Err("has several documents, and a pointer leads into one".to_owned());
    };
    let Some(mut node) = tree.root(document) else { return Err("is empty".to_owned()) };
    for step in pointer.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        let below = if node.is_sequence() {
            // RFC 6901: no zero in front
            let index = key.parse::<usize>().ok().filter(|index| index.to_string() == key);
            index.and_then(|index| node.items().nth(index))
        } else {
            node.get(&key).map(|entry| entry.value)
        };
        node = below.ok_or_else(|| format!("has nothing at `{pointer}`"))?;
    }
    let word = match node.kind() {
        Kind::Bool(true) | Kind::Str("on") => "on",
        Kind::Bool(false) | Kind::Str("off") => "off",
        Kind::Str("ask") => "ask",
        kind => {
            let is = node.text().map_or_else(|| kind.describe().to_owned(), |text| format!("`{text}`"));
            return Err(format!("has {is} at `{pointer}`, which is not `on`, `off`, `ask`, `true` or `false`"));
        }
    };
    Ok((word, node.span()))
}

fn differs(
    setting: &Entity,
    default: &FieldValue,
    declared: &str,
    (word, written, place, file): (&str, &str, Span, &str),
) -> Diagnostic {
    let rank = |word: &str| ["off", "ask", "on"].iter().position(|known| *known == word);
    let span = default.value.span;
    let message =
        format!("the default of `{}` is declared as `{declared}`, and `{file}` has `{written}`", setting.title());
    let mut diagnostic = Diagnostic::new(DIFFERS, span, message).at(format!("`{declared}` here"));
    diagnostic.labels.push(Label::new(place, format!("`{written}` here")));
    // what people get is what the product does; the declaration may follow it, but no edit says that they get less protection
    if rank(word) < rank(declared) {
        let title = format!("set `default` to `{word}`, as in `{file}`");
        return diagnostic.help(format!("declare `default: {word}`, or change `{file}`")).replace(
            title,
            Safety::Authoritative,
            span,
            word,
        );
    }
    diagnostic.help(format!("change `{file}` to `{declared}` first, or declare what it has, if that is meant"))
}

fn open(span: Span, file: &str, why: &str) -> Diagnostic {
    Diagnostic::new(DIFFERS, span, format!("`{file}` {why}"))
        .at("nothing confirms the default")
        .help("name a JSON or YAML file in the workspace, and the place in it that holds `on`, `off`, `ask`, `true` or `false`")
}
