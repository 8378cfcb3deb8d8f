//! Rows into series: filters told apart, duplicate documents counted, `pass@k` turned into counts.

use std::collections::{BTreeSet, HashMap};

use super::context::Context;
use super::row::{Held, Row, Rows};
use crate::error::{At, Error, Place, Result, shown};
use crate::formats::passes::Derived;
use crate::partials::hex;
use crate::passk::{pass_at_k, right_answers};
use crate::record::{IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, SampleKey, Sink};
use crate::source::LogPath;

/// Tasks whose headline is not the first metric of their configuration, as the harness's own task
/// descriptions and leaderboards report them: (start of the name, metric, filter).
const HEADLINES: &[(&str, &str, Option<&str>)] = &[
    ("arc_", "acc_norm", None),
    ("hellaswag", "acc_norm", None),
    ("piqa", "acc_norm", None),
    ("openbookqa", "acc_norm", None),
    ("leaderboard_bbh", "acc_norm", None),
    ("leaderboard_gpqa", "acc_norm", None),
    ("leaderboard_musr", "acc_norm", None),
    ("gsm8k", "exact_match", Some("strict-match")),
    ("ifeval", "prompt_level_strict_acc", None),
    ("leaderboard_ifeval", "prompt_level_strict_acc", None),
];

/// Puts the rows of one file into the sink.
pub(super) fn push(
    path: &LogPath,
    rows: &Rows,
    context: &Context,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let file = path.as_str();
    if rows.rows.is_empty() {
        return Ok(());
    }
    let labelled = rows.rows.iter().any(|row| row.filter.is_some());
    if !labelled && !context.known {
        let message = "lm-eval before 0.4.7 names filters and metrics in its results file only; \
                       put results_*.json (or results.json) beside the samples";
        return Err(Error::refused(At::whole(file), message));
    }
    let by_filter = by_filter(rows, context, file)?;
    let samples = identify(rows, &by_filter);
    let (model, model_source) = match &context.model {
        Some((model, source)) => (model.clone(), *source),
        None => match path.folder_name(1) {
            Some(folder) => (folder.replacen("__", "/", 1), "folder name"),
            None => {
                let message = "no results_*.json beside it, so that its model is not known";
                return Err(Error::refused(At::whole(file), message));
            }
        },
    };
    let hashed = rows.rows.iter().all(|row| row.doc_hash.is_some());
    let run = sink.run(Run {
        model,
        model_source: model_source.to_owned(),
        params: context.params,
        task: context.task.clone(),
        version: context.version.clone(),
        n_shot: context.n_shot,
        prompt: context.prompt.clone(),
        ids: if hashed { IdKind::Hash } else { IdKind::Index },
        time: context.time.clone(),
        decoding: context.decoding.clone(),
        data_hash: context.data_hash.clone(),
        headline: headline(context, &by_filter),
        ..Run::default()
    });
    let keys: Vec<SampleKey> = samples.iter().map(|id| sink.sample(run, id)).collect();
    let values = rows.rows.iter().flat_map(|row| rows.values(row));
    let numbers = values.filter(|(_, held)| matches!(held, Held::Number(_)));
    let numbers: BTreeSet<&str> = numbers.map(|(name, _)| rows.name(*name)).collect();
    let mut counted = Vec::new();
    for (filter, of_filter) in &by_filter {
        let filter = (filter != "none").then_some(filter.as_str());
        let series = Pushing { file, rows, context, run, filter, numbers: &numbers };
        let mut derived = Derived::new();
        for row in of_filter {
            series.row(&rows.rows[*row], keys[*row], &mut derived, sink)?;
        }
        // `pass@1` where only `pass@2` and on were logged, as by `humaneval_64`.
        let name = MetricName::new("pass@1 (from pass@k)", filter);
        if derived.finish(run, &name, sink, || At::whole(file))? {
            counted.push(name);
        }
    }
    // Counts before the scores they were taken from.
    sink.run_mut(run).headline.splice(0..0, counted);
    warn(rows, context, sink);
    Ok(())
}

type Filters = Vec<(String, Vec<usize>)>;

