//! What a short ladder cannot tell is averaged over: a grid of shapes, weighed by how well the task's
//! mean follows.

use super::bins::Units;
use super::law::{Fitted, Prior, Shape, Theta, fit};

/// Irreducible share of the -log score at the largest rung.
const IRREDUCIBLE: [f64; 7] = [0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9];
/// Its prior, normal.
const IRREDUCIBLE_MEAN: f64 = 0.4;
const IRREDUCIBLE_SD: f64 = 0.3;
/// Standard deviation of a rung's shock.
const SHOCK: [f64; 6] = [0.025, 0.05, 0.1, 0.2, 0.4, 0.8];
/// Its prior, normal in the logarithm.
const SHOCK_CENTRE: f64 = 0.06;
const SHOCK_LOG_SD: f64 = 0.8;
/// The grid spans only part of the ways in which a law can be wrong: its spread counts twice.
const FORMS: f64 = 2.0;
/// Prior of the slope all bins share, and of a bin's deviation from it.
const SLOPE: f64 = 0.25;
const SLOPE_SD: f64 = 0.15;
const SLOPE_SPREAD: f64 = 0.2;
/// Share of the largest rung's deviation that a model beyond it has, too: curves do not return to a law at
/// once. The rest is the rung's own.
const LASTING: f64 = 2.0 / 3.0;
/// Keeps exact data finite.
const LEAST_VARIANCE: f64 = 1e-7;
/// Sensitivity below which a deviation cannot be told.
const LEAST_SENSITIVITY: f64 = 1e-3;

/// What the tasks of a ladder may have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belief {
    /// Part of the loss is irreducible: the whole grid.
    Bridged,
    /// None is: the power law.
    Power,
}

/// With their weight before a rung is forecast. On real ladders the power law overshoots far out; it
/// has to earn its place.
pub(super) const BELIEFS: [(Belief, f64); 2] = [(Belief::Bridged, 0.9), (Belief::Power, 0.1)];

/// One task's law with its uncertainty.
#[derive(Clone, Debug)]
pub(super) struct Posterior {
    /// `[bin]` share of the samples.
    weights: Vec<f64>,
    /// Score and sampling variance of the task at the largest rung.
    top: (f64, f64),
    /// `[grid]` weights that sum to 1.
    grid: Vec<(Shape, f64)>,
    /// `[grid][bin]`
    fits: Vec<Vec<Fitted>>,
    /// `[grid]` how far the task's score at the largest rung is above the curve, in log of the -log score.
    deviations: Vec<f64>,
    /// Log compute from the rung before to the largest.
    step: f64,
}

/// A forecast with the parts of its variance, all in squared score.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prediction {
    pub(super) score: f64,
    /// Finite rungs, trials and samples behind the fitted parameters.
    pub(super) parameters: f64,
    /// How much of the loss is irreducible, and how noisy rungs are.
    pub(super) shape: f64,
    /// The target's own deviation from its compute.
    pub(super) shock: f64,
    /// The target's own finite samples and trials.
    pub(super) sampling: f64,
    /// What the ladder's own rungs showed the law not to know; none before they are asked.
    pub(super) drift: f64,
    /// How much a shift of one in the log of the -log score moves the score; not a variance.
    pub(super) sensitivity: f64,
}

impl Prediction {
    /// Standard deviation of the curve itself, without the target's own shock and sampling.
    pub(super) fn curve_sd(&self) -> f64 {
        (self.parameters + self.shape + self.drift).sqrt()
    }

    /// Of the target's score around the forecast.
    pub(super) fn variance(&self) -> f64 {
        self.parameters + self.shape + self.shock + self.sampling + self.drift
    }
}

