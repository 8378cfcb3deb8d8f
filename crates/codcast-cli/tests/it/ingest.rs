//! `codcast ingest` as its users meet it.

use std::fs;
use std::path::Path;

use crate::support::codcast;

const MODELS: &str = "name = \"s\"\n[[models]]\nname = \"any\"\nmatch = \"*\"\nrole = \"ladder\"\n\
                      params = 1e9\ntokens = 1e10\n";

/// A log of EvalPlus with one solution, right, and that total.
fn evalplus(folder: &Path, pass_at_1: f64) {
    let log = format!(
        r#"{{"date": "2026-01-02 03:04", "hash": "d41d8", "eval": {{"HumanEval/0": [{{"task_id":
        "HumanEval/0", "solution": "x", "base_status": "pass", "plus_status": "pass"}}]}},
        "pass_at_k": {{"base": {{"pass@1": 1.0}}, "plus": {{"pass@1": {pass_at_1:?}}}}}}}"#
    );
    fs::write(folder.join("m_vllm_temp_0.8.eval_results.json"), log).unwrap();
}

fn ingest(folder: &Path, more: &[&str]) -> crate::support::Said {
    fs::write(folder.join("../models.toml"), MODELS).unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (logs, models) = (text(folder), text(&folder.join("../models.toml")));
    let study = text(&folder.join("../study"));
    let args = ["ingest", &logs, "--models", &models, "-o", &study, "--format", "json"];
    codcast(args.iter().chain(more))
}

#[test]
fn endings_say_why_there_is_no_study() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    evalplus(&logs, 0.5);
    let said = ingest(&logs, &[]);
    said.fails(1, &["plus is 0.5 in the log, but 1 from its samples", "1 runs were refused"]);
    assert!(!said.stderr.contains("no logs of a known format"));
    assert_eq!(said.json()["files"][0]["fate"], "refused");
    assert!(said.json()["study"].is_null());
    // Strict: nothing is written where one of several is refused.
    fs::write(logs.join("t.csv"), "model,task,sample_id,score\nm,t,a,1\n").unwrap();
    let said = ingest(&logs, &["--strict"]);
    said.fails(2, &["nothing was written"]);
    assert!(!folder.path().join("study").exists());
    let said = ingest(&logs, &["--task", "zzz"]);
    said.fails(1, &["--task fits none of the tasks (t)", "1 runs were refused"]);
    assert!(!folder.path().join("study").exists());
    let said = ingest(&logs, &["--metric", "nothere"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stderr.contains("--metric nothere fits nothing"), "{}", said.stderr);
    assert_eq!(said.json()["study"], folder.path().join("logs/../study").to_str().unwrap());
}

/// Ingests one table of these lines; the models are `a` and `b`.
fn table(name: &str, lines: &str, more: &[&str]) -> (tempfile::TempDir, crate::support::Said) {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    fs::write(logs.join(name), lines).unwrap();
    let said = ingest(&logs, more);
    (folder, said)
}

#[test]
fn a_table_of_unknown_columns_is_told_what_is_expected_and_how_to_say_it() {
    let rows = "run,q,is_right\na,s1,1\na,s2,0\n";
    let (_folder, said) = table("t.csv", rows, &[]);
    let flags = "--column model=run --column sample_id=q --column score=is_right";
    let parts = ["t.csv", "run, q, is_right", "model, sample_id, and score", flags];
    said.fails(1, &parts);
    // Not only beside the error, which --quiet keeps.
    let (_folder, quiet) = table("t.csv", rows, &["--quiet"]);
    quiet.fails(1, &parts);
    // What it says works.
    let flags: Vec<&str> = flags.split(' ').collect();
    let (_folder, said) = table("t.csv", rows, &flags);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(said.json()["tasks"][0]["samples"], 2);
    let (_folder, said) = table("t.jsonl", "{\"run\": \"a\", \"q\": 1, \"is_right\": 1}\n", &[]);
    said.fails(1, &["t.jsonl", "run, q, is_right", flags.join(" ").as_str()]);
}

#[test]
fn scores_in_percent_are_called_by_their_name() {
    let rows = "model,task,sample_id,score\nany,t,a,66.5\nany,t,b,12.5\n";
    let (_folder, said) = table("t.csv", rows, &["--quiet"]);
    said.fails(1, &["t: left out", "up to 66.5", "t.csv", "look like percent: divide them by 100"]);
}

#[test]
fn errors_of_logs_have_a_code_that_can_be_explained() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    evalplus(&logs, 0.5);
    let list = folder.path().join("errors.txt");
    let said = ingest(&logs, &["--errors", list.to_str().unwrap()]);
    said.fails(1, &["error [aggregate_mismatch]: "]);
    assert!(fs::read_to_string(list).unwrap().starts_with("[aggregate_mismatch] "));
    assert_eq!(codcast(["explain", "aggregate_mismatch"]).status, 0);
}

#[test]
fn a_study_toml_that_was_changed_is_kept_and_said() {
    let rows = "model,task,sample_id,score\nany,t,a,1\n";
    let (folder, said) = table("t.csv", rows, &[]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let (logs, study) = (folder.path().join("logs"), folder.path().join("study"));
    let written = fs::read_to_string(study.join("study.toml")).unwrap();
    assert!(written.starts_with("# Made by `codcast ingest` of models.toml"), "{written}");
    // Not changed: nothing is said, and the bytes are the same.
    let said = ingest(&logs, &[]);
    assert!(!said.stderr.contains("was changed"), "{}", said.stderr);
    assert_eq!(fs::read_to_string(study.join("study.toml")).unwrap(), written);
    let mine = written.replace("ladder", "anchor");
    assert_ne!(mine, written);
    fs::write(study.join("study.toml"), &mine).unwrap();
    let said = ingest(&logs, &[]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    for part in ["study.toml of the study was changed", "in models.toml", "study.toml.edited"] {
        assert!(said.stderr.contains(part), "{part}: {}", said.stderr);
    }
    assert_eq!(fs::read_to_string(study.join("study.toml")).unwrap(), written);
    assert_eq!(fs::read_to_string(study.join("study.toml.edited")).unwrap(), mine);
}

#[test]
fn models_without_compute_are_listed_once_the_logs_are_in() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    fs::write(logs.join("t.csv"), "model,task,sample_id,score\nany,t,a,1\n").unwrap();
    let models = folder.path().join("bare.toml");
    fs::write(&models, "name = \"s\"\n[[models]]\nname = \"any\"\nrole = \"ladder\"\n").unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let study = text(&folder.path().join("study"));
    let said = codcast(["ingest", &text(&logs), "--models", &text(&models), "-o", &study]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    for part in ["1 model has no compute", "\"any\"", "bare.toml", "# params = ?", "# tokens = ?"] {
        assert!(said.stderr.contains(part), "{part}: {}", said.stderr);
    }
}
