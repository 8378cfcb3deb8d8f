//! EvalPlus: `…_eval_results.json`, HumanEval+ and MBPP+ of three eras.
//!
//! Of a problem the file holds all solutions: repeats, in the order in which they were finished. Two
//! metrics: `base`, the original tests, and `plus`, for which a solution must pass both the original
//! and the added ones.

use super::companion::model_by_name;
use super::names;
use super::passes::Passes;
use super::{Format, Index, Part, Probe, no_index};
use crate::error::{At, Error, Result};
use crate::json::{Field, Kind, Plan, Value};
use crate::record::{Decoding, IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, SeriesKey, Sink};
use crate::source::Input;

pub(super) const FORMAT: Format = Format { name: "evalplus", recognise, index: no_index, read };

const SKIP: &[&str] = &["solution", "base_fail_tests", "plus_fail_tests"];

// Of a solution (0.2.1 and later).
const BASE: Field = Field::required(&["base_status"], Kind::Text);
const PLUS: Field = Field::optional(&["plus_status"], Kind::Text);
// Of a problem (0.2.0 and before).
const OLD_COUNT: Field = Field::required(&["nfiles"], Kind::Count);
const OLD_BASE: Field = Field::required(&["base"], Kind::List);
const OLD_PLUS: Field = Field::optional(&["plus"], Kind::List);
// Of the file.
const DATE: Field = Field::optional(&["date"], Kind::Text);
const HASH: Field = Field::optional(&["hash"], Kind::Text);

/// What a status means. A timeout is a failure, as EvalPlus counts it.
const VERDICTS: &[(&str, bool)] = &[
    ("pass", true),
    ("fail", false),
    ("timeout", false),
    // 0.2.0 and before.
    ("success", true),
    ("failed", false),
    ("timed out", false),
];

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    let keys = &probe.outline.keys;
    let of_problem = |key: &&String| key.starts_with("eval.");
    if keys
        .iter()
        .filter(of_problem)
        .any(|key| key.ends_with(".*.base_status") || key.ends_with(".nfiles"))
    {
        return Some(Part::Samples);
    }
    let solutions = probe.outline.has(&["task_id"])
        && (probe.outline.has(&["solution"]) || probe.outline.has(&["completion"]))
        && !probe.outline.has(&["passed"]);
    solutions.then_some(Part::Known("solutions without verdicts; the file of results has those"))
}

/// A run and its two metrics.
struct Task {
    name: String,
    run: RunKey,
    base: SeriesKey,
    plus: SeriesKey,
    passes: [Passes; 2],
}

fn read(mut input: Input<'_>, _: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let named = names::evalplus(path.file_name()).unwrap_or_default();
    let Some((model, model_source)) = model_by_name(&named.model, &path) else {
        return Err(Error::refused(At::whole(path.as_str()), NAMELESS));
    };
    let new_run = |task: &str| Run {
        model: model.clone(),
        model_source: model_source.clone(),
        task: task.to_owned(),
        ids: IdKind::Native,
        decoding: Decoding { temperature: named.temperature, ..Decoding::default() },
        headline: ["plus", "base"].map(|metric| MetricName::new(metric, None)).into(),
        ..Run::default()
    };
    let mut tasks: Vec<Task> = Vec::new();
    let mut whole = true;
    let plan = Plan { items: &["eval"], skip: SKIP };
    let rest = input.items(&plan, &mut |entry| {
        let id = entry.key.unwrap_or_default();
        let name = id.split_once('/').map_or(&*id, |(name, _)| name);
        let known = tasks.iter().position(|task| task.name == name);
        let task = known.unwrap_or_else(|| {
            let run = sink.run(new_run(name));
            let [base, plus] =
                ["base", "plus"].map(|m| sink.series(run, &MetricName::new(m, None)));
            tasks.push(Task { name: name.to_owned(), run, base, plus, passes: Default::default() });
            tasks.len() - 1
        });
        whole &= problem(path.as_str(), &id, &entry.value, &mut tasks[task], sink)?;
        Ok(())
    })?;
    let at = || At::whole(path.as_str());
    for task in &tasks {
        let run = sink.run_mut(task.run);
        run.time = DATE.text_of(&rest, at)?;
        run.version = HASH.text_of(&rest, at)?;
        // The totals are those of the file.
        if whole && tasks.len() == 1 {
            for (i, metric) in ["base", "plus"].into_iter().enumerate() {
                let totals = rest.at(&["pass_at_k", metric]).unwrap_or(&Value::Null);
                let series = if i == 0 { task.base } else { task.plus };
                task.passes[i].verify(totals, series, sink, at)?;
            }
        }
    }
    Ok(())
}

