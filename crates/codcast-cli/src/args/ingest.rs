//! Flags of `ingest`.

use std::path::PathBuf;

use clap::ValueEnum;

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
