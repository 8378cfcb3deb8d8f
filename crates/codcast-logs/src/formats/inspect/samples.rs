//! Samples, or summaries of them, in a few dozen bytes each.

use hashbrown::HashMap;

use crate::error::{At, Error, Result};
use crate::json::{Field, Kind, Value};
use crate::record::Score;
use crate::sink::Sink;

/// Where a sample has what. A test gives each row a value of its own.
const ID: Field = Field::required(&["id"], Kind::Id);
const EPOCH: Field = Field::optional(&["epoch"], Kind::Count);
const SCORES: Field = Field::optional(&["scores"], Kind::Object);

/// One sample of one epoch.
#[derive(Debug)]
pub(super) struct Sample {
    /// Index into [`Samples::ids`].
    pub(super) id: u32,
    pub(super) epoch: u32,
    /// The harness failed on it.
    pub(super) failed: bool,
    /// Withdrawn by its author.
    pub(super) invalid: bool,
    /// Range of [`Samples::scores`].
    scores: (u32, u32),
}

/// The samples of a log. Of several results for a sample and epoch the last counts, as the harness
/// documents.
#[derive(Debug, Default)]
pub(super) struct Samples {
    ids: Vec<(Box<str>, IsText)>,
    pub(super) samples: Vec<Sample>,
    /// Scorers with their sub-metric, if their values are objects.
    pub(super) names: Vec<(Box<str>, Option<Box<str>>)>,
    scores: Vec<(u16, Score)>,
    by_id: HashMap<(Box<str>, IsText), u32>,
    by_epoch: HashMap<(u32, u32), u32>,
    /// By name: whether any score is `P`.
    pub(super) has_partial: Vec<bool>,
    /// By name: samples with a list in place of a score.
    pub(super) lists: Vec<u32>,
    /// Whether some id is a text: if all are integers, they are likely positions.
    pub(super) has_text_ids: bool,
}

/// Whether an id is a text in the log, since `1` and `"1"` are different ids.
type IsText = bool;

impl Samples {
    pub(super) fn scores(&self, sample: &Sample) -> &[(u16, Score)] {
        &self.scores[sample.scores.0 as usize..sample.scores.1 as usize]
    }

    /// The ids of the samples, by [`Sample::id`]. A text is in quotes where an integer reads alike.
    pub(super) fn ids(&self) -> Vec<String> {
        let some_are_integers = self.ids.iter().any(|(_, is_text)| !is_text);
        let id = |(id, is_text): &(Box<str>, IsText)| {
            let alike =
                some_are_integers && *is_text && self.by_id.contains_key(&(id.clone(), false));
            if alike { format!("\"{id}\"") } else { id.to_string() }
        };
        self.ids.iter().map(id).collect()
    }

    /// Adds a sample or summary.
    pub(super) fn add(
        &mut self,
        file: &str,
        index: u64,
        sample: &Value,
        partial_as: f64,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let at = || At::row(file, index + 1);
        let parts = ID.text_of(sample, at).and_then(|id| {
            let epoch = EPOCH.of(sample, at)?.and_then(Value::count).unwrap_or(1);
            Ok((id, epoch, SCORES.of(sample, at)?))
        });
        let (id, epoch, scores) = match parts {
            Ok((Some(id), epoch, scores)) => (id, epoch, scores),
            Ok((None, ..)) => return sink.problem(Error::missing(at(), "id", "a text")),
            Err(error) => return sink.problem(error),
        };
        let Ok(epoch) = u32::try_from(epoch) else {
            return sink.problem(Error::field(at(), "epoch", &epoch.to_string(), "a number"));
        };
        let is_text = sample.get("id").and_then(Value::text).is_some();
        self.has_text_ids |= is_text;
        let start = self.scores.len() as u32;
        for (scorer, score) in scores.map_or(&[][..], Value::entries) {
            // Older logs have the value itself in place of an object.
            let value = match score {
                Value::Object(_) => score.get("value").unwrap_or(&Value::Null),
                value => value,
            };
            match value {
                Value::Object(parts) => {
                    for (part, value) in parts {
                        self.add_score(scorer, Some(part), value, partial_as, &at, sink)?;
                    }
                }
                value => self.add_score(scorer, None, value, partial_as, &at, sink)?,
            }
        }
        let scores = (start, self.scores.len() as u32);
        let next = self.ids.len() as u32;
        let key = (id.into_boxed_str(), is_text);
        let id = *self.by_id.entry(key).or_insert_with_key(|key| {
            self.ids.push(key.clone());
            next
        });
        let present = |key: &str| !matches!(sample.get(key), None | Some(Value::Null));
        let (failed, invalid) = (present("error"), present("invalidation"));
        let sample = Sample { id, epoch, failed, invalid, scores };
        let next = self.samples.len() as u32;
        match *self.by_epoch.entry((id, epoch)).or_insert(next) {
            new if new == next => self.samples.push(sample),
            known => self.samples[known as usize] = sample,
        }
        Ok(())
    }

