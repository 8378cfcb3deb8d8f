//! Rows of a table into runs: one a model and task.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use super::roles::Roles;
use crate::error::{At, Error, Result};
use crate::record::{IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, SeriesKey, Sink};
use crate::source::LogPath;

/// One row, in texts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row<'a> {
    pub(super) model: &'a str,
    pub(super) task: Option<&'a str>,
    pub(super) sample_id: &'a str,
    pub(super) metric: Option<&'a str>,
    pub(super) n_shot: Option<&'a str>,
    pub(super) prompt: Option<&'a str>,
    pub(super) repeat: Option<&'a str>,
}

/// The runs of a table so far.
pub(super) struct Runs<'p> {
    path: &'p LogPath,
    runs: Vec<Known>,
    by_name: HashTable<usize>,
    /// Of [`Runs::by_name`].
    hasher: DefaultHashBuilder,
    /// Of the row before: rows of a run often follow one another.
    last: usize,
    repeats: Repeats,
}

/// A run.
struct Known {
    /// Model, task, shots and prompt; empty where there is none.
    parts: [Box<str>; 4],
    key: RunKey,
    series: Vec<(Box<str>, SeriesKey)>,
}

/// What repeats are called, numbered as they come: a second row for a repeat is known by its number.
#[derive(Default)]
struct Repeats {
    numbers: HashMap<Box<str>, u32>,
    full: bool,
}

/// Repeats are mostly called alike from sample to sample. Where every row has one of its own, as with a
/// seed a row, a second row is no longer noticed beyond this many.
const MAX_REPEATS: usize = 1 << 20;

impl Repeats {
    fn number(&mut self, label: &str) -> Option<u32> {
        if let Some(number) = self.numbers.get(label) {
            return Some(*number);
        }
        if self.numbers.len() >= MAX_REPEATS {
            self.full = true;
            return None;
        }
        let next = self.numbers.len() as u32;
        self.numbers.insert(crate::partials::sample_id(label), next);
        Some(next)
    }
}

/// The metric of a table without a column for it.
pub(super) const SCORE: &str = "score";

impl<'p> Runs<'p> {
    pub(super) fn new(path: &'p LogPath) -> Self {
        Self {
            path,
            runs: Vec::new(),
            by_name: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            last: 0,
            repeats: Repeats::default(),
        }
    }

    /// Adds the scores of a row.
    pub(super) fn add(
        &mut self,
        row: Row<'_>,
        scores: &[Score],
        at: impl Fn() -> At,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        for (name, text) in [("model", row.model), ("sample_id", row.sample_id)] {
            if text.is_empty() {
                return sink.problem(Error::missing(at(), name, "a name"));
            }
        }
        let (run, series) = self.series(&row, sink);
        let sample = sink.sample(run, id(row.sample_id));
        let repeat = row.repeat.and_then(|label| self.repeats.number(id(label)));
        for score in scores {
            // Of a list of scores in one cell, each is a repeat of its own.
            let repeat = if scores.len() == 1 { repeat } else { None };
            sink.score(series, sample, repeat, *score, &at)?;
        }
        Ok(())
    }

    /// The number of a repeat.
    pub(super) fn repeat(&mut self, label: &str) -> Option<u32> {
        self.repeats.number(label)
    }

    /// Says at the end what is odd about the table as a whole.
    pub(super) fn finish(&self, sink: &mut Sink<'_>) {
        if self.repeats.full {
            sink.note(
                "more than a million names of repeats: a second row for one of them is not noticed",
            );
        }
        // Prompts by model, task and shots.
        let mut prompts: BTreeMap<&[Box<str>], (usize, usize)> = BTreeMap::new();
        for known in &self.runs {
            let (runs, samples) = prompts.entry(&known.parts[..3]).or_default();
            *runs += 1;
            *samples = (*samples).max(sink.n_samples(known.key));
        }
        if prompts.values().any(|(runs, samples)| *runs > 1 && *samples == 1) {
            sink.note("prompt_hash is another one for every sample, and what is asked with another prompt is \
                 another task: if it is the hash of the sample's own text, leave the column out or call it \
                 otherwise (--column prompt_hash=none)");
        }
    }

    /// The run and series of a row.
    pub(super) fn series(&mut self, row: &Row<'_>, sink: &mut Sink<'_>) -> (RunKey, SeriesKey) {
        let place = self.run(row, sink);
        let Known { key, series, .. } = &mut self.runs[place];
        let metric = row.metric.unwrap_or(SCORE);
        // Tables have a metric or two; of more, the first are found here.
        if let Some((_, series)) = series.iter().find(|(name, _)| **name == *metric) {
            return (*key, *series);
        }
        let found = sink.series(*key, &MetricName::new(metric, None));
        if series.len() < 16 {
            series.push((metric.into(), found));
        }
        (*key, found)
    }

