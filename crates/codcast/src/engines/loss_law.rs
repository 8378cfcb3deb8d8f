//! Laws of a loss: in compute, and in parameters and tokens.

use crate::diagnostic::Diagnostic;
use crate::engines::Refusal;
use crate::optim::{Bounds, Loss, grid, multi_start};
use crate::passrate::{Target, TaskLadder};

/// Huber loss of the logarithms, as Hoffmann et al. 2022 and the OLMo ladder.
const HUBER: Loss = Loss::Huber { delta: 1e-3 };

/// Parameters and tokens of one ladder: natural logarithms, zero at their geometric means.
#[derive(Clone, Debug)]
pub(super) struct Sizes {
    centre: (f64, f64),
    /// `[rung]`
    pub(super) n: Vec<f64>,
    /// `[rung]`
    pub(super) d: Vec<f64>,
}

impl Sizes {
    /// A refusal where a rung's parameters or tokens are unknown.
    pub(super) fn of(task: &TaskLadder) -> Result<Self, Refusal> {
        let known: Option<Vec<(f64, f64)>> =
            task.rungs.iter().map(|rung| logs(rung.params, rung.tokens)).collect();
        let known = known.ok_or_else(|| vec![Diagnostic::NeedsParamsAndTokens])?;
        let count = known.len() as f64;
        let centre = (
            known.iter().map(|size| size.0).sum::<f64>() / count,
            known.iter().map(|size| size.1).sum::<f64>() / count,
        );
        let (n, d) = known.iter().map(|size| (size.0 - centre.0, size.1 - centre.1)).unzip();
        Ok(Self { centre, n, d })
    }

    /// Sizes whose logarithms are centred already.
    #[cfg(test)]
    pub(super) fn centred(n: Vec<f64>, d: Vec<f64>) -> Self {
        Self { centre: (0.0, 0.0), n, d }
    }

    /// Where a target lies on the two axes.
    pub(super) fn place(&self, target: &Target) -> Result<(f64, f64), Diagnostic> {
        let (n, d) = logs(target.params, target.tokens).ok_or(Diagnostic::NeedsParamsAndTokens)?;
        Ok((n - self.centre.0, d - self.centre.1))
    }
}

fn logs(params: Option<f64>, tokens: Option<f64>) -> Option<(f64, f64)> {
    let log = |value: f64| (value.is_finite() && value > 0.0).then(|| value.ln());
    Some((log(params?)?, log(tokens?)?))
}

/// The losses of all rungs; a refusal where one is unknown or not positive.
pub(super) fn losses(
    task: &TaskLadder,
    which: &'static str,
    loss: impl Fn(&crate::passrate::Rung) -> Option<f64>,
) -> Result<Vec<f64>, Refusal> {
    let usable = |value: &f64| value.is_finite() && *value > 0.0;
    let all: Option<Vec<f64>> = task.rungs.iter().map(|rung| loss(rung).filter(usable)).collect();
    all.ok_or_else(|| vec![Diagnostic::NeedsLoss { which }])
}

/// `L(x) = exp(a - alpha * x) + E`; `x`: centred `ln C`; all of `alpha in [0, 1]`, `E >= 0`.
///
/// Source: the OLMo ladder's FLOPs form of step 1 (Bhagia et al. 2024, arXiv 2412.04403). Differs
/// from it in: `E` at most the smallest loss; the bound `a >= 0`, which depends on the unit, is
/// dropped; several starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct InCompute {
    /// `a, alpha, E`
    pub(super) law: [f64; 3],
}

impl InCompute {
    pub(super) fn fit(x: &[f64], losses: &[f64]) -> Option<Self> {
        let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let wanted: Vec<f64> = losses.iter().map(|loss| loss.ln()).collect();
        let residuals = |law: &[f64; 3], out: &mut [f64]| {
            for ((r, x), wanted) in out.iter_mut().zip(x).zip(&wanted) {
                *r = Self { law: *law }.at(*x).ln() - wanted;
            }
        };
        let bounds =
            Bounds::new([(lowest.ln() - 40.0, lowest.ln() + 40.0), (0.0, 1.0), (0.0, lowest)]);
        let middle = losses.iter().sum::<f64>() / losses.len() as f64;
        let starts: Vec<[f64; 3]> = grid([&[0.0, 0.3, 0.6, 0.9], &[0.05, 0.1, 0.3]])
            .iter()
            .map(|&[share, alpha]| [(middle - share * lowest).ln(), alpha, share * lowest])
            .collect();
        multi_start(x.len(), residuals, &starts, &bounds, HUBER).map(|found| Self { law: found.at })
    }

    pub(super) fn at(self, x: f64) -> f64 {
        let [a, alpha, floor] = self.law;
        (a - alpha * x).exp() + floor
    }
}

/// `L(N, D) = exp(a - alpha * n) + exp(b - beta * d) + E`; `n`, `d`: centred `ln N`, `ln D`.
///
/// Source: the OLMo ladder's step 1. Differs from it in: `E` at most the smallest loss, `alpha` and
/// `beta` at most 3; the bounds `a, b >= 0`, which depend on the units of N and D, are dropped;
/// several starts in place of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct InSizes {
    /// `a, alpha, b, beta, E`
    pub(super) law: [f64; 5],
}

impl InSizes {
    pub(super) fn fit(sizes: &Sizes, losses: &[f64]) -> Option<Self> {
        let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let wanted: Vec<f64> = losses.iter().map(|loss| loss.ln()).collect();
        let residuals = |law: &[f64; 5], out: &mut [f64]| {
            for (i, r) in out.iter_mut().enumerate() {
                *r = Self { law: *law }.at(sizes.n[i], sizes.d[i]).ln() - wanted[i];
            }
        };
        let height = (lowest.ln() - 40.0, lowest.ln() + 40.0);
        let bounds = Bounds::new([height, (0.0, 3.0), height, (0.0, 3.0), (0.0, lowest)]);
        let middle = losses.iter().sum::<f64>() / losses.len() as f64;
        let starts: Vec<[f64; 5]> = grid([&[0.0, 0.4, 0.8], &[0.1, 0.4], &[0.1, 0.4], &[0.2, 0.8]])
            .iter()
            .map(|&[share, alpha, beta, split]| {
                let rest = middle - share * lowest;
                let heights = ((rest * split).ln(), (rest * (1.0 - split)).ln());
                [heights.0, alpha, heights.1, beta, share * lowest]
            })
            .collect();
        multi_start(losses.len(), residuals, &starts, &bounds, HUBER)
            .map(|found| Self { law: found.at })
    }

    pub(super) fn at(self, n: f64, d: f64) -> f64 {
        let [a, alpha, b, beta, floor] = self.law;
        (a - alpha * n).exp() + (b - beta * d).exp() + floor
    }
}
