//! Packs that are made to hurt: a pull request may bring them, and a config may name them.

use super::case::{Case, PACKS, many};

/// A declaration that the rules here flag, with words for lexicons and recipients for lists.
const DECLARED: &str = "version: 1\nservice: a\npurposes:\n  t:\n    use: train_ai_system\n    title: training\n    \
     description: some words, and more\n    setting: {default: on}\n";

/// A rule with this condition.
pub(crate) fn rule(require: &str) -> String {
    let example = "      version: 1\n      service: a\n      purposes: {t: {use: analytics, setting: {default: on}}}\n";
    format!(
        "title: a rule\nseverity: error\ncites:\n  - {{text: house rule, kind: practice, confidence: high}}\nwhy: because\n\
         require: |-\n  {require}\nmessage: MESSAGE\nexamples:\n  - title: one\n    flagged: |\n{example}  - title: another\n    \
         clean: |\n{example}"
    )
}

/// A pack `acme` beside the others, with one rule.
fn pack(name: &str, code: i32, said: &'static str, rule: &str) -> Case {
    Case::new(name, code, said)
        .file("purposelint.yaml", format!("version: 1\npacks: [{PACKS}, ./acme]\n"))
        .file("acme/pack.yaml", "title: Acme\nversion: \"1.0.0\"\nneeds: 0.1.0\n")
        .file("acme/r.yaml", rule)
        .file("purposes.yaml", DECLARED)
}

/// The same with a condition, and judged: the rule flags what is declared.
fn condition(name: &str, require: &str) -> Case {
    pack(name, 1, "error[acme/r]", &rule(require))
}

fn refused(name: &str, require: &str, said: &'static str) -> Case {
    pack(name, 2, said, &rule(require))
}

fn lexicon(words: &str) -> String {
    format!("version: 1\ntitle: t\nlanguages:\n  en:\n    source: s\n    words: [{words}]\n")
}

fn table(rows: &str) -> String {
    format!("version: 1\ntitle: t\nsource: s\ntype: int\nvalues:\n{rows}")
}

pub(crate) fn all() -> Vec<Case> {
    [lexicons(), tables(), conditions(), rules(), files(), examples(), extensions()].into_iter().flatten().collect()
}

pub(crate) fn lexicons() -> Vec<Case> {
    const MENTIONS: &str = "!mentions(purpose.description, \"big\") && false";
    let with = |name: &str, code: i32, said: &'static str, text: Vec<u8>| {
        pack(name, code, said, &rule(MENTIONS)).file("acme/lexicons/big.yaml", text)
    };
    let bomb =
        many(12, |at| format!("  a{}: &a{0} {{source: s, words: [{}]}}\n", at + 1, format!("*a{at}, ").repeat(9)));
    vec![
        with(
            "a lexicon of a million words",
            2,
            "larger than",
            lexicon(&many(1_000_000, |at| format!("w{at}, "))).into(),
        ),
        with("a lexicon of 60,000 words", 2, "more than 10000", lexicon(&many(60_000, |at| format!("w{at}, "))).into()),
        with("a lexicon of 10,000 words", 1, "error[acme/r]", lexicon(&many(10_000, |at| format!("w{at}, "))).into()),
        with("a word of 1 MB", 1, "error[acme/r]", lexicon(&"w".repeat(1_000_000)).into()),
        with("a lexicon of 17 MB", 2, "larger than", lexicon(&"w".repeat(17_000_000)).into()),
        with("a lexicon that is no text", 2, "UTF-8", [lexicon("w").into_bytes(), b"# \xff\n".to_vec()].concat()),
        with(
            "a lexicon of aliases",
            2,
            "aliases add more than",
            format!("version: 1\ntitle: t\nlanguages:\n  a0: &a0 {{source: s, words: [w]}}\n{bomb}").into(),
        ),
        with("a lexicon that is nested", 2, "nested more than 128", lexicon(&"[".repeat(100_000)).into()),
        with("a lexicon of braces", 2, "nested more than 128", "{a: ".repeat(100_000).into()),
        condition("10,000 words in a text of 10 MB", MENTIONS)
            .file("acme/lexicons/big.yaml", lexicon(&many(10_000, |at| format!("w{at}, "))))
            .file("purposes.yaml", DECLARED.replace("some words", &"some words ".repeat(1_000_000)))
            .within(20.0),
    ]
}

