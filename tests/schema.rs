//! Every kind of violation: the code, the text under the span, the message and the help.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing unwrap is a failing test")]

use std::fmt::Write;

use purposelint::diagnostic::Diagnostic;
use purposelint::schema::{self, SchemaKind};
use purposelint::source::SourceMap;
use purposelint::syntax::{Limits, parse};

/// Reads a text that is sound YAML and compares what the schema has against it. A line that ends with `…` stands for all
/// that start like it, so that a better description in a schema breaks no test.
fn check(kind: SchemaKind, yaml: &str, expected: &str) {
    let mut sources = SourceMap::new();
    let file = sources.add("x.yaml", yaml);
    let (tree, problems) = parse(&sources, file, &Limits::default());
    assert!(problems.is_empty(), "{problems:?}");
    let root = tree.root(&tree.documents()[0]).unwrap();
    let found: String = schema::validate(kind, root).iter().map(|diagnostic| show(&sources, diagnostic)).collect();
    let expected: Vec<&str> = expected.trim_matches('\n').lines().collect();
    let found: Vec<&str> = found.lines().collect();
    let is_same = |(found, expected): (&&str, &&str)| match expected.strip_suffix('…') {
        Some(start) => found.starts_with(start),
        None => found == expected,
    };
    let same = found.len() == expected.len() && found.iter().zip(&expected).all(is_same);
    assert!(same, "{yaml}\nfound:\n{}\nexpected:\n{}", found.join("\n"), expected.join("\n"));
}

fn show(sources: &SourceMap, diagnostic: &Diagnostic) -> String {
    let mut out = String::new();
    let under = sources.slice(diagnostic.primary.span);
    writeln!(out, "  {} [{under}] {}", diagnostic.code, diagnostic.message).unwrap();
    for label in &diagnostic.labels {
        let line = sources.start(label.span).line;
        let text = format!("label [{}] in line {line} {}", sources.slice(label.span), label.text);
        writeln!(out, "      {}", text.trim_end()).unwrap();
    }
    if let Some(help) = &diagnostic.help {
        writeln!(out, "      help {help}").unwrap();
    }
    for edit in diagnostic.fixes.iter().flat_map(|fix| &fix.edits) {
        let safety = diagnostic.fixes[0].safety.as_str();
        writeln!(out, "      {safety} fix [{}] to [{}]", sources.slice(edit.span), edit.text).unwrap();
    }
    out
}

#[test]
fn unknown_keys_are_shown_with_what_they_may_have_been() {
    check(
        SchemaKind::Declaration,
        r#"version: 1
service: a
purposes:
  x: {use: a, retenton: {}, default: on, wibble: 1}
"#,
        r#"
  unknown-key [retenton] unknown key `retenton` in a purpose
      help did you mean `retention`?
      safe fix [retenton] to [retention]
  unknown-key [default] unknown key `default` in a purpose
      help `default` is a key of a setting
  unknown-key [wibble] unknown key `wibble` in a purpose
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"version: 1
servce: a
wibble: 1
"#,
        r#"
  unknown-key [servce] unknown key `servce` in a declaration
      help did you mean `service`?
      safe fix [servce] to [service]
  unknown-key [wibble] unknown key `wibble` in a declaration
      help one of `service`, `title`, `language`, `roles`, `regions`, `ages`, `plans`, `organisations`, `notices`, `settings`, `purposes` and `commitments`
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"version: 1
service: a
purposes:
  x:
    use: a
    started: {befor: 2024-01-01}
    data: [{categry: user}]
    overrides: [{region: [EU]}]
"#,
        r#"
  unknown-key [befor] unknown key `befor` in `started`
      help did you mean `before`?
      safe fix [befor] to [before]
  unknown-key [categry] unknown key `categry` in an item of `data`
      help did you mean `category`?
      safe fix [categry] to [category]
  unknown-key [region] unknown key `region` in a purpose override
      help did you mean `regions`?
      safe fix [region] to [regions]
"#,
    );
}

#[test]
fn missing_keys_are_shown_at_the_key_that_should_hold_them() {
    check(
        SchemaKind::Declaration,
        r#"service: a
"#,
        r#"
  missing-key [service] `version` is missing from the declaration
      help the version of this format; for example `version: 1`
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"version: 1
title: A
"#,
        r#"
  missing-key [version] `service` is missing from the declaration
      help the service described; for example …
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"version: 1
service: a
purposes:
  x: {title: X}
  y: {usee: a}
settings:
  s: {reads: {}}
"#,
        r#"
  missing-key [x] `use` is missing from purpose `x`
      help what the data is used …
  unknown-key [usee] unknown key `usee` in a purpose
      help did you mean `use`?
      suggest fix [usee] to [use]
  missing-key [reads] `file` and `pointer` are missing from `reads`
      help add them; for example …
"#,
    );
}

