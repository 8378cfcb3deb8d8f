//! The ladder's own rungs forecast from smaller ones: how the law does here, before it is asked about
//! the target.

use rayon::prelude::*;

use super::axis::Axis;
use super::bins::Units;
use super::calibration::Rehearsed;
use super::posterior::{BELIEFS, Posterior};
use crate::passrate::{Ladder, PassRates, Target, TaskLadder};
use crate::units::Flops;

/// A rung is forecast from those of at most its compute over this: nearer ones tell nothing about
/// extrapolation.
const FACTOR: f64 = 2.0;

/// Fewest rungs to forecast from.
const MIN_RUNGS: usize = 2;

/// Most rungs forecast; with more the verdict hardly changes and the time does.
const MOST_TURNS: usize = 8;

/// The tasks of one turn go up and down together: whatever their number they count as so many
/// independent ones.
const TASKS_PER_TURN: f64 = 2.0;

/// One entry a rung forecast and task, `[belief]` inside. No score at or above the rung's compute
/// over [`FACTOR`] takes part in its forecast.
pub(super) fn rehearse(ladder: &Ladder) -> Vec<[Rehearsed; 2]> {
    let pairs: Vec<(usize, &TaskLadder, usize, usize)> = turns(ladder)
        .into_iter()
        .enumerate()
        .flat_map(|(turn, compute)| {
            ladder.tasks.iter().filter_map(move |task| {
                let (rung, below) = part(task, compute)?;
                Some((turn, task, rung, below))
            })
        })
        .collect();
    let found: Vec<(usize, [Rehearsed; 2])> = pairs
        .into_par_iter()
        .filter_map(|(turn, task, rung, below)| Some((turn, one(task, rung, below)?)))
        .collect();
    let tasks_of = |turn: usize| found.iter().filter(|(other, _)| *other == turn).count() as f64;
    found
        .iter()
        .map(|&(turn, rehearsed)| {
            let weight = (TASKS_PER_TURN / tasks_of(turn)).min(1.0);
            rehearsed.map(|one| Rehearsed { weight, ..one })
        })
        .collect()
}

/// Compute of the rungs to forecast, spread evenly over their order where there are many.
fn turns(ladder: &Ladder) -> Vec<Flops> {
    let mut all: Vec<Flops> = ladder.tasks.iter().flat_map(TaskLadder::compute).collect();
    all.sort_by(|a, b| a.get().total_cmp(&b.get()));
    all.dedup();
    all.retain(|&compute| ladder.tasks.iter().any(|task| part(task, compute).is_some()));
    if all.len() <= MOST_TURNS {
        return all;
    }
    let last = MOST_TURNS - 1;
    (0..=last).map(|i| all[(i * (all.len() - 1) + last / 2) / last]).collect()
}

/// The task's rung of that compute, and how many rungs it is forecast from.
fn part(task: &TaskLadder, compute: Flops) -> Option<(usize, usize)> {
    let rung = task.rungs.iter().position(|rung| rung.compute == compute)?;
    let low = |compute: Flops, of: Flops| compute.get() <= of.get() / FACTOR;
    let below = task.rungs.iter().take_while(|rung| low(rung.compute, compute)).count();
    (below >= MIN_RUNGS).then_some((rung, below))
}

/// One rung of one task from the first `below` rungs; `None` where nothing has emerged on them.
fn one(task: &TaskLadder, rung: usize, below: usize) -> Option<[Rehearsed; 2]> {
    let known = prefix(task, below);
    if known.means.iter().all(|&mean| mean == 0.0) {
        return None;
    }
    let (axis, order, places) = Axis::new(&known);
    let units = Units::of(&known, &order);
    let hidden = &task.rungs[rung];
    let place = axis.place(&Target {
        model: None,
        compute: hidden.compute,
        params: hidden.params,
        tokens: hidden.tokens,
    });
    Some(BELIEFS.map(|(belief, _)| {
        let posterior = Posterior::new(&units, &places, task.chance.unwrap_or(0.0), belief);
        let prediction = posterior.predict(place);
        Rehearsed {
            error: task.means[rung] - prediction.score,
            variance: prediction.parameters + prediction.shape + prediction.shock,
            sampling: prediction.sampling,
            reach: prediction.sensitivity * place.max(0.0),
            weight: 1.0,
        }
    }))
}

/// The task as it would stand with its first rungs only.
fn prefix(task: &TaskLadder, rungs: usize) -> TaskLadder {
    let columns = |row: &[f64]| row[..rungs].to_vec();
    let rates = if task.has_samples() {
        PassRates::new(rungs, task.rates.iter().flat_map(columns).collect())
    } else {
        PassRates::default()
    };
    TaskLadder {
        task: task.task.clone(),
        chance: task.chance,
        rungs: task.rungs[..rungs].to_vec(),
        means: task.means[..rungs].to_vec(),
        samples: Vec::new(),
        n_samples: task.n_samples,
        rates,
        trials: None,
        anchors: Vec::new(),
        diagnostics: Vec::new(),
    }
}
