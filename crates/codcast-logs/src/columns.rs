//! Parquet tables of any origin. The library trusts what stands at a file's end: what it does not check
//! is checked here, and where it gives up all the same, the file is damaged and not the program.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::Length;

use crate::error::{At, Error, Result};
use crate::source::RandomAccess;

/// A table, before the choice of columns.
pub(crate) type Table = ParquetRecordBatchReaderBuilder<RandomAccess>;

/// Opens a table: reads what stands at its end.
pub(crate) fn open(file: RandomAccess, name: &str) -> Result<Table> {
    let bytes = file.len();
    // Types are taken from Parquet itself: the Arrow schema that writers store beside them is another
    // way to be damaged.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let table = guarded(name, || Table::try_new_with_options(file, options))?;
    if let Some(part) = outside(table.metadata(), bytes) {
        return Err(damaged(name, format!("{part} lies outside the file")));
    }
    Ok(table)
}

/// The rows of a table, in blocks.
pub(crate) fn batches(table: Table, name: &str) -> Result<Batches<'_>> {
    let reader = guarded(name, || table.build())?;
    Ok(Batches { reader: Some(reader), name })
}

/// Blocks of rows; an error is the last one.
pub(crate) struct Batches<'n> {
    reader: Option<ParquetRecordBatchReader>,
    name: &'n str,
}

impl Iterator for Batches<'_> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.reader.as_mut()?;
        let batch = guarded(self.name, || reader.next().transpose()).transpose();
        if !matches!(batch, Some(Ok(_))) {
            self.reader = None;
        }
        batch
    }
}

/// The first column whose bytes are said to lie elsewhere than in the file.
fn outside(metadata: &ParquetMetaData, bytes: u64) -> Option<String> {
    for (group, rows) in metadata.row_groups().iter().enumerate() {
        for column in rows.columns() {
            let start =
                column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
            let range = u64::try_from(start).ok().zip(u64::try_from(column.compressed_size()).ok());
            let end = range.and_then(|(start, length)| start.checked_add(length));
            if end.is_none_or(|end| end > bytes) || rows.num_rows() < 0 {
                return Some(format!("column {} of row group {group}", column.column_path()));
            }
        }
    }
    None
}

fn guarded<T, E: std::fmt::Display>(name: &str, call: impl FnOnce() -> Result<T, E>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(outcome) => outcome.map_err(|error| damaged(name, error.to_string())),
        Err(_) => Err(damaged(name, "its description makes no sense".to_owned())),
    }
}

fn damaged(name: &str, message: String) -> Error {
    Error::damaged(At::whole(name), "Parquet", message)
}
