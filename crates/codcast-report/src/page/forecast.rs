//! A forecast as a page: the answer first, then where it comes from, then how far to trust it.

use serde_json::Value;

use super::backtest_sections;
use super::block::{Block, Cell, Control, Data, Figure, Note, Page, Section, Table, scenes};
use super::steps::{self, Step};
use crate::draw::Chart;
use crate::figures::{
    Drawn, cluster_legend, cluster_panels, curve_legend, curve_panel, curve_table,
    decomposition_legend, decomposition_panel, difficulty_legend, difficulty_panel,
    guessing_outside, map_legend, map_panel, mapping_legend, mapping_panel, size, switches,
};
use crate::input::{Check, Curves, Detail, Diagnostic, Forecast, InputFile, TaskDetail};
use crate::text::{clean, clean_lines, flops, name, percent, signed, times};

/// The page of a forecast. `light`: the JSON to offer for download, without what is large.
pub(crate) fn page(forecast: &Forecast, light: String) -> Page {
    let mut sections = Vec::new();
    let mut data = vec![Data { id: "forecast-json", json: light, file: Some("forecast.json") }];
    match &forecast.curves {
        Some(curves) => {
            let steps = steps::steps(forecast, curves);
            let start = start(forecast, &steps);
            let drawn: Vec<Drawn> =
                (0..curves.tasks.len()).map(|t| curve_panel(forecast, curves, t, true)).collect();
            let charts: Vec<Chart> = drawn.iter().map(|drawn| drawn.chart.clone()).collect();
            let json = steps::data(forecast, curves, &steps, &charts).to_string();
            data.push(Data { id: "steps-json", json, file: None });
            sections.push(answer(forecast, &steps, start));
            sections.push(curves_section(forecast, curves, drawn));
        }
        None => sections.push(answer(forecast, &[], 0)),
    }
    match (&forecast.detail, &forecast.curves) {
        (Some(detail), Some(curves)) => sections.push(inside(forecast, curves, detail)),
        _ => sections.push(Section {
            id: "inside",
            title: "Inside the forecast".to_owned(),
            intro: vec![
                "This forecast was made without --detail: groups of samples, rivals, the map and the \
                 backtest are not in its JSON."
                    .to_owned(),
            ],
            blocks: Vec::new(),
        }),
    }
    sections.push(trust(forecast));
    sections.push(provenance(
        &forecast.version,
        Some(forecast.seed),
        &forecast.config,
        &forecast.inputs,
        forecast.command.as_deref(),
    ));
    Page {
        title: format!("Forecast: {}", clean(&forecast.study)),
        lead: lead(forecast),
        sections,
        data,
    }
}

fn lead(forecast: &Forecast) -> String {
    let targets: Vec<String> = forecast
        .targets
        .iter()
        .map(|target| {
            let model = target.model.as_deref().map_or_else(|| "a model".to_owned(), name);
            let given = target.tasks.iter().filter(|task| task.forecast.is_some()).count();
            format!(
                "{model} of {} FLOP ({} times the largest rung): {given} of {} tasks forecast",
                flops(target.compute_flops),
                times(target.times_largest_rung),
                target.tasks.len()
            )
        })
        .collect();
    format!("{}. Engine {}.", targets.join("; "), name(&forecast.engine))
}

/// The largest target's step.
fn start(forecast: &Forecast, steps: &[Step]) -> usize {
    let main = forecast.targets.len().checked_sub(1);
    steps.iter().position(|step| step.target == main && main.is_some()).unwrap_or(0)
}

const COLUMNS: [&str; 9] = [
    "task",
    "samples",
    "forecast %",
    "interval %",
    "predictable %",
    "points per 10× compute",
    "actual %",
    "error",
    "what would help most",
];

