//! A plan as tables, one a question.

use std::fmt::Write as _;

use codcast::plan::{Additions, ComputeFor, Costs, Needed, Plan, Recipes, Worth};

use crate::output::{self, Cell, Sheet};

/// What was asked, in the order of the JSON.
pub(super) fn sheets(plan: &Plan, costs: &Costs) -> Vec<Sheet> {
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
