//! What the commands answer in JSON: one struct a question, so that every caller gives the same bytes.

use codcast::Config;
use codcast::backtest::Backtest;
use codcast::backtest::ablation::AblationRow;
use codcast_ingest::InputFile;
use codcast_logs::{Fate, FileReport, Summary};
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

/// The same, and the command line that gives it again; in pages.
#[derive(Debug, Serialize)]
pub struct WithCommand<'a, T> {
    /// What is printed without a page.
    #[serde(flatten)]
    pub answer: WithInputs<'a, T>,
    /// Absent without a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
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

/// What `codcast ingest` answers.
#[derive(Debug, Serialize)]
pub struct Ingestion<'a> {
    /// `codcast.ingest/1`.
    pub schema: &'static str,
    /// The version that made it.
    pub version: &'static str,
    /// The study's folder; null where none was written.
    pub study: Option<String>,
    /// What was made of the logs.
    #[serde(flatten)]
    pub summary: &'a Summary,
    /// What became of each file.
    pub files: Vec<LogFile<'a>>,
    /// Records, files and runs that could not be read or were refused.
    pub errors: u64,
}

impl<'a> Ingestion<'a> {
    /// With schema and version.
    pub fn new(
        study: Option<String>,
        summary: &'a Summary,
        files: &'a [FileReport],
        errors: usize,
    ) -> Self {
        Self {
            schema: "codcast.ingest/1",
            version: env!("CARGO_PKG_VERSION"),
            study,
            summary,
            files: files.iter().map(LogFile::of).collect(),
            errors: errors as u64,
        }
    }
}

/// What became of one file of logs.
#[derive(Debug, Serialize)]
pub struct LogFile<'a> {
    /// As it was given.
    pub path: &'a str,
    /// BLAKE3 hash of its bytes, if it was read.
    pub blake3: Option<&'a str>,
    /// The harness's format, if one recognised it.
    pub format: Option<&'a str>,
    /// `read`, `partial`, `context`, `skipped` or `refused`.
    pub fate: &'static str,
    /// Why it was not read, or not whole.
    pub reason: Option<&'a str>,
    /// Samples read, over its runs.
    pub samples: u64,
    /// Scored repeats of the first metric of each run.
    pub trials: u64,
}

impl<'a> LogFile<'a> {
    /// Of a report.
    pub fn of(file: &'a FileReport) -> Self {
        let (fate, format, reason, samples, trials) = match &file.fate {
            Fate::Read { format, samples, trials } => {
                ("read", Some(format.as_ref()), None, *samples, *trials)
            }
            Fate::Partial { format, samples, trials, reason } => {
                ("partial", Some(format.as_ref()), Some(reason.as_str()), *samples, *trials)
            }
            Fate::Context(format) => ("context", Some(format.as_ref()), None, 0, 0),
            Fate::Skipped(reason) => ("skipped", None, Some(reason.as_ref()), 0, 0),
            Fate::Refused(reason) => ("refused", None, Some(reason.as_str()), 0, 0),
        };
        let blake3 = file.blake3.as_deref();
        Self { path: file.path.as_str(), blake3, format, fate, reason, samples, trials }
    }
}

/// Why logs gave no study.
pub fn nothing_to_ingest(summary: &Summary, files: &[FileReport]) -> String {
    let mut why = Vec::new();
    if !summary.tasks.is_empty() {
        let percent = summary.notes.iter().find(|note| note.ends_with(codcast_logs::PERCENT));
        let percent = percent.map_or_else(String::new, |note| format!(" ({note})"));
        why.push(format!("no task has a metric between 0 and 1{percent}"));
    }
    if !summary.left_out.is_empty() {
        let some: Vec<&str> = summary.left_out.iter().take(12).map(String::as_str).collect();
        let more = summary.left_out.len() - some.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        why.push(format!("--task fits none of the tasks ({}{more})", some.join(", ")));
    }
    if summary.refused > 0 {
        why.push(format!(
            "{} runs were refused, since what was read does not give their logs' own numbers (see the \
             errors above)",
            summary.refused
        ));
    }
    if !summary.unlisted.is_empty() {
        let which =
            if why.is_empty() { "none of the logs' models is" } else { "other models are not" };
        why.push(format!("{which} in the manifest (see the entries above)"));
    }
    if why.is_empty() && files.iter().any(|file| matches!(file.fate, Fate::Refused(_))) {
        why.push("every log was refused (see the errors above)".to_owned());
    }
    if why.is_empty() {
        let table = files.iter().find_map(|file| match &file.fate {
            Fate::Skipped(reason) => {
                Some((file, reason.strip_prefix(codcast_logs::UNKNOWN_FORMAT)?))
            }
            _ => None,
        });
        let table = table.filter(|(_, columns)| !columns.is_empty());
        let table = table.map_or_else(String::new, |(file, columns)| {
            format!("; {}{}", file.path, columns.replacen(';', ":", 1))
        });
        why.push(format!("no logs of a known format in what was named{table}"));
    }
    format!("nothing to ingest: {}", why.join("; "))
}
