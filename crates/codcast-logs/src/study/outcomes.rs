//! One task's outcomes: scores of runs, pooled, become what a study has of the task.

use std::collections::BTreeSet;
use std::sync::Arc;

use codcast::evals::{Outcome, Run as StudyRun, TaskEvals};
use hashbrown::HashMap;

use super::models::Place;
use super::pool::Pooled;
use super::{TaskSummary, choose, tasks};
use crate::partials::Cell;

/// A task of the study on its way.
pub(super) struct Task {
    name: String,
    chance: Option<f64>,
    n_samples: Option<u64>,
    /// Ids in order of appearance.
    ids: Vec<Arc<str>>,
    /// Of the first ids, as many as were needed.
    numbers: HashMap<Arc<str>, u32>,
    pub(super) runs: Vec<TaskRun>,
    errors: u64,
    unscored: u64,
}

pub(super) struct TaskRun {
    pub(super) model: usize,
    checkpoint: Option<i64>,
    /// By number of the sample; may be shorter than the ids.
    cells: Vec<Cell>,
    /// Scores are means or partial credit of single repeats.
    measured: bool,
}

impl Task {
    pub(super) fn new(group: &tasks::Group<'_>) -> Self {
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

    /// Adds the scores of one checkpoint of a model.
    pub(super) fn add(&mut self, place: Place, pooled: &Pooled<'_>) {
        let (model, checkpoint) = place;
        let mut cells: Vec<Cell> = Vec::new();
        let is_first = self.ids.is_empty();
        for (place, (id, cell)) in pooled.ids.iter().zip(&pooled.cells).enumerate() {
            let number = if is_first { self.push(id) } else { self.number(place, id) } as usize;
            if cells.len() <= number {
                cells.resize(number + 1, Cell::default());
            }
            cells[number] = *cell;
            self.errors += u64::from(cell.errors);
            self.unscored += u64::from(cell.unscored);
        }
        let single = cells.iter().all(|cell| cell.trials <= 1);
        let measured = pooled.measured || (pooled.graded && single);
        if cells.iter().any(|cell| cell.trials > 0) {
            self.runs.push(TaskRun { model, checkpoint, cells, measured });
        }
    }

    /// The number of the sample that is at this place in a run: mostly that, since models answer the same
    /// samples in the same order.
    fn number(&mut self, place: usize, id: &str) -> u32 {
        if self.ids.get(place).is_some_and(|known| **known == *id) {
            return place as u32;
        }
        let known = self.numbers.len()..self.ids.len();
        self.numbers.extend(known.map(|at| (Arc::clone(&self.ids[at]), at as u32)));
        match self.numbers.get(id) {
            Some(number) => *number,
            None => self.push(id),
        }
    }

    /// Adds a sample that is not there.
    fn push(&mut self, id: &str) -> u32 {
        self.ids.push(id.into());
        self.ids.len() as u32 - 1
    }

    pub(super) fn summary(&self, group: &tasks::Group<'_>, choice: &choose::Choice) -> TaskSummary {
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

    pub(super) fn finish(self) -> TaskEvals {
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
