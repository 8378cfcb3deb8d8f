//! How well would each engine have done? Rolling origin over finished models.
//!
//! For each task, every model of role `ladder` or `target` takes its turn as the target. Its ladder is
//! every such model with at most `1 / min_factor` of its compute; anchors are always offered. An
//! engine sees that ladder and the target's size. Scores of the target, and of models between it and
//! the ladder, reach no engine: [`Turn::ladder`] does not read them, and the target's own are read
//! only by [`Turn::judge`], when the forecasts stand.

pub mod ablation;
mod cases;
mod compare;
mod floor;
mod intervals;
mod summary;

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::config::{Config, check};
use crate::engines::Engine;
use crate::error::Result;
use crate::evals::Study;

pub use cases::{Case, LEVELS, TaskForecast, Turn, Turns, turns};
pub use compare::Comparison;
pub use intervals::Intervals;
pub use summary::{Band, Calibration, EngineSummary, StudySummary};

/// Settings of the backtest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BacktestConfig {
    /// A rung has at most the target's compute divided by this; at least 1.
    pub min_factor: f64,
    /// A case needs so many rungs with the task; at least 2.
    pub min_rungs: usize,
    /// At most so many rungs, the largest and others spread evenly below it. For ablations.
    pub max_rungs: Option<usize>,
    /// Nominal coverage of the intervals that are judged, in (0, 1).
    pub level: f64,
    /// Bootstrap replicates of the paired comparison.
    pub replicates: usize,
}

impl Default for BacktestConfig {
    fn default() -> Self {
        Self { min_factor: 2.0, min_rungs: 4, max_rungs: None, level: 0.9, replicates: 2000 }
    }
}

impl BacktestConfig {
    /// Checks the ranges once.
    pub fn validate(&self) -> Result<()> {
        check("backtest.min_factor", self.min_factor, 1.0..=1e6, "a factor in [1, 1e6]")?;
        check("backtest.min_rungs", self.min_rungs as f64, 2.0..=1e3, "at least 2")?;
        let most = self.max_rungs.unwrap_or(self.min_rungs);
        check("backtest.max_rungs", most as f64, self.min_rungs as f64.., "at least min_rungs")?;
        check("backtest.level", self.level, 1e-6..=1.0 - 1e-6, "a share in (0, 1)")?;
        check("backtest.replicates", self.replicates as f64, 100.0..=1e6, "in [100, 1e6]")
    }
}

/// A turn that could not be taken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Skipped {
    /// The study.
    pub study: String,
    /// The model whose turn it was.
    pub target: String,
    /// Why, for people.
    pub reason: String,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Backtest {
    /// `codcast.backtest/1`
    pub schema: &'static str,
    /// The seed of the resampling.
    pub seed: u64,
    /// The settings.
    pub settings: BacktestConfig,
    /// One an engine, in the order given.
    pub summary: Vec<EngineSummary>,
    /// The engine that the others are compared with: of those that took part in every study, the one
    /// with the lowest mean of the studies' mean errors. `None` without cases.
    pub best: Option<String>,
    /// One a study, task, target and engine, in this order; where an engine gave no forecast its
    /// reason is there instead.
    pub cases: Vec<Case>,
    /// Turns that could not be taken.
    pub skipped: Vec<Skipped>,
}

/// Remembers the forecasts of one engine at one turn between runs.
///
/// `key` says everything they depend on but the content of the study and the version of this crate
/// (see [`Turn::key`]). An implementation either returns what it stored under the key, or calls
/// `compute` once and stores that.
pub trait Memory: Sync {
    /// The forecasts, remembered or computed.
    fn recall(
        &self,
        study: &Study,
        key: &str,
        compute: &dyn Fn() -> Vec<TaskForecast>,
    ) -> Vec<TaskForecast>;
}

/// Remembers nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forgetful;

impl Memory for Forgetful {
    fn recall(
        &self,
        _study: &Study,
        _key: &str,
        compute: &dyn Fn() -> Vec<TaskForecast>,
    ) -> Vec<TaskForecast> {
        compute()
    }
}

/// Backtests the engines on the studies.
///
/// `progress(done, total)` is called from several threads, once a finished pair of turn and engine.
/// The result does not depend on the number of threads.
pub fn backtest(
    studies: &[Study],
    engines: &[Box<dyn Engine>],
    settings: &BacktestConfig,
    config: &Config,
    memory: &dyn Memory,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Backtest {
    let Turns { turns, mut skipped } = turns(studies, settings);
    let total = turns.len() * engines.len();
    let done = AtomicUsize::new(0);
    let members: Vec<Option<Vec<usize>>> =
        engines.iter().map(|engine| places_of_members(engine.as_ref(), engines)).collect();
    let outcomes: Vec<Result<Vec<Case>, Skipped>> = turns
        .par_iter()
        .enumerate()
        .map(|(turn_index, turn)| {
            let ladder = turn.ladder(config).map_err(|error| turn.skipped(&error));
            let forecasts = ladder.as_ref().map(|ladder| {
                let alone = |engine: &dyn Engine| {
                    let key = turn.key(engine.info().name, settings, config);
                    let compute = || turn.forecast(ladder, engine, settings, config);
                    let found = memory.recall(turn.study, &key, &compute);
                    // What was remembered may have been damaged; one row a task is the contract.
                    if found.len() == ladder.tasks.len() { found } else { compute() }
                };
                let tick = || progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
                let mut found: Vec<Option<Vec<TaskForecast>>> = engines
                    .par_iter()
                    .zip(&members)
                    .map(|(engine, members)| {
                        members.is_none().then(|| {
                            let forecasts = alone(engine.as_ref());
                            tick();
                            forecasts
                        })
                    })
                    .collect();
                for (i, members) in members.iter().enumerate() {
                    let Some(members) = members else { continue };
                    let of: Vec<&[TaskForecast]> =
                        members.iter().filter_map(|&m| found[m].as_deref()).collect();
                    found[i] = Some(cases::medians(&of));
                    tick();
                }
                found.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>()
            });
            match (&ladder, forecasts) {
                (Ok(ladder), Ok(forecasts)) => {
                    Ok(turn.judge(turn_index, ladder, engines, forecasts, settings.min_rungs))
                }
                (Err(skip), _) | (_, Err(skip)) => Err(skip.clone()),
            }
        })
        .collect();
    let mut cases = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(found) => cases.extend(found),
            Err(skip) => skipped.push(skip),
        }
    }
    // Turns are by study and target; readers look for a task first.
    cases.sort_by(|a, b| {
        (a.order.0.cmp(&b.order.0))
            .then_with(|| a.task.cmp(&b.task))
            .then(a.order.1.cmp(&b.order.1))
            .then(a.order.2.cmp(&b.order.2))
    });
    let names: Vec<&str> = engines.iter().map(|engine| engine.info().name).collect();
    let (summary, best) = summary::summarise(&cases, &names, settings, config.seed);
    Backtest {
        schema: "codcast.backtest/1",
        seed: config.seed,
        settings: settings.clone(),
        summary,
        best,
        cases,
        skipped,
    }
}

/// Where the members of a median stand in the list; `None` for other engines, and where one of the
/// members is not listed or is itself a median.
fn places_of_members(engine: &dyn Engine, engines: &[Box<dyn Engine>]) -> Option<Vec<usize>> {
    let place = |name: &str| {
        engines.iter().position(|other| other.info().name == name && other.members().is_none())
    };
    engine.members()?.into_iter().map(place).collect()
}
