//! The engines on simulated ladders: `cargo run --release -p codcast --example simulated [LADDERS [SETS]]`,
//! by default 200 ladders of one set.
//!
//! Ladders have the paper's compute and one to three sets, in turn of three kinds (tests/it/simulate.rs says how samples score);
//! the target has 27 times the compute of the largest rung. Two worlds: as the paper assumes, and with
//! deviations of models (0.1 in log loss, the target's own included) and of samples on models (0.5).
//! Generations a sample alternate between 8 and 100. Errors and widths in points, against the score
//! that the target gets with as many generations.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub
)]

use codcast::Config;
use codcast::engines::{self, Engine};
use codcast::passrate::Ladder;
use rayon::prelude::*;

#[path = "../tests/it/simulate.rs"]
#[allow(dead_code)]
mod simulate;

use simulate::{LAWLESS, Simulated, World, in_world};

const ENGINES: [&str; 5] = ["codcast", "cod", "bins", "power", "last"];
/// Indices into `simulate::SETS`: no chance level, a high one, a low one.
const SETS: [usize; 3] = [0, 2, 7];
const SAMPLES: usize = 400;
const LEVEL: f64 = 0.9;

/// One forecast: error, and where there is an interval its width and whether it holds the score.
struct Outcome {
    error: f64,
    interval: Option<(f64, bool)>,
}

fn main() {
    let argument = |i: usize, or: u64| std::env::args().nth(i).map_or(or, |n| n.parse().unwrap());
    let (ladders, sets) = (argument(1, 200), argument(2, 1).min(3));
    for (name, shock, item) in
        [("the paper's assumptions", 0.0, 0.0), ("shocks and noise", 0.1, 0.5)]
    {
        let rows: Vec<Vec<Option<Outcome>>> = (0..ladders)
            .into_par_iter()
            .flat_map_iter(|seed| one_ladder(seed, sets, shock, item))
            .collect();
        println!("{name}: {ladders} ladders, {} sets", rows.len());
        println!(
            "engine     forecasts   mean   bias    max   coverage %  width   standard error of mean"
        );
        for (i, engine) in ENGINES.iter().enumerate() {
            let given: Vec<&Outcome> = rows.iter().filter_map(|row| row[i].as_ref()).collect();
            print_line(engine, &given);
        }
    }
}

/// `[set][engine]`
fn one_ladder(seed: u64, sets: u64, shock: f64, item: f64) -> Vec<Vec<Option<Outcome>>> {
    let trials = Some(if seed.is_multiple_of(2) { 8 } else { 100 });
    let world = World { lawless: LAWLESS, trials, shock, item, most: SAMPLES };
    // The kind of set and the number of trials change at different paces.
    let kinds = (0..sets).map(|i| SETS[((seed / 2 + i) % 3) as usize]);
    let sets: Vec<Simulated> = kinds.map(|set| in_world(world, set, seed)).collect();
    let ladder = Ladder { tasks: sets.iter().map(|set| set.ladder.clone()).collect() };
    let by_engine: Vec<Vec<Option<Outcome>>> = ENGINES
        .iter()
        .map(|name| forecasts(engines::by_name(name).unwrap().as_ref(), &ladder, &sets))
        .collect();
    let mut columns: Vec<_> = by_engine.into_iter().map(Vec::into_iter).collect();
    sets.iter().map(|_| columns.iter_mut().map(|column| column.next().unwrap()).collect()).collect()
}

/// `[set]`
fn forecasts(engine: &dyn Engine, ladder: &Ladder, sets: &[Simulated]) -> Vec<Option<Outcome>> {
    let fits = engine.fit(ladder, &Config::default());
    fits.into_iter()
        .zip(sets)
        .map(|(fit, set)| {
            let curve = fit.ok()?.curve;
            let score = curve.score(&set.target).ok()?;
            let interval = curve.interval(&set.target, LEVEL).map(|interval| {
                let holds = (interval.lower..=interval.upper).contains(&set.observed);
                (100.0 * (interval.upper - interval.lower), holds)
            });
            Some(Outcome { error: 100.0 * (score - set.observed), interval })
        })
        .collect()
}

fn print_line(engine: &str, given: &[&Outcome]) {
    let n = given.len() as f64;
    let mean = |value: &dyn Fn(&Outcome) -> f64| given.iter().map(|o| value(o)).sum::<f64>() / n;
    let error = mean(&|o| o.error.abs());
    let spread = mean(&|o| (o.error.abs() - error).powi(2)).sqrt() / n.sqrt();
    let max = given.iter().map(|o| o.error.abs()).fold(0.0, f64::max);
    let held =
        mean(&|o| o.interval.map_or(f64::NAN, |(_, holds)| 100.0 * f64::from(u8::from(holds))));
    let width = mean(&|o| o.interval.map_or(f64::NAN, |(width, _)| width));
    let shown = |value: f64| if value.is_nan() { "-".to_owned() } else { format!("{value:.1}") };
    println!(
        "{engine:10} {:9} {error:6.2} {:+6.2} {max:6.1} {:>12} {:>6} {spread:24.2}",
        given.len(),
        mean(&|o| o.error),
        shown(held),
        shown(width),
    );
}
