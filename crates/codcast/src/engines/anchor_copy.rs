//! Another family's score, copied.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::{Curve, Engine, EngineInfo, Fit, Refusal, per_task};
use crate::passrate::{Ladder, Target};
use crate::units::Flops;

/// "The target will score what a finished model of about its compute scores."
#[derive(Clone, Copy, Debug, Default)]
pub struct AnchorCopy;

/// An anchor counts from this share of the target's compute on: a much smaller one says less about
/// the target than the ladder itself.
const LEAST_SHARE: f64 = 0.5;

/// Compute and score of every anchor, in the order of their names.
struct Nearest(Vec<(Flops, f64)>);

impl Curve for Nearest {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        let distance = |(flops, _): &&(Flops, f64)| flops.times(at.compute).ln().abs();
        self.0
            .iter()
            .filter(|(flops, _)| flops.times(at.compute) >= LEAST_SHARE)
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
            .map(|&(_, score)| score)
            .ok_or(Diagnostic::NeedsAnchor)
    }
}

impl Engine for AnchorCopy {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "anchor-copy",
            summary: "the score of the anchor nearest in compute, of at least half the target's",
            source: "naive; on the paper's own table its mean error is 2.62 points",
            needs: "an anchor with known compute",
            min_rungs: 1,
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, |task| {
            let anchors: Vec<(Flops, f64)> =
                task.anchors.iter().filter_map(|a| Some((a.compute?, a.mean))).collect();
            if anchors.is_empty() {
                return Err(vec![Diagnostic::NeedsAnchor]);
            }
            Ok(Fit::new(Nearest(anchors)))
        })
    }
}
