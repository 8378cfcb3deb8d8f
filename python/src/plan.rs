//! Plans of the next run. The answer is the JSON of the command.

use std::collections::BTreeMap;
use std::sync::Arc;

use codcast::Flops;
use codcast::engines::by_name;
use codcast::passrate::Target;
use codcast::plan::{Costs, Goal};
use codcast_cli::answer::WithInputs;
use codcast_ingest::InputFile;
use pyo3::prelude::*;

use crate::errors;
use crate::study::{Study, json, settings, share};
use crate::work::{Shared, Stoppable, run};

/// Plans from a study, or with `against` chooses between the recipes of two.
///
/// `scores`: `(task, score)`, the weighted set where there is no task. `costs`: JSON.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of the Python side")]
pub(crate) fn plan(
    py: Python<'_>,
    study: PyRef<'_, Study>,
    against: Option<PyRef<'_, Study>>,
    target: Option<String>,
    compute: Option<f64>,
    scores: Vec<(Option<String>, f64)>,
    weights: BTreeMap<String, f64>,
    budget: Option<f64>,
    costs: &str,
    engine: &str,
    level: f64,
    config: &str,
) -> PyResult<String> {
    let config = settings(py, config)?;
    share(py, "level", level)?;
    for (_, score) in &scores {
        share(py, "a score", *score)?;
    }
    let wrong = |message: String| errors::input(py, "bad_setting", &message);
    if let Some((task, weight)) = weights.iter().find(|(_, w)| !w.is_finite() || **w < 0.0) {
        return Err(wrong(format!("the weight of {task:?} is {weight}; expected at least 0")));
    }
    if let Some(budget) = budget.filter(|budget| !budget.is_finite() || *budget <= 0.0) {
        return Err(wrong(format!("budget is {budget}; expected a positive number")));
    }
    let costs: Costs =
        serde_json::from_str(costs).map_err(|error| wrong(format!("costs: {error}")))?;
    costs.validate().map_err(|error| errors::core(py, &error))?;
    let target = match (target, compute) {
        (Some(name), _) => {
            let values = study.values();
            let model = values.model(&name).map_err(|error| errors::core(py, &error))?;
            Some(Target::of(&values.models[model]).map_err(|error| errors::core(py, &error))?)
        }
        (None, Some(flops)) => {
            let compute = Flops::new(flops).map_err(|error| errors::core(py, &error))?;
            Some(Target { model: None, compute, params: None, tokens: None })
        }
        (None, None) => None,
    };
    let goals = scores.into_iter().map(|(task, score)| Goal { task, score }).collect();
    let question = codcast::plan::Question { target, goals, weights, budget, costs, level };
    let shared = Arc::new(Shared::default());
    let engine = by_name(engine).map_err(|error| errors::core(py, &error))?;
    let engine = Stoppable { engine, shared: Arc::clone(&shared) };
    let first = Arc::clone(study.values());
    let second = against.as_ref().map(|study| Arc::clone(study.values()));
    let answer = run(py, &shared, None, move |_| match second {
        Some(second) => codcast::plan::choose(&first, &second, &engine, &question, &config),
        None => codcast::plan::plan(&first, &engine, &question, &config),
    })?;
    let result = answer.map_err(|error| errors::core(py, &error))?;
    let others = against.as_ref().map_or(&[][..], |study| study.inputs());
    let inputs: Vec<InputFile> = study.inputs().iter().chain(others).cloned().collect();
    json(py, &WithInputs { result, inputs: &inputs })
}
