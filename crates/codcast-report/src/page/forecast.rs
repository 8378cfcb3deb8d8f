//! A forecast as a page: the answer first, then where it comes from, then how far to trust it.

use super::backtest_sections;
use super::block::{Block, Cell, Control, Data, Figure, Note, Page, Section, Table, scenes};
use super::inside::inside;
use super::provenance::provenance;
use super::steps::{self, Step};
use crate::draw::Chart;
use crate::figures::{Drawn, curve_legend, curve_panel, curve_table, guessing_outside, switches};
use crate::input::{Check, Curves, Diagnostic, Forecast};
use crate::text::{clean, flops, name, percent, signed, times};

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

pub(super) fn figure(drawn: Drawn) -> Figure {
    Figure { scene: drawn.chart.draw(), spots: drawn.spots, ..Figure::default() }
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
