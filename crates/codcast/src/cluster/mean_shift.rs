//! MeanShift with a flat kernel, as scikit-learn does it.

use std::collections::BTreeMap;

use super::balls::{Balls, COUNT, FINGERPRINT, Position};
use super::neighbours::Neighbours;
use super::points::{Points, compare, squared_distance};

/// A seed's climb ends when it moves less than this times the bandwidth.
const STOP: f64 = 1e-3;
/// Moves after the first before a climb is cut off.
const MAX_MOVES: usize = 300;

/// Centres and labels.
#[derive(Clone, Debug, PartialEq)]
pub struct MeanShift {
    /// `[cluster][d]`, by decreasing number of points in the final window, then by decreasing
    /// coordinates.
    pub centres: Vec<Vec<f64>>,
    /// `[point]` index of the nearest centre; `None` for orphans.
    pub labels: Vec<Option<usize>>,
}

/// Moves every point to the mean of the points within `bandwidth` until it stands still, and merges
/// what arrives within a bandwidth of a better-supported centre.
///
/// `bandwidth`: finite and positive. With `cluster_all`, a point farther than the bandwidth from
/// every centre belongs to the nearest; without, it is an orphan.
///
/// Source: D. Comaniciu, P. Meer, "Mean Shift: A Robust Approach toward Feature Space Analysis",
/// IEEE PAMI 24(5), 2002, in the form of scikit-learn 1.9.1, `MeanShift(bin_seeding=False)`, to the
/// last bit of labels and centres for up to 15 coordinates. With more, or with fewer than 12 points,
/// scikit-learn expands the square of the distance, whose last bits depend on its processor: there
/// exact ties may go the other way. Otherwise it differs in nothing but speed: a climb is a walk over
/// sets of points, and walks that meet in a set go on together.
pub fn mean_shift(points: Points<'_>, bandwidth: f64, cluster_all: bool) -> MeanShift {
    assert!(bandwidth.is_finite() && bandwidth > 0.0, "a bandwidth is positive");
    if points.n() == 0 {
        return MeanShift { centres: Vec::new(), labels: Vec::new() };
    }
    let centres = merged(points.d(), ends_of_climbs(points, bandwidth), bandwidth);
    let flat = centres.concat();
    let neighbours = Neighbours::new(Points::new(points.d(), &flat), 1);
    let labels = points
        .rows()
        .map(|row| {
            let (nearest, distance) = neighbours.nearest(row);
            (cluster_all || distance <= bandwidth).then_some(nearest)
        })
        .collect();
    MeanShift { centres, labels }
}

/// The end points of all climbs, each with the number of points around the last position.
fn ends_of_climbs(points: Points<'_>, bandwidth: f64) -> Vec<(Vec<f64>, u64)> {
    let mut climbs = Climbs {
        balls: Balls::new(points, bandwidth),
        windows: Vec::new(),
        known: BTreeMap::new(),
        stop: STOP * bandwidth,
    };
    let seeds: Vec<Vec<u32>> = climbs.balls.seeds().map(<[u32]>::to_vec).collect();
    let mut ends = vec![0; points.n()];
    for copies in seeds {
        let end = climbs.from(points.row(copies[0] as usize));
        for i in copies {
            ends[i as usize] = end;
        }
    }
    // Different windows may have the same mean; the later seed then tells the number of points.
    let mut centres: Vec<Option<Vec<f64>>> = vec![None; climbs.windows.len()];
    let mut support = BTreeMap::new();
    for end in ends {
        let window = &climbs.windows[end];
        let centre = centres[end].get_or_insert_with(|| climbs.balls.exact_mean(&window.origin));
        support.insert(Key(centre.clone()), window.count);
    }
    support.into_iter().map(|(key, count)| (key.0, count)).collect()
}

/// Orders centres by value.
struct Key(Vec<f64>);

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        compare(&self.0, &other.0)
    }
}
impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Key {}

/// A set of points that a climb came through.
struct Window {
    /// The position around which the points are.
    origin: Position,
    count: u64,
    mean: Vec<f64>,
    /// The window around the mean.
    next: Option<usize>,
    /// How many windows later a climb through here ends, and in which window.
    end: Option<(usize, usize)>,
}

