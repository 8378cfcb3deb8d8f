//! Tables of samples in memory, read where they are.
//!
//! A slice of a batch costs no copy, so batches are cut into slices that are read in parallel, each
//! into its own chunk.

use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, LargeStringArray, PrimitiveArray, RecordBatch, StringArray, StringViewArray,
};
use arrow_schema::{DataType, Schema};
use rayon::prelude::*;

use super::parquet::{NUMBERS, NumberColumns, TEXTS, is_number, is_text, missing_column};
use super::{bad_at, check_answers, missing_key};
use crate::chunk::{Chunk, ModelIndex};
use crate::error::{At, Error, Place, Result};
use crate::manifest::Manifest;
use crate::row::Bad;
use crate::text::shown;

/// Rows of a slice: small enough to stop soon and to share the work, large enough that the strings
/// each slice collects are few against its rows.
const SLICE_ROWS: usize = 1 << 18;

/// `None` once `stop` is true.
pub(crate) fn read(
    name: &str,
    schema: &Schema,
    batches: Vec<RecordBatch>,
    manifest: &Manifest,
    stop: &AtomicBool,
) -> Result<Option<Vec<Chunk>>> {
    check_columns(name, schema)?;
    let mut base = 1_u64;
    let mut slices = Vec::new();
    for batch in batches {
        for start in (0..batch.num_rows()).step_by(SLICE_ROWS) {
            let rows = SLICE_ROWS.min(batch.num_rows() - start);
            slices.push((base, batch.slice(start, rows)));
            base += rows as u64;
        }
    }
    let index = manifest.model_index();
    let wanted = || !stop.load(Ordering::Relaxed);
    let chunks: Vec<Option<Result<Chunk>>> = slices
        .into_par_iter()
        .map(|(base, slice)| wanted().then(|| read_slice(name, manifest, &index, base, &slice)))
        .collect();
    // In order, so that the error is the first one of the table.
    let chunks: Option<Result<Vec<Chunk>>> = chunks.into_iter().collect();
    let Some(chunks) = chunks.transpose()? else { return Ok(None) };
    check_answers(&chunks, name)?;
    Ok(Some(chunks))
}

/// Whether all columns are there, once, and of a type that can be read.
fn check_columns(name: &str, schema: &Schema) -> Result<()> {
    let has = |column: &'static str, text: bool| -> Result<bool> {
        let mut places = schema.fields().iter().filter(|field| field.name() == column);
        let Some(field) = places.next() else { return Ok(false) };
        if places.next().is_some() {
            return Err(Error::DuplicateColumn { file: name.into(), column });
        }
        let kind = match field.data_type() {
            DataType::Dictionary(_, values) if text => values,
            kind => kind,
        };
        if !(if text { is_text(kind) } else { is_number(kind) }) {
            let expected = if text { "text" } else { "an integer or floating-point type" };
            let found = shown(&field.data_type().to_string());
            return Err(Error::ColumnType { file: name.into(), column, found, expected });
        }
        Ok(true)
    };
    for column in TEXTS {
        if !has(column, true)? {
            return Err(missing_column(name, column, schema));
        }
    }
    let mut found = [false; NUMBERS.len()];
    for (column, found) in NUMBERS.into_iter().zip(&mut found) {
        *found = has(column, false)?;
    }
    let [_, n_trials, n_correct, score, _] = found;
    match super::missing_answer_column(n_trials, n_correct, score) {
        Some(column) => Err(missing_column(name, column, schema)),
        None => Ok(()),
    }
}

fn read_slice(
    name: &str,
    manifest: &Manifest,
    index: &ModelIndex<'_>,
    base: u64,
    slice: &RecordBatch,
) -> Result<Chunk> {
    let mut chunk = Chunk::new(base);
    let [mut models, mut tasks, mut samples] = TEXTS.map(|column| Texts::new(slice, column));
    let numbers = NumberColumns::new(name, slice)?;
    for row in 0..slice.num_rows() {
        let number = base + row as u64;
        let place = Place::Row(number);
        let bad = |bad: Bad| bad_at(name, place, bad);
        let model = models.code(row, |model| Ok(index.get(model).copied().unwrap_or(u32::MAX)));
        let model = model.map_err(bad)?;
        if model == u32::MAX {
            let at = At { file: name.into(), place };
            return Err(manifest.unknown_model(models.text(row).unwrap_or_default(), at));
        }
        let task = tasks.code(row, |task| chunk.task(task)).map_err(bad)?;
        let sample = samples.code(row, |id| chunk.sample(id)).map_err(bad)?;
        chunk.push(number, (model, task, sample), &numbers.row(row)).map_err(bad)?;
    }
    Ok(chunk)
}

/// A text column of a slice and the codes of its texts.
struct Texts<'a> {
    column: &'static str,
    strings: Option<Strings<'a>>,
    /// `[row]` index into `strings`, of a dictionary.
    keys: Option<Keys<'a>>,
    /// `[entry]` of a dictionary; `None`: not looked at yet.
    codes: Vec<Option<u32>>,
    /// The last text and its code: rows of a run mostly follow each other.
    last: Option<(&'a str, u32)>,
}

