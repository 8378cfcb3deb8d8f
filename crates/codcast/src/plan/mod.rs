//! Planning from a fitted ladder: what `codcast plan` answers.
//!
//! Compute for a wanted score ([`needed`]), what would narrow the forecast's interval most for a
//! budget ([`additions`]), which tasks are worth forecasting on ([`worth`]), and which of two recipes is
//! better at the target ([`recipes`]). See docs/plan.md.

mod additions;
mod cost;
mod needed;
mod recipes;
mod simulate;
mod worth;

pub use additions::{Addition, Additions, TaskWidth};
pub use cost::{Cost, Costs, Lengths};
pub use needed::{ComputeFor, Needed};
pub use recipes::{Recipes, TaskChoice};
pub use worth::Worth;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::Engine;
use crate::error::{Error, Result};
use crate::evals::{Role, Study};
use crate::monitor::{Calibration, Fitted, ladder_calibration};
use crate::passrate::Target;
use crate::units::Flops;

/// A score to reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// On this task; `None`: on the weighted set.
    pub task: Option<String>,
    /// In (0, 1).
    pub score: f64,
}

/// What to plan.
#[derive(Clone, Debug)]
pub struct Question {
    /// The model to plan for; `None`: the largest of role `target`.
    pub target: Option<Target>,
    /// Scores to reach.
    pub goals: Vec<Goal>,
    /// Weights of tasks; empty: 1 each. Tasks that are not named have none.
    pub weights: BTreeMap<String, f64>,
    /// What may be spent on narrowing the interval, in the unit of `costs`.
    pub budget: Option<f64>,
    /// Prices.
    pub costs: Costs,
    /// Nominal coverage of intervals, in (0, 1).
    pub level: f64,
}

/// The answer: what `codcast plan --format json` prints.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// `codcast.plan/1`.
    pub schema: &'static str,
    /// The study's name.
    pub study: String,
    /// The engine's name.
    pub engine: &'static str,
    /// Seed of everything random.
    pub seed: u64,
    /// The version that made it.
    pub version: &'static str,
    /// The model planned for; null where none is named.
    pub target: Option<TargetRow>,
    /// Compute for the wanted scores, in the order asked.
    pub compute_for_score: Vec<ComputeFor>,
    /// What would narrow the interval; null without a budget or a target.
    pub additions: Option<Additions>,
    /// Whether tasks are worth forecasting on, in the study's order; empty without a target.
    pub worth: Vec<Worth>,
    /// Which of two recipes; null where there is one.
    pub recipes: Option<Recipes>,
    /// Of the whole.
    pub diagnostics: Vec<Diagnostic>,
    /// The full configuration.
    pub config: Config,
}

/// The model planned for.
#[derive(Clone, Debug, Serialize)]
pub struct TargetRow {
    /// Its name; null for a bare size.
    pub model: Option<String>,
    /// FLOPs.
    pub compute_flops: Flops,
    /// Its compute over that of the largest rung.
    pub times_largest_rung: f64,
}

/// Plans from one ladder.
pub fn plan(
    study: &Study,
    engine: &dyn Engine,
    question: &Question,
    config: &Config,
) -> Result<Plan> {
    config.validate()?;
    let target = target_of(study, question)?;
    let rungs = rungs_below(study, target.as_ref())?;
    let fitted = Fitted::new(study, &rungs, engine, config)?;
    let weights = weights_of(study, &question.weights)?;
    let largest = largest_rung(study, &rungs)?;
    // Only a weighted set depends on how tasks deviate together.
    let calibration = if question.goals.iter().any(|goal| goal.task.is_none()) {
        ladder_calibration(study, &rungs, target.as_ref(), engine, config)?
    } else {
        Calibration::unasked(study.tasks.len())
    };
    let goals = question.goals.iter();
    let compute_for_score = goals
        .map(|goal| {
            let set = needed::Set { weights: &weights, correlation: calibration.task_correlation };
            needed::compute_for(&fitted, largest, goal, &set, question)
        })
        .collect::<Result<_>>()?;
    let mut diagnostics = Vec::new();
    let additions = match (&target, question.budget) {
        (Some(target), Some(budget)) => {
            if !fitted.gives_intervals(target) {
                return Err(Error::NoIntervals { engine: engine.info().name });
            }
            let job =
                additions::Job { fitted: &fitted, engine, target, weights: &weights, question };
            Some(job.best(budget, config, &mut diagnostics))
        }
        _ => None,
    };
    let worth = target.as_ref().map_or_else(Vec::new, |target| {
        fitted.tasks().map(|(task, fit)| worth::worth(task, fit, target, question.level)).collect()
    });
    Ok(Plan {
        target: target.map(|target| row(&target, largest)),
        compute_for_score,
        additions,
        worth,
        diagnostics,
        ..blank(study, engine, config)
    })
}

