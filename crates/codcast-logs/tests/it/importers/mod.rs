//! The importers of one format each: fields, fixtures, damage.

#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]
#![allow(clippy::needless_raw_string_hashes, reason = "pairs of JSON texts read better alike")]

mod code;
mod damage;
mod every_eval_ever;
mod fuzz;
mod helm;
mod lighteval;
mod olmes;
mod openai;
mod opencompass;
mod shared;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use codcast_logs::{Fate, Partials, Reading, Run, partials, partials_of_bytes};

/// A fixture of this crate.
pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs").join(path)
}

/// The bytes of a fixture.
pub(crate) fn bytes(path: &str) -> Vec<u8> {
    let path = fixture(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Reads a folder of fixtures.
pub(crate) fn folder(path: &str) -> Partials {
    partials(&[fixture(path)], &Reading::default()).unwrap()
}

/// Reads a text as the log of that name, with companions.
pub(crate) fn text(path: &str, text: &str, beside: &[(&str, &str)]) -> Partials {
    let beside: Vec<(&str, &[u8])> = beside.iter().map(|(p, t)| (*p, t.as_bytes())).collect();
    partials_of_bytes(path, text.as_bytes(), &beside, &Reading::default()).unwrap()
}

/// What each sample of a metric scored: repeats and their sum. Of all runs of that task.
pub(crate) fn counts(read: &Partials, task: &str, metric: &str) -> BTreeMap<String, (u32, f64)> {
    let of = |view: &codcast_logs::View<'_>| {
        view.run().task == task && view.name().to_string() == metric
    };
    let samples = read.views().filter(of).flat_map(|view| view.samples().collect::<Vec<_>>());
    samples.map(|(id, trials, sum, ..)| (id.to_owned(), (trials, sum))).collect()
}

/// The run, where there is one.
pub(crate) fn run(read: &Partials) -> &Run {
    let mut runs: Vec<&Run> = read.views().map(|view| view.run()).collect();
    runs.dedup();
    assert_eq!(runs.len(), 1, "{runs:#?}");
    runs[0]
}

/// Names of the metrics that have scores, as they came.
pub(crate) fn metrics(read: &Partials) -> Vec<String> {
    read.views().map(|view| view.name().to_string()).collect()
}

/// Names of the headline metrics of the only run.
pub(crate) fn headline(read: &Partials) -> Vec<String> {
    run(read).headline.iter().map(ToString::to_string).collect()
}

/// The harness's means that were held against ours, those that differ as texts.
pub(crate) fn verified(read: &Partials) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for view in read.views() {
        let Some(expected) = view.expected() else { continue };
        compared += 1;
        let ours = view.mean();
        if !ours.is_some_and(|ours| (ours - expected.mean).abs() <= expected.tolerance) {
            let run = view.run();
            wrong.push(format!(
                "{} {} {}: {ours:?}, {expected:?}",
                run.model,
                run.task,
                view.name()
            ));
        }
    }
    (compared, wrong)
}

/// The metric that stands for the only task of a log, if the user names none.
pub(crate) fn chosen(read: &Partials) -> Option<String> {
    let manifest = codcast_logs::manifest_for(read, "chosen");
    let models = codcast_logs::Models::parse(&manifest, "models.toml").unwrap();
    let made = codcast_logs::assemble(read, &models, &codcast_logs::Options::default()).unwrap();
    assert_eq!(made.summary.tasks.len(), 1);
    made.summary.tasks.into_iter().next().unwrap().metric
}

/// What was refused and why, without the files' names.
pub(crate) fn refusals(read: &Partials) -> Vec<String> {
    let of = |fate: &Fate| match fate {
        Fate::Refused(reason) => Some(reason.split_once(": ").map_or("", |(_, r)| r).to_owned()),
        _ => None,
    };
    read.files.iter().filter_map(|file| of(&file.fate)).collect()
}

/// The problems as the user sees them.
pub(crate) fn problems(read: &Partials) -> Vec<String> {
    read.problems.iter().map(ToString::to_string).collect()
}

/// Why a single file is refused.
pub(crate) fn refusal(path: &str, text: &str) -> String {
    match partials_of_bytes(path, text.as_bytes(), &[], &Reading::default()) {
        Err(error) => error.to_string(),
        Ok(read) => {
            assert_eq!(read.views().count(), 0, "{path} was read");
            problems(&read).join("; ")
        }
    }
}

/// The same, one missing from a `{}` text by a `replace` that must find something.
pub(crate) fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in the text");
    text.replacen(from, to, 1)
}
