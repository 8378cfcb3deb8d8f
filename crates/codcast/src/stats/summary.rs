//! Means, quantiles, straight lines.

/// Arithmetic mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The `q`-quantile, `q` in `[0, 1]`, by linear interpolation between order statistics (type 7 of
/// Hyndman and Fan 1996, the default of R and NumPy); `None` of nothing. Values must not be NaN.
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let position = q * last as f64;
    let below = (position.floor() as usize).min(last);
    let above = (below + 1).min(last);
    Some(sorted[below] + (position - below as f64) * (sorted[above] - sorted[below]))
}

/// The middle value; the mean of the middle two of an even number.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// Ordinary least squares `y = intercept + slope * x`; `None` with fewer than two different `x`.
pub fn linear_fit(x: &[f64], y: &[f64]) -> Option<(f64, f64)> {
    let (centre_x, centre_y) = (mean(x)?, mean(y)?);
    let spread: f64 = x.iter().map(|x| (x - centre_x).powi(2)).sum();
    let together: f64 = x.iter().zip(y).map(|(x, y)| (x - centre_x) * (y - centre_y)).sum();
    let slope = together / spread;
    slope.is_finite().then_some((centre_y - slope * centre_x, slope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_like_numpy() {
        // numpy.quantile([1, 2, 4, 8], [0, .1, .5, .9, 1])
        let data = [4.0, 1.0, 8.0, 2.0];
        for (q, expected) in [(0.0, 1.0), (0.1, 1.3), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)] {
            assert!((quantile(&data, q).unwrap() - expected).abs() < 1e-12);
        }
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn a_line_through_two_points() {
        let (intercept, slope) = linear_fit(&[1.0, 3.0], &[2.0, 6.0]).unwrap();
        assert!((intercept - 0.0).abs() < 1e-12 && (slope - 2.0).abs() < 1e-12);
        assert_eq!(linear_fit(&[1.0, 1.0], &[2.0, 6.0]), None);
    }
}
