//! Python's tables and values on their way in.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyString};
use pyo3_arrow::PyTable;

use crate::errors;

/// Where the models are described.
pub(crate) enum ModelsArg {
    /// A file with the content of `study.toml`.
    File(PathBuf),
    /// The same content as values.
    Values(toml::Table),
}

impl ModelsArg {
    /// Of a path, or of a dictionary of texts, numbers, lists and dictionaries.
    pub(crate) fn of(models: &Bound<'_, PyAny>) -> PyResult<Self> {
        match models.cast::<PyDict>() {
            Ok(values) => Ok(Self::Values(table(values)?)),
            Err(_) => Ok(Self::File(models.extract()?)),
        }
    }
}

fn table(dict: &Bound<'_, PyDict>) -> PyResult<toml::Table> {
    let mut table = toml::Table::new();
    for (key, value) in dict {
        // None is what is not known.
        if !value.is_none() {
            table.insert(key.extract()?, toml_value(&value)?);
        }
    }
    Ok(table)
}

fn toml_value(value: &Bound<'_, PyAny>) -> PyResult<toml::Value> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(toml::Value::String(text.extract()?));
    }
    if value.is_instance_of::<PyBool>() {
        return Ok(toml::Value::Boolean(value.extract()?));
    }
    if let Ok(dict) = value.cast::<PyDict>() {
        return Ok(toml::Value::Table(table(dict)?));
    }
    if let Ok(list) = value.cast::<PyList>() {
        return Ok(toml::Value::Array(
            list.iter().map(|v| toml_value(&v)).collect::<PyResult<_>>()?,
        ));
    }
    // Counts beyond 63 bits are still numbers of tokens or FLOPs; NumPy's numbers are numbers too.
    if let Ok(integer) = value.extract::<i64>() {
        return Ok(toml::Value::Integer(integer));
    }
    let number: f64 = value.extract().map_err(|_| {
        let message = format!("models: {value} is neither a text nor a number");
        errors::input(value.py(), "bad_field", &message)
    })?;
    Ok(toml::Value::Float(number))
}

/// After how many values of a list signals are looked at.
const SIGNAL_ROWS: usize = 1 << 14;

/// A table of samples in memory.
pub(crate) struct Samples {
    pub(crate) schema: Arc<Schema>,
    pub(crate) batches: Vec<RecordBatch>,
}

impl Samples {
    /// From anything with `__arrow_c_stream__`, as it lies in memory; or from a dictionary of lists,
    /// copied.
    pub(crate) fn of(table: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(columns) = table.cast::<PyDict>() {
            return from_columns(columns);
        }
        let (batches, schema) = table.extract::<PyTable>()?.into_inner();
        Ok(Self { schema, batches })
    }
}

fn from_columns(columns: &Bound<'_, PyDict>) -> PyResult<Samples> {
    let py = columns.py();
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (name, values) in columns {
        let name: String = name.extract()?;
        let values = values.cast::<PyList>()?;
        let array: ArrayRef = match name.as_str() {
            "model" | "task" | "sample_id" => Arc::new(texts(&name, values)?),
            "checkpoint" | "n_trials" | "n_correct" | "score" | "task_loss" => {
                numbers(&name, values)?
            }
            _ => continue,
        };
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let schema = Arc::new(Schema::new(fields));
    if arrays.is_empty() {
        return Ok(Samples { schema, batches: Vec::new() });
    }
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)
        .map_err(|_| errors::input(py, "column_length", "samples: the columns differ in length"))?;
    Ok(Samples { schema, batches: vec![batch] })
}

fn texts(name: &str, values: &Bound<'_, PyList>) -> PyResult<StringArray> {
    each(values, |row, value| {
        value.extract::<Option<String>>().map_err(|_| wrong(name, row, value, "a text"))
    })
}

/// Every value, looking for Ctrl-C now and then.
fn each<'py, T, C: FromIterator<T>>(
    values: &Bound<'py, PyList>,
    extract: impl Fn(usize, &Bound<'py, PyAny>) -> PyResult<T>,
) -> PyResult<C> {
    values
        .iter()
        .enumerate()
        .map(|(row, value)| {
            if row.is_multiple_of(SIGNAL_ROWS) {
                values.py().check_signals()?;
            }
            extract(row, &value)
        })
        .collect()
}

/// As integers where all are, else as floats.
fn numbers(name: &str, values: &Bound<'_, PyList>) -> PyResult<ArrayRef> {
    let integer = |value: &Bound<'_, PyAny>| value.is_none() || value.is_instance_of::<PyInt>();
    if values.iter().all(|value| integer(&value)) {
        let integers: Option<Vec<Option<i64>>> =
            values.iter().map(|value| value.extract().ok()).collect();
        if let Some(integers) = integers {
            return Ok(Arc::new(Int64Array::from(integers)));
        }
    }
    let floats: Vec<Option<f64>> = each(values, |row, value| {
        value.extract().map_err(|_| wrong(name, row, value, "a number"))
    })?;
    Ok(Arc::new(Float64Array::from(floats)))
}

fn wrong(name: &str, row: usize, value: &Bound<'_, PyAny>, expected: &str) -> PyErr {
    let shown: String = value.to_string().escape_debug().take(120).collect();
    let message = format!("samples, row {}: {name} is {shown}; expected {expected}", row + 1);
    errors::input(value.py(), "column_type", &message)
}
