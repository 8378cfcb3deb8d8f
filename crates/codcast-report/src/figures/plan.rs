//! What a plan says, drawn: compute for scores, widths of intervals, differences of recipes.

use super::{Drawn, PANEL, compute_axis};
use crate::draw::{Axis, Chart, Ink, Mark, Point, Scale, Symbol};
use crate::input::{Additions, ComputeFor, Recipes};
use crate::text::{flops, name, percent, points, signed};

/// Compute against the score wanted; `None` where no score is in sight.
pub(crate) fn needed_panel(goals: &[ComputeFor]) -> Option<Drawn> {
    let found: Vec<(&ComputeFor, f64)> =
        goals.iter().filter_map(|goal| Some((goal, goal.expected.compute_flops?))).collect();
    if found.is_empty() {
        return None;
    }
    let ends = |goal: &ComputeFor, at: f64| {
        (goal.at_least.compute_flops.unwrap_or(at), goal.safe.compute_flops.unwrap_or(at))
    };
    let all = found.iter().flat_map(|&(goal, at)| {
        let (low, high) = ends(goal, at);
        [low, at, high]
    });
    let mut chart = Chart {
        title: "Compute for a score".to_owned(),
        subtitle: String::new(),
        description: "training compute at which the forecast is the score wanted".to_owned(),
        x: compute_axis(all),
        y: Axis::covering(
            "score wanted, %",
            Scale::Percent,
            found.iter().map(|(goal, _)| goal.score),
        ),
        marks: Vec::new(),
        width: PANEL.0,
        height: PANEL.1,
    };
    let ink = Ink::Forecast;
    for &(goal, at) in &found {
        let (low, high) = ends(goal, at);
        let points = vec![(low, Some(goal.score)), (high, Some(goal.score))];
        chart.marks.push(Mark::Line { points, ink, width: 1.25, dash: None });
    }
    let points = found.iter().map(|&(goal, x)| Point { x, y: goal.score, bar: None });
    let points = points.collect();
    chart.marks.push(Mark::Points { points, symbol: Symbol::Disc, ink, radius: 4.0 });
    let spots = found
        .iter()
        .map(|&(goal, at)| {
            let task = goal.task.as_deref().map_or_else(|| "the weighted set".to_owned(), name);
            let text = format!("{task}: {} % at {} FLOP", percent(goal.score), flops(at));
            chart.spot(at, goal.score, text)
        })
        .collect();
    Some(Drawn { chart, spots })
}

/// Widths of the intervals that additions promise, in the order of the table, beside what it is now.
pub(crate) fn additions_panel(additions: &Additions, names: &[String]) -> Drawn {
    let widths = additions.options.iter().map(|option| option.width_then + option.width_error);
    let highest = widths.fold(additions.width_now, f64::max);
    let mut chart = Chart {
        title: "Width of the interval after each addition".to_owned(),
        subtitle: "dotted: as it is".to_owned(),
        description: "promised widths of the target's intervals, best addition first".to_owned(),
        x: Axis {
            label: "additions, best first".to_owned(),
            scale: Scale::Linear,
            min: 0.4,
            max: additions.options.len() as f64 + 0.6,
        },
        y: Axis {
            label: "width, points".to_owned(),
            scale: Scale::Linear,
            min: 0.0,
            max: (1.08 * highest).max(1e-6),
        },
        marks: Vec::new(),
        width: PANEL.0,
        height: PANEL.1,
    };
    let place = |i: usize| i as f64 + 1.0;
    let options = additions.options.iter().enumerate();
    let bars = options.clone().map(|(i, o)| (place(i) - 0.35, place(i) + 0.35, o.width_then));
    chart.marks.push(Mark::Bars { bars: bars.collect(), ink: Ink::Forecast, opacity: 0.55 });
    chart.marks.push(Mark::Horizontal {
        y: additions.width_now,
        ink: Ink::Text,
        label: "as it is".to_owned(),
    });
    let errors = options.clone().map(|(i, o)| Point {
        x: place(i),
        y: o.width_then,
        bar: Some(((o.width_then - o.width_error).max(0.0), o.width_then + o.width_error)),
    });
    chart.marks.push(Mark::Points {
        points: errors.collect(),
        symbol: Symbol::Square,
        ink: Ink::Text,
        radius: 1.5,
    });
    let spots = options
        .zip(names)
        .map(|((i, o), name)| {
            let (then, error) = (points(o.width_then), points(o.width_error));
            let text = format!(
                "{name}: {then} ± {error} points wide, {} % narrower",
                percent(o.shrinkage)
            );
            chart.spot(place(i), o.width_then, text)
        })
        .collect();
    Drawn { chart, spots }
}

/// Differences of two recipes, tasks in the order of the table, the weighted set last; `None` without
/// any.
pub(crate) fn recipes_panel(recipes: &Recipes) -> Option<Drawn> {
    let tasks = recipes.tasks.iter().map(|task| {
        (
            name(&task.task),
            task.difference_points,
            task.interval_points,
            task.probability_first_better,
        )
    });
    let set = (
        "the weighted set".to_owned(),
        recipes.difference_points,
        recipes.interval_points,
        recipes.probability_first_better,
    );
    let all: Vec<(f64, String, f64, Option<(f64, f64)>, Option<f64>)> = tasks
        .chain([set])
        .enumerate()
        .filter_map(|(i, (what, difference, interval, probability))| {
            let interval = interval.map(|interval| (interval.lower, interval.upper));
            Some((i as f64 + 1.0, what, difference?, interval, probability))
        })
        .collect();
    let last = all.last()?.0;
    let values = all.iter().flat_map(|(_, _, y, bar, _)| {
        let (low, high) = bar.unwrap_or((*y, *y));
        [low, *y, high]
    });
    let mut chart = Chart {
        title: "A less B at the target".to_owned(),
        subtitle: "above 0 the first recipe is better".to_owned(),
        description: "difference of the two recipes' forecasts, with intervals".to_owned(),
        x: Axis {
            label: "tasks in the table's order, the set last".to_owned(),
            scale: Scale::Linear,
            min: 0.4,
            max: last + 0.6,
        },
        y: Axis::covering("difference, points", Scale::Linear, values.chain([0.0])),
        marks: vec![Mark::Horizontal { y: 0.0, ink: Ink::Axis, label: String::new() }],
        width: PANEL.0,
        height: PANEL.1,
    };
    let (set, tasks): (Vec<_>, Vec<_>) =
        all.iter().partition(|(x, ..)| *x > recipes.tasks.len() as f64 + 0.5);
    for (of, symbol, radius) in [(tasks, Symbol::Disc, 3.5), (set, Symbol::Diamond, 5.0)] {
        let points = of.iter().map(|(x, _, y, bar, _)| Point { x: *x, y: *y, bar: *bar }).collect();
        chart.marks.push(Mark::Points { points, symbol, ink: Ink::Forecast, radius });
    }
    let spots = all
        .iter()
        .map(|(x, what, y, bar, probability)| {
            let range = bar.map_or_else(String::new, |(low, high)| {
                format!(" ({} to {})", signed(low), signed(high))
            });
            let text = format!(
                "{what}: {}{range} points; A better with {} %",
                signed(*y),
                percent(*probability)
            );
            chart.spot(*x, *y, text)
        })
        .collect();
    Some(Drawn { chart, spots })
}