fn answer(forecast: &Forecast, steps: &[Step], start: usize) -> Section {
    let mut blocks = Vec::new();
    let mut intro = Vec::new();
    if let Some(step) = steps.get(start) {
        let named = steps.iter().enumerate().filter_map(|(i, step)| {
            let target = &forecast.targets[step.target?];
            Some((i, target.model.as_deref().map_or_else(|| "the target".to_owned(), clean)))
        });
        intro.push(steps::label(forecast, step));
        let named = named.collect();
        blocks.push(Block::Control(Control::Steps { steps: steps.len(), start, named }));
    }
    let main = forecast.targets.last();
    let rows = main.map_or(&[][..], |target| &target.tasks).iter().enumerate().map(|(t, task)| {
        let row = steps::of_target(task);
        let mut cells = vec![Cell::name(&task.task), Cell::count(task.n_samples)];
        for (column, shown) in row.shown().into_iter().enumerate() {
            // What moves with the slider is exported as it is shown.
            let cell = Cell { number: column != 6, ..Cell::text(shown) };
            cells.push(cell.keyed(format!("{t}:{column}")));
        }
        cells
    });
    let table = Table {
        id: "answer-table".to_owned(),
        caption: "Forecast of every task".to_owned(),
        columns: COLUMNS.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    blocks.push(Block::Cards(table));
    for target in &forecast.targets {
        let errors: Vec<f64> = target
            .tasks
            .iter()
            .filter_map(|task| Some(100.0 * (task.forecast? - task.actual?)))
            .collect();
        if errors.is_empty() {
            continue;
        }
        let mean = errors.iter().map(|error| error.abs()).sum::<f64>() / errors.len() as f64;
        let worst = errors.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()));
        let inside = target.tasks.iter().filter_map(|task| {
            let (interval, actual) = (task.interval?, task.actual?);
            Some((interval.lower..=interval.upper).contains(&actual))
        });
        let inside: Vec<bool> = inside.collect();
        let held = inside.iter().filter(|&&held| held).count();
        let model = target.model.as_deref().map_or_else(|| "the target".to_owned(), name);
        let mut text = format!(
            "{model} is known on {} task{}: mean absolute error {mean:.2} points, largest {}",
            errors.len(),
            if errors.len() == 1 { "" } else { "s" },
            signed(worst)
        );
        if !inside.is_empty() {
            text +=
                &format!("; {held} of {} actual scores are inside their interval", inside.len());
        }
        blocks.push(Block::Text(text + "."));
    }
    let notes = notes(forecast, |d| d.severity != "info");
    if !notes.is_empty() {
        blocks.push(Block::Notes(notes));
    }
    Section { id: "answer", title: "The forecast".to_owned(), intro, blocks }
}

fn notes(forecast: &Forecast, keep: fn(&Diagnostic) -> bool) -> Vec<Note> {
    let tasks = forecast.targets.iter().flat_map(|target| &target.tasks);
    super::notes::notes(tasks.map(|task| (task.task.as_str(), task.diagnostics.as_slice())), keep)
}

fn curves_section(forecast: &Forecast, curves: &Curves, drawn: Vec<Drawn>) -> Section {
    let mut blocks = Vec::new();
    let series = switches(forecast);
    if !series.is_empty() {
        blocks
            .push(Block::Control(Control::Switches { label: "Other engines".to_owned(), series }));
    }
    let figures: Vec<Figure> = drawn
        .into_iter()
        .enumerate()
        .map(|(t, drawn)| Figure {
            id: format!("curve-{t}"),
            note: guessing_outside(forecast, curves, t).unwrap_or_default(),
            table: Some(curve_table(forecast, curves, t)),
            ..figure(drawn)
        })
        .collect();
    let legend = Some(curve_legend(forecast, &scenes(&figures)));
    blocks.push(Block::Figures { figures, legend });
    let intro = "The curve is the forecast for models of any compute; the vertical line is the size \
                 chosen above. Bars at the rungs are one standard error over questions drawn like \
                 these.";
    Section {
        id: "curves",
        title: "Score against compute".to_owned(),
        intro: vec![intro.to_owned()],
        blocks,
    }
}

fn figure(drawn: Drawn) -> Figure {
    Figure { scene: drawn.chart.draw(), spots: drawn.spots, ..Figure::default() }
}

