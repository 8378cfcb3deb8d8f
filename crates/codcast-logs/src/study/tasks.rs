//! Which runs are about the same task: the same in all that makes another task of it.

use std::collections::BTreeMap;

use super::Options;
use super::models::{Models, Place, distinct};
use crate::error::Result;
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

/// Groups runs of listed models by task. A task's name is the log's; where several tasks would have the
/// same, what tells them apart follows in brackets.
pub(super) fn group<'a>(
    runs: &[&'a RunScores],
    named: &[Option<Place>],
    models: &Models,
    options: &Options,
) -> Result<Vec<Group<'a>>> {
    let mut tasks: BTreeMap<&str, Variants<'_>> = BTreeMap::new();
    for (run, model) in runs.iter().zip(named) {
        let Some(model) = model else { continue };
        let (runs, models) = tasks.entry(&run.run.task).or_default().entry(key(run)).or_default();
        runs.push(run);
        models.push(*model);
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (task, variants) in tasks {
        let keys: Vec<Key> = variants.keys().cloned().collect();
        for (key, (runs, model_numbers)) in variants {
            let full = full_name(task, &key, &keys);
            let wanted = |glob: &globset::Glob| {
                let glob = glob.compile_matcher();
                glob.is_match(task) || glob.is_match(&full)
            };
            if !options.tasks.is_empty() && !options.tasks.iter().any(wanted) {
                continue;
            }
            let (name, info) = models.task(&full, task)?;
            groups.push(Group {
                name,
                chance: info.and_then(|info| info.chance),
                n_samples: info.and_then(|info| info.n_samples),
                runs,
                models: model_numbers,
            });
        }
    }
    distinct(groups.iter().map(|group| group.name.as_str()))?;
    Ok(groups)
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
