//! `codcast plan`

mod sheets;

use std::path::Path;
use std::process::ExitCode;

use codcast::Flops;
use codcast::passrate::Target;
use codcast::plan::{Costs, Goal, Plan, Question, choose, plan};

use super::explained::{command, write_page};
use super::{Spinner, WithInputs, read_study};
use crate::answer::WithCommand;
use crate::args::{Common, PlanArgs};
use crate::failure::Failure;
use crate::file::NewFile;
use crate::output;
use crate::settings;

pub(super) fn run(args: &PlanArgs, common: &Common) -> Result<ExitCode, Failure> {
    let config = settings::load(common)?;
    let engine = codcast::engines::by_name(&args.engine.engine)?;
    let costs = args.costs.as_deref().map(read_costs).transpose()?.unwrap_or_default();
    if args.print_costs {
        output::write(&toml::to_string(&costs).map_err(Failure::usage)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    // A bad output path is refused before the work, not after.
    let page = args.report.as_deref().map(NewFile::create).transpose()?;
    let (study, mut inputs) = read_study(&args.study, common)?;
    let question = Question {
        target: target(args, &study)?,
        goals: args.score.iter().map(|text| goal(text)).collect::<Result<_, _>>()?,
        weights: args.weight.iter().map(|text| weight(text)).collect::<Result<_, _>>()?,
        budget: args.budget.map(budget).transpose()?,
        costs,
        level: args.level,
    };
    let spinner = Spinner::start("planning", common);
    let answer = match &args.against {
        None => plan(&study, engine.as_ref(), &question, &config)?,
        Some(folder) => {
            let (second, more) = read_study(folder, common)?;
            inputs.extend(more);
            choose(&study, &second, engine.as_ref(), &question, &config)?
        }
    };
    drop(spinner);
    let command = page.is_some().then(|| again(args, &config));
    let result = WithCommand { answer: WithInputs { result: &answer, inputs: &inputs }, command };
    if let Some(page) = page {
        write_page(page, &result)?;
    }
    output::print(common.format, &result, &sheets::sheets(&answer, &question.costs))?;
    verdict(&answer)
}

/// The command line that gives the plan again.
fn again(args: &PlanArgs, config: &codcast::Config) -> String {
    let mut words = vec!["plan".to_owned(), args.study.display().to_string()];
    let mut add = |flag: &str, value: Option<String>| {
        words.extend(value.into_iter().flat_map(|value| [flag.to_owned(), value]));
    };
    add("--target", args.target.clone());
    add("--compute", args.compute.map(|value| format!("{value:e}")));
    for score in &args.score {
        add("--score", Some(score.clone()));
    }
    for weight in &args.weight {
        add("--weight", Some(weight.clone()));
    }
    add("--budget", args.budget.map(|value| format!("{value:e}")));
    add("--costs", args.costs.as_ref().map(|path| path.display().to_string()));
    add("--against", args.against.as_ref().map(|path| path.display().to_string()));
    add("--engine", Some(args.engine.engine.clone()));
    add("--level", Some(args.level.to_string()));
    add("--report", args.report.as_ref().map(|path| path.display().to_string()));
    command(words, config)
}

/// Exit status 1 when nothing that was asked could be answered.
fn verdict(plan: &Plan) -> Result<ExitCode, Failure> {
    let answered = plan.compute_for_score.iter().any(|row| row.expected.status != "no_forecast")
        || plan.additions.as_ref().is_some_and(|a| !a.options.is_empty())
        || plan.worth.iter().any(|row| row.forecast.is_some())
        || plan.recipes.as_ref().is_some_and(|r| r.probability_first_better.is_some());
    if answered {
        return Ok(ExitCode::SUCCESS);
    }
    let tasks = plan.worth.iter().flat_map(|row| &row.diagnostics);
    let more = plan.recipes.iter().flat_map(|r| &r.tasks).flat_map(|row| &row.diagnostics);
    let goals = plan.compute_for_score.iter().flat_map(|row| &row.diagnostics);
    let reason = tasks.chain(more).chain(goals).max_by_key(|d| d.severity());
    let nothing = "nothing was asked: give --score, --target, --compute, --budget or --against";
    let reason = reason.map_or_else(|| nothing.to_owned(), codcast::Diagnostic::message);
    Err(Failure::unanswerable(format!("no plan: {reason}")))
}

fn target(args: &PlanArgs, study: &codcast::evals::Study) -> Result<Option<Target>, Failure> {
    Ok(match (&args.target, args.compute) {
        (Some(name), _) => Some(Target::of(&study.models[study.model(name)?])?),
        (None, Some(flops)) => {
            Some(Target { model: None, compute: Flops::new(flops)?, params: None, tokens: None })
        }
        (None, None) => None,
    })
}

/// `TASK=SCORE` or `SCORE`. A task's name may hold `=`.
fn goal(text: &str) -> Result<Goal, Failure> {
    let (task, score) = match text.rsplit_once('=') {
        Some((task, score)) => (Some(task.to_owned()), score),
        None => (None, text),
    };
    match score.trim().parse::<f64>() {
        Ok(score) if score > 0.0 && score < 1.0 => Ok(Goal { task, score }),
        _ => Err(Failure::usage(format!(
            "--score {text}: expected TASK=SCORE or SCORE with a score in (0, 1), such as gsm8k=0.6"
        ))),
    }
}

fn weight(text: &str) -> Result<(String, f64), Failure> {
    let parsed = text.rsplit_once('=').and_then(|(task, w)| Some((task, w.trim().parse().ok()?)));
    match parsed {
        Some((task, weight)) if f64::is_finite(weight) && weight >= 0.0 => {
            Ok((task.to_owned(), weight))
        }
        _ => Err(Failure::usage(format!(
            "--weight {text}: expected TASK=WEIGHT with a number of at least 0, such as gsm8k=2"
        ))),
    }
}

fn budget(value: f64) -> Result<f64, Failure> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(Failure::usage(format!("--budget {value}: expected a positive number")))
    }
}

fn read_costs(path: &Path) -> Result<Costs, Failure> {
    let wrong = |what: String| Failure::usage(format!("{}: {what}", path.display()));
    let text =
        std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let costs: Costs = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    costs.validate().map_err(|error| wrong(error.to_string()))?;
    Ok(costs)
}
