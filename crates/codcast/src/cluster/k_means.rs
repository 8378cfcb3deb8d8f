//! K-Means, and the paper's improved K-Means.

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::points::{Points, compare, squared_distance};

/// Assignments before a run is cut off.
const MAX_ROUNDS: usize = 300;

/// Centres, labels and how well they fit.
#[derive(Clone, Debug, PartialEq)]
pub struct KMeans {
    /// `[cluster][d]`
    pub centres: Vec<Vec<f64>>,
    /// `[point]` index of the nearest centre.
    pub labels: Vec<usize>,
    /// Sum of squared distances to the nearest centres.
    pub inertia: f64,
}

/// The best of `restarts` runs of Lloyd's iteration from k-means++ starts.
///
/// `k` at least 1; with fewer than `k` points, as many clusters as points. Start `i` draws from a
/// generator made of (`seed`, `i`); the order of the points does not matter.
///
/// Source: S. Lloyd 1982; D. Arthur, S. Vassilvitskii, "k-means++", SODA 2007, with the greedy choice
/// among 2 + ln k candidates of scikit-learn.
pub fn k_means(points: Points<'_>, k: usize, restarts: usize, seed: u64) -> KMeans {
    assert!(k > 0 && restarts > 0, "at least one cluster and one start");
    if points.n() == 0 {
        return KMeans { centres: Vec::new(), labels: Vec::new(), inertia: 0.0 };
    }
    // Sorted, so that neither draws nor sums depend on the order of the points.
    let mut order: Vec<usize> = (0..points.n()).collect();
    order.sort_by(|&a, &b| compare(points.row(a), points.row(b)));
    let sorted: Vec<f64> = order.iter().flat_map(|&i| points.row(i)).copied().collect();
    let sorted = Points::new(points.d(), &sorted);
    let mut best: Option<KMeans> = None;
    for restart in 0..restarts {
        let mut random = Pcg64Mcg::seed_from_u64(seed ^ (restart as u64).wrapping_mul(0x9e37_79b9));
        let run = lloyd(sorted, starts(sorted, k.min(points.n()), &mut random));
        if best.as_ref().is_none_or(|best| run.inertia < best.inertia) {
            best = Some(run);
        }
    }
    let mut best = best.unwrap_or_else(|| unreachable!("there is at least one start"));
    let mut labels = vec![0; points.n()];
    for (&i, &label) in order.iter().zip(&best.labels) {
        labels[i] = label;
    }
    best.labels = labels;
    best
}

/// K-Means with the largest `k` whose smallest cluster still has about `min_size` points, found by
/// bisection; points farther from their centre than twice their cluster's mean distance are
/// outliers.
///
/// Source: Xu et al. 2025, arXiv 2502.17262, "improved K-Means", of which the paper gives these two
/// rules only. The search for `k` is ours.
pub fn improved_k_means(
    points: Points<'_>,
    min_size: usize,
    restarts: usize,
    seed: u64,
) -> (KMeans, Vec<Option<usize>>) {
    let smallest = |run: &KMeans| sizes(run).into_iter().min().unwrap_or(0);
    let (mut low, mut high) = (1, points.n() / min_size.max(1) + 1);
    let mut best = k_means(points, low, restarts, seed);
    while high - low > 1 {
        let middle = low.midpoint(high);
        let run = k_means(points, middle, restarts, seed);
        if smallest(&run) >= min_size {
            (low, best) = (middle, run);
        } else {
            high = middle;
        }
    }
    let distances: Vec<f64> = points
        .rows()
        .zip(&best.labels)
        .map(|(row, &label)| squared_distance(row, &best.centres[label]).sqrt())
        .collect();
    let mut means = vec![0.0; best.centres.len()];
    for (&label, distance) in best.labels.iter().zip(&distances) {
        means[label] += distance;
    }
    for (mean, size) in means.iter_mut().zip(sizes(&best)) {
        *mean /= size.max(1) as f64;
    }
    let labels = best.labels.iter().zip(&distances);
    let labels =
        labels.map(|(&label, &far)| (far <= 2.0 * means[label]).then_some(label)).collect();
    (best, labels)
}

fn sizes(run: &KMeans) -> Vec<usize> {
    let mut sizes = vec![0; run.centres.len()];
    for &label in &run.labels {
        sizes[label] += 1;
    }
    sizes
}

/// Greedy k-means++: each next centre is the best of a few points drawn by squared distance.
fn starts(points: Points<'_>, k: usize, random: &mut impl Rng) -> Vec<Vec<f64>> {
    let candidates = 2 + (k as f64).ln() as usize;
    let mut centres = vec![points.row(random.random_range(0..points.n())).to_vec()];
    let mut nearest: Vec<f64> =
        points.rows().map(|row| squared_distance(row, &centres[0])).collect();
    while centres.len() < k {
        let total: f64 = nearest.iter().sum();
        let mut best: Option<(f64, usize, Vec<f64>)> = None;
        for _ in 0..candidates {
            let mut rest = random.random::<f64>() * total;
            let drawn = nearest.iter().position(|weight| {
                rest -= weight;
                rest < 0.0
            });
            let chosen = drawn.unwrap_or(points.n() - 1);
            let row = points.row(chosen);
            let after: Vec<f64> = points
                .rows()
                .zip(&nearest)
                .map(|(p, &d)| squared_distance(p, row).min(d))
                .collect();
            let left = after.iter().sum();
            if best.as_ref().is_none_or(|best| left < best.0) {
                best = Some((left, chosen, after));
            }
        }
        if let Some((_, chosen, after)) = best {
            centres.push(points.row(chosen).to_vec());
            nearest = after;
        }
    }
    centres
}

/// Assigns and averages in turn until no label changes. A cluster that loses all points takes the
/// point that is farthest from its centre.
fn lloyd(points: Points<'_>, mut centres: Vec<Vec<f64>>) -> KMeans {
    let mut labels = vec![usize::MAX; points.n()];
    let mut distances = vec![0.0; points.n()];
    for _ in 0..MAX_ROUNDS {
        let mut changed = false;
        for (i, row) in points.rows().enumerate() {
            let mut nearest = (0, f64::INFINITY);
            for (c, centre) in centres.iter().enumerate() {
                let distance = squared_distance(row, centre);
                if distance < nearest.1 {
                    nearest = (c, distance);
                }
            }
            changed |= labels[i] != nearest.0;
            (labels[i], distances[i]) = nearest;
        }
        if !changed {
            break;
        }
        let mut counts = vec![0_usize; centres.len()];
        let mut sums = vec![vec![0.0; points.d()]; centres.len()];
        for (row, &label) in points.rows().zip(&labels) {
            counts[label] += 1;
            for (sum, x) in sums[label].iter_mut().zip(row) {
                *sum += x;
            }
        }
        let mut far = distances.clone();
        for (c, centre) in centres.iter_mut().enumerate() {
            if counts[c] == 0 {
                let farthest = (0..far.len()).fold(0, |a, b| if far[b] > far[a] { b } else { a });
                far[farthest] = 0.0;
                *centre = points.row(farthest).to_vec();
            } else {
                *centre = sums[c].iter().map(|sum| sum / counts[c] as f64).collect();
            }
        }
    }
    KMeans { centres, inertia: distances.iter().sum(), labels }
}
