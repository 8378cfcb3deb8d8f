//! The engine `codcast`: difficulty bins, one bridged law each, what the ladder cannot tell averaged
//! over, and an interval that says so.

mod axis;
mod bins;
mod law;
mod posterior;

use axis::Axis;
use bins::Units;
use posterior::Posterior;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::{Curve, Engine, EngineInfo, Fit, Interval, Refusal, Uncertainty, per_task};
use crate::passrate::{Ladder, Target, TaskLadder};
use crate::stats::normal_quantile;

/// Fewest rungs: two show a slope, the third how far to believe it.
const MIN_RUNGS: usize = 3;

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
            needs: "3 rungs; uses samples, params and tokens where there are any",
            min_rungs: MIN_RUNGS,
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, fit)
    }
}

fn fit(task: &TaskLadder) -> Result<Fit, Refusal> {
    super::points::enough_rungs(task, MIN_RUNGS)?;
    if task.means.iter().all(|&mean| mean == 0.0) {
        return Err(vec![Diagnostic::AllZero]);
    }
    let (axis, order, places) = Axis::new(task);
    let posterior = Posterior::new(Units::of(task, &order), &places, task.chance.unwrap_or(0.0));
    let clusters = Some(posterior.bins());
    Ok(Fit { clusters, ..Fit::new(Bridged { axis, posterior }) })
}

/// One task's law.
struct Bridged {
    axis: Axis,
    posterior: Posterior,
}

impl Curve for Bridged {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        super::bounded(self.posterior.predict(self.axis.place(at)).score)
    }

    fn interval(&self, at: &Target, level: f64) -> Option<Interval> {
        let prediction = self.posterior.predict(self.axis.place(at));
        let half = normal_quantile(0.5 + level / 2.0) * prediction.sd();
        let end = |value: f64| value.clamp(0.0, 1.0);
        let (lower, upper) = (end(prediction.score - half), end(prediction.score + half));
        half.is_finite().then_some(Interval { level, lower, upper })
    }

    fn uncertainty(&self, at: &Target) -> Option<Uncertainty> {
        let prediction = self.posterior.predict(self.axis.place(at));
        Some(Uncertainty {
            parameters: prediction.parameters.sqrt(),
            shape: prediction.shape.sqrt(),
            shock: prediction.shock.sqrt(),
            sampling: prediction.sampling.sqrt(),
        })
    }

    fn predictable_share(&self, at: &Target) -> Option<f64> {
        let place = self.axis.place(at);
        let predictable = (0..self.posterior.bins()).filter(|&bin| {
            let own = self.posterior.predict_bin(bin, place);
            (own.parameters + own.shape).sqrt() <= PREDICTABLE
        });
        Some(predictable.count() as f64 / self.posterior.bins() as f64)
    }
}
