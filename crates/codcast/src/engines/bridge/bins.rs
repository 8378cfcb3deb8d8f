//! Difficulty bins of equal size, and the noise of their means.

use super::law::Unit;
use crate::passrate::{TaskLadder, UNKNOWN_SAMPLES};

/// Bins of a task with samples.
const BINS: usize = 10;

/// Decimals of the mean rate by which samples are ordered: sums of the same rates in another order
/// must tie.
const ROUNDING: f64 = 1e9;

/// Sampling variance of a mean over fixed questions is the sum of p (1 - p), about half of what
/// y (1 - y) says where difficulties are spread.
const SPREAD: f64 = 0.5;

/// A task's units and its mean, `[rung]` in the given order.
#[derive(Clone, Debug)]
pub(super) struct Units {
    /// By increasing mean rate, hardest first; one for an aggregate.
    pub(super) bins: Vec<Unit>,
    /// The whole task.
    pub(super) whole: Unit,
}

impl Units {
    /// `order`: indices of the rungs, by increasing place on the axis.
    pub(super) fn of(task: &TaskLadder, order: &[usize]) -> Self {
        let scores: Vec<f64> = order.iter().map(|&rung| task.means[rung]).collect();
        if task.rates.n_samples() > 1 {
            return binned(task, order, scores);
        }
        let n = answers(task).unwrap_or(UNKNOWN_SAMPLES);
        let noise = scores.iter().map(|y| SPREAD * (y * (1.0 - y)).max(0.02) / n).collect();
        let whole = Unit { weight: 1.0, scores, noise };
        Self { bins: vec![whole.clone()], whole }
    }
}

/// Behind each score: samples, or of a single question its generations.
fn answers(task: &TaskLadder) -> Option<f64> {
    let samples = task.n_samples.map(|n| n.max(1) as f64);
    let generations = task.trials.as_ref().and_then(|trials| trials.iter().min());
    match generations {
        Some(&generations) if task.rates.n_samples() == 1 => Some(f64::from(generations.max(1))),
        _ => samples,
    }
}

/// Ties share bins by mass, so that neither the order of samples nor rounding decides who is where.
fn binned(task: &TaskLadder, order: &[usize], scores: Vec<f64>) -> Units {
    let n = task.rates.n_samples();
    let noise = sample_noise(task, order);
    let keyed = by_mean_rate(task);
    let k = BINS.min(n);
    let mut sums = vec![vec![0.0; order.len()]; k];
    let mut below = 0;
    for tied in keyed.chunk_by(|a, b| a.0 == b.0) {
        let mut total = vec![0.0; order.len()];
        for &(_, sample) in tied {
            let rates = task.rates.sample(sample);
            for (sum, &rung) in total.iter_mut().zip(order) {
                *sum += rates[rung];
            }
        }
        // In units of 1/(n k) of the mass everything is whole: bin b is [b n, (b + 1) n).
        let (low, high) = (below * k, (below + tied.len()) * k);
        for b in low / n..=(high - 1) / n {
            let overlap = high.min((b + 1) * n) - low.max(b * n);
            let share = overlap as f64 / (high - low) as f64;
            for (sum, total) in sums[b].iter_mut().zip(&total) {
                *sum += share * total;
            }
        }
        below += tied.len();
    }

    let size = n as f64 / k as f64;
    let means: Vec<Vec<f64>> =
        sums.into_iter().map(|sums| sums.iter().map(|sum| sum / size).collect()).collect();
    // A bin's part in the noise goes with y (1 - y).
    let part = |y: f64| (y * (1.0 - y)).max(0.25 / size);
    let mean_part: Vec<f64> = (0..order.len())
        .map(|rung| means.iter().map(|bin| part(bin[rung])).sum::<f64>() / k as f64)
        .collect();
    let bins = means
        .into_iter()
        .map(|scores| Unit {
            weight: 1.0 / k as f64,
            noise: (0..order.len())
                .map(|rung| noise[rung] * part(scores[rung]) / mean_part[rung] / size)
                .collect(),
            scores,
        })
        .collect();
    let noise = noise.iter().map(|noise| noise / n as f64).collect();
    Units { bins, whole: Unit { weight: 1.0, scores, noise } }
}

/// `(rounded mean rate, sample)`, hardest first.
fn by_mean_rate(task: &TaskLadder) -> Vec<(i64, usize)> {
    let mean = |rates: &[f64]| rates.iter().sum::<f64>() / rates.len() as f64;
    let key = |rates: &[f64]| (mean(rates) * ROUNDING).round() as i64;
    let mut keyed: Vec<(i64, usize)> = task.rates.iter().map(key).zip(0..).collect();
    keyed.sort_unstable();
    keyed
}

/// `[sample]` the bin in which the middle of its tied mass lies; none for an aggregate.
pub(super) fn labels(task: &TaskLadder, bins: usize) -> Vec<Option<usize>> {
    let n = task.rates.n_samples();
    let mut labels = vec![None; n];
    let mut below = 0;
    for tied in by_mean_rate(task).chunk_by(|a, b| a.0 == b.0) {
        let bin = (2 * below + tied.len()) * bins / (2 * n);
        for &(_, sample) in tied {
            labels[sample] = Some(bin.min(bins - 1));
        }
        below += tied.len();
    }
    labels
}

/// `[rung]` variance of one sample's score around what its difficulty and the rung say: half the
/// variance over samples of the change from one rung to the next. Holds for counted trials, single
/// answers and continuous scores alike.
fn sample_noise(task: &TaskLadder, order: &[usize]) -> Vec<f64> {
    let n = task.rates.n_samples() as f64;
    let changes: Vec<f64> = order
        .windows(2)
        .map(|pair| {
            let change = |rates: &[f64]| rates[pair[1]] - rates[pair[0]];
            let mean = task.rates.iter().map(change).sum::<f64>() / n;
            task.rates.iter().map(|rates| (change(rates) - mean).powi(2)).sum::<f64>() / n / 2.0
        })
        .collect();
    (0..order.len())
        .map(|rung| {
            let beside = &changes[rung.saturating_sub(1)..(rung + 1).min(changes.len())];
            beside.iter().sum::<f64>() / beside.len() as f64
        })
        .collect()
}
