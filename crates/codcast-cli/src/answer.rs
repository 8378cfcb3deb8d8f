//! What the commands answer in JSON: one struct a question, so that every caller gives the same bytes.

use codcast::Config;
use codcast::backtest::Backtest;
use codcast::backtest::ablation::AblationRow;
use codcast_ingest::InputFile;
use serde::Serialize;

/// A result and the files it was made from.
#[derive(Debug, Serialize)]
pub struct WithInputs<'a, T> {
    /// The result.
    #[serde(flatten)]
    pub result: T,
    /// Empty where the study was not read from files.
    pub inputs: &'a [InputFile],
}

/// What `codcast check` answers, but for the inputs.
#[derive(Debug, Serialize)]
pub struct Check {
    /// `codcast.check/1`.
    pub schema: &'static str,
    /// The version that made it.
    pub version: &'static str,
    /// What the study holds.
    #[serde(flatten)]
    pub check: codcast::check::Check,
    /// The full configuration.
    pub config: Config,
}

impl Check {
    /// With schema and version.
    pub fn new(check: codcast::check::Check, config: Config) -> Self {
        Self { schema: "codcast.check/1", version: env!("CARGO_PKG_VERSION"), check, config }
    }
}

/// What `codcast backtest` answers.
#[derive(Debug, Serialize)]
pub struct Backtested<'a> {
    /// Errors and cases.
    #[serde(flatten)]
    pub backtest: &'a Backtest,
    /// The version that made it.
    pub version: &'static str,
    /// Empty without an ablation.
    #[serde(skip_serializing_if = "<[AblationRow]>::is_empty")]
    pub ablation: &'a [AblationRow],
    /// The full configuration.
    pub config: &'a Config,
    /// The files of all studies.
    pub inputs: &'a [InputFile],
    /// The command line that gives it again; in pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

impl<'a> Backtested<'a> {
    /// Without ablation.
    pub fn new(backtest: &'a Backtest, config: &'a Config, inputs: &'a [InputFile]) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        Self { backtest, version, ablation: &[], config, inputs, command: None }
    }
}

/// What `codcast engines` answers.
#[derive(Debug, Serialize)]
pub struct Engines {
    /// `codcast.engines/1`.
    pub schema: &'static str,
    /// The version that made it.
    pub version: &'static str,
    /// Used where none is named.
    pub default: &'static str,
    /// Every engine.
    pub engines: Vec<codcast::engines::EngineInfo>,
}

impl Engines {
    /// All of them.
    pub fn all() -> Self {
        Self {
            schema: "codcast.engines/1",
            version: env!("CARGO_PKG_VERSION"),
            default: codcast::engines::DEFAULT,
            engines: codcast::engines::all().iter().map(|engine| engine.info()).collect(),
        }
    }
}
