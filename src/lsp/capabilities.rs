//! What client and server can do.

use gen_lsp_types::{
    ChangeNotifications, CodeActionKind, CodeActionOptions, CodeLensOptions, DiagnosticOptions, DiagnosticProvider,
    ExecuteCommandOptions, InitializeResult, RenameOptions, Save, SaveOptions, ServerCapabilities, ServerInfo,
    TextDocumentSyncKind, TextDocumentSyncOptions, WorkspaceFoldersServerCapabilities, WorkspaceOptions,
};
use serde_json::Value;

use super::completion::{self, Taking};
use super::position::Encoding;
use super::{actions, examples};

/// What a client can do, as far as it matters. Read from plain JSON: a client that gets a corner of it wrong still has the rest.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one answer of the client")]
pub(super) struct Client {
    /// The units of columns.
    pub(super) encoding: Encoding,
    /// It asks for diagnostics, so it must not be sent any; and it can be told to ask again, without which it would go on showing
    /// what was true before another file changed.
    pub(super) pulls: bool,
    /// It shows the other places of a diagnostic.
    pub(super) related: bool,
    /// It shows what is unnecessary as such.
    pub(super) tags: bool,
    /// It applies edits to a version of a document.
    pub(super) versioned_edits: bool,
    /// It makes files where an edit says so.
    pub(super) creates_files: bool,
    /// It understands actions, not only commands.
    pub(super) actions: bool,
    /// How it takes what may be written, where it asks for that.
    pub(super) completion: Option<Taking>,
    /// It shows how functions are written.
    pub(super) signatures: bool,
    /// It can be told to ask for what stands above lines again.
    pub(super) refreshes_lenses: bool,
    /// It can show what is under the pointer.
    pub(super) hovers: bool,
    /// It shows that as Markdown.
    pub(super) hovers_in_markdown: bool,
    /// It shows something behind lines.
    pub(super) hints: bool,
    /// It can be told to ask for that again.
    pub(super) refreshes_hints: bool,
    /// It shows something above lines.
    pub(super) lenses: bool,
    /// It goes to where an id is declared.
    pub(super) definition: bool,
    /// It lists the places of an id.
    pub(super) references: bool,
    /// It marks the places of an id.
    pub(super) highlights: bool,
    /// It gives ids other names.
    pub(super) renames: bool,
    /// It asks first what is to be renamed.
    pub(super) prepares_rename: bool,
    /// It shows what is in a file.
    pub(super) outlines: bool,
    /// It shows that as a tree.
    pub(super) nested_symbols: bool,
    /// It searches what is in a workspace.
    pub(super) searches: bool,
    /// It folds lines away.
    pub(super) folds: bool,
    /// So many folds of a file at most.
    pub(super) most_folds: Option<usize>,
    /// It lets a selection grow.
    pub(super) selects: bool,
    /// It can open a page.
    pub(super) shows_pages: bool,
    /// It can be told which files to watch.
    pub(super) watches: bool,
    /// It can be asked for settings.
    pub(super) configuration: bool,
    /// It can be told that settings are of interest.
    pub(super) registers_configuration: bool,
}

