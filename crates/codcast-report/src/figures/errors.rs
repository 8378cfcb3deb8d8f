//! Errors of a backtest by how far the target was.

use std::collections::BTreeMap;

use super::Drawn;
use crate::draw::{Axis, Chart, Ink, Mark, Point, Scale, Symbol};
use crate::input::Backtest;
use crate::text::{name, percent, points, times};

/// Cases shown of one engine: more than these hide each other.
const MOST: usize = 1000;

/// Absolute error against extrapolation factor. Returns how many cases of the largest engine were
/// left out.
pub(crate) fn errors(backtest: &Backtest) -> (Drawn, usize) {
    let mut by_engine: BTreeMap<&str, Vec<(f64, f64, String)>> = BTreeMap::new();
    for case in &backtest.cases {
        let Some(forecast) = case.forecast else { continue };
        let error = 100.0 * (forecast - case.actual).abs();
        let text = format!(
            "{}: {} of {}, {} times beyond\nforecast {} %, actual {} %: off by {} points",
            case.engine,
            name(&case.task),
            name(&case.target),
            times(case.times_largest_rung),
            percent(forecast),
            percent(case.actual),
            points(error)
        );
        by_engine.entry(&case.engine).or_default().push((case.times_largest_rung, error, text));
    }
    let all = || by_engine.values().flatten();
    let worst = all().map(|(_, error, _)| *error).fold(1.0, f64::max);
    let mut chart = Chart {
        title: "Error by extrapolation factor".to_owned(),
        subtitle: String::new(),
        description:
            "absolute error of each backtest forecast against the target's compute over the \
                      largest rung's"
                .to_owned(),
        x: Axis::covering(
            "target's compute, times the largest rung's",
            Scale::Log,
            all().map(|c| c.0),
        ),
        y: Axis {
            label: "absolute error, points".to_owned(),
            scale: Scale::Linear,
            min: 0.0,
            max: 1.05 * worst,
        },
        marks: Vec::new(),
        width: 720.0,
        height: 300.0,
    };
    let mut spots = Vec::new();
    let mut left_out = 0;
    for (i, engine) in backtest.summary.iter().enumerate() {
        let Some(cases) = by_engine.get(engine.engine.as_str()) else { continue };
        let shown = cases.len().min(MOST);
        left_out = left_out.max(cases.len() - shown);
        let picked: Vec<_> = (0..shown).map(|k| &cases[k * cases.len() / shown]).collect();
        let (key, first) = (format!("engine-{i}"), i == 0);
        for (x, y, text) in picked.iter().copied() {
            let spot = chart.spot(*x, *y, text.clone());
            spots.push(crate::draw::Spot { key: Some(key.clone()), ..spot });
        }
        let (symbol, ink) =
            if first { (Symbol::Disc, Ink::Forecast) } else { (Symbol::Ring, engine_ink(i)) };
        let points = picked.iter().map(|(x, y, _)| Point { x: *x, y: *y, bar: None }).collect();
        let marks = vec![Mark::Points { points, symbol, ink, radius: 3.0 }];
        chart.marks.push(Mark::Switch { key, shown: first, marks });
    }
    (Drawn { chart, spots }, left_out)
}

/// The ink of a backtest's engine after the first.
pub(crate) fn engine_ink(i: usize) -> Ink {
    if i == 0 {
        Ink::Forecast
    } else {
        Ink::Rival(((i - 1) % usize::from(crate::draw::RIVALS)) as u8)
    }
}
