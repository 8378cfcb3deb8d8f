//! `codcast explain`

use std::process::ExitCode;

use serde::Serialize;

use crate::args::{Common, ExplainArgs};
use crate::failure::Failure;
use crate::output::{self, Cell, Sheet};

/// The page of the documentation is the only copy: entries are `### code`, cause, cure.
const CATALOGUE: &str = include_str!("../../../../docs/errors.md");

#[derive(Serialize)]
struct Answer {
    schema: &'static str,
    entries: Vec<Entry>,
}

/// What a code means.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Entry {
    code: &'static str,
    /// The heading of its part of the catalogue.
    about: &'static str,
    cause: &'static str,
    cure: &'static str,
}

pub(super) fn run(args: &ExplainArgs, common: &Common) -> Result<ExitCode, Failure> {
    let mut entries: Vec<Entry> = entries().collect();
    if let Some(code) = &args.code {
        // As printed: [few_rungs]
        let wanted = code.trim_matches(['[', ']']);
        entries.retain(|entry| entry.code == wanted);
        if entries.is_empty() {
            return Err(unknown(wanted));
        }
    }
    let sheet = if args.code.is_some() { one(&entries[0]) } else { all(&entries) };
    let answer = Answer { schema: "codcast.explain/1", entries };
    output::print(common.format, &answer, &[sheet])?;
    Ok(ExitCode::SUCCESS)
}

fn entries() -> impl Iterator<Item = Entry> {
    CATALOGUE.split("\n## ").skip(1).flat_map(|part| {
        let (about, entries) = part.split_once('\n').unwrap_or((part, ""));
        entries.split("\n### ").skip(1).filter_map(move |entry| {
            let (code, text) = entry.split_once('\n')?;
            let (cause, cure) = text.trim().split_once("\n**Cure.** ")?;
            Some(Entry { code, about, cause: cause.strip_prefix("**Cause.** ")?, cure })
        })
    })
}

fn unknown(wanted: &str) -> Failure {
    let known = entries().map(|entry| entry.code);
    let near = crate::text::nearest(wanted, known)
        .map_or_else(String::new, |near| format!("; did you mean {near}?"));
    Failure::usage(format!("no code {wanted:?}{near} (codcast explain lists all)"))
}

fn one(entry: &Entry) -> Sheet {
    Sheet {
        title: entry.code.to_owned(),
        notes: vec![format!("Cause: {}", entry.cause), format!("Cure: {}", entry.cure)],
        columns: vec![("code", "code"), ("cause", "cause"), ("cure", "cure")],
        ..Sheet::default()
    }
}

fn all(entries: &[Entry]) -> Sheet {
    Sheet {
        columns: vec![("code", "code"), ("about", "about"), ("cause", "cause")],
        rows: entries
            .iter()
            .map(|entry| {
                vec![Cell::Text(entry.code), Cell::Text(entry.about), Cell::Text(entry.cause)]
            })
            .collect(),
        notes: vec!["codcast explain CODE gives the cure".to_owned()],
        ..Sheet::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_entry_and_every_entry_a_code() {
        let mut codes: Vec<&str> =
            codcast::Diagnostic::CODES.iter().map(|(code, _)| *code).collect();
        codes.extend(codcast::Error::CODES);
        codes.extend(codcast_ingest::Error::CODES);
        codes.extend(codcast_ingest::Note::CODES);
        codes.extend(codcast_logs::Error::CODES);
        codes.sort_unstable();
        // A file that cannot be read is one thing, whoever reads it.
        codes.dedup();
        // Those of the Python package alone are held against it by its own tests.
        let ours = |entry: &Entry| entry.about != "From Python";
        let mut explained: Vec<&str> = entries().filter(ours).map(|entry| entry.code).collect();
        explained.sort_unstable();
        assert_eq!(explained, codes);
        let parsed = entries().count();
        assert_eq!(CATALOGUE.matches("\n### ").count(), parsed, "an entry does not parse");
    }

    #[test]
    fn a_misspelt_code_is_met_with_the_nearest() {
        assert!(format!("{:?}", unknown("few_rung")).contains("did you mean few_rungs?"));
    }
}
