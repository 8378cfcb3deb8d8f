//! Small studies written out by hand.

use std::sync::Arc;

use codcast::Flops;
use codcast::evals::{Compute, ComputeSource, Model, Outcome, Role, Run, Study, TaskEvals};

/// A model with compute in FLOPs.
pub(crate) fn model(name: &str, role: Role, flops: f64) -> Model {
    Model {
        name: name.to_owned(),
        family: None,
        role,
        params: None,
        tokens: None,
        compute: Some(Compute { flops: Flops::new(flops).unwrap(), source: ComputeSource::Given }),
        checkpoint: None,
        loss: None,
    }
}

/// `k` of `n` generations right.
pub(crate) fn counted(correct: u32, trials: u32) -> Outcome {
    Outcome::Counted { trials, correct: f64::from(correct) }
}

/// A run without checkpoint.
pub(crate) fn run(model: usize, outcomes: Vec<Outcome>) -> Run {
    Run { model, checkpoint: None, outcomes, task_loss: None, aggregate: None }
}

/// One task whose samples are named `s0`, `s1`, ...
pub(crate) fn task(name: &str, runs: Vec<Run>) -> TaskEvals {
    let n = runs.iter().map(|run| run.outcomes.len()).max().unwrap_or(0);
    let samples: Arc<[String]> = (0..n).map(|sample| format!("s{sample}")).collect();
    TaskEvals { name: name.to_owned(), chance: None, n_samples: None, samples, runs }
}

/// A study of these parts.
pub(crate) fn study(models: Vec<Model>, tasks: Vec<TaskEvals>) -> Study {
    Study { name: "by-hand".to_owned(), task_loss_unit: None, models, tasks }
}
