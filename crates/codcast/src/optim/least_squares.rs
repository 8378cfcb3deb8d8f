//! Bounded least squares for up to eight parameters.

/// A box: `lower[i] <= at[i] <= upper[i]`; infinite ends are allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds<const P: usize> {
    /// Lower ends.
    pub lower: [f64; P],
    /// Upper ends.
    pub upper: [f64; P],
}

impl<const P: usize> Bounds<P> {
    /// From one `(lower, upper)` pair a parameter.
    pub fn new(pairs: [(f64, f64); P]) -> Self {
        Self { lower: pairs.map(|pair| pair.0), upper: pairs.map(|pair| pair.1) }
    }

    fn clamp(&self, at: [f64; P]) -> [f64; P] {
        std::array::from_fn(|i| at[i].clamp(self.lower[i], self.upper[i]))
    }
}

/// What is summed over the residuals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    /// `r^2 / 2`.
    Squares,
    /// Huber: `r^2 / 2` up to `delta`, then `delta * (|r| - delta / 2)`.
    Huber {
        /// Where it turns linear, in units of the residual.
        delta: f64,
    },
}

impl Loss {
    fn cost(self, residual: f64) -> f64 {
        match self {
            Self::Huber { delta } if residual.abs() > delta => {
                delta * (residual.abs() - delta / 2.0)
            }
            _ => residual * residual / 2.0,
        }
    }

    /// The weight under which a square has this loss's gradient.
    fn weight(self, residual: f64) -> f64 {
        match self {
            Self::Huber { delta } if residual.abs() > delta => delta / residual.abs(),
            _ => 1.0,
        }
    }
}

/// Why the search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// No step makes it better.
    Converged,
    /// The allowed number of steps was used up; the point is the best seen.
    Steps,
}

/// The end of one search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minimum<const P: usize> {
    /// Where.
    pub at: [f64; P],
    /// The summed loss there, finite.
    pub cost: f64,
    /// Why it ended.
    pub stop: Stop,
}

/// Enough for all but the flattest valleys, where more change nothing that matters.
pub const MANY_STEPS: usize = 200;
/// A relative gain below this counts as none; so many in a row end the search.
const NO_GAIN: f64 = 1e-9;
const PATIENCE: usize = 4;
const MAX_DAMPING: f64 = 1e12;

/// Levenberg-Marquardt with projection on a box, for a sum of squares or of Huber losses.
///
/// `residuals(at, out)` fills `out`, `n` long. Parameters that a step would push out of the box are
/// held on its edge and the step is solved again for the rest. Huber losses are reweighted at every
/// step (Holland and Welsch 1977) and a step is taken only if the loss itself falls, so the end is
/// never worse than the start. The Jacobian is by central differences. At most `steps` are taken.
///
/// `None` when the start has no finite cost.
pub fn least_squares<const P: usize>(
    n: usize,
    residuals: impl Fn(&[f64; P], &mut [f64]),
    start: [f64; P],
    bounds: &Bounds<P>,
    loss: Loss,
    steps: usize,
) -> Option<Minimum<P>> {
    let total = |r: &[f64]| r.iter().map(|&r| loss.cost(r)).sum::<f64>();
    let mut at = bounds.clamp(start);
    let mut now = vec![0.0; n];
    let mut trial = vec![0.0; n];
    let mut jacobian = vec![[0.0; P]; n];
    residuals(&at, &mut now);
    let mut cost = total(&now);
    if !cost.is_finite() {
        return None;
    }
    let mut damping = 1e-3;
    let mut idle = 0;
    for _ in 0..steps {
        differentiate(&residuals, &at, bounds, &mut jacobian, &mut trial);
        let (gradient, hessian) = normal_equations(&jacobian, &now, loss);
        let mut taken = None;
        while damping < MAX_DAMPING {
            let next = step(&at, &gradient, &hessian, damping, bounds);
            residuals(&next, &mut trial);
            let next_cost = total(&trial);
            if next_cost.is_finite() && next_cost < cost {
                taken = Some((next, next_cost));
                damping = (damping * 0.2_f64).max(1e-15);
                break;
            }
            damping *= 5.0;
        }
        let Some((next, next_cost)) = taken else {
            return Some(Minimum { at, cost, stop: Stop::Converged });
        };
        let gain = (cost - next_cost) / cost;
        at = next;
        cost = next_cost;
        now.copy_from_slice(&trial);
        idle = if gain < NO_GAIN { idle + 1 } else { 0 };
        if cost == 0.0 || idle >= PATIENCE {
            return Some(Minimum { at, cost, stop: Stop::Converged });
        }
    }
    Some(Minimum { at, cost, stop: Stop::Steps })
}

/// Fills `jacobian[residual][parameter]`; one-sided where the box leaves no room.
fn differentiate<const P: usize>(
    residuals: &impl Fn(&[f64; P], &mut [f64]),
    at: &[f64; P],
    bounds: &Bounds<P>,
    jacobian: &mut [[f64; P]],
    scratch: &mut [f64],
) {
    for i in 0..P {
        let width = 6e-6 * at[i].abs().max(1e-2);
        let (mut low, mut high) = (*at, *at);
        low[i] = (at[i] - width).max(bounds.lower[i]);
        high[i] = (at[i] + width).min(bounds.upper[i]);
        let span = high[i] - low[i];
        residuals(&low, scratch);
        for (row, r) in jacobian.iter_mut().zip(&*scratch) {
            row[i] = -r;
        }
        residuals(&high, scratch);
        for (row, r) in jacobian.iter_mut().zip(&*scratch) {
            let slope = (row[i] + r) / span;
            row[i] = if slope.is_finite() { slope } else { 0.0 };
        }
    }
}

