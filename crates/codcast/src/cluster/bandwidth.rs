//! The bandwidth that suits a set of points.

use super::boxes::{Boxes, LANES, distances};
use super::points::{Points, squared_distance};

/// scikit-learn adds up distances in batches of this many points.
const BATCH: usize = 500;
/// After how many distances to the k-th neighbour to give up on showing that their mean is large.
const WITNESSES: usize = 512;
/// The distance to the k-th neighbour is first looked for within this times the way from the last
/// point. It cannot change by more than the way, and seldom changes by much of it.
const GUESS: f64 = 0.3;
/// Relative and absolute slack for single-precision distances of coordinates around 1.
const SINGLE: f64 = 1e-5;

/// Mean over the points of the distance to the k-th neighbour, the point itself counted, where
/// `k = max(1, floor(n * quantile))`.
///
/// `quantile` in `[0, 1]`; at least one point.
///
/// Source: scikit-learn 1.9.1, `estimate_bandwidth`, bit for bit where scikit-learn searches a tree.
/// Differs from it in: distances are differences of coordinates also where scikit-learn expands the
/// square (more than 15 coordinates, or `k >= n / 2`), which loses about half of the digits.
pub fn estimate_bandwidth(points: Points<'_>, quantile: f64) -> f64 {
    let mut distances = vec![0.0; points.n()];
    let mut search = Search::new(points, quantile);
    for slot in 0..search.boxes.first.len() {
        let distance = search.to_kth(slot);
        for &i in search.boxes.copies(slot) {
            distances[i as usize] = distance;
        }
    }
    distances.chunks(BATCH).map(pairwise_sum).sum::<f64>() / points.n() as f64
}

/// The smaller of [`estimate_bandwidth`] and `cap`.
///
/// The distance to the k-th neighbour cannot change faster than the position, so a few points'
/// distances bound all others from below, often enough to tell that the cap is the smaller one.
pub(super) fn capped_bandwidth(points: Points<'_>, quantile: f64, cap: f64) -> f64 {
    if is_above(points, quantile, cap) {
        cap
    } else {
        estimate_bandwidth(points, quantile).min(cap)
    }
}

/// Whether the bandwidth can be shown cheaply to be above `cap`.
fn is_above(points: Points<'_>, quantile: f64, cap: f64) -> bool {
    let mut search = Search::new(points, quantile);
    let n = search.boxes.first.len();
    let weights: Vec<f64> = (0..n).map(|slot| search.boxes.copies(slot).len() as f64).collect();
    let enough = cap * points.n() as f64 * (1.0 + SINGLE);
    let slack = SINGLE * (1.0 + points.reach());
    let mut bounds = vec![0.0_f64; n];
    for witness in 0..WITNESSES.min(n) {
        let slot = witness * n / WITNESSES.min(n);
        let distance = search.to_kth(slot);
        let to = search.boxes.single(slot);
        for (block, bounds) in
            search.boxes.blocks.chunks_exact(points.d()).zip(bounds.chunks_mut(LANES))
        {
            for (bound, squared) in bounds.iter_mut().zip(distances(block, &to)) {
                let apart = f64::from(squared.sqrt()) * (1.0 + SINGLE) + slack;
                *bound = bound.max(distance - apart);
            }
        }
        if witness % 16 == 15
            && bounds.iter().zip(&weights).map(|(b, w)| b * w).sum::<f64>() > enough
        {
            return true;
        }
    }
    false
}

/// Distances to k-th neighbours, each from what is known about the last.
struct Search<'a> {
    points: Points<'a>,
    boxes: Boxes,
    k: usize,
    /// The largest absolute coordinate.
    reach: f64,
    /// A slot, and its distance to the k-th neighbour.
    last: Option<(usize, f64)>,
    /// Squared distances that may be the k-th, with their slots.
    found: Vec<(f32, u32)>,
}

impl<'a> Search<'a> {
    fn new(points: Points<'a>, quantile: f64) -> Self {
        assert!(points.n() > 0 && (0.0..=1.0).contains(&quantile), "points and a share of them");
        let k = ((points.n() as f64 * quantile) as usize).max(1);
        let (boxes, reach) = (Boxes::new(points), points.reach());
        Self { points, boxes, k, reach, last: None, found: Vec::new() }
    }

