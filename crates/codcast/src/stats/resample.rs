//! Seeded randomness: replicate `i` depends on the seed and `i`, never on who ran before.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// The generator of replicate `i` under `seed`.
pub fn generator(seed: u64, i: u64) -> Pcg64Mcg {
    // SplitMix64's finaliser (Steele, Lea, Flood 2014) spreads neighbouring pairs apart.
    let mut z = seed ^ i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Pcg64Mcg::seed_from_u64(z ^ (z >> 31))
}

/// `n` indices below `n`, drawn with replacement; `n` must not be 0.
pub fn resample(n: usize, random: &mut Pcg64Mcg) -> Vec<usize> {
    (0..n).map(|_| random.random_range(0..n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replicate_is_its_own() {
        let draw = |seed, i| resample(20, &mut generator(seed, i));
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
        assert_ne!(draw(1, 2), draw(2, 2));
    }
}
