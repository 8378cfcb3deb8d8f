//! A run's scores against what a fitted [`Watch`] expects: deviations, changes, the alarm.

use std::ops::Range;

use super::answer::{Alarm, CalibrationRow, Look, Monitor, Overall, TaskLook};
use super::compare::{self, Expected, UNIT_LEVEL};
use super::sequential::{self, Boundary, Deviation, Side, Statistic};
use super::{Expectation, Watch, last_checkpoint, outlook, snapshot};
use crate::engines::Interval;
use crate::evals::Study;
use crate::passrate;
use crate::stats::{median, t_half_width};

impl Watch {
    /// Judges the run's scores in `study`, which differs from the one given to [`Watch::new`] at most
    /// in these.
    pub fn judge(&self, study: &Study) -> Monitor {
        self.judged(study, true)
    }

    /// The same without equivalent compute, which is most of the work: for many runs.
    pub fn judge_without_factors(&self, study: &Study) -> Monitor {
        self.judged(study, false)
    }

    fn judged(&self, study: &Study, factors: bool) -> Monitor {
        let rows: Vec<Vec<(TaskLook, Option<Deviation>)>> =
            self.looks.iter().map(|look| self.compare(study, look, factors)).collect();
        let levels: Vec<Vec<Option<f64>>> =
            rows.iter().map(|row| row.iter().map(|(task, _)| task.deviation).collect()).collect();
        let deviations: Vec<Vec<Option<Deviation>>> =
            rows.iter().map(|row| row.iter().map(|(_, deviation)| *deviation).collect()).collect();
        let shares: Vec<f64> = self.looks.iter().map(|look| look.stop.1).collect();
        let correlation = self.calibration.task_correlation;
        let statistics = |levels: &[Option<f64>], tasks: Range<usize>| {
            let alike =
                |looks: &[usize]| sequential::in_one_unit(&deviations, looks, &tasks, correlation);
            sequential::statistics(levels, &shares, &self.calibration, self.question.side, alike)
        };
        let tasks = self.calibration.scale.len();
        let all: Vec<Option<f64>> =
            levels.iter().map(|look| sequential::together(look, correlation)).collect();
        let whole = statistics(&all, 0..tasks);
        let per_task: Vec<Vec<Option<Statistic>>> = (0..tasks)
            .map(|task| {
                let own: Vec<Option<f64>> = levels.iter().map(|look| look[task]).collect();
                statistics(&own, task..task + 1)
            })
            .collect();

        let mut looks = Vec::new();
        let mut alarm = None;
        for (index, (look, rows)) in self.looks.iter().zip(rows).enumerate() {
            let mut tasks: Vec<TaskLook> = rows.into_iter().map(|(task, _)| task).collect();
            let boundary = self.boundaries[index];
            let all = whole[index];
            let own: Vec<Option<Statistic>> = per_task.iter().map(|task| task[index]).collect();
            for (row, found) in tasks.iter_mut().zip(&own) {
                row.change = found.and_then(|found| found.change);
                row.boundary = boundary.task;
                row.alarm = found.is_some_and(|found| found.size > boundary.task);
            }
            let beyond = all.is_some_and(|found| found.size > boundary.overall);
            alarm = alarm.or_else(|| self.alarm(look, boundary, all, &own, &tasks));
            let factors: Vec<f64> = tasks.iter().filter_map(|task| task.compute_factor).collect();
            let compared = tasks.iter().filter(|task| task.deviation.is_some()).count();
            looks.push(Look {
                checkpoint: look.stop.0,
                share: look.stop.1,
                compute_flops: look.target.compute,
                comparison: look.comparison,
                rungs: look.rungs.clone(),
                spent: boundary.spent,
                overall: Overall {
                    deviation: all.map(|found| found.level),
                    change: all.and_then(|found| found.change),
                    boundary: boundary.overall,
                    alarm: beyond,
                    compute_factor: median(&factors).filter(|_| 2 * factors.len() >= compared),
                },
                tasks,
            });
        }
        Monitor {
            schema: "codcast.monitor/1",
            study: study.name.clone(),
            run: self.question.run.clone(),
            engine: self.engine,
            seed: self.config.seed,
            version: env!("CARGO_PKG_VERSION"),
            compute_flops: self.target.compute,
            last_checkpoint: last_checkpoint(study, self.run, &self.question),
            false_alarm_rate: self.question.false_alarms,
            side: self.question.side,
            alarm,
            end_of_training: outlook::end_of_training(self, &looks),
            looks,
            calibration: CalibrationRow {
                values: self.calibration.clone(),
                tasks: study.tasks.iter().map(|task| task.name.clone()).collect(),
            },
            diagnostics: self.diagnostics.clone(),
            config: self.config.clone(),
        }
    }

