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

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request, RequestId};
use purposelint::lsp;
use purposelint::space::Date;
use serde_json::{Value, json};

/// Keystrokes of each kind.
const STROKES: usize = 41;

/// A purpose that nothing is flagged about.
const PLAIN: &str = "\
  purpose_N:
    title: Sign people in at the door N
    description: Check the password and keep the session, so that people reach their own account and nobody else does.
    use: essential.service.authentication
    necessity: core
    setting: none
    data:
      - category: user.authorization.password
        source: provided
      - category: user.contact.email
        source: provided
      - category: user.device.ip_address
        source: observed
    subjects:
      - customer
    lawful_basis: contract
    # agreed with the team of the door
    started: 2025-02-03
    notices:
      - privacy_policy
      - welcome_screen
    recipients:
      - hosting
    retention:
      until: account_closure
    safeguards: []
";

/// One in twenty trains models, and has something to be flagged about.
const TRAINING: &str = "\
  purpose_N:
    title: Train the assistant N
    use: train_ai_system
    setting:
      label: Train the assistant on my prompts
      help: When this is on, the model of the assistant is trained on what you type into it.
      help_steps: 0
      location: [Profile, Privacy]
      steps: {on: 3, off: 3}
      default: on
      overrides:
        - regions: [EEA, CH]
          default: off
        - regions: [GB]
          ages: 13-17
          default: off
        - regions: [US]
          plans: [paid]
          default: off
      first_offered: 2025-09-01
      opt_out: {effect: stops_use_and_removes, trained_models: retrained, within: P30D}
    data:
      - category: user.content
        source: provided
    subjects: [customer]
    started: 2025-10-01
    notices: [privacy_policy]
    recipients: [hosting]
    retention: {period: P12M}
    safeguards: []
";

const SHARED: &str = "\
version: 1
organisations:
  hosting:
    name: Hosting Ltd
    country: IE
    role: processor
    onward_training: prohibited
notices:
  privacy_policy:
    title: Privacy policy
    kind: privacy_policy
    channel: passive
    published: 2025-01-01
    effective: 2025-01-01
  welcome_screen:
    title: Welcome
    kind: in_product
    channel: direct
    published: 2025-01-01
    effective: 2025-01-01
";

/// A declaration of one service, with at least this many lines.
fn declaration(service: usize, lines: usize) -> String {
    let mut text = format!(
        "version: 1\nservice: service_{service}\nregions: [EEA, GB, CH, US, BR]\nplans: [free, paid]\n\
         commitments: []\npurposes:\n"
    );
    let mut purpose = 0;
    while text.lines().count() < lines {
        let trains = (service * 7 + purpose).is_multiple_of(20);
        text.push_str(&if trains { TRAINING } else { PLAIN }.replace('N', &purpose.to_string()));
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
    fs::write(root.join("shared.purposes.yaml"), SHARED).unwrap();
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
    let (lists, findings) = client.settle();
    println!("all judged and shown, from nothing: {:?}; {findings} findings in {lists} files", started.elapsed());

    let path = root.join("d0/s0/purposes.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let document = json!({ "uri": uri(&path), "languageId": "yaml", "version": 0, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    client.settle();
    let middle = text.lines().count() / 2;
    let line = text.lines().enumerate().skip(middle).find(|(_, line)| line.contains("source: provided")).unwrap();
    let (line, column) = (line.0, line.1.find("provided").unwrap());
    type Stroke<'s> = (&'s str, Box<dyn Fn(usize) -> Value>);
    let range = move |from: usize, to: usize| json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } });
    let strokes: [Stroke<'_>; 3] = [
        (
            "a value changes",
            Box::new(move |at| {
                let (from, to) = if at % 2 == 0 { ("provided", "observed") } else { ("observed", "provided") };
                json!({ "range": range(column, column + from.len()), "text": to })
            }),
        ),
        (
            "a comment grows",
            Box::new(move |at| {
                let text = if at == 0 { "provided # x" } else { "x" };
                let from = if at == 0 { column } else { column + 11 };
                json!({ "range": range(from, if at == 0 { column + 8 } else { from }), "text": text })
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
