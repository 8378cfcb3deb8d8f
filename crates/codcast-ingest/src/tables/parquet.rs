//! Parquet tables of samples.
//!
//! Strings are asked for as dictionaries, so that each distinct string is looked at once per page of
//! strings and rows are handled as numbers. Row groups are read in parallel; each has its own chunk.

use std::fs::File;
use std::sync::Arc;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use ::parquet::file::reader::ChunkReader;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray};
use arrow_cast::CastOptions;
use arrow_schema::{DataType, Field, Schema};
use rayon::prelude::*;

use super::{EXPECTED_COLUMNS, bad_at, missing_key};
use crate::chunk::{Chunk, ModelIndex};
use crate::error::{At, Error, Place, Result};
use crate::footer;
use crate::manifest::Manifest;
use crate::row::{Bad, Number, Numbers};
use crate::source::{Data, Source};
use crate::text::shown;

const BATCH_ROWS: usize = 1 << 15;

pub(super) const TEXTS: [&str; 3] = ["model", "task", "sample_id"];
pub(super) const NUMBERS: [&str; 5] = ["checkpoint", "n_trials", "n_correct", "score", "task_loss"];

pub(crate) fn read(source: &Source, manifest: &Manifest) -> Result<Vec<Chunk>> {
    match &source.data {
        // A handle per row group: clones of one would share its position.
        Data::File(path) => {
            let open = || File::open(path).map_err(|error| Error::read(&source.name, error));
            read_with(&source.name, open, manifest)
        }
        Data::Memory(bytes) => read_with(&source.name, || Ok(bytes.clone()), manifest),
    }
}

fn read_with<R: ChunkReader + 'static>(
    file: &str,
    open: impl Fn() -> Result<R> + Sync,
    manifest: &Manifest,
) -> Result<Vec<Chunk>> {
    let (metadata, columns) = contained(file, || layout(file, &open()?))?;
    let mut base = 1_u64;
    let groups: Vec<(usize, u64)> = (0..metadata.metadata().num_row_groups())
        .map(|group| {
            let start = base;
            let rows = metadata.metadata().row_group(group).num_rows();
            base = start.saturating_add(u64::try_from(rows).unwrap_or_default());
            (group, start)
        })
        .collect();
    let index = manifest.model_index();
    let chunks: Vec<Result<Chunk>> = groups
        .into_par_iter()
        .map(|(number, base)| {
            contained(file, || {
                let batches = batches(file, open()?, &metadata, &columns, number)?;
                let mut group = Group::new(file, manifest, &index, base);
                for batch in batches {
                    group.add(&batch.map_err(|error| damaged(file, &error))?)?;
                }
                Ok(group.chunk)
            })
        })
        .collect();
    // In order, so that the error is the first one of the file.
    chunks.into_iter().collect()
}

fn damaged(file: &str, error: &dyn std::fmt::Display) -> Error {
    Error::damaged(file, "a Parquet file", error)
}

fn contained<T>(file: &str, read: impl FnOnce() -> Result<T>) -> Result<T> {
    footer::contained(read, |said| damaged(file, &said))
}

/// What is in the file and which columns to read, texts as dictionaries.
fn layout<R: ChunkReader>(file: &str, reader: &R) -> Result<(ArrowReaderMetadata, Vec<usize>)> {
    // The file's own Arrow schema is a hint by its writer; the Parquet types are what is there.
    let plain = || ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let found =
        ArrowReaderMetadata::load(reader, plain()).map_err(|error| damaged(file, &error))?;
    footer::check(found.metadata(), reader.len()).map_err(|error| damaged(file, &error))?;
    let (schema, columns) = wanted(file, found.schema())?;
    let metadata = Arc::clone(found.metadata());
    let metadata = ArrowReaderMetadata::try_new(metadata, plain().with_schema(schema))
        .map_err(|error| damaged(file, &error))?;
    Ok((metadata, columns))
}

/// The batches of a row group.
fn batches<R: ChunkReader + 'static>(
    file: &str,
    reader: R,
    metadata: &ArrowReaderMetadata,
    columns: &[usize],
    group: usize,
) -> Result<ParquetRecordBatchReader> {
    let mask = ProjectionMask::roots(metadata.parquet_schema(), columns.iter().copied());
    ParquetRecordBatchReaderBuilder::new_with_metadata(reader, metadata.clone())
        .with_row_groups(vec![group])
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|error| damaged(file, &error))
}

