//! Names in a config that only the packs can vouch for: packs, rules, parameters.

use super::{Config, DEFAULT_PACKS, Parameter, RuleGlob, is_path};
use crate::diagnostic::Diagnostic;
use crate::order::Order;
use crate::source::Span;
use crate::space::{Atlas, unknown_region};
use crate::suggest;
use crate::syntax::Located;

/// Unknown names that are answered with the nearest known one: to look for it takes as long as to read a hundred names.
const MOST_SUGGESTED: usize = 1_000;

/// What the packs offer.
struct Names<'a> {
    rules: Vec<&'a str>,
    parameters: &'a dyn Fn(&str) -> Option<Vec<String>>,
    found: Vec<Diagnostic>,
}

impl Config {
    /// Names that no pack knows, and globs that match no rule, in the order of the text. `known_rules` are the ids of all
    /// rules that could be switched on, `parameters` gives the names of the parameters of a rule, `None` where they cannot be told.
    pub fn check(
        &self,
        known_packs: &[String],
        known_rules: &[String],
        parameters: &dyn Fn(&str) -> Option<Vec<String>>,
    ) -> Vec<Diagnostic> {
        let rules = known_rules.iter().map(String::as_str).collect();
        let mut names = Names { rules, parameters, found: Vec::new() };
        let packs: Vec<&str> = known_packs.iter().map(String::as_str).collect();
        let layers = || self.layers.iter();
        for pack in layers().flat_map(|layer| &layer.packs).flatten().filter(|pack| !is_path(&pack.value)) {
            names.pack(pack, &packs);
        }
        self.rule_globs().for_each(|rules| names.rules(rules));
        self.parameter_entries().for_each(|parameter| names.parameter(parameter));
        let mut found = names.found;
        found.order_by_key(|diagnostic| diagnostic.primary.span);
        found.dedup();
        found
    }
}

impl Config {
    /// Every place that names one rule, in all layers.
    pub fn rules_named(&self) -> impl Iterator<Item = &Located<String>> {
        let exact = self.rule_globs().filter(|rules| rules.is_exact()).map(|rules| &rules.text);
        exact.chain(self.parameter_entries().map(|parameter| &parameter.rule))
    }

    fn rule_globs(&self) -> impl Iterator<Item = &RuleGlob> {
        let layers = || self.layers.iter();
        let of_files = layers().flat_map(|layer| &layer.files).flat_map(|entry| &entry.severity);
        let severities = of_files.chain(layers().flat_map(|layer| &layer.severity)).map(|entry| &entry.rules);
        let locked = layers().flat_map(|layer| &layer.locked);
        let waived = layers().flat_map(|layer| &layer.waivers).filter_map(|waiver| waiver.rule.as_ref());
        severities.chain(locked).chain(waived)
    }

    fn parameter_entries(&self) -> impl Iterator<Item = &Parameter> {
        let of_files = self.layers.iter().flat_map(|layer| &layer.files).flat_map(|entry| &entry.parameters);
        of_files.chain(self.layers.iter().flat_map(|layer| &layer.parameters))
    }

    /// Places in waivers that nobody knows. `atlas` has the groups of the config and of the packs.
    pub fn unknown_places(&self, atlas: &Atlas) -> Vec<Diagnostic> {
        let regions = self.waivers.iter().flat_map(|waiver| &waiver.regions);
        let unknown = regions.filter(|region| !atlas.knows(&region.value));
        unknown.map(|region| unknown_region(atlas, region.span, &region.value)).collect()
    }
}

