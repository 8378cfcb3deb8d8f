//! The sign test.

/// Two-sided p-value of `wins` against `losses` when both are equally likely; ties are left out by
/// the caller. Exact binomial; 1 where there is nothing to compare.
pub fn sign_test(wins: usize, losses: usize) -> f64 {
    let n = wins + losses;
    let fewer = wins.min(losses);
    // Sum of choose(n, i) / 2^n for i <= fewer, in logarithms so that large n neither overflow nor
    // vanish.
    let mut log_term = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = log_term.exp();
    for i in 1..=fewer {
        log_term += ((n - i + 1) as f64).ln() - (i as f64).ln();
        tail += log_term.exp();
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::sign_test;

    #[test]
    fn matches_scipy() {
        // scipy.stats.binomtest(wins, n).pvalue
        for (wins, losses, expected) in [
            (0, 0, 1.0),
            (5, 5, 1.0),
            (9, 1, 0.021_484_375),
            (8, 2, 0.109_375),
            (60, 40, 0.056_887_933_640_980_8),
        ] {
            assert!((sign_test(wins, losses) - expected).abs() < 1e-10, "{wins} {losses}");
        }
    }
}
