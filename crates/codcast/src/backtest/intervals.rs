//! How intervals did.

use serde::Serialize;

use super::Case;

/// The intervals of some cases. Widths in points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Intervals {
    /// Cases with an interval.
    pub cases: usize,
    /// Share of the actual scores inside.
    pub coverage: f64,
    /// Mean width.
    pub mean_width: f64,
    /// The width of intervals of one width around the same forecasts that hold as many of the actual
    /// scores, chosen after the fact: what knowing nothing about single cases would cost.
    pub constant_width: f64,
}

impl Intervals {
    /// `None` where no case has an interval.
    pub(super) fn of<'a>(cases: impl Iterator<Item = &'a Case>) -> Option<Self> {
        let (mut inside, mut widths) = (0, 0.0);
        let mut errors: Vec<f64> = Vec::new();
        for case in cases {
            let (Some(lower), Some(upper), Some(error)) = (case.lower, case.upper, case.error())
            else {
                continue;
            };
            inside += usize::from((lower..=upper).contains(&case.actual));
            widths += 100.0 * (upper - lower);
            errors.push(error.abs());
        }
        errors.sort_by(f64::total_cmp);
        let cases = errors.len();
        (cases > 0).then(|| Self {
            cases,
            coverage: inside as f64 / cases as f64,
            mean_width: widths / cases as f64,
            constant_width: 2.0 * inside.checked_sub(1).map_or(0.0, |last| errors[last]),
        })
    }
}
