//! A plan as a page: what was asked, answered first.

use super::block::{Block, Cell, Data, Figure, Page, Section, Table};
use super::notes::notes;
use super::provenance::provenance;
use crate::figures::{Drawn, additions_panel, needed_panel, recipes_panel};
use crate::input::{Addition, Additions, ComputeFor, Diagnostic, Needed, Plan, Recipes};
use crate::text::{UNKNOWN, clean, flops, name, percent, points, signed, times};

/// The page of a plan. `json`: the result to offer for download.
pub(crate) fn page(plan: &Plan, json: String) -> Page {
    let mut sections = vec![answer(plan)];
    if !plan.compute_for_score.is_empty() {
        sections.push(compute(plan));
    }
    if let Some(additions) = &plan.additions {
        sections.push(additions_section(plan, additions));
    }
    if !plan.worth.is_empty() {
        sections.push(worth(plan));
    }
    if let Some(recipes) = &plan.recipes {
        sections.push(recipes_section(recipes));
    }
    sections.push(provenance(
        &plan.version,
        Some(plan.seed),
        &plan.config,
        &plan.inputs,
        plan.command.as_deref(),
    ));
    let title = match &plan.recipes {
        Some(recipes) => format!("Plan: {} or {}", clean(&recipes.first), clean(&recipes.second)),
        None => format!("Plan: {}", clean(&plan.study)),
    };
    let target = plan.target.as_ref().map_or_else(String::new, |target| {
        let model = target.model.as_deref().map_or_else(|| "a model".to_owned(), name);
        format!(
            "For {model} of {} FLOP, {} times the largest rung. ",
            flops(target.compute_flops),
            times(target.times_largest_rung)
        )
    });
    Page {
        title,
        lead: format!("{target}Engine {}.", name(&plan.engine)),
        sections,
        data: vec![Data { id: "plan-json", json, file: Some("plan.json") }],
    }
}

fn answer(plan: &Plan) -> Section {
    let mut intro: Vec<String> = plan.compute_for_score.iter().map(in_words).collect();
    intro.extend(plan.additions.iter().map(advice));
    if !plan.worth.is_empty() {
        let good = plan.worth.iter().filter(|row| row.verdict == "worth_it").count();
        intro.push(format!(
            "{good} of {} tasks are worth forecasting on as they are.",
            plan.worth.len()
        ));
    }
    intro.extend(plan.recipes.iter().map(call));
    if intro.is_empty() {
        intro.push("Nothing was asked: no score, target, budget or second recipe.".to_owned());
    }
    let tasks = plan.worth.iter().map(|row| (row.task.as_str(), row.diagnostics.as_slice()));
    let goals = plan
        .compute_for_score
        .iter()
        .map(|row| (row.task.as_deref().unwrap_or("the weighted set"), row.diagnostics.as_slice()));
    let recipes = plan.recipes.iter().flat_map(|recipes| &recipes.tasks);
    let recipes = recipes.map(|row| (row.task.as_str(), row.diagnostics.as_slice()));
    let found = notes(tasks.chain(goals).chain(recipes), warns);
    let whole = notes([(plan.study.as_str(), plan.diagnostics.as_slice())].into_iter(), warns);
    let all: Vec<_> = whole.into_iter().chain(found).collect();
    let blocks = if all.is_empty() { Vec::new() } else { vec![Block::Notes(all)] };
    Section { id: "answer", title: "The plan".to_owned(), intro, blocks }
}

fn warns(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity != "info"
}

fn goal_name(goal: &ComputeFor) -> String {
    goal.task.as_deref().map_or_else(|| "the weighted set".to_owned(), name)
}

/// A compute or why there is none.
fn needed(of: &Needed) -> String {
    match (of.compute_flops, of.status.as_str()) {
        (Some(compute), _) => flops(compute),
        (None, "by_largest_rung") => "largest rung".to_owned(),
        (None, "not_in_sight") => "not in sight".to_owned(),
        _ => UNKNOWN.to_owned(),
    }
}

fn in_words(goal: &ComputeFor) -> String {
    let (what, score) = (goal_name(goal), percent(goal.score));
    match (goal.expected.compute_flops, goal.expected.status.as_str()) {
        (Some(compute), _) => format!(
            "{score} % on {what} are to be expected at {} FLOP, {} times the largest rung; at least: {}, \
             safe: {}.",
            flops(compute),
            times(goal.expected.times_largest_rung),
            needed(&goal.at_least),
            needed(&goal.safe)
        ),
        (None, "by_largest_rung") => {
            format!("{score} % on {what}: a model of the largest rung's size reaches it.")
        }
        (None, "not_in_sight") => format!(
            "{score} % on {what} are not in sight: not with a million times the largest rung's compute."
        ),
        _ => format!("{score} % on {what}: there is no forecast."),
    }
}

