//! Tables of many rows against sums made the simplest way, a row at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use codcast_logs::{Partials, Reading, partials_of_bytes};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::importers::problems;

/// Trials and their sum, by model, task and sample.
type Sums = BTreeMap<(String, String, String), (u32, f64)>;

fn read(name: &str, bytes: &[u8]) -> Partials {
    partials_of_bytes(name, bytes, &[], &Reading::default()).unwrap()
}

fn sums(read: &Partials) -> Sums {
    let mut sums = Sums::new();
    for view in read.views() {
        let run = view.run();
        for (id, n, sum, ..) in view.samples() {
            let known = sums.insert((run.model.clone(), run.task.clone(), id.to_owned()), (n, sum));
            assert_eq!(known, None, "a sample twice in a run");
        }
    }
    sums
}

/// A row: model, task, sample, score.
type Row = (String, String, String, f64);

/// Rows in no order; the later ones have samples and a model that the first have not.
fn rows(n: usize) -> Vec<Row> {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let row = |i: usize| {
        let later = usize::from(i > n / 2);
        let model = format!("model \"{}\"", rng.random_range(0..3 + later));
        let task = format!("task-{}", rng.random_range(0..2));
        let sample = (rng.random_range(0..40) + 20 * later).to_string();
        (model, task, sample, f64::from(rng.random_range(0..=4_u8)) / 4.0)
    };
    (0..n).map(row).collect()
}

fn naive<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Sums {
    let mut sums = Sums::new();
    for (model, task, sample, score) in rows {
        let cell = sums.entry((model.clone(), task.clone(), sample.clone())).or_default();
        *cell = (cell.0 + 1, cell.1 + score);
    }
    sums
}

#[test]
fn parquet_counts_the_same_in_row_groups_of_any_size() {
    let rows = rows(3_000);
    let texts = |of: fn(&Row) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(of)))
    };
    // Some rows without a score, or none: they go different ways.
    let scored = |place: usize, every: usize| !(place + 1).is_multiple_of(every);
    for (group, every) in [(1, 9), (7, 9), (7, 9_999), (100, 9_999), (5_000, 50), (5_000, 9_999)] {
        let scores = rows.iter().enumerate().map(|(n, row)| scored(n, every).then_some(row.3));
        let scores: ArrayRef = Arc::new(scores.collect::<Float64Array>());
        let batch = RecordBatch::try_from_iter([
            ("model", texts(|row| &row.0)),
            ("task", texts(|row| &row.1)),
            ("sample_id", texts(|row| &row.2)),
            ("score", scores),
        ])
        .unwrap();
        let mut out = Vec::new();
        let properties = parquet::file::properties::WriterProperties::builder()
            .set_max_row_group_row_count(Some(group))
            .build();
        let mut writer =
            parquet::arrow::ArrowWriter::try_new(&mut out, batch.schema(), Some(properties))
                .unwrap();
        // A batch at a time: the writer goes as deep as a batch has groups.
        for start in (0..rows.len()).step_by(group) {
            writer.write(&batch.slice(start, group.min(rows.len() - start))).unwrap();
        }
        writer.close().unwrap();
        let read = read("t.parquet", &out);
        assert_eq!(problems(&read), [""; 0]);
        let scored = rows.iter().enumerate().filter(|(n, _)| scored(*n, every));
        let mut sums = sums(&read);
        // Of some samples no row has a score.
        sums.retain(|_, (n, _)| *n > 0);
        assert!(sums == naive(scored.map(|(_, row)| row)), "groups of {group}, none each {every}");
    }
}

/// A row as one writes it, and as one may.
fn line((model, task, sample, score): &Row, style: usize) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let (model, task) = (text(model), text(task));
    match style % 6 {
        0 => format!(
            r#"{{"model": {model}, "task": {task}, "sample_id": {sample}, "score": {score}}}"#
        ),
        1 => format!(
            r#"{{"score":"{score}","sample_id":"{sample}","extra":[{{"a":"\\\""}}],"task":{task},"model":{model}}}"#
        ),
        2 => format!(
            r#"  {{"m\u006fdel" : {model}, "task":{task} ,"sample_id":{sample}.0,"score":{score:e}}} "#
        ),
        3 => format!(
            r#"{{"model": {model}, "extra": NaN, "task": {task}, "sample_id": {sample}, "score": [{score}]}}"#
        ),
        4 => format!(
            r#"{{"n": 1, "c": {score}, "model": {model}, "task": {task}, "sample_id": "{sample}"}}"#
        ),
        _ => format!(
            r#"{{"model": {model}, "task": {task}, "sample_id": {sample}, "score": {score}, "x": -1.5e-7, "y": null}}"#
        ),
    }
}

#[test]
fn json_lines_count_the_same_however_they_are_written() {
    // Several blocks.
    let rows = rows(40_000);
    let expected = naive(&rows);
    let text = |style: &dyn Fn(usize) -> usize| -> String {
        rows.iter().enumerate().map(|(i, row)| line(row, style(i)) + "\n").collect()
    };
    let plain = text(&|_| 0);
    for (what, text) in [("plain", plain.clone()), ("mixed", text(&|i| i / 3))] {
        assert!(text.len() > 2 << 20);
        let read = read("t.jsonl", text.as_bytes());
        assert_eq!(problems(&read), [""; 0], "{what}");
        assert_eq!(sums(&read), expected, "{what}");
    }
    // Damage is named by its line, and costs that line alone; the last line needs no end.
    let mut lines: Vec<&str> = plain.lines().collect();
    lines[29_999] = "{\"model\": \"m";
    lines[34_999] = "";
    lines[35_000] = r#"{"model": "m", "task": "t", "sample_id": [1], "score": 1}"#;
    let read = read("t.jsonl", lines.join("\r\n").as_bytes());
    let said = problems(&read);
    assert!(said[0].starts_with("t.jsonl, line 30000: not JSON"), "{said:?}");
    assert!(said[1].starts_with("t.jsonl, line 35001: sample_id is a list"), "{said:?}");
    assert_eq!(said.len(), 2);
    let kept = rows.iter().enumerate().filter(|(i, _)| ![29_999, 34_999, 35_000].contains(i));
    assert_eq!(sums(&read), naive(kept.map(|(_, row)| row)));
}

#[test]
fn lines_of_csv_are_counted_as_editors_count_them() {
    let rows =
        ["model,sample_id,score", "m,a,1", "", "m,\"b\nb\",0", "m,c,66%", "m,d,1", "m,e,x", ""];
    for end in ["\n", "\r\n"] {
        let text = rows.join("\n").replace('\n', end);
        let said = problems(&read("t.csv", text.as_bytes()));
        assert!(said[0].starts_with("t.csv, line 6: score is 66%"), "{end:?}: {said:?}");
        assert!(said[1].starts_with("t.csv, line 8: score is x"), "{end:?}: {said:?}");
        assert_eq!(said.len(), 2);
    }
}
