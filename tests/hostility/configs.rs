//! Configs that are made to hurt, and what stands beside them: baselines, waivers, files that build on one another.

use super::case::{Case, PACKS, many};
use super::{HEAD, WRONG};

/// A declaration with one thing to find, and this after the config.
fn with(name: &str, code: i32, said: &'static str, more: &str) -> Case {
    Case::new(name, code, said).file("purposes.yaml", WRONG).config(more)
}

/// What the config has no say in: the finding is there in any case.
const FOUND: &str = "core/unknown-region";

pub(crate) fn all() -> Vec<Case> {
    [globs(), groups(), entries(), waivers(), layers(), limits(), baselines()].into_iter().flatten().collect()
}

pub(crate) fn globs() -> Vec<Case> {
    let quoted = |count: usize, one: &dyn Fn(usize) -> String| many(count, |at| format!("\"{}\", ", one(at)));
    let long = "a".repeat(4_000);
    vec![
        with(
            "10,000 entries of `files`",
            2,
            "more than 256 entries",
            &format!(
                "files: [{}]\n",
                many(10_000, |at| format!("{{glob: \"a{at}/**\", severity: {{core/*: error}}}}, "))
            ),
        ),
        with(
            "256 entries with 1,000 severities each",
            2,
            "there is no rule",
            &format!(
                "files: [{}]\n",
                many(256, |_| format!(
                    "{{glob: \"**\", severity: {{{}}}}}, ",
                    many(1_000, |at| format!("core/x{at}: error, "))
                ))
            ),
        )
        .within(5.0),
        with(
            "10,000 globs of declarations",
            2,
            "more than 1000 globs",
            &format!("include: [{}]\n", quoted(10_000, &|at| format!("**/*a{at}*b*c"))),
        ),
        with(
            "1,000 globs of declarations",
            1,
            FOUND,
            &format!(
                "include: [{}]\nexclude: [{}]\n",
                quoted(500, &|at| format!("**/*a{at}*b*c")),
                quoted(500, &|at| format!("**/*a{at}*b*c"))
            ),
        )
        .within(2.0),
        with(
            "globs that could go back and forth",
            1,
            FOUND,
            &format!("include: [\"**/{}b\", \"{}b\"]\n", "*a".repeat(200), "**/".repeat(200)),
        )
        .file(&format!("{}.txt", "a".repeat(200)), ""),
        with("choices in a glob", 1, FOUND, &format!("include: [\"{}\"]\n", "{a,b}".repeat(200))),
        with("choices in choices", 2, "longer than 4096 bytes", &format!("include: [\"{}\"]\n", "{a,".repeat(100_000))),
        with(
            "choices in choices that close",
            2,
            "parsing pattern",
            &format!("include: [\"{}b{}\"]\n", "{a,".repeat(600), "}".repeat(600)),
        ),
        with("a glob of 1 MB", 2, "longer than 4096 bytes", &format!("include: [\"{}\"]\n", "a?".repeat(500_000))),
        with(
            "1,000 globs of 4 KB",
            2,
            "purposelint.yaml",
            &format!("include: [{}]\n", quoted(1_000, &|at| format!("{long}{at}*"))),
        )
        .within(3.0),
        with(
            "a class of 100,000 characters",
            2,
            "longer than 4096 bytes",
            &format!("exclude: [\"x[{}]\"]\n", "a-z".repeat(30_000)),
        ),
        with(
            "10,000 globs of rules",
            2,
            "more than 1024 globs",
            &format!("severity: {{{}}}\n", many(9_999, |at| format!("\"*/{at}*\": off, "))),
        ),
        with(
            "a glob of rules of 1 MB",
            2,
            "longer than 200 bytes",
            &format!(
                "locked: [\"{}*\"]
",
                "?".repeat(1_000_000)
            ),
        ),
        with(
            "1,000 globs of rules of 4 KB",
            2,
            "longer than 200 bytes",
            &format!("locked: [{}]\n", quoted(1_000, &|at| format!("{long}{at}*"))),
        )
        .within(3.0),
    ]
}

