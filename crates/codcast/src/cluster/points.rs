//! A borrowed matrix of points.

/// Points in `d` dimensions: row-major `[n][d]`, finite.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    d: usize,
    values: &'a [f64],
}

impl<'a> Points<'a> {
    /// `values`: row-major `[n][d]`, finite; `d` at least 1.
    pub fn new(d: usize, values: &'a [f64]) -> Self {
        assert!(d > 0 && values.len().is_multiple_of(d), "not a matrix");
        assert!(values.iter().all(|v| v.is_finite()), "coordinates must be finite");
        Self { d, values }
    }

    /// Number of points.
    pub fn n(&self) -> usize {
        self.values.len() / self.d
    }

    /// Number of coordinates of a point.
    pub fn d(&self) -> usize {
        self.d
    }

    /// One point.
    pub fn row(&self, i: usize) -> &'a [f64] {
        &self.values[i * self.d..(i + 1) * self.d]
    }

    /// All points, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &'a [f64]> + use<'a> {
        self.values.chunks_exact(self.d)
    }

    /// The largest absolute coordinate.
    pub(super) fn reach(&self) -> f64 {
        self.values.iter().fold(0.0, |reach, v| reach.max(v.abs()))
    }
}

/// Squared Euclidean distance, summed in the order of the coordinates.
///
/// The order matters: pass rates are hundredths, so distances are often equal to a radius but for
/// rounding, and which side they fall on is decided by the last bit.
pub(super) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Indices of the points by value (then by index), and the first index of each run of equal points.
pub(super) fn distinct(points: Points<'_>) -> (Vec<u32>, Vec<usize>) {
    let mut order: Vec<u32> = (0..points.n() as u32).collect();
    order.sort_unstable_by(|&a, &b| {
        compare(points.row(a as usize), points.row(b as usize)).then(a.cmp(&b))
    });
    let starts = (0..order.len())
        .filter(|&i| i == 0 || points.row(order[i] as usize) != points.row(order[i - 1] as usize))
        .collect();
    (order, starts)
}

/// Lexicographic order of coordinates; the two zeros are equal.
pub(super) fn compare(a: &[f64], b: &[f64]) -> std::cmp::Ordering {
    a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal)
}
