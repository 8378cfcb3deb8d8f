//! Where importers put what they read: counts are summed as they come, nothing else of a record stays.
//!
//! Memory grows with the number of (run, metric, sample) triples, not with rows, repeats or bytes.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashSet, HashTable};

use crate::error::{At, Error, Result};
use crate::partials::{Cell, Fate, FileReport, Partials, RunScores, Series, short_name};
use crate::record::{Expected, MetricName, Run, Score};
use crate::source::LogPath;

/// A run of the file that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunKey(usize);

/// A metric of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesKey {
    run: usize,
    series: usize,
}

/// A sample of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleKey {
    run: usize,
    sample: u32,
}

impl RunKey {
    /// The run's number in its file, from 0.
    pub(crate) fn number(self) -> usize {
        self.0
    }

    /// The sample of a number that [`SampleKey::number`] gave.
    pub(crate) fn sample(self, number: u32) -> SampleKey {
        SampleKey { run: self.0, sample: number }
    }
}

impl SampleKey {
    /// Its number in the run.
    pub(crate) fn number(self) -> u32 {
        self.sample
    }
}

/// How to read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Stop at the first bad record.
    pub strict: bool,
    /// What a `P` (partly right) of inspect_ai counts.
    pub partial_as: f64,
    /// Columns of tables that are called otherwise: ours, theirs.
    pub columns: Vec<(String, String)>,
}

impl Default for Reading {
    fn default() -> Self {
        Self { strict: false, partial_as: 0.5, columns: Vec::new() }
    }
}

/// Takes the scores of one file at a time.
#[derive(Debug)]
pub struct Sink<'o> {
    reading: &'o Reading,
    file: LogPath,
    format: &'static str,
    runs: Vec<Building>,
    out: Partials,
    /// Records of this file that could not be read.
    unread_here: u64,
    /// Of ids: seeded anew each time.
    hasher: DefaultHashBuilder,
}

/// A run and what is needed while it grows.
#[derive(Debug)]
struct Building {
    scores: RunScores,
    /// The samples' numbers, by id.
    ids: HashTable<u32>,
    by_name: HashMap<MetricName, usize>,
    /// Repeats that were seen: of each series and sample the first 64 as bits, the others here.
    seen: Vec<Vec<u64>>,
    seen_later: HashSet<(usize, u32, u32)>,
}

