//! Standard errors of the law's parameters.

use serde::Serialize;

use super::law::{Law, LawParams};
use crate::units::Flops;

/// Normal matrices with a pivot below this share of their diagonal are called singular.
const MIN_PIVOT: f64 = 1e-9;

/// Standard errors by the delta method: `s^2 (J' W J)^-1`, `s^2` the residual variance.
///
/// They describe independent noise around a law that holds; they know nothing of a rung that is off as
/// a whole, nor of a cluster chosen by the same scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StandardErrors {
    /// Of `ln a`.
    pub ln_a: f64,
    /// Of `b`.
    pub b: f64,
    /// Of `c`; `None` where the law has none.
    pub c: Option<f64>,
    /// Of `g`; `None` where the law has none.
    pub g: Option<f64>,
}

/// Standard errors at an interior optimum; `None` with no more points than parameters, or where the
/// points do not tell the parameters apart. `weights`: sum to 1; `mse`: weighted mean square residual.
pub(super) fn standard_errors(
    law: Law,
    params: &LawParams,
    compute: &[Flops],
    weights: &[f64],
    mse: f64,
) -> Option<StandardErrors> {
    let (n, p) = (compute.len(), law.parameters());
    if n <= p {
        return None;
    }
    let columns: &[usize] = match law {
        Law::Full => &[0, 1, 2, 3],
        Law::NoChance => &[0, 1, 2],
        Law::NoCeiling => &[0, 1, 3],
        Law::Bare => &[0, 1],
    };
    // `b` is taken around the mean log compute, where it is nearly independent of the position
    // `ln a - b * centre`; around 10^18 FLOP the two could not be told apart in floating point.
    let logs: Vec<f64> = compute.iter().map(|c| c.in_paper_units().ln()).collect();
    let centre = logs.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>();
    let mut normal = [[0.0; 4]; 4];
    for (i, at) in compute.iter().enumerate() {
        let mut row = params.gradient(*at);
        row[1] = -row[0] * (logs[i] - centre);
        for (j, &cj) in columns.iter().enumerate() {
            for (k, &ck) in columns.iter().enumerate() {
                normal[j][k] += weights[i] * row[cj] * row[ck];
            }
        }
    }
    let covariance = inverse(normal, p)?;
    let variance = mse / (n - p) as f64;
    let error = |v: f64| (variance * v).sqrt();
    let of = |parameter: usize| {
        columns.iter().position(|&c| c == parameter).map(|k| error(covariance[k][k]))
    };
    let ln_a =
        covariance[0][0] + 2.0 * centre * covariance[0][1] + centre * centre * covariance[1][1];
    let errors = StandardErrors { ln_a: error(ln_a.max(0.0)), b: of(1)?, c: of(2), g: of(3) };
    (errors.ln_a.is_finite() && errors.b.is_finite()).then_some(errors)
}

/// Inverse of the leading `p` by `p` block of a positive definite matrix, by Gauss-Jordan on the
/// matrix scaled to a unit diagonal; `None` where it is singular.
fn inverse(matrix: [[f64; 4]; 4], p: usize) -> Option<[[f64; 4]; 4]> {
    let mut scale = [0.0; 4];
    for k in 0..p {
        scale[k] = matrix[k][k].sqrt();
        if scale[k] <= 0.0 || !scale[k].is_finite() {
            return None;
        }
    }
    let mut left = [[0.0; 4]; 4];
    let mut right = [[0.0; 4]; 4];
    for j in 0..p {
        for k in 0..p {
            left[j][k] = matrix[j][k] / (scale[j] * scale[k]);
        }
        right[j][j] = 1.0;
    }
    // Pivots of a positive definite matrix need no exchange.
    for k in 0..p {
        let pivot = left[k][k];
        if pivot < MIN_PIVOT {
            return None;
        }
        for j in 0..p {
            left[k][j] /= pivot;
            right[k][j] /= pivot;
        }
        for row in (0..p).filter(|&row| row != k) {
            let factor = left[row][k];
            for j in 0..p {
                left[row][j] -= factor * left[k][j];
                right[row][j] -= factor * right[k][j];
            }
        }
    }
    for j in 0..p {
        for k in 0..p {
            right[j][k] /= scale[j] * scale[k];
        }
    }
    Some(right)
}
