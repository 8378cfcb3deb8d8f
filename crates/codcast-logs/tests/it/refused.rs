//! Logs that contradict themselves or are not whole are refused, whatever else is wrong with them.

use std::path::Path;

use codcast_logs::{Fate, Ingested, Options, Partials, Reading, partials_of_bytes};
use serde_json::{Value, json};

use crate::importers::fixture;
use crate::ingest::{assemble, counts, lm_eval, read, write};

/// Refused, and what was said of it; imported where that is asked for.
fn refused(read: &Partials) -> Vec<String> {
    let made = assemble(read, &Options::default());
    assert_eq!(made.study.tasks.len(), 0, "{:?}", made.summary);
    let anyway = assemble(read, &Options { verify: false, ..Options::default() });
    assert_eq!(anyway.study.tasks.len(), 1);
    made.problems.iter().map(ToString::to_string).collect()
}

fn of_json(path: &str, value: &Value, beside: &[(&str, &[u8])]) -> Partials {
    partials_of_bytes(path, value.to_string().as_bytes(), beside, &Reading::default()).unwrap()
}

#[test]
fn a_second_wrong_number_does_not_hide_the_first() {
    let name = "demo-org--demo-7b_vllm_temp_0.8.eval_results.json";
    let bytes = std::fs::read(fixture("evalplus").join(name)).unwrap();
    let whole: Value = serde_json::from_slice(&bytes).unwrap();
    let mut log = whole.clone();
    log["pass_at_k"]["plus"]["pass@1"] = json!(0.9);
    let said = refused(&of_json(name, &log, &[]));
    assert!(said[0].contains("HumanEval, plus is 0.9 in the log, but 0.433"), "{said:?}");
    log["pass_at_k"]["plus"]["pass@2"] = json!(0.95);
    let read = of_json(name, &log, &[]);
    assert!(read.problems[0].to_string().contains("pass@2 is 0.95 in the log, but"));
    let said = refused(&read);
    assert!(said[0].contains("HumanEval, plus is 0.9 in the log"), "{said:?}");
    assert!(said[1].contains("1 of 1 numbers that the log states beside its results"), "{said:?}");
    // The one that is checked within records alone.
    log["pass_at_k"]["plus"]["pass@1"] = whole["pass_at_k"]["plus"]["pass@1"].clone();
    assert_eq!(refused(&of_json(name, &log, &[])).len(), 1);
}

#[test]
fn a_row_that_contradicts_itself_refuses_its_run() {
    let folder = fixture("lm-eval/0.4.13");
    let stamp = "2026-11-21T18-23-48.287490";
    let [name, totals] =
        [format!("samples_demo_code_{stamp}.jsonl"), format!("results_{stamp}.json")];
    let text = std::fs::read_to_string(folder.join(&name)).unwrap();
    let totals_text = std::fs::read(folder.join(&totals)).unwrap();
    let beside = [(totals.as_str(), &totals_text[..])];
    let reading = Reading::default();
    let good = partials_of_bytes(&name, text.as_bytes(), &beside, &reading).unwrap();
    let made = assemble(&good, &Options::default());
    assert_eq!((made.study.tasks.len(), made.problems.len()), (1, 0));
    let verified = made.summary.verification;
    // pass@2 and pass@4 of five problems.
    assert_eq!((verified.checks, verified.checks_agreed), (10, 10));
    let wrong = text.replacen("\"pass@1\": 0.75", "\"pass@1\": 0.125", 1);
    assert_ne!(wrong, text);
    let bad = partials_of_bytes(&name, wrong.as_bytes(), &beside, &reading).unwrap();
    assert!(bad.problems[0].to_string().contains("line 1: pass@2 is 0.96"), "{:?}", bad.problems);
    let said = refused(&bad);
    assert!(said.iter().any(|line| line.contains("of 10 numbers")), "{said:?}");
}

#[test]
fn repeated_ids_do_not_turn_six_samples_into_one() {
    let name = "task-000-arc_challenge-predictions.jsonl";
    let text = std::fs::read_to_string(fixture("olmes").join(name)).unwrap();
    let mut log = String::new();
    for line in text.lines() {
        let mut row: Value = serde_json::from_str(line).unwrap();
        row["native_id"] = json!("Mercury_7000");
        log += &(row.to_string() + "\n");
    }
    let totals =
        std::fs::read(fixture("olmes").join("task-000-arc_challenge-metrics.json")).unwrap();
    let beside = [("task-000-arc_challenge-metrics.json", &totals[..])];
    let read = partials_of_bytes(name, log.as_bytes(), &beside, &Reading::default()).unwrap();
    assert!(read.problems[0].to_string().contains("a second result for"));
    let said = refused(&read);
    assert!(said[0].contains("1 scored samples in the file, where the log states 6"), "{said:?}");
}

