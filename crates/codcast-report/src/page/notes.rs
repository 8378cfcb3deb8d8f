//! Diagnostics as notes.

use super::block::Note;
use crate::input::Diagnostic;
use crate::remarks::{Remark, gather};
use crate::text::{clean, name};

/// Tasks named in a note; of more, how many.
const NAMED: usize = 6;

/// Each message once, with what it is about; worst first. `rows`: what each list is about.
pub(super) fn notes<'a>(
    rows: impl Iterator<Item = (&'a str, &'a [Diagnostic])>,
    keep: fn(&Diagnostic) -> bool,
) -> Vec<Note> {
    let mut known: Vec<&str> = Vec::new();
    let mut found: Vec<(&str, &Diagnostic)> = Vec::new();
    for (what, diagnostics) in rows {
        if !known.contains(&what) {
            known.push(what);
        }
        found.extend(diagnostics.iter().filter(|d| keep(d)).map(|diagnostic| (what, diagnostic)));
    }
    let rank = |severity: &str| match severity {
        "error" => 0,
        "warning" => 1,
        _ => 2,
    };
    found.sort_by_key(|(_, diagnostic)| rank(&diagnostic.severity));
    let about = |all: &[String]| match all.len() {
        n if n == known.len() && n > 1 => "all tasks".to_owned(),
        n if n > NAMED => format!("{n} tasks"),
        _ => all.iter().map(|task| name(task)).collect::<Vec<_>>().join(", "),
    };
    let remarks = found.iter().map(|(about, diagnostic)| Remark {
        code: &diagnostic.code,
        message: &diagnostic.message,
        about,
    });
    gather(remarks)
        .into_iter()
        .map(|gathered| {
            let diagnostic = found[gathered.first].1;
            Note {
                severity: diagnostic.severity.clone(),
                about: about(&gathered.about),
                text: format!("{} [{}]", clean(&gathered.text), clean(&diagnostic.code)),
            }
        })
        .collect()
}
