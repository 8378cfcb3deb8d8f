//! Parquet: row groups in parallel, strings as numbers of a dictionary, sums per sample on the way.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field, Schema};
use codcast_ingest::footer;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use rayon::prelude::*;

use super::roles::{Roles, ValueColumns};
use super::rows::{Row, Runs, SCORE, id};
use crate::columns;
use crate::error::{At, Error, Result, shown};
use crate::partials::{Cell, Series};
use crate::record::MetricName;
use crate::sink::Sink;
use crate::source::{Input, RandomAccess};

const BATCH_ROWS: usize = 1 << 15;
/// Sums that are held per row group, at most: a table of more distinct samples is no evaluation.
const MAX_CELLS: usize = 1 << 28;

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
    // A few row groups at a time, so that what is held does not grow with the file.
    let at_once = rayon::current_num_threads().max(1);
    let all: Vec<usize> = (0..groups).collect();
    for some in all.chunks(at_once) {
        let read: Vec<Result<Group>> =
            some.par_iter().map(|group| table.group(*group, bases[*group])).collect();
        for group in read {
            group?.push(file, &mut runs, sink)?;
        }
    }
    runs.finish(sink);
    Ok(())
}

/// What to read of a file.
struct Table<'f> {
    access: RandomAccess,
    file: &'f str,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    names: Vec<String>,
    roles: Roles,
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

    /// Sums one row group. `base`: rows before it.
    fn group(&self, group: usize, base: u64) -> Result<Group> {
        let damaged = |message: &dyn std::fmt::Display| {
            Error::damaged(At::whole(self.file), "a Parquet table", message)
        };
        let read = || -> Result<Group> {
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(
                self.access.clone(),
                self.metadata.clone(),
            )
            .with_row_groups(vec![group])
            .with_projection(self.mask.clone())
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|error| damaged(&error))?;
            let mut sums = Group { row: base, ..Group::default() };
            for batch in reader {
                sums.add(self, &batch.map_err(|error| damaged(&error))?)?;
            }
            Ok(sums)
        };
        footer::contained(read, |said| damaged(&said))
    }
}

/// What a row says besides its sample and score, as numbers of [`Texts`]; 0: nothing.
type Key = [u32; 5];

/// Sums of one row group.
#[derive(Default)]
struct Group {
    /// Rows before the batch that comes.
    row: u64,
    /// Models, tasks, metrics, shots and prompts.
    texts: Texts,
    samples: Texts,
    runs: HashMap<Key, usize>,
    /// By run, by sample.
    sums: Vec<(Key, Sums)>,
    n_cells: usize,
    problems: Vec<Error>,
}

/// One run's sums.
struct Sums {
    series: Series,
    /// By sample: the first 64 repeats that were seen, as bits. Empty without a column of repeats.
    seen: Vec<u64>,
    /// Sample and repeat of the others.
    seen_later: HashSet<(usize, Repeat)>,
}

/// What a row's repeat is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Repeat {
    Number(i64),
    /// Of [`Group::texts`].
    Text(u32),
}

/// The repeats of a batch.
enum Repeats {
    Numbers(Int64Array),
    /// 0: none.
    Texts(Vec<u32>),
}

/// Whether all values of a type are integers of 64 bits.
fn is_number(kind: &DataType) -> bool {
    kind.is_integer() && *kind != DataType::UInt64
}

impl Repeats {
    fn of(&self, row: usize) -> Option<Repeat> {
        match self {
            Self::Numbers(numbers) => {
                numbers.is_valid(row).then(|| Repeat::Number(numbers.value(row)))
            }
            Self::Texts(texts) => (texts[row] > 0).then(|| Repeat::Text(texts[row])),
        }
    }
}

/// Repeats beyond the first 64 of a sample that are remembered in a row group; as many as in the sink.
const MAX_SEEN: usize = 1 << 22;

/// Distinct texts, as numbers from 1; 0 stands for null.
#[derive(Default)]
struct Texts {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    /// Of dictionaries that were seen, so that one is looked at once: the last of each column.
    known: Vec<(usize, ArrayRef, Vec<u32>)>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        self.texts.push(text.into());
        let number = self.texts.len() as u32;
        self.numbers.insert(text.into(), number);
        number
    }

    fn called(&self, repeat: Repeat) -> String {
        match repeat {
            Repeat::Number(number) => number.to_string(),
            Repeat::Text(text) => self.text(text).unwrap_or_default().to_owned(),
        }
    }

    fn text(&self, number: u32) -> Option<&str> {
        (number as usize).checked_sub(1).map(|at| &*self.texts[at])
    }

    /// The numbers of a column's rows.
    fn numbers(
        &mut self,
        place: usize,
        column: &ArrayRef,
    ) -> Result<Vec<u32>, arrow_schema::ArrowError> {
        let dictionary = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
        let column = if *column.data_type() == dictionary {
            Arc::clone(column)
        } else {
            let plain = strict(column, &DataType::Utf8)?;
            strict(&plain, &dictionary)?
        };
        let column = column.as_dictionary::<Int32Type>();
        let values = column.values();
        let same = |(of, known, _): &(usize, ArrayRef, Vec<u32>)| {
            *of == place && Arc::ptr_eq(known, values)
        };
        let at = match self.known.iter().position(same) {
            Some(at) => at,
            None => {
                let strings: &StringArray = values.as_string();
                let numbers = strings
                    .iter()
                    .map(|text| text.filter(|t| !t.is_empty()).map_or(0, |t| self.number(id(t))))
                    .collect();
                self.known.retain(|(of, ..)| *of != place);
                self.known.push((place, Arc::clone(values), numbers));
                self.known.len() - 1
            }
        };
        let numbers = &self.known[at].2;
        let keys = column.keys();
        Ok(if keys.null_count() == 0 {
            keys.values().iter().map(|key| numbers[*key as usize]).collect()
        } else {
            keys.iter().map(|key| key.map_or(0, |key| numbers[key as usize])).collect()
        })
    }
}

