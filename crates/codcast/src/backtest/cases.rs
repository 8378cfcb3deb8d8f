//! Turns, forecasts, cases.

use serde::{Deserialize, Serialize};

use super::floor::noise_floor;
use super::{BacktestConfig, Skipped};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity};
use crate::engines::{Engine, middle};
use crate::error::{Error, Result};
use crate::evals::{Role, Study};
use crate::passrate::{Ladder, Target, actual, anchors_of};
use crate::units::Flops;

/// One model of a study in the part of the target.
#[derive(Clone, Debug)]
pub struct Turn<'a> {
    /// The study.
    pub study: &'a Study,
    /// Its place in the list of studies.
    pub study_index: usize,
    /// The target's index in [`Study::models`].
    pub target: usize,
    /// The target's compute.
    pub compute: Flops,
    /// Indices of the rungs, by increasing compute.
    pub rungs: Vec<usize>,
}

/// All turns of some studies.
#[derive(Clone, Debug)]
pub struct Turns<'a> {
    /// By study, then by the target's compute.
    pub turns: Vec<Turn<'a>>,
    /// Models that cannot take part.
    pub skipped: Vec<Skipped>,
}

/// What one engine says about one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskForecast {
    /// In `[0, 1]`; `None`: no forecast.
    pub forecast: Option<f64>,
    /// Lower end of the interval, where the engine gives one.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// `[level]` interval at each of [`LEVELS`]; empty where the engine gives none.
    #[serde(default)]
    pub intervals: Vec<(f64, f64)>,
    /// Codes of the reasons where there is no forecast.
    pub refused: Vec<String>,
}

/// Nominal coverages at which intervals are judged for the calibration.
pub const LEVELS: [f64; 8] = [0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

/// One forecast and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Case {
    /// The study's name.
    pub study: String,
    /// The task.
    pub task: String,
    /// The model in the part of the target.
    pub target: String,
    /// Rungs with this task.
    pub n_rungs: usize,
    /// The target's compute over the largest rung's.
    pub times_largest_rung: f64,
    /// The engine.
    pub engine: String,
    /// In `[0, 1]`; null: no forecast.
    pub forecast: Option<f64>,
    /// The target's own score.
    pub actual: f64,
    /// Lower end of the interval, where the engine gives one.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// The least of [`LEVELS`] whose interval, and every wider one, holds the actual score; null where
    /// none does.
    pub held_from: Option<f64>,
    /// Mean absolute error, in points, of a forecaster who knew the target's true rate on every sample;
    /// null where it cannot be told.
    pub noise_floor: Option<f64>,
    /// Codes of the reasons where there is no forecast.
    pub refused: Vec<String>,
    /// Study, turn, engine: places in their lists.
    #[serde(skip)]
    pub(super) order: (usize, usize, usize),
}

impl Case {
    /// Forecast minus actual, in points.
    pub fn error(&self) -> Option<f64> {
        Some(100.0 * (self.forecast? - self.actual))
    }
}

/// Every turn with enough rungs.
pub fn turns<'a>(studies: &'a [Study], settings: &BacktestConfig) -> Turns<'a> {
    let mut found = Turns { turns: Vec::new(), skipped: Vec::new() };
    for (study_index, study) in studies.iter().enumerate() {
        let mut models: Vec<(usize, Flops)> = Vec::new();
        for (index, model) in study.models.iter().enumerate() {
            if !matches!(model.role, Role::Ladder | Role::Target) {
                continue;
            }
            match model.flops() {
                Ok(flops) => models.push((index, flops)),
                Err(error) => found.skipped.push(Skipped {
                    study: study.name.clone(),
                    target: model.name.clone(),
                    reason: error.to_string(),
                }),
            }
        }
        models.sort_by(|a, b| a.1.get().total_cmp(&b.1.get()).then(a.0.cmp(&b.0)));
        for &(target, compute) in &models {
            let smaller: Vec<usize> = models
                .iter()
                .filter(|(_, flops)| flops.get() * settings.min_factor <= compute.get())
                .map(|&(index, _)| index)
                .filter(|&index| index != target)
                .collect();
            let rungs = thinned(&smaller, settings.max_rungs);
            if rungs.len() >= settings.min_rungs {
                found.turns.push(Turn { study, study_index, target, compute, rungs });
            } else if study.models[target].role == Role::Target {
                found.skipped.push(Skipped {
                    study: study.name.clone(),
                    target: study.models[target].name.clone(),
                    reason: format!(
                        "{} rungs of at most 1/{} of its compute; a case needs {}",
                        rungs.len(),
                        settings.min_factor,
                        settings.min_rungs
                    ),
                });
            }
        }
    }
    found
}

/// At most `most` of the rungs: the largest, and others spread evenly over the order.
fn thinned(rungs: &[usize], most: Option<usize>) -> Vec<usize> {
    match most {
        Some(most) if most < rungs.len() && most > 1 => (0..most)
            .map(|i| rungs[(i * (rungs.len() - 1) + (most - 1) / 2) / (most - 1)])
            .collect(),
        _ => rungs.to_vec(),
    }
}

