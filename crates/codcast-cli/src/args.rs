//! What can be asked on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Forecasts the benchmark scores of a large language model before it is trained.
#[derive(Debug, Parser)]
#[command(
    name = "codcast",
    version,
    propagate_version = true,
    after_help = "Example:\n  codcast forecast my-study --target my-70B\n\n\
                  Results go to stdout, everything else to stderr. Exit status: 0 done; 1 the data \
                  cannot answer the question; 2 wrong usage or unreadable input."
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
    #[arg(long, global = true)]
    pub(crate) seed: Option<u64>,
    /// Threads to use; the result does not depend on it [default: all cores]
    #[arg(long, global = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
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
}

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
    Markdown,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(DemoArgs),
    Check(CheckArgs),
    Forecast(ForecastArgs),
    Backtest(BacktestArgs),
    Clusters(ClustersArgs),
    Ingest(IngestArgs),
    /// List the engines, what they need and where they come from
    Engines,
}

/// Forecast a model that we trained from ten smaller ones, on embedded data
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
}

/// A share strictly between 0 and 1.
fn level(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(level) if level > 0.0 && level < 1.0 => Ok(level),
        _ => Err("expected a number in (0, 1)".to_owned()),
    }
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
                        codcast forecast my-study --compute 7.8e24 --engine power --format csv")]
pub(crate) struct ForecastArgs {
    /// Study folder (study.toml and samples.parquet, .csv or .jsonl)
    pub(crate) study: PathBuf,
    /// The model to forecast [default: every model of role "target"]
    #[arg(long, value_name = "NAME", conflicts_with = "compute")]
    pub(crate) target: Option<String>,
    /// Forecast a model of this training compute, in FLOPs
    #[arg(long, value_name = "FLOPS")]
    pub(crate) compute: Option<f64>,
    /// Parameters of that model, for engines that use them
    #[arg(long, value_name = "N", requires = "compute")]
    pub(crate) params: Option<f64>,
    /// Training tokens of that model, for engines that use them
    #[arg(long, value_name = "D", requires = "compute")]
    pub(crate) tokens: Option<f64>,
    #[command(flatten)]
    pub(crate) engine: EngineArg,
    /// Difficulty clusters from this file (`codcast clusters --save`); engines cod and cod-quartic
    #[arg(long = "use", value_name = "FILE")]
    pub(crate) use_labels: Option<PathBuf>,
    /// Nominal coverage of intervals
    #[arg(long, default_value_t = 0.9, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: f64,
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
    #[arg(long, value_name = "F", default_value_t = 2.0)]
    pub(crate) min_factor: f64,
    /// A case needs so many rungs
    #[arg(long, value_name = "R", default_value_t = 4)]
    pub(crate) min_rungs: usize,
    /// Nominal coverage of the intervals that are judged
    #[arg(long, default_value_t = 0.9, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: f64,
    /// Run again with one thing changed: rungs, distance, trials, samples, clustering, law, mapping,
    /// thresholds, anchors, smoothing
    #[arg(long, value_name = "NAME")]
    pub(crate) ablate: Option<String>,
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

/// Turn evaluation logs of any supported harness into a study, and prove that they were read right
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        codcast ingest results/ --init models.toml\n  \
                        codcast ingest results/ --models models.toml -o my-study\n  \
                        codcast ingest more-results/ -o my-study\n  \
                        codcast ingest results/ --models models.toml -o my-study \
                        --metric 'gsm8k*=exact_match,flexible-extract'\n  \
                        codcast ingest scores.csv --models models.toml -o my-study \
                        --column model=run_name --column score=is_right")]
#[expect(clippy::struct_excessive_bools, reason = "each flag is there or not")]
pub(crate) struct IngestArgs {
    /// Log files, folders of them, and archives (.zip, .tar, also compressed)
    #[arg(required = true, value_name = "LOGS")]
    pub(crate) logs: Vec<PathBuf>,
    /// What the models are: names, roles, parameters, tokens, compute [default: models.toml of the
    /// study's folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) models: Option<PathBuf>,
    /// Study folder to write; logs are added to one that is there
    #[arg(long, short, value_name = "STUDY", required_unless_present = "init")]
    pub(crate) output: Option<PathBuf>,
    /// Write a manifest of the models in the logs, to be completed, and stop
    #[arg(long, value_name = "FILE", conflicts_with_all = ["models", "output"])]
    pub(crate) init: Option<PathBuf>,
    /// Metric to take instead of the headline: METRIC, METRIC,FILTER or TASK=METRIC[,FILTER], with
    /// wildcards; may be repeated
    #[arg(long, value_name = "METRIC")]
    pub(crate) metric: Vec<String>,
    /// Filter, scorer or reducer to take, with wildcards; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) filter: Vec<String>,
    /// Only these tasks, with wildcards; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Vec<String>,
    /// Columns of tables that are called otherwise, such as score=is_right; may be repeated
    #[arg(long, value_name = "OURS=THEIRS")]
    pub(crate) column: Vec<String>,
    /// Several runs of a model on a task
    #[arg(long, value_enum, default_value_t = RepeatsArg::Auto)]
    pub(crate) repeats: RepeatsArg,
    /// What a "partially correct" of inspect_ai counts
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, value_parser = share)]
    pub(crate) partial_as: f64,
    /// Count a repeat on which the harness failed as wrong; otherwise it is missing
    #[arg(long)]
    pub(crate) errors_as_wrong: bool,
    /// Recompute the harness's own scores and refuse what disagrees (the default)
    #[arg(long, overrides_with = "no_verify")]
    pub(crate) verify: bool,
    /// Import also what disagrees with the harness's own scores; it is still reported
    #[arg(long)]
    pub(crate) no_verify: bool,
    /// Stop at the first record that cannot be read
    #[arg(long)]
    pub(crate) strict: bool,
    /// Write all errors to this file, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) errors: Option<PathBuf>,
}

/// What to do with several runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RepeatsArg {
    /// Pool independent draws; of others the newest counts
    Auto,
    /// Pool all that differ
    Pool,
    /// The newest counts
    Newest,
}

/// A share from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1".to_owned()),
    }
}
