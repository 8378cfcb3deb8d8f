//! Groups of samples, a small panel each.

use super::{Drawn, SMALL, compute_axis, score_axis};
use crate::draw::{
    Axis, Chart, Ink, Legend, Mark, Paint, Point, Scene, Symbol, dot_sample, is_drawn, line_sample,
};
use crate::input::{Curves, Group, TaskCurve, TaskDetail};
use crate::text::{flops, name, percent};

/// Panels shown of one task: more would be a wall; the table has all.
const MOST: usize = 24;
/// Dashes of a law that is not trusted.
const UNTRUSTED: (f64, f64) = (4.0, 3.0);

/// `[group]` one of ten levels: groups by their mean score, hardest first.
pub(crate) fn levels(groups: &[Group]) -> Vec<u8> {
    let mean = |group: &Group| group.scores.iter().sum::<f64>() / group.scores.len().max(1) as f64;
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by(|&a, &b| mean(&groups[a]).total_cmp(&mean(&groups[b])).then(a.cmp(&b)));
    let mut levels = vec![0; groups.len()];
    for (rank, &group) in order.iter().enumerate() {
        levels[group] = (9 * rank).checked_div(groups.len() - 1).unwrap_or(0) as u8;
    }
    levels
}

/// The largest groups' panels, hardest first.
pub(crate) fn cluster_panels(
    curves: &Curves,
    task: &TaskCurve,
    detail: &TaskDetail,
    target: f64,
) -> Vec<(usize, Drawn)> {
    let groups = &detail.groups;
    let levels = levels(groups);
    let mut chosen: Vec<usize> = (0..groups.len()).collect();
    chosen.sort_by(|&a, &b| groups[b].size.total_cmp(&groups[a].size).then(a.cmp(&b)));
    chosen.truncate(MOST);
    chosen.sort_by_key(|&group| (levels[group], group));
    chosen
        .into_iter()
        .map(|group| (group, panel(curves, task, &groups[group], levels[group], target)))
        .collect()
}

fn panel(curves: &Curves, task: &TaskCurve, group: &Group, level: u8, target: f64) -> Drawn {
    let rungs: Vec<(f64, f64, &str)> = task
        .rungs
        .iter()
        .zip(&group.scores)
        .filter_map(|(rung, &score)| Some((rung.compute_flops?, score, rung.model.as_str())))
        .collect();
    let curve: Vec<(f64, Option<f64>)> =
        curves.compute_flops.iter().copied().zip(group.curve.iter().copied()).collect();
    let mut chart = Chart {
        title: format!("group {}: {} samples", group.id, size(group)),
        subtitle: group.class.clone(),
        description: match &group.reason {
            Some(reason) => format!("{} of {}: {reason}", group.class, name(&task.task)),
            None => format!("{} of {}", group.class, name(&task.task)),
        },
        // The heading says what they are.
        x: Axis { label: String::new(), ..compute_axis(curves.compute_flops.iter().copied()) },
        y: Axis { label: String::new(), ..score_axis([0.0, 1.0]) },
        marks: vec![Mark::Vertical { x: target, ink: Ink::Axis }],
        width: SMALL.0,
        height: SMALL.1,
    };
    let ink = if group.predictable { Ink::Level(level) } else { Ink::NoGroup };
    let dash = (!group.predictable).then_some(UNTRUSTED);
    let mut spots = Vec::new();
    for &(x, score, model) in &rungs {
        let text = format!("rung {}: {} %", name(model), percent(score));
        spots.push(chart.spot(x, score, text));
    }
    if let Some((x, score)) =
        curve.iter().find(|(x, _)| *x == target).and_then(|(x, y)| Some((*x, (*y)?)))
    {
        let text = format!("at the target, {} FLOP: {} %", flops(x), percent(score));
        spots.push(chart.spot(x, score, text));
    }
    // Small: every second place draws the same line.
    let points = curve.into_iter().step_by(2).collect();
    chart.marks.push(Mark::Line { points, ink, width: 1.75, dash });
    chart.marks.push(Mark::Points {
        points: rungs.iter().map(|&(x, y, _)| Point { x, y, bar: None }).collect(),
        symbol: Symbol::Disc,
        ink: Ink::Rung,
        radius: 2.5,
    });
    Drawn { chart, spots }
}

/// What the marks in these panels mean.
pub(crate) fn cluster_legend(panels: &[&Scene]) -> Legend {
    let line = |ink, width, dash| line_sample(Paint { dash, ..Paint::line(ink, width) });
    let law = |level| line(Ink::Level(level), 1.75, None);
    let drawn = |entries| Legend::of_drawn(entries, panels).entries;
    let rung = (vec![dot_sample(Symbol::Disc, Ink::Rung, 2.5)], "rung".to_owned());
    let mut entries = drawn(vec![rung]);
    // A scale: whole, or not there.
    if (0..10).any(|level| is_drawn(&law(level), panels)) {
        let scale = [(0, "law of the hardest group"), (5, ""), (9, "of the easiest")];
        entries.extend(scale.map(|(level, label)| (vec![law(level)], label.to_owned())));
    }
    let others = [
        (line(Ink::NoGroup, 1.75, Some(UNTRUSTED)), "law that is not trusted at the target"),
        (line(Ink::Axis, 1.0, Some((2.0, 3.0))), "the target's compute"),
    ];
    let others = others.map(|(sample, label)| (vec![sample], label.to_owned()));
    entries.extend(drawn(others.into()));
    Legend::of(entries)
}

/// Whole where it is, else with one decimal: ties are shared.
pub(crate) fn size(group: &Group) -> String {
    if group.size.fract() == 0.0 {
        format!("{:.0}", group.size)
    } else {
        format!("{:.1}", group.size)
    }
}
