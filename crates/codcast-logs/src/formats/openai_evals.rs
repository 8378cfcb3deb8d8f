//! OpenAI's evals: the recorder's JSON Lines. A `spec`, events in the order in which they happened, and
//! a `final_report` that can stand before them.

use super::{Format, Index, Part, Probe, no_index};
use crate::error::{At, Error, Result};
use crate::json::{Field, Kind, Value, loose_number};
use crate::record::{Decoding, Expected, IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, SeriesKey, Sink};
use crate::source::Input;

pub(super) const FORMAT: Format = Format { name: "openai-evals", recognise, index: no_index, read };

const SKIP: &[&str] = &[
    "prompt",
    "sampled",
    "expected",
    "picked",
    "options",
    "messages",
    "input",
    "output",
    "completion",
];

// Of the spec.
const MODELS: Field = Field::required(&["spec", "completion_fns"], Kind::List);
const TASK: Field = Field::required(&["spec", "eval_name"], Kind::Id);
const SPLIT: Field = Field::optional(&["spec", "split"], Kind::Text);
const RUN_ID: Field = Field::optional(&["spec", "run_id"], Kind::Text);
const TIME: Field = Field::optional(&["spec", "created_at"], Kind::Text);
const SEED: Field = Field::optional(&["spec", "run_config", "seed"], Kind::Id);
// Of an event.
const TYPE: Field = Field::required(&["type"], Kind::Text);
const SAMPLE: Field = Field::required(&["sample_id"], Kind::Id);
const CORRECT: Field = Field::required(&["data", "correct"], Kind::Score);
const DATA: Field = Field::required(&["data"], Kind::Object);

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    probe.outline.has(&["spec", "spec.completion_fns", "spec.eval_name"]).then_some(Part::Samples)
}

struct Events {
    run: Option<RunKey>,
    /// Metrics that samples have.
    metrics: Vec<(MetricName, SeriesKey)>,
    report: Value,
    /// Events in which the evaluation itself failed.
    failures: u64,
}

fn read(mut input: Input<'_>, _: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let mut events = Events { run: None, metrics: Vec::new(), report: Value::Null, failures: 0 };
    input.records(SKIP, &mut |at, record| {
        let line = record.and_then(|record| events.line(&record, sink, || at.clone()));
        line.or_else(|error| sink.problem(error))
    })?;
    if events.run.is_none() {
        return Err(Error::missing(
            At::whole(path.as_str()),
            "spec",
            "a first line that names the run",
        ));
    }
    if events.failures > 0 {
        sink.note(format!("{} events say that the evaluation failed", events.failures));
    }
    for (name, series) in &events.metrics {
        // The report's accuracy is that of the matches, where there are any.
        let of_matches =
            name.filter.is_some() && events.metrics.iter().any(|(n, _)| *n == matches());
        if let Some(mean) = events.report.get(&name.metric).and_then(Value::number)
            && !of_matches
        {
            sink.expect(*series, Expected::mean(mean));
        }
    }
    Ok(())
}

/// The metric of `match` events.
fn matches() -> MetricName {
    MetricName::new("accuracy", None)
}

impl Events {
    fn line(&mut self, line: &Value, sink: &mut Sink<'_>, at: impl Fn() -> At) -> Result<()> {
        if line.get("spec").is_some() {
            self.run = Some(sink.run(run_of(line, at)?));
            return Ok(());
        }
        if let Some(report) = line.get("final_report") {
            self.report = report.clone();
            return Ok(());
        }
        let kind = TYPE.text_of(line, &at)?.unwrap_or_default();
        match kind.as_str() {
            "match" => {
                let correct = CORRECT.of(line, &at)?.and_then(loose_number);
                self.score(matches(), correct, line, sink, at)
            }
            // Keys are the evaluation's own; model-graded ones report so.
            "metrics" => {
                let data = DATA.of(line, &at)?.map(Value::entries).unwrap_or_default();
                for (metric, value) in data {
                    let name = MetricName::new(&**metric, None);
                    // An evaluation's own accuracy is not one more match of the sample.
                    let filter = (name == matches()).then_some("metrics");
                    let metric = MetricName::new(&**metric, filter);
                    if let Some(score) = loose_number(value) {
                        self.score(metric, Some(score), line, sink, &at)?;
                    } else if *value == Value::Null {
                        self.score(metric, None, line, sink, &at)?;
                    }
                }
                Ok(())
            }
            "error" => {
                self.failures += 1;
                Ok(())
            }
            // Prompts, answers, function calls.
            _ => Ok(()),
        }
    }

    fn score(
        &mut self,
        metric: MetricName,
        score: Option<f64>,
        line: &Value,
        sink: &mut Sink<'_>,
        at: impl Fn() -> At,
    ) -> Result<()> {
        let Some(run) = self.run else {
            return Err(Error::missing(at(), "spec", "a line before this one that names the run"));
        };
        let id = SAMPLE.text_of(line, &at)?.unwrap_or_default();
        let series = sink.series(run, &metric);
        if !self.metrics.iter().any(|(name, _)| *name == metric) {
            self.metrics.push((metric, series));
        }
        let sample = sink.sample(run, id);
        sink.score(series, sample, None, score.map_or(Score::Unscored, Score::Trial), at)
    }
}

fn run_of(line: &Value, at: impl Fn() -> At) -> Result<Run> {
    let models = MODELS.of(line, &at)?.and_then(Value::list).unwrap_or_default();
    // Further ones grade.
    let model = models.first().and_then(Value::text).filter(|model| !model.is_empty());
    let Some(model) = model else {
        return Err(Error::missing(at(), "spec.completion_fns", "the model's name in a list"));
    };
    Ok(Run {
        model: model.to_owned(),
        model_source: "spec.completion_fns".to_owned(),
        task: TASK.text_of(line, &at)?.unwrap_or_default(),
        split: SPLIT.text_of(line, &at)?,
        ids: IdKind::Index,
        headline: vec![matches()],
        run_id: RUN_ID.text_of(line, &at)?,
        time: TIME.text_of(line, &at)?,
        decoding: Decoding { seed: SEED.text_of(line, &at)?, ..Decoding::default() },
        ..Run::default()
    })
}
