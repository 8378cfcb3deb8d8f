//! A plan.

use serde::Deserialize;

use super::{Diagnostic, InputFile, Interval};

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Plan {
    pub(crate) study: String,
    pub(crate) engine: String,
    pub(crate) seed: u64,
    pub(crate) version: String,
    pub(crate) target: Option<PlanTarget>,
    #[serde(default)]
    pub(crate) compute_for_score: Vec<ComputeFor>,
    pub(crate) additions: Option<Additions>,
    #[serde(default)]
    pub(crate) worth: Vec<Worth>,
    pub(crate) recipes: Option<Recipes>,
    #[serde(default)]
    pub(crate) diagnostics: Vec<Diagnostic>,
    #[serde(default)]
    pub(crate) config: serde_json::Value,
    #[serde(default)]
    pub(crate) inputs: Vec<InputFile>,
    pub(crate) command: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PlanTarget {
    pub(crate) model: Option<String>,
    pub(crate) compute_flops: f64,
    pub(crate) times_largest_rung: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ComputeFor {
    pub(crate) task: Option<String>,
    pub(crate) score: f64,
    pub(crate) expected: Needed,
    pub(crate) level: f64,
    pub(crate) at_least: Needed,
    pub(crate) safe: Needed,
    pub(crate) training_cost: Option<f64>,
    #[serde(default)]
    pub(crate) diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Needed {
    pub(crate) status: String,
    pub(crate) compute_flops: Option<f64>,
    pub(crate) times_largest_rung: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Additions {
    pub(crate) budget: f64,
    pub(crate) unit: String,
    pub(crate) width_now: f64,
    pub(crate) options: Vec<Addition>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Addition {
    pub(crate) kind: String,
    pub(crate) compute_flops: Option<f64>,
    pub(crate) times: Option<u64>,
    pub(crate) cost: Cost,
    pub(crate) width_then: f64,
    pub(crate) width_error: f64,
    pub(crate) shrinkage: f64,
    #[serde(default)]
    pub(crate) tasks: Vec<TaskWidth>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Cost {
    pub(crate) training: f64,
    pub(crate) evaluation: f64,
    pub(crate) total: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TaskWidth {
    pub(crate) task: String,
    pub(crate) now: f64,
    pub(crate) then: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Worth {
    pub(crate) task: String,
    pub(crate) verdict: String,
    pub(crate) n_samples: Option<u64>,
    pub(crate) forecast: Option<f64>,
    pub(crate) gain_points: Option<f64>,
    pub(crate) width_points: Option<f64>,
    pub(crate) predictable_share: Option<f64>,
    pub(crate) noise_floor_points: Option<f64>,
    pub(crate) samples_needed: Option<u64>,
    #[serde(default)]
    pub(crate) diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Recipes {
    pub(crate) first: String,
    pub(crate) second: String,
    pub(crate) probability_first_better: Option<f64>,
    pub(crate) difference_points: Option<f64>,
    pub(crate) interval_points: Option<Interval>,
    pub(crate) call: String,
    pub(crate) task_correlation: f64,
    pub(crate) tasks: Vec<TaskChoice>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TaskChoice {
    pub(crate) task: String,
    pub(crate) shared_samples: Option<u64>,
    pub(crate) first: Option<f64>,
    pub(crate) second: Option<f64>,
    pub(crate) probability_first_better: Option<f64>,
    pub(crate) difference_points: Option<f64>,
    pub(crate) interval_points: Option<Interval>,
    #[serde(default)]
    pub(crate) diagnostics: Vec<Diagnostic>,
}
