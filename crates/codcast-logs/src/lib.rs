//! Evaluation logs of any popular harness into counts of right answers.
//!
//! # How it works
//!
//! 1. Sources (files, folders, archives) are walked; each file's beginning is shown to the
//!    [formats](Format) in turn, and the first that recognises it has it.
//! 2. Index files (results, run specifications: context for other files) are read first and
//!    remembered, pruned, in an [`Index`].
//! 3. Files of samples are read, in parallel, into a [`Sink`] each: importers name a [`Run`] (model,
//!    task, and what makes it that task), its series of scores (one a metric and filter), and push one
//!    [`Score`] per sample and repeat. The sink only counts.
//! 4. What the harness logged as its own mean ([`Sink::expect`]) is recomputed from the counts; a
//!    difference refuses the run.
//!
//! # A new importer
//!
//! A module in `formats/` with a `pub(super) const FORMAT: Format` and a row in `formats::FORMATS`:
//!
//! - `recognise`: by content (keys of the first JSON value in [`Probe::outline`], magic bytes,
//!   members), names only where the format is defined by them. Companion files that hold nothing
//!   needed are [`Part::Known`] with a reason, so that they are not reported as unknown.
//! - `read`: [`Input::records`] for JSON Lines or an array, [`Input::items`] for one large document,
//!   [`Input::random_access`] for Parquet and zip; [`Field`] tables say where values are, what they
//!   must be and whether a record without them is an error. Skip prompts and generations by key: they
//!   are never held.
//! - A record that makes no sense goes to [`Sink::problem`] (with `?`), a log that cannot be used at
//!   all is an [`Error::refused`] with the remedy. Nothing is guessed: an absent or null score is
//!   [`Score::Unscored`], an error of the harness [`Score::Error`], never 0.
//! - Models are the identity that the log has inside; names of files and folders only as a fallback,
//!   said in [`Run::model_source`].
//! - Give the harness's own aggregate to [`Sink::expect`] wherever the log has it, and per-sample
//!   redundancy to [`Sink::check`].
//! - Text from logs is hostile: show it through [`shown`] only.

#![allow(
    clippy::struct_field_names,
    clippy::single_match_else,
    reason = "a list of runs is called runs, also in a struct Runs; both arms of a match stay side by side"
)]

mod columns;
mod error;
mod exchange;
mod folder;
mod formats;
pub mod json;
mod literal;
mod partials;
mod passk;
mod pieces;
mod read;
mod record;
mod sink;
mod source;
mod store;
mod study;

pub use error::{At, Error, Place, Result, shown};
pub use exchange::partials_schema;
pub use folder::{Folder, Prepared};
pub use formats::{Format, Index, Part, Probe, UNKNOWN_FORMAT};
pub use json::{Field, Kind, Value, loose_number};
pub use partials::{Fate, FileReport, Partials, View};
pub use pieces::{partials_of_lines, whole_of_pieces};
pub use read::{
    ingest, log_files, partials, partials_of_bytes, partials_with_progress, total_bytes,
};
pub use record::{Decoding, Expected, IdKind, MetricName, Run, Score};
pub use sink::{Reading, RunKey, SampleKey, SeriesKey, Sink};
pub use source::{EachLine, Input, LogPath, MAX_LINE_BYTES, Position, RandomAccess};
pub use study::{
    Ingested, MetricChoice, Models, Options, PERCENT, Repeats, Summary, TaskSummary, Unlisted,
    Verification, assemble, glob, manifest_for,
};
