//! The `power` law on bins of like difficulty.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::passrate::DoubleLog;
use crate::engines::points::{Axis, Points, answers, pooled_rates};
use crate::engines::power::AboveChance;
use crate::engines::{Curve, Engine, EngineInfo, Fit, Refusal, bounded, per_task};
use crate::passrate::{Ladder, Target, TaskLadder};
use crate::stats::mean;

/// Ten bins of equal size by mean pass rate over the ladder, the `power` law on each bin's mean, and
/// the mean of the bins weighted by size.
///
/// Source: GPT-4's technical report (arXiv 2303.08774, section 3.2) buckets problems by difficulty
/// and fits -E[log pass rate] = alpha C^-k in each. Differs from it in: equal sizes, difficulty from
/// this ladder, the logarithm of the bin's mean, chance taken off where known. A bin with fewer than
/// three rungs above chance keeps its mean over the ladder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bins;

const MIN_RUNGS: usize = 3;
const BINS: usize = 10;

struct WeightedBins {
    axis: Axis,
    /// `(weight, law)`; weights add up to 1.
    bins: Vec<(f64, BinLaw)>,
}

enum BinLaw {
    /// Intercept and slope of the double logarithm above `chance`.
    Line {
        line: (f64, f64),
        chance: f64,
    },
    Level(f64),
}

impl Curve for WeightedBins {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        let x = self.axis.place(at);
        let score = |law: &BinLaw| match *law {
            BinLaw::Level(level) => level,
            BinLaw::Line { line: (intercept, slope), chance } => {
                chance + (1.0 - chance) * (-(intercept + slope * x).exp()).exp()
            }
        };
        bounded(self.bins.iter().map(|(weight, law)| weight * score(law)).sum())
    }
}

impl Engine for Bins {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "bins",
            summary: "the power law on ten bins of equal size by difficulty",
            source: "after OpenAI 2023 (GPT-4), arXiv 2303.08774, section 3.2",
            needs: "3 rungs with samples",
            min_rungs: MIN_RUNGS,
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, fit)
    }
}

fn fit(task: &TaskLadder) -> Result<Fit, Refusal> {
    let points = Points::of(task, MIN_RUNGS)?;
    if !task.has_samples() {
        return Err(vec![Diagnostic::NeedsSamples]);
    }
    let answers = answers(task);
    let n = task.samples.len();
    let mut refusal = None;
    let mut bins = Vec::new();
    for samples in by_difficulty(task) {
        let rates = pooled_rates(task, answers.as_deref(), &samples);
        let law = match AboveChance::of(&rates, points.chance, MIN_RUNGS) {
            Err(reason) => {
                refusal = Some(reason);
                BinLaw::Level(mean(&task.rates.means_of(&samples)).unwrap_or(0.0))
            }
            Ok(above) => DoubleLog::line(&above.select(&points.axis.x), &above.above).map_or(
                BinLaw::Level(rates[rates.len() - 1]),
                |line| BinLaw::Line { line, chance: points.chance },
            ),
        };
        bins.push((samples.len() as f64 / n as f64, law));
    }
    match refusal {
        Some(reason) if bins.iter().all(|(_, law)| matches!(law, BinLaw::Level(_))) => Err(reason),
        _ => {
            let mut fit = Fit::new(WeightedBins { axis: points.axis, bins });
            fit.clusters = Some(n.min(BINS));
            Ok(fit)
        }
    }
}

/// Samples from hard to easy in at most ten parts whose sizes differ by one at most.
fn by_difficulty(task: &TaskLadder) -> Vec<Vec<usize>> {
    let ease: Vec<f64> = task.rates.iter().map(|rates| rates.iter().sum()).collect();
    let mut order: Vec<usize> = (0..ease.len()).collect();
    order.sort_by(|&i, &j| ease[i].total_cmp(&ease[j]).then(i.cmp(&j)));
    let bins = BINS.min(order.len());
    (0..bins)
        .map(|bin| order[bin * order.len() / bins..(bin + 1) * order.len() / bins].to_vec())
        .collect()
}
