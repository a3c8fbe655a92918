//! A language server through a sequence of edits: after each, an editor is shown what a fresh run finds.

use std::cell::RefCell;
use std::collections::BTreeMap;

use purposelint::project::{Asker, Engine, Input, Reading, Workspace, read};
use purposelint::space::Date;
use serde_json::{Value, json};

#[path = "../../tests/lsp/client.rs"]
mod client;
#[path = "../../tests/lsp/fresh.rs"]
mod fresh;

use client::{Client, Folder};
use fresh::{FILES, TODAY, fresh, place, told};

/// What is put in, or stands in place of something.
const SNIPPETS: [&str; 32] = [
    "😀",
    "é",
    "\u{feff}",
    "\r\n",
    "\n",
    "\t",
    " ",
    "  ",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "&a ",
    "*a",
    "<<: *a",
    "#",
    "---\n",
    "service: t\n",
    "version: 2\n",
    "  other: {use: train_ai_system, setting: {default: on}}\n",
    "regions: [GB, UK]\n",
    "null",
    "# purposelint: ignore[fair-defaults/ai-training-on-by-default]: agreed\n",
    "on",
    "a",
    "settings: {main: {default: ask}}\n",
    "reads: {file: p.json, pointer: /a}",
    "\n\n",
];

/// More is the same again.
const MOST_EDITS: usize = 16;

/// The same packs whatever is declared, so that a fresh run need not load them each time.
const CONFIG: &str = "packs: [core, fair-defaults]\n";

/// What an editor asks while somebody writes.
const QUESTIONS: [&str; 5] = ["hover", "completion", "definition", "documentSymbol", "foldingRange"];

thread_local! {
    static KNOWN: RefCell<Option<(Workspace, Engine)>> = const { RefCell::new(None) };
}

/// The numbers that an input stands for; zeros behind its end.
struct Numbers<'d>(&'d [u8]);

impl Numbers<'_> {
    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.byte() << 8 | self.byte()) % end.max(1)
    }
}

/// Reads bytes as edits of six bytes: which file, what is done, from where (two), how far, and what comes there.
pub fn run(data: &[u8]) {
    KNOWN.with_borrow_mut(|known| {
        let folder = folder();
        let (workspace, engine) = known.get_or_insert_with(|| load(&folder));
        FILES.iter().for_each(|(path, text)| replace(workspace, path, text));
        let mut client = Client::start(&folder, capabilities(), &[""]);
        let mut texts: BTreeMap<&str, String> = FILES.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
        FILES.iter().for_each(|(path, text)| client.open(path, text));
        let mut numbers = Numbers(data);
        for _ in 0..MOST_EDITS {
            if numbers.0.is_empty() {
                break;
            }
            let path = edit(&mut client, &mut texts, &mut numbers);
            replace(workspace, path, &texts[path]);
            same(&mut client, workspace, engine, &texts);
        }
        assert_eq!(client.shut_down(), 0);
    });
}

fn folder() -> Folder {
    let folder = Folder::new(&FILES);
    folder.write("purposelint.yaml", CONFIG);
    folder
}

fn load(folder: &Folder) -> (Workspace, Engine) {
    let root = folder.path("");
    let mut asker = Asker { current: Some(&root), stdin: &mut std::io::empty(), commands: &[] };
    let mut workspace = read(&Input::default(), Reading::default(), &mut asker).unwrap();
    let engine = Engine::load(&mut workspace, &[], &root, Date::parse(TODAY).unwrap()).unwrap();
    (workspace, engine)
}

fn replace(workspace: &mut Workspace, path: &str, text: &str) {
    let file = *workspace.files.iter().find(|file| workspace.sources.path(**file) == path).unwrap();
    workspace.sources.replace(file, text);
}

fn capabilities() -> Value {
    let mut capabilities = client::pushed();
    for question in QUESTIONS {
        capabilities["textDocument"][question] = json!({});
    }
    capabilities
}

/// Makes one edit, and asks something at its place. Gives the file.
fn edit<'f>(client: &mut Client, texts: &mut BTreeMap<&'f str, String>, numbers: &mut Numbers<'_>) -> &'f str {
    let (path, original) = FILES[numbers.byte() % FILES.len()];
    let (what, from) = (numbers.byte(), (numbers.byte(), numbers.byte()));
    let (long, snippet) = (numbers.byte(), SNIPPETS[numbers.byte() % SNIPPETS.len()]);
    let text = texts.get_mut(path).unwrap();
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let first = Numbers(&[from.0 as u8, from.1 as u8]).below(places.len());
    let start = places[first];
    let end = places[(first + long).min(places.len() - 1)];
    let (end, new) = match what % 8 {
        0 => (end, ""),
        1 => (end, snippet),
        _ => (start, snippet),
    };
    let range = json!({ "start": place(text, start), "end": place(text, end) });
    let mut after = text.clone();
    after.replace_range(start..end, new);
    if what % 8 == 7 {
        after = original.to_owned();
    }
    // between the bytes of a line break there is no place that an editor could name
    let splits = |at: usize| text[..at].ends_with('\r') && text[at..].starts_with('\n');
    let is_mark = start == 0 && (text.starts_with('\u{feff}') || end == 0);
    if what % 8 == 7 || splits(start) || splits(end) || is_mark {
        client.replace(path, &after);
    } else {
        client.change(path, json!([{ "range": range, "text": new }]));
    }
    *text = after;
    let question = QUESTIONS[what / 8 % QUESTIONS.len()];
    let at = (0..=start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
    let params = json!({ "textDocument": { "uri": client.uri(path) }, "position": place(text, at) });
    client.request(&format!("textDocument/{question}"), params).unwrap();
    path
}

/// The editor is shown what a fresh run finds.
fn same(client: &mut Client, workspace: &Workspace, engine: &Engine, texts: &BTreeMap<&str, String>) {
    client.settle();
    let expected = fresh(workspace, engine);
    for (path, _) in FILES {
        let shown = client.shown.get(&client.uri(path)).into_iter().flatten();
        let shown: Vec<Value> = shown.filter(|item| item["code"].as_str().unwrap().contains('/')).map(told).collect();
        let expected = expected.get(path).cloned().unwrap_or_default();
        assert_eq!(shown, expected, "{path}: {texts:#?}");
    }
}