impl<'a> Texts<'a> {
    fn new(slice: &'a RecordBatch, column: &'static str) -> Self {
        let array = slice.column_by_name(column);
        let keys = array.and_then(Keys::of);
        let entries = array.map(|array| match array.as_any_dictionary_opt() {
            Some(dictionary) => dictionary.values(),
            None => array,
        });
        let codes =
            vec![None; if keys.is_some() { entries.map_or(0, arrow_array::Array::len) } else { 0 }];
        Self { column, strings: entries.and_then(Strings::of), keys, codes, last: None }
    }

    /// The text of a row; `None` where it is null.
    fn text(&self, row: usize) -> Option<&'a str> {
        let entry = match &self.keys {
            Some(keys) => keys.get(row)?,
            None => row,
        };
        self.strings.as_ref()?.get(entry)
    }

    /// The code of a row's text: looked up once per entry of a dictionary, else where the text
    /// differs from that of the row before.
    fn code(
        &mut self,
        row: usize,
        look_up: impl FnOnce(&str) -> Result<u32, Bad>,
    ) -> Result<u32, Bad> {
        let entry = match &self.keys {
            Some(keys) => Some(keys.get(row).ok_or_else(|| missing_key(self.column))?),
            None => None,
        };
        if let Some(code) = entry.and_then(|entry| self.codes.get(entry).copied().flatten()) {
            return Ok(code);
        }
        let text = self.text(row).ok_or_else(|| missing_key(self.column))?;
        if let Some((last, code)) = self.last
            && last == text
        {
            return Ok(code);
        }
        let code = look_up(text)?;
        match entry.and_then(|entry| self.codes.get_mut(entry)) {
            Some(slot) => *slot = Some(code),
            None => self.last = Some((text, code)),
        }
        Ok(code)
    }
}

/// Texts in any of Arrow's layouts.
enum Strings<'a> {
    Plain(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
}

impl<'a> Strings<'a> {
    fn of(array: &'a ArrayRef) -> Option<Self> {
        match array.data_type() {
            DataType::Utf8 => array.as_string_opt().map(Self::Plain),
            DataType::LargeUtf8 => array.as_string_opt().map(Self::Large),
            DataType::Utf8View => array.as_string_view_opt().map(Self::View),
            _ => None,
        }
    }

    fn get(&self, entry: usize) -> Option<&'a str> {
        match self {
            Self::Plain(array) => array.is_valid(entry).then(|| array.value(entry)),
            Self::Large(array) => array.is_valid(entry).then(|| array.value(entry)),
            Self::View(array) => array.is_valid(entry).then(|| array.value(entry)),
        }
    }
}

/// Keys of a dictionary in any of their types.
enum Keys<'a> {
    I8(&'a PrimitiveArray<Int8Type>),
    I16(&'a PrimitiveArray<Int16Type>),
    I32(&'a PrimitiveArray<Int32Type>),
    I64(&'a PrimitiveArray<Int64Type>),
    U8(&'a PrimitiveArray<UInt8Type>),
    U16(&'a PrimitiveArray<UInt16Type>),
    U32(&'a PrimitiveArray<UInt32Type>),
    U64(&'a PrimitiveArray<UInt64Type>),
}

impl<'a> Keys<'a> {
    fn of(array: &'a ArrayRef) -> Option<Self> {
        let DataType::Dictionary(kind, _) = array.data_type() else { return None };
        match **kind {
            DataType::Int8 => keys(array).map(Self::I8),
            DataType::Int16 => keys(array).map(Self::I16),
            DataType::Int32 => keys(array).map(Self::I32),
            DataType::Int64 => keys(array).map(Self::I64),
            DataType::UInt8 => keys(array).map(Self::U8),
            DataType::UInt16 => keys(array).map(Self::U16),
            DataType::UInt32 => keys(array).map(Self::U32),
            DataType::UInt64 => keys(array).map(Self::U64),
            _ => None,
        }
    }

    fn get(&self, row: usize) -> Option<usize> {
        fn at<K: ArrowDictionaryKeyType>(keys: &PrimitiveArray<K>, row: usize) -> Option<usize>
        where
            K::Native: TryInto<usize>,
        {
            if keys.is_null(row) { None } else { keys.value(row).try_into().ok() }
        }
        match self {
            Self::I8(keys) => at(keys, row),
            Self::I16(keys) => at(keys, row),
            Self::I32(keys) => at(keys, row),
            Self::I64(keys) => at(keys, row),
            Self::U8(keys) => at(keys, row),
            Self::U16(keys) => at(keys, row),
            Self::U32(keys) => at(keys, row),
            Self::U64(keys) => at(keys, row),
        }
    }
}

fn keys<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> Option<&PrimitiveArray<K>> {
    array.as_dictionary_opt::<K>().map(arrow_array::DictionaryArray::keys)
}
