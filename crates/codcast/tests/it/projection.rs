//! The map of samples against scikit-learn's exact t-SNE.

use codcast::projection::{divergence, tsne};

#[derive(serde::Deserialize)]
struct Golden {
    points: Vec<Vec<f64>>,
    divergence: f64,
    trustworthiness: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/projection.json")).unwrap()
}

/// Venna and Kaski 2001, as scikit-learn documents it: 1 less the penalty for neighbours on the plane
/// that are none in space.
fn trustworthiness(points: &[&[f64]], places: &[[f64; 2]], k: usize) -> f64 {
    let n = points.len();
    let squared =
        |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum() };
    let by = |distance: &dyn Fn(usize) -> f64, i: usize| -> Vec<usize> {
        let mut others: Vec<usize> = (0..n).filter(|&j| j != i).collect();
        others.sort_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        others
    };
    let mut penalty = 0.0;
    for i in 0..n {
        let space = by(&|j| squared(points[i], points[j]), i);
        let plane = by(&|j| squared(&places[i], &places[j]), i);
        for j in &plane[..k] {
            let rank = space.iter().position(|other| other == j).unwrap() + 1;
            penalty += rank.saturating_sub(k) as f64;
        }
    }
    let (n, k) = (n as f64, k as f64);
    1.0 - penalty * 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0))
}

#[test]
fn a_map_is_as_faithful_as_that_of_scikit_learn() {
    let golden = golden();
    let points: Vec<&[f64]> = golden.points.iter().map(Vec::as_slice).collect();
    let places = tsne(&points, 0);
    let reached = divergence(&points, &places);
    // Both stop in local minima; ours takes fewer steps.
    assert!(reached < 1.05 * golden.divergence, "{reached} against {}", golden.divergence);
    let kept = trustworthiness(&points, &places, 15);
    assert!(kept > golden.trustworthiness - 0.01, "{kept} against {}", golden.trustworthiness);
}

#[test]
fn equal_seeds_give_equal_maps() {
    let golden = golden();
    let points: Vec<&[f64]> = golden.points.iter().map(Vec::as_slice).collect();
    assert_eq!(tsne(&points, 3), tsne(&points, 3));
}

#[test]
fn few_or_equal_points_have_places() {
    for n in [0, 1, 2, 3, 4, 40] {
        let rates = vec![vec![0.5; 4]; n];
        let points: Vec<&[f64]> = rates.iter().map(Vec::as_slice).collect();
        let places = tsne(&points, 0);
        assert_eq!(places.len(), n);
        assert!(places.iter().flatten().all(|value| value.is_finite()), "{n} equal points");
    }
}
