//! The bridged law of one unit, fitted under its priors.

/// Parameters `[e, al, g]`: log of the -log score at the largest rung, slope, floor.
pub(super) type Theta = [f64; 3];

/// A 3 x 3 matrix.
pub(super) type Matrix = [[f64; 3]; 3];

/// Observation noise that every variance has at least, so that exact data keep finite weights.
const LEAST_VARIANCE: f64 = 1e-7;

/// What the fits of a ladder share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prior {
    /// Mean of the slope.
    pub(super) slope: f64,
    /// Its standard deviation.
    pub(super) spread: f64,
    /// The score of guessing; 0 fixes the floor there.
    pub(super) chance: f64,
}

impl Prior {
    // A score of about a quarter at the largest rung, anything from 1 to 93 % within two deviations.
    const E_MEAN: f64 = 0.3;
    const E_PRECISION: f64 = 1.0 / (1.5 * 1.5);
    // Guessing scores are known to a point or two: answers are not spread evenly over the choices.
    const FLOOR_PRECISION: f64 = 1.0 / (0.02 * 0.02);
    /// Holds a parameter where it is.
    const FIXED: f64 = 1e12;

    fn mean(&self) -> Theta {
        [Self::E_MEAN, self.slope, self.chance]
    }

    fn precision(&self) -> Theta {
        let floor = if self.chance > 0.0 { Self::FLOOR_PRECISION } else { Self::FIXED };
        [Self::E_PRECISION, 1.0 / (self.spread * self.spread), floor]
    }
}

/// One point of the grid over what a short ladder cannot tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Share of the -log score at the largest rung that no compute removes, in `[0, 1)`.
    pub(super) irreducible: f64,
    /// Standard deviation of a rung's deviation from its compute, in log of the -log score.
    pub(super) shock: f64,
}

/// Score and its derivatives at one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) score: f64,
    pub(super) gradient: Theta,
}

impl Value {
    /// How much a shock of one in the log of the -log score moves the score. Near the ends, where the
    /// derivative vanishes, a share of the binomial variance keeps rungs from looking exact.
    pub(super) fn sensitivity(&self) -> f64 {
        self.gradient[0].abs().max(self.score * (1.0 - self.score))
    }
}

impl Shape {
    /// The law at `d`, the log compute beyond the largest rung.
    ///
    /// `y = g + (1 - g) exp(-exp(e) B(d))` with `B(d) = f + (1 - f) exp(-al d)`.
    pub(super) fn value(&self, theta: &Theta, d: f64) -> Value {
        self.with(theta).value(d)
    }

    /// The law with these parameters, to be asked at several places.
    fn with(&self, theta: &Theta) -> Law {
        Law { f: self.irreducible, top: theta[0].exp(), slope: theta[1], floor: theta[2] }
    }

    /// Variance of an observation around the curve.
    fn variance(&self, noise: f64, value: &Value) -> f64 {
        noise + (self.shock * value.sensitivity()).powi(2) + LEAST_VARIANCE
    }
}

/// A law with its parameters.
struct Law {
    f: f64,
    /// -log score at the largest rung, `exp(e)`.
    top: f64,
    slope: f64,
    floor: f64,
}

impl Law {
    /// Least and largest -log score: `exp(-12)` and `exp(5)`.
    const LEAST: f64 = 6.144_212_353_328_21e-6;
    const MOST: f64 = 148.413_159_102_576_6;

    fn value(&self, d: f64) -> Value {
        let decay = (-self.slope * d).clamp(-30.0, 30.0).exp();
        let bridge = self.f + (1.0 - self.f) * decay;
        let u = (self.top * bridge).clamp(Self::LEAST, Self::MOST);
        let p = (-u).exp();
        let dp = -(1.0 - self.floor) * u * p;
        Value {
            score: self.floor + (1.0 - self.floor) * p,
            gradient: [dp, dp * -(1.0 - self.f) * d * decay / bridge, 1.0 - p],
        }
    }
}

