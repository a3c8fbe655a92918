//! The cache is never wrong: whatever happens to files, packs, config and days, and to the cache itself, a run with it says the
//! same as one without, byte for byte.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use proptest::prelude::*;
use purposelint::cache::Key;
use purposelint::cli::{Env, Streams, run};
use purposelint::report::Format;
use purposelint::space::Date;
use tempfile::TempDir;

/// Paths that come and go. The last is a declaration only where a config says so.
const PATHS: [&str; 6] = [
    "a.purposes.yaml",
    "b/purposes.yaml",
    "c/one.purposes.yaml",
    "c/two.purposes.yaml",
    "shared/notices.purposes.yaml",
    "more.yaml",
];

/// What may stand in any of them.
const TEXTS: [&str; 16] = [
    "version: 1\nservice: notes\nregions: [EEA, GB]\npurposes:\n  training:\n    use: train_ai_system\n    setting: {default: on}\n",
    "version: 1\nservice: notes\nregions: [EEA, GB]\npurposes:\n  training:\n    use: train_ai_system\n    setting: {default: off}\n",
    // another file of the same service, with another on the same page
    "version: 1\nservice: notes\npurposes:\n  ads: {use: marketing.advertising, setting: personal, notices: [policy]}\n---\nversion: 1\nservice: feed\npurposes:\n  order: {use: personalize.content.profiled, setting: personal}\n",
    "version: 1\nservice: feed\nregions: [EU, US]\nplans: [free, paid]\npurposes:\n  training:\n    use: train_ai_system\n    setting:\n      default: on\n      overrides:\n        - {regions: [EEA], default: off, until: 2026-12-24}\n        - {ages: [under-16], default: off}\n",
    // an alias, and regions that are spelt in a way that a fix repairs
    "x: &where [UK, FR]\nversion: 1\nservice: mail\nregions: *where\npurposes:\n  training:\n    use: train_ai_system\n    setting: {default: \"on\", overrides: [{regions: *where, default: off}]}\n",
    // comments: one that accepts, one that does not, one that is wrong
    "version: 1\nservice: mail\nregions: [FR]\npurposes:\n  # purposelint: ignore[fair-defaults/ai-training-on-by-default] until 2026-12-01: the trial ends\n  training:\n    use: train_ai_system\n    # purposelint: ignore[fair-defaults/setting-buried]: nothing to see\n    setting: {default: on}\n  # purposelint: ignore[fair-defaults/no-such-rule]: why not\n  more: {use: train_ai_system, setting: none}\n",
    // what services share
    "version: 1\nnotices:\n  policy: {title: Policy, kind: privacy_policy, channel: passive, published: 2026-01-01}\nsettings:\n  personal: {label: Personal ads, default: on}\n",
    "version: 1\nsettings:\n  personal: {label: Personal ads, default: off, reads: {file: app/defaults.json, pointer: /ads}}\norganisations:\n  acme: {name: Acme, role: processor}\n",
    "version: 1\nnotices:\n  policy: {title: Policy, kind: privacy_policy, channel: passive, published: 2026-01-01, covers: [training]}\n  policy: {title: Again}\n",
    // defaults that a product file confirms or not
    "version: 1\nservice: draw\npurposes:\n  training:\n    use: train_ai_system\n    setting: {default: on, reads: {file: app/defaults.json, pointer: /training}}\n",
    "version: 1\nservice: notes\npurposes:\n  draw:\n    use: train_ai_system\n    recipients: [acme, nobody]\n    setting: {default: off, reads: {file: app/other.json, pointer: /training}}\n",
    // broken in several ways
    "version: 1\nservice: notes\npurposes: {training: [\n",
    "version: 1\npurposes:\n  homeless: {use: train_ai_system, setting: {default: on}}\n",
    "version: 2\nservice: notes\npurposes: {}\n",
    "version: 1\nservice: notes\nregions: [Atlantis]\ntitel: Notes\npurposes:\n  training: {use: train_ai_sistem, setting: nowhere, started: tomorrow}\n",
    "",
];

