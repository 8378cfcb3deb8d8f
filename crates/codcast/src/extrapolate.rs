//! Stage 3: which clusters to trust, and their curve at the target.

use serde::{Deserialize, Serialize};

use crate::config::check;
use crate::error::Result;
use crate::fit::{LawFit, LawParams, Termination};
use crate::units::Flops;

/// Stage 3: the criteria of an extrapolatable cluster.
///
/// Source: Xu et al., arXiv 2502.17262: `a > 1`, `b > 0.1`, `0 <= c < 1`. The one on `a` holds with
/// compute in units of 10^18 FLOP and has no meaning in another unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExtrapolateConfig {
    /// `a` must be larger, compute in 10^18 FLOP. A smaller `a` has risen before the ladder begins.
    pub min_a: f64,
    /// `b` must be larger. A smaller one hardly rises with compute.
    pub min_b: f64,
    /// `c` must be smaller: the ceiling above chance is `exp(-c)`. `inf` for no criterion.
    pub max_c: f64,
}

impl Default for ExtrapolateConfig {
    fn default() -> Self {
        Self { min_a: 1.0, min_b: 0.1, max_c: 1.0 }
    }
}

impl ExtrapolateConfig {
    pub(crate) fn validate(&self) -> Result<()> {
        check("extrapolate.min_a", self.min_a, 0.0..=f64::MAX, "a number of at least 0")?;
        check("extrapolate.min_b", self.min_b, 0.0..=f64::MAX, "a number of at least 0")?;
        check("extrapolate.max_c", self.max_c, f64::MIN_POSITIVE..=f64::MAX, "a positive number")
    }
}

/// What a cluster's law is good for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Class {
    /// Part of the predictable subset.
    Extrapolatable,
    /// Not to be extrapolated.
    NonExtrapolatable {
        /// The first criterion it fails.
        reason: Reason,
    },
    /// No rung ever scores.
    NonEmergent,
}

impl Class {
    /// Stable, for scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Extrapolatable => "extrapolatable",
            Self::NonExtrapolatable { .. } => "non-extrapolatable",
            Self::NonEmergent => "non-emergent",
        }
    }

    /// Why it is not extrapolatable, in plain words.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Extrapolatable => None,
            Self::NonExtrapolatable { reason } => Some(reason.to_string()),
            Self::NonEmergent => Some(Termination::AllZero.to_string()),
        }
    }
}

/// Why a cluster is not extrapolatable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// The fit gave no law.
    NoLaw(Termination),
    /// `a` too small.
    Saturated {
        /// The fitted value, compute in 10^18 FLOP.
        a: f64,
        /// [`ExtrapolateConfig::min_a`].
        min: f64,
    },
    /// `b` too small.
    Shallow {
        /// The fitted value.
        b: f64,
        /// [`ExtrapolateConfig::min_b`].
        min: f64,
    },
    /// `c` too large.
    LowCeiling {
        /// The fitted value.
        c: f64,
        /// [`ExtrapolateConfig::max_c`].
        max: f64,
        /// The highest score the law can reach.
        ceiling: f64,
    },
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoLaw(termination) => termination.fmt(f),
            Self::Saturated { a, min } => write!(
                f,
                "a = {a:.3e} is not above {min}, compute in 10^18 FLOP: to the paper, a curve that has \
                 done its rise"
            ),
            Self::Shallow { b, min } => {
                write!(f, "the curve hardly rises with compute (b = {b:.3}, needs more than {min})")
            }
            Self::LowCeiling { c, max, ceiling } => write!(
                f,
                "the curve levels off at {:.1} %, implausibly low (c = {c:.3}, needs less than {max})",
                100.0 * ceiling
            ),
        }
    }
}

/// Applies the criteria to one cluster's fit.
pub fn classify(fit: &LawFit, config: &ExtrapolateConfig) -> Class {
    let Some(LawParams { a, b, c, g }) = fit.law else {
        return match fit.termination {
            Termination::AllZero => Class::NonEmergent,
            termination => Class::NonExtrapolatable { reason: Reason::NoLaw(termination) },
        };
    };
    let reason = if a <= config.min_a {
        Reason::Saturated { a, min: config.min_a }
    } else if b <= config.min_b {
        Reason::Shallow { b, min: config.min_b }
    } else if c >= config.max_c {
        Reason::LowCeiling { c, max: config.max_c, ceiling: g + (1.0 - g) * (-c).exp() }
    } else {
        return Class::Extrapolatable;
    };
    Class::NonExtrapolatable { reason }
}

/// The predictable subset: its clusters' sizes and laws.
#[derive(Clone, Debug, PartialEq)]
pub struct SubsetCurve {
    parts: Vec<(usize, LawParams)>,
}

impl SubsetCurve {
    /// `parts`: number of samples and law of each extrapolatable cluster. `None` without samples.
    pub fn new(parts: Vec<(usize, LawParams)>) -> Option<Self> {
        let curve = Self { parts };
        (curve.samples() > 0).then_some(curve)
    }

    /// Samples in the subset.
    pub fn samples(&self) -> usize {
        self.parts.iter().map(|(size, _)| size).sum()
    }

    /// Sizes and laws.
    pub fn parts(&self) -> &[(usize, LawParams)] {
        &self.parts
    }

    /// Mean score of the subset's samples at `compute`, in `[0, 1]`.
    pub fn score(&self, compute: Flops) -> f64 {
        let sum: f64 = self.parts.iter().map(|(n, law)| *n as f64 * law.score(compute)).sum();
        (sum / self.samples() as f64).clamp(0.0, 1.0)
    }
}