/// Rows by filter, in the order in which filters appear. Rows without labels (before 0.4.7) are as many
/// blocks as there are filters, in the order of the configuration.
fn by_filter(rows: &Rows, context: &Context, file: &str) -> Result<Filters> {
    let all = &rows.rows;
    if all.iter().all(|row| row.filter.is_none()) {
        let none = vec!["none".to_owned()];
        let names = if context.filters.is_empty() { &none } else { &context.filters };
        if !all.len().is_multiple_of(names.len()) {
            let message = format!(
                "{} rows are not a multiple of the {} filters of its results file: the file is cut",
                all.len(),
                names.len()
            );
            return Err(Error::refused(At::whole(file), message));
        }
        let each = all.len() / names.len();
        let block = |k: usize| (k * each..(k + 1) * each).collect();
        return Ok(names.iter().enumerate().map(|(k, name)| (name.clone(), block(k))).collect());
    }
    let mut filters: Filters = Vec::new();
    for (index, row) in all.iter().enumerate() {
        let name = row.filter.map_or("none", |filter| rows.name(filter));
        match filters.iter_mut().find(|(known, _)| known == name) {
            Some((_, rows)) => rows.push(index),
            None => filters.push((name.to_owned(), vec![index])),
        }
    }
    Ok(filters)
}

/// The id of each row's sample: the document's hash, with a number behind it from the second document
/// of the same content on (by `doc_id`, since the order of rows means nothing); else `doc_id`.
fn identify(rows: &Rows, by_filter: &Filters) -> Vec<String> {
    let mut ids = vec![String::new(); rows.rows.len()];
    for (_, of_filter) in by_filter {
        let mut same: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
        for &index in of_filter {
            let row = &rows.rows[index];
            match row.doc_hash {
                Some(hash) => same.entry(hash).or_default().push(index),
                None => ids[index] = row.doc_id.unwrap_or_default().to_string(),
            }
        }
        for &index in of_filter {
            let Some(hash) = rows.rows[index].doc_hash else { continue };
            let Some(mut copies) = same.remove(&hash) else { continue };
            copies.sort_by_key(|copy| (rows.rows[*copy].doc_id, *copy));
            // The same document twice under one number is one document with two rows.
            copies.dedup_by_key(|copy| rows.rows[*copy].doc_id.ok_or(*copy));
            let hash = hex(&hash);
            for (n, copy) in copies.iter().enumerate() {
                ids[*copy] = if n == 0 { hash.clone() } else { format!("{hash}#{}", n + 1) };
            }
        }
    }
    // Rows that were a second result for their sample share its id, and are refused as such.
    let mut known: HashMap<([u8; 32], Option<i64>), String> = HashMap::new();
    for (row, id) in rows.rows.iter().zip(&ids) {
        if let Some(hash) = row.doc_hash
            && !id.is_empty()
        {
            known.entry((hash, row.doc_id)).or_insert_with(|| id.clone());
        }
    }
    for (row, id) in rows.rows.iter().zip(&mut ids) {
        if id.is_empty()
            && let Some(hash) = row.doc_hash
        {
            known.get(&(hash, row.doc_id)).unwrap_or(&String::new()).clone_into(id);
        }
    }
    ids
}

/// The series of one filter.
struct Pushing<'p> {
    file: &'p str,
    rows: &'p Rows,
    context: &'p Context,
    run: RunKey,
    filter: Option<&'p str>,
    /// Metrics that are a number in some row.
    numbers: &'p BTreeSet<&'p str>,
}

impl Pushing<'_> {
    fn row(
        &self,
        row: &Row,
        sample: SampleKey,
        derived: &mut Derived,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let at = || At { file: self.file.into(), place: Place::Line(row.place) };
        for repeats in self.rows.repeats(row).chunk_by(|a, b| a.0 == b.0) {
            let metric = self.rows.name(repeats[0].0);
            let series = sink.series(self.run, &MetricName::new(metric, self.filter));
            for (number, (_, score)) in (0..).zip(repeats) {
                sink.score(series, sample, Some(number), Score::Trial(*score), at)?;
            }
            let mean = repeats.iter().map(|(_, s)| s).sum::<f64>() / repeats.len() as f64;
            let pass_at_1 = format!("pass@1({metric})");
            for (name, held) in self.rows.values(row) {
                if let (true, Held::Number(logged)) = (*self.rows.name(*name) == *pass_at_1, held) {
                    sink.check(mean, *logged, &pass_at_1, at)?;
                }
            }
        }
        let values = self.rows.values(row);
        let passes = Passes::of(self.rows, row);
        for (metric, held) in values {
            let metric = self.rows.name(*metric);
            // Before 0.4.7 rows do not list their metrics: those that the results name are.
            if !self.context.means.is_empty()
                && row.filter.is_none()
                && !self.context.means.iter().any(|(known, ..)| known == metric)
            {
                continue;
            }
            let name = MetricName::new(metric, self.filter);
            let score = match held {
                Held::Number(value) => match (&passes, k_of(metric)) {
                    (Some(Passes { n, correct: Some(correct), .. }), Some(1)) => {
                        Score::Trials { trials: *n, correct: *correct as f64 }
                    }
                    _ if metric.starts_with("pass@") => Score::Measured(*value),
                    _ => Score::Trial(*value),
                },
                Held::Nothing => Score::Unscored,
                // Some metrics are lists in every row; a list among numbers is damage.
                Held::List if !self.numbers.contains(metric) => {
                    let metric = shown(metric, 60);
                    sink.note(format!("{metric} holds a list per sample and is left out"));
                    continue;
                }
                Held::List | Held::Other => {
                    let expected = "a number, true or false";
                    sink.problem(Error::field(at(), metric, "something else", expected))?;
                    continue;
                }
            };
            let series = sink.series(self.run, &name);
            if let Some(expected) = self.context.expected(&name) {
                sink.expect(series, expected);
            }
            sink.score(series, sample, Some(0), score, at)?;
        }
        if let Some(passes) = passes {
            passes.check(sink, &at)?;
            if !passes.has_share() {
                derived.add(sample, Some(passes.n.into()), &passes.values);
            }
        }
        Ok(())
    }
}

