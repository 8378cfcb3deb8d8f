//! `models.toml`: a `study.toml` whose models and tasks may also say what logs call them.
//!
//! ```toml
//! name = "my-ladder"
//!
//! [[models]]
//! name = "Qwen2.5-7B"
//! match = ["Qwen/Qwen2.5-7B", "*qwen2.5-7b*"]   # globs; by default the name itself
//! # Checkpoints are logged under names of their own; {checkpoint} is where the number stands:
//! # match = "Qwen/Qwen2.5-7B@step{checkpoint}"
//! role = "ladder"
//! params = 7.6e9
//! tokens = 1.8e13
//!
//! [[tasks]]
//! name = "gpqa"
//! match = "leaderboard_gpqa*"
//! chance = 0.25
//! ```

use std::collections::{BTreeMap, BTreeSet};

use codcast_ingest::{Manifest, Note};
use globset::{Glob, GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};

use super::stanza::stanza;
use crate::error::{Error, Result, shown};
use crate::partials::RunScores;

/// Models by what logs call them.
#[derive(Debug)]
pub struct Models {
    /// Names, roles and compute.
    pub manifest: Manifest,
    /// What was odd in the file.
    pub notes: Vec<Note>,
    /// The text, to be kept beside the study.
    pub text: String,
    models: Vec<Matcher>,
    tasks: Vec<Matcher>,
}

/// A model that logs have and the manifest has not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unlisted {
    /// As logged.
    pub model: String,
    /// What it was taken from.
    pub source: String,
    /// Runs of it.
    pub runs: u64,
    /// To paste into the manifest.
    pub stanza: String,
}

#[derive(Debug)]
struct Matcher {
    exact: BTreeSet<String>,
    globs: Vec<GlobMatcher>,
    /// What stands before and after a checkpoint's number.
    checkpoints: Vec<[GlobMatcher; 2]>,
}

/// A model of the manifest, and which checkpoint of it.
pub(super) type Place = (usize, Option<i64>);

/// Where a pattern has the number of the checkpoint.
const CHECKPOINT: &str = "{checkpoint}";

/// The part of the file that a study's manifest does not know.
#[derive(Deserialize)]
struct Matches {
    #[serde(default)]
    models: Vec<Match>,
    #[serde(default)]
    tasks: Vec<Match>,
}

#[derive(Deserialize)]
struct Match {
    name: String,
    #[serde(default, rename = "match")]
    patterns: Option<OneOrMore>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// A glob in which `*` stands for anything, `/` included.
pub fn glob(text: &str) -> Result<Glob> {
    GlobBuilder::new(text).literal_separator(false).backslash_escape(true).build().map_err(
        |error| Error::Setting {
            message: format!("the pattern {text:?} makes no sense: {error}").into(),
        },
    )
}

fn bad_match(file: &str, error: &toml::de::Error) -> Error {
    let message = shown(error.message(), 200);
    let message = format!("{file}: {message}; match is a pattern or a list of patterns");
    Error::Setting { message: message.into() }
}

impl Models {
    /// Reads the text of a `models.toml`. `file`: the name that errors show.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let mut notes = Vec::new();
        let manifest = Manifest::parse(text, file, &mut notes)?;
        let matches = toml::from_str(text).map_err(|error| bad_match(file, &error))?;
        Self::new(manifest, matches, notes, text.to_owned())
    }

    /// The same content as values instead of a text.
    pub fn from_values(values: &toml::Table) -> Result<Self> {
        let mut notes = Vec::new();
        let manifest = Manifest::from_values(values, &mut notes)?;
        let matches = values.clone().try_into().map_err(|error| bad_match("models", &error))?;
        Self::new(manifest, matches, notes, values.to_string())
    }

    fn new(manifest: Manifest, matches: Matches, notes: Vec<Note>, text: String) -> Result<Self> {
        let matchers = |entries: Vec<Match>| -> Result<Vec<Matcher>> {
            entries.into_iter().map(Matcher::new).collect()
        };
        let (models, tasks) = (matchers(matches.models)?, matchers(matches.tasks)?);
        Ok(Self { manifest, notes, text, models, tasks })
    }

    /// The manifest's model of each run with its checkpoint, and the models that it does not have.
    ///
    /// A model whose checkpoints have numbers may be logged without one when it is finished: that is its
    /// `checkpoint`, where the manifest says which.
    pub(super) fn resolve(
        &self,
        runs: &[&RunScores],
    ) -> Result<(Vec<Option<Place>>, Vec<Unlisted>)> {
        let mut known: BTreeMap<&str, Option<Place>> = BTreeMap::new();
        let mut unlisted: BTreeMap<&str, Unlisted> = BTreeMap::new();
        let mut named = Vec::new();
        for run in runs {
            let model = run.run.model.as_str();
            let index = match known.get(model) {
                Some(index) => *index,
                None => {
                    let index = find(&self.models, model, |index| {
                        self.manifest.models[index].name.clone()
                    })?;
                    let place = index.map(|index| {
                        let matcher = &self.models[index];
                        let last = self.manifest.models[index].checkpoint;
                        let finished = last.filter(|_| !matcher.checkpoints.is_empty());
                        (index, matcher.checkpoint(model).or(finished))
                    });
                    known.insert(model, place);
                    place
                }
            };
            if index.is_none() {
                let entry = unlisted.entry(model).or_insert_with(|| Unlisted {
                    model: model.to_owned(),
                    source: run.run.model_source.clone(),
                    runs: 0,
                    stanza: stanza(model, run.run.params),
                });
                entry.runs += 1;
            }
            named.push(index);
        }
        Ok((named, unlisted.into_values().collect()))
    }

