//! A model's score beside what smaller models say it should be.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::{Curve, Engine, Fit, Refusal};
use crate::error::Result;
use crate::evals::Study;
use crate::invert::{Reached, reach, score_at};
use crate::passrate::{self, Ladder, Target, TaskLadder};

/// The level at which a band's half-width is one unit of deviation: that of a normal distribution's
/// standard deviation.
pub(crate) const UNIT_LEVEL: f64 = 0.682_689_492_137_085_9;
/// Least half-width: scores are stored with five or six digits.
const LEAST: f64 = 1e-6;
/// Equivalent compute is looked for within this factor.
const FURTHEST: f64 = 1000.0;

/// The expected score of one model on one task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Expected {
    /// In `[0, 1]`.
    pub(crate) score: f64,
    /// Half-widths of the engine's band of [`UNIT_LEVEL`] below and above the score. A score bounded
    /// by 0 or 1 has a short side, and nothing can deviate by more than it.
    pub(crate) below: f64,
    /// See `below`.
    pub(crate) above: f64,
}

impl Expected {
    /// From a fitted curve; `None` where the engine gives no number or no interval there.
    pub(crate) fn of(curve: &dyn Curve, target: &Target) -> Option<Self> {
        let score = curve.score(target).ok()?;
        let band = curve.interval(target, UNIT_LEVEL)?;
        let (below, above) = ((score - band.lower).max(LEAST), (band.upper - score).max(LEAST));
        Some(Self { score, below, above })
    }

    /// How far `actual` is from what was expected, in units of the band of [`UNIT_LEVEL`].
    pub(crate) fn deviation(&self, actual: f64) -> f64 {
        let off = actual - self.score;
        off / if off < 0.0 { self.below } else { self.above }
    }

    /// The score that deviates by so much; held in `[0, 1]`.
    pub(crate) fn at(&self, deviation: f64) -> f64 {
        let unit = if deviation < 0.0 { self.below } else { self.above };
        (self.score + deviation * unit).clamp(0.0, 1.0)
    }
}

/// A ladder with its fits.
pub(crate) struct Fitted {
    pub(crate) ladder: Ladder,
    pub(crate) fits: Vec<Result<Fit, Refusal>>,
}

impl Fitted {
    /// `rungs`: indices into the study's models.
    pub(crate) fn new(
        study: &Study,
        rungs: &[usize],
        engine: &dyn Engine,
        config: &Config,
    ) -> Result<Self> {
        let ladder = Self::ladder(study, rungs, config)?;
        let fits = engine.fit(&ladder, config);
        Ok(Self { ladder, fits })
    }

    /// The ladder alone, with the study's anchors.
    pub(crate) fn ladder(study: &Study, rungs: &[usize], config: &Config) -> Result<Ladder> {
        let mut anchors = passrate::anchors_of(study, &config.data);
        anchors.retain(|anchor| !rungs.contains(anchor));
        Ladder::build(study, rungs, &anchors, &config.data)
    }

    /// The tasks with their fits, in the study's order.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = (&TaskLadder, &Result<Fit, Refusal>)> {
        self.ladder.tasks.iter().zip(&self.fits)
    }

    /// Whether any of the fits has an interval for the target, or there is no fit to have one.
    pub(crate) fn gives_intervals(&self, target: &Target) -> bool {
        let mut fits = self.fits.iter().flatten().peekable();
        fits.peek().is_none() || fits.any(|fit| Expected::of(fit.curve.as_ref(), target).is_some())
    }

    /// `[task]` how far a model of the study deviates; `None` where there is nothing to compare.
    pub(crate) fn deviations(&self, study: &Study, model: usize) -> Result<Vec<Option<f64>>> {
        let target = Target::of(&study.models[model])?;
        Ok(self
            .tasks()
            .map(|(task, fit)| {
                let expected = Expected::of(fit.as_ref().ok()?.curve.as_ref(), &target)?;
                let (actual, _) = passrate::actual(study, model, task)?;
                Some(expected.deviation(actual))
            })
            .collect())
    }
}

/// The factor on a model's compute at which the curve expects `score`, the nearest one where a curve is not
/// rising throughout; `None` where no compute within a factor of a thousand does.
pub(crate) fn compute_factor(curve: &dyn Curve, target: &Target, score: f64) -> Option<f64> {
    let more = |factor: f64| score_at(curve, target, factor);
    let less = |divisor: f64| score_at(curve, target, 1.0 / divisor).map(|score| -score);
    match reach(more, score, 1.0, FURTHEST) {
        Reached::At(factor) => Some(factor),
        Reached::Never => None,
        Reached::Before => match reach(less, -score, 1.0, FURTHEST) {
            Reached::At(divisor) => Some(1.0 / divisor),
            Reached::Before => Some(1.0),
            Reached::Never => None,
        },
    }
}

/// Diagnostics of a task and its fit together, each once.
pub(crate) fn diagnostics(task: &TaskLadder, fit: &Result<Fit, Refusal>) -> Vec<Diagnostic> {
    let own = match fit {
        Ok(fit) => &fit.diagnostics,
        Err(reasons) => reasons,
    };
    let mut all: Vec<Diagnostic> = Vec::new();
    for diagnostic in task.diagnostics.iter().chain(own) {
        if !all.contains(diagnostic) {
            all.push(diagnostic.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;
    use crate::units::Flops;

    /// Rises, but for a dip by a third below 1e20.
    struct Dips;

    impl Curve for Dips {
        fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
            let x = (at.compute.get() / 1e20).ln();
            Ok(0.5 + 0.05 * x + if x < 0.0 { 0.1 } else { 0.0 })
        }
    }

    #[test]
    fn of_several_computes_that_give_a_score_the_nearest_counts() {
        let target =
            Target { model: None, compute: Flops::new(2e20).unwrap(), params: None, tokens: None };
        let expected = Dips.score(&target).unwrap();
        let of = |score: f64| compute_factor(&Dips, &target, score);
        assert!((of(expected).unwrap() - 1.0).abs() < 1e-12);
        // The curve reaches this score below 1e20 already, a fifth of a log unit from its end.
        assert!((of(0.51).unwrap().ln() - (0.2 - 2_f64.ln())).abs() < 1e-9);
        assert!((of(expected + 0.05).unwrap().ln() - 1.0).abs() < 1e-9);
        assert_eq!((of(0.05), of(0.99)), (None, None));
    }
}
