//! Natural cubic smoothing spline through (0, 0) and (1, 1), monotone.
//!
//! Minimises `sum n_i (y_i - f(x_i))^2 + lambda * integral f''^2` over natural cubic splines with knots
//! at the points, at 0 and at 1. Value and second-derivative form after Green and Silverman,
//! "Nonparametric Regression and Generalized Linear Models" (1994), chapter 2. Differs from it in: the
//! ends are fixed, and the slope is nowhere negative.

use super::monotone::{self, Family};
use super::qp::{Rows, Vector};

/// Points nearer than this (a hundredth of a point) share a knot: knots closer together make the
/// second derivatives lose all digits.
const MIN_GAP: f64 = 1e-4;

/// A natural cubic spline on `[0, 1]`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spline {
    knots: Vec<f64>,
    values: Vec<f64>,
    /// Second derivatives at the knots.
    curvature: Vec<f64>,
}

impl Spline {
    /// `t` in `[0, 1]`.
    pub(super) fn value(&self, t: f64) -> f64 {
        let (i, h, left, right) = locate(&self.knots, t);
        let bend = |s: f64| (s * s * s - s) * h * h / 6.0;
        left * self.values[i]
            + right * self.values[i + 1]
            + bend(left) * self.curvature[i]
            + bend(right) * self.curvature[i + 1]
    }
}

/// The points a spline is fitted to, and what does not depend on the smoothing.
pub(super) struct Smoother {
    /// 0, the points, 1.
    knots: Vec<f64>,
    /// `[interior knot]`
    scores: Vec<f64>,
    /// Points that share the knot.
    counts: Vec<f64>,
    /// Second derivatives at the interior knots: `[knot][value]`, the last column for the end's 1.
    curvature: Rows,
    /// `|roughness . values|^2 = integral f''^2`, same columns.
    roughness: Rows,
}

impl Smoother {
    /// `points`: (subset score, full score), sorted.
    pub(super) fn new(points: &[(f64, f64)]) -> Self {
        let (knots, scores, counts) = merged(points);
        let n = scores.len();
        // R gamma = Q' values, R tridiagonal.
        let gap = |i: usize| knots[i + 1] - knots[i];
        let mut bends = vec![vec![0.0; n + 1]; n];
        for (i, row) in bends.iter_mut().enumerate() {
            if i > 0 {
                row[i - 1] = 1.0 / gap(i);
            }
            row[i] = -1.0 / gap(i) - 1.0 / gap(i + 1);
            row[i + 1] = 1.0 / gap(i + 1);
        }
        let (mut diagonal, mut below) = (vec![0.0; n], vec![0.0; n]);
        for i in 0..n {
            below[i] = if i > 0 { gap(i) / 6.0 / diagonal[i - 1] } else { 0.0 };
            diagonal[i] = ((gap(i) + gap(i + 1)) / 3.0 - below[i] * below[i]).sqrt();
        }
        let mut roughness = bends;
        for i in 0..n {
            for column in 0..=n {
                let previous = if i > 0 { roughness[i - 1][column] } else { 0.0 };
                roughness[i][column] = (roughness[i][column] - below[i] * previous) / diagonal[i];
            }
        }
        let mut curvature = roughness.clone();
        for i in (0..n).rev() {
            for column in 0..=n {
                let next = if i + 1 < n { below[i + 1] * curvature[i + 1][column] } else { 0.0 };
                curvature[i][column] = (curvature[i][column] - next) / diagonal[i];
            }
        }
        Self { knots, scores, counts, curvature, roughness }
    }

    /// The spline of one smoothing.
    pub(super) fn fit(&self, smoothing: f64) -> Spline {
        let n = self.scores.len();
        let (mut e, mut f) = (Rows::new(), Vector::new());
        for i in 0..n {
            let root = self.counts[i].sqrt();
            e.push((0..n).map(|j| if i == j { root } else { 0.0 }).collect());
            f.push(root * self.scores[i]);
        }
        for row in &self.roughness {
            e.push(row[..n].iter().map(|r| smoothing.sqrt() * r).collect());
            f.push(-smoothing.sqrt() * row[n]);
        }
        self.spline(&monotone::fit(self, &e, &f))
    }

    fn spline(&self, interior: &[f64]) -> Spline {
        let n = interior.len();
        let ends = |middle: Vector, last: f64| [vec![0.0], middle, vec![last]].concat();
        let curvature = (self.curvature.iter())
            .map(|row| row[..n].iter().zip(interior).map(|(r, v)| r * v).sum::<f64>() + row[n])
            .collect();
        Spline {
            knots: self.knots.clone(),
            values: ends(interior.to_vec(), 1.0),
            curvature: ends(curvature, 0.0),
        }
    }
}

impl Family for Smoother {
    fn slope(&self, t: f64) -> (Vector, f64) {
        let n = self.scores.len();
        let (i, h, left, right) = locate(&self.knots, t);
        // Knots 0 and n + 1 are the ends: no curvature, values 0 and 1.
        let mut row = vec![0.0; n + 1];
        let mut add = |knot: usize, by_value: f64, by_curvature: f64| {
            if knot == 0 {
                return;
            }
            row[knot - 1] += by_value;
            if knot <= n {
                for (r, c) in row.iter_mut().zip(&self.curvature[knot - 1]) {
                    *r += by_curvature * c;
                }
            }
        };
        add(i, -1.0 / h, -(3.0 * left * left - 1.0) * h / 6.0);
        add(i + 1, 1.0 / h, (3.0 * right * right - 1.0) * h / 6.0);
        let constant = row.pop().unwrap_or(0.0);
        (row, constant)
    }

    /// The slope is a parabola between two knots, lowest where the curvature turns positive.
    fn lowest(&self, coefficients: &[f64]) -> Vector {
        let Spline { knots, curvature, .. } = self.spline(coefficients);
        let mut lowest = knots.clone();
        for i in 0..knots.len() - 1 {
            let (from, to) = (curvature[i], curvature[i + 1]);
            if from < 0.0 && to > 0.0 {
                lowest.push(knots[i] + (knots[i + 1] - knots[i]) * from / (from - to));
            }
        }
        lowest
    }

    fn identity(&self) -> Vector {
        self.knots[1..=self.scores.len()].to_vec()
    }
}

/// The interval of `t`: its index, width, and the shares of its left and right knot.
fn locate(knots: &[f64], t: f64) -> (usize, f64, f64, f64) {
    let i = knots[1..knots.len() - 1].partition_point(|k| *k <= t);
    let h = knots[i + 1] - knots[i];
    let right = (t - knots[i]) / h;
    (i, h, 1.0 - right, right)
}

/// Knots, and the mean score and number of the points at each interior one.
///
/// Points within [`MIN_GAP`] of an end are left to the end.
fn merged(points: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let inside = points.iter().copied().filter(|p| p.0 > MIN_GAP && p.0 < 1.0 - MIN_GAP);
    let (mut knots, mut sums, mut counts) = (vec![0.0], Vector::new(), Vector::new());
    for (x, y) in inside {
        match (sums.last_mut(), counts.last_mut()) {
            (Some(sum), Some(count)) if x - knots[knots.len() - 1] < MIN_GAP => {
                *sum += y;
                *count += 1.0;
            }
            _ => {
                knots.push(x);
                sums.push(y);
                counts.push(1.0);
            }
        }
    }
    knots.push(1.0);
    let scores = sums.iter().zip(&counts).map(|(s, n)| s / n).collect();
    (knots, scores, counts)
}
