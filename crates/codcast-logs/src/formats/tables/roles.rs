//! Which column is what.

use crate::error::{At, Error, Result, shown};

/// What a column can be: our name, and what others call it. Our own name counts before the others.
const ROLES: &[(&str, &[&str])] = &[
    ("model", &["model_name", "model_id"]),
    ("sample_id", &["question_id", "doc_id", "problem_id", "item_id", "instance_id", "id"]),
    ("score", &["correct", "passed", "is_correct", "acc", "reward", "is_corrects"]),
    ("task", &["task_name", "benchmark", "dataset"]),
    ("repeat", &["trial", "epoch", "attempt", "sample", "seed"]),
    ("n", &["n_trials", "trials", "num_trials", "num_samples"]),
    ("c", &["n_correct", "num_correct"]),
    ("metric", &["metric_name"]),
    ("n_shot", &["num_fewshot", "shots"]),
    ("prompt_hash", &[]),
];

/// Places of the columns in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Roles {
    pub(super) model: usize,
    pub(super) sample_id: usize,
    pub(super) value: ValueColumns,
    pub(super) task: Option<usize>,
    pub(super) repeat: Option<usize>,
    pub(super) metric: Option<usize>,
    pub(super) n_shot: Option<usize>,
    pub(super) prompt: Option<usize>,
}

/// Where the scores are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueColumns {
    /// One column of scores, a repeat a row.
    Score(usize),
    /// Counts: trials, right ones.
    Counts(usize, usize),
}

/// What is missing for a table of samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing(pub(super) &'static str);

impl Roles {
    /// The roles of columns with these names. The outer error: the user's mapping, or the names, are
    /// ambiguous.
    pub(super) fn of(
        names: &[String],
        mapping: &[(String, String)],
    ) -> Result<Result<Self, Missing>> {
        let find = |role: &'static str| place(names, role, mapping);
        let (model, sample_id) = (find("model")?, find("sample_id")?);
        let (score, n, c) = (find("score")?, find("n")?, find("c")?);
        let Some(model) = model else { return Ok(Err(Missing("model"))) };
        let Some(sample_id) = sample_id else { return Ok(Err(Missing("sample_id"))) };
        let value = match (n, c, score) {
            (Some(n), Some(c), _) => ValueColumns::Counts(n, c),
            (_, _, Some(score)) => ValueColumns::Score(score),
            _ => return Ok(Err(Missing("score (or n and c)"))),
        };
        let repeat = find("repeat")?;
        Ok(Ok(Self {
            model,
            sample_id,
            value,
            task: find("task")?,
            repeat,
            metric: find("metric")?,
            n_shot: find("n_shot")?,
            prompt: find("prompt_hash")?,
        }))
    }

    /// The columns of names: all but those of scores.
    pub(super) fn names(&self) -> impl Iterator<Item = usize> {
        let Self { model, sample_id, task, repeat, metric, n_shot, prompt, .. } = self;
        let optional = [*task, *repeat, *metric, *n_shot, *prompt].into_iter().flatten();
        [*model, *sample_id].into_iter().chain(optional)
    }

    /// Whether a column is read at all.
    pub(super) fn matters(&self, column: usize) -> bool {
        let values = match self.value {
            ValueColumns::Score(score) => [score, score],
            ValueColumns::Counts(n, c) => [n, c],
        };
        values.contains(&column) || self.names().any(|name| name == column)
    }

    /// The same, or the error that says which column is missing.
    pub(super) fn required(
        names: &[String],
        mapping: &[(String, String)],
        file: &str,
    ) -> Result<Self> {
        Self::of(names, mapping)?
            .map_err(|Missing(_)| Error::refused(At::whole(file), lacking(names, mapping)))
    }
}

/// Which columns a table lacks to be one of samples, what it has, and how to say which is which.
pub(super) fn lacking(names: &[String], mapping: &[(String, String)]) -> String {
    let at = |role| place(names, role, mapping).ok().flatten();
    let counted = at("n").is_some() && at("c").is_some();
    let needed = ["model", "sample_id", "score"];
    let missing: Vec<&str> = needed
        .into_iter()
        .filter(|&role| at(role).is_none() && !(role == "score" && counted))
        .collect();
    let taken: Vec<usize> = ROLES.iter().filter_map(|&(role, _)| at(role)).collect();
    let free = names.iter().enumerate().filter(|(place, _)| !taken.contains(place));
    let free = free.map(|(_, name)| name.as_str()).chain(std::iter::repeat("NAME"));
    let example: Vec<String> = missing
        .iter()
        .zip(free)
        .map(|(role, name)| {
            let word = format!("{role}={}", shown(name, 60));
            let plain = |c: char| c.is_ascii_alphanumeric() || "_-.=".contains(c);
            let quoted = || format!("'{}'", word.replace('\'', "'\\''"));
            format!("--column {}", if word.chars().all(plain) { word.clone() } else { quoted() })
        })
        .collect();
    format!(
        "as a table it has no column for {} (its columns: {}); expected are model, sample_id, and score or \
         n and c (trials and right answers), and task if there are several. Say which column is which, \
         for example {}",
        missing.join(", "),
        shown(&names.join(", "), 300),
        example.join(" ")
    )
}

