//! Ladders simulated under the paper's assumptions, at its compute values and sizes of sets, are
//! forecast at 27 times the compute of the largest rung.

use codcast::Config;
use codcast::engines::{Cod, Engine};
use codcast::passrate::Ladder;

use crate::simulate::{LAWLESS, SETS, ladder_with};

/// Mean absolute error over the paper's eight sets, in points.
fn mean_error(engine: &dyn Engine, lawless: f64, trials: Option<u32>) -> f64 {
    let name = engine.info().name;
    let errors: Vec<f64> = (0..SETS.len())
        .map(|set| {
            let simulated = ladder_with(lawless, set, trials, 17);
            let ladder = Ladder { tasks: vec![simulated.ladder] };
            let fit = engine.fit(&ladder, &Config::default()).remove(0).unwrap();
            let forecast = fit.curve.score(&simulated.target).unwrap();
            let error = 100.0 * (forecast - simulated.truth);
            eprintln!("{name} {} lawless {lawless} {trials:?}: {error:+.2} points", SETS[set].0);
            error.abs()
        })
        .collect();
    errors.iter().sum::<f64>() / errors.len() as f64
}

fn both_are_within(points: f64, lawless: f64, trials: Option<u32>) {
    for engine in [Cod::default(), Cod::quartic()] {
        let error = mean_error(&engine, lawless, trials);
        assert!(error < points, "{}: {error:.2} points", engine.info().name);
    }
}

/// Every sample follows the law of its group or one of its own, as the paper assumes.
#[test]
fn exact_pass_rates_are_forecast_within_a_point() {
    both_are_within(1.0, 0.0, None);
}

#[test]
fn a_hundred_trials_are_forecast_within_a_point_and_a_half() {
    both_are_within(1.5, 0.0, Some(100));
}

/// Samples that never rise break the assumption that a full subset score means a full set score: the
/// mapping's fixed end lifts the forecast by about their share.
#[test]
fn a_few_lawless_samples_cost_about_their_share() {
    both_are_within(1.0 + 100.0 * LAWLESS, LAWLESS, None);
}
