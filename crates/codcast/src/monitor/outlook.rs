//! The score at the end of training, before and after seeing the run's checkpoints.

use serde::Serialize;

use super::{Expected, Look, Watch};
use crate::diagnostic::Diagnostic;
use crate::engines::Interval;

/// One task at the end of the run's training.
#[derive(Clone, Debug, Serialize)]
pub struct FinalForecast {
    /// The task.
    pub task: String,
    /// From the ladder alone, as `codcast forecast` gives it; null where there is none.
    pub forecast: Option<f64>,
    /// The engine's interval for it.
    pub interval: Option<Interval>,
    /// With the run's checkpoints; null where none could be compared or the training has ended.
    pub updated: Option<f64>,
    /// Its interval, the ladder's own deviations taken into account.
    pub updated_interval: Option<Interval>,
    /// Correlation of deviations at the last look with those at the end: what the update trusts the
    /// checkpoints with.
    pub weight: Option<f64>,
    /// Beside the result.
    pub diagnostics: Vec<Diagnostic>,
}

/// A forecast with what a deviation says about it.
pub(super) struct Updated {
    pub(super) score: f64,
    interval: Interval,
    kept: f64,
}

/// The end of training after a deviation (in units of a healthy run's, `scale` of the engine's) at a
/// share of it.
///
/// A deviation is expected to be `kept` times as large at the end, give or take `sqrt(1 - kept^2)` of a
/// healthy run's typical deviation: the best linear forecast of the process that the sequential test
/// assumes, which is first-order, so that the last look is all that counts.
pub(super) fn update(
    watch: &Watch,
    end: &Expected,
    scale: f64,
    share: f64,
    deviation: f64,
) -> Updated {
    let kept = watch.calibration.correlation(share.min(1.0), 1.0);
    let open = (1.0 - kept * kept).sqrt();
    let at = |off: f64| end.at(scale * (kept * deviation + off * open));
    let reach = watch.reach();
    let interval = Interval { level: watch.question.level, lower: at(-reach), upper: at(reach) };
    Updated { score: at(0.0), interval, kept }
}

/// The forecast at the end of training of every task.
pub(super) fn end_of_training(watch: &Watch, looks: &[Look]) -> Vec<FinalForecast> {
    let level = watch.question.level;
    let tasks = watch.end.tasks().zip(&watch.calibration.scale).enumerate();
    tasks
        .map(|(index, ((task, fit), &scale))| {
            let mut row = FinalForecast {
                task: task.task.clone(),
                forecast: None,
                interval: None,
                updated: None,
                updated_interval: None,
                weight: None,
                diagnostics: super::compare::diagnostics(task, fit),
            };
            let Ok(fit) = fit else { return row };
            let curve = fit.curve.as_ref();
            row.diagnostics.extend(curve.diagnostics(&watch.target));
            row.forecast = curve.score(&watch.target).ok();
            row.interval = curve.interval(&watch.target, level);
            let seen = |look: &Look| Some((look.share, look.tasks[index].deviation?));
            let last = looks.iter().rev().find_map(seen);
            let ended = looks.last().is_some_and(|look| look.share >= 1.0);
            if let (Some(end), Some((share, deviation)), false) =
                (Expected::of(curve, &watch.target), last, ended)
            {
                let updated = update(watch, &end, scale, share, deviation);
                row.updated = Some(updated.score);
                row.updated_interval = Some(updated.interval);
                row.weight = Some(updated.kept);
            }
            row
        })
        .collect()
}
