//! Cells of lighteval's tables.

use std::collections::BTreeSet;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Schema};

use crate::json::{Value, loose_number};
use crate::literal::literal;

/// The columns of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// 0.11 and later: structs `doc`, `metric`, `model_response`.
    Structs,
    /// 0.8 to 0.10: flat, `metrics` a struct.
    Typed,
    /// Up to 0.7: flat, every cell a Python literal in a text.
    Literals,
}

impl Layout {
    pub(super) fn of(schema: &Schema) -> Option<Self> {
        let kind = |name: &str| schema.field_with_name(name).ok().map(Field::data_type);
        match (kind("doc"), kind("metric"), kind("example"), kind("metrics")) {
            (Some(DataType::Struct(_)), Some(DataType::Struct(_)), ..) => Some(Self::Structs),
            (.., Some(_), Some(DataType::Struct(_))) => Some(Self::Typed),
            (.., Some(_), Some(DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)) => {
                Some(Self::Literals)
            }
            _ => None,
        }
    }

    /// What is read of a file.
    pub(super) fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Structs => &["metric", "doc.id", "doc.task_name", "doc.num_samples"],
            Self::Typed | Self::Literals => &["metrics", "example"],
        }
    }

    /// Where the id is, or the text whose hash is the id.
    pub(super) fn id(self) -> &'static [&'static str] {
        if self.has_ids() { &["doc", "id"] } else { &["example"] }
    }

    pub(super) fn has_ids(self) -> bool {
        self == Self::Structs
    }

    pub(super) fn task(self) -> Option<&'static [&'static str]> {
        (self == Self::Structs).then_some(&["doc", "task_name"])
    }

    /// How many answers were asked for.
    pub(super) fn answers(self) -> Option<&'static [&'static str]> {
        (self == Self::Structs).then_some(&["doc", "num_samples"])
    }
}

fn column<'b>(batch: &'b RecordBatch, path: &[&str]) -> Option<&'b ArrayRef> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(batch.column_by_name(first)?, |column, name| {
        column.as_struct_opt()?.column_by_name(name)
    })
}

/// A column as texts. An absent one has none.
pub(super) fn texts(batch: &RecordBatch, path: &[&str]) -> Result<Vec<Option<String>>, String> {
    let Some(column) = column(batch, path) else { return Ok(vec![None; batch.num_rows()]) };
    let texts = cast(column, &DataType::Utf8)
        .map_err(|_| format!("column {} is {}, not text", path.join("."), column.data_type()))?;
    let texts = texts.as_string::<i32>();
    Ok(texts.iter().map(|text| text.map(str::to_owned)).collect())
}

/// The metrics of some rows.
pub(super) enum Metrics {
    /// `(metric, [row])`, and the metrics that are no numbers.
    Columns(Vec<(String, Vec<Option<f64>>)>, BTreeSet<String>),
    /// Literals, `[row]`.
    Texts(Vec<Option<Value>>),
}

impl Metrics {
    pub(super) fn of(batch: &RecordBatch, layout: Layout) -> Result<Self, String> {
        let name = if layout == Layout::Structs { "metric" } else { "metrics" };
        if layout == Layout::Literals {
            let literals = texts(batch, &[name])?;
            let read = |text: Option<String>| text.and_then(|text| literal(&text));
            return Ok(Self::Texts(literals.into_iter().map(read).collect()));
        }
        let metrics = column(batch, &[name]).and_then(|column| column.as_struct_opt());
        let metrics = metrics.ok_or_else(|| format!("column {name} is missing"))?;
        let (mut columns, mut not_numbers) = (Vec::new(), BTreeSet::new());
        for (field, column) in metrics.fields().iter().zip(metrics.columns()) {
            match numbers(column, metrics) {
                Some(values) => columns.push((field.name().clone(), values)),
                None => {
                    not_numbers.insert(field.name().clone());
                }
            }
        }
        Ok(Self::Columns(columns, not_numbers))
    }

    /// The metrics that a row has; those that are null belong to another row of the sample.
    pub(super) fn row(&self, row: usize) -> Result<Vec<(&str, f64)>, String> {
        match self {
            Self::Columns(columns, _) => {
                let value = |column: &'_ (String, Vec<Option<f64>>)| column.1[row];
                let named = columns.iter().filter_map(|c| Some((c.0.as_str(), value(c)?)));
                Ok(named.collect())
            }
            Self::Texts(literals) => match &literals[row] {
                Some(Value::Object(entries)) => Ok(entries
                    .iter()
                    .filter_map(|(name, value)| Some((&**name, loose_number(value)?)))
                    .collect()),
                Some(other) => Err(other.described()),
                None => Err("no Python literal".to_owned()),
            },
        }
    }

    /// Metrics whose values are lists or objects: totals are computed from them by other means.
    pub(super) fn not_numbers(&self) -> BTreeSet<String> {
        match self {
            Self::Columns(_, names) => names.clone(),
            Self::Texts(literals) => {
                let entries = literals.iter().flatten().flat_map(Value::entries);
                let other = |value: &Value| matches!(value, Value::List(_) | Value::Object(_));
                entries.filter(|(_, v)| other(v)).map(|(name, _)| name.to_string()).collect()
            }
        }
    }
}

/// A metric's column as numbers; NaN is null. `None` where it holds something else.
fn numbers(column: &ArrayRef, parent: &StructArray) -> Option<Vec<Option<f64>>> {
    let values: Vec<Option<f64>> = match column.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let texts = cast(column, &DataType::Utf8).ok()?;
            let number = |text: Option<&str>| loose_number(&Value::Text(text?.into()));
            texts.as_string::<i32>().iter().map(number).collect()
        }
        kind if kind.is_numeric() || matches!(kind, DataType::Boolean | DataType::Null) => {
            cast(column, &DataType::Float64).ok()?.as_primitive::<Float64Type>().iter().collect()
        }
        _ => return None,
    };
    let whole = |(row, value): (usize, Option<f64>)| {
        value.filter(|value| value.is_finite() && parent.is_valid(row))
    };
    Some(values.into_iter().enumerate().map(whole).collect())
}
