//! AI2's OLMES: `task-<nnn>-<task>-predictions.jsonl`, with `…-metrics.json` beside it for the model,
//! the settings and the totals.

use std::collections::{BTreeMap, BTreeSet};

use super::companion::{companion, pruned};
use super::names;
use super::passes::Derived;
use super::{Format, Index, Part, Probe};
use crate::error::{At, Error, Result, shown};
use crate::json::{Field, Kind, Value, loose_number};
use crate::passk::right_answers_of;
use crate::record::{Decoding, Expected, IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, SampleKey, Sink};
use crate::source::{Input, LogPath};

pub(super) const FORMAT: Format = Format { name: "olmes", recognise, index, read };

/// Of an answer only its presence matters.
const SKIP: &[&str] = &[
    "continuation",
    "model_answer",
    "label",
    "doc",
    "sum_logits",
    "logits",
    "tokens",
    "num_tokens_all",
];

// Of a row.
const NATIVE_ID: Field = Field::optional(&["native_id"], Kind::Id);
const DOC_ID: Field = Field::required(&["doc_id"], Kind::Id);
const METRICS: Field = Field::required(&["metrics"], Kind::Object);
const OUTPUTS: Field = Field::optional(&["model_output"], Kind::List);
const TASK_HASH: Field = Field::optional(&["task_hash"], Kind::Text);
// Of the file of metrics.
const MODEL: Field = Field::optional(&["model_config", "model"], Kind::Text);
const REVISION: Field = Field::optional(&["model_config", "revision"], Kind::Text);
const TASK: Field = Field::optional(&["task_config", "metadata", "alias"], Kind::Text);
const TASK_NAME: Field = Field::optional(&["task_name"], Kind::Text);
const SHOTS: Field = Field::optional(&["task_config", "num_shots"], Kind::Count);
const SPLIT: Field = Field::optional(&["task_config", "split"], Kind::Text);
const VERSION: Field = Field::optional(&["task_config", "version"], Kind::Id);
const PRIMARY: Field = Field::optional(&["task_config", "primary_metric"], Kind::Text);
const REPEATS: Field =
    Field::optional(&["task_config", "generation_kwargs", "repeats"], Kind::Count);
const TEMPERATURE: Field =
    Field::optional(&["task_config", "generation_kwargs", "temperature"], Kind::Number);
const DO_SAMPLE: Field =
    Field::optional(&["task_config", "generation_kwargs", "do_sample"], Kind::Bool);
const SAMPLES: Field = Field::optional(&["num_instances"], Kind::Count);
const DATE: Field = Field::optional(&["current_date"], Kind::Text);

/// A sample's answers are stored up to this number; more may have been drawn.
const STORED_ANSWERS: u64 = 100;

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    let outline = probe.outline;
    let file = probe.path.file_name();
    if outline.has(&["doc_id", "metrics", "model_output"]) {
        Some(Part::Samples)
    } else if outline.has(&["task_config", "metrics", "model_config"]) {
        // One object a line: metrics-all.jsonl.
        let repeated = Part::Known("repeats the …-metrics.json files");
        Some(if outline.more || file == "metrics-all.jsonl" { repeated } else { Part::Index })
    } else if outline.has(&["all_primary_scores", "tasks"]) {
        Some(Part::Known("totals, without samples"))
    } else if outline.has(&["request_type", "doc"])
        && (file.ends_with("-requests.jsonl") || file.ends_with("-recorded-inputs.jsonl"))
    {
        Some(Part::Known("prompts, without scores"))
    } else {
        None
    }
}

fn index(input: &mut Input<'_>) -> Result<Value> {
    let keys =
        ["model_config", "task_config", "task_name", "metrics", "num_instances", "current_date"];
    Ok(pruned(&input.document(&["context_kwargs", "metric_kwargs", "compute_config"])?, &keys))
}

