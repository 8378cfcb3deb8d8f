//! Logs of real harnesses, read whole.

mod exchange;
mod importers;
mod shared_logs;
mod support;
