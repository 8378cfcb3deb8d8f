//! Student's t distribution with any whole number of degrees of freedom.

/// Probability that |T| is at most `t`. `t`: zero or more. `freedom`: at least 1.
///
/// Closed forms: Abramowitz and Stegun 1964, 26.7.3 (odd) and 26.7.4 (even).
pub fn t_within(t: f64, freedom: u32) -> f64 {
    let angle = (t / f64::from(freedom).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let squared = cosine * cosine;
    let series = |first: f64, from: u32| {
        let (mut term, mut sum) = (first, 0.0);
        let mut k = from;
        while k <= freedom {
            sum += term;
            term *= squared * f64::from(k - 1) / f64::from(k);
            k += 2;
        }
        sum
    };
    if freedom.is_multiple_of(2) {
        sine * series(1.0, 2)
    } else if freedom == 1 {
        angle / std::f64::consts::FRAC_PI_2
    } else {
        (angle + sine * series(cosine, 3)) / std::f64::consts::FRAC_PI_2
    }
}

/// Probability that T is at most `t`.
pub fn t_cdf(t: f64, freedom: u32) -> f64 {
    0.5 + 0.5 * t.signum() * t_within(t.abs(), freedom)
}

/// Half-width that holds `level` of the distribution; `level` in (0, 1).
pub fn t_half_width(level: f64, freedom: u32) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while t_within(high, freedom) < level && high < 1e9 {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if t_within(middle, freedom) < level {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_scipy() {
        // scipy.stats.t.cdf(t, freedom), SciPy 1.17
        for (t, freedom, cdf) in SCIPY {
            assert!(
                (t_cdf(t, freedom) - cdf).abs() < 1e-12,
                "{t} {freedom}: {}",
                t_cdf(t, freedom)
            );
        }
    }

    #[test]
    fn half_widths_are_those_of_the_tables() {
        // Two-sided points of t with 10 degrees of freedom, as in any table.
        for (level, table) in [(0.5, 0.6998), (0.8, 1.3722), (0.9, 1.8125), (0.95, 2.2281)] {
            assert!((t_half_width(level, 10) - table).abs() < 5e-5, "{level}");
        }
    }

    #[test]
    fn the_half_width_inverts_the_probability() {
        for freedom in 1..=12 {
            for level in [0.1, 0.6827, 0.9, 0.999] {
                let half = t_half_width(level, freedom);
                assert!((t_within(half, freedom) - level).abs() < 1e-12, "{freedom} {level}");
            }
        }
    }

    #[expect(clippy::unreadable_literal, reason = "as SciPy prints them")]
    const SCIPY: [(f64, u32, f64); 8] = [
        (-0.5, 1, 0.35241638234956674),
        (2.0, 2, 0.908248290463863),
        (1.3, 3, 0.8577662456360515),
        (-2.5, 4, 0.03338327240599407),
        (3.3, 5, 0.989262249850001),
        (0.0, 7, 0.5),
        (4.1, 9, 0.9986616469593812),
        (-1.8125, 10, 0.04999682852392341),
    ];
}