const NAMELESS: &str = "EvalPlus writes the model into the file's name only, and this one has none; \
                        call it MODEL_temp_T.eval_results.json";

/// All solutions of one problem. False where some could not be read.
fn problem(
    file: &str,
    id: &str,
    value: &Value,
    task: &mut Task,
    sink: &mut Sink<'_>,
) -> Result<bool> {
    let at = || At::item(file, id);
    if id.is_empty() {
        let error = Error::field(at(), "eval", &value.described(), "problems by their ids");
        return sink.problem(error).map(|()| false);
    }
    let statuses = match value.list() {
        Some(solutions) => Ok(solutions.iter().map(|s| statuses_of(s, at)).collect()),
        None => old_statuses(value, at),
    };
    let statuses: Vec<Result<Statuses>> = match statuses {
        Ok(statuses) => statuses,
        Err(error) => return sink.problem(error).map(|()| false),
    };
    let sample = sink.sample(task.run, id);
    let (mut whole, mut right) = (true, [(0, 0); 2]);
    for (repeat, statuses) in statuses.into_iter().enumerate() {
        let statuses = match statuses {
            Ok(statuses) => statuses,
            Err(error) => {
                sink.problem(error)?;
                whole = false;
                continue;
            }
        };
        let repeat = u32::try_from(repeat).ok();
        let verdicts = [Some(statuses.base), statuses.plus.map(|plus| plus && statuses.base)];
        for (i, verdict) in verdicts.into_iter().enumerate() {
            let Some(verdict) = verdict else { continue };
            let series = if i == 0 { task.base } else { task.plus };
            let score = Score::Trial(f64::from(u8::from(verdict)));
            sink.score(series, sample, repeat, score, at)?;
            right[i].0 += 1;
            right[i].1 += u64::from(verdict);
        }
    }
    for (passes, (answers, right)) in task.passes.iter_mut().zip(right) {
        passes.add(answers, right);
    }
    Ok(whole)
}

/// Whether a solution passed the original tests, and the added ones where those were run.
struct Statuses {
    base: bool,
    plus: Option<bool>,
}

fn statuses_of(solution: &Value, at: impl Fn() -> At) -> Result<Statuses> {
    let of = |field: Field| match field.of(solution, &at)? {
        Some(status) => verdict(status, field.path[0], &at).map(Some),
        None => Ok(None),
    };
    let base = of(BASE)?.unwrap_or_default();
    Ok(Statuses { base, plus: of(PLUS)? })
}

/// Solutions as 0.2.0 wrote them: `[status, details]` in one list for each set of tests.
fn old_statuses(value: &Value, at: impl Fn() -> At) -> Result<Vec<Result<Statuses>>> {
    let count = OLD_COUNT.of(value, &at)?.and_then(Value::count).unwrap_or_default();
    let base = OLD_BASE.of(value, &at)?.and_then(Value::list).unwrap_or_default();
    let plus = OLD_PLUS.of(value, &at)?.and_then(Value::list).unwrap_or_default();
    let length_is = |list: &[Value]| list.len() as u64 == count;
    if !length_is(base) || !(plus.is_empty() || length_is(plus)) {
        let found = format!("{count}, with {} and {} statuses", base.len(), plus.len());
        return Err(Error::field(at(), "nfiles", &found, "the number of solutions"));
    }
    let status = |pair: &Value, field: &str| {
        verdict(pair.list().and_then(<[_]>::first).unwrap_or(pair), field, &at)
    };
    let solution = |i: usize| {
        let plus = plus.get(i).map(|pair| status(pair, "plus")).transpose()?;
        Ok(Statuses { base: status(&base[i], "base")?, plus })
    };
    Ok((0..base.len()).map(solution).collect())
}

fn verdict(status: &Value, field: &str, at: impl Fn() -> At) -> Result<bool> {
    let known = status.text().and_then(|text| VERDICTS.iter().find(|(name, _)| *name == text));
    known
        .map(|(_, passed)| *passed)
        .ok_or_else(|| Error::field(at(), field, &status.described(), "pass, fail or timeout"))
}
