//! What stands behind a forecast, for a page that explains it: rivals, groups of samples, the
//! mapping, how hard the samples are, and a map of them.

use rayon::prelude::*;
use serde::Serialize;

use crate::check::{Check, check};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::{Engine, Fit, Group, Inside, MappingView, Uncertainty};
use crate::evals::Study;
use crate::passrate::{Ladder, Target, TaskLadder};
use crate::projection::tsne;

/// Samples on all maps together, and on one at most and at least: more would be slow to look at.
const MAP_POINTS: usize = 2200;
const MAP_MOST: usize = 1000;
const MAP_LEAST: usize = 100;
/// Bars of the difficulty distribution.
const BARS: usize = 10;

/// The parts that are large, or slow to compute.
#[derive(Clone, Debug, Serialize)]
pub struct Detail {
    /// Other engines on the same ladder.
    pub rivals: Vec<Rival>,
    /// One entry a task, in the study's order.
    pub tasks: Vec<TaskDetail>,
    /// What the study holds; null where it cannot be said.
    pub check: Option<Check>,
}

/// Another engine's forecasts.
#[derive(Clone, Debug, Serialize)]
pub struct Rival {
    /// Its name.
    pub engine: &'static str,
    /// One line about it.
    pub summary: &'static str,
    /// `[task][place]` its forecast at the places of the curves; null where it gives none.
    pub score: Vec<Vec<Option<f64>>>,
    /// `[target][task]` its forecast of the targets.
    pub targets: Vec<Vec<Option<f64>>>,
}

/// One task from the inside.
#[derive(Clone, Debug, Serialize)]
pub struct TaskDetail {
    /// The task.
    pub task: String,
    /// `[place]` what the interval is made of, from engines that know.
    pub uncertainty: Vec<Option<Uncertainty>>,
    /// Groups of samples with their curves; empty for engines that have none.
    pub groups: Vec<Group>,
    /// From engines that have one.
    pub mapping: Option<MappingView>,
    /// Null without samples.
    pub difficulty: Option<Distribution>,
    /// Null without samples.
    pub map: Option<SampleMap>,
}

/// How hard the samples are: a histogram of their scores at the largest rung.
#[derive(Clone, Debug, Serialize)]
pub struct Distribution {
    /// The largest rung.
    pub model: String,
    /// Edges of the bars, in score; the last bar holds its upper edge.
    pub edges: Vec<f64>,
    /// `[bar]` all samples.
    pub full: Vec<usize>,
    /// `[bar]` those whose scaling the engine trusts; null for engines that do not say.
    pub predictable: Option<Vec<usize>>,
}

/// The samples on a plane, near where their pass rates are alike.
#[derive(Clone, Debug, Serialize)]
pub struct SampleMap {
    /// How it was made.
    pub method: &'static str,
    /// Samples of the task; where there are more than points, the map is a systematic selection: the
    /// samples by group, mean rate and id, and every k-th of them.
    pub samples: usize,
    /// By group, mean rate and id.
    pub points: Vec<MapPoint>,
}

/// One sample on the map.
#[derive(Clone, Debug, Serialize)]
pub struct MapPoint {
    /// The sample's id.
    pub sample: String,
    /// Place on the plane, without unit.
    pub x: f64,
    /// Place on the plane, without unit.
    pub y: f64,
    /// Its group; null for samples of none.
    pub group: Option<usize>,
    /// `[rung]` pass rates, by increasing compute.
    pub rates: Vec<f64>,
}

/// Everything behind the fits of one engine.
pub(crate) struct Behind<'a> {
    pub(crate) study: &'a Study,
    pub(crate) ladder: &'a Ladder,
    pub(crate) fits: &'a [Result<Fit, Vec<Diagnostic>>],
    /// By increasing compute.
    pub(crate) targets: &'a [Target],
    pub(crate) places: &'a [Target],
    pub(crate) config: &'a Config,
}

