//! Every setting, with a default that is right for most users.
//!
//! The same structs are read from `codcast.toml` and stand in every JSON output.

use serde::{Deserialize, Serialize};

use crate::cluster::ClusterConfig;
use crate::error::{Error, Result};
use crate::extrapolate::ExtrapolateConfig;
use crate::fit::FitConfig;
use crate::map::MapConfig;

/// All settings of all stages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Seed of everything random.
    pub seed: u64,
    /// Stage 0.
    pub data: DataConfig,
    /// Stage 1.
    pub cluster: ClusterConfig,
    /// Stage 2.
    pub fit: FitConfig,
    /// Stage 3.
    pub extrapolate: ExtrapolateConfig,
    /// Stage 4.
    pub map: MapConfig,
}

impl Config {
    /// Checks the ranges once, so that the stages need not.
    pub fn validate(&self) -> Result<()> {
        self.data.validate()?;
        self.cluster.validate()?;
        self.fit.validate()?;
        self.extrapolate.validate()?;
        self.map.validate()
    }
}

/// Stage 0: how results become pass rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Checkpoints averaged on each side of the chosen one, in pairs. The paper: 1.
    pub neighbours: usize,
    /// A neighbour's checkpoint number may differ from the chosen one's by this share of it. Beyond
    /// about a fifth of the training a checkpoint is another model, not another draw of the same.
    pub smoothing_reach: f64,
    /// Whether models of role `anchor` are used.
    pub anchors: bool,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { neighbours: 1, smoothing_reach: 0.2, anchors: true }
    }
}

impl DataConfig {
    fn validate(&self) -> Result<()> {
        check("data.smoothing_reach", self.smoothing_reach, 0.0..=1.0, "a share in [0, 1]")
    }
}

/// One setting against its range.
pub(crate) fn check(
    field: &'static str,
    value: f64,
    range: impl std::ops::RangeBounds<f64>,
    expected: &'static str,
) -> Result<()> {
    if range.contains(&value) {
        Ok(())
    } else {
        Err(Error::Setting { field, value: value.to_string(), expected })
    }
}
