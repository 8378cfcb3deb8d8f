//! Stage 1: samples of like difficulty.
use serde::{Deserialize, Serialize};
/// Stage 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterConfig {}
impl ClusterConfig {
    pub(crate) fn validate(&self) -> crate::Result<()> {
        Ok(())
    }
}
