//! Everything that reads and writes files.

mod shared;
