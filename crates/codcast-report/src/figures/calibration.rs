//! Whether intervals hold what they promise.

use super::Drawn;
use super::errors::engine_ink;
use crate::draw::{Axis, Chart, Ink, Legend, Mark, Paint, Point, Scale, Symbol, line_sample};
use crate::input::Backtest;
use crate::text::{clean, percent};

/// Share of the actual scores inside intervals against the intervals' nominal coverage; `None` where
/// no engine gives intervals.
pub(crate) fn calibration(backtest: &Backtest) -> Option<Drawn> {
    let judged = backtest.summary.iter().enumerate().filter(|(_, e)| !e.calibration.is_empty());
    let mut chart = Chart {
        title: "Calibration".to_owned(),
        subtitle: String::new(),
        description: "coverage of the intervals in the backtest against what they promise"
            .to_owned(),
        x: Axis {
            label: "nominal coverage, %".to_owned(),
            scale: Scale::Percent,
            min: 0.0,
            max: 1.0,
        },
        y: Axis {
            label: "actual scores inside, %".to_owned(),
            scale: Scale::Percent,
            min: 0.0,
            max: 1.0,
        },
        marks: vec![Mark::Line {
            points: vec![(0.0, Some(0.0)), (1.0, Some(1.0))],
            ink: Ink::Axis,
            width: 1.0,
            dash: Some((2.0, 3.0)),
        }],
        width: 320.0,
        height: 300.0,
    };
    let mut spots = Vec::new();
    let mut any = false;
    for (i, engine) in judged {
        any = true;
        let ink = engine_ink(i);
        let points = engine.calibration.iter().map(|c| (c.level, Some(c.coverage))).collect();
        chart.marks.push(Mark::Line { points, ink, width: 1.5, dash: None });
        let points = engine
            .calibration
            .iter()
            .map(|c| Point { x: c.level, y: c.coverage, bar: None })
            .collect();
        chart.marks.push(Mark::Points { points, symbol: Symbol::Disc, ink, radius: 3.5 });
        for c in &engine.calibration {
            let text = format!(
                "{}: {} % intervals hold {} % of {} actual scores",
                engine.engine,
                percent(c.level),
                percent(c.coverage),
                c.cases
            );
            spots.push(chart.spot(c.level, c.coverage, text));
        }
    }
    any.then_some(Drawn { chart, spots })
}

/// The engines, and what is promised.
pub(crate) fn calibration_legend(backtest: &Backtest) -> Legend {
    let judged = backtest.summary.iter().enumerate().filter(|(_, e)| !e.calibration.is_empty());
    let mut entries: Vec<_> = judged
        .map(|(i, engine)| {
            (vec![line_sample(Paint::line(engine_ink(i), 1.5))], clean(&engine.engine))
        })
        .collect();
    let dotted = Paint { dash: Some((2.0, 3.0)), ..Paint::line(Ink::Axis, 1.0) };
    entries.push((vec![line_sample(dotted)], "as promised".to_owned()));
    Legend::of(entries)
}
