//! "Did you mean": the nearest of the words that would have been right.

use std::collections::{BTreeMap, BTreeSet};

/// Names that are listed at most.
const MOST_LISTED: usize = 12;

/// Letters from which on the beginning of a name says which one is meant.
const SHORTEST_START: usize = 5;

/// The candidate closest to `word`, if one is close enough to be a slip: at most a third of the letters differ.
/// Letter case does not count; of equally close ones the one with the longer common start wins, then the first. The word itself
/// is never the answer: whoever asks has found it wrong, and reads it already.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let written = word;
    let word: Vec<char> = word.chars().take(64).flat_map(char::to_lowercase).collect();
    let mut best: Option<((usize, usize), &str)> = None;
    for candidate in candidates.into_iter().filter(|candidate| *candidate != written) {
        let letters: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        let allowed = (word.len().max(letters.len()) / 3).max(1);
        if word.len().abs_diff(letters.len()) > allowed || apart(&word, &letters) > allowed {
            continue;
        }
        let distance = distance(&word, &letters);
        let different_from = word.iter().zip(&letters).take_while(|(a, b)| a == b).count();
        let rank = (distance, usize::MAX - different_from);
        if distance <= allowed && best.is_none_or(|(least, _)| rank < least) {
            best = Some((rank, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The name of a rule without that of its pack.
pub fn own_name(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// The rule that a name stands for that is no id: one of this name, one whose name begins with it, or else the nearest.
pub fn rule<'c>(name: &str, rules: &[&'c str]) -> Option<&'c str> {
    let bare = own_name(name);
    let all = || rules.iter().copied();
    let same = all().find(|rule| own_name(rule) == bare && *rule != name);
    // a few letters are the beginning of too much
    let is_start = bare.len() >= SHORTEST_START;
    let in_pack = || all().find(|rule| is_start && name.contains('/') && rule.starts_with(name));
    let anywhere = || all().find(|rule| is_start && own_name(rule).starts_with(bare));
    same.or_else(in_pack).or_else(|| nearest(name, all())).or_else(anywhere)
}

/// Fewest letters of a word in which one wrong letter says nothing else.
const LONG_WORD: usize = 5;

/// The candidate that `word` is but for one slip of the pen, if it is long and the only one: nobody who sees both has to
/// think about what was meant.
pub fn slip<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word: Vec<char> = word.chars().take(64).flat_map(char::to_lowercase).collect();
    let is_near = |candidate: &&str| {
        let letters: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        letters.len() >= LONG_WORD && word.len().abs_diff(letters.len()) <= 1 && distance(&word, &letters) <= 1
    };
    let mut near = candidates.into_iter().filter(is_near);
    let first = near.next()?;
    near.all(|other| other == first).then_some(first)
}

/// A help text that names the nearest candidate, or else lists all of them when they are few.
pub fn did_you_mean(word: &str, candidates: &[&str]) -> Option<String> {
    if let Some(near) = nearest(word, candidates.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    (!candidates.is_empty() && candidates.len() <= MOST_LISTED).then(|| format!("one of {}", list(candidates)))
}

/// A help text for a name that no purpose has, by the purposes that there are, each with its service: it may be that of a service,
/// or be written behind one.
pub fn purpose(word: &str, known: &[(&str, &str)]) -> Option<String> {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut purposes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (service, purpose) in known {
        services.entry(service).or_default().insert(purpose);
        purposes.entry(purpose).or_default().insert(service);
    }
    if let Some(of) = services.get(word) {
        let of: Vec<&str> = of.iter().copied().collect();
        let which = if of.len() <= MOST_LISTED { format!("; it has {}", list(&of)) } else { String::new() };
        return Some(format!("`{word}` is a service, which is chosen with `--service {word}`{which}"));
    }
    if let Some((service, purpose)) = known.iter().find(|(service, purpose)| format!("{service}/{purpose}") == word) {
        return Some(format!("write `{purpose} --service {service}`"));
    }
    let names: Vec<&str> = purposes.keys().copied().collect();
    let Some(several) = purposes.values().find(|of| of.len() > 1) else { return did_you_mean(word, &names) };
    let choose = |of: &BTreeSet<&str>| {
        let options: Vec<String> = of.iter().map(|service| format!("--service {service}")).collect();
        either(&options.iter().map(String::as_str).collect::<Vec<_>>())
    };
    if let Some(near) = nearest(word, names.iter().copied()) {
        let of = purposes.get(near).filter(|of| of.len() > 1);
        let way = of.map(|of| format!(" choose with {}", choose(of))).unwrap_or_default();
        return Some(format!("did you mean `{near}`?{way}"));
    }
    let with_services = |(purpose, of): (&&str, &BTreeSet<&str>)| {
        let of: Vec<String> = of.iter().map(|service| format!("`{service}`")).collect();
        format!("`{purpose}` ({})", of.join(", "))
    };
    let all = || join(&purposes.iter().map(with_services).collect::<Vec<_>>());
    (known.len() <= MOST_LISTED).then(|| format!("one of {}; choose with {}", all(), choose(several)))
}

/// `` `a`, `b` and `c` ``
pub fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    join(&quoted)
}

/// `` `a`, `b` or `c` ``
pub fn either(words: &[&str]) -> String {
    match words {
        [init @ .., last] if !init.is_empty() => {
            let quoted: Vec<String> = init.iter().map(|word| format!("`{word}`")).collect();
            format!("{} or `{last}`", quoted.join(", "))
        }
        words => list(words),
    }
}

/// `a, b and c`
pub fn join(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// What the distance is at least: letters that one word has more often than the other. A file with ten thousand unknown names
/// asks for the distance a million times, and this is a tenth of the work.
fn apart(a: &[char], b: &[char]) -> usize {
    const BINS: usize = 32;
    let mut more = [0_i32; BINS];
    for (letters, by) in [(a, 1), (b, -1)] {
        for letter in letters {
            if let Some(count) = more.get_mut(*letter as usize % BINS) {
                *count += by;
            }
        }
    }
    let sum = |sign: i32| more.iter().map(|count| (count * sign).max(0).unsigned_abs() as usize).sum::<usize>();
    sum(1).max(sum(-1))
}

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours each count one.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX - 1);
            let mut least = (at(&last, j + 1) + 1).min(at(&row, j) + 1).min(at(&last, j) + usize::from(x != y));
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                least = least.min(at(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let keys = ["default", "until_answer", "on_dismiss", "off", "on"];
        assert_eq!(nearest("defualt", keys), Some("default"));
        assert_eq!(nearest("of", ["on", "off", "ask"]), Some("off"));
        assert_eq!(nearest("until_anwser", keys), Some("until_answer"));
        assert_eq!(nearest("recipients", keys), None);
        assert_eq!(nearest("OFF", keys), Some("off"));
        // what was written is no suggestion
        assert_eq!(nearest("default", keys), None);
    }

    #[test]
    fn a_name_that_no_purpose_has_may_be_that_of_a_service() {
        let two = [("a", "p"), ("b", "p"), ("b", "quite_other")];
        let one = [("a", "p"), ("a", "quite_other")];
        for (word, known, expected) in [
            ("a", &two[..], "`a` is a service, which is chosen with `--service a`; it has `p`"),
            ("a/p", &two, "write `p --service a`"),
            ("zz", &two, "one of `p` (`a`, `b`) and `quite_other` (`b`); choose with `--service a` or `--service b`"),
            ("quite_othre", &two, "did you mean `quite_other`?"),
            ("P", &two, "did you mean `p`? choose with `--service a` or `--service b`"),
            ("zz", &one, "one of `p` and `quite_other`"),
            ("zz", &[("a", "p"), ("b", "q")], "one of `p` and `q`"),
        ] {
            assert_eq!(purpose(word, known).as_deref(), Some(expected), "{word}");
        }
        assert_eq!(purpose("zz", &[]), None);
    }

    #[test]
    fn rules_are_known_by_their_names_and_how_these_begin() {
        let rules = ["core/duplicate-key", "fair/ai-training-on-by-default", "fair/buried", "law/ai-training"];
        for (name, expected) in [
            ("duplicate-key", Some("core/duplicate-key")),
            ("buried", Some("fair/buried")),
            ("fair/burried", Some("fair/buried")),
            ("other/ai-training", Some("law/ai-training")),
            ("ai-training-on-by", Some("fair/ai-training-on-by-default")),
            ("fair/ai-training-on", Some("fair/ai-training-on-by-default")),
            ("ai", None),
            ("", None),
            ("é/ü", None),
        ] {
            assert_eq!(rule(name, &rules), expected, "{name}");
        }
    }

    #[test]
    fn a_slip_is_one_letter_of_a_long_word() {
        let keys = ["recipients", "default", "ages", "regions", "reasons", "region"];
        for (word, meant) in [
            ("recipents", Some("recipients")),
            ("Defualt", Some("default")),
            ("reipents", None),
            ("age", None),
            ("agse", None),
            ("egions", Some("regions")),
            // two words are as near
            ("regionn", None),
            ("", None),
        ] {
            assert_eq!(slip(word, keys), meant, "{word}");
        }
    }

    proptest::proptest! {
        #[test]
        fn words_are_no_nearer_than_their_letters(a in "[a-eé/]{0,8}", b in "[a-eé/]{0,8}") {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            proptest::prop_assert!(apart(&letters(&a), &letters(&b)) <= distance(&letters(&a), &letters(&b)));
        }
    }

    #[test]
    fn lists_read_as_english() {
        assert_eq!(list(&["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(either(&["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(either(&["a"]), "`a`");
    }
}
