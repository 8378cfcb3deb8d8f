//! Stage 2: one scaling law per cluster.
//!
//! A cluster's mean score per rung goes in, a [`LawFit`] comes out: the law's parameters if there is a
//! law to be had, and in any case how the fit ended.

mod errors;
mod law;
mod linear;
mod search;

use serde::{Deserialize, Serialize};

pub use errors::StandardErrors;
pub use law::{Law, LawParams};

use crate::config::check;
use crate::error::Result;
use crate::units::Flops;
use search::{Optimum, Problem};

/// A law that rises by less than this over the whole ladder (a ten-thousandth of a point) is none.
const MIN_RISE: f64 = 1e-6;

/// Stage 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitConfig {
    /// The full law or one of its ablations.
    pub law: Law,
    /// Smallest steepness `b`. Below a hundredth a curve needs more than 10^100 times the compute to
    /// get from a tenth to nine tenths of its rise: within any ladder it is a straight line in log
    /// compute, whatever its `b`.
    pub min_b: f64,
    /// Largest steepness `b`. At 3 a curve gets from a tenth to nine tenths of its rise within 2.8
    /// times the compute, about one rung: steeper ones cannot be told apart.
    pub max_b: f64,
}

impl Default for FitConfig {
    fn default() -> Self {
        Self { law: Law::Full, min_b: 0.01, max_b: 3.0 }
    }
}

impl FitConfig {
    pub(crate) fn validate(&self) -> Result<()> {
        check("fit.min_b", self.min_b, 1e-6..=1.0, "a number in [1e-6, 1]")?;
        check("fit.max_b", self.max_b, 1.0..=100.0, "a number in [1, 100]")?;
        check("fit.min_b", self.min_b, ..self.max_b, "less than fit.max_b")
    }
}

/// Which bound a fit ran into. The natural ones, `g = 0` and `c = 0`, are not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// `b` is at [`FitConfig::min_b`].
    Shallow,
    /// `b` is at [`FitConfig::max_b`].
    Steep,
    /// Nearly all of the rise is before the smallest rung.
    Early,
    /// Nearly all of the rise is after the largest rung.
    Late,
}

/// How a fit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Termination {
    /// The best parameters are inside their bounds.
    Converged,
    /// The best parameters are at a bound; the law is the best within.
    AtBound {
        /// Which.
        bound: Bound,
    },
    /// Still improving when the steps ran out; the law is the best seen.
    StepLimit,
    /// No rung scores.
    AllZero,
    /// Every rung has the full score.
    AllOne,
    /// All rungs score the same.
    Flat,
    /// No rising law fits better than a constant.
    Falling,
    /// Fewer different computes than the law has parameters.
    TooFewPoints {
        /// Different computes with positive weight.
        have: usize,
        /// Parameters.
        need: usize,
    },
    /// Lists of different lengths, a score outside `[0, 1]`, or a weight that is negative or not finite.
    Unusable,
}

impl std::fmt::Display for Termination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Converged => f.write_str("the fit converged"),
            Self::AtBound { bound } => f.write_str(match bound {
                Bound::Shallow => "the curve is too shallow to tell its shape",
                Bound::Steep => "the curve jumps from one rung to the next",
                Bound::Early => "the curve rises before the smallest rung",
                Bound::Late => "the curve rises only beyond the largest rung",
            }),
            Self::StepLimit => f.write_str("the fit did not converge"),
            Self::AllZero => f.write_str("no rung ever scores"),
            Self::AllOne => f.write_str("every rung has the full score"),
            Self::Flat => f.write_str("all rungs score the same"),
            Self::Falling => f.write_str("scores do not rise with compute"),
            Self::TooFewPoints { have, need } => {
                write!(f, "{have} rungs for a law of {need} parameters")
            }
            Self::Unusable => f.write_str("the scores or their weights are not numbers in range"),
        }
    }
}

/// One fitted curve.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LawFit {
    /// The best law; `None` where the termination says that there is none.
    pub law: Option<LawParams>,
    /// How the fit ended.
    pub termination: Termination,
    /// Points with positive weight.
    pub points: usize,
    /// Weighted mean of the scores: the forecast of a constant. 0 without usable points.
    pub mean: f64,
    /// Sum of squared residuals, times the weights; of the mean where there is no law.
    pub sse: f64,
    /// `sqrt(sse / sum of weights)`.
    pub rmse: f64,
    /// Only for an interior optimum (also `g > 0` and `c > 0` where the law has them) with more points
    /// than parameters that the points can tell apart.
    pub errors: Option<StandardErrors>,
}

