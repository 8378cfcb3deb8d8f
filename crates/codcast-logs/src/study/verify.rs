//! What was read must give the numbers that the harness itself computed.

use serde::Serialize;

use crate::error::{At, Error};
use crate::partials::{RunScores, Series};

/// How many of the harnesses' own numbers were recomputed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Means that logs state for what was read.
    pub stated: u64,
    /// Those that were recomputed; the others belong to logs that were not read whole.
    pub compared: u64,
    /// Those that agreed.
    pub agreed: u64,
}

/// Recomputes every mean; leaves out runs with one that disagrees (unless `refuse` is false).
pub(super) fn verify(
    runs: &[RunScores],
    refuse: bool,
) -> (Vec<&RunScores>, Verification, Vec<Error>) {
    let mut verification = Verification::default();
    let (mut kept, mut problems) = (Vec::new(), Vec::new());
    for run in runs {
        let mut wrong = Vec::new();
        for series in &run.series {
            let Some(expected) = series.expected else { continue };
            verification.stated += 1;
            if !run.whole {
                continue;
            }
            verification.compared += 1;
            match compare(run, series, expected) {
                None => verification.agreed += 1,
                Some(error) => wrong.push(error),
            }
        }
        if wrong.is_empty() || !refuse {
            kept.push(run);
        }
        problems.extend(wrong);
    }
    (kept, verification, problems)
}

fn compare(run: &RunScores, series: &Series, expected: crate::Expected) -> Option<Error> {
    let at = At::whole(&run.file);
    let what = format!("{}, {}", run.run.task, series.name);
    let what = crate::error::shown(&what, 200);
    let (mean, samples) = series.mean().unwrap_or((f64::NAN, 0));
    // Scores may be percentages: the tolerance is relative above 1.
    let tolerance = expected.tolerance * expected.mean.abs().max(1.0);
    if (mean - expected.mean).abs() <= tolerance {
        return None;
    }
    Some(match expected.samples {
        Some(stated) if stated != samples => Error::refused(
            at,
            format!(
                "{what}: {samples} scored samples in the file, where the log states {stated}, and a \
                 mean of {mean} in place of {}; not imported: copy the file again (--no-verify \
                 imports it nevertheless)",
                expected.mean
            ),
        ),
        _ => Error::Mismatch { at, what, ours: mean, theirs: expected.mean },
    })
}
