//! Tables in memory against the same rows in a file.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float32Array, Int16Array, LargeStringArray, RecordBatch,
    StringArray, StringViewArray,
};
use codcast_ingest::{Loaded, Models, Result, read_frame, read_study};

const MANIFEST: &str = r#"
name = "frame"
[[models]]
name = "a"
role = "ladder"
compute_flops = 1e20
[[models]]
name = "b"
role = "ladder"
params = 1e9
tokens = 1_000_000_000_000
[[tasks]]
name = "t"
chance = 0.25
"#;

/// (model, sample, trials, correct)
const ROWS: [(&str, &str, i16, f32); 5] = [
    ("a", "s2", 4, 1.0),
    ("a", "s1", 4, 0.0),
    ("b", "s1", 4, 2.5),
    ("b", "s3", 4, 4.0),
    ("b", "s2", 4, 3.0),
];

fn texts(kind: usize, values: &[&str]) -> ArrayRef {
    match kind {
        0 => Arc::new(StringArray::from(values.to_vec())),
        1 => Arc::new(LargeStringArray::from(values.to_vec())),
        2 => Arc::new(StringViewArray::from(values.to_vec())),
        _ => Arc::new(values.iter().copied().collect::<DictionaryArray<Int8Type>>()),
    }
}

fn table(kind: usize) -> RecordBatch {
    RecordBatch::try_from_iter([
        ("model", texts(kind, &ROWS.map(|row| row.0))),
        ("task", texts(kind, &ROWS.map(|_| "t"))),
        ("sample_id", texts(kind, &ROWS.map(|row| row.1))),
        ("n_trials", Arc::new(Int16Array::from(ROWS.map(|row| row.2).to_vec())) as ArrayRef),
        ("n_correct", Arc::new(Float32Array::from(ROWS.map(|row| row.3).to_vec())) as ArrayRef),
    ])
    .unwrap()
}

fn read(batches: Vec<RecordBatch>, stop: bool) -> Result<Option<Loaded>> {
    let values = MANIFEST.parse().unwrap();
    let schema = batches[0].schema();
    read_frame(Models::Values(&values), &schema, batches, &AtomicBool::new(stop))
}

#[test]
fn a_table_in_memory_is_the_study_of_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("study.toml"), MANIFEST).unwrap();
    let rows: String = ROWS.iter().map(|(m, s, n, k)| format!("{m},t,{s},{n},{k}\n")).collect();
    let csv = format!("model,task,sample_id,n_trials,n_correct\n{rows}");
    std::fs::write(folder.path().join("samples.csv"), csv).unwrap();
    let expected = read_study(folder.path()).unwrap();
    for kind in 0..4 {
        let whole = read(vec![table(kind)], false).unwrap().unwrap();
        assert_eq!(whole.study, expected.study, "layout {kind}");
        assert_eq!((whole.rows, whole.inputs.len()), (5, 0));
        let parts = [(0, 2), (2, 0), (2, 3)];
        let cut = parts.map(|(start, rows)| table(kind).slice(start, rows)).to_vec();
        assert_eq!(read(cut, false).unwrap().unwrap().study, expected.study, "cut, layout {kind}");
    }
    let path = folder.path().join("study.toml");
    let table = table(0);
    let named =
        read_frame(Models::File(&path), &table.schema(), vec![table], &AtomicBool::new(false));
    assert_eq!(named.unwrap().unwrap().study, expected.study);
}

#[test]
fn who_stops_gets_nothing() {
    assert_eq!(read(vec![table(0)], true).unwrap(), None);
}

#[test]
fn errors_name_the_entry_and_the_row() {
    let message = |manifest: &str| {
        let (values, table) = (manifest.parse().unwrap(), table(0));
        let schema = table.schema();
        let stop = AtomicBool::new(false);
        read_frame(Models::Values(&values), &schema, vec![table], &stop).unwrap_err().to_string()
    };
    let wrong = MANIFEST.replace("params = 1e9", "params = -1");
    assert_eq!(
        message(&wrong),
        "models, row 2, model \"b\": params is -1; expected a finite positive number of parameters"
    );
    let wrong = MANIFEST.replace("chance = 0.25", "chance = 25");
    assert!(message(&wrong).starts_with("tasks, row 1, task \"t\": chance is 25"));
    let wrong = MANIFEST.replace("name = \"b\"", "name = \"a\"");
    assert!(message(&wrong).starts_with("models, row 2: model \"a\" is listed already on row 1"));
    let wrong = MANIFEST.replace("name = \"b\"", "name = \"c\"");
    assert!(message(&wrong).starts_with("samples, row 3: model \"b\" is not in study.toml"));
    let twice = table(0);
    let error = read(vec![twice.clone(), twice], false).unwrap_err().to_string();
    assert!(
        error.starts_with("samples, row 6: the same model, checkpoint, task and sample as row 1")
    );
}
