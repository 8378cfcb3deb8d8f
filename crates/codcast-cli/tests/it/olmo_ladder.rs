//! The public ladder with published numbers: other implementations' errors are ours.

use codcast::Config;
use codcast::backtest::{BacktestConfig, Forgetful, backtest};

use crate::shared::shared;

/// Mean and largest absolute error in points over the eight tasks, 7B then 13B, from the ladder of
/// sixteen runs of at most 1.3B parameters: what an independent implementation in Python found.
/// The last number is how far our mean may differ: `last` and `power-nd` by rounding; `power` since
/// the objective of its straight line is not published; `two-step` and `two-step-flops` are the
/// method's own code, which fits step 2 to every evaluation along training where we have one point a
/// run; `exp` and `bnsl` have other bounds here.
const PUBLISHED: [(&str, [f64; 4], f64); 7] = [
    ("last", [12.57, 22.2, 14.09, 24.1], 0.01),
    ("power", [2.59, 7.77, 3.58, 8.65], 0.25),
    ("two-step-flops", [3.27, 6.71, 3.54, 7.21], 0.5),
    ("two-step", [3.82, 10.45, 4.17, 11.13], 1.0),
    ("power-nd", [3.65, 8.51, 3.79, 9.09], 0.01),
    ("exp", [5.47, 18.8, 5.69, 20.5], 0.5),
    ("bnsl", [13.32, 48.8, 14.61, 49.6], 3.0),
];

#[test]
fn the_olmo_ladder_gives_the_errors_that_others_found() {
    let Some(data) = shared() else { return };
    let study = codcast_ingest::read_study(&data.join("olmo-ladder")).unwrap().study;
    let names: Vec<&str> = PUBLISHED.iter().map(|row| row.0).collect();
    let engines = codcast::engines::by_names(&names).unwrap();
    // The 7B model has 41% of the compute of the 13B one; a factor of 3 keeps it out of its ladder.
    let settings = BacktestConfig { min_factor: 3.0, ..BacktestConfig::default() };
    let result =
        backtest(&[study], &engines, &settings, &Config::default(), &Forgetful, &|_, _| ());
    for (engine, [mae_7b, max_7b, mae_13b, max_13b], tolerance) in PUBLISHED {
        for (target, mae, max) in
            [("peteish7_eval_anneal", mae_7b, max_7b), ("peteish13_eval_final", mae_13b, max_13b)]
        {
            let errors: Vec<f64> = result
                .cases
                .iter()
                .filter(|case| case.engine == engine && case.target == target)
                .map(|case| case.error().unwrap().abs())
                .collect();
            assert_eq!(errors.len(), 8, "{engine} {target}");
            let ours = errors.iter().sum::<f64>() / 8.0;
            assert!((ours - mae).abs() <= tolerance, "{engine} {target}: {ours:.2}, there {mae}");
            // The largest is one task's, so it scatters more.
            let worst = errors.iter().copied().fold(0.0, f64::max);
            assert!(
                (worst - max).abs() <= 3.0 * tolerance + 0.1,
                "{engine} {target}: {worst:.2}, there {max}"
            );
        }
    }
}
