//! Several runs of one model on one task: reruns, of which one counts, or independent repeats, which are
//! pooled.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::error::shown;
use crate::partials::{RunScores, Series};
use crate::record::MetricName;

/// What to do with several runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeats {
    /// Pool those that are known to be independent draws; of others the newest counts.
    #[default]
    Auto,
    /// Pool all that differ in any score.
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

/// The runs that count, of those of one model on one task (in [`order`]).
///
/// Runs on different samples are parts of one run. Attempts at one run (as inspect_ai retries them): the
/// newest that finished. The same results twice: one. Otherwise two runs are pooled where both are
/// drawn at random, ask the same, and differ in some score; else the newer replaces the older.
pub(super) fn keep<'a>(
    runs: &[&'a RunScores],
    metric: &MetricName,
    repeats: Repeats,
    task: &str,
    notes: &mut Vec<String>,
) -> Vec<&'a RunScores> {
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
    let mut kept: Vec<&RunScores> = Vec::new();
    let (mut replaced, mut pooled) = (0, 0);
    for run in left.into_iter().rev() {
        let verdicts: Vec<Verdict> =
            kept.iter().map(|other| compare(run, other, metric, repeats)).collect();
        match verdicts.iter().max().copied().unwrap_or(Verdict::Other) {
            Verdict::Extends => {
                if let Some(part) = verdicts.iter().position(|v| *v == Verdict::Extends) {
                    kept[part] = run;
                }
            }
            Verdict::Other => kept.push(run),
            Verdict::Pool => {
                pooled += 1;
                kept.push(run);
            }
            Verdict::Same => {}
            Verdict::Replaced => replaced += 1,
        }
    }
    let model = runs.first().map_or("", |run| &run.run.model);
    let (model, task) = (shown(model, 100), shown(task, 100));
    if pooled > 0 {
        notes.push(format!("{model}, {task}: {} independent runs are pooled", pooled + 1));
    }
    if replaced > 0 {
        notes.push(format!(
            "{model}, {task}: of several runs the newest counts, {replaced} older left out (the log \
             does not show that they are independent draws; --repeats pool pools them)"
        ));
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
    /// The same results again.
    Same,
    /// Done again.
    Replaced,
}

fn compare(older: &RunScores, newer: &RunScores, metric: &MetricName, repeats: Repeats) -> Verdict {
    let find = |run: &'_ RunScores| run.series.iter().position(|series| series.name == *metric);
    let (Some(a), Some(b)) = (find(older), find(newer)) else {
        // One without the metric adds nothing to the other.
        return Verdict::Other;
    };
    let in_newer: HashMap<&str, usize> =
        newer.samples.iter().enumerate().map(|(index, id)| (&**id, index)).collect();
    let shared: Vec<(usize, usize)> = older
        .samples
        .iter()
        .enumerate()
        .filter_map(|(index, id)| Some((index, *in_newer.get(&**id)?)))
        .collect();
    if shared.is_empty() {
        return Verdict::Other;
    }
    let differs =
        |a: &Series, b: &Series| shared.iter().any(|(i, j)| a.cells.get(*i) != b.cells.get(*j));
    let differ = differs(&older.series[a], &newer.series[b])
        || older
            .series
            .iter()
            .any(|a| newer.series.iter().find(|b| b.name == a.name).is_some_and(|b| differs(a, b)));
    if !differ && shared.len() == older.samples.len() {
        return Verdict::Same;
    }
    if !differ && shared.len() == newer.samples.len() {
        return Verdict::Extends;
    }
    let stochastic = |run: &RunScores| run.run.decoding.stochastic() == Some(true);
    let same_data = match (&older.run.data_hash, &newer.run.data_hash) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    // The same seed draws the same answers again; where scores differ, something else changed.
    let independent = stochastic(older) && stochastic(newer) && same_data;
    match repeats {
        Repeats::Pool if differ => Verdict::Pool,
        Repeats::Auto if differ && independent => Verdict::Pool,
        Repeats::Pool | Repeats::Auto | Repeats::Newest => Verdict::Replaced,
    }
}
