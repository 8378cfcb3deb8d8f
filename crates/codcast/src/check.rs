//! What a study can be expected to answer, before any forecast.

use serde::Serialize;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::error::Result;
use crate::evals::{ComputeSource, Model, Outcome, Role, Study};
use crate::passrate::{Ladder, Target, TaskLadder, actual, anchors_of};
use crate::units::Flops;

/// Rungs below which a forecast comes with a warning: the law has four parameters, and the paper's
/// ladder has eight rungs.
pub const ADVISED_RUNGS: usize = 6;
/// The paper's target has 27 times the compute of its largest rung; beyond this nothing was shown.
pub const FAR_TARGET: f64 = 30.0;
/// Generations a sample below which pass rates are called coarse. The paper has 300.
pub const ADVISED_TRIALS: u32 = 10;
/// A score counts as above guessing when it is this far above it.
pub const CHANCE_MARGIN: f64 = 0.05;

/// What a study holds.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// The study's name.
    pub study: String,
    /// By role, in the study's order.
    pub models: Vec<ModelCheck>,
    /// Ratio of the largest rung's compute to the smallest's.
    pub compute_range: f64,
    /// One row a task.
    pub tasks: Vec<TaskCheck>,
    /// What stands in the way of any forecast.
    pub diagnostics: Vec<Diagnostic>,
}

/// One model.
#[derive(Clone, Debug, Serialize)]
pub struct ModelCheck {
    /// Its name.
    pub model: String,
    /// Its part.
    pub role: Role,
    /// Training compute, if known.
    pub compute_flops: Option<Flops>,
    /// How it is known.
    pub compute_source: Option<ComputeSource>,
    /// Compute over that of the largest rung.
    pub times_largest_rung: Option<f64>,
}

/// One task as its rungs answered it.
#[derive(Clone, Debug, Serialize)]
pub struct TaskCheck {
    /// Its name.
    pub task: String,
    /// Rungs that have it.
    pub rungs: usize,
    /// Samples behind each rung's mean, if known.
    pub n_samples: Option<u64>,
    /// Samples that every rung answered, over those that some rung answered; null for aggregates.
    pub sample_overlap: Option<f64>,
    /// Median generations behind a pass rate, smoothing included; null where not counted.
    pub median_trials: Option<u32>,
    /// Share of samples that no rung ever solves; null for aggregates.
    pub zero_share: Option<f64>,
    /// Share of steps up the ladder on which the mean score rises.
    pub rising_steps: Option<f64>,
    /// Mean score of the smallest rung.
    pub first_score: Option<f64>,
    /// Mean score of the largest rung.
    pub last_score: Option<f64>,
    /// Score of guessing, if known.
    pub chance: Option<f64>,
    /// Anchors that answered the same samples.
    pub anchors: usize,
    /// In plain words what a forecast can expect.
    pub diagnostics: Vec<Diagnostic>,
}

/// Looks at the ladder of a study; forecasts nothing.
pub fn check(study: &Study, config: &Config) -> Result<Check> {
    let rungs: Vec<usize> = study.with_role(Role::Ladder).collect();
    let anchors = anchors_of(study, &config.data);
    let ladder = Ladder::build(study, &rungs, &anchors, &config.data)?;
    let of_rungs = || rungs.iter().filter_map(|&m| flops(&study.models[m]));
    let largest = of_rungs().fold(f64::NEG_INFINITY, f64::max);
    let smallest = of_rungs().fold(f64::INFINITY, f64::min);
    let mut diagnostics = Vec::new();
    let mut targets = Vec::new();
    for model in study.with_role(Role::Target).map(|model| &study.models[model]) {
        let target = model.name.clone();
        match Target::of(model) {
            Err(_) => diagnostics.push(Diagnostic::TargetWithoutCompute { target }),
            Ok(found) if found.compute.get() <= largest => {
                diagnostics.push(Diagnostic::TargetInsideLadder { target });
            }
            Ok(found) => targets.push(found),
        }
    }
    if study.with_role(Role::Target).next().is_none() {
        diagnostics.push(Diagnostic::NoTargetNamed);
    }
    // The farthest target decides what is far.
    targets.sort_by(|a, b| b.compute.get().total_cmp(&a.compute.get()));
    let tasks = ladder.tasks.iter().map(|task| check_task(task, study, &rungs, &targets)).collect();
    Ok(Check {
        study: study.name.clone(),
        models: models(study),
        compute_range: largest / smallest,
        tasks,
        diagnostics,
    })
}

fn flops(model: &Model) -> Option<f64> {
    model.compute.map(|compute| compute.flops.get())
}

