//! Inputs that `tests/golden/cluster.py` makes too, bit for bit.

/// `SplitMix64` by counter, in `[0, 1)`.
pub(crate) fn uniform(seed: u64, index: u64) -> f64 {
    let mut z = seed
        .wrapping_mul(0xd134_2543_de82_ef95)
        .wrapping_add((index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z >> 11) as f64 * 2.0_f64.powi(-53)
}

/// Pass rates `[n][d]` of samples of unlike difficulty on ever better rungs; with no trials, the
/// probabilities behind them.
pub(crate) fn simulate(seed: u64, n: usize, d: usize, trials: usize) -> Vec<f64> {
    let mut rates = Vec::with_capacity(n * d);
    for i in 0..n {
        let difficulty = 1.4 * uniform(3 * seed, i as u64) - 0.2;
        let slope = 1.0 + 4.0 * uniform(3 * seed + 1, i as u64);
        for j in 0..d {
            let ability = (j as f64 + 1.0) / (d as f64 + 1.0);
            let p = (0.5 + slope * (ability - difficulty)).clamp(0.0, 1.0);
            let draw = |trial| uniform(3 * seed + 2, ((i * d + j) * trials + trial) as u64) < p;
            let correct = (0..trials).filter(|&trial| draw(trial)).count();
            rates.push(if trials == 0 { p } else { correct as f64 / trials as f64 });
        }
    }
    rates
}

/// FNV-1a over the labels as 64-bit numbers, outliers as all ones.
pub(crate) fn digest(labels: &[Option<usize>]) -> String {
    let value = labels.iter().fold(0xcbf2_9ce4_8422_2325_u64, |value, label| {
        (value ^ label.map_or(u64::MAX, |label| label as u64)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{value:016x}")
}
