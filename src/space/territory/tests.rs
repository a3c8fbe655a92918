//! The atlas: names, groups, what was probably meant.

use super::*;
use crate::source::SourceMap;

#[test]
fn the_atlas_that_ships_is_sound() {
    let atlas = Atlas::load(include_str!("../../../policies/territories.yaml")).unwrap();
    assert_eq!(atlas.world().len(), 313);
    for (wrong, right) in &atlas.rejected {
        assert!(!atlas.codes.contains_key(wrong.as_str()), "{wrong} is a code");
        assert!(atlas.lookup(right, Date::parse("2026-11-21").unwrap()).is_ok(), "{wrong} -> {right}");
    }
}

#[test]
fn membership_is_that_of_the_date() {
    let atlas = Atlas::builtin();
    let on = |day: &str| atlas.lookup("EU", Date::parse(day).unwrap()).unwrap();
    let gb = atlas.leaf("GB").unwrap();
    assert!(on("2020-01-31").has(gb));
    assert!(!on("2020-02-01").has(gb));
    assert!(on("2026-11-21").has(atlas.leaf("RE").unwrap()));
    assert!(!on("2026-11-21").has(atlas.leaf("NO").unwrap()));
}

#[test]
fn sets_of_leaves_are_sets() {
    // the first and the last leaf of each word, and what is near them
    let leaves = || [0_u16, 1, 62, 63, 64, 65, 127, 128, 311, 312].into_iter();
    let some = |bits: u32| leaves().enumerate().filter(move |(at, _)| bits & (1 << at) != 0).map(|(_, leaf)| leaf);
    let set = |bits: u32| some(bits).fold(TerritorySet::EMPTY, |all, leaf| all.or(TerritorySet::of(Territory(leaf))));
    let told = |set: TerritorySet| set.iter().map(|leaf| leaf.0).collect::<Vec<u16>>();
    for a in (0..1024_u32).step_by(7) {
        assert_eq!(told(set(a)), some(a).collect::<Vec<u16>>());
        assert_eq!(set(a).len(), some(a).count());
        assert_eq!(set(a).is_empty(), a == 0);
        for leaf in leaves() {
            assert_eq!(set(a).has(Territory(leaf)), some(a).any(|other| other == leaf));
        }
        for b in (0..1024).step_by(37) {
            assert_eq!(set(a).or(set(b)), set(a | b));
            assert_eq!(set(a).and(set(b)), set(a & b));
            assert_eq!(set(a).minus(set(b)), set(a & !b));
            assert_eq!(set(a).is_within(set(b)), a & !b == 0);
        }
    }
}

/// An atlas with few leaves, and groups that changed.
const SMALL: &str = "\
version: 1
leaves: [{code: ZZ, name: Zed}, {code: AA, name: Aland}, {code: BB, name: Beland}, {code: CC-X, name: Exe}, {code: DD, name: Dee}]
aliases: {X: CC-X}
rejected: {A1: AA}
groups:
  - {name: INNER, title: Within, source: s, members: [
  {codes: [AA]}, {codes: [BB], from: '2010-01-01', until: '2020-01-01'}, {codes: [DD], until: '2005-01-01'}]}
  - {name: OUTER, title: Around, source: s, members: [
  {codes: [INNER], from: '2008-01-01', until: '2015-01-01'}, {codes: [X], from: '2020-01-01'}]}
  - {name: QUIET, title: Unsaid, source: s, folds: false, members: [{codes: [ZZ, AA]}]}
";

fn codes(atlas: &Atlas, set: TerritorySet) -> String {
    set.iter().map(|leaf| atlas.code(leaf)).collect::<Vec<&str>>().join(" ")
}

