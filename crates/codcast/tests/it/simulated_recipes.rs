//! Pairs of simulated ladders, two recipes evaluated on the same samples, and how each scores at the
//! target.

#![allow(clippy::cast_possible_wrap, clippy::unwrap_used)]

use std::sync::Arc;

use codcast::Flops;
use codcast::evals::{Compute, ComputeSource, Model, Outcome, Role, Run, Study, TaskEvals};
use codcast::passrate::Target;
use rand::SeedableRng;
use rand_distr::{Binomial, Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;

/// Rungs, each with 2.5 times the compute of the one before.
const RUNGS: usize = 7;
/// The target's compute over that of the largest rung.
const TIMES: f64 = 10.0;
const LARGEST: f64 = 1e22;

/// How large a pair is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) tasks: usize,
    pub(crate) samples: usize,
    pub(crate) trials: u32,
}

/// Two recipes.
pub(crate) struct Pair {
    pub(crate) studies: [Study; 2],
    pub(crate) target: Target,
    /// `[recipe][task]` what the target of each scored, on the same samples.
    pub(crate) scores: [Vec<f64>; 2],
}

/// Draws a pair. A task has a law `-ln p = exp(e + z) (f + (1 - f) C^-al)`; its samples' difficulties `z`
/// are shared by the recipes but for a little of their own. Recipes differ in `e` and `al`, every model
/// in a shock common to its tasks and one of each task.
pub(crate) fn pair(size: Size, seed: u64) -> Pair {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
    let spread = (0.06_f64.ln() + 0.5 * normal()).exp();
    let mut runs: [Vec<Vec<Run>>; 2] = [vec![Vec::new(); size.tasks], vec![Vec::new(); size.tasks]];
    let mut scores = [vec![0.0; size.tasks], vec![0.0; size.tasks]];
    // [recipe][model]
    let common: [Vec<f64>; 2] = [0, 1].map(|_| (0..=RUNGS).map(|_| normal()).collect());
    // A recipe may be better everywhere, and more so at some tasks.
    let better: [f64; 2] = [0, 1].map(|_| 0.1 * normal());
    for task in 0..size.tasks {
        let floor = (0.4 + 0.3 * normal()).clamp(0.0, 0.9);
        let slope = (0.25 + 0.15 * normal()).clamp(0.05, 0.8);
        let top = 0.3 + 0.6 * normal();
        let difficulty: Vec<f64> = (0..size.samples).map(|_| 0.8 * normal()).collect();
        for recipe in 0..2 {
            let own_top = top + better[recipe] + 0.1 * normal();
            let own_slope = (slope + 0.04 * normal()).max(0.02);
            let own: Vec<f64> = difficulty.iter().map(|z| z + 0.2 * normal()).collect();
            for model in 0..=RUNGS {
                let shock = spread * (0.7 * common[recipe][model] + 0.7 * normal());
                let d = (compute(model) / LARGEST).ln();
                let bridge = floor + (1.0 - floor) * (-own_slope * d).exp();
                let mut draws =
                    codcast::stats::generator(seed, ((task * 2 + recipe) * 100 + model) as u64);
                let outcomes: Vec<Outcome> = own
                    .iter()
                    .map(|z| {
                        let rate = (-(own_top + z + shock).exp() * bridge).exp().clamp(0.0, 1.0);
                        let law = Binomial::new(u64::from(size.trials), rate).unwrap();
                        let correct = law.sample(&mut draws) as f64;
                        Outcome::Counted { trials: size.trials, correct }
                    })
                    .collect();
                if model == RUNGS {
                    let rates = outcomes.iter().filter_map(|outcome| outcome.rate());
                    scores[recipe][task] = rates.sum::<f64>() / size.samples as f64;
                } else {
                    runs[recipe][task].push(Run {
                        model,
                        checkpoint: None,
                        outcomes,
                        task_loss: None,
                        aggregate: None,
                    });
                }
            }
        }
    }
    let ids: Arc<[String]> = (0..size.samples).map(|sample| format!("s{sample:05}")).collect();
    let mut name = ["A", "B"].into_iter();
    let studies = runs.map(|runs| Study {
        name: name.next().unwrap_or_default().to_owned(),
        task_loss_unit: None,
        models: (0..RUNGS).map(rung).collect(),
        tasks: runs
            .into_iter()
            .enumerate()
            .map(|(task, runs)| TaskEvals {
                name: format!("task-{task}"),
                chance: None,
                n_samples: None,
                samples: Arc::clone(&ids),
                runs,
            })
            .collect(),
    });
    let compute = Flops::new(compute(RUNGS)).unwrap();
    let target = Target { model: None, compute, params: None, tokens: None };
    Pair { studies, target, scores }
}

fn compute(model: usize) -> f64 {
    if model == RUNGS {
        LARGEST * TIMES
    } else {
        LARGEST * 2.5_f64.powi(model as i32 - (RUNGS as i32 - 1))
    }
}

fn rung(model: usize) -> Model {
    let flops = Flops::new(compute(model)).unwrap();
    Model {
        name: format!("rung-{model}"),
        family: None,
        role: Role::Ladder,
        params: None,
        tokens: None,
        compute: Some(Compute { flops, source: ComputeSource::Given }),
        checkpoint: None,
        loss: None,
    }
}
