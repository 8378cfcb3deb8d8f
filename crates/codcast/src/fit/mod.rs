//! Stage 2: one scaling law per cluster.
use serde::{Deserialize, Serialize};
/// Stage 2.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitConfig {}
impl FitConfig {
    pub(crate) fn validate(&self) -> crate::Result<()> {
        Ok(())
    }
}
