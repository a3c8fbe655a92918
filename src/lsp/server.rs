//! The loop: take in, judge, answer.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::time::Duration;

use gen_lsp_types::{
    CancelNotification, CancelParams, CodeActionRequest, CodeLensRefreshRequest, CodeLensRequest, CompletionRequest,
    ConfigurationItem, ConfigurationParams, ConfigurationRequest, DefinitionRequest, Diagnostic,
    DiagnosticRefreshRequest, DidChangeConfigurationNotification, DidChangeWatchedFilesNotification,
    DidChangeWorkspaceFoldersNotification, DidCloseTextDocumentNotification, DidOpenTextDocumentNotification,
    DidSaveTextDocumentNotification, DocumentDiagnosticRequest, DocumentHighlightRequest, DocumentSymbolRequest,
    ExecuteCommandParams, ExecuteCommandRequest, ExitNotification, FoldingRangeRequest, HoverRequest,
    InitializeRequest, InitializedNotification, InlayHintRequest, LogMessageNotification, LogMessageParams,
    MessageType, Notification, PrepareRenameRequest, PublishDiagnosticsNotification, PublishDiagnosticsParams,
    ReferencesRequest, RegistrationParams, RegistrationRequest, RenameRequest, Request, SelectionRangeRequest,
    ShowMessageNotification, ShowMessageParams, ShutdownRequest, SignatureHelpRequest, Uri, WorkspaceDiagnosticRequest,
    WorkspaceSymbolRequest,
};
use lsp_server::{Connection, ErrorCode, Message, RequestId, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::capabilities::{self, Client};
use super::dispatch::{Dispatch, Refused};
use super::documents::{Document, Documents, Edited, EditedParams, path_of};
use super::examples::Ran;
use super::held::Effect;
use super::publish::Seen;
use super::settings::{SECTION, Settings};
use super::workspaces::Workspaces;
use super::{Env, actions, completion, examples, folding, hints, hover, names, rename, symbols, watched};
use crate::space::Date;

/// How long the loop waits before it looks at the date again.
const LOOK_AT_DATE: Duration = Duration::from_secs(60);

/// A session with one client.
pub(super) struct Server {
    env: Env,
    connection: Connection,
    /// What came in and is not yet dealt with, in order.
    waiting: VecDeque<Message>,
    stage: Stage,
    /// What the client can do.
    pub(super) client: Client,
    /// The buffers.
    pub(super) documents: Documents,
    /// What is judged.
    pub(super) workspaces: Workspaces,
    /// What somebody asks for.
    pub(super) settings: Settings,
    /// What was asked for at the beginning: it holds where the settings of the editor say nothing else.
    initial: Settings,
    /// What came of examples.
    pub(super) ran: Ran,
    seen: Seen,
    /// What a client watches because somebody named it; `None` until it is ready to be asked.
    pub(super) watched: Option<BTreeSet<String>>,
    requests: i32,
    /// The request for settings that has no answer yet.
    asked_settings: Option<RequestId>,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Running,
    ShutDown,
}

/// Serves one client until it goes. Gives the exit code: 0 after an orderly shutdown, else 1.
pub fn run(connection: Connection, env: Env) -> u8 {
    let mut server = Server {
        env,
        connection,
        waiting: VecDeque::new(),
        stage: Stage::New,
        client: Client::default(),
        documents: Documents::default(),
        workspaces: Workspaces::default(),
        settings: Settings::default(),
        initial: Settings::default(),
        ran: Ran::default(),
        seen: Seen::default(),
        watched: None,
        requests: 0,
        asked_settings: None,
    };
    while let Some(message) = server.next() {
        match message {
            Message::Request(request) => server.request(request),
            Message::Notification(it) if it.method == ExitNotification::METHOD.as_str() => break,
            Message::Notification(notification) => server.notification(notification),
            Message::Response(response) => server.response(response),
        }
    }
    u8::from(server.stage != Stage::ShutDown)
}

impl Server {
    /// The next message. While there is none, what has changed is judged and shown.
    fn next(&mut self) -> Option<Message> {
        loop {
            self.take_in();
            if let Some(message) = self.waiting.pop_front() {
                return Some(message);
            }
            if self.stage == Stage::Running && self.workspaces.is_stale(self.today()) {
                self.show();
                continue;
            }
            match self.connection.receiver.recv_timeout(LOOK_AT_DATE) {
                Ok(message) => self.waiting.push_back(message),
                Err(error) if error.is_timeout() => {}
                Err(_) => return None,
            }
        }
    }

    /// Takes in all that has arrived. A request that was taken back is answered at once.
    fn take_in(&mut self) {
        while let Ok(message) = self.connection.receiver.try_recv() {
            match message {
                Message::Notification(it) if it.method == CancelNotification::METHOD.as_str() => {
                    if let Ok(CancelParams { id }) = serde_json::from_value(it.params) {
                        self.cancel(&id);
                    }
                }
                message => self.waiting.push_back(message),
            }
        }
    }

    fn cancel(&mut self, id: &gen_lsp_types::Id) {
        let id = match id {
            gen_lsp_types::Id::Int(id) => RequestId::from(*id),
            gen_lsp_types::Id::String(id) => RequestId::from(id.clone()),
        };
        let is_meant = |message: &Message| matches!(message, Message::Request(request) if request.id == id);
        if let Some(at) = self.waiting.iter().position(is_meant) {
            self.waiting.remove(at);
            let message = "taken back by the client".to_owned();
            self.answer(Response::new_err(id, ErrorCode::RequestCanceled as i32, message));
        }
    }

    /// Sends a message. A client that is gone is noticed where the next one is waited for.
    fn send(&self, message: impl Into<Message>) {
        let _gone = self.connection.sender.send(message.into());
    }

    fn answer(&self, response: Response) {
        self.send(response);
    }

    /// Tells a client something.
    pub(super) fn notify<N: Notification>(&self, params: N::Params) {
        self.send(lsp_server::Notification::new(N::METHOD.as_str().to_owned(), params));
    }

    /// Asks a client for something. Gives the id that the answer will have.
    pub(super) fn ask<R: Request>(&mut self, params: R::Params) -> RequestId {
        self.requests += 1;
        let id = RequestId::from(self.requests);
        self.send(lsp_server::Request::new(id.clone(), R::METHOD.as_str().to_owned(), params));
        id
    }

    fn request(&mut self, request: lsp_server::Request) {
        let is_initialize = request.method == InitializeRequest::METHOD.as_str();
        let response = match self.stage {
            Stage::New if is_initialize => self.initialize(request),
            Stage::New => {
                let message = "`initialize` comes first".to_owned();
                Response::new_err(request.id, ErrorCode::ServerNotInitialized as i32, message)
            }
            Stage::Running if is_initialize => {
                Response::new_err(request.id, ErrorCode::InvalidRequest as i32, "`initialize` was here".to_owned())
            }
            Stage::Running if request.method == ShutdownRequest::METHOD.as_str() => {
                self.stage = Stage::ShutDown;
                Response { id: request.id, response_result: Ok(Value::Null) }
            }
            Stage::Running => self.dispatch(request),
            Stage::ShutDown => {
                Response::new_err(request.id, ErrorCode::InvalidRequest as i32, "shut down already".to_owned())
            }
        };
        self.answer(response);
    }

    /// Every feature has one line here, and a file of its own.
    fn dispatch(&mut self, request: lsp_server::Request) -> Response {
        self.show();
        let server = &*self;
        let dispatch = Dispatch::new(request)
            .on::<DocumentDiagnosticRequest>(|params| Ok(server.seen.document(&params)))
            .on::<WorkspaceDiagnosticRequest>(|params| Ok(server.seen.workspace(&params, &|uri| server.version(uri))))
            .on::<CodeActionRequest>(|params| Ok(actions::offer(server, &params)))
            .on::<CompletionRequest>(|params| Ok(completion::offer(server, &params)))
            .on::<SignatureHelpRequest>(|params| Ok(completion::signature(server, &params)))
            .on::<HoverRequest>(|params| Ok(hover::answer(server, &params)))
            .on::<InlayHintRequest>(|params| Ok(hints::answer(server, &params)))
            .on::<CodeLensRequest>(|params| {
                Ok(examples::lenses(server, &params).or_else(|| hints::lenses(server, &params)))
            })
            .on::<DefinitionRequest>(|params| Ok(names::definition(server, &params.text_document_position_params)))
            .on::<ReferencesRequest>(|params| Ok(names::references(server, &params)))
            .on::<DocumentHighlightRequest>(|params| Ok(names::here(server, &params.text_document_position_params)))
            .on::<PrepareRenameRequest>(|params| rename::prepare(server, &params.text_document_position_params))
            .on::<RenameRequest>(|params| rename::rename(server, &params))
            .on::<DocumentSymbolRequest>(|params| Ok(symbols::outline(server, &params)))
            .on::<WorkspaceSymbolRequest>(|params| Ok(symbols::search(server, &params)))
            .on::<FoldingRangeRequest>(|params| Ok(folding::fold(server, &params)))
            .on::<SelectionRangeRequest>(|params| Ok(folding::select(server, &params)));
        let execute = |params: ExecuteCommandParams| match params.command.as_str() {
            examples::RUN => examples::run(self, &params),
            _ => actions::execute(self, &params),
        };
        dispatch.on::<ExecuteCommandRequest>(execute).finish()
    }

    fn initialize(&mut self, request: lsp_server::Request) -> Response {
        // read as plain JSON, as `Client` is
        let params = request.params;
        self.client = Client::new(params.get("capabilities").unwrap_or(&Value::Null));
        let uri = |value: &Value| Some(Uri(value.as_str()?.to_owned()));
        let folders = params.get("workspaceFolders").and_then(Value::as_array);
        let mut roots: Vec<Uri> = folders.into_iter().flatten().filter_map(|folder| uri(folder.get("uri")?)).collect();
        if folders.is_none() {
            roots.extend(params.get("rootUri").and_then(uri));
        }
        if roots.is_empty()
            && folders.is_none()
            && let Some(current) = params.get("rootPath").and_then(Value::as_str)
        {
            roots.push(super::uri::from_path(current.as_ref()));
        }
        self.workspaces.change_folders(&roots, &[], &self.documents);
        let options = params.get("initializationOptions").unwrap_or(&Value::Null);
        self.take_settings(options.get(SECTION).unwrap_or(options));
        self.initial = self.settings.clone();
        self.stage = Stage::Running;
        let result = serde_json::to_value(capabilities::answer(&self.client));
        Response { id: request.id, response_result: Ok(result.unwrap_or_default()) }
    }

    fn notification(&mut self, notification: lsp_server::Notification) {
        if self.stage != Stage::Running {
            return;
        }
        let lsp_server::Notification { method, params } = notification;
        let known = Notified::new(&method, params)
            .on::<InitializedNotification>(|_| self.register())
            .on::<DidOpenTextDocumentNotification>(|params| {
                let item = params.text_document;
                if let Some(path) = path_of(&item.uri) {
                    let document = Document { uri: item.uri, version: item.version, text: item.text.into() };
                    self.documents.open(path.clone(), document);
                    self.workspaces.find(&self.documents);
                    self.workspaces.change(&path, &self.documents);
                    self.renamed(&path);
                }
            })
            .on::<Edited>(|params| self.edited(params))
            .on::<DidSaveTextDocumentNotification>(|params| self.looked_at(&params.text_document.uri))
            .on::<DidCloseTextDocumentNotification>(|params| {
                if let Some(path) = self.documents.close(&params.text_document.uri) {
                    self.workspaces.change(&path, &self.documents);
                    self.workspaces.find(&self.documents);
                    self.renamed(&path);
                    self.forget_examples(&path);
                }
            })
            .on::<DidChangeWatchedFilesNotification>(|params| {
                params.changes.iter().for_each(|change| self.looked_at(&change.uri));
                self.workspaces.find(&self.documents);
            })
            .on::<DidChangeWorkspaceFoldersNotification>(|params| {
                let uris = |folders: Vec<gen_lsp_types::WorkspaceFolder>| -> Vec<Uri> {
                    folders.into_iter().map(|folder| folder.uri).collect()
                };
                let (added, removed) = (uris(params.event.added), uris(params.event.removed));
                self.workspaces.change_folders(&added, &removed, &self.documents);
            })
            .on::<DidChangeConfigurationNotification>(|params| match self.client.configuration {
                true => self.ask_settings(),
                false => self.take_settings(params.settings.get(SECTION).unwrap_or(&Value::Null)),
            });
        if let Some(error) = known.error {
            let message = format!("`{method}`: {error}");
            self.notify::<LogMessageNotification>(LogMessageParams { kind: MessageType::Error, message });
        }
    }

    fn edited(&mut self, params: EditedParams) {
        let version = params.text_document.version;
        let uri = params.text_document.text_document_identifier.uri;
        if let Some(path) = self.documents.change(&uri, version, params.content_changes, self.client.encoding) {
            self.workspaces.change(&path, &self.documents);
            self.forget_examples(&path);
        }
    }

    /// Something may have happened to a file on the disk.
    fn looked_at(&mut self, uri: &Uri) {
        if let Some(path) = path_of(uri) {
            self.workspaces.change(&path, &self.documents);
        }
    }

    fn register(&mut self) {
        let registrations = watched::registrations(&self.client);
        if !registrations.is_empty() {
            self.ask::<RegistrationRequest>(RegistrationParams { registrations });
        }
        self.watched = Some(BTreeSet::new());
        self.watch();
        if self.client.configuration {
            self.ask_settings();
        }
    }

    fn ask_settings(&mut self) {
        let item = ConfigurationItem { scope_uri: None, section: Some(SECTION.to_owned()) };
        self.asked_settings = Some(self.ask::<ConfigurationRequest>(ConfigurationParams { items: vec![item] }));
    }

    fn take_settings(&mut self, section: &Value) {
        let (settings, wrong) = self.initial.with(section);
        wrong.into_iter().for_each(|message| self.complain(message));
        if settings != self.settings {
            self.settings = settings;
            self.workspaces.look_again(Effect::Show);
        }
    }

    /// Tells people what has no place in a file.
    fn complain(&self, message: String) {
        self.tell(MessageType::Error, message);
    }

    /// Tells people something.
    pub(super) fn tell(&self, kind: MessageType, message: String) {
        self.notify::<ShowMessageNotification>(ShowMessageParams { kind, message });
    }

    /// What came of the examples of a file is no longer about its text.
    fn forget_examples(&mut self, path: &Path) {
        if self.ran.forget(path) {
            self.look_at_examples(path);
        }
    }

    /// What came of the examples of a file is different from before.
    pub(super) fn look_at_examples(&mut self, path: &Path) {
        let mut seen = std::mem::take(&mut self.seen);
        let changed = seen.show(self, path.to_owned());
        self.seen = seen;
        self.publish(changed);
        if self.client.refreshes_lenses {
            self.ask::<CodeLensRefreshRequest>(());
        }
    }

    fn response(&mut self, response: Response) {
        match response.response_result {
            Ok(answer) if self.asked_settings.as_ref() == Some(&response.id) => {
                self.take_settings(answer.get(0).unwrap_or(&Value::Null));
            }
            Ok(_) => {}
            Err(error) => {
                let message = format!("the client refuses: {}", error.message);
                self.notify::<LogMessageNotification>(LogMessageParams { kind: MessageType::Warning, message });
            }
        }
    }

    /// Judges what has changed, and shows it: sends it, or has a client ask again that asks by itself.
    fn show(&mut self) {
        let today = self.today();
        if !self.workspaces.is_stale(today) {
            return;
        }
        let refreshed = self.workspaces.refresh(&self.documents, today);
        refreshed.messages.iter().for_each(|message| self.complain(message.clone()));
        let mut seen = std::mem::take(&mut self.seen);
        let changed = seen.update(self, &refreshed);
        self.seen = seen;
        self.publish(changed);
        if !refreshed.changed.is_empty() {
            hints::refresh(self);
        }
        self.watch();
    }

    fn publish(&mut self, changed: Vec<(Uri, Vec<Diagnostic>)>) {
        if !self.client.pulls {
            for (uri, diagnostics) in changed {
                let version = self.version(&uri);
                self.notify::<PublishDiagnosticsNotification>(PublishDiagnosticsParams { uri, version, diagnostics });
            }
        } else if !changed.is_empty() {
            self.ask::<DiagnosticRefreshRequest>(());
        }
    }

    /// A buffer was opened or closed.
    fn renamed(&mut self, path: &Path) {
        let mut seen = std::mem::take(&mut self.seen);
        let changed = seen.renamed(self, path);
        self.seen = seen;
        self.publish(changed);
    }

    /// The day to judge as of.
    pub(super) fn today(&self) -> Date {
        self.settings.as_of.unwrap_or_else(|| (self.env.today)())
    }

    /// The version of a buffer, where what is shown is about its text.
    fn version(&self, uri: &Uri) -> Option<i32> {
        let document = self.documents.get(&path_of(uri)?)?;
        (document.uri == *uri).then_some(document.version)
    }
}

/// A notification on its way to whoever knows its method. One that nobody knows is passed over, as the protocol has it.
struct Notified<'m> {
    method: &'m str,
    params: Option<Value>,
    error: Option<String>,
}

impl<'m> Notified<'m> {
    fn new(method: &'m str, params: Value) -> Self {
        Self { method, params: Some(params), error: None }
    }

    fn on<N: Notification>(mut self, handle: impl FnOnce(N::Params)) -> Self
    where
        N::Params: DeserializeOwned,
    {
        if self.method == N::METHOD.as_str()
            && let Some(params) = self.params.take()
        {
            match serde_json::from_value(params) {
                Ok(params) => handle(params),
                Err(error) => self.error = Some(error.to_string()),
            }
        }
        self
    }
}

impl Refused {
    /// The parameters make no sense.
    pub(super) fn params(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidParams, message)
    }
}
