//! Stages 2 and 3.

use codcast::Flops;
use codcast::extrapolate::{Class, ExtrapolateConfig, SubsetCurve, classify};
use codcast::fit::{Bound, FitConfig, Law, LawFit, LawParams, Termination, fit_law};
use proptest::prelude::*;

const LAWS: [Law; 4] = [Law::Full, Law::NoChance, Law::NoCeiling, Law::Bare];

/// The ladder of arXiv 2502.17262 v4, in 10^18 FLOP.
const PAPER: [f64; 8] = [39.91, 120.78, 307.8, 688.8, 1386.2, 4552.8, 50544.4, 141_444.3];

fn flops(paper_units: &[f64]) -> Vec<Flops> {
    paper_units.iter().map(|c| Flops::new(c * Flops::PAPER_UNIT).unwrap()).collect()
}

fn config(law: Law) -> FitConfig {
    FitConfig { law, ..FitConfig::default() }
}

fn fit(scores: &[f64]) -> LawFit {
    fit_law(&flops(&PAPER[PAPER.len() - scores.len()..]), scores, None, &FitConfig::default())
}

#[test]
fn every_law_recovers_its_own_parameters() {
    /// Relative, at noise-free points; they are recovered as far as the residual sum can tell.
    const TOLERANCE: f64 = 1e-4;
    let compute = flops(&PAPER);
    for law in LAWS {
        for (a, b) in [(5.0, 0.25), (40.0, 0.4), (3000.0, 0.8), (2.0, 0.12)] {
            let c = if matches!(law, Law::Full | Law::NoChance) { 0.2 } else { 0.0 };
            let g = if matches!(law, Law::Full | Law::NoCeiling) { 0.15 } else { 0.0 };
            let truth = LawParams { a, b, c, g };
            let scores: Vec<f64> = compute.iter().map(|at| truth.score(*at)).collect();
            let found = fit_law(&compute, &scores, None, &config(law));
            let law = found.law.unwrap();
            let near = |x: f64, y: f64| (x - y).abs() <= TOLERANCE * y.abs().max(0.1);
            assert!(
                near(law.a.ln(), a.ln()) && near(law.b, b) && near(law.c, c) && near(law.g, g),
                "{truth:?} became {found:?}"
            );
            assert!(found.sse < 1e-12);
        }
    }
}

#[test]
fn degenerate_curves_are_results_with_a_reason() {
    let reason = |scores: &[f64]| {
        let fit = fit(scores);
        assert_eq!(fit.law, None, "{fit:?}");
        assert_eq!(fit.errors, None);
        fit.termination
    };
    assert_eq!(reason(&[0.0; 8]), Termination::AllZero);
    assert_eq!(reason(&[1.0; 8]), Termination::AllOne);
    assert_eq!(reason(&[0.4; 8]), Termination::Flat);
    assert_eq!(reason(&[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]), Termination::Falling);
    assert_eq!(reason(&[0.1, 0.5, 0.9]), Termination::TooFewPoints { have: 3, need: 4 });
    assert_eq!(reason(&[]), Termination::Unusable);
    assert_eq!(reason(&[0.1, f64::NAN, 0.3, 0.4, 0.5]), Termination::Unusable);
    assert_eq!(reason(&[0.1, 1.3, 0.3, 0.4, 0.5]), Termination::Unusable);
    let steep = fit(&[0.0, 0.0, 0.0, 0.0, 0.9, 0.9, 0.9, 0.9]);
    assert!(steep.law.is_some());
    let equal = flops(&[7.0; 6]);
    let scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    let fit = fit_law(&equal, &scores, None, &FitConfig::default());
    assert_eq!(fit.termination, Termination::TooFewPoints { have: 1, need: 4 });
}

#[test]
fn a_straight_line_in_log_compute_is_at_a_bound() {
    let line: Vec<f64> = PAPER.iter().map(|c| 0.2 + 0.0005 * c.ln()).collect();
    let fit = fit_law(&flops(&PAPER), &line, None, &config(Law::Bare));
    assert_eq!(fit.termination, Termination::AtBound { bound: Bound::Shallow });
}

/// Against central differences, all four parameters.
#[test]
fn the_jacobian_agrees_with_finite_differences() {
    const TOLERANCE: f64 = 1e-7;
    for params in [
        LawParams { a: 5.0, b: 0.25, c: 0.2, g: 0.1 },
        LawParams { a: 4e4, b: 1.1, c: 0.0001, g: 0.3 },
    ] {
        for at in flops(&PAPER) {
            let shifted = |k: usize, by: f64| {
                let LawParams { a, b, c, g } = params;
                match k {
                    0 => LawParams { a: a * by.exp(), ..params },
                    1 => LawParams { b: b + by, ..params },
                    2 => LawParams { c: c + by, ..params },
                    _ => LawParams { g: g + by, ..params },
                }
                .score(at)
            };
            for (k, slope) in params.gradient(at).into_iter().enumerate() {
                let difference = (shifted(k, 1e-5) - shifted(k, -1e-5)) / 2e-5;
                assert!((slope - difference).abs() < TOLERANCE, "{k}: {slope} {difference}");
            }
        }
    }
}

