//! A backtest.

use serde::Deserialize;

use super::InputFile;

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Backtest {
    pub(crate) settings: BacktestSettings,
    pub(crate) summary: Vec<EngineSummary>,
    pub(crate) cases: Vec<Case>,
    #[serde(default)]
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) version: Option<String>,
    pub(crate) seed: Option<u64>,
    #[serde(default)]
    pub(crate) config: serde_json::Value,
    #[serde(default)]
    pub(crate) inputs: Vec<InputFile>,
    pub(crate) command: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct BacktestSettings {
    pub(crate) min_factor: f64,
    pub(crate) min_rungs: u64,
    pub(crate) level: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct EngineSummary {
    pub(crate) engine: String,
    pub(crate) cases: u64,
    pub(crate) forecasts: u64,
    pub(crate) own_mae: Option<f64>,
    pub(crate) median: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) coverage: Option<f64>,
    pub(crate) mean_width: Option<f64>,
    pub(crate) skill_vs_last: Option<f64>,
    #[serde(default)]
    pub(crate) bands: Vec<Band>,
    #[serde(default)]
    pub(crate) calibration: Vec<Calibration>,
    #[serde(default)]
    pub(crate) studies: Vec<StudySummary>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct StudySummary {
    pub(crate) study: String,
    pub(crate) forecasts: u64,
    pub(crate) took_part: bool,
    pub(crate) common_cases: u64,
    pub(crate) mae: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Band {
    pub(crate) above: f64,
    pub(crate) up_to: Option<f64>,
    pub(crate) forecasts: u64,
    pub(crate) mae: Option<f64>,
    pub(crate) mae_last: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Calibration {
    pub(crate) level: f64,
    pub(crate) cases: u64,
    pub(crate) coverage: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) study: String,
    pub(crate) task: String,
    pub(crate) target: String,
    pub(crate) times_largest_rung: f64,
    pub(crate) engine: String,
    pub(crate) forecast: Option<f64>,
    pub(crate) actual: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Skipped {
    pub(crate) study: String,
    pub(crate) target: String,
    pub(crate) reason: String,
}
