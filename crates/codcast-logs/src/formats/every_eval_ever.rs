//! Every Eval Ever: `<uuid>_samples.jsonl`, rows that were converted from other harnesses, with
//! `<uuid>.json` beside it for metrics and totals.

use std::collections::BTreeMap;

use super::companion::{companion, pruned};
use super::{Format, Index, Part, Probe};
use crate::error::{At, Error, Result};
use crate::json::{Field, Kind, Value, loose_number};
use crate::record::{Expected, IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, SeriesKey, Sink};
use crate::source::Input;

pub(super) const FORMAT: Format = Format { name: "every-eval-ever", recognise, index, read };

const SKIP: &[&str] = &[
    "input",
    "output",
    "messages",
    "answer_attribution",
    "token_usage",
    "metadata",
    "performance",
    "error",
];

// Of a row.
const MODEL: Field = Field::required(&["model_id"], Kind::Id);
const TASK: Field = Field::required(&["evaluation_name"], Kind::Id);
const RESULT_ID: Field = Field::optional(&["evaluation_result_id"], Kind::Text);
const EVALUATION_ID: Field = Field::optional(&["evaluation_id"], Kind::Text);
const SAMPLE_ID: Field = Field::required(&["sample_id"], Kind::Id);
const SCORE: Field = Field::optional(&["evaluation", "score"], Kind::Score);
// Of a result of the aggregate file.
const METRIC: Field = Field::optional(&["metric_config", "metric_id"], Kind::Text);
const UNIT: Field = Field::optional(&["metric_config", "metric_unit"], Kind::Text);
const LOWER: Field = Field::optional(&["metric_config", "lower_is_better"], Kind::Bool);
const TOTAL: Field = Field::optional(&["score_details", "score"], Kind::Number);
const TIME: Field = Field::optional(&["evaluation_timestamp"], Kind::Id);

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    let has = |keys: &[&str]| probe.outline.has(keys);
    if has(&["schema_version", "evaluation_id", "sample_id", "evaluation"]) {
        Some(Part::Samples)
    } else if has(&["schema_version", "evaluation_id", "evaluation_results"]) {
        Some(Part::Index)
    } else {
        None
    }
}

fn index(input: &mut Input<'_>) -> Result<Value> {
    let skip = ["source_data", "source_metadata", "additional_details", "generation_config"];
    Ok(pruned(&input.document(&skip)?, &["evaluation_results", "evaluation_timestamp"]))
}

const FALLING: &str = "lower is better for a metric here: its rows are no scores and are left out";

/// What rows belong to: model, task, result.
type Key = (String, String, Option<String>);

struct Task {
    run: RunKey,
    series: SeriesKey,
    /// Whether any score is not 0.
    any: bool,
    /// Rows.
    rows: usize,
    /// Whether all ids so far are whole numbers.
    numbered: bool,
}

fn read(mut input: Input<'_>, index: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let at = || At::whole(path.as_str());
    let stem = path.file_name().strip_suffix("_samples.jsonl").unwrap_or_default();
    let totals = companion(index, &path, &format!("{stem}.json")).unwrap_or(&Value::Null);
    // Without a task where the metric falls as models get better.
    let mut tasks: BTreeMap<Key, Option<Task>> = BTreeMap::new();
    let outcome = input.records(SKIP, &mut |at, record| {
        let row = record.and_then(|record| add(&record, totals, &mut tasks, sink, || at.clone()));
        row.or_else(|error| sink.problem(error))
    });
    for task in tasks.values().flatten() {
        sink.run_mut(task.run).ids = if task.numbered { IdKind::Index } else { IdKind::Native };
    }
    outcome?;
    if !tasks.is_empty() && tasks.values().all(Option::is_none) {
        return Err(Error::refused(at(), FALLING));
    }
    if tasks.values().any(Option::is_none) {
        sink.note(FALLING);
    }
    if tasks.values().flatten().any(|task| !task.any) {
        sink.note("all scores of a task are 0: the converter from lm-eval writes 0 where it finds no metric");
    }
    if tasks.values().flatten().any(|task| task.rows > sink.n_samples(task.run)) {
        sink.note("several rows of a sample are taken for its repeats, since the schema has no number for \
             them: are they (and not, say, rows of several filters of lm-eval)?");
    }
    for ((_, name, id), task) in &tasks {
        let Some(task) = task else { continue };
        let Some(result) = result_of(totals, name, id.as_deref()) else { continue };
        let unit = UNIT.text_of(result, at)?;
        // Of other units it is not sure that rows have them too.
        let share = unit.is_none_or(|unit| unit == "proportion");
        if let (true, Some(mean)) = (share, TOTAL.number_of(result, at)?) {
            sink.expect(task.series, Expected::mean(mean));
        }
    }
    Ok(())
}

/// The aggregate of a task: of the same result id or, where rows have none, the only one of the name.
fn result_of<'t>(totals: &'t Value, name: &str, id: Option<&str>) -> Option<&'t Value> {
    let results = totals.get("evaluation_results")?.list()?;
    let has = |result: &&Value, key: &str, text: &str| {
        result.get(key).and_then(Value::text).is_some_and(|t| t == text)
    };
    if let Some(id) = id {
        return results.iter().find(|result| has(result, "evaluation_result_id", id));
    }
    let mut named = results.iter().filter(|result| has(result, "evaluation_name", name));
    named.next().filter(|_| named.next().is_none())
}

fn add(
    row: &Value,
    totals: &Value,
    tasks: &mut BTreeMap<Key, Option<Task>>,
    sink: &mut Sink<'_>,
    at: impl Fn() -> At,
) -> Result<()> {
    let model = MODEL.text_of(row, &at)?.unwrap_or_default();
    let name = TASK.text_of(row, &at)?.unwrap_or_default();
    let result_id = RESULT_ID.text_of(row, &at)?;
    let sample_id = SAMPLE_ID.text_of(row, &at)?.unwrap_or_default();
    let score = SCORE.of(row, &at)?.and_then(loose_number);
    let key = (model, name, result_id);
    if !tasks.contains_key(&key) {
        let task = new_task(&key, row, totals, sink, &at)?;
        tasks.insert(key.clone(), task);
    }
    let Some(Some(task)) = tasks.get_mut(&key) else { return Ok(()) };
    task.rows += 1;
    task.any |= score.is_none_or(|score| score != 0.0);
    task.numbered &= sample_id.parse::<u64>().is_ok();
    let sample = sink.sample(task.run, sample_id);
    // Rows of the same sample are its repeats: the schema has no number for them.
    sink.score(task.series, sample, None, score.map_or(Score::Unscored, Score::Trial), at)
}

fn new_task(
    (model, name, id): &Key,
    row: &Value,
    totals: &Value,
    sink: &mut Sink<'_>,
    at: impl Fn() -> At,
) -> Result<Option<Task>> {
    let result = result_of(totals, name, id.as_deref()).unwrap_or(&Value::Null);
    let metric = METRIC.text_of(result, &at)?.unwrap_or_else(|| "score".to_owned());
    if LOWER.of(result, &at)?.and_then(Value::bool) == Some(true) {
        return Ok(None);
    }
    let run = sink.run(Run {
        model: model.clone(),
        model_source: "model_id".to_owned(),
        task: name.clone(),
        run_id: EVALUATION_ID.text_of(row, &at)?,
        time: TIME.text_of(totals, &at)?,
        ..Run::default()
    });
    let series = sink.series(run, &MetricName::new(metric, None));
    Ok(Some(Task { run, series, any: false, rows: 0, numbered: true }))
}