#[test]
fn standard_errors_only_where_they_mean_something() {
    let truth = LawParams { a: 30.0, b: 0.4, c: 0.2, g: 0.1 };
    let wiggle = [0.003, -0.004, 0.002, 0.003, -0.005, 0.004, -0.002, 0.001];
    let noisy: Vec<f64> =
        flops(&PAPER).iter().zip(wiggle).map(|(at, w)| truth.score(*at) + w).collect();
    let full = fit(&noisy);
    assert_eq!(full.termination, Termination::Converged);
    let errors = full.errors.unwrap();
    assert!(errors.b > 0.0 && errors.c.is_some() && errors.g.is_some());
    let exact = fit(&noisy[4..]);
    assert_eq!(exact.errors, None, "as many points as parameters");
}

#[test]
fn weights_count_like_repeated_points() {
    let scores = [0.02, 0.03, 0.11, 0.2, 0.33, 0.52, 0.71, 0.8];
    let weighted = fit_law(
        &flops(&PAPER),
        &scores,
        Some(&[1.0, 2.0, 1.0, 1.0, 3.0, 1.0, 1.0, 0.0]),
        &FitConfig::default(),
    );
    let at = [0, 1, 1, 2, 3, 4, 4, 4, 5, 6];
    let repeated =
        fit_law(&flops(&at.map(|i| PAPER[i])), &at.map(|i| scores[i]), None, &FitConfig::default());
    assert!((weighted.sse - repeated.sse).abs() < 1e-12);
    assert_eq!(weighted.points, 7);
}

#[test]
fn the_criteria_are_the_papers() {
    let fitted = |a, b, c| LawFit {
        law: Some(LawParams { a, b, c, g: 0.0 }),
        termination: Termination::Converged,
        points: 8,
        mean: 0.5,
        sse: 0.0,
        rmse: 0.0,
        errors: None,
    };
    let class = |fit: &LawFit| classify(fit, &ExtrapolateConfig::default());
    assert_eq!(class(&fitted(1.01, 0.11, 0.99)), Class::Extrapolatable);
    for (failing, word) in [
        (fitted(1.0, 0.11, 0.99), "is not above 1"),
        (fitted(1.01, 0.1, 0.99), "hardly rises"),
        (fitted(1.01, 0.11, 1.0), "levels off at 36.8 %"),
    ] {
        let class = class(&failing);
        assert_eq!(class.name(), "non-extrapolatable");
        assert!(class.reason().unwrap().contains(word), "{class:?}");
    }
    assert_eq!(class(&fit(&[0.0; 8])), Class::NonEmergent);
    assert_eq!(class(&fit(&[0.3; 8])).reason().unwrap(), "all rungs score the same");
}

#[test]
fn the_subset_is_the_mean_weighted_by_size() {
    assert_eq!(SubsetCurve::new(vec![]), None);
    let one = LawParams { a: 1e-9, b: 0.5, c: 0.0, g: 0.0 };
    let half = LawParams { c: 0.5_f64.ln().abs(), ..one };
    let curve = SubsetCurve::new(vec![(30, one), (10, half)]).unwrap();
    assert_eq!(curve.samples(), 40);
    assert!((curve.score(Flops::new(1e24).unwrap()) - 0.875).abs() < 1e-6);
}

prop_compose! {
    /// Any ladder of 2 to 10 rungs over up to twelve decades, with any scores.
    fn ladder()(n in 2..=10_usize)
        (logs in prop::collection::vec(-2.0..10.0_f64, n),
         scores in prop::collection::vec(prop_oneof![0.0..=1.0_f64, Just(0.0), Just(1.0)], n))
        -> (Vec<f64>, Vec<f64>) {
        (logs.into_iter().map(|l| 10_f64.powf(l)).collect(), scores)
    }
}

prop_compose! {
    /// A law on the paper's ladder, with noise.
    fn noisy_law()(late in -2.0..2.0_f64, b in 0.1..1.0_f64, c in 0.0..0.5_f64, g in 0.0..0.3_f64,
                   noise in prop::collection::vec(-0.02..0.02_f64, 8)) -> Vec<f64> {
        let a = late.exp() * PAPER[7].powf(b);
        let law = LawParams { a, b, c, g };
        let scores = flops(&PAPER).into_iter().map(|at| law.score(at));
        scores.zip(noise).map(|(y, e)| (y + e).clamp(0.0, 1.0)).collect()
    }
}

