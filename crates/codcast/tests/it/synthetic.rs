//! Ladders with known curves.

use std::sync::Arc;

use codcast::Flops;
use codcast::evals::{
    Aggregate, Compute, ComputeSource, Model, Outcome, Role, Run, Study, TaskEvals,
};
use codcast::passrate::{Ladder, PassRates, Rung, Target, TaskLadder};

/// Sizes of eight rungs, `(params, tokens)`; N and D vary apart.
pub(crate) const SIZES: [(f64, f64); 8] = [
    (1e8, 2e9),
    (1e8, 1e10),
    (2e8, 8e9),
    (2e8, 2e10),
    (5e8, 1e10),
    (4e8, 4e10),
    (1e9, 2.5e10),
    (1.2e9, 8e10),
];

/// 7B parameters, 2T tokens.
pub(crate) const BIG: (f64, f64) = (7e9, 2e12);

pub(crate) fn compute((params, tokens): (f64, f64)) -> Flops {
    Flops::new(6.0 * params * tokens).unwrap()
}

pub(crate) fn target(size: (f64, f64)) -> Target {
    Target { model: None, compute: compute(size), params: Some(size.0), tokens: Some(size.1) }
}

/// An aggregate task: mean scores and task losses of rungs of these sizes.
pub(crate) fn aggregate(
    sizes: &[(f64, f64)],
    chance: Option<f64>,
    score: impl Fn((f64, f64)) -> f64,
    task_loss: impl Fn((f64, f64)) -> f64,
) -> TaskLadder {
    let rungs = sizes
        .iter()
        .enumerate()
        .map(|(i, &size)| Rung {
            model: format!("rung-{i}"),
            compute: compute(size),
            params: Some(size.0),
            tokens: Some(size.1),
            loss: Some(task_loss(size)),
            task_loss: Some(task_loss(size)),
        })
        .collect();
    TaskLadder {
        task: "synthetic".to_owned(),
        chance,
        rungs,
        means: sizes.iter().map(|&size| score(size)).collect(),
        samples: Vec::new(),
        n_samples: None,
        rates: PassRates::default(),
        trials: None,
        anchors: Vec::new(),
        diagnostics: Vec::new(),
    }
}

/// A task with samples: `rate(sample, size)`, each counted over `trials` generations.
pub(crate) fn sampled(
    sizes: &[(f64, f64)],
    chance: Option<f64>,
    samples: usize,
    trials: u32,
    rate: impl Fn(usize, (f64, f64)) -> f64,
) -> TaskLadder {
    let values: Vec<f64> = (0..samples)
        .flat_map(|s| sizes.iter().map(move |&size| (s, size)))
        .map(|(s, size)| rate(s, size))
        .collect();
    let rates = PassRates::new(sizes.len(), values);
    let everything: Vec<usize> = (0..samples).collect();
    let means = rates.means_of(&everything);
    TaskLadder {
        means,
        samples: everything.iter().map(|s| Arc::from(format!("sample-{s:04}"))).collect(),
        n_samples: Some(samples as u64),
        trials: Some(vec![trials; samples * sizes.len()]),
        rates,
        ..aggregate(sizes, chance, |_| 0.5, |_| 2.0)
    }
}

pub(crate) fn ladder(task: TaskLadder) -> Ladder {
    Ladder { tasks: vec![task] }
}

/// A study of nine ladder models, a target and two anchors: `easy` (50 samples, 20 trials), `greedy`
/// (50 samples, 1 trial, no chance given) and `aggregate` (no samples, chance 0.25).
pub(crate) fn study() -> Study {
    let mut sizes: Vec<(f64, f64)> = SIZES.to_vec();
    sizes.extend([(3e9, 3e11), BIG, (8e9, 1.5e12), (6.5e9, 1e12)]);
    let role = |i: usize| match i {
        0..=8 => Role::Ladder,
        9 => Role::Target,
        _ => Role::Anchor,
    };
    let models = sizes
        .iter()
        .enumerate()
        .map(|(i, &size)| Model {
            name: format!("model-{i:02}"),
            family: None,
            role: role(i),
            params: Some(size.0),
            tokens: Some(size.1),
            compute: Some(Compute { flops: compute(size), source: ComputeSource::SixNd }),
            checkpoint: None,
            loss: Some(task_loss(size)),
        })
        .collect();
    let samples: Arc<[String]> = (0..50).map(|s| format!("s{s:02}")).collect();
    // A fixed scramble in place of noise.
    let scramble = |i: usize, s: usize| ((i * 7919 + s * 104_729 + 13) % 1000) as f64 / 1000.0;
    let rate = |s: usize, size| {
        (-((s as f64 + 5.0) * 0.02) * (compute(size).in_paper_units() / 100.0).powf(-0.25)).exp()
    };
    let runs = |outcomes: &dyn Fn(usize) -> (Vec<Outcome>, Option<Aggregate>)| {
        (0..sizes.len())
            .map(|model| {
                let (outcomes, aggregate) = outcomes(model);
                Run { model, checkpoint: None, outcomes, task_loss: None, aggregate }
            })
            .collect()
    };
    let counted = |trials: u32| {
        move |i: usize| {
            let outcomes = (0..50)
                .map(|s| {
                    let wanted = rate(s, sizes_of(i)) * f64::from(trials) + scramble(i, s);
                    Outcome::Counted { trials, correct: wanted.floor().min(f64::from(trials)) }
                })
                .collect();
            (outcomes, None)
        }
    };
    let aggregates = |i: usize| {
        let score = 0.25 + 0.75 * rate(20, sizes_of(i)) + 0.02 * (scramble(i, 3) - 0.5);
        let loss = task_loss(sizes_of(i)) * (1.0 + 0.01 * (scramble(i, 4) - 0.5));
        (Vec::new(), Some(Aggregate { outcome: Outcome::Measured(score), task_loss: Some(loss) }))
    };
    let task = |name: &str, chance, n_samples, samples: Arc<[String]>, runs| TaskEvals {
        name: name.to_owned(),
        chance,
        n_samples,
        samples,
        runs,
    };
    Study {
        name: "synthetic".to_owned(),
        task_loss_unit: None,
        models,
        tasks: vec![
            task("aggregate", Some(0.25), Some(1000), Arc::from([]), runs(&aggregates)),
            task("easy", Some(0.0), None, samples.clone(), runs(&counted(20))),
            task("greedy", None, None, samples, runs(&counted(1))),
        ],
    }
}

fn sizes_of(model: usize) -> (f64, f64) {
    match model {
        0..=7 => SIZES[model],
        8 => (3e9, 3e11),
        9 => BIG,
        10 => (8e9, 1.5e12),
        _ => (6.5e9, 1e12),
    }
}

/// A plausible loss.
pub(crate) fn task_loss((params, tokens): (f64, f64)) -> f64 {
    0.5 + 40.0 * params.powf(-0.25) + 60.0 * tokens.powf(-0.22)
}