#[test]
fn a_group_within_a_group_is_in_it_on_the_days_of_both() {
    let atlas = Atlas::load(SMALL).unwrap();
    for (day, inner, outer) in [
        ("2004-12-31", "AA DD", ""),
        ("2005-01-01", "AA", ""),
        ("2007-12-31", "AA", ""),
        ("2008-01-01", "AA", "AA"),
        ("2010-01-01", "AA BB", "AA BB"),
        ("2014-12-31", "AA BB", "AA BB"),
        ("2015-01-01", "AA BB", ""),
        ("2019-12-31", "AA BB", ""),
        ("2020-01-01", "AA", "CC-X"),
    ] {
        let on = |name: &str| codes(&atlas, atlas.lookup(name, Date::parse(day).unwrap()).unwrap());
        assert_eq!((on("INNER").as_str(), on("OUTER").as_str()), (inner, outer), "{day}");
        assert_eq!(on(WORLD), "AA BB CC-X DD ZZ", "in order, however they are written");
    }
    let days = |name: &str| atlas.changes(name).iter().map(Date::to_string).collect::<Vec<String>>().join(" ");
    assert_eq!(days("INNER"), "2005-01-01 2010-01-01 2020-01-01");
    // DD had left before the rest of them came
    assert_eq!(days("OUTER"), "2008-01-01 2010-01-01 2015-01-01 2020-01-01");
    assert_eq!((days("QUIET"), days("AA"), days("NOBODY")), Default::default());
}

#[test]
fn what_has_a_name_is_found_by_it() {
    let mut atlas = Atlas::load(SMALL).unwrap();
    let day = Date::parse("2026-11-21").unwrap();
    for (name, title, leaves) in [
        ("AA", Some("Aland"), Some("AA")),
        ("X", Some("Exe"), Some("CC-X")),
        ("INNER", Some("Within"), Some("AA")),
        ("QUIET", Some("Unsaid"), Some("AA ZZ")),
        ("NOBODY", None, None),
        ("A1", None, None),
        ("", None, None),
    ] {
        assert_eq!(atlas.title(name), title, "{name}");
        assert_eq!(atlas.lookup(name, day).ok().map(|set| codes(&atlas, set)).as_deref(), leaves, "{name}");
        assert_eq!(atlas.knows(name), leaves.is_some(), "{name}");
    }
    assert!(atlas.knows(WORLD));
    assert_eq!(atlas.leaves().collect::<Vec<_>>()[..2], [("AA", "Aland"), ("BB", "Beland")]);
    let groups: Vec<_> = atlas.groups().collect();
    assert_eq!(groups, [(WORLD, "Everywhere"), ("INNER", "Within"), ("OUTER", "Around"), ("QUIET", "Unsaid")]);
    let set = |atlas: &Atlas, name: &str| atlas.lookup(name, day).unwrap();
    let name = |atlas: &Atlas, set: TerritorySet| atlas.name_of(set, day).map(str::to_owned);
    for (of, said) in [(WORLD, Some(WORLD)), ("INNER", Some("INNER")), ("QUIET", None), ("DD", None)] {
        assert_eq!(name(&atlas, set(&atlas, of)).as_deref(), said, "{of}");
    }

    atlas.add_group("OURS", &["QUIET", "DD"]).unwrap();
    assert_eq!(codes(&atlas, set(&atlas, "OURS")), "AA DD ZZ");
    assert_eq!(name(&atlas, set(&atlas, "OURS")).as_deref(), Some("OURS"));
    atlas.add_group("OURS", &["INNER", "X"]).unwrap();
    assert_eq!(codes(&atlas, set(&atlas, "OURS")), "AA CC-X", "a name stands for what was said last");
    assert_eq!(atlas.groups().filter(|(name, _)| *name == "OURS").count(), 1);
    assert_eq!(atlas.changes("OURS").len(), 3, "a part keeps its days");
    atlas.add_group("ALL", &[WORLD]).unwrap();
    assert_eq!(set(&atlas, "ALL"), atlas.world());
    assert_eq!(atlas.add_group("MORE", &["AA", "EE"]), Err(("EE".to_owned(), UnknownTerritory)));
    assert!(!atlas.knows("MORE"));
}