const CONFIGS: [&str; 9] = [
    "version: 1\n",
    "version: 1\npacks: [core, fair-defaults]\nseverity: {fair-defaults/ai-training-on-by-default: error, core/unknown-key: info}\n",
    "version: 1\npacks: [core, fair-defaults, ./rules/acme]\ninclude: [more.yaml]\n",
    "version: 1\npacks: [core, fair-defaults, ./rules/acme]\nparameters: {acme/quiet: {word: loud}}\ngroups: {HOME: [FR, GB]}\n",
    "version: 1\nhorizon: P1D\nlocked: [fair-defaults/ai-training-on-by-default]\n",
    "version: 1\nfiles:\n  - {glob: \"c/**\", severity: {\"fair-defaults/*\": off}}\n  - {glob: \"b/**\", severity: {core/duplicate-id: warning}}\n",
    "version: 1\nwaivers:\n  - {rule: fair-defaults/ai-training-on-by-default, regions: [FR], reason: a trial, owner: us@example.com, expires: 2026-12-20}\n  - {rule: \"*/ai-*\", services: [feed], reason: a trial, owner: us@example.com, expires: 2026-11-25}\n",
    "version: 1\nexclude: [\"c/two*\"]\nlimits: {file_bytes: 300}\n",
    "version: 1\nextends: [base.yaml]\nseverity: {eu-gdpr/*: off}\n",
];

const RULES: [&str; 3] = [
    "title: quiet\nseverity: warning\nparameters: {word: quiet}\nwhy: It is a rule of the house.\nrequire: 'purpose.use == param.word'\nprimary: purpose.use\nmessage: \"`{purpose.title}` is not {param.word}\"\nhelp: be quiet\ncites: [{text: a handbook, kind: practice, confidence: high}]\nexamples: [{title: a, flagged: a}, {title: b, clean: a}]\n",
    "title: quiet\nseverity: error\nparameters: {word: quiet}\nwhy: It is a rule of the house.\nrequire: 'purpose.use == param.word'\nprimary: purpose.use\nmessage: \"`{purpose.title}` is not at all {param.word}\"\nhelp: be quiet\ncites: [{text: a handbook, kind: practice, confidence: high}]\nexamples: [{title: a, flagged: a}, {title: b, clean: a}]\n",
    "title: quieter\nseverity: error\nparameters: {word: quiet}\nwhy: It is a rule of the house.\nrequire: 'state == \"off\"'\nprimary: setting.default\nmessage: \"`{purpose.title}` is not off, so not {param.word}\"\nhelp: be quiet\ncites: [{text: a handbook, kind: practice, confidence: high}]\nexamples: [{title: a, flagged: a}, {title: b, clean: a}]\n",
];

const PRODUCTS: [&str; 4] =
    ["{\"ads\": true, \"training\": false}\n", "{\"ads\": false, \"training\": true}\n", "{\"ads\": maybe", "{}\n"];

const DAYS: [&str; 5] = ["2026-11-21", "2026-11-24", "2026-11-25", "2026-12-23", "2027-02-01"];

/// What a run is asked beside the format.
const FLAGS: [&str; 10] = [
    "",
    "",
    "",
    "--no-suppressions",
    "--fail-on-upcoming",
    "--cap warning",
    "--show-suppressed",
    "b",
    "--exit-zero --verbose",
    "--base base.yaml",
];

