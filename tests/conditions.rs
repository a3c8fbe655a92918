//! Where every fact is declared, conditions must evaluate to what the `cel` crate makes of them.

#[cfg(test)]
#[path = "../src/policy/condition/tests/mock.rs"]
#[allow(dead_code, reason = "the unit tests use more of it")]
mod mock;

// the mock is shared with the unit tests, where the root has another name
use purposelint as root;

#[cfg(test)]
mod differential {
    use std::collections::HashMap;
    use std::sync::Arc;

    use serde_json::{Value as Json, json};

    use super::mock::{Mock, Object, with_env};
    use super::root::policy::condition::{Expression, Gap, Value};

    const CASES: u64 = 6_000;

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum T {
        Bool,
        Int,
        Double,
        Text,
        Ints,
        Texts,
        /// An item of `purpose.data`.
        Data,
    }

    /// Writes random expressions that are well typed. The numbers are those of SplitMix64, so that a seed is a case for ever.
    struct Writer {
        state: u64,
        variables: Vec<T>,
        /// Inside lists nothing may fail: CEL refuses the list, we keep an unknown element.
        total: bool,
    }

    impl Writer {
        fn below(&mut self, bound: usize) -> usize {
            self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
        }

        fn pick(&mut self, from: &[&str]) -> String {
            from[self.below(from.len())].to_owned()
        }

        /// A variable of the type, as far as there is one.
        fn variable(&mut self, ty: T) -> Option<String> {
            let fitting: Vec<usize> = (0..self.variables.len()).filter(|at| self.variables[*at] == ty).collect();
            (!fitting.is_empty()).then(|| format!("v{}", fitting[self.below(fitting.len())]))
        }

        fn totally<R>(&mut self, write: impl FnOnce(&mut Self) -> R) -> R {
            let before = std::mem::replace(&mut self.total, true);
            let result = write(self);
            self.total = before;
            result
        }

        fn write(&mut self, ty: T, depth: usize) -> String {
            if self.below(3) == 0
                && let Some(variable) = self.variable(ty)
            {
                return variable;
            }
            if depth > 0 && ty != T::Data && self.below(12) == 0 {
                let (c, a, b) = (self.write(T::Bool, depth - 1), self.write(ty, depth - 1), self.write(ty, depth - 1));
                return format!("({c} ? {a} : {b})");
            }
            match ty {
                T::Bool => self.bool(depth),
                T::Int => self.int(depth),
                T::Double => self.double(depth),
                T::Text => self.text(),
                T::Ints => self.ints(depth),
                T::Texts => self.texts(depth),
                T::Data => self.variable(T::Data).unwrap_or_else(|| format!("purpose.data[{}]", self.below(3))),
            }
        }

        fn bool(&mut self, depth: usize) -> String {
            if depth == 0 {
                let facts = [
                    "true",
                    "false",
                    "purpose.device_access",
                    "purpose.carried_out",
                    "setting.requires_reason",
                    "param.flag",
                    "(state == 'on')",
                    "(state in ['off', 'ask'])",
                    "has(purpose.title)",
                    "has(purpose.output)",
                    "(purpose.necessity != \"core\")",
                ];
                return self.pick(&facts);
            }
            match self.below(14) {
                0..=1 => format!("({} && {})", self.write(T::Bool, depth - 1), self.write(T::Bool, depth - 1)),
                2..=3 => format!("({} || {})", self.write(T::Bool, depth - 1), self.write(T::Bool, depth - 1)),
                4 => format!("!{}", self.bracketed(T::Bool, depth - 1)),
                5..=6 => self.comparison(depth - 1),
                7 => format!("({} in {})", self.write(T::Int, depth - 1), self.write(T::Ints, depth - 1)),
                8 => format!("({} in {})", self.write(T::Text, depth - 1), self.write(T::Texts, depth - 1)),
                9 => {
                    let test = self.pick(&["startsWith", "endsWith", "contains"]);
                    format!("{}.{test}({})", self.bracketed(T::Text, depth - 1), self.write(T::Text, depth - 1))
                }
                10 => {
                    let word = self.pick(&[
                        "source == 'inferred'",
                        "source in ['provided', 'observed']",
                        "category != 'user'",
                    ]);
                    format!("({}.{word})", self.write(T::Data, depth))
                }
                _ => self.quantifier(depth - 1),
            }
        }

