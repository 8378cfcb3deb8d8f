//! The published method: cluster, fit, extrapolate, map.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::cluster::{self, Assignment, Clusters, Points};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::{
    Curve, Engine, EngineInfo, Fit, Group, Inside, MappingPoint, MappingView, Refusal, per_task,
};
use crate::extrapolate::{Class, SubsetCurve, classify};
use crate::fit::{Law, LawFit, fit_law};
use crate::map::{MapKind, Mapping, fit_map};
use crate::passrate::{Ladder, Target, TaskLadder};

/// Share of predictable samples below which the forecast comes with a warning. The paper leaves out
/// at most a third of a set.
const SMALL_SHARE: f64 = 0.5;

/// Labels from elsewhere fit while they explain this share of the variance that own clusters explain.
/// Between two recipes of one family it was 0.3 to 0.8, with shuffled labels below 0.05
/// (docs/plan.md).
const LABELS_FIT: f64 = 0.6;

/// Clusters found elsewhere: `[task][sample]`, `None` for samples of no cluster.
pub type Labels = BTreeMap<String, BTreeMap<String, Option<usize>>>;

/// Clustering-On-Difficulty.
///
/// Source: Xu et al. 2025, arXiv 2502.17262; see METHOD.md for each stage and our departures.
#[derive(Clone, Debug, Default)]
pub struct Cod {
    version: Version,
    labels: Option<Labels>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Version {
    /// v4: the mapping of [`Config::map`], by default a smoothing spline.
    #[default]
    V4,
    /// v1-v3: a quartic mapping.
    V3,
}

impl Cod {
    /// v1-v3 of the paper: the mapping is a quartic.
    pub fn quartic() -> Self {
        Self { version: Version::V3, labels: None }
    }

    /// With clusters found on another ladder; the laws and the mapping are fitted anew.
    #[must_use]
    pub fn with_labels(self, labels: Labels) -> Self {
        Self { labels: Some(labels), ..self }
    }

    fn name(&self) -> &'static str {
        match self.version {
            Version::V4 => "cod",
            Version::V3 => "cod-quartic",
        }
    }
}

impl Engine for Cod {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: self.name(),
            summary: match self.version {
                Version::V4 => "difficulty clusters, one law each, spline mapping (v4)",
                Version::V3 => "difficulty clusters, one law each, quartic mapping (v1-v3)",
            },
            source: "Xu et al. 2025, arXiv 2502.17262",
            needs: "samples, 4 rungs; uses anchors",
            min_rungs: Law::Full.parameters(),
        }
    }

    fn fit(&self, ladder: &Ladder, config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, |task| {
            require(task, config)?;
            let groups = groups(task, self.labels.as_ref(), config);
            if self.labels.is_some() && groups.clusters.is_empty() {
                return Err(vec![Diagnostic::NoLabels { samples: task.samples.len() }]);
            }
            let misfit = self.labels.as_ref().and_then(|_| labels_misfit(task, &groups, config));
            let stages = Stages::run(task, groups, config);
            let Some(subset) = stages.subset.clone() else {
                return Err([stages.refusal()].into_iter().chain(misfit).collect());
            };
            let mut config = config.clone();
            // Another mapping than the default was asked for: an ablation of both versions.
            if self.version == Version::V3 && config.map.kind == MapKind::default() {
                config.map.kind = MapKind::Quartic;
            }
            let points = stages.points(task);
            let map = fit_map(&scores(&points), &config.map);
            let share = subset.samples() as f64 / task.samples.len() as f64;
            let mut diagnostics = map.diagnostics;
            diagnostics.extend(misfit);
            if share < SMALL_SHARE {
                let percent = (100.0 * share).round() as u32;
                diagnostics.push(Diagnostic::SmallPredictableShare { percent });
            }
            let clusters = Some(stages.clusters.len());
            Ok(Fit {
                curve: Box::new(Mapped { subset, mapping: map.mapping, stages, points }),
                predictable_share: Some(share),
                clusters,
                diagnostics,
            })
        })
    }
}

/// What the method needs of a task at all.
fn require(task: &TaskLadder, config: &Config) -> Result<(), Refusal> {
    let need = config.fit.law.parameters();
    let reason = if task.rungs.is_empty() {
        task.absence()
    } else if !task.has_samples() {
        Diagnostic::NeedsSamples
    } else if task.rungs.len() < need {
        Diagnostic::TooFewRungs { have: task.rungs.len(), need }
    } else {
        return Ok(());
    };
    Err(vec![reason])
}

/// Stage 1, or the clusters found elsewhere.
pub fn groups(task: &TaskLadder, labels: Option<&Labels>, config: &Config) -> Clusters {
    let Some(labels) = labels else {
        return cluster::by_difficulty(&task.rates, &config.cluster, config.seed);
    };
    let known = labels.get(&task.task);
    let label = |sample: &str| known.and_then(|known| known.get(sample).copied().flatten());
    let labels: Vec<Option<usize>> = task.samples.iter().map(|sample| label(sample)).collect();
    Clusters::from_labels(&task.rates, &labels)
}