#[derive(Debug, Clone)]
enum Step {
    Write(usize, usize),
    Append(usize),
    Delete(usize),
    Rename(usize, usize),
    Config(usize),
    Rule(usize),
    Product(bool, usize),
    Baseline(bool),
    Day(usize),
    Flags(usize),
    /// As by a computer that went down, or somebody who looks around.
    Spoil(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let path = || 0..PATHS.len();
    prop_oneof![
        8 => (path(), 0..TEXTS.len()).prop_map(|(path, text)| Step::Write(path, text)),
        2 => path().prop_map(Step::Append),
        1 => path().prop_map(Step::Delete),
        1 => (path(), path()).prop_map(|(from, to)| Step::Rename(from, to)),
        3 => (0..CONFIGS.len()).prop_map(Step::Config),
        1 => (0..RULES.len()).prop_map(Step::Rule),
        2 => (any::<bool>(), 0..PRODUCTS.len()).prop_map(|(first, text)| Step::Product(first, text)),
        1 => any::<bool>().prop_map(Step::Baseline),
        1 => (0..DAYS.len()).prop_map(Step::Day),
        2 => (0..FLAGS.len()).prop_map(Step::Flags),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(file, at)| Step::Spoil(file, at)),
    ]
}

#[derive(Debug, Clone, PartialEq)]
struct Ran {
    code: u8,
    out: String,
    err: String,
}

/// Runs in a folder with a cache, if one is named.
fn ran(folder: &Path, cache: Option<&Path>, line: &str, day: &str) -> Ran {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut streams = Streams {
        stdin: &mut std::io::empty(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        stdin_is_terminal: false,
        stdout_is_terminal: false,
        stderr_is_terminal: false,
    };
    let env = Env { current_dir: Some(folder.to_owned()), cache_dir: cache.map(Path::to_owned), ..Env::default() };
    let args = ["purposelint"].into_iter().chain(line.split_whitespace()).map(OsString::from);
    let code = run(args, &mut streams, &env, Date::parse(day).unwrap());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code, out: text(stdout), err: text(stderr) }
}

/// A workspace with its cache beside it.
struct World {
    folder: TempDir,
    day: &'static str,
    flags: &'static str,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = Self { folder, day: DAYS[0], flags: "" };
        world.write("purposelint.yaml", CONFIGS[0]);
        world.write("base.yaml", "version: 1\nseverity: {fair-defaults/ai-training-on-by-default: warning}\n");
        world.write("rules/acme/pack.yaml", "title: Acme\nversion: \"1.0.0\"\nneeds: 0.1.0\n");
        world.write("rules/acme/quiet.yaml", RULES[0]);
        world.write("app/defaults.json", PRODUCTS[0]);
        for (path, text) in [(0, 0), (1, 9), (2, 2), (4, 7)] {
            world.write(PATHS[path], TEXTS[text]);
        }
        world
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The files of the cache.
    fn kept(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.cache()) else { return Vec::new() };
        let mut kept: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        kept.retain(|path| path.extension().is_some_and(|ending| ending == "purposelint-cache"));
        kept.sort();
        kept
    }

    /// Removes what runs have said, so that the next has to look for what was judged.
    fn forget_said(&self) {
        let said = Key::of(["said"]).bytes();
        // behind the magic, the form and the build
        let is_said = |path: &&PathBuf| fs::read(path).is_ok_and(|bytes| bytes.get(36..52) == Some(&said));
        self.kept().iter().filter(is_said).for_each(|path| fs::remove_file(path).unwrap());
    }

    fn take(&mut self, step: &Step) {
        let root = self.root();
        match step {
            Step::Write(path, text) => self.write(PATHS[*path], TEXTS[*text]),
            Step::Append(path) => {
                let text = fs::read_to_string(root.join(PATHS[*path])).unwrap_or_default();
                self.write(PATHS[*path], &format!("# one line more\n{text}"));
            }
            Step::Delete(path) => drop(fs::remove_file(root.join(PATHS[*path]))),
            Step::Rename(from, to) => {
                if let Ok(text) = fs::read_to_string(root.join(PATHS[*from])) {
                    fs::remove_file(root.join(PATHS[*from])).unwrap();
                    self.write(PATHS[*to], &text);
                }
            }
            Step::Config(text) => self.write("purposelint.yaml", CONFIGS[*text]),
            Step::Rule(text) => self.write("rules/acme/quiet.yaml", RULES[*text]),
            Step::Product(first, text) => {
                self.write(if *first { "app/defaults.json" } else { "app/other.json" }, PRODUCTS[*text]);
            }
            Step::Baseline(true) => drop(ran(&root, None, "baseline create --update", self.day)),
            Step::Baseline(false) => drop(fs::remove_file(root.join("purposelint-baseline.json"))),
            Step::Day(day) => self.day = DAYS[*day],
            Step::Flags(flags) => self.flags = FLAGS[*flags],
            Step::Spoil(file, at) => {
                let kept = self.kept();
                if let Some(path) = kept.get(file % kept.len().max(1)) {
                    let mut bytes = fs::read(path).unwrap();
                    match at % 3 {
                        0 => bytes.truncate(at % bytes.len()),
                        _ => {
                            let at = at % bytes.len();
                            bytes[at] ^= 0x10;
                        }
                    }
                    fs::write(path, bytes).unwrap();
                }
            }
        }
    }

    /// Holds two runs with the cache, the second of which has nothing to judge, against one without.
    fn compare(&self, format: Format) -> Result<(), TestCaseError> {
        let line = format!("check --format {} {}", format.as_str(), self.flags);
        let expected = ran(&self.root(), None, &line, self.day);
        for round in ["first", "second", "third"] {
            // the second takes what was judged out of the cache, the third what was said
            if round == "second" {
                self.forget_said();
            }
            let with = ran(&self.root(), Some(&self.cache()), &line, self.day);
            prop_assert_eq!(&with, &expected, "{} run of `{}` on {}", round, line, self.day);
        }
        Ok(())
    }
}