/// A cast that fails where a value has no counterpart.
fn strict(column: &ArrayRef, to: &DataType) -> Result<ArrayRef, arrow_schema::ArrowError> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, to, &options)
}

impl Group {
    fn add(&mut self, table: &Table<'_>, batch: &RecordBatch) -> Result<()> {
        let file = table.file;
        let wrong = |error: arrow_schema::ArrowError| {
            Error::damaged(At::whole(file), "a table of samples", error)
        };
        let column = |place: usize| {
            let name = &table.names[place];
            let missing = || Error::missing(At::whole(file), name, "a column of values");
            batch.column_by_name(name).ok_or_else(missing)
        };
        let roles = &table.roles;
        let samples =
            self.samples.numbers(roles.sample_id, column(roles.sample_id)?).map_err(wrong)?;
        let parts = [Some(roles.model), roles.task, roles.metric, roles.n_shot, roles.prompt];
        let mut keys = Vec::new();
        for place in parts {
            keys.push(match place {
                Some(place) => Some(self.texts.numbers(place, column(place)?).map_err(wrong)?),
                None => None,
            });
        }
        let floats = |place: usize| -> Result<Float64Array> {
            let cast = strict(column(place)?, &DataType::Float64).map_err(wrong)?;
            Ok(cast.as_primitive::<Float64Type>().clone())
        };
        let repeats = match roles.repeat {
            Some(place) if is_number(column(place)?.data_type()) => {
                let numbers = strict(column(place)?, &DataType::Int64).map_err(wrong)?;
                Some(Repeats::Numbers(numbers.as_primitive::<Int64Type>().clone()))
            }
            Some(place) => {
                Some(Repeats::Texts(self.texts.numbers(place, column(place)?).map_err(wrong)?))
            }
            None => None,
        };
        let scores = match roles.value {
            ValueColumns::Score(place) => Scores::Each(floats(place)?),
            ValueColumns::Counts(n, c) => Scores::Counts(floats(n)?, floats(c)?),
        };
        let (mut last, mut run) = ([u32::MAX; 5], 0);
        for row in 0..batch.num_rows() {
            let part = |at: usize| keys[at].as_ref().map_or(0, |numbers| numbers[row]);
            let key = [part(0), part(1), part(2), part(3), part(4)];
            let sample = samples[row];
            if key[0] == 0 || sample == 0 {
                let missing = if sample == 0 { "sample_id" } else { "model" };
                let at = At::row(file, self.row + row as u64 + 1);
                self.problems.push(Error::missing(at, missing, "a value in every row"));
                continue;
            }
            if key != last {
                run = self.run(key, repeats.is_some());
                last = key;
            }
            let sums = &mut self.sums[run].1;
            let sample = sample as usize - 1;
            if sums.series.cells.len() <= sample {
                let more = sample + 1 - sums.series.cells.len();
                self.n_cells += more;
                if self.n_cells > MAX_CELLS {
                    let (what, limit) = ("the number of distinct samples", "268 million");
                    return Err(Error::TooLarge { at: At::whole(file), what, limit });
                }
                sums.series.cells.resize(sample + 1, Cell::default());
            }
            if let Some(repeat) = repeats.as_ref().and_then(|repeats| repeats.of(row))
                && !sums.first_time(sample, repeat)
            {
                let at = At::row(file, self.row + row as u64 + 1);
                let id = self.samples.text(samples[row]).unwrap_or_default();
                let key = format!("sample {id:?}, repeat {}", self.texts.called(repeat));
                let key = shown(&key, 200);
                self.problems.push(Error::Duplicate { at, key });
                continue;
            }
            if let Err(found) = sums.series.add_row(sample, &scores, row) {
                let at = At::row(file, self.row + row as u64 + 1);
                self.problems.push(Error::field(at, "score", &found, "a finite score or counts"));
            }
        }
        self.row += batch.num_rows() as u64;
        Ok(())
    }

