//! `codcast completions`

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::args::{Args, CompletionsArgs};
use crate::failure::Failure;
use crate::output;

pub(super) fn run(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "codcast", &mut script);
    output::write(&String::from_utf8(script).map_err(Failure::usage)?)?;
    Ok(ExitCode::SUCCESS)
}
