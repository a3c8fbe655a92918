//! Sets of territories as people would say them: `EEA except FR`, `GB and US`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::block::Block;
use super::date::Date;
use super::territory::{Atlas, TerritorySet, WORLD};
use crate::order::Order;
use crate::suggest::join;

/// Most terms that are written out before "and 12 others".
const TERMS: usize = 12;

/// One term of a folded set.
struct Term {
    name: String,
    except: Vec<String>,
    size: usize,
}

/// Writes territories as the shortest list of groups, groups with exceptions, and codes.
pub struct Folder<'a> {
    /// Groups inside the served territories, largest first.
    groups: Vec<(&'a str, TerritorySet)>,
    atlas: &'a Atlas,
    /// What was asked before: most findings of a service are about the same few sets.
    told: RefCell<BTreeMap<TerritorySet, String>>,
}

impl<'a> Folder<'a> {
    /// A folder for a service offered in `served`, with group membership of `date`. A group that reaches further than the
    /// service is not used: its name would say too much.
    pub fn new(atlas: &'a Atlas, served: TerritorySet, date: Date) -> Self {
        let mut groups: Vec<(&str, TerritorySet)> = atlas
            .folding_groups(date)
            .chain([(WORLD, atlas.world())])
            .filter(|(_, leaves)| leaves.is_within(served))
            .collect();
        groups.retain(|(_, leaves)| leaves.len() > 1);
        groups.order_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(b.0)));
        groups.dedup_by(|a, b| a.1 == b.1);
        Self { groups, atlas, told: RefCell::default() }
    }

    /// The set in words.
    pub fn text(&self, set: TerritorySet) -> String {
        let known = self.told.borrow().get(&set).cloned();
        known.unwrap_or_else(|| {
            let text = self.fold(set);
            self.told.borrow_mut().insert(set, text.clone());
            text
        })
    }

    /// The set as the items of a list: the largest groups that fit, then codes.
    pub fn items(&self, set: TerritorySet) -> Vec<String> {
        self.plain(set)
    }

    /// What a group is made of: the largest groups below it, then codes.
    pub fn parts(&self, set: TerritorySet) -> Vec<String> {
        self.listed(set, |leaves| leaves != set)
    }

    fn fold(&self, set: TerritorySet) -> String {
        let terms = self.terms(set);
        let bracketed = terms.iter().filter(|term| !term.except.is_empty()).count() > 1;
        let mut words: Vec<String> = terms
            .iter()
            .map(|term| match (term.except.as_slice(), bracketed) {
                ([], _) => term.name.clone(),
                (except, false) => format!("{} except {}", term.name, join(except)),
                (except, true) => format!("{} (except {})", term.name, join(except)),
            })
            .collect();
        if words.len() > TERMS + 1 {
            let rest = words.split_off(TERMS).len();
            words.push(format!("{rest} others"));
        }
        join(&words)
    }

    fn terms(&self, set: TerritorySet) -> Vec<Term> {
        let mut terms = Vec::new();
        let mut rest = set;
        while let Some((term, covered)) = self.best(set, rest) {
            rest = rest.minus(covered);
            terms.push(term);
        }
        let term = |name: String| Term { name, except: Vec::new(), size: 1 };
        terms.extend(rest.iter().map(|leaf| term(self.atlas.code(leaf).to_owned())));
        let words: usize = terms.iter().map(|term| 1 + term.except.len()).sum();
        let plain = self.plain(set);
        if plain.len() < words {
            return plain.into_iter().map(term).collect();
        }
        // what has exceptions goes last, so that nobody reads the next term as one of them
        terms.order_by_key(|term| (!term.except.is_empty(), std::cmp::Reverse(term.size)));
        terms
    }

    /// The group that saves most terms on what is left.
    fn best(&self, set: TerritorySet, rest: TerritorySet) -> Option<(Term, TerritorySet)> {
        let mut best: Option<(usize, Term, TerritorySet)> = None;
        for (name, leaves) in &self.groups {
            let covered = leaves.and(rest);
            let most = best.as_ref().map_or(0, |(most, _, _)| *most);
            // exceptions only make it save less
            if covered.len() <= most + 1 {
                continue;
            }
            let except = self.plain(leaves.minus(set));
            // against writing out each: a group that fits as a whole must not lose to one with a page of exceptions
            let saved = covered.len().saturating_sub(1 + except.len());
            if saved > most {
                best = Some((saved, Term { name: (*name).to_owned(), except, size: covered.len() }, covered));
            }
        }
        best.map(|(_, term, covered)| (term, covered))
    }

    /// Without exceptions: the largest groups that fit, then codes.
    fn plain(&self, set: TerritorySet) -> Vec<String> {
        self.listed(set, |_| true)
    }

    fn listed(&self, set: TerritorySet, may: impl Fn(TerritorySet) -> bool) -> Vec<String> {
        let mut rest = set;
        let mut names = Vec::new();
        for (name, leaves) in self.groups.iter().filter(|(_, leaves)| may(*leaves)) {
            if leaves.is_within(set) && leaves.and(rest).len() > 1 {
                names.push((*name).to_owned());
                rest = rest.minus(*leaves);
            }
        }
        names.extend(rest.iter().map(|leaf| self.atlas.code(leaf).to_owned()));
        names
    }
}

