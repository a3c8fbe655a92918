//! From a keystroke to diagnostics: `cargo bench --bench editor [-- FILES LINES]`.
//!
//! A workspace of 2,000 files, of which one has 5,000 lines and is edited; the server runs in this process, so what is measured is
//! the server and not a pipe. Prints medians, and fails nothing: a machine that is busy says little.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark has a clock, prints, and may end early"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request, RequestId};
use purposelint::lsp;
use purposelint::space::Date;
use serde_json::{Value, json};

/// Keystrokes of each kind.
const STROKES: usize = 41;

const USES: [&str; 5] = ["train_ai_system", "essential.service", "marketing.advertising", "improve", "personalize"];

/// A declaration of one service, with at least this many lines.
fn declaration(service: usize, lines: usize) -> String {
    let mut text = format!(
        "version: 1\nservice: service_{service}\nregions: [EEA, GB, CH, US, BR]\nplans: [free, paid]\npurposes:\n"
    );
    let mut purpose = 0;
    while text.lines().count() < lines {
        let uses = USES[(service + purpose) % USES.len()];
        let default = if (service * 7 + purpose).is_multiple_of(20) { "on" } else { "off" };
        let _infallible = write!(
            text,
            "  purpose_{purpose}:\n    title: What purpose {purpose} of service {service} is for\n    use: {uses}\n    \
             data:\n      - category: user.content\n        source: provided\n      - category: user.device\n        source: observed\n    \
             subjects: [customer]\n    legal_basis: consent\n    retention: P{}M\n    setting:\n      default: {default}\n      \
             title: Purpose {purpose}\n      path: [Settings, Privacy, Purpose {purpose}]\n      overrides:\n        \
             - regions: [EEA, CH]\n          default: off\n        - regions: [GB]\n          ages: [\"13-17\"]\n          default: off\n        \
             # agreed with the market team\n        - regions: [US]\n          plans: [paid]\n          default: off\n",
            purpose % 24 + 1
        );
        purpose += 1;
    }
    text
}

struct Client {
    connection: Connection,
    next: i32,
}

impl Client {
    fn notify(&self, method: &str, params: Value) {
        self.connection.sender.send(Notification::new(method.to_owned(), params).into()).unwrap();
    }

    /// Waits until all that was said is dealt with; gives how many lists of diagnostics came.
    fn settle(&mut self) -> usize {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request::new(id.clone(), "bench/settle".to_owned(), Value::Null);
        self.connection.sender.send(request.into()).unwrap();
        let mut lists = 0;
        loop {
            match self.connection.receiver.recv().unwrap() {
                Message::Response(response) if response.id == id => return lists,
                Message::Notification(it) if it.method == "textDocument/publishDiagnostics" => lists += 1,
                _ => {}
            }
        }
    }
}

fn median(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() / 2], times[times.len() - 1])
}

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let (files, lines) = (numbers.first().copied().unwrap_or(2_000), numbers.get(1).copied().unwrap_or(5_000));
    let folder = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(folder.path()).unwrap();
    let mut bytes = 0;
    for service in 0..files {
        let text = declaration(service, if service == 0 { lines } else { 550 });
        bytes += text.len();
        let path = root.join(format!("d{}/s{service}/purposes.yaml", service % 40));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let shared = "version: 1\norganisations:\n  vendor:\n    role: processor\n    name: A vendor\n";
    fs::write(root.join("shared.purposes.yaml"), shared).unwrap();
    println!("{files} files, {:.1} MB; the one that is edited has {lines} lines", bytes as f64 / 1e6);

    let (server, connection) = Connection::memory();
    let today = Box::new(|| Date::parse("2026-11-22").unwrap());
    let server = std::thread::spawn(move || lsp::run(server, lsp::Env { today }));
    let mut client = Client { connection, next: 0 };
    let started = Instant::now();
    let uri = |path: &Path| format!("file://{}", path.display());
    let folders = json!([{ "uri": uri(&root), "name": "bench" }]);
    let params =
        json!({ "capabilities": { "general": { "positionEncodings": ["utf-8"] } }, "workspaceFolders": folders });
    let request = Request::new(RequestId::from("start".to_owned()), "initialize".to_owned(), params);
    client.connection.sender.send(request.into()).unwrap();
    client.notify("initialized", json!({}));
    let lists = client.settle();
    println!("all judged and shown, from nothing: {:?}; {lists} files with findings", started.elapsed());

    let path = root.join("d0/s0/purposes.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let document = json!({ "uri": uri(&path), "languageId": "yaml", "version": 0, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    client.settle();
    let middle = text.lines().count() / 2;
    let line = text.lines().enumerate().skip(middle).find(|(_, line)| line.contains("default: off")).unwrap();
    let (line, column) = (line.0, line.1.find("off").unwrap());
    type Stroke<'s> = (&'s str, Box<dyn Fn(usize) -> Value>);
    let range = move |from: usize, to: usize| json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } });
    let strokes: [Stroke<'_>; 3] = [
        (
            "a default flips",
            Box::new(move |at| {
                let (from, to) = if at % 2 == 0 { ("off", "on ") } else { ("on ", "off") };
                json!({ "range": range(column, column + from.len()), "text": to })
            }),
        ),
        (
            "a comment grows",
            Box::new(move |at| {
                let text = if at == 0 { "off # x" } else { "x" };
                let from = if at == 0 { column } else { column + 6 };
                json!({ "range": range(from, if at == 0 { column + 3 } else { from }), "text": text })
            }),
        ),
        (
            "the YAML breaks and heals",
            Box::new(move |at| match at % 2 {
                0 => json!({ "range": range(0, 0), "text": "[" }),
                _ => json!({ "range": range(0, 1), "text": "" }),
            }),
        ),
    ];
    let mut version = 0;
    for (what, stroke) in strokes {
        let mut times = Vec::new();
        for at in 0..STROKES + usize::from(STROKES % 2 == 1) {
            version += 1;
            let document = json!({ "uri": uri(&path), "version": version });
            let started = Instant::now();
            client
                .notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [stroke(at)] }));
            client.settle();
            times.push(started.elapsed());
        }
        let (median, worst) = median(times);
        println!("{what}: median {median:?}, worst {worst:?}");
    }
    client.notify("exit", Value::Null);
    server.join().unwrap();
}
