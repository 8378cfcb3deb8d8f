//! The header: model, task, settings, and the harness's own results.

use super::samples::Samples;
use crate::error::{At, Error, Result, shown};
use crate::json::{Field, Kind, Value, loose_number};
use crate::record::{Decoding, Expected, IdKind, MetricName, Run, Score};
use crate::sink::Sink;
use crate::source::LogPath;

/// Where a header has what. A test gives each row a value of its own.
const MODEL: Field = Field::required(&["eval", "model"], Kind::Text);
const TASK: Field = Field::required(&["eval", "task"], Kind::Text);
const VERSION: Field = Field::optional(&["eval", "task_version"], Kind::Id);
const TASK_ID: Field = Field::optional(&["eval", "task_id"], Kind::Text);
const RUN_ID: Field = Field::optional(&["eval", "run_id"], Kind::Text);
const CREATED: Field = Field::optional(&["eval", "created"], Kind::Text);
const STATUS: Field = Field::optional(&["status"], Kind::Text);
const SCORE_ON_ERROR: &[&str] = &["eval", "config", "score_on_error"];
const CONFIGS: [&[&str]; 2] = [&["eval", "model_generate_config"], &["plan", "config"]];

/// Arguments of a task that change how often it is asked, not what.
const NOT_PROMPTS: &[&str] = &["epochs", "limit", "seed"];

/// Puts a log's samples into the sink.
pub(super) fn push(
    path: &LogPath,
    header: &Value,
    samples: &Samples,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let file = path.as_str();
    let at = || At::whole(file);
    let required = |field: &Field| -> Result<String> {
        let text = field.text_of(header, at)?;
        text.ok_or_else(|| Error::field(at(), &field.path.join("."), "empty", "a name"))
    };
    let (model, task) = (required(&MODEL)?, required(&TASK)?);
    if samples.samples.is_empty() {
        let message = "a log without samples (it was written with log_samples=False, or stopped before \
                       the first one)";
        return Err(Error::refused(at(), message));
    }
    let status = STATUS.text_of(header, at)?.unwrap_or_else(|| "started".to_owned());
    if status != "success" {
        sink.note(format!("status {}: it may not have all samples", shown(&status, 30)));
    }
    let totals = totals(header);
    let run = sink.run(Run {
        model,
        model_source: MODEL.path.join("."),
        task,
        version: VERSION.text_of(header, at)?.filter(|version| version != "0"),
        prompt: prompt(header),
        ids: if samples.has_text_ids { IdKind::Native } else { IdKind::Index },
        run_id: RUN_ID.text_of(header, at)?,
        attempt_of: TASK_ID.text_of(header, at)?,
        unfinished: status != "success",
        time: CREATED.text_of(header, at)?,
        decoding: decoding(header),
        headline: totals.iter().map(|total| total.name.clone()).collect(),
        ..Run::default()
    });
    let mut names: Vec<MetricName> = samples
        .names
        .iter()
        .map(|(scorer, part)| match part {
            Some(part) => MetricName::new(&**part, Some(scorer)),
            None => MetricName::new(&**scorer, None),
        })
        .collect();
    // Of samples on which the harness failed, every metric is missing, also those that nobody has.
    let known = names.len();
    let missing: Vec<_> = totals.iter().map(|t| &t.name).filter(|n| !names.contains(n)).collect();
    let missing: Vec<MetricName> = missing.into_iter().cloned().collect();
    names.extend(missing);
    let series: Vec<_> = names.iter().map(|name| sink.series(run, name)).collect();
    let score_on_error = header.at(SCORE_ON_ERROR).and_then(Value::bool) == Some(true);
    let ids = samples.ids();
    let mut withdrawn = 0;
    for sample in &samples.samples {
        let key = sink.sample(run, &*ids[sample.id as usize]);
        let scores = samples.scores(sample);
        let missing = if sample.invalid {
            withdrawn += 1;
            Some(Score::Unscored)
        } else if sample.failed && (!score_on_error || scores.is_empty()) {
            Some(Score::Error)
        } else {
            None
        };
        if let Some(score) = missing {
            for series in &series {
                sink.score(*series, key, Some(sample.epoch), score, at)?;
            }
            continue;
        }
        if scores.is_empty() {
            for series in &series {
                sink.score(*series, key, Some(sample.epoch), Score::Unscored, at)?;
            }
        }
        for (name, score) in scores {
            sink.score(series[usize::from(*name)], key, Some(sample.epoch), *score, at)?;
        }
    }
    for (name, lists) in names.iter().zip(&samples.lists).filter(|(_, lists)| **lists > 0) {
        let name = shown(&name.to_string(), 80);
        sink.note(format!(
            "{lists} samples have a list for {name}, which is no score: they are missing"
        ));
    }
    if withdrawn > 0 {
        sink.note(format!("{withdrawn} samples were invalidated by their author and are missing"));
    }
    let partial_as = sink.reading().partial_as;
    for total in totals {
        let Some(index) = names.iter().position(|name| *name == total.name) else { continue };
        // With P counted otherwise than the harness does, its mean is another one.
        let counts_otherwise = index < known && samples.has_partial[index] && partial_as != 0.5;
        if !counts_otherwise && let Some(mean) = total.mean {
            sink.expect(series[index], Expected { samples: total.scored, ..Expected::mean(mean) });
        }
    }
    Ok(())
}

/// One of the harness's own results.
struct Total {
    name: MetricName,
    mean: Option<f64>,
    scored: Option<u64>,
}

/// The results over epochs by their mean, in the header's order.
fn totals(header: &Value) -> Vec<Total> {
    let scores = header.at(&["results", "scores"]).and_then(Value::list).unwrap_or_default();
    let of_mean =
        |score: &&Value| matches!(score.get("reducer").and_then(Value::text), None | Some("mean"));
    scores
        .iter()
        .filter(of_mean)
        .filter_map(|score| {
            let name = score.get("name").and_then(Value::text)?;
            let scorer = score.get("scorer").and_then(Value::text).unwrap_or(name);
            // A sub-metric has its own name and points to its scorer.
            let filter = (scorer != name).then_some(scorer);
            let value = |metric: &str| score.at(&["metrics", metric, "value"]);
            let mean = value("accuracy").or_else(|| value("mean")).and_then(loose_number);
            let scored = score.get("scored_samples").and_then(Value::count);
            Some(Total { name: MetricName::new(name, filter), mean, scored })
        })
        .collect()
}

/// The task's arguments, since they make another task of it.
fn prompt(header: &Value) -> Option<String> {
    let passed = header.at(&["eval", "task_args_passed"]);
    let arguments = passed.or_else(|| header.at(&["eval", "task_args"]))?;
    let mut parts: Vec<String> = arguments
        .entries()
        .iter()
        .filter(|(name, _)| !NOT_PROMPTS.contains(&&**name))
        .map(|(name, value)| match value {
            Value::Text(text) => format!("{name}={text}"),
            Value::Null => format!("{name}=null"),
            other => format!("{name}={}", other.described()),
        })
        .collect();
    parts.sort();
    (!parts.is_empty()).then(|| parts.join(","))
}

fn decoding(header: &Value) -> Decoding {
    let setting =
        |key: &str| CONFIGS.iter().find_map(|config| header.at(config).and_then(|c| c.get(key)));
    Decoding {
        temperature: setting("temperature").and_then(Value::number),
        do_sample: None,
        seed: setting("seed").and_then(Value::id),
    }
}
