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
