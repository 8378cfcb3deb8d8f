//! The compute at which a curve reaches a score: the forecast, solved for its question.

use crate::engines::Curve;
use crate::passrate::Target;
use crate::units::Flops;

/// Step of the search, in natural log of compute. A curve that rises and falls again within a step is
/// not seen to have risen.
const STEP: f64 = 0.05;

/// The least factor on compute, in `[low, high]`, at which `value` reaches `wanted` from below.
///
/// `value`: of a factor; `None` where there is none. Returns [`Reached::Before`] where it is reached
/// at `low` already. Exact to the last bits of the factor: the value there is at least `wanted`, and
/// below it is not at the factor next to it.
pub fn reach(value: impl Fn(f64) -> Option<f64>, wanted: f64, low: f64, high: f64) -> Reached {
    let at = |log: f64| value(log.exp());
    let (first, last) = (low.ln(), high.ln());
    match at(first) {
        Some(here) if here >= wanted => return Reached::Before,
        _ => {}
    }
    let steps = ((last - first) / STEP).ceil().max(1.0) as usize;
    let place = |step: usize| first + (last - first) * step as f64 / steps as f64;
    for step in 1..=steps {
        if at(place(step)).is_some_and(|here| here >= wanted) {
            let (mut below, mut above) = (place(step - 1), place(step));
            // Halving ends where no number lies between: at most sixty times.
            loop {
                let middle = 0.5 * (below + above);
                if middle <= below || middle >= above {
                    return Reached::At(above.exp());
                }
                if at(middle).is_some_and(|here| here >= wanted) {
                    above = middle;
                } else {
                    below = middle;
                }
            }
        }
    }
    Reached::Never
}

/// Where a score is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reached {
    /// At the lower end of the search or before it.
    Before,
    /// At this factor.
    At(f64),
    /// Not within the search.
    Never,
}

impl Reached {
    /// The factor, where it was found.
    pub fn factor(self) -> Option<f64> {
        match self {
            Self::At(factor) => Some(factor),
            Self::Before | Self::Never => None,
        }
    }
}

/// A target of the same shape with `factor` times the compute: tokens per parameter stay.
pub fn scaled(target: &Target, factor: f64) -> Option<Target> {
    Some(Target {
        model: None,
        compute: Flops::new(target.compute.get() * factor).ok()?,
        params: target.params.map(|n| n * factor.sqrt()),
        tokens: target.tokens.map(|d| d * factor.sqrt()),
    })
}

/// A curve's score at `factor` times the target's compute, shape kept.
pub fn score_at(curve: &dyn Curve, target: &Target, factor: f64) -> Option<f64> {
    curve.score(&scaled(target, factor)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_in_log_compute_is_solved_to_the_last_bits() {
        let value = |factor: f64| Some(0.3 + 0.1 * factor.ln());
        let Reached::At(found) = reach(value, 0.5, 1e-3, 1e6) else { panic!("not found") };
        assert!((found.ln() - 2.0).abs() < 1e-14, "{found}");
        assert_eq!(reach(value, -3.0, 1e-3, 1e6), Reached::Before);
        assert_eq!(reach(value, 9.0, 1e-3, 1e6), Reached::Never);
    }

    #[test]
    fn the_first_of_several_is_found_and_gaps_are_stepped_over() {
        let wave = |factor: f64| (factor > 1.5).then(|| (factor.ln() - 0.8).sin());
        let Reached::At(found) = reach(wave, 0.5, 1.0, 1e6) else { panic!("not found") };
        assert!((found.ln() - 0.8 - 0.5_f64.asin()).abs() < 1e-14);
    }
}
