//! Parquet: row groups in parallel, strings as numbers of a dictionary, sums per sample on the way.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use codcast_ingest::footer;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use rayon::prelude::*;

use super::places::Places;
use super::roles::{Roles, ValueColumns};
use super::rows::Runs;
use super::sums::Group;
use super::texts::{is_number, strict};
use crate::columns;
use crate::error::{At, Error, Result, shown};
use crate::sink::Sink;
use crate::source::{Input, RandomAccess};

const BATCH_ROWS: usize = 1 << 15;

pub(super) fn read(input: Input<'_>, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let file = path.as_str();
    let access = input.random_access()?;
    let found = columns::open(access.clone(), file)?;
    let names: Vec<String> =
        found.schema().fields().iter().map(|field| field.name().clone()).collect();
    let roles = Roles::required(&names, &sink.reading().columns.clone(), file)?;
    let table = Table::new(access, &found, roles, file)?;
    let groups = found.metadata().num_row_groups();
    let mut base = 0;
    let bases: Vec<u64> = (0..groups)
        .map(|group| {
            let start = base;
            base += found.metadata().row_group(group).num_rows().max(0) as u64;
            start
        })
        .collect();
    let mut runs = Runs::new(&path);
    let mut places = Places::default();
    // A few row groups at a time, so that what is held does not grow with the file; while they are added,
    // the next ones are read.
    let at_once = rayon::current_num_threads().max(1);
    let all: Vec<usize> = (0..groups).collect();
    let mut some = all.chunks(at_once);
    let read = |some: Option<&[usize]>| -> Vec<Result<Group>> {
        let group = |group: &usize| table.group(*group, bases[*group]);
        some.unwrap_or_default().par_iter().map(group).collect()
    };
    let mut now = read(some.next());
    while !now.is_empty() {
        let add = || {
            now.into_iter().try_for_each(|group| group?.push(file, &mut runs, &mut places, sink))
        };
        let (added, next) = rayon::join(add, || read(some.next()));
        added?;
        now = next;
    }
    runs.finish(sink);
    Ok(())
}

/// What to read of a file.
pub(super) struct Table<'f> {
    access: RandomAccess,
    pub(super) file: &'f str,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    pub(super) names: Vec<String>,
    pub(super) roles: Roles,
}

impl<'f> Table<'f> {
    fn new(
        access: RandomAccess,
        found: &columns::Table,
        roles: Roles,
        file: &'f str,
    ) -> Result<Self> {
        let fields = found.schema().fields();
        let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        // Repeats are mostly numbers, and those are read as such.
        let named_repeats = roles.repeat.filter(|place| !is_number(fields[*place].data_type()));
        let texts = [Some(roles.model), Some(roles.sample_id), roles.task, roles.metric];
        let texts: Vec<usize> = texts
            .into_iter()
            .chain([roles.n_shot, roles.prompt, named_repeats])
            .flatten()
            .collect();
        let numbers = match roles.value {
            ValueColumns::Score(score) => vec![score],
            ValueColumns::Counts(n, c) => vec![n, c],
        };
        let mut wanted: Vec<Field> = fields.iter().map(|field| field.as_ref().clone()).collect();
        for place in &texts {
            // Each distinct text is looked at once per page of texts; rows are numbers.
            if matches!(wanted[*place].data_type(), DataType::Utf8 | DataType::LargeUtf8) {
                let dictionary =
                    DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
                wanted[*place] = wanted[*place].clone().with_data_type(dictionary);
            }
        }
        for place in &numbers {
            let kind = wanted[*place].data_type();
            if !(kind.is_numeric() || *kind == DataType::Boolean || *kind == DataType::Null) {
                let expected = "numbers or booleans";
                let found = shown(&kind.to_string(), 100);
                return Err(Error::field(At::whole(file), &names[*place], &found, expected));
            }
        }
        let places = texts.iter().chain(&numbers).chain(&roles.repeat).copied();
        let mask = ProjectionMask::roots(found.parquet_schema(), places);
        let options = ArrowReaderOptions::new()
            .with_skip_arrow_metadata(true)
            .with_schema(Arc::new(Schema::new(wanted)));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(found.metadata()), options)
            .map_err(|error| Error::damaged(At::whole(file), "a Parquet table", error))?;
        Ok(Self { access, file, metadata, mask, names, roles })
    }

    /// The column at a place in the file.
    pub(super) fn column<'b>(&self, batch: &'b RecordBatch, place: usize) -> Result<&'b ArrayRef> {
        let name = &self.names[place];
        let missing = || Error::missing(At::whole(self.file), name, "a column of values");
        batch.column_by_name(name).ok_or_else(missing)
    }

    /// That column as values of another type.
    pub(super) fn cast(
        &self,
        batch: &RecordBatch,
        place: usize,
        to: &DataType,
    ) -> Result<ArrayRef> {
        strict(self.column(batch, place)?, to).map_err(|error| self.unfit(&error))
    }

    /// Where the file is well, and a column is not what it should be.
    pub(super) fn unfit(&self, message: &dyn std::fmt::Display) -> Error {
        Error::damaged(At::whole(self.file), "a table of samples", message)
    }

    fn damaged(&self, message: &dyn std::fmt::Display) -> Error {
        Error::damaged(At::whole(self.file), "a Parquet table", message)
    }

    /// Sums one row group. `base`: rows before it.
    fn group(&self, group: usize, base: u64) -> Result<Group> {
        let read = || -> Result<Group> {
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(
                self.access.clone(),
                self.metadata.clone(),
            )
            .with_row_groups(vec![group])
            .with_projection(self.mask.clone())
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|error| self.damaged(&error))?;
            let mut sums = Group::after(base);
            for batch in reader {
                sums.add(self, &batch.map_err(|error| self.damaged(&error))?)?;
            }
            Ok(sums)
        };
        footer::contained(read, |said| self.damaged(&said))
    }
}
