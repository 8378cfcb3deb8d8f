//! What the results file says about a file of samples.

use crate::formats::Index;
use crate::json::{Field, Kind, Value, loose_number};
use crate::record::{Decoding, Expected, MetricName};
use crate::source::LogPath;

/// What is known of a task besides its rows.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// Name and what it was taken from.
    pub(super) model: Option<(String, &'static str)>,
    pub(super) params: Option<f64>,
    pub(super) task: String,
    pub(super) version: Option<String>,
    pub(super) n_shot: Option<u32>,
    pub(super) prompt: Option<String>,
    pub(super) data_hash: Option<String>,
    pub(super) time: Option<String>,
    pub(super) decoding: Decoding,
    /// Names in the order in which the rows of filters follow one another.
    pub(super) filters: Vec<String>,
    /// Metrics of the task's configuration, in order, with how they are averaged.
    pub(super) metrics: Vec<(String, Option<String>)>,
    /// Metrics of which less is better.
    pub(super) lower_is_better: Vec<String>,
    /// The harness's own means: metric, filter, mean.
    pub(super) means: Vec<(String, String, f64)>,
    pub(super) n_samples: Option<u64>,
    /// Whether there is a results file.
    pub(super) known: bool,
}

/// Where a results file has what. A test gives each row a value of its own.
const MODEL_NAME: Field = Field::optional(&["model_name"], Kind::Text);
const MODEL_ARGS: &[&str] = &["config", "model_args"];
const MODEL_KIND: Field = Field::optional(&["config", "model"], Kind::Text);
const PARAMS: Field = Field::optional(&["config", "model_num_parameters"], Kind::Number);
const SYSTEM: Field = Field::optional(&["system_instruction_sha"], Kind::Text);
const TEMPLATE: Field = Field::optional(&["chat_template_sha"], Kind::Text);
const DATE: Field = Field::optional(&["date"], Kind::Number);
const SEEDS: &[&str] = &["random_seed", "numpy_seed", "torch_seed"];

/// Names a model's weights in `model_args`, the first that is there: an adapter before its base.
const WEIGHTS: &[&str] = &["peft", "delta", "pretrained", "model", "path", "engine"];

/// Finds the results file of a file of samples, and reads what it says about the task.
pub(super) fn find(path: &LogPath, index: &Index) -> Context {
    let stem = path.stem();
    let results = || index.in_folder(super::NAME, path.folder());
    if let Some((task, date)) = stem.strip_prefix("samples_").and_then(|s| s.rsplit_once('_')) {
        // The exact date: a glob for mmlu also finds mmlu_pro.
        let of_date =
            |file: &LogPath| file.stem().rsplit_once('_').is_some_and(|(_, of)| of == date);
        return match results().find(|(file, _)| of_date(file)) {
            Some((_, value)) => of_results(value, task),
            None => Context { task: task.to_owned(), ..Context::default() },
        };
    }
    // Up to 0.4.2: results.json, and MODEL_ARGS_TASK.jsonl with the longest task that fits.
    let old = results().find(|(file, _)| file.stem() == "results");
    let tasks = old.map_or(&[][..], |(_, value)| value.get("results").map_or(&[], Value::entries));
    let ends = |task: &str| {
        stem == task || stem.strip_suffix(task).is_some_and(|rest| rest.ends_with('_'))
    };
    let task = tasks.iter().map(|(task, _)| &**task).filter(|t| ends(t)).max_by_key(|t| t.len());
    match (task, old) {
        (Some(task), Some((_, value))) => of_results(value, task),
        _ => Context { task: stem.to_owned(), ..Context::default() },
    }
}

fn of_results(results: &Value, task: &str) -> Context {
    let config = results.at(&["configs", task]);
    let in_config = |key: &str| config.and_then(|config| config.get(key));
    let of_task = |key: &str| results.at(&[key, task]);
    let mut context = Context {
        model: model(results),
        params: number(&PARAMS, results).filter(|n| *n > 0.0),
        task: task.to_owned(),
        version: of_task("versions").and_then(version),
        n_shot: of_task("n-shot")
            .or_else(|| in_config("num_fewshot"))
            .and_then(Value::count)
            .and_then(|n| u32::try_from(n).ok()),
        prompt: prompt(results),
        data_hash: of_task("task_hashes").and_then(Value::text).map(str::to_owned),
        time: number(&DATE, results).map(|date| format!("{date:.6}")),
        decoding: decoding(results, config),
        n_samples: results.at(&["n-samples", task, "effective"]).and_then(Value::count),
        known: true,
        ..Context::default()
    };
    for filter in in_config("filter_list").and_then(Value::list).unwrap_or_default() {
        context.filters.extend(filter.get("name").and_then(Value::text).map(str::to_owned));
    }
    for metric in in_config("metric_list").and_then(Value::list).unwrap_or_default() {
        let Some(name) = metric.get("metric").and_then(Value::text) else { continue };
        let aggregation = metric.get("aggregation").and_then(Value::text).map(str::to_owned);
        if metric.get("higher_is_better").and_then(Value::bool) == Some(false) {
            context.lower_is_better.push(name.to_owned());
        }
        context.metrics.push((name.to_owned(), aggregation));
    }
    for (metric, higher) in of_task("higher_is_better").map_or(&[][..], Value::entries) {
        if higher.bool() == Some(false) {
            context.lower_is_better.push(metric.to_string());
        }
    }
    for (key, value) in of_task("results").map_or(&[][..], Value::entries) {
        let Some((metric, filter)) = key.rsplit_once(',') else { continue };
        if let Some(mean) = value.number()
            && !metric.ends_with("_stderr")
        {
            context.means.push((metric.to_owned(), filter.to_owned(), mean));
        }
    }
    context
}

