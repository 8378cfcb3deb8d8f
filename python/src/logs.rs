//! Evaluation logs into counts, and counts into a study.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow_array::RecordBatch;
use codcast_cli::answer;
use codcast_logs::{
    Error, Folder, Ingested, MetricChoice, Models, Options, Reading, Repeats, assemble, glob,
    log_files as list_files, partials_of_lines, partials_schema, partials_with_progress,
    total_bytes, whole_of_pieces,
};
use pyo3::prelude::*;
use pyo3_arrow::PyTable;

use crate::errors;
use crate::frame::ModelsArg;
use crate::study::Study;
use crate::work::{Shared, run};

/// Counts read from logs, before the choice of a metric.
#[pyclass(frozen, module = "codcast._native")]
pub(crate) struct Partials(Arc<codcast_logs::Partials>);

#[pymethods]
impl Partials {
    /// Reads logs. `progress(done, total)`, in bytes, is called now and then.
    #[staticmethod]
    fn read(
        py: Python<'_>,
        paths: Vec<PathBuf>,
        strict: bool,
        partial_as: f64,
        columns: Vec<(String, String)>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        if !(0.0..=1.0).contains(&partial_as) {
            let message = format!("partial_as is {partial_as}; expected a number from 0 to 1");
            return Err(errors::input(py, "bad_setting", &message));
        }
        let reading = Reading { strict, partial_as, columns };
        let read = run(py, &Arc::default(), progress, move |shared: &Shared| {
            // Every file is looked at before it is read.
            shared.total.store(2 * total_bytes(&paths)?, Ordering::Relaxed);
            partials_with_progress(&paths, &reading, &shared.done)
        })?;
        read.map(|read| Self(Arc::new(read))).map_err(|error| errors::logs(py, &error))
    }

    /// Reads the lines of one file that begin in a range of bytes; nothing where its format cannot be
    /// read so.
    #[staticmethod]
    fn read_lines(
        py: Python<'_>,
        path: PathBuf,
        start: u64,
        end: u64,
        columns: Vec<(String, String)>,
    ) -> PyResult<Option<Self>> {
        let reading = Reading { columns, ..Reading::default() };
        let read = run(py, &Arc::default(), None, move |_: &Shared| {
            partials_of_lines(&path, start..end, &reading)
        })?;
        read.map(|read| read.map(|read| Self(Arc::new(read))))
            .map_err(|error| errors::logs(py, &error))
    }

    /// Puts together what `read_lines` gave, in the order of the file; nothing where the file must be
    /// read in one go.
    #[staticmethod]
    fn join_lines(py: Python<'_>, path: PathBuf, tables: Vec<PyTable>) -> PyResult<Option<Self>> {
        let joined = run(py, &Arc::default(), None, move |_: &Shared| {
            let piece =
                |table: PyTable| codcast_logs::Partials::from_batches(&table.into_inner().0);
            let pieces = tables.into_iter().map(piece).collect::<codcast_logs::Result<_>>()?;
            whole_of_pieces(&path, pieces)
        })?;
        joined
            .map(|joined| joined.map(|joined| Self(Arc::new(joined))))
            .map_err(|error| errors::logs(py, &error))
    }

    /// Of tables that others sent, or of other partials; what came twice counts once.
    #[staticmethod]
    fn merge(py: Python<'_>, tables: Vec<PyTable>) -> PyResult<Self> {
        let batches: Vec<RecordBatch> =
            tables.into_iter().flat_map(|table| table.into_inner().0).collect();
        let merged = run(py, &Arc::default(), None, move |_| {
            codcast_logs::Partials::from_batches(&batches)
        })?;
        merged.map(|merged| Self(Arc::new(merged))).map_err(|error| errors::logs(py, &error))
    }

    /// As an Arrow table of the schema `codcast.partials/1`.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let batches = self.0.to_batches().map_err(|error| errors::logs(py, &error))?;
        let table = Bound::new(py, PyTable::try_new(batches, partials_schema())?)?;
        table.call_method1("__arrow_c_stream__", (requested_schema,))
    }

    /// Runs (model, task, file) that were read.
    #[getter]
    fn runs(&self) -> usize {
        self.0.runs()
    }

    /// `(path, fate, reason)` of every file.
    #[getter]
    fn files(&self) -> Vec<(String, &'static str, Option<String>)> {
        let files = self.0.files.iter().map(answer::LogFile::of);
        files.map(|f| (f.path.to_owned(), f.fate, f.reason.map(ToOwned::to_owned))).collect()
    }

    /// What could not be read.
    #[getter]
    fn problems(&self) -> Vec<String> {
        self.0.problems.iter().map(ToString::to_string).collect()
    }
}

/// The files that reading these sources goes through, by name, with their bytes.
#[pyfunction]
pub(crate) fn log_files(py: Python<'_>, paths: Vec<PathBuf>) -> PyResult<Vec<(PathBuf, u64)>> {
    list_files(&paths).map_err(|error| errors::logs(py, &error))
}

