//! Where ids are declared, and all the places that mean them.
//!
//! In a case, `«id»` is where it is declared and `‹id›` a place that refers to it. A client that asks at any of them is told the
//! same, unless `¦` says where it asks.

use serde_json::{Value, json};

use super::client::{Client, Folder, pushed};

/// A text without its marks.
#[derive(Debug, Default)]
pub(super) struct Marked {
    pub(super) text: String,
    /// Where a client asks.
    pub(super) asked: Option<usize>,
    /// Start and end of what is marked, and whether it is declared there.
    pub(super) places: Vec<(usize, usize, bool)>,
}

impl Marked {
    pub(super) fn new(text: &str) -> Self {
        let mut marked = Self::default();
        let mut open = 0;
        for c in text.chars() {
            let at = marked.text.len();
            match c {
                '¦' => marked.asked = Some(at),
                '«' | '‹' => open = at,
                '»' | '›' => marked.places.push((open, at, c == '»')),
                c => marked.text.push(c),
            }
        }
        marked
    }
}

/// A folder with these files; unless they say otherwise, with packs that are read at once.
pub(super) fn few_packs(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new(&[("purposelint.yaml", "packs: [core]\n")]);
    files.iter().for_each(|(path, text)| folder.write(path, text));
    folder
}

/// A place as a client counts it.
pub(super) fn position(text: &str, offset: usize, utf8: bool) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let column = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let units = if utf8 { column.len() } else { column.encode_utf16().count() };
    json!({ "line": line, "character": units })
}

pub(super) fn capabilities(utf8: bool) -> Value {
    let mut capabilities = pushed();
    for feature in ["definition", "references", "documentHighlight", "foldingRange", "selectionRange"] {
        capabilities["textDocument"][feature] = json!({});
    }
    capabilities["textDocument"]["rename"] = json!({ "prepareSupport": true });
    capabilities["textDocument"]["documentSymbol"] = json!({ "hierarchicalDocumentSymbolSupport": true });
    capabilities["workspace"]["symbol"] = json!({});
    if utf8 {
        capabilities["general"] = json!({ "positionEncodings": ["utf-8"] });
    }
    capabilities
}

/// The kinds of highlights, as the protocol numbers them.
const READS: u8 = 2;
const WRITES: u8 = 3;

/// `path:line:column-line:column`, sorted; with the kind behind it, where there is one.
fn told(answer: &Value, root: &str) -> Vec<String> {
    let place = |place: &Value| format!("{}:{}", place["line"], place["character"]);
    let one = |item: &Value| {
        let path = item["uri"].as_str().unwrap_or_default().trim_start_matches(root).trim_start_matches('/').to_owned();
        let kind = item["kind"].as_u64().map(|kind| format!(" kind {kind}")).unwrap_or_default();
        format!("{path}:{}-{}{kind}", place(&item["range"]["start"]), place(&item["range"]["end"]))
    };
    let mut told: Vec<String> = answer.as_array().into_iter().flatten().map(one).collect();
    told.sort();
    told
}