/// A handful, unless `PROPTEST_CASES` asks for more: each step of a case is three runs.
fn cases() -> u32 {
    let asked = std::env::var_os("PROPTEST_CASES").and_then(|cases| cases.to_str()?.parse().ok());
    asked.unwrap_or(12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn with_the_cache_a_run_says_the_same(steps in prop::collection::vec((step(), 0..Format::ALL.len()), 1..9)) {
        let mut world = World::new();
        world.compare(Format::Json)?;
        for (step, format) in steps {
            world.take(&step);
            world.compare(Format::ALL[format])?;
        }
    }
}

/// The bytes of all files of the cache.
fn snapshot(world: &World) -> BTreeMap<PathBuf, Vec<u8>> {
    world.kept().into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn a_second_run_judges_nothing_and_one_edit_little() {
    let world = World::new();
    world.write(PATHS[3], TEXTS[4]);
    let check = || ran(&world.root(), Some(&world.cache()), "check --format json", DAYS[0]);
    let first = check();
    let before = snapshot(&world);
    assert_eq!(before.len(), 3, "what files say, what was judged, and what was said of it: {:?}", before.keys());
    assert_eq!(check(), first);
    assert_eq!(snapshot(&world), before, "nothing is new, so nothing is written");

    world.write(PATHS[3], &format!("# new\n{}", TEXTS[4]));
    check();
    let after = snapshot(&world);
    let grown = |path: &PathBuf| after[path].len() - before[path].len();
    // of `mail` the old and the new are there, and nothing of the others; of what was said it is all of it
    let mut shares: Vec<usize> = before.keys().map(|path| grown(path) * 100 / before[path].len()).collect();
    shares.sort_unstable();
    assert!(matches!(shares[..], [1..50, 1..50, 90..110]), "{shares:?}");
}

/// A change of one thing that a judgement depends on.
struct Change {
    /// What is there before, and what after.
    before: &'static [(&'static str, &'static str)],
    after: &'static [(&'static str, &'static str)],
    /// What is asked, before and after.
    line: [&'static str; 2],
    day: [&'static str; 2],
}

/// Nothing else changes.
const SAME: Change = Change { before: &[], after: &[], line: ["", ""], day: [DAYS[0], DAYS[0]] };

#[test]
fn whatever_a_judgement_depends_on_is_seen_to_change() {
    let changes = [
        ("the text", Change { after: &[("a.purposes.yaml", TEXTS[1])], ..SAME }),
        ("the text of a shared file", Change { after: &[("shared/notices.purposes.yaml", TEXTS[6])], ..SAME }),
        ("a product file", Change { after: &[("app/defaults.json", PRODUCTS[1])], ..SAME }),
        ("a product file that is broken", Change { after: &[("app/defaults.json", PRODUCTS[2])], ..SAME }),
        ("the config", Change { after: &[("purposelint.yaml", CONFIGS[1])], ..SAME }),
        (
            "what the config builds on",
            Change {
                before: &[("purposelint.yaml", CONFIGS[8])],
                after: &[("base.yaml", "version: 1\nseverity: {fair-defaults/*: info}\n")],
                ..SAME
            },
        ),
        (
            "a rule of a pack from the disk",
            Change {
                before: &[("purposelint.yaml", CONFIGS[2])],
                after: &[("rules/acme/quiet.yaml", RULES[1])],
                ..SAME
            },
        ),
        ("the day", Change { before: &[(PATHS[0], TEXTS[3])], day: [DAYS[0], DAYS[4]], ..SAME }),
        ("the most that is reported", Change { line: ["", "--cap info"], ..SAME }),
        ("what is upcoming", Change { before: &[(PATHS[0], TEXTS[3])], line: ["", "--fail-on-upcoming"], ..SAME }),
        ("what is accepted", Change { before: &[(PATHS[0], TEXTS[5])], line: ["", "--no-suppressions"], ..SAME }),
        ("the config that is named", Change { line: ["", "--config base.yaml"], ..SAME }),
        ("the config below", Change { line: ["", "--base base.yaml"], ..SAME }),
    ];
    for (name, Change { before, after, line, day }) in changes {
        let world = World::new();
        let check = |at: usize, cache: Option<&Path>| {
            ran(&world.root(), cache, &format!("check --format jsonl --verbose {}", line[at]), day[at])
        };
        before.iter().for_each(|(path, text)| world.write(path, text));
        let first = check(0, Some(&world.cache()));
        after.iter().for_each(|(path, text)| world.write(path, text));
        let second = check(1, Some(&world.cache()));
        assert_eq!(second, check(1, None), "{name}");
        let findings = |ran: &Ran| ran.out.replace(day[0], "").replace(day[1], "");
        assert_ne!(findings(&first), findings(&second), "{name}: else this shows nothing");
    }
}

#[test]
fn no_cache_neither_reads_nor_writes() {
    let world = World::new();
    ran(&world.root(), Some(&world.cache()), "check --no-cache", DAYS[0]);
    assert!(!world.cache().exists());
}

/// A file of the cache with another byte, and a hash that fits.
fn forged(bytes: &[u8], at: usize, with: u8) -> Vec<u8> {
    const HEAD: usize = 76;
    let mut bytes = bytes.to_vec();
    let at = HEAD + at % (bytes.len() - HEAD);
    bytes[at] = bytes[at].wrapping_add(with);
    let hash = xxhash_rust::xxh3::xxh3_128(&bytes[HEAD..]).to_le_bytes();
    bytes[HEAD - 16..HEAD].copy_from_slice(&hash);
    bytes
}

#[test]
fn a_forged_cache_ends_no_run() {
    let world = World::new();
    for (path, text) in [(0, 5), (1, 3), (2, 2), (3, 14), (4, 8)] {
        world.write(PATHS[path], TEXTS[text]);
    }
    let check = |format: Format| {
        let line = format!("check --verbose --show-suppressed --format {}", format.as_str());
        ran(&world.root(), Some(&world.cache()), &line, DAYS[0])
    };
    check(Format::Json);
    let sound = snapshot(&world);
    let mut seed = 7_usize;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 20
    };
    let mut differ = 0;
    for round in 0..60 {
        for (path, bytes) in &sound {
            let with = [1, 0x7F, 0x80, 0xFF][next() % 4];
            fs::write(path, forged(bytes, next(), with)).unwrap();
        }
        let format = Format::ALL[round % Format::ALL.len()];
        let ran = check(format);
        assert!(ran.code <= 3);
        for (path, bytes) in &sound {
            fs::write(path, bytes).unwrap();
        }
        differ += usize::from(ran != check(format));
    }
    // else the forged values were never read, and the test shows nothing
    assert!(differ > 0);
}

#[test]
fn whatever_is_not_ours_is_passed_over() {
    let world = World::new();
    let run = || ran(&world.root(), Some(&world.cache()), "check --format json", DAYS[0]);
    let expected = run();
    let all = world.kept();
    world.forget_said();
    let others = world.kept();
    assert_eq!((run(), all.len(), others.len()), (expected.clone(), 3, 2));
    for path in all {
        let check = || {
            // it would be said again, whatever is wrong with the others
            others.contains(&path).then(|| world.forget_said());
            run()
        };
        let bytes = fs::read(&path).unwrap();
        let mut foreign = vec![Vec::new(), b"{}".to_vec(), bytes[..bytes.len() - 1].to_vec()];
        foreign.extend((0..76).step_by(5).map(|at| {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            bytes
        }));
        for text in foreign {
            fs::write(&path, text).unwrap();
            assert_eq!(check(), expected);
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(check(), expected, "a folder in its place");
        fs::remove_dir(&path).unwrap();
        #[cfg(unix)]
        {
            let other = world.folder.path().join("other");
            fs::write(&other, "precious").unwrap();
            std::os::unix::fs::symlink(&other, &path).unwrap();
            assert_eq!(check(), expected, "a link in its place");
            assert_eq!(fs::read_to_string(&other).unwrap(), "precious");
        }
    }
}

#[test]
#[cfg(unix)]
fn nobody_else_can_look_into_it() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    ran(&world.root(), Some(&world.cache()), "check", DAYS[0]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&world.cache()), 0o700);
    assert_eq!(world.kept().len(), 3);
    assert!(world.kept().iter().all(|path| mode(path) == 0o600));
}

#[test]
fn a_folder_that_cannot_be_written_is_no_error() {
    let world = World::new();
    fs::write(world.folder.path().join("file"), "").unwrap();
    let nowhere = world.folder.path().join("file/cache");
    for flags in ["", "--verbose"] {
        let line = format!("check {flags}");
        let (with, without) =
            (ran(&world.root(), Some(&nowhere), &line, DAYS[0]), ran(&world.root(), None, &line, DAYS[0]));
        assert_eq!((with.code, &with.out), (without.code, &without.out));
        assert_eq!(with.err.contains("the cache was not written"), !flags.is_empty(), "{}", with.err);
        assert_eq!(without.err, with.err.split("note: the cache").next().unwrap());
    }
}

#[test]
fn clean_says_what_it_removes_and_removes_nothing_else() {
    let world = World::new();
    let cache = world.cache();
    let clean = || ran(&world.root(), Some(&cache), "cache clean", DAYS[0]).out;
    let shown = cache.display().to_string();
    assert_eq!(clean(), format!("nothing is kept in {shown}\n"));
    ran(&world.root(), Some(&cache), "check", DAYS[0]);
    fs::write(cache.join("notes.txt"), "mine").unwrap();
    let said = clean();
    assert!(said.starts_with("removed 3 files of ") && said.ends_with(&format!(" from {shown}\n")), "{said}");
    assert_eq!(clean(), format!("nothing is kept in {shown}\n"));
    assert_eq!(fs::read_to_string(cache.join("notes.txt")).unwrap(), "mine");
    assert_eq!(ran(&world.root(), Some(&cache), "cache dir", DAYS[0]).out, format!("{shown}\n"));
    let without = ran(&world.root(), None, "cache dir", DAYS[0]);
    assert_eq!((without.code, &*without.out), (2, ""));
    assert!(without.err.contains("set `PURPOSELINT_CACHE_DIR` to a folder"), "{}", without.err);
}

#[test]
fn a_folder_that_cannot_be_emptied_is_said() {
    let world = World::new();
    let file = world.folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    for cache in [file.clone(), file.join("below")] {
        let cleaned = ran(&world.root(), Some(&cache), "cache clean", DAYS[0]);
        assert_eq!((cleaned.code, &*cleaned.out), (2, ""), "{}", cache.display());
        assert!(cleaned.err.contains(&cache.display().to_string()), "{}", cleaned.err);
    }
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn what_old_runs_have_left_goes_with_the_next_that_finds_out_something() {
    let world = World::new();
    let check = |day: &str| ran(&world.root(), Some(&world.cache()), "check", day);
    check(DAYS[0]);
    let (now, weeks) = (fs::metadata(&world.kept()[0]).unwrap().modified().unwrap(), Duration::from_secs(15 * 86_400));
    let names = ["a.purposelint-cache", "a.purposelint-unfinished", "notes.txt"];
    let old = names.map(|name| world.cache().join(name));
    for path in &old {
        fs::write(path, "").unwrap();
    }
    for path in old.iter().chain(&world.kept()) {
        fs::File::options().write(true).open(path).unwrap().set_modified(now - weeks).unwrap();
    }
    let before = world.kept();
    check(DAYS[0]);
    assert_eq!(world.kept(), before, "nothing is new, so nothing is done");
    check(DAYS[1]);
    assert_eq!(old.map(|path| path.exists()), [false, false, true]);
    // of the first day's run the second uses what files say, and looks among what was said
    assert_eq!(before.iter().filter(|path| path.exists()).count(), 2);
    assert_eq!(world.kept().len(), 3);
}

#[test]
fn several_programs_share_it() {
    let world = World::new();
    let expected = ran(&world.root(), None, "check --format json --as-of 2026-11-21", DAYS[0]).out;
    for round in 0..3 {
        let start = |_| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_purposelint"));
            command.args(["check", "--format", "json", "--as-of", "2026-11-21"]).current_dir(world.root());
            command.env_clear().env("PURPOSELINT_CACHE_DIR", world.cache());
            command.stdout(std::process::Stdio::piped()).spawn().unwrap()
        };
        let running: Vec<_> = (0..4).map(start).collect();
        for child in running {
            let output = child.wait_with_output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
        }
        if round == 1 {
            for path in world.kept() {
                fs::remove_file(path).unwrap();
            }
        }
    }
    let names = fs::read_dir(world.cache()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = names.collect();
    assert!(names.iter().all(|name| !name.contains("unfinished")), "{names:?}");
}

#[test]
fn without_a_home_there_is_none() {
    let world = World::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_purposelint"));
    let output = command.args(["check", "--as-of", DAYS[0]]).current_dir(world.root()).env_clear().output().unwrap();
    let without = ran(&world.root(), None, &format!("check --as-of {}", DAYS[0]), DAYS[0]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), without.out);
    assert_eq!(world.kept().len(), 0);
}

#[test]
fn it_is_where_the_system_keeps_such_folders() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_purposelint"));
    command.args(["cache", "dir"]).env_clear();
    command.env("HOME", at("home")).env("XDG_CACHE_HOME", at("xdg")).env("LOCALAPPDATA", at("local"));
    let expected = match std::env::consts::OS {
        "windows" => at("local"),
        "macos" => at("home").join("Library").join("Caches"),
        _ => at("xdg"),
    };
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert_eq!(Path::new(said.trim_end()), expected.join("purposelint"));
}
