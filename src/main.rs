//! The binary: arguments, three streams, the environment, today's date; out comes an exit code.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use purposelint::cli::{Env, Streams, run};
use purposelint::space::Date;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let env = Env { clock: Some(today), ..Env::new(std::env::current_dir().ok(), &|name| std::env::var_os(name)) };
    let (stdin, stdout, stderr) = (io::stdin(), io::stdout(), io::stderr());
    let mut streams = Streams {
        stdin_is_terminal: stdin.is_terminal(),
        stdout_is_terminal: stdout.is_terminal(),
        stderr_is_terminal: stderr.is_terminal(),
        stdin: &mut &stdin,
        stdout: &mut &stdout,
        stderr: &mut &stderr,
    };
    ExitCode::from(run(std::env::args_os(), &mut streams, &env, today()))
}

#[expect(clippy::disallowed_methods, reason = "this is where the date comes in")]
fn today() -> Date {
    Date::from_unix(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs())
}