impl Context {
    /// What a series must average to, if the harness averages it plainly.
    pub(super) fn expected(&self, name: &MetricName) -> Option<Expected> {
        let filter = name.filter.as_deref().unwrap_or("none");
        let (.., mean) = self.means.iter().find(|(m, f, _)| *m == name.metric && f == filter)?;
        let mut listed = self.metrics.iter().filter(|(metric, _)| *metric == name.metric);
        // Perplexities and correlations are logged per sample, too, but are no means of that.
        let plain = match listed.next() {
            Some((_, Some(aggregation))) => aggregation == "mean",
            Some((_, None)) => false,
            None => true,
        };
        plain.then(|| Expected { samples: self.n_samples, ..Expected::mean(*mean) })
    }
}

fn number(field: &Field, results: &Value) -> Option<f64> {
    results.at(field.path).and_then(loose_number)
}

fn text(field: &Field, results: &Value) -> Option<String> {
    results.at(field.path).and_then(Value::text).filter(|t| !t.is_empty()).map(str::to_owned)
}

fn version(value: &Value) -> Option<String> {
    match value {
        Value::Number(_) | Value::Whole(_) => Some(value.described()),
        other => other.text().map(str::to_owned),
    }
}

/// The weights with their revision: checkpoints of one model are different models.
fn model(results: &Value) -> Option<(String, &'static str)> {
    let args = results.at(MODEL_ARGS);
    let weights = WEIGHTS.iter().find_map(|key| argument(args, key));
    let (name, source) = match (weights, text(&MODEL_NAME, results)) {
        (Some(name), _) => (name, "config.model_args"),
        (None, Some(name)) => (name, "model_name"),
        (None, None) => (text(&MODEL_KIND, results)?, "config.model"),
    };
    let revision = argument(args, "revision").filter(|revision| revision != "main");
    let subfolder = argument(args, "subfolder").filter(|subfolder| !subfolder.is_empty());
    let mut name = name;
    for part in [revision, subfolder].into_iter().flatten() {
        name = format!("{name}@{part}");
    }
    Some((name, source))
}

/// An argument of the model: of an object, or of `key=value,key=value` up to 0.4.9.2.
fn argument(args: Option<&Value>, key: &str) -> Option<String> {
    match args? {
        Value::Text(text) => text
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| name.trim() == key)
            .map(|(_, value)| value.trim().to_owned()),
        args => args.get(key).and_then(Value::id),
    }
    .filter(|value| !value.is_empty() && value != "None")
}

fn prompt(results: &Value) -> Option<String> {
    let short = |text: String| text.chars().take(12).collect::<String>();
    let parts = [("chat template", text(&TEMPLATE, results)), ("system", text(&SYSTEM, results))];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|(what, hash)| hash.map(|hash| format!("{what} {}", short(hash))))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn decoding(results: &Value, config: Option<&Value>) -> Decoding {
    let in_config = |key: &str| config.and_then(|config| config.get(key));
    let kind = in_config("output_type").and_then(Value::text);
    let seeds: Vec<String> =
        SEEDS.iter().filter_map(|key| results.at(&["config", key]).and_then(Value::id)).collect();
    let seed = argument(results.at(MODEL_ARGS), "seed");
    let seed = seed.or_else(|| (!seeds.is_empty()).then(|| seeds.join(",")));
    if kind.is_some_and(|kind| kind != "generate_until") {
        return Decoding { do_sample: Some(false), temperature: None, seed };
    }
    // The command line's over the task's, per key.
    let given = results.at(&["config", "gen_kwargs"]);
    let option = |key: &str| match given {
        Some(Value::Text(_)) => argument(given, key),
        _ => None,
    };
    let setting = |key: &str| {
        let from_object = given.and_then(|given| given.get(key));
        from_object.or_else(|| in_config("generation_kwargs").and_then(|kwargs| kwargs.get(key)))
    };
    let temperature = option("temperature")
        .and_then(|text| text.parse().ok())
        .or_else(|| setting("temperature").and_then(loose_number));
    let do_sample = match option("do_sample") {
        Some(text) => Some(matches!(&*text, "True" | "true")),
        None => setting("do_sample").and_then(Value::bool),
    };
    Decoding { temperature, do_sample, seed }
}
