//! Integration tests of the core: everything against something that is not us.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::semicolon_if_nothing_returned,
    clippy::type_complexity,
    clippy::unwrap_used,
    unreachable_pub
)]

mod backtest;
mod bridge;
mod cluster;
mod cluster_golden;
mod cluster_inputs;
mod cluster_real;
mod engines;
mod fit;
mod layers;
mod map;
mod passrate;
mod projection;
mod recovery;
mod simulate;
mod support;
mod synthetic;