fn read(mut input: Input<'_>, index: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let file = path.file_name();
    let settings = file.strip_suffix("-predictions.jsonl");
    let settings = settings.and_then(|s| companion(index, &path, &format!("{s}-metrics.json")));
    let settings = settings.unwrap_or(&Value::Null);
    let at = || At::whole(path.as_str());
    let run = sink.run(run_of(&path, settings)?);
    let mut rows = Rows {
        run,
        settings,
        repeats: REPEATS.of(settings, at)?.and_then(Value::count),
        native: true,
        several: false,
        seen: BTreeSet::new(),
        lists: BTreeMap::new(),
        derived: Derived::new(),
    };
    let outcome = input.records(SKIP, &mut |at, record| {
        let row = record.and_then(|record| rows.row(&record, sink, || at.clone()));
        row.or_else(|error| sink.problem(error))
    });
    sink.run_mut(run).ids = if rows.native { IdKind::Native } else { IdKind::Index };
    outcome?;
    let Rows { several, seen, derived, lists, .. } = rows;
    for (name, samples) in lists.iter().filter(|(name, _)| seen.contains(&**name)) {
        let expected = "a number in every row, as in some";
        let found = format!("a list or an object in {} rows", samples.len());
        sink.problem(Error::field(at(), &format!("metrics.{name}"), &found, expected))?;
    }
    derived.finish(run, &counted(), sink, at)?;
    prefer_counts(sink.run_mut(run), &seen);
    if several {
        sink.note(
            "several answers a sample, of which exact_match scores the first: one trial each",
        );
    }
    for (name, total) in settings.get("metrics").map(Value::entries).unwrap_or_default() {
        if let (true, Some(mean)) = (seen.contains(name), total.number()) {
            let series = sink.series(run, &MetricName::new(&**name, None));
            let samples = SAMPLES.of(settings, at)?.and_then(Value::count);
            sink.expect(series, Expected { samples, ..Expected::mean(mean) });
        }
    }
    Ok(())
}

/// The share of right answers; a count of them where that is known.
fn counted() -> MetricName {
    MetricName::new("pass_at_1", None)
}

/// Where the primary metric is the best of several answers, the counts that it was taken from come first.
/// (They are a series of the run only if they are logged, or certain.)
fn prefer_counts(run: &mut Run, seen: &BTreeSet<Box<str>>) {
    let is_best = |name: &str| k_of(name).is_some_and(|k| k > 1);
    if run.headline.iter().any(|name| is_best(&name.metric)) {
        run.headline.insert(0, counted());
    }
    run.unfit =
        seen.iter().filter(|name| is_best(name)).map(|m| MetricName::new(&**m, None)).collect();
}

fn run_of(path: &LogPath, settings: &Value) -> Result<Run> {
    let at = || At::whole(path.as_str());
    let of = |field: Field| field.text_of(settings, at);
    let (model, model_source) = match (of(MODEL)?, of(REVISION)?) {
        (Some(model), Some(revision)) => (format!("{model}@{revision}"), "model_config"),
        (Some(model), None) => (model, "model_config.model"),
        (None, _) => (model_of_path(path)?, "path"),
    };
    let task = of(TASK)?.or(of(TASK_NAME)?);
    let task = task.or_else(|| names::olmes_task(path.file_name()).map(str::to_owned));
    let primary = of(PRIMARY)?;
    Ok(Run {
        model,
        model_source: model_source.to_owned(),
        task: task.unwrap_or_else(|| path.stem().to_owned()),
        version: of(VERSION)?,
        n_shot: SHOTS.of(settings, at)?.and_then(Value::count).and_then(|n| n.try_into().ok()),
        split: of(SPLIT)?,
        time: of(DATE)?,
        decoding: Decoding {
            temperature: TEMPERATURE.number_of(settings, at)?,
            do_sample: DO_SAMPLE.of(settings, at)?.and_then(Value::bool),
            seed: None,
        },
        headline: primary.into_iter().map(|metric| MetricName::new(metric, None)).collect(),
        ..Run::default()
    })
}

/// Public releases name the model by folders: `<mix>/<size>/seed-<s>/step-<t>`. Of other paths the
/// folder's name is all there is.
fn model_of_path(path: &LogPath) -> Result<String> {
    let is_part = |name: &str| name.starts_with("seed-") || name.starts_with("step-");
    let mut parts = Vec::new();
    let mut level = 1;
    while let Some(name) = path.folder_name(level).filter(|name| is_part(name)) {
        parts.push(name);
        level += 1;
    }
    // Above those: the size and the mix.
    let named = if parts.is_empty() { 1 } else { 2 };
    parts.extend((level..level + named).map_while(|level| path.folder_name(level)));
    parts.reverse();
    if parts.is_empty() {
        let message = "no model: put the …-metrics.json beside it, or the file into a folder of the \
                       model's name";
        return Err(Error::refused(At::whole(path.as_str()), message));
    }
    Ok(parts.join("/"))
}

struct Rows<'s> {
    run: RunKey,
    settings: &'s Value,
    repeats: Option<u64>,
    /// Whether all rows so far have a native id.
    native: bool,
    /// Whether several answers were drawn but the first scored.
    several: bool,
    /// Metrics that samples have.
    seen: BTreeSet<Box<str>>,
    /// Samples that have a list or an object in place of a score, by metric.
    lists: BTreeMap<Box<str>, Vec<SampleKey>>,
    /// Counts, where pass@1 is not logged.
    derived: Derived,
}

