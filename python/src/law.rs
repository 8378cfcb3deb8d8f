//! Stage 2 on plain arrays.

use codcast::Flops;
use codcast::fit::{self, FitConfig, Law, LawParams};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::errors;

fn flops(py: Python<'_>, compute: &PyReadonlyArray1<'_, f64>) -> PyResult<Vec<Flops>> {
    let compute = compute.as_array();
    let flops: codcast::Result<Vec<Flops>> = compute.iter().map(|&c| Flops::new(c)).collect();
    flops.map_err(|error| errors::core(py, &error))
}

/// The fit, as JSON.
#[pyfunction]
pub(crate) fn fit_law(
    py: Python<'_>,
    compute: PyReadonlyArray1<'_, f64>,
    scores: PyReadonlyArray1<'_, f64>,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    law: &str,
    min_b: f64,
    max_b: f64,
) -> PyResult<String> {
    let law: Law = serde_json::from_value(law.into()).map_err(|_| {
        let known = "full, no-chance, no-ceiling, bare";
        let message = format!("there is no law {law:?}; there is: {known}");
        errors::input(py, "unknown_name", &message)
    })?;
    let config = FitConfig { law, min_b, max_b };
    let whole = codcast::Config { fit: config.clone(), ..codcast::Config::default() };
    whole.validate().map_err(|error| errors::core(py, &error))?;
    let compute = flops(py, &compute)?;
    let scores: Vec<f64> = scores.as_array().to_vec();
    let weights: Option<Vec<f64>> = weights.map(|weights| weights.as_array().to_vec());
    let lengths = [scores.len(), weights.as_ref().map_or(scores.len(), Vec::len)];
    if lengths != [compute.len(); 2] {
        let message =
            format!("{} sizes, {} scores, {} weights", compute.len(), lengths[0], lengths[1]);
        return Err(errors::input(
            py,
            "bad_shape",
            &format!("{message}; expected as many of each"),
        ));
    }
    let fit = py.detach(|| fit::fit_law(&compute, &scores, weights.as_deref(), &config));
    serde_json::to_string(&fit).map_err(|error| errors::internal(py, &error.to_string()))
}

/// Expected scores at these sizes. `law`: `(a, b, c, g)`.
#[pyfunction]
pub(crate) fn predict<'py>(
    py: Python<'py>,
    law: (f64, f64, f64, f64),
    compute: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (a, b, c, g) = law;
    let law = LawParams { a, b, c, g };
    let scores: Vec<f64> = flops(py, &compute)?.into_iter().map(|at| law.score(at)).collect();
    Ok(scores.into_pyarray(py))
}
