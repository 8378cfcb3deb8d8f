//! Score against compute: the forecast at every size between the smallest rung and well beyond the
//! target.

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::engines::{Curve, Fit};
use crate::passrate::{Ladder, Target, TaskLadder};
use crate::units::Flops;

/// Places within the ladder, and beyond it.
const PLACES_WITHIN: u32 = 10;
const PLACES_BEYOND: u32 = 30;
/// The curve ends at so many times the largest target, and at least so many times the largest rung.
const BEYOND_TARGET: f64 = 4.0;
const BEYOND_LADDER: f64 = 10.0;

/// Score against compute, of every task.
#[derive(Clone, Debug, Serialize)]
pub struct Curves {
    /// Nominal coverage of the bands.
    pub level: f64,
    /// Places of the curves, increasing: evenly spaced in log compute within and beyond the ladder,
    /// and every target.
    pub compute_flops: Vec<Flops>,
    /// `[place]` tokens per parameter: those of the rungs and targets, and between them evenly in
    /// logarithms. Null where they are not known: engines that use them take a typical rung's.
    pub tokens_per_parameter: Vec<Option<f64>>,
    /// One entry a task, in the study's order.
    pub tasks: Vec<TaskCurve>,
}

/// One task's scores against compute.
#[derive(Clone, Debug, Serialize)]
pub struct TaskCurve {
    /// The task.
    pub task: String,
    /// Score of guessing, if known.
    pub chance: Option<f64>,
    /// By increasing compute.
    pub rungs: Vec<ModelScore>,
    /// Finished models that answered the same samples, by name.
    pub anchors: Vec<ModelScore>,
    /// `[place]` the forecast; null where there is none.
    pub score: Vec<Option<f64>>,
    /// `[place]` lower end of the interval, from engines that give one.
    pub lower: Vec<Option<f64>>,
    /// `[place]` upper end.
    pub upper: Vec<Option<f64>>,
    /// `[place]` share of the samples whose scaling the engine trusts.
    pub predictable_share: Vec<Option<f64>>,
    /// `[place]` see [`trend`].
    pub trend: Vec<Option<f64>>,
}

/// A measured score.
#[derive(Clone, Debug, Serialize)]
pub struct ModelScore {
    /// The model's name.
    pub model: String,
    /// FLOPs, if known.
    pub compute_flops: Option<Flops>,
    /// Mean score over the samples.
    pub score: f64,
    /// Standard error of that mean over questions drawn like these; null where the number of samples
    /// is not known, or is one.
    pub standard_error: Option<f64>,
}

/// Points of score gained by ten times the compute, around the target: from 1/sqrt(10) of its compute
/// to sqrt(10) times it.
pub fn trend(curve: &dyn Curve, at: &Target) -> Option<f64> {
    let step = 10_f64.sqrt();
    let score = |factor: f64| curve.score(&resized(at, at.compute.get() * factor)?).ok();
    Some(100.0 * (score(step)? - score(1.0 / step)?))
}

/// The sizes at which curves are drawn: unnamed models, shaped like the rungs and targets near them.
///
/// Parameters and tokens follow compute from each rung and target to the next, evenly in logarithms,
/// and beyond the last go on with its tokens per parameter: the curve goes by the rungs it was fitted
/// to and through every target's forecast. Where one model's are not known, none are given but the
/// targets' own.
pub(crate) fn places(ladder: &Ladder, targets: &[Target]) -> Vec<Target> {
    let rungs = ladder.tasks.iter().flat_map(|task| &task.rungs);
    let mut knots: Vec<Target> = rungs
        .map(|rung| Target {
            model: None,
            compute: rung.compute,
            params: rung.params,
            tokens: rung.tokens,
        })
        .collect();
    let by_compute = |a: &Target, b: &Target| a.compute.get().total_cmp(&b.compute.get());
    knots.sort_by(by_compute);
    let (Some(low), Some(high), Some(main)) = (knots.first(), knots.last(), targets.last()) else {
        return Vec::new();
    };
    let (low, high) = (low.compute.get(), high.compute.get());
    knots.extend(targets.iter().map(|target| Target { model: None, ..target.clone() }));
    knots.sort_by(by_compute);
    knots.dedup_by_key(|knot| knot.compute);

    let end = (BEYOND_TARGET * main.compute.get()).max(BEYOND_LADDER * high);
    let spread = |from: f64, to: f64, steps: u32| {
        (0..=steps).map(move |step| from * (to / from).powf(f64::from(step) / f64::from(steps)))
    };
    let mut flops: Vec<f64> = spread(low, high, PLACES_WITHIN)
        .chain(spread(high, end, PLACES_BEYOND).skip(1))
        .chain(targets.iter().map(|target| target.compute.get()))
        .collect();
    flops.sort_by(f64::total_cmp);
    flops.dedup();
    flops.into_iter().filter_map(|flops| shaped(&knots, flops)).collect()
}

