//! Stage 1 against scikit-learn on the public studies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use codcast::cluster::Points;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use serde_json::Value;

use crate::cluster::{GOLDEN, check_case, count};

/// As in the script: scikit-learn is slow.
const MOST: usize = 200;

#[test]
fn real_ladders_cluster_as_in_scikit_learn() {
    let Some(shared) = shared() else { return };
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let cases = golden["real"].as_array().unwrap();
    assert!(cases.len() >= 4);
    for case in cases {
        let (study, task) = (case["study"].as_str().unwrap(), case["task"].as_str().unwrap());
        let d = count(&case["d"]);
        let rates = real(&shared.join(study).join("samples.parquet"), task, d);
        assert_eq!(rates.len(), d * count(&case["n"]), "{study} {task}");
        check_case(&format!("{study} {task}"), Points::new(d, &rates), case);
    }
}

/// The folder with the public studies, if it is there.
fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let data = std::env::var_os("CODCAST_SHARED").map_or(beside, PathBuf::from).join("data");
    if data.is_dir() {
        return Some(data);
    }
    assert!(std::env::var_os("CODCAST_REQUIRE_SHARED").is_none(), "{} is missing", data.display());
    eprintln!("skipped: {} is missing", data.display());
    None
}

/// `[sample][model]` scores of the first `d` models by name, each at its last checkpoint, on the
/// samples that all of them answered.
fn real(file: &Path, wanted: &str, d: usize) -> Vec<f64> {
    let reader = SerializedFileReader::new(std::fs::File::open(file).unwrap()).unwrap();
    let mut models: BTreeMap<String, BTreeMap<i64, BTreeMap<String, f64>>> = BTreeMap::new();
    for row in reader.get_row_iter(None).unwrap() {
        let row = row.unwrap();
        let at = |name: &str| row.get_column_iter().position(|(column, _)| column == name);
        if row.get_string(at("task").unwrap()).unwrap() != wanted {
            continue;
        }
        let int = |name: &str| row.get_long(at(name).unwrap()).unwrap() as f64;
        let score = match at("score") {
            Some(column) => row.get_double(column).unwrap(),
            None => int("n_correct") / int("n_trials"),
        };
        let checkpoint = at("checkpoint").map_or(0, |column| row.get_long(column).unwrap());
        let model = row.get_string(at("model").unwrap()).unwrap().clone();
        let sample = row.get_string(at("sample_id").unwrap()).unwrap().clone();
        models.entry(model).or_default().entry(checkpoint).or_default().insert(sample, score);
    }
    let columns: Vec<&BTreeMap<String, f64>> =
        models.values().take(d).map(|model| model.values().next_back().unwrap()).collect();
    let samples = columns[0].keys().filter(|s| columns.iter().all(|c| c.contains_key(*s)));
    samples.take(MOST).flat_map(|sample| columns.iter().map(move |column| column[sample])).collect()
}
