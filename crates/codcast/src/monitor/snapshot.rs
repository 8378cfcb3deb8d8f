//! The study as it stood at one share of training: every model at its checkpoint of that share.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::evals::{Aggregate, Compute, Outcome, Run, Study, TaskEvals};
use crate::units::Flops;

/// Two shares of training within this much of each other, in natural log, are the same.
const SAME: f64 = 0.1;
/// A rung's score between two of its checkpoints is interpolated where they are at most this far
/// apart, in natural log: a factor of four.
const BRIDGED: f64 = 1.39;

/// Checkpoints of one model as shares of its training.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Course {
    /// Index into [`Study::models`].
    pub(super) model: usize,
    /// `(checkpoint, share)`, increasing; one without a number, at share 1, where the data have none.
    pub(super) stops: Vec<(Option<i64>, f64)>,
}

impl Course {
    /// `last`: the checkpoint at which training ends. Checkpoints before the start are no part of it.
    pub(super) fn of(study: &Study, model: usize, last: Option<i64>) -> Self {
        let found: BTreeSet<Option<i64>> = study
            .tasks
            .iter()
            .flat_map(|task| &task.runs)
            .filter(|run| run.model == model)
            .map(|run| run.checkpoint)
            .collect();
        let numbers: Vec<i64> = found.iter().copied().flatten().filter(|&c| c > 0).collect();
        let last = last.or_else(|| numbers.last().copied());
        let stops = match last {
            Some(last) if !numbers.is_empty() => {
                numbers.iter().map(|&c| (Some(c), c as f64 / last as f64)).collect()
            }
            _ if found.contains(&None) => vec![(None, 1.0)],
            _ => Vec::new(),
        };
        Self { model, stops }
    }

    /// The checkpoint nearest the end alone.
    pub(super) fn finished(mut self) -> Self {
        let distance = |stop: &(Option<i64>, f64)| stop.1.ln().abs();
        self.stops.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        self.stops.truncate(1);
        self
    }

    /// Whether the checkpoints have numbers.
    pub(super) fn is_numbered(&self) -> bool {
        self.stops.iter().any(|(checkpoint, _)| checkpoint.is_some())
    }

    /// What stands for this share, if anything does.
    fn pick(&self, share: f64) -> Option<Pick> {
        let distance = |stop: &(Option<i64>, f64)| (stop.1 / share).ln();
        let nearest =
            self.stops.iter().min_by(|a, b| distance(a).abs().total_cmp(&distance(b).abs()))?;
        if distance(nearest).abs() <= SAME {
            return Some(Pick { from: nearest.0, to: nearest.0, weight: 0.0, share: nearest.1 });
        }
        let after = self.stops.iter().position(|stop| stop.1 > share)?;
        let (before, after) = (self.stops[after.checked_sub(1)?], self.stops[after]);
        let span = (after.1 / before.1).ln();
        let weight = (share / before.1).ln() / span;
        (span <= BRIDGED).then_some(Pick { from: before.0, to: after.0, weight, share })
    }
}

/// One checkpoint, or a place between two.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pick {
    from: Option<i64>,
    to: Option<i64>,
    /// Of `to`, in [0, 1); linear in the log of the share.
    weight: f64,
    /// The share that it stands for.
    share: f64,
}

/// The study with the given models alone, each at the given share of its training, and the models
/// found there. Compute and tokens are those spent until then.
///
/// Losses in `study.toml` are those of finished models and are left out.
pub(super) fn at_share(study: &Study, courses: &[&Course], share: f64) -> (Study, Vec<usize>) {
    let picks: Vec<(usize, Pick)> =
        courses.iter().filter_map(|course| Some((course.model, course.pick(share)?))).collect();
    snapshot(study, &picks)
}

/// The study with one model alone, at one of its stops.
pub(super) fn at_stop(study: &Study, course: &Course, stop: (Option<i64>, f64)) -> Study {
    let pick = Pick { from: stop.0, to: stop.0, weight: 0.0, share: stop.1 };
    snapshot(study, &[(course.model, pick)]).0
}

/// The study without the samples that the model at its stop (in `alone`) did not answer: what it scored
/// is then compared on the same samples. Tasks on which it answered none keep theirs.
pub(super) fn answered(mut study: Study, alone: &Study) -> Study {
    for (task, own) in study.tasks.iter_mut().zip(&alone.tasks) {
        let Some(run) = own.runs.first() else { continue };
        let known = |sample: usize| run.outcomes[sample] != Outcome::Missing;
        let kept: Vec<usize> = (0..task.samples.len()).filter(|&sample| known(sample)).collect();
        if kept.is_empty() || kept.len() == task.samples.len() {
            continue;
        }
        task.samples = kept.iter().map(|&sample| task.samples[sample].clone()).collect();
        for run in &mut task.runs {
            run.outcomes = kept.iter().map(|&sample| run.outcomes[sample]).collect();
            if let Some(losses) = &mut run.task_loss {
                *losses = kept.iter().map(|&sample| losses[sample]).collect();
            }
        }
    }
    study
}

