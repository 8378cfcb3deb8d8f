//! The paper's improved MeanShift.

use super::mean_shift::mean_shift;
use super::points::Points;

/// Clusters whose members are all within a radius of the centre, and outliers.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    /// `[point]` its cluster; `None` for outliers.
    pub labels: Vec<Option<usize>>,
    /// `[cluster][d]`
    pub centres: Vec<Vec<f64>>,
}

/// Repeats MeanShift on what is not yet in a cluster: points farther than `radius` from their centre
/// and clusters of fewer than `min_size` points are released, the others keep a fresh label, until a
/// round gives no new label.
///
/// `radius`: finite and positive. Labels count up in the order of finding.
///
/// Source: Xu et al. 2025, arXiv 2502.17262, Algorithm 1. Differs from it in: nothing.
pub fn improved_mean_shift(points: Points<'_>, radius: f64, min_size: usize) -> Partition {
    let mut partition = Partition { labels: vec![None; points.n()], centres: Vec::new() };
    loop {
        let left: Vec<usize> = (0..points.n()).filter(|&i| partition.labels[i].is_none()).collect();
        if left.len() < min_size.max(1) {
            return partition;
        }
        let rows: Vec<f64> = left.iter().flat_map(|&i| points.row(i)).copied().collect();
        let round = mean_shift(Points::new(points.d(), &rows), radius, false);
        let mut sizes = vec![0; round.centres.len()];
        for label in round.labels.iter().flatten() {
            sizes[*label] += 1;
        }
        let fresh: Vec<Option<usize>> = sizes
            .iter()
            .zip(round.centres)
            .map(|(&size, centre)| {
                (size >= min_size.max(1)).then(|| {
                    partition.centres.push(centre);
                    partition.centres.len() - 1
                })
            })
            .collect();
        if fresh.iter().all(Option::is_none) {
            return partition;
        }
        for (&i, label) in left.iter().zip(round.labels) {
            partition.labels[i] = label.and_then(|label| fresh[label]);
        }
    }
}