        fn bracketed(&mut self, ty: T, depth: usize) -> String {
            format!("({})", self.write(ty, depth))
        }

        fn comparison(&mut self, depth: usize) -> String {
            let order = self.pick(&["==", "!=", "<", "<=", ">", ">="]);
            let same = self.pick(&["==", "!="]);
            let (a, b, sign) = match self.below(7) {
                0 | 1 => (T::Int, T::Int, order),
                2 => (T::Int, T::Double, order),
                3 => (T::Double, T::Double, order),
                4 => (T::Text, T::Text, order),
                5 => (T::Bool, T::Bool, same),
                _ => (T::Ints, T::Ints, same),
            };
            format!("({} {sign} {})", self.write(a, depth), self.write(b, depth))
        }

        fn quantifier(&mut self, depth: usize) -> String {
            let (list, element) = self.any_list(depth);
            let quantifier = self.pick(&["exists", "all", "exists_one"]);
            // two that are found settle `exists_one` for us whatever fails elsewhere, for CEL a failure does
            let total = quantifier == "exists_one" || self.total;
            let before = std::mem::replace(&mut self.total, total);
            let body = self.under(element, |writer| writer.write(T::Bool, depth));
            self.total = before;
            format!("{list}.{quantifier}({}, {body})", self.next_variable())
        }

        fn any_list(&mut self, depth: usize) -> (String, T) {
            match self.below(3) {
                0 => (self.bracketed(T::Ints, depth), T::Int),
                1 => (self.bracketed(T::Texts, depth), T::Text),
                _ => ("purpose.data".to_owned(), T::Data),
            }
        }

        fn next_variable(&self) -> String {
            format!("v{}", self.variables.len())
        }

        fn under(&mut self, element: T, write: impl FnOnce(&mut Self) -> String) -> String {
            self.variables.push(element);
            let body = write(self);
            self.variables.pop();
            body
        }

        fn int(&mut self, depth: usize) -> String {
            if depth == 0 {
                if !self.total && self.below(12) == 0 {
                    return self.pick(&["9223372036854775807", "-9223372036854775808", "0x7fffffffffffffff"]);
                }
                return self.pick(&[
                    "0",
                    "1",
                    "2",
                    "3",
                    "-1",
                    "7",
                    "0x10",
                    "setting.help_steps",
                    "setting.steps.on",
                    "setting.steps.off",
                    "param.i",
                    "param.j",
                ]);
            }
            match self.below(10) {
                0 if !self.total => {
                    format!("{} * {}", self.bracketed(T::Int, depth - 1), self.bracketed(T::Int, depth - 1))
                }
                1 if !self.total => {
                    format!("{} / {}", self.bracketed(T::Int, depth - 1), self.bracketed(T::Int, depth - 1))
                }
                2 if !self.total => {
                    format!("{} % {}", self.bracketed(T::Int, depth - 1), self.bracketed(T::Int, depth - 1))
                }
                3 if !self.total => {
                    format!("{}[{}]", self.bracketed(T::Ints, depth - 1), self.write(T::Int, depth - 1))
                }
                4 => format!("size({})", self.write(T::Text, depth - 1)),
                5 => format!("{}.size()", self.bracketed(T::Ints, depth - 1)),
                6 => format!("-{}", self.bracketed(T::Int, depth - 1)),
                7 => format!("{} - {}", self.write(T::Int, depth - 1), self.bracketed(T::Int, depth - 1)),
                _ => format!("({} + {})", self.write(T::Int, depth - 1), self.write(T::Int, depth - 1)),
            }
        }

        fn double(&mut self, depth: usize) -> String {
            if depth == 0 {
                return self.pick(&["0.0", "1.0", "1.5", "-2.25", "3e2", ".5", "param.d"]);
            }
            let sign = self.pick(&["+", "-", "*", "/"]);
            format!("({} {sign} {})", self.write(T::Double, depth - 1), self.write(T::Double, depth - 1))
        }

