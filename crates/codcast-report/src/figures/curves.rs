//! Score against compute.

use super::{Drawn, PANEL, compute_axis, score_axis};
use crate::draw::{
    Chart, Ink, Item, Legend, Mark, Paint, Point, RIVALS, Scene, Symbol, area_sample, dot_sample,
    is_drawn, line_sample,
};
use crate::input::{Curves, Forecast, ModelScore, TaskCurve};
use crate::page::{Cell, Table};
use crate::text::{clean, flops, name, percent};

/// An axis is widened by at most this share for the score of guessing.
const NEAR: f64 = 0.35;
/// Dashes of rivals; with eight inks no two of the first 24 look alike.
const DASHES: [(f64, f64); 3] = [(6.0, 3.0), (2.0, 2.0), (9.0, 2.0)];

fn rival_paint(i: usize) -> (Ink, (f64, f64)) {
    let each = usize::from(RIVALS);
    (Ink::Rival((i % each) as u8), DASHES[i % DASHES.len()])
}

/// What a page finds a rival's curve by.
fn rival_key(i: usize) -> String {
    format!("rival-{i}")
}

/// One task's panel. With `live`, rivals are there but hidden, and the target's marks are a group that
/// a page can move.
pub(crate) fn curve_panel(forecast: &Forecast, curves: &Curves, t: usize, live: bool) -> Drawn {
    let task = &curves.tasks[t];
    let rivals = forecast.detail.as_ref().map_or(&[][..], |detail| &detail.rivals);
    let mut chart = Chart {
        title: clean(&task.task),
        subtitle: String::new(),
        description: description(forecast, task, t),
        x: compute_axis(curves.compute_flops.iter().copied().chain(anchored(task).map(|a| a.1))),
        y: score_axis(extent(forecast, curves, t, farthest(forecast))),
        marks: Vec::new(),
        width: PANEL.0,
        height: PANEL.1,
    };
    let mut spots = Vec::new();
    let at = |values: &[Option<f64>]| -> Vec<(f64, Option<f64>)> {
        curves.compute_flops.iter().copied().zip(values.iter().copied()).collect()
    };
    let band = curves
        .compute_flops
        .iter()
        .zip(task.lower.iter().zip(&task.upper))
        .map(|(&x, (lower, upper))| (x, lower.zip(*upper)))
        .collect();
    chart.marks.push(Mark::Band { points: band, ink: Ink::Forecast, opacity: 0.16 });
    if let Some(chance) = task.chance.filter(|&chance| chance > 0.0) {
        let label = "guessing".to_owned();
        chart.marks.push(Mark::Horizontal { y: chance, ink: Ink::Axis, label });
    }
    if live {
        for (i, rival) in rivals.iter().enumerate() {
            let (ink, dash) = rival_paint(i);
            let points = at(&rival.score[t]);
            // Every fifth place is enough to read a line by.
            for (x, y) in points.iter().step_by(5).filter_map(|(x, y)| Some((*x, (*y)?))) {
                let text = format!("{}: {} % at {} FLOP", rival.engine, percent(y), flops(x));
                spots.push(crate::draw::Spot { key: Some(rival_key(i)), ..chart.spot(x, y, text) });
            }
            chart.marks.push(Mark::Switch {
                key: rival_key(i),
                shown: false,
                marks: vec![Mark::Line { points, ink, width: 1.5, dash: Some(dash) }],
            });
        }
    }
    chart.marks.push(Mark::Line {
        points: at(&task.score),
        ink: Ink::Forecast,
        width: 2.0,
        dash: None,
    });
    for (i, &x) in curves.compute_flops.iter().enumerate() {
        if let Some(y) = task.score[i] {
            let band = match (task.lower[i], task.upper[i]) {
                (Some(lower), Some(upper)) => {
                    format!(" ({} to {})", percent(lower), percent(upper))
                }
                _ => String::new(),
            };
            let text = format!("{} {}{band} % at {} FLOP", forecast.engine, percent(y), flops(x));
            spots.push(chart.spot(x, y, text));
        }
    }
    measured(&mut chart, &mut spots, task);
    actuals(&mut chart, &mut spots, forecast, t);
    target(&mut chart, forecast, t, live);
    Drawn { chart, spots }
}

/// Anchors of known compute.
fn anchored(task: &TaskCurve) -> impl Iterator<Item = (&ModelScore, f64)> {
    task.anchors.iter().filter_map(|anchor| Some((anchor, anchor.compute_flops?)))
}

fn bar(model: &ModelScore) -> Option<(f64, f64)> {
    let error = model.standard_error?;
    Some(((model.score - error).max(0.0), (model.score + error).min(1.0)))
}

