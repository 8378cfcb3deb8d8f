//! `codcast plot`

use std::process::ExitCode;

use codcast::Flops;
use codcast::forecast::Wanted;
use codcast::passrate::Target;
use codcast_report::draw::{Scene, pdf, png, svg};

use super::explained::Question;
use super::{read_study, say};
use crate::args::{Common, PlotArgs, PlotKind};
use crate::failure::Failure;
use crate::file::NewFile;
use crate::settings;

enum Format {
    Svg,
    Png,
    Pdf,
}

pub(super) fn run(args: &PlotArgs, common: &Common) -> Result<ExitCode, Failure> {
    let format = format(args)?;
    let file = NewFile::create(&args.out)?;
    let config = settings::load(common)?;
    let default = match args.kind {
        PlotKind::Mapping => "cod",
        _ => codcast::engines::DEFAULT,
    };
    let engine = codcast::engines::by_name(args.engine.as_deref().unwrap_or(default))?;
    let wanted = match (&args.target, args.compute) {
        (Some(name), _) => Wanted::Model(name.clone()),
        (None, Some(flops)) => Wanted::Size(Target {
            model: None,
            compute: Flops::new(flops)?,
            params: None,
            tokens: None,
        }),
        (None, None) => Wanted::Targets,
    };
    let (study, inputs) = read_study(&args.study, common)?;
    let question = Question {
        study: &study,
        inputs: &inputs,
        engine: engine.as_ref(),
        wanted: &wanted,
        level: args.level,
        config: &config,
    };
    let json = match args.kind {
        PlotKind::Curves => question.plain(common)?.json()?,
        PlotKind::Calibration => {
            serde_json::to_string(&question.backtest()?).map_err(Failure::usage)?
        }
        PlotKind::Clusters | PlotKind::Mapping | PlotKind::Difficulty => {
            question.explained(Vec::new(), String::new(), common)?.json()?
        }
    };
    let kind = match args.kind {
        PlotKind::Curves => codcast_report::Kind::Curves,
        PlotKind::Clusters => codcast_report::Kind::Clusters,
        PlotKind::Mapping => codcast_report::Kind::Mapping,
        PlotKind::Difficulty => codcast_report::Kind::Difficulty,
        PlotKind::Calibration => codcast_report::Kind::Calibration,
    };
    let columns = args.columns.map(usize::from);
    let scene =
        codcast_report::plot(&json, kind, &args.task, columns).map_err(|error| match error {
            codcast_report::Error::Nothing { .. } => Failure::unanswerable(error.to_string()),
            other => Failure::usage(other),
        })?;
    file.write(&drawn(&scene, &format, args.dpi)?)?;
    if !common.quiet {
        say(&format!("the figure is {}", args.out.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn format(args: &PlotArgs) -> Result<Format, Failure> {
    let ending = args.out.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("svg") => Ok(Format::Svg),
        Some("png") => Ok(Format::Png),
        Some("pdf") => Ok(Format::Pdf),
        _ => Err(Failure::usage(format!(
            "{}: the ending says the format; expected .svg, .png or .pdf",
            args.out.display()
        ))),
    }
}

fn drawn(scene: &Scene, format: &Format, dpi: u16) -> Result<Vec<u8>, Failure> {
    match format {
        Format::Svg => Ok(svg(scene, "figure").into_bytes()),
        Format::Png => png(scene, f64::from(dpi)).map_err(Failure::usage),
        Format::Pdf => pdf(scene).map_err(Failure::usage),
    }
}
