//! Numbers that look random and are the same on every machine: SplitMix64.

pub(crate) struct Random(u64);

impl Random {
    /// A stream of its own for each pair, so that a file does not depend on those before it.
    pub(crate) fn new(seed: u64, file: u64) -> Self {
        let mut random = Random(seed ^ file.wrapping_mul(0xD134_2543_DE82_EF95));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// At least 0 and below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((self.unit() * bound as f64) as usize).min(bound.saturating_sub(1))
    }

    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Different ones, in an order of their own.
    pub(crate) fn some<T: Copy>(&mut self, of: &[T], count: usize) -> Vec<T> {
        let mut pool = of.to_vec();
        (0..count.min(of.len())).map(|_| pool.remove(self.below(pool.len()))).collect()
    }

    /// One, each as often as its weight says.
    pub(crate) fn weighted<'a, T>(&mut self, of: &'a [(u32, T)]) -> &'a T {
        let total: u32 = of.iter().map(|(weight, _)| weight).sum();
        let mut at = self.unit() * f64::from(total);
        for (weight, it) in of {
            at -= f64::from(*weight);
            if at < 0.0 {
                return it;
            }
        }
        &of[of.len() - 1].1
    }
}
