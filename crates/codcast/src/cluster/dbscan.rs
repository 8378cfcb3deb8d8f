//! Clusters of points that are dense wherever one stands.

use super::neighbours::Neighbours;
use super::points::{Points, squared_distance};

/// Joins points with at least `min_samples` points (themselves included) within `eps` of them, and
/// gives the points around those to the first cluster that reaches them. `None`: noise.
///
/// `eps`: finite and positive. Clusters are numbered by their first dense point.
///
/// Source: M. Ester et al., "A Density-Based Algorithm for Discovering Clusters", KDD 1996, with the
/// labels of scikit-learn 1.9.1, `DBSCAN`.
pub fn dbscan(points: Points<'_>, eps: f64, min_samples: usize) -> Vec<Option<usize>> {
    let n = points.n();
    let mut labels = vec![None; n];
    if n == 0 {
        return labels;
    }
    let around = surroundings(points, eps);
    let mut found = 0;
    for start in 0..n {
        if labels[start].is_some() || around[start].len() < min_samples {
            continue;
        }
        labels[start] = Some(found);
        let mut open = vec![start];
        while let Some(i) = open.pop() {
            if around[i].len() < min_samples {
                continue;
            }
            for &j in &around[i] {
                if labels[j as usize].is_none() {
                    labels[j as usize] = Some(found);
                    open.push(j as usize);
                }
            }
        }
        found += 1;
    }
    labels
}

/// `[point]` the points within `eps`.
fn surroundings(points: Points<'_>, eps: f64) -> Vec<Vec<u32>> {
    // scikit-learn tells the search 5 neighbours, its default, which picks the structure.
    let neighbours = Neighbours::new(points, 5);
    let squared = eps * eps;
    let reach = 1e-9 * (squared + points.reach().powi(2) * points.d() as f64);
    points
        .rows()
        .map(|row| {
            (0..points.n())
                .filter(|&j| {
                    let distance = squared_distance(row, points.row(j));
                    if (distance - squared).abs() > reach {
                        distance < squared
                    } else {
                        neighbours.within(row, j, eps)
                    }
                })
                .map(|j| j as u32)
                .collect()
        })
        .collect()
}
