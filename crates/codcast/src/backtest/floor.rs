//! What no forecaster can know: the sampling noise in the target's own score.

use crate::evals::{Outcome, Study};
use crate::passrate::{TaskLadder, own_outcomes};

/// Mean absolute error, in points, of a forecaster who knew the target's true rate on every sample.
///
/// `actual`: the target's score. With two generations a sample or more this is the binomial noise of
/// its score. With fewer, or measured scores, noise cannot be told from what is peculiar to sample and
/// model: half the variance of the change from the largest rung stands for it and is an upper
/// estimate. For a mean without samples it is half the binomial variance, since questions differ in
/// difficulty; `None` where the number of samples is not known.
pub(super) fn noise_floor(
    study: &Study,
    target: usize,
    task: &TaskLadder,
    actual: f64,
) -> Option<f64> {
    let variance = if task.has_samples() {
        let outcomes = own_outcomes(study, target, task);
        binomial(&outcomes).or_else(|| from_change(&outcomes, task))?
    } else {
        0.5 * actual * (1.0 - actual) / task.n_samples.filter(|&n| n > 0)? as f64
    };
    // The mean of |x| for a normal x is sqrt(2 / pi) of its standard deviation.
    Some(100.0 * (variance * std::f64::consts::FRAC_2_PI).sqrt())
}

/// Of the mean; an unbiased estimate, since `E p(1 - p)` of `T` trials is short by `(T - 1) / T`.
fn binomial(outcomes: &[Outcome]) -> Option<f64> {
    let mut sum = 0.0;
    for outcome in outcomes {
        let trials = outcome.trials().filter(|&trials| trials >= 2)?;
        let rate = outcome.rate()?;
        sum += rate * (1.0 - rate) / f64::from(trials - 1);
    }
    (!outcomes.is_empty()).then(|| sum / (outcomes.len() as f64).powi(2))
}

/// Of the mean, from the scores of the target and the largest rung.
fn from_change(outcomes: &[Outcome], task: &TaskLadder) -> Option<f64> {
    let rates = task.rates.iter().filter_map(|rates| rates.last());
    let changes: Vec<f64> = outcomes
        .iter()
        .zip(rates)
        .filter_map(|(outcome, rung)| Some(outcome.rate()? - rung))
        .collect();
    let n = changes.len() as f64;
    let mean = changes.iter().sum::<f64>() / n;
    let spread = changes.iter().map(|change| (change - mean).powi(2)).sum::<f64>() / n;
    (!changes.is_empty()).then_some(0.5 * spread / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binomial_estimate_is_that_of_the_textbook() {
        // p (1 - p) / (T - 1) of the first sample, nothing of the second, over two squared.
        let half = Outcome::Counted { trials: 4, correct: 2.0 };
        let sure = Outcome::Counted { trials: 9, correct: 9.0 };
        assert!((binomial(&[half, sure]).unwrap() - 0.25 / 3.0 / 4.0).abs() < 1e-15);
        assert_eq!(binomial(&[half, Outcome::Counted { trials: 1, correct: 1.0 }]), None);
        assert_eq!(binomial(&[Outcome::Measured(0.4)]), None);
    }
}
