//! Which metric stands for a task.

use std::collections::{BTreeMap, BTreeSet};

use super::Options;
use crate::error::Result;
use crate::partials::RunScores;
use crate::record::MetricName;

/// A metric that the user wants: `METRIC`, `METRIC,FILTER`, or `TASK=METRIC[,FILTER]`, all of them
/// globs.
#[derive(Clone, Debug)]
pub struct MetricChoice {
    task: Option<globset::GlobMatcher>,
    metric: globset::GlobMatcher,
    filter: Option<globset::GlobMatcher>,
}

impl MetricChoice {
    /// Reads the choice as it is given on the command line.
    pub fn parse(text: &str) -> Result<Self> {
        let (task, name) = match text.split_once('=') {
            Some((task, name)) => (Some(glob(task)?), name),
            None => (None, text),
        };
        let (metric, filter) = match name.rsplit_once(',') {
            Some((metric, filter)) => (glob(metric)?, Some(glob(filter)?)),
            None => (glob(name)?, None),
        };
        Ok(Self { task, metric, filter })
    }

    fn fits(&self, task: &str, name: &MetricName) -> bool {
        self.task.as_ref().is_none_or(|glob| glob.is_match(task))
            && self.metric.is_match(&name.metric)
            && self
                .filter
                .as_ref()
                .is_none_or(|glob| glob.is_match(name.filter.as_deref().unwrap_or("none")))
    }
}

fn glob(text: &str) -> Result<globset::GlobMatcher> {
    Ok(super::models::glob(text)?.compile_matcher())
}

/// What was chosen.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    /// `None`: nothing can stand for the task.
    pub(super) name: Option<MetricName>,
    pub(super) by_user: bool,
    pub(super) mean: Option<f64>,
    /// The others, by name.
    pub(super) alternatives: Vec<(String, Option<f64>)>,
}

/// What is known of a metric over all runs of a task.
#[derive(Default)]
struct Known {
    sum: f64,
    runs: u64,
    usable: bool,
    /// Runs whose own order puts it first among what is usable.
    votes: u64,
}

/// Chooses the metric of a task: the user's; else the one that most runs would call their headline.
///
/// A metric can stand for a task if all its scores are in `[0, 1]`; where the user names none, not if
/// less of it is better or it takes the best of several answers.
pub(super) fn choose(runs: &[&RunScores], options: &Options) -> Choice {
    let mut known: BTreeMap<&MetricName, Known> = BTreeMap::new();
    for series in runs.iter().flat_map(|run| &run.series) {
        let entry =
            known.entry(&series.name).or_insert_with(|| Known { usable: true, ..Known::default() });
        let Some((mean, _)) = series.mean() else { continue };
        entry.usable &= series.lowest >= 0.0 && series.highest <= 1.0;
        entry.sum += mean;
        entry.runs += 1;
    }
    let usable: Vec<MetricName> = known
        .iter()
        .filter(|(_, known)| known.usable && known.runs > 0)
        .map(|(name, _)| (*name).clone())
        .collect();
    // What one run knows of a metric holds for all.
    let unfit: BTreeSet<&MetricName> = runs.iter().flat_map(|run| &run.run.unfit).collect();
    let by_default: Vec<&MetricName> = usable.iter().filter(|name| !unfit.contains(name)).collect();
    for run in runs {
        let own: Vec<&MetricName> = run.series.iter().map(|series| &series.name).collect();
        let order = run.run.headline.iter().chain(own.iter().copied());
        let mut order = order.filter(|name| own.contains(name) && by_default.contains(name));
        if let Some(first) = order.next()
            && let Some(known) = known.get_mut(first)
        {
            known.votes += 1;
        }
    }
    let task = &runs[0].run.task;
    let wanted = |name: &MetricName| {
        let by_metric = options.metrics.iter().any(|choice| choice.fits(task, name));
        let of_filter = |name: &MetricName| {
            let filter = name.filter.as_deref().unwrap_or("none");
            options.filters.iter().any(|glob| glob.compile_matcher().is_match(filter))
        };
        match (options.metrics.is_empty(), options.filters.is_empty()) {
            (false, true) => by_metric,
            (true, false) => of_filter(name),
            (false, false) => by_metric && of_filter(name),
            (true, true) => false,
        }
    };
    let best = |candidates: &[&MetricName]| {
        let votes = |name: &MetricName| known.get(name).map_or(0, |known| known.votes);
        candidates
            .iter()
            .copied()
            .max_by(|a, b| votes(a).cmp(&votes(b)).then_with(|| b.cmp(a)))
            .cloned()
    };
    let by_user: Vec<&MetricName> = usable.iter().filter(|name| wanted(name)).collect();
    let name = best(&by_user).or_else(|| best(&by_default));
    let mean = |name: &MetricName| {
        let known = known.get(name).filter(|known| known.usable && known.runs > 0)?;
        Some(known.sum / known.runs as f64)
    };
    Choice {
        by_user: !by_user.is_empty(),
        mean: name.as_ref().and_then(mean),
        alternatives: known
            .keys()
            .filter(|other| Some(**other) != name.as_ref())
            .map(|other| (other.to_string(), mean(other)))
            .collect(),
        name,
    }
}
