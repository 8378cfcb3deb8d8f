//! From partials to a study: which model, which task, which metric, which of several runs.

mod choose;
mod models;
mod options;
mod outcomes;
mod pool;
mod runs;
mod stanza;
mod tasks;
mod verify;

use std::collections::{BTreeMap, BTreeSet};

use codcast::evals::Study;
use codcast_ingest::About;
use serde::Serialize;

use crate::error::{Error, Result, shown};
use crate::partials::{Fate, FileReport, Partials, RunScores};
use crate::record::{IdKind, MetricName};
pub use choose::MetricChoice;
use models::Place;
pub use models::{Models, Unlisted, glob};
pub use options::Options;
pub(crate) use options::Remembered;
use outcomes::Task;
use pool::Pooled;
pub use runs::Repeats;
pub(crate) use runs::order;
pub use stanza::manifest_for;
pub use verify::Verification;

/// A study made of logs, and how.
#[derive(Debug)]
pub struct Ingested {
    /// The study.
    pub study: Study,
    /// Its description.
    pub about: About,
    /// What was done, for people and programs.
    pub summary: Summary,
    /// Why runs were refused: their own totals disagree, or their log contradicts itself.
    pub problems: Vec<Error>,
    /// Files none of whose runs was taken for that.
    pub refused: BTreeSet<String>,
}

impl Ingested {
    /// Says of files that were read but refused what became of them.
    pub fn correct(&self, files: &mut [FileReport]) {
        for file in files.iter_mut().filter(|file| self.refused.contains(file.path.as_str())) {
            let of_file = |error: &&Error| error.file() == Some(file.path.as_str());
            let why = self.problems.iter().find(of_file).map(ToString::to_string);
            if let (Fate::Read { .. } | Fate::Partial { .. }, Some(why)) = (&file.fate, why) {
                file.fate = Fate::Refused(why);
            }
        }
    }
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
    /// Tasks of the logs that were not wanted.
    pub left_out: Vec<String>,
    /// Runs (of one model on one task) that were refused.
    pub refused: u64,
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
    let verify::Verified { mut runs, refused, verification, problems, notes: shortened } =
        verify::verify(&partials.runs, options.verify);
    let taken: BTreeSet<&str> = runs.iter().map(|run| &*run.file).collect();
    let refused_files =
        refused.iter().filter(|run| !taken.contains(&*run.file)).map(|run| run.file.to_string());
    let refused_files = refused_files.collect();
    // Order of files must not matter.
    runs.sort_by(|a, b| runs::order(a, b));
    let mut notes: Vec<String> = partials.note_lines().chain(shortened).collect();
    let (named, unlisted) = models.resolve(&runs)?;
    let tasks::Groups { groups, left_out, notes: odd } =
        tasks::group(&runs, &named, models, options)?;
    notes.extend(odd);
    let mut study = Study {
        name: models.manifest.name.clone(),
        task_loss_unit: models.manifest.task_loss_unit.clone(),
        models: models.manifest.models.clone(),
        tasks: Vec::new(),
    };
    let mut summaries = Vec::new();
    let mut choices = Vec::new();
    let mut with_logs = vec![false; study.models.len()];
    for group in &groups {
        let mut task = Task::new(group);
        let of_models = by_model(group);
        let runs: Vec<&[&RunScores]> = of_models.values().map(Vec::as_slice).collect();
        let choice = choose::choose(&runs, options);
        if let Some(name) = &choice.name {
            for (place, of_model) in &of_models {
                let kept = runs::keep(of_model, name, options.repeats);
                notes.extend(kept.notes(&group.name));
                task.add(*place, &Pooled::of(&kept.runs, name, options.errors_as_wrong));
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
        if choice.name.is_none() {
            notes.extend(beyond_one(group));
        }
        if choice.name.is_some() {
            study.tasks.push(task.finish());
        }
        choices.push(choice.usable);
    }
    let choices = groups.iter().zip(&choices);
    let choices: Vec<(&str, &[MetricName])> =
        choices.map(|(group, names)| (group.runs[0].run.task.as_str(), &names[..])).collect();
    if !choices.is_empty() {
        notes.extend(choose::unmet(options, &choices));
    }
    study.tasks.sort_by(|a, b| a.name.cmp(&b.name));
    summaries.sort_by(|a, b| a.task.cmp(&b.task));
    let without_logs = study.models.iter().zip(&with_logs).filter(|(_, with)| !**with);
    let without_logs = without_logs.map(|(model, _)| model.name.clone()).collect();
    let refused = refused.len() as u64;
    let summary = Summary {
        tasks: summaries,
        unlisted,
        without_logs,
        left_out,
        refused,
        verification,
        notes,
    };
    let study =
        study.validate().map_err(|error| Error::Setting { message: error.to_string().into() })?;
    let about = models.manifest.about.clone();
    Ok(Ingested { study, about, summary, problems, refused: refused_files })
}

/// What is said where scores are beyond 1: ends all such notes.
pub const PERCENT: &str = "they look like percent: divide them by 100";

/// Where a task was left out since its scores go beyond 1: which, and how far.
fn beyond_one(group: &tasks::Group<'_>) -> Option<String> {
    let of_run = |run: &&RunScores| {
        let beyond = run.series.iter().find(|series| series.highest > 1.0)?;
        Some((beyond.name.clone(), run.file.clone()))
    };
    let (metric, file) = group.runs.iter().find_map(of_run)?;
    let series = || group.runs.iter().flat_map(|run| &run.series).filter(|s| s.name == metric);
    let lowest = series().map(|s| s.lowest).fold(f64::INFINITY, f64::min);
    let highest = series().map(|s| s.highest).fold(f64::NEG_INFINITY, f64::max);
    let advice =
        if lowest >= 0.0 && highest <= 100.0 { PERCENT } else { "expected are scores from 0 to 1" };
    Some(format!(
        "{}: left out, since its scores ({}) go up to {highest}, in {} and perhaps others; {advice}",
        shown(&group.name, 100),
        shown(&metric.to_string(), 100),
        shown(&file, 200),
    ))
}

/// Names to show, each once, the first of many.
fn some_of(names: Vec<String>) -> String {
    const SHOWN: usize = 12;
    let names: BTreeSet<String> = names.into_iter().collect();
    let more = names.len().saturating_sub(SHOWN);
    let first: Vec<String> =
        names.iter().take(SHOWN).map(|name| shown(name, 100).into_string()).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if first.is_empty() { "none".to_owned() } else { first.join(", ") + &more }
}

/// The runs of a group by model and checkpoint.
fn by_model<'a>(group: &tasks::Group<'a>) -> BTreeMap<Place, Vec<&'a RunScores>> {
    let mut models: BTreeMap<Place, Vec<&RunScores>> = BTreeMap::new();
    for (place, run) in group.models.iter().zip(&group.runs) {
        models.entry(*place).or_default().push(run);
    }
    models
}
