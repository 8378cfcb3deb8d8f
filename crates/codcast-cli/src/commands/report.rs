//! `codcast report`

use std::io::Read as _;
use std::process::ExitCode;

use super::say;
use crate::args::{Common, ReportArgs};
use crate::failure::Failure;
use crate::file::NewFile;

pub(super) fn run(args: &ReportArgs, common: &Common) -> Result<ExitCode, Failure> {
    let file = NewFile::create(&args.out)?;
    let shown = args.result.display();
    let unread =
        |error: std::io::Error| Failure::usage(format!("{shown}: cannot be read: {error}"));
    let json = if args.result.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map_err(unread)?;
        text
    } else {
        std::fs::read_to_string(&args.result).map_err(unread)?
    };
    let page = codcast_report::report(&json)
        .map_err(|error| Failure::usage(format!("{shown}: {error}")))?;
    file.write(page.as_bytes())?;
    if !common.quiet {
        say(&format!("the page is {}", args.out.display()));
    }
    Ok(ExitCode::SUCCESS)
}
