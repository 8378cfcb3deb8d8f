//! A training run against what the ladder says of it: what `codcast monitor` answers.
//!
//! Each checkpoint is a look. The rungs at the same share of their training forecast the run at that
//! share ([`snapshot`]); how far it may deviate is learned from the ladder's own larger rungs, looked
//! at as runs ([`calibration`]); a sequential test over looks and tasks says when it is beyond chance
//! ([`sequential`]). See docs/monitor.md.

mod answer;
mod calibration;
mod compare;
mod judge;
mod merge;
mod outlook;
mod sequential;
mod snapshot;

pub use answer::{Alarm, CalibrationRow, Comparison, Look, Monitor, Overall, TaskLook};
pub use calibration::Calibration;
pub(crate) use compare::{Expected, Fitted, diagnostics as task_diagnostics};
pub use merge::with_results;
pub use outlook::FinalForecast;
pub use sequential::Side;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::Engine;
use crate::error::{Error, Result};
use crate::evals::{Role, Study};
use crate::passrate::Target;
use crate::units::Flops;
use calibration::MIN_RUNGS;
use sequential::Boundary;
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
