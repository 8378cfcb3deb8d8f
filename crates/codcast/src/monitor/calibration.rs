//! How a healthy run deviates, learned from the ladder itself: its larger rungs, each looked at as a
//! run that is forecast from the smaller ones.
//!
//! Deviations are in units of the engine's own band. A ladder says three things about them: how large
//! they really are (per task), how much tasks deviate together (a model is good or bad as a whole),
//! and how long along its training a deviation lasts. Each is shrunk towards a prior as if
//! [`PRIOR`] rungs had said it: short ladders have few rungs to ask.

use rayon::prelude::*;
use serde::Serialize;

use super::compare::Fitted;
use super::snapshot::{Course, at_share};
use crate::config::Config;
use crate::engines::Engine;
use crate::error::Result;
use crate::evals::Study;

/// Rungs that the priors count for.
const PRIOR: f64 = 4.0;
/// Fewest smaller rungs that a rung is forecast from here.
pub(super) const MIN_RUNGS: usize = 3;
/// Only the largest rungs are asked, at no more than so many checkpoints each.
const MOST_RUNGS: usize = 5;
const MOST_STOPS: usize = 6;
/// Deviations count as at most this where tasks are taken together: one task that jumps must not
/// widen the bands of all.
const WINSOR: f64 = 3.0;
/// Prior of the correlation between tasks.
const TOGETHER: f64 = 0.5;
/// Lengths tried: a deviation half a length later, in natural log of the share, is down to 0.6.
const LENGTHS: [f64; 9] = [0.03, 0.06, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0];
/// Prior of the length's logarithm: normal around 0 (a factor of e in the share) with this deviation.
const LENGTH_SD: f64 = 1.5;
/// The engine's intervals have the tails of Student's t with ten degrees of freedom; nothing learned
/// from a ladder is surer.
const MOST_FREEDOM: u32 = 10;

/// What the ladder says about deviations of a healthy run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Rungs that were looked at as runs.
    pub rungs_as_runs: usize,
    /// Their looks together.
    pub looks: usize,
    /// Degrees of freedom of the deviations' Student's t.
    pub freedom: u32,
    /// `[task]` typical deviation of a healthy run in units of the engine's own 68 % band: 1 where the
    /// engine is right.
    pub scale: Vec<f64>,
    /// Correlation of two tasks' deviations.
    pub task_correlation: f64,
    /// Natural log of the share of training after which the correlation of deviations is 1/e.
    pub length: f64,
    /// Typical size of what is new in a deviation, where 1 is what the length says.
    pub innovation: f64,
}

/// The deviations of one rung along its training.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    /// Increasing.
    pub(super) shares: Vec<f64>,
    /// `[look][task]`
    pub(super) deviations: Vec<Vec<Option<f64>>>,
}

/// Looks at the larger rungs as runs. `rungs`: with courses, by increasing compute. `times`: the run's
/// compute over that of the largest rung; rungs are forecast across as large a gap where the ladder is
/// long enough, since deviations grow with the gap.
pub(super) fn paths(
    study: &Study,
    rungs: &[Course],
    times: f64,
    engine: &dyn Engine,
    config: &Config,
) -> Result<Vec<Path>> {
    let need = MIN_RUNGS.max(engine.info().min_rungs);
    let flops = |rung: &Course| study.models[rung.model].compute.map_or(0.0, |c| c.flops.get());
    // (index of the rung, how many of the smaller ones forecast it)
    let far = |index: usize| {
        let limit = flops(&rungs[index]) / times;
        rungs[..index].iter().filter(|rung| flops(rung) <= limit).count()
    };
    let all = (need..rungs.len()).rev();
    let mut chosen: Vec<(usize, usize)> = all
        .clone()
        .map(|index| (index, far(index)))
        .filter(|(_, smaller)| *smaller >= need)
        .collect();
    if chosen.len() < MIN_RUNGS {
        let near = all.filter(|&index| far(index) < need).map(|index| (index, need));
        let missing = MIN_RUNGS - chosen.len();
        chosen.extend(near.take(missing));
    }
    chosen.truncate(MOST_RUNGS);
    chosen
        .into_par_iter()
        .map(|(index, smaller)| path(study, &rungs[..smaller], &rungs[index], need, engine, config))
        .collect()
}

fn path(
    study: &Study,
    smaller: &[Course],
    own: &Course,
    need: usize,
    engine: &dyn Engine,
    config: &Config,
) -> Result<Path> {
    let every = own.stops.len().div_ceil(MOST_STOPS).max(1);
    // Counted from the end, so that the last stop is among them.
    let mut shares: Vec<f64> = own.stops.iter().rev().step_by(every).map(|stop| stop.1).collect();
    shares.reverse();
    let mut path = Path::default();
    for share in shares {
        let courses: Vec<&Course> = smaller.iter().chain([own]).collect();
        let (snapshot, present) = at_share(study, &courses, share);
        let rungs: Vec<usize> = present.into_iter().filter(|&model| model != own.model).collect();
        if rungs.len() >= need {
            let fitted = Fitted::new(&snapshot, &rungs, engine, config)?;
            path.shares.push(share);
            path.deviations.push(fitted.deviations(&snapshot, own.model)?);
        }
    }
    Ok(path)
}

impl Calibration {
    /// Without any rung to ask: the priors.
    pub(crate) fn unasked(tasks: usize) -> Self {
        Self::estimate(&[], tasks)
    }

