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
    /// What decided besides the reach of the services.
    named: Option<&'static str>,
    /// Where its law is met; `None` where it is about no law, or that does not matter.
    reach: Option<Reach>,
}

impl Choice {
    /// Why, in words for people. The atlas is that of the choice.
    pub fn why(&self, atlas: &Atlas) -> String {
        match (self.named, &self.reach) {
            (Some(named), None) => named.to_owned(),
            (Some(named), Some(reach)) => format!("{named}; {}", reach.why(self.law, atlas)),
            (None, reach) => reach.as_ref().map(|reach| reach.why(self.law, atlas)).unwrap_or_default(),
        }
    }
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
            let names = files.territories(&pack);
            let is_law = !names.is_empty();
            let law = names.iter().flat_map(|name| dates.iter().map(move |date| (name, *date)));
            let law = law.filter_map(|(name, date)| atlas.lookup(name, date).ok());
            let law = law.fold(TerritorySet::EMPTY, TerritorySet::or);
            let reach = Reach::of(law, offered, dates);
            let (active, named) = match regardless.contains(&pack) {
                true => (true, Some(self.named(&pack))),
                false if !is_law || !self.takes_default() => (false, Some("`packs` does not name it")),
                false => (reach.is_reached(), None),
            };
            let unreached = is_law && !reach.is_reached() && (active || self.takes_default());
            Choice { pack, active, unreached, law, named, reach: is_law.then_some(reach) }
        };
        files.packs().into_iter().map(choose).collect()
    }

    fn named(&self, pack: &String) -> &'static str {
        let named = self.named.is_some_and(|named| named.contains(pack));
        match () {
            () if self.by_hand.contains(pack) => "the command line names it",
            () if named || self.local.contains(pack) => "`packs` names it",
            () if pack == CORE => "it is used in every run",
            () => "it is about everybody, wherever they are",
        }
    }
}

/// How far a workspace reaches into the territories of a law.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reach {
    how: How,
    /// The day for which territories are put into words.
    date: Date,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum How {
    /// A declaration could not be read whole.
    Uncertain,
    /// There is no service at all.
    NoService,
    /// None of the services.
    Nowhere,
    /// The first of the services, how many others there are, and where they are offered of it.
    Services(Vec<String>, usize, TerritorySet),
}

impl Reach {
    fn of(law: TerritorySet, offered: &Offered, dates: &[Date]) -> Self {
        let services: Vec<(&str, TerritorySet)> = offered.within(law).collect();
        let how = match services.as_slice() {
            [] if offered.uncertain => How::Uncertain,
            [] if offered.services.is_empty() => How::NoService,
            [] => How::Nowhere,
            services => {
                let reached = services.iter().map(|(_, offered)| *offered);
                let where_to = reached.fold(TerritorySet::EMPTY, TerritorySet::or).and(law);
                let named: Vec<String> =
                    services.iter().take(NAMED).map(|(service, _)| format!("`{service}`")).collect();
                let others = services.len() - named.len();
                How::Services(named, others, where_to)
            }
        };
        Self { how, date: dates.first().copied().unwrap_or(Date::MILLENNIUM) }
    }

    fn is_reached(&self) -> bool {
        matches!(self.how, How::Uncertain | How::Services(..))
    }

    fn why(&self, law: TerritorySet, atlas: &Atlas) -> String {
        let folder = Folder::new(atlas, atlas.world(), self.date);
        match &self.how {
            How::Uncertain => "a declaration could not be read whole, so every law counts".to_owned(),
            How::NoService => "no service is declared here".to_owned(),
            How::Nowhere => format!("no service is offered in {}", folder.text(law)),
            How::Services(named, others, where_to) => {
                let verb = if named.len() + others == 1 { "is" } else { "are" };
                let others =
                    (*others > 0).then(|| if *others == 1 { "1 other".to_owned() } else { format!("{others} others") });
                let named: Vec<String> = named.iter().cloned().chain(others).collect();
                format!("{} {verb} offered in {}", suggest::join(&named), folder.text(*where_to))
            }
        }
    }
}