/// The whole of a service, against which cells are described.
pub struct Describe<'a> {
    /// Folds territories.
    pub folder: Folder<'a>,
    /// Everything the service reaches.
    pub universe: Block,
    /// The ids of its plans.
    pub plans: &'a [String],
}

impl<'a> Describe<'a> {
    /// The words for people of a whole, on a day. `plans` are the ids of the plans that it has.
    pub fn new(atlas: &'a Atlas, (universe, plans): (Block, &'a [String]), date: Date) -> Self {
        Self { folder: Folder::new(atlas, universe.territories, date), universe, plans }
    }

    /// Ages in words, empty where they are all that the service is for.
    pub fn ages(&self, block: Block) -> String {
        if block.ages == self.universe.ages { String::new() } else { format!("aged {}", block.ages) }
    }

    /// Plans in words, empty where they are all that the service has.
    pub fn plans(&self, block: Block) -> String {
        if block.plans == self.universe.plans {
            return String::new();
        }
        let names: Vec<String> = block.plans.iter().filter_map(|at| self.plans.get(at).cloned()).collect();
        format!("on plan {}", join(&names))
    }

    /// Territories, with ages and plans where they are not all.
    pub fn block(&self, block: Block) -> String {
        let parts = [self.folder.text(block.territories), self.ages(block), self.plans(block)];
        let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }

    /// Several blocks.
    pub fn blocks(&self, blocks: &[Block]) -> String {
        let words: Vec<String> = blocks.iter().map(|block| self.block(*block)).collect();
        if words.iter().any(|word| word.contains(',')) { words.join("; ") } else { join(&words) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::age::AgeSet;
    use super::super::block::PlanSet;
    use super::super::cell::Cell;
    use super::*;

    fn fold(served: &[&str], plus: &[&str], minus: &[&str]) -> String {
        let atlas = Atlas::builtin();
        let date = Date::parse("2026-11-21").unwrap();
        let set = |codes: &[&str]| {
            codes.iter().fold(TerritorySet::EMPTY, |all, code| all.or(atlas.lookup(code, date).unwrap()))
        };
        Folder::new(atlas, set(served), date).text(set(plus).minus(set(minus)))
    }

    #[test]
    fn sets_fold_to_what_people_say() {
        let world = &["WORLD"][..];
        for (plus, minus, text) in [
            (&["WORLD"][..], &[][..], "WORLD"),
            (&["EEA"], &["FR"], "EEA except FR"),
            (&["US", "GB"], &[], "US and GB"),
            (&["WORLD"], &["EEA", "CH"], "WORLD except EEA and CH"),
            (&["EEA"], &["EU"], "EEA except EU"),
            (&["GDPR-LIKE-EUROPE"], &["EU"], "CH, GB and EEA except EU"),
            (&["FR", "DE"], &[], "DE and FR"),
            (&["US"], &["US-CA"], "US except US-CA"),
            (&["US", "EEA"], &[], "US and EEA"),
            (&["EEA"], &[], "EEA"),
            (&["EEA", "CH"], &[], "EEA and CH"),
            (&["EEA", "GB"], &[], "EEA and GB"),
            (&["US", "EEA", "CH"], &[], "US, EEA and CH"),
            (&["AFRICA", "AMERICAS"], &[], "AMERICAS and AFRICA"),
            (&["EEA", "AFRICA"], &["ZA"], "EEA and AFRICA except ZA"),
            (&["WORLD"], &["EEA", "US"], "WORLD except US and EEA"),
            // brackets, so that nobody reads the second as an exception of the first
            (&["EEA", "AFRICA"], &["ZA", "FR"], "AFRICA (except ZA) and EEA (except FR)"),
            (&["EEA", "AFRICA", "JP"], &["ZA"], "EEA, JP and AFRICA except ZA"),
            (&["FR", "DE", "JP"], &[], "DE, FR and JP"),
            (&[], &[], ""),
        ] {
            assert_eq!(fold(world, plus, minus), text);
        }
        assert_eq!(fold(&["FR", "DE", "US"], &["FR", "DE"], &[]), "DE and FR");
        assert_eq!(fold(&["EU", "US"], &["EU"], &[]), "EU");
    }

    #[test]
    fn a_long_list_ends_in_a_number() {
        let codes = ["AD", "BR", "CN", "EG", "FJ", "IN", "JP", "KE", "MX", "NZ", "PE", "RS", "TH", "ZA"];
        assert_eq!(fold(&codes, &codes[..3], &[]), "AD, BR and CN");
        assert_eq!(fold(&codes, &codes[..13], &[]), "AD, BR, CN, EG, FJ, IN, JP, KE, MX, NZ, PE, RS and TH");
        assert_eq!(fold(&codes, &codes, &[]), "AD, BR, CN, EG, FJ, IN, JP, KE, MX, NZ, PE, RS and 2 others");
    }

    /// A group of each size, one inside the other.
    fn small() -> Atlas {
        let mut atlas = Atlas::builtin().clone();
        for (name, codes) in
            [("PAIR", &["JP", "KE"][..]), ("ALIAS", &["KE", "JP"]), ("FOUR", &["PAIR", "MX", "NZ"]), ("ONE", &["TH"])]
        {
            atlas.add_group(name, codes).unwrap();
        }
        atlas
    }

    #[test]
    fn groups_stand_for_their_members_as_far_as_they_save_words() {
        let atlas = small();
        let date = Date::parse("2026-11-21").unwrap();
        let set = |codes: &[&str]| {
            codes.iter().fold(TerritorySet::EMPTY, |all, code| all.or(atlas.lookup(code, date).unwrap()))
        };
        let folder = Folder::new(&atlas, set(&["FOUR", "TH", "ZA"]), date);
        for (codes, text, items) in [
            (&["FOUR", "TH", "ZA"][..], "FOUR, TH and ZA", &["FOUR", "TH", "ZA"][..]),
            (&["FOUR"], "FOUR", &["FOUR"]),
            (&["JP", "MX", "NZ"], "FOUR except KE", &["JP", "MX", "NZ"]),
            (&["MX", "NZ"], "MX and NZ", &["MX", "NZ"]),
            (&["PAIR"], "ALIAS", &["ALIAS"]),
            (&["PAIR", "MX"], "FOUR except NZ", &["ALIAS", "MX"]),
            (&["PAIR", "TH"], "ALIAS and TH", &["ALIAS", "TH"]),
            // a group of one is no shorter than its member
            (&["TH"], "TH", &["TH"]),
        ] {
            assert_eq!(folder.text(set(codes)), text, "{codes:?}");
            assert_eq!(folder.text(set(codes)), text, "{codes:?}, asked twice");
            assert_eq!(folder.items(set(codes)), items, "{codes:?}");
        }
        assert_eq!(folder.parts(set(&["FOUR"])), ["ALIAS", "MX", "NZ"]);
        // one group with its exceptions is more to read than two groups
        let mut atlas = Atlas::builtin().clone();
        for (name, codes) in [
            ("ABC", &["AD", "BR", "CN"][..]),
            ("EFI", &["EG", "FJ", "IN"]),
            ("CE", &["CN", "EG"]),
            ("BIG", &["ABC", "EFI", "PE", "RS"]),
        ] {
            atlas.add_group(name, codes).unwrap();
        }
        let set = |codes: &[&str]| {
            codes.iter().fold(TerritorySet::EMPTY, |all, code| all.or(atlas.lookup(code, date).unwrap()))
        };
        let folder = Folder::new(&atlas, set(&["BIG"]), date);
        assert_eq!(folder.text(set(&["ABC", "EFI"])), "ABC and EFI");
        assert_eq!(folder.text(set(&["ABC", "EFI", "PE"])), "BIG except RS");
        // a group of which one is left is not named beside another that has the rest
        assert_eq!(folder.items(set(&["ABC", "EG"])), ["ABC", "EG"]);
    }

    #[test]
    fn a_block_is_told_by_where_it_differs_from_the_whole() {
        let atlas = Atlas::builtin();
        let date = Date::parse("2026-11-21").unwrap();
        let set = |code: &str| atlas.lookup(code, date).unwrap();
        let universe = Block { territories: set(WORLD), ages: AgeSet::range(13, 18), plans: PlanSet::first(3) };
        let plans = ["free", "plus", "pro"].map(str::to_owned);
        let describe = Describe { folder: Folder::new(atlas, set(WORLD), date), universe, plans: &plans };
        let fr = Block { territories: set("FR"), ..universe };
        let young = Block { ages: AgeSet::range(13, 15), ..fr };
        let paid = Block { plans: PlanSet::of(1).or(PlanSet::of(2)), ..young };
        for (block, text) in [
            (universe, "WORLD"),
            (fr, "FR"),
            (young, "FR, aged 13-15"),
            (paid, "FR, aged 13-15, on plan plus and pro"),
            (Block { ages: universe.ages, plans: PlanSet::of(0), ..paid }, "FR, on plan free"),
        ] {
            let cell = Cell::new(block, &describe, atlas);
            assert_eq!((describe.block(block).as_str(), cell.text.as_str()), (text, text));
        }
        let gb = Block { territories: set("GB"), ..universe };
        for (blocks, text) in
            [(&[][..], ""), (&[fr], "FR"), (&[fr, gb], "FR and GB"), (&[young, gb], "FR, aged 13-15; GB")]
        {
            assert_eq!(describe.blocks(blocks), text);
        }
        let cell = Cell::new(paid, &describe, atlas);
        assert_eq!((cell.block, cell.regions.as_str()), (paid, "FR"));
        assert_eq!((&*cell.territories, &*cell.ages), (&["FR".to_owned()][..], &[13, 14, 15][..]));
        assert_eq!(cell.plans, ["plus", "pro"]);
    }

    #[test]
    fn a_group_is_made_of_what_is_below_it() {
        let atlas = Atlas::builtin();
        let date = Date::parse("2026-11-21").unwrap();
        let set = atlas.lookup("EEA", date).unwrap();
        assert_eq!(Folder::new(atlas, set, date).parts(set), ["EU", "IS", "LI", "NO"]);
    }
}
