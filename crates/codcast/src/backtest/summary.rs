//! Many cases, one line an engine.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::compare::{Comparison, Pair, compare};
use super::{BacktestConfig, Case, Intervals, LEVELS};
use crate::stats::{mean, median};

/// How one engine did. Errors and widths in points (percent of full score).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EngineSummary {
    /// The engine.
    pub engine: String,
    /// Cases it was asked.
    pub cases: usize,
    /// Forecasts it gave.
    pub forecasts: usize,
    /// Cases in which every listed engine gave a forecast: what `mae`, `median` and `max` count.
    pub common_cases: usize,
    /// Mean absolute error over the common cases; null without one.
    pub mae: Option<f64>,
    /// Median absolute error over the common cases.
    pub median: Option<f64>,
    /// Largest absolute error over the common cases.
    pub max: Option<f64>,
    /// Mean absolute error over its own forecasts, whatever the others did.
    pub own_mae: Option<f64>,
    /// Share of the actual scores inside its intervals; null where it gives none.
    pub coverage: Option<f64>,
    /// Mean width of its intervals.
    pub mean_width: Option<f64>,
    /// 1 minus the ratio of its mean absolute error to that of `last`, over its own forecasts; null
    /// where `last` is not listed or never errs.
    pub skill_vs_last: Option<f64>,
    /// Mean over the studies it took part in of [`StudySummary::mae`], so that a large study does not
    /// dominate.
    pub mean_of_studies: Option<f64>,
    /// One a study, in the order given.
    pub studies: Vec<StudySummary>,
    /// By how far the target is beyond the largest rung; its own forecasts.
    pub bands: Vec<Band>,
    /// One a level of [`LEVELS`]; empty where the engine gives no intervals.
    pub calibration: Vec<Calibration>,
    /// Against the best engine; null for the best itself.
    pub versus_best: Option<Comparison>,
}

/// One engine on one study.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StudySummary {
    /// The study.
    pub study: String,
    /// Cases it was asked.
    pub cases: usize,
    /// Forecasts it gave.
    pub forecasts: usize,
    /// Whether it gave a forecast in at least half of them.
    pub took_part: bool,
    /// Cases in which every engine that took part gave a forecast.
    pub common_cases: usize,
    /// Mean absolute error over these; null where it did not take part.
    pub mae: Option<f64>,
    /// Largest absolute error over these.
    pub max: Option<f64>,
    /// Mean over these of [`Case::noise_floor`], where all have one.
    pub noise_floor: Option<f64>,
    /// What of `mae` lies above that floor, in quadrature: independent errors add in squares.
    pub above_floor: Option<f64>,
    /// Its intervals, over its own forecasts; null where it gives none.
    pub intervals: Option<Intervals>,
}

/// One engine at one distance beyond the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Band {
    /// More than so many times the largest rung's compute.
    pub above: f64,
    /// At most so many; null: no limit.
    pub up_to: Option<f64>,
    /// Forecasts.
    pub forecasts: usize,
    /// Mean absolute error.
    pub mae: Option<f64>,
    /// Of `last` on the same cases.
    pub mae_last: Option<f64>,
    /// Its intervals there; null where it gives none.
    pub intervals: Option<Intervals>,
}

/// Intervals of one level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Nominal coverage.
    pub level: f64,
    /// Intervals.
    pub cases: usize,
    /// Share of the actual scores inside them.
    pub coverage: f64,
}

/// Edges of the bands, times the largest rung's compute.
const EDGES: [f64; 2] = [4.0, 10.0];

/// One (study, task, target): the cases of all engines, `[engine]`.
type Row<'a> = Vec<&'a Case>;

/// One line an engine, and the name of the best.
pub(super) fn summarise(
    cases: &[Case],
    engines: &[&str],
    settings: &BacktestConfig,
    seed: u64,
) -> (Vec<EngineSummary>, Option<String>) {
    // Cases are sorted so that the engines of one row are neighbours, in their order.
    let rows: Vec<Row> =
        cases.chunks_exact(engines.len().max(1)).map(|row| row.iter().collect()).collect();
    let last = engines.iter().position(|&engine| engine == "last");
    let mut studies: BTreeMap<usize, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        studies.entry(row[0].order.0).or_default().push(row);
    }
    let by_study: Vec<Vec<StudySummary>> =
        studies.values().map(|rows| study_summaries(rows, engines.len())).collect();

    let mut summary: Vec<EngineSummary> = engines
        .iter()
        .enumerate()
        .map(|(i, &engine)| one_engine(i, engine, &rows, last, &by_study))
        .collect();

    let best = (0..summary.len())
        .filter(|&i| !by_study.is_empty() && by_study.iter().all(|study| study[i].took_part))
        .filter_map(|i| Some((i, summary[i].mean_of_studies?)))
        .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
        .map(|(i, _)| i);
    if let Some(best) = best {
        for (i, line) in summary.iter_mut().enumerate().filter(|&(i, _)| i != best) {
            let pairs: Vec<Pair> = rows
                .iter()
                .filter_map(|row| {
                    Some(Pair {
                        study: row[i].order.0,
                        task: &row[i].task,
                        difference: row[i].error()?.abs() - row[best].error()?.abs(),
                    })
                })
                .collect();
            line.versus_best = compare(&pairs, settings.replicates, seed);
        }
    }
    let best = best.map(|i| engines[i].to_owned());
    (summary, best)
}

