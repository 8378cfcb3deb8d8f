//! The law of the score above chance, split into parameters and tokens.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::loss_law::Sizes;
use crate::engines::points::Points;
use crate::engines::power::AboveChance;
use crate::engines::{Curve, Engine, EngineInfo, Fit, Refusal, bounded, per_task};
use crate::optim::{Bounds, Loss, grid, multi_start};
use crate::passrate::{Ladder, Target, TaskLadder};

/// `-ln Q = A / N^a + B / D^b` with `Q` the score above chance; no irreducible term.
///
/// Source: as [`Power`](super::Power), N,D form: Huber loss (delta 0.001) of the logarithms. Differs
/// from it in: several starts, `a` and `b` bounded to `[0, 3]`, Levenberg-Marquardt.
#[derive(Clone, Copy, Debug, Default)]
pub struct PowerNd;

/// One more than the parameters.
const MIN_RUNGS: usize = 5;
const HUBER: Loss = Loss::Huber { delta: 1e-3 };

struct Split {
    sizes: Sizes,
    /// `ln A, a, ln B, b` on the centred axes.
    law: [f64; 4],
    chance: f64,
}

/// `ln(A / N^a + B / D^b)` at centred `ln N`, `ln D`.
fn log_difficulty(law: &[f64; 4], n: f64, d: f64) -> f64 {
    let (p, q) = (law[0] - law[1] * n, law[2] - law[3] * d);
    let (high, low) = if p > q { (p, q) } else { (q, p) };
    high + (low - high).exp().ln_1p()
}

impl Curve for Split {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        let (n, d) = self.sizes.place(at)?;
        let above = (-log_difficulty(&self.law, n, d).exp()).exp();
        bounded(self.chance + (1.0 - self.chance) * above)
    }
}

impl Engine for PowerNd {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "power-nd",
            summary: "-ln(score above chance) = A/N^a + B/D^b",
            source: "Apple 2025, parameters-and-tokens form",
            needs: "5 rungs clearly above chance, params and tokens",
            min_rungs: MIN_RUNGS,
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, fit)
    }
}

fn fit(task: &TaskLadder) -> Result<Fit, Refusal> {
    let points = Points::of(task, MIN_RUNGS)?;
    let sizes = Sizes::of(task)?;
    let above = AboveChance::of(&points.score, points.chance, MIN_RUNGS)?;
    let (n, d) = (above.select(&sizes.n), above.select(&sizes.d));
    let wanted: Vec<f64> = above.above.iter().map(|q| (-q.ln()).ln()).collect();
    let residuals = |law: &[f64; 4], out: &mut [f64]| {
        for (i, r) in out.iter_mut().enumerate() {
            *r = log_difficulty(law, n[i], d[i]) - wanted[i];
        }
    };
    let level = wanted.iter().sum::<f64>() / wanted.len() as f64;
    let height = (level - 40.0, level + 40.0);
    let bounds = Bounds::new([height, (0.0, 3.0), height, (0.0, 3.0)]);
    let levels = [level - 3.0, level - 0.7];
    let starts = grid([&levels, &[0.1, 0.5], &levels, &[0.1, 0.5]]);
    let found = multi_start(wanted.len(), residuals, &starts, &bounds, HUBER)
        .ok_or_else(|| vec![Diagnostic::FitFailed { reason: "no start is finite".to_owned() }])?;
    Ok(Fit::new(Split { sizes, law: found.at, chance: points.chance }))
}
