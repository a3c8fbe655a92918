//! What may be written where somebody writes.

use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemLabelDetails, CompletionList, CompletionOptions,
    CompletionParams, CompletionResponse, InsertTextFormat, InsertTextMode, MarkupContent, MarkupKind,
    ParameterInformation, Range, SignatureHelp, SignatureHelpOptions, SignatureHelpParams, SignatureInformation,
    TextEdit,
};
use serde_json::Value;

use super::server::Server;
use super::written::Written;
use crate::complete::{self, Completion, Insert, Kind, Known, Offer, complete};
use crate::model::EntityKind;

/// More than this is no list to choose from.
const MOST: usize = 200;

/// How a client takes what may be written.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one answer of the client")]
pub(super) struct Taking {
    /// It puts people into the middle of what it writes.
    snippets: bool,
    /// It writes further lines as far in as the first.
    adjusts: bool,
    /// It shows Markdown.
    markdown: bool,
    /// It shows a few words beside each offer.
    details: bool,
}

impl Taking {
    /// Reads the capabilities of a client.
    pub(super) fn new(capabilities: &Value) -> Self {
        let item = |pointer: &str| capabilities.pointer(&format!("/textDocument/completion/completionItem/{pointer}"));
        let is = |pointer: &str| item(pointer).and_then(Value::as_bool).unwrap_or(false);
        let has = |pointer: &str, wanted: &Value| {
            item(pointer).and_then(Value::as_array).is_some_and(|values| values.contains(wanted))
        };
        Self {
            snippets: is("snippetSupport"),
            adjusts: has("insertTextModeSupport/valueSet", &2.into()),
            markdown: has("documentationFormat", &"markdown".into()),
            details: is("labelDetailsSupport"),
        }
    }
}

/// What a client is told.
pub(super) fn options() -> CompletionOptions {
    let triggers = [":", " ", "-", "[", "{", ",", ".", "\"", "'", "("];
    CompletionOptions {
        trigger_characters: Some(triggers.map(str::to_owned).to_vec()),
        resolve_provider: Some(false),
        ..CompletionOptions::default()
    }
}

/// What may be written at a place.
pub(super) fn offer(server: &Server, params: &CompletionParams) -> Option<CompletionResponse> {
    let taking = server.client.completion?;
    let at = &params.text_document_position_params;
    let written = server.written(&at.text_document.uri)?;
    let byte = written.offset(server, at.position);
    let Completion { word, prefix, column, mut offers } =
        knowing(server, &written, |known| complete(&written.text, byte, written.kind, known));
    let is_incomplete = offers.len() > MOST;
    if is_incomplete {
        offers.retain(|offer| offer.fits(&prefix));
        offers.truncate(MOST);
    }
    let line = written.text.get(..word.start).unwrap_or_default().rsplit(['\n', '\r']).next().unwrap_or_default();
    let lead = line.len() - line.trim_start_matches([' ', '\t']).len();
    let writing = Writing { taking, range: written.range(server, word), column, lead };
    let items = offers.into_iter().enumerate().map(|(order, offer)| writing.item(order, offer)).collect();
    Some(CompletionList { is_incomplete, item_defaults: None, apply_kind: None, items }.into())
}

/// Asks with what a buffer may name.
fn knowing<T>(server: &Server, written: &Written<'_>, ask: impl FnOnce(&Known<'_>) -> T) -> T {
    let declared = |service: Option<&str>| written.declared(service);
    let paths = || written.paths();
    let own = || written.own_rules(server);
    let library = written.library();
    ask(&Known { library, own: &own, declared: &declared, paths: &paths, today: server.today() })
}

/// What a client is told that shows how functions are written.
pub(super) fn signature_options() -> SignatureHelpOptions {
    let triggers = ["(", ","].map(str::to_owned).to_vec();
    SignatureHelpOptions { trigger_characters: Some(triggers), ..SignatureHelpOptions::default() }
}

