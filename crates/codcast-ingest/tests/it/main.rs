//! Everything that reads and writes files.

#![allow(clippy::unwrap_used)]

mod bad_manifest;
mod bad_tables;
mod damage;
mod fixture;
mod frame;
mod layout;
mod order;
mod roundtrip;
mod shared;
mod tables;