    /// The place of a row's run.
    fn run(&mut self, row: &Row<'_>, sink: &mut Sink<'_>) -> usize {
        let parts = [Some(row.model), row.task, row.n_shot, row.prompt];
        let parts = parts.map(Option::unwrap_or_default);
        let Self { runs, by_name, hasher, .. } = self;
        let same = |known: &Known| known.parts.iter().zip(parts).all(|(a, b)| **a == *b);
        if runs.get(self.last).is_some_and(same) {
            return self.last;
        }
        let hash = hasher.hash_one(parts);
        self.last = if let Some(place) = by_name.find(hash, |place| same(&runs[*place])) {
            *place
        } else {
            let text = |text: Option<&str>| text.filter(|t| !t.is_empty()).map(str::to_owned);
            let key = sink.run(Run {
                model: row.model.to_owned(),
                model_source: "column model".to_owned(),
                task: text(row.task).unwrap_or_else(|| self.path.stem().to_owned()),
                n_shot: row.n_shot.and_then(|text| id(text).parse().ok()),
                prompt: text(row.prompt),
                ids: IdKind::Native,
                ..Run::default()
            });
            runs.push(Known { parts: parts.map(Into::into), key, series: Vec::new() });
            let hash_of =
                |place: &usize| hasher.hash_one(runs[*place].parts.each_ref().map(|p| &**p));
            by_name.insert_unique(hash, runs.len() - 1, hash_of);
            runs.len() - 1
        };
        self.last
    }
}

/// An id that went through a table of floating-point numbers is the integer it was.
pub(super) fn id(text: &str) -> &str {
    let text = text.trim();
    match text.strip_suffix(".0") {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => digits,
        _ => text,
    }
}

/// A score in a text; `None` where it is none.
pub(super) fn score(text: &str) -> Option<Score> {
    let text = text.trim();
    Some(match text {
        "" | "NaN" | "nan" | "null" | "None" | "NA" | "N/A" => Score::Unscored,
        "TRUE" | "True" | "true" => Score::Trial(1.0),
        "FALSE" | "False" | "false" => Score::Trial(0.0),
        number => Score::Trial(number.parse().ok().filter(|n: &f64| n.is_finite())?),
    })
}

/// Counts in texts: `None` where they are none.
pub(super) fn counts(n: &str, c: &str) -> Option<Score> {
    if n.trim().is_empty() && c.trim().is_empty() {
        return Some(Score::Unscored);
    }
    let trials = id(n).parse().ok()?;
    let correct: f64 = c.trim().parse().ok().filter(|c: &f64| c.is_finite())?;
    Some(if trials == 0 { Score::Unscored } else { Score::Trials { trials, correct } })
}

/// The optional cells of a row.
pub(super) fn row<'a>(roles: &Roles, cell: impl Fn(usize) -> &'a str) -> Row<'a> {
    let optional = |place: Option<usize>| place.map(&cell).filter(|text| !text.is_empty());
    Row {
        model: cell(roles.model),
        sample_id: cell(roles.sample_id),
        task: optional(roles.task),
        metric: optional(roles.metric),
        n_shot: optional(roles.n_shot),
        prompt: optional(roles.prompt),
        repeat: optional(roles.repeat),
    }
}

/// What a score cell must hold.
pub(super) const EXPECTED: &str =
    "a number from 0 to 1, true or false, or nothing (divide percentages by 100)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_scores_or_nothing_or_an_error() {
        assert_eq!(score("TRUE"), Some(Score::Trial(1.0)));
        assert_eq!(score(" 0.25"), Some(Score::Trial(0.25)));
        assert_eq!(score(""), Some(Score::Unscored));
        assert_eq!(score("66.7%"), None);
        assert_eq!(score("inf"), None);
        assert_eq!(counts("4", "3"), Some(Score::Trials { trials: 4, correct: 3.0 }));
        assert_eq!(counts("4.0", "1.5"), Some(Score::Trials { trials: 4, correct: 1.5 }));
        assert_eq!(counts("", ""), Some(Score::Unscored));
        assert_eq!(counts("4", ""), None);
    }

    #[test]
    fn ids_read_as_floats_are_the_integers_they_were() {
        assert_eq!((id("12.0"), id("1.20"), id("v1.0"), id(".0")), ("12", "1.20", "v1.0", ".0"));
    }
}
