//! Generic tables: one row per model, sample and repeat (CSV, JSON Lines or an array, Parquet), or one row
//! per sample with a column per model (CSV).
//!
//! Tried last, by the names of the columns; `--column ours=theirs` names those that are called
//! otherwise.

mod csv;
mod json;
mod parquet;
mod places;
mod roles;
mod rows;
mod scores;
mod sums;
mod texts;

use super::{Format, Index, Part, Probe};
use crate::error::Result;
use crate::json::Root;
use crate::sink::Sink;
use crate::source::Input;
use roles::Roles;

pub(super) const FORMAT: Format = Format { name: NAME, recognise, index: super::no_index, read };
const NAME: &str = "table";

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    if probe.head.starts_with(b"PAR1") {
        // The columns are described at a Parquet file's end, which is not looked at here.
        return Some(Part::Samples);
    }
    match probe.outline.root {
        Root::Other => {
            let names = csv::header(probe.head)?;
            // Where the names are ambiguous, the error of reading says so.
            let Ok(roles) = Roles::of(&names, probe.columns) else {
                return roles::looks_like_samples(&names).then_some(Part::Samples);
            };
            let wide = roles.is_err() && csv::is_wide(&names, probe.head, probe.columns);
            (roles.is_ok() || wide).then_some(Part::Samples)
        }
        Root::Object | Root::Array => {
            let keys = &probe.outline.keys;
            let names: Vec<String> =
                keys.iter().filter(|key| !key.contains('.')).cloned().collect();
            let is_table = match Roles::of(&names, probe.columns) {
                Ok(roles) => roles.is_ok(),
                Err(_) => roles::looks_like_samples(&names),
            };
            is_table.then_some(Part::Samples)
        }
    }
}

/// Why a file that looks like a table is not read as one; `None` where it does not look like one.
pub(super) fn unread(probe: &Probe<'_>) -> Option<String> {
    let ending = probe.path.file_name().rsplit('.').next()?.to_ascii_lowercase();
    let names = match ending.as_str() {
        "csv" | "tsv" => csv::header(probe.head)?,
        "jsonl" | "ndjson" => {
            probe.outline.keys.iter().filter(|key| !key.contains('.')).cloned().collect()
        }
        _ => return None,
    };
    (!names.is_empty()).then(|| roles::lacking(&names, probe.columns))
}

fn read(mut input: Input<'_>, _: &Index, sink: &mut Sink<'_>) -> Result<()> {
    if input.starts_with(b'P')? && input.looks_at(b"PAR1")? {
        return parquet::read(input, sink);
    }
    if input.starts_with(b'{')? || input.starts_with(b'[')? {
        json::read(input, sink)
    } else {
        csv::read(input, sink)
    }
}
