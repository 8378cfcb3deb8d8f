//! What to make of partials, and what a study remembers of it.

use serde::{Deserialize, Serialize};

use super::choose::MetricChoice;
use super::models::glob;
use super::runs::Repeats;
use crate::error::{Result, shown};

/// What to make of partials.
#[derive(Clone, Debug)]
pub struct Options {
    /// Recompute the harness's own means and refuse runs that do not give them.
    pub verify: bool,
    /// Metrics to take instead of the headline.
    pub metrics: Vec<MetricChoice>,
    /// Filters, scorers or reducers (globs) to take instead of the headline's.
    pub filters: Vec<globset::Glob>,
    /// Only tasks that one of these matches (globs); empty: all.
    pub tasks: Vec<globset::Glob>,
    /// What to do with several runs of a model on a task.
    pub repeats: Repeats,
    /// Count a repeat on which the harness failed as wrong, instead of missing.
    pub errors_as_wrong: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            verify: true,
            metrics: Vec::new(),
            filters: Vec::new(),
            tasks: Vec::new(),
            repeats: Repeats::Auto,
            errors_as_wrong: false,
        }
    }
}

/// [`Options`] as a study's folder remembers them: all its logs are counted by one rule, whenever they
/// came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Remembered {
    metrics: Vec<String>,
    filters: Vec<String>,
    tasks: Vec<String>,
    repeats: Repeats,
    errors_as_wrong: bool,
    no_verify: bool,
}

impl Options {
    pub(crate) fn remembered(&self) -> Remembered {
        let texts = |globs: &[globset::Glob]| globs.iter().map(|g| g.glob().to_owned()).collect();
        Remembered {
            metrics: self.metrics.iter().map(|choice| choice.text.clone()).collect(),
            filters: texts(&self.filters),
            tasks: texts(&self.tasks),
            repeats: self.repeats,
            errors_as_wrong: self.errors_as_wrong,
            no_verify: !self.verify,
        }
    }
}

impl Remembered {
    /// What holds when a study that was made with these gets new ones: each that is not the default takes
    /// the place of the one before. With what to tell.
    pub(crate) fn and(&self, new: &Options) -> Result<(Options, Vec<String>)> {
        let mut now = new.clone();
        let globs =
            |texts: &[String]| texts.iter().map(|text| glob(text)).collect::<Result<Vec<_>>>();
        if now.metrics.is_empty() {
            let choices = self.metrics.iter().map(|text| MetricChoice::parse(text));
            now.metrics = choices.collect::<Result<_>>()?;
        }
        if now.filters.is_empty() {
            now.filters = globs(&self.filters)?;
        }
        if now.tasks.is_empty() {
            now.tasks = globs(&self.tasks)?;
        }
        if now.repeats == Repeats::Auto {
            now.repeats = self.repeats;
        }
        now.errors_as_wrong |= self.errors_as_wrong;
        now.verify &= !self.no_verify;
        let (given, after) = (new.remembered().words(), now.remembered().words());
        let mut notes = Vec::new();
        let (mut kept, mut changed) = (Vec::new(), Vec::new());
        for ((before, given), after) in self.words().into_iter().zip(given).zip(after) {
            if given.is_empty() && !after.is_empty() {
                kept.push(after);
            } else if before != after && before.is_empty() {
                changed.push(after);
            } else if before != after {
                changed.push(format!("{after} (in place of {before})"));
            }
        }
        if !kept.is_empty() {
            let kept = kept.join(" ");
            notes.push(format!("as the study remembers: {kept} (--forget begins anew)"));
        }
        if !changed.is_empty() {
            let changed = changed.join(", ");
            notes.push(format!("now for all logs of the study, also the earlier ones: {changed}"));
        }
        Ok((now, notes))
    }

    /// Each choice as it would be given on the command line; empty for the default.
    fn words(&self) -> [String; 6] {
        let list = |option: &str, texts: &[String]| {
            let each = texts.iter().map(|text| format!("{option} '{}'", shown(text, 100)));
            each.collect::<Vec<_>>().join(" ")
        };
        let flag = |set: bool, word: &str| if set { word.to_owned() } else { String::new() };
        [
            list("--metric", &self.metrics),
            list("--filter", &self.filters),
            list("--task", &self.tasks),
            match self.repeats {
                Repeats::Auto => String::new(),
                Repeats::Pool => "--repeats pool".to_owned(),
                Repeats::Newest => "--repeats newest".to_owned(),
            },
            flag(self.errors_as_wrong, "--errors-as-wrong"),
            flag(self.no_verify, "--no-verify"),
        ]
    }
}
