//! Lists and mappings in brackets.

use super::Reader;

impl Reader<'_> {
    /// From the opening bracket to behind the closing one. The lines between are indented further than `holder`.
    pub(super) fn flow(&mut self, holder: usize) -> Option<()> {
        let is_mapping = self.here() == b'{';
        let closing = if is_mapping { b'}' } else { b']' };
        self.begin(is_mapping, holder)?;
        self.at += 1;
        loop {
            self.skip_blanks(holder)?;
            if self.here() == closing {
                break;
            }
            if is_mapping {
                let token = self.token(true)?;
                self.skip_spaces();
                self.key(token)?;
                if self.here() != b':' || !matches!(self.byte(self.at + 1), b' ' | b'\n' | b'\r') {
                    return None;
                }
                self.at += 1;
                self.skip_blanks(holder)?;
            }
            if matches!(self.here(), b'[' | b'{') {
                self.flow(holder)?;
            } else {
                let token = self.token(true)?;
                self.add_token(token);
            }
            self.skip_blanks(holder)?;
            match self.here() {
                b',' => self.at += 1,
                byte if byte == closing => break,
                _ => return None,
            }
        }
        self.at += 1;
        self.close(Some(self.at))
    }

    /// Over spaces, line breaks and comments.
    fn skip_blanks(&mut self, holder: usize) -> Option<()> {
        loop {
            self.skip_spaces();
            match self.here() {
                b'\n' | b'\r' if self.at < self.bytes.len() => {}
                b'#' => {}
                b'\n' | b'\r' | b'\t' => return None,
                _ => break,
            }
            self.end_line()?;
        }
        // where the line is the first one, it has what holds the list in front of the bracket
        (self.column() > holder).then_some(())
    }
}