fn measured(chart: &mut Chart, spots: &mut Vec<crate::draw::Spot>, task: &TaskCurve) {
    let rungs = task.rungs.iter().filter_map(|rung| Some((rung, rung.compute_flops?)));
    let anchors: Vec<(&ModelScore, f64)> = anchored(task).collect();
    let points = |of: &[(&ModelScore, f64)]| -> Vec<Point> {
        of.iter().map(|(model, x)| Point { x: *x, y: model.score, bar: bar(model) }).collect()
    };
    let rungs: Vec<(&ModelScore, f64)> = rungs.collect();
    for (kind, of, symbol, ink) in [
        ("anchor", &anchors, Symbol::Diamond, Ink::Anchor),
        ("rung", &rungs, Symbol::Disc, Ink::Rung),
    ] {
        for (model, x) in of {
            let error = model
                .standard_error
                .map_or_else(String::new, |error| format!(" ± {}", percent(error)));
            let text = format!(
                "{kind} {}: {}{error} % at {} FLOP",
                name(&model.model),
                percent(model.score),
                flops(*x)
            );
            spots.push(chart.spot(*x, model.score, text));
        }
        let radius = if symbol == Symbol::Diamond { 5.0 } else { 3.5 };
        chart.marks.push(Mark::Points { points: points(of), symbol, ink, radius });
    }
}

fn actuals(chart: &mut Chart, spots: &mut Vec<crate::draw::Spot>, forecast: &Forecast, t: usize) {
    let mut points = Vec::new();
    for target in &forecast.targets {
        let Some(actual) = target.tasks[t].actual else { continue };
        points.push(Point { x: target.compute_flops, y: actual, bar: None });
        let model = target.model.as_deref().map_or_else(|| "the target".to_owned(), name);
        let text = format!("actual score of {model}: {} %", percent(actual));
        spots.push(chart.spot(target.compute_flops, actual, text));
    }
    let (symbol, ink) = (Symbol::Cross, Ink::Actual);
    chart.marks.push(Mark::Points { points, symbol, ink, radius: 6.0 });
}

/// The largest target's forecast; with `live` in a group of three paths: the line, the interval, the
/// point.
fn target(chart: &mut Chart, forecast: &Forecast, t: usize, live: bool) {
    let targets = if live { forecast.targets.last() } else { None };
    let mut marks = Vec::new();
    for target in targets.into_iter().chain(forecast.targets.iter().filter(|_| !live)) {
        let task = &target.tasks[t];
        let x = target.compute_flops;
        let y = task.forecast.unwrap_or(chart.y.min);
        let interval = task.interval.map(|interval| (interval.lower, interval.upper));
        marks.push(Mark::Vertical { x, ink: Ink::Forecast });
        if live || task.forecast.is_some() {
            let points = vec![Point { x, y, bar: interval.or(Some((y, y))) }];
            let (symbol, ink) = (Symbol::Disc, Ink::Forecast);
            marks.push(Mark::Points { points, symbol, ink, radius: 5.0 });
        }
    }
    chart.marks.push(Mark::Switch { key: "target".to_owned(), shown: true, marks });
}

/// Everything that must fit, up to the largest target; beyond it only the curve itself.
fn extent(forecast: &Forecast, curves: &Curves, t: usize, farthest: f64) -> Vec<f64> {
    let task = &curves.tasks[t];
    let near = |values: &[Option<f64>]| -> Vec<f64> {
        let places = curves.compute_flops.iter().zip(values);
        places.filter(|(x, _)| **x <= farthest).filter_map(|(_, y)| *y).collect()
    };
    let mut values: Vec<f64> = task.score.iter().flatten().copied().collect();
    values.extend(near(&task.lower));
    values.extend(near(&task.upper));
    for rival in forecast.detail.iter().flat_map(|detail| &detail.rivals) {
        values.extend(near(&rival.score[t]));
    }
    for model in task.rungs.iter().chain(anchored(task).map(|(anchor, _)| anchor)) {
        let (low, high) = bar(model).unwrap_or((model.score, model.score));
        values.extend([low, high]);
    }
    for row in forecast.targets.iter().map(|target| &target.tasks[t]) {
        values.extend(row.actual.into_iter().chain(row.forecast));
        values.extend(row.interval.iter().flat_map(|interval| [interval.lower, interval.upper]));
    }
    // The score of guessing where it is not far: elsewhere it would press the curve to an edge.
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    let near = NEAR * (high - low);
    values.extend(task.chance.filter(|chance| *chance > low - near && *chance < high + near));
    values
}

/// Where the score of guessing lies outside a task's panel, which then has no line of it.
pub(crate) fn guessing_outside(forecast: &Forecast, curves: &Curves, t: usize) -> Option<String> {
    let chance = curves.tasks[t].chance.filter(|&chance| chance > 0.0)?;
    let axis = score_axis(extent(forecast, curves, t, farthest(forecast)));
    let side = match axis.place(chance) {
        below if below < 0.0 => "below",
        above if above > 1.0 => "above",
        _ => return None,
    };
    Some(format!("Guessing scores {} %, which is {side} this panel.", percent(chance)))
}

fn farthest(forecast: &Forecast) -> f64 {
    forecast.targets.last().map_or(f64::INFINITY, |target| target.compute_flops)
}

