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

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, Int32Builder, Int64Builder, StringBuilder};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array as _, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::partials::{Cell, Checks, FileReport, Partials, RunScores, Series};
use crate::record::{Expected, MetricName, Run};

/// Rows of a batch: enough for speed, few enough for engines that hold several.
const ROWS: usize = 1 << 16;

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

struct Builders<'e> {
    /// Takes the batches.
    each: &'e mut dyn FnMut(RecordBatch) -> Result<()>,
    /// Whether it has taken any.
    any: bool,
    rows: usize,
    text: [StringBuilder; 4],
    small: [Int32Builder; 5],
    trials: Int64Builder,
    sum: Float64Builder,
}

impl<'e> Builders<'e> {
    fn new(each: &'e mut dyn FnMut(RecordBatch) -> Result<()>) -> Self {
        Self {
            each,
            any: false,
            rows: 0,
            text: Default::default(),
            small: Default::default(),
            trials: Int64Builder::default(),
            sum: Float64Builder::default(),
        }
    }

    fn push_runs(&mut self, runs: &[RunScores]) -> Result<()> {
        let mut n_of_file: BTreeMap<&str, usize> = BTreeMap::new();
        for scores in runs {
            let n = n_of_file.entry(&scores.file).or_default();
            self.push_run(scores, *n)?;
            *n += 1;
        }
        Ok(())
    }

    fn push_run(&mut self, scores: &RunScores, n: usize) -> Result<()> {
        let (file, task) = (Some(&*scores.file), Some(scores.run.task.as_str()));
        let base = Row { file, task, run: Some(n), ..Row::default() };
        let about = AboutRun {
            run: scores.run.clone(),
            hash: scores.hash.clone(),
            whole: scores.whole,
            checks: scores.checks,
        };
        self.push(&Row { kind: "run", about: Some(&json(&about)?), ..base.clone() })?;
        for (sample, id) in scores.samples.iter().enumerate() {
            let (sample, about) = (Some(sample), Some(&**id));
            self.push(&Row { kind: "sample", sample, about, ..base.clone() })?;
        }
        for (n, series) in scores.series.iter().enumerate() {
            let about = AboutSeries {
                name: series.name.clone(),
                graded: series.graded,
                measured: series.measured,
                lowest: series.lowest.is_finite().then_some(series.lowest),
                highest: series.highest.is_finite().then_some(series.highest),
                expected: series.expected,
            };
            let base = Row { series: Some(n), ..base.clone() };
            self.push(&Row { kind: "series", about: Some(&json(&about)?), ..base.clone() })?;
            for (sample, cell) in series.cells.iter().enumerate() {
                if *cell == Cell::default() {
                    continue;
                }
                self.push(&Row {
                    kind: "cell",
                    sample: Some(sample),
                    trials: Some(cell.trials.into()),
                    sum: Some(cell.sum),
                    errors: Some(cell.errors),
                    unscored: Some(cell.unscored),
                    ..base.clone()
                })?;
            }
        }
        Ok(())
    }

    fn push(&mut self, row: &Row<'_>) -> Result<()> {
        let text = [Some(row.kind), row.file, row.task, row.about];
        for (builder, value) in self.text.iter_mut().zip(text) {
            builder.append_option(value);
        }
        let number = |n: Option<usize>| {
            n.map(i32::try_from).transpose().map_err(|_| bad("over 2^31 samples in a file"))
        };
        let small = [
            number(row.run)?,
            number(row.series)?,
            number(row.sample)?,
            row.errors.map(i32::from),
            row.unscored.map(i32::from),
        ];
        for (builder, value) in self.small.iter_mut().zip(small) {
            builder.append_option(value);
        }
        self.trials.append_option(row.trials.and_then(|n| i64::try_from(n).ok()));
        self.sum.append_option(row.sum);
        self.rows += 1;
        if self.rows == ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let [kind, file, task, about] = self.text.each_mut().map(StringBuilder::finish);
        let [run, series, sample, errors, unscored] =
            self.small.each_mut().map(Int32Builder::finish);
        let batch = RecordBatch::try_new(
            partials_schema(),
            vec![
                Arc::new(kind),
                Arc::new(file),
                Arc::new(task),
                Arc::new(run),
                Arc::new(series),
                Arc::new(sample),
                Arc::new(about),
                Arc::new(self.trials.finish()),
                Arc::new(self.sum.finish()),
                Arc::new(errors),
                Arc::new(unscored),
            ],
        );
        self.rows = 0;
        self.any = true;
        (self.each)(batch.map_err(|error| bad(&error.to_string()))?)
    }

