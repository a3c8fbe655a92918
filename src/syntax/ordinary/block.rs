//! Mappings and lists by indentation.

use super::Reader;
use super::scalar::Token;

impl Reader<'_> {
    /// The whole text.
    pub(super) fn document(&mut self) -> Option<()> {
        while self.next_content()? {
            self.content_line()?;
        }
        self.fill();
        while !self.open.is_empty() {
            self.close(None)?;
        }
        self.end_document()
    }

    /// From the start of a line over comments and empty lines to what comes next; `false` at the end of the text.
    fn next_content(&mut self) -> Option<bool> {
        while self.at < self.bytes.len() {
            self.skip_spaces();
            match self.here() {
                b'\n' | b'\r' | b'#' => self.end_line()?,
                b'\t' => return None,
                _ => return Some(true),
            }
        }
        Some(false)
    }

    /// A line with keys, dashes or a value, and what its last value needs of those below.
    fn content_line(&mut self) -> Option<()> {
        let column = self.column();
        if column == 0 && self.is_marker() {
            return None;
        }
        let is_item = self.is_dash();
        let mut is_new = self.settle(column, is_item)?;
        while self.is_dash() {
            if is_new {
                self.begin(false, self.column())?;
            }
            self.at += 1;
            let behind = self.at;
            self.skip_spaces();
            if matches!(self.here(), b'\n' | b'\r' | b'#') {
                self.empty = Some(behind);
                return self.end_line();
            }
            is_new = true;
        }
        self.entry_or_value(is_new)
    }

    /// Whether a document may end or begin here, at the start of a line.
    fn is_marker(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        rest.starts_with(b"---") || rest.starts_with(b"...")
    }

    fn is_dash(&self) -> bool {
        self.here() == b'-' && matches!(self.byte(self.at + 1), b' ' | b'\n' | b'\r')
    }

    /// Ends what a line at this column does not belong to. Tells whether it begins a node, or goes on with the innermost
    /// collection.
    fn settle(&mut self, column: usize, is_item: bool) -> Option<bool> {
        if self.empty.is_some() {
            let top = self.open.last()?;
            // a list may stand at the column of its key
            if column > top.column || (column == top.column && is_item && top.is_mapping) {
                self.empty = None;
                return Some(true);
            }
            self.fill();
        }
        if self.tree.nodes.is_empty() {
            return Some(true);
        }
        loop {
            let top = self.open.last()?;
            if top.column > column || (top.column == column && !top.is_mapping && !is_item) {
                self.close(None)?;
            } else {
                return (top.column == column && top.is_mapping != is_item).then_some(false);
            }
        }
    }

    /// Nothing has come behind the last key or dash.
    fn fill(&mut self) {
        if let Some(at) = self.empty.take() {
            self.add_empty(at);
        }
    }

    /// What stands behind the dashes of a line, if any: a key with its value, or a value.
    fn entry_or_value(&mut self, is_new: bool) -> Option<()> {
        let column = self.column();
        match self.here() {
            b'[' | b'{' => {
                let holder = self.open.last().filter(|_| is_new)?.column;
                self.flow(holder)?;
                self.end_line()
            }
            b'|' | b'>' => {
                // with the indicator on a line of its own there are two lines to count from
                let holder = self.open.last().filter(|top| is_new && !top.is_mapping)?.column;
                self.block_scalar(holder)
            }
            _ => {
                let start = self.at;
                let token = self.token(false)?;
                self.skip_spaces();
                if !self.is_colon() {
                    self.open.last().filter(|_| is_new)?;
                    self.add_token(token);
                    return self.end_line();
                }
                if is_new {
                    let colon = std::mem::replace(&mut self.at, start);
                    self.begin(true, column)?;
                    self.at = colon;
                }
                self.key(token)?;
                self.value(column)
            }
        }
    }

    fn is_colon(&self) -> bool {
        self.here() == b':' && matches!(self.byte(self.at + 1), b' ' | b'\n' | b'\r')
    }

    pub(super) fn key(&mut self, token: Token) -> Option<()> {
        let key = self.text.get(token.content()?)?;
        self.add_key(key)?;
        self.add_token(token);
        Some(())
    }

    /// From the colon of a key in a mapping at this column.
    fn value(&mut self, column: usize) -> Option<()> {
        self.at += 1;
        let behind = self.at;
        self.skip_spaces();
        match self.here() {
            b'\n' | b'\r' | b'#' => self.empty = Some(behind),
            b'[' | b'{' => self.flow(column)?,
            b'|' | b'>' => return self.block_scalar(column),
            _ => {
                let token = self.token(false)?;
                self.add_token(token);
            }
        }
        self.end_line()
    }
}
