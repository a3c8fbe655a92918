//! Which packs a run judges by, and why.

use std::collections::BTreeSet;

use super::library::PolicyFiles;
use crate::config::DEFAULT_PACKS;
use crate::model::Offered;
use crate::space::{Atlas, Date, Folder, TerritorySet};
use crate::suggest;

/// The pack without which a broken declaration would go unseen.
pub const CORE: &str = "core";

/// The packs that are used everywhere, whatever is declared.
const EVERYWHERE: [&str; 2] = [CORE, "fair-defaults"];

/// How many services a reason names.
const NAMED: usize = 3;

/// What is known when packs are chosen.
pub struct Selection<'a> {
    /// The packs that have names: those that came with the program, and those that the command line adds.
    pub known: &'a [String],
    /// The packs that the command line puts in the place of others, or adds.
    pub by_hand: &'a [String],
    /// The packs of the workspace itself that its config lists.
    pub local: &'a [String],
    /// The names in `packs`; `None` where the config has no such list.
    pub named: Option<&'a [String]>,
}

/// Whether a pack is used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The name of the pack.
    pub pack: String,
    /// Whether its rules are asked.
    pub active: bool,
    /// Whether its rules were asked and have nobody to speak of: it is about a law, and no service is offered where it holds.
    pub unreached: bool,
    /// Where its law holds on one of the days in question; empty where it is about no law.
    pub law: TerritorySet,
    /// In words for people.
    pub why: String,
}

impl Selection<'_> {
    /// The packs that are used whatever the declarations say.
    pub fn regardless(&self) -> Vec<String> {
        let named = self.named.unwrap_or_default().iter().filter(|name| self.known.contains(name));
        let everywhere = EVERYWHERE.iter().filter(|name| **name == CORE || self.takes_default());
        let mut packs: Vec<String> = everywhere.map(|name| (*name).to_owned()).collect();
        packs.extend(named.chain(self.by_hand).chain(self.local).cloned());
        packs.sort_unstable();
        packs.dedup();
        packs
    }

    /// Whether laws are chosen by the territories of the services.
    pub fn takes_default(&self) -> bool {
        self.named.is_none_or(|named| named.iter().any(|name| name == DEFAULT_PACKS))
    }

    /// Every pack there is, with whether it is used. Group membership is that of `dates`.
    pub fn choose(&self, files: &PolicyFiles, offered: &Offered, atlas: &Atlas, dates: &[Date]) -> Vec<Choice> {
        let regardless: BTreeSet<String> = self.regardless().into_iter().collect();
        let choose = |pack: String| {
            let law = files.territories(&pack);
            let reach = Reach::of(&law, offered, atlas, dates);
            let is_law = !law.is_empty();
            let (active, why) = match regardless.contains(&pack) {
                true => (true, self.why(&pack, is_law, &reach)),
                false if !is_law => (false, "`packs` does not name it".to_owned()),
                false if !self.takes_default() => (false, format!("`packs` does not name it; {}", reach.why)),
                false => (reach.is_reached, reach.why.clone()),
            };
            let unreached = is_law && !reach.is_reached && (active || self.takes_default());
            Choice { pack, active, unreached, law: reach.law, why }
        };
        files.packs().into_iter().map(choose).collect()
    }

    fn why(&self, pack: &String, is_law: bool, reach: &Reach) -> String {
        let named = self.named.is_some_and(|named| named.contains(pack));
        let why = match () {
            () if self.by_hand.contains(pack) => "the command line names it",
            () if named || self.local.contains(pack) => "`packs` names it",
            () if pack == CORE => "it is used in every run",
            () => "it is about everybody, wherever they are",
        };
        match is_law {
            true => format!("{why}; {}", reach.why),
            false => why.to_owned(),
        }
    }
}

/// How far a workspace reaches into the territories of a law.
struct Reach {
    law: TerritorySet,
    is_reached: bool,
    why: String,
}

impl Reach {
    fn of(law: &[String], offered: &Offered, atlas: &Atlas, dates: &[Date]) -> Self {
        let named = law.iter().flat_map(|name| dates.iter().map(move |date| (name, *date)));
        let law = named.filter_map(|(name, date)| atlas.lookup(name, date).ok());
        let law = law.fold(TerritorySet::EMPTY, TerritorySet::or);
        let folder = Folder::new(atlas, atlas.world(), dates.first().copied().unwrap_or(Date::MILLENNIUM));
        let services: Vec<&str> = offered.within(law).collect();
        let reached = |service: &&str| offered.services.get(*service).copied().unwrap_or(TerritorySet::EMPTY);
        let where_to = services.iter().map(reached).fold(TerritorySet::EMPTY, TerritorySet::or).and(law);
        let (is_reached, why) = match services.as_slice() {
            [] if offered.uncertain => (true, "a declaration could not be read whole, so every law counts".to_owned()),
            [] if offered.services.is_empty() => (false, "no service is declared here".to_owned()),
            [] => (false, format!("no service is offered in {}", folder.text(law))),
            services => {
                let named: Vec<String> = services.iter().take(NAMED).map(|service| format!("`{service}`")).collect();
                let others = services.len() - named.len();
                let others =
                    (others > 0).then(|| if others == 1 { "1 other".to_owned() } else { format!("{others} others") });
                let verb = if services.len() == 1 { "is" } else { "are" };
                let named: Vec<String> = named.into_iter().chain(others).collect();
                (true, format!("{} {verb} offered in {}", suggest::join(&named), folder.text(where_to)))
            }
        };
        Self { law, is_reached, why }
    }
}
