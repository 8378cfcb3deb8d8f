//! Integration tests of the core: everything against something that is not us.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stderr)]

mod backtest;
mod cluster;
mod cluster_golden;
mod cluster_real;
mod engines;
mod fit;
mod map;
mod passrate;
mod recovery;
mod simulate;
mod simulated;
mod support;
mod synthetic;
