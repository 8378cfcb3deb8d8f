//! No optimum of SciPy's is better than ours (tests/golden/engines.py).

use serde_json::Value;

use super::loss::LossToScore;
use super::loss_law::{InCompute, InSizes, Sizes};
use super::two_step::Sigmoid;
use super::{bnsl, power_nd};

/// Ours may end higher than SciPy's by this share, and by rounding where both are near zero.
const RELATIVE: f64 = 1e-3;
const ABSOLUTE: f64 = 1e-12;

fn huber(residual: f64) -> f64 {
    let delta = 1e-3;
    if residual.abs() > delta {
        delta * (residual.abs() - delta / 2.0)
    } else {
        residual * residual / 2.0
    }
}

fn half_squares(residuals: impl Iterator<Item = f64>) -> f64 {
    residuals.map(|r| r * r / 2.0).sum()
}

#[test]
fn no_optimum_of_scipys_is_better() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../tests/golden/engines.json")).unwrap();
    assert!(cases.len() >= 12);
    for case in &cases {
        let list = |key: &str| -> Vec<f64> {
            case[key].as_array().map_or_else(Vec::new, |values| {
                values.iter().map(|value| value.as_f64().unwrap()).collect()
            })
        };
        let (x, y, n, d) = (list("x"), list("y"), list("n"), list("d"));
        let kind = case["kind"].as_str().unwrap();
        let ours: f64 = match kind {
            "loss-sizes" => {
                let sizes = Sizes::centred(n.clone(), d.clone());
                let law = InSizes::fit(&sizes, &y).unwrap();
                (0..y.len()).map(|i| huber((law.at(n[i], d[i]) / y[i]).ln())).sum()
            }
            "loss-compute" => {
                let law = InCompute::fit(&x, &y).unwrap();
                x.iter().zip(&y).map(|(x, y)| huber((law.at(*x) / y).ln())).sum()
            }
            "power-sizes" => power_nd::search(&n, &d, &y).unwrap().cost,
            "sigmoid" => {
                let law = Sigmoid::fit(&x, &y, 0.25).unwrap();
                let ideal = std::iter::once(law.at(0.0) - 1.0);
                half_squares(x.iter().zip(&y).map(|(x, y)| law.at(*x) - y).chain(ideal))
            }
            "broken" => bnsl::search(&x, &y).unwrap().cost,
            "from-loss" => {
                let law = LossToScore::fit(&x, &y, case["chance"].as_f64()).unwrap();
                half_squares(x.iter().zip(&y).map(|(x, y)| law.at(*x) - y))
            }
            other => panic!("unknown kind {other}"),
        };
        let theirs = case["cost"].as_f64().unwrap();
        assert!(
            ours <= theirs * (1.0 + RELATIVE) + ABSOLUTE,
            "{kind}: ours ends at {ours:e}, SciPy's at {theirs:e}"
        );
    }
}
