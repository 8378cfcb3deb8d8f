//! Monotone polynomial through (0, 0) and (1, 1).
//!
//! `f(x) = x + x (1 - x) q(x)`: the ends hold for every `q`. Least squares over `q` with a slope that
//! is nowhere negative.

use super::monotone::{self, Family};
use super::qp::{Rows, Vector};

/// Highest degree, and one: coefficients of a polynomial, constant first.
const SIZE: usize = 6;
type Coefficients = [f64; SIZE];

/// `x (1 - x)` times the Legendre polynomials on `[0, 1]`.
const BASIS: [Coefficients; 4] = [
    [0.0, 1.0, -1.0, 0.0, 0.0, 0.0],
    [0.0, -1.0, 3.0, -2.0, 0.0, 0.0],
    [0.0, 1.0, -7.0, 12.0, -6.0, 0.0],
    [0.0, -1.0, 13.0, -42.0, 50.0, -20.0],
];

/// Weight of `integral f''^2`. It decides only what the points leave open, e.g. with fewer of them
/// than coefficients: the smoothest curve.
const ROUGHNESS: f64 = 1e-10;

/// Gauss-Legendre on `[0, 1]`, exact for `f''^2` of a quintic: nodes and weights.
const NODES: [(f64, f64); 4] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
    (0.330_009_478_207_571_87, 0.326_072_577_431_273_07),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
    (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
];

/// Grid on which the lowest slopes are looked for.
const GRID: usize = 256;

/// A polynomial on `[0, 1]`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Polynomial(Coefficients);

impl Polynomial {
    /// The monotone least-squares polynomial of a degree from 3 to 5.
    ///
    /// `points`: (subset score, full score).
    pub(super) fn fit(degree: usize, points: &[(f64, f64)]) -> Self {
        let basis = &BASIS[..degree - 1];
        let (mut e, mut f) = (Rows::new(), Vector::new());
        for &(x, y) in points {
            e.push(basis.iter().map(|b| value(b, x)).collect());
            f.push(y - x);
        }
        for (x, weight) in NODES {
            let second = |b: &Coefficients| value(&derivative(&derivative(b)), x);
            e.push(basis.iter().map(|b| (ROUGHNESS * weight).sqrt() * second(b)).collect());
            f.push(0.0);
        }
        let family = Degree(basis);
        Self(family.curve(&monotone::fit(&family, &e, &f)))
    }

    /// `t` in `[0, 1]`.
    pub(super) fn value(&self, t: f64) -> f64 {
        value(&self.0, t)
    }
}

struct Degree(&'static [Coefficients]);

impl Degree {
    fn curve(&self, coefficients: &[f64]) -> Coefficients {
        let mut curve = [0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        for (basis, c) in self.0.iter().zip(coefficients) {
            for (k, b) in curve.iter_mut().zip(basis) {
                *k += c * b;
            }
        }
        curve
    }
}

impl Family for Degree {
    fn slope(&self, t: f64) -> (Vector, f64) {
        (self.0.iter().map(|b| value(&derivative(b), t)).collect(), 1.0)
    }

    /// Minima on a grid, each moved to the vertex of the parabola through it and its neighbours.
    fn lowest(&self, coefficients: &[f64]) -> Vector {
        let slope = derivative(&self.curve(coefficients));
        let at = |i: usize| value(&slope, i as f64 / GRID as f64);
        let mut lowest = vec![0.0, 1.0];
        for i in 1..GRID {
            let (left, own, right) = (at(i - 1), at(i), at(i + 1));
            if own <= left && own <= right {
                let bend = left - 2.0 * own + right;
                let shift = if bend > 0.0 { 0.5 * (left - right) / bend } else { 0.0 };
                lowest.push((i as f64 + shift) / GRID as f64);
            }
        }
        lowest
    }

    fn identity(&self) -> Vector {
        vec![0.0; self.0.len()]
    }
}

fn value(coefficients: &Coefficients, x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

fn derivative(coefficients: &Coefficients) -> Coefficients {
    let mut slope = [0.0; SIZE];
    for k in 1..SIZE {
        slope[k - 1] = k as f64 * coefficients[k];
    }
    slope
}