impl<'o> Sink<'o> {
    /// Starts empty.
    pub fn new(reading: &'o Reading) -> Self {
        Self {
            reading,
            file: LogPath::new(""),
            format: "",
            runs: Vec::new(),
            out: Partials::default(),
            unread_here: 0,
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// How to read.
    pub fn reading(&self) -> &Reading {
        self.reading
    }

    /// A run of this file. Call it once per (model, task, pass); a file may have many.
    pub fn run(&mut self, mut run: Run) -> RunKey {
        self.format.clone_into(&mut run.format);
        self.runs.push(Building {
            scores: RunScores::new(run, self.file.as_str()),
            ids: HashTable::new(),
            by_name: HashMap::new(),
            seen: Vec::new(),
            seen_later: HashSet::new(),
        });
        RunKey(self.runs.len() - 1)
    }

    /// What is known of a run so far, to add what a log says late.
    pub fn run_mut(&mut self, run: RunKey) -> &mut Run {
        &mut self.runs[run.0].scores.run
    }

    /// A metric of a run; the same one for the same name. Order matters where
    /// [`Run::headline`] is empty: the first is the headline.
    pub fn series(&mut self, run: RunKey, name: &MetricName) -> SeriesKey {
        let building = &mut self.runs[run.0];
        if let Some(series) = building.by_name.get(name) {
            return SeriesKey { run: run.0, series: *series };
        }
        let series = building.scores.series.len();
        building.scores.series.push(Series::new(name.clone()));
        building.by_name.insert(name.clone(), series);
        building.seen.push(Vec::new());
        SeriesKey { run: run.0, series }
    }

    /// Makes room for so many samples more, where that is known.
    pub(crate) fn reserve(&mut self, run: RunKey, samples: usize) {
        let Building { ids, scores, .. } = &mut self.runs[run.0];
        ids.reserve(samples, |known| self.hasher.hash_one(&*scores.samples[*known as usize]));
        scores.samples.reserve(samples);
    }

    /// A sample of a run, by its id; the same one for the same id. Ids may be any text that is not
    /// empty; long ones (over 200 bytes) are replaced by their hash.
    pub fn sample(&mut self, run: RunKey, id: impl AsRef<str> + Into<Box<str>>) -> SampleKey {
        let text = id.as_ref();
        if text.len() > crate::partials::MAX_ID_BYTES {
            return self.sample(run, crate::partials::sample_id(text));
        }
        let Building { ids, scores: RunScores { samples, .. }, .. } = &mut self.runs[run.0];
        let hash = self.hasher.hash_one(text);
        let same = |known: &u32| *samples[*known as usize] == *text;
        if let Some(sample) = ids.find(hash, same) {
            return SampleKey { run: run.0, sample: *sample };
        }
        let sample = samples.len() as u32;
        ids.insert_unique(hash, sample, |known| self.hasher.hash_one(&*samples[*known as usize]));
        samples.push(id.into());
        SampleKey { run: run.0, sample }
    }

    /// Adds a score.
    ///
    /// `repeat`: the number of the repeat, if the log has one: a second score for it is an error
    /// record ([`Error::Duplicate`], the first counts). Without it every call is one more repeat. A
    /// format in which the last of several results counts sorts that out before.
    ///
    /// `at` is called for the place of an error.
    pub fn score(
        &mut self,
        series: SeriesKey,
        sample: SampleKey,
        repeat: Option<u32>,
        score: Score,
        at: impl Fn() -> At,
    ) -> Result<()> {
        debug_assert_eq!(series.run, sample.run, "series and sample belong to one run");
        let building = &mut self.runs[series.run];
        if let Some(repeat) = repeat
            && !building.first_time(series.series, sample.sample, repeat)
        {
            let run = &building.scores.run;
            let id = &building.scores.samples[sample.sample as usize];
            let key = format!(
                "model {:?}, task {:?}, sample {id:?}, repeat {repeat}, {}",
                run.model, run.task, building.scores.series[series.series].name
            );
            let key = crate::error::shown(&key, 400);
            return self.problem(Error::Duplicate { at: at(), key });
        }
        let into = &mut building.scores.series[series.series];
        let bad = match score {
            Score::Trial(value) | Score::Measured(value) if !value.is_finite() => {
                Some(value.to_string())
            }
            Score::Trials { trials, correct }
                if trials == 0 || !(0.0..=f64::from(trials)).contains(&correct) =>
            {
                Some(format!("{correct} of {trials}"))
            }
            _ => None,
        };
        if let Some(found) = bad {
            let name = into.name.to_string();
            return self.problem(Error::field(at(), &name, &found, "a score"));
        }
        into.add(sample.sample, score);
        Ok(())
    }

    /// Adds what an importer summed itself, and the repeats in it below 64 as bits. Says whether they are
    /// all new; else nothing is added.
    pub(crate) fn add_cell(
        &mut self,
        series: SeriesKey,
        sample: SampleKey,
        cell: Cell,
        repeats: u64,
    ) -> bool {
        if repeats != 0 {
            let seen = &mut self.runs[series.run].seen[series.series];
            let sample = sample.sample as usize;
            if seen.len() <= sample {
                seen.resize(sample + 1, 0);
            }
            if seen[sample] & repeats != 0 {
                return false;
            }
            seen[sample] |= repeats;
        }
        let into = &mut self.runs[series.run].scores.series[series.series];
        into.add_cell(sample.sample as usize, cell);
        true
    }

    /// Takes over the range and kind of what an importer summed itself.
    pub(crate) fn widen(&mut self, series: SeriesKey, from: &Series) {
        self.runs[series.run].scores.series[series.series].widen(from);
    }

    /// Marks a repeat of 64 and on, of a sample whose scores an importer summed itself; says whether it is
    /// new.
    pub(crate) fn mark(&mut self, series: SeriesKey, sample: SampleKey, repeat: u32) -> bool {
        self.runs[series.run].first_time(series.series, sample.sample, repeat)
    }

    /// Samples of a run so far.
    pub(crate) fn n_samples(&self, run: RunKey) -> usize {
        self.runs[run.0].scores.samples.len()
    }

    /// Counts what a metric has no score for as not scored: for logs in which a null is that.
    pub(crate) fn rest_is_unscored(&mut self, run: RunKey) {
        let scores = &mut self.runs[run.0].scores;
        for series in &mut scores.series {
            series.cells.resize(scores.samples.len(), Cell::default());
            let empty = series.cells.iter_mut().filter(|cell| **cell == Cell::default());
            empty.for_each(|cell| cell.unscored = 1);
        }
    }

    /// The harness's own total of a series: verified when the file has been read.
    pub fn expect(&mut self, series: SeriesKey, expected: Expected) {
        self.runs[series.run].scores.series[series.series].expected = Some(expected);
    }

    /// A check of the run that was begun last: what its log says twice must agree (to 1e-9), e.g.
    /// `pass@2` and the count that was derived from `pass@1`. A disagreement is an error record, and
    /// refuses the run as a total does that differs: which of the two is right cannot be known.
    pub fn check(&mut self, ours: f64, theirs: f64, what: &str, at: impl Fn() -> At) -> Result<()> {
        let agrees = (ours - theirs).abs() <= 1e-9;
        if let Some(building) = self.runs.last_mut() {
            let checks = &mut building.scores.checks;
            checks.compared += 1;
            checks.agreed += u64::from(agrees);
        }
        if agrees {
            return Ok(());
        }
        let what = crate::error::shown(what, 120);
        self.problem(Error::Contradiction { at: at(), what, ours, theirs })
    }

    /// A record that cannot be read, or not be believed; reading goes on, unless `--strict`: return the
    /// result with `?`.
    pub fn problem(&mut self, error: Error) -> Result<()> {
        // What contradicts itself was read: the totals must be held against it all the more.
        if !matches!(error, Error::Duplicate { .. } | Error::Contradiction { .. }) {
            self.unread_here += 1;
        }
        if self.reading.strict {
            return Err(error);
        }
        self.out.problems.push(error);
        Ok(())
    }

    /// Something the user should know, said once per text and file, e.g. "64 responses per sample,
    /// but only the first is scored". Our own words; names from the log must be escaped
    /// ([`shown`](crate::shown)).
    pub fn note(&mut self, text: impl Into<String>) {
        let file = self.file.as_str().into();
        self.out.add_note(file, text.into());
    }

    /// Begins a file.
    pub(crate) fn begin(&mut self, file: LogPath, format: &'static str) {
        self.file = file;
        self.format = format;
        self.unread_here = 0;
    }

    /// Ends a file with what its importer returned. What was read before an error stays, and counts as
    /// partial: its totals cannot be verified.
    pub(crate) fn end(&mut self, outcome: Result<()>) -> Result<()> {
        let failure = outcome.err();
        if self.reading.strict
            && let Some(error) = failure
        {
            return Err(error);
        }
        let whole = failure.is_none() && self.unread_here == 0;
        let (mut samples, mut trials) = (0, 0);
        for building in self.runs.drain(..) {
            let mut scores = building.scores;
            let run = &mut scores.run;
            let parts = [&mut run.version, &mut run.prompt, &mut run.split, &mut run.data_hash];
            let names = [&mut run.model, &mut run.task];
            names.into_iter().chain(parts.into_iter().flatten()).for_each(short_name);
            scores.whole = whole;
            samples += scores.samples.len() as u64;
            trials += scores.trials();
            if !scores.samples.is_empty() {
                self.out.runs.push(scores);
            }
        }
        let fate = match &failure {
            Some(error) if samples == 0 => Fate::Refused(error.to_string()),
            Some(error) => Fate::Partial {
                format: self.format.into(),
                samples,
                trials,
                reason: error.to_string(),
            },
            None if samples == 0 => Fate::Skipped("no samples in it".into()),
            None => Fate::Read { format: self.format.into(), samples, trials },
        };
        self.out.files.push(FileReport::new(&self.file, fate));
        self.out.problems.extend(failure);
        Ok(())
    }

    /// All that was read.
    pub(crate) fn finish(self) -> Partials {
        self.out
    }
}

/// Repeats beyond the first 64 of a sample that are remembered in a run: about 100 MB.
const MAX_SEEN: usize = 1 << 22;

impl Building {
    /// Marks a repeat; false if it was seen before.
    fn first_time(&mut self, series: usize, sample: u32, repeat: u32) -> bool {
        let Some(bit) = 1_u64.checked_shl(repeat) else {
            // With so many repeats a second one is no longer noticed, rather than to fill the memory.
            return self.seen_later.len() >= MAX_SEEN
                || self.seen_later.insert((series, sample, repeat));
        };
        let seen = &mut self.seen[series];
        if seen.len() <= sample as usize {
            seen.resize(sample as usize + 1, 0);
        }
        let before = seen[sample as usize];
        seen[sample as usize] = before | bit;
        before & bit == 0
    }
}

impl Series {
    fn add(&mut self, sample: u32, score: Score) {
        let mut cell = Cell::default();
        match score {
            Score::Trial(value) | Score::Measured(value) => {
                (cell.trials, cell.sum) = (1, value);
                if matches!(score, Score::Measured(_)) {
                    self.measured = true;
                } else {
                    self.graded |= value != 0.0 && value != 1.0;
                }
                self.lowest = self.lowest.min(value);
                self.highest = self.highest.max(value);
            }
            Score::Trials { trials, correct } => {
                (cell.trials, cell.sum) = (trials, correct);
                self.graded |= correct.fract() != 0.0;
            }
            Score::Error => cell.errors = 1,
            Score::Unscored => cell.unscored = 1,
        }
        self.add_cell(sample as usize, cell);
    }
}