impl Turn<'_> {
    /// All that decides this turn's forecasts by this engine, but for the content of the study and
    /// the version of the crate: engine, target, rungs, level, settings, one a line.
    pub fn key(&self, engine: &str, settings: &BacktestConfig, config: &Config) -> String {
        let name = |&index: &usize| self.study.models[index].name.as_str();
        let rungs: Vec<&str> = self.rungs.iter().map(name).collect();
        format!(
            "engine {engine}\ntarget {}\nrungs {rungs:?}\nmin_rungs {}\nlevel {}\nconfig {config:?}",
            name(&self.target),
            settings.min_rungs,
            settings.level,
        )
    }

    /// What the engines see of the rungs' and the anchors' results.
    pub fn ladder(&self, config: &Config) -> Result<Ladder> {
        let anchors = anchors_of(self.study, &config.data);
        Ladder::build(self.study, &self.rungs, &anchors, &config.data)
    }

    /// What the engines see of the target.
    pub fn target(&self) -> Target {
        let model = &self.study.models[self.target];
        Target {
            model: Some(model.name.clone()),
            compute: self.compute,
            params: model.params,
            tokens: model.tokens,
        }
    }

    /// One forecast a task, in the ladder's order.
    pub fn forecast(
        &self,
        ladder: &Ladder,
        engine: &dyn Engine,
        settings: &BacktestConfig,
        config: &Config,
    ) -> Vec<TaskForecast> {
        let target = self.target();
        engine
            .fit(ladder, config)
            .into_iter()
            .map(|fit| match fit.map(|fit| (fit.curve.score(&target), fit)) {
                Err(reasons) => refused(&reasons),
                Ok((Err(reason), _)) => refused(&[reason]),
                Ok((Ok(forecast), fit)) => {
                    let interval = fit.curve.interval(&target, settings.level);
                    TaskForecast {
                        forecast: Some(forecast),
                        lower: interval.map(|interval| interval.lower),
                        upper: interval.map(|interval| interval.upper),
                        intervals: LEVELS
                            .iter()
                            .filter_map(|&level| fit.curve.interval(&target, level))
                            .map(|interval| (interval.lower, interval.upper))
                            .collect(),
                        refused: Vec::new(),
                    }
                }
            })
            .collect()
    }

    /// Reads the target's scores and sets them beside forecasts that are final.
    ///
    /// `forecasts`: `[engine][task]`. Tasks without an actual score over the ladder's samples, or whose
    /// ladder is too short, give no case.
    pub(super) fn judge(
        &self,
        turn_index: usize,
        ladder: &Ladder,
        engines: &[Box<dyn Engine>],
        forecasts: Vec<Vec<TaskForecast>>,
        min_rungs: usize,
    ) -> Vec<Case> {
        let actuals: Vec<Option<f64>> = ladder
            .tasks
            .iter()
            .map(|task| {
                let (score, notes) = actual(self.study, self.target, task)?;
                // A score over other samples than the forecast's would measure the samples.
                (notes.is_empty() && task.rungs.len() >= min_rungs && score.is_finite())
                    .then_some(score)
            })
            .collect();
        let floors: Vec<Option<f64>> = (ladder.tasks.iter().zip(&actuals))
            .map(|(task, actual)| noise_floor(self.study, self.target, task, (*actual)?))
            .collect();
        let mut cases = Vec::new();
        for (engine_index, (engine, forecasts)) in engines.iter().zip(forecasts).enumerate() {
            let known = actuals.iter().zip(&floors);
            for ((task, forecast), (actual, floor)) in ladder.tasks.iter().zip(forecasts).zip(known)
            {
                let (Some(actual), Some(largest)) = (*actual, task.rungs.last()) else { continue };
                cases.push(Case {
                    study: self.study.name.clone(),
                    task: task.task.clone(),
                    target: self.study.models[self.target].name.clone(),
                    n_rungs: task.rungs.len(),
                    times_largest_rung: self.compute.times(largest.compute),
                    engine: engine.info().name.to_owned(),
                    forecast: forecast.forecast,
                    actual,
                    lower: forecast.lower,
                    upper: forecast.upper,
                    held_from: held_from(&forecast.intervals, actual),
                    noise_floor: *floor,
                    refused: forecast.refused,
                    order: (self.study_index, turn_index, engine_index),
                });
            }
        }
        cases
    }

    /// This turn with a reason why it cannot be taken.
    pub(super) fn skipped(&self, error: &Error) -> Skipped {
        Skipped {
            study: self.study.name.clone(),
            target: self.study.models[self.target].name.clone(),
            reason: error.to_string(),
        }
    }
}

/// See [`Case::held_from`].
fn held_from(intervals: &[(f64, f64)], actual: f64) -> Option<f64> {
    let holding = LEVELS.iter().zip(intervals).rev();
    let holds = |(_, (lower, upper)): &(&f64, &(f64, f64))| (*lower..=*upper).contains(&actual);
    holding.take_while(holds).last().map(|(&level, _)| level)
}

fn refused(reasons: &[Diagnostic]) -> TaskForecast {
    let errors = reasons.iter().filter(|reason| reason.severity() == Severity::Error);
    TaskForecast {
        forecast: None,
        lower: None,
        upper: None,
        intervals: Vec::new(),
        refused: errors.map(|reason| reason.code().to_owned()).collect(),
    }
}

/// The median of several engines' forecasts, `[engine][task]`, as the `median` engine would give it.
pub(super) fn medians(of: &[&[TaskForecast]]) -> Vec<TaskForecast> {
    let tasks = of.first().map_or(0, |forecasts| forecasts.len());
    (0..tasks)
        .map(|task| {
            let given: Vec<f64> = of.iter().filter_map(|engine| engine[task].forecast).collect();
            match middle(&given) {
                Err(reason) => refused(&[reason]),
                Ok(forecast) => TaskForecast {
                    forecast: Some(forecast),
                    lower: None,
                    upper: None,
                    intervals: Vec::new(),
                    refused: Vec::new(),
                },
            }
        })
        .collect()
}
