//! Logs of real harnesses, read whole.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod crosscheck;
mod exchange;
mod fields;
mod importers;
mod ingest;
mod limits;
mod packed;
mod pieces;
mod refused;
mod remembered;
mod shared_logs;
mod support;
mod tables;