fn check(title: &str, files: &[(&str, &str)], utf8: bool) {
    let marked: Vec<(&str, Marked)> = files.iter().map(|(path, text)| (*path, Marked::new(text))).collect();
    let plain: Vec<(&str, &str)> = marked.iter().map(|(path, marked)| (*path, marked.text.as_str())).collect();
    let folder = few_packs(&plain);
    let mut client = Client::start(&folder, capabilities(utf8), &[""]);
    let root = client.uri("").trim_end_matches('/').to_owned();
    let expected = |is_meant: &dyn Fn(&str, bool) -> bool, named: bool| {
        let mut out = Vec::new();
        for (path, Marked { text, places, .. }) in &marked {
            for (start, end, declares) in places.iter().filter(|(_, _, declares)| is_meant(path, *declares)) {
                let (start, end) = (position(text, *start, utf8), position(text, *end, utf8));
                // highlights have no file, and say whether the place declares
                let (uri, kind) = match named {
                    true => (*path, Value::Null),
                    false => ("", json!(if *declares { WRITES } else { READS })),
                };
                out.extend(told(&json!([{ "uri": uri, "kind": kind, "range": { "start": start, "end": end } }]), ""));
            }
        }
        out.sort();
        out
    };
    let asked: Vec<(&str, &Marked, usize)> = match marked.iter().find_map(|(path, it)| Some((*path, it, it.asked?))) {
        Some(asked) => vec![asked],
        None => {
            let all = marked.iter().flat_map(|(path, it)| it.places.iter().map(move |place| (*path, it, place)));
            all.flat_map(|(path, it, (start, end, _))| [(path, it, *start), (path, it, *end)]).collect()
        }
    };
    assert!(!asked.is_empty() || marked.iter().all(|(_, it)| it.places.is_empty()), "{title}: nobody asks");
    for (path, it, at) in asked {
        let at = position(&it.text, at, utf8);
        let place = format!("{title}: asked at {path}:{at}");
        let mut params = json!({ "textDocument": { "uri": client.uri(path) }, "position": at });
        let definition = client.request("textDocument/definition", params.clone()).unwrap();
        assert_eq!(told(&definition, &root), expected(&|_, declares| declares, true), "{place}: definition");
        for with in [true, false] {
            params["context"] = json!({ "includeDeclaration": with });
            let references = client.request("textDocument/references", params.clone()).unwrap();
            let all = expected(&|_, declares| with || !declares, true);
            assert_eq!(told(&references, &root), all, "{place}: references, {with}");
        }
        let here = client.request("textDocument/documentHighlight", params).unwrap();
        assert_eq!(told(&here, &root), expected(&|other, _| other == path, false), "{place}: highlight");
    }
    assert_eq!(client.shut_down(), 0);
}

