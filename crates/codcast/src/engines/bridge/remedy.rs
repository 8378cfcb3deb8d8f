//! What would make an interval narrower: the fit again, with what one would add.

use super::averaged::Averaged;
use crate::engines::{Remedy, RemedyKind};
use crate::passrate::{Target, TaskLadder};
use crate::units::Flops;

/// Samples or generations are multiplied by this.
const TIMES: f64 = 4.0;

/// `place`: of the target; `times_sd`: the interval's half-width in standard deviations; `counted`: of
/// [`counted_share`].
pub(super) fn remedies(
    law: &Averaged,
    place: f64,
    at: &Target,
    times_sd: f64,
    counted: Option<f64>,
) -> Vec<Remedy> {
    let width = |law: &Averaged, place: f64| {
        let prediction = law.predict(place);
        let half = times_sd * prediction.variance().sqrt();
        (prediction.score + half).min(1.0) - (prediction.score - half).max(0.0)
    };
    let fewer = |share: f64| 1.0 - share * (1.0 - 1.0 / TIMES);
    let mut remedies = Vec::new();
    let halfway = Flops::new(at.compute.get() * (-0.5 * place).exp());
    if let (Ok(compute), true) = (halfway, place > 0.0) {
        let width = width(&law.with_rung(0.5 * place), 0.5 * place);
        remedies.push(Remedy { what: RemedyKind::Rung, compute_flops: Some(compute), width });
    }
    let shares = [(RemedyKind::Samples, Some(1.0)), (RemedyKind::Generations, counted)];
    for (what, share) in shares {
        let Some(share) = share else { continue };
        let width = width(&law.with_noise(fewer(share)), place);
        remedies.push(Remedy { what, compute_flops: None, width });
    }
    remedies
}

/// The share of the sampling variance at this rung, the last on the axis, that more generations remove: the binomial
/// part, beside what is peculiar to sample and model. `None` with single generations, which cannot tell
/// the two apart, and where generations are not counted.
pub(super) fn counted_share(task: &TaskLadder, rung: usize, noise: f64) -> Option<f64> {
    let trials = task.trials.as_ref()?;
    let (n, rungs) = (task.rates.n_samples() as f64, task.rates.n_rungs());
    let mut binomial = 0.0;
    for (rates, trials) in task.rates.iter().zip(trials.chunks_exact(rungs)) {
        let (rate, trials) = (rates[rung], trials[rung]);
        if trials < 2 {
            return None;
        }
        binomial += rate * (1.0 - rate) / f64::from(trials - 1) / n;
    }
    (noise > 0.0).then(|| (binomial / n / noise).min(1.0))
}