    fn add_score(
        &mut self,
        scorer: &str,
        part: Option<&str>,
        value: &Value,
        partial_as: f64,
        at: &impl Fn() -> At,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let Some(name) = self.name(scorer, part) else { return Ok(()) };
        if let Value::List(_) = value {
            self.lists[usize::from(name)] += 1;
            self.scores.push((name, Score::Unscored));
            return Ok(());
        }
        let Some(score) = score(value, partial_as) else {
            let expected = "C, I, P, N, a number, true or false, yes or no";
            let field = format!("scores.{scorer}.value");
            return sink.problem(Error::field(at(), &field, &value.described(), expected));
        };
        self.has_partial[usize::from(name)] |= value.text() == Some("P");
        self.scores.push((name, score));
        Ok(())
    }

    fn name(&mut self, scorer: &str, part: Option<&str>) -> Option<u16> {
        let same = |(s, p): &(Box<str>, Option<Box<str>>)| **s == *scorer && p.as_deref() == part;
        if let Some(known) = self.names.iter().position(same) {
            return Some(known as u16);
        }
        let long = |name: &str| name.len() > codcast_ingest::MAX_NAME_BYTES;
        if self.names.len() >= MAX_NAMES || long(scorer) || part.is_some_and(long) {
            return None;
        }
        self.names.push((scorer.into(), part.map(Into::into)));
        self.has_partial.push(false);
        self.lists.push(0);
        Some(self.names.len() as u16 - 1)
    }
}

/// Scorers and sub-metrics of a log; no task has more.
const MAX_NAMES: usize = 10_000;

/// A score's value as the harness turns it into a number; `None` where it has no such number.
///
/// Source: `value_to_float` of inspect_ai, `scorer/_metric.py`. Differs from it in: text that is no
/// number is not 0 but an error; NaN and null are unscored.
fn score(value: &Value, partial_as: f64) -> Option<Score> {
    Some(Score::Trial(match value {
        Value::Null => return Some(Score::Unscored),
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Number(_) | Value::Whole(_) => value.number()?,
        Value::Text(text) => match &**text {
            "C" => 1.0,
            "P" => partial_as,
            "I" | "N" => 0.0,
            text if text.eq_ignore_ascii_case("yes") || text.eq_ignore_ascii_case("true") => 1.0,
            text if text.eq_ignore_ascii_case("no") || text.eq_ignore_ascii_case("false") => 0.0,
            text if text.eq_ignore_ascii_case("nan") => return Some(Score::Unscored),
            text => text.parse().ok().filter(|number: &f64| number.is_finite())?,
        },
        Value::List(_) | Value::Object(_) => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbers_as_the_harness_has_them() {
        let of = |text: &str| score(&crate::json::parse(text.as_bytes(), &[]).unwrap(), 0.5);
        for (text, number) in [
            ("\"C\"", 1.0),
            ("\"I\"", 0.0),
            ("\"P\"", 0.5),
            ("\"N\"", 0.0),
            ("\"Yes\"", 1.0),
            ("\"false\"", 0.0),
            ("\"0.25\"", 0.25),
            ("0.75", 0.75),
            ("true", 1.0),
        ] {
            assert_eq!(of(text), Some(Score::Trial(number)), "{text}");
        }
        assert_eq!(of("NaN"), Some(Score::Unscored));
        assert_eq!(of("null"), Some(Score::Unscored));
        assert_eq!(of("\"maybe\""), None);
    }
}