fn snapshot(study: &Study, picks: &[(usize, Pick)]) -> (Study, Vec<usize>) {
    let tasks = study.tasks.iter().map(|task| {
        let runs = picks.iter().filter_map(|&(model, pick)| run_at(task, model, pick));
        let mut runs: Vec<Run> = runs.collect();
        runs.sort_by_key(|run| run.model);
        TaskEvals { name: task.name.clone(), samples: Arc::clone(&task.samples), runs, ..*task }
    });
    let mut snapshot = Study {
        name: study.name.clone(),
        task_loss_unit: study.task_loss_unit.clone(),
        models: study.models.clone(),
        tasks: tasks.collect(),
    };
    for &(index, pick) in picks {
        let model = &mut snapshot.models[index];
        model.checkpoint = None;
        model.loss = None;
        model.tokens = model.tokens.map(|tokens| tokens * pick.share);
        model.compute = model.compute.and_then(|compute| {
            let flops = Flops::new(compute.flops.get() * pick.share).ok()?;
            Some(Compute { flops, source: compute.source })
        });
    }
    let present = |model: &usize| {
        snapshot.tasks.iter().any(|task| task.runs.iter().any(|run| run.model == *model))
    };
    let present = picks.iter().map(|&(model, _)| model).filter(present).collect();
    (snapshot, present)
}

/// A model's results on a task where the pick says; `None` where a checkpoint has none.
fn run_at(task: &TaskEvals, model: usize, pick: Pick) -> Option<Run> {
    let at = |checkpoint: Option<i64>| {
        task.runs.iter().find(|run| run.model == model && run.checkpoint == checkpoint)
    };
    let (from, to) = (at(pick.from)?, at(pick.to)?);
    if pick.from == pick.to {
        return Some(Run { checkpoint: None, ..from.clone() });
    }
    let pairs = from.outcomes.iter().zip(&to.outcomes);
    let aggregate = from.aggregate.zip(to.aggregate).map(|(from, to)| Aggregate {
        outcome: blend(from.outcome, to.outcome, pick.weight),
        task_loss: None,
    });
    Some(Run {
        model,
        checkpoint: None,
        outcomes: pairs.map(|(&from, &to)| blend(from, to, pick.weight)).collect(),
        task_loss: None,
        aggregate,
    })
}

/// `(1 - w) from + w to`. Trials are those of a rate as certain as the blend's.
fn blend(from: Outcome, to: Outcome, w: f64) -> Outcome {
    let Some(rate) = from.rate().zip(to.rate()).map(|(a, b)| (1.0 - w) * a + w * b) else {
        return Outcome::Missing;
    };
    match (from.trials(), to.trials()) {
        (Some(a), Some(b)) => {
            let variance = (1.0 - w).powi(2) / f64::from(a) + w * w / f64::from(b);
            let trials = ((1.0 / variance).round() as u32).max(1);
            Outcome::Counted { trials, correct: rate * f64::from(trials) }
        }
        _ => Outcome::Measured(rate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_met_by_the_nearest_checkpoint_or_between_two() {
        let stops = [(10, 0.1), (30, 0.3), (100, 1.0)];
        let course =
            Course { model: 0, stops: stops.iter().map(|&(c, share)| (Some(c), share)).collect() };
        let near = course.pick(0.31).unwrap();
        assert_eq!((near.from, near.to, near.share), (Some(30), Some(30), 0.3));
        let between = course.pick(0.3_f64.sqrt()).unwrap();
        assert_eq!((between.from, between.to), (Some(30), Some(100)));
        assert!((between.weight - 0.5).abs() < 1e-12 && between.share == 0.3_f64.sqrt());
        assert_eq!(course.pick(0.05), None, "before the first checkpoint");
        assert_eq!(course.pick(1.5), None, "after the last");
    }

    #[test]
    fn a_blend_is_as_certain_as_its_parts_together() {
        let counted = |correct| Outcome::Counted { trials: 100, correct };
        let middle = blend(counted(20.0), counted(40.0), 0.5);
        let Outcome::Counted { trials: 200, correct } = middle else { panic!("{middle:?}") };
        assert!((correct - 60.0).abs() < 1e-9, "{correct}");
        assert_eq!(blend(counted(1.0), Outcome::Missing, 0.5), Outcome::Missing);
        assert_eq!(blend(counted(50.0), Outcome::Measured(1.0), 0.5), Outcome::Measured(0.75));
    }
}