#[test]
fn values_of_another_type_are_shown_with_the_right_one() {
    check(
        SchemaKind::Declaration,
        r#"version: "1"
"#,
        r#"
  invalid-value ["1"] `version` must be a whole number, not text
      help write `version: 1`
      suggest fix ["1"] to [1]
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"version: 1.5
service: {}
"#,
        r#"
  invalid-value [1.5] `version` must be a whole number, not `1.5`
      help the version of this format; for example `version: 1`
  invalid-value [service] `service` must be text, not a mapping
      help a name for something in …
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"version: 1
service: a
title: 2024
regions: EU
purposes:
  x: {use: a, setting: 12, carried_out: yes, recipients: "a, b", data: [a], subjects: {a: b}}
  y: text
"#,
        r#"
  invalid-value [2024] `title` must be text, not a whole number
      help write `title: "2024"`
      suggest fix [2024] to ["2024"]
  invalid-value [EU] `regions` must be a list, not text
      help write `regions: [EU]`
      suggest fix [EU] to [[EU]]
  invalid-value [12] `setting` must be text or a mapping, not a whole number
      help the control a person has …
  invalid-value [yes] `carried_out` must be `true` or `false`, not text
      help write `carried_out: true`
      suggest fix [yes] to [true]
  invalid-value ["a, b"] `recipients` must be a list, not text
      help write `recipients: [a, b]`
      suggest fix ["a, b"] to [[a, b]]
  invalid-value [a] an item of `data` must be a mapping, not text
      help write keys with values, such as `category: user.content`
  invalid-value [subjects] `subjects` must be a list, not a mapping
      help whose data it is; for example `subjects: [customer]`
  invalid-value [text] `y` must be a mapping, not text
      help write keys with values, such as `use: train_ai_system.generative`
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"version: 1
service: a
purposes:
  - use: a
"#,
        r#"
  invalid-value [purposes] `purposes` must be a mapping, not a list
      help why personal data is processed, …
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"- a
- b
"#,
        r#"
  invalid-value [a] the file must be a mapping, not a list
      help write keys with values, such as `version: 1`
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"just some
  text
"#,
        r#"
  invalid-value [just] the file must be a mapping, not text
      help write keys with values, such as `version: 1`
"#,
    );
}

#[test]
fn values_that_are_no_choice_are_shown_with_the_choices() {
    check(
        SchemaKind::Declaration,
        r#"version: 2
"#,
        r#"
  invalid-value [2] this file has version 2; this program reads version 1
      help a newer purposelint may read it
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"version: 1
service: a
roles: [vlp, x]
settings:
  s: {default: of, until_answer: 12, changed_by: nobody}
"#,
        r#"
  invalid-value [vlp] `vlp` is not a value of `roles`
      help it is one of `online_platform`, `vlop`, `gatekeeper`, `micro_or_small` and `gpai_provider`
  invalid-value [x] `x` is not a value of `roles`
      help it is one of `online_platform`, `vlop`, `gatekeeper`, `micro_or_small` and `gpai_provider`
  invalid-value [of] `of` is not a value of `default`
      help it is one of `on`, `off` and `ask`
  invalid-value [12] `12` is not a value of `until_answer`
      help it is one of `on` and `off`
  invalid-value [nobody] `nobody` is not a value of `changed_by`
      help it is one of `person`, `admin` and `support_request`
"#,
    );
}

#[test]
fn values_of_another_form_are_shown_with_the_right_one() {
    check(
        SchemaKind::Declaration,
        r#"version: 1
service: Foo-Bar
language: english language
ages: [19, 12 to 15]
purposes:
  x: {use: a, started: 2024/9/18, ended: 18.9.2024, retention: {period: 6 months, models: Ever}}
"#,
        r#"
  invalid-value [Foo-Bar] `Foo-Bar` is not an id
      help did you mean `foo_bar`?
  invalid-value [english language] `english language` is not a value of `language`
      help the language of the labels, …
  invalid-value [19] an item of `ages` must be at most 18, not 19
      help whole years from 0 to …
  invalid-value [12 to 15] `12 to 15` is not an age range
      help did you mean `12-15`?
      suggest fix [12 to 15] to [12-15]
  invalid-value [2024/9/18] `2024/9/18` is not a date
      help did you mean `2024-09-18`?
      safe fix [2024/9/18] to [2024-09-18]
  invalid-value [18.9.2024] `18.9.2024` is not a date
      help a day, `YYYY-MM-DD`, or …
  invalid-value [6 months] `6 months` is not a duration
      help did you mean `P6M`?
      suggest fix [6 months] to [P6M]
  invalid-value [Ever] `Ever` is not a duration or event
      help an ISO 8601 duration such …
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"version: 1
settings:
  none: {}
  Bad-Id: {}
"#,
        r#"
  invalid-value [none] `none` cannot be a key of `settings`
      help the controls people have, by …
  invalid-value [Bad-Id] `Bad-Id` is not an id
      help did you mean `bad_id`?
"#,
    );
}