/// Whether there are names for a model, a sample and its score, be they ambiguous.
pub(super) fn looks_like_samples(names: &[String]) -> bool {
    let has = |role: &str| {
        let all = ROLES.iter().find(|(known, _)| *known == role).map_or(&[][..], |(_, all)| all);
        names.iter().any(|name| name == role || all.contains(&name.as_str()))
    };
    has("model") && has("sample_id") && (has("score") || has("c"))
}

/// The place of a column: as the user maps it; else by our name; else by the only other name.
pub(super) fn place(
    names: &[String],
    role: &'static str,
    mapping: &[(String, String)],
) -> Result<Option<usize>> {
    let position = |wanted: &str| -> Result<Option<usize>> {
        let mut places = names.iter().enumerate().filter(|(_, name)| *name == wanted);
        let first = places.next().map(|(place, _)| place);
        if places.next().is_some() {
            let message = format!(
                "two columns are called {}: give one of them another name",
                shown(wanted, 60)
            );
            return Err(Error::Setting { message: message.into() });
        }
        Ok(first)
    };
    if !ROLES.iter().any(|(known, _)| *known == role) {
        return Ok(None);
    }
    if let Some((unknown, _)) =
        mapping.iter().find(|(ours, _)| !ROLES.iter().any(|(known, _)| known == ours))
    {
        let known: Vec<&str> = ROLES.iter().map(|(known, _)| *known).collect();
        let message = format!(
            "--column {}: there is no such role; the roles are {}",
            shown(unknown, 60),
            known.join(", ")
        );
        return Err(Error::Setting { message: message.into() });
    }
    if let Some((_, theirs)) = mapping.iter().find(|(ours, _)| ours == role) {
        return position(theirs);
    }
    if let Some(place) = position(role)? {
        return Ok(Some(place));
    }
    // A name that the user gave another role is not free.
    let taken = |name: &&&str| !mapping.iter().any(|(_, theirs)| theirs == **name);
    let aliases = ROLES.iter().find(|(known, _)| *known == role).map_or(&[][..], |(_, all)| all);
    let found: Vec<&&str> =
        aliases.iter().filter(taken).filter(|alias| names.iter().any(|n| n == **alias)).collect();
    match found[..] {
        [] => Ok(None),
        [one] => position(one),
        // Several may be a sample's id (an id and a question_id): nothing tells which one is.
        [first, second, ..] => {
            let message = format!(
                "columns {first} and {second} could both be {role}; say which with --column \
                 {role}={first}"
            );
            Err(Error::Setting { message: message.into() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn our_names_count_before_others_and_the_users_before_ours() {
        let columns = names("model sample_id id score correct");
        let roles = Roles::of(&columns, &[]).unwrap().unwrap();
        assert_eq!((roles.sample_id, roles.value), (1, ValueColumns::Score(3)));
        let mapping = [("score".to_owned(), "correct".to_owned())];
        let roles = Roles::of(&columns, &mapping).unwrap().unwrap();
        assert_eq!(roles.value, ValueColumns::Score(4));
    }

    #[test]
    fn two_candidates_are_an_error_that_says_how_to_choose() {
        let error = Roles::of(&names("model id doc_id score"), &[]).unwrap_err().to_string();
        assert!(error.contains("doc_id and id could both be sample_id"), "{error}");
        let error = Roles::of(&names("model id score score"), &[]).unwrap_err().to_string();
        assert!(error.contains("two columns are called score"), "{error}");
        assert_eq!(Roles::of(&names("model id"), &[]).unwrap(), Err(Missing("score (or n and c)")));
    }

    #[test]
    fn a_table_of_other_names_is_told_what_it_lacks_and_how_to_say_it() {
        let said = lacking(&names("run q right"), &[]);
        for part in [
            "no column for model, sample_id, score",
            "its columns: run, q, right",
            "--column model=run --column sample_id=q --column score=right",
        ] {
            assert!(said.contains(part), "{said}");
        }
        // What is known, or said already, is not asked for.
        let said = lacking(&names("run id right"), &[("model".to_owned(), "run".to_owned())]);
        assert!(
            said.contains("no column for score (") && said.ends_with("--column score=right"),
            "{said}"
        );
    }
}