/// The scores of a group of samples along the ladder.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// Its share of the task's samples.
    pub(super) weight: f64,
    /// `[rung]` mean score.
    pub(super) scores: Vec<f64>,
    /// `[rung]` sampling variance of that mean.
    pub(super) noise: Vec<f64>,
}

impl Unit {
    /// One more rung with this score, as noisy as the last.
    pub(super) fn extend(&mut self, score: f64) {
        self.scores.push(score);
        self.noise.extend(self.noise.last().copied());
    }
}

/// A unit's most probable parameters and their covariance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fitted {
    pub(super) theta: Theta,
    pub(super) covariance: Matrix,
}

impl Fitted {
    /// Variance of the curve where it has this gradient.
    pub(super) fn variance(&self, gradient: &Theta) -> f64 {
        let mut sum = 0.0;
        for (row, a) in self.covariance.iter().zip(gradient) {
            for (cell, b) in row.iter().zip(gradient) {
                sum += a * cell * b;
            }
        }
        sum
    }
}

/// Least and largest value of each parameter.
const BOUNDS: [(f64, f64); 3] = [(-8.0, 4.0), (-0.5, 2.0), (0.0, 0.95)];

/// Rounds of reweighting, and steps of Levenberg-Marquardt in each: enough for every ladder we have
/// to come to rest; a fixed number keeps the result independent of rounding in a stopping rule.
const ROUNDS: usize = 5;
const STEPS: usize = 6;

/// The mode of the posterior of one unit by Levenberg-Marquardt with variances that follow the curve.
///
/// `d`: `[rung]` log compute relative to the largest rung.
pub(super) fn fit(unit: &Unit, d: &[f64], shape: Shape, prior: &Prior) -> Fitted {
    let (mean, precision) = (prior.mean(), prior.precision());
    let mut theta = [start(unit, prior.chance), prior.slope, prior.chance];
    let mut damping = 0.01;
    for _ in 0..ROUNDS {
        let weights = weights(unit, d, shape, &theta);
        let objective = |theta: &Theta| {
            let law = shape.with(theta);
            let residuals = d.iter().zip(&unit.scores).zip(&weights);
            let data: f64 =
                residuals.map(|((&d, y), w)| w * (y - law.value(d).score).powi(2)).sum();
            data + (0..3).map(|i| precision[i] * (theta[i] - mean[i]).powi(2)).sum::<f64>()
        };
        let mut current = objective(&theta);
        for _ in 0..STEPS {
            let (a, mut b) = normal_equations(unit, d, &weights, shape, &theta, &precision);
            for i in 0..3 {
                b[i] -= precision[i] * (theta[i] - mean[i]);
            }
            let mut damped = a;
            for (i, row) in damped.iter_mut().enumerate() {
                row[i] *= 1.0 + damping;
            }
            let inverse = invert(&damped);
            let mut next = theta;
            for i in 0..3 {
                let step: f64 = (0..3).map(|j| inverse[i][j] * b[j]).sum();
                next[i] = (theta[i] + step.clamp(-1.0, 1.0)).clamp(BOUNDS[i].0, BOUNDS[i].1);
            }
            let value = objective(&next);
            if value <= current {
                (theta, current) = (next, value);
                damping = (damping * 0.3_f64).max(1e-6);
            } else {
                damping = (damping * 10.0).min(1e6);
            }
        }
    }
    let weights = weights(unit, d, shape, &theta);
    let (a, _) = normal_equations(unit, d, &weights, shape, &theta, &precision);
    Fitted { theta, covariance: invert(&a) }
}

/// `[rung]` inverse variances around the law with these parameters.
fn weights(unit: &Unit, d: &[f64], shape: Shape, theta: &Theta) -> Vec<f64> {
    let law = shape.with(theta);
    let of = |(&d, &noise): (&f64, &f64)| 1.0 / shape.variance(noise, &law.value(d));
    d.iter().zip(&unit.noise).map(of).collect()
}

