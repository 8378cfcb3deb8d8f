//! Effective compute: where models of unlike shape lie on one axis.

use crate::passrate::{Target, TaskLadder};
use crate::units::Flops;

/// Tokens per parameter at which a model makes most of its compute (Hoffmann et al. 2022,
/// arXiv 2203.15556).
const OPTIMAL_RATIO: f64 = 20.0;

/// Exponent of loss in compute. Published exponents in parameters and tokens are 0.28 to 0.34, twice
/// this.
const EXPONENT: f64 = 0.15;

/// A model whose 6 N D is more than this many times its compute is sparse: only a part of its
/// parameters works on a token, and those are what the ratio is about.
const SPARSE: f64 = 1.5;

/// Log of effective compute, zero at the largest rung.
///
/// With `L = E + A N^-2a + B D^-2a`, best at `D = 20 N`, the loss that compute can remove goes with
/// `C^-a cosh(a ln(D / 20 N))`: a model off the best ratio counts as one of less compute. Where every
/// model has the same ratio this is a constant and changes nothing; where a rung's parameters or
/// tokens are not known it is left out.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    origin: f64,
    /// Log ratios of tokens to parameters: the ladder's least, median and largest. A target of unknown
    /// shape is taken to have the median. `None`: plain compute.
    ratios: Option<[f64; 3]>,
}

impl Axis {
    /// The axis, the rungs' indices by increasing place, and their places (the last is 0).
    pub(super) fn new(task: &TaskLadder) -> (Self, Vec<usize>, Vec<f64>) {
        let mut ratios: Vec<f64> = task
            .rungs
            .iter()
            .filter_map(|rung| Some(tokens_per_param(rung.compute, rung.params, rung.tokens)?.ln()))
            .filter(|ratio| ratio.is_finite())
            .collect();
        let shaped = ratios.len() == task.rungs.len();
        let logs: Vec<f64> = task
            .rungs
            .iter()
            .enumerate()
            .map(|(i, rung)| {
                rung.compute.get().ln() - if shaped { penalty(ratios[i]) } else { 0.0 }
            })
            .collect();
        let mut order: Vec<usize> = (0..logs.len()).collect();
        order.sort_by(|&a, &b| logs[a].total_cmp(&logs[b]));
        let origin = order.last().map_or(0.0, |&last| logs[last]);
        let places = order.iter().map(|&rung| logs[rung] - origin).collect();
        ratios.sort_by(f64::total_cmp);
        let pick = |i: usize| ratios[i.min(ratios.len() - 1)];
        let ratios = shaped.then(|| [pick(0), pick(ratios.len() / 2), pick(ratios.len() - 1)]);
        (Self { origin, ratios }, order, places)
    }

    /// Least and largest tokens per parameter of the rungs, where known for all.
    pub(super) fn ratios(&self) -> Option<(f64, f64)> {
        self.ratios.map(|[low, _, high]| (low.exp(), high.exp()))
    }

    /// Where a target lies.
    pub(super) fn place(&self, target: &Target) -> f64 {
        let known = tokens_per_param(target.compute, target.params, target.tokens).map(f64::ln);
        let lost = self.ratios.map_or(0.0, |[_, typical, _]| {
            penalty(known.filter(|ratio| ratio.is_finite()).unwrap_or(typical))
        });
        target.compute.get().ln() - lost - self.origin
    }
}

/// Tokens per parameter at work: of a sparse model the active ones, C / 6 D.
pub(super) fn tokens_per_param(
    compute: Flops,
    params: Option<f64>,
    tokens: Option<f64>,
) -> Option<f64> {
    let (params, tokens) = (params?, tokens?);
    let dense = compute.get() / (6.0 * tokens);
    Some(tokens / if params > SPARSE * dense { dense } else { params })
}

/// `ln(cosh(a z)) / a`, the log of the factor by which compute counts less.
fn penalty(log_ratio: f64) -> f64 {
    let w = (EXPONENT * (log_ratio - OPTIMAL_RATIO.ln())).abs();
    (w + (-2.0 * w).exp().ln_1p() - std::f64::consts::LN_2) / EXPONENT
}
