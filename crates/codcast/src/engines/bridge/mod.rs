//! The engine `codcast`: difficulty bins, one bridged law each, what the ladder cannot tell averaged
//! over, and an interval that says so.

mod averaged;
mod axis;
mod bins;
mod calibration;
mod law;
mod posterior;
mod rehearsal;
mod remedy;
mod view;

use averaged::Averaged;
use axis::Axis;
use bins::Units;
use calibration::{Calibration, FREEDOM};
use view::Seen;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::{
    Curve, Engine, EngineInfo, Fit, Inside, Interval, Refusal, Remedy, Uncertainty, per_task,
};
use crate::passrate::{Ladder, Target, TaskLadder};
use crate::stats::t_half_width;

/// Fewest rungs. With two or three the priors do most of the work, and the interval says so.
const MIN_RUNGS: usize = 2;

/// Below this score at the largest rung little of a set has emerged.
const LITTLE_EMERGED: f64 = 0.05;

/// Typical deviation of rungs, in log of the -log score, above which they are not called a curve.
const NOISY: f64 = 0.2;

/// A target's tokens per parameter may be outside the ladder's by this factor without a warning.
const RECIPE_REACH: f64 = 4.0;

/// An interval so many times as wide as the law alone asks for comes with a warning.
const MISSED: f64 = 2.0;

/// A bin is predictable where its curve's standard deviation at the target is at most this.
const PREDICTABLE: f64 = 0.1;

/// The project's own engine.
///
/// Source: this project, docs/engine.md; it grew out of Clustering-On-Difficulty (arXiv 2502.17262)
/// and the chance-corrected power law.
#[derive(Clone, Copy, Debug, Default)]
pub struct Codcast;

impl Engine for Codcast {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "codcast",
            summary: "difficulty bins, bridged laws, averaged over what the ladder cannot tell",
            source: "this project, docs/engine.md",
            needs: "2 rungs; uses samples, params and tokens where there are any",
            min_rungs: MIN_RUNGS,
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        let calibration = Calibration::of(&rehearsal::rehearse(ladder));
        per_task(ladder, |task| fit(task, calibration))
    }
}

fn fit(task: &TaskLadder, calibration: Calibration) -> Result<Fit, Refusal> {
    super::points::enough_rungs(task, MIN_RUNGS)?;
    if task.means.iter().all(|&mean| mean == 0.0) {
        return Err(vec![Diagnostic::AllZero]);
    }
    let (axis, order, places) = Axis::new(task);
    let units = Units::of(task, &order);
    let top = order.last().zip(units.whole.noise.last());
    let counted = top.and_then(|(&rung, &noise)| remedy::counted_share(task, rung, noise));
    let law = Averaged::new(units, &places, task.chance.unwrap_or(0.0), calibration);
    let clusters = Some(law.bins());
    let diagnostics = warnings(task, &order, &law);
    let seen = Seen::of(task, &order, law.bins());
    Ok(Fit { clusters, diagnostics, ..Fit::new(Bridged { axis, law, seen, counted }) })
}

/// What the fit says about how far to trust it.
fn warnings(task: &TaskLadder, order: &[usize], law: &Averaged) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let top = order.last().map_or(0.0, |&rung| task.means[rung]);
    let guessing = task.chance.is_some_and(|chance| chance > 0.0);
    if super::points::answers(task).is_some() && !guessing && top < LITTLE_EMERGED {
        let percent = (100.0 * LITTLE_EMERGED) as u32;
        warnings.push(Diagnostic::EmergencePossible { percent });
    }
    let shock = law.typical_shock();
    if shock >= NOISY {
        warnings.push(Diagnostic::NoisyLadder { percent: (100.0 * shock).round() as u32 });
    }
    warnings
}

/// One task's law.
struct Bridged {
    axis: Axis,
    law: Averaged,
    seen: Seen,
    /// See [`remedy::counted_share`].
    counted: Option<f64>,
}

impl Curve for Bridged {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        super::bounded(self.law.predict(self.axis.place(at)).score)
    }

    fn interval(&self, at: &Target, level: f64) -> Option<Interval> {
        let prediction = self.law.predict(self.axis.place(at));
        let half = t_half_width(level, FREEDOM) * prediction.variance().sqrt();
        let end = |value: f64| value.clamp(0.0, 1.0);
        let (lower, upper) = (end(prediction.score - half), end(prediction.score + half));
        half.is_finite().then_some(Interval { level, lower, upper })
    }

    fn uncertainty(&self, at: &Target) -> Option<Uncertainty> {
        let prediction = self.law.predict(self.axis.place(at));
        Some(Uncertainty {
            parameters: prediction.parameters.sqrt(),
            shape: prediction.shape.sqrt(),
            shock: prediction.shock.sqrt(),
            sampling: prediction.sampling.sqrt(),
            rehearsal: prediction.drift.sqrt(),
        })
    }

    fn remedies(&self, at: &Target, level: f64) -> Vec<Remedy> {
        let place = self.axis.place(at);
        remedy::remedies(&self.law, place, at, t_half_width(level, FREEDOM), self.counted)
    }

    fn diagnostics(&self, at: &Target) -> Vec<Diagnostic> {
        let place = self.axis.place(at);
        let widened = self.law.predict(place).variance().sqrt() / self.law.expected_sd(place);
        let missed =
            (widened >= MISSED).then(|| Diagnostic::RungsMissed { times: widened.round() as u64 });
        let ratio = axis::tokens_per_param(at.compute, at.params, at.tokens);
        let outside = |ratio: &f64| {
            self.axis.ratios().is_some_and(|(low, high)| {
                *ratio < low / RECIPE_REACH || *ratio > high * RECIPE_REACH
            })
        };
        let different = ratio.filter(outside).map(|ratio| ratio.round() as u64);
        let different = different.map(|ratio| Diagnostic::DifferentRecipe { ratio });
        different.into_iter().chain(missed).collect()
    }

    fn predictable_share(&self, at: &Target) -> Option<f64> {
        let place = self.axis.place(at);
        let predictable = (0..self.law.bins()).filter(|&bin| {
            let own = self.law.predict_bin(bin, place);
            own.curve_sd() <= PREDICTABLE
        });
        Some(predictable.count() as f64 / self.law.bins() as f64)
    }

    fn inside(&self, at: &Target, along: &[Target]) -> Option<Inside> {
        self.seen.inside(&self.axis, &self.law, at, along)
    }
}