#[test]
fn an_id_means_the_same_at_every_place_that_means_it() {
    let other = "version: 1\nservice: b\npurposes:\n  p: {use: train_ai_system, setting: s, recipients: [o]}\n";
    let cases: &[(&str, &[(&str, &str)])] = &[
        (
            "a setting in another file of the service",
            &[
                (
                    "purposes.yaml",
                    "version: 1\nservice: a\npurposes:\n  p: {title: 😀, setting: ‹main›}\n  q: {setting: ‹main›}\n",
                ),
                ("x/purposes.yaml", "version: 1\nservice: a\nsettings:\n  # 😀\n  «main»: {default: on}\n"),
                (
                    "y/purposes.yaml",
                    "version: 1\nservice: b\nsettings:\n  main: {default: on}\npurposes:\n  p: {setting: main}\n",
                ),
            ],
        ),
        (
            "an organisation that services share",
            &[
                (
                    "purposes.yaml",
                    "version: 1\nservice: a\npurposes:\n  p:\n    recipients: [x, ‹'o'›]\n    models: {provider: ‹\"o\"›}\n    overrides:\n      - {regions: [FR], recipients: [‹o›]}\ncommitments:\n  - scope: {recipients: [‹o›]}\n",
                ),
                ("b/purposes.yaml", "version: 1\nservice: b\npurposes:\n  p: {recipients: [‹o›]}\n"),
                (
                    "c/purposes.yaml",
                    "version: 1\nservice: c\norganisations:\n  o: {name: Own}\npurposes:\n  p: {recipients: [o]}\n",
                ),
                ("shared.purposes.yaml", "version: 1\norganisations:\n  «o»: {name: 😀}\nnotices:\n  o: {title: o}\n"),
            ],
        ),
        (
            "one of a service's own comes before the shared one",
            &[
                (
                    "purposes.yaml",
                    "version: 1\nservice: a\norganisations:\n  «o»: {}\npurposes:\n  p: {recipients: [‹o›]}\n",
                ),
                ("b/purposes.yaml", other),
                ("shared.purposes.yaml", "version: 1\norganisations:\n  o: {}\n"),
            ],
        ),
        (
            "a purpose, in what it covers, in inputs and in waivers",
            &[
                (
                    "purposes.yaml",
                    "version: 1\nservice: a\nnotices:\n  n: {covers: [‹p›]}\npurposes:\n  «p»: {use: x}\n  q: {data: [{category: user, inputs_of: ‹p›}]}\n",
                ),
                ("shared.purposes.yaml", "version: 1\nnotices:\n  m: {covers: [q, ‹p›]}\n"),
                (
                    "purposelint.yaml",
                    "packs: [core]\nwaivers:\n  - {rule: core/*, services: [a], purposes: [q, ‹p›, 'p*'], reason: 😀, owner: o, expires: 2026-12-31}\n",
                ),
            ],
        ),
        (
            "a service, in each of its files and in waivers",
            &[
                ("purposes.yaml", "version: 1\nservice: «a»\npurposes:\n  a: {use: x}\n"),
                ("x/purposes.yaml", "version: 1\nservice: ‹a›\n---\nversion: 1\nservice: b\n"),
                (
                    "purposelint.yaml",
                    "packs: [core]\nwaivers: [{rule: core/*, services: [‹a›], purposes: [a], reason: r, owner: o, expires: 2026-12-31}]\n",
                ),
            ],
        ),
        (
            "a plan of a service",
            &[
                ("purposes.yaml", "version: 1\nservice: a\nplans: [«free», paid]\n"),
                (
                    "x/purposes.yaml",
                    "version: 1\nservice: a\npurposes:\n  p: {setting: {default: on, overrides: [{plans: [‹free›]}]}}\n",
                ),
                ("b/purposes.yaml", "version: 1\nservice: b\nplans: [free]\n"),
            ],
        ),
        (
            "what an alias stands for is one place",
            &[(
                "purposes.yaml",
                "version: 1\nservice: a\norganisations:\n  «o»: {}\npurposes:\n  p: &base {recipients: &list [‹o›]}\n  q: {<<: *base}\n  r: {recipients: *list}\n",
            )],
        ),
        (
            "asked at an alias",
            &[(
                "purposes.yaml",
                "version: 1\nservice: a\norganisations:\n  «o»: {}\npurposes:\n  p: {recipients: &list [‹o›]}\n  r: {recipients: *l¦ist}\n",
            )],
        ),
        (
            "a shared notice speaks of what each service declares",
            &[
                ("purposes.yaml", "version: 1\nservice: a\npurposes:\n  «p»: {notices: [n]}\n"),
                ("b/purposes.yaml", "version: 1\nservice: b\npurposes:\n  «p»: {notices: [n]}\n"),
                ("shared.purposes.yaml", "version: 1\nnotices:\n  n: {covers: [‹¦p›]}\n"),
            ],
        ),
        ("what nobody declares", &[("purposes.yaml", "version: 1\nservice: a\npurposes:\n  p: {setting: m¦ain}\n")]),
        ("a region is no id", &[("purposes.yaml", "version: 1\nservice: a\nregions: [F¦R]\n")]),
        ("a key is no id", &[("purposes.yaml", "version: 1\nservice: a\npurp¦oses: {p: {use: x}}\n")]),
        ("a file that is broken", &[("purposes.yaml", "version: 1\nservice: ¦a\npurposes: [\n")]),
        ("a file that is not ours", &[("purposes.yaml", "version: 1\nservice: a\n"), ("x.yaml", "service: ¦a\n")]),
    ];
    for (title, files) in cases {
        check(title, files, false);
        if files.iter().any(|(_, text)| text.contains('😀')) {
            check(title, files, true);
        }
    }
}

/// Asks all there is to ask about a place of a text that may be anything. Every place that is told has to be one of a text that
/// is there, and every edit has to leave the other id where the old one was.
pub(super) fn ask_everything(client: &mut Client, path: &str, text: &str, number: usize) {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let Some(at) = places.get(number % places.len().max(1)) else { return };
    let document = json!({ "uri": client.uri(path) });
    let at = position(&text.replace("\r\n", " \n").replace('\r', "\n"), *at.min(&text.len()), false);
    let mut params = json!({ "textDocument": document, "position": at });
    params["context"] = json!({ "includeDeclaration": true });
    params["positions"] = json!([at]);
    params["newName"] = json!("zzz");
    params["query"] = json!("a");
    for method in [
        "textDocument/definition",
        "textDocument/references",
        "textDocument/documentHighlight",
        "textDocument/documentSymbol",
        "textDocument/foldingRange",
        "textDocument/selectionRange",
        "workspace/symbol",
    ] {
        let answer = client.request(method, params.clone());
        assert!(answer.is_ok(), "{method} at {at} of {path}: {answer:?}\n{text}");
    }
    let root = client.uri("").trim_end_matches('/').to_owned();
    let references = client.request("textDocument/references", params.clone()).unwrap();
    let prepared = client.request("textDocument/prepareRename", params.clone());
    let renamed = client.request("textDocument/rename", params);
    assert!(prepared.is_ok() || renamed.is_err(), "{prepared:?} {renamed:?}");
    if let Ok(edit) = renamed {
        let edits = edit["documentChanges"].as_array().unwrap().iter().flat_map(|change| {
            let uri = &change["textDocument"]["uri"];
            change["edits"].as_array().unwrap().iter().map(move |edit| json!({ "uri": uri, "range": edit["range"] }))
        });
        let edits = Value::Array(edits.collect());
        assert_eq!(told(&edits, &root), told(&references, &root), "at {at} of {path}:\n{text}");
    }
}

