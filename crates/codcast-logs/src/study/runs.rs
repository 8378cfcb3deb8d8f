//! Several runs of one model on one task: reruns, of which one counts, or independent repeats, which are
//! pooled.

use std::cmp::Ordering;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::error::shown;
use crate::partials::{RunScores, Series};
use crate::record::MetricName;

/// What to do with several runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeats {
    /// Pool those that are known to be independent draws; of others the newest counts.
    #[default]
    Auto,
    /// Pool all but copies of one run, and greedy answers that are the same again.
    Pool,
    /// The newest counts.
    Newest,
}

/// The order of runs: by time, then by file. The last is the newest.
pub(crate) fn order(a: &RunScores, b: &RunScores) -> Ordering {
    let seconds = |run: &RunScores| run.run.time.as_deref().and_then(|t| t.parse::<f64>().ok());
    let by_time = match (seconds(a), seconds(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.run.time.cmp(&b.run.time),
    };
    // inspect_ai writes a log that was scored again beside the first, with the same times.
    let again = |run: &RunScores| run.file.contains("-scored.");
    by_time
        .then_with(|| again(a).cmp(&again(b)))
        .then_with(|| a.file.cmp(&b.file))
        .then_with(|| a.run.model.cmp(&b.run.model))
        .then_with(|| a.run.task.cmp(&b.run.task))
        .then_with(|| a.run.split.cmp(&b.run.split))
}

/// The runs that count, and what became of the others.
#[derive(Debug, Default)]
pub(super) struct Kept<'a> {
    pub(super) runs: Vec<&'a RunScores>,
    /// Runs that were added to another one.
    pooled: usize,
    /// Runs in whose place a newer one stands.
    replaced: usize,
}

impl Kept<'_> {
    /// What to tell.
    pub(super) fn notes(&self, task: &str) -> Vec<String> {
        let model = self.runs.first().map_or("", |run| &run.run.model);
        // Models in quotes: notes that differ only in them are told as one.
        let (model, task) = (format!("{:?}", shown(model, 100)), shown(task, 100));
        let mut notes = Vec::new();
        if self.pooled > 0 {
            let runs = self.pooled + 1;
            notes.push(format!("{task}, model {model}: {runs} independent runs are pooled"));
        }
        if self.replaced > 0 {
            notes.push(format!(
                "{task}, model {model}: of several runs the newest counts, {} older left out (the log does \
                 not show that they are independent draws; --repeats pool pools them)",
                self.replaced
            ));
        }
        notes
    }
}

/// The runs that count for a metric, of those of one model on one task (in [`order`]).
///
/// Runs on different samples are parts of one run. Attempts at one run (as inspect_ai retries them): the
/// newest that finished. Copies of one run: one. Otherwise two runs are pooled where both are drawn at
/// random and ask the same, whether their results differ or not: to leave out those that agree would
/// leave out the likelier ones. Else the newer replaces the older.
pub(super) fn keep<'a>(runs: &[&'a RunScores], metric: &MetricName, repeats: Repeats) -> Kept<'a> {
    let mut left: Vec<&RunScores> = Vec::new();
    for run in runs {
        let same = |other: &&RunScores| {
            run.run.attempt_of.is_some() && other.run.attempt_of == run.run.attempt_of
        };
        match left.iter().position(same) {
            // Later in the order is newer; one that finished beats one that did not.
            Some(known) if left[known].run.unfinished || !run.run.unfinished => {
                left.remove(known);
                left.push(run);
            }
            Some(_) => {}
            None => left.push(run),
        }
    }
    left.retain(|run| run.series.iter().any(|series| series.name == *metric));
    let seeds = left.len() > 1 && seeds_decide(&left);
    let mut kept = Kept::default();
    for run in left.into_iter().rev() {
        let verdicts: Vec<Verdict> =
            kept.runs.iter().map(|other| compare(run, other, repeats, seeds)).collect();
        match verdicts.iter().max().copied().unwrap_or(Verdict::Other) {
            Verdict::Extends => {
                if let Some(part) = verdicts.iter().position(|v| *v == Verdict::Extends) {
                    kept.runs[part] = run;
                }
            }
            Verdict::Other => kept.runs.push(run),
            Verdict::Pool => {
                kept.pooled += 1;
                kept.runs.push(run);
            }
            Verdict::Same => {}
            Verdict::Replaced => kept.replaced += 1,
        }
    }
    kept
}

