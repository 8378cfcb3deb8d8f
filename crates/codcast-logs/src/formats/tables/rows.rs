//! Rows of a table into runs: one a model and task.

use std::collections::{BTreeMap, HashMap};

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
    runs: HashMap<Vec<Box<str>>, RunKey>,
    /// Of the row before: rows of a run often follow one another.
    last: Option<(Vec<Box<str>>, RunKey)>,
    repeats: Repeats,
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
        Self { path, runs: HashMap::new(), last: None, repeats: Repeats::default() }
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
        let run = self.run(&row, sink);
        let series: SeriesKey =
            sink.series(run, &MetricName::new(row.metric.unwrap_or(SCORE), None));
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
        let mut prompts: HashMap<&[Box<str>], (usize, usize)> = HashMap::new();
        let by_name: BTreeMap<_, _> = self.runs.iter().collect();
        for (key, run) in by_name {
            let (runs, samples) = prompts.entry(&key[..3]).or_default();
            *runs += 1;
            *samples = (*samples).max(sink.n_samples(*run));
        }
        if prompts.values().any(|(runs, samples)| *runs > 1 && *samples == 1) {
            sink.note("prompt_hash is another one for every sample, and what is asked with another prompt is \
                 another task: if it is the hash of the sample's own text, leave the column out or call it \
                 otherwise (--column prompt_hash=none)");
        }
    }

    pub(super) fn run(&mut self, row: &Row<'_>, sink: &mut Sink<'_>) -> RunKey {
        let parts = [Some(row.model), row.task, row.n_shot, row.prompt];
        let same = |key: &[Box<str>]| {
            key.iter().zip(parts).all(|(known, part)| **known == *part.unwrap_or_default())
        };
        if let Some((key, run)) = &self.last
            && same(key)
        {
            return *run;
        }
        let key: Vec<Box<str>> = parts.iter().map(|part| part.unwrap_or_default().into()).collect();
        let run = *self.runs.entry(key.clone()).or_insert_with(|| {
            let text = |text: Option<&str>| text.filter(|t| !t.is_empty()).map(str::to_owned);
            sink.run(Run {
                model: row.model.to_owned(),
                model_source: "column model".to_owned(),
                task: text(row.task).unwrap_or_else(|| self.path.stem().to_owned()),
                n_shot: row.n_shot.and_then(|text| id(text).parse().ok()),
                prompt: text(row.prompt),
                ids: IdKind::Native,
                ..Run::default()
            })
        });
        self.last = Some((key, run));
        run
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
