//! The score at the end of training, before and after seeing the run's checkpoints.

use serde::Serialize;

use super::{Expected, Look, UNIT_LEVEL, Watch};
use crate::diagnostic::Diagnostic;
use crate::engines::Interval;
use crate::stats::t_half_width_of;

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

/// The forecast at the end of training of every task.
///
/// A deviation at share s is expected to be `kept` times as large at the end, give or take
/// `sqrt(1 - kept^2)` of a healthy run's typical deviation: the best linear forecast of the process
/// that the sequential test assumes. The first-order process needs the last look only.
pub(super) fn end_of_training(watch: &Watch, looks: &[Look]) -> Vec<FinalForecast> {
    let freedom = watch.calibration.freedom;
    let level = watch.question.level;
    let reach = t_half_width_of(level, freedom) / t_half_width_of(UNIT_LEVEL, freedom);
    watch
        .end
        .tasks()
        .zip(&watch.calibration.scale)
        .enumerate()
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
            let last =
                looks.iter().rev().find_map(|look| Some((look, look.tasks[index].deviation?)));
            let expected = Expected::of(curve, &watch.target);
            let ended = looks.last().is_some_and(|look| look.share >= 1.0);
            let (Some(expected), Some((look, deviation)), false) = (expected, last, ended) else {
                return row;
            };
            let kept = watch.calibration.correlation(look.share, 1.0);
            let open = (1.0 - kept * kept).sqrt();
            let at = |off: f64| expected.at(scale * (kept * deviation + off * open));
            row.updated = Some(at(0.0));
            row.updated_interval = Some(Interval { level, lower: at(-reach), upper: at(reach) });
            row.weight = Some(kept);
            row
        })
        .collect()
}
