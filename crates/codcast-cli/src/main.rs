//! The `codcast` command: flags, files and terminal. The mathematics live in the core crate.

mod args;
mod cache;
mod commands;
mod failure;
mod file;
mod output;
mod settings;
mod text;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match commands::run(args) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
