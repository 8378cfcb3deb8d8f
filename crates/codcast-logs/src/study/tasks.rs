//! Which runs are about the same task: the same in all that makes another task of it.

use std::collections::{BTreeMap, BTreeSet};

use super::models::{Models, Place, distinct};
use super::options::Options;
use super::some_of;
use crate::error::{Result, shown};
use crate::partials::RunScores;
use crate::record::IdKind;

/// The runs on one task.
pub(super) struct Group<'a> {
    /// In the study.
    pub(super) name: String,
    pub(super) chance: Option<f64>,
    pub(super) n_samples: Option<u64>,
    pub(super) runs: Vec<&'a RunScores>,
    /// Models with their checkpoints, a run each.
    pub(super) models: Vec<Place>,
}

/// What makes a task another one, with the words for it.
type Key = [(String, &'static str); 6];

fn key(run: &RunScores) -> Key {
    let run = &run.run;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let shots = run.n_shot.map_or_else(String::new, |n| n.to_string());
    [
        (run.format.clone(), ""),
        (shots, "-shot"),
        (text(&run.version), "version "),
        (text(&run.split), ""),
        (text(&run.prompt), ""),
        // Samples known by hash and by position cannot be told to be the same.
        (if run.ids == IdKind::Hash { "by hash" } else { "by number" }.to_owned(), "samples "),
    ]
}

/// Runs with their models, by what makes the task another one.
type Variants<'a> = BTreeMap<Key, (Vec<&'a RunScores>, Vec<Place>)>;

/// Tasks with their runs.
pub(super) struct Groups<'a> {
    pub(super) groups: Vec<Group<'a>>,
    /// Names of those that no `--task` fits.
    pub(super) left_out: Vec<String>,
    /// What to tell.
    pub(super) notes: Vec<String>,
}

/// Groups runs of listed models by task. A task's name is the log's; where several tasks would have the
/// same, what tells them apart follows in brackets.
pub(super) fn group<'a>(
    runs: &[&'a RunScores],
    named: &[Option<Place>],
    models: &Models,
    options: &Options,
) -> Result<Groups<'a>> {
    let mut tasks: BTreeMap<&str, Variants<'_>> = BTreeMap::new();
    for (run, model) in runs.iter().zip(named) {
        let Some(model) = model else { continue };
        let (runs, models) = tasks.entry(&run.run.task).or_default().entry(key(run)).or_default();
        runs.push(run);
        models.push(*model);
    }
    let mut out = Groups { groups: Vec::new(), left_out: Vec::new(), notes: Vec::new() };
    let wanted: Vec<globset::GlobMatcher> =
        options.tasks.iter().map(globset::Glob::compile_matcher).collect();
    let mut fits = vec![false; wanted.len()];
    let mut described = BTreeSet::new();
    let mut names = Vec::new();
    for (task, variants) in tasks {
        let keys: Vec<Key> = variants.keys().cloned().collect();
        for (key, (runs, model_numbers)) in variants {
            let full = full_name(task, &key, &keys);
            let (name, entry) = models.task(&full, task)?;
            described.extend(entry);
            names.push(full.clone());
            let mut taken = wanted.is_empty();
            for (glob, fits) in wanted.iter().zip(&mut fits) {
                if glob.is_match(task) || glob.is_match(&full) {
                    (*fits, taken) = (true, true);
                }
            }
            if !taken {
                out.left_out.push(name);
                continue;
            }
            let info = entry.map(|entry| &models.manifest.tasks[entry]);
            out.groups.push(Group {
                name,
                chance: info.and_then(|info| info.chance),
                n_samples: info.and_then(|info| info.n_samples),
                runs,
                models: model_numbers,
            });
        }
    }
    distinct(out.groups.iter().map(|group| group.name.as_str()))?;
    if names.is_empty() {
        return Ok(out);
    }
    let there = some_of(names);
    for (glob, _) in options.tasks.iter().zip(fits).filter(|(_, fits)| !fits) {
        let glob = shown(glob.glob(), 100);
        out.notes.push(format!("--task {glob} fits no task; there are: {there}"));
    }
    for (place, info) in models.manifest.tasks.iter().enumerate() {
        if !described.contains(&place) {
            let name = shown(&info.name, 100);
            out.notes.push(format!(
                "the entry {name} of [[tasks]] fits no task of the logs; there are: {there}"
            ));
        }
    }
    if !out.left_out.is_empty() && !out.groups.is_empty() {
        let names = some_of(out.left_out.clone());
        out.notes.push(format!("not wanted by --task: {names}"));
    }
    Ok(out)
}

/// The task's name with what tells it from its variants.
fn full_name(task: &str, key: &Key, keys: &[Key]) -> String {
    let parts: Vec<String> = key
        .iter()
        .enumerate()
        .filter(|(place, (value, _))| keys.iter().any(|other| other[*place].0 != *value))
        .map(|(_, (value, word))| match (value.as_str(), *word) {
            ("", "-shot") => "shots unknown".to_owned(),
            ("", "") => "default".to_owned(),
            ("", word) => format!("{word}unknown"),
            (value, "-shot") => format!("{value}-shot"),
            (value, word) => format!("{word}{value}"),
        })
        .collect();
    // Names are bounded in a study.
    let mut name =
        if parts.is_empty() { task.to_owned() } else { format!("{task} ({})", parts.join(", ")) };
    if name.len() > 300 {
        let hash = crate::partials::hex(&sha2::Digest::finalize(sha2::Digest::chain_update(
            <sha2::Sha256 as sha2::Digest>::new(),
            name.as_bytes(),
        )));
        name = name.chars().take(60).collect::<String>() + "… " + &hash[..16];
    }
    name
}
