//! What was read must give the numbers that the harness itself computed, for as many samples as it says.

use serde::Serialize;

use crate::error::{At, Error, shown};
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
    /// Numbers that logs state beside the results that give them, such as pass@2 of a sample.
    pub checks: u64,
    /// Those that agreed.
    pub checks_agreed: u64,
}

/// The runs that can be believed, and what was found.
pub(super) struct Verified<'a> {
    pub(super) runs: Vec<&'a RunScores>,
    /// Runs that are left out.
    pub(super) refused: Vec<&'a RunScores>,
    pub(super) verification: Verification,
    pub(super) problems: Vec<Error>,
    pub(super) notes: Vec<String>,
}

/// Recomputes every mean and count; leaves out runs with one that disagrees, and those whose log
/// contradicts itself (unless `refuse` is false).
pub(super) fn verify(runs: &[RunScores], refuse: bool) -> Verified<'_> {
    let mut out = Verified {
        runs: Vec::new(),
        refused: Vec::new(),
        verification: Verification::default(),
        problems: Vec::new(),
        notes: Vec::new(),
    };
    for run in runs {
        let mut wrong = Vec::new();
        for series in &run.series {
            let Some(expected) = series.expected else { continue };
            out.verification.stated += 1;
            if !run.whole {
                continue;
            }
            out.verification.compared += 1;
            match compare(run, series, expected) {
                None => out.verification.agreed += 1,
                Some(error) => wrong.push(error),
            }
        }
        out.notes.extend(shortened(run));
        out.verification.checks += run.checks.compared;
        out.verification.checks_agreed += run.checks.agreed;
        wrong.extend(contradiction(run));
        if wrong.is_empty() || !refuse {
            out.runs.push(run);
        } else {
            out.refused.push(run);
        }
        out.problems.extend(wrong);
    }
    out
}

fn compare(run: &RunScores, series: &Series, expected: crate::Expected) -> Option<Error> {
    let at = At::whole(&run.file);
    let what = format!("{}, {}", run.run.task, series.name);
    let what = shown(&what, 200);
    let (mean, samples) = series.mean().unwrap_or((f64::NAN, 0));
    // Not every sample need have every metric, or a score.
    let possible = samples..=run.samples.len() as u64;
    if let Some(stated) = expected.samples.filter(|stated| !possible.contains(stated)) {
        let message = format!(
            "{what}: {samples} scored samples in the file, where the log states {stated} (their mean is \
             {mean}, in the log {}); not imported: copy the file again (--no-verify imports it \
             nevertheless)",
            expected.mean
        );
        return Some(Error::refused(at, message));
    }
    // Scores may be percentages: the tolerance is relative above 1.
    let tolerance = expected.tolerance * expected.mean.abs().max(1.0);
    let agrees = (mean - expected.mean).abs() <= tolerance;
    (!agrees).then_some(Error::Mismatch { at, what, ours: mean, theirs: expected.mean })
}

/// How much is missing of a run that was not read whole, where its log says.
fn shortened(run: &RunScores) -> Option<String> {
    let read = run.samples.len() as u64;
    let stated = run.series.iter().filter_map(|series| series.expected?.samples).max()?;
    (!run.whole && read < stated).then(|| {
        let (file, task) = (shown(&run.file, 200), shown(&run.run.task, 100));
        format!("{file}: {task} has {read} of the {stated} samples that its log states")
    })
}

/// Why a run whose log contradicts itself is left out.
fn contradiction(run: &RunScores) -> Option<Error> {
    let differ = run.checks.compared - run.checks.agreed;
    (differ > 0).then(|| {
        let message = format!(
            "{}: {differ} of {} numbers that the log states beside its results contradict them; not \
             imported (--no-verify imports it nevertheless)",
            shown(&run.run.task, 200),
            run.checks.compared
        );
        Error::refused(At::whole(&run.file), message)
    })
}
