//! Engines: ladder in, curve with diagnostics out.
//!
//! One file an engine. The rule for anchors is the same for all: an engine is offered every anchor
//! that answered the ladder's samples ([`TaskLadder::anchors`]) and no other; what it makes of them
//! is part of its method. Of the baselines only `anchor-copy` uses them: the other published laws
//! relate score to compute within one family and have no place for another family's model.

mod anchor_copy;
mod bins;
mod bnsl;
mod bridge;
pub mod cod;
mod exp;
#[cfg(test)]
mod golden;
mod inside;
mod last;
mod loss;
mod loss_law;
mod median;
mod passrate;
mod per_item;
mod points;
mod power;
mod power_nd;
mod registry;
mod two_step;

pub use anchor_copy::AnchorCopy;
pub use bins::Bins;
pub use bnsl::Bnsl;
pub use bridge::Codcast;
pub use cod::Cod;
pub use exp::EndToEnd;
pub use inside::{Group, Inside, MappingPoint, MappingView};
pub use last::Last;
pub use loss::ViaLoss;
pub use median::Median;
pub(crate) use median::middle;
pub use passrate::PassRate;
pub use per_item::PerItem;
pub use power::Power;
pub use power_nd::PowerNd;
pub use registry::{DEFAULT, all, by_name, by_names, names};
pub use two_step::TwoStep;

use serde::Serialize;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::passrate::{Ladder, Target, TaskLadder};

/// What an engine is and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct EngineInfo {
    /// Stable, as on the command line.
    pub name: &'static str,
    /// One line for `codcast engines`.
    pub summary: &'static str,
    /// Author, year, identifier.
    pub source: &'static str,
    /// What it needs: samples, losses, params and tokens, anchors; and how many rungs.
    pub needs: &'static str,
    /// Fewest rungs it accepts.
    pub min_rungs: usize,
}

/// A forecast's interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Nominal coverage, in (0, 1).
    pub level: f64,
    /// Lower end, in `[0, 1]`.
    pub lower: f64,
    /// Upper end, in `[0, 1]`.
    pub upper: f64,
}

/// Parts of a forecast's standard deviation by source, each a standard deviation in score; their
/// squares add up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Uncertainty {
    /// Fitted parameters: more rungs, samples or generations shrink it.
    pub parameters: f64,
    /// The form of the law: larger rungs shrink it.
    pub shape: f64,
    /// The target's own deviation from its compute: nothing shrinks it.
    pub shock: f64,
    /// The target's own finite samples and generations: a larger evaluation shrinks it.
    pub sampling: f64,
    /// What forecasts of the ladder's own rungs from smaller ones showed the law not to know: a larger
    /// rung shrinks it.
    pub rehearsal: f64,
}

/// A score as a function of a model's size.
pub trait Curve: Send + Sync {
    /// Expected score in `[0, 1]`, finite; or why there is none at this size.
    fn score(&self, at: &Target) -> Result<f64, Diagnostic>;

    /// The interval, from engines that have one.
    fn interval(&self, _at: &Target, _level: f64) -> Option<Interval> {
        None
    }

    /// What the interval is made of, from engines that know.
    fn uncertainty(&self, _at: &Target) -> Option<Uncertainty> {
        None
    }

    /// What there is to say about this size.
    fn diagnostics(&self, _at: &Target) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// Share of the samples trusted at this size, from engines for which it depends on the size.
    fn predictable_share(&self, _at: &Target) -> Option<f64> {
        None
    }

    /// The groups of samples behind the curve, from engines that have them: what each is at the size
    /// `at`, and its own curve at the sizes `along`.
    fn inside(&self, _at: &Target, _along: &[Target]) -> Option<Inside> {
        None
    }
}

/// What an engine says about one task.
pub struct Fit {
    /// The forecast at any size beyond the ladder.
    pub curve: Box<dyn Curve>,
    /// Share of the samples whose scaling the engine trusts.
    pub predictable_share: Option<f64>,
    /// Number of difficulty groups.
    pub clusters: Option<usize>,
    /// Beside the result.
    pub diagnostics: Vec<Diagnostic>,
}

impl Fit {
    /// A bare curve.
    pub fn new(curve: impl Curve + 'static) -> Self {
        Self {
            curve: Box::new(curve),
            predictable_share: None,
            clusters: None,
            diagnostics: Vec::new(),
        }
    }
}

/// No curve, and why.
pub type Refusal = Vec<Diagnostic>;

/// One method of forecasting.
pub trait Engine: Send + Sync {
    /// Name, source, needs.
    fn info(&self) -> EngineInfo;

    /// For an engine that is the median of others: their names. Where their forecasts are at hand
    /// they need not be fitted again.
    fn members(&self) -> Option<Vec<&'static str>> {
        None
    }

    /// One result a task, in the ladder's order. Sees the whole ladder, since an engine may pool
    /// information over tasks.
    fn fit(&self, ladder: &Ladder, config: &Config) -> Vec<Result<Fit, Refusal>>;
}

impl std::fmt::Debug for Fit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fit")
            .field("predictable_share", &self.predictable_share)
            .field("clusters", &self.clusters)
            .field("diagnostics", &self.diagnostics)
            .finish_non_exhaustive()
    }
}

/// Runs an engine that treats each task alone, tasks in parallel, results in order.
pub(crate) fn per_task(
    ladder: &Ladder,
    fit: impl Fn(&TaskLadder) -> Result<Fit, Refusal> + Send + Sync,
) -> Vec<Result<Fit, Refusal>> {
    use rayon::prelude::*;
    ladder.tasks.par_iter().map(fit).collect()
}

/// A law's value as a score: held in `[0, 1]`, or a diagnostic where the law has no finite value.
pub(crate) fn bounded(value: f64) -> Result<f64, Diagnostic> {
    if value.is_finite() {
        Ok(value.clamp(0.0, 1.0))
    } else {
        Err(Diagnostic::FitFailed {
            reason: "the law has no finite value at the target".to_owned(),
        })
    }
}
