//! BigCodeBench: `…_eval_results.json`, with `…_pass_at_k.json` beside it for the model, the split and
//! the totals.

use super::companion::{companion, model_by_name, pruned};
use super::names;
use super::passes::Passes;
use super::{Format, Index, Part, Probe};
use crate::error::{At, Error, Result};
use crate::json::{Field, Kind, Plan, Value};
use crate::record::{Decoding, IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, SeriesKey, Sink};
use crate::source::Input;

pub(super) const FORMAT: Format = Format { name: "bigcodebench", recognise, index, read };

const SKIP: &[&str] = &["solution", "details"];

// Of a solution.
const STATUS: Field = Field::required(&["status"], Kind::Text);
// Of the file of totals.
const MODEL: Field = Field::optional(&["model"], Kind::Text);
const SPLIT: Field = Field::optional(&["split"], Kind::Text);
const SUBSET: Field = Field::optional(&["subset"], Kind::Text);
const CALIBRATED: Field = Field::optional(&["calibrated"], Kind::Bool);
const REFERENCE: Field = Field::optional(&["gt_pass_rate"], Kind::Number);
// Of the file of results.
const DATE: Field = Field::optional(&["date"], Kind::Text);

/// Where fewer of the reference solutions pass, the environment is broken, not the models.
const SOUND_ENVIRONMENT: f64 = 0.9;

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    if probe.outline.has(&["pass@1", "split", "subset"]) {
        return Some(Part::Index);
    }
    let status = |key: &String| key.starts_with("eval.") && key.ends_with(".*.status");
    probe.outline.keys.iter().any(status).then_some(Part::Samples)
}

fn index(input: &mut Input<'_>) -> Result<Value> {
    let totals = input.document(&["failed_tasks"])?;
    let mut kept = pruned(&totals, &["model", "split", "subset", "calibrated", "gt_pass_rate"]);
    if let Value::Object(kept) = &mut kept {
        let passes = totals.entries().iter().filter(|(key, _)| key.starts_with("pass@"));
        kept.push(("pass_at_k".into(), Value::Object(passes.cloned().collect())));
    }
    Ok(kept)
}

fn read(mut input: Input<'_>, index: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let file = path.file_name();
    let stem = file.strip_suffix("eval_results.json").unwrap_or_default();
    let totals = companion(index, &path, &format!("{stem}pass_at_k.json"));
    let (run, totals) = (run_of(file, &path, totals)?, totals.unwrap_or(&Value::Null));
    let run = sink.run(run);
    let series = sink.series(run, &MetricName::new("pass", None));
    let (mut passes, mut whole, mut timeouts) = (Passes::default(), true, (0, 0));
    let plan = Plan { items: &["eval"], skip: SKIP };
    let rest = input.items(&plan, &mut |entry| {
        let id = entry.key.unwrap_or_default();
        let keys = (run, series);
        let counts = problem(path.as_str(), &id, &entry.value, keys, sink)?;
        whole &= counts.whole;
        passes.add(counts.answers, counts.right);
        timeouts = (timeouts.0 + counts.timeouts, timeouts.1 + counts.answers);
        Ok(())
    })?;
    let at = || At::whole(path.as_str());
    sink.run_mut(run).time = DATE.text_of(&rest, at)?;
    if whole {
        passes.verify(totals.get("pass_at_k").unwrap_or(&Value::Null), series, sink, at)?;
    }
    if timeouts.0 > 0 && timeouts.0 == timeouts.1 {
        sink.note(
            "every solution timed out: the environment was broken, not the model; evaluate again",
        );
    }
    if let Some(rate) = REFERENCE.number_of(totals, at)?.filter(|rate| *rate < SOUND_ENVIRONMENT) {
        sink.note(format!(
            "only {:.0} % of the reference solutions pass: the environment is broken, and the scores \
             are too low; evaluate again",
            100.0 * rate
        ));
    }
    Ok(())
}

/// The run: from the totals, else from the file's name.
fn run_of(file: &str, path: &crate::source::LogPath, totals: Option<&Value>) -> Result<Run> {
    let at = || At::whole(path.as_str());
    let named = names::bigcodebench(file).unwrap_or_default();
    let totals = totals.unwrap_or(&Value::Null);
    let of = |field: Field| field.text_of(totals, at);
    let (model, model_source) = match of(MODEL)? {
        Some(model) => (model, "model".to_owned()),
        None => model_by_name(&named.model, path).ok_or_else(|| {
            Error::refused(
                at(),
                "no model: put the …_pass_at_k.json beside it, which names the model",
            )
        })?,
    };
    let task = match (of(SPLIT)?, of(SUBSET)?.as_deref()) {
        (Some(split), None | Some("full")) => Some(format!("bigcodebench-{split}")),
        (Some(split), Some(subset)) => Some(format!("bigcodebench-{subset}-{split}")),
        (None, _) => named.task,
    };
    // Calibration puts the function's head before each solution: other programs are judged.
    let calibrated = CALIBRATED.of(totals, at)?.and_then(Value::bool);
    let calibrated = calibrated.unwrap_or_else(|| file.contains("_calibrated_"));
    Ok(Run {
        model,
        model_source,
        task: task.unwrap_or_else(|| "bigcodebench".to_owned()),
        ids: IdKind::Native,
        prompt: (!calibrated).then(|| "not calibrated".to_owned()),
        decoding: Decoding { temperature: named.temperature, ..Decoding::default() },
        ..Run::default()
    })
}

struct Counts {
    answers: u64,
    right: u64,
    timeouts: u64,
    whole: bool,
}

fn problem(
    file: &str,
    id: &str,
    value: &Value,
    (run, series): (RunKey, SeriesKey),
    sink: &mut Sink<'_>,
) -> Result<Counts> {
    let at = || At::item(file, id);
    let mut counts = Counts { answers: 0, right: 0, timeouts: 0, whole: true };
    let Some(solutions) = value.list().filter(|_| !id.is_empty()) else {
        counts.whole = false;
        sink.problem(Error::field(at(), "eval", &value.described(), "solutions by problem"))?;
        return Ok(counts);
    };
    let sample = sink.sample(run, id);
    for (repeat, solution) in solutions.iter().enumerate() {
        let passed = match STATUS.text_of(solution, at).map(Option::unwrap_or_default) {
            Ok(status) if status == "pass" => true,
            Ok(status) if status == "fail" => false,
            Ok(status) if status == "timeout" => {
                counts.timeouts += 1;
                false
            }
            other => {
                let error = other.err().unwrap_or_else(|| {
                    let found = solution.get("status").map(Value::described).unwrap_or_default();
                    Error::field(at(), "status", &found, "pass, fail or timeout")
                });
                sink.problem(error)?;
                counts.whole = false;
                continue;
            }
        };
        let score = Score::Trial(f64::from(u8::from(passed)));
        sink.score(series, sample, u32::try_from(repeat).ok(), score, at)?;
        counts.answers += 1;
        counts.right += u64::from(passed);
    }
    Ok(counts)
}