impl Posterior {
    /// `d`: `[rung]` log compute relative to the largest rung, increasing, in the order of `units`.
    pub(super) fn new(units: &Units, d: &[f64], chance: f64, belief: Belief) -> Self {
        let grid = prior_grid(belief);
        let fits = fit_all(units, d, &grid, chance);
        let log_weights: Vec<f64> = grid
            .iter()
            .zip(&fits)
            .map(|(&(shape, weight), fits)| log_likelihood(units, d, shape, fits) + weight.ln())
            .collect();
        let top = log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = log_weights.iter().map(|log| (log - top).exp()).sum();
        let weighed =
            grid.iter().zip(log_weights).map(|(g, log)| (g.0, (log - top).exp() / total)).collect();
        let last = units.whole.scores.len() - 1;
        let weights: Vec<f64> = units.bins.iter().map(|bin| bin.weight).collect();
        let top = (units.whole.scores[last], units.whole.noise[last]);
        let at_top = |(&(shape, _), fits): (&(Shape, f64), &Vec<Fitted>)| {
            deviation(top, shape, &mix(&weights, fits, shape, 0.0))
        };
        let deviations = grid.iter().zip(&fits).map(at_top).collect();
        let step = d.iter().rev().find(|&&d| d < 0.0).map_or(0.0, |d| -d);
        Self { weights, top, grid: weighed, fits, deviations, step }
    }

    /// Posterior geometric mean of a rung's deviation, in log of the -log score.
    pub(super) fn typical_shock(&self) -> f64 {
        self.grid.iter().map(|(shape, weight)| weight * shape.shock.ln()).sum::<f64>().exp()
    }

    /// The whole task at log compute `d` beyond the largest rung.
    pub(super) fn predict(&self, d: f64) -> Prediction {
        // Before the largest rung there is its step from the one before for the deviation to come up.
        let there = if d < 0.0 { (1.0 + d / self.step).max(0.0) } else { 1.0 };
        self.weighted(d, &self.weights, LASTING * there)
    }

    /// One bin there.
    pub(super) fn predict_bin(&self, bin: usize, d: f64) -> Prediction {
        let weights: Vec<f64> =
            (0..self.weights.len()).map(|other| f64::from(u8::from(other == bin))).collect();
        self.weighted(d, &weights, 0.0)
    }

    /// `lasting`: the share of the largest rung's deviation that there is at `d`.
    fn weighted(&self, d: f64, weights: &[f64], lasting: f64) -> Prediction {
        let points: Vec<(f64, Mixture)> = self
            .grid
            .iter()
            .zip(&self.fits)
            .zip(&self.deviations)
            .map(|((&(shape, posterior), fits), deviation)| {
                let mut point = mix(weights, fits, shape, d);
                point.score += lasting * deviation * point.sensitivity();
                point.score = point.score.clamp(0.0, 1.0);
                (posterior, point)
            })
            .collect();
        let score = points.iter().map(|(p, point)| p * point.score).sum::<f64>();
        let (top, top_noise) = self.top;
        let mut prediction = Prediction { score, ..Prediction::default() };
        for ((shape, _), (posterior, point)) in self.grid.iter().zip(&points) {
            let binomial = point.score * (1.0 - point.score);
            let scale = (binomial / (top * (1.0 - top)).max(1e-4)).max(1.0);
            prediction.parameters += posterior * point.variance;
            prediction.shape += FORMS * posterior * (point.score - score).powi(2);
            prediction.shock += posterior * (shape.shock * point.sensitivity()).powi(2);
            prediction.sampling += posterior * top_noise * scale;
            prediction.sensitivity += posterior * point.sensitivity();
        }
        prediction
    }
}

/// All shapes with their prior weight.
fn prior_grid(belief: Belief) -> Vec<(Shape, f64)> {
    let shares = match belief {
        Belief::Bridged => &IRREDUCIBLE[..],
        Belief::Power => &IRREDUCIBLE[..1],
    };
    let mut grid = Vec::with_capacity(shares.len() * SHOCK.len());
    for &irreducible in shares {
        for shock in SHOCK {
            let f = (irreducible - IRREDUCIBLE_MEAN) / IRREDUCIBLE_SD;
            let s = (shock / SHOCK_CENTRE).ln() / SHOCK_LOG_SD;
            grid.push((Shape { irreducible, shock }, (-0.5 * (f * f + s * s)).exp()));
        }
    }
    let total: f64 = grid.iter().map(|(_, weight)| weight).sum();
    grid.into_iter().map(|(shape, weight)| (shape, weight / total)).collect()
}