fn description(forecast: &Forecast, task: &TaskCurve, t: usize) -> String {
    let mut text = format!("{} rungs", task.rungs.len());
    if let (Some(first), Some(last)) = (task.rungs.first(), task.rungs.last()) {
        text += &format!(" from {} % to {} %", percent(first.score), percent(last.score));
    }
    for target in &forecast.targets {
        let model = target.model.as_deref().map_or_else(|| "the target".to_owned(), name);
        text += &match target.tasks[t].forecast {
            Some(score) => format!("; {model} is forecast at {} %", percent(score)),
            None => format!("; no forecast of {model}"),
        };
    }
    text
}

/// What the marks in these panels mean; rivals have switches instead.
pub(crate) fn curve_legend(forecast: &Forecast, panels: &[&Scene]) -> Legend {
    let (line, dot) = (line_sample, dot_sample);
    let band = area_sample(Ink::Forecast, 0.16);
    let curve = line(Paint::line(Ink::Forecast, 2.0));
    let forecast = if is_drawn(&band, panels) {
        let level = forecast.targets.iter().flat_map(|t| &t.tasks).find_map(|t| t.interval);
        let level = level.map_or(0.9, |interval| interval.level);
        (vec![band, curve], format!("forecast with {:.0} % interval", 100.0 * level))
    } else {
        (vec![curve], "forecast".to_owned())
    };
    let guessing = Paint { dash: Some((2.0, 3.0)), ..Paint::line(Ink::Axis, 1.0) };
    let entries = vec![
        (vec![dot(Symbol::Disc, Ink::Rung, 3.5)], "rung, ± 1 standard error".to_owned()),
        forecast,
        (vec![dot(Symbol::Disc, Ink::Forecast, 5.0)], "target".to_owned()),
        (vec![dot(Symbol::Cross, Ink::Actual, 6.0)], "actual score".to_owned()),
        (vec![dot(Symbol::Diamond, Ink::Anchor, 5.0)], "anchor".to_owned()),
        (vec![line(guessing)], "guessing".to_owned()),
    ];
    Legend::of_drawn(entries, panels)
}

/// One switch a rival: key, name, explanation, sample of its line.
pub(crate) fn switches(forecast: &Forecast) -> Vec<(String, String, String, Scene)> {
    let rivals = forecast.detail.iter().flat_map(|detail| &detail.rivals).enumerate();
    rivals
        .map(|(i, rival)| {
            let (ink, dash) = rival_paint(i);
            let line = Item::Path {
                points: vec![(0.0, 5.0), (26.0, 5.0)],
                closed: false,
                paint: Paint { dash: Some(dash), ..Paint::line(ink, 2.0) },
            };
            let title = format!("line of {}", rival.engine);
            let sample =
                Scene { width: 26.0, height: 10.0, title, items: vec![line], ..Scene::default() };
            (rival_key(i), rival.engine.clone(), rival.summary.clone(), sample)
        })
        .collect()
}

/// The numbers behind a panel.
pub(crate) fn curve_table(forecast: &Forecast, curves: &Curves, t: usize) -> Table {
    let task = &curves.tasks[t];
    let rivals = forecast.detail.as_ref().map_or(&[][..], |detail| &detail.rivals);
    let mut columns: Vec<String> =
        ["model", "compute, FLOP", "measured %", "± %", "forecast %", "lower %", "upper %"]
            .map(str::to_owned)
            .to_vec();
    columns.extend(rivals.iter().map(|rival| format!("{} %", rival.engine)));
    let empty = || Cell::text("");
    let rungs = task.rungs.iter().map(|model| ("rung", model));
    let anchors = task.anchors.iter().map(|model| ("anchor", model));
    let mut rows: Vec<(f64, Vec<Cell>)> = rungs
        .chain(anchors)
        .map(|(kind, model)| {
            let label = Cell::name(&model.model);
            let label = Cell { shown: format!("{} ({kind})", label.shown), ..label };
            let mut row = vec![
                label,
                Cell::number(model.compute_flops, flops),
                Cell::number(model.score, percent),
                Cell::number(model.standard_error, percent),
            ];
            row.resize_with(columns.len(), empty);
            (model.compute_flops.unwrap_or(f64::INFINITY), row)
        })
        .collect();
    // The exact numbers, and every place, are in the JSON that the page offers; here they would be a
    // third of it.
    let rounded = |value: Option<f64>| Cell { exact: None, ..Cell::number(value, percent) };
    let is_target = |place: f64| forecast.targets.iter().any(|t| t.compute_flops == place);
    for (i, &place) in curves.compute_flops.iter().enumerate() {
        if i % 3 != 0 && !is_target(place) {
            continue;
        }
        let mut row = vec![Cell::text(""), Cell::number(place, flops), empty(), empty()];
        row.extend([&task.score, &task.lower, &task.upper].map(|values| rounded(values[i])));
        row.extend(rivals.iter().map(|rival| rounded(rival.score[t][i])));
        rows.push((place, row));
    }
    // By compute; what was measured stands before what is forecast there.
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    Table {
        id: format!("curve-{t}-table"),
        caption: format!("Score against compute: {}", name(&task.task)),
        columns,
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    }
}
