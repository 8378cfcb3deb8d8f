//! Logs of real harnesses, read whole.

mod exchange;
mod importers;
mod ingest;
mod shared_logs;
mod support;
