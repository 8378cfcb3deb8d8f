//! How tight a clustering is and how much it leaves out.

use super::points::{Points, squared_distance};

/// Intra-cluster average distance: the mean over all points in clusters of the distance to the mean
/// of their cluster. `None` without any point in a cluster.
///
/// Source: Xu et al. 2025, arXiv 2502.17262, IAD. The paper does not say whether clusters or points
/// weigh equally: here points do.
pub fn intra_cluster_average_distance(points: Points<'_>, labels: &[Option<usize>]) -> Option<f64> {
    let means = means(points, labels);
    let distances = points
        .rows()
        .zip(labels)
        .filter_map(|(row, label)| label.map(|label| squared_distance(row, &means[label]).sqrt()));
    let (count, total) = distances.fold((0_usize, 0.0), |(n, sum), d| (n + 1, sum + d));
    (count > 0).then(|| total / count as f64)
}

/// Share of the points in no cluster, in `[0, 1]`. `None` without points.
///
/// Source: Xu et al. 2025, arXiv 2502.17262, OR.
pub fn outlier_rate(labels: &[Option<usize>]) -> Option<f64> {
    let outliers = labels.iter().filter(|label| label.is_none()).count();
    (!labels.is_empty()).then(|| outliers as f64 / labels.len() as f64)
}

/// Share of the points' variance that their clusters explain, in `[0, 1]`: one less the mean squared
/// distance to the mean of the own cluster over that to the mean of all. Points of no cluster are left
/// out. `None` where nothing varies or no point is in a cluster.
pub fn explained_variance(points: Points<'_>, labels: &[Option<usize>]) -> Option<f64> {
    let one: Vec<Option<usize>> = labels.iter().map(|label| label.map(|_| 0)).collect();
    let around = |labels: &[Option<usize>]| -> f64 {
        let means = means(points, labels);
        let squares = points.rows().zip(labels);
        squares.filter_map(|(row, label)| Some(squared_distance(row, &means[(*label)?]))).sum()
    };
    let (total, within) = (around(&one), around(labels));
    (total > 0.0).then(|| (1.0 - within / total).clamp(0.0, 1.0))
}

/// `[cluster][d]` means of the members; zeros for a cluster without any.
pub(super) fn means(points: Points<'_>, labels: &[Option<usize>]) -> Vec<Vec<f64>> {
    let n_clusters = labels.iter().flatten().max().map_or(0, |max| max + 1);
    let mut means = vec![vec![0.0; points.d()]; n_clusters];
    let mut sizes = vec![0.0_f64; n_clusters];
    for (row, label) in points.rows().zip(labels) {
        if let Some(label) = *label {
            sizes[label] += 1.0;
            for (mean, x) in means[label].iter_mut().zip(row) {
                *mean += x;
            }
        }
    }
    for (mean, size) in means.iter_mut().zip(&sizes) {
        for x in mean {
            *x /= size.max(1.0);
        }
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_to_the_means_of_members() {
        let values = [0.0, 1.0, 10.0, 10.0, 99.0];
        let points = Points::new(1, &values);
        let labels = [Some(0), Some(0), Some(1), Some(1), None];
        assert_eq!(intra_cluster_average_distance(points, &labels), Some(0.25));
        assert_eq!(outlier_rate(&labels), Some(0.2));
        // Around 5.25: 27.5625 + 18.0625 + 2 * 22.5625 = 90.75; within: 0.5.
        assert_eq!(explained_variance(points, &labels), Some(1.0 - 0.5 / 90.75));
        assert_eq!(explained_variance(points, &[None; 5]), None);
        assert_eq!(intra_cluster_average_distance(points, &[None; 5]), None);
        assert_eq!(outlier_rate(&[]), None);
    }
}