struct Climbs<'a> {
    balls: Balls<'a>,
    windows: Vec<Window>,
    /// Windows by fingerprint and count.
    known: BTreeMap<(i64, i64), usize>,
    stop: f64,
}

impl Climbs<'_> {
    /// The window in which the climb from `seed` ends.
    fn from(&mut self, seed: &[f64]) -> usize {
        self.balls.restart();
        let start = Position { at: seed.to_vec(), exact: true };
        let first = self.window(start, f64::INFINITY);
        if self.stands_still(seed, true, None, first) {
            return first;
        }
        let mut path = vec![first];
        let (length, end) = loop {
            let here = path[path.len() - 1];
            if let Some((left, end)) = self.windows[here].end {
                break (path.len() + left, end);
            }
            if path.len() > MAX_MOVES {
                return here;
            }
            let next = self.next(here);
            let mean = self.windows[here].mean.clone();
            if self.stands_still(&mean, false, Some(here), next) {
                break (path.len() + 1, next);
            }
            path.push(next);
        };
        for (i, &window) in path.iter().enumerate() {
            if self.windows[window].end.is_none() {
                self.windows[window].end = Some((length - i - 1, end));
            }
        }
        if length > MAX_MOVES + 1 {
            return (0..MAX_MOVES).fold(first, |window, _| self.next(window));
        }
        end
    }

    fn next(&mut self, here: usize) -> usize {
        if let Some(next) = self.windows[here].next {
            return next;
        }
        let step = squared_distance(&self.windows[here].mean, &self.windows[here].origin.at).sqrt();
        let mean = self.windows[here].mean.clone();
        let position = Position { at: mean, exact: false };
        let next = match self.try_window(&position, step) {
            Some(next) => next,
            None => {
                let at = self.balls.exact_mean(&self.windows[here].origin);
                self.window(Position { at, exact: true }, step)
            }
        };
        self.windows[here].next = Some(next);
        next
    }

    /// The window around an exact position.
    fn window(&mut self, origin: Position, step: f64) -> usize {
        self.try_window(&origin, step).unwrap_or_else(|| unreachable!("the position is exact"))
    }

    fn try_window(&mut self, origin: &Position, step: f64) -> Option<usize> {
        let sums = self.balls.around(origin, step).ok()?;
        let fresh = self.windows.len();
        let index = *self.known.entry((sums[FINGERPRINT], sums[COUNT])).or_insert(fresh);
        if index == fresh {
            self.windows.push(Window {
                origin: origin.clone(),
                count: sums[COUNT].cast_unsigned(),
                mean: self.balls.mean(&sums),
                next: None,
                end: None,
            });
        }
        Some(index)
    }

    /// Whether going from `before` to the mean of `window` is too short to go on.
    fn stands_still(
        &self,
        before: &[f64],
        exact: bool,
        origin: Option<usize>,
        window: usize,
    ) -> bool {
        let moved = squared_distance(before, &self.windows[window].mean).sqrt();
        if (moved - self.stop).abs() > 1e-9 * self.stop {
            return moved < self.stop;
        }
        let after = self.balls.exact_mean(&self.windows[window].origin);
        let before = match origin {
            Some(origin) if !exact => self.balls.exact_mean(&self.windows[origin].origin),
            _ => before.to_vec(),
        };
        squared_distance(&before, &after).sqrt() <= self.stop
    }
}

/// Drops every centre within a bandwidth of a better one.
fn merged(d: usize, ends: Vec<(Vec<f64>, u64)>, bandwidth: f64) -> Vec<Vec<f64>> {
    let mut ends = ends;
    ends.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| compare(&b.0, &a.0)));
    let flat: Vec<f64> = ends.iter().flat_map(|(centre, _)| centre).copied().collect();
    let neighbours = Neighbours::new(Points::new(d, &flat), 5);
    let mut unique = vec![true; ends.len()];
    for i in 0..ends.len() {
        if unique[i] {
            for (j, unique) in unique.iter_mut().enumerate() {
                *unique = *unique && (j == i || !neighbours.within(&ends[i].0, j, bandwidth));
            }
        }
    }
    ends.into_iter().zip(unique).filter(|(_, unique)| *unique).map(|((c, _), _)| c).collect()
}