/// `[grid][bin]`; with several bins the slope's prior mean is learned from all of them first.
fn fit_all(units: &Units, d: &[f64], grid: &[(Shape, f64)], chance: f64) -> Vec<Vec<Fitted>> {
    let fits = |prior: Prior| -> Vec<Vec<Fitted>> {
        let all = |shape| units.bins.iter().map(|bin| fit(bin, d, shape, &prior)).collect();
        grid.iter().map(|&(shape, _)| all(shape)).collect()
    };
    if units.bins.len() == 1 {
        let spread = SLOPE_SPREAD.hypot(SLOPE_SD);
        return fits(Prior { slope: SLOPE, spread, chance });
    }
    let first = fits(Prior { slope: SLOPE, spread: SLOPE_SPREAD, chance });
    let prior_precision = 1.0 / (SLOPE_SPREAD * SLOPE_SPREAD);
    let centre_precision = 1.0 / (SLOPE_SD * SLOPE_SD);
    let (mut sum, mut total) = (SLOPE * centre_precision, centre_precision);
    for ((_, weight), fits) in grid.iter().zip(&first) {
        for fitted in fits {
            // What the data alone say: the posterior less the prior.
            let precision = 1.0 / fitted.covariance[1][1];
            let own = (precision - prior_precision).max(1e-3);
            let slope = (fitted.theta[1] * precision - SLOPE * prior_precision) / own;
            let q = weight / (1.0 / own + SLOPE_SPREAD * SLOPE_SPREAD);
            sum += q * slope;
            total += q;
        }
    }
    fits(Prior { slope: sum / total, spread: SLOPE_SPREAD, chance })
}

/// How far the score at the largest rung is above its curve, as far as it is more than the noise of finite
/// samples; in log of the -log score, at most one.
fn deviation((score, noise): (f64, f64), shape: Shape, curve: &Mixture) -> f64 {
    let sensitivity = curve.sensitivity().max(LEAST_SENSITIVITY);
    let shock = (shape.shock * sensitivity).powi(2);
    let own = shock / (shock + noise + LEAST_VARIANCE);
    ((score - curve.score) / sensitivity * own).clamp(-1.0, 1.0)
}

/// The units' curves added up at one place.
struct Mixture {
    score: f64,
    /// Of the parameters.
    variance: f64,
    /// Of the score by a shock.
    derivative: f64,
}

impl Mixture {
    fn sensitivity(&self) -> f64 {
        self.derivative.abs().max(self.score * (1.0 - self.score))
    }
}

fn mix(weights: &[f64], fits: &[Fitted], shape: Shape, d: f64) -> Mixture {
    let mut mixture = Mixture { score: 0.0, variance: 0.0, derivative: 0.0 };
    for (&weight, fitted) in weights.iter().zip(fits) {
        let value = shape.value(&fitted.theta, d);
        let gradient: &Theta = &value.gradient;
        mixture.score += weight * value.score;
        mixture.variance += weight * weight * fitted.variance(gradient);
        mixture.derivative += weight * gradient[0];
    }
    mixture
}

/// Of the task's mean, not of the bins: they are ordered by the scores they are fitted to, and
/// looking at how well each follows would reward the luck that put samples there.
fn log_likelihood(units: &Units, d: &[f64], shape: Shape, fits: &[Fitted]) -> f64 {
    let weights: Vec<f64> = units.bins.iter().map(|bin| bin.weight).collect();
    let rungs = d.iter().zip(&units.whole.scores).zip(&units.whole.noise);
    rungs
        .map(|((&d, y), noise)| {
            let curve = mix(&weights, fits, shape, d);
            let variance = noise + (shape.shock * curve.sensitivity()).powi(2) + LEAST_VARIANCE;
            -0.5 * ((y - curve.score).powi(2) / variance + variance.ln())
        })
        .sum()
}
