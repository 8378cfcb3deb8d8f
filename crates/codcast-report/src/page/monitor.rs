//! A watched run as a page: is it healthy, where is it off, what will it score.

use super::block::{Block, Cell, Data, Figure, Page, Section, Table, scenes};
use super::notes::notes;
use super::provenance::provenance;
use crate::figures::{overall_legend, overall_panel, run_legend, run_panel};
use crate::input::{Diagnostic, Interval, Look, Monitor, TaskLook};
use crate::text::{UNKNOWN, clean, flops, name, percent, points, signed, times};

/// The page of a watched run. `json`: the result to offer for download.
pub(crate) fn page(monitor: &Monitor, json: String) -> Page {
    Page {
        title: format!("Run: {}", clean(&monitor.run)),
        lead: lead(monitor),
        sections: vec![
            answer(monitor),
            checkpoints(monitor),
            end(monitor),
            trust(monitor),
            provenance(
                &monitor.version,
                Some(monitor.seed),
                &monitor.config,
                &monitor.inputs,
                monitor.command.as_deref(),
            ),
        ],
        data: vec![Data { id: "monitor-json", json, file: Some("monitor.json") }],
    }
}

fn lead(monitor: &Monitor) -> String {
    let seen = match monitor.looks.last() {
        Some(look) => format!(
            "{} checkpoints seen, the last at {} % of the training",
            monitor.looks.len(),
            percent(look.share)
        ),
        None => "no checkpoint seen".to_owned(),
    };
    let last = monitor.last_checkpoint.map_or_else(String::new, |n| format!(" (checkpoint {n})"));
    format!(
        "{}: a run of {} FLOP{last}; {seen}. Engine {}.",
        name(&monitor.study),
        flops(monitor.compute_flops),
        name(&monitor.engine)
    )
}

/// Whether there is an alarm, and what raised it.
fn headline(monitor: &Monitor) -> String {
    let rate = format!("{} % of healthy runs raise an alarm", percent(monitor.false_alarm_rate));
    let Some(alarm) = &monitor.alarm else {
        return format!("No alarm: the run is within what chance allows ({rate}).");
    };
    let tasks = alarm.tasks.iter().map(|task| name(task)).collect::<Vec<_>>().join(", ");
    let what = match (alarm.tasks.is_empty(), alarm.overall) {
        (true, _) => "all tasks together".to_owned(),
        (false, true) => format!("all tasks together and {tasks}"),
        (false, false) => tasks,
    };
    let how = if alarm.kind == "change" { "moved during training" } else { "are off" };
    let place = alarm.checkpoint.map_or_else(String::new, |n| format!(", checkpoint {n}"));
    format!(
        "ALARM at {} % of the training{place}: scores {how}, {} what the ladder expects: {what} ({rate}).",
        percent(alarm.share),
        clean(&alarm.direction),
    )
}

const COLUMNS: [&str; 12] = [
    "task",
    "samples",
    "expected %",
    "band %",
    "actual %",
    "points off",
    "× compute",
    "normal ×",
    "deviation",
    "change",
    "boundary",
    "alarm",
];

fn answer(monitor: &Monitor) -> Section {
    let mut blocks = Vec::new();
    if let Some(look) = monitor.looks.last() {
        if let (Some(deviation), Some(factor)) =
            (look.overall.deviation, look.overall.compute_factor)
        {
            blocks.push(Block::Text(format!(
                "At {} % of the training it behaves like a run with {} times its compute (median of the \
                 tasks); all tasks together deviate by {}, and more than {} raises an alarm.",
                percent(look.share),
                times(factor),
                signed(deviation),
                points(look.overall.boundary)
            )));
        }
        blocks.push(Block::Cards(Table {
            id: "health-table".to_owned(),
            caption: format!("Every task at {}", place(look)),
            columns: COLUMNS.map(str::to_owned).to_vec(),
            rows: look.tasks.iter().map(row).collect(),
        }));
    }
    let tasks = monitor.looks.last().map_or(&[][..], |look| &look.tasks);
    let of_tasks = tasks.iter().map(|task| (task.task.as_str(), task.diagnostics.as_slice()));
    let found = notes(of_tasks, warns);
    let whole = notes([("the run", monitor.diagnostics.as_slice())].into_iter(), warns);
    if !found.is_empty() || !whole.is_empty() {
        blocks.push(Block::Notes(whole.into_iter().chain(found).collect()));
    }
    Section {
        id: "answer",
        title: "Is the run healthy?".to_owned(),
        intro: vec![headline(monitor)],
        blocks,
    }
}