fn compute(plan: &Plan) -> Section {
    let columns = [
        "task",
        "score %",
        "compute, FLOP",
        "× largest rung",
        "at least",
        "safe",
        "cost of training",
    ];
    let cell = |of: &Needed| {
        let exact =
            of.compute_flops.map_or_else(|| of.status.clone(), |compute| compute.to_string());
        Cell { exact: Some(clean(&exact)), number: true, ..Cell::text(needed(of)) }
    };
    let rows = plan.compute_for_score.iter().map(|goal| {
        vec![
            Cell::name(goal.task.as_deref().unwrap_or("(weighted set)")),
            Cell::number(goal.score, percent),
            cell(&goal.expected),
            Cell::number(goal.expected.times_largest_rung, times),
            cell(&goal.at_least),
            cell(&goal.safe),
            Cell::number(goal.training_cost, amount),
        ]
    });
    let table = Table {
        id: "compute-table".to_owned(),
        caption: "Compute for a score".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    let mut blocks = vec![Block::Table(table)];
    if let Some(drawn) = needed_panel(&plan.compute_for_score) {
        blocks.push(figures("compute-chart", drawn));
    }
    let level = plan.compute_for_score.first().map_or(0.9, |goal| goal.level);
    Section {
        id: "compute",
        title: "How much compute for a score?".to_owned(),
        intro: vec![format!(
            "At least: the least compute whose {} % interval holds the score. Safe: the least whose \
             whole interval is at or above it. The lines in the chart go from one to the other, where \
             both are in sight.",
            percent(level)
        )],
        blocks,
    }
}

fn figures(id: &str, drawn: Drawn) -> Block {
    let (scene, spots) = (drawn.chart.draw(), drawn.spots);
    let figure = Figure { id: id.to_owned(), scene, spots, ..Figure::default() };
    Block::Figures { figures: vec![figure], legend: None }
}

/// Costs, three digits.
fn amount(value: Option<f64>) -> String {
    match value {
        Some(value) if (1e-3..1e5).contains(&value) => times(value),
        Some(0.0) => "0".to_owned(),
        value => flops(value),
    }
}

fn addition_name(addition: &Addition) -> String {
    match (addition.kind.as_str(), addition.compute_flops, addition.times) {
        ("rung", Some(compute), _) => format!("a rung of {} FLOP", flops(compute)),
        ("anchor", ..) => "an anchor of the target's compute".to_owned(),
        ("generations", _, Some(times)) => format!("{times} times the generations a sample"),
        ("samples", _, Some(times)) => format!("{times} times the samples"),
        (other, ..) => clean(other),
    }
}

fn advice(additions: &Additions) -> String {
    let budget = format!("{} {}", amount(Some(additions.budget)), name(&additions.unit));
    match additions.options.first() {
        Some(best) if best.shrinkage > 0.0 => format!(
            "For at most {budget}, add {}: the interval is expected to shrink from {} to {} points ({} \
             % narrower), mean of the tasks.",
            addition_name(best),
            points(additions.width_now),
            points(best.width_then),
            percent(best.shrinkage)
        ),
        Some(_) => format!("Nothing that {budget} pays for is expected to narrow the interval."),
        None => format!("{budget} pays for no addition."),
    }
}

fn additions_section(plan: &Plan, additions: &Additions) -> Section {
    let columns =
        ["addition", "training", "evaluation", "cost", "width now", "then", "±", "narrower %"];
    let names: Vec<String> = additions.options.iter().map(addition_name).collect();
    let rows = additions.options.iter().zip(&names).map(|(option, name)| {
        vec![
            Cell::text(name.clone()),
            Cell::number(option.cost.training, amount),
            Cell::number(option.cost.evaluation, amount),
            Cell::number(option.cost.total, amount),
            Cell::number(additions.width_now, points),
            Cell::number(option.width_then, points),
            Cell::number(option.width_error, points),
            Cell::number(option.shrinkage, percent),
        ]
    });
    let table = Table {
        id: "additions-table".to_owned(),
        caption: format!("Additions, best first; costs in {}", name(&additions.unit)),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    let mut blocks = vec![Block::Table(table)];
    if !additions.options.is_empty() {
        blocks.push(figures("additions-chart", additions_panel(additions, &names)));
    }
    if let Some(best) = additions.options.first().filter(|best| !best.tasks.is_empty()) {
        let rows = best.tasks.iter().map(|task| {
            vec![
                Cell::name(&task.task),
                Cell::number(task.now, points),
                Cell::number(task.then, points),
            ]
        });
        let table = Table {
            id: "best-table".to_owned(),
            caption: format!("Width of each task's interval with {}", names[0]),
            columns: ["task", "now", "then"].map(str::to_owned).to_vec(),
            rows: rows.collect(),
        };
        blocks.push(Block::Folded {
            title: "The best addition, task by task".to_owned(),
            blocks: vec![Block::Table(table)],
        });
    }
    let target = plan.target.as_ref().and_then(|target| target.model.as_deref());
    let target = target.map_or_else(|| "the target".to_owned(), name);
    Section {
        id: "additions",
        title: "What narrows the interval most?".to_owned(),
        intro: vec![format!(
            "Each addition was simulated on the ladder as fitted, and fitted again. Widths of the \
             intervals at {target} in points, weighted mean of the tasks; ±: of the simulation."
        )],
        blocks,
    }
}

fn worth(plan: &Plan) -> Section {
    let columns = [
        "task",
        "verdict",
        "samples",
        "forecast %",
        "gain",
        "width",
        "predictable %",
        "noise floor",
        "samples for 1 point",
    ];
    let rows = plan.worth.iter().map(|row| {
        let verdict = match row.verdict.as_str() {
            "worth_it" => "worth it",
            "at_chance" => "at chance",
            "no_forecast" => "no forecast",
            "uncertain" => "uncertain",
            "noisy" => "noisy",
            _ => UNKNOWN,
        };
        vec![
            Cell::name(&row.task),
            Cell::text(verdict),
            Cell::count(row.n_samples),
            Cell::number(row.forecast, percent),
            Cell::number(row.gain_points, signed),
            Cell::number(row.width_points, points),
            Cell::number(row.predictable_share, percent),
            Cell::number(row.noise_floor_points, points),
            Cell::count(row.samples_needed),
        ]
    });
    let table = Table {
        id: "worth-table".to_owned(),
        caption: "Every task as a thing to forecast".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    Section {
        id: "worth",
        title: "Is the set worth forecasting on?".to_owned(),
        intro: vec![
            "At chance: the largest rung is within noise of guessing. Uncertain: the interval is 30 \
             points wide, or most samples are not predictable. Noisy: the target's own score will be \
             known to no better than a point. Gain over the largest rung, width, and noise floor (one \
             standard deviation) in points."
                .to_owned(),
        ],
        blocks: vec![Block::Cards(table)],
    }
}

fn call(recipes: &Recipes) -> String {
    let (first, second) = (name(&recipes.first), name(&recipes.second));
    let probability = recipes.probability_first_better;
    match recipes.call.as_str() {
        "first" => {
            format!(
                "{first} (A) is called better than {second} (B), with {} %.",
                percent(probability)
            )
        }
        "second" => format!(
            "{second} (B) is called better than {first} (A), with {} %.",
            percent(probability.map(|p| 1.0 - p))
        ),
        _ => format!(
            "Undecided between {first} (A) and {second} (B): A is better with {} %; calls are made from \
             80 % on.",
            percent(probability)
        ),
    }
}

fn recipes_section(recipes: &Recipes) -> Section {
    let columns = ["task", "shared samples", "A %", "B %", "A − B", "lower", "upper", "A better %"];
    let mut rows: Vec<Vec<Cell>> = recipes
        .tasks
        .iter()
        .map(|row| {
            vec![
                Cell::name(&row.task),
                Cell::count(row.shared_samples),
                Cell::number(row.first, percent),
                Cell::number(row.second, percent),
                Cell::number(row.difference_points, signed),
                Cell::number(row.interval_points.map(|i| i.lower), signed),
                Cell::number(row.interval_points.map(|i| i.upper), signed),
                Cell::number(row.probability_first_better, percent),
            ]
        })
        .collect();
    rows.push(vec![
        Cell::text("(weighted set)"),
        Cell::count(None),
        Cell::number(None, percent),
        Cell::number(None, percent),
        Cell::number(recipes.difference_points, signed),
        Cell::number(recipes.interval_points.map(|i| i.lower), signed),
        Cell::number(recipes.interval_points.map(|i| i.upper), signed),
        Cell::number(recipes.probability_first_better, percent),
    ]);
    let table = Table {
        id: "recipes-table".to_owned(),
        caption: format!("A: {}; B: {}", name(&recipes.first), name(&recipes.second)),
        columns: columns.map(str::to_owned).to_vec(),
        rows,
    };
    let mut blocks = vec![Block::Table(table)];
    if let Some(drawn) = recipes_panel(recipes) {
        blocks.push(figures("recipes-chart", drawn));
    }
    Section {
        id: "recipes",
        title: "Which recipe is better?".to_owned(),
        intro: vec![format!(
            "Both ladders fitted on the samples they share; differences in points. The overall figure \
             assumes that two tasks' deviations are correlated by {}.",
            points(recipes.task_correlation)
        )],
        blocks,
    }
}
