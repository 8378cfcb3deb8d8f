//! The target's scores touch nothing but the column that shows them.

use crate::support::{Folder, MODELS, codcast, manifest, samples};

/// The answer without what is meant to show the target's scores or the input's hash.
fn forecast(target: Option<u32>, engine: &str) -> String {
    let folder = Folder::new(&manifest(&MODELS), &samples(target));
    let path = folder.path().to_str().unwrap();
    let said = codcast(["forecast", path, "--engine", engine, "--format", "json"]);
    let mut json = said.json();
    json.as_object_mut().unwrap().remove("inputs");
    let task = &mut json["targets"][0]["tasks"][0];
    assert!(task["actual"].is_number(), "{engine}: {}", said.stderr);
    task.as_object_mut().unwrap().remove("actual");
    serde_json::to_string(&json).unwrap()
}

#[test]
fn corrupt_target_scores_change_no_byte_of_any_engine() {
    let engines = codcast(["engines", "--format", "json"]).json();
    for engine in engines["engines"].as_array().unwrap() {
        let engine = engine["name"].as_str().unwrap();
        let honest = forecast(None, engine);
        for corrupt in [0, 37, 100] {
            assert_eq!(honest, forecast(Some(corrupt), engine), "{engine} saw the target");
        }
    }
}

#[test]
fn corrupt_target_scores_change_no_cluster() {
    let labels = |target| {
        let folder = Folder::new(&manifest(&MODELS), &samples(target));
        let said = codcast(["clusters", folder.path().to_str().unwrap(), "--format", "json"]);
        let json = said.json();
        let task = &json["tasks"][0];
        assert!(task["labels"].as_object().is_some_and(|labels| labels.len() == 160));
        (task["labels"].to_string(), task["clusters"].to_string(), task["radius"].to_string())
    };
    assert_eq!(labels(None), labels(Some(0)));
}