pub(crate) fn groups() -> Vec<Case> {
    let groups = |one: &dyn Fn(usize) -> String| format!("groups:\n{}", many(9_999, one));
    vec![
        with("a group that holds itself", 2, "`HOME` holds itself", "groups: {HOME: [HOME]}\n"),
        with(
            "10,000 groups in a ring",
            2,
            "holds itself",
            &groups(&|at| format!("  G{at}: [G{}]\n", (at + 1) % 9_999)),
        ),
        with(
            "10,000 groups, each of the next",
            1,
            FOUND,
            &groups(&|at| if at == 9_998 { "  G9998: [FR]\n".into() } else { format!("  G{at}: [G{}]\n", at + 1) }),
        ),
        with(
            "10,000 groups, each of an unknown one",
            2,
            "is not a territory or group",
            &groups(&|at| format!("  G{at}: [X{at}]\n")),
        )
        .within(3.0),
        with(
            "40 groups, each of the one before twice",
            1,
            FOUND,
            &format!("groups:\n  G0: [EU, EEA]\n{}", many(40, |at| format!("  G{}: [G{at}, G{at}]\n", at + 1))),
        ),
        with("10,000 groups of 100", 1, FOUND, &groups(&|at| format!("  G{at}: [{}]\n", "FR, US-CA, ".repeat(50))))
            .within(5.0),
    ]
}

pub(crate) fn entries() -> Vec<Case> {
    vec![
        with(
            "10,000 rules that do not exist",
            2,
            "there is no rule",
            &format!("severity: {{{}}}\n", many(9_999, |at| format!("core/unknwn-region{at}: error, "))),
        )
        .within(3.0),
        with(
            "10,000 packs that do not exist",
            2,
            "there is no pack",
            &format!("packs: [{}]\n", many(9_999, |at| format!("cor{at}, "))),
        )
        .file("purposelint.yaml", "version: 1\n")
        .config(&format!("packs: [{}]\n", many(9_999, |at| format!("cor{at}, ")))),
        with("10,000 packs that are no folders", 2, "there is no pack in", "").file(
            "purposelint.yaml",
            format!("version: 1\npacks: [{PACKS}, {}]\n", many(9_950, |at| format!("./p{at}, "))),
        ),
        with(
            "10,000 parameters that do not exist",
            2,
            "purposelint.yaml",
            &format!(
                "parameters: {{fair-defaults/ai-training-on-by-default: {{{}}}}}\n",
                many(9_999, |at| format!("p{at}: 1, "))
            ),
        ),
        with("10,000 locks", 1, FOUND, &format!("locked: [{}]\n", "core/unknown-region, ".repeat(9_999))).within(2.0),
        with("100 years ahead", 1, FOUND, "horizon: P100Y\n")
            .file(
                "purposes.yaml",
                WRONG.replace(
                    "setting:",
                    &format!(
                        "overrides: [{}], setting:",
                        many(2_000, |at| format!(
                            "{{regions: [FR], from: {}-01-{:02}, necessity: core}}, ",
                            2027 + at % 90,
                            1 + at % 28
                        ))
                    ),
                ),
            )
            .within(5.0),
        with("a config of brackets", 2, "nested more than 128 levels", &format!("include: {}", "[".repeat(1_000_000))),
        with(
            "a config of aliases",
            2,
            "aliases add more than",
            &format!(
                "x0: &x0 [x]\n{}",
                many(20, |at| format!("x{}: &x{0} [{}]\n", at + 1, format!("*x{at}, ").repeat(9)))
            ),
        ),
        with("a config of 17 MB", 2, "purposelint.yaml", &format!("# {}\n", "x".repeat(17_000_000))),
        with("a config of 100,000 keys", 2, "purposelint.yaml", &many(100_000, |at| format!("k{at}: v\n"))),
    ]
}

