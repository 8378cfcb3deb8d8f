//! What training and evaluating cost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::check;
use crate::error::Result;
use crate::passrate::TaskLadder;

/// Prices. The defaults count FLOPs.
///
/// For GPU-hours, `unit = "GPU-hours"` and for each kind of work how many useful FLOPs an hour yields:
/// peak times utilisation times 3600. Decoding reaches far less of the peak than training does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Costs {
    /// Name of the unit.
    pub unit: String,
    /// FLOPs of training that one unit pays for.
    pub training_flops_per_unit: f64,
    /// FLOPs of evaluation that one unit pays for.
    pub evaluation_flops_per_unit: f64,
    /// Tokens of a prompt, few-shot examples included; read once a sample.
    pub prompt_tokens: f64,
    /// Tokens of one answer.
    pub answer_tokens: f64,
    /// Lengths of single tasks, where they differ.
    pub tasks: BTreeMap<String, Lengths>,
}

/// One task's lengths; what is not given is as for all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lengths {
    /// Tokens of a prompt.
    pub prompt_tokens: Option<f64>,
    /// Tokens of one answer.
    pub answer_tokens: Option<f64>,
}

impl Default for Costs {
    fn default() -> Self {
        Self {
            unit: "FLOP".to_owned(),
            training_flops_per_unit: 1.0,
            evaluation_flops_per_unit: 1.0,
            prompt_tokens: 1000.0,
            answer_tokens: 300.0,
            tasks: BTreeMap::new(),
        }
    }
}

/// A price, in the unit of [`Costs`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Of training.
    pub training: f64,
    /// Of evaluation.
    pub evaluation: f64,
    /// Together.
    pub total: f64,
}

impl Costs {
    /// Checks the ranges.
    pub fn validate(&self) -> Result<()> {
        const POSITIVE: &str = "a positive number";
        let positive = f64::MIN_POSITIVE..=f64::MAX;
        let flops = self.training_flops_per_unit;
        check("costs.training_flops_per_unit", flops, positive.clone(), POSITIVE)?;
        let flops = self.evaluation_flops_per_unit;
        check("costs.evaluation_flops_per_unit", flops, positive, POSITIVE)?;
        let own = self.tasks.values().flat_map(|l| [l.prompt_tokens, l.answer_tokens]).flatten();
        for tokens in own.chain([self.prompt_tokens, self.answer_tokens]) {
            check("costs: tokens", tokens, 0.0..=f64::MAX, "a number of tokens, at least 0")?;
        }
        Ok(())
    }

    /// Of training with so many FLOPs and evaluating with so many.
    pub fn price(&self, training_flops: f64, evaluation_flops: f64) -> Cost {
        let training = training_flops / self.training_flops_per_unit;
        let evaluation = evaluation_flops / self.evaluation_flops_per_unit;
        Cost { training, evaluation, total: training + evaluation }
    }

    /// FLOPs of `answers` generations to each of `samples` samples by a model of `params` parameters.
    ///
    /// A forward pass costs 2 FLOPs a parameter and token (Kaplan et al. 2020, arXiv 2001.08361,
    /// section 2.1; attention over the context, which is small beside it, is left out). A prompt is
    /// read once and its state shared by the sample's generations.
    pub fn evaluation_flops(&self, task: &str, params: f64, samples: f64, answers: f64) -> f64 {
        let own = self.tasks.get(task);
        let prompt = own.and_then(|l| l.prompt_tokens).unwrap_or(self.prompt_tokens);
        let answer = own.and_then(|l| l.answer_tokens).unwrap_or(self.answer_tokens);
        2.0 * params * samples * (prompt + answers * answer)
    }
}

/// The ladder's shape: tokens per parameter, the median over rungs that tell; `None` where none does.
pub(super) fn tokens_per_param(task: &TaskLadder) -> Option<f64> {
    let ratios: Vec<f64> =
        task.rungs.iter().filter_map(|rung| Some(rung.tokens? / rung.params?)).collect();
    crate::stats::median(&ratios)
}

/// Parameters of a model of this compute and shape, from `C = 6 N D`.
pub(super) fn params_at(compute: f64, tokens_per_param: f64) -> f64 {
    (compute / 6.0 / tokens_per_param).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluation_is_two_flops_a_parameter_and_token() {
        let mut costs = Costs { prompt_tokens: 100.0, answer_tokens: 10.0, ..Costs::default() };
        assert_eq!(costs.evaluation_flops("a", 1e9, 50.0, 4.0), 2.0 * 1e9 * 50.0 * 140.0);
        let lengths = Lengths { prompt_tokens: None, answer_tokens: Some(1.0) };
        costs.tasks.insert("b".to_owned(), lengths);
        assert_eq!(costs.evaluation_flops("b", 1e9, 50.0, 4.0), 2.0 * 1e9 * 50.0 * 104.0);
    }

    #[test]
    fn a_price_is_in_its_unit() {
        let hours = Costs {
            training_flops_per_unit: 1e18,
            evaluation_flops_per_unit: 1e17,
            ..Costs::default()
        };
        let price = hours.price(5e18, 2e17);
        assert_eq!((price.training, price.evaluation, price.total), (5.0, 2.0, 7.0));
    }
}
