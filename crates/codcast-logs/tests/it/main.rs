//! Logs of real harnesses, read whole.

mod importers;
mod shared_logs;
mod support;
