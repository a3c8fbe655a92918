//! Progress of a long run, for a person at a terminal: what is done, how fast, how long it may still take.

use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::Context;
use crate::lint::Progress;

/// A run that is shorter says nothing.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the line changes.
const STEP: Duration = Duration::from_millis(100);

/// When a run began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(Instant);

impl Clock {
    /// Now.
    pub(super) fn start() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "it decides on the progress line alone, never on what is reported"
        )]
        let now = Instant::now();
        Self(now)
    }
}

/// Runs `work` and shows how far it is. The line is drawn by this thread, which has the streams; the work has its own.
pub(super) fn watched<T: Send>(
    clock: Clock,
    files: usize,
    context: &mut Context<'_, '_>,
    work: impl FnOnce(&Progress) -> T + Send,
) -> T {
    let progress = &Progress::default();
    if context.global.quiet || !context.streams.stderr_is_terminal {
        return work(progress);
    }
    thread::scope(|scope| {
        let (working, done) = mpsc::channel::<()>();
        let worker = scope.spawn(move || {
            // dropped however the work ends
            let _working = working;
            work(progress)
        });
        let mut line = Line { began: clock.0.elapsed(), judging: false, width: 0 };
        while done.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
            let spent = clock.0.elapsed();
            let text = line.text(progress, files, spent);
            if spent >= PATIENCE {
                line.draw(&text, context.streams.stderr);
            }
        }
        line.draw("", context.streams.stderr);
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The line as it stands.
struct Line {
    /// When what it is about began.
    began: Duration,
    judging: bool,
    /// Columns that were written.
    width: usize,
}

impl Line {
    fn text(&mut self, progress: &Progress, files: usize, spent: Duration) -> String {
        let services = progress.services.load(Relaxed);
        if services > 0 && !self.judging {
            (self.began, self.judging) = (spent, true);
        }
        let spent = spent.saturating_sub(self.began);
        if self.judging {
            return sentence("judged", progress.judged.load(Relaxed), services, "services", spent);
        }
        sentence("read", progress.files.load(Relaxed), files, "files", spent)
    }

    /// Writes over what stands there; with no text, leaves the line empty. Spaces do it on every terminal.
    fn draw(&mut self, text: &str, out: &mut dyn Write) {
        if self.width == 0 && text.is_empty() {
            return;
        }
        let back = if text.is_empty() { "\r" } else { "" };
        // nobody misses a progress line that cannot be written
        let _written = write!(out, "\r{text:width$}{back}", width = self.width).and_then(|()| out.flush());
        self.width = text.len();
    }
}

/// `read 1200 of 3000 files, 640 a second, 3 s left`
fn sentence(verb: &str, done: usize, all: usize, noun: &str, spent: Duration) -> String {
    let mut text = format!("{verb} {done} of {all} {noun}");
    let (done, spent) = (done as u128, spent.as_millis());
    if done > 0 && spent > 0 {
        let left = ((all as u128).saturating_sub(done) * spent).div_ceil(done * 1000);
        let left = if left < 120 { format!("{left} s") } else { format!("{} min", left.div_ceil(60)) };
        text.push_str(&format!(", {} a second, {left} left", done * 1000 / spent));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Color, Env, Global, Streams};
    use crate::space::Date;

    /// What a run that began three seconds ago writes to standard error.
    fn shown(is_terminal: bool, quiet: bool) -> String {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut streams = Streams {
            stdin: &mut std::io::empty(),
            stdout: &mut stdout,
            stderr: &mut stderr,
            stdin_is_terminal: false,
            stdout_is_terminal: is_terminal,
            stderr_is_terminal: is_terminal,
        };
        let global = Global { color: Color::Auto, quiet, verbose: false };
        let env = Env::default();
        let mut context = Context { global, streams: &mut streams, env: &env, today: Date::MILLENNIUM };
        let clock = Clock(Clock::start().0.checked_sub(Duration::from_secs(3)).unwrap());
        let answer = watched(clock, 10, &mut context, |progress| {
            progress.files.store(4, Relaxed);
            thread::sleep(STEP * 5);
            7
        });
        assert_eq!(answer, 7);
        assert!(stdout.is_empty());
        String::from_utf8(stderr).unwrap()
    }

    #[test]
    fn a_long_run_is_shown_on_a_terminal_and_leaves_nothing_behind() {
        let text = shown(true, false);
        assert!(text.starts_with("\rread 4 of 10 files"), "{text:?}");
        assert!(text.contains(" a second, ") && text.contains(" left"), "{text:?}");
        let last: Vec<&str> = text.trim_start_matches('\r').split('\r').collect();
        assert!(text.ends_with('\r') && last[last.len() - 2].trim().is_empty(), "{text:?}");
    }

    #[test]
    fn nowhere_else() {
        assert_eq!(shown(false, false), "");
        assert_eq!(shown(true, true), "");
    }

    #[test]
    fn rates_and_what_is_left() {
        let of = |done, all, millis| sentence("read", done, all, "files", Duration::from_millis(millis));
        assert_eq!(of(0, 10, 500), "read 0 of 10 files");
        assert_eq!(of(1200, 3000, 2000), "read 1200 of 3000 files, 600 a second, 3 s left");
        assert_eq!(of(3000, 3000, 2000), "read 3000 of 3000 files, 1500 a second, 0 s left");
        assert_eq!(of(1, 1000, 1000), "read 1 of 1000 files, 1 a second, 17 min left");
    }

    #[test]
    fn judging_counts_from_its_own_start() {
        let progress = Progress::default();
        let mut line = Line { began: Duration::ZERO, judging: false, width: 0 };
        progress.files.store(10, Relaxed);
        assert!(line.text(&progress, 10, Duration::from_secs(3)).starts_with("read 10 of 10 files"));
        progress.services.store(4, Relaxed);
        line.text(&progress, 10, Duration::from_secs(4));
        progress.judged.store(2, Relaxed);
        let text = line.text(&progress, 10, Duration::from_secs(5));
        assert_eq!(text, "judged 2 of 4 services, 2 a second, 1 s left");
    }
}
