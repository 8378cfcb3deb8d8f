//! Least squares under linear inequalities, small and dense.
//!
//! Source: Lawson and Hanson, "Solving Least Squares Problems" (1974), chapter 23: problem LSI is
//! turned into a least-distance problem by a QR decomposition, and that into non-negative least
//! squares (algorithm NNLS). Differs from it in: nothing.

/// A column vector.
pub(super) type Vector = Vec<f64>;
/// Rows of equal length.
pub(super) type Rows = Vec<Vector>;

/// Minimises `|E x - f|` subject to `G x >= h`. `E` must have full column rank.
///
/// `None` where the inequalities contradict each other or `E` is rank-deficient.
pub(super) fn lsi(e: &Rows, f: &[f64], g: &Rows, h: &[f64]) -> Option<Vector> {
    let (r, mut qf) = qr(e.clone(), f.to_vec())?;
    let n = r.len();
    qf.truncate(n);
    if g.is_empty() {
        return Some(back(&r, &qf));
    }
    // With z = R x - Q'f the objective is |z|, and G x >= h reads G R^-1 z >= h - G R^-1 Q'f.
    let centre = back(&r, &qf);
    let constraints: Rows = g.iter().map(|row| forward_transposed(&r, row)).collect();
    let bounds: Vector = g.iter().zip(h).map(|(row, h)| h - dot(row, &centre)).collect();
    let z = least_distance(&constraints, &bounds)?;
    let shift = back(&r, &z);
    Some(centre.iter().zip(&shift).map(|(c, s)| c + s).collect())
}

/// Minimises `|z|` subject to `G z >= h`.
fn least_distance(g: &Rows, h: &[f64]) -> Option<Vector> {
    if h.iter().all(|h| *h <= 0.0) {
        return Some(vec![0.0; g[0].len()]);
    }
    // Columns of the non-negative problem: each constraint's row with its bound below.
    let columns: Rows =
        g.iter().zip(h).map(|(row, h)| row.iter().copied().chain([*h]).collect()).collect();
    let n = g[0].len();
    let mut target = vec![0.0; n + 1];
    target[n] = 1.0;
    let y = nnls(&columns, &target);
    let mut residual = target;
    for (column, y) in columns.iter().zip(&y) {
        for (r, c) in residual.iter_mut().zip(column) {
            *r -= c * y;
        }
    }
    // The last residual is the squared length of all of them: zero where nothing is feasible.
    (residual[n] > 1e-14).then(|| residual[..n].iter().map(|r| -r / residual[n]).collect())
}

