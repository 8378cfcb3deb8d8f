//! Points of many dimensions on a plane, for looking at.
//!
//! Own code: of the crates that offer t-SNE the best kept neither takes a seed nor keeps as many
//! neighbours as scikit-learn's, and a few hundred points a task need no tree.

use rand::RngExt as _;

use crate::stats::generator;

/// Neighbours that count, in the sense of t-SNE's perplexity, as in scikit-learn.
const PERPLEXITY: f64 = 30.0;
/// Steps with exaggerated attraction, and steps after them.
const EARLY_STEPS: usize = 250;
const LATE_STEPS: usize = 500;
/// Of the attraction in the early steps.
const EXAGGERATION: f64 = 12.0;
/// Standard deviation of the first coordinate in the beginning, as in scikit-learn.
const START_SD: f64 = 1e-4;
/// Equal points begin this far apart, relative to [`START_SD`], so that many in one place are seen.
const JITTER: f64 = 1e-2;

/// t-SNE: one place on the plane for each point, such that neighbours stay neighbours.
///
/// `points`: `[point]` rows of equal length. Deterministic for a seed; serial.
///
/// Source: van der Maaten and Hinton 2008 (JMLR 9), exact gradient; started from the principal
/// components with a learning rate of n / 48, at least 50 (Kobak and Berens 2019; Belkina et al.
/// 2019), as in scikit-learn 1.9. Differs from it in: 750 steps without a stopping rule; a seeded
/// jitter keeps equal points apart.
pub fn tsne(points: &[&[f64]], seed: u64) -> Vec<[f64; 2]> {
    let n = points.len();
    if n < 3 {
        return (0..n).map(|i| [i as f64, 0.0]).collect();
    }
    let attraction = joint_probabilities(points, PERPLEXITY.min((n as f64 - 1.0) / 3.0));
    let mut places = start(points, seed);
    let mut velocity = vec![[0.0; 2]; n];
    let mut gains = vec![[1.0; 2]; n];
    let rate = (n as f64 / EXAGGERATION / 4.0).max(50.0);
    for step in 0..EARLY_STEPS + LATE_STEPS {
        let early = step < EARLY_STEPS;
        let (exaggeration, momentum) = if early { (EXAGGERATION, 0.5) } else { (1.0, 0.8) };
        let gradient = gradient(&attraction, &places, exaggeration);
        for i in 0..n {
            for axis in 0..2 {
                let slope = gradient[i][axis];
                // Jacobs 1988: the step grows while it keeps its direction.
                let gain: &mut f64 = &mut gains[i][axis];
                let turned = velocity[i][axis] * slope > 0.0;
                *gain = if turned { *gain * 0.8 } else { *gain + 0.2 }.max(0.01);
                velocity[i][axis] = momentum * velocity[i][axis] - rate * *gain * slope;
                places[i][axis] += velocity[i][axis];
            }
        }
    }
    places
}

/// Kullback-Leibler divergence of the plane's neighbourhoods from the points': what [`tsne`]
/// minimises, in nats.
pub fn divergence(points: &[&[f64]], places: &[[f64; 2]]) -> f64 {
    let n = points.len();
    let p = joint_probabilities(points, PERPLEXITY.min((n as f64 - 1.0) / 3.0));
    let q = |i: usize, j: usize| 1.0 / (1.0 + squared(&places[i], &places[j]));
    let pairs = || (0..n).flat_map(|i| (0..n).filter(move |&j| j != i).map(move |j| (i, j)));
    let total: f64 = pairs().map(|(i, j)| q(i, j)).sum();
    pairs()
        .map(|(i, j)| (p[i * n + j], q(i, j) / total))
        .filter(|(p, _)| *p > 0.0)
        .map(|(p, q)| p * (p / q).ln())
        .sum()
}

fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// `[i n + j]`, symmetric, sum 1: probability of being neighbours under Gaussians whose widths give
/// every point the same perplexity.
fn joint_probabilities(points: &[&[f64]], perplexity: f64) -> Vec<f64> {
    let n = points.len();
    let mut conditional = vec![0.0; n * n];
    for i in 0..n {
        let distances: Vec<f64> = points.iter().map(|other| squared(points[i], other)).collect();
        conditional[i * n..(i + 1) * n].copy_from_slice(&neighbours(&distances, i, perplexity));
    }
    let mut joint = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            joint[i * n + j] = (conditional[i * n + j] + conditional[j * n + i]) / (2.0 * n as f64);
        }
    }
    joint
}

