//! What every importer produces: runs, the series of scores in them, and the harness's own totals.

use serde::{Deserialize, Serialize};

/// One pass of one model over one task, as one log has it.
///
/// Everything here is text from the log, unmapped: `models.toml` gives the models their names later.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The format's name, e.g. `lm-eval`.
    pub format: String,
    /// The model as the log names it; never empty.
    pub model: String,
    /// What the name was taken from, e.g. `config.model_args.pretrained` or `file name`.
    pub model_source: String,
    /// Parameters, where the log says.
    pub params: Option<f64>,
    /// The task as the log names it; never empty.
    pub task: String,
    /// The task's version.
    pub version: Option<String>,
    /// In-context examples. Tasks that differ in it are different tasks.
    pub n_shot: Option<u32>,
    /// The split, where a log mixes several.
    pub split: Option<String>,
    /// What else makes the prompts different: a template's or system prompt's hash, task arguments.
    /// Runs that differ in it are different tasks.
    pub prompt: Option<String>,
    /// How samples are identified.
    pub ids: IdKind,
    /// Identifies the pass over the data among others of the same model and task.
    pub run_id: Option<String>,
    /// Runs with the same value are attempts at one run: the newest that finished counts.
    pub attempt_of: Option<String>,
    /// Stopped before its end, as the log itself says.
    pub unfinished: bool,
    /// When it ran: ISO 8601 or Unix seconds, as logged; only compared within one format.
    pub time: Option<String>,
    /// How answers were drawn.
    pub decoding: Decoding,
    /// Equal where samples and prompts are proved the same (lm-eval's `task_hashes`).
    pub data_hash: Option<String>,
    /// Metrics in the order in which the harness would call them the headline; empty: the order of
    /// [`Sink::series`](crate::Sink::series) calls.
    pub headline: Vec<MetricName>,
    /// Metrics that stand for the task only if the user names them: of which less is better, or that take
    /// the best of several answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unfit: Vec<MetricName>,
}

/// How answers were drawn. `None`: not logged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decoding {
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Whether answers are sampled at all.
    pub do_sample: Option<bool>,
    /// Random seed.
    pub seed: Option<String>,
}

impl Decoding {
    /// Whether a second pass can give other answers; `None`: the log does not say.
    pub fn stochastic(&self) -> Option<bool> {
        match (self.do_sample, self.temperature) {
            (Some(false), _) => Some(false),
            (_, Some(temperature)) => Some(temperature > 0.0),
            (Some(true), None) => Some(true),
            (None, None) => None,
        }
    }
}

/// How samples are identified: the better, the lower.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum IdKind {
    /// Hash of the sample's content.
    Hash,
    /// The data set's own id.
    Native,
    /// Position in the data set: the same sample only if the same data were read in the same order.
    #[default]
    Index,
}

/// A metric, and the filter, scorer or reducer it was taken after.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MetricName {
    /// As logged, e.g. `exact_match`.
    pub metric: String,
    /// As logged, e.g. `strict-match`; `None` where the harness has none, or only its default.
    pub filter: Option<String>,
}

impl MetricName {
    /// A metric with its filter, if any.
    pub fn new(metric: impl Into<String>, filter: Option<&str>) -> Self {
        Self { metric: metric.into(), filter: filter.map(str::to_owned) }
    }
}

impl std::fmt::Display for MetricName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.filter {
            Some(filter) => write!(f, "{},{filter}", self.metric),
            None => f.write_str(&self.metric),
        }
    }
}

/// What a sample scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Score {
    /// One repeat: 0 or 1, or anything between where credit is partial. Any finite value is taken, so
    /// that perplexities can be verified; a series outside `[0, 1]` is never a headline.
    Trial(f64),
    /// Several repeats of which only the count of right ones is known; `correct` in `0..=trials`.
    Trials {
        /// At least 1.
        trials: u32,
        /// May be a sum of partial credits.
        correct: f64,
    },
    /// A mean over an unknown number of repeats.
    Measured(f64),
    /// The harness failed on it. Missing, not zero.
    Error,
    /// Answered but not scored (NaN, null, predict-only). Missing, not zero.
    Unscored,
}

/// The harness's own total of a series, in the units of its scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Mean over samples of the mean over a sample's repeats.
    pub mean: f64,
    /// Samples it averages, where logged.
    pub samples: Option<u64>,
    /// How far it may be from ours: 1e-9 unless the harness rounds.
    pub tolerance: f64,
}

impl Expected {
    /// A mean that the harness did not round.
    pub fn mean(mean: f64) -> Self {
        Self { mean, samples: None, tolerance: 1e-9 }
    }
}