/// The schema to ask for, and the columns to read.
fn wanted(file: &str, schema: &Schema) -> Result<(Arc<Schema>, Vec<usize>)> {
    let mut fields: Vec<Field> = schema.fields().iter().map(|f| f.as_ref().clone()).collect();
    let mut columns = Vec::new();
    let mut find = |column: &'static str| -> Result<Option<usize>> {
        let mut places = (0..fields.len()).filter(|i| fields[*i].name() == column);
        let place = places.next();
        if places.next().is_some() {
            return Err(Error::DuplicateColumn { file: file.into(), column });
        }
        let Some(place) = place else { return Ok(None) };
        let found = fields[place].data_type();
        let text = TEXTS.contains(&column);
        if !(if text { is_text(found) } else { is_number(found) }) {
            let expected = if text { "text" } else { "an integer or floating-point type" };
            let found = shown(&found.to_string());
            return Err(Error::ColumnType { file: file.into(), column, found, expected });
        }
        if text {
            let dictionary = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
            fields[place] = fields[place].clone().with_data_type(dictionary);
        }
        columns.push(place);
        Ok(Some(place))
    };
    let mut has = [false; NUMBERS.len()];
    for column in TEXTS {
        if find(column)?.is_none() {
            return Err(missing_column(file, column, schema));
        }
    }
    for (column, has) in NUMBERS.into_iter().zip(&mut has) {
        *has = find(column)?.is_some();
    }
    let [_, n_trials, n_correct, score, _] = has;
    if let Some(column) = super::missing_answer_column(n_trials, n_correct, score) {
        return Err(missing_column(file, column, schema));
    }
    Ok((Arc::new(Schema::new(fields)), columns))
}

pub(super) fn missing_column(file: &str, column: &'static str, schema: &Schema) -> Error {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let found = shown(&names.join(", "));
    Error::MissingColumn { file: file.into(), column, expected: EXPECTED_COLUMNS, found }
}

pub(super) fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

pub(super) fn is_number(kind: &DataType) -> bool {
    kind.is_integer()
        || matches!(
            kind,
            DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::Null
        )
}

/// A row group as it is read.
struct Group<'a> {
    file: &'a str,
    manifest: &'a Manifest,
    index: &'a ModelIndex<'a>,
    chunk: Chunk,
    next: u64,
    models: Codes,
    tasks: Codes,
    samples: Codes,
}

/// What the entries of the last dictionary mean. Readers hand out one dictionary for many batches.
#[derive(Default)]
struct Codes {
    dictionary: Option<ArrayRef>,
    /// `[entry]`; `None`: not looked at yet.
    codes: Vec<Option<u32>>,
}

impl Codes {
    fn renew(&mut self, dictionary: &ArrayRef) {
        if !self.dictionary.as_ref().is_some_and(|known| Arc::ptr_eq(known, dictionary)) {
            self.codes.clear();
            self.codes.resize(dictionary.len(), None);
            self.dictionary = Some(Arc::clone(dictionary));
        }
    }
}

impl<'a> Group<'a> {
    fn new(file: &'a str, manifest: &'a Manifest, index: &'a ModelIndex<'a>, base: u64) -> Self {
        let (models, tasks, samples) = Default::default();
        let chunk = Chunk::new(base);
        Self { file, manifest, index, chunk, next: base, models, tasks, samples }
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let texts = Texts::new(self.file, batch)?;
        let numbers = NumberColumns::new(self.file, batch)?;
        self.models.renew(texts.model.values());
        self.tasks.renew(texts.task.values());
        self.samples.renew(texts.sample.values());
        for row in 0..batch.num_rows() {
            self.row(&texts, &numbers, row)?;
            self.next += 1;
        }
        Ok(())
    }

