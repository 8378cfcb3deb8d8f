//! Flags of `monitor` and `plan`: the run that is trained, and the next one.

use std::path::PathBuf;

use super::EngineArg;
use super::numbers::{checkpoint, flops, level, number, whole_within};

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
    #[arg(long, value_name = "N", value_parser = checkpoint)]
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
          value_parser = whole_within::<1, 86_400>)]
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
    #[arg(long, value_name = "FLOPS", value_parser = flops)]
    pub(crate) compute: Option<f64>,
    /// A score in [0, 1] to reach on one task, TASK=SCORE, or on the weighted set, SCORE; may be
    /// repeated
    #[arg(long, value_name = "[TASK=]SCORE")]
    pub(crate) score: Vec<String>,
    /// Weight of a task in the set [default: 1 each]; tasks without are left out once one is given
    #[arg(long, value_name = "TASK=WEIGHT")]
    pub(crate) weight: Vec<String>,
    /// What may be spent on narrowing the forecast's interval, in FLOPs or in the unit of --costs
    #[arg(long, value_name = "COST", value_parser = number)]
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