        fn text(&mut self) -> String {
            self.pick(&[
                "''",
                "'a'",
                "\"ab\"",
                "'Ἀ\\u00e9'",
                "r'\\n'",
                "'\\n\\x41\\101'",
                "purpose.title",
                "setting.label",
                "param.word",
                "setting.location[1]",
            ])
        }

        fn ints(&mut self, depth: usize) -> String {
            if depth == 0 {
                return self.pick(&["[]", "[1, 2, 3]", "[0]", "param.numbers"]);
            }
            match self.below(4) {
                0 => self.totally(|writer| {
                    let items: Vec<String> = (0..writer.below(4)).map(|_| writer.write(T::Int, depth - 1)).collect();
                    format!("[{}]", items.join(", "))
                }),
                1 => self.filter(T::Ints, T::Int, depth - 1),
                2 => {
                    let (list, element) = self.any_list(depth - 1);
                    let body = self.totally(|writer| writer.under(element, |writer| writer.write(T::Int, depth - 1)));
                    format!("{list}.map({}, {body})", self.next_variable())
                }
                _ => self.ints(0),
            }
        }

        fn texts(&mut self, depth: usize) -> String {
            if depth == 0 {
                return self.pick(&["['a', 'ab']", "setting.location", "param.words", "['']"]);
            }
            match self.below(3) {
                0 => self.filter(T::Texts, T::Text, depth - 1),
                1 => {
                    let body = self.totally(|writer| writer.under(T::Data, |writer| writer.write(T::Text, depth)));
                    format!("purpose.data.map({}, {body})", self.next_variable())
                }
                _ => self.texts(0),
            }
        }

        fn filter(&mut self, list: T, element: T, depth: usize) -> String {
            let list = self.bracketed(list, depth);
            let body = self.under(element, |writer| writer.write(T::Bool, depth));
            format!("{list}.filter({}, {body})", self.next_variable())
        }
    }

    fn facts() -> Json {
        json!({
            "purpose": {
                "title": "Train AI", "device_access": true, "carried_out": false, "necessity": "optional",
                "data": [
                    {"category": "user", "source": "provided"},
                    {"category": "user.content", "source": "inferred"},
                    {"category": "user.content", "source": "observed"},
                ],
            },
            "setting": {
                "help_steps": 3, "steps": {"on": 1, "off": 4}, "requires_reason": false, "label": "a label",
                "location": ["Account", "a", "ab"],
            },
            "state": "on",
            "params": {"i": 5, "j": -3, "d": 2.5, "flag": true, "word": "ab", "words": ["a", "é"], "numbers": [1, 2, 5, 7]},
        })
    }

    fn to_cel(json: &Json) -> cel::Value {
        match json {
            Json::Null => cel::Value::Null,
            Json::Bool(value) => cel::Value::Bool(*value),
            Json::Number(value) => {
                value.as_i64().map_or_else(|| cel::Value::Float(value.as_f64().unwrap()), cel::Value::Int)
            }
            Json::String(value) => cel::Value::String(Arc::new(value.clone())),
            Json::Array(items) => cel::Value::List(Arc::new(items.iter().map(to_cel).collect())),
            Json::Object(entries) => {
                let entries: HashMap<String, cel::Value> =
                    entries.iter().map(|(key, value)| (key.clone(), to_cel(value))).collect();
                entries.into()
            }
        }
    }

    fn same(ours: &Value<Object>, theirs: &cel::Value) -> bool {
        match (ours, theirs) {
            (Value::Bool(a), cel::Value::Bool(b)) => a == b,
            (Value::Int(a), cel::Value::Int(b)) => a.exact() == Some(*b),
            (Value::Double(a), cel::Value::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
            (Value::Text(a), cel::Value::String(b)) => **a == **b,
            (Value::List(a), cel::Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.value.as_ref().is_ok_and(|a| same(a, b)))
            }
            _ => false,
        }
    }

