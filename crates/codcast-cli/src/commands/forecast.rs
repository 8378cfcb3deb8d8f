//! `codcast forecast`

use std::process::ExitCode;

use codcast::Flops;
use codcast::engines::{Cod, Engine};
use codcast::forecast::{Forecast, TargetForecast, Wanted};
use codcast::passrate::Target;

use super::clusters::read_labels;
use super::explained::{Question, command};
use super::read_study;
use crate::args::{Common, ForecastArgs};
use crate::failure::Failure;
use crate::file::NewFile;
use crate::output::{self, Cell, Sheet};
use crate::settings;

pub(super) fn run(args: &ForecastArgs, common: &Common) -> Result<ExitCode, Failure> {
    let config = settings::load(common)?;
    let engine = engine(args)?;
    let wanted = wanted(args)?;
    let rivals = codcast::engines::by_names(&args.show.rivals)?;
    // A bad output path is refused before the work, not after.
    let page = args.report.as_deref().map(NewFile::create).transpose()?;
    let (study, inputs) = read_study(&args.study, common)?;
    let question = Question {
        study: &study,
        inputs: &inputs,
        engine: engine.as_ref(),
        wanted: &wanted,
        level: args.level,
        config: &config,
    };
    let answer = if args.detail || page.is_some() {
        question.explained(rivals, again(args, &config), common)?
    } else {
        question.plain(common)?
    };
    if let Some(page) = page {
        answer.write_page(page)?;
    }
    answer.print(args.show.plot, &[], common)?;
    verdict(&answer.forecast)
}

/// The command that makes this forecast again.
fn again(args: &ForecastArgs, config: &codcast::Config) -> String {
    let mut words = vec!["forecast".to_owned(), args.study.display().to_string()];
    let mut add = |flag: &str, value: Option<String>| {
        words.extend(value.into_iter().flat_map(|value| [flag.to_owned(), value]));
    };
    add("--target", args.target.clone());
    for (flag, value) in
        [("--compute", args.compute), ("--params", args.params), ("--tokens", args.tokens)]
    {
        add(flag, value.map(|value| format!("{value:e}")));
    }
    add("--engine", Some(args.engine.engine.clone()));
    add("--use", args.use_labels.as_ref().map(|path| path.display().to_string()));
    add("--level", Some(args.level.to_string()));
    add("--rivals", Some(args.show.rivals.join(",")));
    match &args.report {
        Some(page) => words.extend(["--report".to_owned(), page.display().to_string()]),
        // What a page is made from.
        None => words.push("--detail".to_owned()),
    }
    command(words, config)
}

fn engine(args: &ForecastArgs) -> Result<Box<dyn Engine>, Failure> {
    let name = args.engine.engine.as_str();
    let Some(path) = &args.use_labels else { return Ok(codcast::engines::by_name(name)?) };
    let cod = match name {
        "cod" => Cod::default(),
        "cod-quartic" => Cod::quartic(),
        other => {
            return Err(Failure::usage(format!(
                "--use: engine {other:?} has no clusters; use it with --engine cod or cod-quartic"
            )));
        }
    };
    Ok(Box::new(cod.with_labels(read_labels(path)?)))
}

fn wanted(args: &ForecastArgs) -> Result<Wanted, Failure> {
    Ok(match (&args.target, args.compute) {
        (Some(name), _) => Wanted::Model(name.clone()),
        (None, Some(flops)) => Wanted::Size(Target {
            model: None,
            compute: Flops::new(flops)?,
            params: args.params,
            tokens: args.tokens,
        }),
        (None, None) => Wanted::Targets,
    })
}

/// Exit status 1 when not one number could be given.
pub(super) fn verdict(forecast: &Forecast) -> Result<ExitCode, Failure> {
    let mut tasks = forecast.targets.iter().flat_map(|target| &target.tasks);
    if tasks.any(|task| task.forecast.is_some()) {
        return Ok(ExitCode::SUCCESS);
    }
    let reason = forecast
        .targets
        .iter()
        .flat_map(|target| &target.tasks)
        .flat_map(|task| &task.diagnostics)
        .max_by_key(|diagnostic| diagnostic.severity())
        .map_or_else(|| "the study has no tasks".to_owned(), codcast::Diagnostic::message);
    Err(Failure::unanswerable(format!("no task could be forecast: {reason}")))
}

/// One target's table, and what its mean error is where the scores are known.
pub(super) fn sheet(forecast: &Forecast, target: &TargetForecast) -> Sheet {
    let name = target.model.as_deref().unwrap_or("a model of this size");
    let error =
        |task: &codcast::forecast::TaskForecast| Some(100.0 * (task.forecast? - task.actual?));
    let rows = target
        .tasks
        .iter()
        .map(|task| {
            vec![
                Cell::Name(task.task.clone()),
                Cell::Count(task.n_samples),
                Cell::Percent(task.forecast),
                Cell::Percent(task.interval.map(|interval| interval.lower)),
                Cell::Percent(task.interval.map(|interval| interval.upper)),
                Cell::Percent(task.actual),
                Cell::Points(error(task)),
                Cell::Percent(task.predictable_share),
                Cell::Count(task.clusters.map(|n| n as u64)),
                Cell::Codes(task.diagnostics.iter().map(codcast::Diagnostic::code).collect()),
            ]
        })
        .collect();
    let mut notes = output::notes(
        target.tasks.iter().map(|task| (task.task.as_str(), task.diagnostics.as_slice())),
    );
    let errors: Vec<f64> = target.tasks.iter().filter_map(error).map(f64::abs).collect();
    if !errors.is_empty() {
        let mean = errors.iter().sum::<f64>() / errors.len() as f64;
        let max = errors.iter().copied().fold(0.0, f64::max);
        notes.insert(0, format!("mean absolute error {mean:.2} points, largest {max:.2}"));
    }
    let known = target.tasks.iter().filter_map(|task| Some((task.interval?, task.actual?)));
    let inside: Vec<bool> = known
        .map(|(interval, actual)| (interval.lower..=interval.upper).contains(&actual))
        .collect();
    if !inside.is_empty() {
        let hits = inside.iter().filter(|&&inside| inside).count();
        let beside = format!("{hits} of {} actual scores are inside their interval", inside.len());
        notes.insert(1.min(notes.len()), beside);
    }
    Sheet {
        title: format!(
            "{}: {name}, {}, {:.1} times the largest rung; engine {}",
            forecast.study, target.compute_flops, target.times_largest_rung, forecast.engine
        ),
        group: Some(("target", Cell::Name(target.model.clone().unwrap_or_default()))),
        columns: vec![
            ("task", "task"),
            ("samples", "n_samples"),
            ("forecast %", "forecast"),
            ("lower", "lower"),
            ("upper", "upper"),
            ("actual %", "actual"),
            ("error", "error_points"),
            ("predictable %", "predictable_share"),
            ("clusters", "clusters"),
            ("notes", "diagnostics"),
        ],
        rows,
        notes,
    }
}
