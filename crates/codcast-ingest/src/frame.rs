//! A study from a table that is in memory already, as data frames are.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use crate::error::{Place, Result};
use crate::manifest::Manifest;
use crate::source::Source;
use crate::study::{Loaded, build, text_of};
use crate::tables::arrow;

/// What errors call the table.
const NAME: &str = "samples";

/// Where a frame's models are described.
#[derive(Clone, Copy, Debug)]
pub enum Models<'a> {
    /// In a file with the content of `study.toml`.
    File(&'a Path),
    /// In values with the same content. Errors name the entry of `models` or `tasks`, from 1.
    Values(&'a toml::Table),
}

/// Joins models and a table of samples, `[batch]` of the columns of `samples.parquet`, into a study.
///
/// Texts may be plain, large, views or dictionaries. The batches are read where they are; only
/// numbers of fewer than 64 bits are widened, a slice at a time. They are dropped as soon as they are
/// read. The result is that of [`read_study`](crate::read_study) on a Parquet file of the same rows,
/// and does not depend on how they are cut into batches.
///
/// `stop` is looked at before every slice of some hundred thousand rows; once it is true there is no
/// study.
pub fn read_frame(
    models: Models<'_>,
    schema: &Schema,
    batches: Vec<RecordBatch>,
    stop: &AtomicBool,
) -> Result<Option<Loaded>> {
    let mut notes = Vec::new();
    let (manifest, inputs) = match models {
        Models::Values(values) => (Manifest::from_values(values, &mut notes)?, Vec::new()),
        Models::File(path) => {
            let source = Source::file(path.to_owned());
            let (file, text) = text_of(&source)?;
            (Manifest::parse(&text, &source.name, &mut notes)?, vec![file])
        }
    };
    let Some(chunks) = arrow::read(NAME, schema, batches, &manifest, stop)? else {
        return Ok(None);
    };
    build(manifest, chunks, NAME, Place::Row, inputs, notes).map(Some)
}
