//! Partials as tables: for the study's folder, so that later logs can be added to it, and for workers of
//! a cluster, who each read some logs and send what they counted.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::error::{At, Error, Result};
use crate::partials::{Cell, Partials, RunScores};

/// The file's name in a study's folder.
pub(crate) const FILE: &str = "logs.parquet";

/// The columns: `run` is what is known of the run and its metrics, as JSON; `series` the number of the
/// metric in it. One row per run, metric and sample that has anything.
fn schema() -> Arc<Schema> {
    let text = || DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
    let fields = [
        Field::new("run", text(), false),
        Field::new("series", DataType::Int32, false),
        Field::new("sample_id", text(), false),
        Field::new("trials", DataType::Int64, false),
        Field::new("sum", DataType::Float64, false),
        Field::new("errors", DataType::Int32, false),
        Field::new("unscored", DataType::Int32, false),
    ];
    Arc::new(Schema::new(fields.to_vec()))
}

impl Partials {
    /// The counts as Arrow tables, one a run. Tables of several readers, concatenated in any order,
    /// give their [merged](Partials::merge) partials back by [`Partials::from_batches`].
    pub fn to_batches(&self) -> Result<Vec<RecordBatch>> {
        let schema = schema();
        self.runs.iter().map(|run| batch(run, &schema)).collect()
    }

    /// Reads tables that [`Partials::to_batches`] made. `file`: the name that errors show.
    pub fn from_batches(
        batches: impl IntoIterator<Item = RecordBatch>,
        file: &str,
    ) -> Result<Self> {
        let mut read = Reader { file, runs: Vec::new(), by_text: HashMap::new() };
        for batch in batches {
            read.add(&batch)?;
        }
        let runs = read.runs.into_iter().map(|building| building.scores).collect();
        Ok(Self { runs, ..Self::default() })
    }

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

fn arrow_error(error: impl std::fmt::Display) -> Error {
    Error::Setting { message: format!("a table of counts cannot be made: {error}").into() }
}

fn batch(run: &RunScores, schema: &Arc<Schema>) -> Result<RecordBatch> {
    let about = serde_json::to_string(run).map_err(arrow_error)?;
    let empty = |cell: &Cell| *cell == Cell::default();
    let rows: Vec<(i32, i32, &Cell)> = (0..)
        .zip(&run.series)
        .flat_map(|(series, of)| (0..).zip(&of.cells).map(move |(id, cell)| (series, id, cell)))
        .filter(|(.., cell)| !empty(cell))
        .collect();
    let ids = StringArray::from_iter_values(&run.samples);
    let constant = Int32Array::from(vec![0; rows.len()]);
    let about = DictionaryArray::<Int32Type>::try_new(
        constant,
        Arc::new(StringArray::from(vec![about.as_str()])),
    );
    let sample = DictionaryArray::<Int32Type>::try_new(
        rows.iter().map(|(_, id, _)| *id).collect::<Vec<i32>>().into(),
        Arc::new(ids),
    );
    let number = |of: fn(&Cell) -> i32| -> ArrayRef {
        Arc::new(rows.iter().map(|(.., cell)| Some(of(cell))).collect::<Int32Array>())
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(about.map_err(arrow_error)?),
        Arc::new(rows.iter().map(|(series, ..)| Some(*series)).collect::<Int32Array>()),
        Arc::new(sample.map_err(arrow_error)?),
        Arc::new(rows.iter().map(|(.., c)| Some(i64::from(c.trials))).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|(.., cell)| Some(cell.sum)).collect::<Float64Array>()),
        number(|cell| cell.errors.into()),
        number(|cell| cell.unscored.into()),
    ];
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(arrow_error)
}

/// Puts tables together.
struct Reader<'f> {
    file: &'f str,
    runs: Vec<Building>,
    by_text: HashMap<String, usize>,
}

struct Building {
    scores: RunScores,
    ids: HashMap<Box<str>, u32>,
}

