//! Logs of real harnesses, read whole.

mod fields;
mod importers;
mod ingest;
mod shared_logs;
mod support;
