//! Partials in a study's folder, so that later logs can be added to it.

use std::fs::File;
use std::path::Path;

use codcast_ingest::footer;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::error::{At, Error, Result};
use crate::exchange::partials_schema;
use crate::partials::Partials;

/// The file's name in a study's folder.
pub(crate) const FILE: &str = "logs.parquet";

impl Partials {
    /// Adds the runs of `new` that are not there yet: the same content read again is not new. Returns
    /// how many runs were there already.
    pub fn add_new(&mut self, mut new: Self) -> usize {
        let before = new.runs.len();
        let known: Vec<(&str, &crate::Run)> =
            self.runs.iter().map(|run| (run.hash.as_str(), &run.run)).collect();
        new.runs.retain(|run| !known.contains(&(run.hash.as_str(), &run.run)));
        let again = before - new.runs.len();
        self.merge(new);
        again
    }
}

/// Writes partials to an open file.
pub(crate) fn write(partials: &Partials, file: &File) -> std::io::Result<()> {
    let other = std::io::Error::other::<Box<dyn std::error::Error + Send + Sync>>;
    let level = ZstdLevel::try_new(3).map_err(|error| other(error.into()))?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let mut writer = ArrowWriter::try_new(file, partials_schema(), Some(properties))
        .map_err(|error| other(error.into()))?;
    // The logs that gave the counts may be gone; what became of them is this reading's news.
    let counts = Partials { runs: partials.runs.clone(), ..Partials::default() };
    for batch in counts.to_batches().map_err(|error| other(error.into()))? {
        writer.write(&batch).map_err(|error| other(error.into()))?;
    }
    writer.close().map_err(|error| other(error.into()))?;
    Ok(())
}

/// Reads the partials of a study's folder.
pub(crate) fn read(path: &Path) -> Result<Partials> {
    let shown = path.display().to_string();
    let damaged = |error: &dyn std::fmt::Display| {
        Error::damaged(At::whole(&shown), "a table of counts as codcast writes it", error)
    };
    let file = File::open(path).map_err(|error| Error::read(&shown, error))?;
    let bytes = file.metadata().map_err(|error| Error::read(&shown, error))?.len();
    let decode = || {
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| damaged(&e))?;
        footer::check(reader.metadata(), bytes).map_err(|message| damaged(&message))?;
        let reader = reader.build().map_err(|error| damaged(&error))?;
        let batches: Result<Vec<_>, _> = reader.collect();
        Partials::from_batches(&batches.map_err(|e| damaged(&e))?).map_err(|e| damaged(&e))
    };
    footer::contained(decode, |said| damaged(&said))
}
