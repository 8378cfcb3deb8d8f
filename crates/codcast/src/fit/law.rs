//! The law itself.

use serde::{Deserialize, Serialize};

use crate::units::Flops;

/// Expected score of one homogeneous group of samples as a function of training compute.
///
/// `y(C) = g + (1 - g) * exp(-a * C^-b - c)`, with `C` in units of 10^18 FLOP.
///
/// Source: Xu et al., arXiv 2502.17262, the law of a cluster. Differs from it in: nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LawParams {
    /// Position: minus the log of the score above chance at 10^18 FLOP, the ceiling left aside.
    /// Positive; its size depends on the unit of compute.
    pub a: f64,
    /// Steepness: exponent of compute, positive.
    pub b: f64,
    /// Minus the log of the ceiling above chance, `>= 0`; 0: the score tends to 1.
    pub c: f64,
    /// Chance level, in `[0, 1]`.
    pub g: f64,
}

impl LawParams {
    /// Expected score, in `[g, 1]`.
    pub fn score(&self, compute: Flops) -> f64 {
        let (_, growth) = self.growth(compute);
        (self.g + (1.0 - self.g) * (-self.c).exp() * growth).clamp(self.g, 1.0)
    }

    /// Derivatives of the score by `[ln a, b, c, g]`. By `ln a`, since `a` spans many decades.
    pub fn gradient(&self, compute: Flops) -> [f64; 4] {
        let (distance, growth) = self.growth(compute);
        let rise = (1.0 - self.g) * (-self.c).exp() * growth;
        // Far below the ladder the distance overflows while the rise is zero; so is the slope.
        let by_ln_a = if rise == 0.0 { 0.0 } else { -rise * distance };
        let by_g = 1.0 - (-self.c).exp() * growth;
        [by_ln_a, -by_ln_a * compute.in_paper_units().ln(), -rise, by_g]
    }

    /// `a C^-b` and `exp(-a C^-b)`.
    fn growth(&self, compute: Flops) -> (f64, f64) {
        let distance = (self.a.ln() - self.b * compute.in_paper_units().ln()).exp();
        (distance, (-distance).exp())
    }
}

/// The law and its ablations.
///
/// Source: Xu et al., arXiv 2502.17262, the ablation of the fitting formula (f1, f2, f3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Law {
    /// All of `a, b, c, g`.
    #[default]
    Full,
    /// f1: `g = 0`.
    NoChance,
    /// f2: `c = 0`.
    NoCeiling,
    /// f3: `g = 0` and `c = 0`.
    Bare,
}

impl Law {
    /// Number of free parameters.
    pub fn parameters(self) -> usize {
        match self {
            Self::Full => 4,
            Self::NoChance | Self::NoCeiling => 3,
            Self::Bare => 2,
        }
    }

    /// Whether `c` is free.
    pub(super) fn has_ceiling(self) -> bool {
        matches!(self, Self::Full | Self::NoChance)
    }

    /// Whether `g` is free.
    pub(super) fn has_chance(self) -> bool {
        matches!(self, Self::Full | Self::NoCeiling)
    }
}
