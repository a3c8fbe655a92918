//! A file of the corpus as YAML, and the line on which each value stands.
//!
//! This is the one place that knows the format. Whatever can be written in two ways is written in both.

use super::model::{File, Purpose, Setting};
use super::random::Random;
use super::words::RECIPIENTS;

/// The lines of the base value and of each row of a purpose's setting; lines count from 1.
pub(crate) struct Place {
    pub(crate) default: usize,
    pub(crate) rows: Vec<usize>,
}

struct Writer {
    text: String,
    lines: usize,
    random: Random,
}

impl Writer {
    fn line(&mut self, line: impl AsRef<str>) -> usize {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
        self.lines += 1;
        self.lines
    }

    /// `on` and `off` as people write them: readers of YAML 1.1 see booleans in the plain ones.
    fn flag(&mut self, on: bool) -> String {
        let word = if on { "on" } else { "off" };
        match self.random.unit() {
            at if at < 0.7 => word.to_owned(),
            at if at < 0.9 => format!("\"{word}\""),
            _ => format!("'{word}'"),
        }
    }

    /// A list after a key: in one line, or one item a line.
    fn list(&mut self, indent: &str, key: &str, items: &[&str], block: f64) {
        if self.random.chance(block) && !items.is_empty() {
            self.line(format!("{indent}{key}:"));
            for item in items {
                self.line(format!("{indent}  - {item}"));
            }
        } else {
            self.line(format!("{indent}{key}: [{}]", items.join(", ")));
        }
    }
}

/// Norway without quotes is a boolean in YAML 1.1.
fn region(code: &str) -> &str {
    if code == "NO" { "\"NO\"" } else { code }
}

pub(crate) fn emit(file: &mut File) -> (String, Vec<Place>) {
    let random = std::mem::replace(&mut file.random, Random::new(0, 0));
    let mut out = Writer { text: String::new(), lines: 0, random };
    head(&mut out, file);
    let mut places = Vec::new();
    for (at, purpose) in file.purposes.iter().enumerate() {
        if at > 0 {
            out.line("");
        }
        places.push(self::purpose(&mut out, purpose, file));
    }
    (out.text, places)
}

fn head(out: &mut Writer, file: &File) {
    let domain = file.company.split(' ').next().unwrap_or_default().to_lowercase();
    out.line(format!("# What {} does with personal data.", file.title));
    out.line("# Change it by pull request; the privacy team reviews every default.");
    out.line("version: 1");
    out.line(format!("service: {}", file.service));
    out.line(format!("title: {}", file.title));
    out.line(format!("regions: [{}]", file.regions.join(", ")));
    out.line("ages: adult");
    out.line("");
    let used = |at: &usize| file.purposes.iter().any(|purpose| purpose.recipients.contains(at));
    let used: Vec<usize> = (0..RECIPIENTS.len()).filter(used).collect();
    if !used.is_empty() {
        out.line("organisations:");
    }
    for at in used {
        let (id, name, country, tool) = RECIPIENTS[at];
        out.line(format!("  {id}:"));
        out.line(format!("    name: {name}"));
        out.line(format!("    country: {}", region(country)));
        out.line("    role: processor");
        out.line("    own_purposes: []");
        out.line("    trains_models: false");
        out.line("    onward_training: prohibited");
        out.line(format!("    contract: contracts/{}.md", id.replace('_', "-")));
        if let Some(tool) = tool {
            out.line(format!("    transfer_tool: {tool}"));
        }
    }
    out.line("notices:");
    for (id, title, kind, channel) in
        [("policy", "Privacy policy", "privacy_policy", "passive"), ("letter", "Letter to all", "terms", "direct")]
    {
        out.line(format!("  {id}:"));
        out.line(format!("    title: {title} of {}", file.company));
        out.line(format!("    kind: {kind}"));
        out.line(format!("    channel: {channel}"));
        out.line(format!("    published: {}", file.letter));
        out.line(format!("    url: https://www.{domain}.example/{id}"));
    }
    out.line("");
    out.line("purposes:");
}

