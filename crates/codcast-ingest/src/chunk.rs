//! Rows of a part of a table, grouped by run: what every reader fills.

use std::collections::{BTreeMap, HashMap};

use codcast::evals::Outcome;

use crate::row::{Bad, Numbers};
use crate::text::{bad_name, quoted};

/// The sample id of a row that holds a task's score without its samples.
pub(crate) const AGGREGATE_ID: &str = "*";
/// Its code in [`Entry::sample`].
pub(crate) const AGGREGATE: u32 = u32::MAX;

/// One answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Code of the sample id in [`Chunk::samples`], or [`AGGREGATE`].
    pub(crate) sample: u32,
    /// Place of the row, less [`Chunk::base`].
    pub(crate) offset: u32,
    pub(crate) outcome: Outcome,
}

/// The answers of one model at one checkpoint on one task.
#[derive(Debug)]
pub(crate) struct RunRows {
    /// Code of the task's name in [`Chunk::tasks`].
    pub(crate) task: u32,
    /// Index of the model in the manifest.
    pub(crate) model: u32,
    pub(crate) checkpoint: Option<i64>,
    pub(crate) entries: Vec<Entry>,
    /// (index into `entries`, loss), where there is one.
    pub(crate) losses: Vec<(u32, f64)>,
}

/// Strings and their codes, in order of first appearance. Only codes leave, so the map's order
/// never shows.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    codes: HashMap<Box<str>, u32>,
}

impl Interner {
    pub(crate) fn code(&mut self, text: &str) -> u32 {
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        let code = self.codes.len() as u32;
        self.codes.insert(text.into(), code);
        code
    }

    /// `[code]` the strings.
    pub(crate) fn into_strings(self) -> Vec<Box<str>> {
        let mut strings = vec![Box::default(); self.codes.len()];
        #[expect(clippy::iter_over_hash_type, reason = "each string goes to its own place")]
        for (text, code) in self.codes {
            strings[code as usize] = text;
        }
        strings
    }
}

/// Names of the manifest's models to their indices.
pub(crate) type ModelIndex<'a> = BTreeMap<&'a str, u32>;

/// Task, model and checkpoint.
type RunKey = (u32, u32, Option<i64>);

/// Rows grouped by run.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// Line or row number that offsets count from.
    pub(crate) base: u64,
    pub(crate) samples: Interner,
    pub(crate) tasks: Interner,
    pub(crate) runs: Vec<RunRows>,
    /// Rows read.
    pub(crate) rows: u64,
    /// Rows without an answer.
    pub(crate) missing: u64,
    index: HashMap<RunKey, u32>,
    /// The last run: rows of a run mostly follow each other.
    last: Option<(RunKey, u32)>,
}

impl Chunk {
    pub(crate) fn new(base: u64) -> Self {
        Self {
            base,
            samples: Interner::default(),
            tasks: Interner::default(),
            runs: Vec::new(),
            rows: 0,
            missing: 0,
            index: HashMap::new(),
            last: None,
        }
    }

    /// The code of a task's name.
    pub(crate) fn task(&mut self, name: &str) -> Result<u32, Bad> {
        check_name("task", name)?;
        Ok(self.tasks.code(name))
    }

    /// The code of a sample id.
    pub(crate) fn sample(&mut self, id: &str) -> Result<u32, Bad> {
        if id == AGGREGATE_ID {
            return Ok(AGGREGATE);
        }
        check_name("sample_id", id)?;
        Ok(self.samples.code(id))
    }

    /// Adds a row. `place`: its line or row number, at least [`Chunk::base`].
    pub(crate) fn push(
        &mut self,
        place: u64,
        (model, task, sample): (u32, u32, u32),
        numbers: &Numbers,
    ) -> Result<(), Bad> {
        let checkpoint = numbers.checkpoint()?;
        let outcome = numbers.outcome()?;
        let loss = numbers.task_loss()?;
        self.rows += 1;
        self.missing += u64::from(outcome == Outcome::Missing);
        let offset = u32::try_from(place - self.base).map_err(|_| {
            let expected = "at most 4294967295 rows in a text file or row group";
            Bad::new("the number of rows", "more", expected, "split the table into row groups")
        })?;
        let run = self.run((task, model, checkpoint));
        if let Some(loss) = loss {
            run.losses.push((run.entries.len() as u32, loss));
        }
        run.entries.push(Entry { sample, offset, outcome });
        Ok(())
    }

    fn run(&mut self, key: RunKey) -> &mut RunRows {
        let index = match self.last {
            Some((last, index)) if last == key => index,
            _ => *self.index.entry(key).or_insert_with(|| {
                let (task, model, checkpoint) = key;
                let (entries, losses) = (Vec::new(), Vec::new());
                self.runs.push(RunRows { task, model, checkpoint, entries, losses });
                self.runs.len() as u32 - 1
            }),
        };
        self.last = Some((key, index));
        &mut self.runs[index as usize]
    }
}

fn check_name(field: &'static str, name: &str) -> Result<(), Bad> {
    match bad_name(name) {
        None => Ok(()),
        Some((found, expected)) => {
            let found =
                if name.is_empty() { found } else { format!("{found}: {}", quoted(name)).into() };
            Err(Bad {
                field,
                found,
                expected,
                advice: "every row needs its model, task and sample_id",
            })
        }
    }
}
