//! Student's t distribution.

/// Half-width that holds `level` of Student's t with ten degrees of freedom; `level` in (0, 1).
///
/// For an even number of degrees of freedom the probability has a closed form (Abramowitz and Stegun
/// 1964, 26.7.4); it is inverted by bisection.
pub fn t10_half_width(level: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while t10_within(high) < level && high < 1e6 {
        high *= 2.0;
    }
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if t10_within(middle) < level {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Probability that |T| is below `t`.
fn t10_within(t: f64) -> f64 {
    const FREEDOM: f64 = 10.0;
    let angle = (t / FREEDOM.sqrt()).atan();
    let squared = angle.cos().powi(2);
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..5 {
        term *= squared * f64::from(2 * k - 1) / f64::from(2 * k);
        sum += term;
    }
    angle.sin() * sum
}

#[cfg(test)]
mod tests {
    #[test]
    fn half_widths_are_those_of_the_tables() {
        // Two-sided points of t with 10 degrees of freedom, as in any table.
        for (level, table) in [(0.5, 0.6998), (0.8, 1.3722), (0.9, 1.8125), (0.95, 2.2281)] {
            assert!((super::t10_half_width(level) - table).abs() < 5e-5, "{level}");
        }
    }
}
