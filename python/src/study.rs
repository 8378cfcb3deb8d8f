//! A study and the questions to it. Answers are the JSON of the command.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use codcast::backtest::{BacktestConfig, Forgetful};
use codcast::engines::{Engine, all, by_name, by_names};
use codcast::evals::{self, Role};
use codcast::forecast::Wanted;
use codcast::passrate::{self, Ladder, Target};
use codcast::{Config, Flops};
use codcast_cli::answer::{self, WithInputs};
use codcast_ingest::{About, InputFile, Loaded, Models};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use serde::Serialize;

use crate::errors;
use crate::frame::{ModelsArg, Samples};
use crate::work::{Shared, Stoppable, run};

/// A study, shared with the threads that work on it.
#[pyclass(frozen, module = "codcast._native")]
pub(crate) struct Study {
    study: Arc<evals::Study>,
    about: About,
    inputs: Vec<InputFile>,
    rows: u64,
    notes: Vec<(&'static str, String)>,
}

impl Study {
    pub(crate) fn new(loaded: Loaded) -> Self {
        let Loaded { study, about, inputs, rows, notes, .. } = loaded;
        let notes = notes.iter().map(|note| (note.code(), note.to_string())).collect();
        Self { study: Arc::new(study), about, inputs, rows, notes }
    }

    /// A study that was read from no folder.
    pub(crate) fn of_logs(study: evals::Study, about: About, notes: Vec<String>) -> Self {
        let outcomes = study.tasks.iter().flat_map(|task| &task.runs).flat_map(|run| &run.outcomes);
        let rows = outcomes.filter(|outcome| outcome.rate().is_some()).count() as u64;
        let notes = notes.into_iter().map(|note| ("logs", note)).collect();
        Self { study: Arc::new(study), about, inputs: Vec::new(), rows, notes }
    }

    /// What was read.
    pub(crate) fn values(&self) -> &Arc<evals::Study> {
        &self.study
    }

    /// The files it was read from.
    pub(crate) fn inputs(&self) -> &[InputFile] {
        &self.inputs
    }

    fn with_inputs<T: Serialize>(&self, py: Python<'_>, result: T) -> PyResult<String> {
        json(py, &WithInputs { result, inputs: &self.inputs })
    }
}

pub(crate) fn json<T: Serialize>(py: Python<'_>, answer: &T) -> PyResult<String> {
    serde_json::to_string(answer).map_err(|error| errors::internal(py, &error.to_string()))
}

/// Settings from the JSON of a part of them; checked.
pub(crate) fn settings(py: Python<'_>, text: &str) -> PyResult<Config> {
    let config: Config = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let what = message.rsplit_once(" at line").map_or(message.as_str(), |(what, _)| what);
        errors::input(py, "bad_setting", &format!("config: {what}"))
    })?;
    config.validate().map_err(|error| errors::core(py, &error))?;
    Ok(config)
}

#[pymethods]
impl Study {
    /// Reads a study folder.
    #[staticmethod]
    fn from_dir(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let loaded = run(py, &Arc::default(), None, move |_| codcast_ingest::read_study(&path))?;
        loaded.map(Self::new).map_err(|error| errors::ingest(py, &error))
    }

    /// Joins a table of samples and a description of the models.
    #[staticmethod]
    fn from_frame(
        py: Python<'_>,
        samples: &Bound<'_, PyAny>,
        models: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let Samples { schema, batches } = Samples::of(samples)?;
        let models = ModelsArg::of(models)?;
        let loaded = run(py, &Arc::default(), None, move |shared| {
            let models = match &models {
                ModelsArg::File(path) => Models::File(path),
                ModelsArg::Values(values) => Models::Values(values),
            };
            codcast_ingest::read_frame(models, &schema, batches, &shared.stop)
        })?;
        match loaded {
            Ok(Some(loaded)) => Ok(Self::new(loaded)),
            Ok(None) => Err(errors::internal(py, "reading was stopped by nobody")),
            Err(error) => Err(errors::ingest(py, &error)),
        }
    }

    /// The embedded study.
    #[staticmethod]
    fn demo(py: Python<'_>) -> PyResult<Self> {
        let loaded = codcast_cli::demo_study();
        loaded.map(Self::new).map_err(|error| errors::ingest(py, &error))
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        &self.study.name
    }

    /// Names of its tasks, sorted.
    #[getter]
    fn tasks(&self) -> Vec<&str> {
        self.study.tasks.iter().map(|task| task.name.as_str()).collect()
    }

    /// `(name, role, compute in FLOPs, if known)` of its models, in the study's order.
    #[getter]
    fn models(&self) -> Vec<(&str, &'static str, Option<f64>)> {
        let role = |role| match role {
            Role::Ladder => "ladder",
            Role::Target => "target",
            Role::Anchor => "anchor",
            Role::Ignore => "ignore",
        };
        let models = self.study.models.iter();
        models.map(|m| (m.name.as_str(), role(m.role), m.compute.map(|c| c.flops.get()))).collect()
    }

    /// Rows of its table of samples.
    #[getter]
    fn rows(&self) -> u64 {
        self.rows
    }

    /// `(code, message)` of what was odd.
    #[getter]
    fn notes(&self) -> Vec<(&'static str, String)> {
        self.notes.clone()
    }