    /// Facts of which some are declared but not to be known.
    fn with_unknowns(writer: &mut Writer) -> Json {
        const PLACES: [&str; 20] = [
            "/purpose/title",
            "/purpose/device_access",
            "/purpose/carried_out",
            "/purpose/necessity",
            "/purpose/data",
            "/purpose/data/0",
            "/purpose/data/1/source",
            "/purpose/data/2/source",
            "/purpose/data/2/category",
            "/setting",
            "/setting/help_steps",
            "/setting/steps",
            "/setting/steps/off",
            "/setting/label",
            "/setting/location",
            "/setting/location/0",
            "/setting/location/2",
            "/setting/requires_reason",
            "/state",
            "/purpose",
        ];
        let mut facts = facts();
        for _ in 0..1 + writer.below(4) {
            let place = PLACES[writer.below(PLACES.len())];
            if let Some(fact) = facts.pointer_mut(place) {
                *fact = json!(["$unknown", "$inapplicable"][usize::from(writer.below(4) == 0)]);
            }
        }
        facts
    }

    /// Whether `less` says nothing else than `more`, which is known from more facts.
    fn refined(less: &Result<Value<Object>, Gap>, more: &Result<Value<Object>, Gap>) -> bool {
        match (less, more) {
            (Err(_), _) => true,
            (Ok(Value::List(a)), Ok(Value::List(b))) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| refined(&a.value, &b.value))
            }
            (Ok(Value::Int(a)), Ok(Value::Int(b))) => a == b,
            (Ok(Value::Double(a)), Ok(Value::Double(b))) => a == b || (a.is_nan() && b.is_nan()),
            (Ok(Value::Bool(a)), Ok(Value::Bool(b))) => a == b,
            (Ok(Value::Text(a)), Ok(Value::Text(b))) => a == b,
            _ => false,
        }
    }

    #[test]
    fn what_is_known_from_few_facts_stays_so_with_all() {
        let all = facts();
        let whole = Mock::new(all.clone());
        let mut settled = 0;
        let mut wrong = Vec::new();
        for seed in 0..CASES {
            let mut writer = Writer { state: seed ^ 0x5eed, variables: Vec::new(), total: false };
            let ty = [T::Bool, T::Bool, T::Ints, T::Int][writer.below(4)];
            let text = writer.write(ty, 4);
            let few = Mock::new(with_unknowns(&mut writer));
            let expression = with_env(&all, |env| Expression::parse(&text, env)).unwrap();
            let (less, more) = (expression.evaluate(&few).value, expression.evaluate(&whole).value);
            settled += usize::from(less.is_ok());
            if !refined(&less, &more) {
                wrong.push(format!("{seed}: {text}\n  few {less:?}\n  all {more:?}"));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} of {CASES} change, such as\n{}",
            wrong.len(),
            wrong[..wrong.len().min(8)].join("\n")
        );
        println!("{settled} of {CASES} were settled by few facts");
        assert!(settled > 1_000 && settled < 5_500, "{settled}");
    }

    #[test]
    fn agrees_with_cel_where_every_fact_is_declared() {
        let facts = facts();
        let mut context = cel::Context::default();
        for (name, key) in [("purpose", "purpose"), ("setting", "setting"), ("state", "state"), ("param", "params")] {
            context.add_variable_from_value(name, to_cel(&facts[key]));
        }
        let mock = Mock::new(facts.clone());
        let (mut values, mut failures) = (0, 0);
        let mut wrong = Vec::new();
        for seed in 0..CASES {
            let mut writer = Writer { state: seed, variables: Vec::new(), total: false };
            let ty = [T::Bool, T::Bool, T::Bool, T::Int, T::Ints, T::Texts, T::Double][writer.below(7)];
            let text = writer.write(ty, 4);
            let ours = with_env(&facts, |env| Expression::parse(&text, env))
                .unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
                .evaluate(&mock)
                .value;
            let theirs =
                cel::Program::compile(&text).unwrap_or_else(|error| panic!("{text}: {error}")).execute(&context);
            let agree = match (&ours, &theirs) {
                (Ok(ours), Ok(theirs)) => same(ours, theirs),
                (Err(_), Err(_)) => true,
                _ => false,
            };
            if theirs.is_ok() {
                values += 1
            } else {
                failures += 1
            }
            if !agree {
                wrong.push(format!("{seed}: {text}\n  ours {ours:?}\n  cel {theirs:?}"));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} of {CASES} differ, such as\n{}",
            wrong.len(),
            wrong[..wrong.len().min(8)].join("\n")
        );
        println!("{values} values and {failures} failures agree with cel");
        assert!(values > 4_000 && failures > 100, "{values} values, {failures} failures");
    }
}
