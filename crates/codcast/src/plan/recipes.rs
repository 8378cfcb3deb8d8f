//! Which of two recipes is better at the target?

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::Question;
use super::needed::root_of_sum;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::{Curve, Engine, Interval, Uncertainty};
use crate::error::{Error, Result};
use crate::evals::Study;
use crate::monitor::{Calibration, Expected, Fitted, ladder_calibration, task_diagnostics};
use crate::passrate::{Target, TaskLadder};
use crate::stats::{t_cdf, t_half_width};

/// Intervals have the tails of Student's t with ten degrees of freedom, as the engine's.
const FREEDOM: u32 = 10;
/// Probability from which a call is made.
const CALL: f64 = 0.8;

/// The two recipes compared.
#[derive(Clone, Debug, Serialize)]
pub struct Recipes {
    /// Name of the first ladder's study: A.
    pub first: String,
    /// Name of the second's: B.
    pub second: String,
    /// Probability that A's weighted mean score at the target is above B's.
    pub probability_first_better: Option<f64>,
    /// Expected weighted mean difference, A less B, in points.
    pub difference_points: Option<f64>,
    /// Its interval, in points.
    pub interval_points: Option<Interval>,
    /// `first` or `second` where the probability is 80 % or more; else `undecided`.
    pub call: &'static str,
    /// Correlation of tasks' deviations that the overall figure assumes.
    pub task_correlation: f64,
    /// One row a task that both have, in the first study's order.
    pub tasks: Vec<TaskChoice>,
}

/// One task.
#[derive(Clone, Debug, Serialize)]
pub struct TaskChoice {
    /// The task.
    pub task: String,
    /// Samples that both ladders answered; null for aggregates.
    pub shared_samples: Option<usize>,
    /// A's forecast.
    pub first: Option<f64>,
    /// B's forecast.
    pub second: Option<f64>,
    /// Probability that A's score is above B's.
    pub probability_first_better: Option<f64>,
    /// A less B, in points.
    pub difference_points: Option<f64>,
    /// Its interval, in points.
    pub interval_points: Option<Interval>,
    /// Of both ladders.
    pub diagnostics: Vec<Diagnostic>,
}

/// Fits both ladders on the samples they share and compares them at the target.
pub(super) fn choose(
    studies: [&Study; 2],
    engine: &dyn Engine,
    target: &Target,
    weights: &[f64],
    question: &Question,
    config: &Config,
) -> Result<Recipes> {
    let mut rungs = Vec::new();
    for study in studies {
        rungs.push(super::rungs_below(study, Some(target))?);
    }
    let bare = [
        Fitted::ladder(studies[0], &rungs[0], config)?,
        Fitted::ladder(studies[1], &rungs[1], config)?,
    ];
    let mut shared: Vec<(String, Option<BTreeSet<Arc<str>>>)> = Vec::new();
    for task in &bare[0].tasks {
        let Some(other) = bare[1].tasks.iter().find(|other| other.task == task.task) else {
            continue;
        };
        let usable = !task.rungs.is_empty() && task.has_samples() == other.has_samples();
        let theirs: BTreeSet<&Arc<str>> = other.samples.iter().collect();
        let both: BTreeSet<Arc<str>> =
            task.samples.iter().filter(|id| theirs.contains(id)).cloned().collect();
        if usable && !(task.has_samples() && both.is_empty()) {
            shared.push((task.task.clone(), task.has_samples().then_some(both)));
        }
    }
    if shared.is_empty() {
        let name = |study: &Study| study.name.clone();
        return Err(Error::NothingShared { first: name(studies[0]), second: name(studies[1]) });
    }
    let mut fitted = Vec::new();
    let mut correlation = 0.0;
    for (study, rungs) in studies.into_iter().zip(&rungs) {
        let part = restricted(study, &shared);
        // One task is correlated with nothing.
        let found = if shared.len() > 1 {
            ladder_calibration(&part, rungs, Some(target), engine, config)?
        } else {
            Calibration::unasked(1)
        };
        correlation += 0.5 * found.task_correlation;
        fitted.push(Fitted::new(&part, rungs, engine, config)?);
    }

    let mut sums = Sums::default();
    let mut tasks = Vec::new();
    for (first, second) in fitted[0].tasks().zip(fitted[1].tasks()) {
        let task = first.0;
        let mut diagnostics = task_diagnostics(task, first.1);
        let more = task_diagnostics(second.0, second.1);
        let new: Vec<Diagnostic> =
            more.into_iter().filter(|found| !diagnostics.contains(found)).collect();
        diagnostics.extend(new);
        let mut row = TaskChoice {
            task: task.task.clone(),
            shared_samples: task.has_samples().then_some(task.samples.len()),
            first: None,
            second: None,
            probability_first_better: None,
            difference_points: None,
            interval_points: None,
            diagnostics,
        };
        if let (Ok(a), Ok(b)) = (first.1, second.1) {
            let sides = [(task, a.curve.as_ref()), (second.0, b.curve.as_ref())];
            row.first = sides[0].1.score(target).ok();
            row.second = sides[1].1.score(target).ok();
            if let Some(found) = difference(sides, target) {
                let weight = studies[0].task(&task.task).map_or(0.0, |index| weights[index]);
                sums.add(weight, found);
                row.probability_first_better = Some(found.probability());
                row.difference_points = Some(100.0 * found.mean);
                row.interval_points = Some(found.interval(question.level));
            }
        }
        tasks.push(row);
    }
    let overall = sums.overall(correlation);
    let probability = overall.map(|found| found.probability());
    Ok(Recipes {
        first: studies[0].name.clone(),
        second: studies[1].name.clone(),
        probability_first_better: probability,
        difference_points: overall.map(|found| 100.0 * found.mean),
        interval_points: overall.map(|found| found.interval(question.level)),
        call: match probability {
            Some(p) if p >= CALL => "first",
            Some(p) if p <= 1.0 - CALL => "second",
            _ => "undecided",
        },
        task_correlation: correlation,
        tasks,
    })
}