impl Rows<'_> {
    fn row(&mut self, row: &Value, sink: &mut Sink<'_>, at: impl Fn() -> At) -> Result<()> {
        let doc_id = DOC_ID.text_of(row, &at)?.unwrap_or_default();
        let native_id = NATIVE_ID.text_of(row, &at)?;
        let metrics = METRICS.of(row, &at)?.map(Value::entries).unwrap_or_default();
        let outputs = OUTPUTS.of(row, &at)?.and_then(Value::list).map_or(0, <[_]>::len) as u64;
        let hash = TASK_HASH.text_of(row, &at)?;
        // Whole numbers count the rows of the data set.
        self.native &= native_id.as_deref().is_some_and(|id| id.parse::<u64>().is_err());
        // A position is named as such: it may be another sample's native id.
        let id = native_id.unwrap_or_else(|| format!("doc_id {doc_id}"));
        let sample = sink.sample(self.run, id);
        let run = sink.run_mut(self.run);
        if run.prompt.is_none() {
            // Of the task's settings: equal for all models that were asked alike.
            run.prompt = hash.map(|hash| format!("task_hash {}", shown(&hash, 64)));
        }
        let answers = self.repeats.or_else(|| (outputs < STORED_ANSWERS).then_some(outputs));
        self.pass_at_k(metrics, answers, sample, sink, &at)?;
        for (name, value) in metrics {
            if !is_score(name) || k_of(name).is_some() {
                continue;
            }
            self.several |= name.starts_with("exact_match") && answers.is_some_and(|n| n > 1);
            let score = match (value, loose_number(value)) {
                (_, Some(score)) => Score::Trial(score),
                // Switched off for the whole task: no total either.
                (Value::Null, None) if self.is_off(name) => continue,
                (Value::Null, None) => Score::Unscored,
                // IFEval's lists and objects of instructions; among numbers they are damage.
                (Value::List(_) | Value::Object(_), None) => {
                    self.lists.entry(name.clone()).or_default().push(sample);
                    continue;
                }
                (other, None) => {
                    let expected = Kind::Score.expected();
                    let name = format!("metrics.{name}");
                    sink.problem(Error::field(at(), &name, &other.described(), expected))?;
                    continue;
                }
            };
            let series = sink.series(self.run, &MetricName::new(&**name, None));
            sink.score(series, sample, Some(0), score, &at)?;
            self.seen.insert(name.clone());
        }
        Ok(())
    }

    fn is_off(&self, metric: &str) -> bool {
        self.settings.get("metrics").is_some_and(|totals| totals.get(metric).is_none())
    }

    /// `pass_at_1` as a count where that is certain; the others as the values they are.
    fn pass_at_k(
        &mut self,
        metrics: &[(Box<str>, Value)],
        answers: Option<u64>,
        sample: SampleKey,
        sink: &mut Sink<'_>,
        at: impl Fn() -> At,
    ) -> Result<()> {
        let with_k = |(name, value): &(Box<str>, Value)| Some((k_of(name)?, loose_number(value)?));
        let values: Vec<(u64, f64)> = metrics.iter().filter_map(with_k).collect();
        let is_wrong = |value: &Value| *value != Value::Null && loose_number(value).is_none();
        for (name, value) in metrics.iter().filter(|(n, v)| k_of(n).is_some() && is_wrong(v)) {
            let (name, expected) = (format!("metrics.{name}"), Kind::Score.expected());
            sink.problem(Error::field(at(), &name, &value.described(), expected))?;
        }
        if values.is_empty() {
            return Ok(());
        }
        let count = answers.filter(|n| *n > 0).and_then(|n| {
            let trials = u32::try_from(n).ok()?;
            Some(Score::Trials { trials, correct: right_answers_of(n, &values)? as f64 })
        });
        if !values.iter().any(|(k, _)| *k == 1) {
            self.derived.add(sample, answers, &values);
        }
        for (k, value) in values {
            let name = format!("pass_at_{k}");
            let series = sink.series(self.run, &MetricName::new(&*name, None));
            self.seen.insert(name.into());
            let score = count.filter(|_| k == 1).unwrap_or(Score::Measured(value));
            sink.score(series, sample, Some(0), score, &at)?;
        }
        Ok(())
    }
}

fn k_of(metric: &str) -> Option<u64> {
    metric.strip_prefix("pass_at_")?.parse().ok()
}

/// Whether a metric is a score: not a position, a length or a log-probability, and not the copy of the
/// primary one.
fn is_score(metric: &str) -> bool {
    const NAMES: &[&str] = &["correct_choice", "no_answer", "num_tokens", "primary_score"];
    !NAMES.contains(&metric)
        && !metric.starts_with("predicted_index")
        && !metric.ends_with("_corr")
        && !metric.starts_with("num_tokens")
        && !metric.starts_with("bits_per_byte")
        && !metric.starts_with("logits_per_")
        && !metric.starts_with("sum_logits")
}
