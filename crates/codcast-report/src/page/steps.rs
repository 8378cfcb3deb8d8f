//! The sizes a page's slider stops at, and every number there. The page's script only looks up.

use serde_json::{Value, json};

use crate::draw::Chart;
use crate::figures::{PARTS, parts};
use crate::input::{Curves, Forecast, TaskForecast, Uncertainty};
use crate::text::{UNKNOWN, flops, name, percent, points, signed, times};

/// One stop of the slider.
pub(super) struct Step {
    /// FLOPs.
    pub(super) compute: f64,
    /// Index into the forecast's targets, where one stands here: its own forecast is shown.
    pub(super) target: Option<usize>,
    /// Index into the places of the curves.
    place: usize,
}

/// What a task's row shows at a step.
pub(super) struct Row {
    pub(super) forecast: Option<f64>,
    pub(super) interval: Option<(f64, f64)>,
    pub(super) predictable: Option<f64>,
    pub(super) trend: Option<f64>,
    pub(super) actual: Option<f64>,
    pub(super) uncertainty: Option<Uncertainty>,
}

/// Compute of the largest rung.
pub(super) fn largest_rung(forecast: &Forecast) -> f64 {
    forecast.targets.first().map_or(0.0, |target| target.compute_flops / target.times_largest_rung)
}

/// Every place beyond the ladder; where targets stand, one step each.
pub(super) fn steps(forecast: &Forecast, curves: &Curves) -> Vec<Step> {
    let largest = largest_rung(forecast);
    let mut steps = Vec::new();
    for (place, &compute) in curves.compute_flops.iter().enumerate() {
        let here = |target: &&usize| forecast.targets[**target].compute_flops == compute;
        let indices: Vec<usize> = (0..forecast.targets.len()).collect();
        let targets: Vec<usize> = indices.iter().filter(here).copied().collect();
        if targets.is_empty() && compute > largest * 1.000_001 {
            steps.push(Step { compute, target: None, place });
        }
        steps.extend(targets.into_iter().map(|t| Step { compute, target: Some(t), place }));
    }
    steps
}

/// The numbers of a task at a step.
pub(super) fn row(forecast: &Forecast, curves: &Curves, step: &Step, t: usize) -> Row {
    if let Some(target) = step.target {
        return of_target(&forecast.targets[target].tasks[t]);
    }
    let (task, at) = (&curves.tasks[t], step.place);
    let detail = forecast.detail.as_ref().map(|detail| &detail.tasks[t]);
    Row {
        forecast: task.score[at],
        interval: task.lower[at].zip(task.upper[at]),
        predictable: task.predictable_share[at],
        trend: task.trend[at],
        actual: None,
        uncertainty: detail.and_then(|detail| detail.uncertainty[at]),
    }
}

pub(super) fn of_target(task: &TaskForecast) -> Row {
    Row {
        forecast: task.forecast,
        interval: task.interval.map(|interval| (interval.lower, interval.upper)),
        predictable: task.predictable_share,
        trend: task.trend,
        actual: task.actual,
        uncertainty: task.uncertainty,
    }
}

impl Row {
    /// In the order of the table's columns: forecast, interval, predictable share, trend, actual
    /// score, error, what would help.
    pub(super) fn shown(&self) -> [String; 7] {
        let interval = self.interval.map_or_else(
            || UNKNOWN.to_owned(),
            |(lower, upper)| format!("{} to {}", percent(lower), percent(upper)),
        );
        let error =
            self.forecast.zip(self.actual).map(|(forecast, actual)| 100.0 * (forecast - actual));
        let trend = self.trend.map(|trend| if trend == 0.0 { 0.0 } else { trend });
        [
            percent(self.forecast),
            interval,
            percent(self.predictable),
            trend.map_or_else(|| UNKNOWN.to_owned(), |trend| format!("{trend:+.1}")),
            percent(self.actual),
            signed(error),
            self.help(),
        ]
    }

    /// What shrinks the largest part of the interval that anything shrinks.
    fn help(&self) -> String {
        let Some(uncertainty) = &self.uncertainty else { return UNKNOWN.to_owned() };
        let parts = parts(uncertainty);
        let largest = PARTS
            .iter()
            .zip(parts)
            .filter(|((part, ..), _)| *part != "shock")
            .max_by(|a, b| a.1.total_cmp(&b.1));
        largest.map_or_else(
            || UNKNOWN.to_owned(),
            |((part, remedy, _), sd)| format!("{remedy} ({part} ± {} points)", points(100.0 * sd)),
        )
    }
}

/// A line about a step.
pub(super) fn label(forecast: &Forecast, step: &Step) -> String {
    let times = times(step.compute / largest_rung(forecast));
    let size = format!("{} FLOP, {times} times the largest rung", flops(step.compute));
    match step.target.and_then(|target| forecast.targets[target].model.as_deref()) {
        Some(model) => format!("{}: {size}", name(model)),
        None => size,
    }
}

/// What the page's script needs. `charts`: the tasks' panels.
pub(super) fn data(
    forecast: &Forecast,
    curves: &Curves,
    steps: &[Step],
    charts: &[Chart],
) -> Value {
    let labels: Vec<String> = steps.iter().map(|step| label(forecast, step)).collect();
    let tasks = charts.iter().enumerate().map(|(t, chart)| {
        let (top, bottom) = chart.edges();
        let rows = steps.iter().map(|step| {
            let row = row(forecast, curves, step, t);
            json!({ "cells": row.shown(), "marks": marks(chart, step, &row) })
        });
        json!({ "top": top, "bottom": bottom, "steps": rows.collect::<Vec<_>>() })
    });
    json!({ "labels": labels, "tasks": tasks.collect::<Vec<_>>() })
}

/// `[x, y, lower end, upper end]` of the target's marks, in points; null without a forecast.
fn marks(chart: &Chart, step: &Step, row: &Row) -> Option<[f64; 4]> {
    let score = row.forecast?;
    let (lower, upper) = row.interval.unwrap_or((score, score));
    let (x, y) = chart.place(step.compute, score);
    let end = |value| chart.place(step.compute, value).1;
    Some([x, y, end(lower), end(upper)].map(|value| (value * 100.0).round() / 100.0))
}
