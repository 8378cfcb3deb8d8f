//! A training run against what the ladder says of it: what `codcast monitor` answers.
//!
//! Each checkpoint is a look. The rungs at the same share of their training forecast the run at that
//! share ([`snapshot`]); how far it may deviate is learned from the ladder's own larger rungs, looked
//! at as runs ([`calibration`]); a sequential test over looks and tasks says when it is beyond chance
//! ([`sequential`]). See docs/monitor.md.

mod answer;
mod calibration;
mod compare;
mod merge;
mod outlook;
mod sequential;
mod snapshot;

pub use answer::{Alarm, CalibrationRow, Comparison, Look, Monitor, Overall, TaskLook};
pub use calibration::Calibration;
pub(crate) use compare::{Expected, Fitted, UNIT_LEVEL, diagnostics as task_diagnostics};
pub use merge::with_results;
pub use outlook::FinalForecast;
pub use sequential::Side;

use std::ops::Range;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::{Engine, Interval};
use crate::error::{Error, Result};
use crate::evals::{Role, Study};
use crate::passrate::{self, Target};
use crate::stats::{median, t_half_width};
use crate::units::Flops;
use calibration::MIN_RUNGS;
use sequential::{Boundary, Deviation, Statistic};
use snapshot::Course;

/// A ladder whose own rungs deviate by more than so many times what the engine expects is called
/// surprising.
const SURPRISING: f64 = 1.5;

/// What to watch and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The run's name in the study.
    pub run: String,
    /// The checkpoint at which its training will end; `None`: as the study says.
    pub last_checkpoint: Option<i64>,
    /// Nominal coverage of bands, in (0, 1).
    pub level: f64,
    /// Share of healthy runs that raise an alarm at any look, in (0, 1).
    pub false_alarms: f64,
    /// Which deviations count.
    pub side: Side,
}

impl Question {
    /// With bands of 90 % and 5 % false alarms, for deviations of both signs.
    pub fn of(run: impl Into<String>) -> Self {
        Self {
            run: run.into(),
            last_checkpoint: None,
            level: 0.9,
            false_alarms: 0.05,
            side: Side::Both,
        }
    }
}

/// Compares a run's checkpoints so far with what the ladder says they should be.
pub fn monitor(
    study: &Study,
    engine: &dyn Engine,
    question: &Question,
    config: &Config,
) -> Result<Monitor> {
    let watch = Watch::new(study, engine, question, config)?;
    Ok(watch.judge(study))
}

/// A monitor whose ladder is fitted: runs can be judged against it.
///
/// The fits depend on the ladder and on the shares of the run's checkpoints, not on the run's scores:
/// simulations judge many runs with one.
pub struct Watch {
    run: usize,
    question: Question,
    course: Course,
    target: Target,
    engine: &'static str,
    looks: Vec<Expectation>,
    end: Fitted,
    calibration: Calibration,
    boundaries: Vec<Boundary>,
    diagnostics: Vec<Diagnostic>,
    config: Config,
}

/// What is expected at one look.
struct Expectation {
    stop: (Option<i64>, f64),
    comparison: Comparison,
    rungs: Vec<String>,
    target: Target,
    fitted: Fitted,
}

