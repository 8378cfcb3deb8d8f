//! Order of rows, row groups and threads change nothing.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array, RecordBatch, StringArray};
use codcast::evals::Study;
use codcast_ingest::read_study;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;

use crate::fixture::{MANIFEST, folder, load};

#[derive(Clone, Debug)]
struct Row(&'static str, &'static str, String, Option<i64>, Option<f64>, Option<f64>);

/// Every model on some samples of three tasks at some checkpoints.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for model in ["a", "b"] {
        for (task, n) in [("t", 40), ("u", 7), ("aggregate only", 0)] {
            for checkpoint in [None, Some(3), Some(-1)] {
                for sample in (0..n).map(|i| (i * 7 % 41).to_string()).chain(["*".to_owned()]) {
                    let x = rows.len() as f64 / 1000.0;
                    let score = (rows.len() % 5 != 0).then_some(x);
                    let loss = (rows.len() % 3 == 0).then_some(x + 1.0);
                    rows.push(Row(model, task, sample, checkpoint, score, loss));
                }
            }
        }
    }
    rows
}

fn csv(rows: &[Row]) -> String {
    let cell = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
    let mut text = "model,task,sample_id,checkpoint,score,task_loss\n".to_owned();
    for Row(model, task, sample, checkpoint, score, loss) in rows {
        let checkpoint = checkpoint.map_or_else(String::new, |n| n.to_string());
        let (score, loss) = (cell(*score), cell(*loss));
        writeln!(text, "{model},{task},{sample},{checkpoint},{score},{loss}").unwrap();
    }
    text
}

/// With or without dictionaries, in row groups of a few rows.
fn parquet(rows: &[Row], group: usize, dictionary: bool) -> Vec<u8> {
    let text =
        |f: fn(&Row) -> &str| Arc::new(rows.iter().map(f).map(Some).collect::<StringArray>());
    let float = |f: fn(&Row) -> Option<f64>| Arc::new(rows.iter().map(f).collect::<Float64Array>());
    let batch = RecordBatch::try_from_iter([
        ("model", text(|r| r.0) as _),
        ("task", text(|r| r.1) as _),
        ("sample_id", text(|r| &r.2) as _),
        ("checkpoint", Arc::new(rows.iter().map(|r| r.3).collect::<Int64Array>()) as _),
        ("score", float(|r| r.4) as _),
        ("task_loss", float(|r| r.5) as _),
    ])
    .unwrap();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group))
        .set_dictionary_enabled(dictionary)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn study(name: &str, bytes: &[u8], threads: usize) -> Study {
    let dir = folder(&[("study.toml", MANIFEST.as_bytes()), (name, bytes)]);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| read_study(dir.path())).unwrap().study
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_of_rows_changes_nothing(
        rows in Just(rows()).prop_shuffle(),
        group in 1_usize..400,
        threads in 1_usize..4,
        dictionary: bool,
    ) {
        let expected = load("samples.csv", csv(&self::rows())).unwrap().study;
        prop_assert_eq!(&study("samples.csv", csv(&rows).as_bytes(), threads), &expected);
        let bytes = parquet(&rows, group, dictionary);
        prop_assert_eq!(&study("samples.parquet", &bytes, threads), &expected);
    }
}

#[test]
fn the_first_fault_of_a_file_is_named_for_any_number_of_threads() {
    let mut rows = rows();
    for row in [50, 90, 130] {
        rows[row].4 = Some(2.0);
    }
    for threads in 1..4 {
        let dir = folder(&[
            ("study.toml", MANIFEST.as_bytes()),
            ("samples.parquet", &parquet(&rows, 8, true)),
        ]);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let error = pool.install(|| read_study(dir.path())).unwrap_err();
        assert!(error.to_string().contains("samples.parquet, row 51: score is 2.0"), "{error}");
    }
}