impl Names<'_> {
    fn pack(&mut self, pack: &Located<String>, known: &[&str]) {
        let name = &pack.value;
        if known.contains(&name.as_str()) || name == DEFAULT_PACKS {
            return;
        }
        let wrong = Diagnostic::new("config-unknown-pack", pack.span, format!("there is no pack `{name}`"));
        self.found.push(wrong.help(match suggest::did_you_mean(name, known) {
            Some(help) => help,
            None => format!("write `./{name}` if it is a folder; `purposelint rules` lists all packs"),
        }));
    }

    fn rules(&mut self, glob: &RuleGlob) {
        let text = glob.text.value.as_str();
        if glob.is_exact() {
            self.rule(text, glob.text.span);
        } else if !self.rules.iter().any(|rule| glob.matches(rule)) {
            let wrong = Diagnostic::new("config-unknown-rule", glob.text.span, format!("`{text}` matches no rule"));
            self.found.push(wrong.help(self.glob_help(text)));
        }
    }

    /// Whether a rule of this id exists; reported if not.
    fn rule(&mut self, id: &str, span: Span) -> bool {
        if self.rules.contains(&id) {
            return true;
        }
        let wrong = Diagnostic::new("config-unknown-rule", span, format!("there is no rule `{id}`"));
        let near = if self.found.len() < MOST_SUGGESTED { suggest::rule(id, &self.rules) } else { None };
        self.found.push(wrong.help(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`purposelint rules` lists all rules".to_owned(),
        }));
        false
    }

    fn glob_help(&self, glob: &str) -> String {
        let mut packs: Vec<&str> = self.rules.iter().filter_map(|rule| Some(rule.split_once('/')?.0)).collect();
        packs.dedup();
        match glob.split_once('/') {
            Some((pack, rest)) if !packs.contains(&pack) => match suggest::nearest(pack, packs) {
                Some(near) => format!("did you mean `{near}/{rest}`?"),
                None => "`purposelint rules` lists all rules".to_owned(),
            },
            Some(_) => "`purposelint rules` lists all rules".to_owned(),
            None => format!("a rule is `pack/name`; did you mean `*/{glob}`?"),
        }
    }

    fn parameter(&mut self, parameter: &Parameter) {
        let Parameter { rule, name, .. } = parameter;
        if !self.rule(&rule.value, rule.span) {
            return;
        }
        // of a rule whose pack is not in use, only the name is known
        let Some(known) = (self.parameters)(&rule.value) else { return };
        if known.contains(&name.value) {
            return;
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let message = format!("`{}` has no parameter `{}`", rule.value, name.value);
        let wrong = Diagnostic::new("config-unknown-parameter", name.span, message);
        self.found.push(wrong.help(match suggest::did_you_mean(&name.value, &known) {
            Some(help) => help,
            None if known.is_empty() => "this rule has no parameters".to_owned(),
            None => format!("`purposelint explain {}` lists its parameters", rule.value),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::load_all;
    use crate::config::{Matching, Override, ParameterValue};
    use crate::diagnostic::Severity;
    use crate::source::SourceMap;
    use crate::space::{Atlas, Date};

    fn load(text: &str) -> (SourceMap, Config, Vec<Diagnostic>) {
        load_all(&[("purposelint.yaml", text)])
    }

    fn shown(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Vec<String> {
        let line = |diagnostic: &Diagnostic| {
            let help = diagnostic.help.as_deref().unwrap_or_default();
            format!("{} | {} | {help}", sources.slice(diagnostic.primary.span), diagnostic.message)
        };
        diagnostics.iter().map(line).collect()
    }

    fn checked(text: &str) -> Vec<String> {
        let (sources, config, diagnostics) = load(text);
        assert_eq!(shown(&sources, &diagnostics), Vec::<String>::new());
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let packs = list(&["core", "eu-gdpr", "fair-defaults"]);
        let rules = list(&["core/duplicate-key", "eu-gdpr/retention-open-ended", "fair-defaults/setting-buried"]);
        let parameters = |rule: &str| match rule {
            "fair-defaults/setting-buried" => Some(vec!["max_steps".to_owned()]),
            "core/duplicate-key" => Some(vec![]),
            _ => None,
        };
        shown(&sources, &config.check(&packs, &rules, &parameters))
    }

    #[test]
    fn values_are_read_with_their_places() {
        let (sources, config, diagnostics) = load(
            "version: 1\npacks: [core, ./policies/acme]\nfail_on: warning\nhorizon: P30D\nlimits: {file_bytes: 10, depth: 3}\n\
             severity:\n  \"*\": info\n  eu-gdpr/a: error\n  eu-gdpr/*: off\nparameters: {eu-gdpr/a: {most: 3}}\n\
             groups: {DACH-PLUS: [DACH, IT], DACH: [DE, AT, CH]}\n",
        );
        assert_eq!(shown(&sources, &diagnostics), Vec::<String>::new());
        let own = Override::Severity(Severity::Warning);
        let severity = |rule: &str| config.standing(rule, own, &Matching::default()).entry.unwrap().to.value;
        assert_eq!(severity("eu-gdpr/a"), Override::Severity(Severity::Error));
        assert_eq!(severity("eu-gdpr/b"), Override::Off);
        assert_eq!(severity("core/b"), Override::Severity(Severity::Info));
        let most = config.parameter_standing(("eu-gdpr/a", "most"), &|_| false, &Matching::default());
        assert_eq!(most.entry.unwrap().value.value, ParameterValue::Int(3));
        assert_eq!((config.fail_on(), config.horizon_days()), (Severity::Warning, 30));
        assert_eq!((config.limits.file_size, config.limits.depth, config.limits.alias_nodes), (10, 3, 100_000));
        assert_eq!(
            config.layers[0].local_packs().map(|pack| sources.slice(pack.span).to_string()).collect::<Vec<_>>(),
            ["./policies/acme"]
        );
        let day = Date::parse("2026-11-21").unwrap();
        assert_eq!(config.atlas(Atlas::builtin()).lookup("DACH-PLUS", day).unwrap().len(), 4);
    }

    #[test]
    fn an_empty_config_has_the_defaults() {
        for text in ["", "# nothing\n", "version: 1\n"] {
            let (_, config, diagnostics) = load(text);
            assert_eq!(diagnostics, [], "{text}");
            assert_eq!((config.fail_on(), config.horizon_days(), config.packs), (Severity::Error, 180, None));
        }
    }

    #[test]
    fn what_a_shape_cannot_tell_is_reported() {
        let (sources, _, diagnostics) = load(
            "colour: x\nexclude: [\"!b\", '\\!b', \"a/[b\"]\nseverity: {\"a/{b\": off}\nfail_on: eror\n\
             groups: {EU: [DE], MINE: [UK], ONE: [TWO], TWO: [ONE]}\nhorizon: P99999999999999999999Y\n---\nversion: 1\n",
        );
        insta::assert_snapshot!(shown(&sources, &diagnostics).join("\n"), @r#"
        colour | unknown key `colour` in a config | one of `version`, `include`, `packs`, `parameters`, `locked`, `waivers`, `max_waiver`, `limits`, `extends` and `files`
        "!b" | `!b` takes nothing out of the list: a glob has no `!` in front | name what is meant; a name that begins with `!` is written `\!`
        "a/[b" | `a/[b` is not a glob: unclosed character class; missing ']' | put a backslash before a character that is meant as such: `\[`
        "a/{b" | `a/{b` is not a glob of ids: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?) | write it like `eu-gdpr/*`
        eror | `eror` is not a value of `fail_on` | did you mean `error`? it is one of `error`, `warning` and `info`
        EU | `EU` has a meaning already | choose another name
        UK | `UK` is not a territory or group | did you mean `GB`?
        P99999999999999999999Y | `P99999999999999999999Y` is longer than can be counted | write it like `P180D`
        version: 1 | a config is one document, and this is another | join them to one, without `---`
        "#);
        let (sources, _, diagnostics) = load("groups: {ONE: [TWO], TWO: [DE, ONE]}\n");
        assert_eq!(
            shown(&sources, &diagnostics),
            [
                "TWO | `ONE` holds itself by way of `TWO` | list the territories of one of them",
                "ONE | `TWO` holds itself by way of `ONE` | list the territories of one of them",
            ]
        );
    }

    #[test]
    fn a_duration_that_is_not_one_is_reported_once() {
        for (duration, said) in [
            ("P180D", ""),
            ("PT12H", ""),
            ("P9999Y", ""),
            ("P99999Y", "`P99999Y` is longer than can be counted"),
            ("P9999999M", "`P9999999M` is longer than can be counted"),
            ("P", "`P` is not a duration"),
            ("P180", "`P180` is not a duration"),
            ("P180 days", "`P180 days` is not a duration"),
            ("180D", "`180D` is not a duration"),
        ] {
            for key in ["horizon", "max_waiver"] {
                let (_, _, diagnostics) = load(&format!("{key}: {duration}\n"));
                let messages: Vec<&str> = diagnostics.iter().map(|wrong| wrong.message.as_str()).collect();
                assert_eq!(messages.join("; "), said, "{key}: {duration}");
            }
        }
    }

    #[test]
    fn a_waiver_ends_on_a_day_that_there_is() {
        for (day, said) in [
            ("2028-02-29", ""),
            ("2027-02-29", "`2027-02-29` is not a day"),
            ("\"2027-02-31\"", "`2027-02-31` is not a day"),
            ("2027-13-01", "`2027-13-01` is not a day"),
            ("soon", "`soon` is not a day"),
            ("20270101", "`expires` must be text, not a whole number"),
        ] {
            let waiver = format!("waivers: [{{rule: core/x, reason: r, owner: o, expires: {day}}}]\n");
            let (_, _, diagnostics) = load(&waiver);
            let messages: Vec<&str> = diagnostics.iter().map(|wrong| wrong.message.as_str()).collect();
            assert_eq!(messages.join("; "), said, "{day}");
        }
    }

    #[test]
    fn what_the_schema_admits_counts_however_it_is_written() {
        let (_, config, found) = load("limits: {file_bytes: 10.0, depth: 7.0, entries: 1e1, steps: 2e+9}\n");
        assert_eq!(found, []);
        let limits = config.limits;
        let told = (limits.file_size, limits.depth, limits.entries, limits.steps);
        assert_eq!(told, (10, 7, 10, 2_000_000_000));
        let (_, config, found) = load("groups: {TRUE: [FR]}\n");
        assert_eq!((found.len(), config.groups.len()), (0, 1));
    }

    #[test]
    fn names_that_no_pack_knows_are_errors_with_a_suggestion() {
        let found = checked(
            "packs: [core, eu-gdrp, ./x]\n\
             severity: {setting-buried: off, \"eu-gdrp/*\": off, retention-*: off, core/*: off, core/dupliacte-key: off, 9: off}\n\
             parameters: {fair-defaults/setting-buried: {max_step: 3, 7: 1}, core/duplicate-key: {a: 1}, zz: {b: 1}}\n",
        );
        insta::assert_snapshot!(found.join("\n"), @r#"
        eu-gdrp | there is no pack `eu-gdrp` | did you mean `eu-gdpr`?
        setting-buried | there is no rule `setting-buried` | did you mean `fair-defaults/setting-buried`?
        "eu-gdrp/*" | `eu-gdrp/*` matches no rule | did you mean `eu-gdpr/*`?
        retention-* | `retention-*` matches no rule | a rule is `pack/name`; did you mean `*/retention-*`?
        core/dupliacte-key | there is no rule `core/dupliacte-key` | did you mean `core/duplicate-key`?
        9 | there is no rule `9` | `purposelint rules` lists all rules
        max_step | `fair-defaults/setting-buried` has no parameter `max_step` | did you mean `max_steps`?
        7 | `fair-defaults/setting-buried` has no parameter `7` | one of `max_steps`
        a | `core/duplicate-key` has no parameter `a` | this rule has no parameters
        zz | there is no rule `zz` | `purposelint rules` lists all rules
        "#);
    }
}
