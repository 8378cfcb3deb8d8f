//! The set of points within a radius of a position that moves a little at a time.
//!
//! A set is represented by exact sums over its members, so that equal sets are recognised and a
//! shell of doubtful points is all that has to be looked at again while the position stays near.

use super::boxes::{Boxes, LANES, Lanes, Level, NOWHERE, distances};
use super::neighbours::Neighbours;
use super::points::{Points, squared_distance};

/// Sums of a set: fingerprint, count, and coordinates in units of [`Balls::unit`].
pub(super) type Sums = Vec<i64>;

/// Where the fingerprint and the count stand in [`Sums`]; coordinates follow.
pub(super) const FINGERPRINT: usize = 0;
pub(super) const COUNT: usize = 1;
const HEAD: usize = 2;

/// Columns of the table of sums that are added in one go.
const CHUNK: usize = 4;

/// Shells with fewer points than this are not made thinner.
const SMALL_SHELL: usize = 32;

/// Balls of one radius among fixed points.
pub(super) struct Balls<'a> {
    pub(super) points: Points<'a>,
    pub(super) neighbours: Neighbours<'a>,
    pub(super) radius: f64,
    boxes: Boxes,
    /// What the coordinates in sums are multiples of: a power of two.
    unit: f64,
    /// `[chunk][slot]` contribution of all copies of a point to the sums.
    columns: Vec<Vec<[i64; CHUNK]>>,
    /// `[level][member]` sums of the columns over a box: `[chunk]`.
    box_sums: Vec<Vec<[i64; CHUNK]>>,
    /// A mean from sums is within this of the mean in double precision, in each coordinate.
    mean_error: f64,
    /// Single-precision squared distances near the radius are within this of the true ones.
    single_error: f32,
    shells: Vec<Shell>,
    depth: usize,
    members: Vec<u32>,
}

/// The points that may or may not be in the ball while its centre is near the anchor.
#[derive(Default)]
struct Shell {
    anchor: Vec<f64>,
    /// How far from the anchor the shell is good.
    margin: f64,
    /// Sums over points that are in the ball wherever the shell is good.
    inside: Sums,
    slots: Vec<u32>,
    /// `[block][d]`
    blocks: Vec<Lanes>,
}

/// A place to look from.
#[derive(Clone, Debug)]
pub(super) struct Position {
    pub(super) at: Vec<f64>,
    /// Whether the coordinates are scikit-learn's to the last bit, or only very near.
    pub(super) exact: bool,
}

/// The position must be known exactly to tell who is in the ball.
pub(super) struct Tie;

impl<'a> Balls<'a> {
    pub(super) fn new(points: Points<'a>, radius: f64) -> Self {
        let (n, d, reach) = (points.n(), points.d(), points.reach().max(f64::MIN_POSITIVE));
        let boxes = Boxes::new(points);
        // Sums of n coordinates stay below 2^62.
        let unit = (reach.log2().ceil() + (n as f64).log2().ceil() - 62.0).exp2();
        let mut columns = vec![Vec::with_capacity(boxes.first.len()); (HEAD + d).div_ceil(CHUNK)];
        for slot in 0..boxes.first.len() {
            let copies = boxes.copies(slot);
            let mut sums = vec![0; columns.len() * CHUNK];
            sums[COUNT] = copies.len().cast_signed() as i64;
            for &i in copies {
                sums[FINGERPRINT] = sums[FINGERPRINT].wrapping_add(fingerprint(i));
            }
            for (sum, x) in sums[HEAD..].iter_mut().zip(points.row(boxes.first[slot] as usize)) {
                *sum = (x / unit).round() as i64 * copies.len().cast_signed() as i64;
            }
            for (column, chunk) in columns.iter_mut().zip(sums.as_chunks().0) {
                column.push(*chunk);
            }
        }
        let box_sums = sums_of_boxes(&columns, &boxes);
        let eps = f64::from(f32::EPSILON);
        let root = (d as f64).sqrt();
        let single = 4.0 * radius * root * reach * eps * 2.0
            + 4.0 * radius * radius * (d as f64 + 4.0) * eps
            + 16.0 * d as f64 * (reach * eps).powi(2);
        Self {
            points,
            neighbours: Neighbours::new(points, 5),
            radius,
            boxes,
            unit,
            columns,
            box_sums,
            mean_error: 2.0 * f64::EPSILON * reach * (n as f64 + 2.0),
            single_error: single as f32,
            shells: Vec::new(),
            depth: 0,
            members: Vec::new(),
        }
    }