    fn row(&mut self, texts: &Texts<'_>, numbers: &NumberColumns, row: usize) -> Result<()> {
        let place = Place::Row(self.next);
        let bad = |bad: Bad| bad_at(self.file, place, bad);
        let chunk = &mut self.chunk;
        let model = code(&mut self.models, "model", texts.model, row, |name| {
            Ok(self.index.get(name).copied().unwrap_or(u32::MAX))
        })
        .map_err(bad)?;
        if model == u32::MAX {
            let at = At { file: self.file.into(), place };
            let name = text_of(texts.model, row).unwrap_or_default();
            return Err(self.manifest.unknown_model(name, at));
        }
        let task = code(&mut self.tasks, "task", texts.task, row, |name| chunk.task(name));
        let task = task.map_err(bad)?;
        let sample = code(&mut self.samples, "sample_id", texts.sample, row, |id| chunk.sample(id));
        let sample = sample.map_err(bad)?;
        chunk.push(self.next, (model, task, sample), &numbers.row(row)).map_err(bad)
    }
}

type Dictionary = DictionaryArray<Int32Type>;

/// The code of a row's text, looked up once per dictionary entry.
fn code(
    codes: &mut Codes,
    field: &'static str,
    texts: &Dictionary,
    row: usize,
    look_up: impl FnOnce(&str) -> Result<u32, Bad>,
) -> Result<u32, Bad> {
    let entry = texts.key(row).ok_or_else(|| missing_key(field))?;
    if let Some(code) = codes.codes.get(entry).copied().flatten() {
        return Ok(code);
    }
    let text = text_of(texts, row).ok_or_else(|| missing_key(field))?;
    let code = look_up(text)?;
    codes.codes[entry] = Some(code);
    Ok(code)
}

fn text_of(texts: &Dictionary, row: usize) -> Option<&str> {
    let values: &StringArray = texts.values().as_string_opt()?;
    let entry = texts.key(row).filter(|entry| *entry < values.len() && values.is_valid(*entry))?;
    Some(values.value(entry))
}

/// The text columns of a batch.
struct Texts<'a> {
    model: &'a Dictionary,
    task: &'a Dictionary,
    sample: &'a Dictionary,
}

impl<'a> Texts<'a> {
    fn new(file: &str, batch: &'a RecordBatch) -> Result<Self> {
        let column = |name| {
            batch
                .column_by_name(name)
                .and_then(|column| column.as_dictionary_opt::<Int32Type>())
                .ok_or_else(|| damaged(file, &format_args!("no {name}")))
        };
        let [model, task, sample] = TEXTS;
        Ok(Self { model: column(model)?, task: column(task)?, sample: column(sample)? })
    }
}

/// The number columns of a batch, each as 64-bit integers or floats.
pub(super) struct NumberColumns {
    columns: [Option<ArrayRef>; NUMBERS.len()],
}

impl NumberColumns {
    pub(super) fn new(file: &str, batch: &RecordBatch) -> Result<Self> {
        let mut columns = [const { None }; NUMBERS.len()];
        for (slot, name) in columns.iter_mut().zip(NUMBERS) {
            if let Some(column) = batch.column_by_name(name) {
                *slot = Some(
                    widened(column)
                        .map_err(|error| damaged(file, &format_args!("{name}: {error}")))?,
                );
            }
        }
        Ok(Self { columns })
    }

    pub(super) fn row(&self, row: usize) -> Numbers {
        let [checkpoint, n_trials, n_correct, score, task_loss] =
            self.columns.each_ref().map(|column| number(column.as_ref()?, row));
        Numbers { checkpoint, n_trials, n_correct, score, task_loss }
    }
}

/// The same numbers in 64 bits.
fn widened(column: &ArrayRef) -> Result<ArrayRef, arrow_schema::ArrowError> {
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let cast = |kind| arrow_cast::cast_with_options(column, &kind, &strict);
    match column.data_type() {
        DataType::Int64 | DataType::Float64 => Ok(Arc::clone(column)),
        // Beyond 63 bits as floats: too large for a count, and inexact ones are refused as such.
        DataType::UInt64 => cast(DataType::Int64).or_else(|_| cast(DataType::Float64)),
        kind if kind.is_integer() => cast(DataType::Int64),
        _ => cast(DataType::Float64),
    }
}

fn number(column: &ArrayRef, row: usize) -> Option<Number> {
    if column.is_null(row) {
        return None;
    }
    match column.as_primitive_opt::<Int64Type>() {
        Some(integers) => Some(Number::Int(integers.value(row))),
        None => Some(Number::Float(column.as_primitive_opt::<Float64Type>()?.value(row))),
    }
}