pub(crate) fn waivers() -> Vec<Case> {
    let waivers = |one: &dyn Fn(usize) -> String| {
        format!(
            "waivers:\n{}",
            many(9_999, |at| format!("  - {{rule: {}, reason: r, owner: o, expires: \"2027-03-01\"}}\n", one(at)))
        )
    };
    let purposes = |count: usize| {
        format!(
            "version: 1\nservice: a\npurposes:\n{}",
            many(count, |at| format!("  p{at}: {{use: train_ai_system, setting: {{default: on}}}}\n"))
        )
    };
    vec![
        with("10,000 waivers of one rule", 2, FOUND, &waivers(&|_| "core/unknown-region".into())).within(3.0),
        with(
            "10,000 waivers for 1,000 purposes",
            1,
            "p999",
            &waivers(&|at| format!("fair-defaults/ai-training-on-by-default, purposes: [p{}]", at % 998)),
        )
        .file("purposes.yaml", purposes(1_000))
        .within(5.0),
        with(
            "10,000 waivers for places",
            1,
            "error",
            &waivers(&|at| {
                format!("fair-defaults/ai-training-on-by-default, regions: [{}]", ["FR", "DE", "US-CA", "JP"][at % 4])
            }),
        )
        .file("purposes.yaml", HEAD.replace("off", "on"))
        .within(5.0),
        with("10,000 comments", 1, "core/", "")
            .file("purposes.yaml", many(9_999, |at| format!("# purposelint: ignore[core/x{at}] because\n")) + WRONG)
            .within(3.0),
    ]
}

pub(crate) fn layers() -> Vec<Case> {
    let chain = |name: &str, count: usize, code: i32, said: &'static str, size: usize| {
        (0..count).fold(with(name, code, said, "extends: [c0]\n"), |case, at| {
            case.file(&format!("c{at}"), format!("version: 1\nextends: [c{}]\n# {}\n", at + 1, "x".repeat(size)))
        })
    };
    let wide = |name: &str, count: usize, code: i32, said: &'static str, text: &str| {
        let names = many(count, |at| format!("c{at}, "));
        (0..count).fold(with(name, code, said, &format!("extends: [{names}]\n")), |case, at| {
            case.file(&format!("c{at}"), format!("version: 1\n{text}"))
        })
    };
    let severities = format!("severity: {{{}}}\n", "core/unknown-region: error, ");
    vec![
        chain("17 configs on one another", 17, 2, "more than 16 configs build on one another", 0),
        chain("14 configs of 1 MB", 14, 2, "does not exist", 1_000_000).within(3.0),
        wide("63 configs beside one another", 63, 1, FOUND, &severities),
        wide("65 configs beside one another", 65, 2, "more than 64 files", &severities),
        with(
            "10,000 names of configs",
            2,
            "purposelint.yaml",
            &format!("extends: [{}]\n", many(9_999, |at| format!("c{at}, "))),
        ),
        with("configs that build on each other", 2, "extends", "extends: [a]\n")
            .file("a", "extends: [b]\n")
            .file("b", "extends: [a]\n"),
        with("a config from the network", 2, "is no local file", "extends: [\"https://example.com/a.yaml\"]\n"),
        with("a config from elsewhere", 2, "outside the repository", "extends: [\"../../../../../../etc/passwd\"]\n"),
    ]
}

