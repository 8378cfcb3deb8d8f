//! Rows into series: filters told apart, duplicate documents counted, `pass@k` turned into counts.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::context::Context;
use super::parts::Held;
use super::row::{Row, Rows};
use crate::error::{At, Error, Place, Result, shown};
use crate::formats::passes::Derived;
use crate::partials::hex;
use crate::passk::{pass_at_k, right_answers};
use crate::record::{IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, SampleKey, SeriesKey, Sink};
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
    let by_filter = by_filter(rows, context, file, sink)?;
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
    sink.reserve(run, by_filter.iter().map(|(_, rows)| rows.len()).max().unwrap_or_default());
    // Rows without an id are of no filter.
    let key = |id: String| (!id.is_empty()).then(|| sink.sample(run, id));
    let keys: Vec<Option<SampleKey>> = samples.into_iter().map(key).collect();
    let values = rows.rows.iter().flat_map(|row| rows.values(row));
    let numbers = values.filter(|(_, held)| matches!(held, Held::Number(_)));
    let numbers: BTreeSet<&str> = numbers.map(|(name, _)| rows.name(*name)).collect();
    let mut counted = Vec::new();
    let mut unfit = Vec::new();
    for (filter, of_filter) in &by_filter {
        let filter = (filter != "none").then_some(filter.as_str());
        let mut series =
            Pushing { file, rows, context, run, filter, numbers: &numbers, known: HashMap::new() };
        let mut derived = Derived::new();
        for row in of_filter {
            if let Some(key) = keys[*row] {
                series.row(&rows.rows[*row], key, &mut derived, sink)?;
            }
        }
        let falls = |name: &str| context.lower_is_better.iter().any(|metric| metric == name);
        let names = rows.names().filter(|name| falls(name) || is_best_of_several(name));
        unfit.extend(names.map(|name| MetricName::new(name, filter)));
        // `pass@1` where only `pass@2` and on were logged, as by `humaneval_64`.
        let name = MetricName::new("pass@1 (from pass@k)", filter);
        if derived.finish(run, &name, sink, || At::whole(file))? {
            counted.push(name);
        }
    }
    // Counts before the scores they were taken from.
    sink.run_mut(run).headline.splice(0..0, counted);
    sink.run_mut(run).unfit = unfit;
    warn(rows, context, sink);
    Ok(())
}

type Filters = Vec<(String, Vec<usize>)>;

/// Rows by filter, in the order in which filters appear.
fn by_filter(rows: &Rows, context: &Context, file: &str, sink: &mut Sink<'_>) -> Result<Filters> {
    let all = &rows.rows;
    if all.iter().all(|row| row.filter.is_none()) {
        let none = vec!["none".to_owned()];
        let names = if context.filters.is_empty() { &none } else { &context.filters };
        return unlabelled(all, names, file, sink);
    }
    let mut filters: Filters = Vec::new();
    let mut places: HashMap<u16, usize> = HashMap::new();
    for (index, row) in all.iter().enumerate() {
        let Some(filter) = row.filter else {
            let at = At { file: file.into(), place: Place::Line(row.place) };
            sink.problem(Error::missing(at, "filter", "a name, as in the other rows"))?;
            continue;
        };
        let place = *places.entry(filter).or_insert(filters.len());
        if place == filters.len() {
            filters.push((rows.name(filter).to_owned(), Vec::new()));
        }
        filters[place].1.push(index);
    }
    Ok(filters)
}

/// Rows without labels, before 0.4.7: the harness goes through all documents once a filter, in the order
/// of the configuration (each process of several for its own documents), so that the n-th row of a
/// document is of the n-th filter. That is certain only of documents that have a row a filter: of others
/// the rows may be of any filter, and they are left out.
fn unlabelled(all: &[Row], names: &[String], file: &str, sink: &mut Sink<'_>) -> Result<Filters> {
    if names.len() == 1 {
        return Ok(vec![(names[0].clone(), (0..all.len()).collect())]);
    }
    let mut documents: HashMap<_, Vec<usize>> = HashMap::new();
    for (index, row) in all.iter().enumerate() {
        documents.entry((row.doc_hash, row.doc_id)).or_default().push(index);
    }
    let n_documents = documents.len();
    documents.retain(|_, rows| rows.len() == names.len());
    let uncertain = n_documents - documents.len();
    if uncertain > 0 {
        let message = format!(
            "before 0.4.7 rows do not name their filter: {uncertain} of {n_documents} documents do not \
             have one row for each of the {} filters ({}) and are left out; copy the file again, it was \
             cut or damaged",
            names.len(),
            shown(&names.join(", "), 100)
        );
        let error = Error::refused(At::whole(file), message);
        if documents.is_empty() {
            return Err(error);
        }
        sink.problem(error)?;
    }
    let mut filters: Filters = names.iter().map(|name| (name.clone(), Vec::new())).collect();
    for (index, row) in all.iter().enumerate() {
        let of_document = documents.get(&(row.doc_hash, row.doc_id));
        let nth = of_document.and_then(|rows| rows.iter().position(|known| *known == index));
        if let Some(nth) = nth {
            filters[nth].1.push(index);
        }
    }
    Ok(filters)
}

