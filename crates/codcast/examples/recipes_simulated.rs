//! Are the probabilities of `codcast plan A --against B` right? On simulated pairs of recipes.
//!
//! `cargo run --release -p codcast --example recipes_simulated -- [PAIRS] [TASKS]`

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, unreachable_pub)]

use codcast::Config;
use codcast::engines::Codcast;
use codcast::plan::{Costs, Question, choose};
use rayon::prelude::*;
use simulated_recipes::{Size, pair};

#[path = "../tests/it/simulated_recipes.rs"]
mod simulated_recipes;

/// Stated probability of the likelier recipe, and whether it was better.
type Call = (f64, bool);

fn main() {
    let pairs: u64 = std::env::args().nth(1).map_or(400, |text| text.parse().unwrap());
    let tasks = std::env::args().nth(2).map_or(1, |text| text.parse().unwrap());
    let size = Size { tasks, samples: 300, trials: 8 };
    let calls: Vec<(Call, Vec<Call>)> =
        (0..pairs).into_par_iter().map(|seed| judge(size, seed)).collect();
    println!("{pairs} pairs of {size:?}");
    println!(
        "| calls | stated 50-60 % | 60-70 | 70-75 | 75-85 | 85-95 | 95-100 | of calls from 80 % on |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    print("one task", &calls.iter().flat_map(|(_, tasks)| tasks.clone()).collect::<Vec<_>>());
    print("all tasks", &calls.iter().map(|(overall, _)| *overall).collect::<Vec<_>>());
}

fn judge(size: Size, seed: u64) -> (Call, Vec<Call>) {
    let pair = pair(size, seed);
    let question = Question {
        target: Some(pair.target.clone()),
        goals: Vec::new(),
        weights: std::collections::BTreeMap::new(),
        budget: None,
        costs: Costs::default(),
        level: 0.9,
    };
    let [first, second] = &pair.studies;
    let plan = choose(first, second, &Codcast, &question, &Config::default()).unwrap();
    let recipes = plan.recipes.unwrap();
    let differences: Vec<f64> =
        pair.scores[0].iter().zip(&pair.scores[1]).map(|(a, b)| a - b).collect();
    let call = |p: f64, difference: f64| (p.max(1.0 - p), (p >= 0.5) == (difference > 0.0));
    let overall = call(recipes.probability_first_better.unwrap(), differences.iter().sum());
    let tasks = recipes.tasks.iter().zip(&differences);
    (overall, tasks.map(|(row, d)| call(row.probability_first_better.unwrap(), *d)).collect())
}

fn print(what: &str, calls: &[Call]) {
    let right = |low: f64, high: f64| {
        let inside: Vec<bool> =
            calls.iter().filter(|(p, _)| *p >= low && *p < high).map(|(_, right)| *right).collect();
        let share = inside.iter().filter(|&&right| right).count() as f64 / inside.len() as f64;
        format!("{:.0} % of {}", 100.0 * share, inside.len())
    };
    let bins = [
        (0.5, 0.6),
        (0.6, 0.7),
        (0.7, 0.75),
        (0.75, 0.85),
        (0.85, 0.95),
        (0.95, 1.01),
        (0.8, 1.01),
    ];
    let cells: Vec<String> = bins.into_iter().map(|(low, high)| right(low, high)).collect();
    println!("| {what} | {} |", cells.join(" | "));
}
