//! What would narrow the forecast's interval most for a budget.

use rayon::prelude::*;
use serde::Serialize;

use super::Question;
use super::cost::{Cost, params_at, tokens_per_param};
use super::simulate::{Change, changed};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::{Engine, Fit, Refusal};
use crate::monitor::Fitted;
use crate::passrate::{Ladder, Target, TaskLadder};
use crate::stats::{generator, mean};
use crate::units::Flops;

/// Ladders simulated for each addition.
const DRAWS: u64 = 8;
/// Rungs tried: of this share of the largest that the budget pays for.
const SIZES: [f64; 6] = [1.0, 0.5, 0.25, 0.1, 0.03, 0.01];
/// Factors on generations and on samples that are tried.
const FACTORS: [u32; 4] = [2, 4, 8, 16];
/// A rung within this of another's compute, or of the target's, in natural log, is not tried.
const APART: f64 = 0.2;

/// What could be added, best first.
#[derive(Clone, Debug, Serialize)]
pub struct Additions {
    /// What may be spent.
    pub budget: f64,
    /// Its unit.
    pub unit: String,
    /// Weighted mean width of the intervals at the target as they are, in points.
    pub width_now: f64,
    /// By decreasing shrinkage; the first is advised.
    pub options: Vec<Addition>,
}

/// One addition and what it promises.
#[derive(Clone, Debug, Serialize)]
pub struct Addition {
    /// `rung`, `generations`, `samples` or `anchor`.
    pub kind: &'static str,
    /// Of the new rung or anchor.
    pub compute_flops: Option<Flops>,
    /// Factor on the generations a sample, or on the samples.
    pub times: Option<u32>,
    /// Price.
    pub cost: Cost,
    /// Weighted mean width of the intervals to be expected, in points.
    pub width_then: f64,
    /// Standard error of that mean over the simulated ladders, in points.
    pub width_error: f64,
    /// Share by which the width shrinks; negative where it grows.
    pub shrinkage: f64,
    /// One row a task that is forecast, in the study's order.
    pub tasks: Vec<TaskWidth>,
}

/// One task's interval, in points.
#[derive(Clone, Debug, Serialize)]
pub struct TaskWidth {
    /// The task.
    pub task: String,
    /// Width as it is.
    pub now: f64,
    /// Mean width over the simulated ladders.
    pub then: f64,
}

/// What the search needs.
pub(super) struct Job<'a> {
    pub(super) fitted: &'a Fitted,
    pub(super) engine: &'a dyn Engine,
    pub(super) target: &'a Target,
    /// `[task]`
    pub(super) weights: &'a [f64],
    pub(super) question: &'a Question,
}