/// `k` of a metric `pass@k`.
fn k_of(metric: &str) -> Option<u64> {
    metric.strip_prefix("pass@")?.parse().ok().filter(|k| *k > 0)
}

/// A row's `pass@k` values.
struct Passes {
    /// Responses.
    n: u32,
    /// `(k, pass@k)`, by k; not empty.
    values: Vec<(u64, f64)>,
    /// How many were right, as the smallest `k` tells; `None` where no count or several fit.
    correct: Option<u64>,
}

impl Passes {
    fn of(rows: &Rows, row: &Row) -> Option<Self> {
        let n = row.n_responses;
        let mut values: Vec<(u64, f64)> = rows
            .values(row)
            .iter()
            .filter_map(|(name, held)| match held {
                Held::Number(value) => k_of(rows.name(*name)).map(|k| (k, *value)),
                _ => None,
            })
            .collect();
        values.sort_by_key(|(k, _)| *k);
        let (k, value) = *values.first()?;
        Some(Self { n, correct: right_answers(n.into(), k, value), values })
    }

    /// The other `k` must follow from the count.
    fn check(&self, sink: &mut Sink<'_>, at: &impl Fn() -> At) -> Result<()> {
        let Some(correct) = self.correct else { return Ok(()) };
        let n = self.n.into();
        for (k, value) in self.values.iter().filter(|(k, _)| *k > 1 && *k <= n) {
            sink.check(pass_at_k(n, correct, *k), *value, &format!("pass@{k}"), at)?;
        }
        Ok(())
    }

    /// Whether `pass@1`, the share of right answers, is among them.
    fn has_share(&self) -> bool {
        self.values[0].0 == 1
    }
}

/// Metrics in the order in which one would call them the headline.
fn headline(context: &Context, filters: &Filters) -> Vec<MetricName> {
    let mut order = Vec::new();
    let filters: Vec<Option<&str>> =
        filters.iter().map(|(name, _)| (name != "none").then_some(name.as_str())).collect();
    // In a group, 0.5 calls a task `group::task`.
    let task = context.task.rsplit("::").next().unwrap_or(&context.task);
    for (start, metric, filter) in HEADLINES {
        if task.starts_with(start) {
            let of: Vec<_> = filter.map_or_else(|| filters.clone(), |filter| vec![Some(filter)]);
            order.extend(of.into_iter().map(|filter| MetricName::new(*metric, filter)));
        }
    }
    for metric in context.metrics.iter().map(|(metric, _)| metric) {
        order.extend(filters.iter().map(|filter| MetricName::new(metric, *filter)));
    }
    order.retain(|name| !context.lower_is_better.contains(&name.metric));
    order
}

/// What the log has and does not say about repeats.
fn warn(rows: &Rows, context: &Context, sink: &mut Sink<'_>) {
    let most = rows.rows.iter().map(|row| row.n_responses).max().unwrap_or(1);
    let counted = |row: &Row| {
        !rows.repeats(row).is_empty()
            || rows.values(row).iter().any(|(name, _)| rows.name(*name).starts_with("pass@"))
    };
    if most > 1 && !rows.rows.iter().any(counted) {
        sink.note(format!(
            "task {}: {most} responses per sample, but the harness scored only the first (or their \
             vote): 1 trial per sample",
            shown(&context.task, 100)
        ));
    }
    if rows.rows.iter().all(|row| rows.values(row).iter().all(|(_, held)| *held == Held::Nothing)) {
        sink.note(format!(
            "task {}: no row has a score (was it run with --predict_only?)",
            shown(&context.task, 100)
        ));
    }
}