/// A model of this compute between its neighbours among the knots, which increase in compute.
fn shaped(knots: &[Target], flops: f64) -> Option<Target> {
    let compute = Flops::new(flops).ok()?;
    let above = knots.partition_point(|knot| knot.compute.get() < flops);
    let known = |knot: &Target| knot.params.is_some() && knot.tokens.is_some();
    match (above.checked_sub(1).map(|below| &knots[below]), knots.get(above)) {
        (_, Some(here)) if here.compute == compute => Some(here.clone()),
        _ if !knots.iter().all(known) => {
            Some(Target { model: None, compute, params: None, tokens: None })
        }
        (Some(below), Some(above)) => {
            let share = compute.times(below.compute).ln() / above.compute.times(below.compute).ln();
            let between = |from: Option<f64>, to: Option<f64>| {
                Some((from?.ln() + share * (to? / from?).ln()).exp())
            };
            Some(Target {
                model: None,
                compute,
                params: between(below.params, above.params),
                tokens: between(below.tokens, above.tokens),
            })
        }
        (Some(end), None) | (None, Some(end)) => resized(end, flops),
        (None, None) => None,
    }
}

/// A model of the same tokens per parameter at another compute, which goes with both.
fn resized(like: &Target, flops: f64) -> Option<Target> {
    let compute = Flops::new(flops).ok()?;
    let factor = compute.times(like.compute).sqrt();
    let scaled = |size: Option<f64>| size.map(|size| size * factor);
    Some(Target { model: None, compute, params: scaled(like.params), tokens: scaled(like.tokens) })
}

/// Every task's curve at these places.
pub(crate) fn curves(
    ladder: &Ladder,
    fits: &[Result<Fit, Vec<Diagnostic>>],
    places: &[Target],
    level: f64,
) -> Curves {
    let ratio = |at: &Target| Some(at.tokens? / at.params?).filter(|ratio| ratio.is_finite());
    Curves {
        level,
        compute_flops: places.iter().map(|place| place.compute).collect(),
        tokens_per_parameter: places.iter().map(ratio).collect(),
        tasks: ladder
            .tasks
            .iter()
            .zip(fits)
            .map(|(task, fit)| task_curve(task, fit.as_ref().ok(), places, level))
            .collect(),
    }
}

fn task_curve(task: &TaskLadder, fit: Option<&Fit>, places: &[Target], level: f64) -> TaskCurve {
    let each = |value: &dyn Fn(&Fit, &Target) -> Option<f64>| -> Vec<Option<f64>> {
        places.iter().map(|at| fit.and_then(|fit| value(fit, at))).collect()
    };
    let rungs = task.rungs.iter().enumerate().map(|(rung, model)| ModelScore {
        model: model.model.clone(),
        compute_flops: Some(model.compute),
        score: task.means[rung],
        standard_error: standard_error(
            task,
            task.means[rung],
            task.rates.iter().map(|rates| rates[rung]),
        ),
    });
    let anchors = task.anchors.iter().map(|anchor| ModelScore {
        model: anchor.model.clone(),
        compute_flops: anchor.compute,
        score: anchor.mean,
        standard_error: standard_error(task, anchor.mean, anchor.rates.iter().copied()),
    });
    TaskCurve {
        task: task.task.clone(),
        chance: task.chance,
        rungs: rungs.collect(),
        anchors: anchors.collect(),
        score: each(&|fit, at| fit.curve.score(at).ok()),
        lower: each(&|fit, at| Some(fit.curve.interval(at, level)?.lower)),
        upper: each(&|fit, at| Some(fit.curve.interval(at, level)?.upper)),
        predictable_share: each(&|fit, at| {
            fit.predictable_share.or_else(|| fit.curve.predictable_share(at))
        }),
        trend: each(&|fit, at| trend(fit.curve.as_ref(), at)),
    }
}

/// Standard error of a mean over questions: their standard deviation (n - 1) over the square root of
/// their number; of an aggregate, the binomial one.
///
/// Source: Miller 2024, "Adding error bars to evals", arXiv 2411.00640, section 2.
fn standard_error(
    task: &TaskLadder,
    mean: f64,
    rates: impl ExactSizeIterator<Item = f64>,
) -> Option<f64> {
    if !task.has_samples() {
        let n = task.n_samples.filter(|&n| n > 1)? as f64;
        return Some((mean * (1.0 - mean) / n).max(0.0).sqrt());
    }
    let n = rates.len() as f64;
    let squares: f64 = rates.map(|rate| (rate - mean).powi(2)).sum();
    (n > 1.0).then(|| (squares / (n - 1.0) / n).sqrt())
}