pub(crate) fn tables() -> Vec<Case> {
    let rows = |count: usize| {
        let day = |at: usize| format!("{}-{:02}-{:02}", 2000 + at % 27, 1 + at % 12, 1 + at % 28);
        // days come again after 756 rows, with the same value
        table(&many(count, |at| format!("  - {{regions: [US-CA, FR], value: {}, from: {}}}\n", at % 756, day(at))))
    };
    let with = |name: &str, code: i32, said: &'static str, text: String| {
        pack(name, code, said, &rule("table(\"big\") < 0")).file("acme/tables/big.yaml", text)
    };
    vec![
        with("a table of 100,000 rows", 2, "larger than", rows(100_000)),
        with("a table of 15,000 rows", 2, "more than 10000", rows(15_000)),
        with("a table of 10,000 rows", 1, "error[acme/r]", rows(10_000)).within(3.0),
        with(
            "a row of 200,000 places",
            2,
            "more than 10000",
            table(&format!("  - {{regions: [{}], value: 1}}\n", "FR, ".repeat(200_000))),
        ),
        with(
            "10,000 rows that begin tomorrow and after",
            1,
            "[acme/r]",
            table(&many(10_000, |at| {
                let day = format!("2027-{:02}-{:02}", 1 + at % 4, 1 + at % 28);
                format!("  - {{regions: [FR], value: {}, from: {day}}}\n", at % 28)
            })),
        )
        .within(3.0),
        with("a table of braces", 2, "nested more than 128", "{a: ".repeat(100_000)),
    ]
}

pub(crate) fn conditions() -> Vec<Case> {
    const DEEP: &str = "nested too deeply";
    let around = |open: &str, count: usize, middle: &str, close: &str| {
        format!("{}{middle}{}", open.repeat(count), close.repeat(count))
    };
    let nested =
        |count: usize| many(count, |at| format!("recipients.all(r{at}, ")) + "r0.id != \"x\"" + &")".repeat(count);
    let recipients = |purposes: usize, each: usize| {
        let known = many(each, |at| format!("  r{at}: {{name: R, role: processor}}\n"));
        let list = many(each, |at| format!("r{at}, "));
        let purpose = |at: usize| {
            let recipients = if at == 0 { format!("&r [{list}]") } else { "*r".to_owned() };
            format!("  t{at}: {{use: analytics, setting: {{default: on}}, recipients: {recipients}}}\n")
        };
        format!("version: 1\nservice: a\norganisations:\n{known}purposes:\n{}", many(purposes, purpose))
    };
    vec![
        condition(
            "10,000 branches",
            &format!(
                "{}false",
                many(10_000, |at| format!("state == \"off\" && days(purpose.retention.period) == {at} || "))
            ),
        )
        .within(2.0),
        condition("a condition of 1 MB", &format!("{}false", "state == \"off\" || ".repeat(55_000))),
        condition("a list of 100,000 texts", &format!("state in [{}\"off\"]", "\"off\", ".repeat(100_000))),
        refused("a condition of 17 MB", &format!("{}false", "state == \"off\" || ".repeat(950_000)), "larger than"),
        refused("brackets", &around("(", 10_000, "true", ")"), DEEP),
        refused("brackets that stay open", &"(".repeat(500_000), DEEP),
        refused("lists", &around("[", 10_000, "1", "]"), DEEP),
        refused("a sign", &around("!", 500_000, "true", ""), DEEP),
        refused("minus", &around("-", 100_000, "1", " == 1"), DEEP),
        refused("branches in branches", &"true ? true : ".repeat(50_000), DEEP),
        refused("branches in brackets", &"true ? (".repeat(50_000), DEEP),
        refused("calls", &around("size(", 10_000, "purposes", ")"), DEEP),
        refused("a long way", &format!("purpose{}", ".title".repeat(100_000)), "acme/r.yaml"),
        refused("a sum", &format!("{}1 == 1", "1 + ".repeat(100_000)), DEEP),
        refused("indices", &format!("purposes{}", "[0]".repeat(100_000)), "acme/r.yaml"),
        refused("200 lists in one another", &nested(200), DEEP),
        refused("an open text", &format!("\"{}", "a".repeat(1_000_000)), "acme/r.yaml"),
        refused("dollars", &"$".repeat(1_000_000), "acme/r.yaml"),
        refused("a long name", &"a".repeat(1_000_000), "acme/r.yaml"),
        refused("a long number", &"9".repeat(1_000_000), "acme/r.yaml"),
        pack("eight lists in one another", 0, "cannot be computed", &rule(&nested(8)))
            .file("purposes.yaml", recipients(1, 1_000)),
        pack("the same for 10 purposes", 0, "cannot be computed", &rule(&nested(8)))
            .file("purposes.yaml", recipients(10, 90))
            .within(5.0),
        pack("the same for 1,000 purposes", 1, "take more than 50000000 steps", &rule(&nested(8)))
            .file("purposes.yaml", recipients(1_000, 90))
            .within(10.0),
        pack(
            "a table of 10,000 rows for each pair of 1,000 recipients",
            1,
            "error[acme/r]",
            &rule("recipients.all(a, recipients.all(b, table(\"big\") < 0))"),
        )
        .file(
            "acme/tables/big.yaml",
            table(&many(10_000, |at| {
                let day = format!("{}-01-{:02}", 2000 + at % 27, 1 + at % 28);
                format!("  - {{regions: [WORLD], value: {}, from: {day}}}\n", at % 756)
            })),
        )
        .file("purposes.yaml", recipients(1, 1_000)),
        pack(
            "a text of 10 MB for each pair of 1,000 recipients",
            0,
            "cannot be computed",
            &rule("recipients.all(a, recipients.all(b, !purpose.description.contains(\"x\")))"),
        )
        .file(
            "purposes.yaml",
            recipients(1, 1_000).replace("use:", &format!("description: {}, use:", "w".repeat(10_000_000))),
        )
        .within(3.0),
        pack(
            "the states of a group for each pair of 300 recipients",
            1,
            "error[acme/r]",
            &rule("recipients.all(a, recipients.all(b, !states_in(\"WORLD\").exists(s, s == \"on\")))"),
        )
        .file("purposes.yaml", recipients(1, 300)),
    ]
}