fn half(folder: &Path, scores: &[u8], rows: usize) -> (Partials, Ingested) {
    let samples = lm_eval(folder, 1, 0.0, scores);
    let text = std::fs::read_to_string(&samples).unwrap();
    let lines: String = text.split_inclusive('\n').take(rows).collect();
    std::fs::write(&samples, lines).unwrap();
    let read = read(&[folder.to_owned()]);
    let made = assemble(&read, &Options::default());
    (read, made)
}

#[test]
fn half_of_a_file_is_refused_though_its_mean_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (mut read, made) = half(folder.path(), &[1, 0, 1, 0], 2);
    assert_eq!(made.study.tasks.len(), 0);
    let said = made.problems[0].to_string();
    assert!(said.contains("2 scored samples in the file, where the log states 4"), "{said}");
    assert_eq!(made.summary.refused, 1);
    // Files say what became of them.
    let is_read = |read: &Partials| read.files.iter().any(|f| matches!(f.fate, Fate::Read { .. }));
    assert!(is_read(&read));
    made.correct(&mut read.files);
    assert!(!is_read(&read));
    // Where a record cannot be read the file is known not to be whole: what is missing is said.
    let samples = folder.path().join("samples_t_2026-01-01T00-00-01.000000.jsonl");
    let text = std::fs::read_to_string(&samples).unwrap();
    std::fs::write(&samples, text + "{\"doc_id\": 2, \"do\n").unwrap();
    let made = assemble(&self::read(&[folder.path().to_owned()]), &Options::default());
    assert_eq!(made.study.tasks.len(), 1);
    let notes = made.summary.notes.join("; ");
    assert!(notes.contains("t has 2 of the 4 samples that its log states"), "{notes}");
}

#[test]
fn runs_that_agree_are_draws_as_good_as_others() {
    let folder = tempfile::tempdir().unwrap();
    for (time, scores) in [(1, [1, 1, 0, 1]), (2, [0, 1, 0, 1]), (3, [1, 1, 0, 1])] {
        lm_eval(folder.path(), time, 0.8, &scores);
    }
    let totals = |paths: &[std::path::PathBuf]| {
        let made = assemble(&read(paths), &Options::default());
        let of_model = counts(&made.study, "t").remove("m").unwrap();
        let sum = of_model.values().fold((0, 0.0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
        (sum, made.summary.tasks[0].mean)
    };
    let own = [folder.path().to_owned()];
    // Eight right of twelve.
    assert_eq!(totals(&own), ((12, 8.0), Some(8.0 / 12.0)));
    // A copy is no draw.
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    assert_eq!(totals(&[own[0].clone(), copy.path().to_owned()]).0, (12, 8.0));
}

#[test]
fn runs_with_one_seed_are_one_unless_they_are_seen_to_differ() {
    let count = |runs: &[[u8; 3]]| {
        let folder = tempfile::tempdir().unwrap();
        for (time, scores) in (1..).zip(runs) {
            lm_eval(folder.path(), time, 0.8, scores);
            let name = format!("results_2026-01-01T00-00-{time:02}.000000.json");
            let text = std::fs::read_to_string(folder.path().join(&name)).unwrap();
            let seeded = text.replace("\"config\": {", "\"config\": {\"random_seed\": 7, ");
            assert_ne!(seeded, text);
            write(folder.path(), &name, &seeded);
        }
        let made = assemble(&read(&[folder.path().to_owned()]), &Options::default());
        made.summary.tasks[0].trials
    };
    assert_eq!(count(&[[1, 0, 1], [1, 0, 1]]), 3);
    assert_eq!(count(&[[1, 0, 1], [1, 1, 1], [1, 0, 1]]), 9);
}

#[test]
fn the_mean_is_that_of_the_study_and_replaced_runs_decide_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // An older run in percent, done again.
    lm_eval(folder.path(), 1, 0.0, &[50, 50, 0, 100]);
    lm_eval(folder.path(), 2, 0.0, &[0, 1, 0, 1]);
    let made = assemble(&read(&[folder.path().to_owned()]), &Options::default());
    let task = &made.summary.tasks[0];
    assert_eq!((task.metric.as_deref(), task.mean), (Some("exact_match"), Some(0.5)));
    lm_eval(folder.path(), 1, 0.0, &[1, 1, 1, 1]);
    let made = assemble(&read(&[folder.path().to_owned()]), &Options::default());
    assert_eq!(made.summary.tasks[0].mean, Some(0.5));
    // An error counts as wrong in the mean as in the study.
    let log = read(&[fixture("inspect/errors.eval")]);
    let options = Options { errors_as_wrong: true, ..Options::default() };
    for options in [Options::default(), options] {
        let made = assemble(&log, &options);
        let task = &made.summary.tasks[0];
        let of_model = counts(&made.study, &task.task).into_values().next().unwrap();
        let rate = |cell: &(u32, f64)| cell.1 / f64::from(cell.0.max(1));
        let mean = of_model.values().map(rate).sum::<f64>() / of_model.len() as f64;
        assert!((task.mean.unwrap() - mean).abs() < 1e-12, "{:?} {mean}", task.mean);
    }
}
