//! The sequential test: when is a deviation beyond chance, over all looks and tasks together?
//!
//! A healthy run's deviations are a Gaussian process along the training, correlated between tasks and
//! between looks, divided by one chance factor for all (a multivariate Student's t: how large
//! deviations are is itself learned from few rungs). The test spends its false-alarm rate over the
//! looks by a function fixed beforehand (Lan and DeMets 1983, Biometrika 70, 659-663); the boundary
//! of each look is found by simulating healthy runs, of which just the share to be spent first crosses
//! there. Chosen over products of per-look evidence (e-processes), which need the looks' dependence
//! to be known for each step, and over Bonferroni's bound, which ignores it: a run's deviation lasts,
//! so its looks are nearly one test, and treating them as separate ones would forgo most of the power.

use std::ops::Range;

use rand_distr::{ChiSquared, Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use serde::Serialize;

use super::calibration::Calibration;
use super::compare::UNIT_LEVEL;
use crate::stats::{generator, t_half_width};

/// Healthy runs simulated. With 5 % spent over ten looks a hundred cross at each: boundaries are known
/// to about a tenth of what is spent.
const SIMULATIONS: u64 = 20_000;
/// A change is looked for over the last so many looks, and since the second.
const WINDOW: usize = 8;

/// Which deviations count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Scores above and below what is expected.
    #[default]
    Both,
    /// Only scores below.
    Below,
}

impl Side {
    fn size(self, deviation: f64) -> f64 {
        match self {
            Self::Both => deviation.abs(),
            Self::Below => -deviation,
        }
    }
}

/// What one look says about one task, or about all together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Statistic {
    /// Deviation in units of a healthy run's.
    pub(super) level: f64,
    /// The standardised change since an earlier look that is largest; `None` at the first.
    pub(super) change: Option<f64>,
    /// The larger of the two: what is compared with the boundary.
    pub(super) size: f64,
}

/// A look's boundaries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Boundary {
    /// For all tasks together.
    pub(super) overall: f64,
    /// For the largest of the tasks.
    pub(super) task: f64,
    /// False-alarm rate spent until here.
    pub(super) spent: f64,
}

/// How far a run is off on one task at one look, and what that is measured in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Deviation {
    /// Actual less expected score.
    pub(super) off: f64,
    /// A healthy run's typical deviation below and above what is expected, in score.
    pub(super) unit: [f64; 2],
}

impl Deviation {
    /// In units of a healthy run's at this look.
    pub(super) fn level(&self) -> f64 {
        self.over(self.unit)
    }

    fn over(&self, unit: [f64; 2]) -> f64 {
        self.off / unit[usize::from(self.off >= 0.0)]
    }
}

/// Statistics along the looks of one stream of deviations.
///
/// The innovation of a look is what its deviation adds to what the one before lets expect; a run that
/// stays healthy has independent ones of unit variance. Their standardised sum since look k is large
/// when something changed there: the scan of Page's cumulative sums (1954, Biometrika 41, 100-115).
///
/// `levels`: in units of each look's own band. These units are estimates and jump from look to look,
/// and a lasting deviation would look like a change. `in_one_unit` gives the levels of some looks in
/// units of the widest of their bands; a change counts only as far as it is one in both
/// ([`lesser`]). Where bands are right as they are, the first sum is standard; where they should be
/// alike, the second is, or smaller. So a healthy run's statistic is at most what the boundary was
/// simulated for, whichever holds, jointly over looks and tasks. `None`: all units are the same.
pub(super) fn statistics(
    levels: &[Option<f64>],
    shares: &[f64],
    null: &Calibration,
    side: Side,
    in_one_unit: impl Fn(&[usize]) -> Option<Vec<f64>>,
) -> Vec<Option<Statistic>> {
    let mut seen: Vec<usize> = Vec::new();
    let mut sums: Vec<f64> = Vec::new();
    levels
        .iter()
        .enumerate()
        .map(|(look, level)| {
            let level = (*level)?;
            let before = seen.last().and_then(|&before| Some((levels[before]?, shares[before])));
            let new = before.map_or(0.0, |before| innovation(before, (level, shares[look]), null));
            sums.push(sums.last().copied().unwrap_or(0.0) + new);
            seen.push(look);
            let end = seen.len() - 1;
            let since = (0..end).filter(|&k| k == 0 || k + WINDOW >= end);
            let change = since
                .map(|k| {
                    let own = (sums[end] - sums[k]) / ((end - k) as f64).sqrt();
                    let alike = in_one_unit(&seen[k..]);
                    alike.map_or(own, |alike| lesser(own, sum(&alike, &seen[k..], shares, null)))
                })
                .max_by(|a, b| side.size(*a).total_cmp(&side.size(*b)));
            let of_change = change.map_or(f64::NEG_INFINITY, |change| side.size(change));
            Some(Statistic { level, change, size: side.size(level).max(of_change) })
        })
        .collect()
}