pub(crate) fn rules() -> Vec<Case> {
    let message = |name: &str, code: i32, said: &'static str, text: &str| {
        pack(name, code, said, &rule("false").replace("MESSAGE", &format!("\"{text}\"")))
    };
    let plain = rule("false");
    let count = |name: &str, count: usize, code: i32, said: &'static str| {
        (0..count)
            .fold(pack(name, code, said, &plain), |case, at| case.file(&format!("acme/r{at}.yaml"), plain.clone()))
    };
    vec![
        count("10,000 rules", 10_000, 2, "more than 1000 files"),
        count("900 rules", 900, 1, "[acme/r]").within(3.0),
        message("an open brace", 2, "acme/r.yaml", &"{".repeat(100_001)),
        message("100,000 facts", 1, "acme/r", &"{state}".repeat(100_000)),
        message("a message of 1 MB", 1, "acme/r", &"a".repeat(1_000_000)),
        message("commands", 1, "acme/r", "\\e[2J\\r\\n::error::x\\n##vso[task.complete]\\u202e{state}"),
        message("all names", 1, "acme/r", &"{service.purposes.map(p, p.title)}{regions}".repeat(1_000)),
        message(
            "a name for each pair of 300 purposes",
            1,
            "acme/r",
            "{service.purposes.map(p, service.purposes.map(q, q.title))}",
        )
        .file(
            "purposes.yaml",
            format!(
                "version: 1\nservice: a\npurposes:\n{}",
                many(300, |at| format!("  t{at}: {{use: analytics, title: t, setting: {{default: on}}}}\n"))
            ),
        )
        .within(20.0),
        pack("a title of 1 MB", 1, "acme/r", &plain.replace("a rule", &"t".repeat(1_000_000))),
        pack(
            "10,000 citations",
            1,
            "acme/r",
            &plain.replace(
                "why:",
                &format!("{}why:", "  - {text: house rule, kind: practice, confidence: high}\n".repeat(9_999)),
            ),
        ),
        pack(
            "10,001 citations",
            2,
            "more than 10000",
            &plain.replace(
                "why:",
                &format!("{}why:", "  - {text: house rule, kind: practice, confidence: high}\n".repeat(10_001)),
            ),
        ),
        pack(
            "a rule of aliases",
            2,
            "acme/r.yaml",
            &(plain.clone()
                + &format!(
                    "x0: &x0 [x]\n{}",
                    many(20, |at| format!("x{}: &x{0} [{}]\n", at + 1, format!("*x{at}, ").repeat(9)))
                )),
        ),
        pack("a rule that is nested", 2, "acme/r.yaml", &"[".repeat(500_000)),
        pack("a rule of 17 MB", 2, "larger than", &format!("{plain}# {}\n", "x".repeat(17_000_000))),
        pack(
            "10,000 severities",
            1,
            "acme/r",
            &plain.replace(
                "severity: error",
                &format!("severity:\n{}  - is: error", "  - {when: 'state == \"off\"', is: warning}\n".repeat(9_000)),
            ),
        ),
        pack(
            "10,000 parameters",
            1,
            "acme/r",
            &plain.replace("why:", &format!("parameters:\n{}why:", many(9_999, |at| format!("  p{at}: {at}\n")))),
        )
        .within(2.0),
        pack(
            "10,000 uses",
            1,
            "acme/r",
            &plain.replace("why:", &format!("applies: {{uses: [{}]}}\nwhy:", "train_ai_system, ".repeat(9_999))),
        ),
        pack(
            "10,000 unknown uses",
            2,
            "acme/r.yaml",
            &plain.replace(
                "why:",
                &format!("applies: {{uses: [{}]}}\nwhy:", many(9_999, |at| format!("train_ai_systen.x{at}, "))),
            ),
        )
        .within(3.0),
    ]
}

