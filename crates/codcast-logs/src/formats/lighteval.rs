//! Hugging Face lighteval: `details_<task>|<shots>_<time>.parquet` of three layouts, with
//! `results_<time>.json` in a tree of its own for the model's name, the metrics and the totals.
//!
//! Only the columns of metrics and ids are read. Rows are shuffled, and tasks that mix likelihoods and
//! generations have two rows a sample, each with nulls for the other's metrics.

mod cells;
mod metric;
mod settings;

use arrow_array::RecordBatch;
use hashbrown::HashMap;
use parquet::arrow::ProjectionMask;
use sha2::{Digest, Sha256};

use self::cells::{Layout, Metrics, texts};
use self::metric::{Summary, summary};
use self::settings::Settings;
use super::names;
use super::passes::Derived;
use super::{Format, Index, Part, Probe};
use crate::columns;
use crate::error::{At, Error, Result, shown};
use crate::partials::hex;
use crate::record::{Expected, IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, SampleKey, Sink};
use crate::source::Input;

pub(super) const FORMAT: Format =
    Format { name: "lighteval", recognise, index: settings::index, read };

const ROWS_AT_ONCE: usize = 1024;

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    if probe.outline.has(&["config_general", "results", "config_tasks"]) {
        return Some(Part::Index);
    }
    // The columns are described at a Parquet file's end, which is not looked at here.
    let file = probe.path.file_name();
    let details = file.starts_with("details_") && file.ends_with(".parquet");
    (details && probe.head.starts_with(b"PAR1")).then_some(Part::Samples)
}

fn read(input: Input<'_>, index: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let at = || At::whole(path.as_str());
    let table = columns::open(input.random_access()?, path.as_str())?;
    let layout = Layout::of(table.schema()).ok_or_else(|| {
        let columns: Vec<&str> = table.schema().fields().iter().map(|f| &**f.name()).collect();
        let found = shown(&columns.join(", "), 200);
        Error::refused(at(), format!("has columns {found}; lighteval's details have `metric` and `doc`, or `metrics` and `example`"))
    })?;
    let mask = ProjectionMask::columns(table.parquet_schema(), layout.columns().iter().copied());
    let table = table.with_projection(mask).with_batch_size(ROWS_AT_ONCE);
    let settings = Settings::of(&path, index);
    let mut details = Details {
        layout,
        settings,
        run: None,
        metrics: Vec::new(),
        seen: HashMap::new(),
        answers: 1,
        derived: Derived::new(),
    };
    let mut row = 0;
    for batch in columns::batches(table, path.as_str())? {
        let batch = batch?;
        details.add(&batch, row, path.as_str(), sink)?;
        row += batch.num_rows() as u64;
    }
    details.finish(path.as_str(), sink)
}

/// One file's metrics.
struct Details<'i> {
    layout: Layout,
    settings: Settings<'i>,
    run: Option<(RunKey, String)>,
    /// Names of metrics that samples have, as they came.
    metrics: Vec<String>,
    /// How often a metric was there for an example, where only the example's hash identifies it.
    seen: HashMap<(String, String), u64>,
    /// Most answers generated for a sample.
    answers: u64,
    /// Counts, where only pass@k is logged.
    derived: Derived,
}

