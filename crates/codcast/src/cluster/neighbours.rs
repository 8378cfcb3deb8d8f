//! Who counts as a neighbour at exactly the radius, and in which order neighbours are added up.
//!
//! scikit-learn decides both by the data structure it picks. Where points sit exactly on the radius,
//! which is common among pass rates, that choice decides labels, so it is reproduced here. Away from
//! ties none of it matters and any faster search gives the same sets ([`super::balls`]).

use super::points::{Points, squared_distance};

/// Points in a leaf of scikit-learn's trees: between this and twice as many.
const LEAF_SIZE: usize = 30;
/// More coordinates than this, and scikit-learn compares with every point.
const MAX_TREE_DIMENSIONS: usize = 15;

/// scikit-learn's `NearestNeighbors(algorithm="auto", leaf_size=30)`, as far as ties and the order of
/// the neighbours go.
pub(super) struct Neighbours<'a> {
    points: Points<'a>,
    search: Search,
}

enum Search {
    /// Compares with every point, by |a|^2 - 2ab + |b|^2.
    Brute {
        norms: Vec<f64>,
    },
    Tree(Tree),
}

struct Tree {
    /// Indices of the points, leaf by leaf.
    order: Vec<u32>,
    /// The inverse of `order`.
    place: Vec<u32>,
    /// Heap order: the children of `i` are `2i + 1` and `2i + 2`.
    nodes: Vec<Node>,
    /// `[point]` index of its leaf in `nodes`.
    leaf: Vec<u32>,
}

#[derive(Clone, Default)]
struct Node {
    start: usize,
    end: usize,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl<'a> Neighbours<'a> {
    /// `k`: the number of neighbours that scikit-learn's object is told, 5 where it is told none;
    /// it only decides between tree and comparison with every point.
    pub(super) fn new(points: Points<'a>, k: usize) -> Self {
        let search = if points.d() > MAX_TREE_DIMENSIONS || k >= points.n() / 2 {
            Search::Brute { norms: points.rows().map(|row| dot(row, row)).collect() }
        } else {
            Search::Tree(Tree::new(points))
        };
        Self { points, search }
    }

    /// Whether point `i` is within `radius` of `centre`.
    ///
    /// The tree takes a point if d^2 <= r^2, and all points of a box whose farthest corner has
    /// d <= r. By rounding the second can hold where the first does not. Boxes contain their
    /// children, so of all boxes around a point its leaf decides.
    pub(super) fn within(&self, centre: &[f64], i: usize, radius: f64) -> bool {
        let squared = radius * radius;
        match &self.search {
            Search::Brute { norms } => {
                expanded(centre, self.points.row(i), dot(centre, centre), norms[i]) <= squared
            }
            Search::Tree(tree) => {
                let distance = squared_distance(centre, self.points.row(i));
                distance <= squared
                    || (distance <= squared * (1.0 + 8.0 * f64::EPSILON)
                        && tree.nodes[tree.leaf[i] as usize].farthest(centre).sqrt() <= radius)
            }
        }
    }

    /// Where point `i` stands in the order in which neighbours are returned.
    pub(super) fn place(&self, i: usize) -> usize {
        match &self.search {
            Search::Brute { .. } => i,
            Search::Tree(tree) => tree.place[i] as usize,
        }
    }

    /// The nearest point and its distance; among equally near ones the one found first.
    pub(super) fn nearest(&self, to: &[f64]) -> (usize, f64) {
        let mut best = (0, f64::INFINITY);
        match &self.search {
            Search::Brute { norms } => {
                let norm = dot(to, to);
                let near = |i| squared_distance(to, self.points.row(i));
                let least = (0..norms.len()).map(near).fold(f64::INFINITY, f64::min);
                // The expanded form is slow to imitate and only decides between near equals.
                let slack = 1e-12 * (norm + least + 1.0);
                for i in (0..norms.len()).filter(|&i| near(i) <= least + slack) {
                    let distance = expanded(to, self.points.row(i), norm, norms[i]);
                    if distance < best.1 {
                        best = (i, distance);
                    }
                }
            }
            Search::Tree(tree) => tree.nearest(self.points, to, 0, &mut best),
        }
        (best.0, best.1.sqrt())
    }
}

/// |a|^2 - 2ab + |b|^2 as scikit-learn adds it up on processors with fused multiply-add.
fn expanded(a: &[f64], b: &[f64], norm_a: f64, norm_b: f64) -> f64 {
    (norm_a + -2.0 * dot(a, b) + norm_b).max(0.0)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| a.mul_add(*b, sum))
}