/// How the function is written whose arguments somebody writes.
pub(super) fn signature(server: &Server, params: &SignatureHelpParams) -> Option<SignatureHelp> {
    let at = &params.text_document_position_params;
    let written = server.written(&at.text_document.uri)?;
    let byte = written.offset(server, at.position);
    let found = knowing(server, &written, |known| complete::signature(&written.text, byte, written.kind, known))?;
    let of = |way: &'static str| SignatureInformation {
        label: way.to_owned(),
        documentation: Some(found.usage.says.to_owned().into()),
        parameters: Some(arguments(way).map(|name| ParameterInformation::new(name.to_owned().into(), None)).collect()),
        active_parameter: None,
    };
    // the way that takes as many arguments as are written
    let fits = |way: &'static str| arguments(way).count() > found.argument;
    let best = found.usage.ways().position(fits).and_then(|at| u32::try_from(at).ok());
    Some(SignatureHelp {
        signatures: found.usage.ways().map(of).collect(),
        active_signature: best,
        active_parameter: u32::try_from(found.argument).ok().map(Into::into),
    })
}

/// What stands between the brackets of a way of writing.
fn arguments(way: &'static str) -> impl Iterator<Item = &'static str> {
    let inside = way.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or_default();
    inside.split(", ").filter(|argument| !argument.is_empty())
}

/// Where an offer goes, and how.
struct Writing {
    taking: Taking,
    range: Range,
    /// The column of the mapping that it belongs to.
    column: usize,
    /// The blanks at the start of its line.
    lead: usize,
}

impl Writing {
    fn item(&self, order: usize, offer: Offer) -> CompletionItem {
        let Offer { label, kind, detail, documentation, found_by, insert } = offer;
        let is_snippet = self.taking.snippets && !insert.after.is_empty();
        // who takes snippets moves their lines in
        let adjusts = self.taking.adjusts || is_snippet;
        let details = self.taking.details.then(|| CompletionItemLabelDetails {
            description: detail.clone(),
            ..CompletionItemLabelDetails::default()
        });
        CompletionItem {
            kind: Some(kind_of(kind)),
            label_details: details,
            detail: detail.filter(|_| !self.taking.details),
            documentation: documentation.map(|value| match self.taking.markdown {
                true => MarkupContent { kind: MarkupKind::Markdown, value }.into(),
                false => value.into(),
            }),
            sort_text: Some(format!("{order:04}")),
            filter_text: found_by,
            insert_text_format: Some(if is_snippet { InsertTextFormat::Snippet } else { InsertTextFormat::PlainText }),
            insert_text_mode: self.taking.adjusts.then_some(InsertTextMode::AdjustIndentation),
            text_edit: Some(TextEdit { range: self.range, new_text: self.text(insert, is_snippet, adjusts) }.into()),
            ..CompletionItem { label, ..CompletionItem::default() }
        }
    }

    fn text(&self, insert: Insert, is_snippet: bool, adjusts: bool) -> String {
        let further_in = if adjusts { self.column.saturating_sub(self.lead) } else { self.column };
        let lines = |text: String| text.replace('\n', &format!("\n{}", " ".repeat(further_in)));
        let escaped = |text: String| lines(text).replace('\\', "\\\\").replace('$', "\\$");
        match is_snippet {
            true => format!("{}$0{}", escaped(insert.before), escaped(insert.after)),
            false => lines(insert.plain),
        }
    }
}

fn kind_of(kind: Kind) -> CompletionItemKind {
    match kind {
        Kind::Key => CompletionItemKind::Property,
        Kind::Word => CompletionItemKind::EnumMember,
        Kind::Term => CompletionItemKind::Class,
        Kind::Territory | Kind::Value => CompletionItemKind::Value,
        Kind::Group => CompletionItemKind::Module,
        Kind::Rule | Kind::Pack => CompletionItemKind::Reference,
        Kind::Parameter => CompletionItemKind::Variable,
        Kind::Fact => CompletionItemKind::Field,
        Kind::Function => CompletionItemKind::Function,
        Kind::File => CompletionItemKind::File,
        Kind::Entity(EntityKind::Setting) => CompletionItemKind::Variable,
        Kind::Entity(_) => CompletionItemKind::Reference,
    }
}
