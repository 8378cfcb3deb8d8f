//! A study into a folder: `study.toml` and `samples.parquet`, so that reading gives the same study.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use codcast::evals::{Compute, ComputeSource, Model, Outcome, Run, Study, TaskEvals};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::chunk::AGGREGATE_ID;
use crate::error::{Error, Result};
use crate::manifest::About;
use crate::tables::Shape;

/// Rows of a row group: readers work on row groups in parallel.
const GROUP_ROWS: usize = 1 << 18;

/// Writes a study folder, creating it if needed.
///
/// Each file is complete when it appears under its name. A folder that has its samples in another
/// format is refused, since it would have two.
pub fn write_study(folder: &Path, study: &Study, about: &About) -> Result<()> {
    write_study_with(folder, study, about, &|_| String::new())
}

/// The same, with comment lines at the head of `study.toml`: what `head` makes of the text below them.
pub fn write_study_with(
    folder: &Path,
    study: &Study,
    about: &About,
    head: &dyn Fn(&str) -> String,
) -> Result<()> {
    let shown = folder.display().to_string();
    std::fs::create_dir_all(folder).map_err(|error| Error::write(&shown, error))?;
    let others: Vec<&str> = Shape::NAMES
        .into_iter()
        .filter(|(name, shape)| *shape != Shape::Parquet && folder.join(name).exists())
        .map(|(name, _)| name)
        .collect();
    if !others.is_empty() {
        let found = format!("{}, and now samples.parquet", others.join(", ")).into();
        return Err(Error::SeveralSamples { folder: shown.into(), found });
    }
    let samples = complete(folder, "samples.parquet", |file| write_samples(file, study))?;
    let manifest = complete(folder, "study.toml", |mut file| {
        let text = manifest_text(study, about)?;
        file.write_all((head(&text) + &text).as_bytes())
    })?;
    for (file, name) in [(samples, "samples.parquet"), (manifest, "study.toml")] {
        let path = folder.join(name);
        file.persist(&path)
            .map_err(|error| Error::write(&path.display().to_string(), error.error))?;
    }
    Ok(())
}

/// A temporary file beside its final place, written and flushed to disk.
fn complete(
    folder: &Path,
    name: &str,
    write: impl FnOnce(&File) -> io::Result<()>,
) -> Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".tmp");
    // Temporary files are private by default; results are not.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let written = builder.tempfile_in(folder).and_then(|file| {
        write(file.as_file())?;
        file.as_file().sync_all()?;
        Ok(file)
    });
    written.map_err(|error| Error::write(&folder.join(name).display().to_string(), error))
}

#[derive(Serialize)]
struct ManifestOut<'a> {
    name: &'a str,
    note: Option<&'a str>,
    source: Option<&'a str>,
    licence: Option<&'a str>,
    task_loss_unit: Option<&'a str>,
    models: Vec<ModelOut<'a>>,
    tasks: Vec<TaskOut<'a>>,
}

#[derive(Serialize)]
struct ModelOut<'a> {
    name: &'a str,
    family: Option<&'a str>,
    role: codcast::evals::Role,
    params: Option<f64>,
    active_params: Option<f64>,
    tokens: Option<f64>,
    compute_flops: Option<f64>,
    compute_per_token_flops: Option<f64>,
    checkpoint: Option<i64>,
    loss: Option<f64>,
}

#[derive(Serialize)]
struct TaskOut<'a> {
    name: &'a str,
    chance: Option<f64>,
    n_samples: Option<u64>,
}

fn manifest_text(study: &Study, about: &About) -> io::Result<String> {
    let out = ManifestOut {
        name: &study.name,
        note: about.note.as_deref(),
        source: about.source.as_deref(),
        licence: about.licence.as_deref(),
        task_loss_unit: study.task_loss_unit.as_deref(),
        models: study.models.iter().map(model_out).collect(),
        tasks: study
            .tasks
            .iter()
            .filter(|task| task.chance.is_some() || task.n_samples.is_some())
            .map(|task| TaskOut {
                name: &task.name,
                chance: task.chance,
                n_samples: task.n_samples,
            })
            .collect(),
    };
    toml::to_string(&out).map_err(io::Error::other)
}

fn model_out(model: &Model) -> ModelOut<'_> {
    let per_token = match model.compute {
        Some(Compute { flops, source: ComputeSource::PerToken }) => {
            model.tokens.and_then(|tokens| exact_quotient(flops.get(), tokens))
        }
        _ => None,
    };
    let active = match model.compute {
        Some(Compute { flops, source: ComputeSource::SixActive }) => {
            model.tokens.and_then(|tokens| exact_active(flops.get(), tokens))
        }
        _ => None,
    };
    let derived = per_token.is_some()
        || active.is_some()
        || model.compute.is_some_and(|compute| {
            let product = model.params.zip(model.tokens).map(|(n, d)| 6.0 * n * d);
            compute.source == ComputeSource::SixNd && product == Some(compute.flops.get())
        });
    ModelOut {
        name: &model.name,
        family: model.family.as_deref(),
        role: model.role,
        params: model.params,
        active_params: active,
        tokens: model.tokens,
        compute_flops: model.compute.filter(|_| !derived).map(|compute| compute.flops.get()),
        compute_per_token_flops: per_token,
        checkpoint: model.checkpoint,
        loss: model.loss,
    }
}

/// Active parameters `n` with `6 n tokens == flops` as the reader computes it, if there are any next to
/// the quotient.
fn exact_active(flops: f64, tokens: f64) -> Option<f64> {
    let n = flops / tokens / 6.0;
    let near =
        (-4_i32..=4).map(|ulps| f64::from_bits(n.to_bits().wrapping_add_signed(i64::from(ulps))));
    near.into_iter().find(|n| 6.0 * n * tokens == flops)
}

/// `q` with `q * divisor == product` in floating point, if there is one next to the quotient.
fn exact_quotient(product: f64, divisor: f64) -> Option<f64> {
    let q = product / divisor;
    [q, q.next_up(), q.next_down()].into_iter().find(|q| q * divisor == product)
}

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

fn write_samples(file: &File, study: &Study) -> io::Result<()> {
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
