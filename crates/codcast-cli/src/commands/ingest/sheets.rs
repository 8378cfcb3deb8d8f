//! What was made of logs, as tables.

use std::collections::BTreeMap;
use std::path::Path;

use codcast_logs::{FileReport, IdKind, Summary};

use crate::answer::LogFile;
use crate::output::{Cell, Sheet};
use crate::text;

/// Tasks with their metrics and counts.
pub(super) fn tasks(summary: &Summary, output: &Path) -> Sheet {
    let rows = summary
        .tasks
        .iter()
        .map(|task| {
            let others: Vec<String> = task
                .alternatives
                .iter()
                .map(|(name, mean)| match mean {
                    Some(mean) => format!("{name} {:.1}", mean * 100.0),
                    None => format!("({name})"),
                })
                .collect();
            vec![
                Cell::Name(task.task.clone()),
                Cell::Name(task.format.clone()),
                Cell::Name(task.metric.clone().unwrap_or_else(|| "none".to_owned())),
                Cell::Percent(task.mean),
                Cell::Name(others.join("; ")),
                Cell::Count(Some(task.models as u64)),
                Cell::Count(Some(task.samples as u64)),
                Cell::Count(Some(task.trials)),
                Cell::Count(Some(task.errors + task.unscored)),
            ]
        })
        .collect();
    let mut notes = Vec::new();
    if summary.tasks.iter().any(|task| !task.alternatives.is_empty()) {
        notes.push(
            "--metric takes another metric; those in brackets are no scores from 0 to 1".into(),
        );
    }
    if summary.tasks.iter().any(|task| task.ids == IdKind::Index) {
        let tasks: Vec<String> = summary
            .tasks
            .iter()
            .filter(|task| task.ids == IdKind::Index)
            .map(|task| text::name(&task.task))
            .collect();
        notes.push(format!(
            "samples of these tasks are known by their position only, so that all models must have \
             been given the same data in the same order: {}",
            tasks.join(", ")
        ));
    }
    Sheet {
        title: format!("{}", output.display()),
        columns: vec![
            ("task", "task"),
            ("harness", "format"),
            ("metric", "metric"),
            ("mean %", "mean"),
            ("other metrics %", "alternatives"),
            ("models", "models"),
            ("samples", "samples"),
            ("trials", "trials"),
            ("missing", "missing"),
        ],
        rows,
        notes,
        ..Sheet::default()
    }
}

/// Files by what became of them.
pub(super) fn sources(files: &[FileReport]) -> Sheet {
    let mut by_fate: BTreeMap<(&'static str, &str), (u64, u64, u64)> = BTreeMap::new();
    for report in files {
        let LogFile { fate, format, samples, trials, .. } = LogFile::of(report);
        let sums = by_fate.entry((fate, format.unwrap_or("-"))).or_default();
        *sums = (sums.0 + 1, sums.1 + samples, sums.2 + trials);
    }
    let rows = by_fate
        .into_iter()
        .map(|((fate, format), (n, samples, trials))| {
            vec![
                Cell::Text(fate),
                Cell::Name(format.to_owned()),
                Cell::Count(Some(n)),
                Cell::Count(Some(samples)),
                Cell::Count(Some(trials)),
            ]
        })
        .collect();
    Sheet {
        columns: vec![
            ("files", "fate"),
            ("harness", "format"),
            ("number", "files"),
            ("samples", "samples"),
            ("trials", "trials"),
        ],
        rows,
        ..Sheet::default()
    }
}
