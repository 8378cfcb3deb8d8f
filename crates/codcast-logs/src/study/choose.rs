//! Which metric stands for a task.

use std::collections::{BTreeMap, BTreeSet};

use super::options::Options;
use super::pool::Pooled;
use super::runs::keep;
use crate::error::{Result, shown};
use crate::partials::RunScores;
use crate::record::MetricName;

/// A metric that the user wants: `METRIC`, `METRIC,FILTER`, or `TASK=METRIC[,FILTER]`, all of them
/// globs.
#[derive(Clone, Debug)]
pub struct MetricChoice {
    /// As it was given.
    pub(super) text: String,
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
        Ok(Self { text: text.to_owned(), task, metric, filter })
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
    /// What the user could have chosen.
    pub(super) usable: Vec<MetricName>,
}

/// What is known of a metric: of the runs that would count if it were chosen.
struct Known<'a> {
    /// Mean over models of the mean over samples; `None` where it cannot stand for the task.
    mean: Option<f64>,
    runs: Vec<&'a RunScores>,
    /// Runs whose own order puts it first among what is usable.
    votes: u64,
}

impl<'a> Known<'a> {
    fn of(name: &MetricName, models: &[&[&'a RunScores]], options: &Options) -> Self {
        let mut known = Self { mean: None, runs: Vec::new(), votes: 0 };
        let (mut sum, mut n, mut in_range) = (0.0, 0_u32, true);
        for of_model in models {
            let kept = keep(of_model, name, options.repeats).runs;
            let series = kept.iter().flat_map(|run| &run.series).filter(|s| s.name == *name);
            in_range &= series.into_iter().all(|s| s.lowest >= 0.0 && s.highest <= 1.0);
            if let Some(mean) = Pooled::of(&kept, name, options.errors_as_wrong).mean() {
                sum += mean;
                n += 1;
            }
            known.runs.extend(kept);
        }
        known.mean = (in_range && n > 0).then(|| sum / f64::from(n));
        known
    }
}

/// Chooses the metric of a task: the user's; else the one that most runs would call their headline. Only
/// runs that count are asked. `models`: the runs of each.
///
/// A metric can stand for a task if all its scores are in `[0, 1]`; where the user names none, not if
/// less of it is better or it takes the best of several answers.
pub(super) fn choose(models: &[&[&RunScores]], options: &Options) -> Choice {
    let runs = || models.iter().copied().flatten().copied();
    let mut known: BTreeMap<&MetricName, Known<'_>> = BTreeMap::new();
    for series in runs().flat_map(|run| &run.series) {
        let name = &series.name;
        known.entry(name).or_insert_with(|| Known::of(name, models, options));
    }
    let usable: Vec<MetricName> = known
        .iter()
        .filter(|(_, known)| known.mean.is_some())
        .map(|(name, _)| (*name).clone())
        .collect();
    // What one run knows of a metric holds for all.
    let unfit: BTreeSet<&MetricName> = runs().flat_map(|run| &run.run.unfit).collect();
    let by_default: Vec<&MetricName> = usable.iter().filter(|name| !unfit.contains(name)).collect();
    for run in runs() {
        let own: Vec<&MetricName> = run.series.iter().map(|series| &series.name).collect();
        let order = run.run.headline.iter().chain(own.iter().copied());
        let mut order = order.filter(|name| own.contains(name) && by_default.contains(name));
        if let Some(known) = order.next().and_then(|first| known.get_mut(first))
            && known.runs.iter().any(|counts| std::ptr::eq(*counts, run))
        {
            known.votes += 1;
        }
    }
    let task = runs().next().map_or("", |run| &run.run.task);
    let wanted = |name: &MetricName| {
        let by_metric = options.metrics.iter().any(|choice| choice.fits(task, name));
        let by_filter = options.filters.iter().any(|glob| is_of_filter(glob, name));
        match (options.metrics.is_empty(), options.filters.is_empty()) {
            (false, true) => by_metric,
            (true, false) => by_filter,
            (false, false) => by_metric && by_filter,
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
    Choice {
        by_user: !by_user.is_empty(),
        mean: name.as_ref().and_then(|name| known.get(name)?.mean),
        alternatives: known
            .iter()
            .filter(|(other, _)| Some(**other) != name.as_ref())
            .map(|(other, known)| (other.to_string(), known.mean))
            .collect(),
        name,
        usable,
    }
}

fn is_of_filter(glob: &globset::Glob, name: &MetricName) -> bool {
    glob.compile_matcher().is_match(name.filter.as_deref().unwrap_or("none"))
}

/// Choices that no metric of any task fits, with what there is. `tasks`: as logged, with the metrics that
/// can stand for them.
pub(super) fn unmet(options: &Options, tasks: &[(&str, &[MetricName])]) -> Vec<String> {
    let all = || tasks.iter().flat_map(|(task, names)| names.iter().map(move |name| (*task, name)));
    let metrics = options.metrics.iter().filter(|choice| !all().any(|(t, n)| choice.fits(t, n)));
    let metrics = metrics.map(|choice| ("metric", choice.text.as_str(), None));
    let filters = options.filters.iter().filter(|glob| !all().any(|(_, n)| is_of_filter(glob, n)));
    let filters = filters.map(|glob| ("filter", glob.glob(), Some(())));
    let there = |of_filter: Option<()>| {
        let names = all().map(|(_, name)| match of_filter {
            None => name.to_string(),
            Some(()) => name.filter.clone().unwrap_or_else(|| "none".to_owned()),
        });
        super::some_of(names.collect())
    };
    metrics
        .chain(filters)
        .map(|(option, text, of_filter)| {
            format!(
                "--{option} {} fits nothing that is a score from 0 to 1 and is ignored; there are: {}",
                shown(text, 100),
                there(of_filter)
            )
        })
        .collect()
}
