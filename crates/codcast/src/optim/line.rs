//! One dimension.

/// The minimum of a function with one valley in `[low, high]`, by golden section, to a width of
/// `tolerance` (absolute).
pub fn golden_section(mut low: f64, mut high: f64, tolerance: f64, f: impl Fn(f64) -> f64) -> f64 {
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_a, mut at_b) = (f(a), f(b));
    // 200 cuts shrink any finite interval below a rounding error.
    for _ in 0..200 {
        if high - low <= tolerance {
            break;
        }
        if at_a <= at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - ratio * (high - low);
            at_a = f(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + ratio * (high - low);
            at_b = f(b);
        }
    }
    low.midpoint(high)
}

#[cfg(test)]
mod tests {
    #[test]
    fn finds_a_parabolas_bottom() {
        let at = super::golden_section(-3.0, 8.0, 1e-9, |x| (x - 1.25).powi(2));
        assert!((at - 1.25).abs() < 1e-7);
    }
}
