//! Distinct points in a tree of boxes, laid out for single-precision arithmetic, eight at a time.
//!
//! This finds neighbours fast; who counts as one at exactly the radius is not decided here.

use super::neighbours::bounds;
use super::points::{Points, distinct};

/// Points in a block, blocks in a group, groups in a group.
pub(super) const LANES: usize = 8;

/// One coordinate of a block's points.
pub(super) type Lanes = [f32; LANES];

/// A far-away coordinate for the empty lanes of a block.
pub(super) const NOWHERE: f32 = 1e18;

/// Distinct points in an order in which neighbours in the list are neighbours in space.
pub(super) struct Boxes {
    pub(super) d: usize,
    /// `[slot]` index of one of the equal points.
    pub(super) first: Vec<u32>,
    /// `[slot]` where its copies start in `copies`, and one past the end.
    pub(super) starts: Vec<u32>,
    /// Indices of points, slot by slot.
    pub(super) copies: Vec<u32>,
    /// `[block][d]` coordinates; block `b` holds slots `LANES * b..`.
    pub(super) blocks: Vec<Lanes>,
    /// `[level]`, from the bounds of blocks to the bounds of everything.
    pub(super) levels: Vec<Level>,
}

/// Bounds of blocks, or of groups of groups: `[group][d]`, eight a group.
#[derive(Default)]
pub(super) struct Level {
    pub(super) lower: Vec<Lanes>,
    pub(super) upper: Vec<Lanes>,
    /// How many members the level has.
    pub(super) n: usize,
}

impl Boxes {
    pub(super) fn new(points: Points<'_>) -> Self {
        let d = points.d();
        let (order, runs) = distinct(points);
        let mut slots: Vec<u32> = (0..runs.len() as u32).collect();
        let first_of = |slot: u32| order[runs[slot as usize]];
        arrange(&mut slots, &|slot| points.row(first_of(slot) as usize));

        let mut starts = vec![0];
        let mut copies = Vec::with_capacity(points.n());
        for &slot in &slots {
            let end = runs.get(slot as usize + 1).map_or(order.len(), |&end| end);
            copies.extend_from_slice(&order[runs[slot as usize]..end]);
            starts.push(copies.len() as u32);
        }
        let first: Vec<u32> = slots.iter().map(|&slot| first_of(slot)).collect();

        let mut blocks = Vec::with_capacity(first.len().div_ceil(LANES) * d);
        let mut corners = Vec::new();
        for block in first.chunks(LANES) {
            for j in 0..d {
                let mut lanes = [NOWHERE; LANES];
                for (lane, &i) in lanes.iter_mut().zip(block) {
                    *lane = points.row(i as usize)[j] as f32;
                }
                blocks.push(lanes);
            }
            let (lower, upper) = bounds(points, block);
            corners.push((single(&lower), single(&upper)));
        }
        let mut levels = vec![Level::new(d, &corners)];
        while corners.len() > LANES {
            corners = corners.chunks(LANES).map(hull).collect();
            levels.push(Level::new(d, &corners));
        }
        Self { d, first, starts, copies, blocks, levels }
    }

    /// Sorts the blocks by squared distance from `to`: reports boxes that are closer than `limits.0`
    /// as a whole (level and member), passes over those farther than `limits.1`, and reports each
    /// block of the others.
    pub(super) fn visit(
        &self,
        to: &[f32],
        limits: (f32, f32),
        near: &mut impl FnMut(usize, usize),
        doubtful: &mut impl FnMut(usize),
    ) {
        self.visit_group(self.levels.len() - 1, 0, to, limits, near, doubtful);
    }

    fn visit_group(
        &self,
        level: usize,
        group: usize,
        to: &[f32],
        limits: (f32, f32),
        near: &mut impl FnMut(usize, usize),
        doubtful: &mut impl FnMut(usize),
    ) {
        let Level { lower, upper, n } = &self.levels[level];
        let span = group * self.d..(group + 1) * self.d;
        let (nearest, farthest) = extremes(&lower[span.clone()], &upper[span], to);
        for lane in 0..LANES.min(n - group * LANES) {
            let member = group * LANES + lane;
            if nearest[lane] > limits.1 {
                continue;
            }
            if farthest[lane] < limits.0 {
                near(level, member);
            } else if level > 0 {
                self.visit_group(level - 1, member, to, limits, near, doubtful);
            } else {
                doubtful(member);
            }
        }
    }

