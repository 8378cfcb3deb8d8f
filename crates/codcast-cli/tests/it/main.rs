//! The binary as a user runs it.

mod bad_input;
mod commands;
mod no_peeking;
mod shared;
mod support;
