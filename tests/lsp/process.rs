//! The program itself, over its streams.

use assert_cmd::Command;
use serde_json::{Value, json};

fn framed(message: &Value) -> String {
    let text = message.to_string();
    format!("Content-Length: {}\r\n\r\n{text}", text.len())
}

/// What the program writes and how it ends, for this input.
fn run(input: &str) -> (String, String, i32) {
    let output =
        Command::cargo_bin("purposelint").unwrap().arg("lsp").arg("--stdio").write_stdin(input).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

#[test]
fn a_session_over_the_streams_ends_in_order() {
    let messages = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } }),
        json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }),
        json!({ "jsonrpc": "2.0", "id": "two", "method": "shutdown" }),
        json!({ "jsonrpc": "2.0", "method": "exit" }),
    ];
    let input: String = messages.iter().map(framed).collect();
    let (out, err, code) = run(&input);
    assert_eq!((err.as_str(), code), ("", 0));
    assert!(out.contains("\"name\":\"purposelint\"") && out.contains("\"id\":\"two\""), "{out}");
    let (_, _, code) = run(&framed(&messages[3]));
    assert_eq!(code, 1);
    let (_, _, code) = run("");
    assert_eq!(code, 1);
}

#[test]
fn what_is_no_message_is_answered_and_what_is_no_protocol_ends_the_run() {
    let broken = "Content-Length: 9\r\n\r\n{\"jsonrpc";
    let messages = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": {} }),
        json!({ "jsonrpc": "2.0", "method": "exit" }),
    ];
    let (out, _, code) = run(&format!("{broken}{}{}", framed(&messages[0]), framed(&messages[1])));
    assert!(out.contains("\"code\":-32700") && out.contains("\"code\":-32002"), "{out}");
    assert_eq!(code, 1);
    let (_, err, code) = run("purposes.yaml\n");
    assert!(err.contains("not the protocol: a header has no colon"), "{err}");
    assert!(err.contains("people start `purposelint check`"), "{err}");
    assert_eq!(code, 2);
}