/// The models, of what was given or of the folder that logs go into.
fn models(given: Option<ModelsArg>) -> codcast_logs::Result<Option<Models>> {
    match given {
        None => Ok(None),
        Some(ModelsArg::Values(values)) => Models::from_values(&values).map(Some),
        Some(ModelsArg::File(path)) => {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(&path).map_err(|source| Error::Io {
                action: "read",
                path: shown.clone().into(),
                source,
            })?;
            Models::parse(&text, &shown).map(Some)
        }
    }
}

fn options(
    verify: bool,
    metrics: &[String],
    filters: &[String],
    tasks: &[String],
    repeats: &str,
    errors_as_wrong: bool,
) -> codcast_logs::Result<Options> {
    let globs =
        |texts: &[String]| texts.iter().map(|t| glob(t)).collect::<codcast_logs::Result<Vec<_>>>();
    Ok(Options {
        verify,
        metrics: metrics.iter().map(|t| MetricChoice::parse(t)).collect::<Result<_, _>>()?,
        filters: globs(filters)?,
        tasks: globs(tasks)?,
        repeats: match repeats {
            "auto" => Repeats::Auto,
            "pool" => Repeats::Pool,
            "newest" => Repeats::Newest,
            other => {
                let message = format!("repeats is {other:?}; expected auto, pool or newest");
                return Err(Error::Setting { message: message.into() });
            }
        },
        errors_as_wrong,
    })
}

/// What the work gives: the study and how it was made, or nothing where it was stopped.
type Made = codcast_logs::Result<Option<(Study, String, bool)>>;

/// `(study, what was made of the logs as JSON)`; with `output`, a study folder that logs are added to.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of the Python side")]
pub(crate) fn ingest(
    py: Python<'_>,
    partials: PyRef<'_, Partials>,
    models: Option<&Bound<'_, PyAny>>,
    output: Option<PathBuf>,
    verify: bool,
    metrics: Vec<String>,
    filters: Vec<String>,
    tasks: Vec<String>,
    repeats: &str,
    errors_as_wrong: bool,
) -> PyResult<(Study, String)> {
    let options = options(verify, &metrics, &filters, &tasks, repeats, errors_as_wrong)
        .map_err(|error| errors::logs(py, &error))?;
    let given = models.map(ModelsArg::of).transpose()?;
    let read = Arc::clone(&partials.0);
    let made: Made = run(py, &Arc::default(), None, move |shared: &Shared| {
        make(&read, given, output, &options, shared)
    })?;
    match made.map_err(|error| errors::logs(py, &error))? {
        Some((study, answer, true)) => Ok((study, answer)),
        Some((_, message, false)) => Err(errors::nothing(py, &message)),
        None => Err(errors::internal(py, "ingesting was stopped by nobody")),
    }
}

fn make(
    read: &codcast_logs::Partials,
    given: Option<ModelsArg>,
    output: Option<PathBuf>,
    options: &Options,
    shared: &Shared,
) -> Made {
    let given = models(given)?;
    let missing = || Error::Setting {
        message: "models is missing: it says what the models are (name, role, parameters, tokens)"
            .into(),
    };
    let Some(output) = output else {
        let models = given.ok_or_else(missing)?;
        let mut made = assemble(read, &models, options)?;
        made.summary.notes.extend(models.notes.iter().map(ToString::to_string));
        let (answer, whole) = answer_of(&made, read, None);
        let Ingested { study, about, summary, .. } = made;
        return Ok(Some((Study::of_logs(study, about, summary.notes), answer, whole)));
    };
    let mut folder = Folder::open(&output)?;
    let models = given.or_else(|| folder.models.take()).ok_or_else(missing)?;
    // A copy: the folder takes what it is given.
    let copy = codcast_logs::Partials::from_batches(&read.to_batches()?)?;
    // Whoever pressed Ctrl-C wants no folder any more.
    if shared.stop.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let (made, _) = folder.add(&output, copy, &models, options)?;
    let (answer, whole) = answer_of(&made, read, Some(output.display().to_string()));
    if !whole {
        let study = Study::of_logs(made.study, made.about, Vec::new());
        return Ok(Some((study, answer, false)));
    }
    Ok(Some((Study::new(codcast_ingest::read_study(&output)?), answer, true)))
}

/// The answer of the command; or, and false, why there is none.
fn answer_of(
    made: &Ingested,
    read: &codcast_logs::Partials,
    folder: Option<String>,
) -> (String, bool) {
    let mut files = read.files.clone();
    made.correct(&mut files);
    if made.study.tasks.is_empty() {
        return (answer::nothing_to_ingest(&made.summary, &files), false);
    }
    let errors = read.problems.len() + made.problems.len();
    let answer = answer::Ingestion::new(folder, &made.summary, &files, errors);
    match serde_json::to_string(&answer) {
        Ok(text) => (text, true),
        Err(error) => (error.to_string(), false),
    }
}
