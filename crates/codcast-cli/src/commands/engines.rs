//! `codcast engines`

use std::process::ExitCode;

use serde::Serialize;

use crate::args::Common;
use crate::failure::Failure;
use crate::output::{self, Cell, Sheet};

#[derive(Serialize)]
struct Answer {
    schema: &'static str,
    version: &'static str,
    default: &'static str,
    engines: Vec<codcast::engines::EngineInfo>,
}

pub(super) fn run(common: &Common) -> Result<ExitCode, Failure> {
    let engines: Vec<_> = codcast::engines::all().iter().map(|engine| engine.info()).collect();
    let rows = engines
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
        notes: vec![format!("default: {}", codcast::engines::DEFAULT)],
        wraps: true,
        ..Sheet::default()
    };
    let result = Answer {
        schema: "codcast.engines/1",
        version: env!("CARGO_PKG_VERSION"),
        default: codcast::engines::DEFAULT,
        engines,
    };
    output::print(common.format, &result, &[sheet])?;
    Ok(ExitCode::SUCCESS)
}
