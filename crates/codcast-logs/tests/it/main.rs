//! Logs of real harnesses, read whole.

mod shared_logs;
mod support;
