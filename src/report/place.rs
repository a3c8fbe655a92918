//! Paths as a host of repositories knows them: counted from the root of the repository, not of the workspace.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

use crate::source::{FileId, Position, SourceMap, Span};

/// The path of a file from the root of the repository; `prefix` is the way from there to the workspace.
fn in_repository<'p>(prefix: &str, path: &'p str) -> Cow<'p, str> {
    // standard input lies nowhere
    if prefix.is_empty() || path.starts_with('<') || Path::new(path).is_absolute() {
        return Cow::Borrowed(path);
    }
    let mut folders: Vec<&str> = prefix.split('/').filter(|folder| !folder.is_empty()).collect();
    let mut rest = path;
    while let Some(above) = rest.strip_prefix("../") {
        if folders.pop().is_none() {
            return Cow::Borrowed(path);
        }
        rest = above;
    }
    folders.push(rest);
    Cow::Owned(folders.join("/"))
}

/// Where a file of the sources lies in the repository. A file of another revision lies where it did, if it still does.
pub(super) fn of_file<'s>(prefix: &str, sources: &'s SourceMap, file: FileId) -> Cow<'s, str> {
    in_repository(prefix, sources.get(file).map_or("", |source| source.place()))
}

/// Whether a file is one of another revision: no host can show its lines.
pub(super) fn is_elsewhere(sources: &SourceMap, file: FileId) -> bool {
    sources.get(file).is_some_and(|source| source.revision().is_some())
}

/// Where a place begins and ends, for a host that shows files as they are now: of another revision it is the file as a whole.
pub(super) fn lines(sources: &SourceMap, span: Span) -> (Position, Position) {
    if is_elsewhere(sources, span.file) {
        let first = Position { line: 1, column: 1 };
        return (first, first);
    }
    (sources.start(span), sources.end(span))
}

/// The same as a relative reference of RFC 3986; an absolute path becomes a `file` address.
pub(super) fn uri(prefix: &str, path: &str) -> String {
    let path = in_repository(prefix, path);
    let mut out = String::with_capacity(path.len());
    if Path::new(&*path).is_absolute() {
        out.push_str(if path.starts_with('/') { "file://" } else { "file:///" });
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            // writing to a string cannot fail
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_the_repository_and_mean_one_file() {
        for (prefix, path, shown) in [
            ("", "purposes.yaml", "purposes.yaml"),
            ("services/feed", "a/purposes.yaml", "services/feed/a/purposes.yaml"),
            ("a b", "ä#1?.yaml", "a%20b/%C3%A4%231%3F.yaml"),
            ("", "c:x%.yaml", "c%3Ax%25.yaml"),
            ("", "a\n\u{1b}[2J😀", "a%0A%1B%5B2J%F0%9F%98%80"),
            ("", "<stdin>", "%3Cstdin%3E"),
            ("below", "<stdin>", "%3Cstdin%3E"),
            ("services/feed/", "../base/purposelint.yaml", "services/base/purposelint.yaml"),
            ("feed", "../../purposelint.yaml", "../../purposelint.yaml"),
            ("below", "/etc/purposelint.yaml", "file:///etc/purposelint.yaml"),
        ] {
            assert_eq!(uri(prefix, path), shown);
        }
        assert_eq!(in_repository("a b", "ä#1?.yaml"), "a b/ä#1?.yaml");
    }
}
