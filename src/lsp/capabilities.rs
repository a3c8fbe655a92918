//! What client and server can do.

use gen_lsp_types::{
    ChangeNotifications, CodeActionKind, CodeActionOptions, CodeLensOptions, DiagnosticOptions, DiagnosticProvider,
    ExecuteCommandOptions, InitializeResult, Save, SaveOptions, ServerCapabilities, ServerInfo, TextDocumentSyncKind,
    TextDocumentSyncOptions, WorkspaceFoldersServerCapabilities, WorkspaceOptions,
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
    /// It asks for diagnostics, so it must not be sent any.
    pub(super) pulls: bool,
    /// It can be told to ask again.
    pub(super) refreshes: bool,
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
    /// It shows what stands above a line.
    pub(super) lenses: bool,
    /// It can be told to ask for that again.
    pub(super) refreshes_lenses: bool,
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
        let shows = |what: &str| {
            ["diagnostic", "publishDiagnostics"].iter().any(|by| has(&format!("/textDocument/{by}/{what}")))
        };
        Self {
            encoding: Encoding::choose(&offered),
            pulls: has("/textDocument/diagnostic"),
            refreshes: is("/workspace/diagnostics/refreshSupport"),
            related: is("/textDocument/publishDiagnostics/relatedInformation")
                || is("/textDocument/diagnostic/relatedInformation"),
            tags: shows("tagSupport"),
            versioned_edits: is("/workspace/workspaceEdit/documentChanges"),
            creates_files: capabilities
                .pointer("/workspace/workspaceEdit/resourceOperations")
                .and_then(Value::as_array)
                .is_some_and(|operations| operations.iter().any(|operation| operation == "create")),
            actions: has("/textDocument/codeAction/codeActionLiteralSupport"),
            completion: has("/textDocument/completion").then(|| Taking::new(capabilities)),
            signatures: has("/textDocument/signatureHelp"),
            lenses: has("/textDocument/codeLens"),
            refreshes_lenses: is("/workspace/codeLens/refreshSupport"),
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
        code_lens_provider: client
            .lenses
            .then(|| CodeLensOptions { resolve_provider: Some(false), ..CodeLensOptions::default() }),
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
