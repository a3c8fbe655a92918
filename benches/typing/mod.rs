//! A person who types: the language server in this process, on a workspace, from a keystroke to diagnostics.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request, RequestId};
use purposelint::lsp;
use purposelint::space::Date;
use serde_json::{Value, json};

use super::corpus::{self, Size};

/// Writes a workspace of this many files, of which the first has more than 40,000 lines.
pub(crate) fn write_workspace(folder: &Path, files: usize) {
    corpus::write(Size { files, ..corpus::M }, folder).unwrap();
    // its only file is the first of M, only longer
    corpus::write(corpus::BIG, folder).unwrap();
}

/// The declaration of a workspace whose size is nearest to this.
pub(crate) fn nearest(folder: &Path, bytes: u64) -> PathBuf {
    let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    files.min_by_key(|path| (path.metadata().map_or(u64::MAX, |it| it.len().abs_diff(bytes)), path.clone())).unwrap()
}

/// The median and the worst of keystrokes of one kind.
pub(crate) struct Stroke {
    pub(crate) kind: &'static str,
    pub(crate) median: Duration,
    pub(crate) worst: Duration,
}

pub(crate) struct Editor {
    connection: Connection,
    server: JoinHandle<()>,
    next: i32,
    /// From nothing until all was judged and shown.
    pub(crate) start: Duration,
    /// Diagnostics, and the files they are in.
    pub(crate) shown: (usize, usize),
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

impl Editor {
    pub(crate) fn open(folder: &Path) -> Self {
        let root = fs::canonicalize(folder).unwrap();
        let (server, connection) = Connection::memory();
        let today = Box::new(|| Date::parse("2026-11-21").unwrap());
        let server = std::thread::spawn(move || {
            lsp::run(server, lsp::Env { today });
        });
        let mut editor = Self { connection, server, next: 0, start: Duration::ZERO, shown: (0, 0) };
        let started = Instant::now();
        let folders = json!([{ "uri": uri(&root), "name": "bench" }]);
        let capabilities = json!({ "general": { "positionEncodings": ["utf-8"] } });
        let params = json!({ "capabilities": capabilities, "workspaceFolders": folders });
        let request = Request::new(RequestId::from("start".to_owned()), "initialize".to_owned(), params);
        editor.connection.sender.send(request.into()).unwrap();
        editor.notify("initialized", json!({}));
        let (lists, findings) = editor.settle();
        editor.start = started.elapsed();
        editor.shown = (findings, lists);
        editor
    }

    fn notify(&self, method: &str, params: Value) {
        self.connection.sender.send(Notification::new(method.to_owned(), params).into()).unwrap();
    }

    /// Waits until all that was said is dealt with; gives how many lists of diagnostics came, and how many are in them.
    fn settle(&mut self) -> (usize, usize) {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request::new(id.clone(), "bench/settle".to_owned(), Value::Null);
        self.connection.sender.send(request.into()).unwrap();
        let (mut lists, mut findings) = (0, 0);
        loop {
            match self.connection.receiver.recv().unwrap() {
                Message::Response(response) if response.id == id => return (lists, findings),
                Message::Notification(it) if it.method == "textDocument/publishDiagnostics" => {
                    lists += 1;
                    findings += it.params["diagnostics"].as_array().map_or(0, Vec::len);
                }
                _ => {}
            }
        }
    }

    /// Opens a file and types into its middle, an even number of keystrokes of each kind within a time.
    pub(crate) fn edit(&mut self, path: &Path, most: usize, time: Duration) -> Vec<Stroke> {
        let path = fs::canonicalize(path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let document = json!({ "uri": uri(&path), "languageId": "yaml", "version": 0, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
        self.settle();
        let mut version = 0;
        let mut out = Vec::new();
        for (kind, stroke) in strokes(&text) {
            let mut times = Vec::new();
            let begun = Instant::now();
            while times.len() < most && (times.len() < 2 || times.len() % 2 == 1 || begun.elapsed() < time) {
                version += 1;
                let document = json!({ "uri": uri(&path), "version": version });
                let params = json!({ "textDocument": document, "contentChanges": [stroke(times.len())] });
                let started = Instant::now();
                self.notify("textDocument/didChange", params);
                self.settle();
                times.push(started.elapsed());
            }
            times.sort();
            out.push(Stroke { kind, median: times[times.len() / 2], worst: times[times.len() - 1] });
        }
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(&path) } }));
        self.settle();
        out
    }

    pub(crate) fn close(self) {
        self.notify("exit", Value::Null);
        self.server.join().unwrap();
    }
}

type Change = Box<dyn Fn(usize) -> Value>;

/// Changes of the first default below the middle that is written plainly, and of that line.
fn strokes(text: &str) -> [(&'static str, Change); 3] {
    let middle = text.lines().count() / 2;
    let key = "      default: ";
    let found = text.lines().enumerate().skip(middle).find_map(|(line, it)| match it.strip_prefix(key) {
        Some(value @ ("on" | "off")) => Some((line, value == "on")),
        _ => None,
    });
    let (line, on) = found.unwrap();
    let range = move |from: usize, to: usize| json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } });
    let (word, other) = if on { ("on", "off") } else { ("off", "on") };
    let value = move |at: usize| {
        let (from, to) = if at.is_multiple_of(2) { (word, other) } else { (other, word) };
        json!({ "range": range(key.len(), key.len() + from.len()), "text": to })
    };
    let comment = move |at: usize| {
        let end = key.len() + word.len();
        let text = if at == 0 { " # x" } else { "x" };
        let from = if at == 0 { end } else { end + " # x".len() };
        json!({ "range": range(from, from), "text": text })
    };
    let broken = move |at: usize| match at % 2 {
        0 => json!({ "range": range(0, 0), "text": "[" }),
        _ => json!({ "range": range(0, 1), "text": "" }),
    };
    [
        ("a default changes", Box::new(value)),
        ("a comment grows", Box::new(comment)),
        ("the YAML breaks and heals", Box::new(broken)),
    ]
}
