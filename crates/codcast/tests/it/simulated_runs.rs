//! Simulated ladders whose models have checkpoints, and runs on top of them: healthy, or with a fault.

#![allow(clippy::cast_possible_wrap, clippy::unwrap_used)]

use std::sync::Arc;

use codcast::Flops;
use codcast::evals::{
    Aggregate, Compute, ComputeSource, Model, Outcome, Role, Run, Study, TaskEvals,
};
use rand::{RngExt, SeedableRng};
use rand_distr::{Binomial, Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;

/// Looks at a model: its training in eighths.
pub(crate) const LOOKS: usize = 8;
/// Rungs, each with 2.4 times the compute of the one before.
pub(crate) const RUNGS: usize = 9;
/// Samples of a task.
const SAMPLES: u64 = 1000;

/// How scores follow compute. The example uses both.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum World {
    /// The -log score falls as a power law towards a floor: what the engine assumes.
    PowerLaw,
    /// A logistic curve in log compute: what it does not.
    Logistic,
}

/// What goes wrong, from a share of the training on.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(dead_code, reason = "examples/monitor_simulated.rs uses all of it, the tests a part")]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Only this share of the compute counts, from the start.
    Compute(f64),
    /// The first task's -log score is higher by this share from half of the training on.
    Shard(f64),
    /// Every task's -log score is higher by this share from 0.4 of the training on.
    LearningRate(f64),
}

/// What a simulated ladder and its runs are like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// How scores follow compute.
    pub(crate) world: World,
    /// Typical size of models' shocks, in log of the -log score.
    pub(crate) noise: f64,
    /// The run's compute over that of the largest rung.
    pub(crate) times: f64,
    pub(crate) tasks: usize,
}

/// One task's curve.
#[derive(Clone, Copy)]
struct Law {
    world: World,
    /// -log score at the largest rung.
    top: f64,
    floor: f64,
    slope: f64,
    /// Of the shocks.
    spread: f64,
}

impl Law {
    fn draw(world: World, noise: f64, random: &mut Pcg64Mcg) -> Self {
        let mut normal = || -> f64 { StandardNormal.sample(random) };
        let floor = (0.4 + 0.3 * normal()).clamp(0.0, 0.9);
        let slope = (0.25 + 0.15 * normal()).clamp(0.05, 0.8);
        let top = (0.3 + 0.7 * normal()).exp().clamp(0.05, 4.0);
        let spread = noise * (0.6 * normal()).exp();
        Self { world, top, floor, slope, spread }
    }

    /// -log score; `d`: log compute beyond the largest rung.
    fn loss(&self, d: f64) -> f64 {
        match self.world {
            World::PowerLaw => {
                self.top * (self.floor + (1.0 - self.floor) * (-self.slope * d).exp())
            }
            World::Logistic => {
                let middle = ((-self.top).exp() / (1.0 - (-self.top).exp())).ln();
                (1.0 + (-(middle + 2.0 * self.slope * d)).exp()).ln()
            }
        }
    }
}

/// The run of this number on the ladder of this seed: nine rungs and one run, tasks of means over a
/// thousand samples; eight checkpoints each.
///
/// A model's shocks (in log of the -log score) are a first-order process in the log of the share of
/// its training, correlated between tasks. How strongly and how long differs
/// from ladder to ladder.
pub(crate) fn study(setting: Setting, fault: Fault, (seed, number): (u64, u64)) -> Study {
    let Setting { world, noise, times, tasks } = setting;
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let laws: Vec<Law> = (0..tasks).map(|_| Law::draw(world, noise, &mut random)).collect();
    let correlation: f64 = random.random_range(0.0..0.9);
    let length: f64 = random.random_range(0.25_f64.ln()..4.0_f64.ln()).exp();

    let largest = 1e22;
    let sizes: Vec<f64> = (0..RUNGS)
        .map(|rung| largest * 2.4_f64.powi(rung as i32 - (RUNGS as i32 - 1)))
        .chain([largest * times])
        .collect();
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); tasks];
    for (model, &flops) in sizes.iter().enumerate() {
        let fault = if model == RUNGS { fault } else { Fault::None };
        let seed = if model == RUNGS { seed + 1_000_003 * (number + 1) } else { seed };
        if model == RUNGS {
            random = Pcg64Mcg::seed_from_u64(seed);
        }
        let mut shocks = vec![0.0; tasks];
        for look in 1..=LOOKS {
            let share = look as f64 / LOOKS as f64;
            let kept = match look {
                1 => 0.0,
                _ => (-((look as f64) / (look as f64 - 1.0)).ln() / length).exp(),
            };
            let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
            let common = normal();
            for (task, law) in laws.iter().enumerate() {
                let new = correlation.sqrt() * common + (1.0 - correlation).sqrt() * normal();
                shocks[task] = kept * shocks[task] + (1.0_f64 - kept * kept).sqrt() * new;
                let (counts, harm) = effect(fault, task, share);
                let d = (counts * share * flops / largest).ln();
                let loss = law.loss(d) * harm * (law.spread * shocks[task]).exp();
                let score = (-loss).exp().clamp(0.0, 1.0);
                let right = Binomial::new(SAMPLES, score)
                    .unwrap()
                    .sample(&mut random_of(seed, model, look, task));
                runs[task].push(Run {
                    model,
                    checkpoint: Some(1000 * look as i64),
                    outcomes: Vec::new(),
                    task_loss: None,
                    aggregate: Some(Aggregate {
                        outcome: Outcome::Measured(right as f64 / SAMPLES as f64),
                        task_loss: None,
                    }),
                });
            }
        }
    }
    let models = sizes.iter().enumerate().map(|(model, &flops)| named(model, flops)).collect();
    let tasks = runs.into_iter().enumerate().map(|(task, runs)| TaskEvals {
        name: format!("task-{task:02}"),
        chance: None,
        n_samples: Some(SAMPLES),
        samples: Arc::new([]),
        runs,
    });
    Study { name: "simulated".to_owned(), task_loss_unit: None, models, tasks: tasks.collect() }
}

/// Share of the compute that counts, and the factor on the -log score.
fn effect(fault: Fault, task: usize, share: f64) -> (f64, f64) {
    match fault {
        Fault::Compute(counts) => (counts, 1.0),
        Fault::Shard(more) if task == 0 && share > 0.5 => (1.0, 1.0 + more),
        Fault::LearningRate(more) if share > 0.4 => (1.0, 1.0 + more),
        _ => (1.0, 1.0),
    }
}

/// A stream of its own for every draw: a fault changes nothing but what it touches.
fn random_of(seed: u64, model: usize, look: usize, task: usize) -> Pcg64Mcg {
    codcast::stats::generator(seed, (model * 10_000 + look * 100 + task) as u64)
}

fn named(model: usize, flops: f64) -> Model {
    let run = model == RUNGS;
    Model {
        name: if run { "run".to_owned() } else { format!("rung-{model}") },
        family: None,
        role: if run { Role::Target } else { Role::Ladder },
        params: None,
        tokens: None,
        compute: Some(Compute { flops: Flops::new(flops).unwrap(), source: ComputeSource::Given }),
        checkpoint: Some(1000 * LOOKS as i64),
        loss: None,
    }
}
