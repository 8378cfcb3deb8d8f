//! The real ladders: a forecast, or a clear reason why there is none.

use std::path::PathBuf;

use crate::support::codcast;

/// The folder of shared studies. Absent: said aloud, or a failure where CI demands it.
fn shared() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let folder = std::env::var_os("CODCAST_SHARED").map_or_else(|| beside.into(), PathBuf::from);
    let data = folder.join("data");
    if data.is_dir() {
        return Some(data);
    }
    assert!(
        std::env::var_os("CODCAST_REQUIRE_SHARED").is_none_or(|v| v != "1"),
        "CODCAST_REQUIRE_SHARED=1 but {} is not there",
        data.display()
    );
    eprintln!("skipped: {} is not there (set CODCAST_SHARED)", data.display());
    None
}

#[test]
fn every_real_study_is_forecast_or_refused_with_a_reason() {
    let Some(data) = shared() else { return };
    for (study, status, tasks) in [
        ("gemstones-gold", 0, 4),
        ("kor-qwen2.5-base", 0, 5),
        ("mmlu-pro-llama2", 1, 1),
        ("olmo-ladder", 1, 8),
        ("overtrain-c4", 1, 46),
        ("pythia-arithmetic-v0", 0, 2),
        ("pythia-arithmetic-v1", 0, 2),
        ("zeroeval-qwen2.5-instruct", 1, 3),
    ] {
        let said = codcast(["forecast", data.join(study).to_str().unwrap(), "--engine", "cod"]);
        assert_eq!(said.status, status, "{study}: {}", said.stderr);
        for target in said.json()["targets"].as_array().unwrap() {
            assert_eq!(target["tasks"].as_array().unwrap().len(), tasks, "{study}");
            for task in target["tasks"].as_array().unwrap() {
                let reasons = task["diagnostics"].as_array().unwrap();
                match task["forecast"].as_f64() {
                    Some(forecast) => assert!((0.0..=1.0).contains(&forecast)),
                    None => assert!(
                        reasons.iter().any(|reason| reason["severity"] == "error"),
                        "{study}: {task}"
                    ),
                }
            }
        }
        assert_eq!(codcast(["check", data.join(study).to_str().unwrap()]).status, 0);
    }
}
