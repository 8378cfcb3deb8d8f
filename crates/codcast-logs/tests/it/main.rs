//! Logs of real harnesses, read whole.

mod exchange;
mod shared_logs;
mod support;