    /// The study's name of a task, and the place of its entry in the manifest.
    ///
    /// An entry that has the name with what tells variants apart is of that variant; one that fits the
    /// task as logged is of all its variants, each with its own brackets behind the name.
    pub(super) fn task(&self, full: &str, logged: &str) -> Result<(String, Option<usize>)> {
        let name_of = |index: usize| self.manifest.tasks[index].name.clone();
        if let Some(exact) = self.tasks.iter().position(|entry| entry.exact.contains(full)) {
            return Ok((name_of(exact), Some(exact)));
        }
        if let Some(index) = find(&self.tasks, logged, name_of)? {
            // A very long name is cut, its brackets with it.
            let name = match full.strip_prefix(logged) {
                Some(brackets) => name_of(index) + brackets,
                None => full.to_owned(),
            };
            return Ok((name, Some(index)));
        }
        Ok(match find(&self.tasks, full, name_of)? {
            Some(index) => (name_of(index), Some(index)),
            None => (full.to_owned(), None),
        })
    }
}

/// Two tasks of the logs must not get one name.
pub(super) fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            let name = shown(name, 100);
            let message = format!(
                "several tasks of the logs would be called {name}: its match in [[tasks]] is too \
                 wide, or use --task to take one of them"
            );
            return Err(Error::Setting { message: message.into() });
        }
    }
    Ok(())
}

impl Matcher {
    fn new(entry: Match) -> Result<Self> {
        let patterns = match entry.patterns {
            None => vec![],
            Some(OneOrMore::One(one)) => vec![one],
            Some(OneOrMore::More(more)) => more,
        };
        let (numbered, patterns): (Vec<String>, Vec<String>) =
            patterns.into_iter().partition(|text| text.contains(CHECKPOINT));
        let compiled = |text: &str| Ok(glob(text)?.compile_matcher());
        let parts = numbered.iter().filter_map(|text| text.split_once(CHECKPOINT));
        let checkpoints = parts.map(|(before, after)| Ok([compiled(before)?, compiled(after)?]));
        let checkpoints = checkpoints.collect::<Result<_>>()?;
        // A name without wildcards is itself, whatever brackets it has.
        let wild = patterns.iter().filter(|text| text.contains(['*', '?']));
        let globs = wild.map(|text| compiled(text)).collect::<Result<_>>()?;
        let exact = patterns.iter().cloned().chain([entry.name]).collect();
        Ok(Self { exact, globs, checkpoints })
    }

    /// The number in a logged name, where a pattern says there is one; of several the last.
    fn checkpoint(&self, logged: &str) -> Option<i64> {
        if self.exact.contains(logged) {
            return None;
        }
        let bytes = logged.as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let starts = (0..bytes.len()).filter(|&at| digit(at) && (at == 0 || !digit(at - 1)));
        starts.rev().find_map(|start| {
            let end = (start..=bytes.len()).find(|&at| !digit(at))?;
            let (before, after) = (&logged[..start], &logged[end..]);
            let here =
                |[first, last]: &[GlobMatcher; 2]| first.is_match(before) && last.is_match(after);
            self.checkpoints.iter().any(here).then(|| logged[start..end].parse().ok())?
        })
    }
}

/// The entry of a logged name: one that has it exactly, else the only one whose pattern matches.
fn find(
    matchers: &[Matcher],
    logged: &str,
    name_of: impl Fn(usize) -> String,
) -> Result<Option<usize>> {
    let all = |fits: &dyn Fn(&Matcher) -> bool| -> Vec<usize> {
        matchers.iter().enumerate().filter(|(_, m)| fits(m)).map(|(index, _)| index).collect()
    };
    let exact = all(&|matcher| matcher.exact.contains(logged));
    let found = if exact.is_empty() {
        all(&|matcher| {
            matcher.globs.iter().any(|glob| glob.is_match(logged))
                || matcher.checkpoint(logged).is_some()
        })
    } else {
        exact
    };
    match found[..] {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        [first, second, ..] => {
            let logged = shown(logged, 200);
            let message = format!(
                "{logged:?} matches both {:?} and {:?}; make one of their match patterns narrower",
                name_of(first),
                name_of(second)
            );
            Err(Error::Setting { message: message.into() })
        }
    }
}
