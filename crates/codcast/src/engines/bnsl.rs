//! A broken power law of the error.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::points::{Axis, Points};
use crate::engines::{Curve, Engine, EngineInfo, Fit, Refusal, bounded, per_task};
use crate::optim::{Bounds, Loss, Minimum, grid, multi_start};
use crate::passrate::{Ladder, Target, TaskLadder};

/// `error(C) = a + b * C^-c0 * (1 + (C/d)^(1/f))^(-c1 f)`: one smooth break at `d`.
///
/// Source: Caballero et al. 2023 (BNSL), arXiv 2210.14891, and its code: least squares of
/// `ln(1 + error)`. Differs from it in: bounded, since six parameters are not identified by a
/// ladder's few points: the break lies among the rungs, `a` in `[0, 1]`, `c0` in `[0, 2]`, `c1` in
/// `[0, 4]`, `f` in `[0.05, 2]`; a coarser grid, of which the best points are refined.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bnsl;

const MIN_RUNGS: usize = 4;

/// `a, ln b, c0, c1, ln d, f` on the centred axis.
type Law = [f64; 6];

fn error(law: &Law, x: f64) -> f64 {
    let [a, log_b, c0, c1, log_d, f] = *law;
    let beyond = (x - log_d) / f;
    // ln(1 + e^z), without overflow.
    let softplus = beyond.max(0.0) + (-beyond.abs()).exp().ln_1p();
    a + (log_b - c0 * x - c1 * f * softplus).exp()
}

struct Broken {
    axis: Axis,
    law: Law,
}

impl Curve for Broken {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        bounded(1.0 - error(&self.law, self.axis.place(at)))
    }
}

impl Engine for Bnsl {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "bnsl",
            summary: "broken power law of the error, one break",
            source: "Caballero et al. 2023, arXiv 2210.14891",
            needs: "4 rungs",
            min_rungs: MIN_RUNGS,
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, fit)
    }
}

fn fit(task: &TaskLadder) -> Result<Fit, Refusal> {
    let points = Points::of(task, MIN_RUNGS)?;
    let errors: Vec<f64> = points.score.iter().map(|score| 1.0 - score).collect();
    let found = search(&points.axis.x, &errors)
        .ok_or_else(|| vec![Diagnostic::FitFailed { reason: "no start is finite".to_owned() }])?;
    Ok(Fit::new(Broken { axis: points.axis, law: found.at }))
}

/// The law through the errors at centred `x`, which rises.
pub(super) fn search(x: &[f64], errors: &[f64]) -> Option<Minimum<6>> {
    let wanted: Vec<f64> = errors.iter().map(|error| error.ln_1p()).collect();
    let residuals = |law: &Law, out: &mut [f64]| {
        for ((r, x), wanted) in out.iter_mut().zip(x).zip(&wanted) {
            *r = error(law, *x).ln_1p() - wanted;
        }
    };
    let (first, last) = (x[0], x[x.len() - 1]);
    let bounds = Bounds::new([
        (0.0, 1.0),
        (-40.0, 10.0),
        (0.0, 2.0),
        (0.0, 4.0),
        (first, last),
        (0.05, 2.0),
    ]);
    let starts = starts(errors, first, last);
    multi_start(x.len(), residuals, &starts, &bounds, Loss::Squares)
}

/// A grid over the shape; the height follows from the first rung.
fn starts(errors: &[f64], first: f64, last: f64) -> Vec<Law> {
    let lowest = errors.iter().copied().fold(f64::INFINITY, f64::min);
    let at = |share: f64| first + share * (last - first);
    grid([
        &[0.0, 0.5 * lowest, 0.9 * lowest],
        &[0.0, 0.05, 0.2, 0.6],
        &[0.02, 0.1, 0.4, 1.2],
        &[at(0.1), at(0.35), at(0.6), at(0.85)],
        &[0.1, 0.4, 1.2],
    ])
    .iter()
    .map(|&[a, c0, c1, log_d, f]| {
        let shape = error(&[0.0, 0.0, c0, c1, log_d, f], first);
        let height = ((errors[0] - a).max(1e-6) / shape).ln();
        [a, height, c0, c1, log_d, f]
    })
    .collect()
}
