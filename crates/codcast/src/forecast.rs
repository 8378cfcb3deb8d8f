//! All stages, one screen: a study and a question become a forecast.

use serde::Serialize;

use crate::check;
use crate::config::Config;
use crate::curves::{self, Curves};
use crate::detail::{Behind, Detail};
use crate::diagnostic::Diagnostic;
use crate::engines::{Engine, Interval, Uncertainty};
use crate::error::{Error, Result};
use crate::evals::{ComputeSource, Role, Study};
use crate::passrate::{self, Ladder, Target, TaskLadder};
use crate::units::Flops;

/// What to forecast.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// Every model of role `target`.
    Targets,
    /// One model of the study. A rung may be named: it leaves the ladder and is forecast from the rest.
    Model(String),
    /// A model that is not in the study.
    Size(Target),
}

/// The answer: what `codcast forecast --format json` prints.
#[derive(Clone, Debug, Serialize)]
pub struct Forecast {
    /// `codcast.forecast/1`.
    pub schema: &'static str,
    /// The study's name.
    pub study: String,
    /// The engine's name.
    pub engine: &'static str,
    /// Seed of everything random.
    pub seed: u64,
    /// The version that made it.
    pub version: &'static str,
    /// One entry a target, by increasing compute.
    pub targets: Vec<TargetForecast>,
    /// The rungs it was made from, by increasing compute.
    pub ladder: Vec<RungUsed>,
    /// Score against compute.
    pub curves: Curves,
    /// What stands behind the numbers, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
    /// The full configuration.
    pub config: Config,
}

/// A rung and where its compute comes from.
#[derive(Clone, Debug, Serialize)]
pub struct RungUsed {
    /// The model's name.
    pub model: String,
    /// FLOPs.
    pub compute_flops: Flops,
    /// Given, compute per token times tokens, or 6ND.
    pub compute_source: ComputeSource,
}

/// One target's forecasts.
#[derive(Clone, Debug, Serialize)]
pub struct TargetForecast {
    /// Its name; null for a bare size.
    pub model: Option<String>,
    /// FLOPs.
    pub compute_flops: Flops,
    /// Its compute over that of the largest rung.
    pub times_largest_rung: f64,
    /// One row a task, in the study's order.
    pub tasks: Vec<TaskForecast>,
}

/// One number and what there is to say about it.
#[derive(Clone, Debug, Serialize)]
pub struct TaskForecast {
    /// The task.
    pub task: String,
    /// Samples the forecast score averages, if known.
    pub n_samples: Option<u64>,
    /// Score in `[0, 1]`; null when none is given: a diagnostic says why.
    pub forecast: Option<f64>,
    /// From engines that give one.
    pub interval: Option<Interval>,
    /// What the interval is made of, from engines that know.
    pub uncertainty: Option<Uncertainty>,
    /// Points gained by ten times the compute, around the target ([`curves::trend`]).
    pub trend: Option<f64>,
    /// The target's own score, where it is known. Read after the forecast is final.
    pub actual: Option<f64>,
    /// Share of the samples whose scaling the engine trusts.
    pub predictable_share: Option<f64>,
    /// Number of difficulty clusters.
    pub clusters: Option<usize>,
    /// Warnings with advice.
    pub diagnostics: Vec<Diagnostic>,
}

/// Forecasts the wanted sizes from the study's ladder.
///
/// `level`: nominal coverage of intervals, in (0, 1).
pub fn forecast(
    study: &Study,
    engine: &dyn Engine,
    wanted: &Wanted,
    level: f64,
    config: &Config,
) -> Result<Forecast> {
    explained(study, engine, wanted, level, None, config)
}

/// The same with what stands behind it, where `rivals` are given: see [`Detail`]. The numbers do not
/// depend on it.
pub fn explained(
    study: &Study,
    engine: &dyn Engine,
    wanted: &Wanted,
    level: f64,
    rivals: Option<&[Box<dyn Engine>]>,
    config: &Config,
) -> Result<Forecast> {
    config.validate()?;
    let (targets, rungs) = question(study, wanted)?;
    let mut anchors = passrate::anchors_of(study, &config.data);
    anchors.retain(|&anchor| !is_target(study, anchor, &targets));
    let ladder = Ladder::build(study, &rungs, &anchors, &config.data)?;
    let used = rungs_used(study, &rungs);
    let largest = used.last().ok_or(Error::NoLadder)?;
    for target in &targets {
        if target.compute <= largest.compute_flops {
            return Err(Error::SmallTarget {
                target: target.model.clone().unwrap_or_else(|| "--compute".to_owned()),
                flops: target.compute,
                rung: largest.model.clone(),
                largest: largest.compute_flops,
            });
        }
    }

    let fits = engine.fit(&ladder, config);
    let mut answers: Vec<TargetForecast> = targets
        .iter()
        .map(|target| TargetForecast {
            model: target.model.clone(),
            compute_flops: target.compute,
            times_largest_rung: target.compute.times(largest.compute_flops),
            tasks: ladder
                .tasks
                .iter()
                .zip(&fits)
                .map(|(task, fit)| answer(task, fit, target, level))
                .collect(),
        })
        .collect();

    let places = curves::places(&ladder, &targets);
    let curves = curves::curves(&ladder, &fits, &places, level);
    let detail = rivals.map(|rivals| {
        let (targets, places) = (&targets, &places);
        Behind { study, ladder: &ladder, fits: &fits, targets, places, config }.detail(rivals)
    });

    // Every forecast is final: only now are the targets' own scores read.
    for answer in &mut answers {
        score(study, &ladder, answer);
    }
    Ok(Forecast {
        schema: "codcast.forecast/1",
        study: study.name.clone(),
        engine: engine.info().name,
        seed: config.seed,
        version: env!("CARGO_PKG_VERSION"),
        targets: answers,
        ladder: used,
        curves,
        detail,
        config: config.clone(),
    })
}