fn warns(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity != "info"
}

fn place(look: &Look) -> String {
    let share = format!("{} % of the training", percent(look.share));
    look.checkpoint.map_or_else(|| share.clone(), |n| format!("checkpoint {n}, {share}"))
}

fn range(interval: Option<Interval>) -> String {
    interval.map_or_else(
        || UNKNOWN.to_owned(),
        |interval| format!("{} to {}", percent(interval.lower), percent(interval.upper)),
    )
}

/// As programs read it.
fn range_cell(interval: Option<Interval>) -> Cell {
    let exact = interval.map(|i| format!("{} to {}", i.lower, i.upper)).unwrap_or_default();
    Cell { exact: Some(exact), number: true, ..Cell::text(range(interval)) }
}

fn row(task: &TaskLook) -> Vec<Cell> {
    let normal = task.compute_factor_band.map_or_else(
        || UNKNOWN.to_owned(),
        |[low, high]| format!("{} to {}", times(low), times(high)),
    );
    vec![
        Cell::name(&task.task),
        Cell::count(task.n_samples),
        Cell::number(task.expected, percent),
        range_cell(task.band),
        Cell::number(task.actual, percent),
        Cell::number(task.deviation_points, signed),
        Cell::number(task.compute_factor, times),
        Cell { number: true, ..Cell::text(normal) },
        Cell::number(task.deviation, signed),
        Cell::number(task.change, signed),
        Cell::number(task.boundary, points),
        Cell::text(if task.alarm { "ALARM" } else { "" }),
    ]
}

fn checkpoints(monitor: &Monitor) -> Section {
    let figures: Vec<Figure> = (0..monitor.end_of_training.len())
        .map(|t| {
            let drawn = run_panel(monitor, t);
            Figure {
                id: format!("run-{t}"),
                scene: drawn.chart.draw(),
                spots: drawn.spots,
                table: Some(task_table(monitor, t)),
                ..Figure::default()
            }
        })
        .collect();
    let legend = run_legend(monitor, &scenes(&figures));
    Section {
        id: "checkpoints",
        title: "Checkpoints against the ladder".to_owned(),
        intro: vec![
            "A checkpoint is compared with what the rungs at the same share of their training forecast; \
             the band is where healthy runs lie, the ladder's own deviations taken into account."
                .to_owned(),
        ],
        blocks: vec![Block::Figures { figures, legend: Some(legend) }],
    }
}

