//! How hard the samples are.

use super::{Drawn, PANEL};
use crate::draw::{Axis, Chart, Ink, Legend, Mark, Scale, Scene, area_sample};
use crate::input::Distribution;
use crate::text::{clean, name};

/// Histogram of the samples' scores at the largest rung: all, and those that are predictable.
pub(crate) fn difficulty_panel(task: &str, of: &Distribution) -> Drawn {
    let bars = |counts: &[u64]| -> Vec<(f64, f64, f64)> {
        let edges = of.edges.windows(2);
        edges.zip(counts).map(|(edge, &n)| (edge[0] + 0.005, edge[1] - 0.005, n as f64)).collect()
    };
    let most = of.full.iter().copied().max().unwrap_or(0).max(1) as f64;
    let mut marks = vec![Mark::Bars { bars: bars(&of.full), ink: Ink::NoGroup, opacity: 1.0 }];
    if let Some(predictable) = &of.predictable {
        marks.push(Mark::Bars { bars: bars(predictable), ink: Ink::Forecast, opacity: 1.0 });
    }
    let chart = Chart {
        title: clean(task),
        subtitle: String::new(),
        description: format!(
            "scores of {} samples at {}",
            of.full.iter().sum::<u64>(),
            name(&of.model)
        ),
        x: Axis::covering("score at the largest rung, %", Scale::Percent, [0.0, 1.0]),
        y: Axis { label: "samples".to_owned(), scale: Scale::Linear, min: 0.0, max: 1.08 * most },
        marks,
        width: PANEL.0,
        height: PANEL.1,
    };
    let spots = of
        .edges
        .windows(2)
        .zip(&of.full)
        .enumerate()
        .map(|(i, (edge, n))| {
            let from_to = format!("{:.0} to {:.0} %", 100.0 * edge[0], 100.0 * edge[1]);
            let part = of.predictable.as_ref().and_then(|counts| counts.get(i));
            let part = part.map_or_else(String::new, |n| format!(", {n} of them predictable"));
            chart.spot(
                0.5 * (edge[0] + edge[1]),
                *n as f64,
                format!("{from_to}: {n} samples{part}"),
            )
        })
        .collect();
    Drawn { chart, spots }
}

/// What the bars in these panels mean.
pub(crate) fn difficulty_legend(panels: &[&Scene]) -> Legend {
    let entries = vec![
        (vec![area_sample(Ink::NoGroup, 1.0)], "all samples".to_owned()),
        (vec![area_sample(Ink::Forecast, 1.0)], "predictable ones".to_owned()),
    ];
    Legend::of_drawn(entries, panels)
}
