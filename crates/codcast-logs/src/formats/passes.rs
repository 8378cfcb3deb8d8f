//! Right answers of several per problem, and the harness's pass@k of all problems.

use crate::error::{At, Result};
use crate::json::Value;
use crate::passk::{pass_at_k, right_answers_of};
use crate::record::{Expected, MetricName, Score};
use crate::sink::{RunKey, SampleKey, SeriesKey, Sink};

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

/// Counts derived from pass@k with k over 1, of a run. They become a metric only if they are certain
/// for every sample: pass@k is 1 for the k highest counts alike. To leave those samples out would leave
/// out the easiest, to take something between would invent answers that no total can verify.
#[derive(Debug)]
pub(super) struct Derived {
    counts: Vec<(SampleKey, u32, u64)>,
    certain: bool,
    /// Whether some sample has its share of right answers logged.
    logged: bool,
}

impl Derived {
    pub(super) fn new() -> Self {
        Self { counts: Vec::new(), certain: true, logged: false }
    }

    /// The share is logged, so that nothing need be derived: samples that lack it are damaged.
    pub(super) fn is_logged(&mut self) {
        self.logged = true;
    }

    /// One sample: how many answers it has, and its `(k, pass@k)`.
    pub(super) fn add(&mut self, sample: SampleKey, answers: Option<u64>, values: &[(u64, f64)]) {
        let count =
            answers.and_then(|n| Some((u32::try_from(n).ok()?, right_answers_of(n, values)?)));
        match count {
            Some((answers, right)) => self.counts.push((sample, answers, right)),
            None => self.certain = false,
        }
    }

    /// Adds them as a metric, where they are certain; says whether it did.
    pub(super) fn finish(
        self,
        run: RunKey,
        name: &MetricName,
        sink: &mut Sink<'_>,
        at: impl Fn() -> At,
    ) -> Result<bool> {
        if self.logged {
            return Ok(false);
        }
        if !self.certain {
            sink.note("pass@k of some samples fits several counts of right answers: taken as the score it is");
            return Ok(false);
        }
        let any = !self.counts.is_empty();
        for (sample, trials, right) in self.counts {
            let series = sink.series(run, name);
            let score = Score::Trials { trials, correct: right as f64 };
            sink.score(series, sample, Some(0), score, &at)?;
        }
        Ok(any)
    }
}
