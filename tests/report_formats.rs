//! The reports for CI services: what they promise to their readers, and that no text of a declaration gets out of its place.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod report_help;
mod runner;

use std::collections::BTreeSet;

use comrak::nodes::NodeValue;
use comrak::{Arena, parse_document};
use purposelint::diagnostic::{Diagnostic, Severity};
use purposelint::evaluate::{Finding, Subject, Suppressed, SuppressedBy};
use purposelint::lint::{Report, Skipped};
use purposelint::model::EntityKind;
use purposelint::policy::Cite;
use purposelint::report::{Format, Options};
use purposelint::source::SourceMap;
use report_help::*;
use roxmltree::Document;
use runner::{Order, azure, github};

const OURS: [Format; 5] = [Format::Azure, Format::Checkstyle, Format::Github, Format::Junit, Format::Markdown];

/// What somebody might write where a name is asked for. Each with what must be readable of it in the end.
const HOSTILE: [(&str, &str); 31] = [
    ("\u{1b}[31mred\u{1b}]8;;http://x\u{7}", "[31mred"),
    ("a\r\n::error::gotcha", "::error::gotcha"),
    ("::error file=x::gotcha", "gotcha"),
    ("breaks ::error::somewhere or ::error::elsewhere and ::error::there but ::error::not here", "breaks ::error::"),
    ("::stop-commands::token", "stop-commands::token"),
    ("\u{a0}::add-mask::e", "add-mask::e"),
    ("##vso[task.setvariable variable=x]y", "task.setvariable variable=x]y"),
    ("##[add-mask]e ##[error]x", "add-mask]e"),
    ("x %0A::error::y %25 %AZP25 %3A", "%0A::error::y %25 %AZP25 %3A"),
    ("a;sourcepath=/etc/passwd;]b,line=7,title=x", "a;sourcepath=/etc/passwd;]b,line=7,title=x"),
    ("]]>", "]]>"),
    ("--><x>", "><x>"),
    ("</message></failure><script>alert(1)</script>", "</message></failure><script>alert(1)</script>"),
    ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    ("[a](http://evil.example)", "[a](http://evil.example)"),
    ("![a](http://evil.example/x.png)", "![a](http://evil.example/x.png)"),
    ("see https://evil.example or www.evil.example or a@evil.example", "www.evil.example"),
    ("<https://evil.example>", "<https://evil.example>"),
    ("a | b || c", "a | b || c"),
    ("@everyone #1 and org/repo#2", "everyone"),
    ("`code` ``more`` ``` end", "end"),
    ("</summary></details>", "</summary></details>"),
    ("<!-- hidden", "<!-- hidden"),
    ("# heading", "# heading"),
    ("- [ ] 1. x\n\n---\n", "x"),
    ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    ("abc\u{202e}fed\u{2066}x", "fed"),
    ("nul\0 \u{fffe}\u{ffff}\u{feff}", "nul"),
    ("&amp; &#x26; &lt;b&gt; \\ \" '", "&amp; &#x26; &lt;b&gt;"),
    ("𝔘𝔫𝔦 👩‍💻 é 語", "𝔘𝔫𝔦 👩‍💻 é 語"),
    ("$\\href{http://evil.example}{x}$ :tada: ~~x~~ *y* _z_", "evil.example"),
];