/// `[j]` probability that point `i` would pick `j`; the precision is found by bisection.
fn neighbours(distances: &[f64], i: usize, perplexity: f64) -> Vec<f64> {
    let (mut precision, mut low, mut high) = (1.0, 0.0, f64::INFINITY);
    let mut row = vec![0.0; distances.len()];
    for _ in 0..100 {
        let mut sum = 0.0;
        let mut weighted = 0.0;
        for (j, (cell, distance)) in row.iter_mut().zip(distances).enumerate() {
            *cell = if j == i { 0.0 } else { (-distance * precision).exp() };
            sum += *cell;
            weighted += distance * *cell;
        }
        // So far from everything that all weights vanish: look wider.
        let entropy =
            if sum > 0.0 { sum.ln() + precision * weighted / sum } else { f64::NEG_INFINITY };
        let excess = entropy - perplexity.ln();
        if excess.abs() < 1e-6 {
            break;
        }
        if excess > 0.0 {
            low = precision;
            precision = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * precision };
        } else {
            high = precision;
            precision = 0.5 * (low + high);
        }
        // More equal points than the perplexity: no width tells them apart, and any is right.
        if precision > 1e12 {
            break;
        }
    }
    let sum: f64 = row.iter().sum();
    row.iter().map(|cell| if sum > 0.0 { cell / sum } else { 0.0 }).collect()
}

/// The gradient of the divergence, `[point]`.
fn gradient(attraction: &[f64], places: &[[f64; 2]], exaggeration: f64) -> Vec<[f64; 2]> {
    let n = places.len();
    let mut pull = vec![[0.0; 2]; n];
    let mut push = vec![[0.0; 2]; n];
    let mut total = 0.0;
    for i in 0..n {
        let [x, y] = places[i];
        let (mut pull_i, mut push_i) = ([0.0; 2], [0.0; 2]);
        for j in i + 1..n {
            let (dx, dy) = (x - places[j][0], y - places[j][1]);
            let near = 1.0 / (1.0 + dx * dx + dy * dy);
            total += 2.0 * near;
            let (a, r) = (attraction[i * n + j] * near, near * near);
            for (axis, d) in [dx, dy].into_iter().enumerate() {
                pull_i[axis] += a * d;
                push_i[axis] += r * d;
                pull[j][axis] -= a * d;
                push[j][axis] -= r * d;
            }
        }
        for axis in 0..2 {
            pull[i][axis] += pull_i[axis];
            push[i][axis] += push_i[axis];
        }
    }
    pull.iter()
        .zip(&push)
        .map(|(pull, push)| {
            [0, 1].map(|axis| 4.0 * (exaggeration * pull[axis] - push[axis] / total))
        })
        .collect()
}

/// The first two principal components, tiny, and a jitter.
fn start(points: &[&[f64]], seed: u64) -> Vec<[f64; 2]> {
    let n = points.len() as f64;
    let d = points[0].len();
    let mean: Vec<f64> =
        (0..d).map(|k| points.iter().map(|point| point[k]).sum::<f64>() / n).collect();
    let centred: Vec<Vec<f64>> = points
        .iter()
        .map(|point| point.iter().zip(&mean).map(|(x, mean)| x - mean).collect())
        .collect();
    let first = principal(&centred, &[]);
    let second = principal(&centred, std::slice::from_ref(&first));
    let along =
        |axis: &[f64], point: &[f64]| -> f64 { axis.iter().zip(point).map(|(a, x)| a * x).sum() };
    let spread = centred.iter().map(|point| along(&first, point).powi(2)).sum::<f64>() / n;
    let scale = START_SD / spread.sqrt().max(f64::MIN_POSITIVE.sqrt());
    let mut random = generator(seed, 0);
    centred
        .iter()
        .map(|point| {
            [&first, &second].map(|axis| {
                let jitter: f64 = random.random_range(-1.0..1.0);
                let place = scale * along(axis, point);
                // All points equal: nothing but the jitter.
                (if place.is_finite() { place } else { 0.0 }) + START_SD * JITTER * jitter
            })
        })
        .collect()
}

/// The direction of largest variance orthogonal to `others`, by power iteration; its largest entry is
/// positive.
fn principal(centred: &[Vec<f64>], others: &[Vec<f64>]) -> Vec<f64> {
    let d = centred[0].len();
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let remove = |axis: &mut Vec<f64>| {
        for other in others {
            let part = dot(axis, other);
            axis.iter_mut().zip(other).for_each(|(a, o)| *a -= part * o);
        }
    };
    // No direction is special: entries differ so that none is orthogonal to all.
    let mut axis: Vec<f64> = (0..d).map(|k| 1.0 + 0.1 * k as f64 / d as f64).collect();
    for (k, entry) in axis.iter_mut().enumerate() {
        *entry *= if !others.is_empty() && k % 2 == 1 { -1.0 } else { 1.0 };
    }
    remove(&mut axis);
    for _ in 0..300 {
        let mut next = vec![0.0; d];
        for point in centred {
            let part = dot(&axis, point);
            next.iter_mut().zip(point).for_each(|(next, x)| *next += part * x);
        }
        remove(&mut next);
        let length = dot(&next, &next).sqrt();
        if length < 1e-12 {
            break;
        }
        axis = next.iter().map(|x| x / length).collect();
    }
    let largest = axis.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(1.0);
    let length = dot(&axis, &axis).sqrt().max(f64::MIN_POSITIVE) * largest.signum();
    axis.iter().map(|x| x / length).collect()
}
