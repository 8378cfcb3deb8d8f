//! The largest rung's score: what a forecast must beat.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::{Curve, Engine, EngineInfo, Fit, Refusal, per_task, points};
use crate::passrate::{Ladder, Target};

/// "The target will score what the largest rung scores."
#[derive(Clone, Copy, Debug, Default)]
pub struct Last;

struct Constant(f64);

impl Curve for Constant {
    fn score(&self, _at: &Target) -> Result<f64, Diagnostic> {
        Ok(self.0)
    }
}

impl Engine for Last {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "last",
            summary: "the score of the largest rung",
            source: "naive",
            needs: "1 rung",
            min_rungs: 1,
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, |task| {
            points::enough_rungs(task, 1)?;
            Ok(Fit::new(Constant(task.means[task.means.len() - 1])))
        })
    }
}