impl Watch {
    /// Fits the ladder at every share of training at which the run has a checkpoint.
    pub fn new(
        study: &Study,
        engine: &dyn Engine,
        question: &Question,
        config: &Config,
    ) -> Result<Self> {
        config.validate()?;
        let run = study.model(&question.run)?;
        let target = Target::of(&study.models[run])?;
        let rungs = smaller_rungs(study, run, target.compute);
        let finished: Vec<usize> = rungs.iter().map(|rung| rung.model).collect();
        let end = Fitted::new(study, &finished, engine, config)?;
        if !end.gives_intervals(&target) {
            return Err(Error::NoIntervals { engine: engine.info().name });
        }
        let course = course_of_run(study, run, question)?;
        let largest = finished.last().and_then(|&model| study.models[model].compute);
        let times = largest.map_or(1.0, |largest| target.compute.times(largest.flops));
        let paths = calibration::paths(study, &rungs, times, engine, config)?;
        let calibration = Calibration::estimate(&paths, study.tasks.len());

        let mut looks = Vec::new();
        for &stop in &course.stops {
            looks.push(expectation(study, &rungs, &course, stop, engine, config)?);
        }
        let shares: Vec<f64> = looks.iter().map(|look| look.stop.1).collect();
        let rate = question.false_alarms;
        let boundaries =
            sequential::boundaries(&calibration, &shares, rate, question.side, config.seed);
        let diagnostics = warnings(&looks, &calibration);
        Ok(Self {
            run,
            question: question.clone(),
            course,
            target,
            engine: engine.info().name,
            looks,
            end,
            calibration,
            boundaries,
            diagnostics,
            config: config.clone(),
        })
    }

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
    fn reach(&self) -> f64 {
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

/// What a ladder says about how healthy models deviate from forecasts of a target; from finished rungs
/// alone. `rungs`: by increasing compute.
pub(crate) fn ladder_calibration(
    study: &Study,
    rungs: &[usize],
    target: Option<&Target>,
    engine: &dyn Engine,
    config: &Config,
) -> Result<Calibration> {
    let flops = |model: usize| study.models[model].compute.map_or(1.0, |c| c.flops.get());
    let largest = rungs.last().map_or(1.0, |&rung| flops(rung));
    let times = target.map_or(1.0, |target| target.compute.get() / largest);
    let finished: Vec<Course> = rungs
        .iter()
        .map(|&rung| Course::of(study, rung, study.models[rung].checkpoint).finished())
        .collect();
    let paths = calibration::paths(study, &finished, times, engine, config)?;
    Ok(Calibration::estimate(&paths, study.tasks.len()))
}

/// The ladder's rungs of less compute than the run, by increasing compute, with their checkpoints.
fn smaller_rungs(study: &Study, run: usize, compute: Flops) -> Vec<Course> {
    let flops = |model: usize| study.models[model].compute.map_or(f64::INFINITY, |c| c.flops.get());
    let mut rungs: Vec<usize> = study
        .with_role(Role::Ladder)
        .filter(|&model| model != run && flops(model) < compute.get())
        .collect();
    rungs.sort_by(|&a, &b| flops(a).total_cmp(&flops(b)).then(a.cmp(&b)));
    rungs
        .into_iter()
        .map(|model| Course::of(study, model, study.models[model].checkpoint))
        .collect()
}

fn last_checkpoint(study: &Study, run: usize, question: &Question) -> Option<i64> {
    question.last_checkpoint.or(study.models[run].checkpoint)
}

/// The run's checkpoints, or an error that says what is missing.
fn course_of_run(study: &Study, run: usize, question: &Question) -> Result<Course> {
    let last = last_checkpoint(study, run, question);
    let course = Course::of(study, run, last);
    let model = || study.models[run].name.clone();
    if course.stops.is_empty() {
        return Err(Error::NoCheckpoints { model: model() });
    }
    if course.is_numbered() && last.is_none_or(|last| last <= 0) {
        return Err(Error::NoLastCheckpoint { model: model() });
    }
    Ok(course)
}

/// Fits the ladder at one stop of the run: at the same share where enough rungs have checkpoints.
fn expectation(
    study: &Study,
    rungs: &[Course],
    course: &Course,
    stop: (Option<i64>, f64),
    engine: &dyn Engine,
    config: &Config,
) -> Result<Expectation> {
    let need = MIN_RUNGS.max(engine.info().min_rungs);
    let courses: Vec<&Course> = rungs.iter().collect();
    let (at_share, present) = snapshot::at_share(study, &courses, stop.1);
    let (comparison, models) = if present.len() >= need {
        (Comparison::SameShare, present)
    } else {
        (Comparison::EqualCompute, rungs.iter().map(|rung| rung.model).collect())
    };
    let at_stop = snapshot::at_stop(study, course, stop);
    let source = if comparison == Comparison::SameShare { at_share } else { study.clone() };
    let source = snapshot::answered(source, &at_stop);
    let fitted = Fitted::new(&source, &models, engine, config)?;
    Ok(Expectation {
        stop,
        comparison,
        rungs: models.iter().map(|&model| study.models[model].name.clone()).collect(),
        target: Target::of(&at_stop.models[course.model])?,
        fitted,
    })
}

/// What there is to say about the whole.
fn warnings(looks: &[Expectation], calibration: &Calibration) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let unlike = looks.iter().filter(|look| look.comparison == Comparison::EqualCompute).count();
    if unlike > 0 {
        warnings.push(Diagnostic::ComparedAtEqualCompute { looks: unlike, of: looks.len() });
    }
    if calibration.rungs_as_runs < MIN_RUNGS {
        warnings.push(Diagnostic::FewRungsAsRuns { have: calibration.rungs_as_runs });
    }
    let largest = calibration.scale.iter().copied().fold(0.0, f64::max);
    if largest > SURPRISING {
        let times = format!("{largest:.1}");
        warnings.push(Diagnostic::SurprisingLadder { times });
    }
    warnings
}