/// The id of each row's sample: the document's hash, with a number behind it from the second document
/// of the same content on (by `doc_id`, since the order of rows means nothing); else `doc_id`.
fn identify(rows: &Rows, by_filter: &Filters) -> Vec<String> {
    let mut ids = vec![String::new(); rows.rows.len()];
    for (_, of_filter) in by_filter {
        // The first row of each document, and all rows of those that have several.
        let mut first: HashMap<[u8; 32], usize> = HashMap::with_capacity(of_filter.len());
        let mut several: BTreeMap<[u8; 32], Vec<usize>> = BTreeMap::new();
        for &index in of_filter {
            let row = &rows.rows[index];
            match row.doc_hash.map(|hash| first.entry(hash)) {
                Some(Entry::Occupied(known)) => {
                    let copies = several.entry(*known.key()).or_insert_with(|| vec![*known.get()]);
                    copies.push(index);
                }
                Some(Entry::Vacant(new)) => {
                    new.insert(index);
                }
                None => ids[index] = row.doc_id.unwrap_or_default().to_string(),
            }
        }
        for &index in of_filter {
            if let Some(hash) = rows.rows[index].doc_hash
                && !several.contains_key(&hash)
            {
                ids[index] = hex(&hash);
            }
        }
        for (hash, mut copies) in several {
            copies.sort_by_key(|copy| (rows.rows[*copy].doc_id, *copy));
            // The same document twice under one number is one document with two rows.
            copies.dedup_by_key(|copy| rows.rows[*copy].doc_id.ok_or(*copy));
            let hash = hex(&hash);
            for (n, copy) in copies.iter().enumerate() {
                ids[*copy] = if n == 0 { hash.clone() } else { format!("{hash}#{}", n + 1) };
            }
        }
    }
    if !ids.iter().any(String::is_empty) {
        return ids;
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
    /// By the number of their name.
    known: HashMap<u16, SeriesKey>,
}

impl Pushing<'_> {
    /// The series of a metric, with the harness's total.
    fn series(&mut self, metric: u16, sink: &mut Sink<'_>) -> SeriesKey {
        let Self { rows, context, run, filter, .. } = *self;
        *self.known.entry(metric).or_insert_with(|| {
            let name = MetricName::new(rows.name(metric), filter);
            let series = sink.series(run, &name);
            if let Some(expected) = context.expected(&name) {
                sink.expect(series, expected);
            }
            series
        })
    }

    fn row(
        &mut self,
        row: &Row,
        sample: SampleKey,
        derived: &mut Derived,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let file = self.file;
        let at = || At { file: file.into(), place: Place::Line(row.place) };
        for repeats in self.rows.repeats(row).chunk_by(|a, b| a.0 == b.0) {
            let metric = self.rows.name(repeats[0].0);
            let series = sink.series(self.run, &MetricName::new(metric, self.filter));
            for (number, (_, score)) in (0..).zip(repeats) {
                let score = score.map_or(Score::Unscored, Score::Trial);
                sink.score(series, sample, Some(number), score, at)?;
            }
            let sum: Option<f64> = repeats.iter().map(|(_, score)| *score).sum();
            // With a repeat that is not scored the mean is none, or one of the others.
            let Some(sum) = sum else { continue };
            let mean = sum / repeats.len() as f64;
            let pass_at_1 = format!("pass@1({metric})");
            for (name, held) in self.rows.values(row) {
                if let (true, Held::Number(logged)) = (*self.rows.name(*name) == *pass_at_1, held) {
                    sink.check(mean, *logged, &pass_at_1, at)?;
                }
            }
        }
        let values = self.rows.values(row);
        let passes = Passes::of(self.rows, row);
        for (id, held) in values {
            let metric = self.rows.name(*id);
            // Before 0.4.7 rows do not list their metrics: those that the results name are.
            if !self.context.means.is_empty()
                && row.filter.is_none()
                && !self.context.means.iter().any(|(known, ..)| known == metric)
            {
                continue;
            }
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
            let series = self.series(*id, sink);
            sink.score(series, sample, Some(0), score, at)?;
        }
        if let Some(passes) = passes {
            passes.check(sink, &at)?;
            if passes.has_share() {
                derived.is_logged();
            } else {
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

/// `pass@k` with k over 1, also `pass@k(metric)` of 0.5.
fn is_best_of_several(metric: &str) -> bool {
    let Some(rest) = metric.strip_prefix("pass@") else { return false };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse::<u64>().is_ok_and(|k| k > 1)
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