/// The models with their roles and compute, for a study whose ladder makes sense or not.
pub fn models(study: &Study) -> Vec<ModelCheck> {
    let of_rungs = study.with_role(Role::Ladder).filter_map(|m| flops(&study.models[m]));
    let largest = of_rungs.reduce(f64::max);
    let of = |model: &Model| ModelCheck {
        model: model.name.clone(),
        role: model.role,
        compute_flops: model.compute.map(|c| c.flops),
        compute_source: model.compute.map(|c| c.source),
        times_largest_rung: flops(model).zip(largest).map(|(flops, largest)| flops / largest),
    };
    study.models.iter().map(of).collect()
}

fn check_task(task: &TaskLadder, study: &Study, rungs: &[usize], targets: &[Target]) -> TaskCheck {
    let mut diagnostics = task.diagnostics.clone();
    diagnostics.extend(advice(task, targets.first()));
    if !task.means.is_empty() && task.means.iter().all(|&mean| mean == 0.0) {
        diagnostics.push(Diagnostic::AllZero);
    }
    for target in targets.iter().filter_map(|t| t.model.as_deref()) {
        if let Some((_, notes)) = study.model(target).ok().and_then(|m| actual(study, m, task)) {
            diagnostics.extend(notes);
        }
    }
    TaskCheck {
        task: task.task.clone(),
        rungs: task.rungs.len(),
        n_samples: task.n_samples,
        sample_overlap: overlap(task, study, rungs),
        median_trials: median_trials(task),
        zero_share: task.has_samples().then(|| zero_share(task)),
        rising_steps: rising_steps(&task.means),
        first_score: task.means.first().copied(),
        last_score: task.means.last().copied(),
        chance: task.chance,
        anchors: task.anchors.len(),
        diagnostics,
    }
}

/// What the ladder alone says about how far a forecast can be trusted, whatever the engine.
pub fn advice(task: &TaskLadder, target: Option<&Target>) -> Vec<Diagnostic> {
    let mut advice = Vec::new();
    let rungs = task.rungs.len();
    if (1..ADVISED_RUNGS).contains(&rungs) {
        advice.push(Diagnostic::FewRungs { have: rungs, advised: ADVISED_RUNGS });
    }
    if let Some(trials) = median_trials(task).filter(|&trials| trials < ADVISED_TRIALS) {
        advice.push(Diagnostic::FewTrials { trials });
    }
    if let (Some(first), Some(last)) = (task.means.first(), task.means.last())
        && rungs > 1
        && last <= first
    {
        advice.push(Diagnostic::NotIncreasing);
    }
    if let Some(chance) = task.chance.filter(|&chance| chance > 0.0)
        && rungs > 0
        && task.means.iter().all(|&mean| mean < chance + CHANCE_MARGIN)
    {
        advice.push(Diagnostic::NearChance { percent: (chance * 100.0).round() as u32 });
    }
    if let (Some(target), Some(largest)) = (target, task.rungs.last()) {
        let times = target.compute.times(largest.compute);
        if times > FAR_TARGET {
            advice.push(Diagnostic::FarTarget { times: times.round() as u64 });
        }
    }
    advice
}

/// Share of samples that no rung ever solves.
fn zero_share(task: &TaskLadder) -> f64 {
    let zero = task.rates.iter().filter(|rates| rates.iter().all(|&rate| rate == 0.0)).count();
    zero as f64 / task.rates.n_samples() as f64
}

fn median_trials(task: &TaskLadder) -> Option<u32> {
    let mut trials = task.trials.clone().filter(|trials| !trials.is_empty())?;
    let middle = trials.len() / 2;
    Some(*trials.select_nth_unstable(middle).1)
}

fn rising_steps(means: &[f64]) -> Option<f64> {
    let steps = means.len().checked_sub(1).filter(|&steps| steps > 0)?;
    let rising = means.windows(2).filter(|pair| pair[1] > pair[0]).count();
    Some(rising as f64 / steps as f64)
}

/// Common samples over those that any rung answered at any checkpoint.
fn overlap(ladder: &TaskLadder, study: &Study, rungs: &[usize]) -> Option<f64> {
    let task = study.tasks.iter().find(|task| task.name == ladder.task)?;
    let any = |sample: usize| {
        let mut runs = task.runs.iter().filter(|run| rungs.contains(&run.model));
        runs.any(|run| run.outcomes[sample] != Outcome::Missing)
    };
    let union = (0..task.samples.len()).filter(|&sample| any(sample)).count();
    (union > 0).then(|| ladder.samples.len() as f64 / union as f64)
}
