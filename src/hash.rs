//! A fast hasher for maps that are looked up often. Its seed is random, so that nobody can prepare keys that collide.

use std::hash::{BuildHasher, Hasher, RandomState};

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Builds the hashers of one map and of its clones, all with one random seed. xxh3 is not a cryptographic hash: collisions are hard to
/// predict, but not impossible, so use this only where nobody outside gains anything from one.
#[derive(Debug, Clone)]
pub struct ByContent(u64);

impl Default for ByContent {
    fn default() -> Self {
        Self(RandomState::new().hash_one(()))
    }
}

impl BuildHasher for ByContent {
    type Hasher = Content;

    fn build_hasher(&self) -> Content {
        Content(self.0)
    }
}

/// Hashes all that it is given, in order.
#[derive(Debug)]
pub struct Content(u64);

impl Hasher for Content {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }
}
