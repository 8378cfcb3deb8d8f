//! Stage 1: samples of like difficulty.
//!
//! A sample's feature is the vector of its pass rates along the ladder. Samples that never score are
//! set aside; the others are clustered, by default with the paper's improved MeanShift.
//!
//! [`mean_shift`](fn@mean_shift), [`estimate_bandwidth`] and [`dbscan`](fn@dbscan) give
//! scikit-learn's results, ties included; [`by_difficulty`] adds that the order of the samples does
//! not matter.

mod balls;
mod bandwidth;
mod boxes;
mod config;
mod dbscan;
mod improved;
mod k_means;
mod mean_shift;
mod neighbours;
mod points;
mod quality;

pub use bandwidth::estimate_bandwidth;
pub use config::{Algorithm, ClusterConfig};
pub use dbscan::dbscan;
pub use improved::{Partition, improved_mean_shift};
pub use k_means::{KMeans, improved_k_means, k_means};
pub use mean_shift::{MeanShift, mean_shift};
pub use points::Points;
pub use quality::{explained_variance, intra_cluster_average_distance, outlier_rate};

use std::collections::{BTreeMap, BTreeSet};

use crate::passrate::PassRates;

/// Where a sample went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// To a cluster: its index in [`Clusters::clusters`].
    Cluster(usize),
    /// To none: too far from every centre, or in too small a group.
    Outlier,
    /// No rung ever scored on it; it took no part in the clustering.
    ZeroPerformance,
}

/// A group of samples of like difficulty.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// `[rung]` pass rates typical of it: the mode for MeanShift, the mean for the others.
    pub centre: Vec<f64>,
    /// Number of samples.
    pub size: usize,
}

/// All samples of a task by difficulty.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters {
    /// `[sample]`
    pub assignments: Vec<Assignment>,
    /// By decreasing size, then by decreasing centre, the first rung first.
    pub clusters: Vec<Cluster>,
    /// The bandwidth of MeanShift or the reach of DBSCAN; `None` for the others, and where there was
    /// nothing to cluster.
    pub radius: Option<f64>,
}

impl Clusters {
    /// Clusters found on another ladder. `labels`: `[sample]`, `None` for samples of no cluster.
    ///
    /// Numbered in the order of the labels, without gaps; centres are the members' means on this
    /// ladder.
    pub fn from_labels(rates: &PassRates, labels: &[Option<usize>]) -> Self {
        let known: BTreeSet<usize> = labels.iter().flatten().copied().collect();
        let ids: BTreeMap<usize, usize> =
            known.into_iter().enumerate().map(|(id, label)| (label, id)).collect();
        let assignments: Vec<Assignment> = labels
            .iter()
            .zip(rates.iter())
            .map(|(label, rates)| match label.and_then(|label| ids.get(&label)) {
                Some(&id) => Assignment::Cluster(id),
                None if rates.iter().all(|&rate| rate == 0.0) => Assignment::ZeroPerformance,
                None => Assignment::Outlier,
            })
            .collect();
        let mut found = Self { assignments, clusters: Vec::new(), radius: None };
        found.clusters = (0..ids.len())
            .map(|id| {
                let members = found.members(id);
                Cluster { centre: rates.means_of(&members), size: members.len() }
            })
            .collect();
        found
    }

    /// Indices of the samples in a cluster, increasing.
    pub fn members(&self, cluster: usize) -> Vec<usize> {
        self.indices(Assignment::Cluster(cluster))
    }

    /// Indices of the outliers, increasing.
    pub fn outliers(&self) -> Vec<usize> {
        self.indices(Assignment::Outlier)
    }

    /// Indices of the samples that no rung ever scored on, increasing.
    pub fn zero_performance(&self) -> Vec<usize> {
        self.indices(Assignment::ZeroPerformance)
    }

    /// `[sample]` index of the cluster, `None` for outliers and samples that never score.
    pub fn labels(&self) -> Vec<Option<usize>> {
        let label = |assignment: &Assignment| match assignment {
            Assignment::Cluster(cluster) => Some(*cluster),
            Assignment::Outlier | Assignment::ZeroPerformance => None,
        };
        self.assignments.iter().map(label).collect()
    }

    fn indices(&self, wanted: Assignment) -> Vec<usize> {
        let all = self.assignments.iter().enumerate();
        all.filter(|(_, assignment)| **assignment == wanted).map(|(i, _)| i).collect()
    }
}