/// A report in which everything that comes from outside is `text`.
fn report_of(text: &str) -> (Report, SourceMap) {
    let mut at = Files { map: SourceMap::new() };
    at.add(text, &format!("{text}\nkey: value # {text}\n"));
    let place = || at.label("value", text);
    let dress = |finding: &mut Finding, rule: &str| {
        finding.rule = format!("{text}/{rule}");
        finding.title = text.into();
        finding.message = format!("{text} and `{text}`");
        finding.help = Some(text.into());
        finding.service = Some(text.into());
        finding.subject = Subject::Entity(EntityKind::Purpose, text.into());
        finding.cells = [cell(text)].into();
        finding.labels = vec![at.label("key", text)];
        let with = |url: String, cite: Cite| Cite { url: Some(url), ..cite };
        let linked = with(format!("https://example.org/{text}"), cite(text, &[], None));
        finding.cites = vec![with(text.into(), cite(text, &[text], None)), linked].into();
        finding.news = Some(text.into());
    };
    let mut failure = fail("", Severity::Error, place());
    dress(&mut failure, "a");
    failure.missing = vec![text.into()];
    let mut also = fail("", Severity::Warning, place());
    dress(&mut also, "b");
    also.message = text.into();
    let mut warning = fail("", Severity::Warning, at.label("key", text));
    dress(&mut warning, "c");
    let mut info = fail("", Severity::Info, at.label(":", text));
    dress(&mut info, "d");
    let mut unknown = undetermined("", &[text, "purpose.data"], place());
    dress(&mut unknown, "e");
    let mut unusable = undetermined("", &[text], place());
    dress(&mut unusable, "f");
    unusable.unusable = true;
    let mut waived = fail("", Severity::Info, place());
    dress(&mut waived, "g");
    waived.suppressed = Some(Box::new(Suppressed {
        by: SuppressedBy::Waiver,
        reason: Some(text.into()),
        owner: Some(text.into()),
        approver: Some(text.into()),
        expires: Some(day("2027-01-31")),
        place: None,
        was: Severity::Error,
    }));
    let mut report = report(vec![failure, also, warning, info, unknown, unusable, waived]);
    report.checked.skipped = vec![Skipped { what: text.into(), reason: text.into() }];
    report.refused = vec![Diagnostic::new("newer-version", place().span, text).help(text)];
    (report, at.map)
}

fn hostile() -> impl Iterator<Item = (String, &'static str)> {
    let long = "very-long ".repeat(2_000);
    HOSTILE.into_iter().map(|(raw, seen)| (raw.to_owned(), seen)).chain(std::iter::once((long, "very-long very-long")))
}

fn written_of(format: Format, text: &str, options: &Options) -> String {
    let (report, map) = report_of(text);
    render_to(format, &report, &map, options)
}

#[test]
fn a_build_log_obeys_nobody_but_us() {
    let names = |log: &str| -> Vec<String> {
        let orders = log.lines().filter_map(|line| github(line).or_else(|| azure(line)));
        orders.map(|order| order.name).collect()
    };
    for format in Format::ALL {
        for width in [40, 100] {
            let options = Options { width, verbose: true, ..Options::default() };
            let calm = names(&written_of(format, "harmless", &options));
            assert_eq!(calm.is_empty(), !matches!(format, Format::Github | Format::Azure), "{format}");
            for (text, _) in hostile() {
                let log = written_of(format, &text, &options);
                assert_eq!(names(&log), calm, "{format} {width} {text:?}\n{log}");
            }
        }
    }
}

#[test]
fn no_report_steers_a_terminal() {
    for (text, _) in hostile() {
        for format in Format::ALL {
            let log = written_of(format, &text, &Options::default());
            let bad =
                |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            assert!(!log.contains(bad), "{format} {text:?}");
        }
    }
}

#[test]
fn github_and_azure_get_every_property_as_it_was() {
    let (report, map) = report_of("a;b]c,d:e%f\ng");
    let prefix = Options { repository_prefix: "services/feed/".into(), ..Options::default() };
    let log = render_to(Format::Github, &report, &map, &prefix);
    let first = github(log.lines().nth(1).unwrap()).unwrap();
    assert_eq!(first.name, "error");
    assert_eq!(first.get("file"), "services/feed/a;b]c,d:e%f\\ng");
    assert_eq!((first.get("line"), first.get("col")), ("3", "6"));
    assert_eq!(first.get("title"), "a;b]c,d:e%f\\ng/a");
    assert!(first.data.starts_with("a;b]c,d:e%f\\ng and `a;b]c,d:e%f\\ng`\na;b]c"), "{}", first.data);
    let log = render_to(Format::Azure, &report, &map, &prefix);
    let first = azure(log.lines().nth(1).unwrap()).unwrap();
    assert_eq!((first.name.as_str(), first.get("type")), ("task.logissue", "error"));
    assert_eq!(first.get("sourcepath"), "services/feed/a;b]c,d:e%f\\ng");
    assert_eq!((first.get("linenumber"), first.get("columnnumber")), ("3", "6"));
    assert_eq!(first.get("code"), "a;b]c,d:e%f\\ng/a");
    assert!(first.data.contains("also flagged by: a;b]c,d:e%f\\ng/b"), "{}", first.data);
}

