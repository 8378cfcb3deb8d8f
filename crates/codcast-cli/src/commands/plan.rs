use std::process::ExitCode;
use crate::args::{Common, PlanArgs};
use crate::failure::Failure;
pub(super) fn run(_args: &PlanArgs, _common: &Common) -> Result<ExitCode, Failure> { Err(Failure::usage("x")) }
