//! One binary for all integration tests of the core.

mod forecast;
mod passrate;
mod support;