impl Client {
    /// Reads the capabilities in the parameters of `initialize`.
    pub(super) fn new(capabilities: &Value) -> Self {
        let has = |pointer: &str| capabilities.pointer(pointer).is_some_and(|value| !value.is_null());
        let is = |pointer: &str| capabilities.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
        let encodings = capabilities.pointer("/general/positionEncodings").and_then(Value::as_array);
        let offered: Vec<&str> = encodings.into_iter().flatten().filter_map(Value::as_str).collect();
        let lists = |pointer: &str, word: &str| {
            let listed = capabilities.pointer(pointer).and_then(Value::as_array);
            listed.is_some_and(|listed| listed.iter().any(|listed| listed == word))
        };
        let shows = |what: &str| {
            ["diagnostic", "publishDiagnostics"].iter().any(|by| has(&format!("/textDocument/{by}/{what}")))
        };
        Self {
            encoding: Encoding::choose(&offered),
            pulls: has("/textDocument/diagnostic") && is("/workspace/diagnostics/refreshSupport"),
            related: is("/textDocument/publishDiagnostics/relatedInformation")
                || is("/textDocument/diagnostic/relatedInformation"),
            tags: shows("tagSupport"),
            versioned_edits: is("/workspace/workspaceEdit/documentChanges"),
            creates_files: lists("/workspace/workspaceEdit/resourceOperations", "create"),
            actions: has("/textDocument/codeAction/codeActionLiteralSupport"),
            completion: has("/textDocument/completion").then(|| Taking::new(capabilities)),
            signatures: has("/textDocument/signatureHelp"),
            refreshes_lenses: is("/workspace/codeLens/refreshSupport"),
            hovers: has("/textDocument/hover"),
            hovers_in_markdown: lists("/textDocument/hover/contentFormat", "markdown"),
            hints: has("/textDocument/inlayHint"),
            refreshes_hints: is("/workspace/inlayHint/refreshSupport") && has("/textDocument/inlayHint"),
            lenses: has("/textDocument/codeLens"),
            definition: has("/textDocument/definition"),
            references: has("/textDocument/references"),
            highlights: has("/textDocument/documentHighlight"),
            renames: has("/textDocument/rename"),
            prepares_rename: is("/textDocument/rename/prepareSupport"),
            outlines: has("/textDocument/documentSymbol"),
            nested_symbols: is("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            searches: has("/workspace/symbol"),
            folds: has("/textDocument/foldingRange"),
            most_folds: capabilities
                .pointer("/textDocument/foldingRange/rangeLimit")
                .and_then(Value::as_u64)
                .and_then(|most| usize::try_from(most).ok()),
            selects: has("/textDocument/selectionRange"),
            shows_pages: is("/window/showDocument/support"),
            watches: is("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            configuration: is("/workspace/configuration"),
            registers_configuration: is("/workspace/didChangeConfiguration/dynamicRegistration"),
        }
    }
}

/// The answer to `initialize`.
pub(super) fn answer(client: &Client) -> InitializeResult {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::Incremental),
        save: Some(Save::SaveOptions(SaveOptions { include_text: Some(false) })),
        ..TextDocumentSyncOptions::default()
    };
    let folders = WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(ChangeNotifications::Bool(true)),
    };
    let kinds = vec![CodeActionKind::QuickFix, CodeActionKind::new(actions::FIX_ALL)];
    let capabilities = ServerCapabilities {
        position_encoding: Some(client.encoding.kind()),
        text_document_sync: Some(sync.into()),
        workspace: Some(WorkspaceOptions { workspace_folders: Some(folders), ..WorkspaceOptions::default() }),
        diagnostic_provider: client.pulls.then(|| {
            DiagnosticProvider::DiagnosticOptions(DiagnosticOptions {
                identifier: Some("purposelint".to_owned()),
                inter_file_dependencies: true,
                workspace_diagnostics: true,
                ..DiagnosticOptions::default()
            })
        }),
        code_action_provider: client
            .actions
            .then(|| CodeActionOptions { code_action_kinds: Some(kinds), ..CodeActionOptions::default() }.into()),
        completion_provider: client.completion.map(|_| completion::options()),
        signature_help_provider: client.signatures.then(completion::signature_options),
        hover_provider: client.hovers.then(|| true.into()),
        inlay_hint_provider: client.hints.then(|| true.into()),
        code_lens_provider: client.lenses.then(CodeLensOptions::default),
        definition_provider: client.definition.then(|| true.into()),
        references_provider: client.references.then(|| true.into()),
        document_highlight_provider: client.highlights.then(|| true.into()),
        rename_provider: client.renames.then(|| match client.prepares_rename {
            true => RenameOptions { prepare_provider: Some(true), ..RenameOptions::default() }.into(),
            false => true.into(),
        }),
        document_symbol_provider: client.outlines.then(|| true.into()),
        workspace_symbol_provider: client.searches.then(|| true.into()),
        folding_range_provider: client.folds.then(|| true.into()),
        selection_range_provider: client.selects.then(|| true.into()),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![actions::OPEN_PAGE.to_owned(), examples::RUN.to_owned()],
            ..ExecuteCommandOptions::default()
        }),
        ..ServerCapabilities::default()
    };
    let server_info =
        Some(ServerInfo { name: "purposelint".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) });
    InitializeResult { capabilities, server_info }
}
