//! Stage 0: a study becomes a ladder of pass rates.
//!
//! Models are ordered by compute, neighbouring checkpoints are averaged, and samples are joined over
//! the rungs. What leaves this stage is all that an engine ever sees: a [`Ladder`] holds no score of
//! the target.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::DataConfig;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::evals::{Model, Outcome, Run, Study, TaskEvals};
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
    /// How many samples the mean averages, if known.
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
        let tasks =
            study.tasks.iter().map(|task| join(study, task, &rungs, anchors, config)).collect();
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

/// One model's answers on a task after smoothing.
pub(crate) struct Answers {
    /// `[sample]`
    outcomes: Vec<Outcome>,
    aggregate: Option<f64>,
    task_loss: Option<f64>,
}

/// The checkpoint that stands for the model and its neighbours, averaged sample by sample.
///
/// Neighbours come in pairs, one before and one after: a one-sided mean would move the model to
/// another compute. A pair counts when both numbers are within [`DataConfig::smoothing_reach`] of the
/// chosen one's: far ones are other models, not other draws of the same. Counted trials are pooled,
/// so the weights are the trials. A sample the chosen checkpoint never answered stays missing.
fn smoothed(study: &Study, task: &TaskEvals, model: usize, config: &DataConfig) -> Option<Answers> {
    let runs: Vec<&Run> = task.runs.iter().filter(|run| run.model == model).collect();
    let chosen = chosen_run(&runs, study.models[model].checkpoint)?;
    let near = |run: &Run| match (run.checkpoint, runs[chosen].checkpoint) {
        (Some(a), Some(b)) => a.abs_diff(b) as f64 <= config.smoothing_reach * b.abs() as f64,
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
    let mean = |values: Vec<f64>| {
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let aggregates = || window.iter().filter_map(|run| run.aggregate);
    let own_losses =
        window.iter().filter_map(|run| run.task_loss.as_ref()).flatten().flatten().copied();
    Some(Answers {
        outcomes,
        aggregate: mean(aggregates().filter_map(|a| a.outcome.rate()).collect()),
        task_loss: mean(aggregates().filter_map(|a| a.task_loss).collect())
            .or_else(|| mean(own_losses.collect())),
    })
}

/// The run at the named checkpoint, or the last one.
fn chosen_run(runs: &[&Run], checkpoint: Option<i64>) -> Option<usize> {
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

/// One task's ladder: the samples every rung answered, or the aggregates where there are none.
fn join(
    study: &Study,
    task: &TaskEvals,
    rungs: &[(usize, Flops)],
    anchors: &[usize],
    config: &DataConfig,
) -> TaskLadder {
    let present: Vec<(usize, Flops, Answers)> = rungs
        .iter()
        .filter_map(|&(m, flops)| smoothed(study, task, m, config).map(|a| (m, flops, a)))
        .filter(|(_, _, a)| {
            a.aggregate.is_some() || a.outcomes.iter().any(|o| *o != Outcome::Missing)
        })
        .collect();
    let mut diagnostics: Vec<Diagnostic> = rungs
        .iter()
        .filter(|(m, _)| !present.iter().any(|(p, _, _)| p == m))
        .map(|&(m, _)| Diagnostic::RungAbsent { model: study.models[m].name.clone() })
        .collect();
    if present.is_empty() {
        diagnostics.clear();
        diagnostics.push(Diagnostic::NoScores);
    }
    let common = common_samples(study, task, &present, &mut diagnostics);
    let columns: Vec<&Answers> = present.iter().map(|(_, _, answers)| answers).collect();

    let (rates, trials) = matrix(&common, &columns);
    let means: Vec<f64> = if common.is_empty() {
        columns.iter().map(|a| a.aggregate.unwrap_or(f64::NAN)).collect()
    } else {
        rates.means_of(&(0..common.len()).collect::<Vec<_>>())
    };
    // A rung without samples has no place among rungs with samples, and the reverse.
    let kept: Vec<bool> = means.iter().map(|mean| mean.is_finite()).collect();
    let rungs = present
        .iter()
        .zip(&kept)
        .filter(|(_, kept)| **kept)
        .map(|((model, compute, answers), _)| {
            let m = &study.models[*model];
            Rung {
                model: m.name.clone(),
                compute: *compute,
                params: m.params,
                tokens: m.tokens,
                loss: m.loss,
                task_loss: answers.task_loss,
            }
        })
        .collect();
    let means: Vec<f64> = means.into_iter().filter(|mean| mean.is_finite()).collect();
    let anchors = anchors
        .iter()
        .filter_map(|&m| anchor(study, task, m, &common, config, &mut diagnostics))
        .collect::<BTreeMap<_, _>>();
    TaskLadder {
        task: task.name.clone(),
        chance: task.chance,
        rungs,
        means,
        n_samples: if common.is_empty() { task.n_samples } else { Some(common.len() as u64) },
        samples: common.iter().map(|&s| Arc::from(task.samples[s].as_str())).collect(),
        rates,
        trials,
        anchors: anchors.into_values().collect(),
        diagnostics,
    }
}

/// Indices of the samples that every rung answered.
fn common_samples(
    study: &Study,
    task: &TaskEvals,
    present: &[(usize, Flops, Answers)],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<usize> {
    let answered = |a: &Answers, s: usize| a.outcomes[s] != Outcome::Missing;
    let with_samples: Vec<&(usize, Flops, Answers)> = present
        .iter()
        .filter(|(_, _, a)| (0..task.samples.len()).any(|s| answered(a, s)))
        .collect();
    // A task where some rung has only an aggregate is treated as an aggregate throughout.
    if with_samples.is_empty() || with_samples.len() < present.len() {
        return Vec::new();
    }
    let union: Vec<usize> = (0..task.samples.len())
        .filter(|&s| with_samples.iter().any(|(_, _, a)| answered(a, s)))
        .collect();
    let common: Vec<usize> = union
        .iter()
        .copied()
        .filter(|&s| with_samples.iter().all(|(_, _, a)| answered(a, s)))
        .collect();
    if common.len() < union.len() {
        let missing = |a: &Answers| union.iter().filter(|&&s| !answered(a, s)).count();
        let worst = with_samples.iter().rev().max_by_key(|(_, _, a)| missing(a));
        let model = worst.map_or_else(String::new, |(m, _, _)| study.models[*m].name.clone());
        diagnostics.push(if common.is_empty() {
            Diagnostic::NoCommonSamples { model }
        } else {
            Diagnostic::SamplesDropped {
                dropped: union.len() - common.len(),
                of: union.len(),
                model,
            }
        });
    }
    common
}

/// Rates and trials `[sample][rung]`; trials only where every outcome is counted.
fn matrix(common: &[usize], columns: &[&Answers]) -> (PassRates, Option<Vec<u32>>) {
    if common.is_empty() || columns.is_empty() {
        return (PassRates::default(), None);
    }
    let cells = || common.iter().flat_map(|&s| columns.iter().map(move |a| a.outcomes[s]));
    let values = cells().filter_map(Outcome::rate).collect();
    (PassRates::new(columns.len(), values), cells().map(Outcome::trials).collect())
}

/// An anchor if it answered every common sample, keyed by name; a diagnostic if it did not.
fn anchor(
    study: &Study,
    task: &TaskEvals,
    model: usize,
    common: &[usize],
    config: &DataConfig,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(String, Anchor)> {
    let answers = smoothed(study, task, model, config)?;
    let name = &study.models[model].name;
    let compute = study.models[model].compute.map(|c| c.flops);
    let rates: Vec<f64> = common.iter().filter_map(|&s| answers.outcomes[s].rate()).collect();
    let mean = if common.is_empty() {
        answers.aggregate?
    } else if rates.len() < common.len() {
        diagnostics.push(Diagnostic::AnchorDropped {
            anchor: name.clone(),
            shared: rates.len(),
            of: common.len(),
        });
        return None;
    } else {
        rates.iter().sum::<f64>() / rates.len() as f64
    };
    Some((name.clone(), Anchor { model: name.clone(), compute, rates, mean }))
}

/// A model's own score on a ladder's samples, at the checkpoint that stands for it, unsmoothed.
/// Used after a forecast is final, to score it.
pub fn actual(study: &Study, model: usize, ladder: &TaskLadder) -> Option<(f64, Vec<Diagnostic>)> {
    let task = study.tasks.iter().find(|task| task.name == ladder.task)?;
    let runs: Vec<&Run> = task.runs.iter().filter(|run| run.model == model).collect();
    let run = runs[chosen_run(&runs, study.models[model].checkpoint)?];
    if !ladder.has_samples() {
        return Some((run.aggregate?.outcome.rate()?, Vec::new()));
    }
    let rates: Vec<f64> = ladder
        .samples
        .iter()
        .filter_map(|id| task.samples.binary_search_by(|s| s.as_str().cmp(id)).ok())
        .filter_map(|s| run.outcomes[s].rate())
        .collect();
    let diagnostics = if rates.len() < ladder.samples.len() {
        vec![Diagnostic::ActualPartial { shared: rates.len(), of: ladder.samples.len() }]
    } else {
        Vec::new()
    };
    (!rates.is_empty()).then(|| (rates.iter().sum::<f64>() / rates.len() as f64, diagnostics))
}