fn task_table(monitor: &Monitor, t: usize) -> Table {
    let columns = [
        "checkpoint",
        "share %",
        "expected %",
        "band %",
        "actual %",
        "points off",
        "× compute",
        "deviation",
        "change",
        "boundary",
        "final score then %",
        "alarm",
    ];
    let rows = monitor.looks.iter().map(|look| {
        let task = &look.tasks[t];
        vec![
            checkpoint(look),
            Cell::number(look.share, percent),
            Cell::number(task.expected, percent),
            range_cell(task.band),
            Cell::number(task.actual, percent),
            Cell::number(task.deviation_points, signed),
            Cell::number(task.compute_factor, times),
            Cell::number(task.deviation, signed),
            Cell::number(task.change, signed),
            Cell::number(task.boundary, points),
            Cell::number(task.end_of_training, percent),
            Cell::text(if task.alarm { "ALARM" } else { "" }),
        ]
    });
    Table {
        id: format!("run-{t}-table"),
        caption: format!("Checkpoints: {}", name(&monitor.end_of_training[t].task)),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn checkpoint(look: &Look) -> Cell {
    let shown = look.checkpoint.map_or_else(|| UNKNOWN.to_owned(), |n| n.to_string());
    let exact = Some(look.checkpoint.map(|n| n.to_string()).unwrap_or_default());
    Cell { exact, number: true, ..Cell::text(shown) }
}

fn end(monitor: &Monitor) -> Section {
    let columns = [
        "task",
        "ladder alone %",
        "interval %",
        "with the checkpoints %",
        "interval %",
        "weight of the last checkpoint",
    ];
    let rows = monitor.end_of_training.iter().map(|task| {
        vec![
            Cell::name(&task.task),
            Cell::number(task.forecast, percent),
            range_cell(task.interval),
            Cell::number(task.updated, percent),
            range_cell(task.updated_interval),
            Cell::number(task.weight, points),
        ]
    });
    let table = Table {
        id: "end-table".to_owned(),
        caption: "The score at the end of the training".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    let mut blocks = vec![Block::Table(table)];
    let rows = monitor.end_of_training.iter();
    let found = notes(rows.map(|task| (task.task.as_str(), task.diagnostics.as_slice())), warns);
    if !found.is_empty() {
        blocks.push(Block::Folded {
            title: "Warnings about the final forecast".to_owned(),
            blocks: vec![Block::Notes(found)],
        });
    }
    Section {
        id: "end",
        title: "The score at the end of the training".to_owned(),
        intro: vec![
            "As forecast from the ladder alone, and with what the checkpoints say: a deviation counts \
             at the end as far as it lasts (its weight)."
                .to_owned(),
        ],
        blocks,
    }
}

fn trust(monitor: &Monitor) -> Section {
    let drawn = overall_panel(monitor);
    let columns = [
        "checkpoint",
        "share %",
        "compute, FLOP",
        "compared",
        "rungs",
        "rate spent %",
        "deviation",
        "change",
        "boundary",
        "× compute",
        "alarm",
    ];
    let rows = monitor.looks.iter().map(|look| {
        let how = match look.comparison.as_str() {
            "same_share" => "at the same share",
            "equal_compute" => "at equal compute",
            _ => UNKNOWN,
        };
        vec![
            checkpoint(look),
            Cell::number(look.share, percent),
            Cell::number(look.compute_flops, flops),
            Cell::text(how),
            Cell::count(look.rungs.len() as u64),
            Cell::number(look.spent, percent),
            Cell::number(look.overall.deviation, signed),
            Cell::number(look.overall.change, signed),
            Cell::number(look.overall.boundary, points),
            Cell::number(look.overall.compute_factor, times),
            Cell::text(if look.overall.alarm { "ALARM" } else { "" }),
        ]
    });
    let table = Table {
        id: "overall-table".to_owned(),
        caption: "All tasks together, at every checkpoint".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    let figure = Figure {
        id: "overall".to_owned(),
        scene: drawn.chart.draw(),
        spots: drawn.spots,
        table: Some(table),
        ..Figure::default()
    };
    let legend = overall_legend(&figure.scene);
    let calibration = &monitor.calibration;
    let scales = calibration.tasks.iter().zip(&calibration.scale);
    let scales = Table {
        id: "scales".to_owned(),
        caption: "Deviation of the ladder's own rungs, in units of what the engine expects"
            .to_owned(),
        columns: ["task", "typical deviation"].map(str::to_owned).to_vec(),
        rows: scales
            .map(|(task, &scale)| vec![Cell::name(task), Cell::number(scale, points)])
            .collect(),
    };
    let learned = format!(
        "The ladder's own rungs were looked at as runs: {} rungs, {} checkpoints. Two tasks' deviations \
         are correlated by {}; a deviation lasts for a factor of {} in the share of the training; steps \
         along it are {} times as large as that says; tails are those of Student's t with {} degrees of \
         freedom.",
        calibration.rungs_as_runs,
        calibration.looks,
        points(calibration.task_correlation),
        times(calibration.length.exp()),
        points(calibration.innovation),
        calibration.freedom
    );
    Section {
        id: "trust",
        title: "How the alarm is raised".to_owned(),
        intro: vec![format!(
            "An alarm is a deviation or a change beyond its boundary, of any task or of all together. \
             Boundaries are such that {} % of healthy runs cross one at any checkpoint, on any task.",
            percent(monitor.false_alarm_rate)
        )],
        blocks: vec![
            Block::Figures { figures: vec![figure], legend: Some(legend) },
            Block::Text(learned),
            Block::Table(scales),
        ],
    }
}