#[test]
fn the_example_of_september_2024_leads_from_its_purpose_to_its_setting() {
    let text = include_str!("../../examples/linkedin-2024/purposes.yaml");
    let folder = Folder::new(&[
        ("purposes.yaml", text),
        ("purposelint.yaml", include_str!("../../examples/linkedin-2024/purposelint.yaml")),
    ]);
    let mut client = Client::start(&folder, capabilities(false), &[""]);
    let mut definition = |of: &str, within: &str| {
        let at = position(text, text.find(of).unwrap() + of.find(within).unwrap(), false);
        let params = json!({ "textDocument": { "uri": client.uri("purposes.yaml") }, "position": at });
        let found = client.request("textDocument/definition", params).unwrap();
        assert_eq!(found.as_array().unwrap().len(), 1, "{found:#}");
        let line = found[0]["range"]["start"]["line"].as_u64().unwrap() as usize;
        text.lines().nth(line).unwrap().to_owned()
    };
    assert_eq!(definition("setting: genai_improvement", "genai"), "  genai_improvement:");
    assert_eq!(definition("  genai_training:\n", "genai"), "  genai_training:");
    assert_eq!(definition("- azure_openai", "azure"), "  azure_openai:");
    assert_eq!(definition("provider: azure_openai", "azure"), "  azure_openai:");
    assert_eq!(definition("notices: [privacy_policy_2024_09]", "privacy"), "  privacy_policy_2024_09:");
}

#[test]
fn the_name_of_a_rule_leads_to_its_file() {
    let rule = "fair-defaults/ai-training-on-by-default";
    let purposes = format!(
        "version: 1\nservice: s\n# purposelint: ignore[{rule}, ‹acme/label-sells›]: agreed 😀\npurposes: {{p: {{use: x}}}}\n"
    );
    let config = "packs: [core, fair-defaults, ./policies/acme]\nseverity:\n  ‹acme/label-sells›: info\n  acme/*: error\nwaivers: [{rule: ‹acme/label-sells›, reason: r, owner: o, expires: 2026-12-31}]\nfiles: [{glob: 'a/**', severity: {‹acme/label-sells›: info}}]\n";
    let texts = [("purposes.yaml", Marked::new(&purposes)), ("purposelint.yaml", Marked::new(config))];
    let folder = Folder::new(&[]);
    texts.iter().for_each(|(path, marked)| folder.write(path, &marked.text));
    let pack = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/private-pack/policies/acme");
    for name in ["pack.yaml", "label-sells.yaml", "groups.yaml", "vocabulary.yaml", "lexicons/sales_talk.yaml"] {
        folder.write(&format!("policies/acme/{name}"), &std::fs::read_to_string(pack.join(name)).unwrap());
    }
    let mut client = Client::start(&folder, capabilities(false), &[""]);
    let mut asked = 0;
    for (path, marked) in &texts {
        for (start, _, _) in &marked.places {
            let at = position(&marked.text, *start + 2, false);
            let params = json!({ "textDocument": { "uri": client.uri(path) }, "position": at });
            let found = client.request("textDocument/definition", params).unwrap();
            assert_eq!(found[0]["uri"], client.uri("policies/acme/label-sells.yaml"), "{path}:{at}");
            asked += 1;
        }
    }
    assert_eq!(asked, 4);
    let at = position(&texts[0].1.text, texts[0].1.text.find(rule).unwrap(), false);
    let params = json!({ "textDocument": { "uri": client.uri("purposes.yaml") }, "position": at });
    assert_eq!(client.request("textDocument/definition", params).unwrap(), Value::Null);
}
