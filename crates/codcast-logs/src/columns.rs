//! Parquet tables of any origin, opened with the checks of [`footer`].

use arrow_array::RecordBatch;
use codcast_ingest::footer;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
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
    footer::check(table.metadata(), bytes).map_err(|message| damaged(name, &message))?;
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

fn guarded<T, E: std::fmt::Display>(name: &str, call: impl FnOnce() -> Result<T, E>) -> Result<T> {
    let call = || call().map_err(|error| damaged(name, &error.to_string()));
    footer::contained(call, |said| damaged(name, said))
}

fn damaged(name: &str, message: &str) -> Error {
    Error::damaged(At::whole(name), "Parquet", message)
}
