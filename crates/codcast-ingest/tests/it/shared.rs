//! The public studies, read from outside the project, against what pandas finds in them.

use std::collections::BTreeMap;

use codcast::evals::{Outcome, Study};
use codcast_ingest::read_study;
use serde::Deserialize;

use crate::fixture::shared_data;

/// Sums of thousands of scores in another order.
const TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct Expected {
    rows: u64,
    models: usize,
    tasks: usize,
    runs: Vec<(String, String, Option<i64>, usize, f64)>,
    aggregates: Vec<(String, usize, f64, f64)>,
}

#[test]
fn public_studies_have_the_means_that_pandas_computes() {
    let Some(data) = shared_data() else { return };
    let golden = include_str!("../golden/shared_means.json");
    let golden: BTreeMap<String, Expected> = serde_json::from_str(golden).unwrap();
    assert_eq!(golden.len(), 11);
    for (name, expected) in golden {
        let loaded = read_study(&data.join(&name)).unwrap();
        let study = &loaded.study;
        assert_eq!(study.name, name);
        assert_eq!(loaded.missing_rows, 0, "{name}");
        assert!(loaded.notes.is_empty(), "{name}: {:?}", loaded.notes);
        let counts = (loaded.rows, study.models.len(), study.tasks.len());
        assert_eq!(counts, (expected.rows, expected.models, expected.tasks), "{name}");
        assert_runs(study, &expected.runs);
        assert_aggregates(study, &expected.aggregates);
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn assert_runs(study: &Study, expected: &[(String, String, Option<i64>, usize, f64)]) {
    let mut found = Vec::new();
    for task in &study.tasks {
        assert!(task.samples.windows(2).all(|pair| pair[0] < pair[1]));
        for run in task.runs.iter().filter(|run| run.aggregate.is_none()) {
            let rates: Vec<f64> = run.outcomes.iter().copied().filter_map(Outcome::rate).collect();
            let model = study.models[run.model].name.clone();
            found.push((task.name.clone(), model, run.checkpoint, rates.len(), mean(&rates)));
        }
    }
    found.sort_by(|a, b| (&a.0, &a.1, a.2).cmp(&(&b.0, &b.1, b.2)));
    assert_eq!(found.len(), expected.len(), "{}", study.name);
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(
            (&found.0, &found.1, found.2, found.3),
            (&expected.0, &expected.1, expected.2, expected.3)
        );
        assert!((found.4 - expected.4).abs() < TOLERANCE, "{found:?} {expected:?}");
    }
}

fn assert_aggregates(study: &Study, expected: &[(String, usize, f64, f64)]) {
    let with_aggregates: Vec<_> = study
        .tasks
        .iter()
        .filter(|task| task.runs.iter().any(|run| run.aggregate.is_some()))
        .collect();
    assert_eq!(with_aggregates.len(), expected.len(), "{}", study.name);
    for (task, (name, models, score, loss)) in with_aggregates.into_iter().zip(expected) {
        let aggregates: Vec<_> = task.runs.iter().filter_map(|run| run.aggregate).collect();
        let scores: Vec<f64> = aggregates.iter().filter_map(|a| a.outcome.rate()).collect();
        let losses: Vec<f64> = aggregates.iter().filter_map(|a| a.task_loss).collect();
        assert_eq!((&task.name, scores.len(), losses.len()), (name, *models, *models));
        assert!((mean(&scores) - score).abs() < TOLERANCE, "{} {name}", study.name);
        assert!((mean(&losses) - loss).abs() < TOLERANCE, "{} {name}", study.name);
    }
}
