//! Batches become partials again, whatever the order of their rows.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array as _, RecordBatch};
use arrow_schema::DataType;

use super::{AboutRun, AboutSeries, Row, bad};
use crate::error::{Error, Result};
use crate::partials::{Cell, FileReport, Partials, RunScores, Series};

/// A batch's columns, cast to the types of the schema: engines return their own kinds of text.
pub(super) struct Columns {
    text: [arrow_array::StringArray; 4],
    small: [arrow_array::Int32Array; 5],
    trials: arrow_array::Int64Array,
    sum: arrow_array::Float64Array,
}

impl Columns {
    pub(super) fn of(batch: &RecordBatch) -> Result<Self> {
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

    pub(super) fn row(&self, at: usize) -> Result<Row<'_>> {
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
pub(super) struct Gathered {
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
    pub(super) fn take(&mut self, row: &Row<'_>, out: &mut Partials) -> Result<()> {
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

    pub(super) fn into_partials(self, out: &mut Partials) -> Result<()> {
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
        let ids: BTreeSet<&str> = scores.samples.iter().map(|id| &**id).collect();
        if ids.len() < scores.samples.len() {
            return Err(bad("two samples of a run have one id"));
        }
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
