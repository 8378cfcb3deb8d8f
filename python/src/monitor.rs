//! Watched runs. The answer is the JSON of the command.

use std::sync::Arc;

use codcast::engines::by_name;
use codcast::monitor::Side;
use codcast_cli::answer::WithInputs;
use pyo3::prelude::*;

use crate::errors;
use crate::study::{Study, json, settings, share};
use crate::work::{Shared, Stoppable, run};

/// Compares a run's checkpoints with what the ladder says of them.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of the Python side")]
pub(crate) fn monitor(
    py: Python<'_>,
    study: PyRef<'_, Study>,
    model: String,
    last_checkpoint: Option<i64>,
    engine: &str,
    level: f64,
    false_alarms: f64,
    below_only: bool,
    config: &str,
) -> PyResult<String> {
    let config = settings(py, config)?;
    share(py, "level", level)?;
    share(py, "false_alarms", false_alarms)?;
    let shared = Arc::new(Shared::default());
    let engine = by_name(engine).map_err(|error| errors::core(py, &error))?;
    let engine = Stoppable { engine, shared: Arc::clone(&shared) };
    let side = if below_only { Side::Below } else { Side::Both };
    let question =
        codcast::monitor::Question { run: model, last_checkpoint, level, false_alarms, side };
    let values = Arc::clone(study.values());
    let answer = run(py, &shared, None, move |_| {
        codcast::monitor::monitor(&values, &engine, &question, &config)
    })?;
    let result = answer.map_err(|error| errors::core(py, &error))?;
    json(py, &WithInputs { result, inputs: study.inputs() })
}
