//! A study: models, tasks, and what each model scored on each sample.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::units::Flops;

/// The part a model plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A rung: a small model the forecast is made from.
    Ladder,
    /// A model to forecast. Its scores, if any, are used to judge the forecast afterwards only.
    Target,
    /// A finished model of any family, evaluated on the same samples.
    Anchor,
    /// Present in the data, not used.
    Ignore,
}

/// Where a model's compute comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComputeSource {
    /// Stated in the study.
    Given,
    /// Compute per token times tokens.
    PerToken,
    /// 6 x parameters x tokens (Kaplan et al. 2020, arXiv 2001.08361, section 2.1).
    SixNd,
    /// 6 x active parameters x tokens, for sparse models: parameters that a token does not meet cost
    /// nothing.
    SixActive,
}

/// A model's training compute and how it is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Compute {
    /// FLOPs.
    pub flops: Flops,
    /// How they are known.
    pub source: ComputeSource,
}

/// One model of a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Unique in the study.
    pub name: String,
    /// Models of a family share data and recipe.
    pub family: Option<String>,
    /// Its part.
    pub role: Role,
    /// Parameters.
    pub params: Option<f64>,
    /// Training tokens.
    pub tokens: Option<f64>,
    /// Training compute, if known.
    pub compute: Option<Compute>,
    /// The checkpoint that stands for the model; `None`: the last one.
    pub checkpoint: Option<i64>,
    /// Final training or validation loss, nats per token.
    pub loss: Option<f64>,
}

impl Model {
    /// The model's compute, or an error that says how to give it.
    pub fn flops(&self) -> Result<Flops> {
        match self.compute {
            Some(compute) => Ok(compute.flops),
            None => Err(Error::NoCompute { model: self.name.clone() }),
        }
    }
}

/// What one model scored on one sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// Never answered. Not a zero.
    Missing,
    /// Counted generations.
    Counted {
        /// How many were scored, at least 1.
        trials: u32,
        /// How many were right, in `0..=trials`; a fraction where credit is partial.
        correct: f64,
    },
    /// A score in `[0, 1]` measured without counted trials.
    Measured(f64),
}

impl Outcome {
    /// The pass rate in `[0, 1]`, if answered.
    pub fn rate(self) -> Option<f64> {
        match self {
            Self::Missing => None,
            Self::Counted { trials, correct } => Some(correct / f64::from(trials)),
            Self::Measured(score) => Some(score),
        }
    }

    /// Counted trials; `None` where the score is measured or missing.
    pub fn trials(self) -> Option<u32> {
        match self {
            Self::Counted { trials, .. } => Some(trials),
            Self::Missing | Self::Measured(_) => None,
        }
    }
}

/// A task's score without its samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aggregate {
    /// The mean score.
    pub outcome: Outcome,
    /// Loss on the right answers.
    pub task_loss: Option<f64>,
}

/// The results of one model at one checkpoint on one task.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Index into [`Study::models`].
    pub model: usize,
    /// The checkpoint, where the data have several.
    pub checkpoint: Option<i64>,
    /// `[sample]`, in the order of [`TaskEvals::samples`].
    pub outcomes: Vec<Outcome>,
    /// `[sample]` loss on the right answer, where the data have it.
    pub task_loss: Option<Vec<Option<f64>>>,
    /// The row without a sample, where the data have it.
    pub aggregate: Option<Aggregate>,
}

/// All results on one task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskEvals {
    /// Unique in the study.
    pub name: String,
    /// Score of guessing, in `[0, 1)`, if known.
    pub chance: Option<f64>,
    /// For aggregates: how many samples the score averages.
    pub n_samples: Option<u64>,
    /// Sample ids, sorted, unique. Empty where there are only aggregates.
    pub samples: Arc<[String]>,
    /// Sorted by model, then checkpoint; each pair once.
    pub runs: Vec<Run>,
}

/// A study folder's content.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// Its name.
    pub name: String,
    /// Unit of `task_loss`, as the study states it.
    pub task_loss_unit: Option<String>,
    /// All models, in the study's order.
    pub models: Vec<Model>,
    /// Tasks, sorted by name.
    pub tasks: Vec<TaskEvals>,
}

impl Study {
    /// Checks what the type cannot say: unique names.
    pub fn validate(self) -> Result<Self> {
        let unique = |kind, names: Vec<&str>| {
            let mut sorted = names;
            sorted.sort_unstable();
            match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                Some(pair) => Err(Error::Duplicate { kind, name: pair[0].to_owned() }),
                None => Ok(()),
            }
        };
        unique("model", self.models.iter().map(|m| m.name.as_str()).collect())?;
        unique("task", self.tasks.iter().map(|t| t.name.as_str()).collect())?;
        Ok(self)
    }

    /// The index of the model of that name.
    pub fn model(&self, name: &str) -> Result<usize> {
        find("model", name, self.models.iter().map(|model| model.name.as_str()))
    }

    /// The index of the task of that name.
    pub fn task(&self, name: &str) -> Result<usize> {
        find("task", name, self.tasks.iter().map(|task| task.name.as_str()))
    }

    /// Indices of the models of a role, in the study's order.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = usize> + '_ {
        self.models.iter().enumerate().filter(move |(_, m)| m.role == role).map(|(i, _)| i)
    }
}

/// Position of a name, or an error that lists what there is.
fn find<'a>(
    kind: &'static str,
    name: &str,
    mut known: impl Iterator<Item = &'a str> + Clone,
) -> Result<usize> {
    let all = known.clone();
    known.position(|known| known == name).ok_or_else(|| Error::Unknown {
        kind,
        name: name.to_owned(),
        known: all.collect::<Vec<_>>().join(", "),
    })
}
