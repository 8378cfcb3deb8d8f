//! Quantities with a unit.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Training compute in floating-point operations: finite and positive.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Flops(f64);

impl Flops {
    /// The unit in which the paper writes compute and states its thresholds: 10^18 FLOP.
    pub const PAPER_UNIT: f64 = 1e18;

    /// `value`: FLOPs, finite and positive.
    pub fn new(value: f64) -> Result<Self> {
        if value.is_finite() && value > 0.0 {
            Ok(Self(value))
        } else {
            Err(Error::Compute { value })
        }
    }

    /// FLOPs.
    pub fn get(self) -> f64 {
        self.0
    }

    /// In units of 10^18 FLOP.
    pub fn in_paper_units(self) -> f64 {
        self.0 / Self::PAPER_UNIT
    }

    /// How many times `other` this is.
    pub fn times(self, other: Self) -> f64 {
        self.0 / other.0
    }
}

impl TryFrom<f64> for Flops {
    type Error = Error;
    fn try_from(value: f64) -> Result<Self> {
        Self::new(value)
    }
}

impl From<Flops> for f64 {
    fn from(flops: Flops) -> Self {
        flops.0
    }
}

impl std::fmt::Display for Flops {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3e} FLOP", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_positive_compute_exists() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Flops::new(bad).is_err());
        }
        assert_eq!(Flops::new(2e18).unwrap().in_paper_units(), 2.0);
    }
}