    fn finish(mut self) -> Result<()> {
        if self.rows > 0 || !self.any { self.flush() } else { Ok(()) }
    }
}

/// A batch's columns, cast to the types of the schema: engines return their own kinds of text.
struct Columns {
    text: [arrow_array::StringArray; 4],
    small: [arrow_array::Int32Array; 5],
    trials: arrow_array::Int64Array,
    sum: arrow_array::Float64Array,
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Self> {
        let column = |name: &str, kind: DataType| {
            let found = batch.column_by_name(name);
            let found = found.ok_or_else(|| bad(&format!("no column {name:?}")))?;
            arrow_cast::cast(found, &kind)
                .map_err(|error| bad(&format!("column {name:?}: {error}")))
        };
        let text = |name| Ok::<_, Error>(column(name, DataType::Utf8)?.as_string::<i32>().clone());
        let small = |name| {
            Ok::<_, Error>(column(name, DataType::Int32)?.as_primitive::<Int32Type>().clone())
        };
        Ok(Self {
            text: [text("kind")?, text("file")?, text("task")?, text("about")?],
            small: [
                small("run")?,
                small("series")?,
                small("sample")?,
                small("errors")?,
                small("unscored")?,
            ],
            trials: column("trials", DataType::Int64)?.as_primitive::<Int64Type>().clone(),
            sum: column("sum", DataType::Float64)?.as_primitive::<Float64Type>().clone(),
        })
    }

    fn row(&self, at: usize) -> Result<Row<'_>> {
        let [kind, file, task, about] =
            self.text.each_ref().map(|array| array.is_valid(at).then(|| array.value(at)));
        let [run, series, sample, errors, unscored] =
            self.small.each_ref().map(|array| array.is_valid(at).then(|| array.value(at)));
        let index = |n: Option<i32>| {
            n.map(usize::try_from).transpose().map_err(|_| bad("a negative number"))
        };
        let count = |n: Option<i32>| {
            n.map(u16::try_from).transpose().map_err(|_| bad("a count out of range"))
        };
        let trials = self.trials.is_valid(at).then(|| u64::try_from(self.trials.value(at)));
        Ok(Row {
            kind: kind.ok_or_else(|| bad("a row without kind"))?,
            file,
            task,
            run: index(run)?,
            series: index(series)?,
            sample: index(sample)?,
            about,
            trials: trials.transpose().map_err(|_| bad("a negative count"))?,
            sum: self.sum.is_valid(at).then(|| self.sum.value(at)),
            errors: count(errors)?,
            unscored: count(unscored)?,
        })
    }
}

/// Rows by what they are about, until all have come.
#[derive(Default)]
struct Gathered {
    files: BTreeMap<String, FileReport>,
    problems: BTreeMap<(String, usize), String>,
    runs: BTreeMap<(Box<str>, usize), Scores>,
}

#[derive(Default)]
struct Scores {
    about: Option<String>,
    samples: BTreeMap<usize, Box<str>>,
    series: BTreeMap<usize, (Option<String>, BTreeMap<usize, Cell>)>,
}

impl Gathered {
    fn take(&mut self, row: &Row<'_>, out: &mut Partials) -> Result<()> {
        let needs = |what: &str| bad(&format!("a row of kind {:?} without {what}", row.kind));
        let file = || row.file.ok_or_else(|| needs("file"));
        let about = || row.about.ok_or_else(|| needs("about"));
        match row.kind {
            "file" => {
                let report: FileReport =
                    serde_json::from_str(about()?).map_err(|error| bad(&error.to_string()))?;
                once(&mut self.files, file()?.to_owned(), report)
            }
            "problem" => {
                let key = (row.file.unwrap_or_default().to_owned(), row.run.unwrap_or_default());
                once(&mut self.problems, key, about()?.to_owned())
            }
            "note" => {
                let files = out.notes.entry(about()?.to_owned()).or_default();
                let file: Box<str> = file()?.into();
                if !files.contains(&file) {
                    files.push(file);
                }
                Ok(())
            }
            "run" | "series" | "sample" | "cell" => self.take_score(row),
            other => Err(bad(&format!("kind {:?}", crate::shown(other, 40)))),
        }
    }

