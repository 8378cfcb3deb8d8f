//! Chunks of rows into the columnar study. The result does not depend on how rows were ordered or
//! cut into chunks.

use std::collections::BTreeMap;
use std::sync::Arc;

use codcast::evals::{Aggregate, Outcome, Run, TaskEvals};
use rayon::prelude::*;

use crate::chunk::{AGGREGATE, AGGREGATE_ID, Chunk, RunRows};
use crate::error::{At, Error, Place, Result};
use crate::manifest::Manifest;
use crate::text::quoted;

/// A run's rows and the chunk they came from.
type Part = (usize, RunRows);
/// Runs by (model, checkpoint): the order in which a task lists them.
type Runs = BTreeMap<(u32, Option<i64>), Vec<Part>>;

/// What all tasks share.
struct Context<'a> {
    manifest: &'a Manifest,
    /// `[chunk]` the place its offsets count from.
    bases: Vec<u64>,
    /// All sample ids, sorted, unique.
    ids: Vec<Box<str>>,
    /// `[chunk][code]` index into `ids`.
    ranks: Vec<Vec<u32>>,
}

/// The second of two rows of one key.
struct Duplicate {
    place: u64,
    first: u64,
    key: Box<str>,
}

/// Tasks sorted by name. `number` says what the chunks count: lines or rows.
///
/// Of several pairs of duplicate rows the error names the one that ends first.
pub(crate) fn assemble(
    chunks: Vec<Chunk>,
    manifest: &Manifest,
    file: &str,
    number: fn(u64) -> Place,
) -> Result<Vec<TaskEvals>> {
    let bases = chunks.iter().map(|chunk| chunk.base).collect();
    let mut samples = Vec::with_capacity(chunks.len());
    let mut tasks: BTreeMap<Box<str>, Runs> = BTreeMap::new();
    for (index, chunk) in chunks.into_iter().enumerate() {
        samples.push(chunk.samples.into_strings());
        let names = chunk.tasks.into_strings();
        for run in chunk.runs {
            let runs = tasks.entry(names[run.task as usize].clone()).or_default();
            runs.entry((run.model, run.checkpoint)).or_default().push((index, run));
        }
    }
    let (ids, ranks) = ranked(samples);
    let context = Context { manifest, bases, ids, ranks };

    let built: Vec<Result<TaskEvals, Duplicate>> =
        tasks.into_par_iter().map(|(name, runs)| context.task(&name, runs)).collect();
    all_or_first(built).map_err(|Duplicate { place, first, key }| Error::DuplicateRow {
        at: At { file: file.into(), place: number(place) },
        first: number(first),
        key,
    })
}

/// All results, or the duplicate that ends first.
fn all_or_first<T>(results: Vec<Result<T, Duplicate>>) -> Result<Vec<T>, Duplicate> {
    let mut done = Vec::with_capacity(results.len());
    let mut worst: Option<Duplicate> = None;
    for result in results {
        match result {
            Ok(result) => done.push(result),
            Err(found) if worst.as_ref().is_none_or(|w| found.place < w.place) => {
                worst = Some(found);
            }
            Err(_) => {}
        }
    }
    worst.map_or(Ok(done), Err)
}

/// All ids sorted and unique, and `[chunk][code]` where each is among them.
fn ranked(chunks: Vec<Vec<Box<str>>>) -> (Vec<Box<str>>, Vec<Vec<u32>>) {
    let mut ranks: Vec<Vec<u32>> = chunks.iter().map(|ids| vec![0; ids.len()]).collect();
    let mut all: Vec<(Box<str>, u32, u32)> = chunks
        .into_iter()
        .enumerate()
        .flat_map(|(chunk, ids)| {
            ids.into_iter().enumerate().map(move |(code, id)| (id, chunk as u32, code as u32))
        })
        .collect();
    all.par_sort_unstable();
    let mut ids: Vec<Box<str>> = Vec::new();
    for (id, chunk, code) in all {
        if ids.last() != Some(&id) {
            ids.push(id);
        }
        ranks[chunk as usize][code as usize] = ids.len() as u32 - 1;
    }
    (ids, ranks)
}

