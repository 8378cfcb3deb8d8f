//! A run's checkpoints against what the ladder expects of them.

use super::{Drawn, PANEL, score_axis};
use crate::draw::{
    Axis, Chart, Ink, Legend, Mark, Paint, Point, Scale, Scene, Symbol, area_sample, dot_sample,
    is_drawn, line_sample,
};
use crate::input::{Interval, Look, Monitor, TaskLook};
use crate::text::{clean, percent, signed};

/// Dashes of the forecast of the end, and of boundaries.
const END: (f64, f64) = (5.0, 3.0);
const BOUNDARY: (f64, f64) = (2.0, 3.0);

/// Percent of the training.
fn place(look: &Look) -> f64 {
    100.0 * look.share
}

fn training_axis(monitor: &Monitor) -> Axis {
    let last = monitor.looks.iter().map(place).fold(100.0, f64::max);
    Axis {
        label: "share of the training, %".to_owned(),
        scale: Scale::Linear,
        min: 0.0,
        // Marks at the end stand whole.
        max: 1.04 * last,
    }
}

/// One task: band, expected and actual score at each checkpoint, and the forecast of the end.
pub(crate) fn run_panel(monitor: &Monitor, t: usize) -> Drawn {
    let end = &monitor.end_of_training[t];
    let rows: Vec<(&Look, &TaskLook)> =
        monitor.looks.iter().map(|look| (look, &look.tasks[t])).collect();
    let (final_score, final_interval) = match end.updated {
        Some(score) => (Some(score), end.updated_interval),
        None => (end.forecast, end.interval),
    };
    let ends =
        |interval: Option<Interval>| interval.map(|interval| (interval.lower, interval.upper));
    let bounds = |interval| ends(interval).into_iter().flat_map(|(lower, upper)| [lower, upper]);
    let values = rows
        .iter()
        .flat_map(|(_, row)| {
            row.actual
                .into_iter()
                .chain(row.expected)
                .chain(row.end_of_training)
                .chain(bounds(row.band))
        })
        .chain(final_score)
        .chain(bounds(final_interval));
    let line = |of: fn(&TaskLook) -> Option<f64>| -> Vec<(f64, Option<f64>)> {
        rows.iter().map(|(look, row)| (place(look), of(row))).collect()
    };
    let mut chart = Chart {
        title: clean(&end.task),
        subtitle: String::new(),
        description: description(&rows, final_score),
        x: training_axis(monitor),
        y: score_axis(values),
        marks: Vec::new(),
        width: PANEL.0,
        height: PANEL.1,
    };
    let band = rows.iter().map(|(look, row)| (place(look), ends(row.band))).collect();
    chart.marks.push(Mark::Band { points: band, ink: Ink::Forecast, opacity: 0.16 });
    // A single checkpoint has no area: its band is a bar.
    let bars = rows.iter().filter_map(|(look, row)| {
        Some(Point { x: place(look), y: row.expected?, bar: ends(row.band) })
    });
    let ink = Ink::Forecast;
    chart.marks.push(Mark::Line { points: line(|row| row.expected), ink, width: 2.0, dash: None });
    chart.marks.push(Mark::Points {
        points: bars.collect(),
        symbol: Symbol::Square,
        ink,
        radius: 2.5,
    });
    let dash = Some(END);
    let points = line(|row| row.end_of_training);
    chart.marks.push(Mark::Line { points, ink: Ink::Anchor, width: 1.5, dash });
    let finals = final_score.map(|y| Point { x: 100.0, y, bar: ends(final_interval) });
    let (symbol, ink) = (Symbol::Diamond, Ink::Anchor);
    chart.marks.push(Mark::Points {
        points: finals.into_iter().collect(),
        symbol,
        ink,
        radius: 5.0,
    });

    let actual = |alarmed: bool| -> Vec<Point> {
        let rows = rows.iter().filter(|(_, row)| row.alarm || !alarmed);
        rows.filter_map(|(look, row)| Some(Point { x: place(look), y: row.actual?, bar: None }))
            .collect()
    };
    let (points, ink) = (line(|row| row.actual), Ink::Actual);
    chart.marks.push(Mark::Line { points, ink, width: 1.25, dash: None });
    let symbol = Symbol::Disc;
    chart.marks.push(Mark::Points { points: actual(false), symbol, ink, radius: 3.5 });
    let symbol = Symbol::Ring;
    chart.marks.push(Mark::Points { points: actual(true), symbol, ink, radius: 7.0 });
    let mut spots = Vec::new();
    for (look, row) in &rows {
        let at = percent(look.share);
        if let Some(expected) = row.expected {
            let text = format!(
                "expected {}{} % at {at} % of the training",
                percent(expected),
                range(row.band)
            );
            spots.push(chart.spot(place(look), expected, text));
        }
        if let Some(actual) = row.actual {
            let alarm = if row.alarm { "; ALARM" } else { "" };
            let off = signed(row.deviation_points);
            let text = format!(
                "actual {} % at {at} % of the training, {off} points off{alarm}",
                percent(actual)
            );
            spots.push(chart.spot(place(look), actual, text));
        }
    }
    if let Some(score) = final_score {
        let text =
            format!("forecast of the final score: {}{} %", percent(score), range(final_interval));
        spots.push(chart.spot(100.0, score, text));
    }
    Drawn { chart, spots }
}

fn range(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |interval| {
        format!(" ({} to {})", percent(interval.lower), percent(interval.upper))
    })
}

