//! File URIs and paths.

use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;

/// The path that a `file:` URI names; `None` for what is no file.
pub(super) fn to_path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.0.strip_prefix("file:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    // a host other than this machine only exists on Windows
    let (host, path) = rest.split_at(rest.find('/')?);
    let path = decode(path);
    if cfg!(windows) {
        let path = path.replace('/', "\\");
        return Some(match path.strip_prefix('\\') {
            Some(drive) if drive.get(1..2) == Some(":") => PathBuf::from(drive),
            _ if host.is_empty() => PathBuf::from(path),
            _ => PathBuf::from(format!("\\\\{host}{path}")),
        });
    }
    (host.is_empty() || host == "localhost").then(|| PathBuf::from(path))
}

/// The URI of an absolute path.
pub(super) fn from_path(path: &Path) -> Uri {
    let text = path.to_string_lossy().replace('\\', if cfg!(windows) { "/" } else { "\\" });
    let text = text.strip_prefix("//?/").unwrap_or(&text);
    let mut out = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    Uri(out)
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let escaped = escaped.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris_and_come_back() {
        for (path, uri) in [
            ("/a/b.yaml", "file:///a/b.yaml"),
            ("/a b/ü#?.yaml", "file:///a%20b/%C3%BC%23%3F.yaml"),
            ("/100%/x", "file:///100%25/x"),
        ] {
            assert_eq!(from_path(Path::new(path)).0, uri);
            assert_eq!(to_path(&Uri(uri.to_owned())), Some(PathBuf::from(path)));
        }
    }

    #[test]
    fn uris_are_read_however_a_client_writes_them() {
        let path = |uri: &str| to_path(&Uri(uri.to_owned()));
        assert_eq!(path("file:///a%2fb"), Some(PathBuf::from("/a/b")));
        assert_eq!(path("file://localhost/a"), Some(PathBuf::from("/a")));
        assert_eq!(path("file:/a"), Some(PathBuf::from("/a")));
        assert_eq!(path("file:///a%"), Some(PathBuf::from("/a%")));
        assert_eq!(path("untitled:Untitled-1"), None);
        assert_eq!(path("file://elsewhere/a"), None);
        assert_eq!(path("file:"), None);
    }
}