impl Behind<'_> {
    /// With these engines beside it.
    pub(crate) fn detail(&self, rivals: &[Box<dyn Engine>]) -> Detail {
        let tasks: Vec<(&TaskLadder, Option<&Fit>)> =
            self.ladder.tasks.iter().zip(self.fits.iter().map(|fit| fit.as_ref().ok())).collect();
        let mapped = tasks.iter().filter(|(task, _)| task.has_samples()).count().max(1);
        let most = (MAP_POINTS / mapped).clamp(MAP_LEAST, MAP_MOST);
        Detail {
            rivals: rivals.iter().map(|engine| self.rival(engine.as_ref())).collect(),
            tasks: tasks.into_par_iter().map(|(task, fit)| self.task(task, fit, most)).collect(),
            check: check(self.study, self.config).ok(),
        }
    }

    fn rival(&self, engine: &dyn Engine) -> Rival {
        let info = engine.info();
        let fits = engine.fit(self.ladder, self.config);
        let score = |fit: &Result<Fit, Vec<Diagnostic>>, at: &Target| {
            fit.as_ref().ok().and_then(|fit| fit.curve.score(at).ok())
        };
        let along = |fit| self.places.iter().map(|at| score(fit, at)).collect();
        let at = |target| fits.iter().map(|fit| score(fit, target)).collect();
        Rival {
            engine: info.name,
            summary: info.summary,
            score: fits.iter().map(along).collect(),
            targets: self.targets.iter().map(at).collect(),
        }
    }

    fn task(&self, task: &TaskLadder, fit: Option<&Fit>, most: usize) -> TaskDetail {
        let main = self.targets.last();
        let inside: Inside = fit
            .zip(main)
            .and_then(|(fit, at)| fit.curve.inside(at, self.places))
            .unwrap_or_default();
        TaskDetail {
            task: task.task.clone(),
            uncertainty: self
                .places
                .iter()
                .map(|at| fit.and_then(|fit| fit.curve.uncertainty(at)))
                .collect(),
            difficulty: distribution(task, &inside),
            map: sample_map(task, &inside, most, self.config.seed),
            groups: inside.groups,
            mapping: inside.mapping,
        }
    }
}

fn distribution(task: &TaskLadder, inside: &Inside) -> Option<Distribution> {
    let largest = task.rungs.len().checked_sub(1).filter(|_| task.has_samples())?;
    // A score on an edge belongs to the bar above it; 1 has none above.
    let bar = |rates: &[f64]| ((rates[largest] * BARS as f64) as usize).min(BARS - 1);
    let count = |keep: &dyn Fn(usize) -> bool| {
        let mut bars = vec![0; BARS];
        for (_, rates) in task.rates.iter().enumerate().filter(|(sample, _)| keep(*sample)) {
            bars[bar(rates)] += 1;
        }
        bars
    };
    let trusted = |sample: usize| {
        let label = inside.labels.get(sample).copied().flatten();
        label.and_then(|label| inside.groups.get(label)).is_some_and(|group| group.predictable)
    };
    Some(Distribution {
        model: task.rungs[largest].model.clone(),
        edges: (0..=BARS).map(|edge| edge as f64 / BARS as f64).collect(),
        full: count(&|_| true),
        predictable: (!inside.groups.is_empty()).then(|| count(&trusted)),
    })
}

fn sample_map(task: &TaskLadder, inside: &Inside, most: usize, seed: u64) -> Option<SampleMap> {
    if !task.has_samples() || task.rungs.is_empty() {
        return None;
    }
    let group = |sample: usize| inside.labels.get(sample).copied().flatten();
    let mean = |sample: usize| task.rates.sample(sample).iter().sum::<f64>();
    let mut order: Vec<usize> = (0..task.samples.len()).collect();
    // Samples of no group come last.
    order.sort_by(|&a, &b| {
        let key = |sample| group(sample).unwrap_or(usize::MAX);
        key(a).cmp(&key(b)).then(mean(a).total_cmp(&mean(b))).then(a.cmp(&b))
    });
    let shown = most.min(order.len());
    let chosen: Vec<usize> =
        (0..shown).map(|i| order[(2 * i + 1) * order.len() / (2 * shown)]).collect();
    let rates: Vec<&[f64]> = chosen.iter().map(|&sample| task.rates.sample(sample)).collect();
    let places = tsne(&rates, seed);
    let short = |value: f64| (value * 1000.0).round() / 1000.0;
    Some(SampleMap {
        method: "t-SNE",
        samples: task.samples.len(),
        points: chosen
            .iter()
            .zip(&places)
            .map(|(&sample, &[x, y])| MapPoint {
                sample: task.samples[sample].to_string(),
                x: short(x),
                y: short(y),
                group: group(sample),
                rates: task.rates.sample(sample).to_vec(),
            })
            .collect(),
    })
}
