//! Stage 4.

use codcast::map::{MapConfig, MapFit, MapKind, Mapping, fit_map};
use proptest::prelude::*;

const KINDS: [MapKind; 5] = [
    MapKind::SmoothingSpline,
    MapKind::Cubic,
    MapKind::Quartic,
    MapKind::Quintic,
    MapKind::Identity,
];

fn fit(kind: MapKind, points: &[(f64, f64)]) -> MapFit {
    fit_map(points, &MapConfig { kind, ..MapConfig::default() })
}

/// Lowest difference between neighbours on a fine grid.
fn lowest_rise(mapping: &Mapping) -> f64 {
    let at = |i: u32| mapping.apply(f64::from(i) / 4096.0);
    (0..4096).map(|i| at(i + 1) - at(i)).fold(f64::INFINITY, f64::min)
}

/// Scores of a subset against the set as in the paper's figures: the subset is easier.
const TYPICAL: [(f64, f64); 9] = [
    (0.012, 0.010),
    (0.031, 0.026),
    (0.055, 0.047),
    (0.092, 0.080),
    (0.141, 0.121),
    (0.262, 0.228),
    (0.498, 0.441),
    (0.607, 0.540),
    (0.940, 0.870),
];

#[test]
fn the_spline_stops_at_the_target() {
    let fit = fit(MapKind::SmoothingSpline, &TYPICAL);
    assert!(fit.rmse < 0.005, "{fit:?}");
    assert!(fit.diagnostics.is_empty());
    let smoother = fit_map(
        &TYPICAL,
        &MapConfig {
            first_smoothing: 2.0 * fit.smoothing.unwrap(),
            smoothing_step: 0.99,
            ..MapConfig::default()
        },
    );
    assert!(smoother.smoothing.unwrap() >= fit.smoothing.unwrap(), "the first step below is taken");
}

#[test]
fn points_that_do_not_rise_together_are_reported() {
    let noisy = [(0.1, 0.2), (0.2, 0.1), (0.3, 0.4), (0.4, 0.25), (0.6, 0.5), (0.7, 0.45)];
    let fit = fit(MapKind::SmoothingSpline, &noisy);
    assert!(fit.rmse > 0.005);
    assert_eq!(fit.diagnostics[0].code(), "mapping_fell_back");
    assert!(lowest_rise(&fit.mapping) >= 0.0);
}

#[test]
fn without_points_the_mapping_is_the_identity() {
    for kind in KINDS {
        let fit = fit(kind, &[]);
        assert_eq!(fit.rmse, 0.0);
        for t in [0.0, 0.3, 1.0] {
            assert!((fit.mapping.apply(t) - t).abs() < 1e-12);
        }
    }
}

proptest! {
    #[test]
    fn any_points_give_an_increasing_map_of_the_unit_interval(
        points in prop::collection::vec((0.0..=1.0_f64, 0.0..=1.0_f64), 0..14),
        which in 0..5_usize,
    ) {
        let fit = fit(KINDS[which], &points);
        prop_assert!(fit.mapping.apply(0.0).abs() < 1e-12);
        prop_assert!((fit.mapping.apply(1.0) - 1.0).abs() < 1e-12);
        let lowest = lowest_rise(&fit.mapping);
        prop_assert!(lowest >= -1e-12, "{lowest} {fit:?}");
        prop_assert!(fit.rmse.is_finite());
    }

    #[test]
    fn the_order_of_points_changes_nothing(
        points in prop::collection::vec((0.0..=1.0_f64, 0.0..=1.0_f64), 1..10),
        which in 0..5_usize,
    ) {
        let mut turned = points.clone();
        turned.reverse();
        let (one, other) = (fit(KINDS[which], &points), fit(KINDS[which], &turned));
        prop_assert_eq!(one, other);
    }
}

/// SciPy's results; written by `tests/golden/map.py`.
#[derive(serde::Deserialize)]
struct Golden {
    smoothing: Vec<Case>,
    spline: Vec<Case>,
    polynomial: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    points: Vec<(f64, f64)>,
    #[serde(default)]
    smoothing: f64,
    #[serde(default)]
    degree: usize,
    #[serde(default)]
    sse: f64,
    #[serde(default)]
    objective: f64,
    /// At multiples of 1/40.
    curve: Vec<f64>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/map.json")).unwrap()
}

/// The spline of one smoothing.
fn smoothed(case: &Case) -> Mapping {
    let (first_smoothing, last_smoothing) = (case.smoothing, case.smoothing);
    fit_map(&case.points, &MapConfig { first_smoothing, last_smoothing, ..MapConfig::default() })
        .mapping
}

fn largest_difference(case: &Case, mapping: &Mapping) -> f64 {
    let at = |i: usize| mapping.apply(i as f64 / 40.0);
    case.curve.iter().enumerate().map(|(i, y)| (at(i) - y).abs()).fold(0.0, f64::max)
}

/// Where the curve is monotone of itself, the spline is SciPy's smoothing spline.
#[test]
fn the_spline_is_scipys_smoothing_spline() {
    /// SciPy meets the ends through a weight of 1e9.
    const TOLERANCE: f64 = 1e-6;
    let golden = golden();
    assert!(golden.smoothing.len() >= 20);
    for case in &golden.smoothing {
        let difference = largest_difference(case, &smoothed(case));
        assert!(difference < TOLERANCE, "{difference} at {:?} {}", case.points, case.smoothing);
    }
}

/// Where monotonicity binds, the spline is that of a general optimiser.
#[test]
fn the_constrained_spline_is_slsqps() {
    /// SLSQP asks for the slope at 2001 places and ours everywhere; it stops at its own tolerance.
    const TOLERANCE: f64 = 1e-4;
    for case in &golden().spline {
        let difference = largest_difference(case, &smoothed(case));
        assert!(
            difference < TOLERANCE,
            "{difference} at {:?} {} {}",
            case.points,
            case.smoothing,
            case.objective
        );
    }
}

#[test]
fn the_constrained_polynomials_are_slsqps() {
    /// On the sum of squared errors; the curve itself is less certain where few points determine it.
    const TOLERANCE: f64 = 1e-7;
    for case in &golden().polynomial {
        let kind = [MapKind::Cubic, MapKind::Quartic, MapKind::Quintic][case.degree - 3];
        let fit = fit(kind, &case.points);
        let sse = fit.rmse.powi(2) * case.points.len() as f64;
        assert!(sse <= case.sse * (1.0 + 1e-6) + TOLERANCE, "{sse} {} {:?}", case.sse, case.points);
        let difference = largest_difference(case, &fit.mapping);
        assert!(difference < 1e-3, "{difference} at {:?} {}", case.points, case.degree);
    }
}
