//! Stage 0: a study becomes a ladder of pass rates.
//!
//! Models are ordered by compute, neighbouring checkpoints are averaged, and samples are joined over
//! the rungs. What leaves this stage is all that an engine ever sees: a [`Ladder`] holds no score of
//! the target.

mod join;
mod smooth;

use std::sync::Arc;

use crate::config::DataConfig;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::evals::{Model, Outcome, Role, Run, Study};
use crate::units::Flops;

/// A dense matrix of pass rates, `[sample][rung]`, each in `[0, 1]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PassRates {
    rungs: usize,
    values: Vec<f64>,
}

impl PassRates {
    /// `values`: row-major `[sample][rung]`; their number must be a multiple of `rungs`.
    pub fn new(rungs: usize, values: Vec<f64>) -> Self {
        assert!(rungs > 0 && values.len().is_multiple_of(rungs), "not a matrix");
        Self { rungs, values }
    }

    /// Number of samples.
    pub fn n_samples(&self) -> usize {
        self.values.len().checked_div(self.rungs).unwrap_or(0)
    }

    /// Number of rungs.
    pub fn n_rungs(&self) -> usize {
        self.rungs
    }

    /// One sample's rates, by increasing compute.
    pub fn sample(&self, sample: usize) -> &[f64] {
        &self.values[sample * self.rungs..(sample + 1) * self.rungs]
    }

    /// All samples, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.rungs.max(1))
    }

    /// Row-major `[sample][rung]`.
    pub fn as_slice(&self) -> &[f64] {
        &self.values
    }

    /// Mean rate of each rung over the chosen samples, `[rung]`. `samples` must not be empty.
    pub fn means_of(&self, samples: &[usize]) -> Vec<f64> {
        let mut sums = vec![0.0; self.rungs];
        for &sample in samples {
            for (sum, rate) in sums.iter_mut().zip(self.sample(sample)) {
                *sum += rate;
            }
        }
        sums.iter().map(|sum| sum / samples.len() as f64).collect()
    }
}

/// One rung of a task's ladder. Everything but the scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Rung {
    /// The model's name.
    pub model: String,
    /// Training compute.
    pub compute: Flops,
    /// Parameters.
    pub params: Option<f64>,
    /// Training tokens.
    pub tokens: Option<f64>,
    /// Training or validation loss, nats per token.
    pub loss: Option<f64>,
    /// Mean loss on the task's right answers, in the study's unit.
    pub task_loss: Option<f64>,
}

/// A finished model of another family that answered the same samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Anchor {
    /// Its name.
    pub model: String,
    /// Training compute, if known.
    pub compute: Option<Flops>,
    /// `[sample]` pass rates on the ladder's samples; empty for aggregates.
    pub rates: Vec<f64>,
    /// Mean score over the same samples.
    pub mean: f64,
}

/// Samples that an aggregate is taken to average where their number is not known.
pub(crate) const UNKNOWN_SAMPLES: f64 = 1000.0;

/// One task as the rungs answered it.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskLadder {
    /// The task's name.
    pub task: String,
    /// Score of guessing, in `[0, 1)`, if known.
    pub chance: Option<f64>,
    /// By increasing compute; only models that have the task.
    pub rungs: Vec<Rung>,
    /// `[rung]` mean score over the common samples, or the aggregate.
    pub means: Vec<f64>,
    /// Ids of the common samples, sorted; empty for aggregates.
    pub samples: Vec<Arc<str>>,
    /// How many samples the mean averages, if known; of an aggregate whose study does not say, its fewest
    /// counted answers.
    pub n_samples: Option<u64>,
    /// `[sample][rung]`; no rows for aggregates.
    pub rates: PassRates,
    /// `[sample][rung]`, generations behind each rate, smoothing included; `None` where scores are
    /// measured without counted trials, and for aggregates.
    pub trials: Option<Vec<u32>>,
    /// Anchors that answered all common samples, by name.
    pub anchors: Vec<Anchor>,
    /// What the joining found.
    pub diagnostics: Vec<Diagnostic>,
}

impl TaskLadder {
    /// Whether there are per-sample results.
    pub fn has_samples(&self) -> bool {
        !self.samples.is_empty()
    }

    /// Why there is no rung.
    pub fn absence(&self) -> Diagnostic {
        let disjoint = |d: &&Diagnostic| matches!(d, Diagnostic::NoCommonSamples { .. });
        self.diagnostics.iter().find(disjoint).cloned().unwrap_or(Diagnostic::NoScores)
    }

    /// `[rung]` compute.
    pub fn compute(&self) -> Vec<Flops> {
        self.rungs.iter().map(|rung| rung.compute).collect()
    }
}

