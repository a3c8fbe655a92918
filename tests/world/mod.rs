//! The referee's world as the engine knows it.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be is a failing test")]

use purposelint::space::Atlas;
use serde_json::{Value, json};

use crate::referee::World;

/// The atlas of the referee's world, so that every point of it can be looked at.
pub(crate) fn atlas(world: &World) -> Atlas {
    let leaves: Vec<Value> = world.leaves.iter().map(|code| json!({"code": code, "name": code})).collect();
    let groups = world.groups.iter().filter(|(name, _)| *name != "WORLD");
    let groups: Vec<Value> = groups
        .map(|(name, codes)| json!({"name": name, "title": name, "source": "test", "members": [{"codes": codes}]}))
        .collect();
    let file = json!({"version": 1, "leaves": leaves, "aliases": {}, "rejected": {}, "groups": groups});
    Atlas::load(&serde_yaml::to_string(&file).unwrap()).unwrap()
}
