//! Score against compute in plain text, for terminals.

use crate::error::{Error, Result};
use crate::input::{Answer, Curves, Forecast};
use crate::text::{flops, name, percent};

const ROWS: usize = 14;
/// Columns beside the drawing: the scale.
const SCALE: usize = 7;

/// One drawing a task of a forecast's JSON. `columns`: of the terminal; at least 40 are used.
pub fn terminal(json: &str, columns: usize) -> Result<String> {
    let Answer::Forecast(forecast) = crate::input::read(json)? else {
        let what = "only a forecast can be drawn in text".to_owned();
        return Err(Error::Nothing { what });
    };
    let Some(curves) = &forecast.curves else {
        return Err(Error::Nothing { what: "the forecast has no curves".to_owned() });
    };
    let width = columns.clamp(40, 100) - SCALE - 1;
    let mut out: String =
        (0..curves.tasks.len()).map(|t| draw(&forecast, curves, t, width)).collect();
    out +=
        "o rung   * forecast   : interval   | target's interval, @ its forecast   x actual score\n";
    Ok(out)
}

fn draw(forecast: &Forecast, curves: &Curves, t: usize, width: usize) -> String {
    let task = &curves.tasks[t];
    let (Some(&first), Some(&last)) = (curves.compute_flops.first(), curves.compute_flops.last())
    else {
        return String::new();
    };
    let farthest = forecast.targets.last().map_or(last, |target| target.compute_flops);
    let near = curves.compute_flops.iter().zip(task.upper.iter().zip(&task.score));
    let near =
        near.filter(|(x, _)| **x <= farthest).flat_map(|(_, (upper, score))| [*upper, *score]);
    let measured = task.rungs.iter().map(|rung| rung.score);
    let actual = forecast.targets.iter().filter_map(|target| target.tasks[t].actual);
    let most = near.flatten().chain(measured).chain(actual).fold(0.0, f64::max);
    // The top of the scale: the next tenth.
    let top = ((most * 10.0).ceil() / 10.0).clamp(0.1, 1.0);
    let column = |x: f64| {
        let share = (x / first).ln() / (last / first).ln().max(1e-9);
        (share * (width - 1) as f64).round().clamp(0.0, (width - 1) as f64) as usize
    };
    let line = |y: f64| {
        let share = (y / top).clamp(0.0, 1.0);
        ((1.0 - share) * (ROWS - 1) as f64).round() as usize
    };
    let mut cells = vec![vec![' '; width]; ROWS];
    let mut fill = |x: usize, from: f64, to: f64, with: char| {
        for row in &mut cells[line(to)..=line(from)] {
            row[x] = with;
        }
    };
    for at in 0..width {
        let distance = |&i: &usize| column(curves.compute_flops[i]).abs_diff(at);
        let Some(i) = (0..curves.compute_flops.len()).min_by_key(distance) else { continue };
        if let (Some(lower), Some(upper)) = (task.lower[i], task.upper[i]) {
            fill(at, lower, upper, ':');
        }
        if let Some(score) = task.score[i] {
            fill(at, score, score, '*');
        }
    }
    for target in &forecast.targets {
        let (at, row) = (column(target.compute_flops), &target.tasks[t]);
        if let Some(interval) = row.interval {
            fill(at, interval.lower, interval.upper, '|');
        }
        if let Some(score) = row.forecast {
            fill(at, score, score, '@');
        }
        if let Some(actual) = row.actual {
            fill(at, actual, actual, 'x');
        }
    }
    for rung in &task.rungs {
        if let Some(compute) = rung.compute_flops {
            fill(column(compute), rung.score, rung.score, 'o');
        }
    }
    let mut out = format!("{}\n", name(&task.task));
    for (i, row) in cells.iter().enumerate() {
        let label = match i {
            0 => format!("{} %", percent(top)),
            _ if i == ROWS - 1 => "0 %".to_owned(),
            _ => String::new(),
        };
        let row: String = row.iter().collect();
        out += &format!("{label:>SCALE$}|{row}\n");
    }
    let (from, to) = (format!("{} FLOP", flops(first)), flops(last));
    let gap = width.saturating_sub(from.chars().count() + to.chars().count());
    let gap = " ".repeat(gap);
    out += &format!("{:>SCALE$}+{}\n{:>SCALE$} {from}{gap}{to}\n\n", "", "-".repeat(width), "");
    out
}
