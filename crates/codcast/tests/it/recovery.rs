//! Ladders simulated under the paper's assumptions, at its compute values and sizes of sets, are
//! forecast at 27 times the compute of the largest rung.

use codcast::Config;
use codcast::engines::{Cod, Engine};
use codcast::passrate::Ladder;

use crate::simulate::{SETS, paper_ladder};

/// Mean absolute error over the paper's eight sets, in points.
fn mean_error(engine: &dyn Engine, trials: Option<u32>) -> f64 {
    let errors: Vec<f64> = (0..SETS.len())
        .map(|set| {
            let simulated = paper_ladder(set, trials, 17);
            let ladder = Ladder { tasks: vec![simulated.ladder] };
            let fit = engine.fit(&ladder, &Config::default()).remove(0).unwrap();
            let forecast = fit.curve.score(&simulated.target).unwrap();
            let error = 100.0 * (forecast - simulated.truth);
            eprintln!("{} {trials:?}: {error:+.2} points", SETS[set].0);
            error.abs()
        })
        .collect();
    errors.iter().sum::<f64>() / errors.len() as f64
}

#[test]
fn exact_pass_rates_are_forecast_within_a_point() {
    for engine in [Cod::default(), Cod::quartic()] {
        let error = mean_error(&engine, None);
        assert!(error < 1.0, "{}: {error:.2} points", engine.info().name);
    }
}

#[test]
fn a_hundred_trials_are_forecast_within_a_point_and_a_half() {
    for engine in [Cod::default(), Cod::quartic()] {
        let error = mean_error(&engine, Some(100));
        assert!(error < 1.5, "{}: {error:.2} points", engine.info().name);
    }
}