impl Reader<'_> {
    fn wrong(&self, what: impl std::fmt::Display) -> Error {
        let at = At::whole(self.file);
        Error::damaged(at, "a table of counts as codcast writes it", what)
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let column = |name: &str, kind: &DataType| -> Result<ArrayRef> {
            let missing = || self.wrong(format_args!("no column {name}"));
            let column = batch.column_by_name(name).ok_or_else(missing)?;
            if column.null_count() > 0 {
                return Err(self.wrong(format_args!("nulls in {name}")));
            }
            arrow_cast::cast(column, kind).map_err(|error| self.wrong(error))
        };
        let (about, ids) = (column("run", &DataType::Utf8)?, column("sample_id", &DataType::Utf8)?);
        let (about, ids) = (about.as_string::<i32>(), ids.as_string::<i32>());
        let integers =
            ["series", "trials", "errors", "unscored"].map(|n| column(n, &DataType::Int64));
        let [series, trials, errors, unscored] = integers;
        let (series, trials) = (series?, trials?);
        let (series, trials) =
            (series.as_primitive::<Int64Type>(), trials.as_primitive::<Int64Type>());
        let (errors, unscored) = (errors?, unscored?);
        let errors = errors.as_primitive::<Int64Type>();
        let unscored = unscored.as_primitive::<Int64Type>();
        let sums = column("sum", &DataType::Float64)?;
        let sums = sums.as_primitive::<Float64Type>();
        let mut last: Option<(usize, usize)> = None;
        for row in 0..batch.num_rows() {
            // Rows of a run follow one another.
            let run = match last {
                Some((before, run)) if about.value(before) == about.value(row) => run,
                _ => self.run(about.value(row))?,
            };
            last = Some((row, run));
            let cell = Cell {
                sum: sums.value(row),
                trials: u32::try_from(trials.value(row)).map_err(|e| self.wrong(e))?,
                errors: u16::try_from(errors.value(row)).map_err(|e| self.wrong(e))?,
                unscored: u16::try_from(unscored.value(row)).map_err(|e| self.wrong(e))?,
            };
            let series = usize::try_from(series.value(row)).map_err(|e| self.wrong(e))?;
            let of = &mut self.runs[run];
            let next = of.scores.samples.len() as u32;
            let id = match of.ids.get(ids.value(row)) {
                Some(id) => *id,
                None => {
                    of.scores.samples.push(ids.value(row).into());
                    of.ids.insert(ids.value(row).into(), next);
                    next
                }
            } as usize;
            let Some(series) = of.scores.series.get_mut(series) else {
                return Err(self.wrong("a series that its run does not have"));
            };
            if series.cells.len() <= id {
                series.cells.resize(id + 1, Cell::default());
            }
            series.cells[id] = cell;
        }
        Ok(())
    }

    fn run(&mut self, about: &str) -> Result<usize> {
        if let Some(run) = self.by_text.get(about) {
            return Ok(*run);
        }
        let scores = serde_json::from_str(about).map_err(|error| self.wrong(error))?;
        self.runs.push(Building { scores, ids: HashMap::new() });
        self.by_text.insert(about.to_owned(), self.runs.len() - 1);
        Ok(self.runs.len() - 1)
    }
}

/// Writes partials to an open file.
pub(crate) fn write(partials: &Partials, file: &File) -> std::io::Result<()> {
    let other = std::io::Error::other::<Box<dyn std::error::Error + Send + Sync>>;
    let level = ZstdLevel::try_new(3).map_err(|error| other(error.into()))?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let mut writer = ArrowWriter::try_new(file, schema(), Some(properties))
        .map_err(|error| other(error.into()))?;
    let schema = schema();
    for run in &partials.runs {
        let batch = batch(run, &schema).map_err(|error| other(error.into()))?;
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
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|error| damaged(&error))?;
    let mut batches = Vec::new();
    for batch in reader {
        batches.push(batch.map_err(|error| damaged(&error))?);
    }
    Partials::from_batches(batches, &shown)
}
