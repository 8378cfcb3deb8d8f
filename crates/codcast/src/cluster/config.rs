//! Settings of stage 1.

use serde::{Deserialize, Serialize};

use crate::config::check;
use crate::error::Result;

/// How samples are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// The paper's choice.
    #[default]
    ImprovedMeanShift,
    /// One pass of MeanShift, no outliers.
    MeanShift,
    /// K-Means with a given number of clusters, no outliers.
    KMeans,
    /// K-Means with as many clusters as their smallest size allows.
    ImprovedKMeans,
    /// Density-based.
    Dbscan,
}

/// Stage 1: which samples are alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterConfig {
    /// How samples are grouped.
    pub algorithm: Algorithm,
    /// MeanShift: the bandwidth is the mean distance to the neighbour this share of the samples
    /// away, in `[0, 1]`. The paper: 0.1.
    pub quantile: f64,
    /// MeanShift: the bandwidth is at most this times the square root of the number of rungs. The
    /// paper: 0.1.
    pub cap: f64,
    /// Fewest samples of a cluster: of improved MeanShift, of improved K-Means, and around a dense
    /// point of DBSCAN. The paper: 10.
    pub min_size: usize,
    /// K-Means: number of clusters.
    pub k: usize,
    /// K-Means: number of starts, of which the best counts.
    pub restarts: usize,
    /// DBSCAN: how far neighbours may be apart.
    pub eps: f64,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::default(),
            quantile: 0.1,
            cap: 0.1,
            min_size: 10,
            k: 10,
            restarts: 10,
            eps: 0.15,
        }
    }
}

impl ClusterConfig {
    pub(crate) fn validate(&self) -> Result<()> {
        let positive = f64::MIN_POSITIVE..f64::INFINITY;
        check("cluster.quantile", self.quantile, 0.0..=1.0, "a share in [0, 1]")?;
        check("cluster.cap", self.cap, positive.clone(), "a positive number")?;
        check("cluster.min_size", self.min_size as f64, 1.0.., "at least 1")?;
        check("cluster.k", self.k as f64, 1.0.., "at least 1")?;
        check("cluster.restarts", self.restarts as f64, 1.0.., "at least 1")?;
        check("cluster.eps", self.eps, positive, "a positive number")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_range_are_named() {
        assert_eq!(ClusterConfig::default().validate(), Ok(()));
        let bad = ClusterConfig { quantile: 1.5, ..Default::default() };
        let message = bad.validate().unwrap_err().to_string();
        assert_eq!(message, "cluster.quantile is 1.5; expected a share in [0, 1]");
        let bad = ClusterConfig { cap: f64::NAN, ..Default::default() };
        assert!(bad.validate().unwrap_err().to_string().starts_with("cluster.cap is NaN"));
        let bad = ClusterConfig { min_size: 0, ..Default::default() };
        assert!(bad.validate().unwrap_err().to_string().starts_with("cluster.min_size is 0"));
    }

    #[test]
    fn names_are_kebab_case() {
        let config: ClusterConfig =
            serde_json::from_str(r#"{"algorithm": "improved-k-means"}"#).unwrap();
        assert_eq!(config.algorithm, Algorithm::ImprovedKMeans);
        assert!(serde_json::from_str::<ClusterConfig>(r#"{"algorithmus": 1}"#).is_err());
    }
}
