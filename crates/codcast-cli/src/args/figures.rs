//! Flags of `report` and `plot`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::numbers::{flops, level, small_within};

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
    #[arg(long, value_name = "FLOPS", value_parser = flops)]
    pub(crate) compute: Option<f64>,
    /// The engine [default: cod for mapping, else codcast]
    #[arg(long, value_name = "NAME")]
    pub(crate) engine: Option<String>,
    /// Nominal coverage of intervals
    #[arg(long, default_value_t = 0.9, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: f64,
    /// Panels side by side [default: about a square]
    #[arg(long, value_name = "N", value_parser = small_within::<1, 50>)]
    pub(crate) columns: Option<u16>,
    /// Dots per inch of a PNG
    #[arg(long, default_value_t = 300, value_parser = small_within::<36, 1200>)]
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
