//! A client in the same process.

#![allow(dead_code, reason = "not every test needs everything")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use purposelint::lsp;
use purposelint::space::Date;
use serde_json::{Value, json};

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with files, gone when the test is over.
pub(crate) struct Folder {
    root: PathBuf,
    _keep: tempfile::TempDir,
}

impl Folder {
    /// A folder that holds these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let keep = tempfile::tempdir().unwrap();
        let folder = Self { root: fs::canonicalize(keep.path()).unwrap(), _keep: keep };
        files.iter().for_each(|(path, text)| folder.write(path, text));
        folder
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Where a file stands.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The URI of a file.
    pub(crate) fn uri(&self, path: &str) -> String {
        format!("file://{}", self.path(path).display()).trim_end_matches('/').to_owned()
    }
}

/// The rules of diagnostics.
pub(crate) fn codes(list: &[Value]) -> Vec<&str> {
    list.iter().map(|item| item["code"].as_str().unwrap()).collect()
}

/// An editor.
pub(crate) struct Client {
    connection: Connection,
    server: JoinHandle<u8>,
    root: String,
    /// What is answered to a request for settings.
    pub(crate) settings: Value,
    next: i32,
    version: i32,
    /// What was sent last, by URI.
    pub(crate) shown: BTreeMap<String, Vec<Value>>,
    /// The versions that came with it.
    pub(crate) versions: BTreeMap<String, Value>,
    /// What the server asked for.
    pub(crate) asked: Vec<Request>,
    /// Every other notification.
    pub(crate) told: Vec<Notification>,
    /// How many lists of diagnostics were sent.
    pub(crate) lists: usize,
    /// The answer to `initialize`.
    pub(crate) capabilities: Value,
}

/// What an editor can do that is sent diagnostics.
pub(crate) fn pushed() -> Value {
    json!({
        "textDocument": {
            "publishDiagnostics": {
                "relatedInformation": true, "codeDescriptionSupport": true, "dataSupport": true,
                "tagSupport": { "valueSet": [1, 2] }
            },
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix"] } } }
        },
        "workspace": { "workspaceEdit": { "documentChanges": true } }
    })
}

