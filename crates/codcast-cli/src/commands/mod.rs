//! One file a command. Each: read, ask the core, print.

mod backtest;
mod check;
mod clusters;
mod completions;
mod compute;
pub(crate) mod demo;
mod engines;
mod explain;
mod explained;
mod forecast;
mod ingest;
mod manual;
mod monitor;
mod plan;
mod plot;
mod prometheus;
mod report;
mod sql;

use std::path::Path;
use std::process::ExitCode;

use codcast::evals::Study;
use codcast_ingest::InputFile;
use codcast_report::remarks::{Remark, gather};

use crate::answer::WithInputs;
use crate::args::{Args, Command, Common};
use crate::failure::Failure;

/// Runs the command on as many threads as asked for.
pub(crate) fn run(args: Args) -> Result<ExitCode, Failure> {
    let Args { command, common } = args;
    if let Some(threads) = common.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.into())
            .build_global()
            .map_err(|error| Failure::usage(format!("--threads {threads}: {error}")))?;
    }
    match command {
        Command::Demo(args) => demo::run(&args, &common),
        Command::Check(args) => check::run(&args, &common),
        Command::Forecast(args) => forecast::run(&args, &common),
        Command::Backtest(args) => backtest::run(&args, &common),
        Command::Clusters(args) => clusters::run(&args, &common),
        Command::Ingest(args) => ingest::run(&args, &common),
        Command::Monitor(args) => monitor::run(&args, &common),
        Command::Plan(args) => plan::run(&args, &common),
        Command::Report(args) => report::run(&args, &common),
        Command::Plot(args) => plot::run(&args, &common),
        Command::Engines => engines::run(&common),
        Command::Explain(args) => explain::run(&args, &common),
        Command::Completions(args) => completions::run(&args),
        Command::Manual(args) => manual::run(&args),
        Command::Sql(args) => sql::run(&args, &common),
    }
}

/// Reads a study, with a spinner when it takes long.
fn read_study(path: &Path, common: &Common) -> Result<(Study, Vec<InputFile>), Failure> {
    let spinner = Spinner::start("reading", common);
    let loaded = codcast_ingest::read_study(path)?;
    drop(spinner);
    if !common.quiet {
        say_notes(loaded.notes.iter().map(|note| (note.code(), note.to_string())));
    }
    Ok((loaded.study, loaded.inputs))
}

/// Notes with their codes, if they have one: those that differ in a model's name or in numbers as one,
/// the first of many.
fn say_notes(notes: impl Iterator<Item = (&'static str, String)>) {
    const SHOWN: usize = 20;
    let notes: Vec<(&str, String)> = notes.collect();
    let remarks = notes.iter().map(|(code, message)| Remark { code, message, about: "" });
    let gathered = gather(remarks);
    for note in gathered.iter().take(SHOWN) {
        match notes[note.first].0 {
            "" => say(&format!("note: {}", note.text)),
            code => say(&format!("note [{code}]: {}", note.text)),
        }
    }
    if gathered.len() > SHOWN {
        say(&format!("and {} more notes", gathered.len() - SHOWN));
    }
}

/// To people, on stderr, with control characters escaped.
#[expect(clippy::print_stderr, reason = "the one place that talks beside the result")]
fn say(line: &str) {
    eprintln!("{}", crate::text::clean(line));
}

/// Shows what is being done, on a terminal, when it takes more than a moment.
struct Spinner(indicatif::ProgressBar);

impl Spinner {
    fn start(doing: &'static str, common: &Common) -> Self {
        let bar = if common.quiet {
            indicatif::ProgressBar::hidden()
        } else {
            indicatif::ProgressBar::new_spinner()
        };
        bar.set_message(doing);
        bar.enable_steady_tick(std::time::Duration::from_millis(500));
        Self(bar)
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