fn purpose(out: &mut Writer, purpose: &Purpose, file: &File) -> Place {
    out.line(format!("  {}:", purpose.id));
    let quoted = out.random.chance(0.3);
    out.line(if quoted {
        format!("    title: \"{}\"", purpose.title)
    } else {
        format!("    title: {}", purpose.title)
    });
    out.line("    description: >-");
    let mut line = String::from("     ");
    for word in purpose.description.split(' ') {
        if line.len() + word.len() > 88 {
            out.line(&line);
            line = String::from("     ");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.line(&line);
    if let Some(comment) = &purpose.comment {
        out.line(format!("    # {comment}"));
    }
    out.line(format!("    use: {}", purpose.usage));
    if purpose.kind.core {
        out.line("    necessity: core");
    }
    data(out, purpose);
    out.list("    ", "subjects", &purpose.subjects, 0.2);
    let mut place = Place { default: 0, rows: Vec::new() };
    match &purpose.setting {
        Some(it) => setting(out, purpose, it, file, &mut place),
        None => {
            out.line("    setting: none");
        }
    }
    facts(out, purpose, file);
    place
}

fn data(out: &mut Writer, purpose: &Purpose) {
    let source = |category: &str| match category {
        it if it.starts_with("user.behavior") || it.starts_with("user.device") || it == "user.telemetry" => "observed",
        _ => "provided",
    };
    let reused = purpose.collected_before;
    let told = (!purpose.kind.core && reused.is_none()).then_some(purpose.usage);
    out.line("    data:");
    let block = out.random.chance(0.6);
    for category in &purpose.data {
        let source = source(category);
        if block {
            out.line(format!("      - category: {category}"));
            out.line(format!("        source: {source}"));
            if let Some(usage) = told {
                out.line(format!("        collected_for: [{usage}]"));
            }
            if let Some(day) = reused {
                out.line(format!("        collected_since: {day}"));
            }
        } else {
            let told = told.map(|usage| format!(", collected_for: [{usage}]")).unwrap_or_default();
            let since = reused.map(|day| format!(", collected_since: {day}")).unwrap_or_default();
            out.line(format!("      - {{category: {category}, source: {source}{told}{since}}}"));
        }
    }
}

fn setting(out: &mut Writer, purpose: &Purpose, setting: &Setting, file: &File, place: &mut Place) {
    out.line("    setting:");
    out.line(format!("      label: {} on my data", purpose.title));
    out.line("      help_steps: 0");
    out.line("      location: [Settings, Privacy]");
    out.line("      steps: {on: 3, off: 3}");
    let flag = out.flag(setting.default);
    place.default = out.line(format!("      default: {flag}"));
    if !setting.rows.is_empty() {
        out.line("      overrides:");
    }
    for row in &setting.rows {
        let flag = out.flag(row.on);
        let regions: Vec<&str> = row.regions.iter().map(|code| region(code)).collect();
        let note = if out.random.chance(0.08) { "  # legal sign-off" } else { "" };
        let line = if out.random.chance(0.5) {
            out.line(format!("        - {{regions: [{}], default: {flag}}}{note}", regions.join(", ")))
        } else if out.random.chance(0.8) {
            out.line(format!("        - regions: [{}]", regions.join(", ")));
            out.line(format!("          default: {flag}{note}"))
        } else {
            out.line("        - regions:");
            for code in regions {
                out.line(format!("            - {code}"));
            }
            out.line(format!("          default: {flag}{note}"))
        };
        place.rows.push(line);
    }
    out.line(format!("      first_offered: {}", file.letter));
    if purpose.trains() {
        out.line("      requires_reason: false");
        out.line("      opt_out: {effect: stops_use_and_removes, trained_models: retrained, within: P30D}");
    }
    if purpose.basis == "legitimate_interests" && !purpose.trains() {
        out.line("      requires_reason: false");
    }
    out.line("      changed_by: person");
}

fn facts(out: &mut Writer, purpose: &Purpose, file: &File) {
    out.line(format!("    lawful_basis: {}", purpose.basis));
    if purpose.basis == "consent" {
        out.line("    consent: {separate: true}");
    }
    out.line(format!("    started: {}", purpose.started));
    out.line("    notices: [policy, letter]");
    let recipients: Vec<&str> = purpose.recipients.iter().map(|at| RECIPIENTS[*at].0).collect();
    out.list("    ", "recipients", &recipients, 0.5);
    if purpose.basis == "legitimate_interests" {
        out.line(format!("    assessments: [{{kind: lia, date: {}}}]", file.letter));
    }
    if purpose.trains() {
        training(out, purpose);
    } else {
        out.line(format!("    retention: {{period: {}}}", purpose.period));
        out.line("    safeguards: []");
        if !purpose.kind.core {
            out.line("    device_access: false");
        } else {
            out.line("    rights: {objection: {route: Help > Object}, complaint: {route: Help > Complain}}");
        }
    }
}

/// What a company that trains has been asked about so often that it writes it down.
fn training(out: &mut Writer, purpose: &Purpose) {
    out.line(format!("    retention: {{period: {}, training_sets: P6M, models: P24M}}", purpose.period));
    if out.random.chance(0.5) {
        out.line("    safeguards: []");
    } else {
        out.line("    safeguards:");
        out.line("      - {kind: redaction, status: implemented, evidence: docs/redaction.md}");
    }
    out.line("    rights:");
    out.line("      access: {route: Settings > Export, includes_training_sets: true}");
    out.line("      erasure: {route: Settings > Delete, includes_training_sets: true}");
    out.line("      complaint: {route: Help > Complain}");
    let output = if out.random.chance(0.5) { "internal" } else { "to_user" };
    out.line(format!("    output: {output}"));
    out.line("    models: {hosted: own}");
    out.line("    content_licence: terms of service, section 4");
    out.line("    documents: [{kind: training_data_summary, ref: docs/training-data.md}]");
}