fn inside(forecast: &Forecast, curves: &Curves, detail: &Detail) -> Section {
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

fn trust(forecast: &Forecast) -> Section {
    let mut blocks = Vec::new();
    if let Some(backtest) = &forecast.backtest {
        blocks.extend(backtest_sections(backtest));
    }
    let notes = notes(forecast, |_| true);
    blocks.push(Block::Heading("Diagnostics".to_owned()));
    if notes.is_empty() {
        blocks.push(Block::Text("Nothing to warn about.".to_owned()));
    } else {
        blocks.push(Block::Notes(notes));
    }
    if let Some(check) = forecast.detail.as_ref().and_then(|detail| detail.check.as_ref()) {
        blocks.extend(quality(check));
    }
    Section { id: "trust", title: "How far to trust it".to_owned(), intro: Vec::new(), blocks }
}

fn quality(check: &Check) -> Vec<Block> {
    let columns = [
        "task", "rungs", "samples", "shared %", "trials", "first %", "last %", "chance %",
        "rising %", "zero %", "anchors",
    ];
    let tasks = Table {
        id: "quality".to_owned(),
        caption: "Data of every task".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: check
            .tasks
            .iter()
            .map(|task| {
                vec![
                    Cell::name(&task.task),
                    Cell::count(task.rungs),
                    Cell::count(task.n_samples),
                    Cell::number(task.sample_overlap, percent),
                    Cell::count(task.median_trials),
                    Cell::number(task.first_score, percent),
                    Cell::number(task.last_score, percent),
                    Cell::number(task.chance, percent),
                    Cell::number(task.rising_steps, percent),
                    Cell::number(task.zero_share, percent),
                    Cell::count(task.anchors),
                ]
            })
            .collect(),
    };
    let mut models: Vec<_> = check.models.iter().filter(|model| model.role != "ignore").collect();
    models
        .sort_by(|a, b| a.compute_flops.unwrap_or(0.0).total_cmp(&b.compute_flops.unwrap_or(0.0)));
    let models = Table {
        id: "models".to_owned(),
        caption: "Models, by compute".to_owned(),
        columns: ["model", "role", "compute, FLOP", "known as", "times the largest rung"]
            .map(str::to_owned)
            .to_vec(),
        rows: models
            .into_iter()
            .map(|model| {
                let source = match model.compute_source.as_deref() {
                    Some("given") => "given",
                    Some("per_token") => "per token × tokens",
                    Some("six_nd") => "6ND",
                    Some("six_active") => "6ND of active parameters",
                    _ => "unknown",
                };
                vec![
                    Cell::name(&model.model),
                    Cell::text(clean(&model.role)),
                    Cell::number(model.compute_flops, flops),
                    Cell::text(source),
                    Cell::number(model.times_largest_rung, times),
                ]
            })
            .collect(),
    };
    let notes: Vec<Note> = check
        .diagnostics
        .iter()
        .map(|d| Note {
            severity: d.severity.clone(),
            about: "the study".to_owned(),
            text: clean(&d.message),
        })
        .collect();
    let mut blocks = vec![Block::Heading("Data quality".to_owned())];
    if !notes.is_empty() {
        blocks.push(Block::Notes(notes));
    }
    blocks.extend([Block::Table(tasks), Block::Table(models)]);
    blocks
}

/// How to make it again.
pub(super) fn provenance(
    version: &str,
    seed: Option<u64>,
    config: &Value,
    inputs: &[InputFile],
    command: Option<&str>,
) -> Section {
    let mut blocks = Vec::new();
    if let Some(command) = command {
        blocks.push(Block::Code(clean_lines(command)));
    }
    blocks.push(Block::Table(Table {
        id: "inputs".to_owned(),
        caption: "Files it was made from".to_owned(),
        columns: ["file", "SHA-256"].map(str::to_owned).to_vec(),
        rows: inputs
            .iter()
            .map(|input| vec![Cell::name(&input.path), Cell::text(clean(&input.sha256))])
            .collect(),
    }));
    let config = serde_json::to_string_pretty(config).unwrap_or_default();
    blocks.push(Block::Folded {
        title: "Configuration".to_owned(),
        blocks: vec![Block::Code(clean_lines(&config))],
    });
    let seed = seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
    Section {
        id: "provenance",
        title: "Provenance".to_owned(),
        intro: vec![format!("codcast {}{seed}.", clean(version))],
        blocks,
    }
}
