//! `codcast plan`

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use codcast::Flops;
use codcast::passrate::Target;
use codcast::plan::{
    Additions, ComputeFor, Costs, Goal, Needed, Plan, Question, Recipes, Worth, choose, plan,
};

use super::explained::{command, write_page};
use super::{Spinner, WithInputs, read_study};
use crate::answer::WithCommand;
use crate::args::{Common, PlanArgs};
use crate::failure::Failure;
use crate::file::NewFile;
use crate::output::{self, Cell, Sheet};
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
    output::print(common.format, &result, &sheets(&answer, &question.costs))?;
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

/// What was asked, in the order of the JSON.
fn sheets(plan: &Plan, costs: &Costs) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    if !plan.compute_for_score.is_empty() {
        sheets.push(compute_sheet(plan, costs));
    }
    if let Some(additions) = &plan.additions {
        sheets.push(additions_sheet(plan, additions));
    }
    if !plan.worth.is_empty() {
        sheets.push(worth_sheet(plan));
    }
    if let Some(recipes) = &plan.recipes {
        sheets.push(recipes_sheet(plan, recipes));
    }
    sheets
}

fn compute_sheet(plan: &Plan, costs: &Costs) -> Sheet {
    let shown = |needed: &Needed| match needed.compute_flops {
        Some(flops) => Cell::Compute(Some(flops)),
        None => Cell::Text(match needed.status {
            "by_largest_rung" => "largest rung",
            "not_in_sight" => "not in sight",
            _ => "-",
        }),
    };
    let rows = plan.compute_for_score.iter().map(|row: &ComputeFor| {
        vec![
            row.task.clone().map_or(Cell::Text("(weighted set)"), Cell::Name),
            Cell::Percent(Some(row.score)),
            shown(&row.expected),
            Cell::Number(row.expected.times_largest_rung),
            shown(&row.at_least),
            shown(&row.safe),
            Cell::Number(row.training_cost),
        ]
    });
    let level = plan.compute_for_score.first().map_or(0.9, |row| row.level);
    let mut notes = vec![format!(
        "at least: the least compute whose {:.0} % interval holds the score; safe: whose whole interval \
         is above it; cost of training in {}",
        100.0 * level,
        costs.unit
    )];
    let of = plan.compute_for_score.iter();
    notes.extend(output::notes(
        of.map(|row| (row.task.as_deref().unwrap_or("weighted set"), row.diagnostics.as_slice())),
    ));
    Sheet {
        title: format!("{}: compute for a score; engine {}", plan.study, plan.engine),
        columns: vec![
            ("task", "task"),
            ("score %", "score"),
            ("compute", "compute_flops"),
            ("x largest rung", "times_largest_rung"),
            ("at least", "at_least_flops"),
            ("safe", "safe_flops"),
            ("cost", "training_cost"),
        ],
        rows: rows.collect(),
        notes,
        ..Sheet::default()
    }
}

fn additions_sheet(plan: &Plan, additions: &Additions) -> Sheet {
    let rows = additions.options.iter().map(|option| {
        let mut what = match option.kind {
            "rung" => "a rung".to_owned(),
            "generations" => "generations a sample".to_owned(),
            "anchor" => "an anchor of the target's compute".to_owned(),
            other => other.to_owned(),
        };
        if let Some(times) = option.times {
            let _ = write!(what, " x {times}");
        }
        vec![
            Cell::Name(what),
            Cell::Compute(option.compute_flops),
            Cell::Number(Some(option.cost.training)),
            Cell::Number(Some(option.cost.evaluation)),
            Cell::Points(Some(additions.width_now)),
            Cell::Points(Some(option.width_then)),
            Cell::Points(Some(option.width_error)),
            Cell::Percent(Some(option.shrinkage)),
        ]
    });
    let mut notes =
        vec!["widths in points, weighted mean of tasks; +-: of the simulation".to_owned()];
    notes.extend(output::notes([(plan.study.as_str(), plan.diagnostics.as_slice())]));
    Sheet {
        title: format!(
            "what would narrow the intervals at {} for at most {:.3e} {}",
            target_name(plan),
            additions.budget,
            additions.unit
        ),
        columns: vec![
            ("addition", "addition"),
            ("compute", "compute_flops"),
            ("training", "cost_training"),
            ("evaluation", "cost_evaluation"),
            ("width now", "width_now"),
            ("then", "width_then"),
            ("+-", "width_error"),
            ("narrower %", "shrinkage"),
        ],
        rows: rows.collect(),
        notes,
        ..Sheet::default()
    }
}