/// A warning where clusters found elsewhere no longer group this ladder's samples by difficulty: they
/// explain less than [`LABELS_FIT`] of the variance of the pass rates that clusters of this ladder
/// would.
pub fn labels_misfit(task: &TaskLadder, found: &Clusters, config: &Config) -> Option<Diagnostic> {
    let points = Points::new(task.rates.n_rungs(), task.rates.as_slice());
    let own = cluster::by_difficulty(&task.rates, &config.cluster, config.seed);
    let own = cluster::explained_variance(points, &own.labels())?;
    let given = cluster::explained_variance(points, &found.labels()).unwrap_or(0.0);
    let percent = |share: f64| (100.0 * share).round() as u32;
    (given < LABELS_FIT * own)
        .then(|| Diagnostic::LabelsNoLongerFit { percent: percent(given), own: percent(own) })
}

/// One cluster after stages 2 and 3.
#[derive(Clone, Debug)]
pub struct ClusterLaw {
    /// Indices into [`TaskLadder::samples`].
    pub members: Vec<usize>,
    /// `[rung]` mean pass rate of the members.
    pub curve: Vec<f64>,
    /// Stage 2.
    pub fit: LawFit,
    /// Stage 3.
    pub class: Class,
}

/// Stages 1 to 3 of one task.
#[derive(Clone, Debug)]
pub struct Stages {
    /// Stage 1.
    pub groups: Clusters,
    /// `[cluster]`
    pub clusters: Vec<ClusterLaw>,
    /// The predictable subset, if there is one.
    pub subset: Option<SubsetCurve>,
}

impl Stages {
    /// Fits and classifies every cluster.
    pub fn run(task: &TaskLadder, groups: Clusters, config: &Config) -> Self {
        let compute = task.compute();
        let clusters: Vec<ClusterLaw> = (0..groups.clusters.len())
            .into_par_iter()
            .map(|id| {
                let members = groups.members(id);
                let curve = task.rates.means_of(&members);
                let fit = fit_law(&compute, &curve, None, &config.fit);
                let class = classify(&fit, &config.extrapolate);
                ClusterLaw { members, curve, fit, class }
            })
            .collect();
        let trusted = clusters.iter().filter(|cluster| cluster.class == Class::Extrapolatable);
        let parts = trusted.filter_map(|c| c.fit.law.map(|law| (c.members.len(), law))).collect();
        Self { groups, clusters, subset: SubsetCurve::new(parts) }
    }

    /// Samples of the predictable subset.
    fn predictable(&self) -> Vec<usize> {
        let trusted = self.clusters.iter().filter(|c| c.class == Class::Extrapolatable);
        trusted.flat_map(|cluster| cluster.members.iter().copied()).collect()
    }

    /// What stage 4 is fitted to: the subset's and the full set's score of rungs, by increasing
    /// compute, then of anchors.
    fn points(&self, task: &TaskLadder) -> Vec<MappingPoint> {
        let samples = self.predictable();
        let rungs = task.rungs.iter().zip(task.rates.means_of(&samples)).zip(&task.means);
        let mut points: Vec<MappingPoint> = rungs
            .map(|((rung, subset), &full)| MappingPoint {
                model: rung.model.clone(),
                anchor: false,
                subset,
                full,
            })
            .collect();
        for anchor in &task.anchors {
            let sum: f64 = samples.iter().map(|&sample| anchor.rates[sample]).sum();
            let subset = sum / samples.len() as f64;
            let model = anchor.model.clone();
            points.push(MappingPoint { model, anchor: true, subset, full: anchor.mean });
        }
        points
    }

    /// Why there is no predictable subset.
    fn refusal(&self) -> Diagnostic {
        let zero = |assignment: &Assignment| *assignment == Assignment::ZeroPerformance;
        if self.groups.assignments.iter().all(zero) {
            Diagnostic::AllZero
        } else {
            Diagnostic::NoPredictableCluster { clusters: self.clusters.len() }
        }
    }
}

fn scores(points: &[MappingPoint]) -> Vec<(f64, f64)> {
    points.iter().map(|point| (point.subset, point.full)).collect()
}

/// The subset's curve through the mapping, and where both come from.
struct Mapped {
    subset: SubsetCurve,
    mapping: Mapping,
    stages: Stages,
    points: Vec<MappingPoint>,
}

/// Steps in which the mapping is shown.
const SHOWN_STEPS: u32 = 50;

impl Curve for Mapped {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        Ok(self.mapping.apply(self.subset.score(at.compute)))
    }

    fn inside(&self, _at: &Target, along: &[Target]) -> Option<Inside> {
        let groups = self.stages.clusters.iter().enumerate().map(|(id, cluster)| Group {
            id,
            size: cluster.members.len() as f64,
            predictable: cluster.class == Class::Extrapolatable,
            class: cluster.class.name(),
            reason: cluster.class.reason(),
            scores: cluster.curve.clone(),
            curve: along.iter().map(|at| Some(cluster.fit.law?.score(at.compute))).collect(),
            curve_sd: Vec::new(),
        });
        let subset: Vec<f64> =
            (0..=SHOWN_STEPS).map(|step| f64::from(step) / f64::from(SHOWN_STEPS)).collect();
        Some(Inside {
            groups: groups.collect(),
            labels: self.stages.groups.labels(),
            mapping: Some(MappingView {
                points: self.points.clone(),
                full: subset.iter().map(|&subset| self.mapping.apply(subset)).collect(),
                subset,
            }),
        })
    }
}