    /// From the rungs' paths; `tasks`: how many there are.
    pub(super) fn estimate(paths: &[Path], tasks: usize) -> Self {
        let paths: Vec<&Path> = paths.iter().filter(|path| !path.shares.is_empty()).collect();
        let count = paths.len() as f64;
        let shrunk = |prior: f64, sum: f64, n: f64| (PRIOR * prior + sum) / (PRIOR + n);

        let winsored = |z: f64| z.clamp(-WINSOR, WINSOR);
        let pooled = paths.iter().filter_map(|path| {
            mean(path.deviations.iter().flatten().flatten().map(|&z| winsored(z).powi(2)))
        });
        let common = shrunk(1.0, pooled.sum(), count);
        let scale: Vec<f64> = (0..tasks)
            .map(|task| {
                let own: Vec<f64> = paths
                    .iter()
                    .filter_map(|path| {
                        mean(path.deviations.iter().filter_map(|look| look[task]).map(|z| z * z))
                    })
                    .collect();
                shrunk(common, own.iter().sum(), own.len() as f64).sqrt()
            })
            .collect();

        let scaled: Vec<Path> = paths
            .iter()
            .map(|path| Path {
                shares: path.shares.clone(),
                deviations: path
                    .deviations
                    .iter()
                    .map(|look| {
                        let own = look.iter().zip(&scale);
                        own.map(|(z, scale)| z.map(|z| winsored(z / scale))).collect()
                    })
                    .collect(),
            })
            .collect();
        let together: Vec<f64> = scaled.iter().filter_map(togetherness).collect();
        let task_correlation = shrunk(TOGETHER, together.iter().sum(), together.len() as f64);
        let length = most_likely_length(&scaled, task_correlation);
        let news: Vec<f64> = scaled.iter().filter_map(|path| news(path, length)).collect();
        let innovation = shrunk(1.0, news.iter().sum(), news.len() as f64).sqrt();
        Self {
            rungs_as_runs: paths.len(),
            looks: paths.iter().map(|path| path.shares.len()).sum(),
            freedom: (PRIOR as u32 + paths.len() as u32).min(MOST_FREEDOM),
            scale,
            task_correlation,
            length,
            innovation: innovation.max(1.0),
        }
    }

    /// Correlation of the deviations at two shares of training.
    pub(crate) fn correlation(&self, one: f64, other: f64) -> f64 {
        persistence(one, other, self.length)
    }
}

/// Correlation of deviations at two shares of training.
fn persistence(one: f64, other: f64, length: f64) -> f64 {
    (-(one / other).ln().abs() / length).exp()
}

/// Correlation of tasks in one rung, in `[0, 1]`: how much of the mean square is the mean's.
fn togetherness(path: &Path) -> Option<f64> {
    let of_looks = path.deviations.iter().filter_map(|look| {
        let known: Vec<f64> = look.iter().flatten().copied().collect();
        let n = known.len() as f64;
        let square = mean(known.iter().map(|z| z * z)).filter(|&square| square > 0.0)?;
        let of_mean = mean(known.iter().copied())?.powi(2) / square;
        (n > 1.0).then(|| (of_mean - 1.0 / n) / (1.0 - 1.0 / n))
    });
    Some(mean(of_looks)?.clamp(0.0, 1.0))
}

/// What each look adds to the one before, at unit variance: `(earlier, later, persistence)` of every
/// task.
fn steps(path: &Path, length: f64) -> Vec<(f64, f64, f64)> {
    let looks = path.deviations.windows(2).zip(path.shares.windows(2));
    looks
        .flat_map(|(looks, shares)| {
            let kept = persistence(shares[0], shares[1], length);
            let pairs = looks[0].iter().zip(&looks[1]);
            pairs.filter_map(move |(before, after)| Some(((*before)?, (*after)?, kept)))
        })
        .collect()
}

/// Mean square of the innovations of one rung.
fn news(path: &Path, length: f64) -> Option<f64> {
    mean(steps(path, length).into_iter().map(|(before, after, kept)| {
        let new = (after - kept * before) / (1.0 - kept * kept).sqrt();
        new.clamp(-WINSOR, WINSOR).powi(2)
    }))
}

/// The length under which the paths are likeliest: stationary, first-order in the log of the share.
/// Tasks that deviate together count as fewer.
fn most_likely_length(paths: &[Path], task_correlation: f64) -> f64 {
    let log_likelihood = |length: f64| {
        let data: f64 = paths
            .iter()
            .map(|path| {
                let tasks = path.deviations.first().map_or(1, Vec::len) as f64;
                let counted = 1.0 / (1.0 + (tasks - 1.0) * task_correlation);
                let all = steps(path, length).into_iter().map(|(before, after, kept)| {
                    let variance = 1.0 - kept * kept;
                    -0.5 * ((after - kept * before).powi(2) / variance + variance.ln())
                });
                counted * all.sum::<f64>()
            })
            .sum();
        data - 0.5 * (length.ln() / LENGTH_SD).powi(2)
    };
    let mut best = (f64::NEG_INFINITY, 1.0);
    for length in LENGTHS {
        let found = log_likelihood(length);
        if found > best.0 {
            best = (found, length);
        }
    }
    best.1
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0.0, 0.0), |(n, sum), value| (n + 1.0, sum + value));
    (n > 0.0).then(|| sum / n)
}
