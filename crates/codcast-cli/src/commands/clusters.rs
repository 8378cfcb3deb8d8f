//! `codcast clusters`

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use codcast::difficulty::{TaskClusters, difficulty};
use codcast::engines::cod::Labels;
use serde::Deserialize;

use super::{Spinner, WithInputs, read_study};
use crate::args::{ClustersArgs, Common};
use crate::failure::Failure;
use crate::file::NewFile;
use crate::output::{self, Cell, Sheet};
use crate::settings;

pub(super) fn run(args: &ClustersArgs, common: &Common) -> Result<ExitCode, Failure> {
    let config = settings::load(common)?;
    let labels = args.use_labels.as_deref().map(read_labels).transpose()?;
    // A bad output path is refused before the work, not after.
    let save = args.save.as_deref().map(NewFile::create).transpose()?;
    let (study, inputs) = read_study(&args.study, common)?;
    let spinner = Spinner::start("clustering", common);
    let answer = difficulty(&study, &args.task, labels.as_ref(), &config)?;
    drop(spinner);
    if let Some(file) = save {
        file.write(serde_json::to_string_pretty(&answer).map_err(Failure::usage)?.as_bytes())?;
    }
    let sheets: Vec<Sheet> = answer.tasks.iter().map(sheet).collect();
    output::print(common.format, &WithInputs { result: &answer, inputs: &inputs }, &sheets)?;
    if answer.tasks.iter().all(|task| task.clusters.is_empty()) {
        return Err(Failure::unanswerable("no task has clusters: see the messages of each task"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The part of the clusters JSON that serves another ladder.
#[derive(Deserialize)]
struct Saved {
    schema: String,
    tasks: Vec<SavedTask>,
}

#[derive(Deserialize)]
struct SavedTask {
    task: String,
    labels: std::collections::BTreeMap<String, Option<usize>>,
}

/// Labels from the JSON that `codcast clusters` prints or saves.
pub(super) fn read_labels(path: &Path) -> Result<Labels, Failure> {
    const SCHEMA: &str = "codcast.clusters/1";
    let wrong = |what: String| Failure::usage(format!("{}: {what}", path.display()));
    let text = fs::read_to_string(path).map_err(|e| wrong(format!("cannot be read: {e}")))?;
    let saved: Saved = serde_json::from_str(&text).map_err(|e| {
        wrong(format!("{e}; expected the output of `codcast clusters STUDY --save FILE`"))
    })?;
    if saved.schema != SCHEMA {
        return Err(wrong(format!("schema is {:?}; expected {SCHEMA:?}", saved.schema)));
    }
    Ok(saved.tasks.into_iter().map(|task| (task.task, task.labels)).collect())
}

fn sheet(task: &TaskClusters) -> Sheet {
    let rows = task
        .clusters
        .iter()
        .map(|cluster| {
            let law = |value: fn(&codcast::fit::LawParams) -> f64| {
                Cell::Number(cluster.law.as_ref().map(value))
            };
            let first = cluster.centre.first().copied();
            let last = cluster.centre.last().copied();
            vec![
                Cell::Count(Some(cluster.id as u64)),
                Cell::Count(Some(cluster.size as u64)),
                Cell::Percent(first),
                Cell::Percent(last),
                Cell::Text(cluster.class),
                law(|law| law.a),
                law(|law| law.b),
                law(|law| law.c),
                law(|law| law.g),
                Cell::Words(cluster.reason.clone().unwrap_or_default()),
            ]
        })
        .collect();
    let mut notes = Vec::new();
    if !task.labels.is_empty() {
        notes.push(format!(
            "{} samples no rung solves, {} outliers, {:.1} % predictable",
            task.non_emergent,
            task.outliers,
            100.0 * task.predictable_share.unwrap_or(0.0)
        ));
    }
    notes.extend(output::notes([(task.task.as_str(), task.diagnostics.as_slice())]));
    Sheet {
        title: match task.radius {
            Some(radius) => format!("{}: radius {radius:.3}", task.task),
            None => task.task.clone(),
        },
        group: Some(("task", Cell::Name(task.task.clone()))),
        columns: vec![
            ("id", "id"),
            ("size", "size"),
            ("first %", "first_score"),
            ("last %", "last_score"),
            ("class", "class"),
            ("a", "a"),
            ("b", "b"),
            ("c", "c"),
            ("g", "g"),
            ("reason", "reason"),
        ],
        rows,
        notes,
    }
}