#[test]
fn values_of_a_wrong_size_are_shown_with_the_limit() {
    check(
        SchemaKind::Declaration,
        r#"version: 1
service: a
plans: []
ages: 19
settings:
  s: {label: "", help_steps: -1, opt_out: {}}
  t: {first_offered: {}}
  u: {label: ' ', help: "\u200b \uFEFF", location: ["\xA0"]}
  v:
    label: |+


    help: .
"#,
        r#"
  invalid-value [plans] `plans` is an empty list
      help list at least one, or leave the key out
  invalid-value [19] `ages` must be at most 18, not 19
      help one age range or a …
  invalid-value [""] `label` is empty
      help the words beside the switch, …
  invalid-value [-1] `help_steps` must be at least 0, not -1
      help how many more steps from …
  invalid-value [first_offered] `first_offered` is empty
      help a day, `YYYY-MM-DD`, or …
  invalid-value [' '] `label` is empty
      help the words beside the switch, …
  invalid-value ["\u200b \uFEFF"] `help` is empty
      help the explanation people can …
  invalid-value ["\xA0"] an item of `location` is empty
      help where the switch is: …
  invalid-value [|] `label` is empty
      help the words beside the switch, …
"#,
    );
}

#[test]
fn keys_without_a_value_are_shown_at_the_key() {
    check(
        SchemaKind::Declaration,
        r#"version: 1
service: a
title: ~
plans:
settings:
  s: {default: , location: }
purposes:
  x:
  y:
    use: a
    data:
      -
"#,
        r#"
  invalid-value [~] `title` has no value
      help a short name of the …
  invalid-value [plans] `plans` has no value
      help the plans or editions people …
  invalid-value [default] `default` has no value
      help it is one of `on`, `off` and `ask`
  invalid-value [location] `location` has no value
      help write `[]` if there is none, or leave the key out if nothing is known
  invalid-value [x] `x` has no value
      help write keys with values, such as `use: train_ai_system.generative`
  invalid-value [-] an item of `data` has no value
      help write keys with values, such as `category: user.content`
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"~
"#,
        r#"
  invalid-value [~] the file has no value
      help write keys with values, such as `version: 1`
"#,
    );
}

#[test]
fn values_behind_aliases_are_reported_once() {
    check(
        SchemaKind::Declaration,
        r#"version: 1
settings:
  a: &s {default: of, labl: x}
  b: *s
  c: *s
"#,
        r#"
  invalid-value [of] `of` is not a value of `default`
      help it is one of `on`, `off` and `ask`
  unknown-key [labl] unknown key `labl` in a setting
      help did you mean `label`?
      safe fix [labl] to [label]
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"version: 1
service: a
base: &base {use: 12, titel: x}
purposes:
  p: {<<: *base}
  q: *base
"#,
        r#"
  unknown-key [base] unknown key `base` in a declaration
      help one of `title`, `language`, `roles`, `regions`, `ages`, `plans`, `organisations`, `notices`, `settings` and `commitments`
  invalid-value [12] `use` must be text, not a whole number
      label [*base] in line 5 used here
      help write `use: "12"`
  unknown-key [titel] unknown key `titel` in a purpose
      label [*base] in line 5 used here
      help did you mean `title`?
"#,
    );
    check(
        SchemaKind::Declaration,
        r#"version: 1
service: a
base: &base {title: x}
purposes:
  q: *base
  r: *base
"#,
        r#"
  unknown-key [base] unknown key `base` in a declaration
      help one of `title`, `language`, `roles`, `regions`, `ages`, `plans`, `organisations`, `notices`, `settings` and `commitments`
  missing-key [title] `use` is missing from purpose `q`
      label [*base] in line 5 used here
      help what the data is used …
"#,
    );
}

