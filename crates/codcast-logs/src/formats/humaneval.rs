//! HumanEval: `<samples>_results.jsonl`, one row a solution. The rows of a problem are its repeats.

use super::companion::model_by_name;
use super::names;
use super::{Format, Index, Part, Probe, no_index};
use crate::error::{At, Error, Result};
use crate::json::{Field, Kind, Value, loose_number};
use crate::record::{IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, Sink};
use crate::source::Input;

pub(super) const FORMAT: Format = Format { name: "humaneval", recognise, index: no_index, read };

const SKIP: &[&str] = &["completion", "prompt", "canonical_solution", "test"];

const ID: Field = Field::required(&["task_id"], Kind::Id);
const PASSED: Field = Field::required(&["passed"], Kind::Score);

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    // A table of our own may have these columns too, but it also names the model.
    let rows = probe.outline.has(&["task_id", "passed"]) && !probe.outline.has(&["model"]);
    rows.then_some(Part::Samples)
}

fn read(mut input: Input<'_>, _: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let named = names::humaneval(path.file_name()).unwrap_or_default();
    let Some((model, model_source)) = model_by_name(&named.model, &path) else {
        return Err(Error::refused(
            At::whole(path.as_str()),
            "HumanEval writes no model, and neither the file's nor its folder's name has one; call it \
             MODEL_samples.jsonl_results.jsonl",
        ));
    };
    let mut runs: Vec<(String, RunKey)> = Vec::new();
    input.records(SKIP, &mut |at, record| {
        let fields = record.and_then(|record| {
            let id = ID.text_of(&record, || at.clone())?.unwrap_or_default();
            let passed = PASSED.of(&record, || at.clone())?.unwrap_or(&Value::Null);
            Ok((id, loose_number(passed)))
        });
        let (id, passed) = match fields {
            Ok(fields) => fields,
            Err(error) => return sink.problem(error),
        };
        let task = id.split_once('/').map_or("HumanEval", |(task, _)| task);
        let known = runs.iter().find(|(name, _)| name == task).map(|(_, run)| *run);
        let run = known.unwrap_or_else(|| {
            let run = sink.run(Run {
                model: model.clone(),
                model_source: model_source.clone(),
                task: task.to_owned(),
                ids: IdKind::Native,
                ..Run::default()
            });
            runs.push((task.to_owned(), run));
            run
        });
        let series = sink.series(run, &MetricName::new("passed", None));
        let sample = sink.sample(run, id);
        let score = passed.map_or(Score::Unscored, Score::Trial);
        sink.score(series, sample, None, score, || at.clone())
    })
}