pub(crate) fn files() -> Vec<Case> {
    let done = |name: &str, commands: &str, said: &'static str| pack(name, 2, said, &rule("false")).after(commands);
    vec![
        done("a link out", "ln -s /etc/passwd acme/x.yaml", "is a link that leaves its folder"),
        done("a link to itself", "ln -s x.yaml acme/x.yaml", "acme"),
        done("a link to nothing", "ln -s nowhere acme/x.yaml", "does not exist"),
        done("a pipe", "mkfifo acme/x.yaml", "is not a regular file"),
        done("a device", "ln -s /dev/zero acme/x.yaml", "leaves its folder"),
        done("a folder for a rule", "mkdir acme/x.yaml", "is a folder"),
        done("a pipe for a lexicon", "mkdir acme/lexicons; mkfifo acme/lexicons/x.yaml", "is not a regular file"),
        done(
            "lexicons elsewhere",
            "mkdir other; echo 'version: 1' >other/x.yaml; ln -s ../other acme/lexicons",
            "leaves its folder",
        ),
        done(
            "a rule in a folder of its own",
            "mkdir -p acme/retention; cp acme/r.yaml acme/retention/kept.yaml",
            "has a file that would not be read: `retention/kept.yaml` stands",
        ),
        done(
            "a lexicon two folders down",
            "mkdir -p acme/lexicons/de; echo 'version: 1' >acme/lexicons/de/x.yml",
            "would not be read: `lexicons/de/x.yml` stands in",
        ),
        pack("folders without rules", 1, "acme/r", &rule("false")).after(
            "mkdir -p acme/docs acme/.git acme/other acme/samples; echo a >acme/docs/a.md; echo a: b >acme/.git/x.yaml; \
             cp acme/pack.yaml acme/other; cp purposes.yaml acme/other/x.yaml; ln -s .. acme/docs/loop; \
             sed 's/service: a/service: b/' purposes.yaml >acme/samples/b.purposes.yaml",
        ),
        pack("a pack without rules", 1, "the pack `acme` has no rule, so it judges nothing", "").after("rm acme/r.yaml"),
        done("a pipe for the pack", "rm acme/pack.yaml; mkfifo acme/pack.yaml", "there is no pack in"),
        done("a pack that is a link to itself", "mv acme other; ln -s acme acme", "there is no pack in"),
        done(
            "a file that nobody may read",
            "echo 'a: b' >acme/x.yaml; chmod 0 acme/x.yaml; mv acme/x.yaml acme/y; mkdir acme/x.yaml",
            "is a folder",
        ),
        pack("1,000,000 bytes of names", 1, "acme/r", &rule("false"))
            .after("i=0; while [ $i -lt 5000 ]; do : >acme/$i.txt; i=$((i+1)); done"),
    ]
}

