//! The results as their JSON has them. The fields mean what the core's structs of the same names say.

mod backtest;
mod forecast;
mod monitor;
mod plan;

pub(crate) use backtest::Backtest;
pub(crate) use forecast::{
    Check, Curves, Detail, Distribution, Forecast, Group, MapPoint, Mapping, ModelScore, SampleMap,
    TaskCurve, TaskDetail, TaskForecast, Uncertainty,
};
pub(crate) use monitor::{Look, Monitor, TaskLook};
pub(crate) use plan::{Addition, Additions, ComputeFor, Needed, Plan, Recipes};
use serde::Deserialize;

use crate::error::{Error, Result};

/// A result of any kind.
pub(crate) enum Answer {
    Forecast(Box<Forecast>),
    Backtest(Box<Backtest>),
    Monitor(Box<Monitor>),
    Plan(Box<Plan>),
}

#[derive(Deserialize)]
struct Schema {
    schema: Option<String>,
}

/// Reads and checks a result: lists that belong together have the same length.
pub(crate) fn read(json: &str) -> Result<Answer> {
    let schema = serde_json::from_str::<Schema>(json)?.schema.unwrap_or_default();
    match schema.as_str() {
        "codcast.forecast/1" => {
            let forecast: Forecast = serde_json::from_str(json)?;
            forecast::check_shapes(&forecast)?;
            Ok(Answer::Forecast(Box::new(forecast)))
        }
        "codcast.backtest/1" => Ok(Answer::Backtest(serde_json::from_str(json)?)),
        "codcast.monitor/1" => {
            let monitor: Monitor = serde_json::from_str(json)?;
            let tasks = monitor.end_of_training.len();
            for look in &monitor.looks {
                same("looks[].tasks", look.tasks.len(), tasks)?;
            }
            same("calibration.scale", monitor.calibration.scale.len(), tasks)?;
            same("calibration.tasks", monitor.calibration.tasks.len(), tasks)?;
            Ok(Answer::Monitor(Box::new(monitor)))
        }
        "codcast.plan/1" => Ok(Answer::Plan(serde_json::from_str(json)?)),
        found => Err(Error::Schema { found: crate::text::name(found) }),
    }
}

fn same(what: &str, have: usize, expected: usize) -> Result<()> {
    if have == expected {
        return Ok(());
    }
    let what = format!("{what} has {have} entries; {expected} were expected");
    Err(Error::Shape { what })
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct InputFile {
    pub(crate) path: String,
    pub(crate) sha256: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Interval {
    pub(crate) level: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Diagnostic {
    pub(crate) code: String,
    pub(crate) severity: String,
    pub(crate) message: String,
}