impl Details<'_> {
    fn add(
        &mut self,
        batch: &RecordBatch,
        first: u64,
        file: &str,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let damaged =
            |message: String| Error::damaged(At::whole(file), "details of lighteval", message);
        let ids = texts(batch, self.layout.id()).map_err(&damaged)?;
        let tasks = match self.layout.task() {
            Some(column) => texts(batch, column).map_err(&damaged)?,
            None => vec![None; batch.num_rows()],
        };
        if let Some(column) = self.layout.answers() {
            let counts = texts(batch, column).map_err(&damaged)?;
            let counts = counts.iter().flatten().filter_map(|n| n.parse().ok());
            self.answers = counts.fold(self.answers, u64::max);
        }
        let metrics = Metrics::of(batch, self.layout).map_err(&damaged)?;
        for row in 0..batch.num_rows() {
            let at = || At::row(file, first + row as u64 + 1);
            let Some(id) = ids[row].as_deref().filter(|id| !id.is_empty()) else {
                sink.problem(Error::missing(at(), self.layout.id().join(".").as_str(), "a text"))?;
                continue;
            };
            let run = match &self.run {
                Some((run, _)) => *run,
                None => self.begin(tasks[row].as_deref(), file, sink)?,
            };
            match metrics.row(row) {
                Ok(values) => self.row(run, id, &values, sink, at)?,
                Err(found) => {
                    sink.problem(Error::field(at(), "metrics", &found, "numbers by metric"))?;
                }
            }
        }
        for name in metrics.not_numbers() {
            sink.note(format!("{} is not a number a sample: left out", shown(&name, 80)));
        }
        Ok(())
    }

    /// The run, when its task is known: by the first row, else by the file's name.
    fn begin(&mut self, task: Option<&str>, file: &str, sink: &mut Sink<'_>) -> Result<RunKey> {
        let named = names::lighteval_task(self.settings.file());
        let (task, n_shot) = match task {
            Some(task) if task.contains('|') => names::lighteval_shots(task),
            Some(task) => (task, named.and_then(|(_, shots)| shots)),
            None => named.ok_or_else(|| {
                let message = "this version names the task in the file's name only: details_TASK|SHOTS_TIME.parquet";
                Error::refused(At::whole(file), message)
            })?,
        };
        let key = n_shot.map_or_else(|| task.to_owned(), |shots| format!("{task}|{shots}"));
        let (model, model_source) = self.settings.model().ok_or_else(|| {
            let message = "no model: give the whole output folder, with results/ and details/";
            Error::refused(At::whole(file), message)
        })?;
        let run = sink.run(Run {
            model,
            model_source,
            task: task.to_owned(),
            n_shot,
            ids: if self.layout.has_ids() { IdKind::Index } else { IdKind::Hash },
            time: self.settings.time(),
            decoding: self.settings.decoding(),
            ..Run::default()
        });
        self.run = Some((run, key));
        Ok(run)
    }

    fn row(
        &mut self,
        run: RunKey,
        id: &str,
        values: &[(&str, f64)],
        sink: &mut Sink<'_>,
        at: impl Fn() -> At,
    ) -> Result<()> {
        let mut passes: Vec<(u64, u64, f64)> = Vec::new();
        let mut counted = false;
        if values.is_empty() || self.layout.has_ids() {
            // Also where nothing is scored.
            self.sample(run, "", id, sink);
        }
        for (name, value) in values {
            let score = match summary(name) {
                Summary::Mean { n } => {
                    counted = true;
                    count(n, *value)
                }
                Summary::PassAtK { n, k } => {
                    passes.push((n, k, *value));
                    Score::Measured(*value)
                }
                Summary::Vote | Summary::Best | Summary::Plain => Score::Trial(*value),
            };
            self.score(run, name, id, score, sink, &at)?;
        }
        if counted {
            self.derived.is_logged();
        }
        // pass@k alone still tells the count, if k is small enough.
        if let (false, Some((n, ..))) = (counted, passes.first()) {
            let of_n: Vec<(u64, f64)> =
                passes.iter().filter(|(m, ..)| m == n).map(|(_, k, value)| (*k, *value)).collect();
            let sample = self.sample(run, COUNTED, id, sink);
            self.derived.add(sample, Some(*n), &of_n);
        }
        Ok(())
    }

    fn score(
        &mut self,
        run: RunKey,
        name: &str,
        id: &str,
        score: Score,
        sink: &mut Sink<'_>,
        at: impl Fn() -> At,
    ) -> Result<()> {
        if !self.metrics.iter().any(|seen| seen == name) {
            self.metrics.push(name.to_owned());
        }
        let series = sink.series(run, &MetricName::new(name, None));
        let sample = self.sample(run, name, id, sink);
        sink.score(series, sample, Some(0), score, at)
    }

    /// The sample of a row: by its id, else by the hash of the example.
    fn sample(&mut self, run: RunKey, metric: &str, id: &str, sink: &mut Sink<'_>) -> SampleKey {
        if self.layout.has_ids() {
            return sink.sample(run, id);
        }
        // The same example again is another sample of the data set, not a repeat.
        let id = hash(id);
        let times = self.seen.entry((metric.to_owned(), id.clone())).or_default();
        *times += 1;
        let id = if *times == 1 { id } else { format!("{id}-{times}") };
        sink.sample(run, id)
    }

    /// The order of metrics and the harness's totals.
    fn finish(mut self, file: &str, sink: &mut Sink<'_>) -> Result<()> {
        let Some((run, task)) = &self.run else { return Ok(()) };
        // A null is of another row of the sample, where tasks are mixed; else it is not scored.
        sink.rest_is_unscored(*run);
        let counted = MetricName::new(COUNTED, None);
        if self.derived.finish(*run, &counted, sink, || At::whole(file))? {
            self.metrics.push(COUNTED.to_owned());
        }
        let several = self.answers > 1
            || self.metrics.iter().any(|m| !matches!(summary(m), Summary::Plain | Summary::Vote));
        let (headline, unfit) = self.settings.headline(task, &self.metrics, several);
        sink.run_mut(*run).headline = headline;
        sink.run_mut(*run).unfit = unfit;
        if several && self.metrics.iter().any(|metric| summary(metric) == Summary::Plain) {
            sink.note("several answers a sample: metrics without @ take the best of them, not the pass rate, \
                 and stand for a task only on demand (--metric)");
        }
        let samples = self.settings.n_samples(task);
        for metric in &self.metrics {
            if let Some(mean) = self.settings.total(task, metric) {
                let series = sink.series(*run, &MetricName::new(metric, None));
                sink.expect(series, Expected { samples, ..Expected::mean(mean) });
            }
        }
        Ok(())
    }
}

/// What the count that is derived from pass@k is called.
const COUNTED: &str = "pass@1 (from pass@k)";

/// A mean of n graded answers as their sum; the rounding of the mean is undone for whole sums.
fn count(n: u64, mean: f64) -> Score {
    let sum = mean * n as f64;
    let correct = if (sum - sum.round()).abs() < 1e-6 { sum.round() } else { sum };
    u32::try_from(n).map_or(Score::Measured(mean), |trials| Score::Trials { trials, correct })
}

/// The first 16 digits of SHA-256. (lighteval's own hash, xxh64, is not stored a row.)
fn hash(example: &str) -> String {
    hex(&Sha256::digest(example.as_bytes())[..8])
}
