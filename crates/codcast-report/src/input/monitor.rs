//! A watched run.

use serde::Deserialize;

use super::{Diagnostic, InputFile, Interval};

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Monitor {
    pub(crate) study: String,
    pub(crate) run: String,
    pub(crate) engine: String,
    pub(crate) seed: u64,
    pub(crate) version: String,
    pub(crate) compute_flops: f64,
    pub(crate) last_checkpoint: Option<i64>,
    pub(crate) false_alarm_rate: f64,
    /// `both` or `below`.
    #[serde(default)]
    pub(crate) side: String,
    pub(crate) alarm: Option<Alarm>,
    pub(crate) looks: Vec<Look>,
    pub(crate) end_of_training: Vec<FinalForecast>,
    pub(crate) calibration: Calibration,
    #[serde(default)]
    pub(crate) diagnostics: Vec<Diagnostic>,
    #[serde(default)]
    pub(crate) config: serde_json::Value,
    #[serde(default)]
    pub(crate) inputs: Vec<InputFile>,
    pub(crate) command: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Alarm {
    pub(crate) checkpoint: Option<i64>,
    pub(crate) share: f64,
    pub(crate) tasks: Vec<String>,
    pub(crate) overall: bool,
    pub(crate) direction: String,
    pub(crate) kind: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Look {
    pub(crate) checkpoint: Option<i64>,
    pub(crate) share: f64,
    pub(crate) compute_flops: f64,
    pub(crate) comparison: String,
    pub(crate) rungs: Vec<String>,
    pub(crate) spent: f64,
    pub(crate) overall: Overall,
    pub(crate) tasks: Vec<TaskLook>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Overall {
    pub(crate) deviation: Option<f64>,
    pub(crate) change: Option<f64>,
    pub(crate) boundary: Option<f64>,
    pub(crate) alarm: bool,
    pub(crate) compute_factor: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TaskLook {
    pub(crate) task: String,
    pub(crate) n_samples: Option<u64>,
    pub(crate) expected: Option<f64>,
    pub(crate) band: Option<Interval>,
    pub(crate) actual: Option<f64>,
    pub(crate) deviation_points: Option<f64>,
    pub(crate) deviation: Option<f64>,
    pub(crate) change: Option<f64>,
    pub(crate) boundary: Option<f64>,
    pub(crate) alarm: bool,
    pub(crate) compute_factor: Option<f64>,
    pub(crate) compute_factor_band: Option<[Option<f64>; 2]>,
    pub(crate) end_of_training: Option<f64>,
    #[serde(default)]
    pub(crate) diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FinalForecast {
    pub(crate) task: String,
    pub(crate) forecast: Option<f64>,
    pub(crate) interval: Option<Interval>,
    pub(crate) updated: Option<f64>,
    pub(crate) updated_interval: Option<Interval>,
    pub(crate) weight: Option<f64>,
    #[serde(default)]
    pub(crate) diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Calibration {
    pub(crate) rungs_as_runs: u64,
    pub(crate) looks: u64,
    pub(crate) freedom: u64,
    pub(crate) scale: Vec<f64>,
    pub(crate) task_correlation: f64,
    pub(crate) length: f64,
    pub(crate) innovation: f64,
    pub(crate) tasks: Vec<String>,
}
