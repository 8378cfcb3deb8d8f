//! The difficulty clusters of a study: what `codcast clusters` answers.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cluster::{self, Points};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::Engine;
use crate::engines::cod::{Cod, Labels, Stages, groups, labels_misfit};
use crate::error::Result;
use crate::evals::{Role, Study};
use crate::extrapolate::Class;
use crate::fit::{LawParams, Termination};
use crate::passrate::{self, Ladder, Target, TaskLadder};

/// The clusters of every task.
#[derive(Clone, Debug, Serialize)]
pub struct Difficulty {
    /// `codcast.clusters/1`.
    pub schema: &'static str,
    /// The study's name.
    pub study: String,
    /// The version that made it.
    pub version: &'static str,
    /// One entry a task.
    pub tasks: Vec<TaskClusters>,
    /// The full configuration.
    pub config: Config,
}

/// One task's clusters.
#[derive(Clone, Debug, Serialize)]
pub struct TaskClusters {
    /// The task.
    pub task: String,
    /// Radius of the clusters; null where the algorithm has none or labels were given.
    pub radius: Option<f64>,
    /// Cluster of each sample; null for outliers and for samples that no rung solves.
    pub labels: BTreeMap<String, Option<usize>>,
    /// By id.
    pub clusters: Vec<ClusterRow>,
    /// Samples that no rung solves.
    pub non_emergent: usize,
    /// Samples of no cluster, without those that no rung solves.
    pub outliers: usize,
    /// Share of outliers among the samples that some rung solves (the paper's OR).
    pub outlier_rate: Option<f64>,
    /// Mean distance of clustered samples to their cluster's mean (the paper's IAD).
    pub intra_cluster_distance: Option<f64>,
    /// Share of the samples in extrapolatable clusters.
    pub predictable_share: Option<f64>,
    /// Forecast less actual score of the predictable subset, in points, for the smallest target whose
    /// scores are known (the paper's EE, signed).
    pub subset_error: Option<f64>,
    /// The same for the full set (the paper's FE, signed).
    pub final_error: Option<f64>,
    /// Beside the result.
    pub diagnostics: Vec<Diagnostic>,
}

/// One cluster.
#[derive(Clone, Debug, Serialize)]
pub struct ClusterRow {
    /// Its label.
    pub id: usize,
    /// Number of samples.
    pub size: usize,
    /// `extrapolatable`, `non-extrapolatable` or `non-emergent`.
    pub class: &'static str,
    /// Why it is not extrapolatable.
    pub reason: Option<String>,
    /// `[rung]` mean pass rate of its samples.
    pub centre: Vec<f64>,
    /// Stage 2, compute in 10^18 FLOP; null where there is no law.
    pub law: Option<LawParams>,
    /// How the fit ended.
    pub termination: Termination,
}

/// Clusters every task, or only those named; with labels from elsewhere where given.
pub fn difficulty(
    study: &Study,
    only: &[String],
    labels: Option<&Labels>,
    config: &Config,
) -> Result<Difficulty> {
    config.validate()?;
    let rungs: Vec<usize> = study.with_role(Role::Ladder).collect();
    let anchors = passrate::anchors_of(study, &config.data);
    let mut ladder = Ladder::build(study, &rungs, &anchors, &config.data)?;
    for name in only {
        study.task(name)?;
    }
    ladder.tasks.retain(|task| only.is_empty() || only.contains(&task.task));
    let tasks = ladder
        .tasks
        .iter()
        .map(|task| {
            let mut row = task_clusters(study, task, labels, config);
            row.final_error = final_error(study, task, labels, config);
            row
        })
        .collect();
    Ok(Difficulty {
        schema: "codcast.clusters/1",
        study: study.name.clone(),
        version: env!("CARGO_PKG_VERSION"),
        tasks,
        config: config.clone(),
    })
}

fn task_clusters(
    study: &Study,
    task: &TaskLadder,
    labels: Option<&Labels>,
    config: &Config,
) -> TaskClusters {
    let mut row = TaskClusters {
        task: task.task.clone(),
        radius: None,
        labels: BTreeMap::new(),
        clusters: Vec::new(),
        non_emergent: 0,
        outliers: 0,
        outlier_rate: None,
        intra_cluster_distance: None,
        predictable_share: None,
        subset_error: None,
        final_error: None,
        diagnostics: task.diagnostics.clone(),
    };
    if !task.has_samples() {
        row.diagnostics.push(Diagnostic::NeedsSamples);
        return row;
    }
    let groups = groups(task, labels, config);
    row.diagnostics.extend(labels.and_then(|_| labels_misfit(task, &groups, config)));
    let stages = Stages::run(task, groups, config);
    let found = &stages.groups;
    let labels = found.labels();
    row.radius = found.radius;
    row.labels = task.samples.iter().map(ToString::to_string).zip(labels.iter().copied()).collect();
    row.non_emergent = found.zero_performance().len();
    row.outliers = found.outliers().len();
    let solved = (task.samples.len() - row.non_emergent) as f64;
    row.outlier_rate = (solved > 0.0).then(|| row.outliers as f64 / solved);
    let points = Points::new(task.rates.n_rungs(), task.rates.as_slice());
    row.intra_cluster_distance = cluster::intra_cluster_average_distance(points, &labels);
    row.predictable_share = Some(
        stages.subset.as_ref().map_or(0.0, |s| s.samples() as f64 / task.samples.len() as f64),
    );
    row.subset_error = subset_error(study, task, &stages);
    row.clusters = stages
        .clusters
        .into_iter()
        .enumerate()
        .map(|(id, cluster)| ClusterRow {
            id,
            size: cluster.members.len(),
            class: cluster.class.name(),
            reason: cluster.class.reason(),
            centre: cluster.curve,
            law: cluster.fit.law,
            termination: cluster.fit.termination,
        })
        .collect();
    row
}

/// Forecast less actual score of the predictable subset, in points.
fn subset_error(study: &Study, task: &TaskLadder, stages: &Stages) -> Option<f64> {
    let trusted = stages.clusters.iter().filter(|c| c.class == Class::Extrapolatable);
    let members = trusted.flat_map(|cluster| &cluster.members);
    let mut part = task.clone();
    part.samples = members.map(|&sample| task.samples[sample].clone()).collect();
    let (target, model) = known_target(study, task)?;
    let (actual, _) = passrate::actual(study, model, &part)?;
    Some(100.0 * (stages.subset.as_ref()?.score(target.compute) - actual))
}

/// Forecast less actual score of the full set, in points.
fn final_error(
    study: &Study,
    task: &TaskLadder,
    labels: Option<&Labels>,
    config: &Config,
) -> Option<f64> {
    let engine = labels.map_or_else(Cod::default, |l| Cod::default().with_labels(l.clone()));
    let fit = engine.fit(&Ladder { tasks: vec![task.clone()] }, config).pop()?.ok()?;
    let (target, model) = known_target(study, task)?;
    let (actual, _) = passrate::actual(study, model, task)?;
    Some(100.0 * (fit.curve.score(&target).ok()? - actual))
}

/// The smallest target that answered this task.
fn known_target(study: &Study, task: &TaskLadder) -> Option<(Target, usize)> {
    study
        .with_role(Role::Target)
        .filter(|&model| passrate::actual(study, model, task).is_some())
        .filter_map(|model| Some((Target::of(&study.models[model]).ok()?, model)))
        .min_by(|a, b| a.0.compute.get().total_cmp(&b.0.compute.get()))
}