#[test]
fn columns_of_two_lines_are_left_out() {
    let at = Files::one("a:\n  b: c\nd: e\n");
    let long = fail("p/long", Severity::Error, at.label("b: c\nd", ""));
    let log = written(Format::Github, &at.map, vec![long], &Options { quiet: true, ..Options::default() });
    let order = github(log.trim_end()).unwrap();
    assert_eq!((order.get("line"), order.get("endLine")), ("2", "3"));
    assert!(!order.properties.contains_key("col") && !order.properties.contains_key("endColumn"), "{log}");
}

#[test]
fn github_is_given_no_more_than_it_keeps_and_says_so() {
    let text: String = (0..40).map(|at| format!("key{at}: value\n")).collect();
    let at = Files::one(&text);
    let list = |severity: Severity, from: usize, count: usize| {
        (from..from + count).map(|n| fail("p/x", severity, at.label(&format!("key{n}"), ""))).collect::<Vec<_>>()
    };
    let levels = |findings: Vec<Finding>| {
        let log = written(Format::Github, &at.map, findings, &Options::default());
        let orders: Vec<Order> = log.lines().filter_map(github).collect();
        let count = |name: &str| orders.iter().filter(|order| order.name == name).count();
        let said = orders.iter().find(|order| order.get("title") == "purposelint").map(|order| order.data.clone());
        ([count("error"), count("warning"), count("notice")], said)
    };
    let all = |counts: [usize; 3]| {
        let mut findings = list(Severity::Warning, 0, counts[1]);
        findings.extend(list(Severity::Info, counts[1], counts[2]));
        findings.extend(list(Severity::Error, counts[1] + counts[2], counts[0]));
        findings
    };
    assert_eq!(levels(all([10, 10, 10])), ([10, 10, 10], None));
    let (counts, said) = levels(all([11, 0, 10]));
    assert_eq!(counts, [10, 0, 10]);
    assert!(said.unwrap().starts_with("1 error and 1 notice are not shown as annotations"));
    let (counts, said) = levels(all([0, 13, 0]));
    assert_eq!(counts, [0, 10, 1]);
    assert!(said.unwrap().starts_with("3 warnings are not shown as annotations"));
}

#[test]
fn errors_come_first_and_one_place_is_one_annotation() {
    let at = Files::one("a: b\nc: d\n");
    let list = vec![
        fail("p/one", Severity::Warning, at.label("a", "")),
        undetermined("p/two", &["purpose.data"], at.label("b", "")),
        undetermined("p/three", &["purpose.models"], at.label("b", "")),
        fail("p/four", Severity::Error, at.label("d", "")),
        fail("p/five", Severity::Warning, at.label("d", "")),
    ];
    let quiet = Options { quiet: true, ..Options::default() };
    let log = written(Format::Github, &at.map, list, &quiet);
    let titles: Vec<String> = log.lines().map(|line| github(line).unwrap().get("title").to_owned()).collect();
    assert_eq!(titles, ["p/four", "p/one", "undetermined: 2 facts are open"]);
    assert!(log.contains("also flagged by: p/five"), "{log}");
}

