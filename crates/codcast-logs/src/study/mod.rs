//! From partials to a study: which model, which task, which metric, which of several runs.

mod choose;
mod models;
mod runs;
mod tasks;
mod verify;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use codcast::evals::{Outcome, Run as StudyRun, Study, TaskEvals};
use codcast_ingest::About;
use serde::Serialize;

use crate::error::{Error, Result, shown};
use crate::partials::{Cell, Partials, RunScores};
use crate::record::{IdKind, MetricName};
pub use choose::MetricChoice;
use models::Place;
pub use models::{Models, Unlisted, glob, manifest_for};
pub use runs::Repeats;
pub(crate) use runs::order;
pub use verify::Verification;

/// What to make of partials.
#[derive(Clone, Debug)]
pub struct Options {
    /// Recompute the harness's own means and refuse runs that do not give them.
    pub verify: bool,
    /// Metrics to take instead of the headline.
    pub metrics: Vec<MetricChoice>,
    /// Filters, scorers or reducers (globs) to take instead of the headline's.
    pub filters: Vec<globset::Glob>,
    /// Only tasks that one of these matches (globs); empty: all.
    pub tasks: Vec<globset::Glob>,
    /// What to do with several runs of a model on a task.
    pub repeats: Repeats,
    /// Count a repeat on which the harness failed as wrong, instead of missing.
    pub errors_as_wrong: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            verify: true,
            metrics: Vec::new(),
            filters: Vec::new(),
            tasks: Vec::new(),
            repeats: Repeats::Auto,
            errors_as_wrong: false,
        }
    }
}

/// A study made of logs, and how.
#[derive(Debug)]
pub struct Ingested {
    /// The study.
    pub study: Study,
    /// Its description.
    pub about: About,
    /// What was done, for people and programs.
    pub summary: Summary,
    /// Runs that were refused because their own totals disagree.
    pub problems: Vec<Error>,
}

/// What was made of the logs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Tasks, by name.
    pub tasks: Vec<TaskSummary>,
    /// Models that logs have and the manifest has not.
    pub unlisted: Vec<Unlisted>,
    /// Models of the manifest without any log.
    pub without_logs: Vec<String>,
    /// Totals recomputed.
    pub verification: Verification,
    /// What else to know.
    pub notes: Vec<String>,
}

/// What became of a task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskSummary {
    /// In the study.
    pub task: String,
    /// In the logs.
    pub logged_as: String,
    /// The format's name.
    pub format: String,
    /// The metric that was taken; `None`: no metric could be, and the task is left out.
    pub metric: Option<String>,
    /// Whether the user named it.
    pub by_user: bool,
    /// Mean score of that metric over models and samples.
    pub mean: Option<f64>,
    /// The other metrics with their means; null where it is no score in `[0, 1]`.
    pub alternatives: Vec<(String, Option<f64>)>,
    /// Models with results.
    pub models: usize,
    /// Distinct samples.
    pub samples: usize,
    /// Scored repeats, over models and samples.
    pub trials: u64,
    /// Repeats on which the harness failed.
    pub errors: u64,
    /// Repeats without a score.
    pub unscored: u64,
    /// How samples are identified.
    pub ids: IdKind,
}

/// Makes a study of partials.
pub fn assemble(partials: &Partials, models: &Models, options: &Options) -> Result<Ingested> {
    let (mut runs, verification, problems) = verify::verify(&partials.runs, options.verify);
    // Order of files must not matter.
    runs.sort_by(|a, b| runs::order(a, b));
    let mut notes: Vec<String> = partials.note_lines().collect();
    let (named, unlisted) = models.resolve(&runs)?;
    let groups = tasks::group(&runs, &named, models, options)?;
    let mut study = Study {
        name: models.manifest.name.clone(),
        task_loss_unit: models.manifest.task_loss_unit.clone(),
        models: models.manifest.models.clone(),
        tasks: Vec::new(),
    };
    let mut summaries = Vec::new();
    let mut with_logs = vec![false; study.models.len()];
    for group in &groups {
        let mut task = Task::new(group);
        let choice = choose::choose(&group.runs, options);
        if let Some(name) = &choice.name {
            for (place, of_model) in by_model(group) {
                let kept = runs::keep(&of_model, name, options.repeats, &group.name, &mut notes);
                task.add(place, &kept, name, options.errors_as_wrong);
            }
        }
        for run in &task.runs {
            with_logs[run.model] = true;
        }
        summaries.push(task.summary(group, &choice));
        if choice.name.is_none() && choice.alternatives.iter().any(|(_, mean)| mean.is_some()) {
            notes.push(format!(
                "{}: left out, since less of its metrics is better or they take the best of several \
                 answers; --metric takes one of them nevertheless",
                shown(&group.name, 100)
            ));
        }
        if choice.name.is_some() {
            study.tasks.push(task.finish());
        }
    }
    study.tasks.sort_by(|a, b| a.name.cmp(&b.name));
    summaries.sort_by(|a, b| a.task.cmp(&b.task));
    let without_logs = study.models.iter().zip(&with_logs).filter(|(_, with)| !**with);
    let without_logs = without_logs.map(|(model, _)| model.name.clone()).collect();
    let summary = Summary { tasks: summaries, unlisted, without_logs, verification, notes };
    let study =
        study.validate().map_err(|error| Error::Setting { message: error.to_string().into() })?;
    Ok(Ingested { study, about: models.manifest.about.clone(), summary, problems })
}

