//! What can be asked on the command line.

mod figures;
mod ingest;
mod numbers;
mod runs;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use figures::{PlotArgs, PlotKind, ReportArgs};
pub(crate) use ingest::{IngestArgs, RepeatsArg};
use numbers::{flops, level, number, small_within, whole};
pub(crate) use runs::{MonitorArgs, PlanArgs};

/// Forecasts the benchmark scores of a large language model before it is trained.
#[derive(Debug, Parser)]
#[command(
    name = "codcast",
    version,
    long_version = env!("CODCAST_VERSION"),
    propagate_version = true,
    after_help = "Example:\n  codcast forecast my-study --target my-70B\n\n\
                  Results go to stdout, everything else to stderr. Exit status: 0 done; 1 the data \
                  cannot answer the question; 2 wrong usage or unreadable input; 3 an alarm of `monitor`."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Options of every command.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// How to print the result [default: table on a terminal, json when piped]
    #[arg(long, global = true, value_enum)]
    pub(crate) format: Option<Format>,
    /// Seed of everything random
    #[arg(long, global = true, value_parser = whole)]
    pub(crate) seed: Option<u64>,
    /// Threads to use; the result does not depend on it [default: all cores]
    #[arg(long, global = true, value_parser = small_within::<1, 1024>)]
    pub(crate) threads: Option<u16>,
    /// No progress, no notes on stderr
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Settings file [default: codcast.toml in the current folder, if there]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// One setting, over the settings file; may be repeated. Example: --set cluster.quantile=0.2
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// The file that holds this code, if known.
    #[arg(skip)]
    pub(crate) program: Option<PathBuf>,
}

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
    Markdown,
    /// Text for Prometheus; `monitor` only
    Prometheus,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(DemoArgs),
    Check(CheckArgs),
    Forecast(ForecastArgs),
    Backtest(BacktestArgs),
    Clusters(ClustersArgs),
    Ingest(IngestArgs),
    Monitor(MonitorArgs),
    Plan(PlanArgs),
    Report(ReportArgs),
    Plot(PlotArgs),
    /// List the engines, what they need and where they come from
    Engines,
    Explain(ExplainArgs),
    Completions(CompletionsArgs),
    Manual(ManualArgs),
    Sql(SqlArgs),
}

/// Forecast a model that we trained from thirteen smaller ones, on embedded data
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  codcast demo --out tiny-ladder && codcast check tiny-ladder")]
pub(crate) struct DemoArgs {
    /// Also write the study to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) engine: EngineArg,
    /// Nominal coverage of intervals
    #[arg(long, default_value_t = 0.9, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: f64,
    /// Where to write the page that explains the forecast
    #[arg(long, value_name = "FILE.html", default_value = "codcast-demo.html")]
    pub(crate) report: PathBuf,
    /// Write no page
    #[arg(long, conflicts_with_all = ["report", "rivals"])]
    pub(crate) no_report: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// What is shown beside the numbers.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// Draw score against compute in text, below the table
    #[arg(long)]
    pub(crate) plot: bool,
    /// Other engines beside the forecast, comma-separated; in the page and with --detail
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "cod,last,anchor-copy,exp,passrate,bnsl,power"
    )]
    pub(crate) rivals: Vec<String>,
}

/// Say what a study holds and what a forecast can expect; forecasts nothing
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  codcast check my-study")]
pub(crate) struct CheckArgs {
    /// Study folder (study.toml and samples.parquet, .csv or .jsonl)
    pub(crate) study: PathBuf,
}

/// Forecast every task of the target from the ladder, one row a task
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  codcast forecast my-study\n  \
                        codcast forecast my-study --compute 7.8e24 --engine power --format csv\n  \
                        codcast forecast my-study --report forecast.html")]
