//! Results of a run that arrive beside the study.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::Result;
use crate::evals::{Outcome, Run, Study, TaskEvals};

/// `study` with the results of its model `name` that `other` holds under the same name added; where
/// both have a checkpoint, `other`'s count. Samples are joined by their ids; tasks that `study` does
/// not have are left out, since no rung answered them.
///
/// Errors when either study has no such model.
pub fn with_results(study: &Study, other: &Study, name: &str) -> Result<Study> {
    let (model, theirs) = (study.model(name)?, other.model(name)?);
    let mut joined = study.clone();
    for task in &mut joined.tasks {
        let Some(source) = other.tasks.iter().find(|source| source.name == task.name) else {
            continue;
        };
        let new: Vec<Run> = source.runs.iter().filter(|run| run.model == theirs).cloned().collect();
        if new.is_empty() {
            continue;
        }
        let ids: BTreeSet<&String> = task.samples.iter().chain(source.samples.iter()).collect();
        let samples: Arc<[String]> = ids.into_iter().cloned().collect();
        let mut runs: Vec<Run> = task
            .runs
            .iter()
            .filter(|run| run.model != model || !new.iter().any(|n| n.checkpoint == run.checkpoint))
            .map(|run| rearranged(run, task, &samples))
            .collect();
        runs.extend(new.iter().map(|run| Run { model, ..rearranged(run, source, &samples) }));
        runs.sort_by_key(|run| (run.model, run.checkpoint));
        task.samples = samples;
        task.runs = runs;
    }
    Ok(joined)
}

/// A run's results in the order of `samples`; missing where its task does not have one.
fn rearranged(run: &Run, task: &TaskEvals, samples: &[String]) -> Run {
    let place: Vec<Option<usize>> =
        samples.iter().map(|id| task.samples.binary_search(id).ok()).collect();
    let losses = run.task_loss.as_ref();
    Run {
        outcomes: place.iter().map(|at| at.map_or(Outcome::Missing, |s| run.outcomes[s])).collect(),
        task_loss: losses.map(|losses| place.iter().map(|at| losses[(*at)?]).collect()),
        ..run.clone()
    }
}
