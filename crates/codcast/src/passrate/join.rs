//! Samples joined over the rungs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::smooth::{Answers, mean, smoothed};
use super::{Anchor, PassRates, Rung, TaskLadder};
use crate::config::DataConfig;
use crate::diagnostic::Diagnostic;
use crate::evals::{Outcome, Study, TaskEvals};
use crate::units::Flops;

/// One model's part in a task.
struct Present {
    model: usize,
    compute: Flops,
    answers: Answers,
}

impl Present {
    fn answered(&self, sample: usize) -> bool {
        self.answers.outcomes[sample] != Outcome::Missing
    }

    fn has_samples(&self) -> bool {
        self.answers.outcomes.iter().any(|outcome| *outcome != Outcome::Missing)
    }
}

/// One task's ladder: the samples every rung answered, or the aggregates where there are none.
///
/// Two rungs with samples make it a task with samples; rungs that have only a mean are then left out,
/// and the reverse, with a message each.
pub(super) fn join(
    study: &Study,
    task: &TaskEvals,
    rungs: &[(usize, Flops)],
    anchors: &[usize],
    config: &DataConfig,
) -> TaskLadder {
    let all: Vec<Present> = rungs
        .iter()
        .filter_map(|&(model, compute)| {
            let answers = smoothed(study, task, model, config)?;
            Some(Present { model, compute, answers })
        })
        .collect();
    let sampled = all.iter().filter(|rung| rung.has_samples()).count();
    let aggregates = all.iter().any(|rung| rung.answers.aggregate.is_some());
    let by_sample = sampled >= if aggregates { 2 } else { 1 };
    let present: Vec<Present> = all
        .into_iter()
        .filter(
            |rung| if by_sample { rung.has_samples() } else { rung.answers.aggregate.is_some() },
        )
        .collect();
    let name = |model: usize| study.models[model].name.clone();
    let mut diagnostics: Vec<Diagnostic> = rungs
        .iter()
        .filter(|(model, _)| !present.iter().any(|rung| rung.model == *model))
        .map(|&(model, _)| Diagnostic::RungAbsent { model: name(model) })
        .collect();
    if present.is_empty() {
        diagnostics = vec![Diagnostic::NoScores];
    }
    let common = if by_sample { common_samples(task, &present) } else { Vec::new() };
    if by_sample {
        diagnostics.extend(dropped(task, &present, common.len()).map(|(of, worst)| {
            let (dropped, model) = (of - common.len(), name(worst));
            if common.is_empty() {
                Diagnostic::NoCommonSamples { model }
            } else {
                Diagnostic::SamplesDropped { dropped, of, model }
            }
        }));
    }
    // Without a common sample there is no rung: nothing they scored can be compared.
    let present = if by_sample && common.is_empty() { Vec::new() } else { present };
    let (rates, trials) = matrix(&common, &present);
    let means = if by_sample {
        rates.means_of(&(0..common.len()).collect::<Vec<_>>())
    } else {
        present.iter().filter_map(|rung| rung.answers.aggregate).collect()
    };
    let anchors = anchors
        .iter()
        .filter_map(|&m| anchor(study, task, m, &common, config, &mut diagnostics))
        .collect::<BTreeMap<_, _>>();
    TaskLadder {
        task: task.name.clone(),
        chance: task.chance,
        rungs: present.iter().map(|rung| as_rung(study, rung, &common)).collect(),
        means,
        n_samples: if by_sample {
            Some(common.len() as u64)
        } else {
            task.n_samples.or_else(|| fewest_answers(&present))
        },
        samples: common.iter().map(|&s| Arc::from(task.samples[s].as_str())).collect(),
        rates,
        trials,
        anchors: anchors.into_values().collect(),
        diagnostics,
    }
}

/// Of the aggregates, where all are counted.
fn fewest_answers(present: &[Present]) -> Option<u64> {
    let counts: Option<Vec<u32>> =
        present.iter().map(|rung| rung.answers.aggregate_trials).collect();
    counts?.into_iter().min().map(u64::from)
}

/// Everything but the scores; the loss is over the common samples, as the scores are.
fn as_rung(study: &Study, rung: &Present, common: &[usize]) -> Rung {
    let model = &study.models[rung.model];
    let own = rung.answers.losses.as_ref();
    let over_samples = || mean(common.iter().filter_map(|&sample| own?[sample]));
    Rung {
        model: model.name.clone(),
        compute: rung.compute,
        params: model.params,
        tokens: model.tokens,
        loss: model.loss,
        task_loss: over_samples().or(rung.answers.aggregate_loss),
    }
}

/// Indices of the samples that every rung answered.
fn common_samples(task: &TaskEvals, present: &[Present]) -> Vec<usize> {
    let all = |sample: &usize| present.iter().all(|rung| rung.answered(*sample));
    (0..task.samples.len()).filter(all).collect()
}

/// If samples were dropped: how many any rung answered, and the model that stands most in the way:
/// the one that lacks most of what all others answered.
fn dropped(task: &TaskEvals, present: &[Present], common: usize) -> Option<(usize, usize)> {
    let counts = (0..task.samples.len())
        .map(|sample| present.iter().filter(|rung| rung.answered(sample)).count());
    let counts: Vec<usize> = counts.collect();
    let of = counts.iter().filter(|&&count| count > 0).count();
    let lacks = |rung: &&Present| {
        let missing = |sample: &usize| !rung.answered(*sample);
        let alone = |sample: &usize| missing(sample) && counts[*sample] + 1 == present.len();
        let samples = 0..counts.len();
        (samples.clone().filter(alone).count(), samples.filter(missing).count())
    };
    let worst = present.iter().rev().max_by_key(lacks)?;
    (common < of).then_some((of, worst.model))
}

/// Rates and trials `[sample][rung]`; trials only where every outcome is counted.
fn matrix(common: &[usize], present: &[Present]) -> (PassRates, Option<Vec<u32>>) {
    if common.is_empty() || present.is_empty() {
        return (PassRates::default(), None);
    }
    let cells =
        || common.iter().flat_map(|&s| present.iter().map(move |rung| rung.answers.outcomes[s]));
    let values = cells().filter_map(Outcome::rate).collect();
    (PassRates::new(present.len(), values), cells().map(Outcome::trials).collect())
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
