//! Logs of real harnesses, read whole.

mod exchange;
#![allow(clippy::unwrap_used)]

mod fields;
mod importers;
mod ingest;
mod shared_logs;
mod support;