/// What a `(level, share)` adds to what the one before lets expect, at unit variance.
fn innovation(before: (f64, f64), now: (f64, f64), null: &Calibration) -> f64 {
    let kept = null.correlation(before.1, now.1);
    (now.0 - kept * before.0) / (1.0 - kept * kept).max(1e-6).sqrt() / null.innovation
}

/// Standardised sum of the innovations after the first of these looks.
fn sum(levels: &[f64], looks: &[usize], shares: &[f64], null: &Calibration) -> f64 {
    let steps = levels.windows(2).zip(looks.windows(2));
    let of_step = |(levels, looks): (&[f64], &[usize])| {
        innovation((levels[0], shares[looks[0]]), (levels[1], shares[looks[1]]), null)
    };
    steps.map(of_step).sum::<f64>() / (looks.len() as f64 - 1.0).max(1.0).sqrt()
}

/// The smaller of two changes; 0 where one is up and the other down. Units between the two would give
/// every change between them.
fn lesser(one: f64, other: f64) -> f64 {
    match (one * other > 0.0, one.abs() < other.abs()) {
        (false, _) => 0.0,
        (true, true) => one,
        (true, false) => other,
    }
}

/// `[of looks]` the levels of all `tasks` together at these looks, each task in units of its widest
/// band among them. `deviations`: `[look][task]`.
pub(super) fn in_one_unit(
    deviations: &[Vec<Option<Deviation>>],
    looks: &[usize],
    tasks: &Range<usize>,
    correlation: f64,
) -> Option<Vec<f64>> {
    let at = |look: usize, task: usize| deviations[look][task];
    let units: Vec<[f64; 2]> = tasks
        .clone()
        .map(|task| {
            looks.iter().filter_map(|&look| at(look, task)).fold([0.0_f64; 2], |widest, found| {
                [widest[0].max(found.unit[0]), widest[1].max(found.unit[1])]
            })
        })
        .collect();
    let level = |look: usize| {
        let own = tasks.clone().zip(&units);
        let levels: Vec<Option<f64>> =
            own.map(|(task, &unit)| Some(at(look, task)?.over(unit))).collect();
        together(&levels, correlation)
    };
    looks.iter().map(|&look| level(look)).collect()
}

/// All tasks of a look together: the mean deviation, at unit variance; `None` where there is none.
pub(super) fn together(levels: &[Option<f64>], correlation: f64) -> Option<f64> {
    let known: Vec<f64> = levels.iter().flatten().copied().collect();
    let n = known.len() as f64;
    let spread = (correlation + (1.0 - correlation) / n).sqrt();
    (n > 0.0).then(|| known.iter().sum::<f64>() / n / spread)
}