#[test]
fn an_atlas_that_is_wrong_is_refused() {
    let leaves = |count: usize| {
        let leaves: Vec<String> = (0..count).map(|at| format!("{{code: L{at}, name: L}}")).collect();
        format!("{{version: 1, leaves: [{}], aliases: {{}}, rejected: {{}}, groups: []}}", leaves.join(", "))
    };
    assert_eq!(Atlas::load(&leaves(384)).unwrap().world().len(), 384);
    for (text, said) in [
        (leaves(385), "more than 384 leaves"),
        (SMALL.replace("X: CC-X", "X: CC-Y"), "alias X: no leaf CC-Y"),
        (SMALL.replace("[INNER]", "[QUIET]"), "OUTER: no leaf or earlier group QUIET"),
        (SMALL.replace("'2015-01-01'", "'2015-02-30'"), "OUTER: 2015-02-30 is no day"),
        (SMALL.replace("folds", "fold"), "unknown field `fold`"),
    ] {
        let error = Atlas::load(&text).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn wrong_codes_are_answered_with_the_right_one() {
    let atlas = Atlas::builtin();
    for (wrong, right) in [
        ("UK", Some("GB")),
        ("EL", Some("GR")),
        ("USA", Some("US")),
        ("gb", Some("GB")),
        (" uk ", Some("GB")),
        ("world", Some(WORLD)),
        ("GDPR_LIKE_EUROPE", Some("GDPR-LIKE-EUROPE")),
        ("GDPR-LIKE-EUROP", Some("GDPR-LIKE-EUROPE")),
        ("wolrd", Some(WORLD)),
        ("us-ca", Some("US-CA")),
        ("France", Some("FR")),
        ("south africa ", Some("ZA")),
        // of two or three letters, others with one letter changed are no guess but a lottery
        ("EV", None),
        ("EUA", None),
        ("somewhere", None),
    ] {
        assert_eq!(atlas.suggestion(wrong).as_deref(), right, "{wrong}");
    }
}

#[test]
fn only_another_spelling_is_corrected_without_asking() {
    let atlas = Atlas::builtin();
    let mut sources = SourceMap::new();
    let file = sources.add("a.yaml", "regions: [x]");
    let span = Span::new(file, 10, 11);
    for (name, help, fix) in [
        ("UK", "did you mean `GB`?", Some(("GB", Safety::Safe))),
        ("fr", "did you mean `FR`?", Some(("FR", Safety::Safe))),
        ("GDPR_LIKE_EUROPE", "did you mean `GDPR-LIKE-EUROPE`?", Some(("GDPR-LIKE-EUROPE", Safety::Safe))),
        ("GDPR-LIKE-EUROP", "did you mean `GDPR-LIKE-EUROPE`?", Some(("GDPR-LIKE-EUROPE", Safety::Suggest))),
        ("Germany", "did you mean `DE`?", Some(("DE", Safety::Suggest))),
        ("no", "did you mean `NO`?", Some(("\"NO\"", Safety::Safe))),
        ("7", "write an ISO 3166 code such as `FR` or `US-CA`, or a group such as `EEA`", None),
    ] {
        let wrong = unknown_region(atlas, span, name);
        assert_eq!((wrong.code, wrong.help.as_deref()), ("unknown-region", Some(help)), "{name}");
        assert_eq!(wrong.message, format!("`{name}` is not a territory or group"));
        let fixes: Vec<_> = wrong.fixes.iter().map(|fix| (&*fix.edits[0].text, fix.safety)).collect();
        assert_eq!(fixes, fix.into_iter().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_group_that_is_named_again_and_again_is_no_larger() {
    let mut atlas = Atlas::builtin().clone();
    let members = |atlas: &Atlas, name: &str| atlas.group(name).unwrap().members.len();
    atlas.add_group("G0", &["EU", "EEA"]).unwrap();
    for at in 0..64 {
        let (name, before) = (format!("G{}", at + 1), format!("G{at}"));
        atlas.add_group(&name, &[&before, &before]).unwrap();
    }
    assert_eq!(members(&atlas, "G64"), members(&atlas, "G0"));
    for day in ["2010-01-01", "2019-01-01", "2026-11-21"] {
        let day = Date::parse(day).unwrap();
        assert_eq!(atlas.lookup("G64", day), atlas.lookup("G0", day));
    }
    // one that takes the place of another is found under its name
    atlas.add_group("G0", &["FR"]).unwrap();
    let now = Date::parse("2026-11-21").unwrap();
    assert_eq!(atlas.lookup("G0", now).unwrap().len(), 1);
    assert_eq!(atlas.lookup("G1", now).unwrap().len(), atlas.lookup("G64", now).unwrap().len());
}