/// Minimises `|A x - b|` subject to `x >= 0`; `A` by columns.
fn nnls(columns: &[Vector], b: &[f64]) -> Vector {
    let n = columns.len();
    let mut x = vec![0.0; n];
    let mut active: Vec<usize> = Vec::new();
    let scale: Vector = columns.iter().map(|c| dot(c, c).sqrt()).collect();
    for _ in 0..3 * n + 30 {
        let mut residual = b.to_vec();
        for &j in &active {
            for (r, c) in residual.iter_mut().zip(&columns[j]) {
                *r -= c * x[j];
            }
        }
        let length = dot(&residual, &residual).sqrt();
        let gain = |j: usize| dot(&columns[j], &residual) / scale[j].max(f64::MIN_POSITIVE);
        let entering = (0..n)
            .filter(|j| !active.contains(j))
            .map(|j| (j, gain(j)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((entering, _)) = entering.filter(|(_, g)| *g > 1e-13 * length.max(1e-300)) else {
            break;
        };
        active.push(entering);
        loop {
            let Some(z) = on_active(columns, &active, b) else {
                // The entering column depends on the active ones to rounding: nothing to gain.
                return x;
            };
            let limit = (active.iter().zip(&z).enumerate())
                .filter(|(_, (_, z))| **z <= 0.0)
                .map(|(k, (&j, z))| (k, x[j] / (x[j] - z)))
                .min_by(|a, b| a.1.total_cmp(&b.1));
            let (leaving, step) = limit.unwrap_or((usize::MAX, 1.0));
            for (&j, z) in active.iter().zip(&z) {
                x[j] += step * (z - x[j]);
            }
            if leaving == usize::MAX {
                break;
            }
            let leaving = active.remove(leaving);
            x[leaving] = 0.0;
            if leaving == entering {
                // It promised a gain below rounding.
                return x;
            }
        }
    }
    x
}

/// Unconstrained least squares over the active columns; `None` without columns or where they are
/// dependent.
fn on_active(columns: &[Vector], active: &[usize], b: &[f64]) -> Option<Vector> {
    if active.is_empty() {
        return None;
    }
    let rows: Rows =
        (0..b.len()).map(|i| active.iter().map(|&j| columns[j][i]).collect()).collect();
    let (r, qb) = qr(rows, b.to_vec())?;
    Some(back(&r, &qb[..active.len()]))
}

/// Householder QR: the square upper triangle `R` and `Q'f`; `None` where a column depends on the
/// earlier ones to rounding.
fn qr(mut e: Rows, mut f: Vector) -> Option<(Rows, Vector)> {
    let (m, n) = (e.len(), e.first().map_or(0, Vec::len));
    if m < n {
        return None;
    }
    for k in 0..n {
        let whole = e.iter().map(|row| row[k] * row[k]).sum::<f64>().sqrt();
        let norm = e[k..].iter().map(|row| row[k] * row[k]).sum::<f64>().sqrt();
        if norm <= 1e-14 * whole || norm == 0.0 {
            return None;
        }
        let alpha = if e[k][k] > 0.0 { -norm } else { norm };
        let mut v: Vector = e[k..].iter().map(|row| row[k]).collect();
        v[0] -= alpha;
        let vv = dot(&v, &v);
        for column in k..n {
            let s = 2.0 * v.iter().zip(&e[k..]).map(|(v, row)| v * row[column]).sum::<f64>() / vv;
            for (v, row) in v.iter().zip(&mut e[k..]) {
                row[column] -= s * v;
            }
        }
        let s = 2.0 * dot(&v, &f[k..]) / vv;
        for (v, f) in v.iter().zip(&mut f[k..]) {
            *f -= s * v;
        }
    }
    e.truncate(n);
    Some((e, f))
}

/// Solves `R x = y`.
fn back(r: &Rows, y: &[f64]) -> Vector {
    let n = r.len();
    let mut x = y[..n].to_vec();
    for i in (0..n).rev() {
        for j in i + 1..n {
            x[i] -= r[i][j] * x[j];
        }
        x[i] /= r[i][i];
    }
    x
}

/// The row `g R^-1`, that is, solves `R' t = g`.
fn forward_transposed(r: &Rows, g: &[f64]) -> Vector {
    let n = r.len();
    let mut t = g.to_vec();
    for i in 0..n {
        for j in 0..i {
            t[i] -= r[j][i] * t[j];
        }
        t[i] /= r[i][i];
    }
    t
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_onto_a_corner_and_leaves_the_inside_alone() {
        let identity = vec![vec![1.0, 0.0], vec![0.0, 1.0]];
        let positive = identity.clone();
        let corner = lsi(&identity, &[-1.0, -2.0], &positive, &[0.0, 0.0]).unwrap();
        assert!(corner.iter().all(|x| x.abs() < 1e-12), "{corner:?}");
        let inside = lsi(&identity, &[0.3, 0.4], &positive, &[0.0, 0.0]).unwrap();
        assert!((inside[0] - 0.3).abs() < 1e-12 && (inside[1] - 0.4).abs() < 1e-12);
    }

    #[test]
    fn contradictions_have_no_solution() {
        let one = vec![vec![1.0]];
        assert_eq!(lsi(&one, &[0.0], &vec![vec![1.0], vec![-1.0]], &[1.0, 1.0]), None);
    }
}
