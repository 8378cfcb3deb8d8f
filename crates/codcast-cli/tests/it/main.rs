//! The binary as a user runs it.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod bad_input;
mod commands;
mod ingest;
mod no_peeking;
mod olmo_ladder;
mod pages;
mod shared;
mod support;
mod watch_and_plan;
