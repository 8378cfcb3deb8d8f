//! The binary as a user runs it.

mod bad_input;
mod commands;
mod no_peeking;
mod olmo_ladder;
mod shared;
mod support;
