//! What a run of a program costs: time, memory, instructions.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::corpus::{self, Corpus, Size};

/// The day of every run, so that what is found does not depend on the day of the measurement.
pub(crate) const DAY: &str = "2026-11-21";

/// The program as `cargo bench` built it.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_purposelint");

/// A command, and the folder it runs in.
#[derive(Clone)]
pub(crate) struct Run {
    words: Vec<String>,
    folder: PathBuf,
    input: Option<PathBuf>,
}

impl Run {
    pub(crate) fn new<S: AsRef<OsStr>>(folder: &Path, program: S, arguments: &[&str]) -> Self {
        let mut words = vec![program.as_ref().to_string_lossy().into_owned()];
        words.extend(arguments.iter().map(|word| (*word).to_owned()));
        Self { words, folder: folder.to_owned(), input: None }
    }

    /// The linter in a folder.
    pub(crate) fn ours(folder: &Path, arguments: &[&str]) -> Self {
        Self::new(folder, PROGRAM, arguments)
    }

    /// The same, with this file as its standard input.
    pub(crate) fn reading(self, input: &Path) -> Self {
        Self { input: Some(input.to_owned()), ..self }
    }

    fn input(&self) -> Stdio {
        self.input.as_ref().map_or(Stdio::null(), |path| fs::File::open(path).unwrap().into())
    }

    /// Runs it and takes what it printed, with its exit code.
    pub(crate) fn output(&self) -> (String, Option<i32>) {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).current_dir(&self.folder).env("PURPOSELINT_CACHE_DIR", cache());
        let output = command.stdin(self.input()).output();
        let output = output.unwrap_or_else(|error| panic!("cannot run {}: {error}", self.words[0]));
        (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
    }

    /// Instructions executed in user space by all threads, of which there is one where the program asks rayon; `None`
    /// without valgrind.
    pub(crate) fn instructions(&self) -> Option<u64> {
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).args(&self.words);
        command.current_dir(&self.folder).env("RAYON_NUM_THREADS", "1").env("PURPOSELINT_CACHE_DIR", cache());
        command.stdin(self.input()).stdout(Stdio::null());
        let output = command.output().ok()?;
        let text = String::from_utf8_lossy(&output.stderr);
        let line = text.lines().find(|line| line.contains("Collected :"))?;
        line.rsplit(' ').next()?.parse().ok()
    }
}

/// Where runs keep their cache: not where whoever measures has their own.
pub(crate) fn cache() -> PathBuf {
    Path::new(PROGRAM).with_file_name("bench-cache")
}

/// What one run cost.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Seconds on the clock.
    pub(crate) wall: f64,
    /// Seconds of all processors, of the user and of the system.
    pub(crate) cpu: f64,
    /// Mebibytes at the highest.
    pub(crate) peak: f64,
}

/// The program of `benches/floor`, built when it is first needed, and the folder of the corpora.
pub(crate) struct Bench {
    pub(crate) floor: PathBuf,
    corpora: PathBuf,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let target = Path::new(PROGRAM).parent().and_then(Path::parent).unwrap_or(Path::new("target"));
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/floor/Cargo.toml");
        let own = target.join("bench-floor");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--release", "--locked", "--manifest-path"]).arg(manifest);
        let status = build.arg("--target-dir").arg(&own).status();
        assert!(status.is_ok_and(|status| status.success()), "benches/floor cannot be built");
        Self { floor: own.join("release/floor"), corpora: target.join("bench-corpus") }
    }

    /// A corpus on the disk; what is there from an earlier run is kept as long as the generator is the same.
    pub(crate) fn corpus(&self, size: Size) -> (PathBuf, Corpus) {
        let folder = self.corpora.join(size.name);
        if self.is_kept(&folder) {
            return (folder, corpus::recall(size));
        }
        let corpus = corpus::write(size, &folder).unwrap();
        self.keep(&folder);
        (folder, corpus)
    }

    /// A folder beside the corpora, filled when the generator has changed.
    pub(crate) fn folder(&self, name: &str, fill: impl FnOnce(&Path)) -> PathBuf {
        let folder = self.corpora.join(name);
        if !self.is_kept(&folder) {
            fs::create_dir_all(&folder).unwrap();
            fill(&folder);
            self.keep(&folder);
        }
        folder
    }

    /// Takes away what another generator left.
    fn is_kept(&self, folder: &Path) -> bool {
        let kept = fs::read_to_string(folder.join(".made")).is_ok_and(|it| it == corpus::version().to_string());
        if !kept && folder.exists() {
            fs::remove_dir_all(folder).unwrap();
        }
        kept
    }

    fn keep(&self, folder: &Path) {
        fs::write(folder.join(".made"), corpus::version().to_string()).unwrap();
    }

    pub(crate) fn cost(&self, run: &Run) -> Cost {
        let mut words = vec!["cost"];
        words.extend(run.words.iter().map(String::as_str));
        let (text, _) = Run::new(&run.folder, &self.floor, &words).output();
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [wall, cpu, kib, _code] = numbers[..] else { panic!("{:?} cost {text:?}", run.words) };
        Cost { wall, cpu, peak: kib / 1024.0 }
    }

    /// Runs commands in turn, A B A B, at least once and then as long as there is time; a list of costs for each.
    pub(crate) fn in_turn<const N: usize>(&self, runs: [&Run; N], most: usize, time: Duration) -> [Vec<Cost>; N] {
        let mut costs = [const { Vec::new() }; N];
        let started = Instant::now();
        for round in 0..most {
            if round > 0 && started.elapsed() > time {
                break;
            }
            for (costs, run) in costs.iter_mut().zip(runs) {
                costs.push(self.cost(run));
            }
        }
        costs
    }
}

pub(crate) fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    if numbers.len() % 2 == 1 { numbers[middle] } else { f64::midpoint(numbers[middle - 1], numbers[middle]) }
}

/// The median of how much more the first cost than the second, pair by pair.
pub(crate) fn ratio(first: &[Cost], second: &[Cost], of: impl Fn(&Cost) -> f64) -> f64 {
    median(first.iter().zip(second).map(|(first, second)| of(first) / of(second)))
}

/// The average of processes that want a processor: above the number of cores, trust ratios and instructions.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}