    /// Distance to the k-th neighbour of the points in a slot.
    fn to_kth(&mut self, slot: usize) -> f64 {
        let row = self.points.row(self.boxes.first[slot] as usize);
        let squared = match self.last {
            None => self.kth_between(slot, 0.0, f64::INFINITY),
            Some((last, distance)) => {
                let other = self.points.row(self.boxes.first[last] as usize);
                let moved = squared_distance(row, other).sqrt();
                let guess = GUESS * moved;
                self.kth_between(slot, distance - guess, distance + guess)
                    .or_else(|| self.kth_between(slot, distance - moved, distance + moved))
            }
        };
        // The k-th distance changes by no more than the way, so one of the searches finds it.
        let distance = squared.unwrap_or(f64::NAN).sqrt();
        self.last = Some((slot, distance));
        distance
    }

    /// Squared distance to the k-th neighbour if it is between two distances.
    fn kth_between(&mut self, slot: usize, low: f64, high: f64) -> Option<f64> {
        let slack = SINGLE * (1.0 + self.reach);
        let (low, high) = ((low - slack).max(0.0).powi(2) as f32, (high + slack).powi(2) as f32);
        let to = self.boxes.single(slot);
        let Self { boxes, found, .. } = self;
        found.clear();
        let (mut below, mut in_boxes) = (0, 0);
        boxes.visit(
            &to,
            (low, high),
            &mut |level, member| {
                let slots = boxes.slots(level, member);
                in_boxes += (boxes.starts[slots.end] - boxes.starts[slots.start]) as usize;
            },
            &mut |b| {
                let squared = distances(boxes.block(b), &to);
                for (slot, &squared) in boxes.slots(0, b).zip(&squared) {
                    if squared < low {
                        below += boxes.copies(slot).len();
                    } else if squared <= high {
                        let copies = boxes.copies(slot).len();
                        found.extend(std::iter::repeat_n((squared, slot as u32), copies));
                    }
                }
            },
        );
        self.select(slot, below + in_boxes)
    }

    /// The k-th smallest squared distance, given how many smaller ones are not among `found`.
    fn select(&mut self, slot: usize, below: usize) -> Option<f64> {
        let Self { points, boxes, found, k, reach, .. } = self;
        let place = k.checked_sub(below + 1).filter(|&place| place < found.len())?;
        let (_, &mut (near, _), _) =
            found.select_nth_unstable_by(place, |a, b| a.0.total_cmp(&b.0));
        // The k-th in single precision is near the k-th in double; only its equals matter.
        let error = (SINGLE * f64::from(near.sqrt() + 1e-3) * (1.0 + *reach)) as f32;
        let row = points.row(boxes.first[slot] as usize);
        let mut smaller = below;
        let mut equals = Vec::new();
        for &(squared, other) in found.iter() {
            if squared < near - error {
                smaller += 1;
            } else if squared <= near + error {
                let other = points.row(boxes.first[other as usize] as usize);
                equals.push(squared_distance(row, other));
            }
        }
        let (_, kth, _) = equals.select_nth_unstable_by(*k - 1 - smaller, f64::total_cmp);
        Some(*kth)
    }
}

/// The sum of a contiguous array as NumPy computes it: eight running sums, halves beyond 128.
pub(super) fn pairwise_sum(values: &[f64]) -> f64 {
    let n = values.len();
    if n < 8 {
        return values.iter().sum();
    }
    if n > 128 {
        let half = n / 2 - n / 2 % 8;
        return pairwise_sum(&values[..half]) + pairwise_sum(&values[half..]);
    }
    let (eights, rest) = values.as_chunks::<8>();
    let mut r = eights[0];
    for eight in &eights[1..] {
        for (sum, x) in r.iter_mut().zip(eight) {
            *sum += x;
        }
    }
    let sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    rest.iter().fold(sum, |sum, x| sum + x)
}
