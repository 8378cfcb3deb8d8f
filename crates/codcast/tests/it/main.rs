//! All integration tests of the core in one binary.

mod backtest;
mod engines;
mod synthetic;
