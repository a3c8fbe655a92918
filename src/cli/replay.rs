//! Replays the output of an earlier run: where nothing has changed that the output depends on, what that run printed is printed again,
//! with the same exit code, and nothing is judged.

use std::cell::RefCell;
use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::failure::{self, Failure};
use super::formats::Outputs;
use super::workspace::{Engine, Workspace};
use super::{CLEAN, COULD_NOT_JUDGE, Context, FINDINGS, Streams, output};
use crate::cache::Key;
use crate::project::Kept;
use crate::space::Date;

/// Bytes of what is said at most: more takes longer to keep than it saves.
const MOST: usize = 8 << 20;

/// A run that may have been before.
pub(super) struct Replay {
    kept: Arc<Kept>,
    key: Key,
}

/// What a run said, and how it ended.
#[derive(Serialize, Deserialize)]
struct Said {
    code: u8,
    /// In order; whether each part is for standard error.
    parts: Vec<(bool, String)>,
}

impl Replay {
    /// A run that does nothing but read a workspace and say what it found, with the options that it was called with. `None` where
    /// nothing is kept.
    pub(super) fn of(
        options: &impl Debug,
        outputs: &Outputs,
        (workspace, engine, day): (&Workspace, &Engine, Date),
        context: &Context<'_, '_>,
    ) -> Option<Self> {
        let kept = workspace.kept.clone().filter(|_| !outputs.has_files() && workspace.stdin.is_none())?;
        let looks = (output::stdout_options(context), output::stderr_options(context));
        let from = (&context.env.current_dir, workspace.repository_prefix());
        let called = format!("{options:?} {outputs:?} {:?} {looks:?} {from:?}", context.global);
        let key = Key::of([engine.report_key(workspace, day).bytes().as_slice(), called.as_bytes()]);
        Some(Self { kept, key })
    }

    /// Says what the same run has said before, if there was one. Gives the exit code.
    pub(super) fn say(&self, context: &mut Context<'_, '_>) -> Option<u8> {
        let said: Option<Said> = self.kept.said(self.key);
        let Said { code, parts } = said.filter(|said| matches!(said.code, CLEAN | FINDINGS))?;
        let mut failed = false;
        for (is_error, text) in parts {
            if is_error {
                let _written = context.streams.stderr.write_all(text.as_bytes());
            } else if let Err(failure) = output::to_stdout(context, |out| out.write_all(text.as_bytes())) {
                failed = true;
                failure::print(&failure, context);
            }
        }
        Some(if failed { COULD_NOT_JUDGE } else { code })
    }

    /// Keeps what is said, where that says all there is to say of the workspace.
    pub(super) fn keep(
        &self,
        context: &mut Context<'_, '_>,
        say: impl FnOnce(&mut Context<'_, '_>) -> Result<u8, Failure>,
    ) -> Result<u8, Failure> {
        let heard = Heard::default();
        let (mut out, mut err) = (
            Listener { to: &mut *context.streams.stdout, heard: &heard, is_error: false },
            Listener { to: &mut *context.streams.stderr, heard: &heard, is_error: true },
        );
        let mut streams =
            Streams { stdin: &mut *context.streams.stdin, stdout: &mut out, stderr: &mut err, ..*context.streams };
        let global = context.global.clone();
        let code = say(&mut Context { global, streams: &mut streams, env: context.env, today: context.today })?;
        if let (CLEAN | FINDINGS, Some(parts)) = (code, heard.parts()) {
            self.kept.say(self.key, &Said { code, parts });
        }
        Ok(code)
    }
}

/// What two streams were given, in order; nothing once it is too much, or one of them has failed.
struct Heard(RefCell<Option<Vec<Part>>>);

/// Bytes in a row, and whether they are for standard error.
type Part = (bool, Vec<u8>);

impl Default for Heard {
    fn default() -> Self {
        Self(RefCell::new(Some(Vec::new())))
    }
}

impl Heard {
    fn add(&self, is_error: bool, bytes: &[u8]) {
        let mut heard = self.0.borrow_mut();
        let Some(parts) = &mut *heard else { return };
        if parts.iter().map(|(_, part)| part.len()).sum::<usize>() + bytes.len() > MOST {
            *heard = None;
            return;
        }
        match parts.last_mut().filter(|(last, _)| *last == is_error) {
            Some((_, part)) => part.extend(bytes),
            None => parts.push((is_error, bytes.to_vec())),
        }
    }

    fn parts(self) -> Option<Vec<(bool, String)>> {
        let parts = self.0.into_inner()?.into_iter();
        parts.map(|(is_error, bytes)| Some((is_error, String::from_utf8(bytes).ok()?))).collect()
    }
}

/// A stream that passes on what it is given.
struct Listener<'l> {
    to: &'l mut dyn Write,
    heard: &'l Heard,
    is_error: bool,
}

impl Listener<'_> {
    /// Keeps nothing where something has failed.
    fn checked<T>(&self, done: io::Result<T>) -> io::Result<T> {
        if done.is_err() {
            *self.heard.0.borrow_mut() = None;
        }
        done
    }
}

impl Write for Listener<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes);
        let count = self.checked(written)?;
        self.heard.add(self.is_error, bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.to.flush();
        self.checked(flushed)
    }
}
