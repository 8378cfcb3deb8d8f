//! False alarms and detection delays of `codcast monitor` on simulated runs.
//!
//! `cargo run --release -p codcast --example monitor_simulated -- [LADDERS [RUNS [ROW]]]`, where ROW
//! picks one of the settings.
//!
//! Many ladders with several runs each, so that what is measured is the whole: fits, what is learned
//! from the ladder, and the sequential test.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, unreachable_pub)]

#[path = "../tests/it/simulated_runs.rs"]
mod simulated_runs;

use codcast::Config;
use codcast::engines::Codcast;
use codcast::monitor::{Monitor, Question, Side, Watch};
use rayon::prelude::*;
use simulated_runs::{Fault, LOOKS, Setting, World, study};

const TASKS: usize = 4;

const FAULTS: [(Fault, f64); 8] = [
    (Fault::None, 0.0),
    (Fault::Compute(0.9), 0.0),
    (Fault::Compute(0.5), 0.0),
    (Fault::Shard(0.1), 0.5),
    (Fault::Shard(0.3), 0.5),
    (Fault::Shard(1.0), 0.5),
    (Fault::LearningRate(0.1), 0.4),
    (Fault::LearningRate(0.3), 0.4),
];

fn main() {
    let number =
        |place, default| std::env::args().nth(place).map_or(default, |text| text.parse().unwrap());
    let (ladders, runs): (u64, u64) = (number(1, 50), number(2, 20));
    println!(
        "{ladders} ladders with {runs} runs each a row, {TASKS} tasks, {LOOKS} looks, false-alarm rate 5 %"
    );
    println!(
        "| world | noise of models | times the largest rung | sides | fault | alarms % | of them before \
         it | median delay, looks | band of 90 % holds | error at half-time | before |"
    );
    println!("|---|---|---|---|---|---:|---:|---:|---:|---:|---:|");
    let settings = [
        (World::PowerLaw, 0.06, (10.0, 10.0), Side::Both),
        (World::PowerLaw, 0.06, (9.0, 27.0), Side::Both),
        (World::Logistic, 0.06, (10.0, 10.0), Side::Both),
        (World::Logistic, 0.06, (10.0, 10.0), Side::Below),
        (World::PowerLaw, 0.02, (10.0, 10.0), Side::Both),
        (World::PowerLaw, 0.02, (9.0, 27.0), Side::Both),
    ];
    let rows = std::env::args().nth(3).map_or(0..settings.len(), |text| {
        let row: usize = text.parse().unwrap();
        row..row + 1
    });
    for (world, noise, (near, far), side) in settings[rows].iter().copied() {
        let answers: Vec<Vec<Monitor>> = (0..ladders)
            .into_par_iter()
            .flat_map(|seed| {
                // Evenly in the logarithm over the ladders.
                let place = (seed as f64 + 0.5) / ladders as f64;
                let times = near * f64::powf(far / near, place);
                let setting = Setting { world, noise, times, tasks: TASKS };
                let question = Question { side, ..Question::of("run") };
                let healthy = study(setting, Fault::None, (seed, 0));
                let watch = Watch::new(&healthy, &Codcast, &question, &Config::default()).unwrap();
                let judged = |run: u64| -> Vec<Monitor> {
                    let of = |(fault, _)| study(setting, fault, (seed, run));
                    FAULTS
                        .into_iter()
                        .map(|fault| watch.judge_without_factors(&of(fault)))
                        .collect()
                };
                (0..runs).map(judged).collect::<Vec<_>>()
            })
            .collect();
        for (index, (fault, from)) in FAULTS.into_iter().enumerate() {
            let own: Vec<&Monitor> = answers.iter().map(|row| &row[index]).collect();
            let noise = 100.0 * noise;
            let name = format!("{world:?} | {noise:.0} % | {near}-{far} | {side:?} | {fault:?}");
            print(&name, from, &own);
        }
    }
}

/// One row. `from`: the share of training at which the fault begins.
fn print(name: &str, from: f64, answers: &[&Monitor]) {
    let mut delays: Vec<f64> = Vec::new();
    let mut early = 0;
    let (mut inside, mut all) = (0.0, 0.0);
    let (mut updated, mut alone, mut scored) = (0.0, 0.0, 0.0);
    for answer in answers {
        match &answer.alarm {
            // The first look at which the fault shows counts as a delay of one.
            Some(alarm) if alarm.share > from => {
                delays.push(((alarm.share - from) * LOOKS as f64).ceil());
            }
            Some(_) => early += 1,
            None => {}
        }
        for task in answer.looks.iter().flat_map(|look| &look.tasks) {
            let (Some(band), Some(actual)) = (task.band, task.actual) else { continue };
            all += 1.0;
            inside += f64::from(u8::from((band.lower..=band.upper).contains(&actual)));
        }
        let last = answer.looks.last().unwrap();
        for (task, half) in last.tasks.iter().zip(&answer.looks[LOOKS / 2 - 1].tasks) {
            let (Some(forecast), Some(actual)) = (task.expected, task.actual) else { continue };
            let Some(end) = half.end_of_training else { continue };
            updated += (end - actual).abs();
            alone += (forecast - actual).abs();
            scored += 1.0;
        }
    }
    delays.sort_by(f64::total_cmp);
    let n = answers.len() as f64;
    let median = delays.get(delays.len() / 2).copied();
    println!(
        "| {name} | {:.1} | {:.1} | {} | {:.1} | {:.2} | {:.2} |",
        100.0 * (delays.len() as f64 + f64::from(early)) / n,
        100.0 * f64::from(early) / n,
        median.map_or("-".to_owned(), |delay| format!("{delay:.0}")),
        100.0 * inside / all,
        100.0 * updated / scored,
        100.0 * alone / scored,
    );
}
