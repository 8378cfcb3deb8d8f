//! The nonlinear half of the fit: position and steepness.
//!
//! The linear parameters are solved exactly for every shape (variable projection; Golub and Pereyra,
//! 1973), which leaves two. They are searched on a grid over all of their range, and the grid's local
//! minima are refined by a damped Newton method.
//!
//! The position is `late = a C_M^-b`, minus the log of `u` at the largest rung, so that no unit of
//! compute enters. Bounds: the curve must move within the ladder. At the largest rung `late` is at
//! most [`MAX_LATE`] (`u > 3e-7`: any later rise is below what scores can show); at the smallest rung
//! `a C_1^-b` is at least [`MIN_EARLY`] (`u < 0.999`: any earlier rise has the same shape up to 0.05 %,
//! since `h` can make up for it).

use super::law::Law;
use super::linear::{self, Linear};

/// Upper bound of `a C^-b` at the largest rung.
pub(super) const MAX_LATE: f64 = 15.0;
/// Lower bound of `a C^-b` at the smallest rung.
pub(super) const MIN_EARLY: f64 = 1e-3;

/// Grid over steepness and position.
const GRID: (usize, usize) = (12, 24);
/// Local minima of the grid that are refined.
const STARTS: usize = 4;
/// The same of an ablation whose optimum is a start of the full law.
const STARTS_OF_ABLATION: usize = 2;
/// Newton steps per start. They converge in about ten.
const STEPS: usize = 200;
/// A step that promises less than this share of the residual sum is the last.
const GAIN: f64 = 1e-13;
/// And so is one that promises less than this: residuals of 1e-10 are no residuals.
const FLOOR: f64 = 1e-20;
/// Half-width of the central differences of the gradient, in unit coordinates.
const DIFFERENCE: f64 = 1e-5;

/// The points of one fit, with what the search needs to know.
pub(super) struct Problem {
    pub(super) law: Law,
    /// `ln(C / C_M)`, increasing, the last 0.
    pub(super) log_compute: Vec<f64>,
    pub(super) scores: Vec<f64>,
    /// Sum to 1.
    pub(super) weights: Vec<f64>,
    /// Bounds of `b`.
    pub(super) steepness: (f64, f64),
}

/// The best fit found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Optimum {
    /// Steepness and position in unit coordinates, see [`Problem::parameters`].
    pub(super) at: [f64; 2],
    pub(super) linear: Linear,
    pub(super) converged: bool,
}

impl Problem {
    /// `(b, ln late)` of a point of the unit square.
    ///
    /// The first coordinate is `ln b` between its bounds, the second `ln late` between its bounds,
    /// which depend on `b`.
    pub(super) fn parameters(&self, at: [f64; 2]) -> (f64, f64) {
        let (low, high) = self.steepness;
        let b = low * (high / low).powf(at[0]);
        let lowest = MIN_EARLY.ln() - b * self.span();
        (b, lowest + at[1] * (MAX_LATE.ln() - lowest))
    }

    /// `ln(C_M / C_1)`.
    fn span(&self) -> f64 {
        -self.log_compute[0]
    }

    /// `u` at every point, into `shape`.
    pub(super) fn shape(&self, (b, ln_late): (f64, f64), shape: &mut [f64]) {
        for (u, x) in shape.iter_mut().zip(&self.log_compute) {
            *u = (-(ln_late - b * x).exp()).exp();
        }
    }

    fn solve(&self, law: Law, at: [f64; 2], shape: &mut [f64]) -> Linear {
        self.shape(self.parameters(at), shape);
        linear::solve(law, &self.weights, &self.scores, shape)
    }

    /// The fit and the gradient of its residual sum in unit coordinates.
    ///
    /// The linear parameters are optimal, so their own change does not enter (envelope theorem); this
    /// holds on the edges of their triangle too.
    fn solve_with_gradient(&self, law: Law, at: [f64; 2], shape: &mut [f64]) -> (Linear, [f64; 2]) {
        let (b, ln_late) = self.parameters(at);
        let linear = self.solve(law, at, shape);
        let (mut by_b, mut by_late) = (0.0, 0.0);
        for (i, u) in shape.iter().enumerate().filter(|(_, u)| **u > 0.0) {
            let x = self.log_compute[i];
            let change = u * (ln_late - b * x).exp();
            let residual = self.scores[i] - linear.g - linear.h * u;
            let pull = 2.0 * self.weights[i] * residual * linear.h * change;
            by_late += pull;
            by_b -= pull * x;
        }
        let lowest = MIN_EARLY.ln() - b * self.span();
        let b_by_unit = b * (self.steepness.1 / self.steepness.0).ln();
        let late_by_b = -(1.0 - at[1]) * self.span();
        (linear, [(by_b + by_late * late_by_b) * b_by_unit, by_late * (MAX_LATE.ln() - lowest)])
    }

    /// The global search.
    ///
    /// Where a bound on the linear parameters begins to bind, the surface of the full law has creases,
    /// too narrow for the grid, along which it is the surface of an ablation. So the ablations' optima
    /// are starts as well.
    pub(super) fn search(&self) -> Optimum {
        let mut shape = vec![0.0; self.scores.len()];
        let laws: &[Law] = match self.law {
            Law::Full => &[Law::NoChance, Law::NoCeiling],
            _ => &[],
        };
        let grid = self.shapes(&mut shape);
        let mut starts = self.starts(self.law, &grid, STARTS);
        for law in laws {
            let own = self.starts(*law, &grid, STARTS_OF_ABLATION);
            starts.push(self.best_of(*law, &own, &mut shape).at);
        }
        self.best_of(self.law, &starts, &mut shape)
    }

