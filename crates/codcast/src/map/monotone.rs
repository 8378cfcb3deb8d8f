//! The best monotone member of an affine family of curves.
//!
//! Monotone means `f'(t) >= 0` at every `t` of `[0, 1]`: infinitely many linear inequalities. They are
//! imposed by exchange: solve, find where the slope is most negative, ask for a non-negative slope
//! there, solve again.

use super::qp::{Rows, Vector, lsi};

/// Rounds of exchange. Five to ten suffice; the last rounding error is mixed away in any case.
const ROUNDS: usize = 40;
/// Slopes above this count as non-negative during the exchange.
const TOLERANCE: f64 = 1e-10;

/// Curves on `[0, 1]` from (0, 0) to (1, 1), affine in their coefficients.
pub(super) trait Family {
    /// `f'(t) = row . coefficients + constant`.
    fn slope(&self, t: f64) -> (Vector, f64);

    /// Where `f'` has its local minima on `[0, 1]`, the global one among them.
    fn lowest(&self, coefficients: &[f64]) -> Vector;

    /// The coefficients of `f(t) = t`.
    fn identity(&self) -> Vector;
}

/// Minimises `|E x - f|` over the family's monotone curves. `E` must have full column rank.
pub(super) fn fit(family: &impl Family, e: &Rows, f: &[f64]) -> Vector {
    let (mut rows, mut bounds) = (Rows::new(), Vector::new());
    let mut best = family.identity();
    for _ in 0..ROUNDS {
        let Some(found) = lsi(e, f, &rows, &bounds) else { break };
        best = found;
        let before = rows.len();
        for t in family.lowest(&best) {
            if slope(family, &best, t) < -TOLERANCE {
                let (row, constant) = family.slope(t);
                rows.push(row);
                bounds.push(-constant);
            }
        }
        if rows.len() == before {
            break;
        }
    }
    mixed(family, best)
}

/// Mixes in as much of the identity, whose slope is 1, as makes every slope non-negative.
fn mixed(family: &impl Family, coefficients: Vector) -> Vector {
    let lowest = family
        .lowest(&coefficients)
        .into_iter()
        .map(|t| slope(family, &coefficients, t))
        .fold(0.0, f64::min);
    let share = -lowest / (1.0 - lowest);
    let identity = family.identity();
    coefficients.iter().zip(&identity).map(|(c, i)| c + share * (i - c)).collect()
}

fn slope(family: &impl Family, coefficients: &[f64], t: f64) -> f64 {
    let (row, constant) = family.slope(t);
    row.iter().zip(coefficients).map(|(r, c)| r * c).sum::<f64>() + constant
}
