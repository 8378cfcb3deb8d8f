//! `codcast backtest`

mod sheets;

use std::process::ExitCode;

use codcast::backtest::ablation::{self, Setup};
use codcast::backtest::{Backtest, BacktestConfig, backtest};
use codcast::engines::{self, Engine};
use indicatif::{ProgressBar, ProgressStyle};

use super::read_study;
use crate::answer::Backtested;
use crate::args::{BacktestArgs, Common, Format};
use crate::cache::Cache;
use crate::failure::Failure;
use crate::file::NewFile;
use crate::output;
use crate::settings;

pub(super) fn run(args: &BacktestArgs, common: &Common) -> Result<ExitCode, Failure> {
    let config = settings::load(common)?;
    let settings = BacktestConfig {
        min_factor: args.min_factor,
        min_rungs: args.min_rungs as usize,
        level: args.level,
        ..BacktestConfig::default()
    };
    settings.validate()?;
    let engines =
        if args.engine.is_empty() { engines::all() } else { engines::by_names(&args.engine)? };
    let ablation = args.ablate.as_deref().map(ablation::by_name).transpose()?;

    let folder = args.cache.clone().or_else(Cache::default_folder).filter(|_| !args.no_cache);
    // A bad output path is refused before the work, not after.
    let page = args.report.as_deref().map(NewFile::create).transpose()?;
    let mut cache = Cache::new(folder, common.program.as_deref());
    let mut inputs = Vec::new();
    let mut studies = Vec::new();
    for path in &args.study {
        let (study, files) = read_study(path, common)?;
        if studies.iter().any(|known: &codcast::evals::Study| known.name == study.name) {
            return Err(Failure::usage(format!(
                "{}: a study named {:?} was already given; names must differ, or its cases would \
                 count twice",
                path.display(),
                study.name
            )));
        }
        cache.know(&study, &files);
        inputs.extend(files);
        studies.push(study);
    }

    let unchanged = Setup { studies, backtest: settings, config: config.clone() };
    let result = run_one(&unchanged, &engines, &cache, "backtest", common);
    let mut results = vec![("unchanged".to_owned(), result)];
    for variant in ablation.iter().flat_map(|ablation| &ablation.variants) {
        let mut setup = unchanged.clone();
        (variant.change)(&mut setup);
        let cache = cache.changed(&format!("{}, seed {}", variant.label, config.seed));
        let result = run_one(&setup, &engines, &cache, variant.label, common);
        results.push((variant.label.to_owned(), result));
    }
    let rows = if ablation.is_some() { ablation::rows(&results) } else { Vec::new() };
    let backtest = &results[0].1;
    let sheets = if ablation.is_some() {
        vec![sheets::ablated(&rows)]
    } else if common.format == Some(Format::Csv) {
        vec![sheets::cases(&backtest.cases)]
    } else {
        vec![sheets::summary(backtest), sheets::by_study(backtest), sheets::by_distance(backtest)]
    };
    let answer = Backtested {
        ablation: &rows,
        command: page.is_some().then(|| again(args, &config)),
        ..Backtested::new(backtest, &config, &inputs)
    };
    if let Some(page) = page {
        let json = serde_json::to_string(&answer).map_err(Failure::usage)?;
        page.write(codcast_report::report(&json).map_err(Failure::usage)?.as_bytes())?;
    }
    output::print(common.format, &answer, &sheets)?;
    if backtest.cases.is_empty() {
        let why = backtest.skipped.first().map_or(
            format!(
                "no model has {} rungs of at most 1/{} of its compute (--min-rungs, --min-factor)",
                backtest.settings.min_rungs, backtest.settings.min_factor
            ),
            |skipped| format!("{} in {}: {}", skipped.target, skipped.study, skipped.reason),
        );
        return Err(Failure::unanswerable(format!("no case to backtest: {why}")));
    }
    Ok(ExitCode::SUCCESS)
}

/// The command that makes this backtest again.
fn again(args: &BacktestArgs, config: &codcast::Config) -> String {
    let mut words = vec!["backtest".to_owned()];
    words.extend(args.study.iter().map(|study| study.display().to_string()));
    if !args.engine.is_empty() {
        words.extend(["--engine".to_owned(), args.engine.join(",")]);
    }
    words.extend(["--min-factor".to_owned(), args.min_factor.to_string()]);
    words.extend(["--min-rungs".to_owned(), args.min_rungs.to_string()]);
    words.extend(["--level".to_owned(), args.level.to_string()]);
    if let Some(page) = &args.report {
        words.extend(["--report".to_owned(), page.display().to_string()]);
    }
    super::explained::command(words, config)
}

fn run_one(
    setup: &Setup,
    engines: &[Box<dyn Engine>],
    cache: &Cache,
    doing: &str,
    common: &Common,
) -> Backtest {
    let bar = if common.quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(doing.to_owned());
    let progress = |done: usize, total: usize| {
        bar.set_length(total as u64);
        // Several threads report; the bar never goes back.
        bar.set_position(bar.position().max(done as u64));
    };
    let result =
        backtest(&setup.studies, engines, &setup.backtest, &setup.config, cache, &progress);
    bar.finish_and_clear();
    result
}
