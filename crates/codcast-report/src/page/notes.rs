//! Diagnostics as notes.

use super::block::Note;
use crate::input::Diagnostic;
use crate::text::{clean, name};

/// Tasks named in a note; of more, how many.
const NAMED: usize = 6;

/// Each message once, with what it is about; worst first. `rows`: what each list is about.
pub(super) fn notes<'a>(
    rows: impl Iterator<Item = (&'a str, &'a [Diagnostic])>,
    keep: fn(&Diagnostic) -> bool,
) -> Vec<Note> {
    let mut known: Vec<&str> = Vec::new();
    let mut found: Vec<(&Diagnostic, Vec<&str>)> = Vec::new();
    for (what, diagnostics) in rows {
        if !known.contains(&what) {
            known.push(what);
        }
        for diagnostic in diagnostics.iter().filter(|d| keep(d)) {
            match found.iter_mut().find(|(other, _)| *other == diagnostic) {
                Some((_, all)) if all.contains(&what) => {}
                Some((_, all)) => all.push(what),
                None => found.push((diagnostic, vec![what])),
            }
        }
    }
    let rank = |severity: &str| match severity {
        "error" => 0,
        "warning" => 1,
        _ => 2,
    };
    found.sort_by_key(|(diagnostic, _)| rank(&diagnostic.severity));
    let about = |all: &[&str]| match all.len() {
        n if n == known.len() && n > 1 => "all tasks".to_owned(),
        n if n > NAMED => format!("{n} tasks"),
        _ => all.iter().map(|task| name(task)).collect::<Vec<_>>().join(", "),
    };
    found
        .into_iter()
        .map(|(diagnostic, all)| Note {
            severity: diagnostic.severity.clone(),
            about: about(&all),
            text: format!("{} [{}]", clean(&diagnostic.message), clean(&diagnostic.code)),
        })
        .collect()
}