    /// The number of distinct points, and the equal ones of each.
    pub(super) fn seeds(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.boxes.first.len()).map(|slot| self.boxes.copies(slot))
    }

    /// Forgets where the position was.
    pub(super) fn restart(&mut self) {
        self.depth = 0;
    }

    /// The mean of a set, near enough but for ties.
    pub(super) fn mean(&self, sums: &Sums) -> Vec<f64> {
        let count = sums[COUNT] as f64;
        let coordinates = &sums[HEAD..HEAD + self.points.d()];
        coordinates.iter().map(|&sum| sum as f64 / count * self.unit).collect()
    }

    /// The mean of the points around `origin` as `NumPy` computes it: added up one by one in the order
    /// in which scikit-learn returns neighbours.
    pub(super) fn exact_mean(&self, origin: &Position) -> Vec<f64> {
        let (n, d) = (self.points.n(), self.points.d());
        let mut order = vec![u32::MAX; n];
        let sure = self.mean_error * (d as f64).sqrt() * 4.0 * (self.radius + self.mean_error);
        let squared = self.radius * self.radius;
        let mut count = 0;
        for i in 0..n {
            let distance = squared_distance(&origin.at, self.points.row(i));
            let near = (distance - squared).abs() <= sure.max(1e-9 * squared);
            if (near && self.neighbours.within(&origin.at, i, self.radius))
                || (!near && distance < squared)
            {
                order[self.neighbours.place(i)] = i as u32;
                count += 1;
            }
        }
        let members = order.iter().filter(|&&i| i != u32::MAX);
        let rows: Vec<&[f64]> = members.map(|&i| self.points.row(i as usize)).collect();
        (0..d).map(|j| sum_as_numpy(&rows, j, d) / f64::from(count)).collect()
    }

    /// The points within the radius of `from`. `step`: how far the position moved to get here, from
    /// which the next moves are guessed.
    pub(super) fn around(&mut self, from: &Position, step: f64) -> Result<Sums, Tie> {
        while self.depth > 0 {
            let shell = &self.shells[self.depth - 1];
            if squared_distance(&shell.anchor, &from.at).sqrt() <= shell.margin {
                break;
            }
            self.depth -= 1;
        }
        let margin = 2.0 * step;
        if self.depth == 0 {
            let worth = if margin < 0.25 * self.radius { margin } else { 0.0 };
            self.shell_from_boxes(&from.at, worth);
        } else {
            let top = &self.shells[self.depth - 1];
            let moved = squared_distance(&top.anchor, &from.at).sqrt();
            if margin < 0.5 * top.margin
                && moved + margin <= top.margin
                && top.slots.len() > SMALL_SHELL
            {
                self.shell_from_shell(&from.at, margin);
            }
        }
        self.count_shell(from)
    }

    /// Limits of squared distance below which a point is in, and above which it is out, of every
    /// ball whose centre is within `margin`.
    fn limits(&self, margin: f64) -> (f32, f32) {
        let slack = 1.0 + 1e-9;
        let low = (self.radius - margin * slack).max(0.0).powi(2) as f32 - self.single_error;
        let high = (self.radius + margin * slack).powi(2) as f32 + self.single_error;
        (low, high)
    }

    /// A fresh shell on top of the pile.
    fn open_shell(&mut self, anchor: &[f64], margin: f64) -> Shell {
        if self.shells.len() == self.depth {
            self.shells.push(Shell::default());
        }
        let mut shell = std::mem::take(&mut self.shells[self.depth]);
        shell.anchor.clear();
        shell.anchor.extend_from_slice(anchor);
        shell.margin = margin;
        shell.inside.clear();
        shell.inside.resize(self.columns.len() * CHUNK, 0);
        shell.slots.clear();
        shell.blocks.clear();
        self.members.clear();
        shell
    }

    fn close_shell(&mut self, mut shell: Shell) {
        add(&mut shell.inside, &self.columns, &self.members);
        self.shells[self.depth] = shell;
        self.depth += 1;
    }

    fn shell_from_boxes(&mut self, anchor: &[f64], margin: f64) {
        let mut shell = self.open_shell(anchor, margin);
        let to: Vec<f32> = anchor.iter().map(|&x| x as f32).collect();
        let limits = self.limits(margin);
        let (width, mut members) = (self.columns.len(), std::mem::take(&mut self.members));
        let Shell { inside, slots, blocks, .. } = &mut shell;
        self.boxes.visit(
            &to,
            limits,
            &mut |level, member| {
                let sums = &self.box_sums[level][member * width..(member + 1) * width];
                for (sum, x) in inside.iter_mut().zip(sums.as_flattened()) {
                    *sum = sum.wrapping_add(*x);
                }
            },
            &mut |b| {
                let block = self.boxes.block(b);
                for (l, &squared) in distances(block, &to).iter().enumerate() {
                    let slot = (b * LANES + l) as u32;
                    if squared < limits.0 {
                        members.push(slot);
                    } else if squared <= limits.1 {
                        push(slots, blocks, slot, block, l);
                    }
                }
            },
        );
        self.members = members;
        self.close_shell(shell);
    }

    fn shell_from_shell(&mut self, anchor: &[f64], margin: f64) {
        let mut shell = self.open_shell(anchor, margin);
        let to: Vec<f32> = anchor.iter().map(|&x| x as f32).collect();
        let limits = self.limits(margin);
        let parent = &self.shells[self.depth - 1];
        shell.inside.copy_from_slice(&parent.inside);
        for (block, slots) in
            parent.blocks.chunks_exact(self.boxes.d).zip(parent.slots.chunks(LANES))
        {
            let squared = distances(block, &to);
            for (l, &slot) in slots.iter().enumerate() {
                if squared[l] < limits.0 {
                    self.members.push(slot);
                } else if squared[l] <= limits.1 {
                    push(&mut shell.slots, &mut shell.blocks, slot, block, l);
                }
            }
        }
        self.close_shell(shell);
    }

    /// The ball's sums: what is inside anyway, and the points of the shell that are near enough.
    fn count_shell(&mut self, from: &Position) -> Result<Sums, Tie> {
        let shell = &self.shells[self.depth - 1];
        let mut sums = shell.inside.clone();
        self.members.clear();
        let to: Vec<f32> = from.at.iter().map(|&x| x as f32).collect();
        let (low, high) = self.limits(0.0);
        for (block, slots) in shell.blocks.chunks_exact(self.boxes.d).zip(shell.slots.chunks(LANES))
        {
            let squared = distances(block, &to);
            for (l, &slot) in slots.iter().enumerate() {
                let near = squared[l] <= high;
                if squared[l] < low || (near && self.decide(from, slot, &mut sums)?) {
                    self.members.push(slot);
                }
            }
        }
        add(&mut sums, &self.columns, &self.members);
        Ok(sums)
    }

    /// Whether a point near the radius is in the ball. Of equal points only some may be; these are
    /// added to `sums` here.
    fn decide(&self, from: &Position, slot: u32, sums: &mut Sums) -> Result<bool, Tie> {
        let copies = self.boxes.copies(slot as usize);
        let row = self.points.row(copies[0] as usize);
        let (distance, squared) = (squared_distance(&from.at, row), self.radius * self.radius);
        let d = self.points.d() as f64;
        let norms = row.iter().chain(&from.at).map(|x| x * x).sum::<f64>();
        let mut doubt = 64.0 * f64::EPSILON * d * (squared + norms);
        if !from.exact {
            doubt += 4.0 * d.sqrt() * self.mean_error * (self.radius + self.mean_error);
        }
        if (distance - squared).abs() > doubt {
            return Ok(distance < squared);
        }
        if !from.exact {
            return Err(Tie);
        }
        let within = |i: &&u32| self.neighbours.within(&from.at, **i as usize, self.radius);
        let taken: Vec<&u32> = copies.iter().filter(within).collect();
        if taken.len() == copies.len() {
            return Ok(true);
        }
        for &&i in &taken {
            sums[FINGERPRINT] = sums[FINGERPRINT].wrapping_add(fingerprint(i));
            sums[COUNT] += 1;
            for (sum, x) in sums[HEAD..].iter_mut().zip(row) {
                *sum += (x / self.unit).round() as i64;
            }
        }
        Ok(false)
    }
}

