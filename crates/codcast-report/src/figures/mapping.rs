//! Subset score to full score.

use super::{Drawn, PANEL, score_axis};
use crate::draw::{
    Axis, Chart, Ink, Legend, Mark, Paint, Point, Scale, Scene, Symbol, dot_sample, line_sample,
};
use crate::input::Mapping;
use crate::text::{clean, name, percent};

/// One task's mapping with the models it was fitted to.
pub(crate) fn mapping_panel(task: &str, mapping: &Mapping) -> Drawn {
    let mut chart = Chart {
        title: clean(task),
        subtitle: String::new(),
        description: format!("fitted to {} models", mapping.points.len()),
        x: Axis::covering("predictable subset's score, %", Scale::Percent, [0.0, 1.0]),
        y: Axis { label: "full set's score, %".to_owned(), ..score_axis([0.0, 1.0]) },
        marks: vec![
            Mark::Line {
                points: vec![(0.0, Some(0.0)), (1.0, Some(1.0))],
                ink: Ink::Axis,
                width: 1.0,
                dash: Some((2.0, 3.0)),
            },
            Mark::Line {
                points: mapping
                    .subset
                    .iter()
                    .copied()
                    .zip(mapping.full.iter().map(|&y| Some(y)))
                    .collect(),
                ink: Ink::Forecast,
                width: 2.0,
                dash: None,
            },
        ],
        width: PANEL.0,
        height: PANEL.1,
    };
    let mut spots = Vec::new();
    for (anchor, symbol, ink) in
        [(false, Symbol::Disc, Ink::Rung), (true, Symbol::Diamond, Ink::Anchor)]
    {
        let of_kind: Vec<_> =
            mapping.points.iter().filter(|point| point.anchor == anchor).collect();
        for point in &of_kind {
            let kind = if anchor { "anchor" } else { "rung" };
            let (subset, full) = (percent(point.subset), percent(point.full));
            let text =
                format!("{kind} {}: subset {subset} %, full set {full} %", name(&point.model));
            spots.push(chart.spot(point.subset, point.full, text));
        }
        let points = of_kind.iter().map(|p| Point { x: p.subset, y: p.full, bar: None }).collect();
        chart.marks.push(Mark::Points {
            points,
            symbol,
            ink,
            radius: if anchor { 5.0 } else { 3.5 },
        });
    }
    Drawn { chart, spots }
}

/// What the marks in these panels mean.
pub(crate) fn mapping_legend(panels: &[&Scene]) -> Legend {
    let dotted = Paint { dash: Some((2.0, 3.0)), ..Paint::line(Ink::Axis, 1.0) };
    let entries = vec![
        (vec![dot_sample(Symbol::Disc, Ink::Rung, 3.5)], "rung".to_owned()),
        (vec![dot_sample(Symbol::Diamond, Ink::Anchor, 5.0)], "anchor".to_owned()),
        (vec![line_sample(Paint::line(Ink::Forecast, 2.0))], "fitted mapping".to_owned()),
        (vec![line_sample(dotted)], "both scores the same".to_owned()),
    ];
    Legend::of_drawn(entries, panels)
}