/// A config may raise what it sets; that must not break the program.
pub(crate) fn limits() -> Vec<Case> {
    let raised = |name: &str, code: i32, said: &'static str, limit: &str, text: String| {
        with(name, code, said, &format!("limits: {{{limit}}}\n")).file("purposes.yaml", text)
    };
    let bomb =
        format!("a0: &a0 [x]\n{}", many(20, |at| format!("a{}: &a{0} [{}]\n", at + 1, format!("*a{at}, ").repeat(9))));
    vec![
        raised("depth without end", 2, "limits", "depth: 1000000", "[".repeat(1_000_000)),
        raised(
            "depth without end, closed",
            2,
            "limits",
            "depth: 1000000",
            format!("{HEAD}    x: {}{}\n", "[".repeat(500_000), "]".repeat(500_000)),
        ),
        raised("the deepest that may be set", 1, "nested more than 512", "depth: 512", "[".repeat(1_000_000)),
        raised(
            "the deepest that may be written",
            1,
            "core/unknown-key",
            "depth: 512",
            format!("{HEAD}    x: {}{}\n", "[".repeat(500), "]".repeat(500)),
        ),
        raised(
            "the deepest mappings that may be written",
            1,
            "core/unknown-key",
            "depth: 512",
            format!("{HEAD}    x: {}a{}\n", "{a: ".repeat(500), "}".repeat(500)),
        ),
        raised("aliases without end", 2, "limits", "alias_nodes: 1000000000000", bomb.clone()),
        raised("the most aliases that may be set", 1, "core/alias-expansion-too-large", "alias_nodes: 1000000", bomb)
            .within(3.0),
        raised("entries without end", 2, "`entries` must be at most", "entries: 1000000000000", HEAD.to_owned()),
        raised("steps without end", 2, "`steps` must be at most", "steps: 1000000000000", HEAD.to_owned()),
        raised("not one step", 1, "core/service-too-large", "steps: 1", HEAD.to_owned()),
        raised(
            "as many entries as may be set",
            1,
            "core/unknown-key",
            "entries: 1000000",
            HEAD.to_owned() + &many(100_000, |at| format!("    k{at}: v\n")),
        )
        .within(10.0),
    ]
}

pub(crate) fn baselines() -> Vec<Case> {
    let finding = |at: usize| {
        format!(
            "{{\"rule\": \"fair-defaults/ai-training-on-by-default\", \"service\": \"a\", \"purpose\": \"p{at}\", \"outcome\": \"fail\", \"severity\": \"error\", \"cells\": [{{\"regions\": \"France\"}}]}}"
        )
    };
    let baseline = |findings: &str| {
        format!("{{\"version\": 1, \"places\": {{\"France\": [\"FR\"]}}, \"findings\": [{findings}]}}\n")
    };
    let of = |count: usize| baseline(many(count, |at| format!("{},\n", finding(at))).trim_end_matches(",\n"));
    const FILE: &str = "purposelint-baseline.json";
    let purposes = |count: usize| {
        format!(
            "version: 1\nservice: a\npurposes:\n{}",
            many(count, |at| format!("  x{at}: {{use: train_ai_system, setting: {{default: on}}}}\n"))
        )
    };
    vec![
        with("a baseline of 16 MB", 1, FOUND, "").file(FILE, of(90_000)).within(5.0),
        with("a baseline of 16 MB that has none of 300 findings", 1, "x299", "")
            .file(FILE, of(90_000))
            .file("purposes.yaml", purposes(300))
            .within(8.0),
        with("a baseline of 17 MB", 2, "purposelint-baseline.json", "").file(FILE, of(120_000)),
        with("a baseline of brackets", 2, "nested more than 128", "").file(FILE, "[".repeat(1_000_000)),
        with("a baseline that is no baseline", 2, "purposelint-baseline.json", "").file(FILE, "x".repeat(1_000_000)),
        with("a finding with 100,000 places", 1, FOUND, "")
            .file(
                FILE,
                baseline(&finding(0).replace(
                    "[{\"regions\": \"France\"}]",
                    &format!(
                        "[{}]",
                        "{\"regions\": \"France\", \"ages\": [1, 2]},".repeat(100_000).trim_end_matches(',')
                    ),
                )),
            )
            .within(8.0),
        with("a place of 100,000 names", 1, FOUND, "")
            .file(FILE, of(1).replace("[\"FR\"]", &format!("[{}]", "\"FR\",".repeat(100_000).trim_end_matches(',')))),
    ]
}
