//! Inside a forecast: what its intervals are made of, groups of samples, their map, the mapping.

use super::block::{Block, Cell, Figure, Section, Table, scenes};
use super::forecast::figure;
use super::steps;
use crate::figures::{
    cluster_legend, cluster_panels, decomposition_legend, decomposition_panel, difficulty_legend,
    difficulty_panel, map_legend, map_panel, mapping_legend, mapping_panel, size,
};
use crate::input::{Curves, Detail, Forecast, TaskDetail};
use crate::text::{clean, name, percent};

pub(super) fn inside(forecast: &Forecast, curves: &Curves, detail: &Detail) -> Section {
    let mut blocks = Vec::new();
    let largest = steps::largest_rung(forecast);
    let target = forecast.targets.last().map_or(largest, |target| target.compute_flops);

    let parts: Vec<Figure> = detail
        .tasks
        .iter()
        .enumerate()
        .filter_map(|(t, task)| {
            let drawn = decomposition_panel(curves, task, largest)?;
            Some(Figure { id: format!("parts-{t}"), ..figure(drawn) })
        })
        .collect();
    if !parts.is_empty() {
        blocks.push(Block::Heading("What the interval is made of".to_owned()));
        blocks.push(Block::Text(
            "Shares of the forecast's variance: the form of the law (shape), fitted parameters, the \
             target's own deviation from its compute (shock), and the target's finite evaluation \
             (sampling); in brackets what shrinks each."
                .to_owned(),
        ));
        let legend = Some(decomposition_legend(&scenes(&parts)));
        blocks.push(Block::Figures { figures: parts, legend });
    }

    if detail.tasks.iter().any(|task| !task.groups.is_empty()) {
        blocks.push(Block::Heading("Groups of samples".to_owned()));
        blocks.push(Block::Text(
            "Samples of like difficulty share a scaling law: score in percent against compute in FLOP. Where \
             the scaling is not trusted at the target, the table says why."
                .to_owned(),
        ));
        let grouped = detail.tasks.iter().enumerate().filter(|(_, task)| !task.groups.is_empty());
        let panels: Vec<(usize, Vec<Figure>)> =
            grouped.map(|(t, task)| (t, group_figures(curves, t, task, target))).collect();
        let legend =
            cluster_legend(&panels.iter().flat_map(|(_, of)| scenes(of)).collect::<Vec<_>>());
        blocks.push(Block::Figures { figures: Vec::new(), legend: Some(legend) });
        for (t, figures) in panels {
            blocks.push(groups(curves, t, &detail.tasks[t], figures));
        }
    }

    let maps: Vec<Figure> = detail
        .tasks
        .iter()
        .enumerate()
        .filter_map(|(t, task)| {
            let map = task.map.as_ref()?;
            let (scene, spots) = map_panel(&task.task, map, &task.groups);
            let shown = map.points.len() as u64;
            let note = if shown < map.samples {
                format!(
                    "{shown} of {} samples: every k-th by group, mean rate and id.",
                    map.samples
                )
            } else {
                format!("All {shown} samples.")
            };
            Some(Figure { id: format!("map-{t}"), scene, spots, note, ..Figure::default() })
        })
        .collect();
    if !maps.is_empty() {
        blocks.push(Block::Heading("Map of the samples".to_owned()));
        blocks.push(Block::Text(
            "Samples are near each other where their pass rates along the ladder are alike (t-SNE); \
             directions and distances between far groups mean nothing."
                .to_owned(),
        ));
        let legend = Some(map_legend(&scenes(&maps)));
        blocks.push(Block::Figures { figures: maps, legend });
    }

    let mappings: Vec<Figure> = detail
        .tasks
        .iter()
        .enumerate()
        .filter_map(|(t, task)| {
            let drawn = mapping_panel(&task.task, task.mapping.as_ref()?);
            Some(Figure { id: format!("mapping-{t}"), ..figure(drawn) })
        })
        .collect();
    if !mappings.is_empty() {
        blocks.push(Block::Heading("From the predictable subset to the full set".to_owned()));
        let legend = Some(mapping_legend(&scenes(&mappings)));
        blocks.push(Block::Figures { figures: mappings, legend });
    }

    let difficulties: Vec<Figure> = detail
        .tasks
        .iter()
        .enumerate()
        .filter_map(|(t, task)| {
            let drawn = difficulty_panel(&task.task, task.difficulty.as_ref()?);
            Some(Figure { id: format!("difficulty-{t}"), ..figure(drawn) })
        })
        .collect();
    if !difficulties.is_empty() {
        blocks.push(Block::Heading("Difficulty of the samples".to_owned()));
        blocks.push(Block::Text("Scores of the samples at the largest rung.".to_owned()));
        let legend = Some(difficulty_legend(&scenes(&difficulties)));
        blocks.push(Block::Figures { figures: difficulties, legend });
    }
    let intro = if blocks.is_empty() {
        format!("The engine {} shows nothing of its inside.", name(&forecast.engine))
    } else {
        "Where the numbers come from.".to_owned()
    };
    Section { id: "inside", title: "Inside the forecast".to_owned(), intro: vec![intro], blocks }
}

fn group_figures(curves: &Curves, t: usize, task: &TaskDetail, target: f64) -> Vec<Figure> {
    cluster_panels(curves, &curves.tasks[t], task, target)
        .into_iter()
        .map(|(group, drawn)| Figure { id: format!("group-{t}-{group}"), ..figure(drawn) })
        .collect()
}

/// One task's groups, of which the largest have a figure.
fn groups(curves: &Curves, t: usize, task: &TaskDetail, figures: Vec<Figure>) -> Block {
    let shown = figures.len();
    let mut columns = ["group", "samples", "class", "reason"].map(str::to_owned).to_vec();
    columns.extend(curves.tasks[t].rungs.iter().map(|rung| format!("{} %", name(&rung.model))));
    let rows = task.groups.iter().map(|group| {
        let samples = Cell { number: true, ..Cell::text(size(group)) };
        let mut row = vec![
            Cell::count(group.id as u64),
            Cell { exact: Some(group.size.to_string()), ..samples },
            Cell::text(clean(&group.class)),
            Cell::text(group.reason.as_deref().map(clean).unwrap_or_default()),
        ];
        row.extend(
            group.scores.iter().map(|&score| Cell { exact: None, ..Cell::number(score, percent) }),
        );
        row.resize_with(columns.len(), || Cell::text(""));
        row
    });
    let table = Table {
        id: format!("groups-{t}-table"),
        caption: format!("Groups of {}", name(&task.task)),
        rows: rows.collect(),
        columns,
    };
    let trusted = task.groups.iter().filter(|group| group.predictable).count();
    let mut title = format!(
        "{}: {} groups, {trusted} of them predictable",
        name(&task.task),
        task.groups.len()
    );
    if shown < task.groups.len() {
        title += &format!("; the {shown} largest are drawn");
    }
    Block::Folded {
        title,
        blocks: vec![Block::Figures { figures, legend: None }, Block::Table(table)],
    }
}