/// Boundaries of the looks at these shares of training.
///
/// `rate`: of runs that are healthy and yet raise an alarm at any look, in (0, 1). Half of it is spent
/// in proportion to the share of training, half by number of looks (half of that at the first, a sixth
/// at the second, ...), so that neither many early looks nor a few late ones are left without. No
/// boundary depends on later looks.
pub(super) fn boundaries(
    null: &Calibration,
    shares: &[f64],
    rate: f64,
    side: Side,
    seed: u64,
) -> Vec<Boundary> {
    // Simulated innovations are of unit variance as they are.
    let null = &Calibration { innovation: 1.0, ..null.clone() };
    let unit = t_half_width(UNIT_LEVEL, null.freedom);
    let runs: Vec<Vec<[f64; 2]>> = (0..SIMULATIONS)
        .into_par_iter()
        .map(|index| healthy(null, unit, shares, side, &mut generator(seed, index)))
        .collect();
    let first = |stream: usize| {
        let mut sizes: Vec<f64> = runs.iter().map(|run| run[0][stream]).collect();
        sizes.sort_by(f64::total_cmp);
        sizes[((1.0 - rate) * (sizes.len() - 1) as f64) as usize].max(1e-3)
    };
    if shares.is_empty() {
        return Vec::new();
    }
    // What makes the two streams comparable: their quantiles at the first look.
    let units = [first(0), first(1)];
    let mut alive: Vec<usize> = (0..runs.len()).collect();
    let mut crossed = 0;
    shares
        .iter()
        .enumerate()
        .map(|(look, &share)| {
            let spent = rate * (0.5 * share.min(1.0) + 0.5 * (1.0 - 1.0 / (look as f64 + 2.0)));
            let size =
                |run: usize| (runs[run][look][0] / units[0]).max(runs[run][look][1] / units[1]);
            alive.sort_by(|&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
            let allowed = ((spent * runs.len() as f64) as usize).saturating_sub(crossed);
            let boundary = alive.get(allowed).map_or(f64::INFINITY, |&run| size(run));
            alive.retain(|&run| size(run) <= boundary);
            crossed = runs.len() - alive.len();
            Boundary { overall: boundary * units[0], task: boundary * units[1], spent }
        })
        .collect()
}

/// `[look]` statistics of all tasks together and of the largest task in one simulated healthy run.
///
/// `unit`: the half-width of Student's t at [`UNIT_LEVEL`], which deviations are in units of.
fn healthy(
    null: &Calibration,
    unit: f64,
    shares: &[f64],
    side: Side,
    random: &mut Pcg64Mcg,
) -> Vec<[f64; 2]> {
    let tasks = null.scale.len();
    let factor = heavy_tail(null.freedom, random) / unit;
    let mut normal = || -> f64 { StandardNormal.sample(random) };
    let rho = null.task_correlation;
    let mut state: Vec<f64> = Vec::new();
    let mut looks: Vec<Vec<Option<f64>>> = Vec::with_capacity(shares.len());
    for (look, &share) in shares.iter().enumerate() {
        let common = normal();
        let new: Vec<f64> =
            (0..tasks).map(|_| rho.sqrt() * common + (1.0 - rho).sqrt() * normal()).collect();
        if look == 0 {
            state = new;
        } else {
            let kept = null.correlation(shares[look - 1], share);
            let fresh = (1.0 - kept * kept).sqrt();
            for (state, new) in state.iter_mut().zip(new) {
                *state = kept * *state + fresh * new;
            }
        }
        looks.push(state.iter().map(|&z| Some(z)).collect());
    }
    for z in looks.iter_mut().flatten().flatten() {
        *z *= factor;
    }
    let alike = |_: &[usize]| None;
    let all: Vec<Option<f64>> = looks.iter().map(|look| together(look, rho)).collect();
    let whole = statistics(&all, shares, null, side, alike);
    let mut sizes: Vec<[f64; 2]> =
        whole.iter().map(|found| [found.map_or(0.0, |s| s.size), 0.0]).collect();
    for task in 0..tasks {
        let levels: Vec<Option<f64>> = looks.iter().map(|look| look[task]).collect();
        for (sizes, found) in sizes.iter_mut().zip(statistics(&levels, shares, null, side, alike)) {
            sizes[1] = sizes[1].max(found.map_or(0.0, |s| s.size));
        }
    }
    sizes
}

/// Turns normal deviations into Student's t ones.
fn heavy_tail(freedom: u32, random: &mut Pcg64Mcg) -> f64 {
    let square = match ChiSquared::new(f64::from(freedom)) {
        Ok(chi) => chi.sample(random) / f64::from(freedom),
        Err(_) => 1.0,
    };
    1.0 / square.max(1e-9).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn null(tasks: usize, task_correlation: f64, length: f64, freedom: u32) -> Calibration {
        Calibration {
            rungs_as_runs: 6,
            looks: 6,
            freedom,
            scale: vec![1.0; tasks],
            task_correlation,
            length,
            innovation: 1.0,
        }
    }

    const SHARES: [f64; 6] = [0.1, 0.3, 0.45, 0.64, 0.82, 1.0];

    /// Share of other simulated healthy runs that cross at any look.
    fn crossings(null: &Calibration, bounds: &[Boundary], side: Side) -> f64 {
        let unit = t_half_width(UNIT_LEVEL, null.freedom);
        let runs = 20_000_u64;
        let crosses = |index: &u64| {
            let run = healthy(null, unit, &SHARES, side, &mut generator(77, *index));
            run.iter().zip(bounds).any(|(size, b)| size[0] > b.overall || size[1] > b.task)
        };
        (0..runs).filter(crosses).count() as f64 / runs as f64
    }

    #[test]
    fn healthy_runs_cross_at_the_rate_that_is_spent() {
        for side in [Side::Both, Side::Below] {
            for null in [null(1, 0.5, 1.0, 10), null(8, 0.3, 0.25, 10), null(8, 0.9, 4.0, 6)] {
                let bounds = boundaries(&null, &SHARES, 0.05, side, 1);
                let rate = crossings(&null, &bounds, side);
                // Both simulations know the rate to 0.0015.
                assert!((rate - 0.05 * (0.5 + 0.5 * 6.0 / 7.0)).abs() < 0.006, "{rate} {null:?}");
            }
        }
    }

    #[test]
    fn a_boundary_does_not_depend_on_later_looks() {
        let null = null(4, 0.5, 1.0, 8);
        let all = boundaries(&null, &SHARES, 0.05, Side::Both, 1);
        let early = boundaries(&null, &SHARES[..3], 0.05, Side::Both, 1);
        assert_eq!(all[..3], early[..]);
    }

    #[test]
    fn one_look_at_one_task_has_the_quantile_of_students_t() {
        let null = null(1, 0.5, 1.0, 10);
        let rate = 0.05;
        let bound = boundaries(&null, &[1.0], rate, Side::Both, 3)[0];
        let expected = t_half_width(1.0 - 0.75 * rate, 10) / t_half_width(UNIT_LEVEL, 10);
        assert!((bound.task - expected).abs() < 0.05, "{bound:?} {expected}");
    }

    #[test]
    fn a_change_shows_before_the_level_does() {
        let null = null(1, 0.5, 8.0, 10);
        let levels = [0.9, 0.9, 0.9, -0.6, -0.7, -0.6].map(Some);
        let found = statistics(&levels, &SHARES, &null, Side::Both, |_| None);
        let last = found[5].unwrap();
        assert_eq!(found[0].unwrap().change, None);
        assert!(last.change.unwrap() < -2.0 && last.level == -0.6, "{last:?}");
        assert_eq!(last.size, -last.change.unwrap());
    }

    #[test]
    fn bands_that_jump_are_no_change() {
        let null = null(1, 0.5, 8.0, 10);
        let change = |offs: [f64; 6], units: [f64; 6]| {
            let looks: Vec<Vec<Option<Deviation>>> = offs
                .into_iter()
                .zip(units)
                .map(|(off, unit)| vec![Some(Deviation { off, unit: [unit; 2] })])
                .collect();
            let levels: Vec<Option<f64>> =
                looks.iter().map(|look| look[0].map(|found| found.level())).collect();
            let alike = |seen: &[usize]| in_one_unit(&looks, seen, &(0..1), null.task_correlation);
            let size = |found: &[Option<Statistic>]| {
                found.iter().flatten().filter_map(|s| s.change).fold(0.0, |a, b| b.abs().max(a))
            };
            let both = statistics(&levels, &SHARES, &null, Side::Both, alike);
            let alone = statistics(&levels, &SHARES, &null, Side::Both, |_| None);
            (size(&both), size(&alone))
        };
        // Two points off throughout, while the band triples and falls back.
        let (both, alone) = change([0.02; 6], [0.01, 0.01, 0.03, 0.03, 0.01, 0.01]);
        assert!(alone > 4.0 && both < 1.5, "{both} {alone}");
        // Two bands off throughout, while bands and scores grow.
        let (both, _) =
            change([0.02, 0.04, 0.06, 0.08, 0.1, 0.12], [0.01, 0.02, 0.03, 0.04, 0.05, 0.06]);
        assert!(both < 1.5, "{both}");
        // A true change is one in either unit.
        let falls = [0.02, 0.02, 0.02, -0.06, -0.06, -0.06];
        let (both, _) = change(falls, [0.01, 0.012, 0.01, 0.015, 0.01, 0.012]);
        assert!(both > 5.0, "{both}");
    }
}
