//! Stage 1 against scikit-learn.

#![allow(clippy::unwrap_used)]

use codcast::cluster::{
    Points, dbscan, estimate_bandwidth, improved_mean_shift, k_means, mean_shift,
};
use serde_json::Value;

use crate::cluster_inputs::{digest, simulate};

pub(crate) const GOLDEN: &str = include_str!("../golden/cluster.json");
/// scikit-learn's expanded squares are good to about this.
const EXPANDED: f64 = 1e-6;
/// Our best of a hundred starts is at most this much worse than scikit-learn's best of ten: nothing
/// but rounding, except that among rates of 0 and 1 ties lead to many near-equal optima.
const STARTS: usize = 100;
const INERTIA: f64 = 1e-9;
const INERTIA_OF_TIES: f64 = 5e-3;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

pub(crate) fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// Everything that is expected of one input.
pub(crate) fn check_case(name: &str, points: Points<'_>, case: &Value) {
    for (quantile, expected) in case["quantiles"].as_object().unwrap() {
        let bandwidth = estimate_bandwidth(points, quantile.parse().unwrap());
        if points.d() <= 15 {
            assert_eq!(bandwidth, number(expected), "{name}: bandwidth at {quantile}");
        } else {
            assert!((bandwidth - number(expected)).abs() < EXPANDED, "{name}: {quantile}");
        }
    }
    for expected in case["mean_shift"].as_array().unwrap() {
        let bandwidth = number(&expected["bandwidth"]);
        let found = mean_shift(points, bandwidth, expected["cluster_all"].as_bool().unwrap());
        let centres: Vec<Vec<f64>> = serde_json::from_value(expected["centres"].clone()).unwrap();
        assert_eq!(found.centres, centres, "{name}: centres at {bandwidth}");
        assert_eq!(digest(&found.labels), expected["labels"], "{name}: labels at {bandwidth}");
    }
    if let Some(expected) = case.get("improved") {
        let found = improved_mean_shift(points, number(&expected["radius"]), 10);
        assert_eq!(found.centres.len(), count(&expected["clusters"]), "{name}: improved");
        assert_eq!(digest(&found.labels), expected["labels"], "{name}: improved");
    }

    let expected = &case["dbscan"];
    let labels = dbscan(points, number(&expected["eps"]), count(&expected["min_samples"]));
    assert_eq!(digest(&labels), expected["labels"], "{name}: DBSCAN");

    if let Some(expected) = case.get("k_means") {
        let found = k_means(points, count(&expected["k"]), STARTS, 0);
        let inertia = number(&expected["inertia"]);
        let ties = points.rows().flatten().all(|&rate| rate == 0.0 || rate == 1.0);
        let slack = if ties { INERTIA_OF_TIES } else { INERTIA };
        assert!(found.inertia <= inertia * (1.0 + slack), "{name}: {} {inertia}", found.inertia);
    }
}

#[test]
fn simulated_ladders_cluster_as_in_scikit_learn() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let cases = golden["simulated"].as_array().unwrap();
    assert!(cases.len() >= 28);
    for case in cases {
        let d = count(&case["d"]);
        let mut rates =
            simulate(count(&case["seed"]) as u64, count(&case["n"]), d, count(&case["trials"]));
        rates.extend_from_within(..count(&case["repeated"]) * d);
        check_case(&format!("seed {}", case["seed"]), Points::new(d, &rates), case);
    }
}
