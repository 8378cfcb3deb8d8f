//! Stanford HELM: a run's folder, with `per_instance_stats.json` for the scores, `run_spec.json` for
//! what was run and `stats.json` for the totals.
//!
//! A run mixes splits and, with data augmentation, perturbed copies of its instances; of both only the
//! main part is read.

use std::collections::BTreeMap;

use super::companion::{companion, pruned};
use super::helm_table::{is_score, main_of};
use super::{Format, Index, Part, Probe};
use crate::error::{At, Error, Result, shown};
use crate::json::{Field, Kind, Plan, Root, Value};
use crate::record::{Decoding, Expected, IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, Sink};
use crate::source::Input;

pub(super) const FORMAT: Format = Format { name: "helm", recognise, index, read };

// Of an instance.
const ID: Field = Field::required(&["instance_id"], Kind::Id);
const PERTURBATION: Field = Field::optional(&["perturbation"], Kind::Object);
const TRIAL: Field = Field::optional(&["train_trial_index"], Kind::Count);
const STATS: Field = Field::required(&["stats"], Kind::List);
// Of a statistic.
const NAME: Field = Field::required(&["name", "name"], Kind::Id);
const SPLIT: Field = Field::optional(&["name", "split"], Kind::Text);
const SUB_SPLIT: Field = Field::optional(&["name", "sub_split"], Kind::Text);
const PERTURBED: Field = Field::optional(&["name", "perturbation"], Kind::Object);
const COUNT: Field = Field::required(&["count"], Kind::Count);
const MEAN: Field = Field::optional(&["mean"], Kind::Number);
// Of the run.
const RUN_NAME: Field = Field::required(&["name"], Kind::Id);
const MODEL: Field = Field::required(&["adapter_spec", "model"], Kind::Id);
const TEMPERATURE: Field = Field::optional(&["adapter_spec", "temperature"], Kind::Number);
const SHOTS: Field = Field::optional(&["adapter_spec", "max_train_instances"], Kind::Count);
const SEED: Field = Field::optional(&["adapter_spec", "random"], Kind::Id);
const GROUPS: Field = Field::optional(&["groups"], Kind::List);

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    let has = |keys: &[&str]| probe.outline.has(keys);
    match probe.outline.root {
        Root::Array if has(&["instance_id", "train_trial_index", "stats"]) => Some(Part::Samples),
        Root::Array if has(&["name.name", "count", "sum_squared"]) => Some(Part::Index),
        Root::Object if has(&["adapter_spec", "scenario_spec"]) => Some(Part::Index),
        Root::Object if has(&["adapter_spec", "request_states"]) => {
            Some(Part::Known("prompts and answers, without scores"))
        }
        Root::Object if has(&["name", "description", "definition_path"]) => {
            Some(Part::Known("the scenario's description"))
        }
        _ => None,
    }
}

/// Of `run_spec.json` what identifies the run, of `stats.json` the means of scores.
fn index(input: &mut Input<'_>) -> Result<Value> {
    if !input.starts_with(b'[')? {
        let skip = ["instructions", "metric_specs", "stop_sequences", "scenario_spec"];
        return Ok(pruned(&input.document(&skip)?, &["name", "adapter_spec", "groups"]));
    }
    let mut means = Vec::new();
    input.items(&Plan { items: &[], skip: &[] }, &mut |entry| {
        let stat = entry.value;
        let name = stat.at(NAME.path).and_then(Value::text).unwrap_or_default();
        let whole = stat.at(PERTURBED.path).is_none() && stat.at(SUB_SPLIT.path).is_none();
        if whole && (is_score(name) || name == "num_instances") {
            means.push(pruned(&stat, &["name", "mean", "count"]));
        }
        Ok(())
    })?;
    Ok(Value::List(means))
}

fn read(mut input: Input<'_>, index: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let at = || At::whole(path.as_str());
    let Some(spec) = companion(index, &path, "run_spec.json") else {
        let message = "the run_spec.json that names model and task is not beside it; give the run's \
                       whole folder";
        return Err(Error::refused(at(), message));
    };
    let totals = companion(index, &path, "stats.json").and_then(Value::list).unwrap_or_default();
    let groups = GROUPS.of(spec, at)?.and_then(Value::list).unwrap_or_default();
    let main = groups.iter().filter_map(Value::text).find_map(main_of);
    let split = main_split(totals, main.map(|(_, split)| split));
    let run = sink.run(run_of(spec, &split, at)?);
    let mut instances =
        Instances { run, split, metrics: Vec::new(), perturbed: 0, others: BTreeMap::new() };
    input.items(&Plan { items: &[], skip: &[] }, &mut |entry| {
        let at = || At::row(path.as_str(), entry.index + 1);
        instances.add(&entry.value, sink, at).or_else(|error| sink.problem(error))
    })?;
    let Instances { split, metrics, perturbed, others, .. } = instances;
    let show_others = || {
        let shown = others.iter().map(|(split, n)| format!("{n} of {}", shown(split, 40)));
        shown.collect::<Vec<_>>().join(", ")
    };
    if metrics.is_empty() {
        let message = if others.is_empty() {
            "has no scores, only counts, costs and log-probabilities".to_owned()
        } else {
            format!("no instance of split {split:?} has scores; there are {}", show_others())
        };
        return Err(Error::refused(at(), message));
    }
    if perturbed > 0 {
        sink.note(format!("{perturbed} perturbed copies of instances left out"));
    }
    if !others.is_empty() {
        sink.note(format!(
            "split {:?} read; instances left out: {}",
            shown(&split, 40),
            show_others()
        ));
    }
    sink.run_mut(run).headline = headline(main.map(|(metric, _)| metric), &metrics);
    let any_of_several = metrics.iter().filter(|metric| metric.contains('@'));
    sink.run_mut(run).unfit = any_of_several.map(|m| MetricName::new(m, None)).collect();
    for stat in totals {
        let name = NAME.text_of(stat, at)?.unwrap_or_default();
        let of_split = SPLIT.text_of(stat, at)?.is_some_and(|of| of == split);
        if let (true, Some(mean)) = (of_split && metrics.contains(&name), MEAN.number_of(stat, at)?)
        {
            let series = sink.series(run, &MetricName::new(name, None));
            sink.expect(series, Expected::mean(mean));
        }
    }
    Ok(())
}

