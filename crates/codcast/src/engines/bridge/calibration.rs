//! What the ladder's own rungs say about the law: which belief forecasts them better, and how large
//! its errors are beside what it expects of them.

use super::posterior::BELIEFS;

/// One rung of one task, forecast from smaller rungs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rehearsed {
    /// Actual score less forecast.
    pub(super) error: f64,
    /// What the law expects its square to be, but for the sampling.
    pub(super) variance: f64,
    /// Variance of the actual score by its finite samples: known, so nothing is learned about it.
    pub(super) sampling: f64,
    /// How much the forecast moves when the log of the -log score drifts by one per log of compute.
    pub(super) reach: f64,
    /// How many independent cases it counts as, at most one.
    pub(super) weight: f64,
}

/// Factor on the law's own standard deviation.
const SCALE: [f64; 6] = [0.35, 0.5, 0.7, 1.0, 1.4, 2.0];
/// Its prior, normal in the logarithm around 1.
const SCALE_LOG_SD: f64 = 0.5;
/// Drift away from the law, in log of the -log score per log of compute; what no rung shows before it
/// happens, such as skills that take off.
const DRIFT: [f64; 7] = [0.0, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0];
/// Its prior, normal in the logarithm.
const DRIFT_CENTRE: f64 = 0.03;
const DRIFT_LOG_SD: f64 = 1.0;
/// Where a drift of 0 stands in that prior.
const LEAST_DRIFT: f64 = 0.02;
/// Keeps exact data finite, as in the law.
const LEAST_VARIANCE: f64 = 1e-7;
/// Degrees of freedom of the errors, as of the intervals.
pub(super) const FREEDOM: u32 = 10;

/// The verdict, `[belief]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Calibration {
    /// Posterior weight; they sum to 1.
    pub(super) weight: [f64; 2],
    /// Posterior mean of the squared scale.
    pub(super) scale: [f64; 2],
    /// Posterior mean of the squared drift.
    pub(super) drift: [f64; 2],
}

impl Calibration {
    /// Without a rehearsal the priors stand.
    pub(super) fn of(rehearsed: &[[Rehearsed; 2]]) -> Self {
        let verdicts = [0, 1].map(|belief| {
            let own: Vec<Rehearsed> = rehearsed.iter().map(|both| both[belief]).collect();
            verdict(&own)
        });
        let evidence = [0, 1].map(|belief| BELIEFS[belief].1.ln() + verdicts[belief].evidence);
        let top = evidence[0].max(evidence[1]);
        let weight = evidence.map(|evidence| (evidence - top).exp());
        let total = weight[0] + weight[1];
        Self {
            weight: weight.map(|weight| weight / total),
            scale: verdicts.map(|verdict| verdict.scale),
            drift: verdicts.map(|verdict| verdict.drift),
        }
    }
}

/// On one belief.
#[derive(Clone, Copy)]
struct Verdict {
    /// Log of the weighted likelihood, averaged over the priors; the same constant left out for all.
    evidence: f64,
    scale: f64,
    drift: f64,
}

fn verdict(rehearsed: &[Rehearsed]) -> Verdict {
    let mut points = Vec::with_capacity(SCALE.len() * DRIFT.len());
    for scale in SCALE {
        for drift in DRIFT {
            let log = prior(scale, drift) + log_likelihood(rehearsed, scale, drift);
            points.push((log, scale, drift));
        }
    }
    let top = points.iter().map(|point| point.0).fold(f64::NEG_INFINITY, f64::max);
    let (mut total, mut scale, mut drift) = (0.0, 0.0, 0.0);
    for (log, s, d) in points {
        let weight = (log - top).exp();
        total += weight;
        scale += weight * s * s;
        drift += weight * d * d;
    }
    Verdict { evidence: top + total.ln(), scale: scale / total, drift: drift / total }
}

fn prior(scale: f64, drift: f64) -> f64 {
    let scale = scale.ln() / SCALE_LOG_SD;
    let drift = (drift.max(LEAST_DRIFT) / DRIFT_CENTRE).ln() / DRIFT_LOG_SD;
    -0.5 * (scale * scale + drift * drift)
}

/// Of Student's t, each case to the power of its weight.
fn log_likelihood(rehearsed: &[Rehearsed], scale: f64, drift: f64) -> f64 {
    let freedom = f64::from(FREEDOM);
    rehearsed
        .iter()
        .map(|one| {
            let drifted = (drift * one.reach).powi(2);
            let variance = scale * scale * one.variance + one.sampling + drifted + LEAST_VARIANCE;
            let tail = (one.error * one.error / variance / freedom).ln_1p();
            -one.weight * (0.5 * variance.ln() + 0.5 * (freedom + 1.0) * tail)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder_with(errors: &[f64]) -> Calibration {
        let case = |error: f64| Rehearsed {
            error,
            variance: 1e-4,
            sampling: 0.0,
            reach: 0.3,
            weight: 1.0,
        };
        let rehearsed: Vec<[Rehearsed; 2]> =
            errors.iter().map(|&error| [case(error), case(3.0 * error)]).collect();
        Calibration::of(&rehearsed)
    }

    #[test]
    fn errors_as_expected_leave_intervals_about_as_they_are() {
        let usual = ladder_with(&[0.01, -0.008, 0.012, -0.01, 0.003, -0.015, 0.009, -0.006]);
        let sd = (usual.scale[0] * 1e-4 + usual.drift[0] * 0.09).sqrt();
        assert!((0.007..0.014).contains(&sd), "{sd}");
    }

    #[test]
    fn a_law_that_misses_its_own_rungs_is_trusted_less_and_one_that_hits_them_more() {
        let none = ladder_with(&[]);
        assert!((none.weight[1] - BELIEFS[1].1).abs() < 1e-12);
        let misses = ladder_with(&[0.2, -0.1, 0.15, 0.3]);
        let hits = ladder_with(&[0.002, -0.001, 0.003, 0.001, -0.002, 0.001, 0.002, -0.001]);
        let variance = |c: &Calibration| c.scale[0] * 1e-4 + c.drift[0] * 0.09;
        assert!(variance(&misses) > 10.0 * variance(&none), "{misses:?}");
        assert!(variance(&hits) < 0.5 * variance(&none), "{hits:?}");
    }

    #[test]
    fn what_samples_explain_is_not_held_against_the_law() {
        let of = |sampling: f64| {
            let errors = [0.05, -0.04, 0.06, -0.05, 0.03, -0.06];
            let case = |&error: &f64| Rehearsed {
                error,
                variance: 1e-4,
                sampling,
                reach: 0.3,
                weight: 1.0,
            };
            let both: Vec<[Rehearsed; 2]> = errors.iter().map(|error| [case(error); 2]).collect();
            Calibration::of(&both)
        };
        let own = |c: &Calibration| c.scale[0] * 1e-4 + c.drift[0] * 0.09;
        let (sampled, exact) = (of(0.05 * 0.05), of(0.0));
        assert!(own(&sampled) < 0.5 * own(&exact), "{sampled:?} {exact:?}");
    }

    #[test]
    fn the_belief_that_forecasts_the_rungs_better_gains_weight() {
        let found = ladder_with(&[0.02, -0.02, 0.02, -0.02]);
        assert!(found.weight[0] > BELIEFS[0].1, "{found:?}");
        assert!((found.weight[0] + found.weight[1] - 1.0).abs() < 1e-12);
    }
}