impl Context<'_> {
    fn task(&self, name: &str, runs: Runs) -> Result<TaskEvals, Duplicate> {
        // [index into ids] index among the task's samples.
        let mut local = vec![u32::MAX; self.ids.len()];
        for (chunk, run) in runs.values().flatten() {
            for entry in run.entries.iter().filter(|entry| entry.sample != AGGREGATE) {
                local[self.ranks[*chunk][entry.sample as usize] as usize] = 0;
            }
        }
        let mut samples = Vec::new();
        for (slot, id) in local.iter_mut().zip(&self.ids) {
            if *slot == 0 {
                *slot = samples.len() as u32;
                samples.push(id.to_string());
            }
        }
        let info = self.manifest.tasks.iter().find(|task| task.name == name);
        let runs = runs
            .into_iter()
            .map(|(key, parts)| self.run(name, key, &parts, &local, samples.len()))
            .collect();
        Ok(TaskEvals {
            name: name.to_owned(),
            chance: info.and_then(|task| task.chance),
            n_samples: info.and_then(|task| task.n_samples),
            samples: Arc::from(samples),
            runs: all_or_first(runs)?,
        })
    }

    fn run(
        &self,
        task: &str,
        (model, checkpoint): (u32, Option<i64>),
        parts: &[Part],
        local: &[u32],
        n_samples: usize,
    ) -> Result<Run, Duplicate> {
        // The slot after the samples is the aggregate's.
        let mut outcomes = vec![Outcome::Missing; n_samples + 1];
        let mut seen = vec![false; n_samples + 1];
        let has_losses = parts.iter().any(|(_, run)| !run.losses.is_empty());
        let mut losses = vec![None; if has_losses { n_samples + 1 } else { 0 }];
        let slot = |chunk: usize, sample: u32| match sample {
            AGGREGATE => n_samples,
            code => local[self.ranks[chunk][code as usize] as usize] as usize,
        };
        for (chunk, run) in parts {
            for entry in &run.entries {
                let slot = slot(*chunk, entry.sample);
                if seen[slot] {
                    let id = self.ids_of(*chunk, entry.sample);
                    let model = &self.manifest.models[model as usize].name;
                    return Err(Duplicate {
                        place: self.bases[*chunk] + u64::from(entry.offset),
                        first: self.first_place(parts, id),
                        key: key_text(model, checkpoint, task, id),
                    });
                }
                seen[slot] = true;
                outcomes[slot] = entry.outcome;
            }
            for (index, loss) in &run.losses {
                losses[slot(*chunk, run.entries[*index as usize].sample)] = Some(*loss);
            }
        }
        let aggregate = seen[n_samples].then(|| Aggregate {
            outcome: outcomes[n_samples],
            task_loss: losses.get(n_samples).copied().flatten(),
        });
        outcomes.truncate(n_samples);
        losses.truncate(n_samples);
        let task_loss = losses.iter().any(Option::is_some).then_some(losses);
        Ok(Run { model: model as usize, checkpoint, outcomes, task_loss, aggregate })
    }

    fn ids_of(&self, chunk: usize, sample: u32) -> &str {
        match sample {
            AGGREGATE => AGGREGATE_ID,
            code => &self.ids[self.ranks[chunk][code as usize] as usize],
        }
    }

    /// Where a run first has a sample. Only needed for the error, so looked up rather than kept.
    fn first_place(&self, parts: &[Part], id: &str) -> u64 {
        let mut rows = parts.iter().flat_map(|(chunk, run)| {
            run.entries
                .iter()
                .filter(|entry| self.ids_of(*chunk, entry.sample) == id)
                .map(|entry| self.bases[*chunk] + u64::from(entry.offset))
        });
        rows.next().unwrap_or_default()
    }
}

fn key_text(model: &str, checkpoint: Option<i64>, task: &str, id: &str) -> Box<str> {
    let checkpoint = checkpoint.map_or_else(String::new, |n| format!(", checkpoint {n}"));
    format!("model {}{checkpoint}, task {}, sample {}", quoted(model), quoted(task), quoted(id))
        .into()
}
