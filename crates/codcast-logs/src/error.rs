//! What can be wrong with a log: one variant a kind, each naming the place and what to do.

use std::fmt;

/// The result of reading logs.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The file as a whole.
    Whole,
    /// Line of a text, counted from 1.
    Line(u64),
    /// Row of a table or item of an array, counted from 1.
    Row(u64),
    /// Item of an object, or member of a log that is itself an archive, by its name.
    Item(Box<str>),
}

/// A file and a place in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// As it was given; members of archives as `archive!/member`.
    pub file: Box<str>,
    /// Where in it.
    pub place: Place,
}

impl At {
    /// The file as a whole.
    pub fn whole(file: &str) -> Self {
        Self { file: file.into(), place: Place::Whole }
    }

    /// A line of a file.
    pub fn line(file: &str, line: u64) -> Self {
        Self { file: file.into(), place: Place::Line(line) }
    }

    /// A row or item of a file.
    pub fn row(file: &str, row: u64) -> Self {
        Self { file: file.into(), place: Place::Row(row) }
    }

    /// A named item of a file.
    pub fn item(file: &str, item: &str) -> Self {
        Self { file: file.into(), place: Place::Item(item.into()) }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = shown(&self.file, 400);
        match &self.place {
            Place::Whole => write!(f, "{file}"),
            Place::Line(n) => write!(f, "{file}, line {n}"),
            Place::Row(n) => write!(f, "{file}, row {n}"),
            Place::Item(name) => write!(f, "{file}, {}", shown(name, 120)),
        }
    }
}

/// A log, or a record of one, that cannot be read.
///
/// Text that comes from files is escaped and shortened before it is shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: Box<str>,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nothing there to read.
    #[error("{path}: {message}")]
    NoLogs {
        /// As given.
        path: Box<str>,
        /// What is missing, and what to do.
        message: Box<str>,
    },
    /// Text or bytes that do not parse: cut, damaged, or something else.
    #[error("{at}: not {format} ({message}); copy the file again, or leave it out")]
    Damaged {
        /// Where.
        at: At,
        /// What was expected, e.g. `JSON`.
        format: &'static str,
        /// What the parser said.
        message: Box<str>,
    },
    /// A field that is missing or not what it should be.
    #[error("{at}: {field} is {found}; expected {expected}")]
    Field {
        /// Where.
        at: At,
        /// Its name, e.g. `metrics.acc_raw`.
        field: Box<str>,
        /// What it is, escaped; `missing` where it is not there.
        found: Box<str>,
        /// What it should be.
        expected: &'static str,
    },
    /// Larger, longer or deeper than anything a harness writes.
    #[error("{at}: {what} is over the limit of {limit}; not read any further")]
    TooLarge {
        /// Where.
        at: At,
        /// What is too large.
        what: &'static str,
        /// How much is allowed.
        limit: &'static str,
    },
    /// A log that is what it says, but does not hold what is needed.
    #[error("{at}: {message}")]
    Refused {
        /// Where.
        at: At,
        /// Why, and what to do.
        message: Box<str>,
    },
    /// The same answer twice, differently.
    #[error("{at}: a second result for {key}; the first one is kept")]
    Duplicate {
        /// Where the second one is.
        at: At,
        /// Model, task, sample, repeat.
        key: Box<str>,
    },
    /// What was read does not give the harness's own number.
    #[error(
        "{at}: {what} is {theirs} in the log, but {ours} from its samples; not imported \
         (--no-verify imports it nevertheless)"
    )]
    Mismatch {
        /// Where.
        at: At,
        /// Task and metric.
        what: Box<str>,
        /// From the samples read.
        ours: f64,
        /// As the harness logged it.
        theirs: f64,
    },
    /// A log that contradicts itself.
    #[error(
        "{at}: {what} is {theirs} in the log, but {ours} from the results beside it; its run is refused \
         (--no-verify imports it nevertheless)"
    )]
    Contradiction {
        /// Where.
        at: At,
        /// The number that is stated.
        what: Box<str>,
        /// From the results.
        ours: f64,
        /// As stated.
        theirs: f64,
    },
    /// `models.toml`, or another setting, that makes no sense.
    #[error("{message}")]
    Setting {
        /// What is wrong and what would be right.
        message: Box<str>,
    },
    /// What another process found wrong with a log.
    #[error("{message}")]
    Elsewhere {
        /// The log; empty where it was not said.
        file: Box<str>,
        /// In its words.
        message: Box<str>,
    },
    /// The study folder.
    #[error(transparent)]
    Study(#[from] codcast_ingest::Error),
}

impl Error {
    /// The log that it is about, as it was given.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::Io { path, .. } | Self::NoLogs { path, .. } => Some(path),
            Self::Damaged { at, .. }
            | Self::Field { at, .. }
            | Self::TooLarge { at, .. }
            | Self::Refused { at, .. }
            | Self::Duplicate { at, .. }
            | Self::Mismatch { at, .. }
            | Self::Contradiction { at, .. } => Some(&at.file),
            Self::Elsewhere { file, .. } => Some(file),
            Self::Setting { .. } | Self::Study(_) => None,
        }
    }

    /// Reading a file failed.
    pub fn read(path: &str, source: std::io::Error) -> Self {
        Self::Io { action: "read", path: shown(path, 400), source }
    }

    /// Writing a file failed.
    pub fn write(path: &str, source: std::io::Error) -> Self {
        Self::Io { action: "write", path: shown(path, 400), source }
    }

    /// A log that cannot be used, with the reason and the remedy.
    pub fn refused(at: At, message: impl fmt::Display) -> Self {
        Self::Refused { at, message: message.to_string().into() }
    }

    /// A file that does not parse.
    pub fn damaged(at: At, format: &'static str, message: impl fmt::Display) -> Self {
        Self::Damaged { at, format, message: shown(&message.to_string(), 200) }
    }

    /// A field that is not what it should be. `found` is escaped here.
    pub fn field(at: At, field: &str, found: &str, expected: &'static str) -> Self {
        Self::Field { at, field: shown(field, 120), found: shown(found, 120), expected }
    }

    /// A field that is not there.
    pub fn missing(at: At, field: &str, expected: &'static str) -> Self {
        Self::Field { at, field: shown(field, 120), found: "missing".into(), expected }
    }
}

/// A text as messages show it: control and direction characters escaped, cut after `limit`
/// characters.
pub fn shown(text: &str, limit: usize) -> Box<str> {
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == limit {
            out.push('…');
            break;
        }
        match c {
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out.into()
}

codcast::error_codes!(Error {
    Io => "io",
    NoLogs => "no_logs",
    Damaged => "damaged_log",
    Field => "log_field",
    TooLarge => "too_large",
    Refused => "log_refused",
    Duplicate => "duplicate_answer",
    Mismatch => "aggregate_mismatch",
    Contradiction => "log_contradiction",
    Setting => "ingest_setting",
    Elsewhere => "found_elsewhere",
}, inner Study);