/// How an older run stands to a newer one; the worse, the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// They have no sample in common.
    Other,
    /// An independent draw.
    Pool,
    /// The same results on all samples of the newer one, and more: the newer one was a trial of a few.
    Extends,
    /// The same run again, or greedy answers that are the same again.
    Same,
    /// Done again.
    Replaced,
}

/// `seeds`: whether a seed draws the same answers again.
fn compare(older: &RunScores, newer: &RunScores, repeats: Repeats, seeds: bool) -> Verdict {
    let shared = shared(older, newer);
    if shared.is_empty() {
        return Verdict::Other;
    }
    let differ = differ(older, newer, &shared);
    let stochastic = |run: &RunScores| run.run.decoding.stochastic();
    let (a, b) = (stochastic(older), stochastic(newer));
    let same_data = match (&older.run.data_hash, &newer.run.data_hash) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    let drawn = match repeats {
        Repeats::Auto => a == Some(true) && b == Some(true) && same_data,
        // Greedy answers are no draws, unless they differ all the same.
        Repeats::Pool => differ || (a != Some(false) && b != Some(false)),
        Repeats::Newest => false,
    };
    let again = one_run(older, newer) || (seeds && same_seed(older, newer) && !differ);
    if drawn && !again {
        Verdict::Pool
    } else if !differ && shared.len() == older.samples.len() {
        Verdict::Same
    } else if !differ && shared.len() == newer.samples.len() {
        Verdict::Extends
    } else {
        Verdict::Replaced
    }
}

/// Samples that both have: their places.
fn shared(older: &RunScores, newer: &RunScores) -> Vec<(usize, usize)> {
    let in_newer: HashMap<&str, usize> =
        newer.samples.iter().enumerate().map(|(index, id)| (&**id, index)).collect();
    let samples = older.samples.iter().enumerate();
    samples.filter_map(|(index, id)| Some((index, *in_newer.get(&**id)?))).collect()
}

/// Whether any score of a metric that both have differs.
fn differ(older: &RunScores, newer: &RunScores, shared: &[(usize, usize)]) -> bool {
    let differs =
        |a: &Series, b: &Series| shared.iter().any(|(i, j)| a.cells.get(*i) != b.cells.get(*j));
    let same_name = |a: &Series| newer.series.iter().find(|b| b.name == a.name);
    older.series.iter().any(|a| same_name(a).is_some_and(|b| differs(a, b)))
}

/// Whether two logs are of one run: the same run id, time and seed, or bytes. The same bytes of another time
/// are another run whose short answers happen to be the same.
fn one_run(a: &RunScores, b: &RunScores) -> bool {
    let other_time = a.run.time.is_some() && b.run.time.is_some() && a.run.time != b.run.time;
    let bytes = !a.hash.is_empty() && a.hash == b.hash && a.member() == b.member() && !other_time;
    let id = a.run.run_id.is_some() && a.run.run_id == b.run.run_id;
    let time = a.run.time.is_some() && a.run.time == b.run.time;
    bytes || id || (time && a.run.decoding.seed == b.run.decoding.seed)
}

fn same_seed(a: &RunScores, b: &RunScores) -> bool {
    a.run.decoding.seed.is_some() && a.run.decoding.seed == b.run.decoding.seed
}

/// Whether a seed draws the same answers again: no two runs with the same one are seen to differ. Engines
/// that batch as they please don't repeat their draws, though they log a seed.
fn seeds_decide(runs: &[&RunScores]) -> bool {
    runs.iter()
        .enumerate()
        .all(|(i, a)| runs[..i].iter().all(|b| !same_seed(a, b) || !differ(a, b, &shared(a, b))))
}
