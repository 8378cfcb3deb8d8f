//! The native module of the Python package `codcast`: glue, no mathematics.
//!
//! Private: `codcast/_native.pyi` types it and the package's Python files are its only callers. Results
//! leave as the JSON that the command prints, so that both give the same bytes; arrays go in and out as
//! `NumPy` arrays and tables come in through Arrow's C stream interface.

#![allow(
    clippy::needless_pass_by_value,
    clippy::struct_field_names,
    reason = "PyO3 hands arguments over by value, and names classes"
)]

mod arrays;
mod errors;
mod frame;
mod law;
mod logs;
mod monitor;
mod plan;
mod study;
mod work;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use pyo3::prelude::*;

/// Runs the command with these arguments, the program's name first, and gives its exit status.
///
/// `program`: the file of this module; its hash tells versions apart.
#[pyfunction]
fn main(py: Python<'_>, args: Vec<OsString>, program: PathBuf) -> u8 {
    let code = py.detach(|| codcast_cli::main(args, Some(program)));
    // An exit code does not tell its number; it can be compared.
    (0..=u8::MAX).find(|status| ExitCode::from(*status) == code).unwrap_or(u8::MAX)
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<study::Study>()?;
    module.add_class::<logs::Partials>()?;
    module.add_function(wrap_pyfunction!(main, module)?)?;
    module.add_function(wrap_pyfunction!(study::backtest, module)?)?;
    module.add_function(wrap_pyfunction!(study::engines, module)?)?;
    module.add_function(wrap_pyfunction!(monitor::monitor, module)?)?;
    module.add_function(wrap_pyfunction!(plan::plan, module)?)?;
    module.add_function(wrap_pyfunction!(study::report, module)?)?;
    module.add_function(wrap_pyfunction!(arrays::estimate_bandwidth, module)?)?;
    module.add_function(wrap_pyfunction!(arrays::mean_shift, module)?)?;
    module.add_function(wrap_pyfunction!(arrays::improved_mean_shift, module)?)?;
    module.add_function(wrap_pyfunction!(logs::ingest, module)?)?;
    module.add_function(wrap_pyfunction!(logs::log_files, module)?)?;
    module.add_function(wrap_pyfunction!(law::fit_law, module)?)?;
    module.add_function(wrap_pyfunction!(law::predict, module)?)?;
    Ok(())
}
