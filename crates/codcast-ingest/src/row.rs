//! One row of a table of samples: its numbers, checked.

use std::fmt;

use codcast::evals::Outcome;

/// A number as the file has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    fn value(self) -> f64 {
        match self {
            Self::Int(n) => n as f64,
            Self::Float(x) => x,
        }
    }

    /// The integer this is, if it is one; floats of integral value count up to 2^53.
    fn integer(self) -> Option<i64> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match self {
            Self::Int(n) => Some(n),
            Self::Float(x) => (x.fract() == 0.0 && x.abs() <= EXACT).then_some(x as i64),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(n) => write!(f, "{n}"),
            Self::Float(x) => write!(f, "{x:?}"),
        }
    }
}

/// The numbers of a row; `None`: null, empty or absent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) checkpoint: Option<Number>,
    pub(crate) n_trials: Option<Number>,
    pub(crate) n_correct: Option<Number>,
    pub(crate) score: Option<Number>,
    pub(crate) task_loss: Option<Number>,
}

/// A value that makes no sense; the reader adds the place.
#[derive(Debug)]
pub(crate) struct Bad {
    pub(crate) field: &'static str,
    pub(crate) found: Box<str>,
    pub(crate) expected: &'static str,
    pub(crate) advice: &'static str,
}

impl Bad {
    pub(crate) fn new(
        field: &'static str,
        found: impl fmt::Display,
        expected: &'static str,
        advice: &'static str,
    ) -> Self {
        Self { field, found: found.to_string().into(), expected, advice }
    }
}

const MISSING_ADVICE: &str = "leave it empty, or leave out the row, where there was no answer";

impl Numbers {
    pub(crate) fn checkpoint(&self) -> Result<Option<i64>, Bad> {
        let Some(number) = self.checkpoint else { return Ok(None) };
        number.integer().map(Some).ok_or_else(|| {
            Bad::new("checkpoint", number, "an integer", "use training steps or token counts")
        })
    }

    /// Loss on the right answer, in the study's unit.
    pub(crate) fn task_loss(&self) -> Result<Option<f64>, Bad> {
        let Some(number) = self.task_loss else { return Ok(None) };
        let loss = number.value();
        if loss.is_finite() && loss >= 0.0 {
            Ok(Some(loss + 0.0))
        } else {
            let expected = "a finite number, zero or more";
            Err(Bad::new("task_loss", number, expected, "leave it empty where it is not known"))
        }
    }

    /// What the model scored: counts, a score, or nothing. Never guessed, never clamped.
    pub(crate) fn outcome(&self) -> Result<Outcome, Bad> {
        match (self.n_trials, self.n_correct, self.score) {
            (None, None, None) => Ok(Outcome::Missing),
            (Some(trials), Some(correct), None) => counted(trials, correct),
            (None, None, Some(score)) => measured(score),
            (None, Some(_), _) => Err(Bad::new(
                "n_trials",
                "missing",
                "both n_trials and n_correct, or score alone",
                "say how many generations were scored",
            )),
            (Some(_), None, _) => Err(Bad::new(
                "n_correct",
                "missing",
                "both n_trials and n_correct, or score alone",
                "say how many generations were right",
            )),
            (Some(_), Some(_), Some(score)) => Err(Bad::new(
                "score",
                score,
                "either n_trials and n_correct, or score, not both",
                "drop score and keep the counts",
            )),
        }
    }
}

fn counted(trials: Number, correct: Number) -> Result<Outcome, Bad> {
    let count = trials.integer().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    let Some(count) = count else {
        let expected = "a whole number from 1 to 4294967295";
        return Err(Bad::new("n_trials", trials, expected, MISSING_ADVICE));
    };
    let right = correct.value();
    if !(right.is_finite() && right >= 0.0) {
        let expected = "a finite number from 0 to n_trials";
        return Err(Bad::new("n_correct", correct, expected, MISSING_ADVICE));
    }
    if right > f64::from(count) {
        let found = format_args!("{correct} of {count} trials").to_string();
        let advice = "check which column counts the generations";
        return Err(Bad::new("n_correct", found, "a number from 0 to n_trials", advice));
    }
    // Adding zero turns -0.0 into 0.0.
    Ok(Outcome::Counted { trials: count, correct: right + 0.0 })
}

fn measured(score: Number) -> Result<Outcome, Bad> {
    let value = score.value();
    if (0.0..=1.0).contains(&value) {
        Ok(Outcome::Measured(value + 0.0))
    } else if value > 1.0 && value <= 100.0 {
        let advice = "it looks like percent; divide the scores by 100";
        Err(Bad::new("score", score, "a number from 0 to 1", advice))
    } else if value.is_finite() {
        let advice = "bring the scores to this scale";
        Err(Bad::new("score", score, "a number from 0 to 1", advice))
    } else {
        Err(Bad::new("score", score, "a number from 0 to 1", MISSING_ADVICE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(trials: Option<f64>, correct: Option<f64>, score: Option<f64>) -> Numbers {
        let float = |x: Option<f64>| x.map(Number::Float);
        Numbers {
            n_trials: float(trials),
            n_correct: float(correct),
            score: float(score),
            ..Numbers::default()
        }
    }

    #[test]
    fn counts_or_a_score_or_nothing() {
        let ok = |t, c, s| numbers(t, c, s).outcome().unwrap();
        assert_eq!(ok(Some(4.0), Some(1.5), None), Outcome::Counted { trials: 4, correct: 1.5 });
        assert_eq!(ok(None, None, Some(0.25)), Outcome::Measured(0.25));
        assert_eq!(ok(None, None, None), Outcome::Missing);
    }

    #[test]
    fn each_bad_combination_names_its_field() {
        let field = |t, c, s| numbers(t, c, s).outcome().unwrap_err().field;
        assert_eq!(field(Some(4.0), None, None), "n_correct");
        assert_eq!(field(None, Some(4.0), None), "n_trials");
        assert_eq!(field(Some(4.0), Some(1.0), Some(0.25)), "score");
        assert_eq!(field(Some(4.0), None, Some(0.25)), "n_correct");
        assert_eq!(field(Some(0.0), Some(0.0), None), "n_trials");
        assert_eq!(field(Some(1.5), Some(0.0), None), "n_trials");
        assert_eq!(field(Some(4.3e9), Some(0.0), None), "n_trials");
        assert_eq!(field(Some(2.0), Some(2.5), None), "n_correct");
        assert_eq!(field(Some(2.0), Some(-1.0), None), "n_correct");
        assert_eq!(field(Some(2.0), Some(f64::NAN), None), "n_correct");
        assert_eq!(field(None, None, Some(1.3)), "score");
        assert_eq!(field(None, None, Some(f64::INFINITY)), "score");
        let advice = |s| numbers(None, None, Some(s)).outcome().unwrap_err().advice;
        for percent in [1.3, 66.7, 100.0] {
            assert!(advice(percent).contains("looks like percent; divide the scores by 100"));
        }
        for other in [-3.0, 1200.0] {
            assert!(!advice(other).contains("percent"));
        }
    }
}