#[test]
fn rules_have_one_of_several_keys() {
    check(
        SchemaKind::Policy,
        r#"title: x
severity: eror
why: x
examples: []
require: "true"
raised_by: schema
"#,
        r#"
  missing-key [title] `cites` is missing from the rule
      help the provisions the rule rests …
  invalid-value [eror] `eror` is not a value of `severity`
      help did you mean `error`? it is one of `error`, `warning` and `info`
  invalid-value [examples] `examples` is an empty list
      help list at least one
  invalid-value [raised_by] `require` and `raised_by` exclude each other
      label [require] in line 5
"#,
    );
    check(
        SchemaKind::Policy,
        r#"title: x
severity: [{is: eror}, {when: x}]
why: x
examples: [{title: x}, {title: y, clean: x, flagged: {before: a}}]
cites: [{text: x, kind: lore, confidence: high, in_force: {from: now}, url: ftp://x}]
"#,
        r#"
  missing-key [title] `require` or `raised_by` is missing from the rule
  invalid-value [eror] `eror` is not a value of `is`
      help did you mean `error`? it is one of `error`, `warning` and `info`
  missing-key [when] `is` is missing from a severity case
      help the severity; for example `is: …
  missing-key [title] `flagged`, `clean`, `undetermined` or `not_applicable` is missing from an example
  invalid-value [flagged] `clean` and `flagged` exclude each other
      label [clean] in line 4
  missing-key [flagged] `after` is missing from `flagged`
      help the declaration after the change
  invalid-value [lore] `lore` is not a value of `kind`
      help it is one of `law`, `regulator`, `case` and `practice`
  invalid-value [now] `now` is not a day
      help a day: `YYYY-MM-DD`
  invalid-value [ftp://x] `ftp://x` is not a value of `url`
      help where it can be read; …
"#,
    );
    check(
        SchemaKind::Policy,
        r#"title: x
severity: 12
why: x
raised_by: schema
examples: [{title: x, clean: 1, also_flagged: [Foo]}]
parameters: {Max: {a: 1}}
fix: {set: {Setting: 1}}
"#,
        r#"
  invalid-value [12] `severity` must be text or a list, not a whole number
      help how serious a failure is; …
  invalid-value [1] `clean` must be text or a mapping, not a whole number
      help a declaration that passes the …
  invalid-value [Foo] `Foo` is not a value of `also_flagged`
      help other rules that flag this …
  invalid-value [Max] `Max` is not a name
      help did you mean `max`?
  invalid-value [Max] `Max` must be text, a number, `true` or `false` or a list, not a mapping
      help a number, a text, `true` …
  missing-key [fix] `safety` is missing from `fix`
      help who may apply it; for …
  invalid-value [Setting] `Setting` cannot be a key of `set`
      help the properties to set where they …
"#,
    );
}

#[test]
fn packs_are_judged_by_their_part_of_the_schema() {
    check(
        SchemaKind::Pack,
        r#"title: X
version: 1.0
needs: 1
lizence: MIT
"#,
        r#"
  invalid-value [1.0] `version` must be text, not a number
      help the version of the pack; …
  invalid-value [1] `needs` must be text, not a whole number
      help the oldest version of purposelint …
  unknown-key [lizence] unknown key `lizence` in a pack
      help did you mean `licence`?
      safe fix [lizence] to [licence]
"#,
    );
}

#[test]
fn configs_are_judged_as_configs() {
    check(
        SchemaKind::Config,
        r#"inclde: [x]
groups: {dach: [DE]}
horizon: 180 days
severity: {"a/*": of}
files: {glob: x}
waivers:
  - {rule: x, change: y}
  - reason: x
"#,
        r#"
  unknown-key [inclde] unknown key `inclde` in a config
      help did you mean `include`?
      safe fix [inclde] to [include]
  invalid-value [dach] `dach` cannot be a key of `groups`
      help groups of places of your …
  invalid-value [180 days] `180 days` is not a duration
      help did you mean `P180D`?
      suggest fix [180 days] to [P180D]
  invalid-value [of] `of` is not a value of `a/*`
      help it is one of `error`, `warning`, `info` and `off`
  invalid-value [files] `files` must be a list, not a mapping
      help other severities and parameters for …
  missing-key [rule] `reason`, `owner` and `expires` are missing from a waiver
      help add them; for example …
  invalid-value [change] `rule` and `change` exclude each other
      label [rule] in line 7
  invalid-value [y] `y` is not a value of `change`
      help the one change that is …
  missing-key [reason] `owner`, `expires` and `rule` or `change` are missing from a waiver
      help add them; for example …
"#,
    );
}