/// Adds the point in lane `l` of `block` to a shell's points.
fn push(slots: &mut Vec<u32>, blocks: &mut Vec<Lanes>, slot: u32, block: &[Lanes], l: usize) {
    let (lane, d) = (slots.len() % LANES, block.len());
    if lane == 0 {
        blocks.resize(blocks.len() + d, [NOWHERE; LANES]);
    }
    let start = blocks.len() - d;
    for (to, from) in blocks[start..].iter_mut().zip(block) {
        to[lane] = from[l];
    }
    slots.push(slot);
}

/// Adds the slots' contributions.
fn add(sums: &mut Sums, columns: &[Vec<[i64; CHUNK]>], slots: &[u32]) {
    for (sum, column) in sums.as_chunks_mut::<CHUNK>().0.iter_mut().zip(columns) {
        let mut total = *sum;
        for &slot in slots {
            for (total, x) in total.iter_mut().zip(column[slot as usize]) {
                *total = total.wrapping_add(x);
            }
        }
        *sum = total;
    }
}

fn sums_of_boxes(columns: &[Vec<[i64; CHUNK]>], boxes: &Boxes) -> Vec<Vec<[i64; CHUNK]>> {
    let sum = |slots: std::ops::Range<usize>, column: &Vec<[i64; CHUNK]>| {
        column[slots]
            .iter()
            .fold([0_i64; CHUNK], |sum, x| std::array::from_fn(|c| sum[c].wrapping_add(x[c])))
    };
    let levels = boxes.levels.iter().enumerate();
    levels
        .map(|(level, Level { n, .. })| {
            let members = 0..*n;
            members
                .flat_map(|member| columns.iter().map(move |c| (member, c)))
                .map(|(member, column)| sum(boxes.slots(level, member), column))
                .collect()
        })
        .collect()
}

/// A number that stands for a point in sums, so that equal sums mean equal sets (`SplitMix64`).
fn fingerprint(i: u32) -> i64 {
    let mut z = (u64::from(i) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)).cast_signed()
}

/// `NumPy` adds rows one after the other; a single column it adds in pairs.
fn sum_as_numpy(rows: &[&[f64]], j: usize, d: usize) -> f64 {
    if d > 1 {
        return rows.iter().map(|row| row[j]).sum();
    }
    let column: Vec<f64> = rows.iter().map(|row| row[0]).collect();
    super::bandwidth::pairwise_sum(&column)
}