    fn take_score(&mut self, row: &Row<'_>) -> Result<()> {
        let needs = |what: &str| bad(&format!("a row of kind {:?} without {what}", row.kind));
        let file = row.file.ok_or_else(|| needs("file"))?;
        let n = row.run.ok_or_else(|| needs("run"))?;
        let run = self.runs.entry((file.into(), n)).or_default();
        let about = || row.about.ok_or_else(|| needs("about"));
        let sample = || row.sample.ok_or_else(|| needs("sample"));
        match row.kind {
            "run" => return agree(&mut run.about, about()?),
            "sample" => return once(&mut run.samples, sample()?, about()?.into()),
            _ => {}
        }
        let (meta, cells) =
            run.series.entry(row.series.ok_or_else(|| needs("series"))?).or_default();
        if row.kind == "series" {
            return agree(meta, about()?);
        }
        let cell = Cell {
            sum: row.sum.ok_or_else(|| needs("sum"))?,
            trials: row
                .trials
                .and_then(|n| u32::try_from(n).ok())
                .ok_or_else(|| needs("a valid number of trials"))?,
            errors: row.errors.unwrap_or_default(),
            unscored: row.unscored.unwrap_or_default(),
        };
        once(cells, sample()?, cell)
    }

    fn into_partials(self, out: &mut Partials) -> Result<()> {
        out.files = self.files.into_values().collect();
        out.files.sort_by(|a, b| a.path.cmp(&b.path));
        out.problems = self
            .problems
            .into_iter()
            .map(|((file, _), message)| Error::Elsewhere {
                file: file.into(),
                message: message.into(),
            })
            .collect();
        for files in out.notes.values_mut() {
            files.sort();
        }
        for ((file, _), run) in self.runs {
            out.runs.push(run.into_scores(&file)?);
        }
        Ok(())
    }
}

impl Scores {
    fn into_scores(self, file: &str) -> Result<RunScores> {
        let parse = |error: serde_json::Error| bad(&error.to_string());
        let about = self.about.ok_or_else(|| bad("scores of a run that has no row of its own"))?;
        let AboutRun { run, hash, whole, checks } = serde_json::from_str(&about).map_err(parse)?;
        let mut scores = RunScores::new(run, file);
        (scores.hash, scores.whole, scores.checks) = (hash, whole, checks);
        let complete = self.samples.keys().copied().eq(0..self.samples.len());
        if !complete {
            return Err(bad("samples of a run are missing; were all rows of its file kept?"));
        }
        scores.samples = self.samples.into_values().collect();
        for (about, cells) in self.series.into_values() {
            let about =
                about.ok_or_else(|| bad("scores of a series that has no row of its own"))?;
            let about: AboutSeries = serde_json::from_str(&about).map_err(parse)?;
            let mut series = Series::new(about.name);
            (series.graded, series.measured) = (about.graded, about.measured);
            (series.lowest, series.highest) =
                (about.lowest.unwrap_or(series.lowest), about.highest.unwrap_or(series.highest));
            series.expected = about.expected;
            if let Some((&last, _)) = cells.last_key_value() {
                if last >= scores.samples.len() {
                    return Err(bad("a score of a sample that has no row of its own"));
                }
                series.cells = vec![Cell::default(); last + 1];
            }
            for (sample, cell) in cells {
                series.cells[sample] = cell;
            }
            scores.series.push(series);
        }
        Ok(scores)
    }
}

/// Remembers a value; the same one again is fine, since engines repeat work.
fn once<K: Ord, V: PartialEq>(map: &mut BTreeMap<K, V>, key: K, value: V) -> Result<()> {
    match map.get(&key) {
        None => {
            map.insert(key, value);
            Ok(())
        }
        Some(known) if *known == value => Ok(()),
        Some(_) => Err(bad("two rows contradict each other: did a file change while it was read?")),
    }
}

fn agree(known: &mut Option<String>, value: &str) -> Result<()> {
    match known {
        None => *known = Some(value.to_owned()),
        Some(known) if known == value => {}
        Some(_) => {
            return Err(bad(
                "two rows contradict each other: did a file change while it was read?",
            ));
        }
    }
    Ok(())
}
