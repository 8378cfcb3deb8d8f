//! The `codcast` command.
fn main() {}
