//! The binary `codcast`.

use std::process::ExitCode;

fn main() -> ExitCode {
    codcast_cli::main(std::env::args_os(), std::env::current_exe().ok())
}