/// `e` from the mean score above chance of the three largest rungs.
fn start(unit: &Unit, chance: f64) -> f64 {
    let top = &unit.scores[unit.scores.len().saturating_sub(3)..];
    let above = |y: &f64| ((y - chance) / (1.0 - chance)).clamp(0.01, 0.97);
    let mean = top.iter().map(above).sum::<f64>() / top.len() as f64;
    (-mean.ln()).ln()
}

/// `(J' W J + precision, J' W residual)`.
fn normal_equations(
    unit: &Unit,
    d: &[f64],
    weights: &[f64],
    shape: Shape,
    theta: &Theta,
    precision: &Theta,
) -> (Matrix, Theta) {
    let mut a = [[0.0; 3]; 3];
    let mut b = [0.0; 3];
    let law = shape.with(theta);
    for ((&d, y), &w) in d.iter().zip(&unit.scores).zip(weights) {
        let value = law.value(d);
        for i in 0..3 {
            b[i] += w * value.gradient[i] * (y - value.score);
            for j in 0..3 {
                a[i][j] += w * value.gradient[i] * value.gradient[j];
            }
        }
    }
    for i in 0..3 {
        a[i][i] += precision[i];
    }
    (a, b)
}

/// Inverse of a symmetric positive definite matrix; the priors keep it so.
fn invert(m: &Matrix) -> Matrix {
    let minor = |r: usize, c: usize| {
        let (r1, r2) = ((r + 1) % 3, (r + 2) % 3);
        let (c1, c2) = ((c + 1) % 3, (c + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let determinant: f64 = (0..3).map(|c| m[0][c] * minor(0, c)).sum();
    let mut inverse = [[0.0; 3]; 3];
    for (r, row) in inverse.iter_mut().enumerate() {
        for (c, cell) in row.iter_mut().enumerate() {
            *cell = minor(c, r) / determinant;
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { irreducible: 0.3, shock: 0.05 };

    #[test]
    fn gradients_agree_with_finite_differences() {
        const STEP: f64 = 1e-6;
        for theta in [[0.5, 0.3, 0.1], [-1.0, 0.1, 0.0], [1.0, 0.9, 0.25]] {
            for d in [-6.0, -1.0, 0.0, 3.0] {
                let value = SHAPE.value(&theta, d);
                for i in 0..3 {
                    let (mut up, mut down) = (theta, theta);
                    up[i] += STEP;
                    down[i] -= STEP;
                    let slope =
                        (SHAPE.value(&up, d).score - SHAPE.value(&down, d).score) / 2.0 / STEP;
                    assert!((slope - value.gradient[i]).abs() < 1e-7, "{theta:?} {d} {i}");
                }
            }
        }
    }

    #[test]
    fn a_planted_law_is_found_where_the_data_outweigh_the_prior() {
        let planted = [0.2, 0.4, 0.0];
        let shape = Shape { irreducible: 0.3, shock: 1e-4 };
        let d: Vec<f64> = (-12..=0).map(|i| 0.7 * f64::from(i)).collect();
        let scores = d.iter().map(|&d| shape.value(&planted, d).score).collect();
        let unit = Unit { weight: 1.0, scores, noise: vec![0.0; d.len()] };
        let fitted = fit(&unit, &d, shape, &Prior { slope: 0.25, spread: 0.2, chance: 0.0 });
        for (found, planted) in fitted.theta.iter().zip(planted) {
            assert!((found - planted).abs() < 1e-3, "{:?}", fitted.theta);
        }
    }

    #[test]
    fn the_inverse_inverts() {
        let m = [[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]];
        let inverse = invert(&m);
        for r in 0..3 {
            for c in 0..3 {
                let product: f64 = (0..3).map(|k| m[r][k] * inverse[k][c]).sum();
                assert!((product - f64::from(u8::from(r == c))).abs() < 1e-12);
            }
        }
    }
}
