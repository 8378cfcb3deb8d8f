//! `codcast manual`

use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::args::{Args, ManualArgs};
use crate::failure::Failure;
use crate::file::NewFile;

pub(super) fn run(args: &ManualArgs) -> Result<ExitCode, Failure> {
    std::fs::create_dir_all(&args.folder)
        .map_err(|error| Failure::usage(format!("{}: {error}", args.folder.display())))?;
    if args.markdown {
        write(&args.folder.join("cli.md"), clap_markdown::help_markdown::<Args>().as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut root = Args::command();
    // Fills in the names of subcommands ("codcast forecast") and the common options.
    root.build();
    for command in std::iter::once(&root).chain(root.get_subcommands()) {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        if name.ends_with("help") {
            continue;
        }
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut page).map_err(Failure::usage)?;
        write(&args.folder.join(format!("{name}.1")), &page)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    NewFile::create(path)?.write(bytes)
}
