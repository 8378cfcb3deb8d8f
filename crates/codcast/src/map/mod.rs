//! Stage 4: the subset score to the full set score.
use serde::{Deserialize, Serialize};
/// Stage 4.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MapConfig {}
impl MapConfig {
    pub(crate) fn validate(&self) -> crate::Result<()> {
        Ok(())
    }
}
