//! Neighbouring checkpoints averaged, sample by sample.

use crate::config::DataConfig;
use crate::evals::{Outcome, Run, Study, TaskEvals};

/// One model's answers on a task after smoothing.
pub(super) struct Answers {
    /// `[sample]`
    pub(super) outcomes: Vec<Outcome>,
    /// `[sample]`, where the data have them.
    pub(super) losses: Option<Vec<Option<f64>>>,
    /// The mean score of the row without samples.
    pub(super) aggregate: Option<f64>,
    /// Its answers, where they are counted.
    pub(super) aggregate_trials: Option<u32>,
    /// The loss of that row.
    pub(super) aggregate_loss: Option<f64>,
}

/// The checkpoint that stands for the model and its neighbours, averaged sample by sample.
///
/// Neighbours come in pairs, one before and one after: a one-sided mean would move the model to
/// another compute. A pair counts when both numbers are within [`DataConfig::smoothing_reach`] of the
/// chosen one's: far ones are other models, not other draws of the same. Counted trials are pooled,
/// so the weights are the trials. A sample the chosen checkpoint never answered stays missing.
pub(super) fn smoothed(
    study: &Study,
    task: &TaskEvals,
    model: usize,
    config: &DataConfig,
) -> Option<Answers> {
    let runs: Vec<&Run> = task.runs.iter().filter(|run| run.model == model).collect();
    let chosen = chosen_run(&runs, study.models[model].checkpoint)?;
    let near = |run: &Run| match (run.checkpoint, runs[chosen].checkpoint) {
        (Some(a), Some(b)) => {
            a.abs_diff(b) as f64 <= config.smoothing_reach * b.unsigned_abs() as f64
        }
        _ => false,
    };
    let pairs = (1..=config.neighbours).map_while(|step| {
        let (before, after) = (chosen.checked_sub(step)?, chosen + step);
        let pair = [*runs.get(before)?, *runs.get(after)?];
        pair.iter().all(|run| near(run)).then_some(pair)
    });
    let window: Vec<&Run> = std::iter::once(runs[chosen]).chain(pairs.flatten()).collect();

    let outcomes = (0..task.samples.len())
        .map(|sample| match runs[chosen].outcomes[sample] {
            Outcome::Missing => Outcome::Missing,
            _ => pooled(window.iter().map(|run| run.outcomes[sample])),
        })
        .collect();
    let losses = window.iter().any(|run| run.task_loss.is_some()).then(|| {
        let of = |sample: usize| {
            let all = window.iter().filter_map(|run| run.task_loss.as_ref());
            mean(all.filter_map(|losses| losses[sample]))
        };
        (0..task.samples.len()).map(of).collect()
    });
    let aggregates = || window.iter().filter_map(|run| run.aggregate);
    let aggregate = pooled(aggregates().map(|aggregate| aggregate.outcome));
    Some(Answers {
        outcomes,
        losses,
        aggregate: aggregate.rate(),
        aggregate_trials: aggregate.trials(),
        aggregate_loss: mean(aggregates().filter_map(|aggregate| aggregate.task_loss)),
    })
}

/// `None` of nothing.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0_u32, 0.0), |(n, sum), value| (n + 1, sum + value));
    (n > 0).then(|| sum / f64::from(n))
}

/// The run at the named checkpoint, or the last one.
pub(super) fn chosen_run(runs: &[&Run], checkpoint: Option<i64>) -> Option<usize> {
    match checkpoint {
        Some(wanted) if runs.iter().any(|run| run.checkpoint.is_some()) => {
            runs.iter().position(|run| run.checkpoint == Some(wanted))
        }
        _ => runs.len().checked_sub(1),
    }
}

/// Trials add up; measured scores are averaged; missing ones do not count.
fn pooled(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let (mut trials, mut correct, mut sum, mut measured) = (0_u32, 0.0, 0.0, 0_u32);
    for outcome in outcomes {
        match outcome {
            Outcome::Missing => {}
            Outcome::Counted { trials: n, correct: k } => {
                trials = trials.saturating_add(n);
                correct += k;
            }
            Outcome::Measured(score) => {
                sum += score;
                measured += 1;
            }
        }
    }
    match (trials, measured) {
        (0, 0) => Outcome::Missing,
        (0, n) => Outcome::Measured(sum / f64::from(n)),
        (n, 0) => Outcome::Counted { trials: n, correct },
        // Counted and measured scores of one sample: the measured ones count as one trial each.
        (n, m) => Outcome::Measured((correct + sum) / f64::from(n + m)),
    }
}
