//! Partial counts through the table that other engines carry, and back.

use std::path::PathBuf;

use arrow_array::{RecordBatch, UInt64Array};
use codcast_logs::{Partials, Reading, partials, partials_schema};

use crate::support::shared;

/// Every log there is, with whatever is wrong with some of them.
fn all_logs() -> Option<Partials> {
    let logs = shared("logs")?;
    Some(partials(&[logs], &Reading::default()).unwrap())
}

fn rows(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::num_rows).sum()
}

#[test]
fn nothing_is_lost_whatever_the_order_of_rows_and_however_often_they_come() {
    let Some(logs) = all_logs() else { return };
    let table = logs.to_batches().unwrap();
    assert!(rows(&table) > 2_000, "{} rows", rows(&table));
    // Last row first, and every third one twice, as an engine that repeats work may have it.
    let whole = arrow_select::concat::concat_batches(&partials_schema(), &table).unwrap();
    let n = whole.num_rows() as u64;
    let order: UInt64Array = (0..n).rev().chain((0..n).step_by(3)).collect();
    let shuffled = arrow_select::take::take_record_batch(&whole, &order).unwrap();
    let halves = [
        shuffled.slice(0, shuffled.num_rows() / 2),
        shuffled.slice(shuffled.num_rows() / 2, shuffled.num_rows().div_ceil(2)),
    ];
    let back = Partials::from_batches(&halves).unwrap();
    assert_eq!(back.to_batches().unwrap(), table);
}

#[test]
fn tables_of_single_files_are_together_the_table_of_all() {
    let Some(logs) = shared("logs") else { return };
    let whole = partials(&[logs], &Reading::default()).unwrap();
    let mut files: Vec<PathBuf> =
        whole.files.iter().map(|file| PathBuf::from(file.path.as_str())).collect();
    // Members of archives come with their archive.
    files.retain(|file| file.is_file());
    assert!(files.len() > 100, "{} files", files.len());
    let mut tables = Vec::new();
    for file in files.iter().rev() {
        let one = partials(std::slice::from_ref(file), &Reading::default()).unwrap();
        tables.extend(one.to_batches().unwrap());
    }
    let together = Partials::from_batches(&tables).unwrap();
    let (a, b): (Vec<_>, Vec<_>) = (whole.views().collect(), together.views().collect());
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(&b) {
        assert_eq!((a.run(), a.name(), a.mean()), (b.run(), b.name(), b.mean()));
        assert!(a.samples().eq(b.samples()));
    }
    assert_eq!(whole.files, together.files);
    // Problems, notes and checks too: rows of a file are the same whatever is read with it.
    assert_eq!(whole.to_batches().unwrap(), together.to_batches().unwrap());
    let with_all = [whole.to_batches().unwrap(), tables].concat();
    let again = Partials::from_batches(&with_all).unwrap();
    assert_eq!(again.to_batches().unwrap(), whole.to_batches().unwrap());
}

#[test]
fn contradictions_and_foreign_tables_are_refused() {
    let Some(logs) = all_logs() else { return };
    let table = logs.to_batches().unwrap();
    let without = table[0].project(&[0, 1]).unwrap();
    let error = Partials::from_batches(&[without]).err().unwrap().to_string();
    assert!(error.contains("codcast.partials/1") && error.contains("no column"), "{error}");
    // A cell in a run whose own row was lost.
    let kinds = arrow_array::cast::AsArray::as_string::<i32>(table[0].column(0).as_ref());
    let lost: arrow_array::BooleanArray =
        kinds.iter().map(|kind| Some(kind != Some("run"))).collect();
    let lost = arrow_select::filter::filter_record_batch(&table[0], &lost).unwrap();
    assert!(Partials::from_batches(&[lost]).is_err());
}
