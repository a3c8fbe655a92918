//! Hash maps that are asked often: texts are hashed in long steps, from where nobody can foresee.

use std::hash::{BuildHasher, Hasher, RandomState};

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Makes the hashers of one map, or of its copies. For keys by which nobody outside can gain: what they hash to is hard to foresee, and
/// not secret.
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
