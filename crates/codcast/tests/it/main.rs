//! All integration tests in one binary.

mod fit;
mod map;
mod simulate;