/// All elements and attributes of a document, without their texts.
fn shape(xml: &str) -> Vec<String> {
    let document = Document::parse(xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
    let elements = document.descendants().filter(|node| node.is_element());
    elements
        .map(|node| {
            let attributes: Vec<&str> = node.attributes().map(|attribute| attribute.name()).collect();
            format!("{}({})", node.tag_name().name(), attributes.join(","))
        })
        .collect()
}

#[test]
fn xml_holds_whatever_it_is_given() {
    for (text, seen) in hostile() {
        for format in [Format::Checkstyle, Format::Junit] {
            let xml = written_of(format, &text, &Options::default());
            assert_eq!(shape(&xml), shape(&written_of(format, "harmless", &Options::default())), "{format} {text:?}");
            let document = Document::parse(&xml).unwrap();
            let attributes = document.descendants().flat_map(|node| node.attributes());
            let holds =
                attributes.filter(|attribute| attribute.name() == "message" && attribute.value().contains(seen));
            assert!(holds.count() > 2, "{format} {text:?}\n{xml}");
        }
    }
}

#[test]
fn junit_counts_what_it_holds_and_a_failure_is_what_fails_the_run() {
    let (report, map) = report_of("name");
    for (fail_on, failures) in [(Severity::Error, 1), (Severity::Warning, 5), (Severity::Info, 6)] {
        let xml = render_to(Format::Junit, &report, &map, &Options { fail_on, ..Options::default() });
        let document = Document::parse(&xml).unwrap();
        let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
        assert_eq!(count("failure"), failures, "{fail_on}\n{xml}");
        let root = document.root_element();
        let said = |name: &str| root.attribute(name).unwrap().parse::<usize>().unwrap();
        assert_eq!([said("tests"), said("failures"), said("errors")], [count("testcase"), failures, 1]);
        for suite in root.children().filter(|node| node.has_tag_name("testsuite")) {
            let cases = suite.descendants().filter(|node| node.has_tag_name("testcase"));
            let names: BTreeSet<&str> = cases.clone().map(|case| case.attribute("name").unwrap()).collect();
            assert_eq!(names.len(), cases.count(), "two cases with one name\n{xml}");
        }
    }
}

#[test]
fn junit_never_passes_what_was_not_judged() {
    let at = Files::one("a: b\n");
    let cases = |report: &Report| -> Vec<String> {
        let xml = render_to(Format::Junit, report, &at.map, &Options::default());
        let document = Document::parse(&xml).unwrap();
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
        let first = |case: roxmltree::Node<'_, '_>| {
            case.children().find(|node| node.is_element()).unwrap().tag_name().name().to_owned()
        };
        cases.map(|case| format!("{}: {}", case.attribute("name").unwrap(), first(case))).collect()
    };
    let clean = report(Vec::new());
    assert_eq!(cases(&clean), ["the declarations are judged: system-out"]);
    let mut idle = report(Vec::new());
    idle.checked.rules = 0;
    idle.checked.skipped = vec![Skipped { what: "p/x".into(), reason: "switched off by the config".into() }];
    assert_eq!(cases(&idle), ["the declarations are judged: skipped", "p/x: skipped"]);
    let waits = report(vec![undetermined("p/y", &["purpose.data"], at.label("b", ""))]);
    assert_eq!(cases(&waits)[1], "p/y: purpose model_training, waits for purpose.data (purposes.yaml): skipped");
}

#[test]
fn junit_names_a_finding_alike_wherever_its_line_moves() {
    let name = |text: &str| {
        let at = Files::one(text);
        let xml =
            written(Format::Junit, &at.map, vec![fail("p/x", Severity::Error, at.label("b", ""))], &Options::default());
        let document = Document::parse(&xml).unwrap();
        let case = document.descendants().rfind(|node| node.has_tag_name("testcase")).unwrap();
        (
            case.attribute("name").unwrap().to_owned(),
            case.first_element_child().unwrap().attribute("message").unwrap().to_owned(),
        )
    };
    let (before, after) = (name("a: b\n"), name("# a comment\na: b\n"));
    assert_eq!(before.0, after.0);
    assert_eq!(after.1, "purposes.yaml:2:4: something is the matter");
}

#[test]
fn checkstyle_has_files_in_order_and_each_once() {
    let mut at = Files::one("a: b\n");
    at.add("z.yaml", "c: d\n");
    let mut hidden = fail("p/three", Severity::Error, at.label("d", ""));
    hidden.suppressed = Some(Box::new(Suppressed {
        by: SuppressedBy::Baseline,
        reason: None,
        owner: None,
        approver: None,
        expires: None,
        place: None,
        was: Severity::Error,
    }));
    let list = vec![
        fail("p/one", Severity::Error, at.label("b", "")),
        fail("p/two", Severity::Info, at.label("b", "")),
        hidden,
        undetermined("p/four", &["purpose.data"], at.label("d", "")),
    ];
    let rows = |options: &Options| -> Vec<String> {
        let xml = written(Format::Checkstyle, &at.map, list.clone(), options);
        let document = Document::parse(&xml).unwrap();
        let get = |node: &roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap_or_default().to_owned();
        let rows = document.descendants().filter(|node| node.is_element()).skip(1);
        rows.map(|node| get(&node, "name") + &get(&node, "severity") + " " + &get(&node, "source")).collect()
    };
    let usual = [
        "purposes.yaml ",
        "error purposelint.p.one",
        "info purposelint.p.two",
        "z.yaml ",
        "warning purposelint.p.four",
    ];
    assert_eq!(rows(&Options::default()), usual);
    let all = rows(&Options { show_suppressed: true, ..Options::default() });
    assert_eq!(all[4..], ["error purposelint.p.three", "warning purposelint.p.four"]);
}

/// What a page comes to: its blocks, its links and tags, and the text that is read.
struct Seen {
    blocks: Vec<&'static str>,
    links: Vec<String>,
    tags: BTreeSet<String>,
    text: String,
    /// The texts outside of code, each as one piece.
    texts: Vec<String>,
}

fn read(page: &str) -> Seen {
    let arena = Arena::new();
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.math_dollars = true;
    let root = parse_document(&arena, page, &options);
    let mut seen =
        Seen { blocks: Vec::new(), links: Vec::new(), tags: BTreeSet::new(), text: String::new(), texts: Vec::new() };
    for node in root.descendants() {
        match &node.data.borrow().value {
            NodeValue::Text(text) => {
                seen.text.push_str(text);
                seen.texts.push(text.to_string());
            }
            NodeValue::Code(code) => seen.text.push_str(&code.literal),
            NodeValue::CodeBlock(block) => {
                seen.blocks.push("code");
                seen.text.push_str(&block.literal);
            }
            NodeValue::Link(link) | NodeValue::Image(link) => seen.links.push(link.url.clone()),
            NodeValue::HtmlInline(tag) => drop(seen.tags.insert(tag.clone())),
            NodeValue::HtmlBlock(block) => {
                seen.blocks.push("html");
                seen.tags.extend(block.literal.lines().map(|line| line.replace(|c: char| c.is_ascii_digit(), "")));
            }
            NodeValue::Paragraph => seen.blocks.push("paragraph"),
            NodeValue::Heading(_) => seen.blocks.push("heading"),
            NodeValue::List(_) => seen.blocks.push("list"),
            NodeValue::Item(_) => seen.blocks.push("item"),
            NodeValue::TableRow(_) => seen.blocks.push("row"),
            NodeValue::TableCell => seen.blocks.push("cell"),
            NodeValue::Document | NodeValue::Table(_) | NodeValue::SoftBreak | NodeValue::Strong => {}
            other => panic!("{other:?} in\n{page}"),
        }
    }
    seen
}

#[test]
fn markdown_shows_text_and_makes_nothing_of_it() {
    let calm = read(&written_of(Format::Markdown, "harmless", &Options::default()));
    for (text, expected) in hostile() {
        let page = written_of(Format::Markdown, &text, &Options::default());
        let seen = read(&page);
        assert_eq!(seen.blocks, calm.blocks, "{text:?}\n{page}");
        let ours =
            |url: &String| url.starts_with("https://purposelint.dev/rules/") || url.starts_with("https://example.org/");
        assert!(seen.links.iter().all(ours), "{text:?} {:?}", seen.links);
        let tags = ["<!-- -->", "<br>", "<details>", "</details>"];
        let known = |tag: &String| {
            tags.contains(&&**tag)
                || tag.starts_with("<summary>Flagged under ")
                || tag.starts_with("<summary>Judged, once")
        };
        assert!(seen.tags.iter().all(known), "{text:?} {:?}", seen.tags);
        assert!(seen.text.contains(expected), "{text:?}\n{page}");
    }
}

#[test]
fn markdown_mentions_nobody() {
    let page = written_of(Format::Markdown, "@org/team and a@example.org #12 fixes org/repo#3", &Options::default());
    let seen = read(&page);
    let after = |text: &str, mark: char| text.rsplit_once(mark).map(|(_, rest)| rest.to_owned());
    let marked: Vec<String> =
        seen.texts.iter().flat_map(|text| [after(text, '@'), after(text, '#')]).flatten().collect();
    assert!(marked.len() > 20, "{page}");
    // a mark at the end of a text, before a comment, is followed by nothing that could be mentioned
    assert!(marked.iter().all(|rest| rest.is_empty()), "{marked:?}\n{page}");
}

#[test]
fn markdown_says_what_accepted_findings_would_be() {
    let at = Files::one("a: 1\nb: 2\nc: 3\nd: 4\n");
    let by = |mut finding: Finding, by: SuppressedBy, was: Severity| {
        finding.suppressed = Some(Box::new(Suppressed {
            by,
            reason: None,
            owner: None,
            approver: None,
            expires: None,
            place: None,
            was,
        }));
        finding
    };
    let known = |finding: Finding| {
        let was = finding.severity;
        by(finding, SuppressedBy::Baseline, was)
    };
    let open = undetermined("p/open", &["purpose.retention"], at.label("d", ""));
    let mut findings = vec![
        known(fail("p/mild", Severity::Info, at.label("a", ""))),
        known(fail("p/bad", Severity::Error, at.label("b", ""))),
        known(undetermined("p/one", &["purpose.retention"], at.label("c", ""))),
        known(undetermined("p/two", &["purpose.retention"], at.label("c", ""))),
        by(fail("p/waived", Severity::Info, at.label("a", "")), SuppressedBy::Waiver, Severity::Error),
    ];
    let options = Options { show_suppressed: true, ..Options::default() };
    let page = render_to(Format::Markdown, &report(findings.clone()), &at.map, &options);
    let accepted = "accepted: 1 waived (1 error), 4 in the baseline (1 error, 2 warnings, 1 info)";
    assert!(page.starts_with(&format!("## purposelint: nothing new; {accepted}\n")), "{page}");
    let rows = |heading: &str| {
        let part = page.split(heading).nth(1).unwrap().split("\n### ").next().unwrap();
        let rows = part.lines().filter(|line| line.starts_with("| **"));
        rows.map(|row| row.split(" | ").next().unwrap().trim_matches(['|', '*', ' '])).collect::<Vec<_>>()
    };
    assert_eq!(rows("### Waived\n"), ["error"], "{page}");
    assert_eq!(rows("### Accepted\n"), ["error", "info"], "{page}");
    // what waits for one fact is one row
    assert_eq!(rows("### Accepted, though it cannot be judged yet\n"), ["warning"], "{page}");
    assert!(page.contains("p/one") && page.contains("p/two"), "{page}");
    // what is open is never "nothing new" alone
    findings.push(open);
    let page = render_to(Format::Markdown, &report(findings), &at.map, &options);
    assert!(page.starts_with("## purposelint: nothing new is flagged; 1 undetermined"), "{page}");
}

#[test]
fn markdown_stays_within_what_a_service_takes() {
    let text: String = (0..3_000).map(|at| format!("key{at}: value\n")).collect();
    let at = Files::one(&text);
    let finding = |n: usize| {
        let mut finding = fail("p/x", Severity::Error, at.label(&format!("key{n}"), ""));
        finding.message = "<".repeat(300);
        finding
    };
    let mut report = report((0..3_000).map(finding).collect());
    report.checked.skipped = (0..3_000)
        .map(|n| Skipped { what: format!("file{n}"), reason: format!("{n} {}", "is not judged ".repeat(9)) })
        .collect();
    let page = render_to(Format::Markdown, &report, &at.map, &Options::default());
    assert!(page.len() < 1 << 20, "{}", page.len());
    assert_eq!(page.matches("more are left out of this part").count(), 3);
    let seen = read(&page);
    let headings = seen.blocks.iter().filter(|block| **block == "heading").count();
    let left_out = page.split("**").find_map(|part| {
        part.strip_suffix(" more are left out of this part, to keep the page within what CI services take.")
    });
    assert!(left_out.is_some(), "no count of what is left out");
    assert!(headings > 100 && page.ends_with(concat!("· purposelint ", env!("CARGO_PKG_VERSION"), "\n")));
}

#[test]
fn a_clean_and_an_idle_run_are_told_apart() {
    let clean = report(Vec::new());
    let mut idle = report(Vec::new());
    idle.checked.purposes = 0;
    for format in OURS {
        let (clean, idle) = (
            render_to(format, &clean, &SourceMap::new(), &Options::default()),
            render_to(format, &idle, &SourceMap::new(), &Options::default()),
        );
        assert!(clean.contains("nothing is flagged"), "{format}\n{clean}");
        assert!(idle.contains("nothing was checked: no purpose is declared"), "{format}\n{idle}");
    }
}
