//! Where logs come from: files, folders, and archives, whose members are read without unpacking them.

mod input;
mod path;

pub use input::{Input, MAX_LINE_BYTES, Position, RandomAccess};
pub use path::LogPath;
