//! What a monitor says, as it is printed.

use serde::Serialize;

use super::{Calibration, FinalForecast, Side};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::Interval;
use crate::units::Flops;

/// The answer: what `codcast monitor --format json` prints.
#[derive(Clone, Debug, Serialize)]
pub struct Monitor {
    /// `codcast.monitor/1`.
    pub schema: &'static str,
    /// The study's name.
    pub study: String,
    /// The run's name.
    pub run: String,
    /// The engine's name.
    pub engine: &'static str,
    /// Seed of everything random.
    pub seed: u64,
    /// The version that made it.
    pub version: &'static str,
    /// Compute of the finished run.
    pub compute_flops: Flops,
    /// The checkpoint at which its training ends; null where checkpoints have no numbers.
    pub last_checkpoint: Option<i64>,
    /// Share of healthy runs that raise an alarm at any look.
    pub false_alarm_rate: f64,
    /// Which deviations count.
    pub side: Side,
    /// The first alarm; null while there is none.
    pub alarm: Option<Alarm>,
    /// One entry a checkpoint of the run, in order.
    pub looks: Vec<Look>,
    /// The score at the end of training, per task: before and after seeing the checkpoints.
    pub end_of_training: Vec<FinalForecast>,
    /// What the ladder's rungs say about deviations of healthy runs.
    pub calibration: CalibrationRow,
    /// Of the whole, not of one task.
    pub diagnostics: Vec<Diagnostic>,
    /// The full configuration.
    pub config: Config,
}

/// [`Calibration`] with names.
#[derive(Clone, Debug, Serialize)]
pub struct CalibrationRow {
    /// All but the scales.
    #[serde(flatten)]
    pub values: Calibration,
    /// In the order of `scale`.
    pub tasks: Vec<String>,
}

/// What raised the alarm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alarm {
    /// The checkpoint at which it was raised.
    pub checkpoint: Option<i64>,
    /// Its share of the training.
    pub share: f64,
    /// Tasks beyond their boundary there; empty where only all tasks together are.
    pub tasks: Vec<String>,
    /// Whether all tasks together are beyond theirs.
    pub overall: bool,
    /// `below` or `above` what was expected, of the statistic farthest beyond its boundary.
    pub direction: &'static str,
    /// `level`: the run is off; `change`: it moved off during training.
    pub kind: &'static str,
}

/// How the expectation was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// With the rungs at the same share of their training.
    SameShare,
    /// With finished rungs, at the compute spent until then.
    EqualCompute,
}

/// One checkpoint of the run.
#[derive(Clone, Debug, Serialize)]
pub struct Look {
    /// Its number; null where the data have none.
    pub checkpoint: Option<i64>,
    /// Share of the training.
    pub share: f64,
    /// Compute spent until then.
    pub compute_flops: Flops,
    /// How the expectation was made.
    pub comparison: Comparison,
    /// Rungs that it was made from, by increasing compute.
    pub rungs: Vec<String>,
    /// False-alarm rate spent until here.
    pub spent: f64,
    /// All tasks together.
    pub overall: Overall,
    /// One row a task, in the study's order.
    pub tasks: Vec<TaskLook>,
}

/// All tasks of one look together.
#[derive(Clone, Debug, Serialize)]
pub struct Overall {
    /// Mean deviation in units of a healthy run's; null where no task could be compared.
    pub deviation: Option<f64>,
    /// The largest standardised change since an earlier look, as far as it is one both in points and
    /// in bands; null at the first.
    pub change: Option<f64>,
    /// What the larger of the two (in size) must exceed for an alarm.
    pub boundary: f64,
    /// Whether it does.
    pub alarm: bool,
    /// Median over tasks of the equivalent compute, as a factor on the run's own; null where fewer than
    /// half of the compared tasks have one, as the rest are beyond a factor of a thousand.
    pub compute_factor: Option<f64>,
}

/// One task at one look.
#[derive(Clone, Debug, Serialize)]
pub struct TaskLook {
    /// The task.
    pub task: String,
    /// Samples that the score averages, if known.
    pub n_samples: Option<u64>,
    /// Expected score; null where there is none: a diagnostic says why.
    pub expected: Option<f64>,
    /// Where a healthy run's score lies, the ladder's own deviations taken into account.
    pub band: Option<Interval>,
    /// The run's score there; null where it has none.
    pub actual: Option<f64>,
    /// Actual less expected, in points.
    pub deviation_points: Option<f64>,
    /// The same in units of a healthy run's typical deviation.
    pub deviation: Option<f64>,
    /// The largest standardised change since an earlier look, as far as it is one both in points and
    /// in bands; null at the first.
    pub change: Option<f64>,
    /// What the larger of the two (in size) must exceed for an alarm.
    pub boundary: f64,
    /// Whether it does.
    pub alarm: bool,
    /// The run scores like one with so many times its compute; null beyond a factor of a thousand.
    pub compute_factor: Option<f64>,
    /// The same for the ends of the band: what is normal.
    pub compute_factor_band: Option<[Option<f64>; 2]>,
    /// Forecast of the score at the end of training with what was seen until here: how the early
    /// warning and the last forecast hang together.
    pub end_of_training: Option<f64>,
    /// Beside the result.
    pub diagnostics: Vec<Diagnostic>,
}
