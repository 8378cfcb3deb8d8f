//! All integration tests in one binary.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod fit;
mod map;
mod simulate;
