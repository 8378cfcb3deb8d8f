//! Stage 3: which clusters to trust, and their curve at the target.
use serde::{Deserialize, Serialize};
/// Stage 3.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExtrapolateConfig {}
impl ExtrapolateConfig {
    pub(crate) fn validate(&self) -> crate::Result<()> {
        Ok(())
    }
}
