//! Loss first, then score.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::loss_law::{InCompute, losses};
use crate::engines::points::{Axis, Points};
use crate::engines::{Curve, Engine, EngineInfo, Fit, Refusal, bounded, per_task};
use crate::optim::{Bounds, Loss, grid, multi_start};
use crate::passrate::{Ladder, Target, TaskLadder};

/// `L(C) = A * C^-alpha + E`, then `score = base + k * exp(-gamma * L)`.
///
/// Source: the second step is Gadre et al. 2024 (arXiv 2403.08540), error = eps - k exp(-gamma L).
/// Differs from it in: one task at a time; step 1 in compute alone; the base is the score of guessing
/// where that is known; `k, gamma >= 0`, so that a lower loss never means a lower score.
#[derive(Clone, Copy, Debug, Default)]
pub struct ViaLoss;

const MIN_RUNGS: usize = 4;

struct TwoLaws {
    axis: Axis,
    loss: InCompute,
    score: LossToScore,
}

impl Curve for TwoLaws {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        bounded(self.score.at(self.loss.at(self.axis.place(at))))
    }
}

/// `base + exp(k - gamma * (L - centre))`
struct LossToScore {
    centre: f64,
    /// `k, gamma, base`
    law: [f64; 3],
}

impl LossToScore {
    fn fit(losses: &[f64], scores: &[f64], chance: Option<f64>) -> Option<Self> {
        let centre = losses.iter().sum::<f64>() / losses.len() as f64;
        let residuals = |law: &[f64; 3], out: &mut [f64]| {
            for ((r, loss), score) in out.iter_mut().zip(losses).zip(scores) {
                *r = Self { centre, law: *law }.at(*loss) - score;
            }
        };
        let lowest = scores.iter().copied().fold(f64::INFINITY, f64::min);
        let base = chance.map_or((0.0, lowest), |chance| (chance, chance));
        // Where the loss spans less than a thousandth of itself it explains nothing; this bound
        // keeps gamma finite there.
        let steepest = 1e3 / centre;
        let bounds = Bounds::new([(-40.0, 3.0), (0.0, steepest), base]);
        let starts = grid([&[-4.0, -1.0], &[0.5 / centre, 2.0 / centre, 8.0 / centre], &[base.0]]);
        multi_start(losses.len(), residuals, &starts, &bounds, Loss::Squares)
            .map(|found| Self { centre, law: found.at })
    }

    fn at(&self, loss: f64) -> f64 {
        let [k, gamma, base] = self.law;
        base + (k - gamma * (loss - self.centre)).exp()
    }
}

impl Engine for ViaLoss {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "loss",
            summary: "loss = A C^-alpha + E, then score = base + k exp(-gamma loss)",
            source: "Gadre et al. 2024, arXiv 2403.08540",
            needs: "4 rungs with task_loss, or with the model's loss",
            min_rungs: MIN_RUNGS,
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, fit)
    }
}

fn fit(task: &TaskLadder) -> Result<Fit, Refusal> {
    let points = Points::of(task, MIN_RUNGS)?;
    let losses = losses(task, "task_loss", |rung| rung.task_loss)
        .or_else(|_| losses(task, "task_loss or loss", |rung| rung.loss))?;
    let failed =
        |step: &str| vec![Diagnostic::FitFailed { reason: format!("{step} has no finite start") }];
    let loss = InCompute::fit(&points.axis.x, &losses).ok_or_else(|| failed("the loss law"))?;
    let score = LossToScore::fit(&losses, &points.score, task.chance)
        .ok_or_else(|| failed("the law from loss to score"))?;
    Ok(Fit::new(TwoLaws { axis: points.axis, loss, score }))
}
