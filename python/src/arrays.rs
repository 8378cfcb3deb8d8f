//! Stage 1 on plain arrays.

use std::sync::Arc;

use codcast::Config;
use codcast::cluster::{self, ClusterConfig, Points};
use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::errors;
use crate::work::run;

type Labels<'py> = Bound<'py, PyArray1<i64>>;
type Centres<'py> = Bound<'py, PyArray2<f64>>;

/// A matrix that a thread can own.
struct Matrix {
    d: usize,
    values: Vec<f64>,
}

impl Matrix {
    fn of(points: &PyReadonlyArray2<'_, f64>) -> PyResult<Self> {
        let py = points.py();
        let (n, d) = (points.shape()[0], points.shape()[1]);
        if n == 0 || d == 0 {
            let message =
                format!("X has shape ({n}, {d}); expected at least one row and one column");
            return Err(errors::input(py, "bad_shape", &message));
        }
        let values: Vec<f64> = points.as_array().iter().copied().collect();
        if !values.iter().all(|value| value.is_finite()) {
            return Err(errors::input(py, "bad_value", "X has values that are not finite numbers"));
        }
        Ok(Self { d, values })
    }

    fn points(&self) -> Points<'_> {
        Points::new(self.d, &self.values)
    }
}

/// -1 for no cluster.
fn labels<'py>(py: Python<'py>, labels: &[Option<usize>]) -> Labels<'py> {
    let label = |label: &Option<usize>| label.map_or(-1, |label| label as i64);
    labels.iter().map(label).collect::<Vec<i64>>().into_pyarray(py)
}

fn centres<'py>(py: Python<'py>, centres: &[Vec<f64>], d: usize) -> PyResult<Centres<'py>> {
    centres.concat().into_pyarray(py).reshape([centres.len(), d])
}

/// Mean distance to the neighbour that a share of the points are nearer than.
#[pyfunction]
pub(crate) fn estimate_bandwidth(
    points: PyReadonlyArray2<'_, f64>,
    quantile: f64,
) -> PyResult<f64> {
    let py = points.py();
    if !(0.0..=1.0).contains(&quantile) {
        let message = format!("quantile is {quantile}; expected a share in [0, 1]");
        return Err(errors::input(py, "bad_setting", &message));
    }
    let matrix = Matrix::of(&points)?;
    run(py, &Arc::default(), None, move |_| cluster::estimate_bandwidth(matrix.points(), quantile))
}

/// `(labels, centres)`
#[pyfunction]
pub(crate) fn mean_shift<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
    bandwidth: f64,
    cluster_all: bool,
) -> PyResult<(Labels<'py>, Centres<'py>)> {
    check_bandwidth(py, Some(bandwidth))?;
    let matrix = Matrix::of(&points)?;
    let d = matrix.d;
    let found = run(py, &Arc::default(), None, move |_| {
        cluster::mean_shift(matrix.points(), bandwidth, cluster_all)
    })?;
    Ok((labels(py, &found.labels), centres(py, &found.centres, d)?))
}

/// `(labels, centres, bandwidth)`. Without a bandwidth, the one that `quantile` and `cap` give.
#[pyfunction]
pub(crate) fn improved_mean_shift<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
    bandwidth: Option<f64>,
    quantile: f64,
    cap: f64,
    min_size: usize,
) -> PyResult<(Labels<'py>, Centres<'py>, f64)> {
    let cluster = ClusterConfig { quantile, cap, min_size, ..ClusterConfig::default() };
    let config = Config { cluster, ..Config::default() };
    config.validate().map_err(|error| errors::core(py, &error))?;
    check_bandwidth(py, bandwidth)?;
    let matrix = Matrix::of(&points)?;
    let d = matrix.d;
    let (found, radius) = run(py, &Arc::default(), None, move |_| {
        let points = matrix.points();
        let radius = bandwidth.unwrap_or_else(|| cluster::radius(points, &config.cluster));
        (cluster::improved_mean_shift(points, radius, min_size), radius)
    })?;
    Ok((labels(py, &found.labels), centres(py, &found.centres, d)?, radius))
}

fn check_bandwidth(py: Python<'_>, bandwidth: Option<f64>) -> PyResult<()> {
    match bandwidth {
        Some(bandwidth) if !(bandwidth.is_finite() && bandwidth > 0.0) => {
            let message = format!("bandwidth is {bandwidth}; expected a finite positive number");
            Err(errors::input(py, "bad_setting", &message))
        }
        _ => Ok(()),
    }
}
