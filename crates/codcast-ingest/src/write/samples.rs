//! `samples.parquet` of a study: a row for everything that was answered.

use std::fs::File;
use std::io;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use codcast::evals::{Outcome, Run, Study, TaskEvals};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::chunk::AGGREGATE_ID;

/// Rows of a row group: readers work on row groups in parallel.
const GROUP_ROWS: usize = 1 << 18;

/// Which optional columns a study needs.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each column is there or not")]
struct Columns {
    checkpoint: bool,
    counts: bool,
    partial: bool,
    score: bool,
    task_loss: bool,
}

impl Columns {
    fn of(study: &Study) -> Self {
        let mut columns = Self::default();
        for run in study.tasks.iter().flat_map(|task| &task.runs) {
            columns.checkpoint |= run.checkpoint.is_some();
            columns.task_loss |= run.task_loss.is_some()
                || run.aggregate.is_some_and(|aggregate| aggregate.task_loss.is_some());
            for outcome in run.outcomes.iter().copied().chain(run.aggregate.map(|a| a.outcome)) {
                match outcome {
                    Outcome::Missing => {}
                    Outcome::Counted { correct, .. } => {
                        columns.counts = true;
                        columns.partial |= correct.fract() != 0.0;
                    }
                    Outcome::Measured(_) => columns.score = true,
                }
            }
        }
        // A table without any answer still says what kind of answer it lacks.
        columns.score |= !columns.counts;
        columns
    }

    fn schema(self) -> Schema {
        let text = || DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
        let correct = if self.partial { DataType::Float64 } else { DataType::Int64 };
        let optional = [
            (self.checkpoint, "checkpoint", DataType::Int64),
            (self.counts, "n_trials", DataType::Int64),
            (self.counts, "n_correct", correct),
            (self.score, "score", DataType::Float64),
            (self.task_loss, "task_loss", DataType::Float64),
        ];
        let keys = ["model", "task", "sample_id"].map(|name| Field::new(name, text(), false));
        let numbers = optional
            .into_iter()
            .filter(|(wanted, ..)| *wanted)
            .map(|(_, name, kind)| Field::new(name, kind, true));
        Schema::new(keys.into_iter().chain(numbers).collect::<Vec<_>>())
    }
}

pub(super) fn write(file: &File, study: &Study) -> io::Result<()> {
    let level = ZstdLevel::try_new(3).map_err(io::Error::other)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .build();
    // Without it, readers see plain text columns rather than our dictionaries.
    let options =
        ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let columns = Columns::of(study);
    let schema = Arc::new(columns.schema());
    let mut writer = ArrowWriter::try_new_with_options(file, Arc::clone(&schema), options)
        .map_err(io::Error::other)?;
    for task in &study.tasks {
        let ids: Vec<&str> =
            task.samples.iter().map(String::as_str).chain([AGGREGATE_ID]).collect();
        let ids: ArrayRef = Arc::new(StringArray::from(ids));
        let unanswered = unanswered(task);
        for (number, run) in task.runs.iter().enumerate() {
            let rows = rows_of(run, if number == 0 { &unanswered } else { &[] });
            let batch =
                batch(&schema, columns, &study.models[run.model].name, task, run, &ids, &rows)
                    .map_err(io::Error::other)?;
            writer.write(&batch).map_err(io::Error::other)?;
        }
    }
    writer.close().map_err(io::Error::other)?;
    Ok(())
}

/// Samples that no run answered: their ids are kept by a row without an answer.
fn unanswered(task: &TaskEvals) -> Vec<usize> {
    (0..task.samples.len())
        .filter(|sample| !task.runs.iter().any(|run| answer(run, *sample).is_some()))
        .collect()
}

/// A run's outcome and loss on a sample; `None` where it has neither.
fn answer(run: &Run, sample: usize) -> Option<(Outcome, Option<f64>)> {
    let loss = run.task_loss.as_ref().and_then(|losses| losses[sample]);
    let outcome = run.outcomes[sample];
    (outcome != Outcome::Missing || loss.is_some()).then_some((outcome, loss))
}

type Row = (usize, Outcome, Option<f64>);

/// A run's rows: (index of the id, outcome, loss), the aggregate last.
fn rows_of(run: &Run, unanswered: &[usize]) -> Vec<Row> {
    let n = run.outcomes.len();
    let mut rows: Vec<Row> = (0..n)
        .filter_map(|sample| {
            let keep = || unanswered.binary_search(&sample).is_ok();
            let kept = || keep().then_some((Outcome::Missing, None));
            answer(run, sample).or_else(kept).map(|(outcome, loss)| (sample, outcome, loss))
        })
        .collect();
    rows.extend(run.aggregate.map(|aggregate| (n, aggregate.outcome, aggregate.task_loss)));
    if rows.is_empty() && n > 0 {
        rows.push((0, Outcome::Missing, None));
    }
    rows
}

fn batch(
    schema: &Arc<Schema>,
    columns: Columns,
    model: &str,
    task: &TaskEvals,
    run: &Run,
    ids: &ArrayRef,
    rows: &[Row],
) -> Result<RecordBatch, ArrowError> {
    let constant = |name: &str| -> Result<ArrayRef, ArrowError> {
        let keys = Int32Array::from(vec![0; rows.len()]);
        let values = Arc::new(StringArray::from(vec![name]));
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values)?))
    };
    let key = |id: usize| {
        let error = |_| ArrowError::InvalidArgumentError(format!("{id} samples of a task"));
        i32::try_from(id).map_err(error)
    };
    let keys = rows.iter().map(|(id, ..)| key(*id)).collect::<Result<Vec<i32>, _>>()?;
    let mut arrays: Vec<ArrayRef> = vec![
        constant(model)?,
        constant(&task.name)?,
        Arc::new(DictionaryArray::<Int32Type>::try_new(keys.into(), Arc::clone(ids))?),
    ];
    let counted = |(_, outcome, _): &Row| match outcome {
        Outcome::Counted { trials, correct } => Some((*trials, *correct)),
        _ => None,
    };
    let correct = || rows.iter().map(|row| counted(row).map(|(_, correct)| correct));
    if columns.checkpoint {
        arrays.push(Arc::new(Int64Array::from(vec![run.checkpoint; rows.len()])));
    }
    if columns.counts {
        let trials = rows.iter().map(|row| counted(row).map(|(trials, _)| i64::from(trials)));
        arrays.push(Arc::new(trials.collect::<Int64Array>()));
        arrays.push(if columns.partial {
            Arc::new(correct().collect::<Float64Array>())
        } else {
            Arc::new(correct().map(|k| k.map(|k| k as i64)).collect::<Int64Array>())
        });
    }
    if columns.score {
        let score = |outcome: &Outcome| match outcome {
            Outcome::Measured(score) => Some(*score),
            _ => None,
        };
        let scores = rows.iter().map(|(_, outcome, _)| score(outcome));
        arrays.push(Arc::new(scores.collect::<Float64Array>()));
    }
    if columns.task_loss {
        let losses = rows.iter().map(|(_, _, loss)| *loss);
        arrays.push(Arc::new(losses.collect::<Float64Array>()));
    }
    RecordBatch::try_new(Arc::clone(schema), arrays)
}