    fn run(&mut self, key: Key, with_repeats: bool) -> usize {
        let next = self.sums.len();
        let run = *self.runs.entry(key).or_insert(next);
        if run == next {
            let series = Series::new(MetricName::default());
            let seen = if with_repeats { vec![0] } else { Vec::new() };
            self.sums.push((key, Sums { series, seen, seen_later: HashSet::new() }));
        }
        run
    }

    /// Adds the sums to the sink.
    fn push(self, file: &str, runs: &mut Runs<'_>, sink: &mut Sink<'_>) -> Result<()> {
        for problem in self.problems {
            sink.problem(problem)?;
        }
        for (key, sums) in &self.sums {
            let text = |at: usize| self.texts.text(key[at]);
            let row = Row {
                model: text(0).unwrap_or_default(),
                task: text(1),
                metric: text(2),
                n_shot: text(3),
                prompt: text(4),
                ..Row::default()
            };
            let run = runs.run(&row, sink);
            let series = sink.series(run, &MetricName::new(row.metric.unwrap_or(SCORE), None));
            let mut twice: HashSet<usize> = HashSet::new();
            // The numbers of repeats follow their order in the file, as far as it matters at all.
            let mut later: Vec<(usize, Repeat)> = sums.seen_later.iter().copied().collect();
            later.sort_unstable_by_key(|(sample, repeat)| (*sample, repeat.order()));
            for (place, repeat) in later {
                let sample = sink.sample(run, &self.samples.texts[place]);
                let number = runs.repeat(&self.texts.called(repeat));
                // Beyond the numbers that stand for themselves, as bits.
                let number = number.and_then(|number| number.checked_add(64));
                if number.is_some_and(|number| !sink.mark(series, sample, number)) {
                    twice.insert(place);
                }
            }
            for (sample, cell) in sums.series.cells.iter().enumerate() {
                if *cell == Cell::default() {
                    continue;
                }
                let repeats = sums.seen.get(sample).copied().unwrap_or_default();
                let id = &self.samples.texts[sample];
                let new = !twice.contains(&sample);
                let sample = sink.sample(run, id);
                if !new || !sink.add_cell(series, sample, *cell, repeats, &sums.series) {
                    // In another row group: its scores are summed, and cannot be told apart.
                    let at = At::row(file, self.row);
                    let key = format!("some repeats of sample {id:?} of model {:?}", row.model);
                    sink.problem(Error::Duplicate { at, key: shown(&key, 300) })?;
                }
            }
        }
        Ok(())
    }
}

impl Sums {
    fn first_time(&mut self, sample: usize, repeat: Repeat) -> bool {
        let bit = match repeat {
            Repeat::Number(number) if (0..64).contains(&number) => 1 << number,
            // With so many repeats a second one is no longer noticed, rather than to fill the memory.
            _ if self.seen_later.len() >= MAX_SEEN => return true,
            other => return self.seen_later.insert((sample, other)),
        };
        if self.seen.len() <= sample {
            self.seen.resize(sample + 1, 0);
        }
        let before = self.seen[sample];
        self.seen[sample] = before | bit;
        self.seen[sample] != before
    }
}

impl Repeat {
    fn order(self) -> (u32, i64) {
        match self {
            Self::Number(number) => (0, number),
            Self::Text(text) => (text, 0),
        }
    }
}

/// The scores of a batch.
enum Scores {
    Each(Float64Array),
    /// Trials, right ones.
    Counts(Float64Array, Float64Array),
}

impl Series {
    /// Adds a row's score to a sample's sum; the error is what it has in place of one.
    fn add_row(&mut self, sample: usize, scores: &Scores, row: usize) -> Result<(), String> {
        let cell = &mut self.cells[sample];
        let unscored = |cell: &mut Cell| cell.unscored = cell.unscored.saturating_add(1);
        match scores {
            Scores::Each(scores) => {
                let score = scores.value(row);
                if scores.is_null(row) || score.is_nan() {
                    unscored(cell);
                } else if score.is_infinite() {
                    return Err(score.to_string());
                } else {
                    cell.trials = cell.trials.saturating_add(1);
                    cell.sum += score;
                    self.graded |= score != 0.0 && score != 1.0;
                    self.lowest = self.lowest.min(score);
                    self.highest = self.highest.max(score);
                }
            }
            Scores::Counts(n, c) => {
                let (trials, correct) = (n.value(row), c.value(row));
                if n.is_null(row) && c.is_null(row) || trials == 0.0 {
                    unscored(cell);
                } else if n.is_null(row)
                    || c.is_null(row)
                    || trials.fract() != 0.0
                    || !(0.0..=f64::from(u32::MAX)).contains(&trials)
                    || !(0.0..=trials).contains(&correct)
                {
                    return Err(format!("{correct} of {trials}"));
                } else {
                    cell.trials = cell.trials.saturating_add(trials as u32);
                    cell.sum += correct;
                    self.graded |= correct.fract() != 0.0;
                }
            }
        }
        Ok(())
    }
}
