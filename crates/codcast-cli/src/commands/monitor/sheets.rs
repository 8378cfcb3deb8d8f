//! A watched run as tables.

use codcast::monitor::{Comparison, Look, Monitor};

use crate::output::{self, Cell, Sheet};

/// The looks, then the end of training.
pub(super) fn sheets(monitor: &Monitor) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> =
        monitor.looks.iter().map(|look| look_sheet(monitor, look)).collect();
    if let Some(first) = sheets.first_mut() {
        first.title = format!("{}\n\n{}", headline(monitor), first.title);
    }
    sheets.push(end_sheet(monitor));
    sheets
}

fn headline(monitor: &Monitor) -> String {
    let rate = format!("{} % of healthy runs raise an alarm", 100.0 * monitor.false_alarm_rate);
    let Some(alarm) = &monitor.alarm else {
        return format!("{}: {}: no alarm ({rate}).", monitor.study, monitor.run);
    };
    let what = match (&alarm.tasks[..], alarm.overall) {
        ([], _) => "all tasks together".to_owned(),
        (tasks, true) => format!("all tasks together and {}", tasks.join(", ")),
        (tasks, false) => tasks.join(", "),
    };
    let how = if alarm.kind == "change" { "moved during training" } else { "are off" };
    format!(
        "{}: {}: ALARM at {:.0} % of training: scores {how}, {} what the ladder expects: {what} ({rate}).",
        monitor.study,
        monitor.run,
        100.0 * alarm.share,
        alarm.direction,
    )
}

fn look_sheet(monitor: &Monitor, look: &Look) -> Sheet {
    let place = look.checkpoint.map_or(String::new(), |number| format!("checkpoint {number}, "));
    let how = match look.comparison {
        Comparison::SameShare => "rungs at the same share of training",
        Comparison::EqualCompute => "finished rungs at equal compute",
    };
    let overall = &look.overall;
    let mut notes = Vec::new();
    if let (Some(deviation), Some(factor)) = (overall.deviation, overall.compute_factor) {
        notes.push(format!(
            "all tasks: deviation {deviation:+.2}{}, boundary {:.2}; behaves like a run with {factor:.2} \
             times its compute",
            overall.change.map(|change| format!(", change {change:+.2}")).unwrap_or_default(),
            overall.boundary,
        ));
    }
    if monitor.looks.last().is_some_and(|last| std::ptr::eq(last, look)) {
        let tasks = look.tasks.iter();
        notes.extend(output::notes(tasks.map(|t| (t.task.as_str(), t.diagnostics.as_slice()))));
    }
    Sheet {
        title: format!(
            "{place}{:.0} % of training, {}, against {} {how}",
            100.0 * look.share,
            look.compute_flops,
            look.rungs.len(),
        ),
        group: Some((
            "checkpoint",
            Cell::Count(look.checkpoint.and_then(|n| u64::try_from(n).ok())),
        )),
        columns: vec![
            ("task", "task"),
            ("samples", "n_samples"),
            ("expected %", "expected"),
            ("lower", "lower"),
            ("upper", "upper"),
            ("actual %", "actual"),
            ("off", "deviation_points"),
            ("x compute", "compute_factor"),
            ("deviation", "deviation"),
            ("change", "change"),
            ("boundary", "boundary"),
            ("alarm", "alarm"),
        ],
        rows: look
            .tasks
            .iter()
            .map(|task| {
                vec![
                    Cell::Name(task.task.clone()),
                    Cell::Count(task.n_samples),
                    Cell::Percent(task.expected),
                    Cell::Percent(task.band.map(|band| band.lower)),
                    Cell::Percent(task.band.map(|band| band.upper)),
                    Cell::Percent(task.actual),
                    Cell::Points(task.deviation_points),
                    Cell::Number(task.compute_factor),
                    Cell::Points(task.deviation),
                    Cell::Points(task.change),
                    Cell::Points(Some(task.boundary)),
                    Cell::Text(if task.alarm { "ALARM" } else { "" }),
                ]
            })
            .collect(),
        notes,
    }
}

fn end_sheet(monitor: &Monitor) -> Sheet {
    let whole = [(monitor.run.as_str(), monitor.diagnostics.as_slice())];
    Sheet {
        title: "at the end of training: from the ladder alone, and with the checkpoints seen"
            .to_owned(),
        columns: vec![
            ("task", "task"),
            ("forecast %", "forecast"),
            ("lower", "lower"),
            ("upper", "upper"),
            ("updated %", "updated"),
            ("lower", "updated_lower"),
            ("upper", "updated_upper"),
        ],
        rows: monitor
            .end_of_training
            .iter()
            .map(|task| {
                vec![
                    Cell::Name(task.task.clone()),
                    Cell::Percent(task.forecast),
                    Cell::Percent(task.interval.map(|i| i.lower)),
                    Cell::Percent(task.interval.map(|i| i.upper)),
                    Cell::Percent(task.updated),
                    Cell::Percent(task.updated_interval.map(|i| i.lower)),
                    Cell::Percent(task.updated_interval.map(|i| i.upper)),
                ]
            })
            .collect(),
        notes: output::notes(whole),
        ..Sheet::default()
    }
}
