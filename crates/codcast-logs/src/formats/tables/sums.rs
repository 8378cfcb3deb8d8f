//! Sums of the rows of a row group, and from there into the sink.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_schema::DataType;
use hashbrown::HashSet;

use super::parquet::Table;
use super::places::Places;
use super::rows::{Row, Runs};
use super::scores::Scores;
use super::texts::{Pairs, Repeat, Repeats, Texts, is_number};
use crate::error::{At, Error, Result, shown};
use crate::partials::{Cell, Series};
use crate::record::MetricName;
use crate::sink::Sink;

/// Sums that are held per row group, at most: a table of more distinct samples is no evaluation.
const MAX_CELLS: usize = 1 << 28;

/// What a row says besides its sample and score, as numbers of [`Texts`]; 0: nothing.
type Key = [u32; 5];

/// Sums of one row group.
#[derive(Default)]
pub(super) struct Group {
    /// Rows before the batch that comes.
    row: u64,
    /// Models, tasks, metrics, shots and prompts.
    texts: Texts,
    samples: Texts,
    /// Of a row's texts: of the model's and the next, of that and the next, and so on.
    pairs: [Pairs; 4],
    /// By run, by sample. The last of the pairs has the runs' numbers.
    sums: Vec<(Key, Sums)>,
    n_cells: usize,
    problems: Vec<Error>,
}

/// One run's sums.
struct Sums {
    series: Series,
    /// By sample: the first 64 repeats that were seen, as bits. Empty without a column of repeats.
    seen: Vec<u64>,
    /// Sample and repeat of the others.
    seen_later: HashSet<(usize, Repeat)>,
}

/// Repeats beyond the first 64 of a sample that are remembered in a row group; as many as in the sink.
const MAX_SEEN: usize = 1 << 22;

impl Group {
    /// Of a row group with so many rows before it.
    pub(super) fn after(rows: u64) -> Self {
        Self { row: rows, ..Self::default() }
    }

    /// Adds rows.
    pub(super) fn add(&mut self, table: &Table<'_>, batch: &RecordBatch) -> Result<()> {
        let (file, roles) = (table.file, &table.roles);
        let samples = numbers(&mut self.samples, table, batch, roles.sample_id)?;
        let parts = [Some(roles.model), roles.task, roles.metric, roles.n_shot, roles.prompt];
        let mut keys: Vec<(usize, Vec<u32>)> = Vec::new();
        for (part, place) in parts.into_iter().enumerate() {
            if let Some(place) = place {
                keys.push((part, numbers(&mut self.texts, table, batch, place)?));
            }
        }
        let repeats = match roles.repeat {
            Some(place) if is_number(table.column(batch, place)?.data_type()) => {
                let numbers = table.cast(batch, place, &DataType::Int64)?;
                Some(Repeats::Numbers(numbers.as_primitive::<Int64Type>().clone()))
            }
            Some(place) => Some(Repeats::Texts(numbers(&mut self.texts, table, batch, place)?)),
            None => None,
        };
        let scores = Scores::of(table, batch)?;
        let runs = self.runs(&keys, repeats.is_some());
        let models = &keys[0].1;
        let named = !models.contains(&0) && !samples.contains(&0);
        if let (true, None, Some(scores)) = (named, &repeats, scores.plain()) {
            self.add_plain(&runs, &samples, scores, file)?;
            self.row += batch.num_rows() as u64;
            return Ok(());
        }
        for row in 0..batch.num_rows() {
            let number = self.row + row as u64 + 1;
            let at = || At::row(file, number);
            if models[row] == 0 || samples[row] == 0 {
                let missing = if samples[row] == 0 { "sample_id" } else { "model" };
                self.problems.push(Error::missing(at(), missing, "a value in every row"));
                continue;
            }
            let (run, sample) = (runs[row] as usize, samples[row] as usize - 1);
            self.grow(run, sample, file)?;
            let sums = &mut self.sums[run].1;
            if let Some(repeat) = repeats.as_ref().and_then(|repeats| repeats.of(row))
                && !sums.first_time(sample, repeat)
            {
                let id = self.samples.text(samples[row]).unwrap_or_default();
                let key = format!("sample {id:?}, repeat {}", self.texts.called(repeat));
                let key = shown(&key, 200);
                self.problems.push(Error::Duplicate { at: at(), key });
                continue;
            }
            if let Err(found) = sums.series.add_row(sample, &scores, row) {
                self.problems.push(Error::field(at(), "score", &found, "a finite score or counts"));
            }
        }
        self.row += batch.num_rows() as u64;
        Ok(())
    }

    /// The run of each row, by the numbers of its texts; the model's come first.
    fn runs(&mut self, keys: &[(usize, Vec<u32>)], with_repeats: bool) -> Vec<u32> {
        let models = &keys[0].1;
        let [first, more @ ..] = &mut self.pairs;
        let one = vec![0; if keys.len() == 1 { models.len() } else { 0 }];
        let mut runs = first.numbers(models, keys.get(1).map_or(&one, |(_, numbers)| numbers));
        let mut n = first.len();
        for ((_, numbers), pairs) in keys.iter().skip(2).zip(more) {
            runs = pairs.numbers(&runs, numbers);
            n = pairs.len();
        }
        // Numbers follow the order of the rows, and so does the search for the new ones.
        let mut rows = 0..runs.len();
        while self.sums.len() < n
            && let Some(row) = rows.find(|row| runs[*row] as usize == self.sums.len())
        {
            let mut key = Key::default();
            for (part, numbers) in keys {
                key[*part] = numbers[row];
            }
            let series = Series::new(MetricName::default());
            let seen = if with_repeats { vec![0] } else { Vec::new() };
            self.sums.push((key, Sums { series, seen, seen_later: HashSet::new() }));
        }
        runs
    }

