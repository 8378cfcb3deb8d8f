//! Is one engine better than another, or luckier?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::stats::{generator, mean, quantile, resample, sign_test};

/// Absolute errors of two engines on one case.
pub(super) struct Pair<'a> {
    pub(super) study: usize,
    pub(super) task: &'a str,
    /// This engine's minus the best one's, in points.
    pub(super) difference: f64,
}

/// An engine against the best one, on the cases in which both gave a forecast.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Cases.
    pub cases: usize,
    /// Different pairs of study and task, which are what can be called independent.
    pub tasks: usize,
    /// Mean over studies of the mean difference of absolute errors, in points; positive: worse.
    pub difference: f64,
    /// Lower end of the bootstrap's central 90 %; null with fewer than three tasks.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// Tasks on which this engine is the better one on average.
    pub wins: usize,
    /// Tasks on which it is the worse one.
    pub losses: usize,
    /// Two-sided p-value of the sign test over tasks.
    pub sign_test_p: f64,
    /// Whether the difference is within noise: the interval holds 0, or there is none.
    pub within_noise: bool,
}

/// Central share of the bootstrap distribution that is reported.
const LEVEL: f64 = 0.9;
/// With fewer tasks there is nothing to resample.
const FEWEST_TASKS: usize = 3;

/// Bootstrap over studies, and within a drawn study over tasks: all targets of a task stay together,
/// since they share rungs and samples. `None` without a pair.
pub(super) fn compare(pairs: &[Pair], replicates: usize, seed: u64) -> Option<Comparison> {
    // study -> task -> differences
    let mut grouped: BTreeMap<usize, BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
    for pair in pairs {
        grouped.entry(pair.study).or_default().entry(pair.task).or_default().push(pair.difference);
    }
    // A task enters a replicate by its sum and count.
    let studies: Vec<Vec<(f64, f64)>> = grouped
        .values()
        .map(|tasks| tasks.values().map(|d| (d.iter().sum(), d.len() as f64)).collect())
        .collect();
    let of_study = |tasks: &mut dyn Iterator<Item = (f64, f64)>| {
        let (sum, count) = tasks.fold((0.0, 0.0), |(s, c), (sum, count)| (s + sum, c + count));
        sum / count
    };
    let observed: Vec<f64> =
        studies.iter().map(|tasks| of_study(&mut tasks.iter().copied())).collect();
    let difference = mean(&observed)?;

    let all_tasks = || studies.iter().flatten().map(|(sum, count)| sum / count);
    let tasks = all_tasks().count();
    let wins = all_tasks().filter(|&d| d < 0.0).count();
    let losses = all_tasks().filter(|&d| d > 0.0).count();

    let interval = (tasks >= FEWEST_TASKS).then(|| {
        let drawn: Vec<f64> = (0..replicates)
            .filter_map(|replicate| {
                let mut random = generator(seed, replicate as u64);
                let means: Vec<f64> = resample(studies.len(), &mut random)
                    .into_iter()
                    .map(|s| {
                        let picked = resample(studies[s].len(), &mut random);
                        of_study(&mut picked.into_iter().map(|t| studies[s][t]))
                    })
                    .collect();
                mean(&means)
            })
            .collect();
        let tail = (1.0 - LEVEL) / 2.0;
        quantile(&drawn, tail).zip(quantile(&drawn, 1.0 - tail))
    });
    let (lower, upper) = interval.flatten().unzip();
    let apart = lower.is_some_and(|lower| lower > 0.0) || upper.is_some_and(|upper| upper < 0.0);
    Some(Comparison {
        cases: pairs.len(),
        tasks,
        difference,
        lower,
        upper,
        wins,
        losses,
        sign_test_p: sign_test(wins, losses),
        within_noise: !apart,
    })
}