    /// The slots in a box.
    pub(super) fn slots(&self, level: usize, member: usize) -> std::ops::Range<usize> {
        let span = LANES.pow(level as u32 + 1);
        member * span..((member + 1) * span).min(self.first.len())
    }

    /// The coordinates of a block's points, `[d]`.
    pub(super) fn block(&self, block: usize) -> &[Lanes] {
        &self.blocks[block * self.d..(block + 1) * self.d]
    }

    /// A slot's coordinates.
    pub(super) fn single(&self, slot: usize) -> Vec<f32> {
        let start = slot / LANES * self.d;
        self.blocks[start..start + self.d].iter().map(|lanes| lanes[slot % LANES]).collect()
    }

    /// The indices of the equal points in a slot.
    pub(super) fn copies(&self, slot: usize) -> &[u32] {
        &self.copies[self.starts[slot] as usize..self.starts[slot + 1] as usize]
    }
}

type Corners = (Vec<f32>, Vec<f32>);

impl Level {
    fn new(d: usize, corners: &[Corners]) -> Self {
        let (mut lower, mut upper) = (Vec::new(), Vec::new());
        for group in corners.chunks(LANES) {
            for j in 0..d {
                let (mut low, mut high) = ([NOWHERE; LANES], [NOWHERE; LANES]);
                for (lane, corner) in group.iter().enumerate() {
                    (low[lane], high[lane]) = (corner.0[j], corner.1[j]);
                }
                lower.push(low);
                upper.push(high);
            }
        }
        Self { lower, upper, n: corners.len() }
    }
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&v| v as f32).collect()
}

fn hull(group: &[Corners]) -> Corners {
    let mut hull = group[0].clone();
    for corner in &group[1..] {
        for j in 0..hull.0.len() {
            hull.0[j] = hull.0[j].min(corner.0[j]);
            hull.1[j] = hull.1[j].max(corner.1[j]);
        }
    }
    hull
}

/// Halves along the widest coordinate, at multiples of a block, down to blocks.
fn arrange<'a>(slots: &mut [u32], row: &impl Fn(u32) -> &'a [f64]) {
    if slots.len() <= LANES {
        return;
    }
    let d = row(slots[0]).len();
    let spread = |j: usize| {
        let ends = slots.iter().map(|&s| row(s)[j]);
        ends.clone().fold(f64::NEG_INFINITY, f64::max) - ends.fold(f64::INFINITY, f64::min)
    };
    let spreads: Vec<f64> = (0..d).map(spread).collect();
    let widest = (0..d).fold(0, |best, j| if spreads[j] > spreads[best] { j } else { best });
    // A power of two of blocks on the left keeps groups and boxes aligned.
    let blocks = slots.len().div_ceil(LANES);
    let middle = (blocks.next_power_of_two() / 2).min(blocks - 1) * LANES;
    slots.select_nth_unstable_by(middle, |&a, &b| {
        row(a)[widest].total_cmp(&row(b)[widest]).then(a.cmp(&b))
    });
    let (left, right) = slots.split_at_mut(middle);
    arrange(left, row);
    arrange(right, row);
}

/// Squared distances of a block's points, `block`: `[d]`.
#[inline]
pub(super) fn distances(block: &[Lanes], to: &[f32]) -> Lanes {
    let mut sums = [0.0; LANES];
    for (lanes, &x) in block.iter().zip(to) {
        for l in 0..LANES {
            let difference = lanes[l] - x;
            sums[l] += difference * difference;
        }
    }
    sums
}

/// Squared distances to the nearest points and the farthest corners of a group's boxes.
#[inline]
fn extremes(lower: &[Lanes], upper: &[Lanes], to: &[f32]) -> (Lanes, Lanes) {
    let (mut nearest, mut farthest) = ([0.0; LANES], [0.0; LANES]);
    for ((low, high), &x) in lower.iter().zip(upper).zip(to) {
        for l in 0..LANES {
            let (below, above) = (low[l] - x, x - high[l]);
            let outside = if below > above { below } else { above };
            let outside = if outside > 0.0 { outside } else { 0.0 };
            nearest[l] += outside * outside;
            let inside = if below < above { below } else { above };
            farthest[l] += inside * inside;
        }
    }
    (nearest, farthest)
}
