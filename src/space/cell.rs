//! A box of points with the words for people.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::block::Block;
use super::fold::Describe;
use super::territory::{Atlas, TerritorySet};

/// Points that something concerns, as a box, with the words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The points.
    pub block: Block,
    /// Territories, folded: `EEA except FR`.
    pub regions: String,
    /// The codes of all territories. Shared: most findings of a service concern the same few sets of places. Not kept beyond a
    /// run: they follow from the block, see [`Self::codes`].
    #[serde(skip)]
    pub territories: Arc<[String]>,
    /// All ages, 18 for 18 and over.
    pub ages: Vec<u8>,
    /// Plan ids, empty for the implicit plan.
    pub plans: Vec<String>,
    /// Territories, and ages and plans where they are not all: `GB, aged 16-17`.
    pub text: String,
}

impl Hash for Cell {
    /// Of what tells cells apart; the rest follows from it.
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.block, &self.text).hash(state);
    }
}

impl Cell {
    /// A block with its words.
    pub fn new(block: Block, describe: &Describe<'_>, atlas: &Atlas) -> Self {
        Self {
            block,
            regions: describe.folder.text(block.territories),
            territories: Self::codes(block.territories, atlas),
            ages: block.ages.iter().collect(),
            plans: block.plans.iter().filter_map(|at| describe.plans.get(at).cloned()).collect(),
            text: describe.block(block),
        }
    }

    /// Blocks with their words.
    pub fn all(blocks: Vec<Block>, describe: &Describe<'_>, atlas: &Atlas) -> Arc<[Self]> {
        blocks.into_iter().map(|block| Self::new(block, describe, atlas)).collect()
    }

    /// The codes of territories.
    pub fn codes(territories: TerritorySet, atlas: &Atlas) -> Arc<[String]> {
        territories.iter().map(|leaf| atlas.code(leaf).to_owned()).collect()
    }
}
