//! The one place that turns errors into Python's exceptions.
//!
//! The classes live in `codcast/_errors.py`. What cannot be answered is a plain `CodcastError`; wrong
//! values are also `ValueError`, absent files also `FileNotFoundError`, others that cannot be read or
//! written also `OSError`.

use std::io::ErrorKind;

use codcast_ingest::Error as Ingest;
use pyo3::prelude::*;

/// A class of `codcast/_errors.py`.
#[derive(Clone, Copy)]
enum Class {
    Codcast,
    Input,
    MissingFile,
    File,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Codcast => "CodcastError",
            Self::Input => "InputError",
            Self::MissingFile => "MissingFileError",
            Self::File => "FileError",
        }
    }
}

/// The exception of that class; an import error where the package is incomplete.
fn raised(py: Python<'_>, class: Class, code: &str, message: &str) -> PyErr {
    let made = py
        .import("codcast._errors")
        .and_then(|module| module.getattr(class.name()))
        .and_then(|class| class.call1((message, code)));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// A wrong argument.
pub(crate) fn input(py: Python<'_>, code: &str, message: &str) -> PyErr {
    raised(py, Class::Input, code, message)
}

/// A defect of ours.
pub(crate) fn internal(py: Python<'_>, message: &str) -> PyErr {
    raised(py, Class::Codcast, "internal", message)
}

/// What can be wrong with a question.
pub(crate) fn core(py: Python<'_>, error: &codcast::Error) -> PyErr {
    let class = if error.is_unanswerable() { Class::Codcast } else { Class::Input };
    // Messages speak of the command's flags; here these are arguments.
    let message = error.to_string().replace("--target NAME", "target=NAME");
    let message =
        message.replace("--compute FLOPS", "compute=FLOPS").replace("--compute", "compute");
    raised(py, class, error.code(), &message)
}

/// What can be wrong with files and tables.
pub(crate) fn ingest(py: Python<'_>, error: &Ingest) -> PyErr {
    let class = match error {
        Ingest::Study(inner) => return core(py, inner),
        Ingest::NoFolder { .. } | Ingest::NoStudyToml { .. } | Ingest::NoSamples { .. } => {
            Class::MissingFile
        }
        Ingest::Io { source, .. } if source.kind() == ErrorKind::NotFound => Class::MissingFile,
        Ingest::Io { .. } => Class::File,
        _ => Class::Input,
    };
    raised(py, class, error.code(), &error.to_string())
}

/// What can be wrong with evaluation logs.
pub(crate) fn logs(py: Python<'_>, error: &codcast_logs::Error) -> PyErr {
    use codcast_logs::Error as Logs;
    let class = match error {
        Logs::Study(inner) => return ingest(py, inner),
        Logs::Io { source, .. } if source.kind() == ErrorKind::NotFound => Class::MissingFile,
        Logs::NoLogs { .. } => Class::MissingFile,
        Logs::Io { .. } => Class::File,
        _ => Class::Input,
    };
    let message = error.to_string();
    raised(py, class, error.code(), &message.replace("--no-verify imports", "verify=False imports"))
}

/// Logs that give no study.
pub(crate) fn nothing(py: Python<'_>, message: &str) -> PyErr {
    raised(py, Class::Codcast, "nothing_to_ingest", message)
}

/// What cannot be drawn.
pub(crate) fn report(py: Python<'_>, error: &codcast_report::Error) -> PyErr {
    raised(py, Class::Codcast, "no_page", &error.to_string())
}