    /// Adds rows of which each has a sample and a score. The rows of a run are added together: what is
    /// written by turns to many runs, each in memory of its own, waits for that memory.
    fn add_plain(
        &mut self,
        runs: &[u32],
        samples: &[u32],
        scores: &[f64],
        file: &str,
    ) -> Result<()> {
        // A counting sort, which keeps the order of a run's rows.
        let mut ends = vec![0_u32; self.sums.len() + 1];
        for run in runs {
            ends[*run as usize + 1] += 1;
        }
        for run in 1..ends.len() {
            ends[run] += ends[run - 1];
        }
        let mut rows = vec![(0, 0.0); runs.len()];
        for ((run, sample), score) in runs.iter().zip(samples).zip(scores) {
            let place = &mut ends[*run as usize];
            rows[*place as usize] = (*sample, *score);
            *place += 1;
        }
        let mut start = 0;
        for (run, end) in ends.iter().enumerate().take(self.sums.len()) {
            let rows = &rows[start..*end as usize];
            start = *end as usize;
            let Some(last) = rows.iter().map(|(sample, _)| *sample).max() else { continue };
            self.grow(run, last as usize - 1, file)?;
            let series = &mut self.sums[run].1.series;
            for (sample, score) in rows {
                series.add_score(*sample as usize - 1, *score);
            }
        }
        Ok(())
    }

    /// Makes room for a run's sample.
    fn grow(&mut self, run: usize, sample: usize, file: &str) -> Result<()> {
        let cells = &mut self.sums[run].1.series.cells;
        if cells.len() <= sample {
            self.n_cells += sample + 1 - cells.len();
            if self.n_cells > MAX_CELLS {
                let (what, limit) = ("the number of distinct samples", "268 million");
                return Err(Error::TooLarge { at: At::whole(file), what, limit });
            }
            cells.resize(sample + 1, Cell::default());
        }
        Ok(())
    }

    /// Adds the sums to the sink.
    pub(super) fn push(
        self,
        file: &str,
        runs: &mut Runs<'_>,
        places: &mut Places,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        for problem in self.problems {
            sink.problem(problem)?;
        }
        // Where samples have several runs.
        let numbers =
            if self.sums.len() > 1 { places.numbers(&self.samples.texts) } else { Vec::new() };
        for (key, sums) in self.sums.iter().filter(|(_, sums)| !sums.series.cells.is_empty()) {
            let text = |at: usize| self.texts.text(key[at]);
            let row = Row {
                model: text(0).unwrap_or_default(),
                task: text(1),
                metric: text(2),
                n_shot: text(3),
                prompt: text(4),
                ..Row::default()
            };
            let (run, series) = runs.series(&row, sink);
            let mut twice: HashSet<usize> = HashSet::new();
            // The numbers of repeats follow their order in the file, as far as it matters at all.
            let mut later: Vec<(usize, Repeat)> = sums.seen_later.iter().copied().collect();
            later.sort_unstable_by_key(|(sample, repeat)| (*sample, repeat.order()));
            for (place, repeat) in later {
                let sample = sink.sample(run, &*self.samples.texts[place]);
                let number = runs.repeat(&self.texts.called(repeat));
                // Beyond the numbers that stand for themselves, as bits.
                let number = number.and_then(|number| number.checked_add(64));
                if number.is_some_and(|number| !sink.mark(series, sample, number)) {
                    twice.insert(place);
                }
            }
            let mut any = false;
            for (place, cell) in sums.series.cells.iter().enumerate() {
                if *cell == Cell::default() {
                    continue;
                }
                let id = &self.samples.texts[place];
                let sample = match numbers.get(place) {
                    Some(number) => places.sample(run, *number, id, sink),
                    None => sink.sample(run, &**id),
                };
                let repeats = sums.seen.get(place).copied().unwrap_or_default();
                let new = twice.is_empty() || !twice.contains(&place);
                if new && sink.add_cell(series, sample, *cell, repeats) {
                    any = true;
                } else {
                    // In another row group: its scores are summed, and cannot be told apart.
                    let at = At::row(file, self.row);
                    let key = format!("some repeats of sample {id:?} of model {:?}", row.model);
                    sink.problem(Error::Duplicate { at, key: shown(&key, 300) })?;
                }
            }
            if any {
                sink.widen(series, &sums.series);
            }
        }
        Ok(())
    }
}

/// The texts of a column as numbers.
fn numbers(
    texts: &mut Texts,
    table: &Table<'_>,
    batch: &RecordBatch,
    place: usize,
) -> Result<Vec<u32>> {
    texts.numbers(place, table.column(batch, place)?).map_err(|error| table.unfit(&error))
}

impl Sums {
    fn first_time(&mut self, sample: usize, repeat: Repeat) -> bool {
        let bit = match repeat {
            Repeat::Number(number) if (0..64).contains(&number) => 1 << number,
            // With so many repeats a second one is no longer noticed, rather than to fill the memory.
            _ if self.seen_later.len() >= MAX_SEEN => return true,
            other => return self.seen_later.insert((sample, other)),
        };
        if self.seen.len() <= sample {
            self.seen.resize(sample + 1, 0);
        }
        let before = self.seen[sample];
        self.seen[sample] = before | bit;
        self.seen[sample] != before
    }
}
