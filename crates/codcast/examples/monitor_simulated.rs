//! False alarms and detection delays of `codcast monitor` on simulated runs.
//!
//! `cargo run --release -p codcast --example monitor_simulated -- [RUNS]`
//!
//! Every run has a ladder of its own, so that what is measured is the whole: fits, what is learned
//! from the ladder, and the sequential test.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, unreachable_pub)]

#[path = "../tests/it/simulated_runs.rs"]
mod simulated_runs;

use codcast::Config;
use codcast::engines::Codcast;
use codcast::monitor::{Monitor, Question, monitor};
use rayon::prelude::*;
use simulated_runs::{Fault, LOOKS, World, study};

const TASKS: usize = 6;

fn main() {
    let runs: u64 = std::env::args().nth(1).map_or(500, |text| text.parse().unwrap());
    println!("{runs} runs a row, {TASKS} tasks, {LOOKS} looks, false-alarm rate 5 %");
    println!(
        "| world | fault | alarms % | median delay (looks) | band holds % | updated MAE | forecast MAE |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|");
    let quick = std::env::args().nth(2).is_some();
    for world in [World::PowerLaw, World::Logistic] {
        for (fault, from) in [
            (Fault::None, 0.0),
            (Fault::Compute(0.9), 0.0),
            (Fault::Compute(0.5), 0.0),
            (Fault::Shard(0.1), 0.5),
            (Fault::Shard(0.3), 0.5),
            (Fault::Shard(1.0), 0.5),
            (Fault::LearningRate(0.1), 0.4),
            (Fault::LearningRate(0.3), 0.4),
        ] {
            if quick && fault != Fault::None {
                continue;
            }
            let answers: Vec<Monitor> = (0..runs)
                .into_par_iter()
                .map(|seed| {
                    let study = study(world, fault, TASKS, seed);
                    monitor(&study, &Codcast, &Question::of("run"), &Config::default()).unwrap()
                })
                .collect();
            print(world, fault, from, &answers);
        }
    }
}

fn print(world: World, fault: Fault, from: f64, answers: &[Monitor]) {
    let mut delays: Vec<f64> = Vec::new();
    let mut early = 0;
    let (mut inside, mut all) = (0.0, 0.0);
    let (mut updated, mut alone, mut scored) = (0.0, 0.0, 0.0);
    for answer in answers {
        match &answer.alarm {
            Some(alarm) if alarm.share > from => delays.push((alarm.share - from) * LOOKS as f64),
            Some(_) => early += 1,
            None => {}
        }
        for task in answer.looks.iter().flat_map(|look| &look.tasks) {
            let (Some(band), Some(actual)) = (task.band, task.actual) else { continue };
            all += 1.0;
            inside += f64::from(u8::from((band.lower..=band.upper).contains(&actual)));
        }
        let last = answer.looks.last().unwrap();
        let half = &answer.looks[LOOKS / 2 - 1];
        let length = answer.calibration.values.length;
        let kept = (-(1.0 / half.share).ln() / length).exp();
        for ((task, seen), scale) in
            last.tasks.iter().zip(&half.tasks).zip(&answer.calibration.values.scale)
        {
            let (Some(forecast), Some(actual), Some(z)) =
                (task.expected, task.actual, seen.deviation)
            else {
                continue;
            };
            let band = task.band.unwrap();
            let unit = if z < 0.0 { forecast - band.lower } else { band.upper - forecast };
            let _ = scale;
            let reach = codcast::stats::t_half_width_of(0.9, answer.calibration.values.freedom)
                / codcast::stats::t_half_width_of(0.6827, answer.calibration.values.freedom);
            updated += (forecast + kept * z * unit / reach - actual).abs();
            alone += (forecast - actual).abs();
            scored += 1.0;
        }
    }
    delays.sort_by(f64::total_cmp);
    let n = answers.len() as f64;
    let median = delays.get(delays.len() / 2).copied();
    println!(
        "| {world:?} | {fault:?} | {:.1}{} | {} | {:.1} | {:.2} | {:.2} |",
        100.0 * delays.len() as f64 / n,
        if early > 0 {
            format!(" (+{:.1} before)", 100.0 * f64::from(early) / n)
        } else {
            String::new()
        },
        median.map_or("-".to_owned(), |delay| format!("{delay:.1}")),
        100.0 * inside / all,
        100.0 * updated / scored,
        100.0 * alone / scored,
    );
}
