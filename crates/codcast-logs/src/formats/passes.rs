//! Right answers of several per problem, and the harness's pass@k of all problems.

use crate::error::{At, Result};
use crate::json::Value;
use crate::passk::pass_at_k;
use crate::record::Expected;
use crate::sink::{SeriesKey, Sink};

/// Counts of the problems of one run and metric, `(answers, right ones)`.
#[derive(Debug, Default)]
pub(super) struct Passes {
    counts: Vec<(u64, u64)>,
}

impl Passes {
    /// One problem.
    pub(super) fn add(&mut self, answers: u64, right: u64) {
        if answers > 0 {
            self.counts.push((answers, right));
        }
    }

    /// Holds the harness's totals, an object of `pass@k`, against the counts: `pass@1` is the mean that
    /// the run is verified by, the others are checked here.
    pub(super) fn verify(
        &self,
        totals: &Value,
        series: SeriesKey,
        sink: &mut Sink<'_>,
        at: impl Fn() -> At,
    ) -> Result<()> {
        for (name, total) in totals.entries() {
            let k = name.strip_prefix("pass@").and_then(|k| k.parse().ok());
            let (Some(k), Some(total)) = (k, total.number()) else { continue };
            if k == 1 {
                sink.expect(series, Expected::mean(total));
            } else if k > 1 && !self.counts.is_empty() && self.counts.iter().all(|(n, _)| k <= *n) {
                let sum: f64 = self.counts.iter().map(|(n, c)| pass_at_k(*n, *c, k)).sum();
                sink.check(sum / self.counts.len() as f64, total, name, &at)?;
            }
        }
        Ok(())
    }
}
