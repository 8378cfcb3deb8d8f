//! `codcast engines`

use std::process::ExitCode;

use crate::answer;
use crate::args::Common;
use crate::failure::Failure;
use crate::output::{self, Cell, Sheet};

pub(super) fn run(common: &Common) -> Result<ExitCode, Failure> {
    let answer = answer::Engines::all();
    let rows = answer
        .engines
        .iter()
        .map(|info| {
            vec![
                Cell::Text(info.name),
                Cell::Text(info.summary),
                Cell::Text(info.needs),
                Cell::Count(Some(info.min_rungs as u64)),
                Cell::Text(info.source),
            ]
        })
        .collect();
    let sheet = Sheet {
        columns: vec![
            ("engine", "engine"),
            ("what it does", "summary"),
            ("needs", "needs"),
            ("rungs", "min_rungs"),
            ("source", "source"),
        ],
        rows,
        notes: vec![format!("default: {}", answer.default)],
        ..Sheet::default()
    };
    output::print(common.format, &answer, &[sheet])?;
    Ok(ExitCode::SUCCESS)
}