    /// One look's rows without the test, and what it needs.
    fn compare(
        &self,
        study: &Study,
        look: &Expectation,
        factors: bool,
    ) -> Vec<(TaskLook, Option<Deviation>)> {
        let snapshot = snapshot::at_stop(study, &self.course, look.stop);
        let fits = look.fitted.tasks().zip(&self.calibration.scale);
        let fits = fits.zip(self.end.fits.iter());
        fits.map(|(((task, fit), &scale), end)| {
            let mut row = TaskLook {
                task: task.task.clone(),
                n_samples: task.n_samples,
                expected: None,
                band: None,
                actual: None,
                deviation_points: None,
                deviation: None,
                change: None,
                boundary: 0.0,
                alarm: false,
                compute_factor: None,
                compute_factor_band: None,
                end_of_training: None,
                diagnostics: compare::diagnostics(task, fit),
            };
            if let Some((actual, notes)) = passrate::actual(&snapshot, self.run, task) {
                row.actual = Some(actual);
                row.diagnostics.extend(notes);
            }
            let curve = fit.as_ref().ok().map(|fit| fit.curve.as_ref());
            let expected = curve.and_then(|curve| Expected::of(curve, &look.target));
            let (Some(curve), Some(expected)) = (curve, expected) else { return (row, None) };
            let band = self.band(&expected, scale);
            row.expected = Some(expected.score);
            row.band = Some(band);
            let mut found = None;
            if let Some(actual) = row.actual {
                row.deviation_points = Some(100.0 * (actual - expected.score));
                let unit = [scale * expected.below, scale * expected.above];
                let deviation = Deviation { off: actual - expected.score, unit };
                found = Some(deviation);
                let deviation = deviation.level();
                row.deviation = Some(deviation);
                let end = end.as_ref().ok().map(|end| end.curve.as_ref());
                row.end_of_training = end
                    .and_then(|end| Expected::of(end, &self.target))
                    .map(|end| outlook::update(self, &end, scale, look.stop.1, deviation).score);
                if factors {
                    let factor = |score| compare::compute_factor(curve, &look.target, score);
                    row.compute_factor = factor(actual);
                    row.compute_factor_band = Some([factor(band.lower), factor(band.upper)]);
                }
            }
            (row, found)
        })
        .collect()
    }

    /// Where a healthy run's score lies.
    fn band(&self, expected: &Expected, scale: f64) -> Interval {
        let reach = scale * self.reach();
        let (lower, upper) = (expected.at(-reach), expected.at(reach));
        Interval { level: self.question.level, lower, upper }
    }

    /// Half-width of bands in units of a healthy run's typical deviation.
    pub(super) fn reach(&self) -> f64 {
        let freedom = self.calibration.freedom;
        t_half_width(self.question.level, freedom) / t_half_width(UNIT_LEVEL, freedom)
    }

    fn alarm(
        &self,
        look: &Expectation,
        boundary: Boundary,
        all: Option<Statistic>,
        own: &[Option<Statistic>],
        tasks: &[TaskLook],
    ) -> Option<Alarm> {
        let overall = all.filter(|found| found.size > boundary.overall);
        let beyond = own.iter().flatten().filter(|found| found.size > boundary.task);
        let excess = overall.map(|found| (found, found.size / boundary.overall));
        let (farthest, _) = beyond
            .map(|found| (*found, found.size / boundary.task))
            .chain(excess)
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        let change = farthest.change.filter(|&change| match self.question.side {
            Side::Both => change.abs() > farthest.level.abs(),
            Side::Below => change < farthest.level,
        });
        Some(Alarm {
            checkpoint: look.stop.0,
            share: look.stop.1,
            tasks: tasks.iter().filter(|row| row.alarm).map(|row| row.task.clone()).collect(),
            overall: overall.is_some(),
            direction: if change.unwrap_or(farthest.level) < 0.0 { "below" } else { "above" },
            kind: if change.is_some() { "change" } else { "level" },
        })
    }
}
