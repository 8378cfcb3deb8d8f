//! What can be asked on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

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
                        codcast forecast my-study --compute 7.8e24 --engine power --format csv\n  \
                        codcast forecast my-study --report forecast.html")]
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
    /// Columns of tables that are called otherwise, such as `score=is_right`; may be repeated
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
    /// Forget the --metric, --filter, --task, --repeats, --errors-as-wrong and --no-verify that the study
    /// was made with
    #[arg(long)]
    pub(crate) forget: bool,
    /// Stop at the first record that cannot be read, and write nothing where a run is refused
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
    /// Pool all but copies
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

/// Compare a training run's checkpoints so far with what the ladder says they should be
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  codcast monitor my-study --run my-70B\n  \
                        codcast monitor my-study --run my-70B --format prometheus > codcast.prom\n  \
                        codcast monitor my-study --run my-70B --report run.html\n  \
                        codcast monitor my-study --run my-70B --watch my-study && echo healthy\n\n\
                        Exit status: 3 when there is an alarm.")]
pub(crate) struct MonitorArgs {
    /// Study folder (study.toml and samples.parquet, .csv or .jsonl)
    pub(crate) study: PathBuf,
    /// The run: a model of the study, with rows for the checkpoints evaluated so far
    #[arg(long, value_name = "NAME")]
    pub(crate) run: String,
    /// The checkpoint at which its training ends [default: its checkpoint in study.toml]
    #[arg(long, value_name = "N")]
    pub(crate) last_checkpoint: Option<i64>,
    #[command(flatten)]
    pub(crate) engine: EngineArg,
    /// Nominal coverage of bands
    #[arg(long, default_value_t = 0.9, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: f64,
    /// Share of healthy runs that raise an alarm, over all looks and tasks together
    #[arg(long, default_value_t = 0.05, value_name = "RATE", value_parser = level)]
    pub(crate) false_alarms: f64,
    /// Only scores below what is expected raise an alarm
    #[arg(long)]
    pub(crate) below_only: bool,
    /// Look again whenever a file in this folder changes, until an alarm or the end of training: STUDY
    /// itself, another study folder, or a folder of evaluation logs, whose results of the run are added
    #[arg(long, value_name = "DIR")]
    pub(crate) watch: Option<PathBuf>,
    /// Write a self-contained page; while watching, again at each look
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    /// Seconds between looks at that folder
    #[arg(long, value_name = "SECONDS", default_value_t = 30, requires = "watch",
          value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub(crate) every: u64,
}

/// Plan the next run: compute for a score, what would narrow the forecast, which recipe
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  codcast plan my-study --score gsm8k=0.6 --score 0.5\n  \
                        codcast plan my-study --target my-70B --budget 2e22 --report plan.html\n  \
                        codcast plan my-study --budget 500 --costs costs.toml\n  \
                        codcast plan recipe-a --against recipe-b --compute 1e24")]
pub(crate) struct PlanArgs {
    /// Study folder (study.toml and samples.parquet, .csv or .jsonl)
    pub(crate) study: PathBuf,
    /// The model to plan for [default: the largest model of role "target"]
    #[arg(long, value_name = "NAME", conflicts_with = "compute")]
    pub(crate) target: Option<String>,
    /// Plan for a model of this training compute, in FLOPs
    #[arg(long, value_name = "FLOPS")]
    pub(crate) compute: Option<f64>,
    /// A score in [0, 1] to reach on one task, TASK=SCORE, or on the weighted set, SCORE; may be
    /// repeated
    #[arg(long, value_name = "[TASK=]SCORE")]
    pub(crate) score: Vec<String>,
    /// Weight of a task in the set [default: 1 each]; tasks without are left out once one is given
    #[arg(long, value_name = "TASK=WEIGHT")]
    pub(crate) weight: Vec<String>,
    /// What may be spent on narrowing the forecast's interval, in FLOPs or in the unit of --costs
    #[arg(long, value_name = "COST")]
    pub(crate) budget: Option<f64>,
    /// Prices and lengths of answers, TOML; `codcast plan STUDY --print-costs` shows the defaults
    #[arg(long, value_name = "FILE")]
    pub(crate) costs: Option<PathBuf>,
    /// Print the default costs as TOML, for a file to start from
    #[arg(long)]
    pub(crate) print_costs: bool,
    /// A second ladder with the same evaluation: which of the two recipes is better at the target?
    #[arg(long, value_name = "STUDY")]
    pub(crate) against: Option<PathBuf>,
    /// Write a self-contained page
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) engine: EngineArg,
    /// Nominal coverage of intervals
    #[arg(long, default_value_t = 0.9, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: f64,
}

/// Make a page again, from the result's JSON alone
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  codcast forecast my-study --detail --format json > forecast.json\n  \
                        codcast report forecast.json -o forecast.html"
)]
pub(crate) struct ReportArgs {
    /// Output of `codcast forecast --detail --format json`, or of backtest, monitor or plan; - reads
    /// standard input
    pub(crate) result: PathBuf,
    /// The page
    #[arg(long, short, value_name = "FILE.html")]
    pub(crate) out: PathBuf,
}

/// Draw one figure, for a paper
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  codcast plot my-study --kind curves -o curves.pdf\n  \
                        codcast plot my-study --kind clusters --engine cod --task gsm8k -o clusters.svg")]
pub(crate) struct PlotArgs {
    /// Study folder (study.toml and samples.parquet, .csv or .jsonl)
    pub(crate) study: PathBuf,
    /// What to draw
    #[arg(long, value_enum)]
    pub(crate) kind: PlotKind,
    /// The figure; its ending says the format: .svg, .png or .pdf
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Only this task; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Vec<String>,
    /// The model to forecast [default: every model of role "target"]
    #[arg(long, value_name = "NAME", conflicts_with = "compute")]
    pub(crate) target: Option<String>,
    /// Forecast a model of this training compute, in FLOPs
    #[arg(long, value_name = "FLOPS")]
    pub(crate) compute: Option<f64>,
    /// The engine [default: cod for mapping, else codcast]
    #[arg(long, value_name = "NAME")]
    pub(crate) engine: Option<String>,
    /// Nominal coverage of intervals
    #[arg(long, default_value_t = 0.9, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: f64,
    /// Panels side by side [default: about a square]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=50))]
    pub(crate) columns: Option<u16>,
    /// Dots per inch of a PNG
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(36..=1200))]
    pub(crate) dpi: u16,
}

/// Figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlotKind {
    /// Score against compute
    Curves,
    /// Groups of samples and their scaling laws
    Clusters,
    /// Score of the predictable subset to that of the full set
    Mapping,
    /// Difficulty of the samples
    Difficulty,
    /// Coverage of the intervals in a backtest
    Calibration,
}