/// Only the shared tasks and samples.
fn restricted(study: &Study, shared: &[(String, Option<BTreeSet<Arc<str>>>)]) -> Study {
    let mut part = study.clone();
    part.tasks = shared
        .iter()
        .filter_map(|(name, ids)| {
            let mut task = study.tasks.iter().find(|task| task.name == *name)?.clone();
            let Some(ids) = ids else { return Some(task) };
            let kept: Vec<usize> = (0..task.samples.len())
                .filter(|&sample| ids.contains(task.samples[sample].as_str()))
                .collect();
            task.samples = kept.iter().map(|&sample| task.samples[sample].clone()).collect();
            for run in &mut task.runs {
                run.outcomes = kept.iter().map(|&sample| run.outcomes[sample]).collect();
                if let Some(losses) = &mut run.task_loss {
                    *losses = kept.iter().map(|&sample| losses[sample]).collect();
                }
            }
            Some(task)
        })
        .collect();
    part
}

/// A difference of scores, A less B, with its standard deviation.
#[derive(Clone, Copy, Debug)]
struct Difference {
    mean: f64,
    sd: f64,
}

impl Difference {
    fn probability(&self) -> f64 {
        t_cdf(self.mean / self.sd.max(1e-9), FREEDOM)
    }

    /// In points.
    fn interval(&self, level: f64) -> Interval {
        let half = t_half_width(level, FREEDOM) * self.sd;
        let end = |value: f64| 100.0 * value.clamp(-1.0, 1.0);
        Interval { level, lower: end(self.mean - half), upper: end(self.mean + half) }
    }
}

/// The difference at the target.
///
/// Each ladder's fitted parameters and each target's own deviation are its own: their variances add.
/// The form of the law beyond the ladder is the task's, which both have: it moves both forecasts
/// together, and only what it moves them apart counts. What is left of the samples is their paired
/// difference at the largest rungs (Miller 2024, arXiv 2411.00640, section 4, on paired differences of
/// evaluations): a hard question is hard for both.
fn difference(sides: [(&TaskLadder, &dyn Curve); 2], target: &Target) -> Option<Difference> {
    let parts = |curve: &dyn Curve| -> Option<Uncertainty> {
        curve.uncertainty(target).or_else(|| {
            let expected = Expected::of(curve, target)?;
            let parameters = 0.5 * (expected.below + expected.above);
            Some(Uncertainty { parameters, shape: 0.0, shock: 0.0, sampling: 0.0, rehearsal: 0.0 })
        })
    };
    let (a, b) = (parts(sides[0].1)?, parts(sides[1].1)?);
    let mean = sides[0].1.score(target).ok()? - sides[1].1.score(target).ok()?;
    // What rehearsals found a law not to know is that ladder's own too.
    let own_of = |of: Uncertainty| of.parameters.powi(2) + of.shock.powi(2) + of.rehearsal.powi(2);
    let own = own_of(a) + own_of(b);
    let sampling = paired_variance(sides[0].0, sides[1].0)
        .unwrap_or_else(|| a.sampling.powi(2) + b.sampling.powi(2));
    let variance = own + (a.shape - b.shape).powi(2) + sampling;
    Some(Difference { mean, sd: variance.sqrt() })
}

/// Variance of the mean over samples of A's largest rung less B's; `None` for aggregates.
fn paired_variance(first: &TaskLadder, second: &TaskLadder) -> Option<f64> {
    let n = first.rates.n_samples();
    if n < 2 || second.rates.n_samples() != n {
        return None;
    }
    let last = |rates: &[f64]| rates.last().copied().unwrap_or(0.0);
    let pairs = first.rates.iter().zip(second.rates.iter());
    let differences: Vec<f64> = pairs.map(|(a, b)| last(a) - last(b)).collect();
    let mean = differences.iter().sum::<f64>() / n as f64;
    let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    Some(squares / (n as f64 - 1.0) / n as f64)
}

/// The weighted mean over tasks.
#[derive(Default)]
struct Sums {
    weight: f64,
    mean: f64,
    deviations: Vec<f64>,
}

impl Sums {
    fn add(&mut self, weight: f64, found: Difference) {
        self.weight += weight;
        self.mean += weight * found.mean;
        self.deviations.push(weight * found.sd);
    }

    fn overall(&self, correlation: f64) -> Option<Difference> {
        let sd = root_of_sum(&self.deviations, correlation) / self.weight;
        (self.weight > 0.0).then(|| Difference { mean: self.mean / self.weight, sd })
    }
}
