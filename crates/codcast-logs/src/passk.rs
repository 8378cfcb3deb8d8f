//! pass@k, the chance that at least one of k answers drawn from n is right, and back from it to the
//! number of right answers.

/// A logged pass@k may differ from the estimator by this much: harnesses compute it as a product, or
/// store it with fewer digits.
const TOLERANCE: f64 = 1e-6;

/// `1 - C(n - c, k) / C(n, k)`: pass@k of a sample with `c` right answers of `n`.
///
/// Source: Chen et al. 2021 (arXiv:2107.03374), equation 1, in the numerically stable form given
/// there. No difference.
pub(crate) fn pass_at_k(n: u64, c: u64, k: u64) -> f64 {
    if n - c < k {
        return 1.0;
    }
    1.0 - (n - c + 1..=n).map(|i| 1.0 - k as f64 / i as f64).product::<f64>()
}

/// Nobody draws more answers per sample; a larger number is damage.
const MOST_ANSWERS: u64 = 1_000_000;

/// The only `c` of `0..=n` whose pass@k is `value`; `None` where no `c` or several have it.
pub(crate) fn right_answers(n: u64, k: u64, value: f64) -> Option<u64> {
    if k == 0 || k > n || n > MOST_ANSWERS {
        return None;
    }
    let fits = |c: u64| (pass_at_k(n, c, k) - value).abs() <= TOLERANCE;
    // pass@k grows with c, so the first that is not below is the only candidate but for ties.
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low.midpoint(high);
        if pass_at_k(n, middle, k) < value - TOLERANCE { low = middle + 1 } else { high = middle }
    }
    (fits(low) && !(low < n && fits(low + 1))).then_some(low)
}

/// What several pass@k of one sample say together: the `c` that all of them fit, from the smallest
/// k, which tells most.
pub(crate) fn right_answers_of(n: u64, values: &[(u64, f64)]) -> Option<u64> {
    let (k, value) = values.iter().min_by_key(|(k, _)| *k)?;
    let c = right_answers(n, *k, *value)?;
    let fits = |(k, value): &(u64, f64)| (pass_at_k(n, c, *k) - value).abs() <= TOLERANCE;
    values.iter().filter(|(k, _)| *k <= n).all(fits).then_some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts draws one by one.
    fn by_enumeration(n: u32, c: u32, k: u32) -> f64 {
        let draws: Vec<u32> = (0..1_u32 << n).filter(|set| set.count_ones() == k).collect();
        let wrong = draws.iter().filter(|set| *set & ((1 << c) - 1) == 0).count();
        1.0 - wrong as f64 / draws.len() as f64
    }

    #[test]
    fn the_estimator_counts_draws() {
        for (n, k) in [(1, 1), (5, 2), (8, 3), (10, 10)] {
            for c in 0..=n {
                let exact = by_enumeration(n, c, k);
                let ours = pass_at_k(n.into(), c.into(), k.into());
                assert!((ours - exact).abs() < 1e-12, "{n} {c} {k}: {ours} against {exact}");
            }
        }
    }

    #[test]
    fn counts_come_back_where_they_are_unique() {
        for n in [1, 4, 20, 200] {
            for c in 0..=n {
                assert_eq!(right_answers(n, 1, pass_at_k(n, c, 1)), Some(c));
            }
        }
        assert_eq!(right_answers(64, 2, pass_at_k(64, 3, 2)), Some(3));
        // With 63 or 64 of 64 right, every pair holds a right answer.
        assert_eq!(right_answers(64, 2, 1.0), None);
        assert_eq!(right_answers(4, 1, 0.3), None);
        assert_eq!(right_answers(4, 5, 1.0), None);
        assert_eq!(right_answers_of(20, &[(10, pass_at_k(20, 7, 10)), (1, 0.35)]), Some(7));
        assert_eq!(right_answers_of(20, &[(10, 0.2), (1, 0.35)]), None);
    }
}