pub(crate) fn examples() -> Vec<Case> {
    let test = |name: &str, code: i32, said: &'static str, examples: &str| {
        let rule = rule("state == \"off\"");
        let head = rule.split("examples:").next().unwrap_or_default().to_owned();
        pack(name, code, said, &format!("{head}examples:\n{examples}"))
            .file("purposelint.yaml", "version: 1\n")
            .run("test acme --packs . --color never")
    };
    let block = |outcome: &str, text: &str| {
        let lines = many(text.lines().count(), |at| format!("      {}\n", text.lines().nth(at).unwrap_or_default()));
        format!("  - title: one\n    {outcome}: |\n{lines}")
    };
    let bomb =
        format!("a0: &a0 [x]\n{}", many(20, |at| format!("a{}: &a{0} [{}]\n", at + 1, format!("*a{at}, ").repeat(9))));
    let clean = block("clean", "version: 1\nservice: a\npurposes: {t: {use: analytics, setting: {default: off}}}");
    vec![
        test("an example of aliases", 1, "acme/r", &(block("flagged", &bomb) + &clean)),
        test("an example of brackets", 1, "acme/r", &(block("flagged", &"[".repeat(500_000)) + &clean)),
        test("an example of 900 KB", 1, "acme/r", &(block("flagged", &"x".repeat(900_000)) + &clean)),
        test("an example with 50,000 groups of people", 1, "acme/r", &(block("flagged", &format!(
            "version: 1\nservice: a\nplans: [{}]\npurposes: {{t: {{use: analytics, setting: {{default: off, overrides: [{}]}}}}}}",
            many(64, |at| format!("q{at}, ")),
            many(64, |at| format!("{{regions: [{}], ages: [{}], plans: [q{at}], default: on}}, ", ["US", "GB", "FR", "DE"][at % 4], at % 18)),
        )) + &clean)).within(10.0),
        test("1,000 examples", 1, "acme/r", &clean.repeat(1_000)).within(10.0),
        test("11,000 examples", 2, "larger than", &clean.repeat(11_000)),
    ]
}

pub(crate) fn extensions() -> Vec<Case> {
    let with = |name: &str, code: i32, said: &'static str, path: &str, text: String| {
        pack(name, code, said, &rule("false")).file(path, text)
    };
    const GROUPS: &str = "acme/groups.yaml";
    const WORDS: &str = "acme/vocabulary.yaml";
    vec![
        with(
            "a group that holds itself",
            2,
            "`HOME` is not a territory or group",
            GROUPS,
            "groups: {HOME: [HOME]}\n".into(),
        ),
        with(
            "10,000 groups",
            1,
            "acme/r",
            GROUPS,
            format!("groups:\n{}", many(9_999, |at| format!("  G{at}: [FR]\n"))),
        )
        .within(3.0),
        with(
            "10,000 groups, each of the one before",
            1,
            "acme/r",
            GROUPS,
            format!("groups:\n  G0: [WORLD]\n{}", many(9_998, |at| format!("  G{}: [G{at}, G{at}]\n", at + 1))),
        )
        .within(3.0),
        with(
            "10,000 unknown places",
            2,
            "GX0",
            GROUPS,
            format!("groups: {{HOME: [{}]}}\n", many(9_999, |at| format!("GX{at}, "))),
        )
        .within(3.0),
        with(
            "10,000 words",
            1,
            "acme/r",
            WORDS,
            format!("data:\n{}", many(9_999, |at| format!("  user.x{at}: {{title: x}}\n"))),
        )
        .within(3.0),
        with(
            "words in words",
            1,
            "acme/r",
            WORDS,
            format!("data:\n{}", many(500, |at| format!("  user{}: {{title: x}}\n", ".x".repeat(at + 1)))),
        ),
        with(
            "10,000 words below none",
            2,
            "acme/vocabulary.yaml",
            WORDS,
            format!("data:\n{}", many(9_999, |at| format!("  usr{at}.x: {{title: x}}\n"))),
        )
        .within(3.0),
    ]
}