pub(crate) struct ForecastArgs {
    /// Study folder (study.toml and samples.parquet, .csv or .jsonl)
    pub(crate) study: PathBuf,
    /// The model to forecast [default: every model of role "target"]
    #[arg(long, value_name = "NAME", conflicts_with = "compute")]
    pub(crate) target: Option<String>,
    /// Forecast a model of this training compute, in FLOPs
    #[arg(long, value_name = "FLOPS", value_parser = flops)]
    pub(crate) compute: Option<f64>,
    /// Parameters of that model, for engines that use them
    #[arg(long, value_name = "N", requires = "compute", value_parser = number)]
    pub(crate) params: Option<f64>,
    /// Training tokens of that model, for engines that use them
    #[arg(long, value_name = "D", requires = "compute", value_parser = number)]
    pub(crate) tokens: Option<f64>,
    #[command(flatten)]
    pub(crate) engine: EngineArg,
    /// Difficulty clusters from this file (`codcast clusters --save`); engines cod and cod-quartic
    #[arg(long = "use", value_name = "FILE")]
    pub(crate) use_labels: Option<PathBuf>,
    /// Nominal coverage of intervals
    #[arg(long, default_value_t = 0.9, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: f64,
    /// Also write a page that explains the forecast
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    /// Add to the JSON what stands behind the numbers: rivals, groups of samples, a map of them, a
    /// backtest; --report does too
    #[arg(long)]
    pub(crate) detail: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EngineArg {
    /// The engine; `codcast engines` lists them
    #[arg(long, default_value = codcast::engines::DEFAULT, value_name = "NAME")]
    pub(crate) engine: String,
}

/// Hide the largest models, forecast them from the rest, and score every engine
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  codcast backtest my-study other-study\n  \
                        codcast backtest my-study --engine cod,power,last --format csv\n  \
                        codcast backtest my-study --engine cod --ablate trials")]
pub(crate) struct BacktestArgs {
    /// Study folders
    #[arg(required = true)]
    pub(crate) study: Vec<PathBuf>,
    /// Engines, comma-separated [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) engine: Vec<String>,
    /// A target has at least so many times the compute of its largest rung
    #[arg(long, value_name = "F", default_value_t = 2.0, value_parser = number)]
    pub(crate) min_factor: f64,
    /// A case needs so many rungs
    #[arg(long, value_name = "R", default_value_t = 4, value_parser = whole)]
    pub(crate) min_rungs: u64,
    /// Nominal coverage of the intervals that are judged
    #[arg(long, default_value_t = 0.9, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: f64,
    /// Run again with one thing changed: rungs, distance, trials, samples, clustering, law, mapping,
    /// thresholds, anchors, smoothing
    #[arg(long, value_name = "NAME")]
    pub(crate) ablate: Option<String>,
    /// Also write the result as a page
    #[arg(long, value_name = "FILE.html", conflicts_with = "ablate")]
    pub(crate) report: Option<PathBuf>,
    /// Remember forecasts in this folder [default: codcast in the user's cache folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cache: Option<PathBuf>,
    /// Compute everything anew and remember nothing
    #[arg(long, conflicts_with = "cache")]
    pub(crate) no_cache: bool,
}

/// Show the difficulty clusters and their scaling laws
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  codcast clusters my-study --task gsm8k\n  \
                        codcast clusters dense-study --save labels.json\n  \
                        codcast clusters moe-study --use labels.json")]
pub(crate) struct ClustersArgs {
    /// Study folder (study.toml and samples.parquet, .csv or .jsonl)
    pub(crate) study: PathBuf,
    /// Only this task; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Vec<String>,
    /// Write the labels to this file, for another ladder
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Take the labels from this file instead of clustering; laws are fitted anew
    #[arg(long = "use", value_name = "FILE")]
    pub(crate) use_labels: Option<PathBuf>,
}

/// Explain the code of an error, a warning or a note: its cause and its cure
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  codcast explain few_rungs")]
pub(crate) struct ExplainArgs {
    /// The code, as printed in brackets [default: list all]
    pub(crate) code: Option<String>,
}

/// Print the SQL that turns results in a table elsewhere into a counts table
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  codcast sql --dialect spark --table lake.evals --sample-id doc_id --correct is_correct\n  \
                  codcast sql --dialect duckdb --table shards --counts n_trials,n_correct\n\n\
                  The result, saved as samples.parquet beside a study.toml, is a study."
)]
pub(crate) struct SqlArgs {
    /// spark, duckdb, datafusion, ballista, daft or ansi
    #[arg(long, value_name = "NAME", value_parser = dialect)]
    pub(crate) dialect: (&'static str, codcast_ingest::Dialect),
    /// The table with the results
    #[arg(long, value_name = "NAME", default_value = "results")]
    pub(crate) table: String,
    /// Column with the model's name
    #[arg(long, value_name = "COLUMN", default_value = "model")]
    pub(crate) model: String,
    /// Column with the task's name
    #[arg(long, value_name = "COLUMN", default_value = "task")]
    pub(crate) task: String,
    /// Column with the sample's id
    #[arg(long, value_name = "COLUMN", default_value = "sample_id")]
    pub(crate) sample_id: String,
    /// Column with the training step, where models have several checkpoints
    #[arg(long, value_name = "COLUMN")]
    pub(crate) checkpoint: Option<String>,
    /// Column that says whether a generation was right: boolean, or 0 and 1
    #[arg(long, value_name = "COLUMN", default_value = "correct")]
    pub(crate) correct: String,
    /// Column with a partial credit in [0, 1] instead
    #[arg(long, value_name = "COLUMN", conflicts_with = "correct")]
    pub(crate) credit: Option<String>,
    /// Columns with counts to add up instead: trials, right answers
    #[arg(long, value_name = "N,C", conflicts_with_all = ["correct", "credit"])]
    pub(crate) counts: Option<String>,
}

fn dialect(name: &str) -> Result<(&'static str, codcast_ingest::Dialect), String> {
    let known = codcast_ingest::Dialect::NAMES;
    known.iter().find(|(known, _)| *known == name).copied().ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// Print the completions of a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  codcast completions bash > ~/.local/share/bash-completion/completions/codcast"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// Write the manual: one page a command, for `man` or as Markdown
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  codcast manual man1 && man ./man1/codcast-forecast.1")]
pub(crate) struct ManualArgs {
    /// Folder for the pages; made if absent
    pub(crate) folder: PathBuf,
    /// One Markdown page, cli.md, instead of man pages
    #[arg(long)]
    pub(crate) markdown: bool,
}