/// Which of two recipes is better at the target.
///
/// Errors when the studies share no samples, or the target is not larger than the rungs of both.
pub fn choose(
    first: &Study,
    second: &Study,
    engine: &dyn Engine,
    question: &Question,
    config: &Config,
) -> Result<Plan> {
    config.validate()?;
    let target = target_of(first, question)?.ok_or(Error::NoTarget)?;
    let rungs = rungs_below(first, Some(&target))?;
    let largest = largest_rung(first, &rungs)?;
    let weights = weights_of(first, &question.weights)?;
    let recipes = recipes::choose([first, second], engine, &target, &weights, question, config)?;
    Ok(Plan {
        target: Some(row(&target, largest)),
        recipes: Some(recipes),
        ..blank(first, engine, config)
    })
}

fn blank(study: &Study, engine: &dyn Engine, config: &Config) -> Plan {
    Plan {
        schema: "codcast.plan/1",
        study: study.name.clone(),
        engine: engine.info().name,
        seed: config.seed,
        version: env!("CARGO_PKG_VERSION"),
        target: None,
        compute_for_score: Vec::new(),
        additions: None,
        worth: Vec::new(),
        recipes: None,
        diagnostics: Vec::new(),
        config: config.clone(),
    }
}

fn row(target: &Target, largest: Flops) -> TargetRow {
    TargetRow {
        model: target.model.clone(),
        compute_flops: target.compute,
        times_largest_rung: target.compute.times(largest),
    }
}

/// The target asked for, or the largest the study names.
fn target_of(study: &Study, question: &Question) -> Result<Option<Target>> {
    if let Some(target) = &question.target {
        return Ok(Some(target.clone()));
    }
    let mut named = study
        .with_role(Role::Target)
        .map(|model| Target::of(&study.models[model]))
        .collect::<Result<Vec<_>>>()?;
    named.sort_by(|a, b| a.compute.get().total_cmp(&b.compute.get()));
    Ok(named.pop())
}

/// The ladder without the target. Errors when a rung is as large as the target.
fn rungs_below(study: &Study, target: Option<&Target>) -> Result<Vec<usize>> {
    let is_target =
        |model: usize| target.is_some_and(|t| t.model.as_ref() == Some(&study.models[model].name));
    let mut rungs: Vec<usize> =
        study.with_role(Role::Ladder).filter(|&model| !is_target(model)).collect();
    for &rung in &rungs {
        study.models[rung].flops()?;
    }
    let flops = |model: usize| study.models[model].compute.map_or(0.0, |c| c.flops.get());
    rungs.sort_by(|&a, &b| flops(a).total_cmp(&flops(b)).then(a.cmp(&b)));
    let (Some(target), Some(&last)) = (target, rungs.last()) else { return Ok(rungs) };
    let largest = study.models[last].flops()?;
    if target.compute > largest {
        return Ok(rungs);
    }
    Err(Error::SmallTarget {
        target: target.model.clone().unwrap_or_else(|| "--compute".to_owned()),
        flops: target.compute,
        rung: study.models[last].name.clone(),
        largest,
    })
}

fn largest_rung(study: &Study, rungs: &[usize]) -> Result<Flops> {
    rungs.last().map_or(Err(Error::NoLadder), |&rung| study.models[rung].flops())
}

/// `[task]` weights that add up to 1.
fn weights_of(study: &Study, given: &BTreeMap<String, f64>) -> Result<Vec<f64>> {
    for (name, &weight) in given {
        study.task(name)?;
        crate::config::check("weight", weight, 0.0..f64::MAX, "a number of at least 0")?;
    }
    let raw: Vec<f64> = study
        .tasks
        .iter()
        .map(|task| if given.is_empty() { 1.0 } else { *given.get(&task.name).unwrap_or(&0.0) })
        .collect();
    let total: f64 = raw.iter().sum();
    if total > 0.0 {
        Ok(raw.iter().map(|weight| weight / total).collect())
    } else {
        let value = total.to_string();
        Err(Error::Setting { field: "weight", value, expected: "weights of which one is positive" })
    }
}
