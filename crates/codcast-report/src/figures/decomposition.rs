//! What intervals are made of.

use super::{Drawn, PANEL, compute_axis};
use crate::draw::{Axis, Chart, Ink, Legend, Mark, Scale, Scene, area_sample};
use crate::input::{Curves, TaskDetail, Uncertainty};
use crate::text::{clean, flops, percent};

/// The parts, from the bottom, with what shrinks them.
pub(crate) const PARTS: [(&str, &str, Ink); 5] = [
    ("sampling", "a larger evaluation of the target", Ink::Rival(2)),
    ("shock", "nothing shrinks it", Ink::Rival(7)),
    ("parameters", "more rungs, samples or generations", Ink::Rival(1)),
    ("shape", "a larger rung", Ink::Rival(0)),
    (
        "rehearsal",
        "a larger rung: how far the law was off on the ladder's own rungs",
        Ink::Rival(3),
    ),
];

/// Standard deviations in the order of [`PARTS`].
pub(crate) fn parts(of: &Uncertainty) -> [f64; 5] {
    [of.sampling, of.shock, of.parameters, of.shape, of.rehearsal]
}

/// Shares of the variance against compute, stacked; `None` where the engine does not say.
pub(crate) fn decomposition_panel(
    curves: &Curves,
    detail: &TaskDetail,
    largest: f64,
) -> Option<Drawn> {
    let known: Vec<(f64, [f64; 5])> = curves
        .compute_flops
        .iter()
        .zip(&detail.uncertainty)
        .filter(|(x, _)| **x >= largest)
        .filter_map(|(x, of)| Some((*x, parts(of.as_ref()?))))
        .filter(|(_, parts)| parts.iter().any(|sd| *sd > 0.0))
        .collect();
    if known.is_empty() {
        return None;
    }
    let share = |parts: &[f64; 5], up_to: usize| {
        let squares = parts.map(|sd| sd * sd);
        squares[..up_to].iter().sum::<f64>() / squares.iter().sum::<f64>()
    };
    let marks = PARTS.iter().enumerate().map(|(i, (_, _, ink))| Mark::Band {
        points: known.iter().map(|(x, p)| (*x, Some((share(p, i), share(p, i + 1))))).collect(),
        ink: *ink,
        opacity: 0.75,
    });
    let chart = Chart {
        title: clean(&detail.task),
        subtitle: String::new(),
        description: "shares of the variance by source, against compute".to_owned(),
        x: compute_axis(known.iter().map(|(x, _)| *x)),
        y: Axis {
            label: "share of the variance, %".to_owned(),
            scale: Scale::Percent,
            min: 0.0,
            max: 1.0,
        },
        marks: marks.collect(),
        width: PANEL.0,
        height: PANEL.1,
    };
    let mut spots = Vec::new();
    // Every third place is enough to read the areas by.
    for (x, p) in known.iter().step_by(3) {
        for (i, (part, ..)) in PARTS.iter().enumerate() {
            let middle = 0.5 * (share(p, i) + share(p, i + 1));
            let text = format!("{part}: ± {} points at {} FLOP", percent(p[i]), flops(*x));
            spots.push(chart.spot(*x, middle, text));
        }
    }
    Some(Drawn { chart, spots })
}

/// The parts in these panels and what shrinks them.
pub(crate) fn decomposition_legend(panels: &[&Scene]) -> Legend {
    let entries = PARTS.iter().rev();
    let entries = entries
        .map(|(part, remedy, ink)| (vec![area_sample(*ink, 0.75)], format!("{part} ({remedy})")));
    Legend::of_drawn(entries.collect(), panels)
}
