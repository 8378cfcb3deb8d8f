//! A forecast.

use serde::Deserialize;

use super::{Backtest, Diagnostic, InputFile, Interval, same};
use crate::error::Result;

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Forecast {
    pub(crate) study: String,
    pub(crate) engine: String,
    pub(crate) seed: u64,
    pub(crate) version: String,
    pub(crate) targets: Vec<Target>,
    pub(crate) curves: Option<Curves>,
    pub(crate) detail: Option<Detail>,
    pub(crate) backtest: Option<Backtest>,
    #[serde(default)]
    pub(crate) config: serde_json::Value,
    #[serde(default)]
    pub(crate) inputs: Vec<InputFile>,
    /// The command that makes it again.
    pub(crate) command: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) model: Option<String>,
    pub(crate) compute_flops: f64,
    pub(crate) times_largest_rung: f64,
    pub(crate) tasks: Vec<TaskForecast>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TaskForecast {
    pub(crate) task: String,
    pub(crate) n_samples: Option<u64>,
    pub(crate) forecast: Option<f64>,
    pub(crate) interval: Option<Interval>,
    pub(crate) uncertainty: Option<Uncertainty>,
    pub(crate) trend: Option<f64>,
    pub(crate) actual: Option<f64>,
    pub(crate) predictable_share: Option<f64>,
    #[serde(default)]
    pub(crate) diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Uncertainty {
    pub(crate) parameters: f64,
    pub(crate) shape: f64,
    pub(crate) shock: f64,
    pub(crate) sampling: f64,
    /// Absent in forecasts of older versions.
    #[serde(default)]
    pub(crate) rehearsal: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Curves {
    pub(crate) compute_flops: Vec<f64>,
    pub(crate) tasks: Vec<TaskCurve>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TaskCurve {
    pub(crate) task: String,
    pub(crate) chance: Option<f64>,
    pub(crate) rungs: Vec<ModelScore>,
    pub(crate) anchors: Vec<ModelScore>,
    pub(crate) score: Vec<Option<f64>>,
    pub(crate) lower: Vec<Option<f64>>,
    pub(crate) upper: Vec<Option<f64>>,
    pub(crate) predictable_share: Vec<Option<f64>>,
    pub(crate) trend: Vec<Option<f64>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ModelScore {
    pub(crate) model: String,
    pub(crate) compute_flops: Option<f64>,
    pub(crate) score: f64,
    pub(crate) standard_error: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Detail {
    pub(crate) rivals: Vec<Rival>,
    pub(crate) tasks: Vec<TaskDetail>,
    pub(crate) check: Option<Check>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Rival {
    pub(crate) engine: String,
    pub(crate) summary: String,
    pub(crate) score: Vec<Vec<Option<f64>>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TaskDetail {
    pub(crate) task: String,
    pub(crate) uncertainty: Vec<Option<Uncertainty>>,
    pub(crate) groups: Vec<Group>,
    pub(crate) mapping: Option<Mapping>,
    pub(crate) difficulty: Option<Distribution>,
    pub(crate) map: Option<SampleMap>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Group {
    pub(crate) id: usize,
    pub(crate) size: f64,
    pub(crate) predictable: bool,
    pub(crate) class: String,
    pub(crate) reason: Option<String>,
    pub(crate) scores: Vec<f64>,
    pub(crate) curve: Vec<Option<f64>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Mapping {
    pub(crate) points: Vec<MappingPoint>,
    pub(crate) subset: Vec<f64>,
    pub(crate) full: Vec<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MappingPoint {
    pub(crate) model: String,
    pub(crate) anchor: bool,
    pub(crate) subset: f64,
    pub(crate) full: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Distribution {
    pub(crate) model: String,
    pub(crate) edges: Vec<f64>,
    pub(crate) full: Vec<u64>,
    pub(crate) predictable: Option<Vec<u64>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SampleMap {
    pub(crate) method: String,
    pub(crate) samples: u64,
    pub(crate) points: Vec<MapPoint>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MapPoint {
    pub(crate) sample: String,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) group: Option<usize>,
    pub(crate) rates: Vec<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Check {
    pub(crate) models: Vec<ModelCheck>,
    pub(crate) tasks: Vec<TaskCheck>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ModelCheck {
    pub(crate) model: String,
    pub(crate) role: String,
    pub(crate) compute_flops: Option<f64>,
    pub(crate) compute_source: Option<String>,
    pub(crate) times_largest_rung: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TaskCheck {
    pub(crate) task: String,
    pub(crate) rungs: u64,
    pub(crate) n_samples: Option<u64>,
    pub(crate) sample_overlap: Option<f64>,
    pub(crate) median_trials: Option<u64>,
    pub(crate) zero_share: Option<f64>,
    pub(crate) rising_steps: Option<f64>,
    pub(crate) first_score: Option<f64>,
    pub(crate) last_score: Option<f64>,
    pub(crate) chance: Option<f64>,
    pub(crate) anchors: u64,
}

/// Lists that belong together have the same length.
pub(super) fn check_shapes(forecast: &Forecast) -> Result<()> {
    let tasks = forecast.targets.first().map_or(0, |target| target.tasks.len());
    for target in &forecast.targets {
        same("targets[].tasks", target.tasks.len(), tasks)?;
    }
    let Some(curves) = &forecast.curves else { return Ok(()) };
    let places = curves.compute_flops.len();
    same("curves.tasks", curves.tasks.len(), tasks)?;
    for task in &curves.tasks {
        for (what, list) in [
            ("score", &task.score),
            ("lower", &task.lower),
            ("upper", &task.upper),
            ("predictable_share", &task.predictable_share),
            ("trend", &task.trend),
        ] {
            same(&format!("curves.tasks[].{what}"), list.len(), places)?;
        }
    }
    let Some(detail) = &forecast.detail else { return Ok(()) };
    same("detail.tasks", detail.tasks.len(), tasks)?;
    for rival in &detail.rivals {
        same("detail.rivals[].score", rival.score.len(), tasks)?;
        for task in &rival.score {
            same("detail.rivals[].score[]", task.len(), places)?;
        }
    }
    for task in &detail.tasks {
        same("detail.tasks[].uncertainty", task.uncertainty.len(), places)?;
        for group in &task.groups {
            same("detail.tasks[].groups[].curve", group.curve.len(), places)?;
        }
        if let Some(mapping) = &task.mapping {
            same("detail.tasks[].mapping.full", mapping.full.len(), mapping.subset.len())?;
        }
        if let Some(bars) = &task.difficulty {
            let n = bars.edges.len().saturating_sub(1);
            same("detail.tasks[].difficulty.full", bars.full.len(), n)?;
            if let Some(predictable) = &bars.predictable {
                same("detail.tasks[].difficulty.predictable", predictable.len(), n)?;
            }
        }
    }
    Ok(())
}