/// The runs of a group by model and checkpoint.
fn by_model<'a>(group: &tasks::Group<'a>) -> BTreeMap<Place, Vec<&'a RunScores>> {
    let mut models: BTreeMap<Place, Vec<&RunScores>> = BTreeMap::new();
    for (place, run) in group.models.iter().zip(&group.runs) {
        models.entry(*place).or_default().push(run);
    }
    models
}

/// A task of the study on its way.
struct Task {
    name: String,
    chance: Option<f64>,
    n_samples: Option<u64>,
    /// Ids in order of appearance.
    ids: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    runs: Vec<TaskRun>,
    errors: u64,
    unscored: u64,
}

struct TaskRun {
    model: usize,
    checkpoint: Option<i64>,
    /// By number of the sample; may be shorter than the ids.
    cells: Vec<Cell>,
    /// Scores are means or partial credit of single repeats.
    measured: bool,
}

impl Task {
    fn new(group: &tasks::Group<'_>) -> Self {
        Self {
            name: group.name.clone(),
            chance: group.chance,
            n_samples: group.n_samples,
            ids: Vec::new(),
            numbers: HashMap::new(),
            runs: Vec::new(),
            errors: 0,
            unscored: 0,
        }
    }

    /// Adds the scores of one checkpoint of a model: those of several runs are summed.
    fn add(&mut self, place: Place, runs: &[&RunScores], name: &MetricName, errors_as_wrong: bool) {
        let (model, checkpoint) = place;
        let mut cells: Vec<Cell> = Vec::new();
        let (mut measured, mut graded) = (false, false);
        for run in runs {
            let Some(series) = run.series.iter().find(|series| series.name == *name) else {
                continue;
            };
            measured |= series.measured;
            graded |= series.graded;
            for (index, id) in run.samples.iter().enumerate() {
                let number = self.number(id) as usize;
                let Some(cell) = series.cells.get(index) else { continue };
                if cells.len() <= number {
                    cells.resize(number + 1, Cell::default());
                }
                let sum = &mut cells[number];
                sum.sum += cell.sum;
                sum.trials = sum.trials.saturating_add(cell.trials);
                self.errors += u64::from(cell.errors);
                self.unscored += u64::from(cell.unscored);
                if errors_as_wrong {
                    sum.trials = sum.trials.saturating_add(u32::from(cell.errors));
                }
            }
        }
        let single = cells.iter().all(|cell| cell.trials <= 1);
        let measured = measured || (graded && single);
        if cells.iter().any(|cell| cell.trials > 0) {
            self.runs.push(TaskRun { model, checkpoint, cells, measured });
        }
    }

    /// The number of a sample.
    fn number(&mut self, id: &str) -> u32 {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let (id, number): (Arc<str>, _) = (id.into(), self.ids.len() as u32);
        self.ids.push(Arc::clone(&id));
        self.numbers.insert(id, number);
        number
    }

    fn summary(&self, group: &tasks::Group<'_>, choice: &choose::Choice) -> TaskSummary {
        TaskSummary {
            task: self.name.clone(),
            logged_as: group.runs[0].run.task.clone(),
            format: group.runs[0].run.format.clone(),
            metric: choice.name.as_ref().map(ToString::to_string),
            by_user: choice.by_user,
            mean: choice.mean,
            alternatives: choice.alternatives.clone(),
            models: self.runs.iter().map(|run| run.model).collect::<BTreeSet<_>>().len(),
            samples: self.ids.len(),
            trials: self
                .runs
                .iter()
                .flat_map(|run| &run.cells)
                .map(|cell| u64::from(cell.trials))
                .sum(),
            errors: self.errors,
            unscored: self.unscored,
            ids: group.runs.iter().map(|run| run.run.ids).max().unwrap_or_default(),
        }
    }

    fn finish(self) -> TaskEvals {
        // Numbers follow the order of files; the study's order is that of the ids.
        let mut order: Vec<u32> = (0..self.ids.len() as u32).collect();
        order.sort_unstable_by(|a, b| self.ids[*a as usize].cmp(&self.ids[*b as usize]));
        let samples: Arc<[String]> =
            order.iter().map(|number| self.ids[*number as usize].to_string()).collect();
        let runs = self
            .runs
            .into_iter()
            .map(|run| {
                let of = |number: &u32| run.cells.get(*number as usize).copied();
                let outcome = |number| match of(number) {
                    Some(cell) if cell.trials > 0 => outcome(cell, run.measured),
                    _ => Outcome::Missing,
                };
                StudyRun {
                    model: run.model,
                    checkpoint: run.checkpoint,
                    outcomes: order.iter().map(outcome).collect(),
                    task_loss: None,
                    aggregate: None,
                }
            })
            .collect();
        let Self { name, chance, n_samples, .. } = self;
        TaskEvals { name, chance, n_samples, samples, runs }
    }
}

fn outcome(cell: Cell, measured: bool) -> Outcome {
    if measured {
        // Every score is in [0, 1]; their mean may leave it by a rounding.
        Outcome::Measured((cell.sum / f64::from(cell.trials)).clamp(0.0, 1.0))
    } else {
        let correct = cell.sum.clamp(0.0, f64::from(cell.trials));
        Outcome::Counted { trials: cell.trials, correct }
    }
}
