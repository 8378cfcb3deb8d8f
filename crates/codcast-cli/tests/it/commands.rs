//! Answers, formats, options.

use std::fs;

use crate::support::{Folder, MODELS, codcast, manifest, samples};

fn folder() -> Folder {
    Folder::new(&manifest(&MODELS), &samples(None))
}

#[test]
fn a_ladder_that_follows_the_law_is_forecast_within_two_points() {
    let folder = folder();
    let json = codcast(["forecast", folder.path().to_str().unwrap(), "--engine", "cod"]).json();
    assert_eq!(json["schema"], "codcast.forecast/1");
    assert_eq!(json["targets"][0]["model"], "big");
    assert_eq!(json["targets"][0]["times_largest_rung"], 10.0);
    let task = &json["targets"][0]["tasks"][0];
    let error = task["forecast"].as_f64().unwrap() - task["actual"].as_f64().unwrap();
    assert!(error.abs() < 0.02, "{task}");
    assert_eq!(json["config"]["seed"], 0);
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let folder = folder();
    let with = |threads| {
        codcast(["forecast", folder.path().to_str().unwrap(), "--threads", threads]).stdout
    };
    let one = with("1");
    assert!(one.contains("codcast.forecast/1"));
    assert_eq!(one, with("2"));
    assert_eq!(one, with("5"));
}

#[test]
fn every_format_tells_the_same_numbers() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let json = codcast(["forecast", path, "--format", "json"]).json();
    let forecast = json["targets"][0]["tasks"][0]["forecast"].as_f64().unwrap();
    let csv = codcast(["forecast", path, "--format", "csv"]).stdout;
    assert!(csv.starts_with("target,task,n_samples,forecast,"), "{csv}");
    let row: Vec<&str> = csv.lines().nth(1).unwrap().split(',').collect();
    assert_eq!(row[..3], ["big", "sums", "160"]);
    assert_eq!(row[3].parse::<f64>().unwrap(), forecast);
    let shown = format!("{:.1}", 100.0 * forecast);
    for format in ["table", "markdown"] {
        let said = codcast(["forecast", path, "--format", format]);
        assert!(said.stdout.contains(&shown), "{}", said.stdout);
    }
}

#[test]
fn a_run_can_be_repeated_from_the_configuration_it_printed() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let first = codcast(["forecast", path, "--set", "cluster.quantile=0.2", "--seed", "7"]);
    let config = first.json()["config"].clone();
    assert_eq!(config["cluster"]["quantile"], 0.2);
    assert_eq!(config["seed"], 7);
    let config: toml::Table = serde_json::from_value(config).unwrap();
    let file = folder.file("again.toml");
    fs::write(&file, toml::to_string(&config).unwrap()).unwrap();
    let again = codcast(["forecast", path, "--config", file.to_str().unwrap()]);
    assert_eq!(first.stdout, again.stdout, "{}", again.stderr);
}

#[test]
fn labels_of_one_ladder_serve_another() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let file = folder.file("labels.json");
    let file = file.to_str().unwrap();
    let saved = codcast(["clusters", path, "--save", file, "--format", "json"]).json();
    let used = codcast(["clusters", path, "--use", file, "--format", "json"]).json();
    assert_eq!(saved["tasks"][0]["labels"], used["tasks"][0]["labels"]);
    assert_eq!(saved["tasks"][0]["clusters"], used["tasks"][0]["clusters"]);
    assert!(used["tasks"][0]["radius"].is_null());
    let own = codcast(["forecast", path, "--engine", "cod"]).json();
    let reused = codcast(["forecast", path, "--engine", "cod", "--use", file]).json();
    assert_eq!(own["targets"], reused["targets"]);
}

#[test]
fn a_bare_size_is_forecast_and_has_no_actual_score() {
    let folder = folder();
    let said = codcast(["forecast", folder.path().to_str().unwrap(), "--compute", "1e24"]);
    let json = said.json();
    assert!(json["targets"][0]["model"].is_null());
    assert!(json["targets"][0]["tasks"][0]["forecast"].is_number());
    assert!(json["targets"][0]["tasks"][0]["actual"].is_null());
}

#[test]
fn check_says_what_a_forecast_can_expect() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let json = codcast(["check", path]).json();
    let range = json["compute_range"].as_f64().unwrap();
    assert!((range / 1000.0 - 1.0).abs() < 1e-12, "{range}");
    let task = &json["tasks"][0];
    assert_eq!(task["rungs"], 6);
    assert_eq!(task["n_samples"], 160);
    assert_eq!(task["median_trials"], 100);
    assert_eq!(task["sample_overlap"], 1.0);
    assert_eq!(task["rising_steps"], 1.0);
    assert_eq!(task["anchors"], 1);
    let table = codcast(["check", path, "--format", "table"]).stdout;
    assert!(table.contains("factor of 1000"), "{table}");
}

#[test]
fn the_demo_forecasts_a_trained_model_beside_its_actual_score() {
    let json = codcast(["demo", "--no-report"]).json();
    assert_eq!(json["schema"], "codcast.forecast/1");
    assert_eq!(json["study"], "tiny-ladder");
    for target in json["targets"].as_array().unwrap() {
        for task in target["tasks"].as_array().unwrap() {
            assert!(task["forecast"].is_number() && task["actual"].is_number(), "{task}");
        }
    }
    let table = codcast(["demo", "--no-report", "--format", "table"]).stdout;
    assert!(table.contains("mean absolute error"), "{table}");
}

#[test]
fn the_demo_unpacks_a_study_that_forecasts_the_same() {
    let folder = folder();
    let out = folder.file("tiny");
    let demo = codcast(["demo", "--no-report", "--out", out.to_str().unwrap()]).json();
    let again = codcast(["forecast", out.to_str().unwrap()]).json();
    assert_eq!(demo["targets"], again["targets"]);
}
