//! The linear half of the fit: chance level and rise for a given shape.
//!
//! With `u = exp(-a C^-b)` fixed, the law is `y = g + h u`, `h = (1 - g) exp(-c)`, linear in `(g, h)`
//! on the triangle `g >= 0, h >= 0, g + h <= 1`. A convex quadratic on a triangle has its minimum
//! inside or on one of three edges; all four are tried, so the answer is exact.

use super::law::Law;

/// The best chance level and rise for one shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Linear {
    /// Chance level `g`.
    pub(super) g: f64,
    /// Rise `h`, so that the ceiling is `g + h`.
    pub(super) h: f64,
    /// Weighted sum of squared residuals.
    pub(super) sse: f64,
}

/// Solves for `(g, h)`. `weights`: sum to 1. `shape`: `u` in `[0, 1]`. All of equal length.
pub(super) fn solve(law: Law, weights: &[f64], scores: &[f64], shape: &[f64]) -> Linear {
    let at = |g: f64, h: f64| Linear { g, h, sse: sse(weights, scores, shape, g, h) };
    match law {
        Law::Bare => at(0.0, 1.0),
        Law::NoChance => at(0.0, without_chance(weights, scores, shape)),
        Law::NoCeiling => {
            let g = without_ceiling(weights, scores, shape);
            at(g, 1.0 - g)
        }
        Law::Full => {
            let (mean_u, mean_y) = (dot(weights, shape), dot(weights, scores));
            let (mut covariance, mut variance) = (0.0, 0.0);
            for ((w, y), u) in weights.iter().zip(scores).zip(shape) {
                covariance += w * (u - mean_u) * (y - mean_y);
                variance += w * (u - mean_u) * (u - mean_u);
            }
            let h = covariance / variance;
            let g = mean_y - h * mean_u;
            if h >= 0.0 && g >= 0.0 && g + h <= 1.0 {
                return at(g, h);
            }
            let on_ceiling = without_ceiling(weights, scores, shape);
            let edges = [
                at(mean_y.clamp(0.0, 1.0), 0.0),
                at(0.0, without_chance(weights, scores, shape)),
                at(on_ceiling, 1.0 - on_ceiling),
            ];
            edges.into_iter().fold(edges[0], |best, e| if e.sse < best.sse { e } else { best })
        }
    }
}

/// `h` in `[0, 1]` with `g = 0`.
fn without_chance(weights: &[f64], scores: &[f64], shape: &[f64]) -> f64 {
    let (mut uy, mut uu) = (0.0, 0.0);
    for ((w, y), u) in weights.iter().zip(scores).zip(shape) {
        uy += w * u * y;
        uu += w * u * u;
    }
    share(uy, uu)
}

/// `g` in `[0, 1]` with `g + h = 1`.
fn without_ceiling(weights: &[f64], scores: &[f64], shape: &[f64]) -> f64 {
    let (mut vy, mut vv) = (0.0, 0.0);
    for ((w, y), u) in weights.iter().zip(scores).zip(shape) {
        vy += w * (1.0 - u) * (y - u);
        vv += w * (1.0 - u) * (1.0 - u);
    }
    share(vy, vv)
}

/// The minimum of a parabola on `[0, 1]`; 0 where it is flat.
fn share(slope: f64, curvature: f64) -> f64 {
    if curvature > 0.0 { (slope / curvature).clamp(0.0, 1.0) } else { 0.0 }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn sse(weights: &[f64], scores: &[f64], shape: &[f64], g: f64, h: f64) -> f64 {
    weights.iter().zip(scores).zip(shape).map(|((w, y), u)| w * (y - g - h * u).powi(2)).sum()
}