proptest! {
    #[test]
    fn anything_in_range_gives_a_sound_result((compute, scores) in ladder(), which in 0..4_usize) {
        let fit = fit_law(&flops(&compute), &scores, None, &config(LAWS[which]));
        prop_assert!(fit.sse.is_finite() && fit.rmse.is_finite() && (0.0..=1.0).contains(&fit.mean));
        if let Some(law) = fit.law {
            prop_assert!(law.a.is_finite() && law.a > 0.0 && law.c.is_finite());
            let mut last = law.g;
            for exponent in 10..40 {
                let score = law.score(Flops::new(10_f64.powi(exponent)).unwrap());
                prop_assert!(score >= last && score <= 1.0, "{law:?}");
                last = score;
            }
        }
    }

    #[test]
    fn the_order_of_rungs_changes_no_bit((compute, scores) in ladder(), turn in 0..10_usize) {
        let fit = fit_law(&flops(&compute), &scores, None, &FitConfig::default());
        let (mut c, mut s) = (compute, scores);
        let turn = turn % c.len();
        c.rotate_left(turn);
        s.rotate_left(turn);
        c.reverse();
        s.reverse();
        prop_assert_eq!(fit, fit_law(&flops(&c), &s, None, &FitConfig::default()));
    }

    /// Another unit of compute moves `a` by `unit^b` and nothing else.
    #[test]
    fn the_unit_of_compute_changes_only_a(scores in noisy_law(), decades in -4..4_i32) {
        let unit = 10_f64.powi(decades);
        let scaled: Vec<f64> = PAPER.iter().map(|c| c * unit).collect();
        let one = fit_law(&flops(&PAPER), &scores, None, &FitConfig::default());
        let other = fit_law(&flops(&scaled), &scores, None, &FitConfig::default());
        prop_assert_eq!(one.law.is_some(), other.law.is_some());
        // Computes in another unit differ in their last bit, and the search stops by its gain.
        prop_assert!((one.sse - other.sse).abs() <= 1e-6 * one.sse + 1e-12, "{one:?} {other:?}");
        let (Some(x), Some(y)) = (one.law, other.law) else { return Ok(()) };
        // Where the points hardly tell the parameters apart, the curves still agree.
        for at in PAPER {
            let (p, q) = (flops(&[at])[0], flops(&[at * unit])[0]);
            prop_assert!((x.score(p) - y.score(q)).abs() < 1e-4, "{one:?} {other:?}");
        }
    }
}

/// SciPy's results; written by `tests/golden/fit.py`.
#[derive(serde::Deserialize)]
struct Golden {
    cases: Vec<Case>,
    errors: Vec<ErrorCase>,
}

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    law: Law,
    /// FLOP.
    compute: Vec<f64>,
    scores: Vec<f64>,
    /// The best of many starts.
    sse: f64,
}

#[derive(serde::Deserialize)]
struct ErrorCase {
    compute: Vec<f64>,
    scores: Vec<f64>,
    /// `[ln a, b, c, g]`.
    params: [f64; 4],
    errors: [f64; 4],
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/fit.json")).unwrap()
}

fn in_flops(compute: &[f64]) -> Vec<Flops> {
    compute.iter().map(|c| Flops::new(*c).unwrap()).collect()
}

#[test]
fn no_optimum_of_scipys_is_better() {
    const RELATIVE: f64 = 1e-9;
    const ABSOLUTE: f64 = 1e-12;
    let cases = golden().cases;
    assert!(cases.len() >= 60);
    let (mut better, mut worst) = (0, Vec::new());
    for case in &cases {
        let compute = in_flops(&case.compute);
        let found = fit_law(&compute, &case.scores, None, &config(case.law));
        if let Some(law) = found.law {
            let own: f64 =
                compute.iter().zip(&case.scores).map(|(c, y)| (law.score(*c) - y).powi(2)).sum();
            assert!(
                (own - found.sse).abs() <= 1e-9 * found.sse + 1e-15,
                "{}: {found:?}",
                case.name
            );
        }
        if found.sse > case.sse * (1.0 + RELATIVE) + ABSOLUTE {
            worst.push(format!("{}: {:e} against {:e}, {found:?}", case.name, found.sse, case.sse));
        }
        better += usize::from(found.sse < case.sse * (1.0 - 1e-6) - ABSOLUTE);
    }
    println!("{} curves, ours better by more than a millionth on {better}", cases.len());
    assert!(worst.is_empty(), "{}", worst.join("\n"));
}

/// At an interior optimum with more points than parameters.
#[test]
fn standard_errors_are_curve_fits() {
    const TOLERANCE: f64 = 1e-3;
    for case in golden().errors {
        let found = fit_law(&in_flops(&case.compute), &case.scores, None, &FitConfig::default());
        let (law, errors) = (found.law.unwrap(), found.errors.unwrap());
        let ours = [law.a.ln(), law.b, law.c, law.g];
        let our_errors = [errors.ln_a, errors.b, errors.c.unwrap(), errors.g.unwrap()];
        for k in 0..4 {
            assert!((ours[k] - case.params[k]).abs() < TOLERANCE * case.errors[k], "{found:?}");
            assert!((our_errors[k] / case.errors[k] - 1.0).abs() < TOLERANCE, "{found:?}");
        }
    }
}
