//! The paper's law, end to end.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::points::Points;
use crate::engines::{Curve, Engine, EngineInfo, Fit, Refusal, bounded, per_task};
use crate::fit::{FitConfig, Law, LawFit, LawParams, Termination, fit_law};
use crate::passrate::{Ladder, Target, TaskLadder};

/// `score(C) = g + (1 - g) * exp(-a * C^-b - c)` on the set's mean.
///
/// Source: Xu et al., arXiv 2502.17262, the end-to-end baseline. Differs from it in: `g` is the score
/// of guessing where that is known, and scores below it count as at it; where no rising law fits
/// better than a constant, the forecast is the constant.
#[derive(Clone, Copy, Debug, Default)]
pub struct EndToEnd;

/// The fewest that determine the full law.
const MIN_RUNGS: usize = 4;

struct AboveGuessing {
    law: Result<LawParams, f64>,
    chance: f64,
}

impl Curve for AboveGuessing {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        let above = match &self.law {
            Ok(law) => law.score(at.compute),
            Err(constant) => *constant,
        };
        bounded(self.chance + (1.0 - self.chance) * above)
    }
}

impl Engine for EndToEnd {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "exp",
            summary: "the paper's law g + (1-g) exp(-a C^-b - c) on the set's mean",
            source: "Xu et al. 2025, arXiv 2502.17262, end-to-end baseline",
            needs: "4 rungs",
            min_rungs: MIN_RUNGS,
        }
    }

    fn fit(&self, ladder: &Ladder, config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, |task| fit(task, &config.fit))
    }
}

fn fit(task: &TaskLadder, config: &FitConfig) -> Result<Fit, Refusal> {
    let points = Points::of(task, MIN_RUNGS)?;
    let mut config = config.clone();
    if task.chance.is_some() {
        // The chance level is known, so the law of what is above it has none.
        config.law = match config.law {
            Law::Full | Law::NoChance => Law::NoChance,
            Law::NoCeiling | Law::Bare => Law::Bare,
        };
    }
    let above: Vec<f64> = points
        .score
        .iter()
        .map(|score| ((score - points.chance) / (1.0 - points.chance)).max(0.0))
        .collect();
    let LawFit { law, termination, mean, .. } = fit_law(&task.compute(), &above, None, &config);
    let law = match (law, termination) {
        (Some(law), _) => Ok(law),
        (
            None,
            Termination::Flat | Termination::Falling | Termination::AllZero | Termination::AllOne,
        ) => Err(mean),
        (None, reason) => return Err(vec![Diagnostic::FitFailed { reason: reason.to_string() }]),
    };
    let constant = law.is_err();
    let mut fit = Fit::new(AboveGuessing { law, chance: points.chance });
    if constant {
        fit.diagnostics.push(Diagnostic::NotIncreasing);
    }
    Ok(fit)
}