/// Clusters the samples by their pass rates, after setting aside those that never score.
///
/// The samples are clustered in the order of their rates, so their order in `rates` does not matter
/// and equal samples go together. `seed` is used by the variants of K-Means only.
///
/// Source: Xu et al. 2025, arXiv 2502.17262, section "Clustering on difficulty". Differs from it in:
/// the order and numbering, on which the paper is silent; a bandwidth of 0 (a tenth of the samples
/// equal to each sample), or of rounding, is taken as "equal samples only".
pub fn by_difficulty(rates: &PassRates, config: &ClusterConfig, seed: u64) -> Clusters {
    let mut order: Vec<usize> = (0..rates.n_samples())
        .filter(|&i| rates.sample(i).iter().any(|&rate| rate > 0.0))
        .collect();
    let mut assignments = vec![Assignment::ZeroPerformance; rates.n_samples()];
    if order.is_empty() {
        return Clusters { assignments, clusters: Vec::new(), radius: None };
    }
    order.sort_by(|&a, &b| points::compare(rates.sample(a), rates.sample(b)));
    let sorted: Vec<f64> = order.iter().flat_map(|&i| rates.sample(i)).copied().collect();
    let found = Found::new(Points::new(rates.n_rungs(), &sorted), config, seed);

    let mut sizes = vec![0; found.centres.len()];
    for label in found.labels.iter().flatten() {
        sizes[*label] += 1;
    }
    let mut ranked: Vec<usize> = (0..sizes.len()).filter(|&label| sizes[label] > 0).collect();
    ranked.sort_by(|&a, &b| {
        let by_centre = || points::compare(&found.centres[b], &found.centres[a]);
        sizes[b].cmp(&sizes[a]).then_with(by_centre)
    });
    let mut ids = vec![None; sizes.len()];
    for (id, &label) in ranked.iter().enumerate() {
        ids[label] = Some(id);
    }
    for (&i, label) in order.iter().zip(&found.labels) {
        assignments[i] =
            label.and_then(|label| ids[label]).map_or(Assignment::Outlier, Assignment::Cluster);
    }
    let clusters = ranked
        .iter()
        .map(|&label| Cluster { centre: found.centres[label].clone(), size: sizes[label] })
        .collect();
    Clusters { assignments, clusters, radius: found.radius }
}

/// The bandwidth of the paper's MeanShift: [`estimate_bandwidth`] at [`ClusterConfig::quantile`], at
/// most [`ClusterConfig::cap`] times the square root of the number of rungs. At least one point.
///
/// At least 1e-9: less than two different pass rates are apart, more than the mean of equal ones is
/// off by rounding. Where many samples are equal, they and no others go together.
pub fn radius(points: Points<'_>, config: &ClusterConfig) -> f64 {
    const LEAST: f64 = 1e-9;
    let cap = config.cap * (points.d() as f64).sqrt();
    bandwidth::capped_bandwidth(points, config.quantile, cap).max(LEAST)
}

/// What an algorithm found, in its own numbering.
struct Found {
    labels: Vec<Option<usize>>,
    centres: Vec<Vec<f64>>,
    radius: Option<f64>,
}

impl Found {
    fn new(points: Points<'_>, config: &ClusterConfig, seed: u64) -> Self {
        let radius = || radius(points, config);
        match config.algorithm {
            Algorithm::ImprovedMeanShift => {
                let radius = radius();
                let found = improved_mean_shift(points, radius, config.min_size);
                Self { labels: found.labels, centres: found.centres, radius: Some(radius) }
            }
            Algorithm::MeanShift => {
                let radius = radius();
                let found = mean_shift(points, radius, true);
                Self { labels: found.labels, centres: found.centres, radius: Some(radius) }
            }
            Algorithm::KMeans => {
                let found = k_means(points, config.k, config.restarts, seed);
                let labels = found.labels.into_iter().map(Some).collect();
                Self { labels, centres: found.centres, radius: None }
            }
            Algorithm::ImprovedKMeans => {
                let (found, labels) =
                    improved_k_means(points, config.min_size, config.restarts, seed);
                Self { labels, centres: found.centres, radius: None }
            }
            Algorithm::Dbscan => {
                let labels = dbscan(points, config.eps, config.min_size);
                let centres = quality::means(points, &labels);
                Self { labels, centres, radius: Some(config.eps) }
            }
        }
    }
}
