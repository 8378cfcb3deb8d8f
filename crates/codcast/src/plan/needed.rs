//! The compute for a wanted score: the forecast, solved for its question.

use serde::Serialize;

use super::{Goal, Question};
use crate::diagnostic::Diagnostic;
use crate::engines::Interval;
use crate::error::{Error, Result};
use crate::invert::{Reached, reach};
use crate::monitor::Fitted;
use crate::passrate::Target;
use crate::units::Flops;

/// Compute is looked for up to this many times the largest rung's.
const FARTHEST: f64 = 1e6;

/// One wanted score.
#[derive(Clone, Debug, Serialize)]
pub struct ComputeFor {
    /// The task; null for the weighted set.
    pub task: Option<String>,
    /// The score.
    pub score: f64,
    /// Where the forecast is the score.
    pub expected: Needed,
    /// Nominal coverage of the interval whose ends follow.
    pub level: f64,
    /// The least compute whose forecast interval holds the score: with less it is not to be expected.
    pub at_least: Needed,
    /// The least compute whose whole interval is at or above the score: it is then safe to expect.
    pub safe: Needed,
    /// Price of training with the expected compute, in the unit of the costs.
    pub training_cost: Option<f64>,
    /// Beside the result.
    pub diagnostics: Vec<Diagnostic>,
}

/// A compute, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Needed {
    /// `found`; `by_largest_rung`: a model of its size reaches the score already; `not_in_sight`: no
    /// compute up to a million times the largest rung's does; `no_forecast`.
    pub status: &'static str,
    /// FLOPs, where found.
    pub compute_flops: Option<Flops>,
    /// Over the largest rung's, where found.
    pub times_largest_rung: Option<f64>,
}

/// How tasks make up the set.
pub(super) struct Set<'a> {
    /// `[task]`, adding up to 1.
    pub(super) weights: &'a [f64],
    /// Correlation of two tasks' deviations.
    pub(super) correlation: f64,
}

/// Where a goal is reached. Errors when its task is not in the study.
pub(super) fn compute_for(
    fitted: &Fitted,
    largest: Flops,
    goal: &Goal,
    set: &Set<'_>,
    question: &Question,
) -> Result<ComputeFor> {
    let alone: Vec<f64>;
    let weights = match &goal.task {
        None => set.weights,
        Some(name) => {
            let known = || fitted.ladder.tasks.iter().map(|task| task.task.as_str());
            if !known().any(|task| task == name) {
                let known = known().collect::<Vec<_>>().join(", ");
                return Err(Error::Unknown { kind: "task", name: name.clone(), known });
            }
            alone = known().map(|task| f64::from(u8::from(task == name))).collect();
            &alone
        }
    };
    let at = |factor: f64| {
        let compute = Flops::new(largest.get() * factor).ok()?;
        combined(fitted, weights, set.correlation, compute, question.level)
    };
    let solve = |value: fn(&Combined) -> f64| {
        let reached = reach(|factor| at(factor).as_ref().map(value), goal.score, 1.0, FARTHEST);
        let times = reached.factor();
        let compute_flops = times.and_then(|times| Flops::new(largest.get() * times).ok());
        let status = match reached {
            Reached::At(_) => "found",
            Reached::Before => "by_largest_rung",
            Reached::Never if at(FARTHEST).is_none() => "no_forecast",
            Reached::Never => "not_in_sight",
        };
        Needed { status, compute_flops, times_largest_rung: times }
    };
    let expected = solve(|there| there.score);
    let none = Needed { status: "no_forecast", compute_flops: None, times_largest_rung: None };
    let bounded = at(2.0).is_some_and(|there| there.interval.is_some());
    let end = |value: fn(&Combined) -> f64| if bounded { solve(value) } else { none };
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for ((_, fit), _) in fitted.tasks().zip(weights).filter(|(_, weight)| **weight > 0.0) {
        for reason in fit.as_ref().err().into_iter().flatten() {
            if !diagnostics.contains(reason) {
                diagnostics.push(reason.clone());
            }
        }
    }
    Ok(ComputeFor {
        task: goal.task.clone(),
        score: goal.score,
        expected,
        level: question.level,
        at_least: end(|there| there.interval.map_or(there.score, |i| i.upper)),
        safe: end(|there| there.interval.map_or(there.score, |i| i.lower)),
        training_cost: expected
            .compute_flops
            .map(|flops| question.costs.price(flops.get(), 0.0).training),
        diagnostics,
    })
}

/// A weighted mean of tasks at one compute.
struct Combined {
    score: f64,
    interval: Option<Interval>,
}

/// One task alone is its forecast, to the bit. Several are their weighted mean; its half-widths follow
/// from the tasks' as standard deviations do, with one correlation between all of them.
fn combined(
    fitted: &Fitted,
    weights: &[f64],
    correlation: f64,
    compute: Flops,
    level: f64,
) -> Option<Combined> {
    let target = Target { model: None, compute, params: None, tokens: None };
    let parts = fitted
        .tasks()
        .zip(weights)
        .filter(|(_, weight)| **weight > 0.0)
        .map(|((_, fit), &weight)| {
            let curve = fit.as_ref().ok()?.curve.as_ref();
            Some((weight, curve.score(&target).ok()?, curve.interval(&target, level)))
        })
        .collect::<Option<Vec<_>>>()?;
    if let [(_, score, interval)] = parts[..] {
        return Some(Combined { score, interval });
    }
    let score: f64 = parts.iter().map(|(weight, score, _)| weight * score).sum();
    let half = |side: fn(f64, Interval) -> f64| {
        let halves = parts.iter().map(|(w, score, i)| Some(w * side(*score, (*i)?)));
        let halves = halves.collect::<Option<Vec<f64>>>()?;
        Some(root_of_sum(&halves, correlation))
    };
    let interval = half(|score, i| score - i.lower).zip(half(|score, i| i.upper - score)).map(
        |(below, above): (f64, f64)| {
            let (lower, upper) = ((score - below).max(0.0), (score + above).min(1.0));
            Interval { level, lower, upper }
        },
    );
    Some(Combined { score, interval })
}

/// Standard deviation of a sum of parts with these deviations and one correlation between all.
pub(super) fn root_of_sum(deviations: &[f64], correlation: f64) -> f64 {
    let sum: f64 = deviations.iter().sum();
    let squares: f64 = deviations.iter().map(|d| d * d).sum();
    (correlation * sum * sum + (1.0 - correlation) * squares).max(0.0).sqrt()
}