impl Tree {
    /// scikit-learn's k-d tree: split at the median of the widest coordinate, as deep as leaves of
    /// at least [`LEAF_SIZE`] points allow.
    fn new(points: Points<'_>) -> Self {
        let n = points.n();
        let mut levels = 1;
        while n > LEAF_SIZE << levels {
            levels += 1;
        }
        let mut tree = Self {
            order: (0..n as u32).collect(),
            place: vec![0; n],
            nodes: vec![Node::default(); (1 << levels) - 1],
            leaf: vec![0; n],
        };
        tree.build(points, 0, 0, n);
        for (place, &i) in tree.order.iter().enumerate() {
            tree.place[i as usize] = place as u32;
        }
        tree
    }

    fn build(&mut self, points: Points<'_>, node: usize, start: usize, end: usize) {
        let (lower, upper) = bounds(points, &self.order[start..end]);
        let (mut widest, mut spread) = (0, 0.0);
        for (j, (low, high)) in lower.iter().zip(&upper).enumerate() {
            if high - low > spread {
                (widest, spread) = (j, high - low);
            }
        }
        self.nodes[node] = Node { start, end, lower, upper };
        if 2 * node + 1 >= self.nodes.len() {
            for &i in &self.order[start..end] {
                self.leaf[i as usize] = node as u32;
            }
            return;
        }
        let middle = (end - start) / 2;
        let less = |a: u32, b: u32| {
            let (x, y) = (points.row(a as usize)[widest], points.row(b as usize)[widest]);
            if x == y { a < b } else { x < y }
        };
        partition(&mut self.order[start..end], middle, less);
        self.build(points, 2 * node + 1, start, start + middle);
        self.build(points, 2 * node + 2, start + middle, end);
    }

    fn nearest(&self, points: Points<'_>, to: &[f64], node: usize, best: &mut (usize, f64)) {
        if self.nodes[node].nearest(to) > best.1 {
            return;
        }
        if 2 * node + 1 >= self.nodes.len() {
            for &i in &self.order[self.nodes[node].start..self.nodes[node].end] {
                let distance = squared_distance(to, points.row(i as usize));
                if distance < best.1 {
                    *best = (i as usize, distance);
                }
            }
            return;
        }
        let (mut first, mut second) = (2 * node + 1, 2 * node + 2);
        if self.nodes[first].nearest(to) > self.nodes[second].nearest(to) {
            (first, second) = (second, first);
        }
        self.nearest(points, to, first, best);
        self.nearest(points, to, second, best);
    }
}

impl Node {
    /// Squared distance to the nearest point of the box.
    fn nearest(&self, to: &[f64]) -> f64 {
        let sides = self.lower.iter().zip(&self.upper).zip(to);
        sides.map(|((low, high), x)| ((low - x).max(0.0) + (x - high).max(0.0)).powi(2)).sum()
    }

    /// Squared distance to the farthest corner of the box.
    fn farthest(&self, from: &[f64]) -> f64 {
        let sides = self.lower.iter().zip(&self.upper).zip(from);
        sides.map(|((low, high), x)| (low - x).abs().max((x - high).abs()).powi(2)).sum()
    }
}

/// Smallest and largest value of each coordinate.
pub(super) fn bounds(points: Points<'_>, of: &[u32]) -> (Vec<f64>, Vec<f64>) {
    let mut lower = vec![f64::INFINITY; points.d()];
    let mut upper = vec![f64::NEG_INFINITY; points.d()];
    for &i in of {
        for (j, &x) in points.row(i as usize).iter().enumerate() {
            lower[j] = lower[j].min(x);
            upper[j] = upper[j].max(x);
        }
    }
    (lower, upper)
}

/// Moves the `nth` smallest element to its place, smaller ones before it, larger ones after.
///
/// Quickselect, with the pivot and the scans of GNU's `std::nth_element`, because the order that it
/// leaves behind is the order in which scikit-learn adds up neighbours. Differs from it in: no
/// change to a heap after many bad pivots.
fn partition(items: &mut [u32], nth: usize, less: impl Fn(u32, u32) -> bool) {
    let (mut first, mut last) = (0, items.len());
    while last - first > 3 {
        let (a, b, c) = (first + 1, first + (last - first) / 2, last - 1);
        let median =
            match (less(items[a], items[b]), less(items[b], items[c]), less(items[a], items[c])) {
                (true, true, _) | (false, false, false) => b,
                (true, false, true) | (false, true, false) => c,
                (true, false, false) | (false, _, true) => a,
            };
        items.swap(first, median);
        let pivot = items[first];
        let (mut low, mut high) = (first + 1, last);
        let cut = loop {
            while less(items[low], pivot) {
                low += 1;
            }
            high -= 1;
            while less(pivot, items[high]) {
                high -= 1;
            }
            if low >= high {
                break low;
            }
            items.swap(low, high);
            low += 1;
        };
        if cut <= nth {
            first = cut;
        } else {
            last = cut;
        }
    }
    items[first..last].sort_unstable_by(|&a, &b| less(b, a).cmp(&less(a, b)));
}
