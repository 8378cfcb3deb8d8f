//! Partials as one flat table, to travel between processes and engines.
//!
//! The table (schema `codcast.partials/1`) has a row a thing, told apart by `kind`; what a row does not
//! have is null. Tables are merged by putting their rows together, in any order, a row more than once
//! or not.
//!
//! | kind | file | task | run | series | sample | about | trials | sum | errors | unscored |
//! |---|---|---|---|---|---|---|---|---|---|---|
//! | `file` | path | | | | | what became of it (JSON) | | | | |
//! | `problem` | path | | n | | | the message | | | | |
//! | `note` | path | | | | | the note | | | | |
//! | `run` | path | logged | n | | | model, task, decoding ... (JSON) | | | | |
//! | `series` | path | logged | n | n | | metric, expected mean ... (JSON) | | | | |
//! | `sample` | path | logged | n | | n | its id | | | | |
//! | `cell` | path | logged | n | n | n | | scored | of scores | failed | not scored |
//!
//! Rows of one task are all that is needed to count its samples, so that an engine can group by `task`.
//! Integers are signed, since not every engine has others.

mod back;
mod out;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};
use serde::{Deserialize, Serialize};

use self::back::{Columns, Gathered};
use self::out::Builders;
use crate::error::{Error, Result};
use crate::partials::{Checks, Partials};
use crate::record::{Expected, MetricName, Run};

/// The table's columns.
pub fn partials_schema() -> Arc<Schema> {
    let field = |name: &str, kind, nullable| Field::new(name, kind, nullable);
    Arc::new(Schema::new(vec![
        field("kind", DataType::Utf8, false),
        field("file", DataType::Utf8, true),
        field("task", DataType::Utf8, true),
        field("run", DataType::Int32, true),
        field("series", DataType::Int32, true),
        field("sample", DataType::Int32, true),
        field("about", DataType::Utf8, true),
        field("trials", DataType::Int64, true),
        field("sum", DataType::Float64, true),
        field("errors", DataType::Int32, true),
        field("unscored", DataType::Int32, true),
    ]))
}

/// What a run is, beside its scores.
#[derive(Serialize, Deserialize)]
struct AboutRun {
    run: Run,
    hash: String,
    whole: bool,
    /// Absent in tables of before it was counted.
    #[serde(default)]
    checks: Checks,
}

/// What a series is, beside its cells. Bounds are null where it has no scores.
#[derive(Serialize, Deserialize)]
struct AboutSeries {
    name: MetricName,
    graded: bool,
    measured: bool,
    lowest: Option<f64>,
    highest: Option<f64>,
    expected: Option<Expected>,
}

/// One row.
#[derive(Clone, Debug, Default, PartialEq)]
struct Row<'a> {
    kind: &'a str,
    file: Option<&'a str>,
    task: Option<&'a str>,
    run: Option<usize>,
    series: Option<usize>,
    sample: Option<usize>,
    about: Option<&'a str>,
    trials: Option<u64>,
    sum: Option<f64>,
    errors: Option<u16>,
    unscored: Option<u16>,
}

impl Partials {
    /// As a table of [`partials_schema`], in batches.
    pub fn to_batches(&self) -> Result<Vec<RecordBatch>> {
        let mut batches = Vec::new();
        let mut keep = |batch| {
            batches.push(batch);
            Ok(())
        };
        let mut table = Builders::new(&mut keep);
        for report in &self.files {
            let about = json(report)?;
            let (file, about) = (Some(report.path.as_str()), Some(about.as_str()));
            table.push(&Row { kind: "file", file, about, ..Row::default() })?;
        }
        // Numbered a file, so that they are the same whatever else was read with it.
        let mut n_of_problem: BTreeMap<&str, usize> = BTreeMap::new();
        for problem in &self.problems {
            let (message, file) = (problem.to_string(), problem.file().unwrap_or_default());
            let n = n_of_problem.entry(file).or_default();
            let (run, about) = (Some(*n), Some(message.as_str()));
            table.push(&Row { kind: "problem", file: Some(file), run, about, ..Row::default() })?;
            *n += 1;
        }
        for (note, files) in &self.notes {
            for file in files {
                let (file, about) = (Some(&**file), Some(note.as_str()));
                table.push(&Row { kind: "note", file, about, ..Row::default() })?;
            }
        }
        table.push_runs(&self.runs)?;
        table.finish()?;
        Ok(batches)
    }

    /// The runs as a table of [`partials_schema`], a batch at a time.
    pub(crate) fn batches_of_runs(
        &self,
        each: &mut dyn FnMut(RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let mut table = Builders::new(each);
        table.push_runs(&self.runs)?;
        table.finish()
    }

    /// From tables of [`partials_schema`], their rows in any order; rows that came twice count once.
    ///
    /// # Errors
    /// Where a table is not of this schema, or two rows contradict each other.
    pub fn from_batches(batches: &[RecordBatch]) -> Result<Self> {
        let mut out = Self::default();
        let mut gathered = Gathered::default();
        for batch in batches {
            let columns = Columns::of(batch)?;
            for at in 0..batch.num_rows() {
                gathered.take(&columns.row(at)?, &mut out)?;
            }
        }
        gathered.into_partials(&mut out)?;
        Ok(out)
    }
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| bad(&error.to_string()))
}

fn bad(what: &str) -> Error {
    let message = format!("not a table of partial counts (codcast.partials/1): {what}");
    Error::Setting { message: message.into() }
}