/// What an editor can do that asks for diagnostics.
pub(crate) fn pulling() -> Value {
    let mut capabilities = pushed();
    capabilities["textDocument"]["diagnostic"] = json!({ "relatedDocumentSupport": false });
    capabilities["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
    capabilities
}

impl Client {
    /// One that is sent diagnostics.
    pub(crate) fn push(folder: &Folder) -> Self {
        Self::start(folder, pushed(), &[""])
    }

    /// One that asks for diagnostics.
    pub(crate) fn pull(folder: &Folder) -> Self {
        Self::start(folder, pulling(), &[""])
    }

    /// One that can do this, with these folders open.
    pub(crate) fn start(folder: &Folder, capabilities: Value, open: &[&str]) -> Self {
        Self::start_on(folder, capabilities, open, Box::new(|| Date::parse("2026-11-22").unwrap()))
    }

    /// One whose server is told the date by somebody.
    pub(crate) fn start_on(
        folder: &Folder,
        capabilities: Value,
        open: &[&str],
        today: Box<dyn Fn() -> Date + Send>,
    ) -> Self {
        Self::start_with(folder, capabilities, open, today, Value::Null)
    }

    /// One that says with `initialize` how it wants things.
    pub(crate) fn start_with(
        folder: &Folder,
        capabilities: Value,
        open: &[&str],
        today: Box<dyn Fn() -> Date + Send>,
        options: Value,
    ) -> Self {
        let (server, connection) = Connection::memory();
        let server = std::thread::spawn(move || lsp::run(server, lsp::Env { today }));
        let mut client = Self {
            connection,
            server,
            root: folder.uri(""),
            settings: Value::Null,
            next: 0,
            version: 0,
            shown: BTreeMap::new(),
            versions: BTreeMap::new(),
            asked: Vec::new(),
            told: Vec::new(),
            lists: 0,
            capabilities: Value::Null,
        };
        let folders: Vec<Value> = open.iter().map(|path| json!({ "uri": folder.uri(path), "name": path })).collect();
        let params = json!({
            "processId": null, "capabilities": capabilities, "workspaceFolders": folders,
            "initializationOptions": options,
        });
        client.capabilities = client.request("initialize", params).unwrap()["capabilities"].take();
        client.notify("initialized", json!({}));
        client
    }

    /// The URI of a file.
    pub(crate) fn uri(&self, path: &str) -> String {
        format!("{}/{path}", self.root)
    }

    /// Says something.
    pub(crate) fn notify(&self, method: &str, params: Value) {
        self.send(Notification::new(method.to_owned(), params));
    }

    /// Sends a message.
    pub(crate) fn send(&self, message: impl Into<Message>) {
        self.connection.sender.send(message.into()).unwrap();
    }

    /// Sends a request without waiting for its answer.
    pub(crate) fn post(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.send(Request::new(id.clone(), method.to_owned(), params));
        id
    }

    /// Asks, and waits for the answer; what comes in between is kept.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.post(method, params);
        let response = self.wait_for(&id);
        response.response_result.map_err(|error| json!({ "code": error.code, "message": error.message }))
    }

    /// Waits for the answer to a request.
    pub(crate) fn wait_for(&mut self, id: &RequestId) -> Response {
        loop {
            match self.connection.receiver.recv_timeout(PATIENCE).expect("an answer") {
                Message::Response(response) if response.id == *id => return response,
                Message::Response(response) => panic!("nobody asked for {response:?}"),
                Message::Request(request) => {
                    let answer = match request.method.as_str() {
                        "workspace/configuration" => json!([self.settings]),
                        _ => Value::Null,
                    };
                    let answer = Response::new_ok(request.id.clone(), answer);
                    self.asked.push(request);
                    self.send(answer);
                }
                Message::Notification(it) if it.method == "textDocument/publishDiagnostics" => {
                    let uri = it.params["uri"].as_str().unwrap().to_owned();
                    self.versions.insert(uri.clone(), it.params["version"].clone());
                    self.shown.insert(uri, it.params["diagnostics"].as_array().unwrap().clone());
                    self.lists += 1;
                }
                Message::Notification(it) => self.told.push(it),
            }
        }
    }

    /// Waits until the server has dealt with all it was sent.
    pub(crate) fn settle(&mut self) {
        let _refused = self.request("test/settle", json!({}));
    }

    /// What is shown of a file.
    pub(crate) fn diagnostics(&mut self, path: &str) -> Vec<Value> {
        self.settle();
        self.shown.get(&self.uri(path)).cloned().unwrap_or_default()
    }

    /// What is shown of a file to a client that asks.
    pub(crate) fn pulled(&mut self, path: &str) -> Vec<Value> {
        let params = json!({ "textDocument": { "uri": self.uri(path) } });
        let report = self.request("textDocument/diagnostic", params).unwrap();
        report["items"].as_array().unwrap().clone()
    }

    /// Opens a buffer.
    pub(crate) fn open(&mut self, path: &str, text: &str) {
        self.version += 1;
        let item = json!({ "uri": self.uri(path), "languageId": "yaml", "version": self.version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// Replaces the whole text of a buffer.
    pub(crate) fn replace(&mut self, path: &str, text: &str) {
        self.change(path, json!([{ "text": text }]));
    }

    /// Changes a buffer.
    pub(crate) fn change(&mut self, path: &str, changes: Value) {
        self.version += 1;
        let document = json!({ "uri": self.uri(path), "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
    }

    /// Closes a buffer.
    pub(crate) fn close(&self, path: &str) {
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": self.uri(path) } }));
    }

    /// Tells that something happened to a file.
    pub(crate) fn changed_on_disk(&self, path: &str) {
        let kind = if self.path_exists(path) { 2 } else { 3 };
        let changes = json!([{ "uri": self.uri(path), "type": kind }]);
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    }

    fn path_exists(&self, path: &str) -> bool {
        PathBuf::from(self.uri(path).trim_start_matches("file://")).exists()
    }

    /// Ends in order. Gives the exit code.
    pub(crate) fn shut_down(mut self) -> u8 {
        self.request("shutdown", Value::Null).unwrap();
        self.exit()
    }

    /// Ends. Gives the exit code.
    pub(crate) fn exit(self) -> u8 {
        self.notify("exit", Value::Null);
        self.server.join().unwrap()
    }
}