fn description(rows: &[(&Look, &TaskLook)], end: Option<f64>) -> String {
    let mut text = format!("{} checkpoints", rows.len());
    if let Some((look, row)) = rows.last() {
        text += &format!(
            "; at {} % of the training {} % were expected and {} % scored",
            percent(look.share),
            percent(row.expected),
            percent(row.actual)
        );
    }
    text + &format!("; the final score is forecast at {} %", percent(end))
}

/// All tasks together: deviation and change against their boundary.
pub(crate) fn overall_panel(monitor: &Monitor) -> Drawn {
    let rows: Vec<(f64, &Look)> = monitor.looks.iter().map(|look| (place(look), look)).collect();
    let line = |of: fn(&Look) -> Option<f64>| -> Vec<(f64, Option<f64>)> {
        rows.iter().map(|(x, look)| (*x, of(look))).collect()
    };
    let points = |of: &[(f64, Option<f64>)]| -> Vec<Point> {
        of.iter().filter_map(|&(x, y)| Some(Point { x, y: y?, bar: None })).collect()
    };
    let deviation = line(|look| look.overall.deviation);
    let change = line(|look| look.overall.change);
    let mut boundaries = vec![line(|look| look.overall.boundary.map(|b| -b))];
    if monitor.side != "below" {
        boundaries.push(line(|look| look.overall.boundary));
    }
    let values = [&deviation, &change].into_iter().chain(&boundaries).flatten();
    let mut chart = Chart {
        title: "All tasks together".to_owned(),
        subtitle: "in units of a healthy run's typical deviation".to_owned(),
        description:
            "deviation and change of the mean of all tasks against what a healthy run stays within"
                .to_owned(),
        x: training_axis(monitor),
        y: Axis::covering("deviation", Scale::Linear, values.filter_map(|(_, y)| *y).chain([0.0])),
        marks: vec![Mark::Horizontal { y: 0.0, ink: Ink::Axis, label: String::new() }],
        width: PANEL.0,
        height: PANEL.1,
    };
    for points in boundaries {
        let at = points.clone();
        let ink = Ink::Axis;
        chart.marks.push(Mark::Line { points, ink, width: 1.5, dash: Some(BOUNDARY) });
        // A single look has no line.
        let points = at.iter().filter_map(|&(x, y)| Some(Point { x, y: y?, bar: None })).collect();
        chart.marks.push(Mark::Points { points, symbol: Symbol::Square, ink, radius: 2.0 });
    }
    let mut spots = Vec::new();
    for (what, values, ink, symbol) in [
        ("change", &change, Ink::Rival(1), Symbol::Square),
        ("deviation", &deviation, Ink::Actual, Symbol::Disc),
    ] {
        chart.marks.push(Mark::Line { points: values.clone(), ink, width: 1.25, dash: None });
        chart.marks.push(Mark::Points { points: points(values), symbol, ink, radius: 3.5 });
        for (&(x, value), (_, look)) in values.iter().zip(&rows) {
            let Some(value) = value else { continue };
            let boundary = signed(look.overall.boundary);
            let text = format!(
                "{what} {} at {} % of the training; boundary {boundary}",
                signed(value),
                percent(look.share)
            );
            spots.push(chart.spot(x, value, text));
        }
    }
    Drawn { chart, spots }
}

/// What the marks of [`run_panel`] mean.
pub(crate) fn run_legend(monitor: &Monitor, panels: &[&Scene]) -> Legend {
    let (line, dot) = (line_sample, dot_sample);
    let level = monitor.looks.iter().flat_map(|look| &look.tasks).find_map(|task| task.band);
    let level = level.map_or(0.9, |band| band.level);
    let at_each = line(Paint { dash: Some(END), ..Paint::line(Ink::Anchor, 1.5) });
    // A single checkpoint has no line.
    let now = if is_drawn(&at_each, panels) {
        "and now, with its interval"
    } else {
        "final score as forecast now, with its interval"
    };
    let entries = vec![
        (
            vec![
                area_sample(Ink::Forecast, 0.16),
                line(Paint::line(Ink::Forecast, 2.0)),
                dot(Symbol::Square, Ink::Forecast, 2.5),
            ],
            format!("expected, with the band of {} % of healthy runs", percent(level)),
        ),
        (
            vec![line(Paint::line(Ink::Actual, 1.25)), dot(Symbol::Disc, Ink::Actual, 3.5)],
            "actual score".to_owned(),
        ),
        (vec![dot(Symbol::Ring, Ink::Actual, 5.0)], "alarm".to_owned()),
        (vec![at_each], "final score as forecast at each checkpoint".to_owned()),
        (vec![dot(Symbol::Diamond, Ink::Anchor, 5.0)], now.to_owned()),
    ];
    Legend::of_drawn(entries, panels)
}

/// What the marks of [`overall_panel`] mean.
pub(crate) fn overall_legend(panel: &Scene) -> Legend {
    let dashed = Paint { dash: Some(BOUNDARY), ..Paint::line(Ink::Axis, 1.5) };
    let entries = vec![
        (vec![dot_sample(Symbol::Disc, Ink::Actual, 3.5)], "deviation".to_owned()),
        (
            vec![dot_sample(Symbol::Square, Ink::Rival(1), 3.5)],
            "largest change since an earlier checkpoint".to_owned(),
        ),
        (
            vec![line_sample(dashed), dot_sample(Symbol::Square, Ink::Axis, 2.0)],
            "boundary".to_owned(),
        ),
    ];
    Legend::of_drawn(entries, &[panel])
}