/// The targets by increasing compute, and the rungs they are forecast from.
fn question(study: &Study, wanted: &Wanted) -> Result<(Vec<Target>, Vec<usize>)> {
    let mut rungs: Vec<usize> = study.with_role(Role::Ladder).collect();
    if rungs.is_empty() {
        return Err(Error::NoLadder);
    }
    let mut targets = match wanted {
        Wanted::Targets => study
            .with_role(Role::Target)
            .map(|model| Target::of(&study.models[model]))
            .collect::<Result<Vec<_>>>()?,
        Wanted::Model(name) => {
            let model = study.model(name)?;
            rungs.retain(|&rung| rung != model);
            vec![Target::of(&study.models[model])?]
        }
        Wanted::Size(target) => vec![target.clone()],
    };
    if targets.is_empty() {
        return Err(Error::NoTarget);
    }
    targets.sort_by(|a, b| {
        a.compute.get().total_cmp(&b.compute.get()).then_with(|| a.model.cmp(&b.model))
    });
    Ok((targets, rungs))
}

fn is_target(study: &Study, model: usize, targets: &[Target]) -> bool {
    targets.iter().any(|target| target.model.as_ref() == Some(&study.models[model].name))
}

fn rungs_used(study: &Study, rungs: &[usize]) -> Vec<RungUsed> {
    let mut used: Vec<RungUsed> = rungs
        .iter()
        .filter_map(|&rung| {
            let model = &study.models[rung];
            model.compute.map(|compute| RungUsed {
                model: model.name.clone(),
                compute_flops: compute.flops,
                compute_source: compute.source,
            })
        })
        .collect();
    used.sort_by(|a, b| a.compute_flops.get().total_cmp(&b.compute_flops.get()));
    used
}

/// One task's row, without the actual score.
fn answer(
    task: &TaskLadder,
    fit: &Result<crate::engines::Fit, crate::engines::Refusal>,
    target: &Target,
    level: f64,
) -> TaskForecast {
    let mut diagnostics = task.diagnostics.clone();
    diagnostics.extend(check::advice(task, Some(target)));
    let mut row = TaskForecast {
        task: task.task.clone(),
        n_samples: task.n_samples,
        forecast: None,
        interval: None,
        uncertainty: None,
        trend: None,
        actual: None,
        predictable_share: None,
        clusters: None,
        diagnostics: Vec::new(),
    };
    match fit {
        Ok(fit) => {
            diagnostics.extend(fit.diagnostics.iter().cloned());
            diagnostics.extend(fit.curve.diagnostics(target));
            row.predictable_share =
                fit.predictable_share.or_else(|| fit.curve.predictable_share(target));
            row.clusters = fit.clusters;
            match fit.curve.score(target) {
                Ok(score) => {
                    row.forecast = Some(score);
                    row.interval = fit.curve.interval(target, level);
                    row.uncertainty = fit.curve.uncertainty(target);
                    row.trend = curves::trend(fit.curve.as_ref(), target);
                }
                Err(reason) => diagnostics.push(reason),
            }
        }
        Err(reasons) => diagnostics.extend(reasons.iter().cloned()),
    }
    // The engine and the joining may find the same thing.
    for diagnostic in diagnostics {
        if !row.diagnostics.contains(&diagnostic) {
            row.diagnostics.push(diagnostic);
        }
    }
    row
}

/// Adds what the target really scored.
fn score(study: &Study, ladder: &Ladder, answer: &mut TargetForecast) {
    let Some(model) = answer.model.as_deref().and_then(|name| study.model(name).ok()) else {
        return;
    };
    for (task, row) in ladder.tasks.iter().zip(&mut answer.tasks) {
        if let Some((actual, notes)) = passrate::actual(study, model, task) {
            row.actual = Some(actual);
            row.diagnostics.extend(notes);
        }
    }
}