    /// Writes a study folder.
    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let (study, about) = (Arc::clone(&self.study), self.about.clone());
        let written = run(py, &Arc::default(), None, move |_| {
            codcast_ingest::write_study(&path, &study, &about)
        })?;
        written.map_err(|error| errors::ingest(py, &error))
    }

    /// `(sample ids, models, compute [rung], rates [sample][rung])` of a task.
    #[expect(clippy::type_complexity, reason = "a tuple for the Python side to name")]
    fn pass_rates<'py>(
        &self,
        py: Python<'py>,
        task: String,
        config: &str,
    ) -> PyResult<(Vec<String>, Vec<String>, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>)>
    {
        let config = settings(py, config)?;
        let study = Arc::clone(&self.study);
        let found = run(py, &Arc::default(), None, move |_| -> codcast::Result<_> {
            let index = study.task(&task)?;
            let rungs: Vec<usize> = study.with_role(Role::Ladder).collect();
            let anchors = passrate::anchors_of(&study, &config.data);
            let mut ladder = Ladder::build(&study, &rungs, &anchors, &config.data)?;
            Ok(ladder.tasks.swap_remove(index))
        })?;
        let found = found.map_err(|error| errors::core(py, &error))?;
        let compute: Vec<f64> = found.compute().into_iter().map(Flops::get).collect();
        let shape = [found.rates.n_samples(), found.rungs.len()];
        let rates = found.rates.as_slice().to_vec().into_pyarray(py).reshape(shape)?;
        Ok((
            found.samples.iter().map(ToString::to_string).collect(),
            found.rungs.into_iter().map(|rung| rung.model).collect(),
            compute.into_pyarray(py),
            rates,
        ))
    }

    fn check(&self, py: Python<'_>, config: &str) -> PyResult<String> {
        let config = settings(py, config)?;
        let study = Arc::clone(&self.study);
        let answer = run(py, &Arc::default(), None, move |_| {
            codcast::check::check(&study, &config).map(|check| answer::Check::new(check, config))
        })?;
        self.with_inputs(py, answer.map_err(|error| errors::core(py, &error))?)
    }

    fn clusters(&self, py: Python<'_>, tasks: Vec<String>, config: &str) -> PyResult<String> {
        let config = settings(py, config)?;
        let study = Arc::clone(&self.study);
        let answer = run(py, &Arc::default(), None, move |_| {
            codcast::difficulty::difficulty(&study, &tasks, None, &config)
        })?;
        self.with_inputs(py, answer.map_err(|error| errors::core(py, &error))?)
    }

    #[expect(clippy::too_many_arguments, reason = "keyword arguments of the Python side")]
    fn forecast(
        &self,
        py: Python<'_>,
        target: Option<String>,
        compute: Option<f64>,
        params: Option<f64>,
        tokens: Option<f64>,
        engine: &str,
        level: f64,
        config: &str,
    ) -> PyResult<String> {
        let config = settings(py, config)?;
        share(py, "level", level)?;
        let engine = by_name(engine).map_err(|error| errors::core(py, &error))?;
        let wanted = match (target, compute) {
            (Some(name), _) => Wanted::Model(name),
            (None, Some(flops)) => {
                let compute = Flops::new(flops).map_err(|error| errors::core(py, &error))?;
                Wanted::Size(Target { model: None, compute, params, tokens })
            }
            (None, None) => Wanted::Targets,
        };
        let study = Arc::clone(&self.study);
        let answer = run(py, &Arc::default(), None, move |_| {
            codcast::forecast::forecast(&study, engine.as_ref(), &wanted, level, &config)
        })?;
        self.with_inputs(py, &answer.map_err(|error| errors::core(py, &error))?)
    }
}

/// Backtests the engines, all where none is named, on the studies.
///
/// `progress(done, total)` is called now and then.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of the Python side")]
pub(crate) fn backtest(
    py: Python<'_>,
    studies: Vec<PyRef<'_, Study>>,
    engines: Vec<String>,
    min_factor: f64,
    min_rungs: usize,
    level: f64,
    config: &str,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    let config = settings(py, config)?;
    let settings = BacktestConfig { min_factor, min_rungs, level, ..BacktestConfig::default() };
    settings.validate().map_err(|error| errors::core(py, &error))?;
    let chosen = if engines.is_empty() { Ok(all()) } else { by_names(&engines) };
    let chosen = chosen.map_err(|error| errors::core(py, &error))?;
    let shared = Arc::new(Shared::default());
    let stoppable =
        |engine| -> Box<dyn Engine> { Box::new(Stoppable { engine, shared: Arc::clone(&shared) }) };
    let chosen: Vec<Box<dyn Engine>> = chosen.into_iter().map(stoppable).collect();
    let inputs: Vec<InputFile> = studies.iter().flat_map(|s| s.inputs.iter().cloned()).collect();
    let studies: Vec<evals::Study> = studies.iter().map(|s| (*s.study).clone()).collect();
    let (result, config) = run(py, &shared, progress, move |shared| {
        let tick = |done: usize, total: usize| {
            shared.done.fetch_max(done as u64, Ordering::Relaxed);
            shared.total.store(total as u64, Ordering::Relaxed);
        };
        let result =
            codcast::backtest::backtest(&studies, &chosen, &settings, &config, &Forgetful, &tick);
        (result, config)
    })?;
    json(py, &answer::Backtested::new(&result, &config, &inputs))
}

/// The engines.
#[pyfunction]
pub(crate) fn engines(py: Python<'_>) -> PyResult<String> {
    json(py, &answer::Engines::all())
}

/// The page of a forecast's or a backtest's JSON.
#[pyfunction]
pub(crate) fn report(py: Python<'_>, json: String) -> PyResult<String> {
    let page = run(py, &Arc::default(), None, move |_| codcast_report::report(&json))?;
    page.map_err(|error| errors::report(py, &error))
}

/// A setting that is a share, strictly between 0 and 1.
pub(crate) fn share(py: Python<'_>, name: &str, value: f64) -> PyResult<()> {
    if value > 0.0 && value < 1.0 {
        return Ok(());
    }
    let message = format!("{name} is {value}; expected a number between 0 and 1");
    Err(errors::input(py, "bad_setting", &message))
}
