//! The OLMo ladder's two steps: task loss, then a sigmoid.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::loss_law::{InCompute, InSizes, Sizes, losses};
use crate::engines::points::{Axis, Points};
use crate::engines::{Curve, Engine, EngineInfo, Fit, Refusal, bounded, per_task};
use crate::optim::{Bounds, Loss, multi_start};
use crate::passrate::{Ladder, Target, TaskLadder};

/// Task loss by a law, then `score = a / (1 + exp(-k (L - L0))) + b`.
///
/// Source: Bhagia et al. 2024, arXiv 2412.04403, and its code (allenai/OLMo-ladder). Differs from it
/// in: step 2 is fitted to one point a rung, not to every evaluation along training; what
/// [`InSizes`] and [`InCompute`] say; several starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwoStep {
    /// Step 1 in parameters and tokens, the published form.
    Sizes,
    /// Step 1 in compute.
    Compute,
}

enum Step1 {
    Sizes(Sizes, InSizes),
    Compute(Axis, InCompute),
}

struct Chain {
    step1: Step1,
    step2: Sigmoid,
}

impl Curve for Chain {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        let loss = match &self.step1 {
            Step1::Sizes(sizes, law) => {
                let (n, d) = sizes.place(at)?;
                law.at(n, d)
            }
            Step1::Compute(axis, law) => law.at(axis.place(at)),
        };
        bounded(self.step2.at(loss))
    }
}

/// `a, L0, k, b`
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sigmoid([f64; 4]);

impl Sigmoid {
    /// Least squares through the rungs and one ideal point, loss 0 at score 1. `chance`: where the
    /// search starts, not a bound.
    fn fit(losses: &[f64], scores: &[f64], chance: f64) -> Option<Self> {
        let points: Vec<(f64, f64)> =
            losses.iter().copied().zip(scores.iter().copied()).chain([(0.0, 1.0)]).collect();
        let residuals = |law: &[f64; 4], out: &mut [f64]| {
            for (r, (loss, score)) in out.iter_mut().zip(&points) {
                *r = Self(*law).at(*loss) - score;
            }
        };
        let highest = losses.iter().copied().fold(0.0, f64::max);
        let middle = losses.iter().sum::<f64>() / losses.len() as f64;
        // The source leaves L0 and k open above; beyond these the curve is a line or a step.
        let bounds =
            Bounds::new([(-1.0, 0.0), (0.0, 10.0 * highest), (0.0, 1e3 / middle), (0.0, 1.0)]);
        let mut starts = vec![[chance - 1.0, 0.9, 3.0, 1.0]];
        for place in [0.4, 0.7, 1.0, 1.5] {
            for steepness in [1.0, 3.0, 9.0] {
                starts.push([chance - 1.0, place * middle, steepness / middle, 1.0]);
            }
        }
        multi_start(points.len(), residuals, &starts, &bounds, Loss::Squares)
            .map(|found| Self(found.at))
    }

    fn at(self, loss: f64) -> f64 {
        let [a, middle, k, b] = self.0;
        a / (1.0 + (-k * (loss - middle)).exp()) + b
    }
}

impl TwoStep {
    /// One more than the parameters of step 1.
    fn min_rungs(self) -> usize {
        match self {
            Self::Sizes => 6,
            Self::Compute => 4,
        }
    }
}

impl Engine for TwoStep {
    fn info(&self) -> EngineInfo {
        let source = "Bhagia et al. 2024 (OLMo ladder), arXiv 2412.04403";
        let min_rungs = self.min_rungs();
        match self {
            Self::Sizes => EngineInfo {
                name: "two-step",
                summary: "task loss = A/N^alpha + B/D^beta + E, then a sigmoid",
                source,
                needs: "6 rungs with task_loss, params and tokens",
                min_rungs,
            },
            Self::Compute => EngineInfo {
                name: "two-step-flops",
                summary: "task loss = A C^-alpha + E, then a sigmoid",
                source,
                needs: "4 rungs with task_loss",
                min_rungs,
            },
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, |task| fit(*self, task))
    }
}

/// The start of the search where the score of guessing is unknown, as in the source.
const USUAL_CHANCE: f64 = 0.25;

fn fit(form: TwoStep, task: &TaskLadder) -> Result<Fit, Refusal> {
    let points = Points::of(task, form.min_rungs())?;
    let losses = losses(task, "task_loss", |rung| rung.task_loss)?;
    let failed =
        |step: &str| vec![Diagnostic::FitFailed { reason: format!("{step} has no finite start") }];
    let step1 = match form {
        TwoStep::Sizes => {
            let sizes = Sizes::of(task)?;
            let law = InSizes::fit(&sizes, &losses).ok_or_else(|| failed("step 1"))?;
            Step1::Sizes(sizes, law)
        }
        TwoStep::Compute => {
            let law = InCompute::fit(&points.axis.x, &losses).ok_or_else(|| failed("step 1"))?;
            Step1::Compute(points.axis, law)
        }
    };
    let step2 = Sigmoid::fit(&losses, &points.score, task.chance.unwrap_or(USUAL_CHANCE))
        .ok_or_else(|| failed("step 2"))?;
    Ok(Fit::new(Chain { step1, step2 }))
}