fn worth_sheet(plan: &Plan) -> Sheet {
    let rows = plan.worth.iter().map(|row: &Worth| {
        vec![
            Cell::Name(row.task.clone()),
            Cell::Text(match row.verdict {
                "worth_it" => "worth it",
                "at_chance" => "at chance",
                "no_forecast" => "no forecast",
                other => other,
            }),
            Cell::Count(row.n_samples),
            Cell::Percent(row.forecast),
            Cell::Points(row.gain_points),
            Cell::Points(row.width_points),
            Cell::Percent(row.predictable_share),
            Cell::Points(row.noise_floor_points),
            Cell::Count(row.samples_needed),
        ]
    });
    let tasks = plan.worth.iter().map(|row| (row.task.as_str(), row.diagnostics.as_slice()));
    Sheet {
        title: format!("is it worth forecasting on, at {}?", target_name(plan)),
        columns: vec![
            ("task", "task"),
            ("verdict", "verdict"),
            ("samples", "n_samples"),
            ("forecast %", "forecast"),
            ("gain", "gain_points"),
            ("width", "width_points"),
            ("predictable %", "predictable_share"),
            ("noise floor", "noise_floor_points"),
            ("samples for 1 point", "samples_needed"),
        ],
        rows: rows.collect(),
        notes: output::notes(tasks),
        ..Sheet::default()
    }
}

fn recipes_sheet(plan: &Plan, recipes: &Recipes) -> Sheet {
    let mut rows: Vec<Vec<Cell>> = recipes
        .tasks
        .iter()
        .map(|row| {
            vec![
                Cell::Name(row.task.clone()),
                Cell::Count(row.shared_samples.map(|n| n as u64)),
                Cell::Percent(row.first),
                Cell::Percent(row.second),
                Cell::Points(row.difference_points),
                Cell::Points(row.interval_points.map(|i| i.lower)),
                Cell::Points(row.interval_points.map(|i| i.upper)),
                Cell::Percent(row.probability_first_better),
            ]
        })
        .collect();
    rows.push(vec![
        Cell::Text("(weighted set)"),
        Cell::Count(None),
        Cell::Percent(None),
        Cell::Percent(None),
        Cell::Points(recipes.difference_points),
        Cell::Points(recipes.interval_points.map(|i| i.lower)),
        Cell::Points(recipes.interval_points.map(|i| i.upper)),
        Cell::Percent(recipes.probability_first_better),
    ]);
    let call = match recipes.call {
        "first" => format!("{} (A) is called better", recipes.first),
        "second" => format!("{} (B) is called better", recipes.second),
        _ => "undecided: neither is better with 80 %".to_owned(),
    };
    let mut notes = vec![call];
    let tasks = recipes.tasks.iter().map(|row| (row.task.as_str(), row.diagnostics.as_slice()));
    notes.extend(output::notes(tasks));
    Sheet {
        title: format!(
            "A: {}, B: {}; at {}; engine {}",
            recipes.first,
            recipes.second,
            target_name(plan),
            plan.engine
        ),
        columns: vec![
            ("task", "task"),
            ("shared samples", "shared_samples"),
            ("A %", "first"),
            ("B %", "second"),
            ("A - B", "difference_points"),
            ("lower", "lower_points"),
            ("upper", "upper_points"),
            ("A better %", "probability_first_better"),
        ],
        rows,
        notes,
        ..Sheet::default()
    }
}

fn target_name(plan: &Plan) -> String {
    plan.target.as_ref().map_or_else(
        || "the target".to_owned(),
        |t| {
            let name = t.model.clone().unwrap_or_else(|| "a model of this size".to_owned());
            format!(
                "{name} ({}, {:.1} times the largest rung)",
                t.compute_flops, t.times_largest_rung
            )
        },
    )
}
