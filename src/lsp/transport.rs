//! Messages over two streams. Each stream has a thread, so that the server sees everything that is waiting.

use std::io::{self, BufRead, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use lsp_server::{Connection, ErrorCode, Message};
use serde::Deserialize;
use serde_json::Value;

/// The threads of a connection.
pub struct Transport {
    reader: JoinHandle<io::Result<()>>,
    writer: JoinHandle<io::Result<()>>,
}

impl Transport {
    /// Waits until everything is written. The connection must be gone, because the client has said `exit` or nothing more.
    ///
    /// # Errors
    /// A stream broke, or what came in was no message.
    pub fn finish(self) -> io::Result<()> {
        let gone = || Err(io::Error::other("a thread of the connection has ended early"));
        self.writer.join().unwrap_or_else(|_| gone())?;
        self.reader.join().unwrap_or_else(|_| gone())
    }
}

/// A connection over two streams.
pub fn connect(
    mut input: impl BufRead + Send + 'static,
    output: impl Write + Send + 'static,
) -> (Connection, Transport) {
    // the other ends of these belong to the threads; nothing waits for room
    let (server, threads) = Connection::memory();
    let output = Arc::new(Mutex::new(output));
    let to_reject = Arc::clone(&output);
    let writer = thread::spawn(move || {
        for message in threads.receiver {
            let mut output = output.lock().map_err(|_| io::ErrorKind::BrokenPipe)?;
            message.write(&mut *output)?;
        }
        Ok(())
    });
    let sender = threads.sender;
    let reader = thread::spawn(move || {
        while let Some(body) = read_body(&mut input)? {
            match serde_json::from_slice::<Message>(&body) {
                Ok(Message::Notification(_)) if let Some(id) = id_of(&body) => {
                    let message = "the id is neither text nor a whole number of 32 bits";
                    refuse(&id, ErrorCode::InvalidRequest, message, &mut *locked(&to_reject)?)?;
                }
                Ok(message) => {
                    let is_exit = matches!(&message, Message::Notification(it) if it.method == "exit");
                    if sender.send(message).is_err() || is_exit {
                        break;
                    }
                }
                Err(error) => {
                    let code = if error.is_data() { ErrorCode::InvalidRequest } else { ErrorCode::ParseError };
                    refuse(&Value::Null, code, &format!("not a message: {error}"), &mut *locked(&to_reject)?)?;
                }
            }
        }
        Ok(())
    });
    (server, Transport { reader, writer })
}

fn locked<T>(output: &Mutex<T>) -> io::Result<MutexGuard<'_, T>> {
    output.lock().map_err(|_| io::ErrorKind::BrokenPipe.into())
}

/// The id of what was read as a notification: then somebody waits for an answer, under an id that this server cannot keep.
fn id_of(body: &[u8]) -> Option<Value> {
    #[derive(Deserialize)]
    struct Named {
        id: Option<Value>,
    }
    serde_json::from_slice::<Named>(body).ok()?.id
}

/// Answers what is no message. Where its id cannot be told, the answer has none.
fn refuse(id: &Value, code: ErrorCode, message: &str, output: &mut dyn Write) -> io::Result<()> {
    let error = serde_json::json!({ "code": code as i32, "message": message });
    let text = serde_json::json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

/// The bytes of one message; `None` at the end of the stream.
fn read_body(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut length = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.by_ref().take(LONGEST_HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            break;
        }
        let Some((name, value)) = text.split_once(':') else { return Err(wrong("a header has no colon")) };
        if name.eq_ignore_ascii_case("Content-Length") {
            length = Some(value.trim().parse::<u64>().map_err(|_| wrong("`Content-Length` is no number"))?);
        }
    }
    let length = length.ok_or_else(|| wrong("`Content-Length` is missing"))?;
    let mut body = Vec::new();
    let read = input.by_ref().take(length).read_to_end(&mut body)?;
    if u64::try_from(read).unwrap_or_default() < length {
        return Err(wrong("the stream ends inside a message"));
    }
    Ok(Some(body))
}

/// Bytes of a header line; nobody needs as many.
const LONGEST_HEADER: u64 = 8_192;

#[cfg(test)]
mod tests {
    use super::*;

    struct Out(Arc<Mutex<Vec<u8>>>);

    impl Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is answered before anybody has seen a message. The text ends with `exit`.
    fn answers_to(text: &str) -> String {
        let shared = Arc::new(Mutex::new(Vec::new()));
        let (connection, transport) = connect(io::Cursor::new(text.as_bytes().to_vec()), Out(Arc::clone(&shared)));
        let is_exit = |message| matches!(message, Message::Notification(it) if it.method == "exit");
        while !is_exit(connection.receiver.recv().unwrap()) {}
        drop(connection);
        transport.finish().unwrap();
        String::from_utf8(shared.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn what_is_no_message_is_answered_and_what_follows_is_read() {
        let text = "Content-Length: 3\r\n\r\n{]}Content-Length: 2\r\n\r\n{}Content-Length: 33\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}";
        let out = answers_to(text);
        assert!(out.contains("-32700") && out.contains("-32600"), "{out}");
    }

    #[test]
    fn a_request_whose_id_is_none_of_ours_is_answered() {
        for (body, id) in [
            (r#"{"jsonrpc":"2.0","id":3000000000,"method":"shutdown"}"#, "3000000000"),
            (r#"{"jsonrpc":"2.0","id":1.5,"method":"shutdown"}"#, "1.5"),
            (r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":3000000000}}"#, ""),
        ] {
            let out = answers_to(&format!(
                "Content-Length: {}\r\n\r\n{body}Content-Length: 33\r\n\r\n{{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}}",
                body.len()
            ));
            let is_answered = out.contains("-32600") && out.contains(&format!("\"id\":{id},"));
            assert_eq!(is_answered, !id.is_empty(), "{body}: {out}");
        }
    }

    #[test]
    fn a_broken_frame_ends_the_stream_with_a_reason() {
        for (text, reason) in [
            ("Content-Length: x\r\n\r\n", "`Content-Length` is no number"),
            ("Content-Type: y\r\n\r\n", "`Content-Length` is missing"),
            ("nonsense\r\n\r\n", "a header has no colon"),
            ("Content-Length: 9\r\n\r\n{}", "the stream ends inside a message"),
        ] {
            let error = read_body(&mut io::Cursor::new(text.as_bytes())).unwrap_err();
            assert_eq!(error.to_string(), reason);
        }
    }
}