/// Fits the law to one curve by weighted least squares.
///
/// `compute`, `scores` in `[0, 1]`, `weights` (non-negative; `None`: all 1) of equal length, in any
/// order. The same points in another order give the same bytes. Never panics and never returns NaN:
/// whatever has no law says so in [`LawFit::termination`].
pub fn fit_law(
    compute: &[Flops],
    scores: &[f64],
    weights: Option<&[f64]>,
    config: &FitConfig,
) -> LawFit {
    let Some(points) = sorted(compute, scores, weights) else {
        return LawFit {
            law: None,
            termination: Termination::Unusable,
            points: 0,
            mean: 0.0,
            sse: 0.0,
            rmse: 0.0,
            errors: None,
        };
    };
    let compute: Vec<Flops> = points.iter().map(|p| p.0).collect();
    let scores: Vec<f64> = points.iter().map(|p| p.1).collect();
    let total: f64 = points.iter().map(|p| p.2).sum();
    let weights: Vec<f64> = points.iter().map(|p| p.2 / total).collect();
    let mean = scores.iter().zip(&weights).map(|(y, w)| y * w).sum::<f64>().clamp(0.0, 1.0);
    let constant = scores.iter().zip(&weights).map(|(y, w)| w * (y - mean).powi(2)).sum();
    let ended = |law, termination, mse: f64, errors| LawFit {
        law,
        termination,
        points: points.len(),
        mean,
        sse: mse * total,
        rmse: mse.sqrt(),
        errors,
    };
    if let Some(reason) = degenerate(&compute, &scores, config.law) {
        return ended(None, reason, constant, None);
    }

    let largest = compute[compute.len() - 1];
    let problem = Problem {
        law: config.law,
        log_compute: compute.iter().map(|c| c.times(largest).ln()).collect(),
        scores,
        weights,
        steepness: (config.min_b, config.max_b),
    };
    let best = problem.search();
    let mse = best.linear.sse;
    if rise(&problem, &best) < MIN_RISE {
        return ended(None, Termination::Falling, constant, None);
    }
    let law = law_params(&problem, &best, largest);
    let termination = termination(&best);
    let interior = termination == Termination::Converged
        && (law.g > 0.0 || !config.law.has_chance())
        && (law.c > 0.0 || !config.law.has_ceiling());
    let errors = if interior {
        errors::standard_errors(config.law, &law, &compute, &problem.weights, mse)
    } else {
        None
    };
    ended(Some(law), termination, mse, errors)
}

/// Points with positive weight by compute and score; `None` where the input is unusable.
fn sorted(
    compute: &[Flops],
    scores: &[f64],
    weights: Option<&[f64]>,
) -> Option<Vec<(Flops, f64, f64)>> {
    let n = compute.len();
    if scores.len() != n || weights.is_some_and(|w| w.len() != n) {
        return None;
    }
    let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
    let sound = |i: usize| (0.0..=1.0).contains(&scores[i]) && (0.0..=1e100).contains(&weight(i));
    if !(0..n).all(sound) {
        return None;
    }
    let mut points: Vec<(Flops, f64, f64)> = (0..n)
        .filter(|&i| weight(i) > 1e-100)
        .map(|i| (compute[i], scores[i], weight(i)))
        .collect();
    points.sort_by(|a, b| {
        (a.0.get().total_cmp(&b.0.get())).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2))
    });
    (!points.is_empty()).then_some(points)
}

/// Why there is nothing to fit. `compute` is sorted.
fn degenerate(compute: &[Flops], scores: &[f64], law: Law) -> Option<Termination> {
    let (low, high) = scores.iter().fold((1.0_f64, 0.0_f64), |(l, h), y| (l.min(*y), h.max(*y)));
    let different = 1 + compute.windows(2).filter(|pair| pair[0] < pair[1]).count();
    if high == 0.0 {
        Some(Termination::AllZero)
    } else if low == 1.0 {
        Some(Termination::AllOne)
    } else if high - low < MIN_RISE {
        Some(Termination::Flat)
    } else if different < law.parameters() {
        Some(Termination::TooFewPoints { have: different, need: law.parameters() })
    } else {
        None
    }
}

/// How much the best law rises from the smallest to the largest rung.
fn rise(problem: &Problem, best: &Optimum) -> f64 {
    let mut shape = vec![0.0; problem.scores.len()];
    problem.shape(problem.parameters(best.at), &mut shape);
    best.linear.h * (shape[shape.len() - 1] - shape[0])
}

fn law_params(problem: &Problem, best: &Optimum, largest: Flops) -> LawParams {
    let (b, ln_late) = problem.parameters(best.at);
    let ln_a = ln_late + b * largest.in_paper_units().ln();
    let g = best.linear.g;
    let ceiling = if problem.law.has_ceiling() { best.linear.h / (1.0 - g) } else { 1.0 };
    LawParams {
        // Compute of less than 10^-80 or more than 10^120 FLOP would leave the range of f64.
        a: ln_a.exp().clamp(f64::MIN_POSITIVE, f64::MAX),
        b,
        c: (-ceiling.ln()).max(0.0),
        g,
    }
}

fn termination(best: &Optimum) -> Termination {
    let bound = match best.at {
        [p, _] if p <= 0.0 => Some(Bound::Shallow),
        [p, _] if p >= 1.0 => Some(Bound::Steep),
        [_, q] if q <= 0.0 => Some(Bound::Early),
        [_, q] if q >= 1.0 => Some(Bound::Late),
        _ => None,
    };
    match bound {
        Some(bound) => Termination::AtBound { bound },
        None if best.converged => Termination::Converged,
        None => Termination::StepLimit,
    }
}