/// The split that HELM shows of this scenario if it is there, else `test`, else the first one.
fn main_split(totals: &[Value], main: Option<&str>) -> String {
    let splits: Vec<&str> =
        totals.iter().filter_map(|stat| stat.at(SPLIT.path).and_then(Value::text)).collect();
    let preferred = [main, Some("test")].into_iter().flatten();
    let there = preferred.clone().find(|split| splits.contains(split));
    there.or(splits.first().copied()).or(preferred.clone().next()).unwrap_or("test").to_owned()
}

fn run_of(spec: &Value, split: &str, at: impl Fn() -> At) -> Result<Run> {
    let name = RUN_NAME.text_of(spec, &at)?.unwrap_or_default();
    Ok(Run {
        model: MODEL.text_of(spec, &at)?.unwrap_or_default(),
        model_source: "run_spec.adapter_spec.model".to_owned(),
        task: task_of(&name),
        n_shot: SHOTS.of(spec, &at)?.and_then(Value::count).and_then(|n| n.try_into().ok()),
        split: Some(split.to_owned()),
        ids: IdKind::Native,
        decoding: Decoding {
            temperature: TEMPERATURE.number_of(spec, &at)?,
            seed: SEED.text_of(spec, &at)?,
            do_sample: None,
        },
        ..Run::default()
    })
}

/// `mmlu:subject=law,model=openai_gpt2` without the model.
fn task_of(run_name: &str) -> String {
    let Some((scenario, arguments)) = run_name.split_once(':') else { return run_name.to_owned() };
    let of_model = |a: &&str| a.starts_with("model=") || a.starts_with("model_deployment=");
    let others: Vec<&str> = arguments.split(',').filter(|a| !of_model(a)).collect();
    if others.is_empty() { scenario.to_owned() } else { format!("{scenario}:{}", others.join(",")) }
}

/// The scenario's main metric, the usual ones, the others; not those that any of several answers can
/// satisfy.
fn headline(main: Option<&'static str>, metrics: &[String]) -> Vec<MetricName> {
    const USUAL: [&str; 3] = ["exact_match", "quasi_exact_match", "f1_score"];
    let of_one_answer = metrics.iter().map(String::as_str).filter(|metric| !metric.contains('@'));
    let mut order: Vec<&str> = Vec::new();
    for metric in main.into_iter().chain(USUAL).chain(of_one_answer) {
        if !order.contains(&metric) && metrics.iter().any(|seen| seen == metric) {
            order.push(metric);
        }
    }
    order.into_iter().map(|metric| MetricName::new(metric, None)).collect()
}

struct Instances {
    run: RunKey,
    split: String,
    /// Scores that instances have, as they came.
    metrics: Vec<String>,
    perturbed: u64,
    /// Instances of other splits.
    others: BTreeMap<String, u64>,
}

impl Instances {
    fn add(&mut self, instance: &Value, sink: &mut Sink<'_>, at: impl Fn() -> At) -> Result<()> {
        let id = ID.text_of(instance, &at)?.unwrap_or_default();
        let stats = STATS.of(instance, &at)?.and_then(Value::list).unwrap_or_default();
        let trial = TRIAL.of(instance, &at)?.and_then(Value::count);
        let trial = trial.unwrap_or_default().try_into().ok();
        if PERTURBATION.of(instance, &at)?.is_some() {
            self.perturbed += 1;
            return Ok(());
        }
        let mut other = None;
        for stat in stats {
            let name = NAME.text_of(stat, &at)?.unwrap_or_default();
            let whole = PERTURBED.of(stat, &at)?.is_none() && SUB_SPLIT.of(stat, &at)?.is_none();
            if !whole || !is_score(&name) {
                continue;
            }
            let split = SPLIT.text_of(stat, &at)?.unwrap_or_default();
            if split != self.split {
                other = Some(split);
                continue;
            }
            let score =
                match (COUNT.of(stat, &at)?.and_then(Value::count), MEAN.number_of(stat, &at)?) {
                    (Some(1..), Some(mean)) => Score::Trial(mean),
                    _ => Score::Unscored,
                };
            let series = sink.series(self.run, &MetricName::new(&*name, None));
            let sample = sink.sample(self.run, id.as_str());
            sink.score(series, sample, trial, score, &at)?;
            if !self.metrics.contains(&name) {
                self.metrics.push(name);
            }
        }
        if let Some(split) = other {
            *self.others.entry(split).or_default() += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_no_part_of_the_task() {
        assert_eq!(task_of("mmlu:subject=law,model=openai_gpt2"), "mmlu:subject=law");
        assert_eq!(task_of("gsm:model=a,model_deployment=b"), "gsm");
        assert_eq!(task_of("gsm"), "gsm");
    }

    #[test]
    fn any_of_several_is_never_the_headline() {
        let seen = ["exact_match@5", "rouge_l", "exact_match"].map(str::to_owned);
        let names =
            |main| headline(main, &seen).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(None), ["exact_match", "rouge_l"]);
        assert_eq!(names(Some("rouge_l")), ["rouge_l", "exact_match"]);
        assert_eq!(names(Some("absent")), ["exact_match", "rouge_l"]);
    }
}