impl Job<'_> {
    /// Every addition that the budget pays for, by simulation.
    pub(super) fn best(
        &self,
        budget: f64,
        config: &Config,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Additions {
        let now = self.widths(&self.fitted.fits);
        let ratio = self.ratio();
        if ratio.is_none() {
            diagnostics.push(Diagnostic::EvaluationNotPriced);
        }
        let candidates = self.candidates(budget, ratio);
        if candidates.is_empty() {
            diagnostics.push(Diagnostic::BudgetTooSmall);
        }
        let mut options: Vec<Addition> = candidates
            .into_par_iter()
            .map(|(change, cost)| self.promise(change, cost, &now, config))
            .collect();
        options.sort_by(|a, b| b.shrinkage.total_cmp(&a.shrinkage));
        Additions {
            budget,
            unit: self.question.costs.unit.clone(),
            width_now: 100.0 * self.weighted(&now, &now),
            options,
        }
    }

    fn ratio(&self) -> Option<f64> {
        let tasks = &self.fitted.ladder.tasks;
        let known = |task: &&TaskLadder| task.rungs.iter().all(|rung| rung.params.is_some());
        tasks.iter().filter(|task| !task.rungs.is_empty()).find(known).and_then(tokens_per_param)
    }

    /// `[task]` widths of the target's intervals.
    fn widths(&self, fits: &[Result<Fit, Refusal>]) -> Vec<Option<f64>> {
        fits.iter()
            .map(|fit| {
                let interval =
                    fit.as_ref().ok()?.curve.interval(self.target, self.question.level)?;
                Some(interval.upper - interval.lower)
            })
            .collect()
    }

    /// Weighted mean of `widths` over the tasks that have one now.
    fn weighted(&self, widths: &[Option<f64>], now: &[Option<f64>]) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for ((width, now), weight) in widths.iter().zip(now).zip(self.weights) {
            if let Some(now) = now {
                // An addition that leaves a task without a forecast has not narrowed it.
                sum += weight * width.unwrap_or(*now);
                total += weight;
            }
        }
        if total > 0.0 { sum / total } else { 0.0 }
    }

    /// What the budget pays for, with its price.
    fn candidates(&self, budget: f64, ratio: Option<f64>) -> Vec<(Change, Cost)> {
        let mut all: Vec<Change> = Vec::new();
        let tasks = self.fitted.ladder.tasks.iter().filter(|task| task.rungs.len() > 1);
        let logs: Vec<f64> =
            tasks.flat_map(|task| &task.rungs).map(|rung| rung.compute.get().ln()).collect();
        let smallest = logs.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.affordable(budget, ratio).ln();
        let beyond = self.target.compute.get().ln() - APART;
        for share in SIZES {
            let log = (most + f64::ln(share)).min(beyond);
            let apart = |other: &f64| (log - other).abs() >= APART;
            let new = |change: &Change| match change {
                Change::Rung(compute) => apart(&compute.get().ln()),
                _ => true,
            };
            if log >= smallest && logs.iter().all(apart) && all.iter().all(new) {
                all.extend(Flops::new(log.exp()).ok().map(Change::Rung));
            }
        }
        for times in FACTORS {
            all.extend([Change::Generations(times), Change::Samples(times)]);
        }
        all.push(Change::Anchor(self.target.compute));
        all.into_iter()
            .map(|change| (change, self.price(change, ratio)))
            .filter(|(_, cost)| cost.total <= budget * (1.0 + 1e-9))
            .collect()
    }

    /// Compute of the largest rung that the budget pays for, its evaluation included.
    fn affordable(&self, budget: f64, ratio: Option<f64>) -> f64 {
        let total = |log: f64| {
            Flops::new(log.exp())
                .map_or(f64::INFINITY, |c| self.price(Change::Rung(c), ratio).total)
        };
        let (mut low, mut high) = (0.0, 80.0);
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if total(middle) <= budget {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::exp(low)
    }

    fn price(&self, change: Change, ratio: Option<f64>) -> Cost {
        let costs = &self.question.costs;
        let Some(ratio) = ratio else {
            let training = if let Change::Rung(compute) = change { compute.get() } else { 0.0 };
            return costs.price(training, 0.0);
        };
        let mut evaluation = 0.0;
        for task in &self.fitted.ladder.tasks {
            let samples = task.n_samples.unwrap_or(0) as f64;
            let trials = trials(task);
            let of = |params: f64, samples: f64, answers: f64| {
                costs.evaluation_flops(&task.task, params, samples, answers)
            };
            // The promise is for a target that is evaluated as the rungs are.
            let target =
                self.target.params.unwrap_or_else(|| params_at(self.target.compute.get(), ratio));
            let of_all = |samples: f64, answers: f64| -> f64 {
                let rungs = task.rungs.iter().filter_map(|rung| rung.params);
                rungs.chain([target]).map(|n| of(n, samples, answers)).sum()
            };
            evaluation += match change {
                Change::Rung(compute) | Change::Anchor(compute) => {
                    of(params_at(compute.get(), ratio), samples, trials)
                }
                Change::Generations(times) => of_all(samples, trials * f64::from(times - 1)),
                Change::Samples(times) => of_all(samples * f64::from(times - 1), trials),
            };
        }
        let training = if let Change::Rung(compute) = change { compute.get() } else { 0.0 };
        costs.price(training, evaluation)
    }

    /// Simulates the ladder after the change and forecasts again.
    fn promise(
        &self,
        change: Change,
        cost: Cost,
        now: &[Option<f64>],
        config: &Config,
    ) -> Addition {
        let draws: Vec<Vec<Option<f64>>> = (0..DRAWS)
            .into_par_iter()
            .map(|draw| {
                let tasks = self.fitted.tasks().enumerate().map(|(index, (task, fit))| {
                    let stream = draw * 1_000_003 + index as u64;
                    changed(task, fit, change, &mut generator(config.seed, stream))
                });
                let ladder = Ladder { tasks: tasks.collect() };
                self.widths(&self.engine.fit(&ladder, config))
            })
            .collect();
        let means: Vec<f64> = draws.iter().map(|draw| 100.0 * self.weighted(draw, now)).collect();
        let then = mean(&means).unwrap_or(0.0);
        let spread = means.iter().map(|width| (width - then).powi(2)).sum::<f64>();
        let n = means.len() as f64;
        let before = 100.0 * self.weighted(now, now);
        let tasks = self.fitted.ladder.tasks.iter().enumerate().filter_map(|(index, task)| {
            let own: Vec<f64> =
                draws.iter().map(|draw| draw[index].or(now[index])).collect::<Option<_>>()?;
            Some(TaskWidth {
                task: task.task.clone(),
                now: 100.0 * now[index]?,
                then: 100.0 * mean(&own)?,
            })
        });
        let (kind, compute_flops, times) = match change {
            Change::Rung(compute) => ("rung", Some(compute), None),
            Change::Generations(times) => ("generations", None, Some(times)),
            Change::Samples(times) => ("samples", None, Some(times)),
            Change::Anchor(compute) => ("anchor", Some(compute), None),
        };
        Addition {
            kind,
            compute_flops,
            times,
            cost,
            width_then: then,
            width_error: (spread / (n - 1.0) / n).sqrt(),
            shrinkage: if before > 0.0 { 1.0 - then / before } else { 0.0 },
            tasks: tasks.collect(),
        }
    }
}

/// Generations a sample: the first cell's, as ladders are evaluated alike; 1 where not counted.
fn trials(task: &TaskLadder) -> f64 {
    task.trials.as_ref().and_then(|trials| trials.first()).map_or(1.0, |&n| f64::from(n))
}