fn one_engine(
    i: usize,
    engine: &str,
    rows: &[Row],
    last: Option<usize>,
    by_study: &[Vec<StudySummary>],
) -> EngineSummary {
    let error = |row: &Row, engine: usize| row[engine].error().map(f64::abs);
    let common: Vec<f64> = rows
        .iter()
        .filter(|row| row.iter().all(|case| case.forecast.is_some()))
        .filter_map(|row| error(row, i))
        .collect();
    let own: Vec<f64> = rows.iter().filter_map(|row| error(row, i)).collect();
    let intervals: Vec<(f64, f64, f64)> =
        rows.iter().filter_map(|row| Some((row[i].lower?, row[i].upper?, row[i].actual))).collect();
    let inside: Vec<f64> = intervals
        .iter()
        .map(|&(lower, upper, actual)| f64::from((lower..=upper).contains(&actual)))
        .collect();
    let widths: Vec<f64> =
        intervals.iter().map(|&(lower, upper, _)| 100.0 * (upper - lower)).collect();
    let against_last = |rows: &[&Row]| -> (Vec<f64>, Vec<f64>) {
        rows.iter().filter_map(|row| Some((error(row, i)?, error(row, last?)?))).unzip()
    };
    let every: Vec<&Row> = rows.iter().collect();
    let (ours, theirs) = against_last(&every);
    let skill_vs_last = mean(&ours)
        .zip(mean(&theirs))
        .filter(|(_, theirs)| *theirs > 0.0)
        .map(|(ours, theirs)| 1.0 - ours / theirs);
    let bands = (0..=EDGES.len())
        .map(|band| {
            let above = if band == 0 { 1.0 } else { EDGES[band - 1] };
            let up_to = EDGES.get(band).copied();
            let within = |row: &&Row| {
                let times = row[i].times_largest_rung;
                times > above && up_to.is_none_or(|limit| times <= limit)
            };
            let rows: Vec<&Row> = rows.iter().filter(within).collect();
            let own: Vec<f64> = rows.iter().filter_map(|row| error(row, i)).collect();
            let (_, theirs) = against_last(&rows);
            Band {
                above,
                up_to,
                forecasts: own.len(),
                mae: mean(&own),
                mae_last: mean(&theirs),
                intervals: Intervals::of(rows.iter().map(|row| row[i])),
            }
        })
        .collect();
    let studies: Vec<StudySummary> = by_study.iter().map(|study| study[i].clone()).collect();
    let means: Vec<f64> = studies.iter().filter_map(|study| study.mae).collect();
    EngineSummary {
        engine: engine.to_owned(),
        cases: rows.len(),
        forecasts: own.len(),
        common_cases: common.len(),
        mae: mean(&common),
        median: median(&common),
        max: common.iter().copied().reduce(f64::max),
        own_mae: mean(&own),
        coverage: mean(&inside),
        mean_width: mean(&widths),
        skill_vs_last,
        mean_of_studies: mean(&means),
        studies,
        bands,
        calibration: calibration(i, rows),
        versus_best: None,
    }
}

fn calibration(i: usize, rows: &[Row]) -> Vec<Calibration> {
    let judged: Vec<&Case> =
        rows.iter().map(|row| row[i]).filter(|case| case.lower.is_some()).collect();
    let held =
        |level: f64| judged.iter().filter(|c| c.held_from.is_some_and(|l| l <= level)).count();
    let share = |level: f64| held(level) as f64 / judged.len() as f64;
    let cases = judged.len();
    let levels = LEVELS.iter().filter(|_| cases > 0);
    levels.map(|&level| Calibration { level, cases, coverage: share(level) }).collect()
}

/// One study, `[engine]`.
///
/// An engine that cannot work on a study at all (no samples, no losses, no anchors) must not empty
/// the set of cases the others are compared on, so only those that take part count.
fn study_summaries(rows: &[&Row], engines: usize) -> Vec<StudySummary> {
    let forecasts = |i: usize| rows.iter().filter(|row| row[i].forecast.is_some()).count();
    let taking_part: BTreeSet<usize> =
        (0..engines).filter(|&i| forecasts(i) > 0 && 2 * forecasts(i) >= rows.len()).collect();
    let common: Vec<&&Row> =
        rows.iter().filter(|row| taking_part.iter().all(|&i| row[i].forecast.is_some())).collect();
    (0..engines)
        .map(|i| {
            let took_part = taking_part.contains(&i);
            let errors: Vec<f64> =
                common.iter().filter_map(|row| row[i].error().map(f64::abs)).collect();
            let floors: Option<Vec<f64>> = common.iter().map(|row| row[i].noise_floor).collect();
            let floor = floors.as_deref().and_then(mean);
            let mae = if took_part { mean(&errors) } else { None };
            StudySummary {
                study: rows[0][i].study.clone(),
                cases: rows.len(),
                forecasts: forecasts(i),
                took_part,
                common_cases: common.len(),
                mae,
                max: errors.iter().copied().reduce(f64::max).filter(|_| took_part),
                noise_floor: floor,
                above_floor: mae
                    .zip(floor)
                    .map(|(mae, floor)| (mae * mae - floor * floor).max(0.0).sqrt()),
                intervals: Intervals::of(rows.iter().map(|row| row[i])),
            }
        })
        .collect()
}