/// All tasks as the rungs answered them: what an engine sees.
#[derive(Clone, Debug, PartialEq)]
pub struct Ladder {
    /// In the study's order of tasks.
    pub tasks: Vec<TaskLadder>,
}

/// The anchors of a study, where the settings allow them.
pub fn anchors_of(study: &Study, config: &DataConfig) -> Vec<usize> {
    study.with_role(Role::Anchor).filter(|_| config.anchors).collect()
}

/// What is to be forecast: a model's size, never its scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its name, if it is in the study.
    pub model: Option<String>,
    /// Training compute.
    pub compute: Flops,
    /// Parameters, if known.
    pub params: Option<f64>,
    /// Training tokens, if known.
    pub tokens: Option<f64>,
}

impl Target {
    /// A model of the study as a target. Errors when its compute is not known.
    pub fn of(model: &Model) -> Result<Self> {
        Ok(Self {
            model: Some(model.name.clone()),
            compute: model.flops()?,
            params: model.params,
            tokens: model.tokens,
        })
    }
}

impl Ladder {
    /// Joins the rungs' results. `rungs`, `anchors`: indices into [`Study::models`].
    ///
    /// Errors when a rung has no compute, two have the same, or there are fewer than two.
    pub fn build(
        study: &Study,
        rungs: &[usize],
        anchors: &[usize],
        config: &DataConfig,
    ) -> Result<Self> {
        let rungs = ordered(study, rungs)?;
        let tasks = study
            .tasks
            .iter()
            .map(|task| join::join(study, task, &rungs, anchors, config))
            .collect();
        Ok(Self { tasks })
    }
}

/// Rungs by increasing compute.
fn ordered(study: &Study, rungs: &[usize]) -> Result<Vec<(usize, Flops)>> {
    let mut ordered = rungs
        .iter()
        .map(|&model| Ok((model, study.models[model].flops()?)))
        .collect::<Result<Vec<_>>>()?;
    ordered.sort_by(|a, b| a.1.get().total_cmp(&b.1.get()).then(a.0.cmp(&b.0)));
    match ordered[..] {
        [] => return Err(Error::NoLadder),
        [(only, _)] => return Err(Error::OneRung { model: study.models[only].name.clone() }),
        _ => {}
    }
    for pair in ordered.windows(2) {
        if pair[0].1 == pair[1].1 {
            return Err(Error::EqualCompute {
                first: study.models[pair[0].0].name.clone(),
                second: study.models[pair[1].0].name.clone(),
                flops: pair[0].1,
            });
        }
    }
    Ok(ordered)
}

/// A model's own score on a ladder's samples, at the checkpoint that stands for it, unsmoothed.
/// Used after a forecast is final, to score it.
pub fn actual(study: &Study, model: usize, ladder: &TaskLadder) -> Option<(f64, Vec<Diagnostic>)> {
    let run = own_run(study, model, &ladder.task)?;
    if !ladder.has_samples() {
        return Some((run.aggregate?.outcome.rate()?, Vec::new()));
    }
    let outcomes = own_outcomes(study, model, ladder);
    let rates: Vec<f64> = outcomes.iter().filter_map(|outcome| outcome.rate()).collect();
    let diagnostics = if rates.len() < ladder.samples.len() {
        vec![Diagnostic::ActualPartial { shared: rates.len(), of: ladder.samples.len() }]
    } else {
        Vec::new()
    };
    (!rates.is_empty()).then(|| (rates.iter().sum::<f64>() / rates.len() as f64, diagnostics))
}

/// `[sample]` what [`actual`] averages, in the ladder's order of samples; empty without a run.
pub(crate) fn own_outcomes(study: &Study, model: usize, ladder: &TaskLadder) -> Vec<Outcome> {
    let Ok(task) = study.task(&ladder.task) else { return Vec::new() };
    let Some(run) = own_run(study, model, &ladder.task) else { return Vec::new() };
    let samples = &study.tasks[task].samples;
    let place = |id: &Arc<str>| samples.binary_search_by(|s| s.as_str().cmp(id)).ok();
    let outcome = |id| place(id).map_or(Outcome::Missing, |sample| run.outcomes[sample]);
    ladder.samples.iter().map(outcome).collect()
}

/// The run at the checkpoint that stands for the model.
fn own_run<'a>(study: &'a Study, model: usize, task: &str) -> Option<&'a Run> {
    let task = study.tasks.iter().find(|other| other.name == task)?;
    let runs: Vec<&Run> = task.runs.iter().filter(|run| run.model == model).collect();
    Some(runs[smooth::chosen_run(&runs, study.models[model].checkpoint)?])
}