    /// The best refinement of the starts.
    fn best_of(&self, law: Law, starts: &[[f64; 2]], shape: &mut [f64]) -> Optimum {
        let mut best: Option<Optimum> = None;
        for start in starts {
            let found = self.refine(law, *start, shape);
            if best.is_none_or(|best| found.linear.sse < best.linear.sse) {
                best = Some(found);
            }
        }
        best.expect("a grid has a minimum")
    }

    /// `u` at every place of the grid, row by row.
    fn shapes(&self, shape: &mut [f64]) -> Vec<f64> {
        let mut shapes = Vec::with_capacity(GRID.0 * GRID.1 * shape.len());
        for r in 0..GRID.0 {
            for c in 0..GRID.1 {
                self.shape(self.parameters(place(r, c)), shape);
                shapes.extend_from_slice(shape);
            }
        }
        shapes
    }

    /// The grid's best local minima, best first.
    fn starts(&self, law: Law, shapes: &[f64], most: usize) -> Vec<[f64; 2]> {
        let (rows, columns) = GRID;
        let grid: Vec<f64> = shapes
            .chunks_exact(self.scores.len())
            .map(|shape| linear::solve(law, &self.weights, &self.scores, shape).sse)
            .collect();
        let mut minima = Vec::new();
        for r in 0..rows {
            for c in 0..columns {
                let own = grid[r * columns + c];
                let near = (r.saturating_sub(1)..(r + 2).min(rows))
                    .flat_map(|r| {
                        (c.saturating_sub(1)..(c + 2).min(columns)).map(move |c| r * columns + c)
                    })
                    .all(|other| own <= grid[other]);
                if near {
                    minima.push((own, place(r, c)));
                }
            }
        }
        minima.sort_by(|a, b| a.0.total_cmp(&b.0));
        minima.into_iter().take(most).map(|(_, at)| at).collect()
    }

    /// Damped Newton steps within the unit square, the Hessian from differences of the gradient.
    fn refine(&self, law: Law, start: [f64; 2], shape: &mut [f64]) -> Optimum {
        let mut at = start;
        let (mut linear, mut gradient) = self.solve_with_gradient(law, at, shape);
        let mut damping = 1e-3;
        for _ in 0..STEPS {
            let free = [0, 1].map(|k| {
                !(at[k] <= 0.0 && gradient[k] >= 0.0 || at[k] >= 1.0 && gradient[k] <= 0.0)
            });
            let hessian = self.hessian(law, at, shape);
            let mut improved = false;
            while damping < 1e12 {
                let Some(step) = newton(hessian, gradient, free, damping) else {
                    damping *= 8.0;
                    continue;
                };
                let promised = -(gradient[0] * step[0] + gradient[1] * step[1]);
                if promised <= GAIN * linear.sse + FLOOR {
                    return Optimum { at, linear, converged: true };
                }
                let next = [0, 1].map(|k| (at[k] + step[k]).clamp(0.0, 1.0));
                let (next_linear, next_gradient) = self.solve_with_gradient(law, next, shape);
                if next_linear.sse < linear.sse {
                    (at, linear, gradient) = (next, next_linear, next_gradient);
                    damping = (damping / 8.0).max(1e-12);
                    improved = true;
                    break;
                }
                damping *= 8.0;
            }
            if !improved {
                // No step of any length gains anything: the limit of the arithmetic.
                return Optimum { at, linear, converged: true };
            }
        }
        Optimum { at, linear, converged: false }
    }

    /// `[xx, xy, yy]` of the residual sum in unit coordinates.
    fn hessian(&self, law: Law, at: [f64; 2], shape: &mut [f64]) -> [f64; 3] {
        let mut row = |k: usize| {
            let (mut low, mut high) = (at, at);
            low[k] = (at[k] - DIFFERENCE).max(0.0);
            high[k] = (at[k] + DIFFERENCE).min(1.0);
            let (_, below) = self.solve_with_gradient(law, low, shape);
            let (_, above) = self.solve_with_gradient(law, high, shape);
            [0, 1].map(|j| (above[j] - below[j]) / (high[k] - low[k]))
        };
        let (x, y) = (row(0), row(1));
        [x[0], 0.5 * (x[1] + y[0]), y[1]]
    }
}

/// A place of the grid in unit coordinates.
fn place(row: usize, column: usize) -> [f64; 2] {
    [row as f64 / (GRID.0 - 1) as f64, column as f64 / (GRID.1 - 1) as f64]
}

/// The step `-(H + damping * scale)^-1 gradient` over the free coordinates; `None` where the damped
/// Hessian is not positive definite.
fn newton(
    [xx, xy, yy]: [f64; 3],
    gradient: [f64; 2],
    free: [bool; 2],
    damping: f64,
) -> Option<[f64; 2]> {
    let scale = (xx.abs() + yy.abs()).max(f64::MIN_POSITIVE);
    let (xx, yy) = (xx + damping * scale, yy + damping * scale);
    let step = match free {
        [false, false] => [0.0, 0.0],
        [true, false] if xx > 0.0 => [-gradient[0] / xx, 0.0],
        [false, true] if yy > 0.0 => [0.0, -gradient[1] / yy],
        [true, true] => {
            let determinant = xx * yy - xy * xy;
            if xx <= 0.0 || determinant <= 1e-14 * xx * yy {
                return None;
            }
            [
                -(yy * gradient[0] - xy * gradient[1]) / determinant,
                -(xx * gradient[1] - xy * gradient[0]) / determinant,
            ]
        }
        _ => return None,
    };
    step.iter().all(|s| s.is_finite()).then_some(step)
}