/// `J' W r` and `J' W J`.
fn normal_equations<const P: usize>(
    jacobian: &[[f64; P]],
    residuals: &[f64],
    loss: Loss,
) -> ([f64; P], [[f64; P]; P]) {
    let (mut gradient, mut hessian) = ([0.0; P], [[0.0; P]; P]);
    for (row, &r) in jacobian.iter().zip(residuals) {
        let weight = loss.weight(r);
        for i in 0..P {
            gradient[i] += weight * row[i] * r;
            for j in 0..P {
                hessian[i][j] += weight * row[i] * row[j];
            }
        }
    }
    (gradient, hessian)
}

/// The damped step from `at`, inside the box.
fn step<const P: usize>(
    at: &[f64; P],
    gradient: &[f64; P],
    hessian: &[[f64; P]; P],
    damping: f64,
    bounds: &Bounds<P>,
) -> [f64; P] {
    let mut next = *at;
    let mut held: [bool; P] = std::array::from_fn(|i| {
        (at[i] <= bounds.lower[i] && gradient[i] > 0.0)
            || (at[i] >= bounds.upper[i] && gradient[i] < 0.0)
    });
    let largest = (0..P).map(|i| hessian[i][i]).fold(0.0, f64::max);
    // Each pass holds at least one more parameter on the edge, so P + 1 passes are enough.
    for _ in 0..=P {
        let mut matrix = *hessian;
        let mut right: [f64; P] = std::array::from_fn(|i| -gradient[i]);
        for i in 0..P {
            matrix[i][i] += damping * hessian[i][i].max(1e-10 * largest).max(f64::MIN_POSITIVE);
            if held[i] {
                // What is held has moved to `next[i]`; the rest must take that into account.
                let moved = next[i] - at[i];
                for j in 0..P {
                    if !held[j] {
                        right[j] -= hessian[j][i] * moved;
                    }
                    matrix[i][j] = 0.0;
                    matrix[j][i] = 0.0;
                }
                matrix[i][i] = 1.0;
                right[i] = 0.0;
            }
        }
        let Some(delta) = solve(matrix, right) else { return *at };
        let mut more = false;
        for i in 0..P {
            if held[i] {
                continue;
            }
            let wanted = at[i] + delta[i];
            next[i] = wanted.clamp(bounds.lower[i], bounds.upper[i]);
            if next[i] != wanted {
                held[i] = true;
                more = true;
            }
        }
        if !more {
            break;
        }
    }
    next
}

/// Gaussian elimination with partial pivoting; `None` if singular.
fn solve<const P: usize>(mut a: [[f64; P]; P], mut b: [f64; P]) -> Option<[f64; P]> {
    for column in 0..P {
        let pivot =
            (column..P).max_by(|&i, &j| a[i][column].abs().total_cmp(&a[j][column].abs()))?;
        a.swap(column, pivot);
        b.swap(column, pivot);
        if a[column][column].abs() < f64::MIN_POSITIVE || !a[column][column].is_finite() {
            return None;
        }
        for row in column + 1..P {
            let factor = a[row][column] / a[column][column];
            for k in column..P {
                a[row][k] -= factor * a[column][k];
            }
            b[row] -= factor * b[column];
        }
    }
    for column in (0..P).rev() {
        let known: f64 = (column + 1..P).map(|k| a[column][k] * b[k]).sum();
        b[column] = (b[column] - known) / a[column][column];
    }
    b.iter().all(|x| x.is_finite()).then_some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

    #[test]
    fn finds_the_bottom_of_rosenbrocks_valley() {
        let residuals = |p: &[f64; 2], out: &mut [f64]| {
            out[0] = 10.0 * (p[1] - p[0] * p[0]);
            out[1] = 1.0 - p[0];
        };
        let end = least_squares(
            2,
            residuals,
            [-1.2, 1.0],
            &Bounds::new([FREE, FREE]),
            Loss::Squares,
            MANY_STEPS,
        );
        let end = end.unwrap();
        assert!((end.at[0] - 1.0).abs() < 1e-6 && (end.at[1] - 1.0).abs() < 1e-6, "{end:?}");
    }

    #[test]
    fn the_constrained_optimum_is_not_the_clamped_free_one() {
        // Minimise (x + y - 3)^2 + (x - y)^2 / 100 with x <= 1: x = 1, y = (2 + 0.01) / 1.01.
        let residuals = |p: &[f64; 2], out: &mut [f64]| {
            out[0] = p[0] + p[1] - 3.0;
            out[1] = (p[0] - p[1]) / 10.0;
        };
        let bounds = Bounds::new([(0.0, 1.0), FREE]);
        let end =
            least_squares(2, residuals, [0.0, 0.0], &bounds, Loss::Squares, MANY_STEPS).unwrap();
        assert!((end.at[0] - 1.0).abs() < 1e-12, "{end:?}");
        assert!((end.at[1] - 2.01 / 1.01).abs() < 1e-6, "{end:?}");
    }

    #[test]
    fn huber_ignores_an_outlier() {
        let data = [1.0, 1.01, 0.99, 1.0, 50.0];
        let residuals = |p: &[f64; 1], out: &mut [f64]| {
            for (r, y) in out.iter_mut().zip(data) {
                *r = p[0] - y;
            }
        };
        let loss = Loss::Huber { delta: 1e-3 };
        let end =
            least_squares(5, residuals, [10.0], &Bounds::new([FREE]), loss, MANY_STEPS).unwrap();
        assert!((end.at[0] - 1.0).abs() < 0.011, "{end:?}");
    }
}
