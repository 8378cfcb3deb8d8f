//! Why a command stops, and with which exit status.

use std::process::ExitCode;

use crate::text::{clean, nearest};

/// A message for people and the exit status that scripts see.
#[derive(Debug)]
pub(crate) struct Failure {
    status: u8,
    /// Explained by `codcast explain`; none where the command line itself is wrong.
    code: Option<&'static str>,
    message: String,
}

impl Failure {
    /// The data cannot answer the question.
    pub(crate) fn unanswerable(message: impl Into<String>) -> Self {
        Self { status: 1, code: None, message: message.into() }
    }

    /// Wrong usage or unreadable input.
    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    pub(crate) fn usage(message: impl ToString) -> Self {
        Self { status: 2, code: None, message: message.to_string() }
    }

    /// Whether it is for wrong usage or unreadable input.
    pub(crate) fn is_usage(&self) -> bool {
        self.status == 2
    }

    /// For people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Prints the message to stderr. Text from files may be in it, so control characters are escaped.
    #[expect(clippy::print_stderr, reason = "the one place that reports failures")]
    pub(crate) fn report(&self) -> ExitCode {
        let code = self.code.map_or_else(String::new, |code| format!(" [{code}]"));
        eprintln!("error{code}: {}", clean(&self.message));
        ExitCode::from(self.status)
    }
}

impl From<codcast::Error> for Failure {
    fn from(error: codcast::Error) -> Self {
        let status = if error.is_unanswerable() { 1 } else { 2 };
        let message = meant(&error)
            .map_or_else(|| error.to_string(), |meant| format!("{error} (did you mean {meant}?)"));
        Self { status, code: Some(error.code()), message }
    }
}

/// What was probably meant by a name that is not known.
fn meant(error: &codcast::Error) -> Option<&str> {
    match error {
        codcast::Error::Unknown { name, known, .. } => nearest(name, known.split(", ")),
        _ => None,
    }
}

impl From<codcast_ingest::Error> for Failure {
    fn from(error: codcast_ingest::Error) -> Self {
        Self { code: Some(error.code()), ..Self::usage(error) }
    }
}

impl From<codcast_logs::Error> for Failure {
    fn from(error: codcast_logs::Error) -> Self {
        Self { code: Some(error.code()), ..Self::usage(error) }
    }
}
