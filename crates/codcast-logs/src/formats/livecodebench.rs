//! LiveCodeBench: `<model>/Scenario.<scenario>_<n>_<t>_eval_all.json`, an array of problems, each with
//! the verdicts on its solutions in `graded_list`. `…_eval.json` beside it has the totals.

use super::companion::companion;
use super::names;
use super::passes::Passes;
use super::{Format, Index, Part, Probe};
use crate::error::{At, Error, Result, shown};
use crate::json::{Field, Kind, Plan, Root, Value, loose_number};
use crate::record::{Decoding, IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, SeriesKey, Sink};
use crate::source::Input;

pub(super) const FORMAT: Format = Format { name: "livecodebench", recognise, index, read };

const SKIP: &[&str] = &[
    "question_title",
    "question_content",
    "starter_code",
    "output_list",
    "code_list",
    "metadata",
    "detail",
];

const ID: Field = Field::required(&["question_id"], Kind::Id);
/// Test-output prediction asks several things of one problem.
const TEST_ID: Field = Field::optional(&["test_id"], Kind::Id);
const GRADED: Field = Field::required(&["graded_list"], Kind::List);
const PASS: Field = Field::optional(&["pass@1"], Kind::Number);
const DATE: Field = Field::optional(&["contest_date"], Kind::Text);

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    if probe.outline.root != Root::Array {
        return None;
    }
    let has = |keys: &[&str]| probe.outline.has(keys);
    if has(&["question_id", "graded_list"]) {
        Some(Part::Samples)
    } else if has(&["pass@1", "detail"]) && probe.path.file_name().ends_with("_eval.json") {
        Some(Part::Index)
    } else if has(&["question_id", "code_list"]) {
        Some(Part::Known("solutions without verdicts; the …_eval_all.json has those"))
    } else {
        None
    }
}

/// The first item of `[totals, verdicts by position, metadata]`.
fn index(input: &mut Input<'_>) -> Result<Value> {
    let mut totals = Value::Null;
    input.items(&Plan { items: &[], skip: SKIP }, &mut |entry| {
        if entry.index == 0 {
            totals = entry.value;
        }
        Ok(())
    })?;
    Ok(totals)
}

fn read(mut input: Input<'_>, index: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let at = || At::whole(path.as_str());
    let file = path.file_name();
    let named = names::livecodebench(file, path.folder_name(1)).unwrap_or_default();
    if named.model.is_empty() {
        let message = "LiveCodeBench names the model by the folder of this file only, and there is \
                       none; put it into a folder of the model's name, as \
                       MODEL/Scenario.codegeneration_N_T_eval_all.json";
        return Err(Error::refused(at(), message));
    }
    let run = sink.run(Run {
        model: named.model,
        model_source: "folder name".to_owned(),
        task: named.task.unwrap_or_else(|| "livecodebench".to_owned()),
        ids: IdKind::Native,
        decoding: Decoding { temperature: named.temperature, ..Decoding::default() },
        ..Run::default()
    });
    let series = sink.series(run, &MetricName::new("pass@1", None));
    let (mut passes, mut whole) = (Passes::default(), true);
    let mut dates: Option<(String, String)> = None;
    input.items(&Plan { items: &[], skip: SKIP }, &mut |entry| {
        let at = || At::row(path.as_str(), entry.index + 1);
        match problem(&entry.value, (run, series), sink, at)? {
            Some((answers, right)) => passes.add(answers, right),
            None => whole = false,
        }
        if let Some(date) = entry.value.get("contest_date").and_then(Value::text) {
            // ISO 8601: the order of texts is that of dates.
            let (from, to) = dates.get_or_insert_with(|| (date.to_owned(), date.to_owned()));
            if date < from.as_str() {
                date.clone_into(from);
            } else if date > to.as_str() {
                date.clone_into(to);
            }
        }
        Ok(())
    })?;
    let totals = file.strip_suffix("_eval_all.json").map(|stem| format!("{stem}_eval.json"));
    if let Some(totals) = totals.and_then(|name| companion(index, &path, &name))
        && whole
    {
        passes.verify(totals, series, sink, at)?;
    }
    if let Some((from, to)) = dates {
        let day = |date: &str| shown(date.get(..10).unwrap_or(date), 40);
        sink.note(format!(
            "contests from {} to {}: models are compared on the problems that all of them answered",
            day(&from),
            day(&to)
        ));
    }
    Ok(())
}

/// One problem: its solutions and how many of them are right. `None` where it could not be read.
fn problem(
    record: &Value,
    (run, series): (RunKey, SeriesKey),
    sink: &mut Sink<'_>,
    at: impl Fn() -> At,
) -> Result<Option<(u64, u64)>> {
    let fields = || {
        DATE.of(record, &at)?;
        let id = ID.text_of(record, &at)?.unwrap_or_default();
        let id = match TEST_ID.text_of(record, &at)? {
            Some(test) => format!("{id}/{test}"),
            None => id,
        };
        let graded = GRADED.of(record, &at)?.and_then(Value::list).unwrap_or_default();
        let verdicts: Option<Vec<f64>> = graded.iter().map(loose_number).collect();
        let all_binary =
            verdicts.filter(|all| !all.is_empty() && all.iter().all(|v| *v == 0.0 || *v == 1.0));
        let verdicts = all_binary.ok_or_else(|| {
            Error::field(
                at(),
                "graded_list",
                "an empty list, or one of other things",
                "a list of true and false",
            )
        })?;
        Ok((id, verdicts, PASS.number_of(record, &at)?))
    };
    let (id, verdicts, pass) = match fields() {
        Ok(fields) => fields,
        Err(error) => return sink.problem(error).map(|()| None),
    };
    let (answers, right) = (verdicts.len() as u64, verdicts.iter().sum::<f64>());
    if let Some(pass) = pass {
        sink.check(right / answers as f64, pass, "pass@1 of a problem", &at)?;
    }
    let sample = sink.sample(run, id);
    for (repeat, verdict) in verdicts.into_iter().enumerate() {
        sink.score(series, sample, u32::try_from(repeat).ok(), Score::Trial(verdict), &at)?;
    }
    Ok(Some((answers, right as u64)))
}
