//! The `codcast` command: flags, files and terminal. The mathematics live in the core crate.
//!
//! A library so that the binary and the Python package's command run the same code.

pub mod answer;
mod args;
mod cache;
mod commands;
mod failure;
mod file;
mod output;
mod settings;
mod text;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;
use codcast_ingest::Loaded;

/// Runs the command with these arguments, the program's name first, and gives its exit status.
///
/// `program`: the file that holds this code. Its hash is part of the keys of remembered forecasts, so
/// that another version never takes them for its own; without it nothing is remembered.
pub fn main(args: impl IntoIterator<Item = OsString>, program: Option<PathBuf>) -> ExitCode {
    let mut args = match args::Args::try_parse_from(args) {
        Ok(args) => args,
        Err(answer) => {
            // Help and version go to stdout, complaints to stderr. Where neither can be written there
            // is nobody to tell.
            let _ = answer.print();
            return ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(2));
        }
    };
    args.common.program = program;
    match commands::run(args) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

/// The embedded study of `codcast demo`: thirteen models that we trained, three anchors, a target.
pub fn demo_study() -> codcast_ingest::Result<Loaded> {
    commands::demo::study()
}
